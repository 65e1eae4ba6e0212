"""Published effects of peacekeepers' presence that are done again in the model, and how one is held against it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from abm.kinds import CIVILIAN_KINDS, CIVILIANS_BY_JIHADISTS, CIVILIANS_BY_STATE, KINDS
from calibration.event_panels import Floats
from runs.statistics import Interval, effect_interval, spread

NORMAL_90 = 1.6449  # half-width of a normal 90 % interval, in standard errors

BORDER, ENTRY, EXIT = "border", "entry", "exit"
SHARE, POINTS = "relative", "chance a month"
AFTER_EXIT = 3  # months after a base has gone over which exit is measured (assumption)
NOMIKOS = "Nomikos 2021, Mali and Burkina Faso border in Mopti (abstract: OSF hmkbg; 2025, Cambridge University Press)"
KUNKEL = "Kunkel, Atkinson, Dudley & Warner, 'Here Today, Gone Tomorrow', International Political Science Review"

# What the study calls rebels: here jihadists and self-defence militias whose deeds are attributed to them.
JIHADISTS = (KINDS[CIVILIANS_BY_JIHADISTS],)
STATE = (KINDS[CIVILIANS_BY_STATE],)
REBELS = tuple(kind for kind in CIVILIAN_KINDS if kind not in (*STATE, "civilians_by_unidentified"))


@dataclass(frozen=True)
class Published:
    """One published effect and where to look for it: NaN where no standard error is given.

    Of entry and exit: ``kinds`` of attacks on civilians, which ``measure`` of them by cell and month, and whether it is
    the sum of the eight cells around.
    """

    experiment: str
    effect: str
    unit: str
    value: float
    se: float
    kinds: tuple[str, ...] = ()
    measure: str = ""
    around: bool = False


# Kunkel et al., replication results. Whether -.38 deaths by rebels is of entry or exit the notes at hand leave open.
LOCAL = (
    Published(ENTRY, "any attack by rebels, same cell", POINTS, -0.020, 0.011, REBELS, "any"),
    Published(ENTRY, "any attack by jihadists alone, same cell", POINTS, -0.020, 0.011, JIHADISTS, "any"),
    Published(ENTRY, "any attack by the state, same cell", POINTS, 0.052, 0.012, STATE, "any"),
    Published(ENTRY, "attacks by rebels, 8 cells around", "events a month", -0.147, 0.052, REBELS, "events", True),
    Published(
        ENTRY, "attacks by jihadists alone, 8 cells around", "events a month", -0.147, 0.052, JIHADISTS, "events", True
    ),
    Published(ENTRY, "attacks by the state, 8 cells around", "events a month", 0.579, 0.103, STATE, "events", True),
    Published(EXIT, "any attack by rebels, same cell", POINTS, -0.011, 0.009, REBELS, "any"),
    Published(EXIT, "deaths by rebels, same cell", "deaths a month", -0.38, 0.58, REBELS, "deaths"),
    Published(EXIT, "attacks by rebels, 8 cells around", "events a month", -0.294, 0.147, REBELS, "events", True),
    Published(EXIT, "attacks by the state, 8 cells around", "events a month", 0.408, 0.134, STATE, "events", True),
    Published(EXIT, "deaths by the state, 8 cells around", "deaths a month", -4.62, 1.54, STATE, "deaths", True),
)  # fmt: skip

RELATIVE = -0.17  # Nomikos: "reduces the probability of the onset of communal violence by 17 %"


@dataclass(frozen=True)
class EffectLine:
    """One effect, published and re-enacted.

    ``paired`` is the mean difference under common draws, with its Monte Carlo standard error; ``low`` and ``high``, its
    90 % interval over draws of parameters; ``between_draws``, the standard deviation of the effect between them.
    ``estimator`` is what the study's kind of estimator finds in the arm with bases (NaN where a twin leaves nothing to
    estimate), with its own interval; ``bias_se`` belongs to estimator minus paired. ``level`` is the outcome without
    the UN or the bases. ``agrees``: the published 90 % interval, or the number where no standard error is known, and
    the model's overlap; ``estimator_agrees`` says the same of the estimator.
    """

    experiment: str
    effect: str
    unit: str
    published: float
    published_se: float
    paired: float
    paired_se: float
    between_draws: float
    low: float
    high: float
    agrees: bool
    estimator: float
    estimator_se: float
    estimator_low: float
    estimator_high: float
    estimator_agrees: bool
    bias_se: float
    level: float
    note: str

    @property
    def bias(self) -> float:
        """What the estimator adds to the truth in the model."""
        return self.estimator - self.paired

    @property
    def relative(self) -> float:
        """The paired effect as a share of the level; itself where it is one already."""
        return self.paired if self.unit == SHARE else self.paired / self.level if self.level else math.nan


@dataclass(frozen=True)
class NaturalExperiments:
    """Both experiments: their lines, and the draws and seeds of each that they rest on."""

    lines: tuple[EffectLine, ...]
    draws: int
    seeds: int

    @property
    def replicates(self) -> int:
        """Pairs of runs of each experiment."""
        return self.draws * self.seeds


def ratio(totals: Floats, counts: Floats) -> float:
    """Sum of totals over the sum of counts, of all replicates together; NaN where nothing counts."""
    return float(totals.sum() / counts.sum()) if counts.sum() > 0.0 else math.nan


def ratio_values(totals: Floats, counts: Floats) -> Floats:
    """Values (K, S) with the mean sum(totals) / sum(counts), and the spread of that ratio (linearised).

    Raises:
        ValueError: all counts are zero.
    """
    if counts.sum() <= 0.0:
        raise ValueError(
            "there is nothing to divide by: no cell-month qualifies in any replicate; take more replicates"
        )
    mean = ratio(totals, counts)
    values: Floats = mean + (totals - mean * counts) / counts.mean()
    return values


def published_interval(value: float, se: float) -> Interval:
    """90 % interval of a published effect; the number itself where no standard error is known."""
    half = 0.0 if math.isnan(se) else NORMAL_90 * se
    return value - half, value + half


def overlap(one: Interval, other: Interval) -> bool:
    """Whether two intervals have a point in common."""
    return one[0] <= other[1] and other[0] <= one[1]


def effect_line(published: Published, truth: Floats, seen: Floats | None, level: float, note: str) -> EffectLine:
    """A line from values of the paired effect and, if any, of the estimator, both (K, S)."""
    reported = published_interval(published.value, published.se)
    parts, (low, high) = spread(truth), effect_interval(truth)
    estimate = estimate_se = bias_se = math.nan
    ends = (math.nan, math.nan)
    if seen is not None:
        found = spread(seen)
        estimate, estimate_se, bias_se = found.estimate, found.monte_carlo_se, spread(seen - truth).monte_carlo_se
        ends = effect_interval(seen)
    return EffectLine(
        published.experiment, published.effect, published.unit, published.value, published.se,
        parts.estimate, parts.monte_carlo_se, math.sqrt(parts.s2_param), low, high, overlap(reported, (low, high)),
        estimate, estimate_se, *ends, overlap(reported, ends), bias_se, level, note,
    )  # fmt: skip
