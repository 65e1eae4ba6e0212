"""Villages: what draws attackers there, who has fled them, and whether services have returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from abm.presence import gaussian
from abm.protection import FAR, REFERENCE_STRENGTH, unprotected
from abm.refuge import displaced_today, fleeing
from abm.strategy import is_calm
from abm.tables import SERVICES_LOST, SERVICES_RETURNED
from abm.villages import refusal, reuse
from plain_mesa.logs import squared
from plain_mesa.numbers import added

if TYPE_CHECKING:
    from plain_mesa.band import Band
    from plain_mesa.community import Cercle
    from plain_mesa.model import PlainMali
    from plain_mesa.numbers import Numbers
    from plain_mesa.places import Cell, Fields


class Village(mesa.Agent):
    """A settlement."""

    id: int
    zone: int
    population: int
    community: int
    mixed: int
    refusal: int
    hits: int
    last_attack: int
    displaced: int
    displaced_day: int
    served: int
    x: float
    y: float
    appeal: float

    def __init__(self, model: PlainMali, number: int, fields: Fields, cell: Cell, cercle: Cercle) -> None:
        super().__init__(model)
        vars(self).update(fields)
        self.number, self.cell, self.cercle = number, cell, cercle
        cell.villages.append(self)

    # -- attacks -------------------------------------------------------------------------------------------------------

    def attraction_for(self, band: Band, action: int) -> float:
        """Log attraction for a band and an action, the way there not counted."""
        numbers: Numbers = self.model.numbers
        value = self.appeal + numbers.log_target[band.faction][action][self.community]
        value += reuse(self.hits, numbers.reuse_discount, numbers.reuse_new_weight)
        return value + refusal(band.jihadist, self.refusal, numbers.q.refusal_multiplier)

    def unprotected_from(self, attackers: Band) -> float:
        """Chance that its own militia does not keep a band away."""
        return unprotected(self.own_militia_near(attackers.faction), self.model.numbers.q.militia_protection)

    def own_militia_near(self, attackers: int) -> float:
        """Fighters of its own community near it, weighted by distance; not the faction that attacks, nor the hidden."""
        km = self.model.numbers.q.protection_km
        own = (b for b in self.model.bands if b.community == self.community and b.answers_to_community)
        able = (b for b in own if b.faction != attackers and not b.is_hidden)
        near = [b for b in able if squared(b, self) <= FAR * km * km]
        return added(gaussian(squared(b, self), km) * b.fighters / REFERENCE_STRENGTH for b in near)

    def remember_attack(self, day: int) -> None:
        self.hits += 1
        self.last_attack = day

    def suffer(self, deaths: int) -> None:
        """What an attack on its people does: some flee, and services that had returned leave."""
        self.be_fled(deaths)
        if self.served:
            self.lose_services()

    # -- displaced people ----------------------------------------------------------------------------------------------

    def away_on(self, day: int) -> int:
        """People displaced by the attack of `displaced_day` who have not returned on a day."""
        q = self.model.numbers.q
        return displaced_today(self.displaced, self.displaced_day, day, q.calm_days, q.return_half_life)

    @property
    def people_present(self) -> int:
        return self.population - self.away_on(self.model.day)

    def count_calm_from(self, day: int) -> None:
        """Who returned before that day is at home, and calm begins anew."""
        self.displaced, self.displaced_day = self.away_on(day), day

    def be_fled(self, deaths: int) -> None:
        self.count_calm_from(self.model.day)
        self.displaced += fleeing(self.population - self.displaced, self.model.numbers.q.flee_share, deaths)

    def count_the_displaced(self) -> int:
        """The weekly count: a clash that nobody fled breaks the calm, too."""
        if self.displaced and self.last_attack > self.displaced_day:
            self.count_calm_from(self.last_attack)
        away = self.away_on(self.model.day)
        if away == 0:
            self.displaced = 0
        return away

    # -- services ------------------------------------------------------------------------------------------------------

    @property
    def can_be_served(self) -> bool:
        """No services yet, calm, and national forces near."""
        model, q = self.model, self.model.numbers.q
        calm = is_calm(max(self.last_attack, self.displaced_day), model.day, q.calm_days)
        near = self.cell.army_presence(model.day, model.numbers) >= q.displacement_below
        return not self.served and self.population > 0 and calm and near

    def return_services(self) -> None:
        self.served = 1
        self.cercle.served_people += self.population
        self.model.log_operation(SERVICES_RETURNED, self.number, self.cell, self.population)

    def lose_services(self) -> None:
        self.served = 0
        self.cercle.served_people -= self.population
        self.model.log_operation(SERVICES_LOST, self.number, self.cell, self.population)
