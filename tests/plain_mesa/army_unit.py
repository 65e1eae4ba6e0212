"""Units of national forces."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

from abm.kinds import (
    CIVILIANS_BY_STATE,
    LIABLE_ARMY,
    NATIONAL_FORCES,
    ON_JIHADISTS,
    ON_MILITIA,
    ON_VILLAGE,
    STATE_V_JIHADISTS,
    STATE_V_OTHER,
)
from abm.militias import chance_of_any
from abm.national_forces import (
    ABUSE_SEVERITY,
    CONTACT_BAND,
    REFERENCE_STRENGTH,
    UNIT_SEVERITY,
    abuse_rate,
    can_meet,
    task_of,
    which_of,
)
from abm.presence import gaussian
from abm.randomness import (
    ARMY_ABUSE,
    ARMY_ABUSE_TARGET,
    ARMY_CONTACT,
    ARMY_TARGET,
    ARMY_TASK,
    SEVERITY,
    gumbel,
    uniform,
)
from abm.recruitment import recovered
from abm.severity import MANY_PEOPLE
from abm.tables import AT_BASE, ON_OPERATION, ON_PATROL
from abm.villages import near_raid
from plain_mesa.logs import Event, squared
from plain_mesa.places import Cell, Fields
from plain_mesa.site import Site

if TYPE_CHECKING:
    from plain_mesa.band import Band
    from plain_mesa.model import PlainMali
    from plain_mesa.village import Village

REACH_OF_ABUSE = 3.0  # standard deviations of the kernel within which villages are considered


class ArmyUnit(mesa.Agent):
    """A unit of the army or gendarmerie: garrison, patrol or operation."""

    id: int
    zone: int
    task: int
    x: float
    y: float
    strength: float
    strength_start: float
    strength_day: int
    discipline: float

    def __init__(self, model: PlainMali, number: int, fields: Fields, site: Site, home: Cell, cell: Cell) -> None:
        super().__init__(model)
        vars(self).update(fields)
        self.number, self.site, self.home, self.cell = number, site, home, cell

    def draw(self, process: int, draw: int) -> float:
        return uniform(self.model.seed_of_run, process, self.id, self.model.day, draw)

    @property
    def soldiers(self) -> float:
        half_life = self.model.numbers.q.replacement_half_life
        return recovered(self.strength, self.strength_start, self.strength_day, self.model.day, half_life)

    def lose(self, soldiers: float) -> None:
        self.strength, self.strength_day = max(1.0, self.soldiers - soldiers), self.model.day

    # -- where it goes -------------------------------------------------------------------------------------------------

    def move(self) -> None:
        """The task of the day, and the place it leads to."""
        model, q = self.model, self.model.numbers.q
        readiness = self.soldiers / self.strength_start
        self.task = task_of(self.draw(ARMY_TASK, 0), q.army_patrol_rate, q.army_operation_rate, readiness)
        self.cell = self.home
        if self.task == ON_PATROL:
            near = self.site.within(q.army_patrol_km)
            if near:
                self.cell = near[which_of(self.draw(ARMY_TARGET, 0), len(near))]
            model.today.army_patrols += 1
        elif self.task == ON_OPERATION:
            self.cell = self.site.hottest(q.army_operation_km, ARMY_TARGET, self.id)
            model.today.army_operations += 1
        self.x, self.y = self.cell.x, self.cell.y
        if self.task != AT_BASE:
            self.cell.see_soldiers(model.day, model.numbers)

    # -- operations ----------------------------------------------------------------------------------------------------

    @property
    def course(self) -> float:
        """This month's multiple of usual clashes and abuses where it is."""
        return self.cell.cercle.course

    def operate(self, perceived_risk: float) -> None:
        """An operation may meet jihadists or else militias, and may turn on the people it moves among."""
        if self.task != ON_OPERATION:
            return
        for side, jihadist in enumerate((1, 0)):
            usual = self.model.numbers.contact[jihadist][self.cell.zone]
            rate = usual * self.course * self.strength_near(jihadist)
            if self.draw(ARMY_CONTACT, side) < chance_of_any(rate):
                self.fight(jihadist)
                break
        self.abuse(perceived_risk)

    def bands_near(self, jihadist: int) -> list[Band]:
        """Bands of one side that are not lying low and near enough to be met."""
        contact_km = self.model.numbers.q.contact_km
        sided = (b for b in self.model.bands if b.jihadist == jihadist and not b.is_hidden)
        return [b for b in sided if can_meet(squared(b, self.cell), contact_km)]

    def strength_near(self, jihadist: int) -> float:
        total = 0.0
        for band in self.bands_near(jihadist):
            near = gaussian(squared(band, self.cell), self.model.numbers.q.contact_km)
            total += near * band.fighters / REFERENCE_STRENGTH
        return total

    def choose_band(self, jihadist: int) -> Band | None:
        contact_km = self.model.numbers.q.contact_km
        best, best_value = None, -math.inf
        for band in self.bands_near(jihadist):
            value = near_raid(squared(band, self.cell), contact_km) + math.log(band.fighters)
            value += gumbel(self.draw(ARMY_CONTACT, CONTACT_BAND + band.id))
            if value > best_value:
                best, best_value = band, value
        return best

    def fight(self, jihadist: int) -> None:
        band = self.choose_band(jihadist)
        if band is None:
            return
        action, kind = (ON_JIHADISTS, STATE_V_JIHADISTS) if jihadist else (ON_MILITIA, STATE_V_OTHER)
        event = self.new_event(action, kind)
        event.target = band
        self.model.count_the_dead(event, SEVERITY, self.id, UNIT_SEVERITY, MANY_PEOPLE)

    def abuse(self, perceived_risk: float) -> None:
        numbers = self.model.numbers
        un = self.cell.un_presence(self.model.day, numbers)
        per_operation = numbers.abuse[self.cell.zone] * self.course
        rate = abuse_rate(
            per_operation, self.discipline, numbers.effect_army, perceived_risk, numbers.q.delta_un_abuse, un
        )
        if self.draw(ARMY_ABUSE, 0) >= chance_of_any(rate):
            return
        village = self.choose_suspected_village()
        if village is None:
            return
        event = self.new_event(ON_VILLAGE, CIVILIANS_BY_STATE)
        event.put_at(village)
        self.model.count_the_dead(event, SEVERITY, self.id, ABUSE_SEVERITY, village.people_present)

    def choose_suspected_village(self) -> Village | None:
        """Village near the operation, by suspicion of its community and by distance."""
        numbers = self.model.numbers
        spread = numbers.q.abuse_target_km
        best, best_value = None, -math.inf
        for cell in self.model.cells:
            if squared(cell, self.cell) > REACH_OF_ABUSE * REACH_OF_ABUSE * spread * spread:
                continue
            for village in cell.villages:
                value = numbers.log_suspicion[village.community] + near_raid(squared(village, self.cell), spread)
                value += gumbel(self.draw(ARMY_ABUSE_TARGET, village.id))
                if value > best_value:
                    best, best_value = village, value
        return best

    def new_event(self, action: int, kind: int) -> Event:
        cell = self.cell
        return self.model.log_event(
            actor=NATIONAL_FORCES, perpetrator=self, action=action, kind=kind, cell=cell, zone=cell.zone, x=cell.x,
            y=cell.y,
        )  # fmt: skip

    # -- consequences --------------------------------------------------------------------------------------------------

    def bear(self, event: Event) -> None:
        """What a clash or an abuse by this unit leaves behind."""
        if event.action == ON_VILLAGE:
            event.village.suffer(event.deaths)
            self.model.justice.open_case(event, LIABLE_ARMY)
            return
        loss_share = self.model.numbers.q.loss_share
        event.target.lose(loss_share * event.deaths)
        event.target.lie_low()
        self.lose((1.0 - loss_share) * event.deaths)
