"""Plane geometry: rings around cells, shared smooth borders, crossings of lines."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from abm.geography import (
    CERCLES,
    build_grid,
    cercle_outline,
    fine_cells,
)
from abm.outlines import changes_side, points_along, points_in_polygon, polygon_area, trace_rings


def test_rings_of_a_cell_of_a_hole_and_of_cells_that_meet_at_a_corner() -> None:
    assert trace_rings([(2, 3)]) == [[(2, 3), (3, 3), (3, 4), (2, 4), (2, 3)]]
    around = [(i, j) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    areas = sorted(polygon_area(np.array(ring[:-1], dtype=float)) for ring in trace_rings(around))
    assert areas == [-1.0, 9.0]
    assert sorted(len(ring) for ring in trace_rings([(0, 0), (1, 1)])) == [5, 5]


def test_outlines_enclose_the_area_of_their_cells() -> None:
    cells = fine_cells()
    for k, cercle in enumerate(CERCLES):
        rings = cercle_outline(cercle)
        assert all(np.array_equal(ring[0], ring[-1]) for ring in rings)
        area = sum(polygon_area(ring[:-1]) for ring in rings)
        assert area == pytest.approx(25 * (cells.cercle == k).sum(), rel=0.05), cercle


def test_smoothed_borders_are_shared() -> None:
    steps = Counter[tuple[float, ...]]()
    for cercle in CERCLES:
        for ring in cercle_outline(cercle):
            steps.update((*a, *b) for a, b in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True))
    assert max(steps.values()) == 1
    assert sum((c, d, a, b) in steps for a, b, c, d in steps) > 1000


def test_no_gap_and_no_overlap_where_cercles_meet() -> None:
    cells = fine_cells()
    owner = dict(zip(zip(cells.ix.tolist(), cells.iy.tolist(), strict=True), cells.cercle.tolist(), strict=True))
    corners = {(i, j) for i, j in owner if len({owner.get((i - a, j - b), -1) for a in (0, 1) for b in (0, 1)}) > 2}
    inner = [(i, j) for i, j in corners if all((i + a, j + b) in owner for a in range(-4, 4) for b in range(-4, 4))]
    assert len(inner) > 10
    around = [
        (5.0 * i + dx, 5.0 * j + dy) for i, j in inner for dx in np.arange(-3, 3.1, 0.4) for dy in (-1.1, 0.3, 2.3)
    ]
    x, y = np.array(around).T
    owners = np.zeros(len(x), dtype=int)
    for cercle in CERCLES:
        inside = np.zeros(len(x), dtype=bool)
        for ring in cercle_outline(cercle):
            inside ^= points_in_polygon(x, y, ring)
        owners += inside
    assert set(owners.tolist()) == {1}


def test_points_deep_inside_a_cercle_lie_in_its_outline_only() -> None:
    grid = build_grid(5)
    padded = np.pad(grid.lookup, 2, constant_values=-1)
    window = np.stack([padded[grid.ix + 2 + i, grid.iy + 2 + j] for i in range(-2, 3) for j in range(-2, 3)])
    deep = (window >= 0).all(axis=0) & (grid.cercle[window] == grid.cercle).all(axis=0)
    assert deep.sum() > 2000
    for k, cercle in enumerate(CERCLES):
        inside = np.zeros(grid.n, dtype=bool)
        for ring in cercle_outline(cercle):
            inside ^= points_in_polygon(grid.x, grid.y, ring)
        assert np.array_equal(inside[deep], grid.cercle[deep] == k), cercle


def test_steps_across_a_line_are_counted_once_and_across_a_bend_not_at_all() -> None:
    line = np.array([[0.0, -10.0], [0.0, 0.0], [0.0, 10.0]])
    starts = np.array([[-1.0, 0.5], [-1.0, 0.0], [-1.0, 20.0], [1.0, 0.5]])
    ends = np.array([[1.0, 0.5], [1.0, 0.0], [1.0, 20.0], [2.0, 0.5]])
    assert changes_side(starts, ends, line).tolist() == [True, True, False, False]
    bend = np.array([[-1.0, -5.0], [0.0, 5.0], [1.0, -5.0]])
    assert changes_side(np.array([[-3.0, 0.1]]), np.array([[3.0, 0.1]]), bend).tolist() == [False]


def test_points_along_a_line_keep_its_corners_and_their_distance() -> None:
    points = points_along(np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.5]]), step=0.4)
    assert np.linalg.norm(np.diff(points, axis=0), axis=1).max() <= 0.4 + 1e-12
    assert [1.0, 0.0] in points.tolist()
    assert points[-1].tolist() == [1.0, 2.5]
