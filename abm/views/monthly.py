"""Attacks on civilians by month, one small line per perpetrator: the course of a run beside its map."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from abm.calendar import DAY_ZERO, calendar_table, date_of
from abm.kinds import PREVENTED
from abm.tables import Table
from abm.views.frame import axes_at, label, plain
from abm.views.palette import MARK_OF_CIVILIAN_KIND, QUIET_TEXT, SAND, TEXT, Mark
from abm.views.words import Language, month_name, say

WIDTH, EDGE, NAME, LINE, FOOT, GUTTER = 3.2, 0.06, 0.2, 0.4, 0.26, 0.22  # inches


def monthly_attacks(events: Table, first_day: int, last_day: int) -> NDArray[np.int64]:
    """Attacks on civilians by recorded kind and month, (5, months), from the first day to the last included."""
    month = calendar_table()["month_number"]
    first, last = int(month[first_day]), int(month[last_day])
    counts = np.zeros((len(MARK_OF_CIVILIAN_KIND), last - first + 1), dtype=np.int64)
    in_time = (events["day"] >= first_day) & (events["day"] <= last_day)
    shown = events[in_time & (events["outcome"] != PREVENTED) & (events["kind"] < len(MARK_OF_CIVILIAN_KIND))]
    np.add.at(counts, (shown["kind"], month[shown["day"]] - first), 1)
    return counts


def draw_monthly(
    events: Table,
    first_day: int,
    last_day: int,
    *,
    until: int | None = None,
    columns: int = 1,
    width: float = WIDTH,
    background: str = SAND,
    language: Language = "en",
) -> Figure:
    """Small multiples: attacks on civilians a month by perpetrator, all on one scale.

    Args:
        events: rows of an event log.
        first_day: first day number of the run.
        last_day: last day that was run.
        until: day number at which the axis ends, so that lines grow towards the end of a run; `last_day` by default.
        columns: how many stand beside each other.
        width: of the figure, inches.
        background: colour behind the lines.
        language: ``en`` or ``fr``.
    """
    counts = monthly_attacks(events, first_day, last_day)
    month = calendar_table()["month_number"]
    months = int(month[until if until is not None else last_day] - month[first_day]) + 1
    rows = -(-len(counts) // columns)
    height = 2 * EDGE + (NAME + LINE) * rows + FOOT
    wide = (width - 2 * EDGE - GUTTER * (columns - 1)) / columns
    figure = Figure(figsize=(width, height), dpi=100, facecolor=background)
    top = max(int(counts.max()), 1)
    for k, mark in MARK_OF_CIVILIAN_KIND.items():
        row, column = divmod(k, columns)
        ax = axes_at(figure, EDGE + (wide + GUTTER) * column, height - EDGE - (NAME + LINE) * (row + 1), wide, LINE)
        _draw_line(ax, counts[k], mark, top, months, background, language)
        if k + columns >= len(counts):
            _name_months(ax, first_day, months, language)
    return figure


def _draw_line(
    ax: Axes, counts: NDArray[np.int64], mark: Mark, top: int, months: int, background: str, language: Language
) -> None:
    plain(ax, grid_along="y")
    ax.set_facecolor(background)
    ax.set_xlim(-0.5, max(months - 0.5, 0.5))
    ax.set_ylim(0.0, 1.15 * top)
    ax.set_yticks([0, top])
    ax.tick_params(labelleft=False, labelbottom=False)
    at = np.arange(len(counts))
    ax.plot(at, counts, color=mark.colour, linewidth=1.6)
    ax.plot(at[-1], counts[-1], marker=mark.marker, ms=5, mfc=mark.colour, mec=TEXT, mew=0.4, clip_on=False)
    over = {"transform": ax.transAxes, "va": "bottom", "fontsize": 8}
    label(ax, 0.0, 1.06, f"{say(mark.key, language)}  {int(counts.sum())}", **over)


def _name_months(ax: Axes, first_day: int, months: int, language: Language) -> None:
    """The first and the last month of the axis."""
    under = {"transform": ax.transAxes, "va": "top", "fontsize": 8, "color": QUIET_TEXT}
    first = date_of(first_day)
    later = (first.year - DAY_ZERO.year) * 12 + first.month - 1 + months - 1
    label(ax, 0.0, -0.12, f"{month_name(first.month, language)} {first.year}", **under)
    last = f"{month_name(later % 12 + 1, language)} {DAY_ZERO.year + later // 12}"
    label(ax, 1.0, -0.12, last, ha="right", **under)
