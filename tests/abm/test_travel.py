"""Seasonal travel: what every distance must obey, and a plain shortest path as the oracle."""

from __future__ import annotations

import heapq
import math
from dataclasses import replace

import numpy as np
import pytest

from abm.geography import (
    DRY,
    FLOOD,
    RAINS,
    RAINS_AND_FLOOD,
    Grid,
    IntArray,
    build_grid,
    cercle_index,
    road_cells,
    towns,
)
from abm.outlines import FloatArray
from abm.travel import (
    Friction,
    effective_km,
    offroad_friction,
    road_friction,
    steps_between_cells,
    travel_graph,
    within_cell_km,
)

SEASONS = (DRY, RAINS, RAINS_AND_FLOOD, FLOOD)


def all_cells(grid: Grid) -> IntArray:
    return np.arange(grid.n)


def between(grid: Grid, start: str, end: str, season: int = DRY, friction: Friction | None = None) -> float:
    places = towns()
    source = grid.cell_of(places[start].x, places[start].y)
    target = grid.cell_of(places[end].x, places[end].y)
    return float(effective_km(grid, np.array([source]), season, friction)[0, target])


@pytest.mark.parametrize("season", SEASONS)
def test_travel_is_symmetric_and_reaches_every_cell(season: int) -> None:
    grid = build_grid(10)
    km = effective_km(grid, all_cells(grid), season)
    assert km.shape == (grid.n, grid.n)
    assert np.isfinite(km).all()
    assert np.allclose(km, km.T, rtol=1e-12)
    assert (km > 0).all()


@pytest.mark.parametrize("season", SEASONS)
def test_no_detour_is_shorter(season: int) -> None:
    grid = build_grid(20)
    km = effective_km(grid, all_cells(grid), season)
    for middle in range(0, grid.n, 5):
        assert (km <= km[:, [middle]] + km[[middle], :] + 1e-9).all()


def test_no_trip_beats_a_straight_main_road() -> None:
    grid = build_grid(10)
    km = effective_km(grid, all_cells(grid), DRY)
    straight = np.hypot(grid.x[:, None] - grid.x, grid.y[:, None] - grid.y)
    assert (km >= straight - 1e-9).all()


def test_rains_slow_every_trip_and_by_no_more_than_off_road_speed() -> None:
    grid, friction = build_grid(10), Friction()
    dry, rains = (effective_km(grid, all_cells(grid), season) for season in (DRY, RAINS))
    assert (rains > dry).all()
    assert (rains <= dry / friction.rain_speed_offroad + 1e-9).all()


def test_the_flood_slows_the_delta_and_nothing_far_from_it() -> None:
    grid = build_grid(10)
    dry, flood, rains, both = (
        effective_km(grid, all_cells(grid), season) for season in (DRY, FLOOD, RAINS, RAINS_AND_FLOOD)
    )
    assert (flood >= dry - 1e-9).all()
    assert (both >= rains - 1e-9).all()
    drowned = np.flatnonzero((grid.flooded == 1.0) & (grid.road == 0))
    assert len(drowned) > 100
    inside = np.ix_(drowned, drowned)
    assert np.median(flood[inside] / dry[inside]) > 1.8
    far = np.flatnonzero(np.isin(grid.cercle, [cercle_index("Bankass"), cercle_index("Koro")]))
    assert np.array_equal(flood[np.ix_(far, far)], dry[np.ix_(far, far)])


def test_friction_off_the_roads_by_season_and_flooded_share() -> None:
    grid, friction = build_grid(10), Friction(offroad=2.0, flooded=5.0, rain_speed_offroad=0.5)
    dry, rains, both, flood = (offroad_friction(grid, season, friction) for season in SEASONS)
    assert set(dry.tolist()) == {2.0}
    assert set(rains.tolist()) == {4.0}
    assert flood[grid.flooded == 0.0].max() == 2.0
    assert flood[grid.flooded == 1.0].tolist() == pytest.approx([10.0] * (grid.flooded == 1.0).sum())
    partly = (grid.flooded > 0.2) & (grid.flooded < 0.8)
    assert partly.any()
    assert flood[partly] == pytest.approx(2.0 * (1 + 4 * grid.flooded[partly]))
    assert both == pytest.approx(2 * flood)
    assert (road_friction(DRY, friction), road_friction(FLOOD, friction)) == (1.0, 1.0)
    assert road_friction(RAINS, friction) == pytest.approx(1 / 0.85)


