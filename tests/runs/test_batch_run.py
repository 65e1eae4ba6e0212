"""A batch is the comparison of its design to the bit, whoever runs it, in whatever pieces."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from batch_samples import TINY_BLOCKS, TINY_RUNS, assert_same, blocks_of, files_of, finished, tiny, without

from runs.batch.plan import plan_of
from runs.batch.run import GO_ON, resumable, run_batch
from runs.batch.stored import open_batch
from runs.cluster import ClusterError
from runs.compare import compare
from runs.folders import ResultError

work = importlib.import_module("runs.batch.work")
needs_dask = pytest.mark.skipif(
    find_spec("distributed") is None, reason="dask is not installed: sector-centre[cluster]"
)
# Each with other parts of a design: draws or points, clock zero or the start, an arm without extra bases.
EXPERIMENTS = {
    "points": {},
    "draws": {"uncertainties": {"draws": 2}, "outcomes__count_from": "decision"},
    "first-base": {
        "uncertainties": {"draws": 2},
        "outcomes": {"months": [1], "count_from": "first-base"},
        "runs": {"seeds": 2, "intervals": False},
    },
    "defaults": {
        "uncertainties": {"design": "sobol", "points": 2, "parameters": {"delta_un": {}}},
        "runs": {"seeds": 2, "intervals": False, "seed": 3},
    },
}


@pytest.fixture(autouse=True)
def small_blocks() -> Iterator[None]:
    with blocks_of():
        yield


def test_the_tiny_experiment_is_cut_inside_points() -> None:
    plan = plan_of(tiny().design)
    assert (plan.blocks, plan.runs, plan.block % plan.seeds != 0) == (TINY_BLOCKS, TINY_RUNS, True)


@pytest.mark.parametrize("kind", EXPERIMENTS)
def test_a_batch_is_the_comparison_of_its_design_to_the_bit(tmp_path: Path, kind: str) -> None:
    experiment = tiny(**EXPERIMENTS[kind])
    run_batch(experiment, tmp_path / "store")
    stored = open_batch(tmp_path / "store").comparison()
    assert stored.design == experiment.design
    assert_same(stored, compare(experiment.design))
    assert len(stored.rings) == 2  # arms that can have bases


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_bytes_from_any_number_of_threads(tmp_path: Path, workers: int) -> None:
    done = run_batch(tiny(), tmp_path / "store", workers=workers)
    assert (done.found, done.made, done.mended, done.wanted) == (0, TINY_BLOCKS, (), TINY_BLOCKS)
    assert files_of(tmp_path / "store") == files_of(finished(tmp_path / "other"))


@needs_dask
@pytest.mark.slow
def test_the_same_bytes_from_processes(tmp_path: Path) -> None:
    run_batch(tiny(), tmp_path / "store", cluster="local:2")
    assert files_of(tmp_path / "store") == files_of(finished(tmp_path / "other"))


def test_a_finished_batch_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = finished(tmp_path / "store")
    times = {path: path.stat().st_mtime_ns for path in store.rglob("*") if path.is_file()}
    monkeypatch.setattr(work, "run_replicate", None)  # nothing is run
    done = run_batch(tiny(), store)
    assert (done.found, done.made) == (TINY_BLOCKS, 0)
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*") if path.is_file()} == times


def test_first_runs_then_all_are_as_all_at_once(tmp_path: Path) -> None:
    first = run_batch(tiny(), tmp_path / "store", limit=1)
    assert (first.made, first.wanted, not (tmp_path / "store" / "runs" / "part-00001.parquet").exists()) == (1, 1, True)
    rest = run_batch(tiny(), tmp_path / "store")
    assert (rest.found, rest.made) == (1, TINY_BLOCKS - 1)
    assert files_of(tmp_path / "store") == files_of(finished(tmp_path / "other"))


def test_without_events_their_table_is_not_there(tmp_path: Path) -> None:
    run_batch(tiny(outcomes__events=False, uncertainties={"draws": 2}), tmp_path / "store", limit=1)
    folders = sorted(path.name for path in (tmp_path / "store").iterdir() if path.is_dir())
    assert folders == ["blocks", "courses", "monthly", "rings", "runs"]


def test_progress_counts_from_what_is_there(tmp_path: Path) -> None:
    store = without(finished(tmp_path / "store"), 0, 2)
    said: list[tuple[int, int]] = []
    run_batch(tiny(), store, workers=1, progress=lambda done, total: said.append((done, total)))
    assert said == [(20, TINY_RUNS), (40, TINY_RUNS), (48, TINY_RUNS)]


def test_a_damaged_part_is_made_again_and_named(tmp_path: Path) -> None:
    store = finished(tmp_path / "store")
    part = store / "monthly" / "part-00001.parquet"
    part.write_bytes(part.read_bytes()[:100])
    done = run_batch(tiny(), store)
    assert (done.found, done.made) == (TINY_BLOCKS - 1, 1)
    (line,) = done.mended
    assert line.startswith(f"{part}: damaged: expected ")
    assert line.endswith("bytes, found 100")
    assert files_of(store) == files_of(finished(tmp_path / "other"))


# --- what stops a batch ---------------------------------------------------------------------------------------------


def failing_at(point: int, seed: int, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    run_replicate = work.run_replicate

    def fails(design: object, draw: int, number: int, *more: object) -> object:
        if (draw, number) == (point, seed):
            raise error
        return run_replicate(design, draw, number, *more)

    monkeypatch.setattr(work, "run_replicate", fails)


def test_a_run_that_fails_is_named_and_finished_blocks_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        failing_at(1, 2, ArithmeticError("no such luck"), patch)
        run_seed = tiny().design.run_seed(1, 2)
        words = rf"^point 1, seed 2 \(run seed {run_seed}\): cannot be run: ArithmeticError: no such luck$"
        with pytest.raises(ResultError, match=words):
            run_batch(tiny(), tmp_path / "store", workers=1)
    assert sorted(path.name for path in (tmp_path / "store" / "blocks").iterdir()) == ["part-00000.json"]
    assert run_batch(tiny(), tmp_path / "store").found == 1
    assert files_of(tmp_path / "store") == files_of(finished(tmp_path / "other"))


def test_what_stops_one_thread_stops_all_and_leaves_whole_blocks(tmp_path: Path) -> None:
    def stops(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        run_batch(tiny(), tmp_path / "store", workers=2, progress=stops)
    assert set(threading.enumerate()) <= before
    assert 1 <= len(list((tmp_path / "store" / "blocks").iterdir())) < TINY_BLOCKS
    run_batch(tiny(), tmp_path / "store")
    assert files_of(tmp_path / "store") == files_of(finished(tmp_path / "other"))


@pytest.mark.parametrize("address", ["nonsense", "local:0"])
def test_a_cluster_that_cannot_be_is_refused_before_anything_is_written(tmp_path: Path, address: str) -> None:
    with pytest.raises(ClusterError, match=r"^cluster: expected "):
        run_batch(tiny(), tmp_path / "store", cluster=address)
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_system_says_that_blocks_are_kept() -> None:
    with pytest.raises(ResultError, match=rf"^here: No space left; {GO_ON}$"), resumable():
        raise OSError(28, "No space left", "here")
    with pytest.raises(ResultError, match=rf"^lost; {GO_ON}$"), resumable():
        raise OSError("lost")
