"""How long the engine takes, as ratios and exponents measured side by side in one run; nothing here asserts a time.

Run with ``make bench``. Each benchmark writes what it found to ``extra_info``, and prints it.
"""

from __future__ import annotations

import csv
import math
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from abm import bands
from abm.data import read_table
from abm.geography import to_lonlat
from abm.geometry import geometry
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.settlements import synthetic_settlements
from abm.simulation import Simulation, simulate

pytestmark = pytest.mark.nightly  # make bench runs them; a test run does not

MONTHS_36 = 1096
REPEATS = 3


def _baseline() -> Scenario:
    return Scenario.load("baseline-2021")


def _cpu_seconds(scenario: Scenario, days: int, parameters: Parameters | None = None) -> float:
    """Least processor time of a few runs, building the world left out."""
    best = math.inf
    for seed in range(REPEATS):
        simulation = Simulation(scenario, parameters, seed=seed)
        begun = time.process_time()
        simulation.advance(days)
        best = min(best, time.process_time() - begun)
    return best


def _exponent(sizes: list[float], costs: list[float]) -> float:
    """Slope of cost against size on logarithmic axes."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def _report(benchmark: BenchmarkFixture, **found: object) -> None:
    benchmark.extra_info.update(found)
    print("\n" + ", ".join(f"{name}: {value}" for name, value in found.items()))


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Compilation is no part of what is measured here."""
    simulate(_baseline(), days=1)


def test_run_of_36_months(benchmark: BenchmarkFixture) -> None:
    """One full-scale run, its world built before."""

    def fresh() -> tuple[tuple[Simulation], dict[str, object]]:
        return (Simulation(_baseline(), seed=1),), {}

    benchmark.pedantic(lambda s: s.advance(MONTHS_36), setup=fresh, rounds=5)
    _report(benchmark, peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def test_building_a_world(benchmark: BenchmarkFixture) -> None:
    """A run's tables, in a world that is new or known."""
    number = iter(range(1_000, 2_000))
    benchmark.pedantic(
        lambda: Simulation(_baseline().changed(world={"seed": next(number)}), seed=1), rounds=5, iterations=1
    )
    Simulation(_baseline(), seed=1)
    begun = time.process_time()
    Simulation(_baseline(), seed=2)
    _report(benchmark, known_world_seconds=round(time.process_time() - begun, 4))


def _one_run(seed: int) -> str:
    return simulate(_baseline(), seed=seed, days=MONTHS_36).fingerprint()


def _throughput(pool: Executor, runs: int) -> tuple[float, list[str]]:
    list(pool.map(_one_run, [0, 1]))  # workers start, load compiled code and build their world
    begun = time.perf_counter()
    results = list(pool.map(_one_run, range(runs)))
    return runs / (time.perf_counter() - begun), results


def test_threads_against_processes(benchmark: BenchmarkFixture) -> None:
    """Runs per second of two threads over two processes, and the same bits from both."""

    def both() -> tuple[float, float]:
        with ThreadPoolExecutor(2) as threads:
            by_threads, one = _throughput(threads, 24)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
            by_processes, other = _throughput(processes, 24)
        assert one == other
        return by_threads, by_processes

    by_threads, by_processes = benchmark.pedantic(both, rounds=1, iterations=1)
    _report(benchmark, threads_over_processes=round(by_threads / by_processes, 3))


def test_growth_with_days(benchmark: BenchmarkFixture) -> None:
    """Exponent of cost in days."""
    days = [365.0, 730.0, 1460.0, 2920.0]
    costs = benchmark.pedantic(lambda: [_cpu_seconds(_baseline(), int(d)) for d in days], rounds=1, iterations=1)
    _report(benchmark, exponent_in_days=round(_exponent(days, costs), 3), seconds=[round(c, 3) for c in costs])


def _gazetteer(path: Path, copies: int) -> Path:
    """The synthetic settlements, or `copies` of each a little apart, as a user's file."""
    s = synthetic_settlements(0)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "latitude", "longitude", "population"])
        for k in range(copies):
            lon, lat = to_lonlat(s.x + 0.01 * k, s.y)
            rows = zip(s.name, lat.tolist(), lon.tolist(), (s.population // copies + 1).tolist(), strict=True)
            writer.writerows([(f"{name} {k}", a, o, people) for name, a, o, people in rows])
    return path


def test_growth_with_villages(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Exponent of cost in villages: one, two and four settlements where there was one."""
    copies = [1, 2, 4]
    worlds = [_baseline().changed(world={"gazetteer": str(_gazetteer(tmp_path / f"{k}.csv", k))}) for k in copies]
    costs = benchmark.pedantic(lambda: [_cpu_seconds(w, MONTHS_36) for w in worlds], rounds=1, iterations=1)
    exponent = _exponent([float(k) for k in copies], costs)
    _report(benchmark, exponent_in_villages=round(exponent, 3), seconds=[round(c, 3) for c in costs])


def _more_bands(times: int) -> Callable[[str], list[dict[str, str]]]:
    def table(name: str) -> list[dict[str, str]]:
        rows = read_table(name)
        return [{**r, "bands": str(times * int(r["bands"]))} for r in rows] if name == "factions" else rows

    return table


@pytest.fixture
def bands_factor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Set how many bands there are for each of the table."""

    def set_factor(times: int) -> None:
        geometry.cache_clear()
        monkeypatch.setattr(bands, "read_table", _more_bands(times))

    yield set_factor
    geometry.cache_clear()


def test_growth_with_bands(benchmark: BenchmarkFixture, bands_factor: Callable[[int], None]) -> None:
    """Exponent of cost in bands, the rate of attacks being the same."""
    factors = [1, 2, 4]

    def costs() -> list[float]:
        found = []
        for times in factors:
            bands_factor(times)
            found.append(_cpu_seconds(_baseline(), MONTHS_36))
        return found

    found = benchmark.pedantic(costs, rounds=1, iterations=1)
    exponent = _exponent([float(k) for k in factors], found)
    _report(benchmark, exponent_in_bands=round(exponent, 3), seconds=[round(c, 3) for c in found])
