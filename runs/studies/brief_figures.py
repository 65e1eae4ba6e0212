"""Figures of a brief with what they show in words, for readers who cannot see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from abm.views.effects import Effect
from runs.analysis import difference
from runs.compare import Comparison
from runs.design import after_clock, window_label
from runs.outcomes import MEASURES
from runs.phrases import fewer_or_more, identical, percent, ratio_set
from runs.report import svg_of, unique_ids
from runs.statistics import Summary, level_held
from runs.studies.brief_arms import outcome_label
from runs.studies.labels import label
from runs.worth import CostFound

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.batch.experiment import Experiment

MOST_ROWS = 12  # options in one figure; the tables hold more


@dataclass(frozen=True)
class Picture:
    """A figure as SVG, its caption, and the same in words."""

    svg: str
    caption: str
    words: str


def picture(name: str, figure: Figure, caption: str, words: str) -> Picture:
    """A figure as it stands on the page; to readers who hear it, its words stand for it."""
    svg = unique_ids(svg_of(figure), name).replace("<svg ", '<svg aria-hidden="true" ', 1)
    return Picture(svg, caption, words)


def _level(comparison: Comparison) -> float:
    """What share the intervals hold, in whole per cent."""
    return round(level_held(comparison.design.draws), 2)


def _effect(name: str, group: str, summary: Summary, unit: str, scale: float = 1.0) -> Effect:
    """A line of a figure; the interval of one future is no matter for a brief."""
    low, high = (scale * end for end in summary.effect)
    settled = summary.resolved or identical(summary)
    return Effect(name, group, scale * summary.spread.estimate, low, high, low, high, settled, unit)


def options_picture(
    name: str,
    experiment: Experiment,
    comparison: Comparison,
    lines: Sequence[tuple[str, Summary]],
    key: str,
    run_hash: str,
) -> Picture:
    """Options by an outcome over the longest window, in the order given; no more than MOST_ROWS of them."""
    from abm.views.brief_charts import draw_options

    window = window_label(after_clock(max(comparison.design.months)))
    group = f"{outcome_label(key).capitalize()}, {window}: difference from the control"
    unit = MEASURES[key].unit
    shown = lines[:MOST_ROWS]
    effects = [_effect(capital(label(experiment, arm)), group, summary, unit) for arm, summary in shown]
    left_out = len(lines) - len(shown)
    caption = f"{group}, with {percent(_level(comparison))} intervals."
    caption += f" The {len(shown)} with the fewest; {left_out} more are in the table." if left_out else ""
    words = [f"{label(experiment, arm)}: {fewer_or_more(summary, unit)}" for arm, summary in shown]
    figure = draw_options(effects, level=_level(comparison), run_hash=run_hash)
    return picture(name, figure, caption, "; ".join(words))


def measures_picture(
    name: str,
    experiment: Experiment,
    comparison: Comparison,
    arm: str,
    keys: dict[str, str],
    run_hash: str,
) -> Picture:
    """Several outcomes of one option, by the words for each; all of one unit."""
    from abm.views.brief_charts import draw_options

    months = max(comparison.design.months)
    unit = MEASURES[next(iter(keys))].unit
    found = {key: difference(comparison, arm, after_clock(months), key).summary for key in keys}
    group = f"{unit.capitalize()} over the {window_label(after_clock(months))}, {label(experiment, arm)}"
    effects = [_effect(words, group, found[key], unit) for key, words in keys.items()]
    figure = draw_options(effects, level=_level(comparison), run_hash=run_hash)
    caption = f"{group}: difference from the control, with {percent(_level(comparison))} intervals."
    said = [f"{words}: {fewer_or_more(found[key], unit)}" for key, words in keys.items()]
    return picture(name, figure, caption, "; ".join(said))


def windows_picture(
    name: str, experiment: Experiment, comparison: Comparison, arms: Sequence[str], key: str, run_hash: str
) -> Picture:
    """Short run beside long run: change of an outcome in per cent of the control's, by window and option."""
    from abm.views.brief_charts import draw_windows

    unit = f"% of the control's {MEASURES[key].unit}"
    windows = [after_clock(months) for months in sorted(comparison.design.months)]
    effects, said = [], []
    for window in windows:
        group = window_label(window).capitalize()
        for arm in arms[:MOST_ROWS]:
            summary = difference(comparison, arm, window, key).summary
            scale = 100.0 / summary.control if summary.control else 0.0
            effects.append(_effect(capital(label(experiment, arm)), group, summary, unit, scale))
            said.append(f"{label(experiment, arm)}, {window_label(window)}: {fewer_or_more(summary, unit_of(key))}")
    figure = draw_windows(effects, level=_level(comparison), run_hash=run_hash)
    level = percent(_level(comparison))
    caption = (
        f"{outcome_label(key).capitalize()} in the short and the long run: change from the control, {level} intervals."
    )
    return picture(name, figure, caption, "; ".join(said))


def capital(text: str) -> str:
    """The same with a capital letter first; the others are left as they are."""
    return text[:1].upper() + text[1:]


def unit_of(key: str) -> str:
    """Unit of an outcome."""
    return MEASURES[key].unit


def prices_picture(
    name: str, experiment: Experiment, comparison: Comparison, found: Sequence[CostFound], run_hash: str
) -> Picture:
    """Cost per death averted by option."""
    from abm.views.brief_charts import Price, draw_prices

    prices = [
        Price(capital(label(experiment, c.arm)), c.ratio.estimate, c.ratio.branches, ratio_set(c.ratio))
        for c in found[:MOST_ROWS]
    ]
    level = _level(comparison)
    months = max(comparison.design.months)
    caption = (
        f"US$ for each civilian death averted, from the first day of the run to month {months}: all that the "
        f"{percent(level)} intervals of cost and deaths allow."
    )
    said = [f"{price.label}: US$ {price.words}" for price in prices]
    return picture(name, draw_prices(prices, level=level, run_hash=run_hash), caption, "; ".join(said))
