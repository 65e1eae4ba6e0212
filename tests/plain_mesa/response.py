"""Early warnings of attacks on villages: who can answer, what is expected of it, and what comes of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from abm.kinds import AVERTED_BY_ARMY, AVERTED_BY_UN, DURING, IN_TIME, PREVENTED, TOO_LATE
from abm.randomness import WARNING
from abm.tables import OPEN, RESPONSE
from abm.un_response import (
    chance_averted,
    chance_during,
    hours_by_air,
    hours_by_road,
    lead_of,
    mean_softening,
    season_speed,
    stays_today,
)
from plain_mesa.logs import Event, squared

if TYPE_CHECKING:
    from plain_mesa.army_unit import ArmyUnit
    from plain_mesa.model import PlainMali
    from plain_mesa.un_unit import UNUnit


class Answer(NamedTuple):
    """Who could be there first, and how many hours after a warning."""

    hours: float
    unit: Any  # a UN unit or an army unit; None if nobody could


NOBODY_COMES = Answer(math.inf, None)


class Response:
    """The answers that there are to an attack on a village, should somebody warn of it."""

    def __init__(self, model: PlainMali, event: Event) -> None:
        self.model, self.event = model, event
        q = model.numbers.q
        self.offroad = q.friction_offroad / season_speed(model.season, q.rain_speed_offroad)
        self.army_stays = stays_today(model.day, model.numbers.strategy_from, q.p_army_stays, model.numbers.army_stays)
        self.un: Answer = min(self.un_answers(), key=lambda answer: answer.hours, default=NOBODY_COMES)
        self.army: Answer = self.army_answer()

    # -- who can come --------------------------------------------------------------------------------------------------

    def km_from(self, place: Any) -> float:
        return math.sqrt(squared(place, self.event))

    def by_road(self, km: float) -> float:
        q = self.model.numbers.q
        return hours_by_road(km, self.offroad, q.response_kmh, q.response_ready_hours)

    def un_answers(self) -> Iterator[Answer]:
        """From TOBs, then from patrols on their way and from main bases, if there are troops enough."""
        model, enough = self.model, self.model.numbers.q.response_troops
        for tob in model.slots:
            if tob.status == OPEN and tob.lead.at_tob >= enough:
                yield Answer(self.by_road(self.km_from(tob)), tob.lead)
        for unit in model.un_units:
            if not (unit.patrols and unit.has_arrived and unit.free >= enough):
                continue
            if unit.patrol_cell is not None:
                yield Answer(self.by_road(self.km_from(unit.patrol_cell)), unit)
            else:
                yield from self.from_main_base(unit)

    def from_main_base(self, unit: UNUnit) -> Iterator[Answer]:
        """Within medical reach: by road, as far as a patrol goes; mobile companies also by air."""
        q, km = self.model.numbers.q, self.km_from(unit.site)
        if km > unit.reach_today:
            return
        if km * q.friction_offroad <= unit.patrol_km:
            yield Answer(self.by_road(km), unit)
        if unit.mobile and unit.site.air:
            yield Answer(hours_by_air(km, q.air_kmh, q.air_ready_hours, q.response_ready_hours), unit)

    def army_answer(self) -> Answer:
        """The unit of national forces that is nearest today."""
        unit: ArmyUnit | None = min(self.model.army, key=lambda unit: squared(unit, self.event), default=None)
        return NOBODY_COMES if unit is None else Answer(self.by_road(self.km_from(unit)), unit)

    # -- what is expected ----------------------------------------------------------------------------------------------

    def expect(self) -> None:
        """Averaged over warnings and leads: the chance that the attack stands, and deaths if it does."""
        numbers, q, event = self.model.numbers, self.model.numbers.q, self.event
        by_army = self.army_stays * q.p_effective
        averted = chance_averted(
            q.p_warning, q.warning_hours, self.un.hours, numbers.effective_un, self.army.hours, by_army
        )
        during = chance_during(q.p_warning, q.warning_hours, q.attack_hours, self.un.hours, self.army.hours, by_army)
        event.response_hours = self.un.hours
        event.stands *= 1.0 - averted
        event.mean_softening = mean_softening(q.softening, during, averted)

    # -- what happens --------------------------------------------------------------------------------------------------

    def be_warned(self) -> None:
        """Somebody warns, or nobody; those who come in time may avert the attack, those who come later soften it."""
        numbers, q, event = self.model.numbers, self.model.numbers.q, self.event
        band = event.perpetrator
        if band.draw(WARNING, 0) >= q.p_warning:
            return
        lead = lead_of(band.draw(WARNING, 1), q.warning_hours)
        un_in_time = self.un.hours < lead
        army_in_time = self.army.hours < lead and band.draw(WARNING, 3) < self.army_stays
        un_comes = self.un.hours < lead + q.attack_hours
        event.responder = self.un.unit
        event.answer = IN_TIME if un_in_time or army_in_time else DURING if un_comes else TOO_LATE
        if un_comes and not un_in_time:
            event.softening = 1.0 - q.softening
        if un_in_time and band.draw(WARNING, 2) < numbers.effective_un:
            event.answer, event.outcome = AVERTED_BY_UN, PREVENTED
        elif army_in_time and band.draw(WARNING, 4) < q.p_effective:
            event.answer, event.outcome, event.responder = AVERTED_BY_ARMY, PREVENTED, self.army.unit
        self.model.today.warnings += 1
        self.model.today.answered += un_in_time or army_in_time
        if not un_in_time:
            event.cell.sound_alarm(self.model.day, self.model.numbers)
        if un_comes:
            self.model.log_operation(RESPONSE, self.un.unit.number, event.cell, event.answer)
