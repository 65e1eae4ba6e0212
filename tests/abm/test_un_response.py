"""Answers to early warnings: expected chances against all leads, runs against expectations, and the total effect."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from engine import assert_close_in_law, by_bands, day_by_day, defaults, runs, scenario, used
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import integrate

from abm.calendar import RAINS, RAINS_AND_FLOOD, SEASONS
from abm.compiled_parameters import answered_share, deterrence_and_response
from abm.kinds import (
    ANSWERS,
    AVERTED_BY_ARMY,
    AVERTED_BY_UN,
    DURING,
    IN_TIME,
    NO_WARNING,
    ON_VILLAGE,
    PREVENTED,
    REALISED,
    REALISED_ELSEWHERE,
)
from abm.parameters import Parameters
from abm.records import Records
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import NOT_ARRIVED, OPEN, RESPONSE, Table, World
from abm.un_response import (
    chance_averted,
    chance_during,
    hours_by_air,
    hours_by_road,
    lead_of,
    season_speed,
    softened,
    warned_longer_than,
)

START = date(2021, 1, 1)
SMALL = scenario("extra-tobs").changed(
    world={"cercles": ("Bandiagara", "Bankass", "Koro", "Mopti")},
    package={"decision": START, "permission": START},
    un={"armed_helicopters_from": START, "hospital_opens": date(2021, 7, 1)},
)
SHARE = st.floats(0.0, 1.0)
HOURS = st.floats(0.0, 100.0) | st.just(math.inf)
MEAN = st.floats(0.1, 240.0)
Floats = NDArray[np.float64]

# --- rules --------------------------------------------------------------------------------------------------------


@given(st.floats(0.0, 400.0), st.floats(1.0, 10.0), st.floats(1.0, 400.0), st.floats(0.0, 48.0), st.floats(0.0, 48.0))
def test_hours_are_those_of_getting_ready_and_of_the_way(
    km: float, offroad: float, kmh: float, ready: float, air_ready: float
) -> None:
    assert hours_by_road(0.0, offroad, kmh, ready) == ready
    assert hours_by_road(km, offroad, kmh, ready) == pytest.approx(ready + km * offroad / kmh)
    # Helicopters wait for the troops they bring.
    assert hours_by_air(km, kmh, air_ready, ready) == pytest.approx(max(ready, air_ready) + km / kmh)
    assert hours_by_air(km, kmh, air_ready, ready) >= ready


def test_only_rains_slow_the_way() -> None:
    assert [season_speed(season, 0.6) for season in range(len(SEASONS))] == [1.0, 0.6, 0.6, 1.0]


@given(st.floats(1e-9, 1.0, exclude_max=True), MEAN)
def test_leads_are_exponential(u: float, mean: float) -> None:
    assert warned_longer_than(lead_of(u, mean), mean) == pytest.approx(u, rel=1e-9)
    assert warned_longer_than(0.0, mean) == warned_longer_than(-3.0, mean) == 1.0
    assert warned_longer_than(math.inf, mean) == 0.0


def over_leads(outcome: Any, mean: float, *hours: float) -> float:
    """Mean of what becomes of a warning over its leads, drawn as a run draws them; it changes at some hours only."""
    at = {math.exp(-h / mean) for h in hours if 0.0 < h < math.inf}
    edges = [0.0, *sorted(u for u in at if 1e-12 < u < 1.0 - 1e-12), 1.0]
    parts = (
        integrate.fixed_quad(np.vectorize(lambda u: outcome(lead_of(float(u), mean))), low, high, n=3)[0]
        for low, high in pairwise(edges)
    )
    return float(sum(parts))


@given(SHARE, MEAN, HOURS, SHARE, HOURS, SHARE)
def test_the_expected_chance_of_averting_is_the_mean_over_leads(
    p: float, mean: float, un: float, by_un: float, army: float, by_army: float
) -> None:
    def averted(lead: float) -> float:
        return p * (1.0 - (1.0 - by_un * (un < lead)) * (1.0 - by_army * (army < lead)))

    expected = chance_averted(p, mean, un, by_un, army, by_army)
    assert expected == pytest.approx(over_leads(averted, mean, un, army), abs=1e-9)
    assert -1e-15 <= expected <= p * (1 + 1e-15)
    # Whoever is quicker averts no less.
    assert chance_averted(p, mean, un / 2, by_un, army, by_army) >= expected - 1e-15
    assert chance_averted(p, mean, un, by_un, army / 2, by_army) >= expected - 1e-15


@given(SHARE, MEAN, st.floats(0.1, 48.0), HOURS, SHARE, HOURS, SHARE)
def test_the_expected_chance_of_coming_during_an_attack_is_the_mean_over_leads(
    p: float, mean: float, lasts: float, un: float, by_un: float, army: float, by_army: float
) -> None:
    def during(lead: float) -> float:
        return p * (lead <= un < lead + lasts) * (1.0 - by_army * (army < lead))

    expected = chance_during(p, mean, lasts, un, army, by_army)
    assert expected == pytest.approx(over_leads(during, mean, un, army, un - lasts), abs=1e-9)
    averted = chance_averted(p, mean, un, by_un, army, by_army)
    assert -1e-15 <= expected <= p - averted + 1e-12  # one warning has one end


@given(MEAN, st.floats(0.1, 48.0), HOURS, SHARE, HOURS, SHARE)
def test_without_warning_or_effect_nothing_is_averted_to_the_bit(
    mean: float, lasts: float, un: float, by_un: float, army: float, by_army: float
) -> None:
    assert chance_averted(0.0, mean, un, by_un, army, by_army) == 0.0
    assert chance_during(0.0, mean, lasts, un, army, by_army) == 0.0
    assert chance_averted(0.7, mean, un, 0.0, army, 0.0) == 0.0
    assert chance_averted(0.7, mean, math.inf, by_un, math.inf, by_army) == 0.0
    assert chance_during(0.7, mean, lasts, math.inf, army, by_army) == 0.0


@given(st.integers(0, 300), SHARE)
def test_softened_deaths_are_right_on_average(dead: int, factor: float) -> None:
    n = 512
    drawn = [softened(dead, factor, (i + 0.5) / n) for i in range(n)]
    assert sum(drawn) / n == pytest.approx(dead * factor, abs=1.0 / n)
    assert {*drawn} <= {math.floor(dead * factor), math.ceil(dead * factor)}
    assert softened(dead, 1.0, 0.5) == dead
    assert softened(dead, 0.0, 1.0 - 2.0**-53) == 0


@given(st.floats(0.0, 0.95), SHARE, SHARE)
def test_deterrence_and_response_together_are_the_total_effect(total: float, in_time: float, effective: float) -> None:
    deterrence, allowed = deterrence_and_response(total, in_time, effective)
    assert 0.0 <= deterrence <= total + 1e-15
    assert 0.0 <= allowed <= effective
    assert (1.0 - deterrence) * (1.0 - in_time * allowed) == pytest.approx(1.0 - total, abs=1e-12)
    if in_time > 0.0:
        assert deterrence_and_response(0.0, in_time, effective) == (0.0, 0.0)
    assert deterrence_and_response(total, 0.0, effective) == (total, effective)


# --- each attack in a run -----------------------------------------------------------------------------------------


def parameters(**changes: Any) -> Parameters:
    """Many warnings, much that answers can do, and nobody who is displaced, flees or tries elsewhere."""
    return defaults().changed(
        **{
            "generation_months": 0.0, "p_warning": 0.8, "delta_un": 0.6, "p_effective": 0.9, "softening": 0.7,
            "response_ready_hours": 1.0, "displacement_share": 0.0, "flee_share": 0.0, "militia_protection": 0.0,
            "helicopter_availability": 0.6, "tail_exponent": 4.0, **changes,
        }
    )  # fmt: skip


class Quickest:
    """The quickest answer of the UN to a place today, from the tables and in other words than the engine's."""

    def __init__(self, w: World, q: Parameters, day: int, opens: int) -> None:
        wet = w.calendar["season"][day] in (RAINS, RAINS_AND_FLOOD)
        self.w, self.q, self.day, self.u = w, q, day, w.un_units
        self.kmh = q.response_kmh / q.friction_offroad * (q.rain_speed_offroad if wet else 1.0)
        self.clinic = 1.0 if day >= opens else q.clinic_factor
        hurt = self.u["hurt"] * 0.5 ** ((day - self.u["hurt_day"]) / q.hurt_half_life)
        here = self.u["task"] != NOT_ARRIVED
        self.fit = np.where(here, self.u["troops"] - (hurt + 0.5).astype(int), 0)
        held = self.u["at_tob"] + self.u["resting"] + self.u["convoying"] + self.u["escorting"]
        self.free = np.where(self.u["out_until"] > day, 0, self.fit - held)

    def by_road(self, a: Any, x: float, y: float) -> float:
        return self.q.response_ready_hours + math.hypot(a.x - x, a.y - y) / self.kmh

    def of_unit(self, i: int, x: float, y: float) -> float:
        u, q = self.u[i], self.q
        if not u.patrols or self.free[i] < q.response_troops:
            return math.inf
        if u.patrol_cell >= 0:
            return self.by_road(self.w.cells[u.patrol_cell], x, y)
        site = self.w.sites[u.site]
        km = math.hypot(site.x - x, site.y - y)
        evacuation = (q.air_medical_km if site.air else q.ground_medical_km) * self.clinic
        if km > evacuation + u.medics * q.medical_team_km:
            return math.inf
        road = km * q.friction_offroad <= (q.mobile_patrol_km if u.mobile else q.base_patrol_km)
        ways = [self.by_road(site, x, y)] if road else []
        if u.mobile and site.air:
            ways.append(max(q.air_ready_hours, q.response_ready_hours) + km / q.air_kmh)
        return min(ways, default=math.inf)

    def hours(self, x: float, y: float) -> tuple[float, int]:
        """Hours to a place, and the row of the unit that comes."""
        offers = [(self.of_unit(i, x, y), i) for i in range(self.u.size)]
        for s in self.w.slots:
            if s.status == OPEN and self.fit[s.unit] >= self.q.response_troops:
                offers.append((self.by_road(s, x, y), int(s.unit)))
        return min(offers)

    def army_hours(self, x: float, y: float) -> float:
        return min(self.by_road(a, x, y) for a in self.w.national_forces)


