"""Temporary operating bases (TOBs), which companies lead in turn, and the convoys that supply them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.militias import chance_of_any
from abm.randomness import CONVOY, TOB_ATTACK, uniform
from abm.tables import (
    CONVOY_ATTACKED,
    CONVOY_SENT,
    FREE,
    OPEN,
    PREPARING,
    TOB_ATTACKED,
    TOB_CLOSED,
    TOB_GIVEN_UP,
    TOB_OPENED,
)
from abm.un_attacks import CONVOY_SEVERITY, TOB_SEVERITY
from abm.un_convoys import convoy_attacks, is_cut_off, is_due, travel_days
from abm.un_tobs import NEVER

if TYPE_CHECKING:
    from plain_mesa.model import PlainMali
    from plain_mesa.places import Cell, Fields
    from plain_mesa.site import Way
    from plain_mesa.un_unit import UNUnit


class Tob:
    """A slot: one temporary operating base at a time."""

    id: int
    status: int
    opens: int
    closes: int
    extra: int
    fixed: int
    supplied: int
    convoy_due: int
    x: float
    y: float

    def __init__(self, model: PlainMali, number: int, fields: Fields, cell: Cell, entry: Way | None) -> None:
        vars(self).update(fields)
        self.model, self.number, self.cell = model, number, cell
        self.entry = entry  # the way that convoys take
        self.unit: UNUnit | None = None  # the company that leads it

    def draw(self, process: int, draw: int) -> float:
        return uniform(self.model.seed_of_run, process, self.number, self.model.day, draw)

    @property
    def lead(self) -> UNUnit:
        assert self.unit is not None
        return self.unit

    @property
    def is_held(self) -> bool:
        """Open or being set up."""
        return self.status != FREE

    # -- opening and closing -------------------------------------------------------------------------------------------

    def turn_over(self) -> None:
        """Close when the time is over, give up when cut off, open when set up."""
        day = self.model.day
        if self.status == OPEN and self.closes != NEVER and self.closes <= day:
            self.close(TOB_CLOSED)
        elif self.status == OPEN and not self.fixed and self.is_cut_off:
            self.close(TOB_GIVEN_UP)
        elif self.status == PREPARING and self.opens <= day:
            self.open()

    def open(self) -> None:
        self.status, self.supplied, self.convoy_due = OPEN, self.model.day, NEVER
        self.cell.be_held()
        self.model.log_operation(TOB_OPENED, self.lead.number, self.cell, self.extra)
        if self.extra and self.model.clock_zero == NEVER:
            self.model.clock_zero = self.model.day

    def close(self, what: int) -> None:
        self.cell.be_left(self.model.day, self.model.numbers)
        self.lead.return_to_base()
        self.model.log_operation(what, self.lead.number, self.cell, self.extra)
        self.status, self.unit, self.convoy_due = FREE, None, NEVER

    def begin(self, unit: UNUnit, is_extra: bool) -> None:
        """The order is given: the unit leaves, and the place counts as taken."""
        self.status, self.unit, self.extra = PREPARING, unit, int(is_extra)
        self.x, self.y = self.cell.x, self.cell.y
        unit.go_to(self)

    # -- supply --------------------------------------------------------------------------------------------------------

    @property
    def is_cut_off(self) -> bool:
        q = self.model.numbers.q
        return bool(is_cut_off(self.model.day, self.supplied, q.resupply_days, q.supply_reserve_days))

    def be_supplied(self) -> None:
        """A convoy arrives; another one leaves in time for when supplies run out, if somebody can go with it."""
        if self.status != OPEN or self.entry is None:
            return
        if NEVER < self.convoy_due <= self.model.day:
            self.supplied, self.convoy_due = self.model.day, NEVER
        q, km = self.model.numbers.q, self.entry.km[self.model.season]
        days = travel_days(km, q.convoy_km_per_day)
        if self.convoy_due == NEVER and is_due(self.model.day, self.supplied, q.resupply_days, days):
            escort = self.escort_of_convoy()
            if escort is not None:
                self.send_convoy(escort, km, days)

    def escort_of_convoy(self) -> UNUnit | None:
        """A company of the lead's main base with enough free troops: one that holds no TOBs before a mobile one."""
        needed = int(self.model.numbers.q.convoy_troops)
        able = (u for u in self.lead.site.units if u.patrols and not u.convoying and u.free >= needed)
        return min(able, key=lambda unit: unit.mobile, default=None)

    def send_convoy(self, unit: UNUnit, km: float, days: int) -> None:
        """There and back; it may be attacked at the TOB's end of the way."""
        model, q, delay = self.model, self.model.numbers.q, 0
        unit.convoying = int(q.convoy_troops)
        attacks = convoy_attacks(q.convoy_attack_rate, km, self.cell.danger, unit.risk_on_roads)
        if unit.is_attacked(self.draw(CONVOY, 0), chance_of_any(attacks)):
            delay = int(q.attack_delay_days)
            unit.suffer_if_hit(unit.be_attacked(self.cell, CONVOY_ATTACKED, CONVOY_SEVERITY))
        self.convoy_due = model.day + days + delay
        unit.convoy_until = model.day + 2 * days + delay
        model.log_operation(CONVOY_SENT, unit.id, self.cell, days + delay)
        model.today.convoys += 1

    # -- attacks -------------------------------------------------------------------------------------------------------

    def endure(self) -> None:
        """Every day it runs the risk of a patrol."""
        chance = self.model.numbers.q.attack_per_patrol
        if self.status == OPEN and self.lead.is_attacked(self.draw(TOB_ATTACK, 0), chance):
            self.lead.be_attacked(self.cell, TOB_ATTACKED, TOB_SEVERITY)
