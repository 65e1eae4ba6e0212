"""Accountability: cases, capacity, delays, and a perceived risk that follows its formula day by day."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest
from engine import assert_close_in_law, day_by_day, defaults, inert, runs, scenario, times, used, with_rates
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from abm.accountability import LAPSE_DAYS, perceived_risk, report_chance
from abm.calendar import DAYS_PER_MONTH, day_of
from abm.kinds import (
    BAND,
    KATIBA_MACINA,
    LIABLE_ARMY,
    LIABLE_MILITIA,
    NATIONAL_FORCES,
    ON_VILLAGE,
)
from abm.parameters import Parameters
from abm.presence import UNIT
from abm.records import Records
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import ACQUITTED, INVESTIGATED, LAPSED, REPORTED, SANCTION, SANCTIONED, UNREPORTED, Table
from abm.un_escorts import WEEK, missions_with_police, share_served
from abm.world import yearly_abuses

START = date(2021, 1, 1)
FIRST = day_of(START)
YEARS = 3 * 365

# --- rules --------------------------------------------------------------------------------------------------------


@given(st.floats(0.0, 500.0), st.floats(0.0, 500.0), st.floats(0.0, 1.0), st.floats(0.1, 1000.0))
def test_risk_is_the_share_of_sanctions_shrunk_to_its_prior(
    sanctions: float, abuses: float, prior: float, weight: float
) -> None:
    assert perceived_risk(sanctions, abuses, prior, weight) == pytest.approx(
        (prior * weight + sanctions) / (weight + abuses)
    )
    assert perceived_risk(0.0, 0.0, prior, weight) == pytest.approx(prior)


def test_reports_are_more_likely_where_the_un_is_and_never_more_than_certain() -> None:
    assert report_chance(0.3, 0.3, 0.0, 0.0) == 0.3
    assert report_chance(0.3, 0.3, 0.5, 0.1) == pytest.approx(0.55)
    assert report_chance(0.9, 0.3, 1.0, 0.5) == 1.0


BY_POLICE = 8 * 7 / DAYS_PER_MONTH  # two units, four missions a month each


@pytest.mark.parametrize(
    ("wanted", "units", "troops", "expected"),
    [
        (1.0, 2, 0.0, 1.0), (5.0, 2, 0.0, BY_POLICE), (5.0, 0, 0.0, 0.0), (0.0, 9, 0.0, 0.0),
        # Thirty troops are away for three days of seven, so thirty escort 7/3 missions a week.
        (5.0, 2, 30.0, BY_POLICE + 7 / 3), (5.0, 0, 60.0, 14 / 3), (5.0, 0, 300.0, 5.0),
    ],
)  # fmt: skip
def test_investigations_are_as_many_as_wanted_and_escorted_by_police_then_troops(
    wanted: float, units: int, troops: float, expected: float
) -> None:
    by_police = min(wanted, missions_with_police(units, 4.0))
    assert wanted * share_served(wanted, by_police, troops, 30.0, 3.0) == pytest.approx(expected)


# --- in a run -----------------------------------------------------------------------------------------------------


def arm(**levers: Any) -> Scenario:
    return scenario("accountability").changed(accountability={"starts": START, **levers})


def parameters(**changes: Any) -> Parameters:
    """Everything reported and investigated fast, unless said otherwise."""
    fast = {"report_base": 1.0, "report_presence": 0.0, "sanction_months": 2.0, "escorts_per_police_unit": 60.0}
    return defaults().changed(**{**fast, **changes})


class Run:
    """One run with its cases, which records do not keep."""

    def __init__(self, levers: Scenario, q: Parameters, seed: int = 0, days: int = YEARS) -> None:
        simulation = Simulation(levers, q, seed=seed)
        simulation.advance(days)
        self.records: Records = simulation.records()
        self.cases: Table = used(simulation, "cases").copy()
        self.world = simulation.world

    @property
    def abuses(self) -> Table:
        """Rows of the log that open a case: abuses of national forces, attacks of militias on villages."""
        e = self.records.realised
        jihadist = np.isin(e["faction"], (KATIBA_MACINA, KATIBA_MACINA + 1))
        return e[(e["action"] == ON_VILLAGE) & ((e["actor"] == NATIONAL_FORCES) | ((e["actor"] == BAND) & ~jihadist))]


@cache
def certain() -> Run:
    """All is reported, there is capacity for all, and all cooperate."""
    return Run(arm(investigations_per_month=1000.0, cooperation=1.0), parameters(escorts_per_police_unit=60.0))


def test_every_abuse_opens_one_case_in_the_order_of_the_log() -> None:
    run = certain()
    assert run.cases.size == run.abuses.size > 300
    assert np.array_equal(run.cases["day"], run.abuses["day"])
    assert np.array_equal(run.cases["village"], run.abuses["village"])
    assert np.array_equal(run.cases["perpetrator"], run.abuses["perpetrator"])
    liable = np.where(run.abuses["actor"] == NATIONAL_FORCES, LIABLE_ARMY, LIABLE_MILITIA)
    assert np.array_equal(run.cases["liable"], liable)
    assert np.array_equal(run.cases["id"], np.arange(run.cases.size))


def test_with_full_cooperation_all_investigated_are_sanctioned_after_the_procedure() -> None:
    run = certain()
    length = int(2.0 * DAYS_PER_MONTH)
    last = run.records.last_day - 1
    weekly = [day for day in range(FIRST, last + 1) if day % WEEK == 0]
    sanctions = run.records.operations[run.records.operations["what"] == SANCTION]
    assert set(run.cases["status"]) <= {REPORTED, INVESTIGATED, SANCTIONED}
    expected = []
    for case in run.cases:
        taken_up = next((day for day in weekly if day >= case.day), None)
        if taken_up is None:
            assert case.status == REPORTED
            continue
        assert case.due == taken_up + length  # capacity was no limit here
        closed = next((day for day in weekly if day >= case.due), None)
        assert case.status == (INVESTIGATED if closed is None else SANCTIONED)
        if closed is not None:
            expected.append((closed, int(case.perpetrator), int(case.liable)))
    logged = [(int(o.day), int(o.unit), int(o.amount)) for o in sanctions]
    assert sorted(logged) == sorted(expected)
    assert len(expected) > 200
    by_day = np.bincount(sanctions["day"] - FIRST, minlength=YEARS)
    assert np.array_equal(by_day, run.records.days["sanctions"])


def test_without_cooperation_nobody_is_sanctioned() -> None:
    run = Run(arm(investigations_per_month=1000.0, cooperation=0.0), parameters())
    assert run.records.days["investigations"].sum() > 200
    assert run.records.days["sanctions"].sum() == 0
    assert SANCTIONED not in set(run.cases["status"])
    assert ACQUITTED in set(run.cases["status"])
    assert run.records.days["risk_army"].max() < 0.02  # the prior of .01 and nothing else


@pytest.mark.statistical
def test_sanctions_follow_cooperation() -> None:
    investigated = sanctioned = 0
    for seed in range(4):
        run = Run(arm(investigations_per_month=1000.0, cooperation=0.3), parameters(), seed)
        status = run.cases["status"]
        investigated += int(np.isin(status, (SANCTIONED, ACQUITTED)).sum())
        sanctioned += int((status == SANCTIONED).sum())
    assert_close_in_law(sanctioned, 0.3 * investigated, 0.21 * investigated)


@pytest.mark.statistical
def test_cases_are_reported_with_their_chance() -> None:
    # Reports follow base + gain * presence + extra: by hand at each place, on the day.
    q = inert(report_base=0.2, report_presence=0.5, patrol_effect_days=3.0)
    reported = expected = variance = 0.0
    for seed in range(4):
        simulation = Simulation(arm(extra_reporting=0.1), q, seed=seed)
        cells, n = simulation.world.cells, 0
        for _ in range(250):
            simulation.advance(1)
            day = simulation.day - 1
            for case in used(simulation, "cases")[n:]:
                c = cells[simulation.world.villages["cell"][case.village]]
                units = c.un_held + c.un_patrol * 0.5 ** ((day - c.un_patrol_day) / 3.0)
                units += c.un_after * 0.5 ** ((day - c.un_after_day) / q.persistence_days)
                chance = 0.3 + 0.5 * (1 - np.exp(-units * UNIT))
                reported += case.status != UNREPORTED
                expected, variance = expected + chance, variance + chance * (1 - chance)
            n = used(simulation, "cases").size
    assert variance > 50
    assert_close_in_law(reported, expected, variance)


def test_reports_nobody_takes_up_lapse_after_a_year() -> None:
    run = Run(scenario(), parameters(), days=3 * 365)
    old = run.cases["day"] < run.records.last_day - LAPSE_DAYS - 2 * WEEK
    assert (run.cases["status"][old] == LAPSED).all()
    young = run.cases["day"] > run.records.last_day - LAPSE_DAYS
    assert (run.cases["status"][young] == REPORTED).all()
    assert old.sum() > 100
    assert young.sum() > 100
    assert not run.records.days["investigations"].any()


def by_police_alone(levers: Scenario) -> Scenario:
    """The same without any troops who escort."""
    return levers.changed(un={"escort_share": 0.0})


@pytest.mark.parametrize(("wanted", "escorts"), [(3.0, 60.0), (60.0, 2.5), (0.4, 60.0), (8.0, 8.0)])
def test_investigations_keep_within_the_lever_and_the_escorts(wanted: float, escorts: float) -> None:
    # Two formed police units stand in the sector; what a week does not use is not saved up.
    levers = by_police_alone(arm(investigations_per_month=wanted, cooperation=0.5))
    run = Run(levers, parameters(escorts_per_police_unit=escorts))
    per_week = min(wanted, 2 * escorts) * 7 / DAYS_PER_MONTH
    on_order = run.records.days["day"] % WEEK == 0
    assert run.records.days["missions"][on_order] == pytest.approx(np.full(on_order.sum(), per_week))
    assert not run.records.days["escort_troops"].any()
    weekly = run.records.days["investigations"][on_order]
    assert weekly.sum() == run.records.days["investigations"].sum()
    assert weekly.max() <= 1 + per_week
    for weeks in (4, 13, 52):  # over any stretch of time
        running = np.convolve(weekly, np.ones(weeks), "valid")
        assert running.max() <= weeks * per_week + 1 + 1e-9
    # There is always something to investigate here, so capacity is used.
    assert weekly.sum() >= 0.9 * per_week * (weekly.size - 2) or per_week > 4


def test_troops_who_escort_make_up_for_missing_police() -> None:
    # Investigations follow the missions that found an escort, whoever gave it; troops give up to a quarter of theirs.
    levers = arm(investigations_per_month=60.0, cooperation=0.0)
    q = parameters(escorts_per_police_unit=2.5)
    alone, helped = (Run(s, q).records.days for s in (by_police_alone(levers), levers))
    assert helped["escort_troops"][helped["day"] >= FIRST + WEEK].min() > 0
    for days in (alone, helped):
        allowed = np.cumsum(days["missions"])
        assert (np.cumsum(days["investigations"]) <= allowed + 1 + 1e-9).all()
    assert helped["missions"].sum() > 1.5 * alone["missions"].sum()
    assert helped["investigations"].sum() > alone["investigations"].sum()


def test_investigations_wait_for_their_day() -> None:
    run = Run(arm(starts=date(2021, 7, 15), investigations_per_month=30.0, cooperation=1.0), parameters())
    days = run.records.days
    made = days["day"][days["investigations"] > 0]
    assert made.min() >= day_of(date(2021, 7, 15))
    assert made.min() < day_of(date(2021, 7, 15)) + 2 * WEEK


def test_the_newest_reports_on_national_forces_are_taken_up_first() -> None:
    # An investigation is prompt or hardly made: on each weekly day those taken up are the newest of the army's, then
    # the newest of the militias', of all that wait.
    levers = arm(investigations_per_month=12.0, cooperation=1.0)
    simulation = Simulation(levers, parameters(sanction_months=12.0), seed=1)
    taken = 0
    before: dict[int, int] = {}
    for day in day_by_day(simulation, 300):
        cases = used(simulation, "cases")
        now = {int(c.id): int(c.status) for c in cases}
        begun = [i for i, status in now.items() if status == INVESTIGATED and before.get(i) != INVESTIGATED]
        waiting = [i for i, status in now.items() if status == REPORTED]
        order = sorted(begun + waiting, key=lambda i: (int(cases["liable"][i]), -i))
        assert sorted(begun) == sorted(order[: len(begun)])
        assert not begun or day % WEEK == 0
        taken, before = taken + len(begun), now
    assert taken > 80


def risk_by_hand(run: Run, q: Parameters, liable: int) -> NDArray[np.float64]:
    """Perceived risk at the end of each day from the log of abuses and sanctions alone."""
    ratio = 0.5 ** (1.0 / q.risk_half_life)
    abuses = yearly_abuses(START)[liable] / 365.25 * q.risk_half_life / np.log(2.0)
    sanctions, risks = 0.0, []
    operations = run.records.operations
    for day in range(FIRST, run.records.last_day):
        if day > FIRST:
            abuses, sanctions = abuses * ratio, sanctions * ratio
        abuses += int(((run.cases["day"] == day) & (run.cases["liable"] == liable)).sum())
        today = (operations["day"] == day) & (operations["what"] == SANCTION) & (operations["amount"] == liable)
        sanctions += int(today.sum())
        risks.append((q.risk_prior * q.risk_prior_weight + sanctions) / (q.risk_prior_weight + abuses))
    return np.array(risks)


@pytest.mark.parametrize("liable", [LIABLE_ARMY, LIABLE_MILITIA])
def test_risk_follows_abuses_and_sanctions_with_exponential_forgetting(liable: int) -> None:
    q = parameters(risk_half_life=90.0)
    run = Run(arm(investigations_per_month=12.0, cooperation=0.7), q)
    column = ("risk_army", "risk_militia")[liable]
    by_hand = risk_by_hand(run, q, liable)
    assert run.records.days[column] == pytest.approx(by_hand, rel=1e-9)
    assert by_hand.max() > 0.2
    assert ((by_hand >= 0) & (by_hand <= 1)).all()


def test_risk_hardly_moves_where_nobody_is_sanctioned() -> None:
    days = runs(scenario(), defaults(), [0])[0].days
    for column in ("risk_army", "risk_militia"):
        assert days[column].min() > 0.0
        assert days[column].max() <= 0.01 + 1e-12


@pytest.mark.statistical
def test_full_effort_lowers_abuses_by_the_declared_reduction() -> None:
    # Every abuse sanctioned within weeks, at the recorded rate of abuses: after the memory has filled, the abuse rate
    # is down by about the declared share. (Fewer abuses are also fewer to remember, so the prior weighs a little more,
    # and a procedure takes weeks; both keep the risk somewhat below that of full effort.)
    q = inert(
        reduction_army=0.5, reduction_militia=0.5, report_base=1.0, sanction_months=0.5, escorts_per_police_unit=60.0,
        risk_half_life=60.0, risk_prior_weight=1.0,
    )  # fmt: skip
    levers = {"investigations_per_month": 1000.0, "cooperation": 1.0}
    scenarios = (scenario().changed(accountability={"starts": START}), arm(**levers))
    free, held = (runs(s, q, range(10), days=2 * 365) for s in scenarios)

    def count(records: list[Records], actor: int) -> int:
        late = [r.realised[r.realised["day"] > FIRST + 365] for r in records]
        militia = [~np.isin(e["faction"], (0, 1)) for e in late]
        return sum(
            int(((e["actor"] == actor) & (e["action"] == ON_VILLAGE) & m).sum())
            for e, m in zip(late, militia, strict=True)
        )

    for actor in (NATIONAL_FORCES, BAND):
        before, after = count(free, actor), count(held, actor)
        assert 1 - after / before == pytest.approx(0.5, abs=0.08)


def test_the_police_of_the_package_add_to_what_can_be_investigated() -> None:
    levers = {"starts": START, "investigations_per_month": 1000.0, "cooperation": 0.0}
    package = {"decision": START, "permission": START}
    q = parameters(escorts_per_police_unit=1.0, generation_months=0.0)
    busy = with_rates(q, candidates=times(q.rates.candidates, 3.0))
    with_package = scenario("extra-tobs-and-accountability").changed(accountability=levers, package=package)
    few, many = (
        Run(by_police_alone(s), busy, days=365).records.days["investigations"].sum()
        for s in (arm(**levers), with_package)
    )
    # One investigation a month for each of two, then of four formed police units.
    assert few == pytest.approx(2 * 12, abs=2)
    assert many == pytest.approx(4 * 12, abs=2)
