"""The ground of the map for the page: the same lines, places and sizes of marks as on the maps of abm.views."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.calendar import SEASONS, season_of_month
from abm.geography import (
    CERCLE_LABELS,
    CERCLES,
    ZONE_OF_CERCLE,
    ZONES,
    Grid,
    build_grid,
    cercle_outline,
    flood_polygon,
    roads,
    to_km,
    towns,
    water_lines,
)
from abm.geometry import UN_BASES, nearest_cell
from abm.outlines import FloatArray
from abm.views import layers, palette
from abm.views.basemap import (
    LABEL_PLACES,
    NEIGHBOURS,
    SCALE_STEPS_KM,
    USUAL_PLACE,
    extent_of,
    flood_opacity,
    is_flooded,
    river_width,
    zone_borders,
)
from abm.views.travel_lines import TRAVEL_LEVELS_KM, TravelLine, travel_lines
from web.packing import pack

Point = tuple[float, float]
Span = tuple[int, int]  # first point and number of points
ROOT_OF = 1000.0  # where the straight part of a width over the root of an amount is measured


class Points:
    """Lines laid end to end in one array; ``add`` says where each begins and how many points it has."""

    def __init__(self) -> None:
        self._lines: list[FloatArray] = []
        self._count = 0

    def add(self, line: FloatArray) -> Span:
        """Lay a line (k, 2) behind the others."""
        span = (self._count, len(line))
        self._lines.append(line)
        self._count += len(line)
        return span

    def add_all(self, lines: Iterable[FloatArray]) -> list[Span]:
        """Lay several."""
        return [self.add(line) for line in lines]

    def packed(self) -> NDArray[np.float32]:
        """All points, km, shape (n, 2)."""
        joined = np.concatenate(self._lines) if self._lines else np.zeros((0, 2))
        return np.ascontiguousarray(joined, dtype=np.float32)


def joined(segments: Iterable[FloatArray]) -> list[FloatArray]:
    """Few long lines out of many segments (2, 2), whichever way each of them runs."""
    left = {number: _ends(segment) for number, segment in enumerate(segments)}
    at_point: dict[Point, list[int]] = {}
    for number, ends in left.items():
        for point in ends:
            at_point.setdefault(point, []).append(number)
    lines = []
    while left:
        _, (first, last) = left.popitem()
        forth, back = _walk(last, left, at_point), _walk(first, left, at_point)
        lines.append(np.array([*reversed(back), first, last, *forth]))
    return lines


def _ends(segment: FloatArray) -> tuple[Point, Point]:
    (x1, y1), (x2, y2) = np.round(segment, 6).tolist()
    return (x1, y1), (x2, y2)


def _walk(at: Point, left: dict[int, tuple[Point, Point]], at_point: dict[Point, list[int]]) -> list[Point]:
    """Points that follow one, along segments not yet used; those used are taken out of ``left``."""
    way = []
    while (number := next((n for n in at_point[at] if n in left), None)) is not None:
        one, other = left.pop(number)
        at = other if one == at else one
        way.append(at)
    return way


def width_rule(width: Callable[[float], float | FloatArray]) -> dict[str, float]:
    """A width of :mod:`abm.views.layers` as max(least, base + root * sqrt(amount)), so that a page can compute it."""
    once, twice = float(width(ROOT_OF**2)), float(width((2.0 * ROOT_OF) ** 2))
    root = (twice - once) / ROOT_OF
    rule = {"least": float(width(0.0)), "base": once - root * ROOT_OF, "root": root}
    return {key: round(value, 6) for key, value in rule.items()}


def marks() -> dict[str, Any]:
    """Sizes in points on a map ``map_inches`` wide, opacities, and how long an attack shows."""
    return {
        "map_inches": layers.USUAL_MAP_WIDTH,
        "points_per_inch": layers.POINTS,
        "village_width": width_rule(layers.village_width),
        "band_width": width_rule(layers.band_width),
        "army_width": width_rule(layers.army_width),
        "troops_width": width_rule(layers.troops_width),
        "attack_width": width_rule(layers.attack_width),
        "attack_days": layers.ATTACK_DAYS,
        "attack_faintest": layers.FAINTEST,
        "same_town_km": layers.SAME_TOWN_KM,
        "aside_km": layers.ASIDE_KM,
        "un_dark": layers.UN_DARK,
        "travel_levels_km": TRAVEL_LEVELS_KM,
        "scale_steps_km": SCALE_STEPS_KM,
    }


def colours() -> dict[str, str]:
    """Colours of the ground."""
    names = (
        "SAND", "OUTSIDE", "CERCLE_LINE", "ZONE_LINE", "WATER", "RIVER", "FLOODED", "FLOOD_HATCH", "ROAD", "VILLAGE",
        "TEXT", "QUIET_TEXT", "EDGE",
    )  # fmt: skip
    return {name.lower(): getattr(palette, name) for name in names} | {"un": palette.UN.colour}


def _cercles(points: Points) -> list[dict[str, Any]]:
    return [
        {"name": name, "label": label, "zone": zone, "rings": points.add_all(cercle_outline(name))}
        for name, label, zone in zip(CERCLES, CERCLE_LABELS, ZONE_OF_CERCLE, strict=True)
    ]


def _line(points: Points, line: FloatArray) -> dict[str, int]:
    start, count = points.add(line)
    return {"start": start, "count": count}


def _water(points: Points) -> list[dict[str, Any]]:
    return [
        {"name": water.name, "kind": water.kind, "width": river_width(water.name), **_line(points, water.line)}
        for water in water_lines()
    ]


def _roads(points: Points) -> list[dict[str, Any]]:
    return [
        {"name": road.name, "number": road.number, "ferry": road.ferry, **_line(points, road.line)} for road in roads()
    ]


def _towns() -> list[dict[str, Any]]:
    """Towns, of which a map names the capitals of cercles only; ``place`` is where a capital's name goes."""
    found = []
    for town in towns().values():
        if town.kind == "junction":
            continue
        dx, dy, across, up = LABEL_PLACES.get(town.name, USUAL_PLACE)
        place = {"dx": dx, "dy": dy, "across": across, "up": up}  # points, the second axis upwards
        found.append(
            {"name": town.name, "x": town.x, "y": town.y, "capital": town.kind == "capital", "cercle": town.cercle}
            | {"place": place, "un_base": town.name in UN_BASES}
        )
    return found


