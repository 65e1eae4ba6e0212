"""What answers to the levels of factors: marginal means, steps from level to level, and interactions of two factors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING, Any

from runs.compare import Comparison
from runs.phrases import NOT_RESOLVED
from runs.statistics import Interaction, interaction
from runs.studies.levels import (
    Contrast,
    Levels,
    contrast,
    difference_at,
    levels_of,
    per_unit,
    steps,
    together,
)

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment

DOES_LESS, DOES_MORE = "adds less than the step before", "adds more than the step before"


@dataclass(frozen=True)
class Marginal:
    """Mean difference from the control at one level of a factor, over all levels of the others."""

    factor: str
    value: Any
    window: str
    key: str
    found: Contrast


@dataclass(frozen=True)
class Step:
    """What goes with a factor's change from one level to the next, or from the first level where they are categories.

    ``each`` is the change for one unit of the factor, ``bend`` how that differs from the step before, and
    ``since_first`` how it differs from the first step; None where there is no such thing.
    """

    factor: str
    before: Any
    after: Any
    window: str
    key: str
    found: Contrast
    each: Contrast | None
    earlier: Contrast | None
    bend: Contrast | None
    since_first: Contrast | None

    @property
    def returns(self) -> str:
        """Whether a unit adds less or more than in the step before."""
        if self.bend is None or self.earlier is None:
            return "–"
        if not (self.bend.resolved and self.earlier.resolved):
            return NOT_RESOLVED
        return DOES_MORE if self.bend.estimate * self.earlier.estimate > 0.0 else DOES_LESS


@dataclass(frozen=True)
class Crossing:
    """What two factors change together beyond the sum of each, over their ranges; and the ratio between the corners."""

    factors: tuple[str, str]
    window: str
    key: str
    found: Contrast
    ratio: Interaction


def levels_by_name(experiment: Experiment) -> dict[str, Levels]:
    """Levels of each factor in order."""
    return {factor.name: levels_of(factor) for factor in experiment.factors}


def marginals_of(experiment: Experiment, comparison: Comparison, window: str, key: str) -> Iterator[Marginal]:
    """Mean difference from the control at each level of each factor, the levels of the others averaged over."""
    for name, levels in levels_by_name(experiment).items():
        for value in levels.values:
            found = contrast(difference_at(experiment, comparison, window, key, {name: value}))
            yield Marginal(name, value, window, key, found)


def steps_of(experiment: Experiment, comparison: Comparison, window: str, key: str) -> Iterator[Step]:
    """What each step of each factor adds, the levels of the others averaged over; each along common draws."""
    for name, levels in levels_by_name(experiment).items():
        at = [difference_at(experiment, comparison, window, key, {name: value}) for value in levels.values]
        if levels.positions is None:
            for value, values in zip(levels.values[1:], at[1:], strict=True):
                found = contrast(values - at[0])
                yield Step(name, levels.values[0], value, window, key, found, None, None, None, None)
            continue
        changes = steps(at)
        each = per_unit(changes, levels)
        slopes = [contrast(values) for values in each]
        for k, (before, after) in enumerate(pairwise(levels.values)):
            earlier, bend, since = (
                (slopes[k - 1], contrast(each[k] - each[k - 1]), contrast(each[k] - each[0]))
                if k
                else (None, None, None)
            )
            found = contrast(changes[k])
            yield Step(name, before, after, window, key, found, slopes[k], earlier, bend, since)


def crossings_of(experiment: Experiment, comparison: Comparison, window: str, key: str) -> Iterator[Crossing]:
    """Interactions of every pair of factors that are numbers or dates with two levels or more."""
    lines = {name: one for name, one in levels_by_name(experiment).items() if one.positions and len(one.values) > 1}
    control = comparison.values[comparison.design.control.name, window, key]
    for (first, x), (second, z) in combinations(lines.items(), 2):
        cells = {
            (i, j): difference_at(experiment, comparison, window, key, {first: a, second: b})
            for (i, a), (j, b) in product(enumerate(x.values), enumerate(z.values))
        }
        high, top = len(x.values) - 1, len(z.values) - 1
        # A sum that rounds to a little less than no event is no event.
        neither, one, other, both = (
            (cells[place] + control).clip(min=0.0) for place in ((0, 0), (high, 0), (0, top), (high, top))
        )
        ratio = interaction(neither, one, other, both)
        yield Crossing((first, second), window, key, contrast(together(x, z, cells)), ratio)
