"""The ground of a map: cercles and zones, water, flood in season, roads, capitals, scale and north."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from abm.calendar import FLOOD, RAINS_AND_FLOOD
from abm.geography import (
    CERCLES,
    ZONE_OF_CERCLE,
    Grid,
    cercle_outline,
    flood_polygon,
    roads,
    to_km,
    towns,
    water_lines,
)
from abm.outlines import FloatArray
from abm.views.palette import (
    CERCLE_LINE,
    FLOOD_HATCH,
    FLOODED,
    OUTSIDE,
    QUIET_TEXT,
    RIVER,
    ROAD,
    SAND,
    TEXT,
    WATER,
    ZONE_LINE,
    fonts,
)
from abm.views.words import Language, say

# What is drawn over what; marks of people and events lie above LABELS_BELOW and below LABELS.
GROUND, WATER_LEVEL, LINES, MARKS, LABELS = 1, 2, 3, 10, 30
MARGIN_KM = 14.0
SCALE_STEPS_KM = (5, 10, 20, 50, 100, 200)

# Where a capital's name goes so that it meets no other name, road or camp: offset in points and alignment.
LABEL_PLACES: dict[str, tuple[float, float, str, str]] = {
    "Mopti": (-5, 4, "right", "bottom"),
    "Djenné": (-5, 2, "right", "center"),
    "San": (-5, -3, "right", "top"),
    "Tominian": (5, -4, "left", "top"),
    "Bla": (-5, -5, "right", "top"),
    "Ségou": (-5, -5, "right", "top"),
    "Niono": (6, 4, "left", "bottom"),
    "Barouéli": (5, 4, "left", "bottom"),
    "Koro": (3, 5, "center", "bottom"),
    "Bankass": (-6, -4, "right", "top"),
    "Douentza": (0, 7, "center", "bottom"),
    "Bandiagara": (-2, 6, "center", "bottom"),
}
USUAL_PLACE = (6.0, 0.0, "left", "center")
# Neighbours are named for orientation: a point well inside each (longitude, latitude).
NEIGHBOURS = {"burkina_faso": (-2.35, 13.35), "mauritania": (-6.45, 15.72)}


class Extent(NamedTuple):
    """Edges of a map in km."""

    west: float
    east: float
    south: float
    north: float

    @property
    def aspect(self) -> float:
        """Width over height."""
        return (self.east - self.west) / (self.north - self.south)


def extent_of(grid: Grid) -> Extent:
    """A grid's edges with a margin."""
    return Extent(
        grid.x0 - MARGIN_KM,
        grid.x0 + grid.nx * grid.size_km + MARGIN_KM,
        grid.y0 - MARGIN_KM,
        grid.y0 + grid.ny * grid.size_km + MARGIN_KM,
    )


def cercles_of(grid: Grid) -> tuple[str, ...]:
    """Names of the cercles a grid covers."""
    return tuple(CERCLES[k] for k in np.unique(grid.cercle))


def _ring_path(rings: Iterable[FloatArray]) -> Path:
    """One path of closed rings; holes stay holes because they run the other way."""
    vertices, codes = [], []
    for ring in rings:
        vertices.append(ring)
        codes.append(np.array([Path.MOVETO, *[Path.LINETO] * (len(ring) - 2), Path.CLOSEPOLY], dtype=Path.code_type))
    return Path(np.concatenate(vertices), np.concatenate(codes))


def region_path(grid: Grid) -> Path:
    """The land a grid covers."""
    return _ring_path(ring for name in cercles_of(grid) for ring in cercle_outline(name))


@lru_cache(maxsize=1)
def zone_borders() -> tuple[FloatArray, ...]:
    """Segments, shape (2, 2) in km, of cercle borders with another zone or with the outside on their other side."""
    owners: dict[frozenset[tuple[float, float]], list[int]] = {}
    segments: dict[frozenset[tuple[float, float]], FloatArray] = {}
    for name, zone in zip(CERCLES, ZONE_OF_CERCLE, strict=True):
        for ring in cercle_outline(name):
            points = [(round(float(x), 6), round(float(y), 6)) for x, y in ring]
            for k, ends in enumerate(pairwise(points)):
                owners.setdefault(frozenset(ends), []).append(zone)
                segments[frozenset(ends)] = ring[k : k + 2]
    return tuple(segments[key] for key, zones in owners.items() if len(zones) < 2 or zones[0] != zones[1])


def draw_ground(ax: Axes, grid: Grid) -> None:
    """Outside, region, cercle and zone lines."""
    ax.set_facecolor(OUTSIDE)
    # add_artist, not add_patch: the edges of the map are set by hand, and working out those of long paths is slow.
    ax.add_artist(PathPatch(region_path(grid), facecolor=SAND, edgecolor="none", zorder=GROUND))
    borders = [ring for name in CERCLES for ring in cercle_outline(name)]
    for lines, colour, width in ((borders, CERCLE_LINE, 0.7), (list(zone_borders()), ZONE_LINE, 1.1)):
        drawn = LineCollection(lines, colors=colour, linewidths=width, capstyle="round", zorder=LINES)
        ax.add_collection(drawn, autolim=False)


def river_width(name: str) -> float:
    """Width of a river's line, points."""
    return 2.2 if name == "Niger" else 1.4


