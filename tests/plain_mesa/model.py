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
from plain_mesa.command import Command
from plain_mesa.community import Cercle, Pair
from plain_mesa.justice import Justice
from plain_mesa.logs import Event, Operation, Totals
from plain_mesa.numbers import Numbers
from plain_mesa.places import Cell, Zone
from plain_mesa.recruitment import Recruitment
from plain_mesa.site import Site
from plain_mesa.strategy import Strategy
from plain_mesa.tob import Tob
from plain_mesa.told import Told
from plain_mesa.un_unit import UNUnit
from plain_mesa.village import Village

WEEK = 7
FIRST_YEAR = 2017


class PlainMali(mesa.Model):
    """Central Mali, one object per agent; :mod:`plain_mesa.build` fills it."""

    # The order of the day.
    PHASES = (
        "change_levels", "receive_units", "turn_tobs_over", "remember_abuses", "command", "post_troops", "supply_tobs",
        "patrol", "attack_tobs", "move_national_forces", "attack", "bear_consequences", "work_of_the_week", "record",
    )  # fmt: skip

    cells: list[Cell]
    cercles: list[Cercle]
    pairs: list[Pair]
    villages: list[Village]
    villages_by_size: list[Village]
    zones: list[Zone]
    sites: list[Site]
    bands: list[Band]
    army: list[ArmyUnit]
    un_units: list[UNUnit]
    slots: list[Tob]
    commander: Command
    recruitment: Recruitment
    justice: Justice
    strategy: Strategy
    told: Told

    def __init__(self, numbers: Numbers, seed: int, day: int, clock_zero: int) -> None:
        super().__init__(rng=int(seed))
        self.numbers, self.seed_of_run, self.day, self.clock_zero = numbers, seed, day, clock_zero
        self.events: list[Event] = []
        self.operations: list[Operation] = []
        self.days: list[Totals] = []
        self.today = Totals(day)
        self.events_before = 0
        self.displaced = 0  # people, at the last count
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
        for cercle in self.cercles:
            cercle.step()

    def receive_units(self) -> None:
        for unit in self.un_units:
            unit.arrive()

    def turn_tobs_over(self) -> None:
        for slot in self.slots:
            slot.turn_over()

    def remember_abuses(self) -> None:
        self.recruitment.remember_abuses()

    def command(self) -> None:
        if self.day % WEEK == 0:
            self.commander.step()

    def post_troops(self) -> None:
        self.commander.post_troops()

    def supply_tobs(self) -> None:
        for slot in self.slots:
            slot.be_supplied()

    def patrol(self) -> None:
        for unit in self.un_units:
            unit.step()

    def attack_tobs(self) -> None:
        for slot in self.slots:
            slot.endure()

    def move_national_forces(self) -> None:
        risk = self.justice.memories[LIABLE_ARMY].risk
        for unit in self.army:
            unit.move()
        if not self.told.covers_today:
            for unit in self.army:
                unit.operate(risk)

    def attack(self) -> None:
        if self.told.covers_today:
            self.told.relive()
            return
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

    def work_of_the_week(self) -> None:
        if self.day % WEEK == 0:
            self.recruitment.settle()
            self.justice.step()
            self.strategy.step()
            self.displaced = sum(village.count_the_displaced() for village in self.villages)

    def record(self) -> None:
        self.record_troops()
        today = self.today
        today.prevented = sum(not event.happened for event in self.events_today)
        today.agreements, today.disarmed = len(self.strategy.agreements), int(self.strategy.disarmed)
        today.served, today.displaced = self.served_villages, self.displaced
        today.risk_army, today.risk_militia = (self.justice.memories[who].risk for who in (LIABLE_ARMY, LIABLE_MILITIA))

    @property
    def served_villages(self) -> int:
        return sum(village.served for village in self.villages)

    def record_troops(self) -> None:
        today, there = self.today, [unit for unit in self.un_units if unit.has_arrived]
        today.troops = sum(unit.troops for unit in there)
        today.extra_troops = sum(unit.troops for unit in there if unit.extra)
        today.mobile_troops = self.commander.mobile_troops
        today.tob_troops = sum(unit.at_tob for unit in there)
        today.resting_troops = sum(unit.resting for unit in there)
        today.convoy_troops = sum(unit.convoying for unit in there)
        today.escort_troops = sum(unit.escorting for unit in there)
        today.hurt_troops = sum(unit.troops - unit.fit for unit in there)
        today.flying = sum(site.air for site in self.sites if site.is_main_base)
        today.tobs = sum(slot.status == OPEN for slot in self.slots)
        today.extra_tobs = sum(slot.extra for slot in self.slots if slot.status == OPEN)

    # -- logs ----------------------------------------------------------------------------------------------------------

    def log_event(self, **fields: Any) -> Event:
        event = Event(number=len(self.events), day=self.day, **fields)
        self.events.append(event)
        return event

    def log_operation(self, what: int, unit: int, cell: Cell | None, amount: int) -> None:
        x, y = (0.0, 0.0) if cell is None else (cell.x, cell.y)
        self.operations.append(Operation(day=self.day, what=what, unit=unit, cell=cell, amount=amount, x=x, y=y))

    def expected_deaths(self, kind: int, people: int) -> float:
        """Mean deaths of an event of a kind where so many people can be killed."""
        numbers = self.numbers
        return numbers.fatal_share[kind] * numbers.lethal_mean[kind][deaths_cap(people, numbers.most[kind])]

    def count_the_dead(self, event: Event, process: int, agent: int, first_draw: int, people: int) -> None:
        """Expected deaths of the event's kind, and how many there are if it happened."""
        numbers, kind = self.numbers, event.kind
        event.mean_deaths = self.expected_deaths(kind, people)
        if event.happened:
            u, v = (uniform(self.seed_of_run, process, agent, self.day, first_draw + i) for i in (0, 1))
            tail, cap = numbers.q.tail_exponent, deaths_cap(people, numbers.most[kind])
            event.deaths = deaths(u, v, numbers.fatal_share[kind], numbers.death_scale[kind], tail, cap)
