"""Replay of recorded months: nothing lost, nothing made, nothing known of the future, and the laws that it draws by."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache, lru_cache

import numpy as np
import pytest
from engine import assert_close_in_law, assert_counts, defaults
from scipy import stats

from abm.geography import CERCLES
from abm.kinds import (
    BAND,
    BAND_ON_PATROL,
    CIVILIAN_KINDS,
    CIVILIANS_BY_UNIDENTIFIED,
    DOGON,
    DOZO,
    FULANI,
    IS_SAHEL,
    JIHADISTS_V_MILITIA,
    KATIBA_MACINA,
    KINDS,
    MILITIA_V_MILITIA,
    NATIONAL_FORCES,
    ON_ARMY,
    ON_JIHADISTS,
    ON_MILITIA,
    ON_PATROL_OF_UN,
    ON_VILLAGE,
    STATE_V_JIHADISTS,
    UN_V_JIHADISTS,
)  # fmt: skip
from abm.lived import LivedHistory
from abm.scenario import Scenario
from abm.tables import Table, World
from abm.world import build_world
from calibration import replay
from calibration.agent_forecast import SCENARIO, month_start
from calibration.record_table import RecordTable, month_number, recorded
from calibration.replay import Replay, day_weights, first_day

ORIGIN = month_number("2020-07")
MONTHS = 12
JIHADISTS, SELF_DEFENCE = (KATIBA_MACINA, IS_SAHEL), (DOGON, DOZO)


@lru_cache(maxsize=1)
def year() -> Replay:
    return Replay(recorded().before(ORIGIN), MONTHS)


@cache
def world(first: int) -> World:
    return build_world(Scenario.load(SCENARIO).changed(start=month_start(first)), defaults())


@cache
def rows(draw: int = 0, seed: int = 1) -> Table:
    return year().rows(world(year().first), defaults(), seed, draw)


def record_of(events: np.ndarray, deaths: np.ndarray, first: str) -> RecordTable:
    """A record of the modelled kinds alone."""
    return RecordTable(month_number(first), events, deaths, KINDS, KINDS, np.ones(len(CERCLES), np.bool_))


def single(month: str, cercle: str, kind: int, events: int, deaths: int = 0) -> Replay:
    """One month in which one cell has all events."""
    counts = np.zeros((1, len(CERCLES), len(KINDS)), np.int64)
    dead = np.zeros_like(counts)
    counts[0, CERCLES.index(cercle), kind], dead[0, CERCLES.index(cercle), kind] = events, deaths
    return Replay(record_of(counts, dead, month), 1)


def cells_of(table: Table, values: np.ndarray) -> np.ndarray:
    """Sums of values by month, cercle and kind: shape (12, 15, 10)."""
    starts = np.array([first_day(year().first + m) for m in range(MONTHS + 1)])
    month = np.searchsorted(starts, table["day"], side="right") - 1
    sums = np.zeros((MONTHS, len(CERCLES), len(KINDS)), np.int64)
    # As the log has it: an event at a village is in the village's cercle, one without a village in its cell's.
    w = world(year().first)
    cercle = np.where(table["village"] == -1, w.cells["cercle"][table["cell"]], w.villages["cercle"][table["village"]])
    np.add.at(sums, (month, cercle, table["kind"]), values)
    return sums


# --- nothing lost, nothing made -------------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [0, 1])
def test_every_recorded_event_happens_once_where_and_when_it_is_recorded(draw: int) -> None:
    record = recorded()
    months = slice(year().first - record.first, ORIGIN - record.first)
    events, deaths = record.events[months, :, : len(KINDS)], record.deaths[months, :, : len(KINDS)]
    assert events.sum() > 400
    table = rows(draw)
    assert np.array_equal(cells_of(table, np.ones(table.size, np.int64)), events)
    assert np.array_equal(cells_of(table, table["deaths"]), deaths)
    assert table["deaths"].min() >= 0


def test_a_run_can_be_told_the_rows() -> None:
    LivedHistory(first_day(ORIGIN), rows(), np.ones((1, len(CERCLES))))  # refuses what is out of order or too late
    assert rows()["day"].min() >= first_day(year().first)


def test_villages_lie_in_their_cells_and_troops_are_met_outside_villages() -> None:
    villages = world(year().first).villages
    table = rows()
    at_village = table[table["village"] != -1]
    assert np.array_equal(villages["cell"][at_village["village"]], at_village["cell"])
    on_troops = np.isin(table["action"], [ON_ARMY, ON_PATROL_OF_UN]) | (
        (table["actor"] == NATIONAL_FORCES) & (table["action"] != ON_VILLAGE)
    )
    assert on_troops.any()
    assert np.array_equal(table["village"] == -1, on_troops)


# --- days -----------------------------------------------------------------------------------------------------------


def weekly(counts: dict[str, float], kind: int) -> tuple[np.ndarray, np.ndarray]:
    """A table of the weeks of 2019 and 2020 with a few counts, by their Mondays."""
    start = np.arange(first_day(month_number("2019-01")) - 1, first_day(month_number("2021-01")), 7)
    table = np.zeros((start.size, len(KINDS)))
    for monday, count in counts.items():
        table[np.flatnonzero(start == (date.fromisoformat(monday) - date(2017, 1, 1)).days)[0], kind] = count
    return start, table


def test_the_embedded_weeks_follow_each_other_without_a_gap() -> None:
    start, counts = replay._weeks()
    assert np.array_equal(np.diff(start), np.full(start.size - 1, 7))
    assert date.fromordinal(date(2017, 1, 1).toordinal() + int(start[0])).weekday() == 0
    assert start[0] <= first_day(month_number("2017-01"))
    assert start[-1] + 7 >= first_day(month_number("2021-01"))
    assert counts.shape == (start.size, len(KINDS))


def test_a_week_without_events_of_a_kind_gets_none() -> None:
    start, counts = replay._weeks()
    for draw in (0, 1):
        told = rows(draw)
        inner = told[told["day"] < first_day(ORIGIN - 1)]  # the last month's last week is not known, see below
        week = np.searchsorted(start, inner["day"], side="right") - 1
        assert (counts[week, inner["kind"]] > 0).all()
    assert (counts == 0).mean() > 0.2  # there are such weeks


@pytest.mark.statistical
def test_days_follow_the_weekly_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chi-square of 600 events over the days of March 2020; false alarm 1 in a million."""
    monkeypatch.setattr(replay, "_weeks", lambda: weekly({"2020-03-02": 450, "2020-03-16": 150}, UN_V_JIHADISTS))
    told = single("2020-03", "Douentza", UN_V_JIHADISTS, 600).told(3, 0)
    days, seen = np.unique(told.day, return_counts=True)
    march = first_day(month_number("2020-03"))
    assert days.tolist() == [march + d for d in (*range(1, 8), *range(15, 22))]
    assert_counts(seen, np.repeat([450, 150], 7) / 7)


