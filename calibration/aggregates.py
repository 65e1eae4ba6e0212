"""What is left of a log of events when it is counted as the embedded tables are: there, observed and simulated meet."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from abm.geography import CERCLES, COMMUNITIES
from abm.kinds import CIVILIAN_KINDS, CIVILIANS_BY_JIHADISTS, INTERCOMMUNAL_KINDS, KINDS
from calibration.event_sets import EventSet
from calibration.following import FOLLOWING_DAYS, FOLLOWING_KM, SIDES, followers, side_members
from calibration.near_repeat import (
    DISTANCES_KM,
    WINDOWS_DAYS,
    Booleans,
    Floats,
    Integers,
    close_pairs,
    knox,
    month_starts,
    months_of,
    quarter_of,
)

WEEK = 7
KNOX_SETS = ("all", "attacks_on_civilians", "civilians_by_jihadists", "communal")
BOTH, UNSTATED = len(COMMUNITIES), len(COMMUNITIES) + 1
VICTIM_COLUMNS = (*COMMUNITIES, "both", "other_or_unstated")
_MONDAY = 1  # day 1 is Monday 2 January 2017


@dataclass(frozen=True, eq=False)
class Aggregates:
    """Counts of a log of events, laid out as the embedded tables of 2017-2020.

    Args:
        first_day, last_day: days covered, the last one exclusive; months and weeks cut short are told by them.
        first_month: first month of ``events`` and ``deaths``, months since year 0.
        events, deaths: by month, cercle and kind: shape (months, 15, 10).
        first_monday: day number of the first week's Monday; may lie before day zero.
        weekly: events by week and kind: shape (weeks, 10).
        sizes: events by kind and number of deaths: shape (10, most deaths + 1).
        knox_events: events of each set of KNOX_SETS: shape (4,).
        knox_pairs, knox_expected: near pairs within each set by distance and window, and expected ones: (4, 4, 4).
        side_events: events of each of SIDES: shape (5,).
        following, following_expected: pairs of a trigger and a follower, observed and expected: shape (5 triggers,
            5 followers, 2 distances, 3 windows).
        places: locations with 0, 1, 2... events: shape (most events + 1,); entry 0 is 0.
        victims: attacks on civilians by kind and victims' community, with "both" and "other_or_unstated" after the six
            communities: shape (5, 8).

    Of the embedded tables, those of near repeats and of locations hold unmodelled kinds too (57 of 1,443 events), and
    near repeats leave out 75 events whose place or day is rough.
    """

    first_day: int
    last_day: int
    first_month: int
    events: Integers
    deaths: Integers
    first_monday: int
    weekly: Integers
    sizes: Integers
    knox_events: Integers
    knox_pairs: Integers
    knox_expected: Floats
    side_events: Integers
    following: Integers
    following_expected: Floats
    places: Integers
    victims: Integers

    def __post_init__(self) -> None:
        for name, shape in {
            "events": (len(self.events), len(CERCLES), len(KINDS)),
            "deaths": self.events.shape,
            "weekly": (len(self.weekly), len(KINDS)),
            "sizes": (len(KINDS), self.sizes.shape[-1]),
            "knox_events": (len(KNOX_SETS),),
            "knox_pairs": (len(KNOX_SETS), len(DISTANCES_KM), len(WINDOWS_DAYS)),
            "knox_expected": self.knox_pairs.shape,
            "side_events": (len(SIDES),),
            "following": (len(SIDES), len(SIDES), len(FOLLOWING_KM), len(FOLLOWING_DAYS)),
            "following_expected": self.following.shape,
            "places": (self.places.size,),
            "victims": (len(CIVILIAN_KINDS), len(VICTIM_COLUMNS)),
        }.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name}: expected an array of shape {shape}, got {getattr(self, name).shape}")
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def months(self) -> Integers:
        """Months since year 0 of the rows of ``events``."""
        return self.first_month + np.arange(len(self.events))

    @property
    def whole_months(self) -> Booleans:
        """Which months are covered from first to last day."""
        return (month_starts(self.months) >= self.first_day) & (month_starts(self.months + 1) <= self.last_day)

    @property
    def mondays(self) -> Integers:
        """Day numbers of the Mondays of the rows of ``weekly``."""
        return self.first_monday + WEEK * np.arange(len(self.weekly))

    @property
    def whole_weeks(self) -> Booleans:
        """Which weeks are covered from Monday to Sunday."""
        return (self.mondays >= self.first_day) & (self.mondays + WEEK <= self.last_day)

    @property
    def years(self) -> float:
        """Length covered, in years of 365.25 days."""
        return (self.last_day - self.first_day) / 365.25

    @property
    def week_quarters(self) -> Integers:
        """Running number of the calendar quarter in which each week's Monday lies."""
        return quarter_of(self.mondays)

    def in_year(self, year: int) -> Aggregates:
        """The same counts with what can be cut, by month and by week, cut to one calendar year.

        Sizes, near repeats, followers, places and victims stay those of the whole record: their tables are pooled. A
        score of one year that uses them has seen the other years too. Of near repeats compare the excess per event, not
        pairs; of places compare what is free of the number of events (see ``calibration.target_sizes``).

        Raises:
            ValueError: the record does not cover the whole year.
        """
        first, after = month_starts(np.array([year * 12, (year + 1) * 12])).tolist()
        if not self.first_day <= first < after <= self.last_day:
            raise ValueError(f"year: {year} is not wholly covered by the events")
        months = (self.months >= year * 12) & (self.months < (year + 1) * 12)
        weeks = (self.mondays + WEEK > first) & (self.mondays < after)
        return replace(
            self,
            first_day=first,
            last_day=after,
            first_month=year * 12,
            events=self.events[months],
            deaths=self.deaths[months],
            first_monday=int(self.mondays[weeks][0]),
            weekly=self.weekly[weeks],
        )


