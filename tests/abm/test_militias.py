"""Candidate attacks as a branching process: rates, offspring, waits and distances against their closed forms."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from engine import (
    assert_chi_square,
    assert_close_in_law,
    by_bands,
    defaults,
    in_threads,
    inert,
    runs,
    scenario,
)
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from abm.clashes import opposed
from abm.kinds import (
    CIVILIANS_BY_DOGON_DOZO,
    CIVILIANS_BY_FULANI,
    CIVILIANS_BY_JIHADISTS,
    CIVILIANS_BY_UNIDENTIFIED,
    DOGON,
    DOZO,
    FULANI,
    IS_SAHEL,
    JIHADISTS_V_MILITIA,
    KATIBA_MACINA,
    MILITIA_V_MILITIA,
    ON_ARMY,
    ON_JIHADISTS,
    ON_MILITIA,
    ON_VILLAGE,
    PREVENTED,
    STATE_V_JIHADISTS,
)
from abm.militias import (
    RAID_MEMORY,
    army_factor,
    background,
    chance_of_any,
    deterred,
    growth,
    offspring_mass,
    recorded_kind,
    un_factor,
)
from abm.parameters import Parameters
from abm.records import Records
from abm.recruitment import recovered
from abm.simulation import Simulation
from abm.tables import Table, World

YEAR = scenario("history-2020")
FIRST, DAYS = 1095, 366  # 2020 and its length
SEEDS = range(24)
Floats = NDArray[np.float64]

# --- rules --------------------------------------------------------------------------------------------------------


def test_a_background_rate_is_a_product() -> None:
    assert background(0.2, 1.5, 0.8, 0.1, 1.1) == pytest.approx(0.2 * 1.5 * 0.8 * 0.1 * 1.1)


@given(st.floats(1.0, 500.0), st.floats(1.0, 500.0), st.floats(0.0, 1.5))
def test_growth_is_a_power_of_the_change_of_strength(strength: float, start: float, exponent: float) -> None:
    assert growth(strength, start, exponent) == pytest.approx((strength / start) ** exponent)
    assert growth(start, start, exponent) == 1.0
    assert growth(strength, start, 0.0) == 1.0


@given(st.floats(0.0, 10.0), st.floats(0.0, 20.0), st.floats(0.0, 1.0))
def test_perceived_risk_deters_exponentially(rate: float, effect: float, risk: float) -> None:
    assert deterred(rate, effect, risk) == pytest.approx(rate * np.exp(-effect * risk))


@given(st.floats(0.0, 20.0))
def test_the_chance_of_any_is_that_of_a_poisson_process(rate: float) -> None:
    assert chance_of_any(rate) == pytest.approx(1.0 - np.exp(-rate), abs=1e-15)
    assert 0.0 <= chance_of_any(rate) < 1.0 or rate > 30


@given(st.floats(1.0, 50.0), st.integers(0, 500), st.floats(5.0, 1000.0))
def test_losses_are_made_good_by_half_in_a_half_life(strength: float, days: int, half_life: float) -> None:
    missing = 50.0 - recovered(strength, 50.0, 10, 10 + days, half_life)
    assert missing == pytest.approx((50.0 - strength) * 0.5 ** (days / half_life))


@given(st.floats(0.0, 0.99), st.floats(0.3, 60.0))
def test_the_excitation_of_an_attack_sums_to_its_offspring(n: float, half_life: float) -> None:
    # Felt from the next day on: a geometric series.
    ratio = 0.5 ** (1 / half_life)
    days = np.arange(1, int(60 * half_life) + 2)
    assert (offspring_mass(n, ratio) * ratio**days).sum() == pytest.approx(n)


@given(st.floats(0.0, 1.0), st.floats(-0.5, 0.95))
def test_presence_of_the_un_and_of_the_army_takes_its_share_of_attacks(presence: float, effect: float) -> None:
    assert un_factor(presence, effect) == pytest.approx(1 - effect * presence)
    assert army_factor(presence, effect) == pytest.approx(1 - effect * presence)
    assert un_factor(0.0, effect) == army_factor(0.0, effect) == 1.0
    assert un_factor(presence, 0.0) == army_factor(presence, 0.0) == 1.0


KIND_OF = [
    (KATIBA_MACINA, 1, ON_VILLAGE, CIVILIANS_BY_JIHADISTS),
    (IS_SAHEL, 1, ON_VILLAGE, CIVILIANS_BY_JIHADISTS),
    (DOGON, 0, ON_VILLAGE, CIVILIANS_BY_DOGON_DOZO),
    (DOZO, 0, ON_VILLAGE, CIVILIANS_BY_DOGON_DOZO),
    (FULANI, 0, ON_VILLAGE, CIVILIANS_BY_FULANI),
    (KATIBA_MACINA, 1, ON_MILITIA, JIHADISTS_V_MILITIA),
    (DOGON, 0, ON_MILITIA, MILITIA_V_MILITIA),
    (FULANI, 0, ON_MILITIA, MILITIA_V_MILITIA),
    (DOZO, 0, ON_JIHADISTS, JIHADISTS_V_MILITIA),
    (KATIBA_MACINA, 1, ON_ARMY, STATE_V_JIHADISTS),
]


@pytest.mark.parametrize(("faction", "jihadist", "action", "kind"), KIND_OF)
def test_what_is_done_is_recorded_under_its_kind(faction: int, jihadist: int, action: int, kind: int) -> None:
    assert recorded_kind(faction, jihadist, action, 0.6, 0.5) == kind
    # Only attacks on civilians are ever recorded without a perpetrator.
    unidentified = CIVILIANS_BY_UNIDENTIFIED if action == ON_VILLAGE else kind
    assert recorded_kind(faction, jihadist, action, 0.4, 0.5) == unidentified


def test_who_fights_whom() -> None:
    sides = {KATIBA_MACINA: 1, IS_SAHEL: 1, DOGON: 0, DOZO: 0, FULANI: 0}
    fights = {
        (a, b) for a in sides for b in sides if opposed(sides[a], a, sides[b], b, ON_MILITIA)
    }  # fmt: skip
    jihadists = {(k, m) for k in (KATIBA_MACINA, IS_SAHEL) for m in (DOGON, DOZO)}
    assert fights == jihadists | {(FULANI, DOGON), (FULANI, DOZO), (DOGON, FULANI), (DOZO, FULANI)}
    assert all(opposed(0, DOGON, sides[b], b, ON_JIHADISTS) == sides[b] for b in sides)


# --- the hazard by hand -------------------------------------------------------------------------------------------


def background_by_hand(world: World, q: Parameters) -> Floats:
    """Background candidates of each band on each day of 2020: shape (days, bands)."""
    m, rates = world.militias, q.rates
    per_day = np.array(rates.candidates).sum(axis=2)[m["faction"], m["zone"]] / 365.25
    months = world.calendar["month"][FIRST : FIRST + DAYS]
    season: Floats = np.array(rates.season)[m["faction"]][:, months].T
    return season * per_day * m["weight"]


def excitation_by_hand(world: World, q: Parameters, events: Table) -> Floats:
    """What the attacks of earlier days add to each band's rate on each day: shape (days, bands).

    An attack adds n (1 - r) / r in all, r = 2**(-1 / half-life) a day, shared among bands by distance and by their own
    usual rates.
    """
    m, r = world.militias, 0.5 ** (1.0 / q.raid_half_life)
    usual = m["weight"] * np.array(q.rates.candidates).sum(axis=2)[m["faction"], m["zone"]]
    felt, now = np.zeros((DAYS + 1, m.size)), np.zeros(m.size)
    attacks = by_bands(events)
    attacks = attacks[attacks["outcome"] != PREVENTED]
    for day in range(DAYS + 1):
        felt[day] = now
        for e in attacks[attacks["day"] == FIRST + day]:
            kernel = np.exp(-0.5 * ((m["x"] - e.x) ** 2 + (m["y"] - e.y) ** 2) / q.raid_km**2) * usual
            for mine, n in ((m["faction"] == e.faction, q.n_same), (m["faction"] != e.faction, q.n_cross)):
                if kernel[mine].sum() > 0:
                    now = now + n * (1.0 - r) / r * kernel * mine / kernel[mine].sum()
        now = now * r
    return felt


@lru_cache(maxsize=1)
def world() -> World:
    """The first day of 2020 with inert parameters."""
    return Simulation(YEAR, inert()).world


@lru_cache(maxsize=1)
def independent() -> list[Records]:
    """Runs in which no attack depends on another."""
    return runs(YEAR, inert(), SEEDS)


SERIES = {"n_same": 0.35, "n_cross": 0.1, "raid_half_life": 1.5, "raid_km": 15.0}


@lru_cache(maxsize=1)
def series() -> list[tuple[Records, Floats]]:
    """Runs with raid series, and each band's excitation as the engine keeps it on the day after the last."""

    def run(seed: int) -> tuple[Records, Floats]:
        simulation = Simulation(YEAR, inert(**SERIES), seed=seed)
        simulation.advance(DAYS)
        m = simulation.world.militias
        left = m["excitation"] * 0.5 ** ((simulation.day - m["excitation_day"]) / SERIES["raid_half_life"])
        return simulation.records(), left

    return in_threads(run, SEEDS)