def test_a_month_without_weekly_counts_has_all_days_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "_weeks", lambda: weekly({"2020-02-03": 5}, STATE_V_JIHADISTS))
    days, weight = day_weights(month_number("2020-03"), STATE_V_JIHADISTS)
    assert (days[0], days.size) == (first_day(month_number("2020-03")), 31)
    assert np.array_equal(weight, np.ones(31))
    # A month that the table does not have at all.
    days, weight = day_weights(month_number("2023-02"), STATE_V_JIHADISTS, 4.0)
    assert np.array_equal(weight, np.ones(28))


def test_the_week_that_reaches_beyond_the_origin_is_what_the_months_other_weeks_leave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # March 2020 ends on a Tuesday: the week of 30 March counts five days of April.
    monkeypatch.setattr(replay, "_weeks", lambda: weekly({"2020-03-09": 3, "2020-03-30": 70}, ON_ARMY))
    _, known = day_weights(month_number("2020-03"), ON_ARMY, 5.0)
    assert known[-2:].tolist() == [7.0, 7.0]  # two events on two days, as counts of a week
    assert known[8:15].tolist() == [3.0] * 7
    assert known.sum() == 7 * 5
    assert day_weights(month_number("2020-03"), ON_ARMY, 3.0)[1][-2:].tolist() == [0.0, 0.0]
    assert day_weights(month_number("2020-03"), ON_ARMY)[1][-2:].tolist() == [70.0, 70.0]


