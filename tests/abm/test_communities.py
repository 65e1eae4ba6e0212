"""Communities: pairs, grievances and agreements, against the log and closed forms."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest
from engine import assert_close_in_law, by_bands, inert, scenario, times, used, with_rates
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from abm.calendar import day_of
from abm.communities import (
    BAMBARA_PEOPLE,
    DOGON_PEOPLE,
    FULANI_PEOPLE,
    NO_PAIR,
    binds,
    is_intercommunal,
    not_held_back,
    pair_of,
)
from abm.geography import CERCLES, COMMUNITIES
from abm.history import recorded_before
from abm.kinds import INTERCOMMUNAL_KINDS, ON_ARMY, ON_JIHADISTS, ON_MILITIA, ON_VILLAGE, PREVENTED
from abm.parameters import Parameters
from abm.randomness import AGREEMENT, uniform
from abm.simulation import Simulation
from abm.social_world import dogon_part, pairs_table
from abm.tables import AGREEMENT_BROKEN, Table, World
from calibration import recorded

SMALL = scenario().changed(world={"cercles": ("Bandiagara", "Bankass", "Koro", "Mopti")})
YEAR = 365
FOR_EVER = 1 << 40
Array = NDArray[np.float64]

# --- rules --------------------------------------------------------------------------------------------------------


@given(st.integers(0, 14), st.integers(-1, 5), st.integers(-1, 5))
def test_a_pair_is_the_same_whoever_is_named_first(cercle: int, a: int, b: int) -> None:
    row = pair_of(cercle, a, b)
    assert row == pair_of(cercle, b, a)
    of_fulani = {a, b} in ({DOGON_PEOPLE, FULANI_PEOPLE}, {BAMBARA_PEOPLE, FULANI_PEOPLE})
    assert (row != NO_PAIR) == of_fulani


def test_every_pair_of_every_cercle_has_a_row_of_its_own() -> None:
    rows = [pair_of(cercle, first, FULANI_PEOPLE) for cercle in range(15) for first in (DOGON_PEOPLE, BAMBARA_PEOPLE)]
    assert rows == list(range(30))
    assert (COMMUNITIES[DOGON_PEOPLE], COMMUNITIES[FULANI_PEOPLE]) == ("dogon", "fulani")


@given(st.floats(0.0, 1.0))
def test_an_agreement_holds_back_its_share(effect: float) -> None:
    assert not_held_back(0, effect) == 1.0
    assert not_held_back(1, effect) == 1.0 - effect


def test_agreements_bind_militias_that_answer_to_their_community() -> None:
    assert [binds(jihadist, aligned) for jihadist in (0, 1) for aligned in (0, 1)] == [True, False, False, False]
    assert [is_intercommunal(a) for a in (ON_VILLAGE, ON_MILITIA, ON_JIHADISTS, ON_ARMY)] == [True, True, False, False]


# --- the first day ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [date(2018, 7, 1), date(2020, 1, 1), date(2021, 1, 1)])
def test_all_recorded_intercommunal_attacks_of_the_last_year_are_remembered_by_somebody(start: date) -> None:
    pairs = pairs_table(start, 120.0, 0.5)
    remembered = np.bincount(pairs["cercle"], weights=pairs["first_usual"] + pairs["second_usual"])
    events = recorded_before(start, months=12, kinds=INTERCOMMUNAL_KINDS)
    assert remembered == pytest.approx(events / 365.25 * 120.0 / np.log(2.0))
    assert events.sum() > 30


def test_grievance_is_about_the_attacks_of_the_other_side() -> None:
    pairs = pairs_table(date(2021, 1, 1), 180.0, 0.5)
    memory = 180.0 / np.log(2.0) / 365.25
    by_others, by_fulani, clashes = (
        recorded_before(date(2021, 1, 1), months=12, kinds=(kind,)) for kind in INTERCOMMUNAL_KINDS
    )
    koro = CERCLES.index("Koro")
    dogon, bambara = pairs[pair_of(koro, DOGON_PEOPLE, FULANI_PEOPLE)], pairs[pair_of(koro, BAMBARA_PEOPLE, 1)]
    assert dogon.first_usual == pytest.approx(memory * (by_fulani[koro] + clashes[koro] / 2))
    assert dogon.second_usual == pytest.approx(memory * (by_others[koro] + clashes[koro] / 2))
    assert bambara.first_usual == bambara.second_usual == 0.0
    mopti = CERCLES.index("Mopti")
    both = [pairs[pair_of(mopti, other, FULANI_PEOPLE)].second_usual for other in (DOGON_PEOPLE, BAMBARA_PEOPLE)]
    assert both == pytest.approx([memory * (by_others[mopti] + clashes[mopti] / 2) / 2] * 2)


def test_the_mapping_of_recorded_kinds_is_that_of_the_fit() -> None:
    assert [dogon_part(name) for name in CERCLES] == [recorded.dogon_part(name) for name in CERCLES]


def test_nobody_agrees_on_the_first_day_and_grievance_is_the_usual_one() -> None:
    pairs = pairs_table(date(2021, 1, 1), 180.0, 0.5)
    assert np.array_equal(pairs["id"], np.arange(30))
    assert not pairs["held"].any()
    for side in ("first", "second"):
        assert np.array_equal(pairs[f"{side}_grievance"], pairs[f"{side}_usual"])
        assert (pairs[f"{side}_day"] == day_of(date(2021, 1, 1))).all()
    later, last = (pairs_table(date(year, 1, 1), 180.0, 0.5) for year in (2026, 2021))
    assert np.array_equal(later["first_usual"], last["first_usual"])  # the record ends with 2020
    assert pairs_table(date(2017, 1, 1), 180.0, 0.5)["second_usual"].sum() == 0.0  # and begins with 2017


# --- in a run -----------------------------------------------------------------------------------------------------


def of_actions(parameters: Parameters, *actions: int, factor: float = 1.0) -> Parameters:
    """Bands attempt these actions only, `factor` times as often; national forces meet and abuse nobody."""
    r = parameters.rates
    candidates = tuple(
        tuple(tuple(factor * v * (a in actions) for a, v in enumerate(by_action)) for by_action in by_zone)
        for by_zone in r.candidates
    )
    nothing = {name: times(getattr(r, name), 0.0) for name in ("contact_jihadists", "contact_militia", "abuse")}
    return with_rates(parameters, candidates=candidates, **nothing)


def calm(**changes: Any) -> Parameters:
    """Attacks depend on nothing but what a test changes; nobody warns or protects."""
    return inert(**{"p_warning": 0.0, "militia_protection": 0.0, "recruit_abuse": 0.0, **changes})


def agreed(simulation: Simulation, *pairs: int) -> None:
    """Doctor a world: some pairs, or all of them, have agreed for ever."""
    rows = list(pairs) or slice(None)
    table = simulation.world.pairs
    table["held"][rows], table["since"][rows], table["until"][rows] = 1, simulation.day, FOR_EVER


def pairs_of(world: World, events: Table) -> NDArray[np.int64]:
    """Pair between whose communities an event is an attack, -1 where it is none."""
    found = np.full(events.size, NO_PAIR)
    for row, e in enumerate(events):
        m = world.militias[e.perpetrator]
        if e.village >= 0 and is_intercommunal(e.action) and binds(m.jihadist, m.aligned):
            found[row] = pair_of(int(e.cercle), int(m.community), int(e.community))
    return found


def run(parameters: Parameters, seed: int = 0, days: int = YEAR, agree: tuple[int, ...] | None = None) -> Simulation:
    simulation = Simulation(SMALL, parameters, seed=seed)
    if agree is not None:
        agreed(simulation, *agree)
    simulation.advance(days)
    return simulation


@cache
def with_agreements() -> tuple[Simulation, ...]:
    """Everybody agrees for ever, and militias try only to attack each other's people."""
    q = of_actions(calm(agreement_effect=0.6, break_chance=0.0), ON_VILLAGE, ON_MILITIA, ON_JIHADISTS, factor=3.0)
    return tuple(run(q, seed, agree=()) for seed in range(3))


