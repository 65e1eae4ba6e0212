"""A Malian-led strategy: missions of dialogue, disarmament under agreements, services that return and leave again."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest
from engine import day_by_day, defaults, inert, scenario, silent, times, used, with_rates
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from abm.calendar import DAYS_PER_MONTH, day_of
from abm.communities import BAMBARA_PEOPLE, DOGON_PEOPLE, FULANI_PEOPLE, pair_of
from abm.geography import CERCLES
from abm.kinds import ON_VILLAGE, PREVENTED
from abm.parameters import Parameters
from abm.presence import UNIT
from abm.randomness import DIALOGUE, uniform
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.strategy import MOST_A_WEEK, MOST_IN_ALL, gives_up, is_calm, weekly_budget
from abm.tables import (
    AGREEMENT_LAPSED,
    AGREEMENT_MADE,
    DISARMAMENT,
    SERVICES_LOST,
    SERVICES_RETURNED,
    Table,
)

START = date(2021, 1, 1)
FIRST = day_of(START)
WEEK, YEAR = 7, 365
PER_WEEK = WEEK / DAYS_PER_MONTH
SMALL = scenario().changed(world={"cercles": ("Bandiagara", "Bankass", "Koro", "Mopti")})

# --- rules --------------------------------------------------------------------------------------------------------


@given(st.floats(0.0, 100.0), st.floats(0.0, 100.0))
def test_one_unit_of_a_budget_is_saved_at_most(saved: float, added: float) -> None:
    assert weekly_budget(saved, added) == min(saved, 1.0) + added
    assert weekly_budget(0.0, 0.0) == 0.0


@given(st.floats(1.0, 200.0), st.floats(2.0, 200.0), st.floats(0.0, 160.0), st.floats(0.0, 50.0))
def test_bands_give_up_no_more_than_they_have_may_or_are_asked(
    strength: float, start: float, disarmed: float, budget: float
) -> None:
    given_up = gives_up(strength, start, disarmed, budget)
    assert 0.0 <= given_up <= min(budget, MOST_A_WEEK * strength)
    assert strength - given_up >= 1.0 - 1e-12
    assert given_up == 0.0 or disarmed + given_up <= MOST_IN_ALL * start * (1 + 1e-12)
    assert gives_up(200.0, 200.0, 0.0, budget) == min(budget, 20.0)


def test_a_village_is_calm_when_it_has_not_been_attacked_for_a_while() -> None:
    assert is_calm(-1, 3, 60.0)
    assert [is_calm(100, day, 60.0) for day in (100, 159, 160, 500)] == [False, False, True, True]


# --- dialogue -----------------------------------------------------------------------------------------------------


def arm(base: Scenario = SMALL, **levers: Any) -> Scenario:
    return base.changed(strategy={"starts": START, **levers})


def quiet(**changes: Any) -> Parameters:
    """Nobody attacks or meets anybody; police escort whoever asks."""
    return silent(inert(**{"recruit_abuse": 0.0, "escorts_per_police_unit": 60.0, **changes}))


def run(levers: Scenario, q: Parameters, seed: int = 0, days: int = YEAR) -> Simulation:
    simulation = Simulation(levers, q, seed=seed)
    simulation.advance(days)
    return simulation


def rows(simulation: Simulation, what: int) -> Table:
    operations = used(simulation, "operations")
    return operations[operations["what"] == what]


def quarrels(simulation: Simulation, half_life: float, day: int) -> NDArray[np.float64]:
    """What the communities of each pair hold against each other while nothing happens."""
    pairs = simulation.world.pairs
    total = pairs["first_usual"] + pairs["second_usual"]
    here: NDArray[np.float64] = total * (simulation.world.cercles["people"][pairs["cercle"]] > 0)
    return here * 0.5 ** ((day - FIRST) / half_life)


def weekly_days(days: int = YEAR) -> list[int]:
    return [day for day in range(FIRST, FIRST + days) if day % WEEK == 0]


@pytest.mark.parametrize(("missions", "success"), [(8.0, 0.2), (13.0, 0.7), (2.0, 1.0)])
def test_missions_go_to_the_worst_quarrel_and_succeed_with_their_draws(missions: float, success: float) -> None:
    seed, length = 4, 90
    q = quiet(dialogue_success=success, agreement_days=float(length))
    simulation = run(arm(dialogue_missions_per_month=missions), q, seed)
    wanted = quarrels(simulation, q.grievance_half_life, FIRST)
    assert 4 <= (wanted > 0).sum() < wanted.size
    budget, until, log, per_day, renewed = 0.0, dict[int, int](), list[tuple[int, ...]](), dict[int, int](), 0
    for day in weekly_days():
        for pair in sorted(pair for pair, end in until.items() if end <= day):
            log.append((AGREEMENT_LAPSED, day, pair))
            del until[pair]
        budget = min(budget, 1.0) + missions * PER_WEEK
        per_day[day] = int(budget)
        for number in range(int(budget)):
            open_quarrels = np.where(np.isin(np.arange(30), list(until)), 0.0, wanted)
            pair = int(open_quarrels.argmax())
            if open_quarrels[pair] == 0.0:
                pair = min(until, key=lambda held: (until[held], held))
            if uniform(seed, DIALOGUE, pair, day, number) < success:
                renewed += pair in until
                if pair not in until:
                    log.append((AGREEMENT_MADE, day, pair))
                until[pair] = day + length
        budget -= int(budget)
    logged = used(simulation, "operations")
    logged = logged[np.isin(logged["what"], (AGREEMENT_MADE, AGREEMENT_LAPSED))]
    assert [(int(o.what), int(o.day), int(o.unit)) for o in logged] == log
    days = used(simulation, "days")
    assert {int(d.day): int(d.dialogue_missions) for d in days if d.day % WEEK == 0} == per_day
    assert days["dialogue_missions"].sum() == sum(per_day.values())
    held = simulation.world.pairs["held"]
    assert {pair: int(simulation.world.pairs["until"][pair]) for pair in np.flatnonzero(held).tolist()} == until
    assert days["agreements"][-1] == held.sum()
    assert {what for what, _, _ in log} == ({AGREEMENT_MADE} if success > 0.2 else {AGREEMENT_MADE, AGREEMENT_LAPSED})
    assert len(log) >= 5
    assert renewed > 5 or success == 0.2


def test_a_lapsed_agreement_is_logged_with_its_length_and_nobody_rearms() -> None:
    q = quiet(dialogue_success=1.0, agreement_days=50.0, rearm_share=1.0, replacement_half_life=1000.0)
    simulation = run(arm(dialogue_missions_per_month=0.5, disarmament_per_month=100.0), q)
    lapsed = rows(simulation, AGREEMENT_LAPSED)
    assert lapsed.size >= 4
    assert set(lapsed["amount"]) == {56}  # the first weekly order from the fiftieth day on
    disarmed = used(simulation, "days")["disarmed"]
    assert (np.diff(disarmed) >= 0).all()
    assert disarmed[-1] > 100


def test_missions_without_escort_do_not_happen() -> None:
    levers = arm(SMALL.changed(un={"present": False}), dialogue_missions_per_month=8.0)
    simulation = run(levers, quiet(dialogue_success=1.0))
    assert used(simulation, "days")["dialogue_missions"].sum() == 0
    # Half as many as wanted where police can escort half as many, and no troops are spared.
    base = SMALL.changed(un={"escort_share": 0.0})
    police = int(Simulation(base).world.un_units["police"].sum())
    few, all_of_them = (
        used(run(arm(base, dialogue_missions_per_month=8.0 * police), quiet(escorts_per_police_unit=e)), "days")
        for e in (4.0, 8.0)
    )
    wanted = 8.0 * police * PER_WEEK * len(weekly_days())
    assert all_of_them["dialogue_missions"].sum() == pytest.approx(wanted, abs=2)
    assert few["dialogue_missions"].sum() == pytest.approx(wanted / 2, abs=2)


def test_the_strategy_waits_for_its_day() -> None:
    later = date(2021, 7, 15)
    levers = {"dialogue_missions_per_month": 20.0, "disarmament_per_month": 50.0, "services_per_month": 10.0}
    simulation = run(arm(**levers | {"starts": later}), quiet(dialogue_success=1.0))
    for what in (AGREEMENT_MADE, DISARMAMENT, SERVICES_RETURNED):
        first = rows(simulation, what)["day"].min()
        assert day_of(later) <= first < day_of(later) + 2 * WEEK


def test_where_no_lever_is_moved_nothing_is_done() -> None:
    simulation = run(SMALL, defaults())
    assert not any(rows(simulation, what).size for what in range(AGREEMENT_MADE, SERVICES_LOST + 1))
    assert not any(used(simulation, "days")[name].any() for name in ("agreements", "disarmed", "served"))


def test_dialogue_and_services_without_effect_change_no_event() -> None:
    q = defaults().changed(agreement_effect=0.0, services_effect=0.0, escorts_per_police_unit=60.0)
    levers = {"dialogue_missions_per_month": 20.0, "services_per_month": 30.0}
    without, with_strategy = run(SMALL, q, 5), run(arm(**levers), q, 5)
    assert used(without, "events").tobytes() == used(with_strategy, "events").tobytes()
    assert with_strategy.world.state[0].served_villages > 100
    assert rows(with_strategy, AGREEMENT_MADE).size > 3


# --- disarmament --------------------------------------------------------------------------------------------------

MANY = 300.0  # fighters a month


@cache
def disarming() -> Simulation:
    """Communities agree at once and for good, and disarmament does as much as bands allow; nobody fights."""
    q = quiet(dialogue_success=1.0, agreement_days=3650.0, fulani_overlap=0.3)
    return run(arm(dialogue_missions_per_month=40.0, disarmament_per_month=MANY), q)


def test_fighters_are_disarmed_and_not_lost() -> None:
    m = disarming().world.militias
    assert m["strength"] + m["disarmed"] == pytest.approx(m["strength_start"])
    assert m["disarmed"].max() == pytest.approx(MOST_IN_ALL * m["strength_start"][m["disarmed"].argmax()])
    assert (m["disarmed"] <= MOST_IN_ALL * m["strength_start"] + 1e-9).all()
    assert m["strength"].min() >= 1.0


def test_only_bands_whose_community_agrees_at_home_disarm() -> None:
    world = disarming().world
    m, pairs = world.militias, world.pairs
    agreed = {(int(q.cercle), int(side)) for q in pairs[pairs["held"] == 1] for side in (q.first, q.second)}
    may = np.array([b.jihadist == 0 and b.aligned == 0 and (b.cercle, b.community) in agreed for b in m])
    assert (m["disarmed"][may] > 0).all()
    assert not m["disarmed"][~may].any()
    assert 50 < may.sum() < m.size
    assert ((m["aligned"] == 1) & (m["community"] == FULANI_PEOPLE)).any()


def test_the_log_of_disarmament_adds_up_to_the_daily_total() -> None:
    simulation = disarming()
    log, days = rows(simulation, DISARMAMENT), used(simulation, "days")
    assert log["amount"].min() >= 1
    total = np.cumsum(np.bincount(log["day"] - FIRST, weights=log["amount"], minlength=days.size))
    assert np.array_equal(total, days["disarmed"])
    assert days["disarmed"][-1] == int(simulation.world.militias["disarmed"].sum())
    by_pair_and_week = {(int(o.unit), int(o.day)) for o in log}
    assert len(by_pair_and_week) == log.size
    assert (log["day"] % WEEK == 0).all()


def test_disarmament_keeps_within_its_budget_and_a_tenth_of_a_band_a_week() -> None:
    q = quiet(dialogue_success=1.0, agreement_days=3650.0)
    simulation = Simulation(arm(dialogue_missions_per_month=40.0, disarmament_per_month=20.0), q)
    m, weeks = simulation.world.militias, 0
    before, strength = m["disarmed"].copy(), m["strength"].copy()
    for day in day_by_day(simulation, 200):
        given_up = m["disarmed"] - before
        if day % WEEK == 0:
            weeks += 1
            assert (given_up <= MOST_A_WEEK * strength + 1e-9).all()
            assert given_up.sum() <= 20.0 * PER_WEEK + 1.0
            # All who are asked give all they may, but for the one with whom the budget ends.
            may = np.minimum(MOST_A_WEEK * strength, MOST_IN_ALL * m["strength_start"] - before)
            assert ((given_up > 0) & (given_up < may - 1e-9)).sum() <= 1
        else:
            assert not given_up.any()
        before, strength = m["disarmed"].copy(), m["strength"].copy()
    assert m["disarmed"].sum() == pytest.approx(weeks * 20.0 * PER_WEEK, rel=0.05)


@pytest.mark.parametrize("others", [(BAMBARA_PEOPLE,), (DOGON_PEOPLE,), (DOGON_PEOPLE, BAMBARA_PEOPLE)])
def test_fulani_bands_disarm_under_either_agreement_of_their_cercle_and_once_a_week(others: tuple[int, ...]) -> None:
    mopti = CERCLES.index("Mopti")
    simulation = Simulation(arm(disarmament_per_month=5000.0), quiet())
    for other in others:
        q = simulation.world.pairs[pair_of(mopti, other, FULANI_PEOPLE)]
        q.held, q.since, q.until = 1, FIRST, FIRST + 1000
    m = simulation.world.militias
    simulation.advance(WEEK)
    may = (m["cercle"] == mopti) & (m["jihadist"] == 0) & np.isin(m["community"], (*others, FULANI_PEOPLE))
    assert m["disarmed"][may] == pytest.approx(MOST_A_WEEK * m["strength_start"][may])
    assert not m["disarmed"][~may].any()
    assert set(m["community"][may].tolist()) == {*others, FULANI_PEOPLE}


# --- services -----------------------------------------------------------------------------------------------------


def army_presence(simulation: Simulation, day: int, half_life: float) -> NDArray[np.float64]:
    """Presence of national forces at each village."""
    cells = simulation.world.cells
    faded = cells["army_trace"] * 0.5 ** ((day - cells["army_trace_day"]) / half_life)
    present: NDArray[np.float64] = -np.expm1(-(cells["army_held"] + faded) * UNIT)
    return present[simulation.world.villages["cell"]]


def test_services_return_to_the_largest_calm_villages_under_national_forces() -> None:
    q = inert(displacement_below=0.3, escorts_per_police_unit=60.0, calm_days=90.0)
    simulation = Simulation(arm(services_per_month=30.0), q, seed=2)
    villages = simulation.world.villages
    attacked = np.full(villages.size, -1)
    returned = passed_over = events = logged = 0
    for day in day_by_day(simulation, YEAR):
        log = rows(simulation, SERVICES_RETURNED)
        new, logged = log[logged:], log.size
        for e in used(simulation, "events")[events:]:
            if e.village >= 0 and e.outcome != PREVENTED:
                attacked[e.village] = day
        events = used(simulation, "events").size
        if day % WEEK:
            assert new.size == 0
            continue
        fit = (attacked < 0) | (day - attacked >= 90)
        presence = army_presence(simulation, day, q.patrol_effect_days)
        fit &= presence >= 0.3
        chosen = new["unit"]
        assert fit[chosen].all()
        assert np.array_equal(new["amount"], villages["population"][chosen])
        # The largest first, and none that is larger is left out.
        left = fit & (villages["served"] == 0)
        assert (np.diff(new["amount"]) <= 0).all()
        if new.size and left.any():
            assert villages["population"][left].max() <= new["amount"].min()
        passed_over += int((~fit & (villages["served"] == 0) & (villages["population"] > 2000)).any())
        returned += new.size
    assert returned > 200
    assert passed_over > 10


@cache
def contested() -> tuple[Simulation, Table]:
    """Services return while attacks go on; and the served villages on each day."""
    q = inert(flee_share=0.0)
    candidates = times(q.rates.candidates, 5.0)
    busy = with_rates(q, candidates=candidates, abuse=times(q.rates.abuse, 5.0))
    simulation = Simulation(arm(services_per_month=60.0), busy, seed=3)
    served = []
    for _ in day_by_day(simulation, YEAR):
        served.append(simulation.world.villages["served"].copy())
        people = np.bincount(
            simulation.world.villages["cercle"],
            weights=simulation.world.villages["population"] * simulation.world.villages["served"],
            minlength=15,
        )
        assert np.array_equal(people, simulation.world.cercles["served_people"])
    return simulation, np.array(served)


def test_the_daily_total_counts_villages_served() -> None:
    simulation, served = contested()
    assert np.array_equal(used(simulation, "days")["served"], served.sum(axis=1))
    assert served[-1].sum() == simulation.world.state[0].served_villages > 50


def test_services_leave_a_village_when_it_is_attacked() -> None:
    simulation, served = contested()
    events = used(simulation, "events")
    attacks = events[(events["action"] == ON_VILLAGE) & (events["outcome"] != PREVENTED)]
    expected = [
        (int(e.day), int(e.village))
        for e in attacks
        if e.day > FIRST and served[e.day - FIRST - 1, e.village]
    ]  # fmt: skip
    lost = rows(simulation, SERVICES_LOST)
    assert [(int(o.day), int(o.unit)) for o in lost] == list(dict.fromkeys(expected))
    assert lost.size > 20
    assert np.array_equal(lost["amount"], simulation.world.villages["population"][lost["unit"]])
    assert {int(e.actor) for e in attacks if (int(e.day), int(e.village)) in set(expected)} == {0, 1}
    returned = rows(simulation, SERVICES_RETURNED)
    assert returned.size - lost.size == simulation.world.state[0].served_villages