@pytest.mark.parametrize("season", SEASONS)
def test_shortest_paths_are_those_of_a_plain_search(season: int) -> None:
    grid, friction = build_grid(5, ("Mopti",)), Friction()
    steps = steps_between_cells(grid)
    rough = offroad_friction(grid, season, friction)
    beside: dict[int, list[tuple[int, float]]] = {cell: [] for cell in range(grid.n)}
    for one, other, km, on_road, over_river in zip(
        steps.one.tolist(), steps.other.tolist(), steps.km, steps.on_road, steps.over_river, strict=True
    ):
        cost = km * road_friction(season, friction) if on_road else km * (rough[one] + rough[other]) / 2
        cost += friction.crossing_km if over_river else 0.0
        beside[one].append((other, float(cost)))
        beside[other].append((one, float(cost)))
    source = grid.cell_of(towns()["Mopti"].x, towns()["Mopti"].y)
    best, waiting = {source: 0.0}, [(0.0, source)]
    while waiting:
        so_far, cell = heapq.heappop(waiting)
        if so_far > best[cell]:
            continue
        for other, cost in beside[cell]:
            if so_far + cost < best.get(other, math.inf):
                best[other] = so_far + cost
                heapq.heappush(waiting, (so_far + cost, other))
    best[source] = float(within_cell_km(grid, season, friction)[source])
    found = effective_km(grid, np.array([source]), season, friction)[0]
    assert found == pytest.approx([best[cell] for cell in range(grid.n)], rel=1e-12)


def test_steps_join_all_neighbours_once() -> None:
    grid = build_grid(20)
    steps = steps_between_cells(grid)
    pairs = {frozenset(pair) for pair in zip(steps.one.tolist(), steps.other.tolist(), strict=True)}
    assert len(pairs) == len(steps.one)
    near = (abs(grid.ix[:, None] - grid.ix) <= 1) & (abs(grid.iy[:, None] - grid.iy) <= 1)
    assert len(pairs) == (near.sum() - grid.n) // 2
    assert set(np.round(steps.km, 6)) == {20.0, round(20 * math.sqrt(2), 6)}


def test_a_main_road_in_the_dry_season_costs_its_length() -> None:
    grid = build_grid(10)
    steps = steps_between_cells(grid)
    graph = travel_graph(grid, DRY, Friction()).toarray()
    plain = steps.on_road & ~steps.over_river
    assert plain.sum() > 150
    assert np.allclose(graph[steps.one[plain], steps.other[plain]], steps.km[plain])
    rough = ~steps.on_road & ~steps.over_river
    assert np.allclose(graph[steps.one[rough], steps.other[rough]], 1.6 * steps.km[rough])


def test_two_roads_side_by_side_do_not_make_a_road_between_them() -> None:
    grid = build_grid(5)
    steps = steps_between_cells(grid)
    both_have_roads = (grid.road[steps.one] == 1) & (grid.road[steps.other] == 1)
    same_road = (road_cells(grid)[:, steps.one] & road_cells(grid)[:, steps.other]).any(axis=0)
    assert np.array_equal(steps.on_road, same_road)
    assert (both_have_roads & ~same_road).any()


def test_a_river_without_a_bridge_costs_a_crossing_and_a_bridge_lifts_it() -> None:
    grid = build_grid(10)
    easy, hard = Friction(crossing_km=1e-6), Friction(crossing_km=40.0)
    assert between(grid, "Sévaré", "Ténenkou", friction=hard) > between(grid, "Sévaré", "Ténenkou", friction=easy) + 39
    for end in ("Niono", "Bla", "Ké-Macina"):
        cost = between(grid, "Ségou", end, friction=hard)
        assert cost == pytest.approx(between(grid, "Ségou", end, friction=easy), abs=1e-3), end


