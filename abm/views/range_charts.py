"""Ranges of simulated records with the recorded one in them, or outside; and how forecasts compare month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.views.frame import axes_at, digits_for, footer_lines, label, number, paper, plain, write, write_footer
from abm.views.palette import PAPER, QUIET_TEXT, TEXT
from abm.views.panels import EDGE, WIDTH, panels
from abm.views.words import Language, pick, say

LABELS, FIGURES = 3.3, 2.4  # inches
ROW, HEADING, AXIS, GAP, TOP, KEY = 0.27, 0.3, 0.34, 0.1, 0.55, 0.34
HEIGHT, BELOW = 1.9, 0.62
OBSERVED, SIMULATED = "#D55E00", "#0072B2"
WORDS = {
    "runs": ("Simulated: mean and 90 % of runs", "Simulé : moyenne et 90 % des simulations"),
    "record": ("Observed; in bold where outside the runs", "Observé ; en gras hors des simulations"),
    "at_least": ("deaths in an event, at least", "morts par évènement, au moins"),
    "share": ("Share of events", "Part des évènements"),
    "ahead": ("months ahead", "mois à l'avance"),
    "worse": ("% more: worse", "% de plus : moins bon"),
    "better": ("% less: better", "% de moins : meilleur"),
}


@dataclass(frozen=True)
class Ranged:
    """A statistic observed, and its mean and 90 % range over runs; groups share an axis."""

    label: str
    group: str
    observed: float
    simulated: float
    low: float
    high: float

    @property
    def inside(self) -> bool:
        """Whether the record could be one of the runs."""
        return self.low <= self.observed <= self.high


def draw_ranges(
    rows: Sequence[Ranged],
    *,
    title: str | None = None,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """One panel a group with its own axis, one row a statistic: bar and dot of the runs, a cross for the record.

    Args:
        rows: in the order to be shown; rows of one group have one unit.
        title: heading; none by default.
        source: of the figures, for the footer; model and ACLED by default.
        run_hash: identifies the check in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    if not rows:
        raise ValueError("nothing to draw")
    groups: dict[str, list[Ranged]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    footer = footer_lines(source or say("check_source", language), run_hash, language, WIDTH - 2 * EDGE)
    body = sum(HEADING + ROW * len(members) + AXIS + GAP for members in groups.values())
    head = (TOP if title else 0.12) + KEY
    height = head + body + 0.16 * len(footer) + 0.25
    figure = paper(WIDTH, height)
    if title:
        write(figure, EDGE, height - 0.36, title, 12.5, TEXT, weight="bold")
    _draw_key(figure, height - head + 0.1, language)
    below = height - head
    for name, members in groups.items():
        below -= HEADING + ROW * len(members)
        write(figure, EDGE, below + ROW * len(members) + 0.08, name, 9.5, TEXT, weight="bold")
        ax = axes_at(figure, EDGE + LABELS, below, WIDTH - 2 * EDGE - LABELS - FIGURES, ROW * len(members))
        _draw_group(ax, members, language)
        below -= AXIS + GAP
    write_footer(figure, EDGE, footer)
    return figure


def _draw_group(ax: Axes, rows: list[Ranged], language: Language) -> None:
    plain(ax, grid_along="x")
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks([])
    ends = [value for row in rows for value in (row.low, row.high, row.observed, row.simulated)]
    low, high = min(ends), max(ends)
    air = 0.06 * (high - low) or 1.0
    ax.set_xlim(low - air, high + air)
    across = ax.get_yaxis_transform()
    for k, row in enumerate(rows):
        ax.plot([row.low, row.high], [k, k], color=SIMULATED, linewidth=4.0, alpha=0.45, solid_capstyle="butt")
        ax.plot(row.simulated, k, marker="o", ms=6, mfc=SIMULATED, mec=PAPER, mew=1.0, zorder=4)
        ax.plot(row.observed, k, marker="x", ms=6.5, mec=OBSERVED, mew=2.0, zorder=5)
        label(ax, -0.03, k, row.label, ha="right", fontsize=8, transform=across)
        digits = max(2, digits_for(row.observed, row.low, row.high)) if abs(row.high) < 100 else 0
        words = [number(value, digits, language=language) for value in (row.observed, row.low, row.high)]
        text = f"{words[0]}  ({words[1]} {say('to', language)} {words[2]})"
        label(ax, 1.03, k, text, fontsize=8, weight="normal" if row.inside else "bold", transform=across)


def _draw_key(figure: Figure, y: float, language: Language) -> None:
    ax = axes_at(figure, EDGE, y, WIDTH - 2 * EDGE, 0.2)
    ax.set_xlim(0.0, WIDTH - 2 * EDGE)
    ax.set_ylim(-1.0, 1.0)
    ax.axis("off")
    ax.plot([0.0, 0.36], [0, 0], color=SIMULATED, linewidth=4.0, alpha=0.45, solid_capstyle="butt")
    ax.plot(0.18, 0, marker="o", ms=6, mfc=SIMULATED, mec=PAPER)
    label(ax, 0.46, 0, pick(WORDS["runs"], language), fontsize=8, color=QUIET_TEXT)
    ax.plot(3.35, 0, marker="x", ms=6.5, mec=OBSERVED, mew=2.0)
    label(ax, 3.5, 0, pick(WORDS["record"], language), fontsize=8, color=QUIET_TEXT)


@dataclass(frozen=True)
class Surviving:
    """Share of events with at least so many deaths, observed and in runs (median and 90 %), one value a number."""

    deaths: tuple[int, ...]
    observed: tuple[float, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def draw_survival(
    found: Surviving,
    *,
    title: str | None = None,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """How often events have at least so many deaths, both axes in factors of ten: band of the runs, crosses observed.

    Args:
        found: numbers of deaths, rising, and shares.
        title: heading; none by default.
        source: of the figures, for the footer; model and ACLED by default.
        run_hash: identifies the check in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    if not found.deaths:
        raise ValueError("nothing to draw")
    footer = footer_lines(source or say("check_source", language), run_hash, language, WIDTH - 2 * EDGE)
    foot, tall = 0.25 + 0.16 * len(footer), 3.2
    height = foot + 0.55 + tall + (TOP if title else 0.15) + KEY + 0.2
    figure = paper(WIDTH, height)
    if title:
        write(figure, EDGE, height - 0.36, title, 12.5, TEXT, weight="bold")
    _draw_key(figure, foot + 0.55 + tall + 0.3, language)
    ax = axes_at(figure, EDGE + 0.65, foot + 0.55, WIDTH - 2 * EDGE - 0.65, tall)
    plain(ax, grid_along="y")
    ax.set_xscale("log")
    ax.set_yscale("log")
    least = 0.5 * min(value for value in (*found.observed, *found.middle) if value > 0.0)
    low, middle, high, observed = (
        [max(value, least) for value in values] for values in (found.low, found.middle, found.high, found.observed)
    )
    ax.fill_between(found.deaths, low, high, color=SIMULATED, alpha=0.25, linewidth=0.0, zorder=2)
    ax.plot(found.deaths, middle, color=SIMULATED, linewidth=1.8, marker="o", ms=4, zorder=3)
    shown = [(deaths, share) for deaths, share in zip(found.deaths, observed, strict=True) if share > least]
    ax.plot(*zip(*shown, strict=True), linestyle="", marker="x", ms=7, mec=OBSERVED, mew=2.0, zorder=4)
    ax.set_ylim(least, 1.3)
    ax.set_xticks([1, 2, 5, 10, 20, 50, 100])
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    ax.minorticks_off()
    style = {"fontsize": 8, "color": QUIET_TEXT, "transform": ax.transAxes}
    label(ax, 0.5, -0.13, pick(WORDS["at_least"], language), ha="center", **style)
    label(ax, 0.005, 1.03, pick(WORDS["share"], language), **style)
    write_footer(figure, EDGE, footer)
    return figure


@dataclass(frozen=True)
class ByMonth:
    """A difference in per cent with its interval at each month ahead, the first at 1; NaN where there is none."""

    label: str
    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def draw_by_month(
    courses: Sequence[ByMonth],
    *,
    title: str | None = None,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """One panel a course: dot and interval at each month ahead around the line at zero; above it is worse.

    Args:
        courses: in the order to be shown; all share one scale.
        title: heading; none by default.
        source: of the figures, for the footer; model and ACLED by default.
        run_hash: identifies the check in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    figure, places = panels(
        [one.label for one in courses], HEIGHT, BELOW,
        title=title, source=source or say("check_source", language), run_hash=run_hash, language=language,
    )  # fmt: skip
    ends = [abs(v) for one in courses for v in (*one.low, *one.high) if v == v]
    reach = 1.1 * max(ends, default=1.0) or 1.0
    for one, place in zip(courses, places, strict=True):
        ax = axes_at(figure, place.left, place.bottom, place.width, HEIGHT)
        plain(ax, grid_along="y")
        ax.axhline(0.0, color=TEXT, linewidth=1.0, zorder=2)
        for month, (value, low, high) in enumerate(zip(one.value, one.low, one.high, strict=True), 1):
            _draw_month(ax, month, value, low, high)
        ax.set_xlim(0.4, len(one.value) + 0.6)
        ax.set_ylim(-reach, reach)
        ax.set_xticks(range(1, len(one.value) + 1))
        ax.yaxis.set_major_formatter(lambda value, _: number(value, 0, signed=True, language=language))
        if not place.leftmost:
            ax.set_yticklabels([])
        style: dict[str, Any] = {"fontsize": 7.5, "color": QUIET_TEXT, "transform": ax.transAxes}
        label(ax, 0.5, -0.2, pick(WORDS["ahead"], language), ha="center", **style)
        label(ax, 0.01, 0.96, pick(WORDS["worse"], language), **style)
        label(ax, 0.01, 0.04, pick(WORDS["better"], language), **style)
    return figure


def _draw_month(ax: Axes, month: int, value: float, low: float, high: float) -> None:
    """One dot and bar; hollow where the interval crosses zero."""
    resolved = low > 0.0 or high < 0.0
    colour = OBSERVED if value > 0.0 else SIMULATED
    ax.plot([month, month], [low, high], color=colour, linewidth=3.0, alpha=0.5, solid_capstyle="butt", zorder=3)
    ax.plot(month, value, marker="o", ms=6, mfc=colour if resolved else PAPER, mec=colour, mew=1.3, zorder=4)
