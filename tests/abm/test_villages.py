"""Villages: who is attacked follows the logit of the rules, and what an attack leaves behind follows the log."""

from __future__ import annotations

import math
from functools import cache, lru_cache

import numpy as np
import pytest
from engine import FALSE_ALARM, assert_close_in_law, by_bands, defaults, in_threads, inert, scenario
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from abm.kinds import BAND, CIVILIAN_KINDS, KINDS, ON_ARMY, ON_VILLAGE, PREVENTED, REALISED_ELSEWHERE
from abm.parameters import Parameters
from abm.randomness import BAND_TARGET, uniform
from abm.records import Records
from abm.severity import scale_for_mean
from abm.simulation import Simulation
from abm.tables import World
from abm.villages import appeal, near_raid, refusal, reuse, way

YEAR = scenario("history-2020")
FIRST, DAYS = 1095, 366
Q = inert(n_same=0.4, delta_army=0.3, raid_km=10.0)  # series, and some attacks prevented
Floats = NDArray[np.float64]

# --- rules --------------------------------------------------------------------------------------------------------


@given(st.integers(1, 100_000), st.floats(-1.0, 2.0), st.floats(0.2, 5.0))
def test_appeal_is_a_power_of_people_and_a_multiple_where_two_communities_live(
    people: int, exponent: float, multiplier: float
) -> None:
    assert math.exp(appeal(people, 0, exponent, multiplier)) == pytest.approx((people / 500) ** exponent)
    ratio = math.exp(appeal(people, 1, exponent, multiplier) - appeal(people, 0, exponent, multiplier))
    assert ratio == pytest.approx(multiplier)


def test_an_empty_village_counts_as_one_person() -> None:
    assert appeal(0, 0, 0.3, 1.5) == appeal(1, 0, 0.3, 1.5)


@given(st.integers(1, 500), st.floats(0.0, 0.99), st.floats(0.001, 10.0))
def test_places_are_hit_again_by_the_weights_of_the_chinese_restaurant(hits: int, discount: float, new: float) -> None:
    # Pitman & Yor 1997: a place with n events has weight n - discount, one never hit the weight of a new place.
    assert math.exp(reuse(hits, discount, new)) == pytest.approx((hits - discount) / new)
    assert reuse(0, discount, new) == 0.0


@pytest.mark.parametrize(("jihadist", "refuses", "factor"), [(1, 1, 2.5), (1, 0, 1.0), (0, 1, 1.0), (0, 0, 1.0)])
def test_refusal_matters_to_jihadist_groups_only(jihadist: int, refuses: int, factor: float) -> None:
    assert math.exp(refusal(jihadist, refuses, 2.5)) == pytest.approx(factor)


@given(st.floats(0.0, 200.0), st.floats(2.0, 100.0))
def test_the_way_and_the_raid_are_laws_of_distance(km: float, scale: float) -> None:
    assert math.exp(way(km, scale)) == pytest.approx(math.exp(-km / scale))
    assert math.exp(near_raid(km * km, scale)) == pytest.approx(math.exp(-0.5 * (km / scale) ** 2))


# --- the choice of a village, by hand -----------------------------------------------------------------------------


@lru_cache(maxsize=1)
def outcomes() -> list[tuple[Records, World]]:
    """Runs of 2020, and the world that each left behind."""

    def run(seed: int) -> tuple[Records, World]:
        simulation = Simulation(YEAR, Q, seed=seed)
        simulation.advance(DAYS)
        return simulation.records(), simulation.world

    return in_threads(run, range(12))


@lru_cache(maxsize=1)
def start() -> World:
    return Simulation(YEAR, Q).world


