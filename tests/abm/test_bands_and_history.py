"""Bands and the memory of the first day: counts, shares and weights against their closed forms."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from engine import FALSE_ALARM, Z_LIMIT, assert_chi_square, assert_close_in_law, defaults, scenario, with_rates
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from abm.bands import (
    DIRICHLET_WEIGHT,
    STRENGTH_LOG_SD,
    Bands,
    bands_by_cercle,
    build_bands,
    drawn_shares,
    largest_remainders,
    weights,
)
from abm.data import read_table
from abm.geography import CERCLES, COMMUNITIES, ZONE_OF_CERCLE, ZONES, cercle_population
from abm.history import past_heat, past_hits, recorded_before, remembered_abuses
from abm.kinds import CIVILIAN_KINDS, FACTIONS, KINDS
from abm.settlements import Settlements, synthetic_settlements
from abm.world import build_world

COUNTS = defaults().rates.cercle_counts
FACTION_ROWS = {row["faction"]: row for row in read_table("factions")}


@pytest.fixture(scope="module")
def settlements() -> Settlements:
    return synthetic_settlements(0)


@pytest.fixture(scope="module")
def bands(settlements: Settlements) -> Bands:
    return build_bands(0, settlements, COUNTS)


# --- counts -------------------------------------------------------------------------------------------------------


@given(st.integers(0, 500), st.lists(st.floats(0.0, 100.0), min_size=1, max_size=15).filter(lambda s: sum(s) > 0.1))
def test_whole_numbers_are_within_one_of_their_quota_and_add_up(total: int, shares: list[float]) -> None:
    counts = largest_remainders(total, np.array(shares))
    quotas = total * np.array(shares) / sum(shares)
    assert counts.sum() == total
    assert (np.abs(counts - quotas) < 1.0 + 1e-9).all()
    assert (counts >= 0).all()


def test_larger_remainders_are_rounded_up() -> None:
    assert largest_remainders(10, np.array([0.33, 0.33, 0.34])).tolist() == [3, 3, 4]
    assert largest_remainders(3, np.array([1.0, 1.0])).tolist() == [2, 1]  # equal remainders: the first
    assert largest_remainders(5, np.array([0.0, 1.0])).tolist() == [0, 5]


def test_every_cercle_with_a_recorded_attack_has_a_band() -> None:
    counts = bands_by_cercle(10, np.array([0.97, 0.03, 0.0]), np.array([5.0, 0.0, 2.0]))
    assert counts.tolist() == [9, 0, 1]


def test_bands_are_those_of_the_table(bands: Bands) -> None:
    for faction, name in enumerate(FACTIONS):
        row, mine = FACTION_ROWS[name], bands.faction == faction
        assert mine.sum() == int(row["bands"])
        assert set(bands.jihadist[mine]) == {int(row["kind"] == "jihadist")}
        claimed = COMMUNITIES.index(row["claimed_community"]) if row["claimed_community"] else -1
        assert set(bands.community[mine]) == {claimed}
        recorded = np.array(COUNTS[faction]) > 0
        assert (np.bincount(bands.cercle[mine], minlength=len(CERCLES))[recorded] > 0).all()
    assert bands.faction.size == 310


def test_bands_live_where_their_community_does(bands: Bands, settlements: Settlements) -> None:
    assert np.array_equal(settlements.cercle[bands.home], bands.cercle)
    for band in np.flatnonzero(bands.community >= 0):
        mine = (settlements.cercle == bands.cercle[band]) & (settlements.community == bands.community[band])
        assert not mine.any() or settlements.community[bands.home[band]] == bands.community[band]


@pytest.mark.statistical
def test_bands_have_the_mean_strength_of_the_table(bands: Bands, settlements: Settlements) -> None:
    # A lognormal corrected for half its variance: the mean is that of the table, the spread .5 of the logarithm.
    worlds = [bands, *(build_bands(seed, settlements, COUNTS) for seed in range(1, 6))]
    relative = np.concatenate(
        [b.strength / np.array([float(FACTION_ROWS[FACTIONS[f]]["mean_strength"]) for f in b.faction]) for b in worlds]
    )
    variance = math.exp(STRENGTH_LOG_SD**2) - 1.0
    assert_close_in_law(relative.sum(), relative.size, relative.size * variance)
    law = stats.norm(-0.5 * STRENGTH_LOG_SD**2, STRENGTH_LOG_SD)
    assert stats.kstest(np.log(relative), law.cdf).pvalue > FALSE_ALARM
    assert relative.min() > 0


def test_bands_are_the_same_for_a_seed_and_differ_between_seeds(bands: Bands, settlements: Settlements) -> None:
    again, other = build_bands(0, settlements, COUNTS), build_bands(1, settlements, COUNTS)
    for name in Bands.__dataclass_fields__:
        assert np.array_equal(getattr(bands, name), getattr(again, name))
    assert not np.array_equal(bands.home, other.home)
    assert np.array_equal(bands.faction, other.faction)  # who is who does not depend on the seed


# --- shares and weights -------------------------------------------------------------------------------------------


@pytest.mark.statistical
def test_shares_of_cercles_are_a_dirichlet_draw_of_the_record() -> None:
    # Beta margins: mean a_i / sum a, variance of that law, over 400 worlds.
    recorded, present = np.array(COUNTS[0]), np.ones(len(CERCLES))
    population = cercle_population() / cercle_population().sum()
    shape = recorded + DIRICHLET_WEIGHT * len(CERCLES) * population
    draws = np.array([drawn_shares(seed, 0, recorded, present) for seed in range(400)])
    assert draws.sum(axis=1) == pytest.approx(np.ones(400))
    total = shape.sum()
    mean, variance = shape / total, shape * (total - shape) / (total**2 * (total + 1))
    z = (draws.mean(axis=0) - mean) / np.sqrt(variance / 400)
    assert np.abs(z).max() < Z_LIMIT
    for cercle in range(0, len(CERCLES), 4):
        law = stats.beta(shape[cercle], total - shape[cercle])
        assert stats.kstest(draws[:, cercle], law.cdf).pvalue > FALSE_ALARM


def test_no_cercle_is_at_zero_for_ever_but_one_without_bands_is() -> None:
    recorded = np.zeros(len(CERCLES))
    present = np.ones(len(CERCLES))
    present[3] = 0
    shares = drawn_shares(1, 0, recorded, present)
    assert shares[3] == 0.0
    assert (np.delete(shares, 3) > 0).all()


@pytest.mark.parametrize("pull", [(1.0,) * 15, tuple(0.5 + 0.1 * cercle for cercle in range(15))], ids=str)
@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0])
def test_weights_share_out_a_factions_rate_in_its_zone(bands: Bands, exponent: float, pull: tuple[float, ...]) -> None:
    w = weights(bands, exponent, pull)
    zone = np.array(ZONE_OF_CERCLE)[bands.cercle]
    for faction in range(len(FACTIONS)):
        for z in range(len(ZONES)):
            group = (bands.faction == faction) & (zone == z)
            if not group.any():
                continue
            assert w[group].sum() == pytest.approx(1.0)
            expected = bands.share[group] * np.array(pull)[bands.cercle[group]]
            expected *= (bands.strength[group] / 20) ** exponent
            assert w[group] == pytest.approx(expected / expected.sum())


def test_a_world_is_built_with_the_pull_of_its_rates() -> None:
    pull = tuple(1.0 + cercle for cercle in range(15))
    usual, pulled = (
        build_world(scenario(), with_rates(defaults(), cercle_pull=table)).militias for table in ((1.0,) * 15, pull)
    )
    zone = usual["faction"] * len(ZONES) + usual["zone"]
    raw = usual["weight"] * np.array(pull)[usual["cercle"]]
    assert pulled["weight"] == pytest.approx(raw / np.bincount(zone, weights=raw)[zone])


# --- history ------------------------------------------------------------------------------------------------------

ROWS = [r for r in read_table("events_by_month_cercle_kind_2017_2020") if r["kind"] in KINDS]


@pytest.mark.parametrize(
    ("start", "months", "first", "last"),
    [
        (date(2021, 1, 1), None, "2017-01", "2020-12"),
        (date(2020, 1, 1), None, "2017-01", "2019-12"),
        (date(2020, 1, 1), 12, "2019-01", "2019-12"),
        (date(2020, 6, 15), 3, "2020-03", "2020-05"),
        (date(2021, 1, 1), 1, "2020-12", "2020-12"),
        (date(2017, 3, 1), 12, "2016-03", "2017-02"),
    ],
)
def test_the_record_before_a_day_is_that_of_whole_months(
    start: date, months: int | None, first: str, last: str
) -> None:
    expected = np.zeros(len(CERCLES), int)
    for row in ROWS:
        if first <= row["month"] <= last:
            expected[CERCLES.index(row["cercle"])] += int(row["events"])
    assert np.array_equal(recorded_before(start, months), expected)


def test_nothing_is_recorded_before_the_record_begins() -> None:
    assert recorded_before(date(2017, 1, 1)).sum() == 0


def test_kinds_are_counted_apart() -> None:
    parts = [recorded_before(date(2021, 1, 1), kinds=(kind,)) for kind in KINDS]
    assert np.array_equal(sum(parts), recorded_before(date(2021, 1, 1)))
    civilians = recorded_before(date(2021, 1, 1), months=12, kinds=CIVILIAN_KINDS)
    assert civilians.sum() == sum(
        int(r["events"]) for r in ROWS if r["month"].startswith("2020") and r["kind"] in CIVILIAN_KINDS
    )


def test_past_events_are_all_somewhere_in_their_cercle() -> None:
    cercle = np.repeat(np.arange(3), [40, 60, 0])
    counts = np.array([25, 0, 7])
    hits = past_hits(3, counts, cercle, 0.4, 0.1)
    assert hits[cercle == 0].sum() == 25
    assert hits[cercle == 1].sum() == 0
    assert hits.sum() == 25  # no settlement, no place for the third's
    assert np.array_equal(hits, past_hits(3, counts, cercle, 0.4, 0.1))
    assert not np.array_equal(hits, past_hits(4, counts, cercle, 0.4, 0.1))


@pytest.mark.statistical
def test_past_events_follow_the_chinese_restaurant() -> None:
    # Places hit after n events: each step opens a new one with chance (places left) w / ((places left) w + n - d k).
    # The law of their number follows step by step; 600 worlds are held against it.
    places, events, discount, new = 30, 12, 0.4, 0.2
    law = np.zeros(events + 1)
    law[0] = 1.0
    for n in range(events):
        following = np.zeros(events + 1)
        for k in range(n + 1):
            fresh = (places - k) * new
            opens = fresh / (fresh + n - discount * k)
            following[k + 1] += law[k] * opens
            following[k] += law[k] * (1 - opens)
        law = following
    cercle = np.zeros(places, int)
    drawn = [int((past_hits(seed, np.array([events]), cercle, discount, new) > 0).sum()) for seed in range(600)]
    counts, expected = np.bincount(drawn, minlength=events + 1), 600 * law
    kept = expected >= 5
    assert_chi_square(float(((counts - expected)[kept] ** 2 / expected[kept]).sum()), int(kept.sum()))


@given(st.floats(5.0, 730.0))
def test_heat_is_the_steady_state_of_the_last_years_attacks(half_life: float) -> None:
    # A rate r a day, half lost every half-life: r * half-life / ln 2 are remembered, shared among places by their hits.
    cercle = np.array([0, 0, 0, 1, 1])
    hits, recent = np.array([3, 1, 0, 0, 0]), np.zeros(len(CERCLES), int)
    recent[0], recent[1] = 73, 20
    heat = past_heat(hits, cercle, recent, half_life)
    remembered = 73 / 365.25 * half_life / math.log(2)
    assert heat == pytest.approx(np.array([0.75 * remembered, 0.25 * remembered, 0.0, 0.0, 0.0]))
    assert remembered_abuses(73.0, half_life) == pytest.approx(remembered)
    # The recursion of the engine settles there.
    total = 0.0
    for _ in range(int(20 * half_life)):
        total = total * 0.5 ** (1 / half_life) + 73 / 365.25
    assert total == pytest.approx(remembered, rel=0.1)
