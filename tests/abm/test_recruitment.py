"""Strength of bands: what it tends to and how fast, abuses that bring recruits after a lag, services that take them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from engine import day_by_day, defaults, inert, scenario, silent, times, used, with_rates
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from abm.geography import CERCLES
from abm.history import recorded_before
from abm.kinds import BAND, NATIONAL_FORCES, ON_JIHADISTS, ON_VILLAGE, PREVENTED, REALISED
from abm.parameters import Parameters
from abm.recruitment import (
    LARGEST_CHANGE,
    bounded_growth,
    full_with,
    is_abuse,
    left_with_services,
    recovered,
)
from abm.simulation import Simulation
from abm.social_world import cercles_table, usual_abuses
from abm.tables import Table

SMALL = scenario().changed(world={"cercles": ("Bandiagara", "Koro", "Mopti")})
KORO, MOPTI = CERCLES.index("Koro"), CERCLES.index("Mopti")
WEEK, YEAR = 7, 365
Array = NDArray[np.float64]

# --- rules --------------------------------------------------------------------------------------------------------


@given(st.floats(-0.5, 0.5), st.floats(-1e4, 1e4))
def test_growth_is_exponential_within_its_bounds(effect: float, excess: float) -> None:
    growth = bounded_growth(effect, excess)
    assert 1 - 1e-12 <= growth * LARGEST_CHANGE <= LARGEST_CHANGE * LARGEST_CHANGE + 1e-12
    assert growth == pytest.approx(np.clip(np.exp(np.clip(effect * excess, -9, 9)), 1 / LARGEST_CHANGE, LARGEST_CHANGE))
    assert bounded_growth(0.0, excess) == bounded_growth(effect, 0.0) == 1.0


@given(st.floats(0.0, 1.0), st.integers(0, 500_000), st.integers(1, 500_000))
def test_services_shrink_bands_by_the_share_of_people_they_reach(effect: float, served: int, people: int) -> None:
    served = min(served, people)
    left = left_with_services(effect, served, people)
    assert left == pytest.approx(1 - effect * served / people)
    assert 0.0 <= left <= 1.0
    assert left_with_services(effect, 0, people) == left_with_services(0.0, served, people) == 1.0


def test_a_cercle_outside_the_world_has_no_people_to_serve() -> None:
    assert left_with_services(0.5, 0, 0) == 1.0


@given(st.floats(1.0, 500.0), st.floats(1 / 3, 3.0), st.floats(0.5, 1.0), st.floats(0.0, 400.0))
def test_full_strength_is_never_below_one_and_unchanged_where_nothing_is(
    start: float, recruits: float, services: float, disarmed: float
) -> None:
    assert full_with(start, recruits, services, disarmed) == max(1.0, start * recruits * services - disarmed)
    assert full_with(start, 1.0, 1.0, 0.0) == start


@given(st.floats(1.0, 50.0), st.floats(1.0, 50.0), st.integers(0, 500), st.floats(5.0, 1000.0))
def test_half_of_what_is_missing_or_too_much_goes_in_a_half_life(
    strength: float, full: float, days: int, half_life: float
) -> None:
    after = recovered(strength, full, 10, 10 + days, half_life)
    assert full - after == pytest.approx((full - strength) * 0.5 ** (days / half_life))
    assert recovered(full, full, 10, 10 + days, half_life) == full


def test_abuses_are_attacks_of_national_forces_on_villages_that_happened() -> None:
    assert is_abuse(NATIONAL_FORCES, ON_VILLAGE, REALISED)
    assert not is_abuse(BAND, ON_VILLAGE, REALISED)
    assert not is_abuse(NATIONAL_FORCES, ON_JIHADISTS, REALISED)
    assert not is_abuse(NATIONAL_FORCES, ON_VILLAGE, PREVENTED)


# --- the first day ------------------------------------------------------------------------------------------------


def test_cercles_know_their_people_and_the_abuses_that_are_usual() -> None:
    villages = Simulation(SMALL).world.villages
    usual = usual_abuses(defaults().rates)
    table = cercles_table(SMALL.start, 90.0, villages, usual, 60.0)
    people = [int(villages["population"][villages["cercle"] == cercle].sum()) for cercle in range(len(CERCLES))]
    assert table["people"].tolist() == people
    assert people[KORO] > 0
    assert people[CERCLES.index("Niono")] == 0
    assert table["abuses_usual"] == pytest.approx(usual / 365.25 * 90.0 / np.log(2.0))
    assert np.array_equal(table["abuses"], table["abuses_usual"])
    recorded = recorded_before(SMALL.start, months=12, kinds=("civilians_by_state_or_external",))
    assert usual.sum() == pytest.approx(recorded.sum())
    assert recorded.sum() > 20
    # What was done in the two months before the start is still to be felt: the memory fades from then on.
    assert np.array_equal(
        table["abuses_day"] - cercles_table(SMALL.start, 90.0, villages, usual)["abuses_day"], [60] * 15
    )


# --- in a run -----------------------------------------------------------------------------------------------------


def quiet(**changes: Any) -> Parameters:
    """Nobody attacks, meets or abuses anybody."""
    return silent(inert(**changes))


def forgotten(simulation: Simulation, usual: float = 0.0) -> None:
    """Doctor a world: so many abuses are usual everywhere, and none is remembered but these."""
    simulation.world.cercles["abuses"] = simulation.world.cercles["abuses_usual"] = usual


def abused(simulation: Simulation, cercle: int) -> None:
    """Doctor a world: national forces committed an abuse on the first day."""
    e = simulation.world.events[0]
    e.day, e.actor, e.action, e.outcome, e.cercle = simulation.day, NATIONAL_FORCES, ON_VILLAGE, REALISED, cercle
    simulation.world.state["n_events"] = 1


def change(m: Table) -> Array:
    grown: Array = m["strength"] / m["strength_start"]
    return grown


def test_where_nothing_happens_no_strength_moves_by_a_bit() -> None:
    simulation = Simulation(SMALL, quiet(recruit_abuse=0.5, services_effect=1.0, recruit_half_life=30.0))
    forgotten(simulation)
    simulation.advance(YEAR)
    m = simulation.world.militias
    assert np.array_equal(m["strength"], m["strength_start"])
    assert (m["strength_day"] >= simulation.day - WEEK).all()


LAG = 40


def test_abuses_bring_recruits_after_their_lag() -> None:
    q = quiet(
        recruit_abuse=0.5, recruit_lag_days=LAG + 0.9, recruit_half_life=3650.0, replacement_half_life=50.0,
        fulani_overlap=0.3,
    )  # fmt: skip
    simulation = Simulation(SMALL, q)
    forgotten(simulation)
    abused(simulation, KORO)
    m, first = simulation.world.militias, simulation.day
    recruits = (m["cercle"] == KORO) & ((m["jihadist"] == 1) | (m["aligned"] == 1))
    assert (m["aligned"][recruits] == 1).any()
    assert (m["jihadist"][recruits] == 1).any()
    for day in day_by_day(simulation, LAG + 150):
        assert simulation.world.cercles["abuses"][KORO] == pytest.approx(float(day >= first + LAG), abs=0.05)
        if day <= first + LAG:
            assert np.array_equal(m["strength"], m["strength_start"])
        # Growth starts when the abuse counts, not before: at once it is nothing, after three half-lives 7/8.
        felt = m["strength_day"][recruits][0] - first - LAG
        expected = 1.0 + (np.exp(0.5) - 1.0) * (1.0 - 0.5 ** (max(felt, 0) / 50.0))
        assert change(m)[recruits] == pytest.approx(np.full(recruits.sum(), expected), rel=0.01)
    assert change(m)[recruits].min() > 1.5
    assert np.array_equal(m["strength"][~recruits], m["strength_start"][~recruits])
    assert not np.delete(simulation.world.cercles["abuses"], KORO).any()


def test_fewer_abuses_than_usual_bring_fewer_recruits() -> None:
    simulation = Simulation(SMALL, quiet(recruit_abuse=0.1, recruit_half_life=60.0, replacement_half_life=5.0))
    forgotten(simulation, usual=4.0)
    simulation.advance(2 * YEAR)
    m = simulation.world.militias
    jihadist = m["jihadist"] == 1
    assert change(m)[jihadist] == pytest.approx(np.full(jihadist.sum(), np.exp(-0.4)), rel=0.01)
    assert np.array_equal(m["strength"][~jihadist], m["strength_start"][~jihadist])


@pytest.mark.parametrize(("effect", "bound"), [(0.2, LARGEST_CHANGE), (-0.2, 1 / LARGEST_CHANGE)])
def test_recruits_are_bounded(effect: float, bound: float) -> None:
    simulation = Simulation(SMALL, quiet(recruit_abuse=effect, recruit_half_life=3650.0, replacement_half_life=5.0))
    simulation.world.cercles["abuses"] += 1000.0
    simulation.advance(200)
    m = simulation.world.militias
    assert change(m)[m["jihadist"] == 1] == pytest.approx(np.full((m["jihadist"] == 1).sum(), bound))


def test_remembered_abuses_are_those_of_the_log() -> None:
    half_life, lag = 70.0, 30
    q = defaults().changed(recruit_half_life=half_life, recruit_lag_days=float(lag))
    simulation = Simulation(SMALL, with_rates(q, abuse=times(q.rates.abuse, 5.0)), seed=2)
    start = simulation.world.cercles.copy()
    simulation.advance(YEAR)
    last = simulation.day - 1  # the day on which abuses were counted last
    expected = start["abuses"] * 0.5 ** (np.maximum(last - start["abuses_day"], 0) / half_life)
    counted = 0
    for e in used(simulation, "events"):
        if is_abuse(int(e.actor), int(e.action), int(e.outcome)) and e.day + lag <= last:
            expected[e.cercle] += 0.5 ** ((last - e.day - lag) / half_life)
            counted += 1
    now = simulation.world.cercles
    assert now["abuses"] * 0.5 ** ((last - now["abuses_day"]) / half_life) == pytest.approx(expected)
    assert counted > 10


def test_abuses_without_effect_change_nothing_to_the_bit() -> None:
    q = defaults().changed(recruit_abuse=0.0)
    usual, many = (Simulation(SMALL, q, seed=3) for _ in range(2))
    many.world.cercles["abuses"] += 50.0
    for simulation in (usual, many):
        simulation.advance(YEAR)
    assert used(usual, "events").tobytes() == used(many, "events").tobytes()
    assert usual.world.militias.tobytes() == many.world.militias.tobytes()
    assert used(usual, "events").size > 100


# --- services -----------------------------------------------------------------------------------------------------


def served(simulation: Simulation, cercle: int, share: float) -> None:
    """Doctor a world: services have returned to a share of a cercle's people."""
    row = simulation.world.cercles[cercle]
    row.served_people = int(share * row.people)


