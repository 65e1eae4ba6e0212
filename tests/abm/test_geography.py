"""The region: projection, cercles, seasons, grid, towns, flood and roads."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.data import read_table
from abm.geography import (
    CERCLES,
    DRY,
    FLOOD,
    KM_PER_DEGREE_LAT,
    RAINS,
    RAINS_AND_FLOOD,
    ZONE_OF_CERCLE,
    ZONES,
    build_grid,
    cercle_index,
    cercle_population,
    chosen_cercles,
    fine_cells,
    flood_polygon,
    flooded_share,
    road_cells,
    roads,
    season_of_month,
    to_km,
    to_lonlat,
    towns,
    water_lines,
)
from abm.outlines import points_in_polygon, polygon_area

SIZES = (5, 10, 20)
EARTH_RADIUS_KM = 6371.0


# --- projection, cercles, seasons -----------------------------------------------------------------------------------

longitudes = st.floats(-7.0, -0.8)
latitudes = st.floats(12.4, 16.2)


@given(longitudes, latitudes)
def test_projection_there_and_back(lon: float, lat: float) -> None:
    assert to_lonlat(*to_km(lon, lat)) == pytest.approx((lon, lat), abs=1e-9)


def test_projection_takes_arrays() -> None:
    x, y = to_km(np.array([-7.0, -6.0]), np.array([12.4, 13.4]))
    assert x[0] == y[0] == 0.0
    assert y[1] == pytest.approx(KM_PER_DEGREE_LAT)


@given(longitudes, latitudes, longitudes, latitudes)
def test_distances_are_those_of_the_globe_within_two_per_cent(a: float, b: float, c: float, d: float) -> None:
    (x1, y1), (x2, y2) = to_km(a, b), to_km(c, d)
    lon1, lat1, lon2, lat2 = map(math.radians, (a, b, c, d))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    great_circle = 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))
    assert math.hypot(x1 - x2, y1 - y2) == pytest.approx(great_circle, rel=0.02, abs=1e-6)


def test_each_cercle_has_a_zone_and_delta_and_plateau_are_told_apart() -> None:
    assert len(ZONE_OF_CERCLE) == len(CERCLES) == 15
    zone = {cercle: ZONES[ZONE_OF_CERCLE[k]] for k, cercle in enumerate(CERCLES)}
    assert [c for c in CERCLES if zone[c] == "Seno-Plateau"] == ["Bandiagara", "Bankass", "Koro"]
    assert [c for c in CERCLES if zone[c] == "Delta"] == ["Djenne", "Mopti", "Tenenkou", "Youwarou"]
    assert [c for c in CERCLES if zone[c] == "Douentza"] == ["Douentza"]
    assert Counter(zone.values())["Segou"] == 7


def test_seasons_of_the_year() -> None:
    expected = [DRY] * 6 + [RAINS] + [RAINS_AND_FLOOD] * 2 + [FLOOD] * 3
    assert [season_of_month(month) for month in range(1, 13)] == expected


def test_an_unknown_cercle_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match=r"unknown cercle 'Djenné'; expected one of Bandiagara.*Djenne"):
        cercle_index("Djenné")


def test_chosen_cercles_are_ordered_and_never_none() -> None:
    assert chosen_cercles(("Koro", "Bankass", "Koro")) == (1, 4)
    assert chosen_cercles(None) == tuple(range(15))
    with pytest.raises(ValueError, match="at least one"):
        chosen_cercles(())


# --- grid -----------------------------------------------------------------------------------------------------------


def test_settlements_of_each_cercle_are_those_of_its_table() -> None:
    cells = fine_cells()
    for row in read_table("cercles"):
        own = cells.cercle == cercle_index(row["cercle"])
        assert cells.settlements[own].sum() == int(row["geonames_settlements"]), row["cercle"]
        assert own.sum() * 25 == pytest.approx(float(row["area_km2"]), rel=0.08), row["cercle"]


def test_population_is_that_of_the_table() -> None:
    assert cercle_population().sum() == sum(int(row["pop2020"]) for row in read_table("cercles"))
    assert cercle_population()[cercle_index("Koro")] == 446_902


@pytest.mark.parametrize("size", SIZES)
def test_totals_do_not_depend_on_the_size_of_cells(size: int) -> None:
    grid = build_grid(size)
    assert grid.settlements.sum() == 5253
    assert grid.area_km2.sum() == len(fine_cells().ix) * 25
    assert (grid.flooded * grid.area_km2).sum() == pytest.approx(flooded_share().sum() * 25)
    assert grid.river_km.min() == fine_cells().river_km.min()


@pytest.mark.parametrize("size", SIZES)
def test_cells_are_numbered_by_column_then_row_and_found_by_position(size: int) -> None:
    grid = build_grid(size)
    assert np.array_equal(np.lexsort((grid.iy, grid.ix)), np.arange(grid.n))
    assert np.array_equal(grid.lookup[grid.ix, grid.iy], np.arange(grid.n))
    assert (grid.lookup >= 0).sum() == grid.n
    assert grid.lookup.shape == (grid.nx, grid.ny)
    assert np.array_equal(grid.cells_of(grid.x, grid.y), np.arange(grid.n))
    corner = 0.499 * size
    assert np.array_equal(grid.cells_of(grid.x + corner, grid.y - corner), np.arange(grid.n))
    assert grid.cell_of(float(grid.x[7]), float(grid.y[7])) == 7


def test_positions_outside_the_region_have_no_cell() -> None:
    grid = build_grid(10)
    for x, y in ((-1.0, 100.0), (1e6, 100.0), (100.0, -1e6), (600.0, 100.0), (math.nan, 100.0), (100.0, math.inf)):
        assert grid.cell_of(x, y) == -1, (x, y)
    wide, high = grid.nx * grid.size_km, grid.ny * grid.size_km
    for dx, dy in ((-wide, 0), (wide, 0), (0, -high), (0, high)):
        assert (grid.cells_of(grid.x + dx, grid.y + dy) == -1).all(), (dx, dy)


def test_a_coarse_cell_belongs_to_the_cercle_with_most_of_it() -> None:
    grid, cells = build_grid(20), fine_cells()
    for cell in range(0, grid.n, 7):
        inside = (cells.ix // 4 == grid.ix[cell] + grid.x0 / 20) & (cells.iy // 4 == grid.iy[cell] + grid.y0 / 20)
        shares = Counter(cells.cercle[inside].tolist())
        assert shares[grid.cercle[cell]] == max(shares.values())
        assert grid.area_km2[cell] == 25 * shares.total()
        assert grid.river_km[cell] == cells.river_km[inside].min()
        assert grid.zone[cell] == ZONE_OF_CERCLE[grid.cercle[cell]]


@pytest.mark.parametrize("size", SIZES)
def test_a_grid_of_one_cercle_holds_that_cercle_only(size: int) -> None:
    grid = build_grid(size, ("Bankass",))
    assert set(grid.cercle.tolist()) == {cercle_index("Bankass")}
    assert grid.settlements.sum() == 380
    assert grid.area_km2.sum() == 250 * 25
    whole = build_grid(size)
    cells = whole.cells_of(grid.x, grid.y)
    assert (cells >= 0).all()
    assert np.array_equal(whole.x[cells], grid.x)


@pytest.mark.parametrize("size", [0, 1, 7, 15, 40])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match=rf"5, 10, 20 km, not {size}"):
        build_grid(size)


def test_the_shared_grid_cannot_be_written_to() -> None:
    assert build_grid(10) is build_grid(10)
    for name, array in vars(build_grid(10)).items():
        if isinstance(array, np.ndarray):
            assert not array.flags.writeable, name


# --- towns, water, flood, roads -------------------------------------------------------------------------------------


def test_towns_lie_in_their_own_cercle_and_each_cercle_has_one_capital() -> None:
    grid = build_grid(5)
    for town in towns().values():
        cell = grid.cell_of(town.x, town.y)
        assert (grid.cercle[cell] if cell >= 0 else -1) == town.cercle, town.name
    capitals = Counter(town.cercle for town in towns().values() if town.kind == "capital")
    assert capitals == Counter(range(15))


def test_the_flood_covers_the_lake_and_the_delta_and_not_the_plateau() -> None:
    lake = np.concatenate([water.line for water in water_lines() if water.kind == "lake"])
    rivers = np.concatenate([water.line for water in water_lines() if water.name in {"Niger", "Bani"}])
    south, north = towns()["Diafarabé"], towns()["Youwarou"]
    among = (rivers[:, 0] > south.x) & (rivers[:, 1] > south.y) & (rivers[:, 1] < north.y) & (rivers[:, 0] < 340)
    within_delta = np.concatenate([lake, rivers[among]])
    assert len(within_delta) > 40
    assert points_in_polygon(within_delta[:, 0], within_delta[:, 1], flood_polygon()).all()
    grid = build_grid(10)
    by_zone = [np.average(grid.flooded[grid.zone == k], weights=grid.area_km2[grid.zone == k]) for k in range(4)]
    assert by_zone[ZONES.index("Delta")] > 0.5
    assert by_zone[ZONES.index("Seno-Plateau")] == 0.0
    assert len(set(flooded_share().tolist())) > 10  # cells at the edge are flooded in part
    assert max(by_zone[ZONES.index("Segou")], by_zone[ZONES.index("Douentza")]) < 0.05


def test_the_flood_is_no_larger_than_reported() -> None:
    assert 15_000 < abs(polygon_area(flood_polygon())) < 30_000  # up to 30,000 km2 in the wettest years


@pytest.mark.parametrize("size", SIZES)
def test_roads_are_unbroken_and_make_one_network_through_their_towns(size: int) -> None:
    grid = build_grid(size)
    passes = road_cells(grid)
    for mask in [*passes, passes.any(axis=0)]:
        waiting, seen = [int(np.flatnonzero(mask)[0])], set[int]()
        while waiting:
            cell = waiting.pop()
            seen.add(cell)
            near = mask & (abs(grid.ix - grid.ix[cell]) <= 1) & (abs(grid.iy - grid.iy[cell]) <= 1)
            waiting += [k for k in np.flatnonzero(near).tolist() if k not in seen]
        assert len(seen) == mask.sum()
    for name in {row["town"] for row in read_table("roads")} - {"Léré"}:
        assert grid.road[grid.cell_of(towns()[name].x, towns()[name].y)] == 1, name
    assert set(grid.road.tolist()) == {0, 1}


def test_road_lengths_are_plausible_beside_straight_lines() -> None:
    lengths = {road.name: np.linalg.norm(np.diff(road.line, axis=0), axis=1).sum() for road in roads()}
    assert 250 < lengths["Ségou-Bla-San-Sévaré"] < 400
    for road in roads():
        straight = np.linalg.norm(road.line[-1] - road.line[0])
        assert straight <= lengths[road.name] + 1e-9
        assert lengths[road.name] < 1.6 * straight, road.name