def test_every_recorded_level_of_violence_has_bands_to_make_it() -> None:
    # Weights of a faction's bands in a zone share out its rate: all of it, neither more nor less.
    m, rates = world().militias, np.array(defaults().rates.candidates).sum(axis=2)
    for faction, zone in np.ndindex(rates.shape):
        here = (m["faction"] == faction) & (m["zone"] == zone)
        assert m["weight"][here].sum() == pytest.approx(1.0 if rates[faction, zone] > 0 else float(here.any()))


@pytest.mark.statistical
def test_without_excitation_attacks_are_poisson_with_the_rates_of_the_table() -> None:
    # A sum of independent band-days: mean and variance are known exactly, and are Poisson's but for the few days on
    # which one band would have attacked twice.
    chances = 1.0 - np.exp(-background_by_hand(world(), inert()))
    mean, variance = chances.sum(), (chances * (1.0 - chances)).sum()
    assert mean == pytest.approx(np.array(defaults().rates.candidates).sum(), rel=0.03)
    assert variance == pytest.approx(mean, rel=0.05)
    counts = np.array([by_bands(r.events).size for r in independent()])
    assert_close_in_law(counts.sum(), counts.size * mean, counts.size * variance)
    assert_chi_square(float(((counts - mean) ** 2).sum() / variance), counts.size)