def test_services_shrink_all_bands_of_their_cercle_in_the_long_run() -> None:
    simulation = Simulation(SMALL, quiet(services_effect=0.4, recruit_abuse=0.0, replacement_half_life=30.0))
    served(simulation, MOPTI, 0.5)
    simulation.advance(30)
    m = simulation.world.militias
    there = m["cercle"] == MOPTI
    # What was doctored is seen from the first settlement on; then half of the way is gone in a half-life.
    seen = simulation.first_day + -simulation.first_day % WEEK
    share = 1.0 - 0.5 ** ((m["strength_day"][there] - seen) / 30.0)
    assert change(m)[there] == pytest.approx(1.0 - 0.2 * share, abs=1e-4)
    simulation.advance(YEAR)
    assert change(m)[there] == pytest.approx(np.full(there.sum(), 0.8), rel=1e-3)
    assert np.array_equal(m["strength"][~there], m["strength_start"][~there])
    assert set(m["jihadist"][there].tolist()) == {0, 1}


def test_services_without_effect_change_nothing_to_the_bit() -> None:
    q = defaults().changed(services_effect=0.0)
    without, everywhere = (Simulation(SMALL, q, seed=3) for _ in range(2))
    everywhere.world.cercles["served_people"] = everywhere.world.cercles["people"]
    for simulation in (without, everywhere):
        simulation.advance(YEAR)
    assert used(without, "events").tobytes() == used(everywhere, "events").tobytes()
    assert without.world.militias.tobytes() == everywhere.world.militias.tobytes()


# --- losses -------------------------------------------------------------------------------------------------------


def test_losses_are_made_good_and_no_band_vanishes() -> None:
    # The lag is the same whether strengths are settled often or not: half of what is missing in a half-life.
    simulation = Simulation(SMALL, quiet(replacement_half_life=60.0, recruit_abuse=0.0))
    m = simulation.world.militias
    m["strength"] = 1.0
    simulation.advance(60)
    missing = (m["strength_start"] - m["strength"]) / (m["strength_start"] - 1.0)
    assert missing == pytest.approx(0.5 ** ((m["strength_day"] - simulation.first_day) / 60.0))
    hard = defaults().changed(loss_share=1.0, replacement_half_life=1000.0, army_operation_rate=0.5)
    fighting = Simulation(SMALL, hard, seed=1)
    fighting.advance(YEAR)
    m = fighting.world.militias
    assert m["strength"].min() >= 1.0
    assert (m["strength"] < 0.7 * m["strength_start"]).sum() > 10
