"""Targets of deaths per event, of places hit again, and of victims' communities.

How many events a place has depends on how many there are in all. The chance that two events share their place, and the
places among a fixed number of events, do not; the other figures of places compare only between records of like length.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from scipy.special import gammaln

from abm.geography import COMMUNITIES
from abm.kinds import CIVILIAN_KINDS, KINDS
from calibration.aggregates import Aggregates
from calibration.event_sets import DOGON, FULANI
from calibration.near_repeat import Floats, Integers
from calibration.statistic import (
    BOOTSTRAP_SEED,
    BOOTSTRAPS,
    Statistic,
    bootstrap_error,
    proportion,
    proportion_error,
)

TAIL_FROM = 5  # deaths: where the tail begins, as calibration.static_tables.tail_exponent has it
TOP_SHARE = 0.1
RAREFIED = 200  # assumption: events to compare places by, fewer than a year has from 2018 on
EVENT_SETS = {
    "all": (slice(None), "all events"),
    "on_civilians": (slice(0, len(CIVILIAN_KINDS)), "attacks on civilians"),
    "clashes": (slice(len(CIVILIAN_KINDS), len(KINDS)), "clashes"),
}


def _deaths(a: Aggregates) -> Integers:
    """Events by number of deaths, all kinds."""
    return np.asarray(a.sizes.sum(axis=0), dtype=np.int64)


def _numbers(histogram: Integers) -> Floats:
    return np.arange(histogram.size, dtype=np.float64)


def _lethal(histogram: Integers) -> Integers:
    return np.where(np.arange(histogram.size) > 0, histogram, 0)


def _none_died(a: Aggregates, kinds: slice, error: bool) -> float:
    sizes = a.sizes[kinds].sum(axis=0)
    return (proportion_error if error else proportion)(float(sizes[0]), float(sizes.sum()))


def lethal_mean(histogram: Integers) -> float:
    """Mean deaths of events with deaths."""
    return proportion(float(histogram @ _numbers(histogram)), float(_lethal(histogram).sum()))


def _lethal_mean_error(histogram: Integers) -> float:
    lethal, mean = _lethal(histogram), lethal_mean(histogram)
    n = float(lethal.sum())
    return math.sqrt(float(lethal @ (_numbers(histogram) - mean) ** 2) / n / n) if n > 0 else math.nan


def lethal_percentile(histogram: Integers, share: float = 0.95) -> float:
    """Smallest number of deaths that so large a share of events with deaths does not exceed."""
    lethal = _lethal(histogram)
    if lethal.sum() == 0:
        return math.nan
    return float(np.searchsorted(lethal.cumsum(), share * lethal.sum()))


def top_share(histogram: Integers, share: float = TOP_SHARE) -> float:
    """Share of all deaths that fall in the largest so many of the events with deaths."""
    lethal, deaths = _lethal(histogram), _numbers(histogram)
    wanted = share * lethal.sum()
    from_top = lethal[::-1]
    before = from_top.cumsum() - from_top
    taken = np.clip(wanted - before, 0.0, from_top)
    return proportion(float(taken @ deaths[::-1]), float(lethal @ deaths))


def tail_mean_log(histogram: Integers) -> float:
    """Mean of log(deaths / 4.5) over events with 5 deaths or more: the inverse of the exponent less one.

    Clauset, Shalizi & Newman 2009, SIAM Review 51(4), equation 3.7, with the half taken off for whole numbers.
    """
    tail, deaths = histogram[TAIL_FROM:], _numbers(histogram)[TAIL_FROM:]
    return proportion(float(tail @ np.log(deaths / (TAIL_FROM - 0.5))), float(tail.sum()))


def _tail_error(histogram: Integers) -> float:
    tail, logs = histogram[TAIL_FROM:], np.log(_numbers(histogram)[TAIL_FROM:] / (TAIL_FROM - 0.5))
    n = float(tail.sum())
    return math.sqrt(float(tail @ (logs - tail_mean_log(histogram)) ** 2)) / n if n > 0 else math.nan


def largest(histogram: Integers) -> float:
    """The largest number that any unit has."""
    found = np.flatnonzero(histogram)
    return float(found[-1]) if found.size else math.nan


def _largest_error(histogram: Integers) -> float:
    return largest(histogram) * tail_mean_log(histogram) * math.pi / math.sqrt(6.0)


def _of_deaths(function: Callable[[Integers], float]) -> Callable[[Aggregates], float]:
    return lambda a: function(_deaths(a))


def _sizes() -> Iterator[Statistic]:
    for slug, (kinds, words) in EVENT_SETS.items():
        yield Statistic(
            f"share_without_deaths_{slug}", f"share of {words} without deaths", "sizes", "share",
            partial(_none_died, kinds=kinds, error=False), partial(_none_died, kinds=kinds, error=True),
            "binomial", False,
        )  # fmt: skip
    resampled = "bootstrap over events"
    of_events: tuple[tuple[str, str, str, Callable[[Integers], float], Callable[[Integers], float], str], ...] = (
        ("lethal_mean", "mean deaths of events with deaths", "deaths", lethal_mean, _lethal_mean_error,
         "standard error of a mean"),
        ("lethal_percentile_95", "95th percentile of deaths of events with deaths", "deaths", lethal_percentile,
         partial(_at_least_half, statistic=lethal_percentile), resampled + ", at least half a death"),
        ("top_tenth_of_deaths", "share of deaths in the largest tenth of events with deaths", "share", top_share,
         partial(bootstrap_error, statistic=top_share), resampled),
        ("tail_mean_log", "mean of log(deaths / 4.5) from 5 deaths up", "logarithm", tail_mean_log, _tail_error,
         "standard error of a mean"),
        ("largest_event", "deaths in the largest event", "deaths", largest, _largest_error,
         "Gumbel law of the logarithm of the largest of a power law's"),
    )  # fmt: skip
    for name, label, unit, value, error, basis in of_events:
        yield Statistic(name, label, "sizes", unit, _of_deaths(value), _of_deaths(error), basis, False)


def _at_least_half(histogram: Integers, statistic: Callable[[Integers], float]) -> float:
    """Bootstrap error of a whole number, which cannot be known better than to a half."""
    return max(bootstrap_error(histogram, statistic), 0.5)


def _total(places: Integers) -> float:
    return float(places @ _numbers(places))


def share_alone(places: Integers) -> float:
    """Share of events at places with no other event."""
    return proportion(float(places[1]) if places.size > 1 else 0.0, _total(places))


def places_per_event(places: Integers) -> float:
    """Number of places over number of events."""
    return proportion(float(places.sum()), _total(places))


def most_hit(places: Integers) -> float:
    """Share of events at the place with most."""
    return largest(places) / _total(places) if _total(places) > 0 else math.nan


def same_place(places: Integers) -> float:
    """Chance that two events are at one place (Simpson 1949, Nature 163:688); free of the number of events."""
    n, k = _total(places), _numbers(places)
    return proportion(float(places @ (k * (k - 1))), n * (n - 1))


def gini(places: Integers) -> float:
    """Gini index of events over the places that have any."""
    n, events = float(places.sum()), _total(places)
    if n == 0:
        return math.nan
    upto = places.cumsum().astype(np.float64)
    ranks = upto * (upto + 1) / 2 - (upto - places) * (upto - places + 1) / 2
    return float(2 * (ranks @ _numbers(places)) / (n * events) - (n + 1) / n)


def rarefied(places: Integers, among: int = RAREFIED) -> float:
    """Expected places over events among so many events drawn at random (Hurlbert 1971, Ecology 52(4):577)."""
    n, k = _total(places), _numbers(places)
    if n < among:
        return math.nan
    left = np.maximum(n - k - among, 0.0)
    missed = np.exp(gammaln(n - k + 1) - gammaln(left + 1) - gammaln(n + 1) + gammaln(n - among + 1))
    return float(places @ np.where(n - k >= among, 1.0 - missed, 1.0)) / among


def resampled_places(places: Integers) -> list[Integers]:
    """Records with as many events, drawn from the chances of places hit and of as many more as Chao's estimate adds.

    A place hit once might as well not have been: the chances of places hit are lowered, most where events are few, by
    what goes to places not hit (Chao et al. 2014, Ecological Monographs 84(1):45, appendix G).
    """
    at_place = np.repeat(np.arange(places.size), places)
    n = float(at_place.sum())
    once, twice = (float(places[k]) if places.size > k else 0.0 for k in (1, 2))
    not_hit = math.ceil(once * once / (2.0 * twice) if twice > 0 else once * (once - 1.0) / 2.0)
    chances = at_place / n
    if not_hit:
        unseen, few = once / n, chances * (1.0 - chances) ** n
        chances = np.concatenate([chances - unseen * few / few.sum(), np.full(not_hit, unseen / not_hit)])
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    drawn = rng.multinomial(int(n), chances / chances.sum(), size=BOOTSTRAPS)
    records = [np.bincount(record) for record in drawn]
    for record in records:
        record[0] = 0
    return records


def _places_error(a: Aggregates, statistic: Callable[[Integers], float]) -> float:
    if a.places.sum() < 2:
        return math.nan
    return float(np.std([statistic(places) for places in resampled_places(a.places)], ddof=1))


def _of_places(function: Callable[[Integers], float]) -> Callable[[Aggregates], float]:
    return lambda a: function(a.places)


def _places() -> Iterator[Statistic]:
    for name, label, unit, function in (
        ("share_alone", "share of events at places with one event", "share", share_alone),
        ("places_per_event", "places over events", "places per event", places_per_event),
        ("most_hit_share", "share of events at the place with most", "share", most_hit),
        ("same_place", "chance that two events are at one place", "probability", same_place),
        ("places_gini", "Gini index of events over places hit", "index", gini),
        (f"places_among_{RAREFIED}", f"places over events among {RAREFIED} events", "places per event", rarefied),
    ):
        yield Statistic(
            name, label, "places", unit, _of_places(function), partial(_places_error, statistic=function),
            "bootstrap over events with an estimate of places not hit", False,
        )  # fmt: skip


def _victims(a: Aggregates, kind: int, error: bool) -> float:
    fulani, dogon = float(a.victims[kind, FULANI]), float(a.victims[kind, DOGON])
    return (proportion_error if error else proportion)(fulani, fulani + dogon)


def _victim_shares() -> Iterator[Statistic]:
    """Of Fulani among victims stated as Fulani or Dogon: the record states no other community by name."""
    one, other = COMMUNITIES[FULANI], COMMUNITIES[DOGON]
    for kind, name in enumerate(CIVILIAN_KINDS):
        yield Statistic(
            f"victims_{one}_{name.removeprefix('civilians_by_')}",
            f"share of {one.title()} among {one.title()} and {other.title()} victims, {name.replace('_', ' ')}",
            "victims", "share", partial(_victims, kind=kind, error=False), partial(_victims, kind=kind, error=True),
            "binomial with one of each added", False,
        )  # fmt: skip


SIZE_STATISTICS = (*_sizes(), *_places(), *_victim_shares())
