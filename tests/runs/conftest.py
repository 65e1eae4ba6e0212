"""Small worlds, short comparisons, and invented ones whose truth is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pytest
from clusters import started  # noqa: F401 - a fixture of several files

from abm import Parameters, Records, Scenario, simulate
from abm.calendar import day_of
from abm.tables import DAYS, EVENTS, OPERATIONS, UN_UNITS, VILLAGES, Table
from runs.compare import Comparison, Replicate, can_hold_bases, compare, gather
from runs.design import Design, load_design
from runs.outcomes import COURSES, MEASURES
from runs.rings import FAR, NEAR, RINGS

# Two cercles: Sévaré, where units are based, and one to send them to.
CERCLES = ("Mopti", "Bankass")
SMALL = {"world": {"cercles": CERCLES}, "months": 12}
TWO_BY_TWO = ("extra-tobs", "accountability", "extra-tobs-and-accountability")


@pytest.fixture(scope="session")
def small() -> Scenario:
    return Scenario.load("baseline-2021").changed(**SMALL)


@pytest.fixture(scope="session")
def records(small: Scenario) -> Records:
    return simulate(small, seed=3, days=200)


@pytest.fixture(scope="session")
def package() -> Records:
    """A run in which the whole package and all measures come soon."""
    changes = {"package": {"permission": "2021-07-15"}, **SMALL}
    quick = Parameters(generation_months=3.0, pledge_factor=1.0)
    return simulate(Scenario.load("all-measures").changed(**changes), quick, seed=3, days=700)


@pytest.fixture(scope="session")
def design() -> Design:
    """The default arms in a small world, over short windows."""
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
    factors: Sequence[float] = (1.0, 0.7, 0.9, 0.63),
    level: float = 400.0,
    cost: float = 0.0,
    clock: int = day_of(date(2022, 7, 1)),
    arms: Sequence[str] = TWO_BY_TWO,
    near: float = 0.5,
    moved: float = 0.0,
) -> Comparison:
    """A comparison, the 2 × 2 by default, in which every outcome of an arm is Poisson with `level` times its factor.

    Pairs share most of their chance. Arms with a package have ten years of quick-reaction units for `cost`. Around
    extra bases a share `near` of attacks is left, and `moved` more happen in each ring farther away.
    """
    design = load_design(arms, draws=draws, seeds=seeds)
    rng = np.random.default_rng(1)
    months = np.arange("2021-01", "2024-01", dtype="datetime64[M]")
    replicates = []
    for draw, seed in np.ndindex(draws, seeds):
        outcomes: dict[tuple[str, str], dict[str, float]] = {}
        for window in design.windows(clock if clock >= 0 else design.decision):
            shared = rng.poisson(level, len(MEASURES))
            for arm, factor in zip(design.arms, factors, strict=True):
                counts = rng.binomial(shared, factor).astype(np.float64).tolist()
                outcomes[arm.name, window.name] = dict(zip(MEASURES, counts, strict=True))
            for arm in design.arms:
                outcomes[arm.name, window.name] |= paid(bool(arm.package.units), cost)
        courses = {arm.name: {c: np.full(months.size, 2.0) for c in COURSES} for arm in design.arms}
        rings = {arm.name: around_bases(rng, near, moved) for arm in design.arms if can_hold_bases(arm)}
        replicates.append(Replicate(draw, seed, clock, outcomes, months, courses, rings))
    return gather(design, replicates)


def paid(has_package: bool, cost: float) -> dict[str, float]:
    """What invented arms pay for: ten years of quick-reaction units at bases where there is a package, and no more."""
    free = ("dialogue_missions", "investigations", "fighters_disarmed", "served_years", "civilian_cost")
    nothing = [key for key in MEASURES if key.startswith(("head_years", "troop_days")) or key in free]
    found = dict.fromkeys(nothing, 0.0)
    years, price = (10.0, cost) if has_package else (0.0, 0.0)
    found |= {"head_years_quick_reaction": years, "extra_head_years": years, "troop_days_tob": 365.25 * years}
    return {**found, "extra_cost": price, "total_cost": price}


def around_bases(rng: np.random.Generator, near: float, moved: float) -> np.ndarray:
    """Attacks by ring in a treated run and its control: shape (2, 2, rings)."""
    control = rng.poisson(60.0, len(RINGS))
    treated = control.copy()
    treated[list(NEAR)] = rng.binomial(control[list(NEAR)], near)
    treated[list(FAR)] += rng.poisson(moved, len(FAR))
    return np.stack([np.stack([treated, treated]), np.stack([control, control])]).astype(np.float64)


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


Rows = Sequence[dict[str, float | int]]


@pytest.fixture
def made(small: Scenario, log: Callable[..., Table]) -> Callable[..., Records]:
    """A maker of records with the given events, daily totals, operations, UN units and villages."""

    def make(events: Rows, days: Rows, operations: Rows = (), units: Rows = (), villages: Rows = ()) -> Records:
        first = day_of(small.start)
        daily = [{"day": first + n, **row} for n, row in enumerate(days)]
        return Records(
            small, Parameters(), 0, first, first + len(days), -1, log(EVENTS, *events), log(OPERATIONS, *operations),
            log(DAYS, *daily), log(VILLAGES, *villages), np.zeros(0, EVENTS), log(UN_UNITS, *units),
        )  # fmt: skip

    return make