def test_each_attack_is_answered_by_whoever_can_be_there_first() -> None:
    q = parameters(attack_per_patrol=0.05, out_of_action_days=5.0, p_effective=0.6)
    levers = SMALL.changed(un={"hospital_opens": date(2021, 3, 1)})
    simulation = Simulation(levers, q, seed=1)
    w, c, first = simulation.world, simulation.compiled, 0
    by_un, by_army = c.p[0].effective_un, q.p_army_stays * q.p_effective
    seen = dict.fromkeys(range(len(ANSWERS)), 0)
    for day in day_by_day(simulation, 500):
        log = used(simulation, "events")
        today, first = by_bands(log[first:]), log.size
        today = today[today["action"] == ON_VILLAGE]
        quickest = Quickest(w, q, day, simulation.first_day + 59)
        for e in today:
            un, unit = quickest.hours(e.x, e.y)
            army = quickest.army_hours(e.x, e.y)
            assert e.response_hours == pytest.approx(un, rel=1e-9)
            averted = chance_averted(0.8, q.warning_hours, un, by_un, army, by_army)
            during = chance_during(0.8, q.warning_hours, q.attack_hours, un, army, by_army)
            cap = min(int(w.villages["population"][e.village]), int(c.most_deaths[e.kind]))
            mean = c.fatal_share[e.kind] * c.lethal_mean[e.kind, cap]
            assert e.mean_deaths == pytest.approx(mean * (1 - 0.7 * during / (1 - averted)), rel=1e-9)
            assert e.stands <= (1 - averted) * (1 + 1e-12)
            if e.answer not in (NO_WARNING, AVERTED_BY_ARMY) and e.responder >= 0:
                assert e.responder == unit
            seen[int(e.answer)] += 1
        row = w.days[day - simulation.first_day]
        assert row.warnings == (today["answer"] != NO_WARNING).sum()
        assert row.answered == np.isin(today["answer"], (IN_TIME, AVERTED_BY_UN, AVERTED_BY_ARMY)).sum()
    assert min(seen.values()) >= 4, seen