def draw_water(ax: Axes) -> None:
    """Rivers and lakes of Natural Earth."""
    for water in water_lines():
        if water.kind == "lake":
            ax.add_patch(Polygon(water.line, facecolor=WATER, edgecolor=RIVER, linewidth=0.4, zorder=WATER_LEVEL))
        else:
            width = river_width(water.name)
            ax.plot(*water.line.T, color=RIVER, linewidth=width, solid_capstyle="round", zorder=WATER_LEVEL)


def is_flooded(season: int) -> bool:
    """Whether the Inner Niger Delta is flooded in a season."""
    return season in (RAINS_AND_FLOOD, FLOOD)


def flood_opacity(season: int) -> float:
    """How strongly the flood shows: lighter while it still rises, not at all where there is none."""
    if not is_flooded(season):
        return 0.0
    return 0.55 if season == RAINS_AND_FLOOD else 0.9


def draw_flood(ax: Axes, grid: Grid, season: int) -> None:
    """The flooded delta, hatched, while it is flooded."""
    if not is_flooded(season):
        return
    flood = Polygon(
        flood_polygon(),
        facecolor=FLOODED,
        edgecolor=FLOOD_HATCH,
        hatch="///",
        linewidth=0.0,
        alpha=flood_opacity(season),
        zorder=WATER_LEVEL - 0.5,
    )
    ax.add_patch(flood)
    flood.set_clip_path(region_path(grid), ax.transData)


def draw_roads(ax: Axes) -> None:
    """Main roads as straight lines between towns."""
    for road in roads():
        ax.plot(*road.line.T, color=ROAD, linewidth=1.3, solid_capstyle="round", zorder=LINES)


def _named(ax: Axes, text: str, at: tuple[float, float], place: tuple[float, float, str, str]) -> None:
    dx, dy, horizontal, vertical = place
    ax.annotate(
        text,
        at,
        xytext=(dx, dy),
        textcoords="offset points",
        ha=horizontal,
        va=vertical,
        fontsize=8,
        family=list(fonts()),
        color=TEXT,
        zorder=LABELS,
        path_effects=[withStroke(linewidth=2.2, foreground=SAND, alpha=0.9)],
        annotation_clip=True,
    )


def draw_capitals(ax: Axes, grid: Grid) -> None:
    """The capitals of the cercles with their names: the only places a map names."""
    own = cercles_of(grid)
    for town in towns().values():
        if town.kind == "capital" and CERCLES[town.cercle] in own:
            ax.plot(town.x, town.y, marker="o", ms=3.4, mfc=SAND, mec=TEXT, mew=0.9, linestyle="", zorder=LABELS - 1)
            _named(ax, town.name, (town.x, town.y), LABEL_PLACES.get(town.name, USUAL_PLACE))


def draw_neighbours(ax: Axes, extent: Extent, language: Language) -> None:
    """Names of the neighbouring countries where the map reaches them."""
    for key, (lon, lat) in NEIGHBOURS.items():
        x, y = to_km(lon, lat)
        if extent.west < x < extent.east and extent.south < y < extent.north:
            name = say(key, language)
            ax.text(x, y, name, ha="center", fontsize=9, style="italic", color=QUIET_TEXT, family=list(fonts()))


def scale_length_km(width_km: float) -> int:
    """The longest round length of a scale bar that takes at most a fifth of a map's width."""
    return max([step for step in SCALE_STEPS_KM if step <= width_km / 5.0], default=SCALE_STEPS_KM[0])


def draw_scale_and_north(ax: Axes, extent: Extent) -> None:
    """Scale bar and north arrow in the south-eastern corner, which lies outside the region."""
    length = scale_length_km(extent.east - extent.west)
    unit = (extent.north - extent.south) / 100.0
    right, low = extent.east - 3.0 * unit, extent.south + 4.0 * unit
    family = list(fonts())
    ax.plot([right - length, right], [low, low], color=TEXT, linewidth=2.0, solid_capstyle="butt", zorder=LABELS)
    for x, label in ((right - length, "0"), (right, f"{length} km")):
        ax.plot([x, x], [low - 0.8 * unit, low + 0.8 * unit], color=TEXT, linewidth=1.0, zorder=LABELS)
        ax.text(
            x, low + 1.8 * unit, label, ha="center" if label == "0" else "right", fontsize=8, color=TEXT, family=family
        )
    x, halo = right - length - 6.0 * unit, [withStroke(linewidth=2.0, foreground=OUTSIDE)]
    ax.text(x, low + 5.4 * unit, "N", ha="center", fontsize=8, color=TEXT, family=family, path_effects=halo)
    shaft = {"arrowstyle": "-|>", "color": TEXT, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=(x, low + 5.0 * unit), xytext=(x, low - 0.8 * unit), arrowprops=shaft, zorder=LABELS)


def draw_base(ax: Axes, grid: Grid, season: int, *, flood: bool = True, language: Language = "en") -> Extent:
    """Draw everything that does not move, set the edges of the map and return them; axes are true to scale."""
    extent = extent_of(grid)
    draw_ground(ax, grid)
    if flood:
        draw_flood(ax, grid, season)
    draw_water(ax)
    draw_roads(ax)
    draw_capitals(ax, grid)
    draw_neighbours(ax, extent, language)
    draw_scale_and_north(ax, extent)
    ax.set_xlim(extent.west, extent.east)
    ax.set_ylim(extent.south, extent.north)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_color(CERCLE_LINE)
        side.set_linewidth(0.6)
    return extent
