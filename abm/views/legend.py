"""The legend of a map: a panel beside the data, never over it, that shows only what the map shows."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from itertools import combinations, pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from abm.geography import COMMUNITIES
from abm.outlines import FloatArray
from abm.views.basemap import is_flooded
from abm.views.frame import axes_at
from abm.views.layers import (
    POINTS,
    UN_DARK,
    USUAL_MAP_WIDTH,
    Scale,
    army_width,
    attack_width,
    band_width,
    draw_attack,
    draw_tob_mark,
    troops_width,
    village_width,
    wants,
)
from abm.views.palette import (
    CERCLE_LINE,
    COMMUNITY_FILLS,
    DOGON_DOZO,
    EDGE,
    FLOOD_HATCH,
    FLOODED,
    FULANI_MILITIA,
    JIHADISTS,
    NATIONAL,
    PERPETRATORS,
    QUIET_TEXT,
    RIVER,
    ROAD,
    SAND,
    TEXT,
    UN,
    UNIDENTIFIED,
    VILLAGE,
    ZONE_LINE,
    Mark,
    fonts,
)
from abm.views.words import Language, say

Handle = Callable[[Axes, float, float], None]
Sized = Callable[[Axes, float, float, int], None]
Width = Callable[[float], float | FloatArray]

LINE, WRAPPED, GAP, TITLE = 12.5, 10.5, 7.0, 14.0  # heights in points
HANDLE_WIDTH = 26.0
LETTER = 4.1  # mean width of a letter at the size of the rows, points
EXAMPLE_DEATHS, EXAMPLE_UNITS, EXAMPLE_PEOPLE = (0, 10, 50), (1, 4, 12), (500, 5_000, 50_000)
EXAMPLE_BAND, EXAMPLE_TROOPS = 25, 400


def _point(ax: Axes, x: float, y: float, *, width: float, marker: str, face: Any, edge: Any, line: float) -> None:
    ax.plot(x, y, marker=marker, ms=width, mfc=face, mec=edge, mew=line, linestyle="", clip_on=False)


def _line(ax: Axes, x: float, y: float, *, colour: str, width: float) -> None:
    half = 0.36 * HANDLE_WIDTH
    ax.plot([x - half, x + half], [y, y], color=colour, linewidth=width, solid_capstyle="round")


def _patch(ax: Axes, x: float, y: float, *, face: Any, hatch: str | None = None, edge: Any = "none") -> None:
    corner = (x - 0.36 * HANDLE_WIDTH, y - 4.0)
    size = (0.72 * HANDLE_WIDTH, 8.0)
    ax.add_patch(Rectangle(corner, *size, facecolor=face, edgecolor=edge, hatch=hatch, linewidth=0.0))


@dataclass(frozen=True)
class Row:
    """One row: what is drawn at its left, lines of text, height in points, and how the text looks."""

    handle: Handle | None
    lines: tuple[str, ...]
    height: float
    indent: float = HANDLE_WIDTH + 5.0
    size: float = 8.0
    colour: str = TEXT
    weight: str = "normal"


class Panel:
    """A column of titled rows, collected first and drawn once its height is known."""

    def __init__(self, width: float, language: Language) -> None:
        self.width, self.language = width, language
        self.letters = max(int((width - HANDLE_WIDTH - 8.0) / LETTER), 12)
        self.sections: list[list[Row]] = []

    @property
    def height(self) -> float:
        """Height of all rows in points."""
        return height_of(self.sections)

    def title(self, key: str) -> None:
        """Start a section."""
        lines = textwrap.wrap(say(key, self.language), self.letters + 4)
        self.sections.append([Row(None, (line,), TITLE, indent=0.0, size=8.5, weight="bold") for line in lines])

    def row(self, handle: Handle | None, text: str, height: float = LINE, quiet: bool = False) -> None:
        """One row of the section: a handle and its text, wrapped to the panel's width."""
        lines = tuple(textwrap.wrap(text, self.letters))
        room = max(height, LINE) + WRAPPED * max(len(lines) - 1, 0)
        self.sections[-1].append(Row(handle, lines, room, colour=QUIET_TEXT if quiet else TEXT))

    def in_columns(self, columns: int) -> list[list[list[Row]]]:
        """Sections in so many columns, in their order, the tallest column as short as can be."""
        n = len(self.sections)
        cuts = [(0, *inner, n) for inner in combinations(range(1, n), min(columns, n) - 1)]
        splits = [[self.sections[a:b] for a, b in pairwise(cut)] for cut in cuts]
        return min(splits, key=lambda split: max(height_of(column) for column in split))


