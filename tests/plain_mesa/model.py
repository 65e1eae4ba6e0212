"""The twin: a Mesa model whose step is one day."""

from __future__ import annotations

from typing import Any

import mesa

from abm.calendar import date_of, season_of_month
from abm.kinds import BAND, LIABLE_ARMY, LIABLE_MILITIA, NATIONAL_FORCES
from abm.randomness import uniform
from abm.severity import deaths, deaths_cap
from abm.tables import OPEN
from plain_mesa.army_unit import ArmyUnit
from plain_mesa.band import Band
from plain_mesa.justice import Justice
from plain_mesa.logs import Event, Operation, Totals
from plain_mesa.numbers import Numbers
from plain_mesa.places import Cell, Site, Village, Zone
from plain_mesa.un_unit import Command, Tob, UNUnit

WEEK = 7
FIRST_YEAR = 2017


class PlainMali(mesa.Model):
    """Central Mali, one object per agent; :mod:`plain_mesa.build` fills it."""

    # The order of the day.
    PHASES = (
        "change_levels", "receive_units", "turn_tobs_over", "command", "patrol", "move_national_forces", "attack",
        "bear_consequences", "work_on_cases", "record",
    )  # fmt: skip

    cells: list[Cell]
    villages: list[Village]
    zones: list[Zone]
    sites: list[Site]
    bands: list[Band]
    army: list[ArmyUnit]
    un_units: list[UNUnit]
    slots: list[Tob]
    commander: Command
    justice: Justice

    def __init__(self, numbers: Numbers, seed: int, day: int, clock_zero: int) -> None:
        super().__init__(rng=int(seed))
        self.numbers, self.seed_of_run, self.day, self.clock_zero = numbers, seed, day, clock_zero
        self.events: list[Event] = []
        self.operations: list[Operation] = []
        self.days: list[Totals] = []
        self.today = Totals(day)
        self.events_before = 0
        self.read_calendar()

    def step(self) -> None:
        """One day, in order."""
        self.read_calendar()
        self.today = Totals(self.day)
        self.events_before = len(self.events)
        for phase in self.PHASES:
            getattr(self, phase)()
        self.days.append(self.today)
        self.day += 1

    # -- calendar ------------------------------------------------------------------------------------------------------

    def read_calendar(self) -> None:
        """Month (0 for January), months since January 2017, season."""
        today = date_of(self.day)
        self.month = today.month - 1
        self.month_number = (today.year - FIRST_YEAR) * 12 + self.month
        self.season = season_of_month(today.month)

    @property
    def events_today(self) -> list[Event]:
        return self.events[self.events_before :]

    # -- the day's phases ----------------------------------------------------------------------------------------------

    def change_levels(self) -> None:
        for zone in self.zones:
            zone.step()

    def receive_units(self) -> None:
        for unit in self.un_units:
            unit.arrive()

    def turn_tobs_over(self) -> None:
        for slot in self.slots:
            slot.turn_over()

    def command(self) -> None:
        if self.day % WEEK == 0:
            self.commander.step()

    def patrol(self) -> None:
        for unit in self.un_units:
            unit.step()

    def move_national_forces(self) -> None:
        risk = self.justice.memories[LIABLE_ARMY].risk
        for unit in self.army:
            unit.move()
        for unit in self.army:
            unit.operate(risk)

    def attack(self) -> None:
        risk = self.justice.memories[LIABLE_MILITIA].risk
        candidates = [band for band in self.bands if band.tries_today(risk)]
        self.today.candidates = len(candidates)
        for band in candidates:
            band.step()

    def bear_consequences(self) -> None:
        """After all of today's events have happened, in the order of the log."""
        for event in self.events_today:
            if event.happened and event.actor in (BAND, NATIONAL_FORCES):
                event.perpetrator.bear(event)

    def work_on_cases(self) -> None:
        if self.day % WEEK == 0:
            self.justice.step()

    def record(self) -> None:
        today, there = self.today, [unit for unit in self.un_units if unit.has_arrived]
        today.prevented = sum(not event.happened for event in self.events_today)
        today.troops = sum(unit.troops for unit in there)
        today.extra_troops = sum(unit.troops for unit in there if unit.extra)
        today.mobile_troops = self.commander.mobile_troops()
        today.tobs = sum(slot.status == OPEN for slot in self.slots)
        today.extra_tobs = sum(slot.extra for slot in self.slots if slot.status == OPEN)
        today.risk_army, today.risk_militia = (self.justice.memories[who].risk for who in (LIABLE_ARMY, LIABLE_MILITIA))

    # -- logs ----------------------------------------------------------------------------------------------------------

    def log_event(self, **fields: Any) -> Event:
        event = Event(number=len(self.events), day=self.day, **fields)
        self.events.append(event)
        return event

    def log_operation(self, what: int, unit: int, cell: Cell | None, amount: int) -> None:
        x, y = (0.0, 0.0) if cell is None else (cell.x, cell.y)
        self.operations.append(Operation(day=self.day, what=what, unit=unit, cell=cell, amount=amount, x=x, y=y))

    def count_the_dead(self, event: Event, process: int, agent: int, first_draw: int, people: int) -> None:
        """Expected deaths of the event's kind, and how many there are if it happened."""
        numbers, kind = self.numbers, event.kind
        cap = deaths_cap(people, numbers.most[kind])
        event.mean_deaths = numbers.fatal_share[kind] * numbers.lethal_mean[kind][cap]
        if event.happened:
            u, v = (uniform(self.seed_of_run, process, agent, self.day, first_draw + i) for i in (0, 1))
            tail = numbers.q.tail_exponent
            event.deaths = deaths(u, v, numbers.fatal_share[kind], numbers.death_scale[kind], tail, cap)
