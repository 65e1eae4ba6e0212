"""The model against the record: simulated, observed and error of one year, side by side, by kind of event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.kinds import KINDS
from abm.views.frame import axes_at, footer_lines, label, number, paper, percent, plain, write, write_footer
from abm.views.palette import PAPER, QUIET_TEXT, TEXT, fonts
from abm.views.words import Language, say

WIDTH, EDGE, LABELS, FIGURES = 9.6, 0.25, 3.0, 2.55  # inches
ROW, TOP, HEAD, AXIS = 0.31, 0.55, 0.42, 0.48
COLUMNS = (1.18, 1.36, 1.58)  # right ends of the columns of figures, in widths of the chart
OBSERVED, SIMULATED = "#D55E00", "#0072B2"


@dataclass(frozen=True)
class CheckRow:
    """One kind of event: recorded number, mean of runs, and the interval of one run."""

    kind: str
    observed: float
    simulated: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """Simulated minus observed."""
        return self.simulated - self.observed

    @property
    def inside(self) -> bool:
        """Whether the record could be one of the runs."""
        return self.low <= self.observed <= self.high


def draw_check(
    rows: Sequence[CheckRow],
    *,
    year: int = 2020,
    title: str | None = None,
    level: float = 0.90,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """Simulated, observed and error by kind: dot and range of runs, a cross for the record, three columns of figures.

    Args:
        rows: in the order to be shown; ``kind`` is a name out of abm.kinds.KINDS, or any text.
        year: of the record.
        title: heading; none by default.
        level: what share of runs the ranges hold.
        source: of the figures, for the footer; model and ACLED by default.
        run_hash: identifies the runs in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: no rows.
    """
    if not rows:
        raise ValueError("no rows to draw")
    footer = footer_lines(source or say("check_source", language), run_hash, language, WIDTH - 2 * EDGE)
    foot = 0.25 + 0.16 * len(footer)
    head = (TOP if title else 0.1) + HEAD
    height = head + ROW * len(rows) + AXIS + foot
    figure = paper(WIDTH, height)
    if title:
        write(figure, EDGE, height - 0.36, title, 12.5, TEXT, weight="bold")
    ax = axes_at(figure, EDGE + LABELS, foot + AXIS, WIDTH - 2 * EDGE - LABELS - FIGURES, ROW * len(rows))
    plain(ax, grid_along="x")
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks([])
    ax.set_xlim(0.0, 1.06 * max(max(row.high, row.observed, row.simulated) for row in rows) or 1.0)
    for k, row in enumerate(rows):
        _draw_row(ax, k, row, language)
    _draw_headings(ax, level, language)
    caption = say("events_a_year", language, year=year)
    if not all(row.inside for row in rows):
        caption += f"; {say('bold_error', language)}"
    ax.set_xlabel(caption, fontsize=8, color=QUIET_TEXT, family=list(fonts()), labelpad=4)
    write_footer(figure, EDGE, footer)
    return figure


def _draw_row(ax: Axes, y: int, row: CheckRow, language: Language) -> None:
    ax.plot([row.low, row.high], [y, y], color=SIMULATED, linewidth=4.0, alpha=0.45, solid_capstyle="butt", zorder=3)
    ax.plot(row.simulated, y, marker="o", ms=7, mfc=SIMULATED, mec=PAPER, mew=1.0, zorder=4)
    ax.plot(row.observed, y, marker="x", ms=7.5, mec=OBSERVED, mew=2.2, zorder=5)
    across = ax.get_yaxis_transform()
    name = say(row.kind, language) if row.kind in KINDS else row.kind
    label(ax, -0.03, y, name, ha="right", transform=across)
    error = number(row.error, 1, signed=True, language=language)
    figures = (number(row.simulated, 1, language=language), f"{row.observed:g}", error)
    for x, text in zip(COLUMNS, figures, strict=True):
        missed = text is figures[-1] and not row.inside
        label(ax, x, y, text, ha="right", transform=across, weight="bold" if missed else "normal")


def _draw_headings(ax: Axes, level: float, language: Language) -> None:
    """Names of the columns, with the marks that stand for them in the chart."""
    across = ax.get_yaxis_transform()
    style = {"transform": across, "fontsize": 8, "color": QUIET_TEXT, "weight": "bold"}
    for x, key in zip(COLUMNS, ("simulated", "observed", "error"), strict=True):
        label(ax, x, -0.95, say(key, language), ha="right", **style)
    share = say("interval_runs", language, level=percent(level, language))
    plain_style = {**style, "weight": "normal"}
    marks: dict[str, Any] = {"linestyle": "", "transform": across, "clip_on": False}
    ax.plot(0.01, -0.95, marker="o", ms=6, mfc=SIMULATED, mec=PAPER, **marks)
    label(ax, 0.03, -0.95, f"{say('simulated', language)} ({share})", **plain_style)
    ax.plot(0.56, -0.95, marker="x", ms=6.5, mec=OBSERVED, mew=2.0, **marks)
    label(ax, 0.585, -0.95, say("observed", language), **plain_style)