def test_the_road_to_djenne_needs_a_ferry() -> None:
    # Everything but the ferry is on the right bank: exactly one crossing, at every cell size.
    for size in (5, 10):
        grid = build_grid(size)
        easy, usual = Friction(crossing_km=1e-6), Friction()
        extra = between(grid, "Sévaré", "Djenné") - between(grid, "Sévaré", "Djenné", friction=easy)
        assert extra == pytest.approx(usual.crossing_km, abs=1e-3), size


@pytest.mark.parametrize("field", ["offroad", "flooded", "crossing_km"])
def test_more_friction_never_shortens_a_trip(field: str) -> None:
    grid, usual = build_grid(20), Friction()
    more = replace(usual, **{field: 2 * getattr(usual, field)})
    before, after = (effective_km(grid, all_cells(grid), FLOOD, friction) for friction in (usual, more))
    assert (after >= before - 1e-9).all()
    assert after.sum() > before.sum()


@pytest.mark.parametrize("size", [5, 20])
def test_cell_sizes_agree_on_trips_between_capitals(size: int) -> None:
    """A cell stands on the bank of its centre, so that each end of a trip may add or save one crossing."""
    capitals = [town for town in towns().values() if town.kind == "capital"]
    x, y = np.array([town.x for town in capitals]), np.array([town.y for town in capitals])

    def trips(km: int, friction: Friction) -> FloatArray:
        grid = build_grid(km)
        cells = grid.cells_of(x, y)
        return effective_km(grid, cells, DRY, friction)[:, cells]

    usual = Friction()
    middle, compared = trips(10, usual), trips(size, usual)
    far = middle > 100
    assert far.sum() > 150
    assert 0.95 < np.median(compared[far] / middle[far]) < 1.05
    assert (abs(compared - middle)[far] <= 0.2 * middle[far] + 2 * usual.crossing_km).all()
    dry_shod = Friction(crossing_km=1e-6)
    without = trips(size, dry_shod)[far] / trips(10, dry_shod)[far]
    assert without.min() > 0.75
    assert without.max() < 1.25


@pytest.mark.parametrize("size", [5, 10, 20])
def test_a_trip_inside_a_cell_costs_half_its_side(size: int) -> None:
    grid, friction = build_grid(size), Friction()
    own = np.diag(effective_km(grid, all_cells(grid)[: min(grid.n, 500)], DRY, friction)[:, :500])
    expected = np.where(grid.road[:500] == 1, 0.5 * size, 0.5 * size * friction.offroad)[: len(own)]
    assert np.allclose(own, expected)


def test_a_limit_cuts_and_changes_nothing_within() -> None:
    grid = build_grid(10)
    sources = np.array([3, 700, 1200])
    free = effective_km(grid, sources, RAINS)
    near = effective_km(grid, sources, RAINS, limit_km=60.0)
    assert np.array_equal(np.isinf(near), free > 60.0)
    assert np.array_equal(near[np.isfinite(near)], free[free <= 60.0])


def test_answers_are_kept_and_cannot_be_written_to() -> None:
    grid = build_grid(20)
    km = effective_km(grid, np.array([5, 2]), DRY)
    assert effective_km(grid, np.array([5, 2]), DRY) is km
    with pytest.raises(ValueError, match="read-only"):
        km[0, 0] = 1.0
    assert effective_km(grid, np.array([2, 5]), DRY)[1].tolist() == km[0].tolist()


def test_no_sources_no_rows() -> None:
    grid = build_grid(20)
    assert effective_km(grid, np.array([], dtype=np.int64), DRY).shape == (0, grid.n)


def test_unknown_seasons_and_cells_are_refused() -> None:
    grid = build_grid(20)
    with pytest.raises(ValueError, match="season must be 0 to 3, not 4"):
        effective_km(grid, np.array([0]), 4)
    for cell in (-1, grid.n):
        with pytest.raises(ValueError, match=rf"0\.\.{grid.n - 1}"):
            effective_km(grid, np.array([cell]), DRY)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_friction_must_be_positive(value: float) -> None:
    with pytest.raises(ValueError, match="friction flooded must be a positive number"):
        Friction(flooded=value)