@pytest.mark.statistical
def test_every_faction_zone_action_and_month_has_its_share() -> None:
    chances = 1.0 - np.exp(-background_by_hand(world(), inert()))
    rates = np.array(defaults().rates.candidates)
    m = world().militias
    months = world().calendar["month"][FIRST : FIRST + DAYS]
    events = np.concatenate([by_bands(r.events) for r in independent()])
    zone = m["zone"][events["perpetrator"]]
    expected, observed = [], []
    for faction, z, action in np.argwhere(rates > 0.5):
        mine = (m["faction"] == faction) & (m["zone"] == z)
        share = rates[faction, z, action] / rates[faction, z].sum()
        expected.append(len(SEEDS) * share * chances[:, mine].sum())
        observed.append(int(((events["faction"] == faction) & (zone == z) & (events["action"] == action)).sum()))
    assert len(expected) > 20
    # Each count is nearly Poisson about its own mean: as many degrees of freedom as counts.
    assert_chi_square(float(((np.array(observed) - expected) ** 2 / expected).sum()), len(expected))
    by_month = np.array([chances[months == month].sum() for month in range(12)]) * len(SEEDS)
    month = world().calendar["month"][events["day"]]
    assert_chi_square(float(((np.bincount(month, minlength=12) - by_month) ** 2 / by_month).sum()), 12)


@pytest.mark.statistical
def test_bands_attack_independently_of_each_other_and_of_the_day_before() -> None:
    # Under independence the attacks of a band on days next to each other are a sum of products of chances.
    chances = 1.0 - np.exp(-background_by_hand(world(), inert()))
    pairs = (chances[:-1] * chances[1:]).sum() * len(SEEDS)
    observed = 0
    for r in independent():
        made = np.zeros((DAYS, world().militias.size), bool)
        e = by_bands(r.events)
        made[e["day"] - FIRST, e["perpetrator"]] = True
        assert made.sum() == e.size  # at most one attack a day
        observed += int((made[:-1] & made[1:]).sum())
    assert_close_in_law(observed, pairs, pairs * 1.2)  # a sum of rare products: nearly Poisson


# --- raid series --------------------------------------------------------------------------------------------------


def test_the_engines_excitation_is_that_of_the_log() -> None:
    # To the last digits: the sum over all realised attacks of all days is what each band still feels.
    for records, left in series()[:3]:
        by_hand = excitation_by_hand(world(), inert(**SERIES), records.events)[-1]
        assert by_hand.max() > 1e-3
        assert left == pytest.approx(by_hand, rel=1e-9, abs=1e-15)


