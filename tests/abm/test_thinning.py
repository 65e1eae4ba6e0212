"""What bands do and what becomes of it: thinning at the target by presence, displacement, deterrence by risk."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
from engine import assert_close_in_law, by_bands, day_by_day, defaults, inert, runs, scenario, times, with_rates
from numpy.typing import NDArray

from abm.calendar import RAINS, RAINS_AND_FLOOD
from abm.kinds import (
    AVERTED_BY_UN,
    BAND_ON_PATROL,
    DOGON,
    FACTIONS,
    IS_SAHEL,
    KATIBA_MACINA,
    ON_ARMY,
    ON_JIHADISTS,
    ON_VILLAGE,
    PREVENTED,
    REALISED,
    REALISED_ELSEWHERE,
)
from abm.parameters import Parameters
from abm.presence import UNIT
from abm.records import Records
from abm.simulation import Simulation
from abm.tables import Table

YEAR = scenario("history-2020")
FIRST, DAYS = 1095, 366
SEEDS = range(24)
Floats = NDArray[np.float64]
THINNED = {"n_same": 0.3, "delta_un": 0.6, "delta_army": 0.5, "displacement_share": 0.5, "drift_step": 0.2}
# Nobody warns, and no village is protected by a militia of its own: presence alone thins.
BY_PRESENCE_ALONE = {"p_warning": 0.0, "militia_protection": 0.0}


@lru_cache(maxsize=1)
def thinned() -> list[Records]:
    return runs(YEAR, defaults().changed(**THINNED), SEEDS)


# --- what bands do ------------------------------------------------------------------------------------------------


def test_no_band_does_what_its_faction_does_nowhere_in_its_zone() -> None:
    rates, m = np.array(defaults().rates.candidates), Simulation(YEAR, defaults()).world.militias
    for records in thinned():
        e = by_bands(records.events)
        assert (rates[e["faction"], m["zone"][e["perpetrator"]], e["action"]] > 0).all()
        assert np.array_equal(e["faction"], m["faction"][e["perpetrator"]])
        jihadist = m["jihadist"][e["perpetrator"]] == 1
        assert jihadist[e["action"] == ON_ARMY].all()
        assert not jihadist[e["action"] == ON_JIHADISTS].any()


def test_bands_without_a_rate_never_attack() -> None:
    rates = defaults().rates
    silent_factions = tuple(times(t, 0.0) if f == DOGON else t for f, t in enumerate(rates.candidates))
    records = runs(YEAR, with_rates(inert(), candidates=silent_factions), [0])[0]
    assert DOGON not in set(by_bands(records.events)["faction"])
    assert set(by_bands(records.events)["faction"]) == set(range(len(FACTIONS))) - {DOGON}


@pytest.mark.statistical
def test_deterrence_lowers_attacks_of_self_defence_militias_only() -> None:
    # The risk perceived is high from the start. Without excitation coupled runs differ by a thinning of each attack,
    # exp(-effect * risk of the day), and jihadist groups by nothing.
    changes = {"risk_prior": 1.0, "risk_prior_weight": 1000.0}
    free, deterred_runs = (runs(YEAR, inert(**changes, reduction_militia=cut), range(12)) for cut in (0.0, 0.5))
    effect = float(Simulation(YEAR, inert(**changes, reduction_militia=0.5)).compiled.p[0].effect_militia)
    kept = expected = variance = 0.0
    for without, with_risk in zip(free, deterred_runs, strict=True):
        one, other = by_bands(without.events), by_bands(with_risk.events)
        jihadists = [np.isin(e["faction"], (KATIBA_MACINA, IS_SAHEL)) for e in (one, other)]
        keys = ["day", "perpetrator", "action"]
        assert np.array_equal(one[jihadists[0]][keys], other[jihadists[1]][keys])
        left = np.isin(one[~jihadists[0]][keys], other[~jihadists[1]][keys])
        assert left.sum() == (~jihadists[1]).sum()  # none was added
        chance = np.exp(-effect * with_risk.days["risk_militia"][one[~jihadists[0]]["day"] - FIRST])
        kept, expected, variance = kept + left.sum(), expected + chance.sum(), variance + (chance * (1 - chance)).sum()
    assert kept < 0.7 * sum((~np.isin(by_bands(r.events)["faction"], (KATIBA_MACINA, IS_SAHEL))).sum() for r in free)
    assert_close_in_law(kept, expected, variance)


# --- thinning -----------------------------------------------------------------------------------------------------


def presence_now(simulation: Simulation, q: Parameters, day: int, cells: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Presence of the UN and of national forces at cells today: fields change before the day's attacks only."""
    c = simulation.world.cells[cells]

    def faded(field: str, half_life: float) -> Floats:
        left: Floats = c[field] * 0.5 ** ((day - c[f"{field}_day"]) / half_life)
        return left

    un = c["un_held"] + faded("un_patrol", q.patrol_effect_days) + faded("un_after", q.persistence_days)
    army = c["army_held"] + faded("army_trace", q.patrol_effect_days)
    return 1.0 - np.exp(-un * UNIT), 1.0 - np.exp(-army * UNIT)