def test_agreements_hold_back_attacks_on_the_other_community_and_nothing_else() -> None:
    held_back = 0
    for simulation in with_agreements():
        events = by_bands(used(simulation, "events"))
        # Those tried elsewhere keep the chance of the place they were first aimed at; here nobody is.
        concerned = pairs_of(simulation.world, events) != NO_PAIR
        assert np.array_equal(events["stands"], np.where(concerned, 1.0 - 0.6, 1.0))
        assert (events["outcome"][~concerned] != PREVENTED).all()
        held_back += int(concerned.sum())
        assert (~concerned).sum() > 100
    assert held_back > 200


@pytest.mark.statistical
def test_agreements_prevent_the_declared_share() -> None:
    n = prevented = 0
    for simulation in with_agreements():
        events = by_bands(used(simulation, "events"))
        events = events[pairs_of(simulation.world, events) != NO_PAIR]
        n, prevented = n + events.size, prevented + int((events["outcome"] == PREVENTED).sum())
    assert_close_in_law(prevented, 0.6 * n, 0.24 * n)


def test_an_agreement_holds_for_its_own_pair_and_cercle() -> None:
    q = of_actions(calm(agreement_effect=1.0, break_chance=0.0), ON_VILLAGE, ON_MILITIA, factor=3.0)
    koro = pair_of(CERCLES.index("Koro"), DOGON_PEOPLE, FULANI_PEOPLE)
    simulation = run(q, agree=(koro,))
    events = by_bands(used(simulation, "events"))
    concerned = pairs_of(simulation.world, events) == koro
    assert np.array_equal(events["outcome"] == PREVENTED, concerned)
    assert concerned.sum() > 20


