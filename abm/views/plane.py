"""The cost-effectiveness plane: what arms avert and what they cost, and the frontier of those worth choosing."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.views.comparison import EDGE, UNRESOLVED, WIDTH
from abm.views.frame import axes_at, digits_for, footer_lines, label, number, paper, plain, write, write_footer
from abm.views.palette import ARM_COLOURS, PAPER, QUIET_TEXT, TEXT, fonts
from abm.views.words import Language, pick, say

TALL, LEFT, AXIS, KEY = 4.2, 0.75, 0.6, 0.5  # inches
COLOUR = ARM_COLOURS[1]
MILLION = 1e6
MOST_LETTERS = 70
WORDS = {
    "averted": ("deaths averted", "morts évités"),
    "cost": ("extra cost, million US$", "coût supplémentaire, millions de dollars"),
    "key": (
        "line: frontier of arms that none costs less than and averts more, from the control at the corner of both "
        "lines; bars: 90 % intervals; hollow and grey: deaths averted not resolved",
        "ligne : frontière des scénarios que nul autre ne surpasse, depuis le témoin au croisement des lignes ; "
        "barres : intervalles à 90 % ; creux et gris : morts évités non concluant",
    ),
}


@dataclass(frozen=True)
class Dot:
    """One arm: deaths averted and extra cost in US$ with intervals; ``frontier``: whether it is worth choosing."""

    label: str
    averted: float
    averted_interval: tuple[float, float]
    cost: float
    cost_interval: tuple[float, float]
    resolved: bool
    frontier: bool


def draw_plane(
    dots: Sequence[Dot],
    *,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """Deaths averted to the right, cost upwards; the control lies where the two lines cross.

    Args:
        dots: arms beside the control.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the experiment in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    if not dots:
        raise ValueError("nothing to draw")
    footer = footer_lines(source or say("paper_source", language), run_hash, language, WIDTH - 2 * EDGE)
    foot = 0.25 + 0.16 * len(footer) + AXIS
    height = foot + TALL + KEY
    figure = paper(WIDTH, height)
    for k, line in enumerate(textwrap.wrap(pick(WORDS["key"], language), 150)):
        write(figure, EDGE, height - 0.18 - 0.15 * k, line, 8, QUIET_TEXT)
    ax = axes_at(figure, EDGE + LEFT, foot, WIDTH - 2 * EDGE - LEFT, TALL)
    plain(ax, grid_along="y")
    ax.axhline(0.0, color=TEXT, linewidth=1.0, zorder=2)
    ax.axvline(0.0, color=TEXT, linewidth=1.0, zorder=2)
    corners = sorted([(0.0, 0.0), *((dot.averted, dot.cost / MILLION) for dot in dots if dot.frontier)])
    ax.plot(*zip(*corners, strict=True), color=COLOUR, linewidth=1.6, alpha=0.6, zorder=3)
    for dot in dots:
        _draw_dot(ax, dot)
    for dot in dots:
        _name(ax, dot)
    top = max(1.0, ax.get_ylim()[1])
    ax.yaxis.set_major_formatter(lambda value, _: number(value, digits_for(top), language=language))
    ax.xaxis.set_major_formatter(lambda value, _: number(value, digits_for(*ax.get_xlim()), language=language))
    label(
        ax, 0.5, -0.42 / TALL, pick(WORDS["averted"], language), ha="center", fontsize=8, color=QUIET_TEXT,
        transform=ax.transAxes,
    )  # fmt: skip
    label(
        ax, -0.6 / (WIDTH - 2 * EDGE - LEFT), 0.5, pick(WORDS["cost"], language), ha="center", rotation=90, fontsize=8,
        color=QUIET_TEXT, transform=ax.transAxes,
    )  # fmt: skip
    write_footer(figure, EDGE, footer)
    return figure


def _draw_dot(ax: Axes, dot: Dot) -> None:
    colour = (COLOUR if dot.frontier else TEXT) if dot.resolved else UNRESOLVED
    cost, (low, high) = dot.cost / MILLION, (end / MILLION for end in dot.cost_interval)
    ax.plot(dot.averted_interval, [cost, cost], color=colour, linewidth=1.0, alpha=0.6, zorder=3)
    ax.plot([dot.averted, dot.averted], [low, high], color=colour, linewidth=1.0, alpha=0.6, zorder=3)
    face = colour if dot.resolved else PAPER
    ax.plot(dot.averted, cost, marker="o", ms=6, mfc=face, mec=colour, mew=1.2, zorder=4)


def _name(ax: Axes, dot: Dot) -> None:
    """The name of an arm on the frontier, towards the middle of the axes; after all dots, which set their width."""
    if dot.frontier:
        inward = dot.averted > sum(ax.dataLim.intervalx) / 2.0
        ax.annotate(
            textwrap.shorten(dot.label, MOST_LETTERS, placeholder=" …"),
            (dot.averted, dot.cost / MILLION),
            (-6 if inward else 6, 6),
            textcoords="offset points",
            ha="right" if inward else "left",
            fontsize=7.5,
            color=TEXT,
            family=list(fonts()),
            zorder=5,
        )