def height_of(sections: list[list[Row]]) -> float:
    """Height of sections under each other, in points."""
    return sum(row.height for section in sections for row in section) + GAP * max(len(sections) - 1, 0)


def draw_sections(ax: Axes, left: float, sections: list[list[Row]], closer: float) -> None:
    """Draw sections from the top of an axes whose units are points; `closer` shrinks the distances of rows."""
    y = 0.0
    for section in sections:
        for row in section:
            middle = y + 0.5 * closer * (row.height - WRAPPED * max(len(row.lines) - 1, 0))
            if row.handle is not None:
                row.handle(ax, left + 0.5 * HANDLE_WIDTH, middle)
            for k, line in enumerate(row.lines):
                style = {"size": row.size, "color": row.colour, "weight": row.weight}
                _text(ax, left + row.indent, middle + WRAPPED * closer * k, line, **style)
            y += closer * row.height
        y += closer * GAP


def _text(ax: Axes, x: float, y: float, text: str, **style: Any) -> None:
    ax.text(x, y, text, va="center", family=list(fonts()), **style)


def _ladder(
    ax: Axes, x: float, y: float, *, values: tuple[int, ...], width_of: Width, mark: Sized, scale: Scale, unit: str
) -> None:
    """A mark at several sizes, each followed by the number it stands for, and the unit at the end."""
    at = x - 0.5 * HANDLE_WIDTH
    for value in values:
        width = float(width_of(value)) * scale.factor
        mark(ax, at + 0.5 * width + 1.0, y, value)
        label = f"{value:,}".replace(",", "\u202f") + (f" {unit}" if value == values[-1] else "")
        _text(ax, at + width + 4.5, y, label, fontsize=8.0, color=TEXT)
        at += width + 11.0 + LETTER * len(label)


def _attacks(panel: Panel, scale: Scale) -> None:
    def ring(ax: Axes, x: float, y: float, deaths: int) -> None:
        draw_attack(ax, x, y, deaths, 0, UNIDENTIFIED, scale)

    panel.title("attacks")
    unit = say("deaths", panel.language)
    rings = partial(_ladder, values=EXAMPLE_DEATHS, width_of=attack_width, mark=ring, scale=scale, unit=unit)
    panel.row(rings, "", height=float(attack_width(EXAMPLE_DEATHS[-1])) * scale.factor + 4.0)
    panel.row(None, say("rings", panel.language), quiet=True)


def _actor(mark: Mark, width: float) -> Handle:
    return partial(_point, width=width, marker=mark.marker, face=mark.colour, edge=EDGE, line=0.4)


def _actors(panel: Panel, scale: Scale, layers: Collection[str]) -> None:
    panel.title("actors")
    width = float(band_width(EXAMPLE_BAND)) * scale.factor + 1.5
    attacks, bands, army = (name in layers for name in ("attacks", "bands", "army"))
    for mark in PERPETRATORS:
        is_band = mark in (JIHADISTS, DOGON_DOZO, FULANI_MILITIA)
        if attacks or (is_band and bands) or (mark is NATIONAL and army):
            panel.row(_actor(mark, width), say(mark.key, panel.language))
    if bands:
        panel.row(None, say("bands", panel.language), quiet=True)
    if army:
        _army_sizes(panel, scale)


def _army_sizes(panel: Panel, scale: Scale) -> None:
    def place(ax: Axes, x: float, y: float, units: int) -> None:
        width = float(army_width(units)) * scale.factor
        _point(ax, x, y, width=width, marker=NATIONAL.marker, face=NATIONAL.colour, edge="white", line=0.7)

    unit = say("units_there", panel.language)
    sizes = partial(_ladder, values=EXAMPLE_UNITS, width_of=army_width, mark=place, scale=scale, unit=unit)
    panel.row(sizes, "", height=float(army_width(EXAMPLE_UNITS[-1])) * scale.factor + 2.0)


