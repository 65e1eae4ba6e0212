"""What tests of the engine share: limits of statistical tests, worlds, doctored parameters, what a run is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from abm.geography import CERCLES
from abm.kinds import (
    BAND,
    BAND_ON_PATROL,
    CIVILIANS_BY_STATE,
    NATIONAL_FORCES,
    ON_ARMY,
    ON_JIHADISTS,
    ON_MILITIA,
    ON_PATROL_OF_UN,
    ON_VILLAGE,
    STATE_V_JIHADISTS,
    STATE_V_OTHER,
    UN_V_JIHADISTS,
)
from abm.lived import NOWHERE, LivedHistory
from abm.militias import recorded_kind
from abm.parameters import Parameters
from abm.records import Records
from abm.scenario import Scenario
from abm.simulation import Simulation, simulate
from abm.tables import LIVED, TOB_CLOSED, TOB_GIVEN_UP, TOB_OPENED, Table, World

# Every statistical test of the engine has a fixed seed, so it passes or fails for ever. The number says how often a
# correct engine would have failed it, had the seed been drawn: once in a million, for each comparison made.
FALSE_ALARM = 1e-6
Z_LIMIT = float(stats.norm.isf(FALSE_ALARM / 2))

T = TypeVar("T")


def z_score(observed: float, expected: float, variance: float) -> float:
    """Standard deviations between what was counted and what the closed form expects."""
    return float((observed - expected) / np.sqrt(variance))


def assert_close_in_law(observed: float, expected: float, variance: float) -> None:
    z = z_score(observed, expected, variance)
    assert abs(z) < Z_LIMIT, f"observed {observed:.6g}, expected {expected:.6g}, {z:+.1f} standard deviations"


def assert_counts(observed: ArrayLike, expected: ArrayLike) -> None:
    """Pearson's chi-square with known expectations, both tails: counts that agree too well are no chance either."""
    o, e = np.asarray(observed, float).ravel(), np.asarray(expected, float).ravel()
    assert e.min() >= 5.0, "cells too thin for the chi-square law"
    statistic = float(((o - e) ** 2 / e).sum())
    assert_chi_square(statistic, o.size - 1)


def assert_chi_square(statistic: float, degrees: int) -> None:
    low, high = stats.chi2.ppf(FALSE_ALARM / 2, degrees), stats.chi2.isf(FALSE_ALARM / 2, degrees)
    assert low < statistic < high, f"chi-square {statistic:.1f} on {degrees} degrees, accepted {low:.1f} to {high:.1f}"


@cache
def scenario(name: str = "baseline-2021") -> Scenario:
    return Scenario.load(name)


@lru_cache(maxsize=1)
def defaults() -> Parameters:
    """Default parameters are read from a file: tests read it once."""
    return Parameters()


# Nothing acts on anything: attacks have no offspring, presence, protection, warnings and accountability no effect,
# abuses bring no recruits, nobody flees, grievances and agreements count for nothing, and levels stay put.
INERT = {
    "n_same": 0.0, "n_cross": 0.0, "delta_un": 0.0, "delta_un_abuse": 0.0, "delta_army": 0.0, "drift_step": 0.0,
    "strength_exponent": 0.0, "lying_low_days": 0.0, "reduction_army": 0.0, "reduction_militia": 0.0,
    "displacement_share": 0.0, "p_warning": 0.0, "militia_protection": 0.0, "recruit_abuse": 0.0,
    "slow_grievance": 0.0, "fulani_overlap": 0.0, "agreement_effect": 0.0, "flee_share": 0.0,
}  # fmt: skip


def inert(**changes: Any) -> Parameters:
    """Parameters under which attacks are independent of all that happens, but for some changes."""
    return defaults().changed(**{**INERT, **changes})


def with_rates(parameters: Parameters, **tables: Any) -> Parameters:
    """The same parameters with some fitted tables replaced (nested tuples, not validated: tests know their shapes)."""
    return parameters.model_copy(update={"rates": parameters.rates.model_copy(update=tables)})


def times(table: Any, factor: float) -> Any:
    """A nested table of numbers, multiplied."""
    return tuple(times(part, factor) for part in table) if isinstance(table, tuple) else table * factor


def silent(parameters: Parameters) -> Parameters:
    """Bands never attack and national forces neither meet nor abuse anybody."""
    r = parameters.rates
    return with_rates(
        parameters, candidates=times(r.candidates, 0.0), contact_jihadists=times(r.contact_jihadists, 0.0),
        contact_militia=times(r.contact_militia, 0.0), abuse=times(r.abuse, 0.0),
    )  # fmt: skip


