"""Where things happen: cells of the grid, villages, zones, and the sites where units are stationed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import mesa

from abm.calendar import DRY
from abm.national_forces import arrival_in_race
from abm.presence import decayed, decayed_units, presence_of
from abm.randomness import ZONE_DRIFT, normal, uniform
from abm.schedule import multiplier_of, next_deviation, next_variance
from abm.villages import refusal, reuse

if TYPE_CHECKING:
    from plain_mesa.band import Band
    from plain_mesa.model import PlainMali
    from plain_mesa.numbers import Numbers

Fields = Mapping[str, int | float]


class Cell:
    """A square of the grid: who is or was there, and the attacks remembered of it."""

    id: int
    cercle: int
    zone: int
    x: float
    y: float
    population: int
    western: int
    un_held: int
    un_patrol: int
    un_patrol_day: int
    un_after: int
    un_after_day: int
    army_held: int
    army_trace: int
    army_trace_day: int
    heat: float
    heat_day: int

    def __init__(self, number: int, fields: Fields) -> None:
        vars(self).update(fields)
        self.number = number
        self.villages: list[Village] = []
        # Cells where a unit here is felt: pressure of a TOB, a UN patrol and national forces, and the kernel.
        self.near: list[tuple[Cell, int, int, int, float]] = []

    def be_held(self) -> None:
        """A TOB opens here."""
        for cell, tob, _, _, _ in self.near:
            cell.un_held += tob

    def be_left(self, day: int, numbers: Numbers) -> None:
        """The TOB here closes; what persists of it fades."""
        persistence = numbers.q.persistence_days
        for cell, tob, _, _, _ in self.near:
            cell.un_held -= tob
            if persistence > 0.0:
                cell.un_after = decayed_units(cell.un_after, cell.un_after_day, day, persistence) + tob
                cell.un_after_day = day

    def be_patrolled(self, day: int, numbers: Numbers) -> None:
        """A UN patrol comes here."""
        for cell, _, patrol, _, _ in self.near:
            left = decayed_units(cell.un_patrol, cell.un_patrol_day, day, numbers.q.patrol_effect_days)
            cell.un_patrol, cell.un_patrol_day = left + patrol, day

    def see_soldiers(self, day: int, numbers: Numbers) -> None:
        """A patrol or an operation of national forces comes here."""
        for cell, _, _, army, _ in self.near:
            left = decayed_units(cell.army_trace, cell.army_trace_day, day, numbers.q.patrol_effect_days)
            cell.army_trace, cell.army_trace_day = left + army, day

    def un_presence(self, day: int, numbers: Numbers) -> float:
        q = numbers.q
        patrols = decayed_units(self.un_patrol, self.un_patrol_day, day, q.patrol_effect_days)
        after = decayed_units(self.un_after, self.un_after_day, day, q.persistence_days)
        return presence_of(self.un_held + patrols + after)

    def army_presence(self, day: int, numbers: Numbers) -> float:
        trace = decayed_units(self.army_trace, self.army_trace_day, day, numbers.q.patrol_effect_days)
        return presence_of(self.army_held + trace)

    def heat_on(self, day: int, numbers: Numbers) -> float:
        """Attacks remembered here by commanders."""
        return decayed(self.heat, self.heat_day, day, numbers.q.heat_half_life)

    def remember_attack(self, day: int, numbers: Numbers) -> None:
        self.heat, self.heat_day = self.heat_on(day, numbers) + 1.0, day


class Village(mesa.Agent):
    """A settlement."""

    id: int
    cercle: int
    zone: int
    population: int
    community: int
    mixed: int
    refusal: int
    hits: int
    last_attack: int
    x: float
    y: float
    appeal: float

    def __init__(self, model: PlainMali, number: int, fields: Fields, cell: Cell) -> None:
        super().__init__(model)
        vars(self).update(fields)
        self.number, self.cell = number, cell
        cell.villages.append(self)

    def attraction_for(self, band: Band, action: int) -> float:
        """Log attraction for a band and an action, the way there not counted."""
        numbers: Numbers = self.model.numbers
        value = self.appeal + numbers.log_target[band.faction][action][self.community]
        value += reuse(self.hits, numbers.reuse_discount, numbers.reuse_new_weight)
        return value + refusal(band.jihadist, self.refusal, numbers.q.refusal_multiplier)

    def remember_attack(self, day: int) -> None:
        self.hits += 1
        self.last_attack = day


class Zone(mesa.Agent):
    """One of the four zones; its level of violence takes a random step each month."""

    id: int
    month_number: int
    deviation: float
    variance: float
    multiplier: float

    def __init__(self, model: PlainMali, number: int, fields: Fields) -> None:
        super().__init__(model)
        vars(self).update(fields)
        self.number = number

    def step(self) -> None:
        month, q = self.model.month_number, self.model.numbers.q
        if month == self.month_number:
            return
        self.month_number = month
        u, v = (uniform(self.model.seed_of_run, ZONE_DRIFT, self.id, month, draw) for draw in (0, 1))
        self.deviation = next_deviation(self.deviation, q.drift_memory, q.drift_step, normal(u, v))
        self.variance = next_variance(self.variance, q.drift_memory, q.drift_step)
        self.multiplier = multiplier_of(self.deviation, self.variance)


class Site:
    """A garrison of national forces or a main base of the UN."""

    id: int
    kind: int
    zone: int
    x: float
    y: float

    def __init__(self, number: int, fields: Fields, cell: Cell, ways: list[tuple[Cell, tuple[float, ...]]]) -> None:
        vars(self).update(fields)
        self.number, self.cell = number, cell
        self.ways = ways  # cells in reach, nearest first in the dry season, with the effective km by season
        self._within: dict[tuple[int, float], list[Cell]] = {}

    def within(self, season: int, limit: float) -> list[Cell]:
        """Cells that are within `limit` effective km now, and were in the dry season."""
        key = (season, limit)
        if key not in self._within:
            self._within[key] = [c for c, km in self.ways if km[season] <= limit and km[DRY] <= limit]
        return self._within[key]

    def hottest(self, model: PlainMali, limit: float, process: int, agent: int) -> Cell:
        """Where commanders send a unit: drawn in proportion to the attacks remembered, here if nowhere is in reach."""
        numbers, day = model.numbers, model.day
        calls = [
            arrival_in_race(
                uniform(model.seed_of_run, process, agent, day, cell.number),
                cell.heat_on(day, numbers),
                numbers.q.quiet_heat,
            )
            for cell in self.within(model.season, limit)
        ]
        return self.within(model.season, limit)[calls.index(min(calls))] if calls else self.cell