def test_chances_follow_presence_on_the_day_and_displaced_attacks_go_where_the_un_is_absent() -> None:
    q = defaults().changed(**THINNED, **BY_PRESENCE_ALONE, displacement_below=0.08)
    simulation = Simulation(YEAR, q, seed=2)
    world, first, displaced, places = simulation.world, 0, 0, 0
    for day in day_by_day(simulation, DAYS):
        today = world.events[first : world.state[0].n_events]
        first = int(world.state[0].n_events)
        today = by_bands(today)
        today = today[today["action"] != ON_ARMY]
        elsewhere = today["outcome"] == REALISED_ELSEWHERE
        aimed_at = np.where(elsewhere, world.villages["cell"][today["elsewhere_from"]], today["cell"])
        un, army = presence_now(simulation, q, day, aimed_at)
        assert today["stands"] == pytest.approx((1 - 0.6 * un) * (1 - 0.5 * army), rel=1e-9)
        assert (un[elsewhere] > 0).all()
        there, _ = presence_now(simulation, q, day, today["cell"][elsewhere])
        assert (there < 0.08).all()
        displaced, places = displaced + int(elsewhere.sum()), places + today.size
    assert displaced > 5
    assert places > 300


def averted_by_hand(q: Parameters, by_un: float, un_hours: Floats, army_hours: Floats) -> Floats:
    """Share of attacks that are warned of and averted, summed over leads: first only the quicker can, then both."""
    by_army = q.p_army_stays * q.p_effective
    first, second = np.minimum(un_hours, army_hours), np.maximum(un_hours, army_hours)
    quicker = np.where(un_hours < army_hours, by_un, by_army)
    longer_than_first, longer_than_second = (np.exp(-hours / q.warning_hours) for hours in (first, second))
    either = 1.0 - (1.0 - by_un) * (1.0 - by_army)
    averted: Floats = q.p_warning * (
        quicker * (longer_than_first - longer_than_second) + either * longer_than_second
    )  # fmt: skip
    return averted