@pytest.mark.statistical
def test_attacks_have_as_many_offspring_as_declared() -> None:
    # Compensators of the counting processes: chances of background and of raid series on every band-day of the log.
    candidates = offspring = expected = expected_offspring = variance = 0.0
    realised = 0
    background_rate = background_by_hand(world(), inert())
    for records, _ in series()[:12]:
        felt = excitation_by_hand(world(), inert(**SERIES), records.events)[:-1]
        chances = 1.0 - np.exp(-(background_rate + felt))
        e = by_bands(records.events)
        candidates += e.size
        offspring += int((e["parent"] >= 0).sum())
        expected += chances.sum()
        expected_offspring += (chances * felt / (background_rate + felt)).sum()
        variance += (chances * (1 - chances)).sum()
        realised += e.size
    assert_close_in_law(candidates, expected, variance)
    assert_close_in_law(offspring, expected_offspring, expected_offspring)
    # And so the parameter means what it says, but for band-days that would have held two attacks and for series cut
    # short by the end of the year: a few per cent.
    n = SERIES["n_same"] + SERIES["n_cross"]
    assert offspring / realised == pytest.approx(n, rel=0.06)


@pytest.mark.statistical
def test_series_multiply_the_background_by_the_geometric_series() -> None:
    # Attempts = background / (1 - n); saturation of a few near bands takes a little off.
    n = SERIES["n_same"] + SERIES["n_cross"]
    mean = np.mean([by_bands(r.events).size for r, _ in series()])
    independent_mean = np.mean([by_bands(r.events).size for r in independent()])
    assert mean / independent_mean == pytest.approx(1.0 / (1.0 - n), rel=0.08)


def test_parents_are_earlier_realised_attacks_and_generations_count() -> None:
    for records, _ in series()[:10]:
        events = records.events
        child = events[(events["parent"] >= 0)]
        parent = events[child["parent"]]
        assert child.size > 50
        assert (child["generation"] == parent["generation"] + 1).all()
        assert (parent["day"] < child["day"]).all()
        assert (child["day"] - parent["day"] <= RAID_MEMORY * SERIES["raid_half_life"]).all()
        assert (events["generation"][events["parent"] < 0] == 0).all()


@pytest.mark.statistical
def test_offspring_are_of_the_same_faction_in_the_declared_proportion() -> None:
    same = other = 0
    for records, _ in series():
        events = records.events
        child = by_bands(events)[by_bands(events)["parent"] >= 0]
        equal = events["faction"][child["parent"]] == child["faction"]
        same, other = same + int(equal.sum()), other + int((~equal).sum())
    share = SERIES["n_same"] / (SERIES["n_same"] + SERIES["n_cross"])
    # A little off, where no other faction is near or a lone near band saturates.
    assert same / (same + other) == pytest.approx(share, abs=0.03)


@pytest.mark.statistical
def test_offspring_come_after_geometric_waits() -> None:
    # P(k days later) is in proportion to r**k, k = 1, 2, ...: half-lives as declared.
    waits = np.concatenate(
        [e["day"] - r.events["day"][e["parent"]] for r, _ in series() for e in [r.events[r.events["parent"] >= 0]]]
    )
    r, last = 0.5 ** (1 / SERIES["raid_half_life"]), 12
    shares = (1 - r) * r ** np.arange(last)
    shares = np.append(shares[:-1], 1 - shares[:-1].sum())
    counts = np.bincount(np.minimum(waits, last), minlength=last + 1)[1:]
    # The first days saturate by a few per cent; beside that the law holds.
    assert counts / waits.size == pytest.approx(shares, rel=0.08, abs=0.004)
    assert waits.mean() == pytest.approx(1 / (1 - r), rel=0.04)


@pytest.mark.statistical
@pytest.mark.parametrize("km", [4.0, 12.0, 40.0])
def test_series_keep_to_their_distance(km: float) -> None:
    # Two Gaussians of this scale, of the band's home and of its target, would give a root mean square of at most 2 km
    # times the scale; villages and bands are where they are, so wide kernels fall short of it.
    records = runs(YEAR, inert(n_same=0.4, raid_km=km), range(8))
    squares = []
    for r in records:
        child = r.events[r.events["parent"] >= 0]
        parent = r.events[child["parent"]]
        on_village = (child["village"] >= 0) & (parent["village"] >= 0)
        squares.append(((child["x"] - parent["x"]) ** 2 + (child["y"] - parent["y"]) ** 2)[on_village])
    distance = float(np.sqrt(np.concatenate(squares).mean()))
    low, high = {4.0: (2.0, 8.0), 12.0: (10.0, 20.0), 40.0: (25.0, 60.0)}[km]
    assert low < distance < high