def _neighbours() -> list[dict[str, Any]]:
    found = []
    for key, (lon, lat) in NEIGHBOURS.items():
        x, y = to_km(lon, lat)
        found.append({"key": key, "x": x, "y": y})
    return found


def base_cells(grid: Grid) -> NDArray[np.int64]:
    """Cells of the UN's main bases."""
    places = [towns()[name] for name in UN_BASES]
    return np.array([nearest_cell(grid, place.x, place.y) for place in places], dtype=np.int64)


def lines_by_season(points: Points, of_season: Callable[[int], list[TravelLine]]) -> list[dict[str, Any]]:
    """Lines of equal travel of each season, as the page reads them."""
    return [
        {"season": season, "lines": [{"km": km, **_line(points, line)} for km, line in of_season(season)]}
        for season in range(len(SEASONS))
    ]


@lru_cache(maxsize=1)
def land() -> bytes:
    """The packed message of all that no run changes: positions in km, see :mod:`abm.geography`.

    Header: ``extent`` of the map, ``cercles`` with rings (holes run the other way), ``zone_lines``, ``rivers`` (and
    lakes), ``roads``, ``towns``, ``flood``, ``neighbours``, ``flooded_seasons``, ``season_of_month``, ``travel`` (on
    the usual grid), ``marks`` and ``colours``. Array ``points``, shape (n, 2). A line is its first point and count.
    """
    grid, points = build_grid(), Points()
    seasons = range(len(SEASONS))
    header = {
        "say": "land",
        "extent": list(extent_of(grid)),
        "cercles": _cercles(points),
        "zones": ZONES,
        "zone_lines": points.add_all(joined(zone_borders())),
        "rivers": _water(points),
        "roads": _roads(points),
        "towns": _towns(),
        "flood": points.add(flood_polygon()),
        "neighbours": _neighbours(),
        "flooded_seasons": {
            str(season): {"flooded": is_flooded(season), "opacity": flood_opacity(season)} for season in seasons
        },
        "season_of_month": [season_of_month(month) for month in range(1, 13)],
        "travel": lines_by_season(points, lambda season: travel_lines(grid, base_cells(grid), season)),
        "marks": marks(),
        "colours": colours(),
    }
    return pack(header, {"points": points.packed()})