def test_attacks_on_villagers_stand_unless_deterred_or_averted_on_a_warning() -> None:
    # What the UN prevents beside a base stays 60 per cent: half of all attacks are warned of there in time to go.
    # Nobody is warned of clashes, so there it is all by deterrence.
    q = defaults().changed(**THINNED, p_warning=0.7, militia_protection=0.0, response_ready_hours=2.0)
    in_time = 0.7 * np.exp(-2.0 / q.warning_hours)
    deterrence = 1.0 - (1.0 - 0.6) / (1.0 - in_time * q.p_effective)
    assert 0.4 < deterrence < 0.5
    simulation = Simulation(YEAR, q, seed=2)
    world, first, villagers, others = simulation.world, 0, 0, 0
    least = 1.0
    for day in day_by_day(simulation, DAYS):
        today = by_bands(world.events[first : world.state[0].n_events])
        first = int(world.state[0].n_events)
        today = today[today["action"] != ON_ARMY]
        aimed_at = np.where(today["outcome"] == REALISED_ELSEWHERE, today["elsewhere_from"], today["village"])
        at = world.villages[aimed_at]
        un, army = presence_now(simulation, q, day, at["cell"])
        on_villagers = today["action"] == ON_VILLAGE
        expected = (1 - np.where(on_villagers, deterrence, 0.6) * un) * (1 - 0.5 * army)
        away = np.hypot(
            at["x"][:, None] - world.national_forces["x"], at["y"][:, None] - world.national_forces["y"]
        ).min(axis=1)
        wet = world.calendar["season"][day] in (RAINS, RAINS_AND_FLOOD)
        speed = q.response_kmh / q.friction_offroad * (q.rain_speed_offroad if wet else 1.0)
        averted = averted_by_hand(q, q.p_effective, today["response_hours"], 2.0 + away / speed)
        expected[on_villagers] *= 1.0 - averted[on_villagers]
        assert today["stands"] == pytest.approx(expected, rel=1e-9)
        villagers, others = villagers + int(on_villagers.sum()), others + int((~on_villagers).sum())
        least = min(least, 1.0 - averted.max(initial=0.0))
    assert villagers > 150
    assert others > 20
    assert least < 0.9


@pytest.mark.statistical
def test_as_many_candidates_fall_as_their_chances_say() -> None:
    # Given its place each candidate stands with its own chance, independently: by presence, by the village's own
    # militia, and by answers to warnings.
    e = np.concatenate([by_bands(r.events) for r in thinned()])
    e = e[e["action"] != ON_ARMY]
    fell = (e["outcome"] != REALISED).sum()
    assert 0.05 < fell / e.size < 0.6
    assert_close_in_law(fell, (1 - e["stands"]).sum(), (e["stands"] * (1 - e["stands"])).sum())
    # Also among those with low and with high chances: the chance is each one's own.
    for part in np.array_split(e[np.argsort(e["stands"])], 4):
        down = (part["outcome"] != REALISED).sum()
        assert_close_in_law(down, (1 - part["stands"]).sum(), (part["stands"] * (1 - part["stands"])).sum())


def test_what_was_prevented_has_no_consequences() -> None:
    for records in thinned()[:10]:
        events = records.events
        prevented = events["outcome"] == PREVENTED
        assert prevented.sum() > 20
        assert not events["deaths"][prevented].any()
        assert not events["kernel_same"][prevented].any()
        assert not prevented[events["parent"][events["parent"] >= 0]].any()
        by_day = np.bincount(events["day"][prevented] - records.first_day, minlength=records.days.size)
        assert np.array_equal(by_day, records.days["prevented"])


def test_attacks_on_troops_are_not_thinned() -> None:
    for records in thinned()[:10]:
        e = by_bands(records.events)
        on_army = e[e["action"] == ON_ARMY]
        assert (on_army["stands"] == 1.0).all()
        assert (on_army["outcome"] == REALISED).all()
        assert (on_army["village"] == -1).all()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_where_the_un_is_everywhere_and_prevents_all_nothing_stands(share: float) -> None:
    simulation = Simulation(YEAR, inert(displacement_share=share, n_same=0.3), seed=3)
    simulation.world.cells["un_held"] = 1 << 46  # 64 times a presence of 1 - 1/e: no gap is left
    for name in ("deterrence_un", "delta_un"):  # beyond the bounds of the parameter, to the point of certainty
        simulation.compiled.p[name] = 1.0
    simulation.advance(DAYS)
    e = by_bands(simulation.records().events)
    at_villages = e[e["action"] != ON_ARMY]
    assert at_villages.size > 300
    assert (at_villages["outcome"] == PREVENTED).all()
    assert not at_villages["stands"].any()
    assert (at_villages["elsewhere_from"] == -1).all()  # there is nowhere else


