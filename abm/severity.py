"""How many people die in an event: none, or one plus a truncated Lomax variate.

The survival function of deaths beyond the first is ``(1 + x/s)**-(b - 1)``, whose tail has the exponent ``b`` of the
literature; the scale ``s`` of each kind follows from the recorded mean. Truncated at the people present and at
``most_deaths``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from abm.compiled import rule

MANY_PEOPLE = 1 << 30  # where no village bounds the deaths of an event


@rule
def deaths_cap(population: int, most: int) -> int:
    """Most people who can die: those present, at least one, at most `most`."""
    return max(1, min(population, most))


@rule
def lethal_deaths(u: float, scale: float, tail: float, cap: int) -> int:
    """Deaths of an event with at least one: inverse of the truncated Lomax survival, 1..cap."""
    a = tail - 1.0
    beyond = math.pow(1.0 + cap / scale, -a)
    x = scale * (math.pow(1.0 - u * (1.0 - beyond), -1.0 / a) - 1.0)
    return min(cap, 1 + int(x))


@rule
def deaths(u_fatal: float, u_size: float, fatal_share: float, scale: float, tail: float, cap: int) -> int:
    """Deaths of an event: none with probability 1 - fatal_share."""
    if u_fatal >= fatal_share:
        return 0
    return lethal_deaths(u_size, scale, tail, cap)


def lethal_means(scale: float, tail: float, most: int) -> NDArray[np.float64]:
    """Mean deaths of a lethal event for each cap 0..most (entry 0 is unused): shape (most + 1,)."""
    a = tail - 1.0
    survival = [math.pow(1.0 + j / scale, -a) for j in range(most + 1)]
    means = np.zeros(most + 1)
    total = 0.0
    for cap in range(1, most + 1):
        total += survival[cap - 1]
        means[cap] = (total - cap * survival[cap]) / (1.0 - survival[cap])
    return means


def lethal_mean(scale: float, tail: float, most: int) -> float:
    """Mean deaths of a lethal event of which at most `most` can die: the last entry of :func:`lethal_means`."""
    a = tail - 1.0
    total = 0.0
    for j in range(most):
        total += math.pow(1.0 + j / scale, -a)
    least = math.pow(1.0 + most / scale, -a)
    return (total - most * least) / (1.0 - least)


def scale_for_mean(mean: float, tail: float, most: int) -> float:
    """Scale at which a lethal event has this mean when truncated at `most`.

    Raises:
        ValueError: no scale gives this mean (below 1, or so high that truncation forbids it).
    """
    low, high = 1e-3, 1e5

    def excess(log_scale: float) -> float:
        return lethal_mean(math.exp(log_scale), tail, most) - mean

    if excess(math.log(low)) >= 0.0:
        if mean < 1.0:
            raise ValueError(f"a lethal event has at least one death on average, got {mean:g}")
        return low
    if excess(math.log(high)) <= 0.0:
        raise ValueError(f"no scale gives {mean:g} deaths a lethal event when at most {most} can die")
    return math.exp(float(brentq(excess, math.log(low), math.log(high), xtol=1e-10)))
