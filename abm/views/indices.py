"""Sensitivity on paper: indices of parameters as dots with intervals, and elementary effects as a plane."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.views.frame import axes_at, footer_lines, label, paper, percent, plain, write, write_footer
from abm.views.palette import PAPER, QUIET_TEXT, TEXT, fonts
from abm.views.panels import EDGE, WIDTH, panels
from abm.views.words import Language, pick, say

FIRST, TOTAL = "#E69F00", "#0072B2"
UNTOLD = "#8A867C"  # 3.6:1 on white
LABELS, RIGHT = 2.9, 0.3  # inches
ROW, HEADING, AXIS, GAP, TOP, KEY = 0.3, 0.3, 0.34, 0.12, 0.55, 0.3
PLANE, BELOW = 2.5, 0.62
MOST_NAMED = 6  # in a plane; more names would cover one another
WORDS = {
    "first": ("alone (first order)", "seul (premier ordre)"),
    "total": ("with interactions (total)", "avec interactions (total)"),
    "untold": ("cannot be told from zero", "ne se distingue pas de zéro"),
    "noise": ("noise of seeds alone", "bruit des graines seul"),
    "share": ("share of the variance", "part de la variance"),
    "interval": ("bars: {level} intervals", "barres : intervalles à {level}"),
    "size": ("mean absolute effect µ*, {unit}", "effet absolu moyen µ*, {unit}"),
    "spread": ("spread of effects σ", "dispersion des effets σ"),
}  # fmt: skip


@dataclass(frozen=True)
class Share:
    """First-order and total index of a parameter with the ends of their intervals; groups have a panel each.

    ``noise`` is what a total index would be from noise of seeds alone; ``told`` whether there is an effect at all.
    """

    label: str
    group: str
    first: tuple[float, float, float]
    total: tuple[float, float, float]
    noise: float
    told: bool


@dataclass(frozen=True)
class Step:
    """Mean absolute elementary effect of a parameter, low and high end, and the effects' standard deviation."""

    label: str
    group: str
    size: tuple[float, float, float]
    sigma: float
    noise: float
    told: bool