def test_what_the_log_says_of_an_answer_agrees_with_itself() -> None:
    for records in answered_runs()[:4]:
        e = records.events
        averted = np.isin(e["answer"], (AVERTED_BY_UN, AVERTED_BY_ARMY))
        warned = e["answer"] != NO_WARNING
        assert (e["action"][warned] == ON_VILLAGE).all()
        assert (e["outcome"][averted] == PREVENTED).all()
        assert (e["outcome"][warned & ~averted] == REALISED).all()  # what presence deterred nobody warns of
        assert not e["deaths"][e["outcome"] == PREVENTED].any()
        assert (e["responder"][~warned] == -1).all()
        assert (e["response_hours"][np.isin(e["answer"], (DURING, AVERTED_BY_UN))] < math.inf).all()
        came = records.operations[records.operations["what"] == RESPONSE]
        assert set(came["amount"].tolist()) <= {DURING, IN_TIME, AVERTED_BY_UN, AVERTED_BY_ARMY}
        assert (came["amount"] == AVERTED_BY_UN).sum() == (e["answer"] == AVERTED_BY_UN).sum()


# --- over many attacks --------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def answered_runs() -> list[Records]:
    return runs(SMALL, parameters(), range(30), days=730)


def attacks_on_villages(records: list[Records]) -> Table:
    events = by_bands(np.concatenate([r.events for r in records]))
    return events[events["action"] == ON_VILLAGE]


