"""Arms weighed by cost and deaths averted together: which are dominated, the frontier, and which is the best buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from runs.compare import Comparison
from runs.statistics import Interval, RatioSet, effect_interval, summarise
from runs.studies.together import cases
from runs.worth import WORTH, quotients

Floats = NDArray[np.float64]

COST = "total_cost"
BLOCK = 256  # sets of parameters compared at once: arms × arms × block in memory


@dataclass(frozen=True)
class Increment:
    """From one arm of the frontier to the next: more cost, more deaths averted, US$ for each."""

    before: str
    after: str
    cost: float
    cost_interval: Interval
    averted: float
    averted_interval: Interval
    ratio: RatioSet


@dataclass(frozen=True)
class Value:
    """What arms are worth, the control among them.

    ``cost`` and ``averted`` are means beyond the control's; ``dominated`` is the chance that another arm costs no more
    and averts more; ``by`` is the arm that does so by the means, if any; ``frontier`` are the arms that none does so
    to, nor a mixture of two, from the cheapest; ``best_buy`` is the chance of being worth most for the sums of WORTH.
    """

    window: str
    key: str
    cost: Mapping[str, float]
    averted: Mapping[str, float]
    dominated: Mapping[str, float]
    by: Mapping[str, str | None]
    frontier: tuple[str, ...]
    increments: tuple[Increment, ...]
    best_buy: Mapping[str, tuple[float, ...]]


def value_of(comparison: Comparison, window: str, key: str) -> Value:
    """Cost and deaths averted of all arms together, in a window from the first day of the run."""
    arms = [arm.name for arm in comparison.design.arms]
    paid = np.stack([np.subtract(*comparison.pair(arm, window, COST)) for arm in arms])
    saved = np.stack([np.subtract(*comparison.pair(arm, window, key)[::-1]) for arm in arms])
    cost = dict(zip(arms, paid.mean(axis=(1, 2)).tolist(), strict=True))
    averted = dict(zip(arms, saved.mean(axis=(1, 2)).tolist(), strict=True))
    dominated, best = _chances(paid.mean(axis=2).T, saved)
    frontier = frontier_of(cost, averted)
    steps = tuple(_increment(comparison, window, key, *pair) for pair in pairwise(frontier))
    return Value(
        window,
        key,
        cost,
        averted,
        dict(zip(arms, dominated.tolist(), strict=True)),
        {arm: dominator(arm, cost, averted) for arm in arms},
        frontier,
        steps,
        {arm: tuple(shares) for arm, shares in zip(arms, best.T.tolist(), strict=True)},
    )


def dominator(arm: str, cost: Mapping[str, float], averted: Mapping[str, float]) -> str | None:
    """Of the arms that cost no more and avert more, or as much for less, the one that averts most."""
    found = [
        other
        for other in cost
        if cost[other] <= cost[arm]
        and averted[other] >= averted[arm]
        and (cost[other], averted[other]) != (cost[arm], averted[arm])
    ]
    return max(found, key=lambda other: averted[other]) if found else None


def frontier_of(cost: Mapping[str, float], averted: Mapping[str, float]) -> tuple[str, ...]:
    """Arms that no other dominates by the means, nor a mixture of two others, from the cheapest to the dearest."""
    kept: list[str] = []
    for arm in sorted(cost, key=lambda arm: (cost[arm], -averted[arm])):
        if dominator(arm, cost, averted) is not None or any(_same(arm, k, cost, averted) for k in kept):
            continue
        while len(kept) > 1 and _slope(kept[-2], kept[-1], cost, averted) <= _slope(kept[-1], arm, cost, averted):
            kept.pop()
        kept.append(arm)
    return tuple(kept)


def _same(one: str, other: str, cost: Mapping[str, float], averted: Mapping[str, float]) -> bool:
    return (cost[one], averted[one]) == (cost[other], averted[other])


def _slope(before: str, after: str, cost: Mapping[str, float], averted: Mapping[str, float]) -> float:
    """Deaths averted for each dollar more; rises in both along arms that are not dominated."""
    return (averted[after] - averted[before]) / (cost[after] - cost[before])


def _increment(comparison: Comparison, window: str, key: str, before: str, after: str) -> Increment:
    more = np.subtract(*comparison.pair(after, window, COST, before))
    treated, other = comparison.pair(after, window, key, before)
    saved = summarise(other, treated)
    paid = effect_interval(more)
    estimate = float(more.mean()) / saved.spread.estimate
    ratio = RatioSet(estimate, quotients(paid, saved.effect))
    return Increment(before, after, float(more.mean()), paid, saved.spread.estimate, saved.effect, ratio)


def _chances(cost: Floats, saved: Floats) -> tuple[Floats, Floats]:
    """Chance of being dominated (A,), and of being the best buy for each sum of WORTH (n, A).

    Costs hardly differ between seeds: their means by set of parameters, (K, A), are taken as they are. Arms that are
    the same in every run do not dominate each other, and share the chance of being the best buy.
    """
    both = np.concatenate([cost.T, saved.reshape(saved.shape[0], -1)], axis=1)
    _, one, same = np.unique(both, axis=0, return_index=True, return_inverse=True)
    same = same.ravel()
    cost, saved = cost[:, one], saved[one]
    points, arms = cost.shape
    dominated, best = np.zeros(arms), np.zeros((len(WORTH), arms))
    total = 0
    for averted in cases(saved):
        total += points
        for start in range(0, points, BLOCK):
            part = slice(start, start + BLOCK)
            dominated += _dominated(cost[part], averted[part]).sum(axis=0)
        for row, worth in enumerate(WORTH):
            winners = (worth * averted - cost).argmax(axis=1)
            best[row] += np.bincount(winners, minlength=arms)
    return (dominated / total)[same], (best / total / np.bincount(same))[:, same]


def _dominated(cost: Floats, averted: Floats) -> NDArray[np.bool_]:
    """Whether another arm costs no more and averts more, by set of parameters (n, A)."""
    cheaper = cost[:, None, :] <= cost[:, :, None]
    better = averted[:, None, :] > averted[:, :, None]
    return np.asarray(np.any(cheaper & better, axis=2))


def best_buys(found: Value, arms: Sequence[str]) -> list[tuple[float, str, float]]:
    """For each sum of WORTH the arm that is most often the best buy, and how often."""
    return [
        (worth, arm, found.best_buy[arm][row])
        for row, worth in enumerate(WORTH)
        for arm in [max(arms, key=lambda arm: found.best_buy[arm][row])]
    ]
