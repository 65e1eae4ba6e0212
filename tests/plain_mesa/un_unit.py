"""Units of the UN: their troops by task, their reach, patrols and attacks on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from abm.kinds import BAND_ON_PATROL, ON_PATROL_OF_UN, UN_V_JIHADISTS
from abm.presence import decayed
from abm.randomness import SEVERITY, UN_AIR, UN_PATROL, UN_PATROL_TARGET, uniform
from abm.severity import MANY_PEOPLE
from abm.tables import (
    AT_BASE,
    NOT_ARRIVED,
    ON_PATROL,
    ON_TOB,
    OUT_OF_ACTION,
    PATROL_ATTACKED,
    UNITS_ARRIVED,
)
from abm.un_attacks import PATROL_SEVERITY, casualties
from abm.un_patrols import patrol_chance
from abm.un_reach import attack_factor, confidence, medical_reach
from abm.un_troops import fit_troops, unassigned
from plain_mesa.logs import squared
from plain_mesa.places import Cell, Fields
from plain_mesa.site import Site

if TYPE_CHECKING:
    from plain_mesa.model import PlainMali
    from plain_mesa.tob import Tob

WEEK = 7


class UNUnit(mesa.Agent):
    """A formed unit or a detachment."""

    id: int
    type: int
    troops: int
    mobile: int
    patrols: int
    police: int
    engineers: int
    medics: int
    helicopters: int
    armed: int
    flying: int
    arrival: int
    extra: int
    task: int
    # Troops by task; the others are free.
    at_tob: int
    resting: int
    convoying: int
    escorting: int
    convoy_until: int
    out_until: int
    hurt: float
    hurt_day: int
    x: float
    y: float

    def __init__(self, model: PlainMali, number: int, fields: Fields, site: Site, home: Cell, cell: Cell) -> None:
        super().__init__(model)
        vars(self).update(fields)
        self.number, self.site, self.home, self.cell = number, site, home, cell
        self.slot: Tob | None = None  # the TOB it leads
        self.patrol_cell: Cell | None = None
        site.units.append(self)

    def draw(self, process: int, draw: int) -> float:
        return uniform(self.model.seed_of_run, process, self.id, self.model.day, draw)

    # -- troops --------------------------------------------------------------------------------------------------------

    @property
    def has_arrived(self) -> bool:
        return self.task != NOT_ARRIVED

    @property
    def hurt_today(self) -> float:
        """Killed and wounded who are neither replaced nor back on duty."""
        return decayed(self.hurt, self.hurt_day, self.model.day, self.model.numbers.q.hurt_half_life)

    @property
    def fit(self) -> int:
        return fit_troops(self.troops, self.hurt_today) if self.has_arrived else 0

    @property
    def unassigned(self) -> int:
        return unassigned(self.fit, self.at_tob, self.resting, self.convoying, self.escorting)

    @property
    def is_out_of_action(self) -> bool:
        return self.model.day < self.out_until

    @property
    def free(self) -> int:
        """Troops who can be given a task today."""
        return 0 if self.is_out_of_action else self.unassigned

    def leave_posts(self) -> None:
        """Before troops are posted anew; a convoy that is back is over."""
        self.at_tob = self.resting = 0
        if self.convoy_until <= self.model.day:
            self.convoying = 0

    def hold(self, wanted: int) -> int:
        """As many of the troops wanted at a TOB as it has."""
        given = min(wanted, self.unassigned)
        self.at_tob += given
        return given

    def rest(self, wanted: int) -> int:
        """The same for those who relieve and supply."""
        given = min(wanted, self.unassigned)
        self.resting += given
        return given

    # -- where it is ---------------------------------------------------------------------------------------------------

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

    # -- reach ---------------------------------------------------------------------------------------------------------

    def can_fly_this_week(self) -> bool:
        model, numbers = self.model, self.model.numbers
        if not (self.helicopters and self.has_arrived and numbers.helicopters):
            return False
        u = uniform(model.seed_of_run, UN_AIR, self.id, model.day // WEEK, 0)
        return u < numbers.q.helicopter_availability

    def medical_reach(self, by_air: bool) -> float:
        """Distance from its main base, km, from which its casualties can be brought back."""
        numbers, q = self.model.numbers, self.model.numbers.q
        is_open = self.model.day >= numbers.hospital_opens
        return medical_reach(
            int(by_air), int(is_open), self.medics, q.ground_medical_km, q.air_medical_km, q.clinic_factor,
            q.medical_team_km,
        )  # fmt: skip

    @property
    def patrol_km(self) -> float:
        """Longest way of a patrol, effective km."""
        q = self.model.numbers.q
        return q.mobile_patrol_km if self.mobile else q.base_patrol_km

    @property
    def reach_today(self) -> float:
        """Medical reach with what flies this week."""
        return self.medical_reach(bool(self.site.air))

    # -- patrols -------------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Free troops of a company may go on patrol."""
        self.patrol_cell = None
        if not self.patrols or not self.has_arrived:
            return
        if self.task != ON_TOB:
            self.return_to_base()
            self.task = OUT_OF_ACTION if self.is_out_of_action else AT_BASE
        q = self.model.numbers.q
        bold = confidence(self.site.clear_share, q.patrol_confidence)
        if self.draw(UN_PATROL, 0) < patrol_chance(q.patrols_per_company, self.free, self.troops, bold):
            self.patrol()

    def patrol(self) -> None:
        model, q = self.model, self.model.numbers.q
        model.today.un_patrols += 1
        model.today.patrol_troops += self.free
        cell = self.site.hottest(self.patrol_km, UN_PATROL_TARGET, self.id, self.reach_today)
        self.patrol_cell = cell
        if self.task != ON_TOB:
            self.task, self.cell, self.x, self.y = ON_PATROL, cell, cell.x, cell.y
        cell.be_patrolled(model.day, model.numbers)
        if self.is_attacked(self.draw(UN_PATROL, 1), q.attack_per_patrol * self.risk_on_roads):
            self.suffer_if_hit(self.be_attacked(cell, PATROL_ATTACKED, PATROL_SEVERITY))

    # -- attacks on it -------------------------------------------------------------------------------------------------

    @property
    def risk_on_roads(self) -> float:
        """Attacks on its patrols and convoys over those without engineers and armed helicopters."""
        q = self.model.numbers.q
        return attack_factor(q.ied_share, q.counter_ied, self.site.clear_share, q.air_cover, self.site.cover)

    def is_attacked(self, u: float, chance: float) -> bool:
        """Not on days of which it is known what happened."""
        return not self.model.told.covers_today and u < chance

    def be_attacked(self, cell: Cell, what: int, first_draw: int) -> float:
        """The nearest jihadist band attacks at a cell; returns killed and wounded."""
        model = self.model
        jihadists = [band for band in model.bands if band.jihadist]
        if not jihadists:
            return 0.0
        band = min(jihadists, key=lambda b: squared(b, cell))
        event = model.log_event(
            actor=BAND_ON_PATROL, perpetrator=band, faction=band.faction, action=ON_PATROL_OF_UN, kind=UN_V_JIHADISTS,
            target=self, cell=cell, zone=cell.zone, x=cell.x, y=cell.y,
        )  # fmt: skip
        model.count_the_dead(event, SEVERITY, self.id, first_draw, MANY_PEOPLE)
        model.log_operation(what, self.id, cell, event.deaths)
        model.today.attacks_on_un += 1
        model.today.un_deaths += event.deaths
        hit = casualties(event.deaths, model.numbers.q.wounded_per_death)
        self.hurt, self.hurt_day = min(float(self.troops), self.hurt_today + hit), model.day
        self.miss_the_hurt()
        return hit

    def miss_the_hurt(self) -> None:
        """Those who were free are missed first, then those who rest, at TOBs, with civilian teams and convoys."""
        missing = self.at_tob + self.resting + self.convoying + self.escorting - self.fit
        for task in ("resting", "at_tob", "escorting", "convoying"):
            missed = min(max(0, missing), getattr(self, task))
            setattr(self, task, getattr(self, task) - missed)
            missing -= missed

    def suffer_if_hit(self, hit: float) -> None:
        """Those who lost people make no patrol or convoy for some days."""
        if hit > 0.0:
            self.out_until = self.model.day + 1 + int(self.model.numbers.q.out_of_action_days)