@pytest.mark.statistical
def test_realised_attacks_and_deaths_agree_with_what_was_expected_of_them() -> None:
    # In all, and by how soon the UN can be there: never, late and soon.
    e = attacks_on_villages(answered_runs())
    assert e.size > 2000
    hours = np.clip(e["response_hours"], 0.0, 1e9)
    for part in (e, *np.array_split(e[np.argsort(hours, kind="stable")], 3)):
        stands = part["stands"]
        assert_close_in_law((part["outcome"] == REALISED).sum(), stands.sum(), (stands * (1 - stands)).sum())
        surplus = part["deaths"] - stands * part["mean_deaths"]
        assert_close_in_law(surplus.sum(), 0.0, float((surplus**2).sum()))
        # Of those that happened: deaths are fewer by what came during them.
        happened = part[part["outcome"] == REALISED]
        surplus = happened["deaths"] - happened["mean_deaths"]
        assert_close_in_law(surplus.sum(), 0.0, float((surplus**2).sum()))


@pytest.mark.statistical
def test_warnings_and_their_ends_are_as_many_as_their_chances() -> None:
    # Among attacks that nothing kept away before a warning could come.
    e = attacks_on_villages(answered_runs())
    e = e[(e["outcome"] == REALISED) | (e["answer"] != NO_WARNING)]
    assert_close_in_law((e["answer"] != NO_WARNING).sum(), 0.8 * e.size, 0.16 * e.size)
    by_un = deterrence_and_response(0.6, answered_share(0.8, 1.0, 6.0), 0.9)[1]
    chance = 0.8 * by_un * np.exp(-e["response_hours"] / 6.0)
    assert_close_in_law((e["answer"] == AVERTED_BY_UN).sum(), chance.sum(), (chance * (1 - chance)).sum())
    assert chance.sum() > 150


@pytest.mark.statistical
def test_attacks_tried_once_more_elsewhere_are_expected_too() -> None:
    # A row tried elsewhere stands for two places: it may have stood at the first, and did at the other.
    e = attacks_on_villages(runs(SMALL, parameters(displacement_share=0.8, p_warning=0.4), range(100, 120), days=730))
    elsewhere = e["outcome"] == REALISED_ELSEWHERE
    assert elsewhere.sum() > 40
    happened = (e["outcome"] != PREVENTED) - e["stands"] - elsewhere
    assert_close_in_law(happened.sum(), 0.0, (e["stands"] * (1 - e["stands"])).sum())
    surplus = e["deaths"] - (e["stands"] + elsewhere) * e["mean_deaths"]
    assert_close_in_law(surplus.sum(), 0.0, float((surplus**2).sum()))


# --- the total effect of presence ---------------------------------------------------------------------------------


def beside_a_base(q: Parameters, seed: int, days: int, **un: Any) -> tuple[Table, Simulation]:
    """Attacks on villages in a world where bands prefer those at Ogossagou, its base is fully present and nobody else.

    The villages of that cell lie at the base, so that its troops have no way to go.
    """
    simulation = Simulation(SMALL.changed(un=un), q, seed=seed)
    w = simulation.world
    cell = int(w.slots["cell"][0])
    here = w.villages["cell"] == cell
    w.villages["x"][here], w.villages["y"][here] = w.cells["x"][cell], w.cells["y"][cell]
    w.villages["appeal"][here] += 20.0
    w.cells["un_held"][cell] = 1 << 46
    simulation.advance(days)
    e = by_bands(used(simulation, "events"))
    return e[e["action"] == ON_VILLAGE], simulation


