"""What K parameter draws × S seeds say about a difference, and how sure they are.

All functions are pure and take arrays of shape (K draws, S seeds). Two kinds of doubt are kept apart: ``s2_seed``, by
which futures under one set of parameters differ, shrinks with more runs; ``s2_param``, by which the effect itself
differs between sets of parameters that nobody can tell apart, does not. Balanced one-way random-effects analysis of
variance: Searle, Casella & McCulloch 1992, *Variance Components*, chapter 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Interval = tuple[float, float]

LEVEL = 0.90
# Below this mean number of events a run, in any arm, a ratio of counts is not worth a verdict (assumption).
FEWEST_EVENTS = 5.0


@dataclass(frozen=True)
class Spread:
    """Mean of the differences and the two variances around it; ``s2_param`` is 0 where the estimate is negative."""

    estimate: float
    s2_seed: float
    s2_param: float
    n_draws: int
    n_seeds: int

    @property
    def monte_carlo_se(self) -> float:
        """Standard error of the estimate that more runs would shrink."""
        return math.sqrt(self.s2_seed / (self.n_draws * self.n_seeds))

    @property
    def reliability(self) -> float:
        """Share of the variance of draw means that is not noise of seeds, 0..1."""
        of_means = self.s2_param + self.s2_seed / self.n_seeds
        return self.s2_param / of_means if of_means > 0.0 else 0.0


def _checked(differences: Floats) -> Floats:
    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] < 2 or values.shape[1] < 2:
        raise ValueError(f"expected at least 2 draws × 2 seeds, got an array of shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("differences must be finite numbers")
    return values


def spread(differences: Floats) -> Spread:
    """Mean, seed variance and parameter variance of differences (K draws, S seeds).

    ``s2_seed`` is the mean square within draws, ``s2_param`` = max(0, (mean square between draws - within) / S).

    Raises:
        ValueError: fewer than two draws or two seeds (the two variances cannot be told apart), or numbers not finite.
    """
    values = _checked(differences)
    n_draws, n_seeds = values.shape
    draw_means = values.mean(axis=1)
    within = float(values.var(axis=1, ddof=1).mean())
    between = n_seeds * float(draw_means.var(ddof=1))
    return Spread(float(values.mean()), within, max(0.0, (between - within) / n_seeds), n_draws, n_seeds)


def shrunk_draw_means(differences: Floats) -> Floats:
    """Draw means (K,) pulled towards their mean until their variance is ``s2_param``: the noise of seeds taken out.

    The factor is the root of the reliability, not the reliability itself: the plain factor is best for a single draw
    but leaves a set of draws too narrow, with variance reliability × s2_param (Louis 1984, JASA 79:393).
    """
    values = _checked(differences)
    parts = spread(values)
    factor = math.sqrt(parts.reliability)
    shrunk: Floats = parts.estimate + factor * (values.mean(axis=1) - parts.estimate)
    return shrunk


def quantiles(values: Floats, level: float = LEVEL) -> Interval:
    """Central quantiles of a sample such that the next value falls between them with probability ``level``.

    Weibull's plotting positions, exact on average for any continuous distribution; a sample too small for the level
    gives its extremes.
    """
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(np.asarray(values, dtype=np.float64).ravel(), [tail, 1.0 - tail], method="weibull")
    return float(low), float(high)


def level_held(values: int, level: float = LEVEL) -> float:
    """Share of further values that central quantiles of so many values can hold: no more than their extremes do."""
    return min(level, (values - 1) / (values + 1))


def effect_interval(differences: Floats, level: float = LEVEL) -> Interval:
    """Where the mean effect lies: quantiles of the shrunk draw means, widened by the Monte Carlo error.

    Without the second part, an effect that no parameter moves would have an interval of no width around a mean that
    is still noise, and would always look resolved. The parts are independent, so half-widths add as squares.
    """
    values = _checked(differences)
    parts = spread(values)
    low, high = quantiles(shrunk_draw_means(values), level)
    t = float(special.stdtrit(parts.n_draws * (parts.n_seeds - 1), 0.5 + level / 2.0))
    noise = t * parts.monte_carlo_se
    below = math.copysign(math.hypot(parts.estimate - low, noise), parts.estimate - low)
    above = math.copysign(math.hypot(high - parts.estimate, noise), high - parts.estimate)
    return parts.estimate - max(below, noise), parts.estimate + max(above, noise)


def future_interval(differences: Floats, level: float = LEVEL) -> Interval:
    """What one pair of futures may show: raw quantiles of the paired differences."""
    return quantiles(_checked(differences), level)


def leaves_out_zero(interval: Interval) -> bool:
    """Whether an interval lies wholly on one side of zero."""
    return interval[0] > 0.0 or interval[1] < 0.0


@dataclass(frozen=True)
class Summary:
    """Everything a table says about one difference."""

    spread: Spread
    effect: Interval
    future: Interval
    control: float

    @property
    def resolved(self) -> bool:
        """Whether the interval of the effect leaves out zero."""
        return leaves_out_zero(self.effect)

    @property
    def relative(self) -> float:
        """Mean difference as a share of the control's mean; NaN where that is zero."""
        return self.spread.estimate / self.control if self.control != 0.0 else math.nan


