"""Which assumptions decide: scores of inputs as bars, and points in the plane of two inputs with the box drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from abm.views.frame import axes_at, footer_lines, label, paper, plain, write, write_footer
from abm.views.palette import ARM_COLOURS, PAPER, QUIET_TEXT, TEXT
from abm.views.words import Language, pick, say

WIDTH, EDGE = 9.6, 0.25  # inches
HEIGHT, HEADING, BELOW, TOP = 2.1, 0.46, 0.55, 0.85
NAMES, BARS, GAP, SIDE = 1.75, 1.75, 0.75, 2.1
QUIET = "#B4AEA2"
COLOUR = ARM_COLOURS[1]
WORDS = {
    "title": ("Which assumptions decide", "Quelles hypothèses décident"),
    "key": (
        "Filled: a case of interest (named with each arm); hollow: none; rectangle: the box that was found. "
        "Bars: how much an input tells;",
        "Plein : cas d'intérêt ; creux : aucun ; rectangle : la région trouvée. Barres : ce qu'une entrée explique ;",
    ),
    "null": (
        "the dashed line is what the highest bar reaches in noise, at most once in twenty.",
        "le trait : ce que la plus haute atteint dans le bruit, au plus une fois sur vingt.",
    ),
    "score": ("score", "score"),
}


@dataclass(frozen=True)
class Bar:
    """Score of one input, and whether it is beyond noise."""

    label: str
    score: float
    named: bool


@dataclass(frozen=True)
class Axis:
    """An input: words with unit, its value at each point, and its ends in the box, infinite where it has none."""

    label: str
    values: tuple[float, ...]
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class Searched:
    """What was searched for one arm.

    Attributes:
        label: the arm and what a case of interest is.
        bars: scores, the highest first.
        null: what a score must exceed.
        axes: two or three inputs; each plane shows the first and another one.
        of_interest: which points are cases of interest, as many as values of each axis.
        box: whether there is a box to draw.
    """

    label: str
    bars: tuple[Bar, ...]
    null: float
    axes: tuple[Axis, ...]
    of_interest: tuple[bool, ...]
    box: bool

    def __post_init__(self) -> None:
        sizes = {len(axis.values) for axis in self.axes} | {len(self.of_interest)}
        if not 2 <= len(self.axes) <= 3 or len(sizes) > 1:
            raise ValueError(f"{self.label!r}: expected two or three inputs of as many points (found {sizes})")


def draw_boxes(
    found: Sequence[Searched],
    *,
    title: str | None = None,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """One row an arm: bars of the highest scores, then points in the planes of the inputs that matter.

    Args:
        found: in the order to be shown.
        title: heading; what is shown by default.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the comparison in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    if not found:
        raise ValueError("nothing to draw")
    footer = footer_lines(source or say("paper_source", language), run_hash, language, WIDTH - 2 * EDGE)
    foot = 0.25 + 0.16 * len(footer)
    row = HEADING + HEIGHT + BELOW
    height = foot + row * len(found) + TOP
    figure = paper(WIDTH, height)
    write(figure, EDGE, height - 0.36, title or pick(WORDS["title"], language), 12.5, TEXT, weight="bold")
    for k, key in enumerate(("key", "null")):
        write(figure, EDGE, height - 0.56 - 0.16 * k, pick(WORDS[key], language), 8, QUIET_TEXT)
    for k, one in enumerate(found):
        bottom = foot + row * (len(found) - 1 - k) + BELOW
        write(figure, EDGE, bottom + HEIGHT + 0.26, one.label, 9.5, TEXT, weight="bold")
        _draw_bars(axes_at(figure, EDGE + NAMES, bottom, BARS, HEIGHT), one, language)
        for number, axis in enumerate(one.axes[1:]):
            left = EDGE + NAMES + BARS + GAP + number * (SIDE + GAP - 0.1)
            _draw_plane(axes_at(figure, left, bottom, SIDE, HEIGHT), one, one.axes[0], axis)
    write_footer(figure, EDGE, footer)
    return figure


def _draw_bars(ax: Axes, one: Searched, language: Language) -> None:
    plain(ax, grid_along="x")
    ax.set_ylim(len(one.bars) - 0.5, -0.5)
    ax.set_yticks([])
    ax.set_xlim(0.0, 1.08 * max(one.null, *(bar.score for bar in one.bars)))
    across = ax.get_yaxis_transform()
    for k, bar in enumerate(one.bars):
        ax.barh(k, bar.score, height=0.6, color=COLOUR if bar.named else QUIET, zorder=3)
        label(ax, -0.03, k, bar.label, ha="right", fontsize=8, transform=across)
    ax.axvline(one.null, color=TEXT, linewidth=1.0, linestyle=(0, (4, 2)), zorder=4)
    style = {"fontsize": 8, "color": QUIET_TEXT, "transform": ax.transAxes}
    label(ax, 0.5, -0.19, pick(WORDS["score"], language), ha="center", **style)


def _draw_plane(ax: Axes, one: Searched, across: Axis, up: Axis) -> None:
    plain(ax, grid_along="y")
    points = list(zip(across.values, up.values, one.of_interest, strict=True))
    for shown in (False, True):
        xs, ys = [x for x, _, case in points if case == shown], [y for _, y, case in points if case == shown]
        face, edge = (COLOUR, PAPER) if shown else (PAPER, QUIET)
        ax.scatter(xs, ys, s=16, c=face, edgecolors=edge, linewidths=0.8, zorder=3 + shown)
    limits = [_reach(axis.values) for axis in (across, up)]
    ax.set_xlim(*limits[0])
    ax.set_ylim(*limits[1])
    if one.box:
        (x, wide), (y, tall) = (_side(axis, reach) for axis, reach in zip((across, up), limits, strict=True))
        ax.add_patch(Rectangle((x, y), wide, tall, fill=False, edgecolor=TEXT, linewidth=1.6, zorder=6))
    ax.locator_params(nbins=4)
    style = {"fontsize": 8, "color": QUIET_TEXT, "transform": ax.transAxes}
    label(ax, 0.5, -0.19, across.label, ha="center", **style)
    label(ax, 0.0, 1.045, up.label, **style)


def _reach(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    air = 0.04 * (high - low) or 1.0
    return low - air, high + air


def _side(axis: Axis, reach: tuple[float, float]) -> tuple[float, float]:
    """Where a side of the box begins and how long it is; open ends stop just inside the edge of the plane."""
    inset = 0.01 * (reach[1] - reach[0])
    low, high = max(axis.low, reach[0] + inset), min(axis.high, reach[1] - inset)
    return low, high - low
