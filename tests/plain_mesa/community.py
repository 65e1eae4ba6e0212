"""Communities of a cercle: what each holds against the other, and the agreements between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.communities import is_intercommunal
from abm.presence import decayed
from abm.randomness import AGREEMENT, uniform
from abm.recruitment import bounded_growth, left_with_services
from abm.tables import AGREEMENT_BROKEN, AGREEMENT_LAPSED, AGREEMENT_MADE

if TYPE_CHECKING:
    from plain_mesa.band import Band
    from plain_mesa.logs import Event
    from plain_mesa.model import PlainMali
    from plain_mesa.places import Fields, Zone


class Side:
    """One community of a pair, and its grievance: the attacks by the other that it remembers."""

    def __init__(self, model: PlainMali, community: int, grievance: float, day: int, usual: float) -> None:
        self.model, self.community = model, community
        self.grievance, self.day, self.usual = grievance, day, usual

    @property
    def grievance_today(self) -> float:
        return decayed(self.grievance, self.day, self.model.day, self.model.numbers.q.grievance_half_life)

    @property
    def excess(self) -> float:
        return self.grievance_today - self.usual

    def resent(self) -> None:
        """One more attack by the other side."""
        self.grievance, self.day = self.grievance_today + 1.0, self.model.day


class Pair:
    """Two communities of a cercle whose militias fight each other; an agreement may hold between them."""

    id: int
    held: int
    since: int
    until: int
    made: int
    broken: int

    def __init__(self, model: PlainMali, number: int, fields: Fields, cercle: Cercle) -> None:
        own = {name: fields[name] for name in ("id", "held", "since", "until", "made", "broken")}
        vars(self).update(own)
        self.model, self.number, self.cercle = model, number, cercle
        self.sides = [
            Side(model, fields[which], *(fields[f"{which}_{what}"] for what in ("grievance", "day", "usual")))
            for which in ("first", "second")
        ]
        cercle.pairs.append(self)

    def side_of(self, community: int) -> Side | None:
        return next((side for side in self.sides if side.community == community), None)

    @property
    def quarrel(self) -> float:
        """What the two hold against each other, together."""
        one, other = self.sides
        return one.grievance_today + other.grievance_today

    @property
    def bands(self) -> list[Band]:
        """Self-defence militias at home in this cercle that answer to one of the two communities."""
        return [b for b in self.cercle.bands if b.answers_to_community and self.side_of(b.community) is not None]

    # -- agreements ----------------------------------------------------------------------------------------------------

    def agree(self) -> None:
        """A new agreement, or the one that holds renewed."""
        model, days = self.model, int(self.model.numbers.q.agreement_days)
        self.until = model.day + days
        if not self.held:
            self.held, self.since = 1, model.day
            self.made += 1
            model.log_operation(AGREEMENT_MADE, self.id, None, days)

    def lapse(self) -> None:
        """An agreement that nobody broke ends on its day."""
        if self.held and self.until <= self.model.day:
            self.held = 0
            self.model.log_operation(AGREEMENT_LAPSED, self.id, None, self.model.day - self.since)

    def bear(self, event: Event) -> None:
        """An attack by a band of one on the other: a grievance, and perhaps the end of their agreement."""
        model, band = self.model, event.perpetrator
        victims = self.side_of(event.community)
        assert victims is not None
        victims.resent()
        u = uniform(model.seed_of_run, AGREEMENT, band.id, model.day, 0)
        if self.held and u < model.numbers.q.break_chance:
            self.held = 0
            self.broken += 1
            model.log_operation(AGREEMENT_BROKEN, self.id, event.cell, model.day - self.since)
            for concerned in self.bands:
                concerned.rearm()

    # -- as the table has it -------------------------------------------------------------------------------------------

    first = property(lambda self: self.sides[0].community)
    second = property(lambda self: self.sides[1].community)
    first_grievance = property(lambda self: self.sides[0].grievance)
    second_grievance = property(lambda self: self.sides[1].grievance)
    first_day = property(lambda self: self.sides[0].day)
    second_day = property(lambda self: self.sides[1].day)
    first_usual = property(lambda self: self.sides[0].usual)
    second_usual = property(lambda self: self.sides[1].usual)


class Cercle:
    """A cercle: its pairs of communities and bands, abuses that groups recruit on, people whom services reach again."""

    id: int
    people: int
    served_people: int
    abuses: float
    abuses_day: int
    abuses_usual: float
    course: float

    def __init__(self, model: PlainMali, number: int, fields: Fields, zone: Zone) -> None:
        follows = ("recruits", "services", "level", "zone")
        vars(self).update({name: value for name, value in fields.items() if name not in follows})
        self.model, self.number, self.zone = model, number, zone
        self.pairs: list[Pair] = []
        self.bands: list[Band] = []

    def step(self) -> None:
        self.course = self.model.told.course_in(self)

    @property
    def level(self) -> float:
        """This month's multiple of what its armed groups usually try."""
        return self.zone.multiplier * self.course

    @property
    def recruits(self) -> float:
        """Multiple of the full strength of jihadist bands by the abuses remembered at the last settlement."""
        return bounded_growth(self.model.numbers.q.recruit_abuse, self.abuses - self.abuses_usual)

    @property
    def services(self) -> float:
        """Multiple of the full strength of all bands by the services that have returned."""
        return left_with_services(self.model.numbers.q.services_effect, self.served_people, self.people)

    def let_abuses_fade(self) -> None:
        model = self.model
        half_life = model.numbers.q.recruit_half_life
        self.abuses = decayed(self.abuses, self.abuses_day, model.day, half_life)
        self.abuses_day = max(self.abuses_day, model.day)

    def pair_between(self, one: int, other: int) -> Pair | None:
        """The pair of these two communities, if they are one."""
        wanted = {one, other}
        return next((pair for pair in self.pairs if {side.community for side in pair.sides} == wanted), None)

    def pair_at_odds(self, band: Band, community: int, action: int) -> Pair | None:
        """The pair that an action of a band against a community of this cercle sets against each other."""
        if not (band.answers_to_community and is_intercommunal(action)):
            return None
        return self.pair_between(band.community, community)
