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
from abm.views.frame import FOOTER_LINE, axes_at, footer_lines, write, write_footer
from abm.views.layers import (
    POINTS,
    USUAL_MAP_WIDTH,
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

SHOWN = ("villages", "bands", "army", "un", "tob_reach", "attacks", "flood")
LAYERS = (*SHOWN, "communities", "travel_time")

USUAL_WIDTH = 12.4  # inches, of a figure
TALLEST = 6.5
NARROWEST = 5.0
LEGEND, EDGE, TOP, BOTTOM = 2.55, 0.2, 0.62, 0.22


def draw_map(
    world: World,
    grid: Grid,
    day: int,
    *,
    layers: Collection[str] = SHOWN,
    events: Table | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    parameters: Parameters | None = None,
    language: Language = "en",
    run_hash: str | None = None,
    size: tuple[float, float] | None = None,
    gazetteer: bool = False,
) -> Figure:
    """A world as it stands, with the attacks of the 30 days up to `day`.

    Args:
        world: tables of a run; units, bands and bases are drawn where they are now.
        grid: the grid the world was built on.
        day: day number, for season, date and the age of attacks and presence.
        layers: names out of LAYERS; communities only if asked for, because identity is not the usual view.
        events: rows of an event log to show instead of the world's own.
        ax: axes to draw into, without legend, title and footer; otherwise a figure of its own is made.
        title: heading; the model's name if none is given.
        parameters: of the run; their half-lives and kernel give UN presence and the reach of a TOB.
        language: of all words, ``en`` or ``fr``.
        run_hash: identifies the run in the footer.
        size: of the figure, inches; by default as high as the map and its legend need.
        gazetteer: whether the settlements are a user's own, so that the footer must not say they are drawn.

    Raises:
        ValueError: an unknown layer, a grid that the world was not built on, or axes outside a figure.
    """
    unknown = sorted(set(layers) - set(LAYERS))
    if unknown:
        raise ValueError(f"unknown layer {unknown[0]!r}; expected some of {', '.join(LAYERS)}")
    if len(world.cells) != grid.n:
        raise ValueError(f"the world has {len(world.cells)} cells, the grid {grid.n}: they belong to different grids")
    events = events_of(world) if events is None else events
    shown = _Shown(world, grid, day, frozenset(layers), events, parameters or Parameters(), language)
    if ax is not None:
        return _draw_into(ax, shown)
    width = size[0] if size else USUAL_WIDTH
    source = say("map_source_gazetteer" if gazetteer else "map_source", language)
    footer = footer_lines(source, run_hash, language, width - 2 * EDGE, one_run=True)
    frame = _Frame.fitting(extent_of(grid), size, BOTTOM + FOOTER_LINE * len(footer))
    legend = build_legend(POINTS * LEGEND, shown.layers, shown.season, frame.scale, language)
    if size is None:
        frame = frame.at_least(legend.height / POINTS)
    figure = Figure(figsize=frame.size, dpi=100, facecolor=SAND)
    _draw_data(axes_at(figure, EDGE, frame.bottom, frame.map_width, frame.height, anchor="NW"), shown, frame.scale)
    beside = axes_at(figure, EDGE + frame.map_width + EDGE, frame.bottom, LEGEND, frame.height)
    draw_legend(beside, legend, POINTS * frame.height)
    write(figure, EDGE, frame.size[1] - 0.30, title or say("model_name", language), 13, TEXT, weight="bold")
    write(figure, EDGE, frame.size[1] - 0.51, date_and_season(day, language), 10, QUIET_TEXT)
    write_footer(figure, EDGE, footer)
    return figure


class _Shown(NamedTuple):
    """Everything that decides what a map's data look like."""

    world: World
    grid: Grid
    day: int
    layers: frozenset[str]
    events: Table
    parameters: Parameters
    language: Language

    @property
    def season(self) -> int:
        """Season of the day."""
        return season_of_month(date_of(self.day).month)


class _Frame(NamedTuple):
    """Sizes in inches: the whole figure, the map's width, the height of map and legend, and the footer's."""

    size: tuple[float, float]
    map_width: float
    height: float
    bottom: float

    @classmethod
    def fitting(cls, extent: Extent, size: tuple[float, float] | None, bottom: float) -> _Frame:
        """The largest map that a figure of this size, or of the usual width, holds beside its legend."""
        width = (size[0] if size else USUAL_WIDTH) - LEGEND - 3 * EDGE
        if size is None:
            height = min(width / extent.aspect, TALLEST)
            width = max(height * extent.aspect, NARROWEST)
            return cls((width + LEGEND + 3 * EDGE, height + TOP + bottom), width, height, bottom)
        height = size[1] - TOP - bottom
        return cls(size, min(width, height * extent.aspect), height, bottom)

    @property
    def scale(self) -> Scale:
        """Size of marks on a map of this width."""
        return Scale(self.map_width / USUAL_MAP_WIDTH)

    def at_least(self, height: float) -> _Frame:
        """The same map in a figure with room for a legend this high."""
        room = max(self.height, height)
        return self._replace(size=(self.size[0], room + TOP + self.bottom), height=room)


def _draw_into(ax: Axes, shown: _Shown) -> Figure:
    figure = ax.figure
    if not isinstance(figure, Figure):
        raise ValueError("the axes must belong to a figure")
    _draw_data(ax, shown, Scale(ax.get_window_extent().width / figure.dpi / USUAL_MAP_WIDTH))
    return figure


def _draw_data(ax: Axes, shown: _Shown, scale: Scale) -> None:
    world, grid, layers = shown.world, shown.grid, shown.layers
    extent = draw_base(ax, grid, shown.season, flood="flood" in layers, language=shown.language)
    if wants(layers, "villages", "communities"):
        draw_villages(ax, world, scale, by_community="communities" in layers)
    if "tob_reach" in layers:
        draw_presence(ax, world, grid, shown.day, shown.parameters)
        draw_reach(ax, world, shown.parameters.presence_km, scale)
    if "travel_time" in layers:
        draw_travel_time(ax, world, grid, shown.season)
    if "bands" in layers:
        draw_bands(ax, world, shown.day, scale)
    if "army" in layers:
        draw_army(ax, world, scale)
    if "un" in layers:
        draw_un(ax, world, scale)
    if "attacks" in layers:
        draw_attacks(ax, shown.events, shown.day, scale)
    # Images and contours move the edges and the aspect; the map's own are put back.
    ax.axis((extent.west, extent.east, extent.south, extent.north))
    ax.set_aspect("equal")


def draw_bare_map(
    world: World,
    grid: Grid,
    day: int,
    *,
    width: float = USUAL_MAP_WIDTH,
    layers: Collection[str] = SHOWN,
    parameters: Parameters | None = None,
    language: Language = "en",
) -> Figure:
    """Only the map, to its edges, `width` inches wide: for a page that shows date, legend and caveat itself.

    The other arguments and errors are those of :func:`draw_map`.
    """
    figure = Figure(figsize=(width, width / extent_of(grid).aspect), dpi=100, facecolor=SAND)
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    draw_map(world, grid, day, layers=layers, ax=ax, parameters=parameters, language=language)
    for side in ax.spines.values():
        side.set_visible(False)
    return figure