def test_agreements_without_effect_change_nothing_to_the_bit() -> None:
    q = inert(agreement_effect=0.0, break_chance=0.0, n_same=0.3, delta_un=0.3, slow_grievance=0.2)
    free, bound = run(q, 4), run(q, 4, agree=())
    for log in ("events", "cases"):
        assert used(free, log).tobytes() == used(bound, log).tobytes()
    for table in ("villages", "militias", "national_forces", "un_units", "cells"):
        assert getattr(free.world, table).tobytes() == getattr(bound.world, table).tobytes()
    assert used(free, "events").size > 100


# --- grievance ----------------------------------------------------------------------------------------------------


def grievances(pairs: Table, day: int, half_life: float) -> Array:
    """What each pair's communities hold against each other at a day, shape (30, 2)."""
    return np.stack(
        [pairs[f"{s}_grievance"] * 0.5 ** ((day - pairs[f"{s}_day"]) / half_life) for s in ("first", "second")], axis=1
    )


def test_grievances_are_those_of_the_log() -> None:
    q = calm(grievance_half_life=60.0, n_same=0.3)
    first = pairs_table(SMALL.start, 60.0, 0.5)
    simulation = run(q, 1)
    expected = grievances(first, simulation.day, 60.0)
    events = by_bands(used(simulation, "events"))
    counted = 0
    for pair, e in zip(pairs_of(simulation.world, events), events, strict=True):
        if pair != NO_PAIR and e.outcome != PREVENTED:
            side = int(e.community != first[pair].first)
            expected[pair, side] += 0.5 ** ((simulation.day - e.day) / 60.0)
            counted += 1
    assert counted > 50
    assert grievances(simulation.world.pairs, simulation.day, 60.0) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_grievance_stays_about_what_is_usual() -> None:
    # The usual grievance counts recorded attacks, the model's those on villages of the other community: by the end of
    # 2020 both must tell the same, so that the reference does not drift away from what the model brings about.
    first, recorded_2020 = (pairs_table(date(year, 1, 1), 180.0, 0.5) for year in (2020, 2021))
    left = 0.5 ** (366 / 180.0)
    expected = left * grievances(first, day_of(date(2020, 1, 1)), 180.0).sum()
    expected += (1.0 - left) * grievances(recorded_2020, day_of(date(2021, 1, 1)), 180.0).sum()
    at_the_end = []
    for seed in range(8):
        simulation = Simulation(scenario("history-2020").changed(world={"seed": seed}), seed=seed)
        simulation.advance(366)
        at_the_end.append(grievances(simulation.world.pairs, simulation.day, 180.0).sum())
    assert np.mean(at_the_end) == pytest.approx(expected, rel=0.25)


def aggrieved(simulation: Simulation, factor: float) -> Simulation:
    for side in ("first", "second"):
        simulation.world.pairs[f"{side}_grievance"] = factor * simulation.world.pairs[f"{side}_usual"]
    return simulation


def test_grievance_without_effect_changes_nothing_to_the_bit() -> None:
    q = inert(slow_grievance=0.0, n_same=0.3)
    usual, angry = Simulation(SMALL, q, seed=3), aggrieved(Simulation(SMALL, q, seed=3), 50.0)
    for simulation in (usual, angry):
        simulation.advance(YEAR)
    assert used(usual, "events").tobytes() == used(angry, "events").tobytes()


def remembers(world: World) -> NDArray[np.bool_]:
    """Self-defence bands whose community has something to remember at home on the first day."""
    found = np.zeros(world.militias.size, bool)
    for row, m in enumerate(world.militias):
        for q in world.pairs[world.pairs["cercle"] == m.cercle]:
            usual = {q.first: q.first_usual, q.second: q.second_usual}.get(m.community, 0.0)
            found[row] |= usual > 0.1 and m.jihadist == 0
    return found