class Choice:
    """One choice from the log: the places in reach, their chances by the rules, and which was taken."""

    def __init__(self, records: Records, row: int, hits: NDArray[np.int64], q: Parameters) -> None:
        w, e = start(), records.events[row]
        m = w.militias[e.perpetrator]
        entries = np.arange(m.first_reach, m.first_reach + m.n_reach)
        self.km = w.reach_km[entries, w.calendar[e.day].season]
        near = self.km <= q.reach_km
        self.km, self.villages = self.km[near], w.reach_village[entries][near]
        v = w.villages[self.villages]
        weight = np.maximum(np.array(q.rates.target_weight[e.faction][e.action])[v["community"]], 1e-6)
        self.hits = hits[self.villages]
        again = (self.hits - q.rates.reuse_discount) / q.rates.reuse_new_weight
        utility = q.population_exponent * np.log(np.maximum(v["population"], 1) / 500) + np.log(weight)
        utility += v["mixed"] * math.log(q.mixed_multiplier) + np.log(np.where(self.hits > 0, again, 1.0))
        utility += m.jihadist * v["refusal"] * math.log(q.refusal_multiplier)
        self.squared = np.zeros(v.size)
        if e.parent >= 0:
            parent = records.events[e.parent]
            self.squared = (v["x"] - parent.x) ** 2 + (v["y"] - parent.y) ** 2
            utility -= 0.5 * self.squared / q.raid_km**2
        else:
            utility -= self.km / q.travel_scale
        self.utility = utility
        chances = np.exp(utility - utility.max())
        self.chances: Floats = chances / chances.sum()
        aimed_at = e.elsewhere_from if e.outcome == REALISED_ELSEWHERE else e.village
        self.taken = int(np.flatnonzero(self.villages == aimed_at)[0])  # it is one of those in reach
        self.features = {
            "way": self.km, "people": np.log(v["population"]), "hit before": (self.hits > 0).astype(float),
            "hits": np.log1p(self.hits), "mixed": v["mixed"], "refusal": m.jihadist * v["refusal"],
            "wanted": np.log(weight), "distance": np.sqrt(self.squared),
        }  # fmt: skip


@lru_cache(maxsize=1)
def choices() -> list[tuple[bool, Choice]]:
    """All choices of places in the runs, each with whether it continues a raid series."""
    found = []
    for records, _ in outcomes():
        hits, day = start().villages["hits"].copy(), -1
        pending: list[int] = []
        for row, e in enumerate(records.events):
            if e.day != day:  # a place counts as hit from the day after
                np.add.at(hits, pending, 1)
                day, pending = e.day, []
            if e.actor == BAND and e.action != ON_ARMY:
                found.append((e.parent >= 0, Choice(records, row, hits, Q)))
                if e.outcome != PREVENTED:
                    pending.append(int(e.village))
    return found


@pytest.mark.statistical
@pytest.mark.parametrize("series", [False, True])
@pytest.mark.parametrize("feature", ["way", "people", "hit before", "hits", "mixed", "refusal", "wanted", "distance"])
def test_targets_have_on_average_what_the_logit_says(feature: str, series: bool) -> None:
    observed = expected = variance = 0.0
    for continues, choice in choices():
        if continues == series:
            values, chances = choice.features[feature], choice.chances
            mean = (chances * values).sum()
            observed, expected = observed + values[choice.taken], expected + mean
            variance += (chances * (values - mean) ** 2).sum()
    if feature == "distance" and not series:
        assert observed == expected == 0.0  # an attack of its own accord has no parent to be near
    else:
        assert_close_in_law(observed, expected, variance)


@pytest.mark.statistical
@pytest.mark.parametrize("series", [False, True])
def test_targets_follow_the_whole_law_of_the_logit(series: bool) -> None:
    # Randomised probability transform: places in order of chance, a uniform draw within the place taken.
    rng, transformed = np.random.default_rng(1), []
    for continues, choice in choices():
        if continues == series:
            order = np.argsort(choice.chances)
            at = int(np.flatnonzero(order == choice.taken)[0])
            transformed.append(choice.chances[order[:at]].sum() + rng.random() * choice.chances[choice.taken])
    assert len(transformed) > 1000
    assert stats.kstest(transformed, "uniform").pvalue > FALSE_ALARM


def test_the_choice_is_the_largest_utility_plus_the_bands_own_noise() -> None:
    # To the village: common draws mean that a band goes to the same place in every scenario unless its utilities move.
    records = outcomes()[0][0]
    aimed = [e for e in records.events if e.actor == BAND and e.action != ON_ARMY]
    assert len(aimed) > 100
    for e, (_, choice) in zip(aimed[:100], choices(), strict=False):
        ids = start().villages["id"][choice.villages].tolist()
        draws = [uniform(records.seed, BAND_TARGET, int(e.perpetrator), int(e.day), village) for village in ids]
        assert int(np.argmax(choice.utility - np.log(-np.log(draws)))) == choice.taken