def in_threads(function: Callable[[int], T], seeds: Iterable[int]) -> list[T]:
    """A function of many seeds; compiled days run side by side."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(function, seeds))


def runs(arm: Scenario, parameters: Parameters, seeds: Iterable[int], **length: Any) -> list[Records]:
    return in_threads(lambda seed: simulate(arm, parameters, seed=seed, **length), seeds)


def day_by_day(simulation: Simulation, days: int) -> Iterable[int]:
    """Advance one day at a time; yields each day that has just been run."""
    for _ in range(days):
        simulation.advance(1)
        yield simulation.day - 1


def used(simulation: Simulation, log: str) -> Table:
    """The rows of a log that have been written so far."""
    return getattr(simulation.world, log)[: simulation.world.state[0][f"n_{log}"]]


def by_bands(events: Table) -> Table:
    return events[events["actor"] == BAND]


def by_national_forces(events: Table) -> Table:
    return events[events["actor"] == NATIONAL_FORCES]


def apart(world: Any, cells: NDArray[np.int64], x: float, y: float) -> NDArray[np.float64]:
    """Distance, km, of cells from a place."""
    return np.hypot(world.cells["x"][cells] - x, world.cells["y"][cells] - y)


# Casualties come back from anywhere: no place is too far for that.
ANYWHERE = {"ground_medical_km": 400.0, "air_medical_km": 400.0, "clinic_factor": 1.0, "tob_reach_km": 800.0}


def tob_spans(records: Records) -> Iterator[tuple[int, int | None, int, int]]:
    """Day opened, day closed or None, cell and unit of each base of the operations log."""
    opened: dict[int, tuple[int, int]] = {}
    for o in records.operations:
        if o.what == TOB_OPENED:
            assert o.unit not in opened  # one company leads one base
            opened[int(o.unit)] = (int(o.day), int(o.cell))
        elif o.what in (TOB_CLOSED, TOB_GIVEN_UP):
            day, cell = opened.pop(int(o.unit))
            assert o.cell == cell
            yield day, int(o.day), cell, int(o.unit)
    for unit, (day, cell) in opened.items():
        yield day, None, cell, unit


# --- what a run is told -------------------------------------------------------------------------------------------

Row = Mapping[str, int]
USUAL = np.ones((1, len(CERCLES)))


def known_attack(world: World, day: int, band: int, action: int, where: int, target: int = -1, deaths: int = 0) -> Row:
    """What a band did: at a village `where`, or as an ambush on the army unit `where` at its garrison."""
    m = world.militias[band]
    row = {"day": day, "actor": BAND, "faction": m.faction, "perpetrator": band, "action": action, "deaths": deaths}
    row["kind"] = recorded_kind(m.faction, m.jihadist, action, 1.0, 0.0)
    if action == ON_ARMY:
        return row | {"village": NOWHERE, "cell": world.national_forces["home"][where], "target": where}
    return row | {"village": where, "cell": world.villages["cell"][where], "target": target}


def known_operation(world: World, day: int, unit: int, band: int, deaths: int = 0) -> Row:
    """A clash of an operation with a band, at the band's home."""
    jihadist = world.militias["jihadist"][band] == 1
    kind, action = (STATE_V_JIHADISTS, ON_JIHADISTS) if jihadist else (STATE_V_OTHER, ON_MILITIA)
    return {
        "day": day, "kind": kind, "actor": NATIONAL_FORCES, "faction": -1, "perpetrator": unit, "action": action,
        "village": NOWHERE, "cell": world.militias["cell"][band], "target": band, "deaths": deaths,
    }  # fmt: skip


def known_abuse(world: World, day: int, unit: int, village: int, deaths: int = 0) -> Row:
    """An abuse by a unit of national forces."""
    return {
        "day": day, "kind": CIVILIANS_BY_STATE, "actor": NATIONAL_FORCES, "faction": -1, "perpetrator": unit,
        "action": ON_VILLAGE, "village": village, "cell": world.villages["cell"][village], "target": -1,
        "deaths": deaths,
    }  # fmt: skip


def known_attack_on_un(world: World, day: int, band: int, unit: int, deaths: int = 0) -> Row:
    """An attack by a band on a UN unit, at the unit's main base."""
    return {
        "day": day, "kind": UN_V_JIHADISTS, "actor": BAND_ON_PATROL, "faction": world.militias["faction"][band],
        "perpetrator": band, "action": ON_PATROL_OF_UN, "village": NOWHERE, "cell": world.un_units["home"][unit],
        "target": unit, "deaths": deaths,
    }  # fmt: skip


def history(until: int = 0, rows: Iterable[Row] = (), course: NDArray[np.float64] = USUAL) -> LivedHistory:
    """What a run is told, in the order of days."""
    ordered = sorted(rows, key=lambda row: row["day"])
    table = np.array([tuple(row[name] for name in LIVED.names) for row in ordered], LIVED)
    return LivedHistory(until, table, course)
