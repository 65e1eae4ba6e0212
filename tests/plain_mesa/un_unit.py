"""Units of the UN, the temporary operating bases (TOBs) they hold in turn, and the weekly order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

from abm.kinds import BAND_ON_PATROL, ON_PATROL_OF_UN, UN_V_JIHADISTS
from abm.militias import MANY_PEOPLE
from abm.randomness import SEVERITY, TOB_SITE, UN_PATROL, UN_PATROL_TARGET, uniform
from abm.tables import (
    AT_BASE,
    FREE,
    NOT_ARRIVED,
    ON_PATROL,
    ON_TOB,
    OPEN,
    PATROL_ATTACKED,
    PREPARING,
    TOB_CLOSED,
    TOB_OPENED,
    UN_BASE,
    UNITS_ARRIVED,
)
from abm.un_patrols import NEVER, PATROL_SEVERITY, in_sector, opening_delay, tobs_allowed
from plain_mesa.logs import squared
from plain_mesa.places import Cell, Fields, Site

if TYPE_CHECKING:
    from plain_mesa.model import PlainMali


class UNUnit(mesa.Agent):
    """A formed unit or a detachment."""

    id: int
    type: int
    troops: int
    mobile: int
    patrols: int
    police: int
    arrival: int
    extra: int
    task: int
    x: float
    y: float

    def __init__(self, model: PlainMali, number: int, fields: Fields, site: Site, home: Cell, cell: Cell) -> None:
        super().__init__(model)
        vars(self).update(fields)
        self.number, self.site, self.home, self.cell = number, site, home, cell
        self.slot: Tob | None = None

    @property
    def has_arrived(self) -> bool:
        return self.task != NOT_ARRIVED

    def arrive(self) -> None:
        """The unit is there from its day on, if the UN is."""
        model = self.model
        if self.task == NOT_ARRIVED and 0 <= self.arrival <= model.day and model.numbers.un_present:
            self.task = AT_BASE
            model.log_operation(UNITS_ARRIVED, self.id, self.home, self.troops)

    def return_to_base(self) -> None:
        self.task, self.slot, self.cell, self.x, self.y = AT_BASE, None, self.home, self.site.x, self.site.y

    def go_to(self, tob: Tob) -> None:
        self.task, self.slot, self.cell, self.x, self.y = ON_TOB, tob, tob.cell, tob.x, tob.y

    def step(self) -> None:
        """A company that holds no TOB may go on patrol, and may be attacked there."""
        model, q = self.model, self.model.numbers.q
        if not self.patrols or self.task in (NOT_ARRIVED, ON_TOB):
            return
        self.return_to_base()
        if uniform(model.seed_of_run, UN_PATROL, self.id, model.day, 0) >= q.patrols_per_company:
            return
        limit = q.mobile_patrol_km if self.mobile else q.base_patrol_km
        self.task = ON_PATROL
        self.cell = self.site.hottest(model, limit, UN_PATROL_TARGET, self.id)
        self.x, self.y = self.cell.x, self.cell.y
        self.cell.be_patrolled(model.day, model.numbers)
        model.today.un_patrols += 1
        if uniform(model.seed_of_run, UN_PATROL, self.id, model.day, 1) < q.attack_per_patrol:
            self.be_attacked()

    def be_attacked(self) -> None:
        """The nearest jihadist band attacks the patrol."""
        model, cell = self.model, self.cell
        jihadists = [band for band in model.bands if band.jihadist]
        if not jihadists:
            return
        band = min(jihadists, key=lambda b: squared(b, cell))
        event = model.log_event(
            actor=BAND_ON_PATROL, perpetrator=band, faction=band.faction, action=ON_PATROL_OF_UN, kind=UN_V_JIHADISTS,
            target=self, cell=cell, zone=cell.zone, x=cell.x, y=cell.y,
        )  # fmt: skip
        model.count_the_dead(event, SEVERITY, self.id, PATROL_SEVERITY, MANY_PEOPLE)
        model.log_operation(PATROL_ATTACKED, self.id, cell, event.deaths)


class Tob:
    """A slot: one temporary operating base at a time."""

    id: int
    status: int
    opens: int
    closes: int
    extra: int
    fixed: int
    x: float
    y: float

    def __init__(self, model: PlainMali, number: int, fields: Fields, cell: Cell) -> None:
        vars(self).update(fields)
        self.model, self.number, self.cell = model, number, cell
        self.unit: UNUnit | None = None

    def turn_over(self) -> None:
        """Close when the time is over, open when set up."""
        day = self.model.day
        if self.status == OPEN and self.closes != NEVER and self.closes <= day:
            self.close()
        elif self.status == PREPARING and self.opens <= day:
            self.open()

    def open(self) -> None:
        assert self.unit is not None
        self.status = OPEN
        self.cell.be_held()
        self.model.log_operation(TOB_OPENED, self.unit.number, self.cell, self.extra)
        if self.extra and self.model.clock_zero == NEVER:
            self.model.clock_zero = self.model.day

    def close(self) -> None:
        assert self.unit is not None
        self.cell.be_left(self.model.day, self.model.numbers)
        self.unit.return_to_base()
        self.model.log_operation(TOB_CLOSED, self.unit.number, self.cell, self.extra)
        self.status, self.unit = FREE, None

    def begin(self, unit: UNUnit, is_extra: bool) -> None:
        """The order is given: the unit leaves, and the place counts as taken."""
        self.status, self.unit, self.extra = PREPARING, unit, int(is_extra)
        self.x, self.y = self.cell.x, self.cell.y
        unit.go_to(self)


class Command:
    """Who decides, once a week, which TOBs are set up where."""

    def __init__(self, model: PlainMali, preferred: list[Cell]) -> None:
        self.model = model
        self.preferred = preferred  # sites of the allocation `fixed`, best first

    def mobile_troops(self, with_package: bool = True) -> int:
        there = (u for u in self.model.un_units if u.mobile and u.has_arrived)
        return sum(u.troops for u in there if with_package or not u.extra)

    def tobs(self, with_package: bool) -> int:
        q = self.model.numbers.q
        return tobs_allowed(self.mobile_troops(with_package), q.troops_per_tob, q.rotation)

    def free_unit(self) -> UNUnit | None:
        there = (u for u in self.model.un_units if u.mobile and u.has_arrived)
        return next((u for u in there if u.task != ON_TOB), None)

    def step(self) -> None:
        """Give each free slot that mobile troops can hold a unit and a place."""
        model, q = self.model, self.model.numbers.q
        without_package = self.tobs(with_package=False)
        scores: list[float] | None = None
        for tob in model.slots[: self.tobs(with_package=True)]:
            if tob.status != FREE or (tob.fixed and model.day < tob.opens):
                continue
            unit = self.free_unit()
            if unit is None:
                return
            if tob.fixed:
                tob.closes = NEVER
            else:
                scores = self.scores() if scores is None else scores
                found = self.choose_site(tob, unit.site, scores)
                if found is None:
                    continue
                tob.cell, km = found
                tob.opens = model.day + opening_delay(km, q.convoy_km_per_day, q.tob_setup_days)
                tob.closes = tob.opens + int(q.tob_days)
            tob.begin(unit, is_extra=tob.number >= without_package)

    def scores(self) -> list[float]:
        """What a TOB at each cell would cover: remembered attacks, or people, smoothed with the presence kernel."""
        model = self.model
        scores = [0.0] * len(model.cells)
        for cell in model.cells:
            by_people = model.numbers.allocation == "population"
            amount = float(cell.population) if by_people else cell.heat_on(model.day, model.numbers)
            if amount > 0.0:
                for near, _, _, _, kernel in cell.near:
                    scores[near.number] += amount * kernel
        return scores

    def is_allowed(self, cell: Cell) -> bool:
        """Inside the sector, and not too near another TOB or a main base."""
        model, spacing = self.model, self.model.numbers.q.tob_spacing_km
        others = [tob.cell for tob in model.slots if tob.status != FREE]
        others += [site for site in model.sites if site.kind == UN_BASE]
        return in_sector(model.day, model.numbers.sector_enlarged, cell.zone, cell.western) and all(
            squared(other, cell) >= spacing * spacing for other in others
        )

    def preference(self, tob: Tob, cell: Cell, scores: list[float]) -> float:
        allocation = self.model.numbers.allocation
        if allocation == "random":
            return uniform(self.model.seed_of_run, TOB_SITE, tob.number, self.model.day, cell.number)
        if allocation == "fixed":
            return -float(self.preferred.index(cell)) if cell in self.preferred else -math.inf
        return scores[cell.number]

    def choose_site(self, tob: Tob, base: Site, scores: list[float]) -> tuple[Cell, float] | None:
        """Best feasible cell and the way there from the unit's base."""
        season, limit = self.model.season, self.model.numbers.q.tob_reach_km
        best, best_value = None, -math.inf
        for cell, km in base.ways:
            if km[season] <= limit and self.is_allowed(cell):
                value = self.preference(tob, cell, scores)
                if value > best_value:
                    best, best_value = (cell, km[season]), value
        return best
