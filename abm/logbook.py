"""Rows of the logs: the operations log, and a new row of the event log with every field set."""

from __future__ import annotations

from abm.compiled import phase
from abm.compiled_parameters import Compiled
from abm.kinds import NO_WARNING, REALISED
from abm.randomness import SEVERITY, uniform
from abm.severity import deaths
from abm.tables import World


@phase
def log_operation(world: World, day: int, what: int, unit: int, cell: int, amount: int) -> None:
    """Write a row of the operations log; `cell` -1 where a row has no place."""
    number = world.state[0].n_operations
    world.state[0].n_operations += 1
    o = world.operations[number]
    o.day, o.what, o.unit, o.cell, o.amount = day, what, unit, cell, amount
    o.x, o.y = 0.0, 0.0
    if cell >= 0:
        o.x, o.y = world.cells[cell].x, world.cells[cell].y


@phase
def new_event(
    world: World, day: int, kind: int, actor: int, faction: int, perpetrator: int, action: int, cell: int
) -> int:
    """Open a row of the event log at a cell, as an event that happened and killed nobody; returns its number.

    Every field is set: after going back to a checkpoint, rows beyond the last one hold what was written before.
    """
    row: int = world.state[0].n_events
    world.state[0].n_events += 1
    e = world.events[row]
    place = world.cells[cell]
    e.day, e.kind, e.actor, e.faction, e.perpetrator, e.action = day, kind, actor, faction, perpetrator, action
    e.outcome, e.village, e.cell, e.cercle, e.zone = REALISED, -1, cell, place.cercle, place.zone
    e.community, e.target, e.deaths, e.parent, e.generation, e.elsewhere_from = -1, -1, 0, -1, 0, -1
    e.answer, e.responder, e.response_hours = NO_WARNING, -1, 0.0
    e.x, e.y, e.stands, e.mean_deaths, e.kernel_same, e.kernel_cross = place.x, place.y, 1.0, 0.0, 0.0, 0.0
    return row


@phase
def count_deaths(world: World, c: Compiled, seed: int, day: int, row: int, agent: int, draw: int, cap: int) -> None:
    """Expected deaths of an event, and how many there are, `cap` at most; `draw` is the first of two of SEVERITY."""
    e = world.events[row]
    e.mean_deaths = c.fatal_share[e.kind] * c.lethal_mean[e.kind, cap]
    e.deaths = deaths(
        uniform(seed, SEVERITY, agent, day, draw), uniform(seed, SEVERITY, agent, day, draw + 1),
        c.fatal_share[e.kind], c.death_scale[e.kind], c.p[0].tail_exponent, cap,
    )  # fmt: skip


@phase
def put_at_village(world: World, row: int, village: int) -> None:
    """The event is at a village."""
    e = world.events[row]
    v = world.villages[village]
    e.village, e.cell, e.cercle, e.zone, e.community, e.x, e.y = (
        village, v.cell, v.cercle, v.zone, v.community, v.x, v.y,
    )  # fmt: skip


@phase
def put_at_army_unit(world: World, row: int, unit: int) -> None:
    """The event is where a unit of national forces is today."""
    e = world.events[row]
    a = world.national_forces[unit]
    e.village, e.cell, e.community, e.x, e.y = -1, a.cell, -1, a.x, a.y
    e.cercle, e.zone = world.cells[a.cell].cercle, world.cells[a.cell].zone
