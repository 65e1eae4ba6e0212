"""Where things happen: cells of the grid, and zones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import mesa

from abm.presence import decayed, decayed_units, presence_of
from abm.randomness import ZONE_DRIFT, normal, uniform
from abm.schedule import multiplier_of, next_deviation, next_variance

if TYPE_CHECKING:
    from plain_mesa.community import Cercle
    from plain_mesa.model import PlainMali
    from plain_mesa.numbers import Numbers
    from plain_mesa.village import Village

Fields = Mapping[str, int | float]


class Cell:
    """A square of the grid: who is or was there, and the attacks remembered of it."""

    id: int
    zone: int
    column: int
    row: int
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
    alarm: float
    alarm_day: int
    danger: float

    def __init__(self, number: int, fields: Fields, cercle: Cercle) -> None:
        vars(self).update(fields)
        self.number, self.cercle = number, cercle
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

    def alarm_on(self, day: int, numbers: Numbers) -> float:
        """Warnings of attacks here that the UN did not answer in time, as remembered."""
        return decayed(self.alarm, self.alarm_day, day, numbers.q.heat_half_life)

    def sound_alarm(self, day: int, numbers: Numbers) -> None:
        self.alarm, self.alarm_day = self.alarm_on(day, numbers) + 1.0, day


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
