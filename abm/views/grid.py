"""Responses to the levels of factors, and maps of two factors: what differs from the control, where it is resolved."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from abm.views.comparison import UNRESOLVED
from abm.views.frame import axes_at, digits_for, footer_lines, label, number, paper, plain, write, write_footer
from abm.views.palette import GRID_LINE, PAPER, QUIET_TEXT, TEXT
from abm.views.panels import COLUMNS, EDGE, WIDTH
from abm.views.words import Language, pick, say

HEIGHT, BELOW, ABOVE, SIDE, GAP = 1.7, 0.62, 0.46, 0.5, 0.3  # inches: panels of responses
CELL_HEIGHT, MAP_SIDE, MAPS = 0.36, 1.35, 2  # inches, inches, maps side by side
KEY = 0.3
CLOSE = 0.055  # of a panel's width: numbers nearer to each other are spread evenly instead
LETTERS = 14.0  # per inch of a heading
FEWER, MORE = "#0072B2", "#D55E00"
COLOURS = LinearSegmentedColormap.from_list("fewer and more", [FEWER, PAPER, MORE])
PALE = 0.75  # of the scale: no fill so dark that its number cannot be read
WORDS = {
    "key": (
        "dot and bar: mean difference from the control and its interval; grey, hollow or hatched: not resolved",
        "point et barre : différence moyenne avec le témoin et son intervalle ; gris, creux, hachuré : non concluant",
    )
}


@dataclass(frozen=True)
class Response:
    """Difference from the control at each level of a factor.

    ``ticks`` are the levels in words; ``positions`` lie on a line, None for categories, spread evenly. ``estimate``,
    ``low``, ``high`` in ``unit``, ``resolved`` one a level.
    """

    heading: str
    factor: str
    unit: str
    ticks: tuple[str, ...]
    positions: tuple[float, ...] | None
    estimate: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    resolved: tuple[bool, ...]

    def __post_init__(self) -> None:
        sizes = {len(each) for each in (self.ticks, self.estimate, self.low, self.high, self.resolved)}
        if len(sizes) != 1 or (self.positions is not None and len(self.positions) not in sizes):
            raise ValueError(f"{self.heading!r}: not one of each for every level")


@dataclass(frozen=True)
class HeatMap:
    """Difference from the control for each pair of levels: ``estimate[row][column]`` in ``unit``, and ``resolved``."""

    heading: str
    unit: str
    across: str
    up: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    estimate: tuple[tuple[float, ...], ...]
    resolved: tuple[tuple[bool, ...], ...]

    def __post_init__(self) -> None:
        shape = (len(self.rows), len(self.columns))
        if np.shape(self.estimate) != shape or np.shape(self.resolved) != shape:
            raise ValueError(f"{self.heading!r}: expected {shape[0]} rows of {shape[1]} cells")


def draw_grid(
    responses: Sequence[Response],
    maps: Sequence[HeatMap] = (),
    *,
    columns: int = COLUMNS,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """Panels of responses, those of one unit on one scale, and below them maps of two factors, numbers written in.

    Args:
        responses: in the order to be shown.
        maps: likewise.
        columns: responses side by side, COLUMNS at most.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the experiment in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    if not responses:
        raise ValueError("nothing to draw")
    footer = footer_lines(source or say("paper_source", language), run_hash, language, WIDTH - 2 * EDGE)
    beside = min(columns, COLUMNS)
    lines = [responses[at : at + beside] for at in range(0, len(responses), beside)]
    pairs = [maps[at : at + MAPS] for at in range(0, len(maps), MAPS)]
    tall = [ABOVE + CELL_HEIGHT * max(len(one.rows) for one in pair) + BELOW for pair in pairs]
    height = 0.25 + 0.16 * len(footer) + len(lines) * (ABOVE + HEIGHT + BELOW) + sum(tall) + KEY
    figure = paper(WIDTH, height)
    write(figure, EDGE, height - 0.2, pick(WORDS["key"], language), 8, QUIET_TEXT)
    top = height - KEY
    for line in lines:
        for column, response in enumerate(line):
            _draw_response(figure, response, column, top, _scale(responses, response.unit), language)
        top -= ABOVE + HEIGHT + BELOW
    for pair, size in zip(pairs, tall, strict=True):
        for column, one in enumerate(pair):
            _draw_map(figure, one, column, top, language)
        top -= size
    write_footer(figure, EDGE, footer)
    return figure


def _heading(figure: Figure, left: float, top: float, width: float, text: str) -> None:
    """At most two lines above the axes."""
    lines = textwrap.wrap(text, int(width * LETTERS), max_lines=2, placeholder=" …")
    for k, line in enumerate(reversed(lines)):
        write(figure, left, top - ABOVE + 0.09 + 0.15 * k, line, 8.5, TEXT, weight="bold")


