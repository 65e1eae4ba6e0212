"""Presence of peacekeepers and national forces on the grid.

Presence ``U`` at a place is ``1 - prod(1 - k_j)`` over the units near. It is kept as pressure, ``-log(1 - U)``, which
adds up; pressure is an integer in units of 2**-40, so that sums are exact, free of order, and can be taken back.
"""

from __future__ import annotations

import math

from abm.compiled import phase, rule
from abm.tables import World

UNIT = 2.0**-40
LN2 = math.log(2.0)
STAMP_TOB, STAMP_PATROL, STAMP_ARMY = range(3)


@rule
def decayed(value: float, last_day: int, day: int, half_life: float) -> float:
    """What is left of `value` since `last_day` when half is lost every `half_life` days."""
    if value == 0.0 or day <= last_day:
        return value
    if half_life <= 0.0:
        return 0.0
    return value * math.exp(-LN2 * (day - last_day) / half_life)


@rule
def decayed_units(units: int, last_day: int, day: int, half_life: float) -> int:
    """The same for pressure in fixed point, rounded down."""
    return int(decayed(float(units), last_day, day, half_life))


@rule
def presence_of(units: int) -> float:
    """Presence in 0..1 of a pressure in fixed point."""
    return -math.expm1(-units * UNIT)


@rule
def gaussian(distance_squared: float, scale: float) -> float:
    """Gaussian kernel, 1 at the centre; distance and scale in km."""
    return math.exp(-0.5 * distance_squared / (scale * scale))


@phase
def _neighbour(world: World, cell: int, offset: int) -> int:
    """Cell at an offset of the presence kernel, -1 outside."""
    column = world.cells[cell].column + world.stamp_offset[offset, 0]
    row = world.cells[cell].row + world.stamp_offset[offset, 1]
    if column < 0 or row < 0 or column >= world.lookup.shape[0] or row >= world.lookup.shape[1]:
        return -1
    return world.lookup[column, row]


@phase
def hold(world: World, cell: int, sign: int) -> None:
    """A TOB begins (sign 1) or ceases (sign -1) to hold the surroundings of a cell."""
    for offset in range(world.stamp_offset.shape[0]):
        near = _neighbour(world, cell, offset)
        if near >= 0:
            world.cells[near].un_held += sign * world.stamps[STAMP_TOB, offset]


@phase
def leave_patrol_trace(world: World, cell: int, day: int, half_life: float) -> None:
    """A UN patrol has been at a cell: presence there, fading with `half_life` days."""
    for offset in range(world.stamp_offset.shape[0]):
        near = _neighbour(world, cell, offset)
        if near >= 0:
            c = world.cells[near]
            c.un_patrol = (
                decayed_units(c.un_patrol, c.un_patrol_day, day, half_life) + world.stamps[STAMP_PATROL, offset]
            )
            c.un_patrol_day = day


@phase
def leave_after_trace(world: World, cell: int, day: int, half_life: float) -> None:
    """A TOB has closed at a cell: what persists of its presence, fading with `half_life` days."""
    for offset in range(world.stamp_offset.shape[0]):
        near = _neighbour(world, cell, offset)
        if near >= 0:
            c = world.cells[near]
            c.un_after = decayed_units(c.un_after, c.un_after_day, day, half_life) + world.stamps[STAMP_TOB, offset]
            c.un_after_day = day


@phase
def leave_army_trace(world: World, cell: int, day: int, half_life: float) -> None:
    """National forces have been at a cell: presence there, fading with `half_life` days."""
    for offset in range(world.stamp_offset.shape[0]):
        near = _neighbour(world, cell, offset)
        if near >= 0:
            c = world.cells[near]
            c.army_trace = (
                decayed_units(c.army_trace, c.army_trace_day, day, half_life) + world.stamps[STAMP_ARMY, offset]
            )
            c.army_trace_day = day


@phase
def un_presence(world: World, cell: int, day: int, patrol_half_life: float, persistence: float) -> float:
    """UN presence in 0..1 at a cell today: TOBs held, traces of patrols, what persists of closed TOBs."""
    c = world.cells[cell]
    units = c.un_held + decayed_units(c.un_patrol, c.un_patrol_day, day, patrol_half_life)
    return presence_of(units + decayed_units(c.un_after, c.un_after_day, day, persistence))


@phase
def army_presence(world: World, cell: int, day: int, half_life: float) -> float:
    """Presence of national forces in 0..1 at a cell today: garrisons and traces of patrols and operations."""
    c = world.cells[cell]
    return presence_of(c.army_held + decayed_units(c.army_trace, c.army_trace_day, day, half_life))