# --- the future -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["2019-01", "2020-04"])
def test_nothing_recorded_at_the_origin_or_later_changes_a_row(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    number, record = month_number(origin), recorded()
    first = number - 2
    here = Replay(record.before(number), 2).rows(world(first), defaults(), 5, 0)

    events, deaths = record.events.copy(), record.deaths.copy()
    events[number - record.first :], deaths[number - record.first :] = 7, 77
    start, counts = replay._weeks()
    later = counts.copy()
    later[start + 7 > first_day(number)] += np.arange(1.0, 11.0)  # the week that the origin lies in among them
    assert not np.array_equal(later, counts)
    assert (start < first_day(number))[start + 7 > first_day(number)].any()  # it does begin before
    monkeypatch.setattr(replay, "_weeks", lambda: (start, later))
    changed = replace(record, events=events, deaths=deaths)
    there = Replay(changed.before(number), 2).rows(world(first), defaults(), 5, 0)
    assert np.array_equal(here, there)
    # What was recorded before does change them.
    events[number - record.first - 1] *= 2
    assert Replay(changed.before(number), 2).rows(world(first), defaults(), 5, 0).size > here.size


def test_months_that_are_not_recorded_are_refused() -> None:
    for months in (0, 43, -1):
        with pytest.raises(ValueError, match="months: expected 1 to the 42 recorded"):
            Replay(recorded().before(ORIGIN), months)


# --- draws ----------------------------------------------------------------------------------------------------------


def test_the_same_draw_is_the_same_rows_and_another_is_not() -> None:
    again = Replay(recorded().before(ORIGIN), MONTHS).rows(world(year().first), defaults(), 1, 0)
    assert np.array_equal(again, rows())
    for other in (rows(draw=1), rows(seed=2)):
        for field in ("day", "perpetrator", "village", "deaths"):
            assert not np.array_equal(other[field], rows()[field])


# --- who ------------------------------------------------------------------------------------------------------------


def test_perpetrators_are_of_the_mapped_factions_and_targets_are_their_opponents() -> None:
    m = world(year().first).militias
    seen = set()
    for draw in (0, 1):
        for r in rows(draw):
            name, actor, action, faction = KINDS[r["kind"]], r["actor"], r["action"], r["faction"]
            seen.add((name, int(actor), int(action)))
            if actor == NATIONAL_FORCES:
                assert faction == -1
                assert 0 <= r["perpetrator"] < world(year().first).national_forces.size
                if action == ON_VILLAGE:
                    assert (name, r["target"]) == ("civilians_by_state_or_external", -1)
                else:
                    wanted = {"state_v_jihadists": 1, "state_v_other": 0}[name]
                    assert m["jihadist"][r["target"]] == wanted == (action == ON_JIHADISTS)
                continue
            assert m["faction"][r["perpetrator"]] == faction
            if action == ON_VILLAGE:
                assert r["target"] == -1
                allowed = {
                    "civilians_by_dogon_dozo_militia": SELF_DEFENCE, "civilians_by_fulani_militia": (FULANI,),
                    "civilians_by_jihadists": JIHADISTS, "civilians_by_unidentified": range(5),
                }[name]  # fmt: skip
                assert faction in allowed
            elif action == ON_ARMY:
                assert (name, actor) == ("state_v_jihadists", BAND)
                assert faction in JIHADISTS
                assert 0 <= r["target"] < world(year().first).national_forces.size
            elif action == ON_PATROL_OF_UN:
                assert (name, actor) == ("un_v_jihadists", BAND_ON_PATROL)
                assert faction in JIHADISTS
            else:
                other = m["faction"][r["target"]]
                if name == "militia_v_militia":
                    assert {faction, other} & {FULANI}
                    assert {faction, other} & set(SELF_DEFENCE)
                else:
                    assert name == "jihadists_v_militia"
                    assert {faction, other} & set(JIHADISTS)
                    assert {faction, other} & set(SELF_DEFENCE)
    # Every kind was met, and clashes were begun by either side.
    assert {name for name, _, _ in seen} == set(KINDS)
    assert {a for name, a, _ in seen if name == "state_v_jihadists"} == {BAND, NATIONAL_FORCES}
    assert {a for name, _, a in seen if name == "jihadists_v_militia"} == {ON_MILITIA, ON_JIHADISTS}


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("kind", "parameter", "share"),
    [
        (STATE_V_JIHADISTS, "ambush_share", 0.3),
        (STATE_V_JIHADISTS, "ambush_share", 0.95),
        (JIHADISTS_V_MILITIA, "jihadist_initiative", 0.8),
        (JIHADISTS_V_MILITIA, "jihadist_initiative", 0.05),
        (MILITIA_V_MILITIA, "militia_initiative", 0.25),
        (MILITIA_V_MILITIA, "militia_initiative", 0.9),
    ],
)
def test_who_begins_a_clash_follows_the_parameters(kind: int, parameter: str, share: float) -> None:
    """600 clashes each; false alarm 1 in a million for each of them."""
    n = 600
    one = single("2020-03", "Douentza", kind, n)
    table = one.rows(world(one.first), defaults().changed(**{parameter: share}), 11, 0)
    began = {
        STATE_V_JIHADISTS: table["actor"] == BAND,
        JIHADISTS_V_MILITIA: np.isin(table["faction"], JIHADISTS),
        MILITIA_V_MILITIA: np.isin(table["faction"], SELF_DEFENCE),
    }[kind].sum()
    assert_close_in_law(began, share * n, n * share * (1.0 - share))


