"""The ground of the page's map is that of the pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray

from abm.calendar import season_of_month
from abm.geography import CERCLES, build_grid, cercle_outline, flood_polygon, roads, towns, water_lines
from abm.views import layers
from abm.views.basemap import LABEL_PLACES, extent_of, is_flooded, zone_borders
from abm.views.travel_lines import TRAVEL_LEVELS_KM, travel_field, travel_lines
from web.land import base_cells, joined, land, width_rule
from web.packing import unpack

Unpacked = tuple[dict[str, Any], NDArray[np.float32]]


@pytest.fixture(scope="module")
def ground() -> Unpacked:
    header, arrays = unpack(land())
    return header, arrays["points"]


def line_of(points: NDArray[np.float32], start: int, count: int) -> NDArray[np.float32]:
    assert start >= 0
    assert start + count <= len(points)
    return points[start : start + count]


def test_lines_are_those_of_the_pictures(ground: Unpacked) -> None:
    header, points = ground
    for cercle in header["cercles"]:
        own = cercle_outline(cercle["name"])
        assert len(own) == len(cercle["rings"])
        for ring, (start, count) in zip(own, cercle["rings"], strict=True):
            assert np.array_equal(line_of(points, start, count), ring.astype(np.float32))
    assert [cercle["name"] for cercle in header["cercles"]] == list(CERCLES)
    for key, lines in (("rivers", water_lines()), ("roads", roads())):
        for told, known in zip(header[key], lines, strict=True):
            assert np.array_equal(line_of(points, told["start"], told["count"]), known.line.astype(np.float32))
    assert np.array_equal(line_of(points, *header["flood"]), flood_polygon().astype(np.float32))
    assert header["extent"] == list(extent_of(build_grid()))


def test_zone_lines_are_all_borders_of_zones_and_nothing_else(ground: Unpacked) -> None:
    header, points = ground
    told = [line_of(points, start, count)[k : k + 2] for start, count in header["zone_lines"] for k in range(count - 1)]

    def ends(segments: Any) -> set[frozenset[tuple[float, float]]]:
        rounded = (np.round(np.asarray(segment, dtype=np.float64), 3).tolist() for segment in segments)
        return {frozenset((tuple(one), tuple(other))) for one, other in rounded}

    assert ends(told) == ends(zone_borders())
    assert len(told) == len(zone_borders())
    assert len(header["zone_lines"]) < 20


def test_segments_are_joined_whichever_way_they_run() -> None:
    path = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]])
    (line,) = joined([path[[1, 2]], path[[1, 0]], path[[3, 2]]])
    assert np.array_equal(line, path) or np.array_equal(line, path[::-1])
    assert len(joined([path[:2], path[2:]])) == 2


def test_towns_that_a_map_may_name_are_the_capitals(ground: Unpacked) -> None:
    header, _ = ground
    capitals = {town["name"]: town for town in header["towns"] if town["capital"]}
    assert set(capitals) == {town.name for town in towns().values() if town.kind == "capital"}
    for name, (dx, dy, across, up) in LABEL_PLACES.items():
        assert capitals[name]["place"] == {"dx": dx, "dy": dy, "across": across, "up": up}
    assert {town["name"] for town in header["towns"] if town["un_base"]} == {"Sévaré", "Douentza"}


def test_seasons(ground: Unpacked) -> None:
    header, _ = ground
    assert header["season_of_month"] == [season_of_month(month) for month in range(1, 13)]
    for season in range(4):
        flood = header["flooded_seasons"][str(season)]
        assert flood["flooded"] == is_flooded(season) == (flood["opacity"] > 0.0)


def test_lines_of_travel_are_those_that_matplotlib_draws(ground: Unpacked) -> None:
    header, points = ground
    grid = build_grid()
    for told in header["travel"]:
        x, y, field = travel_field(grid, base_cells(grid), told["season"])
        drawn = Figure().add_subplot().contour(x, y, field, levels=TRAVEL_LEVELS_KM)
        for km, segments in zip(TRAVEL_LEVELS_KM, drawn.allsegs, strict=True):
            own = [line_of(points, line["start"], line["count"]) for line in told["lines"] if line["km"] == km]
            expected = np.concatenate(segments).astype(np.float32)
            assert {tuple(point) for line in own for point in line.tolist()} == {tuple(p) for p in expected.tolist()}


def test_travel_is_worse_in_the_flood(ground: Unpacked) -> None:
    grid = build_grid()
    dry, wet = (np.nan_to_num(travel_field(grid, base_cells(grid), season)[2]).sum() for season in (0, 2))
    assert wet > 1.2 * dry


def test_without_a_base_there_are_no_lines() -> None:
    assert travel_lines(build_grid(), np.array([], dtype=np.int64), 0) == []


@pytest.mark.parametrize("name", ["village_width", "band_width", "army_width", "troops_width", "attack_width"])
def test_widths_can_be_computed_from_their_rule(ground: Unpacked, name: str) -> None:
    header, _ = ground
    width, rule = getattr(layers, name), header["marks"][name]
    assert rule == width_rule(width)
    for amount in (0.0, 1.0, 3.0, 4.0, 50.0, 640.0, 26_000.0):
        again = max(rule["least"], rule["base"] + rule["root"] * np.sqrt(amount))
        assert again == pytest.approx(float(width(amount)), abs=1e-4)