# --- what an attack leaves behind ---------------------------------------------------------------------------------


def test_hits_and_last_attacks_are_those_of_the_log() -> None:
    for records, world in outcomes()[:4]:
        e = by_bands(records.realised)
        e = e[e["village"] >= 0]
        before = start().villages
        assert np.array_equal(world.villages["hits"], before["hits"] + np.bincount(e["village"], minlength=before.size))
        last = before["last_attack"].copy()
        np.maximum.at(last, e["village"], e["day"])
        assert np.array_equal(world.villages["last_attack"], last)


def test_commanders_remember_attacks_and_forget_them_by_half_in_a_half_life() -> None:
    records, world = outcomes()[0]
    heat = start().cells["heat"] * 0.5 ** (DAYS / Q.heat_half_life)
    for e in by_bands(records.realised):
        heat[e.cell] += 0.5 ** ((FIRST + DAYS - e.day) / Q.heat_half_life)
    kept = world.cells["heat"] * 0.5 ** ((FIRST + DAYS - world.cells["heat_day"]) / Q.heat_half_life)
    assert kept == pytest.approx(heat, rel=1e-9, abs=1e-12)


def test_nothing_but_hits_and_the_days_of_attacks_change_in_a_village_that_nobody_flees() -> None:
    records, world = outcomes()[0]
    for name in world.villages.dtype.names:
        if name not in ("hits", "last_attack", "displaced_day"):
            assert np.array_equal(world.villages[name], start().villages[name]), name
    # The day from which calm is counted: that of the last attack on its people, by whomever.
    on_people = records.realised[records.realised["action"] == ON_VILLAGE]
    last = start().villages["displaced_day"].copy()
    np.maximum.at(last, on_people["village"], on_people["day"])
    assert np.array_equal(world.villages["displaced_day"], last)


def test_nobody_dies_beyond_the_people_of_the_village() -> None:
    q = defaults()
    for records, world in outcomes():
        e = by_bands(records.events)
        on_village = e[e["action"] == ON_VILLAGE]
        assert (
            on_village["deaths"] <= np.minimum(world.villages["population"][on_village["village"]], q.most_deaths)
        ).all()
        assert (on_village["mean_deaths"] > 0).all()


def most_of(kind: int) -> int:
    return Q.most_deaths if KINDS[kind] in CIVILIAN_KINDS else Q.most_clash_deaths


@cache
def scale_of(kind: int) -> float:
    return scale_for_mean(Q.rates.mean_deaths[kind] / Q.rates.fatal_share[kind], Q.tail_exponent, most_of(kind))


@cache
def second_moment(kind: int, cap: int) -> float:
    """Mean square of deaths of a kind below a cap, summed from the survival function of its law."""
    tail, rates, scale = Q.tail_exponent, Q.rates, scale_of(kind)
    k = np.arange(1, cap + 1)
    beyond, last = (1 + (k - 1) / scale) ** (1 - tail), (1 + cap / scale) ** (1 - tail)
    return float(rates.fatal_share[kind] * ((2 * k - 1) * (beyond - last) / (1 - last)).sum())


@pytest.mark.statistical
def test_deaths_have_the_mean_that_the_log_expects() -> None:
    # The expected-severity version of deaths is unbiased: row by row the log holds the mean of its law.
    e = np.concatenate([by_bands(r.realised) for r, _ in outcomes()])
    assert (e["outcome"] != REALISED_ELSEWHERE).all()  # the mean of those is over two places
    people = np.where(e["action"] == ON_VILLAGE, start().villages["population"][e["village"]], 1 << 30)
    caps = np.clip(people, 1, [most_of(kind) for kind in e["kind"].tolist()]).tolist()
    squares = np.array([second_moment(kind, cap) for kind, cap in zip(e["kind"].tolist(), caps, strict=True)])
    assert_close_in_law(e["deaths"].sum(), e["mean_deaths"].sum(), (squares - e["mean_deaths"] ** 2).sum())