def attempts(simulation: Simulation) -> set[tuple[int, int]]:
    """Band and day of every candidate attack in a year."""
    simulation.advance(YEAR)
    events = by_bands(used(simulation, "events"))
    return set(zip(events["perpetrator"].tolist(), events["day"].tolist(), strict=True))


@pytest.mark.statistical
def test_grievance_raises_the_rates_of_militias_three_times_at_most() -> None:
    q = of_actions(calm(slow_grievance=1.0, grievance_half_life=3650.0), ON_VILLAGE)
    simulation = aggrieved(Simulation(SMALL, q, seed=5), 1000.0)
    angry = remembers(simulation.world)
    assert 0 < angry.sum() < angry.size
    many = attempts(simulation)
    few = attempts(Simulation(SMALL, q.changed(slow_grievance=0.0), seed=5))
    assert few <= many  # whoever attacks on a day without grievance does so with it
    n, n_angry = (sum(angry[band] for band, _ in keys) for keys in (few, many))
    assert n > 50
    assert_close_in_law(n_angry - 3 * n, 0.0, 3 * n + 9 * n)
    # The others change a little, by the grievance of new attacks in cercles that had none: never jihadists.
    jihadist = simulation.world.militias["jihadist"]
    assert not any(jihadist[band] for band, _ in many - few)


# --- breaking -----------------------------------------------------------------------------------------------------


def disarmed(simulation: Simulation, fighters: float) -> None:
    """Doctor a world: every band has laid down some arms."""
    m = simulation.world.militias
    m["disarmed"] = np.minimum(fighters, m["strength_start"] - 1.0)
    m["strength"] = m["strength_start"] - m["disarmed"]


def broken(simulation: Simulation) -> Table:
    operations = used(simulation, "operations")
    return operations[operations["what"] == AGREEMENT_BROKEN]


def test_agreements_break_with_their_draw_at_the_first_attack_it_falls_on() -> None:
    chance = 0.3
    q = of_actions(calm(agreement_effect=0.2, break_chance=chance), ON_VILLAGE, ON_MILITIA, factor=2.0)
    simulation = run(q, 6, agree=())
    events = by_bands(used(simulation, "events"))
    m = simulation.world.militias
    expected: dict[int, tuple[int, int]] = {}
    for pair, e in zip(pairs_of(simulation.world, events).tolist(), events, strict=True):
        if pair == NO_PAIR or e.outcome == PREVENTED or pair in expected:
            continue
        if uniform(6, AGREEMENT, int(m["id"][e.perpetrator]), int(e.day), 0) < chance:
            expected[pair] = int(e.day), int(e.cell)
    assert len(expected) >= 4
    logged = {int(o.unit): (int(o.day), int(o.cell)) for o in broken(simulation)}
    assert logged == expected
    assert np.array_equal(broken(simulation)["amount"], broken(simulation)["day"] - simulation.first_day)
    pairs = simulation.world.pairs
    assert np.array_equal(np.flatnonzero(pairs["held"] == 0), sorted(expected))
    assert np.array_equal(pairs["broken"], 1 - pairs["held"])


def test_when_an_agreement_breaks_some_of_the_disarmed_take_up_arms_again() -> None:
    q = of_actions(calm(agreement_effect=0.0, break_chance=1.0, rearm_share=0.25, fulani_overlap=0.3), ON_VILLAGE)
    simulation = Simulation(SMALL, q, seed=7)
    agreed(simulation)
    disarmed(simulation, 8.0)
    m, pairs = simulation.world.militias, simulation.world.pairs
    before = m["disarmed"].copy()
    simulation.advance(YEAR)
    breaks = np.zeros(m.size, np.int64)
    for pair in pairs[pairs["broken"] > 0]:
        of_the_two = (m["community"] == pair.first) | (m["community"] == pair.second)
        breaks += (m["cercle"] == pair.cercle) & of_the_two & (m["jihadist"] == 0) & (m["aligned"] == 0)
    assert m["disarmed"] == pytest.approx(before * 0.75**breaks)
    # Nobody has died: whoever is not disarmed bears arms.
    assert m["strength"] + m["disarmed"] == pytest.approx(m["strength_start"])
    assert {0, 1, 2} <= set(breaks.tolist())
    assert (m["aligned"] == 1).any()
