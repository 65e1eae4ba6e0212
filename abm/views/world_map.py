"""The map of a world on one day."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.calendar import date_of, season_of_month
from abm.geography import Grid
from abm.parameters import Parameters
from abm.tables import Table, World
from abm.views.basemap import Extent, draw_base, extent_of
from abm.views.frame import footer_lines, write
from abm.views.layers import (
    Scale,
    draw_army,
    draw_attacks,
    draw_bands,
    draw_presence,
    draw_reach,
    draw_travel_time,
    draw_un,
    draw_villages,
    events_of,
    wants,
)
from abm.views.legend import build_legend, draw_legend
from abm.views.palette import QUIET_TEXT, SAND, TEXT
from abm.views.words import Language, date_and_season, say

ALL = ("villages", "bands", "army", "un", "tob_reach", "attacks", "flood")
ON_REQUEST = ("communities", "travel_time")
LAYERS = ALL + ON_REQUEST

USUAL_WIDTH, USUAL_MAP_WIDTH = 12.4, 9.5  # inches, of a figure and of the map in it
TALLEST = 6.5
LEGEND, EDGE, TOP, BOTTOM = 2.55, 0.2, 0.62, 0.56
POINTS = 72.0


def draw_map(
    world: World,
    grid: Grid,
    day: int,
    *,
    layers: Collection[str] = ALL,
    events: Table | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    parameters: Parameters | None = None,
    language: Language = "en",
    run_hash: str | None = None,
    size: tuple[float, float] | None = None,
) -> Figure:
    """A world as it stands, with the attacks of the 30 days up to `day`.

    Args:
        world: tables of a run; units, bands and bases are drawn where they are now.
        grid: the grid the world was built on.
        day: day number, for season, date and the age of attacks and presence.
        layers: names out of LAYERS; communities are shown only if asked for, because identity is not the default view.
        events: rows of an event log to show instead of the world's own.
        ax: axes to draw into, without legend, title and footer; otherwise a figure of its own is made.
        title: heading; the model's name if none is given.
        parameters: of the run; their half-lives and kernel give UN presence and the reach of a TOB.
        language: of all words, ``en`` or ``fr``.
        run_hash: identifies the run in the footer.
        size: of the figure, inches; by default as high as the map and its legend need.

    Raises:
        ValueError: an unknown layer.
    """
    unknown = sorted(set(layers) - set(LAYERS))
    if unknown:
        raise ValueError(f"unknown layer {unknown[0]!r}; expected some of {', '.join(LAYERS)}")
    parameters = parameters or Parameters()
    events = events_of(world) if events is None else events
    if ax is not None:
        owner = _figure_of(ax)
        scale = Scale(ax.get_window_extent().width / owner.dpi / USUAL_MAP_WIDTH)
        _draw_data(ax, world, grid, day, layers, events, parameters, language, scale)
        return owner
    season = season_of_month(date_of(day).month)
    extent = extent_of(grid)
    frame = _Frame.fitting(extent, size)
    legend = build_legend(POINTS * LEGEND, layers, season, frame.scale, language)
    if size is None:
        frame = frame.at_least(legend.height / POINTS)
    figure = Figure(figsize=frame.size, dpi=100, facecolor=SAND)
    map_ax = _axes(figure, EDGE, BOTTOM, frame.map_width, frame.height, "NW")
    _draw_data(map_ax, world, grid, day, layers, events, parameters, language, frame.scale)
    legend_ax = _axes(figure, EDGE + frame.map_width + EDGE, BOTTOM, LEGEND, frame.height, "NW")
    draw_legend(legend_ax, legend, POINTS * LEGEND, POINTS * frame.height)
    _head(figure, day, title, language)
    for k, line in enumerate(footer_lines(say("map_source", language), run_hash, language, with_caveat=True)):
        write(figure, EDGE, BOTTOM - 0.24 - 0.16 * k, line, 7.5, QUIET_TEXT)
    return figure


def _figure_of(ax: Axes) -> Figure:
    figure = ax.figure
    if not isinstance(figure, Figure):
        raise ValueError("the axes must belong to a figure")
    return figure


class _Frame(NamedTuple):
    """Sizes in inches: the whole figure, the map's width, and the height that map and legend share."""

    size: tuple[float, float]
    map_width: float
    height: float

    @classmethod
    def fitting(cls, extent: Extent, size: tuple[float, float] | None) -> _Frame:
        """The largest map that a figure of this size, or of the usual width, holds beside its legend."""
        width = (size[0] if size else USUAL_WIDTH) - LEGEND - 3 * EDGE
        if size is None:
            height = min(width / extent.aspect, TALLEST)
            width = height * extent.aspect
            return cls((width + LEGEND + 3 * EDGE, height + TOP + BOTTOM), width, height)
        height = size[1] - TOP - BOTTOM
        return cls(size, min(width, height * extent.aspect), height)

    @property
    def scale(self) -> Scale:
        """Size of marks on a map of this width."""
        return Scale(self.map_width / USUAL_MAP_WIDTH)

    def at_least(self, height: float) -> _Frame:
        """The same map in a figure with room for a legend this high."""
        room = max(self.height, height)
        return _Frame((self.size[0], room + TOP + BOTTOM), self.map_width, room)


def _axes(figure: Figure, left: float, bottom: float, width: float, height: float, anchor: str) -> Axes:
    """Axes at a place given in inches."""
    across, up = figure.get_size_inches()
    return figure.add_axes((left / across, bottom / up, width / across, height / up), anchor=anchor)


def _head(figure: Figure, day: int, title: str | None, language: Language) -> None:
    up = figure.get_size_inches()[1]
    write(figure, EDGE, up - 0.30, title or say("model_name", language), 13, TEXT, weight="bold")
    write(figure, EDGE, up - 0.51, date_and_season(day, language), 10, QUIET_TEXT)


def _draw_data(
    ax: Axes,
    world: World,
    grid: Grid,
    day: int,
    layers: Collection[str],
    events: Table,
    parameters: Parameters,
    language: Language,
    scale: Scale,
) -> None:
    season = season_of_month(date_of(day).month)
    draw_base(ax, grid, season, flood="flood" in layers, language=language)
    extent = ax.axis()
    if wants(layers, "villages", "communities"):
        draw_villages(ax, world, scale, by_community="communities" in layers)
    if "tob_reach" in layers:
        draw_presence(ax, world, grid, day, parameters)
        draw_reach(ax, world, parameters.presence_km, scale)
    if "travel_time" in layers:
        draw_travel_time(ax, world, grid, season)
    if "bands" in layers:
        draw_bands(ax, world, day, scale)
    if "army" in layers:
        draw_army(ax, world, scale)
    if "un" in layers:
        draw_un(ax, world, scale)
    if "attacks" in layers:
        draw_attacks(ax, events, day, scale)
    ax.axis(extent)
    ax.set_aspect("equal")