def summarise(treated: Floats, control: Floats, level: float = LEVEL) -> Summary:
    """Paired differences treated minus control, both (K draws, S seeds) under common draws."""
    differences = np.asarray(treated, dtype=np.float64) - np.asarray(control, dtype=np.float64)
    return Summary(
        spread(differences),
        effect_interval(differences, level),
        future_interval(differences, level),
        float(np.mean(control)),
    )


@dataclass(frozen=True)
class Pairing:
    """Seed variance of a difference under common draws and as it would be under independent seeds."""

    paired: float
    independent: float

    @property
    def gain(self) -> float:
        """How many times as many runs independent seeds would need; infinite where pairs do not differ at all."""
        if self.paired > 0.0:
            return self.independent / self.paired
        return math.inf if self.independent > 0.0 else 1.0


def pairing(treated: Floats, control: Floats) -> Pairing:
    """Variance within draws of paired differences, beside that of each treated run less a control of another seed.

    Controls are shifted by one to S - 1 seeds within the draw. The plain variance of shifted differences is slightly
    too large, because each run comes back in another difference; averaged over all shifts and put right, it is the
    sum of the two arms' own variances, which is what is computed.
    """
    treated, control = _checked(treated), _checked(control)
    own = treated.var(axis=1, ddof=1) + control.var(axis=1, ddof=1)
    return Pairing(spread(treated - control).s2_seed, float(own.mean()))


@dataclass(frozen=True)
class Interaction:
    """How far two measures together differ from the product of their single effects, as a ratio (1: not at all)."""

    ratio: float
    low: float
    high: float
    resolved: bool
    reason: str


def interaction(neither: Floats, first: Floats, second: Floats, both: Floats, level: float = LEVEL) -> Interaction:
    """Interaction of two measures on the log-ratio scale: log of (both × neither) / (first × second).

    All four arms (K draws, S seeds), counts or sums, not negative. Half an event is added to each so that a run
    without events has a logarithm (Haldane 1956, Annals of Human Genetics 20:309); where an arm has fewer than
    FEWEST_EVENTS a run on average that half would speak louder than the data, and nothing is called resolved.
    """
    arms = [_checked(arm) for arm in (neither, first, second, both)]
    if any((arm < 0.0).any() for arm in arms):
        raise ValueError("counts must not be negative")
    logs = [np.log(arm + 0.5) for arm in arms]
    values = logs[3] + logs[0] - logs[1] - logs[2]
    low, high = effect_interval(values, level)
    few = min(float(arm.mean()) for arm in arms) < FEWEST_EVENTS
    reason = f"an arm has fewer than {FEWEST_EVENTS:g} a run" if few else ""
    estimate = math.exp(float(values.mean()))
    return Interaction(estimate, math.exp(low), math.exp(high), leaves_out_zero((low, high)) and not few, reason)


@dataclass(frozen=True)
class RatioSet:
    """Confidence set of a ratio: one interval, two branches reaching to infinity, or the whole line."""

    estimate: float
    branches: tuple[Interval, ...]

    @property
    def bounded(self) -> bool:
        """Whether the set is an ordinary interval."""
        return all(math.isfinite(end) for branch in self.branches for end in branch)


WHOLE_LINE: tuple[Interval, ...] = ((-math.inf, math.inf),)


def acceptability(cost: Floats, averted: Floats, worth: Floats, error: float = 0.0) -> Floats:
    """Chance that the deaths averted are worth their cost, for each sum that averting a death may be worth.

    Args:
        cost: extra cost by draw, shape (K,).
        averted: deaths averted by draw, shape (K,); negative where deaths are added.
        worth: sums that averting a death is worth, shape (n,), in the unit of ``cost``.
        error: Monte Carlo standard error that all draws of ``averted`` share; without it, draws whose noise was taken
            out would all agree and look certain.

    Returns:
        Shares of draws of shape (n,) (van Hout, Al, Gordon & Rutten 1994, Health Economics 3:309).
    """
    each = np.asarray(worth, dtype=np.float64)[:, None]
    gain = each * np.asarray(averted, dtype=np.float64)[None, :] - np.asarray(cost, dtype=np.float64)[None, :]
    noise = np.broadcast_to(each * error, gain.shape)
    steps = np.where(gain >= 0.0, np.inf, -np.inf)
    shares: Floats = special.ndtr(np.divide(gain, noise, out=steps, where=noise > 0.0)).mean(axis=1)
    return shares
