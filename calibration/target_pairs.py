"""Targets of clustering in space and time: near repeats, and who follows whom."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from calibration.aggregates import KNOX_SETS, Aggregates
from calibration.following import FOLLOWING_DAYS, FOLLOWING_KM, SIDES
from calibration.near_repeat import DISTANCES_KM, WINDOWS_DAYS
from calibration.statistic import Statistic

NEAR_KM = 15.0  # of sets other than all events: fewer pairs, so only where the excess is seen best
SIDE_SLUGS = dict(
    zip(SIDES, ("dogon_on_fulani", "fulani_on_civ", "jihadist_on_civ", "communal_clash", "state_on_civ"), strict=True)
)
# Sides that fight each other: each is followed by the other if attacks are answered (the observation model's reading).
HOSTILE = (("dogon>fulani", "fulani>civ"), ("dogon>fulani", "jihadist>civ"), ("jihadist>civ", "state>civ"))
FOLLOWING_WINDOWS = ((25.0, 7), (50.0, 7), (25.0, 30))
_OF_PAIRS = (
    "Poisson in expected pairs; excess pairs count with those that share an event with them, for clusters come whole"
)


def pair_variance(expected: float, observed: float, sharing: float) -> float:
    """Variance of a number of near pairs.

    With permuted dates pairs are all but independent: Poisson, which is somewhat wide for windows that take up much of
    a quarter. Pairs in excess come in clusters; each shares an event
    with ``sharing`` others of them, whose covariance is added (Poisson clusters, delta method).
    """
    excess = max(observed - expected, 0.0)
    return max(expected, 1.0) + excess * (1.0 + sharing)


def _cell(events: str, km: float, days: int) -> tuple[int, int, int]:
    return KNOX_SETS.index(events), DISTANCES_KM.index(km), WINDOWS_DAYS.index(days)


def _knox_error(a: Aggregates, cell: tuple[int, int, int]) -> float:
    """Standard error of a number of near pairs; each of a pair's two events has excess neighbours of its own."""
    n, observed, expected = int(a.knox_events[cell[0]]), int(a.knox_pairs[cell]), float(a.knox_expected[cell])
    if n == 0:
        return math.nan
    return math.sqrt(pair_variance(expected, observed, 4.0 * max(observed - expected, 0.0) / n))


def near_ratio(a: Aggregates, cell: tuple[int, int, int]) -> float:
    """Near pairs over expected ones."""
    expected = float(a.knox_expected[cell])
    return float(a.knox_pairs[cell]) / expected if expected > 0 else math.nan


def near_excess(a: Aggregates, cell: tuple[int, int, int]) -> float:
    """Near pairs beyond expected ones, per event: hardly depends on how many events or years there are."""
    n = int(a.knox_events[cell[0]])
    return float(a.knox_pairs[cell] - a.knox_expected[cell]) / n if n > 0 else math.nan


def _ratio_error(a: Aggregates, cell: tuple[int, int, int]) -> float:
    expected = float(a.knox_expected[cell])
    return _knox_error(a, cell) / expected if expected > 0 else math.nan


def _excess_error(a: Aggregates, cell: tuple[int, int, int]) -> float:
    n = int(a.knox_events[cell[0]])
    return _knox_error(a, cell) / n if n > 0 else math.nan


def _near_repeats() -> Iterator[Statistic]:
    for events in ("all", "attacks_on_civilians", "communal"):
        for km in DISTANCES_KM if events == "all" else (NEAR_KM,):
            for days in WINDOWS_DAYS:
                cell, where = _cell(events, km, days), f"{events}_{km:g}km_{days}d"
                words = f"within {km:g} km and {days} days, {events.replace('_', ' ')}"
                yield Statistic(
                    f"near_ratio_{where}", f"near pairs over expected, {words}", "near_repeat", "ratio",
                    partial(near_ratio, cell=cell), partial(_ratio_error, cell=cell), _OF_PAIRS, False,
                )  # fmt: skip
                if events == "all":
                    yield Statistic(
                        f"near_excess_{where}", f"excess near pairs per event, {words}", "near_repeat",
                        "pairs per event", partial(near_excess, cell=cell), partial(_excess_error, cell=cell),
                        _OF_PAIRS, False,
                    )  # fmt: skip


Followed = tuple[int, int, int, int]


def excess_followers(a: Aggregates, cell: Followed) -> float:
    """Followers beyond expected ones per trigger; not a number if a side is without events."""
    triggers, follows = (int(a.side_events[side]) for side in cell[:2])
    return float(a.following[cell] - a.following_expected[cell]) / triggers if triggers and follows else math.nan


def _followers_error(a: Aggregates, cell: Followed) -> float:
    triggers, follows = (int(a.side_events[side]) for side in cell[:2])
    if not triggers or not follows:
        return math.nan
    observed, expected = int(a.following[cell]), float(a.following_expected[cell])
    excess = max(observed - expected, 0.0)
    sharing = excess / triggers + excess / follows
    if cell[0] == cell[1]:
        sharing *= 2.0  # an event of one side both triggers and follows
    return math.sqrt(pair_variance(expected, observed, sharing)) / triggers


def _following() -> Iterator[Statistic]:
    pairs = [(side, side) for side in SIDES]
    pairs += [pair for one, other in HOSTILE for pair in ((one, other), (other, one))]
    for trigger, follow in pairs:
        for km, days in FOLLOWING_WINDOWS:
            cell = SIDES.index(trigger), SIDES.index(follow), FOLLOWING_KM.index(km), FOLLOWING_DAYS.index(days)
            yield Statistic(
                f"following_{SIDE_SLUGS[trigger]}_then_{SIDE_SLUGS[follow]}_{km:g}km_{days}d",
                f"excess followers per event, {trigger} then {follow} within {km:g} km and {days} days",
                "following", "events per event",
                partial(excess_followers, cell=cell), partial(_followers_error, cell=cell), _OF_PAIRS, False,
            )  # fmt: skip


PAIR_STATISTICS = (*_near_repeats(), *_following())