@pytest.mark.statistical
def test_displacement_tries_its_share_of_what_the_un_prevented_once_more() -> None:
    # Every second column of cells is held, and all attacks there are prevented; the army has no effect. What falls is
    # tried once more with the declared probability, in another column, where it stands.
    fallen = moved = 0
    for seed in range(8):
        simulation = Simulation(scenario("no-un"), inert(displacement_share=0.3), seed=seed)
        cells = simulation.world.cells
        held = cells["column"] % 2 == 0
        cells["un_held"][held] = 1 << 46
        for name in ("deterrence_un", "delta_un"):
            simulation.compiled.p[name] = 1.0
        simulation.advance(300)
        e = by_bands(simulation.records().events)
        e = e[e["action"] != ON_ARMY]
        again = e["outcome"] == REALISED_ELSEWHERE
        fallen, moved = fallen + int((e["outcome"] != REALISED).sum()), moved + int(again.sum())
        assert not held[e["cell"][again]].any()
        assert held[simulation.world.villages["cell"][e["elsewhere_from"][again]]].all()
        assert held[e["cell"][e["outcome"] == PREVENTED]].all()
        assert not held[e["cell"][e["outcome"] == REALISED]].any()
    assert fallen > 800
    assert_close_in_law(moved, 0.3 * fallen, 0.21 * fallen)


def signature(events: Table) -> list[tuple[object, ...]]:
    """Rows of the log without what UN units meet and answer; parents by day and band, as row numbers shift."""
    rows = []
    keep = events[events["actor"] != BAND_ON_PATROL]
    names = [name for name in events.dtype.names if name not in ("parent", "answer", "responder", "response_hours")]
    for e in keep:
        parent = events[e.parent] if e.parent >= 0 else None
        rows.append((*(e[name] for name in names), None if parent is None else (parent.day, parent.perpetrator)))
    return rows


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_bases_without_effect_change_no_row_of_the_log(share: float) -> None:
    # The UN deters nobody, averts nothing (its answers are part of its effect) and softens no attack. All attacks
    # are warned of, and nobody else comes.
    q = defaults().changed(
        delta_un=0.0, softening=0.0, displacement_share=share, generation_months=0.0, p_warning=1.0, p_army_stays=0.0
    )
    start = scenario().start
    package = {"decision": start, "permission": start}
    tobs = scenario("extra-tobs").changed(package=package)
    (with_tobs,), (without,) = runs(tobs, q, [4], days=500), runs(scenario(), q, [4], days=500)
    assert with_tobs.clock_zero > 0
    assert with_tobs.days["extra_tobs"].sum() > 300
    assert not np.array_equal(with_tobs.days["un_patrols"], without.days["un_patrols"])
    assert with_tobs.days["answered"].sum() > without.days["answered"].sum()  # they come, and it changes nothing
    assert AVERTED_BY_UN not in set(with_tobs.events["answer"].tolist())
    assert signature(with_tobs.events) == signature(without.events)


def test_on_one_day_each_attack_can_only_fall_as_the_un_prevents_more() -> None:
    # One state, one day, common draws: raising the effect only takes attacks away, band by band. Rates are raised so
    # that the one day has hundreds of candidates.
    def parameters(delta: float) -> Parameters:
        q = defaults().changed(delta_un=delta, displacement_share=0.0)
        return with_rates(q, candidates=times(q.rates.candidates, 60.0))

    start = Simulation(YEAR, defaults(), seed=6)
    start.advance(120)
    state, before = start.checkpoint(), start.world.state[0].n_events
    standing: list[set[int]] = []
    for delta in (0.0, 0.2, 0.5, 0.8, 0.95):
        simulation = Simulation(YEAR, parameters(delta), seed=6)
        simulation.restore(state)
        simulation.advance(1)
        today = by_bands(simulation.records().events[before:])
        assert today.size > 60
        standing.append({int(e.perpetrator) for e in today if e.outcome != PREVENTED})
    for lower, higher in pairwise(standing):
        assert higher <= lower
    assert len(standing[-1]) < len(standing[0]) - 5
