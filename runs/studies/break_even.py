"""Break-even: how effective something must be for the answer to change, and which inputs could change it."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.declarations import STATUS_MARK
from runs.compare import Comparison
from runs.design import Design, after_clock, window_label
from runs.outcomes import MEASURES
from runs.phrases import number
from runs.sections import Section
from runs.statistics import leaves_out_zero
from runs.studies.break_even_words import (
    Found,
    behind,
    crossing_row,
    crossing_table,
    digits_of,
    in_words,
    swing_rows,
    swing_table,
)
from runs.studies.crossings import (
    CROSSES,
    LINE,
    SAME_SIDE,
    Resampling,
    break_even,
)
from runs.studies.labels import factor_label, label, level_label
from runs.studies.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from abm.views.break_even import Curve
    from runs.batch.experiment import Experiment, Factor

__all__ = ["Found", "break_even_of_each", "break_even_study", "can_break_even", "swing_rows"]

KEY, TITLE = "break-even", "What would change the answer"
LHS, LISTED = "lhs", ("factorial", "list")
MOST_PAIRED = 6  # treated arms up to which each is held against each other one too
MOST_SAID = 8  # crossings in words; the table has all
PANELS, SWINGS, GROUPS = 9, 8, 3  # drawn


def can_break_even(experiment: Experiment) -> bool:
    """Whether a parameter was sampled or listed, or a lever of a factorial has two numbers or more."""
    listed = experiment.sampling in (LHS, *LISTED) and len(experiment.uncertainties) > 0
    return listed or any(_is_numeric(factor) for factor in experiment.factors)


def break_even_study(experiment: Experiment, comparison: Comparison, run_hash: str | None = None) -> Study:
    """At which values of inputs and levers the headline difference between two arms crosses zero.

    Every treated arm against the control, and against each other one where they are few, over every uncertain input;
    and arms along each numeric lever of the factorial against the control and against the other levers alone.

    Raises:
        ValueError: nothing numeric was varied.
    """
    if not can_break_even(experiment):
        raise ValueError("expected a design lhs, factorial or list, or a factorial with a numeric lever")
    inputs = [found for pair in _pairs(experiment) for found in break_even_of_each(experiment, comparison, *pair)]
    levers = list(_along_levers(experiment, comparison))
    found = [*inputs, *levers]
    tables = tuple(table for table in (crossing_table(found), swing_table(experiment.main[0], inputs)) if table.rows)
    figure = _figure(experiment, inputs, levers, run_hash)
    section = Section(KEY, TITLE, _text(experiment, found), tables, figure=KEY if figure is not None else "")
    rows = {KEY: [crossing_row(one, experiment.main[0]) for one in found], f"{KEY}-swings": swing_rows(inputs)}
    return Study(section, {name: part for name, part in rows.items() if part}, figure)


def break_even_of_each(
    experiment: Experiment, comparison: Comparison, arm: str, against: str | None = None
) -> tuple[Found, ...]:
    """What would change the answer: each uncertain input's crossing and swing, the longest swing first.

    Args:
        experiment: with a design lhs, factorial or list; else nothing is found.
        comparison: its runs.
        arm: a treated arm.
        against: another one, the control if none is named.
    """
    if experiment.sampling not in (LHS, *LISTED):
        return ()
    treated, other = comparison.pair(arm, _window(experiment.design), experiment.main[0], against)
    resampling = resampling_of(experiment)
    names = label(experiment, arm), label(experiment, against or experiment.design.control.name)
    found = []
    for k, one in enumerate(experiment.uncertainties):
        x = experiment.inputs[:, k]
        if np.ptp(x) == 0.0:
            continue
        others = np.delete(experiment.inputs, k, axis=1) if experiment.sampling == LHS else None
        state = _state(experiment.design, arm, against or "", one.name)
        crossing = break_even(x, treated - other, resampling, state, others)
        d = one.declaration
        found.append(Found(*names, d.name, d.meaning, _unit(d.unit), STATUS_MARK[d.status], False, crossing))
    return tuple(sorted(found, key=lambda one: -abs(one.crossing.swing)))


def resampling_of(experiment: Experiment) -> Resampling:
    """What the bootstrap draws again: draws with all their points where there are several; else points and seeds.

    Points of one stream share their seeds, and of one draw their world and all that was not sampled: they are drawn
    together. Where all points share the seeds these are drawn too; listed values are not drawn, they were chosen.
    """
    design = experiment.design
    points = np.arange(design.draws)
    streams = np.array([point.stream for point in design.points], dtype=np.int64) if design.points else points
    if np.unique(streams).size > 1:
        return Resampling(streams, False, int(np.unique(streams).size))
    if experiment.sampling == LHS:
        return Resampling(points, True, min(design.draws, design.seeds))
    return Resampling(np.zeros_like(points), True, design.seeds)


def _pairs(experiment: Experiment) -> Iterator[tuple[str, str | None]]:
    arms = [arm.name for arm in experiment.design.treated]
    yield from ((arm, None) for arm in arms)
    if len(arms) <= MOST_PAIRED:
        yield from combinations(arms, 2)


def _window(design: Design) -> str:
    return after_clock(max(design.months))


def _state(design: Design, *words: str) -> int:
    """Seed of a bootstrap that depends on what is resampled and on nothing else."""
    return zlib.crc32("/".join((str(design.seed), *words)).encode())


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


# --- levers ---------------------------------------------------------------------------------------------------------


def _is_numeric(factor: Factor) -> bool:
    numbers = [v for v in factor.values if isinstance(v, int | float) and not isinstance(v, bool)]
    return len(numbers) == len(factor.values) and len(set(numbers)) > 1


def _along_levers(experiment: Experiment, comparison: Comparison) -> Iterator[Found]:
    """Arms along each numeric lever: against the control, and, this lever alone, against another lever alone."""
    by_level = {tuple(levels.values()): arm for arm, levels in experiment.levels.items()}
    firsts = tuple(factor.values[0] for factor in experiment.factors)
    for place, factor in enumerate(experiment.factors):
        if not _is_numeric(factor):
            continue
        for cell in dict.fromkeys((*c[:place], None, *c[place + 1 :]) for c in by_level):
            along = {value: by_level[(*cell[:place], value, *cell[place + 1 :])] for value in factor.values}
            yield from _against(experiment, comparison, place, along, experiment.design.control.name)
            if cell != (*firsts[:place], None, *firsts[place + 1 :]):
                continue
            for rival, arm in by_level.items():
                differs = [k for k, value in enumerate(rival) if value != firsts[k]]
                if len(differs) == 1 and differs[0] != place:
                    yield from _against(experiment, comparison, place, along, arm)


def _against(
    experiment: Experiment, comparison: Comparison, place: int, along: dict[Any, str], rival: str
) -> Iterator[Found]:
    """The crossing along a lever; none where fewer than two levels differ from the rival at all."""
    window, key = _window(experiment.design), experiment.main[0]
    differences = {value: np.subtract(*comparison.pair(arm, window, key, rival)) for value, arm in along.items()}
    apart = {value: found for value, found in differences.items() if found.any()}
    if len(apart) < 2:
        return
    one = resampling_of(experiment)
    x = np.repeat(np.array(list(apart), dtype=np.float64), experiment.design.draws)
    # Every level has the same points, chosen or drawn: a point goes with all its levels.
    resampling = Resampling(np.tile(one.clusters, len(apart)), one.seeds_too, one.units)
    factor = experiment.factors[place]
    state = _state(experiment.design, factor.name, rival, *along.values())
    crossing = break_even(x, np.concatenate(list(apart.values())), resampling, state)
    yield Found(
        _rest(experiment, place, next(iter(along.values()))), label(experiment, rival), factor.name, factor.label, "",
        "", True, crossing,
    )  # fmt: skip


def _rest(experiment: Experiment, place: int, arm: str) -> str:
    """The other levers of arms along one: "any companies, cooperation 0"."""
    levels = experiment.levels[arm]
    parts = [
        f"any {factor_label(factor)}" if k == place else level_label(factor, levels[factor.name])
        for k, factor in enumerate(experiment.factors)
    ]
    return ", ".join(parts)


# --- words ----------------------------------------------------------------------------------------------------------


def _text(experiment: Experiment, found: Sequence[Found]) -> tuple[str, ...]:
    measure = MEASURES[experiment.main[0]]
    asked = (
        f"The paired difference of two arms, {measure.label}, {window_label(_window(experiment.design))}, against one "
        "input or lever at a time; where its mean crosses zero the order of the two arms turns. Sampled inputs: a "
        "straight line, the other sampled inputs at their means, because a monotone curve through scattered points has "
        "no interval that a bootstrap can give. Listed values and levers: a monotone curve through their means. The "
        "90 % interval of the crossing is every value at which the curve's 90 % band holds zero."
    )
    units = found[0].crossing.units if found else 0
    what = "sets of parameters" if not resampling_of(experiment).seeds_too else "points and common seeds"
    assumed = (
        f"The bands come from drawing {what} anew (points that share a draw go together): they rest on {units}. "
        "Each holds parameter uncertainty and Monte Carlo error together. Levels that do not differ from the other arm "
        "in any run are left out. Every comparison stands alone: of many, some resolve by chance."
    )
    said = tuple(in_words(one, measure.unit) for one in found if one.crossing.verdict == CROSSES)
    none = (f"No crossing is resolved among {len(found)} comparisons.",) if found and not said else ()
    left = len(said) - MOST_SAID
    more = (f"Crossings left to the table: {left}.",) if left > 0 else ()
    return (*said[:MOST_SAID], *more, *none, asked, assumed)


# --- figure ---------------------------------------------------------------------------------------------------------


def _figure(
    experiment: Experiment, inputs: Sequence[Found], levers: Sequence[Found], run_hash: str | None
) -> Figure | None:
    """Swings of sampled inputs against the control, and the curves that say most: resolved crossings first."""
    from abm.views.break_even import Swing, draw_break_even

    unit = MEASURES[experiment.main[0]].unit
    control = label(experiment, experiment.design.control.name)
    ranked = sorted([*levers, *inputs], key=lambda one: (not one.resolved, math.isnan(one.crossing.at)))
    telling = [one for one in ranked if one.crossing.verdict != SAME_SIDE] or ranked
    curves = [_curve(one, unit) for one in telling[:PANELS]]
    arms = list(dict.fromkeys(one.arm for one in inputs if one.against == control))[:GROUPS]
    swings = []
    for arm in arms:
        for one in [f for f in inputs if f.arm == arm and f.against == control and f.crossing.fit == LINE][:SWINGS]:
            c = one.crossing
            at = "" if math.isnan(c.at) else f"{number(c.at, digits_of(c))}{behind(one.unit)}"
            name = f"{one.mark} {one.input}"
            resolved = leaves_out_zero(c.swing_interval)
            swings.append(Swing(name, f"{arm} against {control}", c.ends[0], c.ends[1], resolved, at, unit))
    return draw_break_even(curves, swings, run_hash=run_hash) if curves or swings else None


def _curve(one: Found, unit: str) -> Curve:
    from abm.views.break_even import Curve

    c = one.crossing
    x, middle, low, high = (tuple(values.tolist()) for values in (c.grid, c.curve, c.low, c.high))
    words = f"{one.arm}\nagainst {one.against}"
    across = f"{one.input}, {one.unit}" if one.unit else one.input
    return Curve(words, across, unit, x, middle, low, high, c.at, c.interval, one.resolved)