def draw_shares(
    shares: Sequence[Share],
    *,
    title: str | None = None,
    level: float = 0.95,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """Sobol' indices: one panel a group, one row a parameter; estimates outside 0 to 1 are shown as they are.

    Args:
        shares: in the order to be shown.
        title: heading; none by default.
        level: of the intervals, for the key.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the batch in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    if not shares:
        raise ValueError("nothing to draw")
    groups: dict[str, list[Share]] = {}
    for share in shares:
        groups.setdefault(share.group, []).append(share)
    footer = footer_lines(source or say("paper_source", language), run_hash, language, WIDTH - 2 * EDGE)
    body = sum(HEADING + ROW * len(rows) + AXIS + GAP for rows in groups.values())
    head = (TOP if title else 0.15) + KEY
    height = head + body + 0.16 * len(footer) + 0.25
    figure = paper(WIDTH, height)
    if title:
        write(figure, EDGE, height - 0.36, title, 12.5, TEXT, weight="bold")
    _draw_key(figure, height - head + 0.08, level, language)
    reach = _reach(shares)
    below = height - head
    for name, rows in groups.items():
        below -= HEADING + ROW * len(rows)
        write(figure, EDGE, below + ROW * len(rows) + 0.08, name, 9.5, TEXT, weight="bold")
        ax = axes_at(figure, EDGE + LABELS, below, WIDTH - 2 * EDGE - LABELS - RIGHT, ROW * len(rows))
        _draw_rows(ax, rows, reach)
        below -= AXIS + GAP
    write_footer(figure, EDGE, footer)
    return figure


def _reach(shares: Sequence[Share]) -> tuple[float, float]:
    """One axis for all panels: from zero to one at least, and every interval."""
    ends = [end for share in shares for end in (*share.first, *share.total)]
    return min(0.0, *ends) - 0.03, max(1.0, *ends) + 0.03


def _draw_rows(ax: Axes, rows: list[Share], reach: tuple[float, float]) -> None:
    plain(ax, grid_along="x")
    ax.set_xlim(*reach)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks([])
    ax.axvline(0.0, color=TEXT, linewidth=1.0, zorder=2)
    ax.axvline(rows[0].noise, color=QUIET_TEXT, linewidth=1.2, linestyle=(0, (3, 2)), zorder=2)
    for k, row in enumerate(rows):
        _draw_interval(ax, k - 0.14, row.total, TOTAL if row.told else UNTOLD, "o", row.told)
        _draw_interval(ax, k + 0.16, row.first, FIRST if row.told else UNTOLD, "D", row.told)
        colour = TEXT if row.told else QUIET_TEXT
        label(ax, -0.015, k, row.label, ha="right", color=colour, transform=ax.get_yaxis_transform())


def _draw_interval(ax: Axes, y: float, ends: tuple[float, float, float], colour: str, marker: str, told: bool) -> None:
    value, low, high = ends
    ax.plot([low, high], [y, y], color=colour, linewidth=2.0, solid_capstyle="butt", zorder=3)
    face, edge = (colour, TEXT) if told else (PAPER, colour)
    ax.plot(value, y, marker=marker, ms=6.0 if marker == "o" else 5.0, mfc=face, mec=edge, mew=0.9, zorder=4)


def _draw_key(figure: Figure, y: float, level: float, language: Language) -> None:
    ax = axes_at(figure, EDGE, y, WIDTH - 2 * EDGE, 0.2)
    ax.set_xlim(0.0, WIDTH - 2 * EDGE)
    ax.set_ylim(-1.0, 1.0)
    ax.axis("off")
    filled: dict[str, Any] = {"mec": TEXT, "mew": 0.9, "linestyle": "none"}
    signs: dict[str, dict[str, Any]] = {
        "total": {"marker": "o", "ms": 6.0, "mfc": TOTAL, **filled},
        "first": {"marker": "D", "ms": 5.0, "mfc": FIRST, **filled},
        "untold": {"marker": "o", "ms": 6.0, "mfc": PAPER, **filled, "mec": UNTOLD},
        "noise": {"marker": "|", "ms": 10.0, "mec": QUIET_TEXT, "mew": 1.2, "linestyle": "none"},
    }
    at = 0.08
    for key, sign in signs.items():
        ax.plot(at, 0.0, **sign)
        text = pick(WORDS[key], language)
        label(ax, at + 0.14, 0.0, text, fontsize=8, color=QUIET_TEXT)
        at += 0.34 + 0.062 * len(text)
    text = f"{pick(WORDS['share'], language)}; {pick(WORDS['interval'], language)}"
    label(ax, at, 0.0, text.format(level=percent(level, language)), fontsize=8, color=QUIET_TEXT)


def draw_steps(
    steps: Sequence[Step],
    *,
    unit: str,
    title: str | None = None,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """Elementary effects: a plane a group, µ* with its interval across and σ upwards, with the line σ = µ*.

    Above the line, the effect of a parameter depends on where it is and on what the others are.

    Args:
        steps: the most influential parameter of each group first: only these bear their names.
        unit: of the effects, for the axis.
        title: heading; none by default.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the batch in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    groups: dict[str, list[Step]] = {}
    for step in steps:
        groups.setdefault(step.group, []).append(step)
    options: dict[str, Any] = {"title": title, "source": source, "run_hash": run_hash, "language": language}
    figure, places = panels(list(groups), PLANE, BELOW, **options)
    for rows, place in zip(groups.values(), places, strict=True):
        ax = axes_at(figure, place.left, place.bottom, place.width, PLANE)
        _draw_plane(ax, rows)
        style: dict[str, Any] = {"fontsize": 8, "color": QUIET_TEXT, "family": list(fonts())}
        if place.lowest:
            ax.set_xlabel(pick(WORDS["size"], language).format(unit=unit), **style)
        if place.leftmost:
            ax.set_ylabel(pick(WORDS["spread"], language), **style)
    return figure


def _draw_plane(ax: Axes, rows: list[Step]) -> None:
    plain(ax, grid_along="y")
    most = max(max(row.size[2], row.sigma) for row in rows) or 1.0
    ends = (min(0.0, *(row.size[1] for row in rows)) - 0.04 * most, 1.3 * most)  # room for names on the right
    ax.set_xlim(*ends)
    ax.set_ylim(-0.06 * most, 1.12 * most)
    ax.plot([0.0, most], [0.0, most], color=TEXT, linewidth=0.9, zorder=2)
    ax.axvline(rows[0].noise, color=QUIET_TEXT, linewidth=1.2, linestyle=(0, (3, 2)), zorder=2)
    for row in rows:
        value, low, high = row.size
        colour = TOTAL if row.told else UNTOLD
        ax.plot([low, high], [row.sigma, row.sigma], color=colour, linewidth=1.6, solid_capstyle="butt", zorder=3)
        face, edge = (colour, TEXT) if row.told else (PAPER, colour)
        ax.plot(value, row.sigma, marker="o", ms=6.0, mfc=face, mec=edge, mew=0.9, zorder=4)
    for row, height in zip(rows[:MOST_NAMED], _heights(rows[:MOST_NAMED], 0.07 * most), strict=True):
        colour = TEXT if row.told else QUIET_TEXT
        at = row.size[2] + 0.03 * most
        ax.plot([row.size[2], at], [row.sigma, height], color=QUIET_TEXT, linewidth=0.6, zorder=2)  # whose name it is
        label(ax, at, height, row.label, fontsize=7.5, color=colour, zorder=5)


def _heights(rows: Sequence[Step], least: float) -> list[float]:
    """Heights of names beside their dots, moved up where two would touch."""
    heights = [0.0] * len(rows)
    last = -math.inf
    for k in sorted(range(len(rows)), key=lambda k: rows[k].sigma):
        last = heights[k] = max(rows[k].sigma, last + least)
    return heights