@pytest.mark.statistical
def test_nearer_and_stronger_bands_are_believed_to_have_acted() -> None:
    """2,000 attacks by Fulani militias in one village: weights by strength and distance; false alarm 1 in a million."""
    w = world(ORIGIN - 1)
    actors = replay._Actors(w, defaults())
    village = int(np.flatnonzero(w.villages["cercle"] == CERCLES.index("Koro"))[0])
    u = (np.arange(2_000) + 0.5) / 2_000
    found = np.array([actors.who(BAND, FULANI, ON_VILLAGE, village, float(v))[1] for v in u])
    m, v = w.militias, w.villages[village]
    weight = m["weight"] * np.exp(-np.hypot(m["x"] - v.x, m["y"] - v.y) / replay.NEAR_KM) * (m["faction"] == FULANI)
    seen = np.bincount(found, minlength=m.size)
    # Evenly spaced uniforms give each band its share to within one.
    assert np.abs(seen - 2_000 * weight / weight.sum()).max() <= 1.0


def test_what_nobody_was_named_for_goes_to_factions_by_their_attacks_in_the_zone() -> None:
    one = single("2020-03", "Koro", CIVILIANS_BY_UNIDENTIFIED, 400)
    w = world(one.first)
    table = one.rows(w, defaults(), 2, 0)
    named = np.array(defaults().rates.candidates)[:, w.cercles["zone"][CERCLES.index("Koro")], ON_VILLAGE]
    seen = np.bincount(table["faction"], minlength=5) / 400
    assert (seen[named == 0] == 0).all()
    assert np.abs(seen - named / named.sum()).max() < 5 * np.sqrt(0.25 / 400)


# --- where ----------------------------------------------------------------------------------------------------------


@pytest.mark.statistical
def test_places_hit_before_are_hit_again_by_the_law() -> None:
    """Where each of 3,000 events fell, against its own probabilities: hits before, less the discount, or the weight of
    a new place, times attraction. Probability transforms are uniform; false alarm 1 in a million (Kolmogorov-Smirnov).
    """
    n, cercle = 3_000, CERCLES.index("Koro")
    w = world(ORIGIN - 1)
    places = replay._Places(w, defaults())
    rates = defaults().rates
    here = np.flatnonzero(w.villages["cercle"] == cercle)
    hits = w.villages["hits"][here].astype(float)
    before = hits.copy()
    attraction = np.array(rates.target_weight)[KATIBA_MACINA, ON_VILLAGE][w.villages["community"][here]]
    u, place = np.random.default_rng(4).random((2, n))
    transforms = np.empty(n)
    for event in range(n):
        found = int(np.flatnonzero(here == places.hit(cercle, KATIBA_MACINA, ON_VILLAGE, float(u[event]), False))[0])
        weight = np.where(hits > 0, hits - rates.reuse_discount, rates.reuse_new_weight) * attraction
        # The place in another order, so that the order in which the law was summed up does not matter.
        upper = np.cumsum(weight[::-1]) / weight.sum()
        rank = here.size - 1 - found
        transforms[event] = upper[rank] - place[event] * weight[found] / weight.sum()
        hits[found] += 1
    assert hits.sum() == before.sum() + n
    assert stats.kstest(transforms, "uniform").pvalue > 1e-6


def test_later_events_of_a_draw_know_the_places_of_earlier_ones() -> None:
    few = single("2020-03", "Koro", CIVILIAN_KINDS.index("civilians_by_jihadists"), 300)
    table = few.rows(world(few.first), defaults(), 1, 0)
    w = world(few.first)
    fresh = w.villages["hits"][table["village"]] == 0
    places, times = np.unique(table["village"][fresh], return_counts=True)
    # Villages never hit before: hit again and again here, which independent draws by the first weights would not do.
    assert times.max() >= 4
    assert places.size < 0.8 * fresh.sum()
    # The world itself is not changed: the next draw starts from the same.
    assert np.array_equal(table, few.rows(world(few.first), defaults(), 1, 0))
