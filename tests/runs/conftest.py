"""Small worlds, short comparisons, and invented ones whose truth is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from abm import Records, Scenario, simulate
from abm.calendar import day_of
from abm.tables import DAYS, EVENTS, Table
from runs.compare import COURSES, Comparison, Replicate, compare, gather
from runs.design import Design, load_design
from runs.outcomes import MEASURES

# Two cercles: Sévaré, where units are based, and one to send them to.
CERCLES = ("Mopti", "Bankass")
SMALL = {"world": {"cercles": CERCLES}, "months": 12}


@pytest.fixture(scope="session")
def small() -> Scenario:
    return Scenario.load("baseline-2021").changed(**SMALL)


@pytest.fixture(scope="session")
def records(small: Scenario) -> Records:
    return simulate(small, seed=3, days=200)


@pytest.fixture(scope="session")
def design() -> Design:
    """The 2 × 2 in a small world, over short windows."""
    return dataclasses.replace(load_design(draws=3, seeds=2, levers=SMALL), months=(2, 6))


@pytest.fixture(scope="session")
def comparison(design: Design) -> Comparison:
    return compare(design)


Invent = Callable[..., Comparison]


@pytest.fixture(scope="session")
def invent() -> Invent:
    return invented


def invented(
    draws: int = 20,
    seeds: int = 4,
    factors: tuple[float, float, float, float] = (1.0, 0.7, 0.9, 0.63),
    level: float = 400.0,
    cost: float = 0.0,
    clock: int = day_of(date(2022, 7, 1)),
) -> Comparison:
    """A 2 × 2 comparison in which every outcome of an arm is Poisson with `level` times the arm's factor.

    Pairs share most of their chance. Arms with the package cost `cost`.
    """
    design = load_design(draws=draws, seeds=seeds)
    rng = np.random.default_rng(1)
    months = np.arange("2021-01", "2024-01", dtype="datetime64[M]")
    replicates = []
    for draw, seed in np.ndindex(draws, seeds):
        outcomes: dict[tuple[str, str], dict[str, float]] = {}
        for window in design.windows(clock if clock >= 0 else design.decision):
            for key in MEASURES:
                shared = rng.poisson(level)
                for arm, factor in zip(design.arms, factors, strict=True):
                    values = outcomes.setdefault((arm.name, window.name), {})
                    values[key] = float(rng.binomial(shared, factor))
            for arm in design.arms:
                outcomes[arm.name, window.name]["extra_cost"] = cost if arm.package.units else 0.0
        courses = {arm.name: {c: np.full(months.size, 2.0) for c in COURSES} for arm in design.arms}
        replicates.append(Replicate(draw, seed, clock, outcomes, months, courses))
    return gather(design, replicates)


@pytest.fixture
def log() -> Callable[..., Table]:
    """A maker of logs: ``log(EVENTS, {"day": 3}, {"day": 4})``."""

    def make(dtype: np.dtype[np.void], *rows: dict[str, float | int]) -> Table:
        table = np.zeros(len(rows), dtype)
        for number, row in enumerate(rows):
            for name, value in row.items():
                table[name][number] = value
        return table

    return make


@pytest.fixture
def made(small: Scenario, log: Callable[..., Table]) -> Callable[..., Records]:
    """A maker of records with the given events and daily totals."""

    def make(events: list[dict[str, float | int]], days: list[dict[str, float | int]]) -> Records:
        first = day_of(small.start)
        daily = [{"day": first + n, **row} for n, row in enumerate(days)]
        from abm import Parameters

        nothing = np.zeros(0, EVENTS)
        return Records(
            small, Parameters(), 0, first, first + len(days), -1, log(EVENTS, *events), nothing, log(DAYS, *daily),
            nothing, nothing,
        )  # fmt: skip

    return make
