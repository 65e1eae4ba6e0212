"""A Malian-led strategy: dialogue, disarmament under agreements, and services that return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.randomness import DIALOGUE, uniform
from abm.strategy import weekly_budget
from abm.tables import DISARMAMENT
from plain_mesa.numbers import added

if TYPE_CHECKING:
    from plain_mesa.community import Pair
    from plain_mesa.model import PlainMali
    from plain_mesa.village import Village


class Strategy:
    """The work of a week, each kind with its budget."""

    def __init__(self, model: PlainMali, dialogue: float, disarmament: float, services: float) -> None:
        self.model = model
        self.dialogue_budget, self.disarmament_budget, self.services_budget = dialogue, disarmament, services

    def step(self) -> None:
        for pair in self.model.pairs:
            pair.lapse()
        if self.model.day >= self.model.numbers.strategy_from:
            self.talk()
            self.disarm()
            self.serve()

    # -- dialogue ------------------------------------------------------------------------------------------------------

    @property
    def agreements(self) -> list[Pair]:
        return [pair for pair in self.model.pairs if pair.held]

    def where_to_talk(self) -> Pair | None:
        """The worst quarrel without an agreement in this world, else the agreement that ends first."""
        apart = (pair for pair in self.model.pairs if not pair.held and pair.cercle.people and pair.quarrel > 0.0)
        worst = max(apart, key=lambda pair: pair.quarrel, default=None)
        return worst or min(self.agreements, key=lambda pair: pair.until, default=None)

    def talk(self) -> None:
        model, numbers = self.model, self.model.numbers
        escorted = numbers.dialogue_per_week * model.commander.served_share
        self.dialogue_budget = weekly_budget(self.dialogue_budget, escorted)
        mission = 0
        while self.dialogue_budget >= 1.0:
            pair = self.where_to_talk()
            if pair is None:
                break
            if uniform(model.seed_of_run, DIALOGUE, pair.id, model.day, mission) < numbers.q.dialogue_success:
                pair.agree()
            self.dialogue_budget -= 1.0
            mission += 1
        model.today.dialogue_missions = mission

    # -- disarmament ---------------------------------------------------------------------------------------------------

    @property
    def disarmed(self) -> float:
        """Fighters who have laid down arms and not taken them up again."""
        return added(band.disarmed for band in self.model.bands)

    def disarm(self) -> None:
        """Agreement by agreement; the numbers logged add up to the whole number of those disarmed."""
        self.disarmament_budget = weekly_budget(self.disarmament_budget, self.model.numbers.disarmament_per_week)
        total = self.disarmed
        for pair in self.agreements:
            before, total = total, total + self.disarm_under(pair)
            if int(total) > int(before):
                self.model.log_operation(DISARMAMENT, pair.id, None, int(total) - int(before))

    def disarm_under(self, pair: Pair) -> float:
        """Fighters of both communities who lay down arms, band after band, as the budget allows."""
        gave_up = []
        for band in pair.bands:
            if band.agreement is pair:
                given = band.lay_down_arms(self.disarmament_budget)
                self.disarmament_budget -= given
                gave_up.append(given)
        return added(gave_up)

    # -- services ------------------------------------------------------------------------------------------------------

    def next_village(self) -> Village | None:
        """The largest where services can return."""
        return next((v for v in self.model.villages_by_size if v.can_be_served), None)

    def serve(self) -> None:
        self.services_budget = weekly_budget(self.services_budget, self.model.numbers.services_per_week)
        while self.services_budget >= 1.0:
            village = self.next_village()
            if village is None:
                break
            village.return_services()
            self.services_budget -= 1.0