UN_ALONE = {
    "p_army_stays": 0.0, "delta_army": 0.0, "agreement_effect": 0.0, "attack_per_patrol": 0.0,
    "convoy_attack_rate": 0.0, "n_same": 0.0, "n_cross": 0.0,
}  # fmt: skip


@pytest.mark.statistical
@pytest.mark.parametrize("total", [0.1, 0.25, 0.6, 0.95])
def test_beside_a_base_deterrence_and_response_prevent_the_total_whatever_warnings_do(total: float) -> None:
    fell = attacks = by_response = 0
    for i, p_warning in enumerate((0.0, 0.3, 0.6, 1.0)):
        for j, p_effective in enumerate((0.0, 0.5, 1.0)):
            q = parameters(**UN_ALONE, delta_un=total, p_warning=p_warning, p_effective=p_effective)
            e, simulation = beside_a_base(q, 3 * i + j, 365, helicopters=False)
            there = e[e["cell"] == simulation.world.slots["cell"][0]]
            assert there["stands"] == pytest.approx(1.0 - total, rel=1e-9)
            assert (there["response_hours"] == q.response_ready_hours).all()
            # Elsewhere presence is thinner and the way is longer: it prevents no more anywhere.
            assert (e["stands"] >= (1.0 - total) * (1 - 1e-9)).all()
            attacks, fell = attacks + there.size, fell + int((there["outcome"] == PREVENTED).sum())
            by_response += int((there["answer"] == AVERTED_BY_UN).sum())
    assert (attacks > 500, by_response > 10) == (True, True)
    assert_close_in_law(fell, total * attacks, total * (1.0 - total) * attacks)


@pytest.mark.parametrize("air_ready", [0.0, 1.0, 6.0])
def test_helicopters_prevent_no_more_than_the_total_however_soon_they_are_ready(air_ready: float) -> None:
    q = parameters(**UN_ALONE, air_ready_hours=air_ready, response_ready_hours=1.0, helicopter_availability=1.0)
    e, _ = beside_a_base(q, 1, 365)
    assert e["stands"].min() == pytest.approx(0.4, rel=1e-9)


# --- no effect ----------------------------------------------------------------------------------------------------


def log_without_answers(levers: Scenario, q: Parameters) -> bytes:
    """Every row of the event log, but for what was noted of warnings and answers."""
    simulation = Simulation(levers, q, seed=6)
    simulation.advance(400)
    log = used(simulation, "events").copy()
    for field in ("answer", "responder", "response_hours"):
        log[field] = 0
    return log.tobytes()


def test_where_nobody_warns_answers_change_nothing_to_the_bit() -> None:
    q = parameters(p_warning=0.0)
    slow = {"response_kmh": 5.0, "response_ready_hours": 20.0, "air_ready_hours": 40.0, "warning_hours": 200.0}
    reference = log_without_answers(SMALL, q)
    for other in (q.changed(**slow), q.changed(p_effective=0.1, softening=0.0), q.changed(attack_hours=40.0)):
        assert log_without_answers(SMALL, other) == reference
    stays, leaves = (SMALL.changed(strategy={"starts": START, "army_stays": share}) for share in (1.0, 0.0))
    assert log_without_answers(stays, q) == log_without_answers(leaves, q) == reference
    assert log_without_answers(stays, parameters()) != log_without_answers(leaves, parameters())


@pytest.mark.parametrize("total", [0.0, 0.5])
def test_warnings_to_which_no_answer_helps_change_nothing_to_the_bit(total: float) -> None:
    useless = {"delta_un": total, "p_effective": 0.0, "softening": 0.0}
    never, always = (log_without_answers(SMALL, parameters(p_warning=p, **useless)) for p in (0.0, 1.0))
    assert never == always
    softening = log_without_answers(SMALL, parameters(p_warning=1.0, **{**useless, "softening": 0.9}))
    effective = log_without_answers(SMALL, parameters(p_warning=1.0, **{**useless, "p_effective": 0.9}))
    assert never not in (softening, effective)