def monday_of(day: int) -> int:
    """Day number of the Monday of a day's week."""
    return day - (day - _MONDAY) % WEEK


def _counts(shape: tuple[int, ...], *axes: Integers, weights: Integers | None = None) -> Integers:
    """Table of counts, or of sums of whole weights, by indices on each axis."""
    cell = np.ravel_multi_index(axes, shape)
    counts = np.bincount(cell, weights=weights, minlength=int(np.prod(shape))).reshape(shape)
    return counts.astype(np.int64)


def knox_members(events: EventSet) -> Booleans:
    """Which events belong to each of KNOX_SETS, shape (4, n)."""
    communal = [KINDS.index(kind) for kind in INTERCOMMUNAL_KINDS]
    return np.array(
        [
            np.ones(len(events), np.bool_),
            events.on_civilians,
            events.kind == CIVILIANS_BY_JIHADISTS,
            np.isin(events.kind, communal),
        ]
    )


def aggregate(events: EventSet) -> Aggregates:
    """Count a log of events as the embedded tables are counted; the order of events does not matter."""
    first_month, last_month = months_of(np.array([events.first_day, events.last_day - 1])).tolist()
    by_month = (last_month - first_month + 1, len(CERCLES), len(KINDS))
    where = (months_of(events.day) - first_month, events.cercle, events.kind)
    first_monday = monday_of(events.first_day)
    weeks = (events.last_day - 1 - first_monday) // WEEK + 1
    pairs = close_pairs(events.x, events.y)
    sets, sides = knox_members(events), side_members(events)
    knox_pairs, knox_expected = knox(events.day, pairs, sets)
    following, following_expected = followers(events.day, pairs, sides)
    on_civilians = events.on_civilians
    community = np.where(events.community >= 0, events.community, UNSTATED)[on_civilians]
    at_place = np.unique(events.place, return_counts=True)[1]
    return Aggregates(
        first_day=events.first_day,
        last_day=events.last_day,
        first_month=first_month,
        events=_counts(by_month, *where),
        deaths=_counts(by_month, *where, weights=events.deaths),
        first_monday=first_monday,
        weekly=_counts((weeks, len(KINDS)), (events.day - first_monday) // WEEK, events.kind),
        sizes=_counts((len(KINDS), int(events.deaths.max(initial=0)) + 1), events.kind, events.deaths),
        knox_events=sets.sum(axis=1),
        knox_pairs=knox_pairs,
        knox_expected=knox_expected,
        side_events=sides.sum(axis=1),
        following=following,
        following_expected=following_expected,
        places=np.bincount(at_place, minlength=1).astype(np.int64),
        victims=_counts((len(CIVILIAN_KINDS), len(VICTIM_COLUMNS)), events.kind[on_civilians], community),
    )
