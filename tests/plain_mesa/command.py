"""UN command: troops posted every day, and the weekly order of who flies, which TOBs there are, who escorts."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from abm.randomness import TOB_SITE, uniform
from abm.tables import FREE, ON_TOB
from abm.un_convoys import can_supply
from abm.un_escorts import missions_with_police, share_served, troops_for
from abm.un_tobs import NEVER, in_sector, opening_delay, tobs_allowed
from abm.un_troops import relief_troops
from plain_mesa.logs import squared
from plain_mesa.places import Cell
from plain_mesa.site import Site, Way

if TYPE_CHECKING:
    from plain_mesa.model import PlainMali
    from plain_mesa.tob import Tob
    from plain_mesa.un_unit import UNUnit


class Command:
    """Who decides where UN troops are."""

    # The weekly order, in its order.
    ORDERS = ("learn_who_flies", "release_escorts", "post_troops", "order_tobs", "order_escorts")

    def __init__(self, model: PlainMali, preferred: list[Cell], served_share: float) -> None:
        self.model = model
        self.preferred = preferred  # sites of the allocation `fixed`, best first
        self.served_share = served_share  # of the missions wanted this week, those that found an escort

    def step(self) -> None:
        for order in self.ORDERS:
            getattr(self, order)()

    def learn_who_flies(self) -> None:
        for site in self.model.sites:
            site.learn_who_flies()

    # -- posts ---------------------------------------------------------------------------------------------------------

    @property
    def mobile_units(self) -> list[UNUnit]:
        return [unit for unit in self.model.un_units if unit.mobile]

    @property
    def mobile_troops(self) -> int:
        """Those fit today."""
        return sum(unit.fit for unit in self.mobile_units)

    @property
    def standing_troops(self) -> int:
        """Mobile troops without the package; losses do not turn one of their bases into an extra one."""
        return sum(unit.troops for unit in self.mobile_units if unit.has_arrived and not unit.extra)

    def post_troops(self) -> None:
        """Bases first, then the relief of each; what is left is free."""
        q = self.model.numbers.q
        for unit in self.model.un_units:
            unit.leave_posts()
        held = [tob for tob in self.model.slots if tob.is_held]
        for tob in held:
            self._take(tob, int(q.troops_per_tob), lambda unit, wanted: unit.hold(wanted))
        for tob in held:
            self._take(tob, relief_troops(q.troops_per_tob, q.rotation), lambda unit, wanted: unit.rest(wanted))

    def _take(self, tob: Tob, wanted: int, give: Callable[[UNUnit, int], int]) -> None:
        """From the company that leads, then from the mobile ones of its main base, then from others."""
        lead = tob.lead
        others = [unit for unit in self.mobile_units if unit is not lead]
        for unit in (lead, *sorted(others, key=lambda unit: unit.site is not lead.site)):
            wanted -= give(unit, wanted)

    # -- which TOBs ----------------------------------------------------------------------------------------------------

    def tobs_of(self, troops: int) -> int:
        q = self.model.numbers.q
        return tobs_allowed(troops, q.troops_per_tob, q.rotation)

    def leading_unit(self) -> UNUnit | None:
        """The mobile company with most free troops that leads no TOB."""
        able = (u for u in self.mobile_units if u.has_arrived and u.task != ON_TOB and u.free > 0)
        return max(able, key=lambda unit: unit.free, default=None)

    def order_tobs(self) -> None:
        """Give each free slot that mobile troops can hold a unit and a place."""
        model, q = self.model, self.model.numbers.q
        without_package = self.tobs_of(self.standing_troops)
        scores: list[float] | None = None
        for tob in model.slots[: self.tobs_of(self.mobile_troops)]:
            if tob.status != FREE or (tob.fixed and model.day < tob.opens):
                continue
            unit = self.leading_unit()
            if unit is None:
                return
            if tob.fixed:
                tob.entry, tob.closes = unit.site.way_to(tob.cell), NEVER
            else:
                scores = self.scores() if scores is None else scores
                way = self.choose_way(tob, unit, scores)
                if way is None:
                    continue
                tob.cell, tob.entry = way.cell, way
                tob.opens = model.day + opening_delay(way.km[model.season], q.convoy_km_per_day, q.tob_setup_days)
                tob.closes = tob.opens + int(q.tob_days)
            tob.begin(unit, is_extra=tob.number >= without_package)
            self.post_troops()

    def calls_of(self, cell: Cell) -> float:
        """How much a cell by itself calls for a TOB."""
        model = self.model
        if model.numbers.allocation == "population":
            return float(cell.population)
        if model.numbers.allocation == "warning":
            return cell.alarm_on(model.day, model.numbers)
        return cell.heat_on(model.day, model.numbers)

    def scores(self) -> list[float]:
        """What a TOB at each cell would cover, smoothed with the presence kernel."""
        scores = [0.0] * len(self.model.cells)
        for cell in self.model.cells:
            amount = self.calls_of(cell)
            if amount > 0.0:
                for near, _, _, _, kernel in cell.near:
                    scores[near.number] += amount * kernel
        return scores

    def clear_distance(self, cell: Cell) -> float:
        """Distance to the nearest TOB or main base, km."""
        others: list[Cell | Site] = [tob.cell for tob in self.model.slots if tob.is_held]
        others += [site for site in self.model.sites if site.is_main_base]
        return math.sqrt(min((squared(other, cell) for other in others), default=math.inf))

    def can_hold(self, way: Way, base: Site, medical_km: float) -> bool:
        """Whether roads, supply and medical reach allow a TOB there."""
        q, km = self.model.numbers.q, way.km[self.model.season]
        if km > q.tob_reach_km or not can_supply(km, q.convoy_km_per_day, q.resupply_days):
            return False
        return squared(way.cell, base) <= medical_km * medical_km

    def is_allowed(self, cell: Cell) -> bool:
        """Inside the sector, and not too near another TOB or a main base."""
        model = self.model
        inside = in_sector(model.day, model.numbers.sector_enlarged, cell.zone, cell.western)
        return inside and self.clear_distance(cell) >= model.numbers.q.tob_spacing_km

    def preference(self, tob: Tob, cell: Cell, scores: list[float]) -> float:
        allocation = self.model.numbers.allocation
        if allocation == "random":
            return uniform(self.model.seed_of_run, TOB_SITE, tob.number, self.model.day, cell.number)
        if allocation == "spread":
            return self.clear_distance(cell)
        if allocation == "fixed":
            return -float(self.preferred.index(cell)) if cell in self.preferred else -math.inf
        return scores[cell.number]

    def choose_way(self, tob: Tob, unit: UNUnit, scores: list[float]) -> Way | None:
        """The way to the best feasible cell from the unit's main base."""
        base = unit.site
        medical_km = unit.medical_reach(base.has_helicopters)
        best, best_value = None, -math.inf
        for way in base.ways:
            if self.can_hold(way, base, medical_km) and self.is_allowed(way.cell):
                value = self.preference(tob, way.cell, scores)
                if value > best_value:
                    best, best_value = way, value
        return best

    # -- escorts of civilian teams -------------------------------------------------------------------------------------

    def release_escorts(self) -> None:
        """Last week's escorts are back."""
        for unit in self.model.un_units:
            unit.escorting = 0

    @property
    def missions_wanted(self) -> float:
        """Missions a week that investigators and dialogue teams ask for."""
        model, numbers = self.model, self.model.numbers
        investigations = numbers.investigations_per_week if model.day >= numbers.accountability_from else 0.0
        return investigations + (numbers.dialogue_per_week if model.day >= numbers.strategy_from else 0.0)

    def order_escorts(self) -> None:
        """Police units first, then a share of the troops who would otherwise patrol."""
        numbers, q = self.model.numbers, self.model.numbers.q
        there = [unit for unit in self.model.un_units if unit.has_arrived]
        companies = [unit for unit in there if unit.patrols]
        police, free = sum(unit.police for unit in there), sum(unit.free for unit in companies)
        wanted = self.missions_wanted
        by_police = min(wanted, missions_with_police(police, q.escorts_per_police_unit))
        needed = troops_for(wanted - by_police, q.troops_per_escort, q.escort_days)
        used = min(needed, numbers.escort_share * free)
        for unit in companies:
            unit.escorting = int(unit.free * (used / free)) if used > 0.0 else 0
        self.served_share = share_served(wanted, by_police, used, q.troops_per_escort, q.escort_days)
        self.model.today.missions = wanted * self.served_share
