"""Bands of armed groups."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import mesa

from abm.clashes import opposed
from abm.communities import binds, not_held_back
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
    RAID_MEMORY,
    army_factor,
    background,
    chance_of_any,
    deterred,
    growth,
    pull,
    recorded_kind,
    un_factor,
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
    WARNING,
    gumbel,
    uniform,
)
from abm.recruitment import FEWEST_FIGHTERS, bounded_growth, recruits_of, strength_on
from abm.severity import MANY_PEOPLE
from abm.strategy import gives_up
from abm.un_response import mean_of_both, softened
from abm.villages import near_raid, way
from plain_mesa.logs import Event, squared
from plain_mesa.places import Cell, Fields
from plain_mesa.response import Response

if TYPE_CHECKING:
    from plain_mesa.army_unit import ArmyUnit
    from plain_mesa.community import Cercle, Pair
    from plain_mesa.model import PlainMali
    from plain_mesa.village import Village


class Band(mesa.Agent):
    """A band: tries an attack on some days, alone or in a raid series."""

    # What becomes of a candidate at a village, in order.
    AT_THE_TARGET = ("meet_presence", "be_answered", "try_elsewhere")

    id: int
    faction: int
    jihadist: int
    aligned: int
    community: int
    zone: int
    x: float
    y: float
    strength: float
    strength_start: float
    strength_day: int
    disarmed: float
    weight: float
    excitation: float
    excitation_day: int
    hidden_until: int

    def __init__(
        self,
        model: PlainMali,
        number: int,
        fields: Fields,
        cell: Cell,
        cercle: Cercle,
        ways: list[tuple[Village, tuple[float, ...]]],
    ) -> None:
        super().__init__(model)
        vars(self).update(fields)
        self.number, self.cell, self.cercle = number, cell, cercle
        self.ways = ways  # villages in reach in the dry season, with the effective km by season
        cercle.bands.append(self)

    # -- what a band is today ------------------------------------------------------------------------------------------

    def draw(self, process: int, draw: int) -> float:
        return uniform(self.model.seed_of_run, process, self.id, self.model.day, draw)

    @property
    def is_hidden(self) -> bool:
        return self.model.day < self.hidden_until

    @property
    def answers_to_community(self) -> bool:
        """A self-defence militia that is not in truth under jihadists."""
        return binds(self.jihadist, self.aligned)

    @property
    def fighters(self) -> float:
        """Strength today, on its way to what abuses, services and disarmament leave of it in the long run."""
        home, half_life = self.cercle, self.model.numbers.q.replacement_half_life
        return strength_on(
            self.strength, self.strength_day, self.strength_start,
            recruits_of(self.jihadist, self.aligned, home.recruits), home.services, self.disarmed, self.model.day,
            half_life,
        )  # fmt: skip

    def have(self, fighters: float) -> None:
        """So many today."""
        self.strength, self.strength_day = fighters, self.model.day

    def settle(self) -> None:
        self.have(self.fighters)

    @property
    def excitation_today(self) -> float:
        return decayed(self.excitation, self.excitation_day, self.model.day, self.model.numbers.q.raid_half_life)

    @property
    def background_today(self) -> float:
        numbers = self.model.numbers
        change = growth(self.fighters, self.strength_start, numbers.q.strength_exponent)
        per_day, season = numbers.candidates[self.faction][self.zone], numbers.season[self.faction][self.model.month]
        usual = background(per_day, self.cercle.level, season, self.weight, change)
        return usual * self.grievance_factor

    # -- its community -------------------------------------------------------------------------------------------------

    @property
    def quarrels(self) -> list[Pair]:
        """The pairs at home that its community is part of."""
        return [pair for pair in self.cercle.pairs if pair.side_of(self.community) is not None]

    @property
    def grievance_factor(self) -> float:
        """Multiple of its rate by what its community holds against others beyond the usual."""
        slow = self.model.numbers.q.slow_grievance
        if slow == 0.0 or not self.answers_to_community:
            return 1.0
        excess = 0.0
        for pair in self.quarrels:
            excess += pair.side_of(self.community).excess
        return bounded_growth(slow, excess)

    @property
    def agreement(self) -> Pair | None:
        """The agreement under which it disarms."""
        held = (pair for pair in self.quarrels if pair.held and self.answers_to_community)
        return next(held, None)

    def lay_down_arms(self, budget: float) -> float:
        """As many as willing; returns how many."""
        before = self.fighters
        given = gives_up(before, self.strength_start, self.disarmed, budget)
        if given > 0.0:
            self.have(before - given)
            self.disarmed += given
        return given

    def rearm(self) -> None:
        """An agreement of its community is broken: some of the disarmed take up arms again."""
        if self.disarmed > 0.0:
            returned = self.model.numbers.q.rearm_share * self.disarmed
            self.have(self.fighters + returned)
            self.disarmed -= returned

    # -- candidate attacks ---------------------------------------------------------------------------------------------

    def tries_today(self, perceived_risk: float) -> bool:
        """Whether the band attempts an attack today."""
        if self.is_hidden:
            return False
        rate = self.background_today + self.excitation_today
        if self.answers_to_community:
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
            for what_happens in self.AT_THE_TARGET:
                getattr(self, what_happens)(event)
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

    def stands_without_un(self, village: Village, action: int) -> float:
        """Chance that national forces near, an agreement, or a village's own militia do not prevent an attack."""
        numbers = self.model.numbers
        army = village.cell.army_presence(self.model.day, numbers)
        pair = village.cercle.pair_at_odds(self, village.community, action)
        agreement = 0 if pair is None else pair.held
        chance = army_factor(army, numbers.q.delta_army) * not_held_back(agreement, numbers.q.agreement_effect)
        return chance * village.unprotected_from(self) if action == ON_VILLAGE else chance

    def meet_presence(self, event: Event) -> None:
        """Presence and agreements at the target may prevent the attack; the UN's all by itself where nobody warns."""
        numbers = self.model.numbers
        un = event.cell.un_presence(self.model.day, numbers)
        deterrence = numbers.deterrence_un if event.action == ON_VILLAGE else numbers.q.delta_un
        without_un = self.stands_without_un(event.village, event.action)
        event.stands = un_factor(un, deterrence) * without_un
        u = self.draw(THINNING, 0)
        if u >= event.stands:
            event.outcome, event.deterred_by_un = PREVENTED, u < without_un

    def be_answered(self, event: Event) -> None:
        """Somebody may be warned of an attack on villagers, and come in time."""
        if event.action == ON_VILLAGE:
            response = Response(self.model, event)
            response.expect()
            if event.happened:
                response.be_warned()

    def try_elsewhere(self, event: Event) -> None:
        """What the UN deterred may be tried once more, where it is absent."""
        numbers, day = self.model.numbers, self.model.day
        if not event.deterred_by_un or self.draw(THINNING, 1) >= numbers.q.displacement_share:
            return

        def un_is_absent(village: Village) -> bool:
            return village.cell.un_presence(day, numbers) < numbers.q.displacement_below

        village = self.choose_village(event.action, event.parent, BAND_RETRY_TARGET, un_is_absent)
        if village is not None and self.draw(THINNING, 2) < self.stands_without_un(village, event.action):
            event.outcome, event.elsewhere_from = REALISED_ELSEWHERE, event.village
            event.put_at(village)

    # -- consequences --------------------------------------------------------------------------------------------------

    def people_at(self, village: Village | None, action: int) -> int:
        """Who may be killed: villagers who are there, or fighters without limit."""
        return village.people_present if action == ON_VILLAGE and village is not None else MANY_PEOPLE

    def count_the_dead(self, event: Event) -> None:
        """Those who come during an attack save some; a candidate tried twice has two places to expect deaths at."""
        model, action = self.model, event.action
        unidentified = model.numbers.unidentified[event.zone]
        event.kind = recorded_kind(self.faction, self.jihadist, action, self.draw(LABEL, 0), unidentified)
        model.count_the_dead(event, SEVERITY, self.id, 0, self.people_at(event.village, action))
        event.deaths = softened(event.deaths, event.softening, self.draw(WARNING, 5))
        if event.outcome == REALISED_ELSEWHERE:
            people = self.people_at(event.elsewhere_from, action)
            first = model.expected_deaths(event.kind, people) * event.mean_softening
            event.mean_deaths = mean_of_both(event.stands, first, event.mean_deaths)
        else:
            event.mean_deaths *= event.mean_softening

    def bear(self, event: Event) -> None:
        """What an attack of this band leaves behind."""
        model, q = self.model, self.model.numbers.q
        if event.action == ON_VILLAGE:
            event.village.suffer(event.deaths)
        if event.village is not None:
            event.village.remember_attack(model.day)
        event.cell.remember_attack(model.day, model.numbers)
        self.excite_bands(event)
        if event.village is not None:
            quarrel = event.cercle.pair_at_odds(self, event.community, event.action)
            if quarrel is not None:
                quarrel.bear(event)
        if event.action == ON_VILLAGE:
            if self.answers_to_community:
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
        self.have(max(FEWEST_FIGHTERS, self.fighters - fighters))

    def lie_low(self) -> None:
        """National forces met the band: it attempts nothing for some days."""
        self.hidden_until = self.model.day + 1 + int(self.model.numbers.q.lying_low_days)
