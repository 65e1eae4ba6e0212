"""What arrived when: UN troops and TOBs open over time, by arm of a comparison, with their ranges over runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from abm.calendar import DAY_ZERO, date_of
from abm.outlines import FloatArray
from abm.views.frame import axes_at, footer_lines, label, paper, percent, plain, write, write_footer
from abm.views.palette import ARM_COLOURS, ARM_DASHES, PAPER, QUIET_TEXT, TEXT, fonts
from abm.views.words import Language, month_name, say

WIDTH, EDGE, AXIS_LABELS, ARM_LABELS = 9.6, 0.25, 0.55, 2.1  # inches
TALL, LOW, GAP, TOP, MONTHS = 2.1, 1.6, 0.5, 0.55, 0.42
APART = 0.17  # least distance between two labels, inches
MOST_TICKS = 9


@dataclass(frozen=True, eq=False)
class Course:
    """One arm over time: days (n,), and low, mean and high of UN troops and of TOBs open over runs, each (3, n)."""

    label: str
    days: NDArray[np.int64]
    troops: FloatArray
    tobs: FloatArray

    @classmethod
    def from_runs(cls, label: str, days: ArrayLike, troops: ArrayLike, tobs: ArrayLike, level: float = 0.90) -> Course:
        """Mean and central range over runs; ``troops`` and ``tobs`` have shape (runs, n).

        Raises:
            ValueError: shapes that do not agree.
        """
        day_numbers = np.asarray(days, dtype=np.int64)
        ranges = []
        for name, values in (("troops", troops), ("tobs", tobs)):
            runs = np.asarray(values, dtype=np.float64)
            if runs.ndim != 2 or runs.shape[0] == 0 or runs.shape[1:] != day_numbers.shape:
                raise ValueError(f"{name} of {label!r} must be (runs, {day_numbers.size}), not {runs.shape}")
            tail = 0.5 * (1.0 - level)
            low, high = np.quantile(runs, [tail, 1.0 - tail], axis=0)
            ranges.append(np.stack([low, runs.mean(axis=0), high]))
        return cls(label, day_numbers, *ranges)


def draw_timeline(
    courses: Sequence[Course],
    *,
    clock_zero: int | None = None,
    title: str | None = None,
    level: float = 0.90,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """UN troops that have arrived, and TOBs open, by arm: mean as a line, range over runs as a band.

    Args:
        courses: one to four arms, over the same or different days.
        clock_zero: day number of the first extra TOB, marked by a line.
        title: heading; none by default.
        level: what share of runs the bands hold.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the comparison in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: no courses, or more than there are colours.
    """
    if not 1 <= len(courses) <= len(ARM_COLOURS):
        raise ValueError(f"expected one to {len(ARM_COLOURS)} courses, not {len(courses)}")
    width = WIDTH - 2 * EDGE - AXIS_LABELS - ARM_LABELS
    footer = footer_lines(source or say("paper_source", language), run_hash, language, WIDTH - 2 * EDGE)
    foot = 0.25 + 0.16 * len(footer)
    head = TOP if title else 0.15
    height = head + 0.3 + TALL + GAP + LOW + MONTHS + foot
    figure = paper(WIDTH, height)
    if title:
        write(figure, EDGE, height - 0.36, title, 12.5, TEXT, weight="bold")
    tobs = axes_at(figure, EDGE + AXIS_LABELS, foot + MONTHS, width, LOW)
    troops = axes_at(figure, EDGE + AXIS_LABELS, foot + MONTHS + LOW + GAP, width, TALL, sharex=tobs)
    share = f"{percent(level, language)}"
    for ax, tall, field, heading, unit in (
        (troops, TALL, "troops", "troops_arrived", "people_unit"),
        (tobs, LOW, "tobs", "tobs_open", "bases_unit"),
    ):
        _draw_panel(ax, courses, field, tall)
        band = say("interval_runs", language, level=share)
        text = f"{say(heading, language)}, {say(unit, language)}"
        below = foot + MONTHS + (LOW + GAP if field == "troops" else 0.0)
        write(figure, EDGE, below + tall + 0.1, text, 9.5, TEXT, weight="bold")
        write(figure, EDGE + AXIS_LABELS + width, below + tall + 0.1, band, 8, QUIET_TEXT, ha="right")
        if clock_zero is not None:
            ax.axvline(clock_zero, color=TEXT, linewidth=0.8, linestyle=(0, (3, 2)), zorder=2)
    if clock_zero is not None:
        at = troops.get_xaxis_transform()
        halo = [withStroke(linewidth=2.0, foreground=PAPER)]
        style = {"fontsize": 8, "color": QUIET_TEXT, "transform": at, "va": "top", "path_effects": halo}
        label(troops, clock_zero, 0.99, f" {say('clock_zero', language)}", **style)
    _date_axis(tobs, language)
    troops.tick_params(labelbottom=False)
    write_footer(figure, EDGE, footer)
    return figure


def _draw_panel(ax: Axes, courses: Sequence[Course], field: str, height: float) -> None:
    plain(ax, grid_along="y")
    top = 0.0
    ends: list[tuple[float, str, str]] = []
    for course, colour, dash in zip(courses, ARM_COLOURS, ARM_DASHES, strict=False):
        low, mean, high = getattr(course, field)
        ax.fill_between(course.days, low, high, color=colour, alpha=0.14, linewidth=0, step="post", zorder=1)
        ax.plot(course.days, mean, color=colour, linestyle=dash, linewidth=1.7, drawstyle="steps-post", zorder=3)
        top = max(top, float(high.max()))
        ends.append((float(mean[-1]), course.label, colour))
    ax.set_ylim(0.0, 1.08 * top if top > 0 else 1.0)
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}".replace(",", "\u202f"))
    ax.margins(x=0.0)
    last = max(int(course.days[-1]) for course in courses)
    for y, (_, text, colour) in zip(
        spread_apart([e[0] for e in ends], APART * ax.get_ylim()[1] / height), ends, strict=True
    ):
        label(ax, 1.012, y, text, color=colour, transform=ax.get_yaxis_transform(), fontsize=8.5, weight="bold")
    ax.set_xlim(right=last)


def spread_apart(values: Sequence[float], distance: float) -> list[float]:
    """Places at least this far apart, close to the values and in their order; ties keep the order given."""
    order = sorted(range(len(values)), key=lambda k: (values[k], -k))
    placed = list(values)
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + distance)
    shift = (sum(placed) - sum(values)) / len(values)
    shift = min(shift, min(placed))
    return [place - shift for place in placed]


def _date_axis(ax: Axes, language: Language) -> None:
    """Ticks at the first of January, April, July and October, or fewer where a course is long."""
    low, high = (int(edge) for edge in ax.get_xlim())
    for step in (1, 3, 6, 12, 24, 60):
        ticks = _firsts_of_months(low, high, step)
        if len(ticks) <= MOST_TICKS:
            break
    ax.set_xticks(ticks)
    ax.set_xticklabels([f"{month_name(date_of(t).month, language)} {date_of(t).year}" for t in ticks])
    for text in ax.get_xticklabels():
        text.set_fontfamily(list(fonts()))


def _firsts_of_months(low: int, high: int, step: int) -> list[int]:
    """Day numbers between two of the first of every `step`-th month, counted from January."""
    found = []
    for day in range(low, high + 1):
        when = date_of(day)
        months = (when.year - DAY_ZERO.year) * 12 + when.month - 1
        if when.day == 1 and months % step == 0:
            found.append(day)
    return found
