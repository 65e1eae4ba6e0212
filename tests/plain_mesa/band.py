"""Bands of armed groups."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import mesa

from abm.clashes import opposed
from abm.kinds import (
    BAND,
    LIABLE_MILITIA,
    ON_ARMY,
    ON_VILLAGE,
    PREVENTED,
    REALISED_ELSEWHERE,
)
from abm.militias import (
    ARMY_DRAW,
    MANY_PEOPLE,
    RAID_MEMORY,
    army_factor,
    background,
    chance_of_any,
    deterred,
    growth,
    pull,
    recorded_kind,
    recovered,
    stands_chance,
)
from abm.presence import decayed, gaussian
from abm.randomness import (
    BAND_CANDIDATE,
    BAND_MARK,
    BAND_RETRY_TARGET,
    BAND_TARGET,
    LABEL,
    SEVERITY,
    THINNING,
    gumbel,
    uniform,
)
from abm.villages import near_raid, way
from plain_mesa.logs import Event, squared
from plain_mesa.places import Cell, Fields, Village

if TYPE_CHECKING:
    from plain_mesa.army_unit import ArmyUnit
    from plain_mesa.model import PlainMali


class Band(mesa.Agent):
    """A band: tries an attack on some days, alone or in a raid series."""

    id: int
    faction: int
    jihadist: int
    zone: int
    x: float
    y: float
    strength: float
    strength_start: float
    strength_day: int
    weight: float
    excitation: float
    excitation_day: int
    hidden_until: int

    def __init__(
        self, model: PlainMali, number: int, fields: Fields, cell: Cell, ways: list[tuple[Village, tuple[float, ...]]]
    ) -> None:
        super().__init__(model)
        vars(self).update(fields)
        self.number, self.cell = number, cell
        self.ways = ways  # villages in reach in the dry season, with the effective km by season

    # -- what a band is today ------------------------------------------------------------------------------------------

    def draw(self, process: int, draw: int) -> float:
        return uniform(self.model.seed_of_run, process, self.id, self.model.day, draw)

    @property
    def is_hidden(self) -> bool:
        return self.model.day < self.hidden_until

    @property
    def fighters(self) -> float:
        half_life = self.model.numbers.q.replacement_half_life
        return recovered(self.strength, self.strength_start, self.strength_day, self.model.day, half_life)

    @property
    def excitation_today(self) -> float:
        return decayed(self.excitation, self.excitation_day, self.model.day, self.model.numbers.q.raid_half_life)

    @property
    def background_today(self) -> float:
        numbers = self.model.numbers
        change = growth(self.fighters, self.strength_start, numbers.q.strength_exponent)
        per_day, season = numbers.candidates[self.faction][self.zone], numbers.season[self.faction][self.model.month]
        return background(per_day, self.model.zones[self.zone].multiplier, season, self.weight, change)

    # -- candidate attacks ---------------------------------------------------------------------------------------------

    def tries_today(self, perceived_risk: float) -> bool:
        """Whether the band attempts an attack today."""
        if self.is_hidden:
            return False
        rate = self.background_today + self.excitation_today
        if not self.jihadist:
            rate = deterred(rate, self.model.numbers.effect_militia, perceived_risk)
        return self.draw(BAND_CANDIDATE, 0) < chance_of_any(rate)

    def parent_of_candidate(self) -> Event | None:
        """The attack that today's candidate continues, if it belongs to a raid series."""
        model, excitation = self.model, self.excitation_today
        u = self.draw(BAND_MARK, 0) * (self.background_today + excitation)
        if u >= excitation:
            return None
        memory = RAID_MEMORY * model.numbers.q.raid_half_life
        for event in reversed(model.events):
            if model.day - event.day > memory:
                break
            if event.actor == BAND and event.happened and event.day < model.day:
                u -= event.excitation_of(self, model.day, model)
                if u < 0.0:
                    return event
        return None

    def kind_of_action(self) -> int:
        u = self.draw(BAND_MARK, 1)
        shares = self.model.numbers.action_share[self.faction][self.zone]
        return next((action for action, upper in enumerate(shares[:ON_ARMY]) if u < upper), ON_ARMY)

    def choose_village(
        self, action: int, parent: Event | None, process: int, allowed: Callable[[Village], bool] = lambda village: True
    ) -> Village | None:
        """Multinomial logit among the villages in reach this season: the largest utility plus Gumbel noise."""
        q, season = self.model.numbers.q, self.model.season
        best, best_value = None, -math.inf
        for village, km in self.ways:
            if km[season] > q.reach_km or not allowed(village):
                continue
            value = village.attraction_for(self, action)
            if parent is None:
                value += way(km[season], q.travel_scale)
            else:
                value += near_raid(squared(village, parent), q.raid_km)
            value += gumbel(self.draw(process, village.id))
            if value > best_value:
                best, best_value = village, value
        return best

    def choose_army_unit(self) -> ArmyUnit | None:
        """Unit to ambush where it is today: the nearer the likelier."""
        q = self.model.numbers.q
        best, best_value = None, -math.inf
        for unit in self.model.army:
            value = way(math.sqrt(squared(unit, self)) * q.friction_offroad, q.travel_scale)
            value += gumbel(self.draw(BAND_TARGET, ARMY_DRAW + unit.id))
            if value > best_value:
                best, best_value = unit, value
        return best

    def nearest_opponent(self, action: int, event: Event) -> Band | None:
        foes = [b for b in self.model.bands if opposed(self.jihadist, self.faction, b.jihadist, b.faction, action)]
        return min(foes, key=lambda band: squared(band, event), default=None)

    def step(self) -> None:
        """One candidate attack: whom, where, and whether presence prevents it."""
        parent, action = self.parent_of_candidate(), self.kind_of_action()
        if action == ON_ARMY:
            unit = self.choose_army_unit()
            if unit is None:
                return
            event = self.new_event(action, parent, unit.cell, unit.x, unit.y)
            event.target = unit
        else:
            village = self.choose_village(action, parent, BAND_TARGET)
            if village is None:
                return
            event = self.new_event(action, parent, village.cell, village.x, village.y)
            event.put_at(village)
            self.meet_presence(event)
            if action != ON_VILLAGE:
                event.target = self.nearest_opponent(action, event)
        self.count_the_dead(event)

    def new_event(self, action: int, parent: Event | None, cell: Cell, x: float, y: float) -> Event:
        generation = 0 if parent is None else parent.generation + 1
        return self.model.log_event(
            actor=BAND, perpetrator=self, faction=self.faction, action=action, parent=parent, generation=generation,
            cell=cell, zone=cell.zone, x=x, y=y,
        )  # fmt: skip

    # -- thinning at the target ----------------------------------------------------------------------------------------

    def meet_presence(self, event: Event) -> None:
        """Presence at the target may prevent the attack; what the UN prevents may be tried where it is absent."""
        numbers, day = self.model.numbers, self.model.day
        q = numbers.q
        army = event.cell.army_presence(day, numbers)
        event.stands = stands_chance(event.cell.un_presence(day, numbers), army, q.delta_un, q.delta_army)
        u = self.draw(THINNING, 0)
        if u < event.stands:
            return
        event.outcome = PREVENTED
        by_the_un = u < army_factor(army, q.delta_army)
        if by_the_un and self.draw(THINNING, 1) < q.displacement_share:
            self.try_elsewhere(event)

    def try_elsewhere(self, event: Event) -> None:
        numbers, day = self.model.numbers, self.model.day
        q = numbers.q

        def un_is_absent(village: Village) -> bool:
            return village.cell.un_presence(day, numbers) < q.displacement_below

        village = self.choose_village(event.action, event.parent, BAND_RETRY_TARGET, un_is_absent)
        if village is None:
            return
        if self.draw(THINNING, 2) < army_factor(village.cell.army_presence(day, numbers), q.delta_army):
            event.outcome, event.elsewhere_from = REALISED_ELSEWHERE, event.village
            event.put_at(village)

    # -- consequences --------------------------------------------------------------------------------------------------

    def count_the_dead(self, event: Event) -> None:
        numbers = self.model.numbers
        u = self.draw(LABEL, 0)
        event.kind = recorded_kind(self.faction, self.jihadist, event.action, u, numbers.unidentified[event.zone])
        people = event.village.population if event.action == ON_VILLAGE and event.village else MANY_PEOPLE
        self.model.count_the_dead(event, SEVERITY, self.id, 0, people)

    def bear(self, event: Event) -> None:
        """What an attack of this band leaves behind."""
        model, q = self.model, self.model.numbers.q
        if event.village is not None:
            event.village.remember_attack(model.day)
        event.cell.remember_attack(model.day, model.numbers)
        self.excite_bands(event)
        if event.action == ON_VILLAGE:
            if not self.jihadist:
                model.justice.open_case(event, LIABLE_MILITIA)
            return
        self.lose((1.0 - q.loss_share) * event.deaths)
        if event.target is not None:
            event.target.lose(q.loss_share * event.deaths)

    def excite_bands(self, event: Event) -> None:
        """Raid series and quick retaliation: bands near the attack are more likely to act in the days that follow."""
        model = self.model
        for band in model.bands:
            usual = model.numbers.candidates[band.faction][band.zone]
            weighted = pull(gaussian(squared(band, event), model.numbers.q.raid_km), band.weight, usual)
            if band.faction == self.faction:
                event.kernel_same += weighted
            else:
                event.kernel_cross += weighted
        for band in model.bands:
            jump = event.excitation_of(band, model.day, model)
            if jump > 0.0:
                band.excitation, band.excitation_day = band.excitation_today + jump, model.day

    def lose(self, fighters: float) -> None:
        self.strength, self.strength_day = max(1.0, self.fighters - fighters), self.model.day

    def lie_low(self) -> None:
        """National forces met the band: it attempts nothing for some days."""
        self.hidden_until = self.model.day + 1 + int(self.model.numbers.q.lying_low_days)
