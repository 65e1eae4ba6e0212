"""Operations of national forces: whom they meet, whom they abuse, and what clashes cost both sides."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pytest
from engine import (
    assert_close_in_law,
    by_bands,
    by_national_forces,
    day_by_day,
    defaults,
    inert,
    runs,
    scenario,
    times,
    with_rates,
)
from numpy.typing import NDArray

from abm.kinds import (
    BAND,
    CIVILIANS_BY_STATE,
    NATIONAL_FORCES,
    ON_ARMY,
    ON_JIHADISTS,
    ON_VILLAGE,
    PREVENTED,
    STATE_V_JIHADISTS,
    STATE_V_OTHER,
)
from abm.national_forces import REFERENCE_STRENGTH
from abm.parameters import Parameters
from abm.records import Records
from abm.simulation import Simulation
from abm.tables import ON_OPERATION, Table, World

YEAR = scenario("history-2020")
FIRST, DAYS = 1095, 366
Floats = NDArray[np.float64]


class Year:
    """One year stepped day by day: chances of contacts and abuses on each operation, and what was logged."""

    def __init__(self, q: Parameters, seed: int) -> None:
        simulation = Simulation(YEAR, q, seed=seed)
        self.world, self.q = simulation.world, q
        self.contacts: dict[int, list[float]] = {0: [], 1: []}  # jihadists, militias
        self.abuses: list[float] = []
        self.operations: list[tuple[int, int, int]] = []  # day, unit, cell
        before = self.world.militias.copy()
        for day in day_by_day(simulation, DAYS):
            self._note(day, before)
            before = self.world.militias.copy()
        self.log: Table = by_national_forces(simulation.records().events)

    def _note(self, day: int, m: Table) -> None:
        """The bands as they were at the start of the day decide, so they were kept from the day before."""
        w, q = self.world, self.q
        missing = (m["strength_start"] - m["strength"]) * 0.5 ** ((day - m["strength_day"]) / q.replacement_half_life)
        fighters = m["strength_start"] - missing
        for a in w.national_forces[w.national_forces["task"] == ON_OPERATION]:
            place = w.cells[a.cell]
            squared = (m["x"] - place.x) ** 2 + (m["y"] - place.y) ** 2
            near = (
                np.exp(-0.5 * squared / q.contact_km**2) * (squared < 16 * q.contact_km**2) * (day >= m["hidden_until"])
            )
            chances = []
            for side, rates in enumerate((q.rates.contact_jihadists, q.rates.contact_militia)):
                total = (near * fighters)[m["jihadist"] == 1 - side].sum() / REFERENCE_STRENGTH
                chances.append(1.0 - math.exp(-rates[place.zone] * total))
            self.contacts[0].append(chances[0])
            self.contacts[1].append((1.0 - chances[0]) * chances[1])  # at most one clash an operation
            self.abuses.append(1.0 - math.exp(-q.rates.abuse[place.zone] * a.discipline))
            self.operations.append((day, int(a.id), int(a.cell)))


@lru_cache(maxsize=1)
def years() -> list[Year]:
    return [Year(inert(lying_low_days=15.0, army_operation_rate=0.2), seed) for seed in range(5)]


@pytest.mark.statistical
@pytest.mark.parametrize(("side", "kind"), [(0, STATE_V_JIHADISTS), (1, STATE_V_OTHER)])
def test_operations_meet_bands_at_the_fitted_rate(side: int, kind: int) -> None:
    chances = np.concatenate([year.contacts[side] for year in years()])
    met = sum(int((year.log["kind"] == kind).sum()) for year in years())
    assert met > 30
    assert_close_in_law(met, chances.sum(), (chances * (1 - chances)).sum())


@pytest.mark.statistical
def test_operations_abuse_at_the_fitted_rate() -> None:
    chances = np.concatenate([year.abuses for year in years()])
    abuses = sum(int((year.log["kind"] == CIVILIANS_BY_STATE).sum()) for year in years())
    assert abuses > 300
    assert_close_in_law(abuses, chances.sum(), (chances * (1 - chances)).sum())


def test_only_operations_meet_or_abuse_anybody() -> None:
    for year in years():
        on_operation = {(day, unit): cell for day, unit, cell in year.operations}
        assert {(int(e.day), int(e.perpetrator)) for e in year.log} <= set(on_operation)
        clashes = year.log[year.log["action"] != ON_VILLAGE]
        for e in clashes:
            assert e.cell == on_operation[int(e.day), int(e.perpetrator)]
            m = year.world.militias[e.target]
            assert m.jihadist == (e.kind == STATE_V_JIHADISTS)
            assert (m.x - e.x) ** 2 + (m.y - e.y) ** 2 < 16 * year.q.contact_km**2
        pairs = list(zip(clashes["day"].tolist(), clashes["perpetrator"].tolist(), strict=True))
        assert len(set(pairs)) == len(pairs)  # at most one clash an operation


@pytest.mark.statistical
def test_abuses_fall_on_villages_by_distance_and_suspicion() -> None:
    observed = {"distance": 0.0, "suspected": 0.0}
    expected, variance = dict.fromkeys(observed, 0.0), dict.fromkeys(observed, 0.0)
    for year in years():
        w, km = year.world, year.q.abuse_target_km
        suspicion = np.maximum(np.array(year.q.rates.suspicion), 1e-6)[w.villages["community"]]
        centre = {(day, unit): cell for day, unit, cell in year.operations}
        cell_x, cell_y = w.cells["x"][w.villages["cell"]], w.cells["y"][w.villages["cell"]]
        for e in year.log[year.log["kind"] == CIVILIANS_BY_STATE]:
            place = w.cells[centre[int(e.day), int(e.perpetrator)]]
            inside = np.flatnonzero((cell_x - place.x) ** 2 + (cell_y - place.y) ** 2 <= 9 * km * km)
            v = w.villages[inside]
            squared = (v["x"] - place.x) ** 2 + (v["y"] - place.y) ** 2
            chances = suspicion[inside] * np.exp(-0.5 * squared / km**2)
            chances /= chances.sum()
            taken = int(np.flatnonzero(inside == e.village)[0])
            for name, values in (("distance", np.sqrt(squared)), ("suspected", np.log(suspicion[inside]))):
                mean = (chances * values).sum()
                observed[name] += values[taken]
                expected[name] += mean
                variance[name] += (chances * (values - mean) ** 2).sum()
    for name in observed:
        assert_close_in_law(observed[name], expected[name], variance[name])


def abuses(records: list[Records]) -> set[tuple[int, int, int]]:
    """Seed, day and unit of every abuse."""
    return {
        (r.seed, int(e.day), int(e.perpetrator))
        for r in records
        for e in by_national_forces(r.events)
        if e.kind == CIVILIANS_BY_STATE
    }


@pytest.mark.statistical
def test_full_presence_of_the_un_takes_its_share_of_abuses() -> None:
    # Rates are small, so the chance of an abuse falls nearly as its rate; draws are common, so that abuses only fall.
    def arm(delta: float) -> set[tuple[int, int, int]]:
        records = []
        for seed in range(8):
            simulation = Simulation(YEAR, inert(delta_un_abuse=delta), seed=seed)
            simulation.world.cells["un_held"] = 1 << 46
            simulation.advance(DAYS)
            records.append(simulation.records())
        return abuses(records)

    none, most, more = arm(0.0), arm(0.6), arm(-0.6)
    assert most < none < more
    assert_close_in_law(len(most), 0.4 * len(none), 0.24 * len(none))
    assert_close_in_law(len(none), len(more) / 1.6, len(more) * 0.6 / 1.6**2)


@pytest.mark.statistical
def test_perceived_risk_takes_its_share_of_abuses() -> None:
    changes = {"risk_prior": 1.0, "risk_prior_weight": 1000.0}
    free, deterred = (runs(YEAR, inert(**changes, reduction_army=cut), range(8)) for cut in (0.0, 0.6))
    effect = float(Simulation(YEAR, inert(**changes, reduction_army=0.6)).compiled.p[0].effect_army)
    kept, before = abuses(deterred), abuses(free)
    assert kept < before
    chances = np.array([math.exp(-effect * deterred[seed].days["risk_army"][day - FIRST]) for seed, day, _ in before])
    assert 0.38 < chances.mean() < 0.45
    assert_close_in_law(len(kept), chances.sum(), (chances * (1 - chances)).sum())


def test_discipline_spreads_abuse_between_units_and_keeps_its_mean() -> None:
    discipline = Simulation(YEAR, defaults().changed(discipline_spread=0.5)).world.national_forces["discipline"]
    even = Simulation(YEAR, defaults().changed(discipline_spread=0.0)).world.national_forces["discipline"]
    assert (even == 1.0).all()
    assert np.log(discipline).std() == pytest.approx(0.5, abs=0.2)
    error = math.sqrt((math.exp(0.25) - 1) / discipline.size)
    assert abs(discipline.mean() - 1.0) < 4.9 * error


# --- what it costs ------------------------------------------------------------------------------------------------


def test_bands_that_were_met_lie_low_for_the_declared_time() -> None:
    struck = 0
    for year in years():
        w, log = year.world, year.log
        assert w.militias["hidden_until"].max() > FIRST
        for e in log[log["action"] != ON_VILLAGE]:
            assert w.militias["hidden_until"][e.target] >= e.day + 16
            struck += 1
    assert struck > 100
    q = defaults().changed(lying_low_days=25.0)
    strong = with_rates(
        q, candidates=times(q.rates.candidates, 20.0), contact_jihadists=times(q.rates.contact_jihadists, 5.0),
        contact_militia=times(q.rates.contact_militia, 5.0),
    )  # fmt: skip
    records = runs(YEAR, strong, [1], days=200)[0]
    attacks = by_bands(records.events)
    checked = 0
    for e in by_national_forces(records.events):
        if e.action != ON_VILLAGE:
            own = attacks["day"][attacks["perpetrator"] == e.target]
            assert not ((own > e.day) & (own <= e.day + 25)).any()
            checked += int(((own >= e.day - 25) & (own <= e.day)).sum())
    assert checked > 50  # they were active before


def fighters_by_hand(start: World, events: Table, q: Parameters, last_day: int) -> tuple[Floats, Floats]:
    """Strength of bands and army units on a day, from the losses in the log, each made good by half in a half-life."""
    bands, units = start.militias["strength_start"].copy(), start.national_forces["strength_start"].copy()
    full = bands.copy(), units.copy()
    now = bands.copy(), units.copy()
    day = FIRST

    def lose(side: int, row: int, deaths: float) -> None:
        now[side][row] = max(1.0, now[side][row] - deaths)

    for e in events[events["outcome"] != PREVENTED]:
        for side in (0, 1):
            now[side][:] = full[side] - (full[side] - now[side]) * 0.5 ** ((e.day - day) / q.replacement_half_life)
        day = e.day
        if e.actor == NATIONAL_FORCES and e.action != ON_VILLAGE:
            lose(0, e.target, q.loss_share * e.deaths)
            lose(1, e.perpetrator, (1 - q.loss_share) * e.deaths)
        elif e.actor == BAND and e.action != ON_VILLAGE:
            lose(0, e.perpetrator, (1 - q.loss_share) * e.deaths)
            if e.target >= 0:
                lose(1 if e.action == ON_ARMY else 0, e.target, q.loss_share * e.deaths)
    for side in (0, 1):
        now[side][:] = full[side] - (full[side] - now[side]) * 0.5 ** ((last_day - day) / q.replacement_half_life)
    return now


def test_strength_is_that_of_the_losses_in_the_log() -> None:
    q = defaults().changed(recruit_abuse=0.0)  # abuses bring no recruits: full strengths stay what they were
    simulation = Simulation(YEAR, q, seed=4)
    start = Simulation(YEAR, q).world
    simulation.advance(DAYS)
    last = simulation.day
    by_hand = fighters_by_hand(start, simulation.records().events, q, last)
    for side, table in enumerate((simulation.world.militias, simulation.world.national_forces)):
        missing = table["strength_start"] - table["strength"]
        left = missing * 0.5 ** ((last - table["strength_day"]) / q.replacement_half_life)
        assert table["strength_start"] - left == pytest.approx(by_hand[side], rel=1e-9)
        assert left.max() > 1.0
        assert (table["strength"] >= 1.0).all()


def test_clashes_with_jihadists_are_met_on_the_ground_they_hold() -> None:
    for year in years():
        clashes = year.log[year.log["action"] == ON_JIHADISTS]
        assert (clashes["village"] == -1).all()
        assert (clashes["zone"] == year.world.cells["zone"][clashes["cell"]]).all()
