"""The embedded tables of 2017-2020 (ACLED, aggregated) as :class:`~calibration.aggregates.Aggregates`."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from abm.calendar import DAY_ZERO
from abm.data import read_table
from abm.kinds import CIVILIAN_KINDS, KINDS
from calibration.aggregates import KNOX_SETS, VICTIM_COLUMNS, WEEK, Aggregates
from calibration.following import FOLLOWING_DAYS, FOLLOWING_KM, SIDES
from calibration.near_repeat import DISTANCES_KM, WINDOWS_DAYS, Floats, Integers, month_starts
from calibration.record_table import recorded

# Kinds of which the sides of the table of retaliation are a part or all, see calibration.following.
KIND_OF_SIDE = (
    "civilians_by_dogon_dozo_militia",
    "civilians_by_fulani_militia",
    "civilians_by_jihadists",
    "militia_v_militia",
    "civilians_by_state_or_external",
)
ROUNDING = 0.0005  # the table gives followers per event with three decimals


def _sizes() -> Integers:
    rows = [row for row in read_table("event_sizes_2017_2020") if row["kind"] in KINDS]
    sizes = np.zeros((len(KINDS), max(int(row["deaths"]) for row in rows) + 1), np.int64)
    for row in rows:
        sizes[KINDS.index(row["kind"]), int(row["deaths"])] += int(row["events"])
    return sizes


def _knox() -> tuple[Integers, Integers, Floats]:
    shape = (len(KNOX_SETS), len(DISTANCES_KM), len(WINDOWS_DAYS))
    n, pairs, expected = np.zeros(shape[:1], np.int64), np.zeros(shape, np.int64), np.zeros(shape)
    for row in read_table("near_repeat_knox_2017_2020"):
        s = KNOX_SETS.index(row["events"])
        place = s, DISTANCES_KM.index(float(row["within_km"])), WINDOWS_DAYS.index(int(row["within_days"]))
        n[s], pairs[place], expected[place] = (
            int(row["n_events"]),
            int(row["pairs_observed"]),
            float(row["pairs_expected"]),
        )
    return n, pairs, expected


def events_behind(per_event: Floats, at_most: int) -> int:
    """How many events figures per event belong to: the largest number that makes all of them whole numbers of events.

    Args:
        per_event: whole numbers over the one sought, rounded to three decimals.
        at_most: a number of events of which those are a part or all.

    Raises:
        ValueError: no number fits.
    """
    for n in range(at_most, 0, -1):
        if (np.abs(np.round(per_event * n) / n - per_event) <= ROUNDING + 1e-9).all():
            return n
    raise ValueError(f"per_event: expected whole numbers over {at_most} or less")


def _following() -> tuple[Integers, Integers, Floats]:
    shape = (len(SIDES), len(SIDES), len(FOLLOWING_KM), len(FOLLOWING_DAYS))
    per_event, expected, shares = np.zeros(shape), np.zeros(shape), np.zeros((*shape, 3))
    for row in read_table("retaliation_by_pair_2017_2020"):
        place = (
            SIDES.index(row["trigger"]),
            SIDES.index(row["follow"]),
            FOLLOWING_KM.index(float(row["within_km"])),
            FOLLOWING_DAYS.index(int(row["within_days"])),
        )
        per_event[place], expected[place] = float(row["followers_per_event"]), float(row["followers_expected"])
        shares[place] = [float(row[name]) for name in ("share_followed", "followers_per_event", "preceding_per_event")]
    events = recorded().events.sum(axis=(0, 1))
    n = np.array([events_behind(shares[s], int(events[KINDS.index(kind)])) for s, kind in enumerate(KIND_OF_SIDE)])
    per_side = n[:, None, None, None]
    return n, np.round(per_event * per_side).astype(np.int64), expected * per_side


def _places() -> Integers:
    rows = read_table("events_per_location_2017_2020")
    sizes, places = ([int(row[name]) for row in rows] for name in ("events_at_location", "locations"))
    return np.bincount(sizes, weights=places).astype(np.int64)


def _victims() -> Integers:
    victims = np.zeros((len(CIVILIAN_KINDS), len(VICTIM_COLUMNS)), np.int64)
    for row in read_table("civilian_victims_by_community_2017_2020"):
        where = CIVILIAN_KINDS.index(row["kind"]), VICTIM_COLUMNS.index(row["victim_community"])
        victims[where] += int(row["events"])
    return victims


def weekly_record(kinds: tuple[str, ...] = KINDS) -> tuple[int, Integers]:
    """Day number of the first Monday, and recorded events by week and kind: shape (weeks, kinds).

    Raises:
        ValueError: the table's weeks do not follow each other.
    """
    rows = read_table("events_by_week_kind_2017_2020")
    first = date.fromisoformat(rows[0]["week"])
    for number, row in enumerate(rows):
        if date.fromisoformat(row["week"]) != first + timedelta(days=WEEK * number):
            raise ValueError(f"events_by_week_kind_2017_2020: week {row['week']} does not follow the one before")
    return (first - DAY_ZERO).days, np.array([[int(row[kind]) for kind in kinds] for row in rows], np.int64)


@lru_cache(maxsize=1)
def embedded() -> Aggregates:
    """Recorded counts of 2017-2020 of the ten kinds of the model; see :class:`Aggregates` for what holds more."""
    record = recorded()
    first_day, last_day = month_starts(np.array([record.first, record.end])).tolist()
    first_monday, weekly = weekly_record()
    knox_events, knox_pairs, knox_expected = _knox()
    side_events, following, following_expected = _following()
    return Aggregates(
        first_day=first_day,
        last_day=last_day,
        first_month=record.first,
        events=record.events[:, :, : len(KINDS)].copy(),  # kinds of the model come first
        deaths=record.deaths[:, :, : len(KINDS)].copy(),
        first_monday=first_monday,
        weekly=weekly,
        sizes=_sizes(),
        knox_events=knox_events,
        knox_pairs=knox_pairs,
        knox_expected=knox_expected,
        side_events=side_events,
        following=following,
        following_expected=following_expected,
        places=_places(),
        victims=_victims(),
    )