def _un(panel: Panel, scale: Scale, layers: Collection[str]) -> None:
    panel.title("un")
    word = partial(say, language=panel.language)
    hexagon = partial(_point, marker=UN.marker, face=UN.colour, edge=EDGE, line=0.8)
    if "un" in layers:
        base = partial(hexagon, width=float(troops_width(EXAMPLE_TROOPS)) * scale.factor)
        panel.row(base, f"{word('un_base')} ({EXAMPLE_TROOPS})")
        panel.row(partial(hexagon, width=5.0 * scale.factor), word("un_unit"))
        panel.row(partial(draw_tob_mark, scale=scale, is_open=True), word("tob"))
        panel.row(partial(draw_tob_mark, scale=scale, is_open=False), word("tob_preparing"))
    if "tob_reach" in layers:
        ring = partial(_point, width=13.0, marker="o", face="none", edge=UN_DARK, line=1.1)
        panel.row(ring, word("tob_reach"), height=15.0)
        panel.row(partial(_patch, face=to_rgba(UN.colour, 0.4)), word("presence"))


def _settlements(panel: Panel, scale: Scale, layers: Collection[str]) -> None:
    def dot(ax: Axes, x: float, y: float, people: int) -> None:
        _point(
            ax, x, y, width=float(village_width(people)) * scale.factor, marker="o", face=VILLAGE, edge=VILLAGE, line=0
        )

    panel.title("villages")
    unit = say("people", panel.language)
    sizes = partial(_ladder, values=EXAMPLE_PEOPLE, width_of=village_width, mark=dot, scale=scale, unit=unit)
    panel.row(sizes, "")
    if "communities" in layers:
        panel.title("communities")
        for name, colour in zip(COMMUNITIES, COMMUNITY_FILLS, strict=True):
            panel.row(
                partial(_point, width=6.0, marker="o", face=colour, edge=colour, line=0.0), say(name, panel.language)
            )


def _ground(panel: Panel, layers: Collection[str], season: int) -> None:
    panel.title("ground")
    word = partial(say, language=panel.language)
    panel.row(partial(_point, width=4.0, marker="o", face=SAND, edge=TEXT, line=0.9), word("capital"))
    panel.row(partial(_line, colour=ROAD, width=1.6), word("road"))
    panel.row(partial(_line, colour=RIVER, width=2.0), word("river"))
    if "flood" in layers and is_flooded(season):
        panel.row(partial(_patch, face=FLOODED, hatch="////", edge=FLOOD_HATCH), word("flood"))
    panel.row(partial(_line, colour=ZONE_LINE, width=1.3), word("zone"))
    panel.row(partial(_line, colour=CERCLE_LINE, width=0.9), word("cercle"))
    if "travel_time" in layers:
        panel.row(partial(_line, colour=UN_DARK, width=0.8), word("travel_time"))


def build_legend(width: float, layers: Collection[str], season: int, scale: Scale, language: Language) -> Panel:
    """The legend of the layers shown, `width` points wide; its height says how much room it needs."""
    panel = Panel(width, language)
    if "attacks" in layers:
        _attacks(panel, scale)
    if wants(layers, "attacks", "bands", "army"):
        _actors(panel, scale, layers)
    if wants(layers, "un", "tob_reach"):
        _un(panel, scale, layers)
    if wants(layers, "villages", "communities"):
        _settlements(panel, scale, layers)
    _ground(panel, layers, season)
    return panel


def draw_legend(ax: Axes, panel: Panel, height: float, columns: int = 1) -> None:
    """Draw into an empty axes `height` points high; rows move closer where they do not fit."""
    split = panel.in_columns(columns)
    ax.set_xlim(0.0, panel.width * len(split))
    ax.set_ylim(height, 0.0)
    ax.axis("off")
    closer = min(1.0, height / max(height_of(column) for column in split))
    for k, sections in enumerate(split):
        draw_sections(ax, panel.width * k, sections, closer)


def draw_legend_figure(
    layers: Collection[str],
    season: int,
    *,
    width: float = 4.0,
    columns: int = 2,
    map_width: float = USUAL_MAP_WIDTH,
    language: Language = "en",
) -> Figure:
    """The legend alone, on sand, as high as it needs, for a page that places it beside a map of its own.

    Args:
        layers: names of the layers the map shows.
        season: season of the map's day (0 dry, 1 rains, 2 rains and flood, 3 flood).
        width: of the figure, inches.
        columns: in which it is set.
        map_width: width of the map, inches, which decides how large its marks are.
        language: ``en`` or ``fr``.
    """
    scale = Scale(map_width / USUAL_MAP_WIDTH)
    panel = build_legend(POINTS * width / columns, layers, season, scale, language)
    height = max(height_of(column) for column in panel.in_columns(columns))
    figure = Figure(figsize=(width, height / POINTS), dpi=100, facecolor=SAND)
    draw_legend(axes_at(figure, 0.0, 0.0, width, height / POINTS), panel, height, columns)
    return figure
