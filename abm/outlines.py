"""Plane geometry of maps: rings around sets of cells, smoothed borders, points in polygons, crossings of lines.

All functions work on plain coordinates; nothing here knows of Mali.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

Vertex = tuple[int, int]
Cell = tuple[int, int]

AVERAGING_ROUNDS = 4


def _sides(cell: Cell) -> list[tuple[Vertex, Vertex, Cell]]:
    """The four sides of a cell, anticlockwise, each with the cell on its other side."""
    i, j = cell
    return [
        ((i, j), (i + 1, j), (i, j - 1)),
        ((i + 1, j), (i + 1, j + 1), (i + 1, j)),
        ((i + 1, j + 1), (i, j + 1), (i, j + 1)),
        ((i, j + 1), (i, j), (i - 1, j)),
    ]


def _leftmost(before: Vertex, here: Vertex, choices: list[Vertex]) -> Vertex:
    """The sharpest left turn: where two cells meet at a corner only, each keeps its own ring."""
    step = (here[0] - before[0], here[1] - before[1])

    def turn(after: Vertex) -> int:
        return step[0] * (after[1] - here[1]) - step[1] * (after[0] - here[0])

    return max(choices, key=turn)


def trace_rings(cells: Iterable[Cell]) -> list[list[Vertex]]:
    """Closed rings of lattice vertices around a set of cells, interior on the left (holes run clockwise).

    The first vertex is repeated at the end. Cell (i, j) covers the square from vertex (i, j) to (i + 1, j + 1).
    """
    inside = set(cells)
    following: dict[Vertex, list[Vertex]] = defaultdict(list)
    for cell in sorted(inside):
        for start, end, beyond in _sides(cell):
            if beyond not in inside:
                following[start].append(end)
    rings = []
    while following:
        start = min(following)
        ring = [start, following[start].pop()]
        while ring[-1] != start:
            choices = following[ring[-1]]
            chosen = _leftmost(ring[-2], ring[-1], choices)
            choices.remove(chosen)
            ring.append(chosen)
        rings.append(ring)
        following = defaultdict(list, {vertex: ends for vertex, ends in following.items() if ends})
    return rings


def meeting_points(rings: Iterable[list[Vertex]]) -> set[Vertex]:
    """Vertices where the borders of three or more areas meet: smoothing must leave them where they are."""
    neighbours: dict[Vertex, set[Vertex]] = defaultdict(set)
    for ring in rings:
        for one, other in pairwise(ring):
            neighbours[one].add(other)
            neighbours[other].add(one)
    return {vertex for vertex, others in neighbours.items() if len(others) > 2}


def _cut_corners(points: FloatArray) -> FloatArray:
    """One round of Chaikin's corner cutting on an open line, its two ends kept."""
    first, second = points[:-1], points[1:]
    cut = np.stack([0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second], axis=1).reshape(-1, 2)
    return np.concatenate([points[:1], cut[1:-1], points[-1:]])


def _relax(points: FloatArray) -> FloatArray:
    """One round of averaging each point of an open line with its two neighbours, its two ends kept."""
    return np.concatenate([points[:1], 0.25 * (points[:-2] + points[2:]) + 0.5 * points[1:-1], points[-1:]])


def _smooth_arc(points: FloatArray, rounds: int) -> FloatArray:
    """Replace an arc of lattice steps by a smooth line between the same ends.

    The midpoints of lattice steps turn a staircase into a straight diagonal, which corners cut from the steps
    themselves would not; averaging then removes the lattice's eight directions.
    """
    middles = 0.5 * (points[:-1] + points[1:])
    line = np.concatenate([points[:1], middles, points[-1:]])
    for _ in range(AVERAGING_ROUNDS):
        line = _relax(line)
    for _ in range(rounds):
        line = _cut_corners(line)
    return line


def smooth_ring(ring: list[Vertex], pinned: set[Vertex], rounds: int) -> FloatArray:
    """Chaikin's (1974) corner cutting of a closed ring, shape (k, 2), first point repeated.

    ``pinned`` vertices stay, so that areas which share a border share the smoothed border too. A ring without pinned
    vertices is cut from its first vertex.
    """
    open_ring = ring[:-1]
    starts = [k for k, vertex in enumerate(open_ring) if vertex in pinned] or [0]
    turned = open_ring[starts[0] :] + open_ring[: starts[0]] + [open_ring[starts[0]]]
    cuts = [k - starts[0] for k in starts] + [len(open_ring)]
    vertices = np.array(turned, dtype=np.float64)
    arcs = [_smooth_arc(vertices[a : b + 1], rounds) for a, b in pairwise(cuts)]
    return np.concatenate([arc[:-1] for arc in arcs] + [arcs[-1][-1:]])


def points_in_polygon(x: FloatArray, y: FloatArray, polygon: FloatArray) -> BoolArray:
    """Whether points lie inside a polygon of shape (k, 2) by the even-odd rule; the ring need not be closed."""
    inside = np.zeros(x.shape, dtype=np.bool_)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        straddles = (y1 > y) != (y2 > y)
        inside ^= straddles & (x < x1 + (y - y1) / (y2 - y1) * (x2 - x1))
    return inside


def polygon_area(polygon: FloatArray) -> float:
    """Signed area of a polygon of shape (k, 2), positive where it runs anticlockwise (shoelace formula)."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def points_along(line: FloatArray, step: float) -> FloatArray:
    """Points along a polyline of shape (k, 2), at most ``step`` apart, all its vertices among them."""
    pieces = []
    for start, end in pairwise(line):
        count = max(int(np.ceil(np.linalg.norm(end - start) / step)), 1)
        pieces.append(start + (end - start) * (np.arange(count) / count)[:, None])
    return np.concatenate([*pieces, line[-1:]])


def _side(px: FloatArray, py: FloatArray, ax: float, ay: float, bx: float, by: float) -> BoolArray:
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax) > 0


def changes_side(start: FloatArray, end: FloatArray, line: FloatArray) -> BoolArray:
    """Whether straight steps (n, 2) to (n, 2) cross a polyline (k, 2) an odd number of times.

    A step that crosses a bend twice ends on the bank it came from and counts as no crossing.
    """
    crossed = np.zeros(len(start), dtype=np.bool_)
    for (ax, ay), (bx, by) in pairwise(line):
        parts_step = _side(start[:, 0], start[:, 1], ax, ay, bx, by) != _side(end[:, 0], end[:, 1], ax, ay, bx, by)
        dx, dy = end[:, 0] - start[:, 0], end[:, 1] - start[:, 1]
        a_left = dx * (ay - start[:, 1]) - dy * (ax - start[:, 0]) > 0
        b_left = dx * (by - start[:, 1]) - dy * (bx - start[:, 0]) > 0
        crossed ^= parts_step & (a_left != b_left)
    return crossed