def _scale(responses: Sequence[Response], unit: str) -> tuple[float, float]:
    """Edges of an axis that shows all intervals of one unit, and zero."""
    ends = [end for one in responses if one.unit == unit for end in (*one.low, *one.high)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    air = 0.06 * (high - low) or 1.0
    return low - air, high + air


def spread_out(positions: tuple[float, ...] | None, count: int) -> tuple[float, ...]:
    """Where levels are drawn, 0..1: to scale, or evenly where they are categories or would touch."""
    even = tuple((k + 0.5) / count for k in range(count))
    if positions is None or count < 2:
        return even
    low, high = min(positions), max(positions)
    places = tuple(0.06 + 0.88 * (at - low) / (high - low) for at in positions) if high > low else even
    return places if float(np.diff(np.sort(places)).min()) >= CLOSE else even


def _draw_response(
    figure: Figure, one: Response, column: int, top: float, scale: tuple[float, float], language: Language
) -> None:
    width = (WIDTH - 2 * EDGE - COLUMNS * SIDE - (COLUMNS - 1) * GAP) / COLUMNS
    left = EDGE + SIDE + column * (width + SIDE + GAP)
    _heading(figure, left - SIDE, top, width + SIDE, one.heading)
    ax = axes_at(figure, left, top - ABOVE - HEIGHT, width, HEIGHT)
    plain(ax, grid_along="y")
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(*scale)
    ax.axhline(0.0, color=TEXT, linewidth=1.0, zorder=2)
    places = spread_out(one.positions, len(one.ticks))
    if one.positions is not None:
        ax.plot(places, one.estimate, color=GRID_LINE, linewidth=1.5, zorder=2)
    for x, estimate, low, high, resolved in zip(places, one.estimate, one.low, one.high, one.resolved, strict=True):
        colour = TEXT if resolved else UNRESOLVED
        ax.plot([x, x], [low, high], color=colour, linewidth=2.5, solid_capstyle="butt", alpha=0.85, zorder=3)
        ax.plot(x, estimate, marker="o", ms=5.5, mfc=colour if resolved else PAPER, mec=colour, mew=1.2, zorder=4)
    _ticks(ax, places, one.ticks)
    _caption(ax, one.factor, width, HEIGHT)
    ax.yaxis.set_major_formatter(lambda value, _: number(value, digits_for(*scale), signed=True, language=language))


def _ticks(ax: Axes, places: Sequence[float], words: Sequence[str]) -> None:
    ax.set_xticks(list(places), list(words))
    if sum(len(word) for word in words) > 30:
        ax.tick_params(axis="x", labelsize=6.5, labelrotation=18)


def _caption(ax: Axes, text: str, width: float, height: float) -> None:
    for k, line in enumerate(textwrap.wrap(text, int(width * 16), max_lines=2, placeholder=" …")):
        label(
            ax, 0.5, -(0.34 + 0.14 * k) / height, line, ha="center", fontsize=8, color=QUIET_TEXT,
            transform=ax.transAxes,
        )  # fmt: skip


def _draw_map(figure: Figure, one: HeatMap, column: int, top: float, language: Language) -> None:
    room = (WIDTH - 2 * EDGE - GAP) / MAPS
    width, height = room - MAP_SIDE, CELL_HEIGHT * len(one.rows)
    left = EDGE + column * (room + GAP) + MAP_SIDE
    _heading(figure, left - MAP_SIDE, top, room, one.heading)
    ax = axes_at(figure, left, top - ABOVE - height, width, height)
    plain(ax, grid_along="y")
    ax.grid(False)
    ax.set_xlim(-0.5, len(one.columns) - 0.5)
    ax.set_ylim(-0.5, len(one.rows) - 0.5)
    cells = np.array(one.estimate)
    reach = float(np.abs(cells).max()) or 1.0
    digits = digits_for(*cells.ravel().tolist())
    for (row, place), value in np.ndenumerate(cells):
        resolved = one.resolved[row][place]
        _draw_cell(ax, place, row, value / reach, resolved)
        text = number(value, digits, signed=True, language=language)
        label(ax, place, row, text, ha="center", fontsize=8, color=TEXT if resolved else QUIET_TEXT)
    _ticks(ax, range(len(one.columns)), one.columns)
    ax.set_yticks(range(len(one.rows)), list(one.rows))
    ax.tick_params(axis="y", labelsize=7.5)
    _caption(ax, one.across, width, height)
    up = textwrap.shorten(one.up, int(max(height, 1.0) * 16), placeholder=" …")
    label(ax, -0.92 * MAP_SIDE / width, 0.5, up, ha="center", rotation=90, fontsize=8, color=QUIET_TEXT,
          transform=ax.transAxes)  # fmt: skip


def _draw_cell(ax: Axes, x: float, y: float, share: float, resolved: bool) -> None:
    """One cell: blue for fewer, orange for more, paler for less; grey and hatched where not resolved."""
    fill = to_hex(COLOURS(0.5 + 0.5 * PALE * share)) if resolved else GRID_LINE
    cell = Rectangle((x - 0.5, y - 0.5), 1.0, 1.0, facecolor=fill, edgecolor=PAPER, linewidth=1.5)
    ax.add_patch(cell)
    if not resolved:
        hatched = Rectangle((x - 0.5, y - 0.5), 1.0, 1.0, fill=False, hatch="///", edgecolor=PAPER, linewidth=0.0)
        ax.add_patch(hatched)
