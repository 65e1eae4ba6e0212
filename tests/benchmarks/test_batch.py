"""What batches cost beside their simulations, and what a question to a large store costs; nothing here asserts a time.

Run with ``make bench``. Each benchmark writes what it found to ``extra_info``, and prints it.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from batch_samples import arm, tiny
from pyarrow import parquet
from pytest_benchmark.fixture import BenchmarkFixture

import runs
from abm.simulation import Simulation
from runs.batch.experiment import Experiment, load_experiment
from runs.batch.plan import plan_of
from runs.batch.run import run_batch
from runs.batch.work import Job, encoded
from runs.compare import run_replicate
from runs.folders import MANIFEST
from runs.parallel import run_all

pytestmark = pytest.mark.nightly  # make bench runs them; a test run does not

LARGE = 10_000


def _report(benchmark: BenchmarkFixture, **found: object) -> None:
    benchmark.extra_info.update(found)
    print("\n" + ", ".join(f"{name}: {value}" for name, value in found.items()))


def _timed(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def _full_scale() -> Experiment:
    """Three arms of the whole region over twelve months: what a block of a real batch is made of."""
    whole = {"world": {}, "months": 12}
    return tiny(
        levers={
            "control": {**arm("baseline-2021", "control"), **whole},
            "arms": [{**arm(name, name), **whole} for name in ("extra-tobs", "accountability")],
        },
        uncertainties={"draws": 2},
        outcomes={"months": [6, 12], "count_from": "start"},
    )


def test_scheduling_and_storage_beside_the_runs_themselves(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Time of a batch over that of its replicates, and of its bare simulations, in two threads and in turn."""
    design = _full_scale().design
    places = plan_of(design).numbers()

    def measured() -> None:
        run_all(lambda place, tick: run_replicate(design, *place, tick), places, 2)

    def simulated() -> None:
        def simulate(place: tuple[int, int], _tick: object) -> None:
            for scenario in design.arms:
                run = Simulation(design.in_world(scenario, place[0]), design.parameters(place[0]), seed=place[1])
                run.advance(design.end(design.zero) - design.first_day)

        run_all(simulate, places, 2)

    def stored() -> None:
        shutil.rmtree(tmp_path / "store", ignore_errors=True)
        run_batch(_full_scale(), tmp_path / "store", workers=2)

    simulated()  # worlds are built once, whoever comes first
    took: dict[str, list[tuple[float, float]]] = {"simulated": [], "measured": [], "stored": []}

    def in_turn() -> None:
        """Side by side, so that whatever else the machine does slows all of them."""
        for function in (simulated, measured, stored):
            begun = time.process_time(), time.perf_counter()
            function()
            took[function.__name__].append((time.process_time() - begun[0], time.perf_counter() - begun[1]))

    benchmark.pedantic(in_turn, rounds=3)
    processor, clock = ({name: min(t[k] for t in times) for name, times in took.items()} for k in (0, 1))
    size = sum(path.stat().st_size for path in (tmp_path / "store").rglob("*") if path.is_file())
    _report(
        benchmark,
        processor_time_over_replicates=round(processor["stored"] / processor["measured"], 3),
        processor_time_over_simulations=round(processor["stored"] / processor["simulated"], 3),
        time_over_replicates=round(clock["stored"] / clock["measured"], 3),
        time_over_simulations=round(clock["stored"] / clock["simulated"], 3),
        kilobytes_per_run=round(size / plan_of(design).runs / 1000, 1),
    )


def _renumbered(table: pa.Table, by: int) -> pa.Table:
    return table.set_column(0, "run", pa.array(table["run"].to_numpy() + by))


def _large_store(folder: Path) -> Path:
    """A store of ten thousand runs: one block of a shipped experiment, again and again under other numbers."""
    experiment = load_experiment("with-and-without")
    run_batch(experiment, folder, limit=1)
    manifest = json.loads((folder / MANIFEST).read_text())
    plan = plan_of(experiment.design)
    assert plan.runs == LARGE
    first = {t: parquet.read_table(folder / t / "part-00000.parquet") for t in manifest["request"]["tables"]}
    for block in range(1, plan.blocks):
        step, last = block * plan.runs_of(0), plan.runs_of(block) + block * plan.runs_of(0)
        files = {}
        for name, table in first.items():
            part = _renumbered(table, step)
            content = encoded(part.filter(pa.array(part["run"].to_numpy() < last)))
            path = folder / name / f"part-{block:05d}.parquet"
            path.write_bytes(content)
            files[path.relative_to(folder).as_posix()] = [len(content), sha256(content).hexdigest()]
        (folder / "blocks" / f"part-{block:05d}.json").write_text(json.dumps({"block": block, "files": files}))
    return folder


def test_a_question_to_ten_thousand_runs(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Opening the store and reading one outcome in one window, with inputs."""
    store = _large_store(tmp_path / "store")
    found = benchmark.pedantic(
        lambda: runs.load(store).outcome("expected_civilian_deaths", "months-12"), rounds=5, warmup_rounds=1
    )
    assert len(found) == LARGE
    assert np.isfinite(found["expected_civilian_deaths"]).all()
    batch = runs.load(store)
    again = _timed(lambda: batch.outcome("expected_civilian_deaths", "months-12"))
    everything = _timed(lambda: batch.runs)
    comparison = _timed(batch.comparison)
    _report(
        benchmark,
        blocks=batch.plan.blocks,
        seconds_of_the_query_alone=round(again, 3),
        seconds_of_all_outcomes=round(everything, 3),
        seconds_of_the_comparison=round(comparison, 3),
    )


def test_encoding_a_block(benchmark: BenchmarkFixture) -> None:
    """What encoding takes of the time of a block."""
    experiment = _full_scale()
    job = Job(experiment.design, plan_of(experiment.design), experiment.events)
    job.run([0], lambda _day: None)
    begun = time.process_time()
    tables = job.run(range(4), lambda _day: None)
    made = time.process_time() - begun
    benchmark.pedantic(lambda: [encoded(table) for table in tables.values()], rounds=20)
    _report(benchmark, share_of_a_block=round(float(benchmark.stats.stats.min) / made, 4))
