"""Accountability: cases of abuse, investigations, and the risk that perpetrators perceive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from abm.accountability import LAPSE_DAYS, perceived_risk, report_chance
from abm.presence import decayed
from abm.randomness import CASE, uniform
from abm.tables import ACQUITTED, INVESTIGATED, LAPSED, REPORTED, SANCTION, SANCTIONED, UNREPORTED
from plain_mesa.logs import Event

if TYPE_CHECKING:
    from plain_mesa.model import PlainMali
    from plain_mesa.places import Fields
    from plain_mesa.village import Village

NO_DATE = -1


class Memory:
    """What one kind of perpetrator remembers of abuses and sanctions."""

    id: int
    sanctions: float
    sanctions_day: int
    abuses: float
    abuses_day: int

    def __init__(self, model: PlainMali, number: int, fields: Fields) -> None:
        vars(self).update(fields)
        self.model, self.number = model, number

    def sanctions_today(self) -> float:
        return decayed(self.sanctions, self.sanctions_day, self.model.day, self.model.numbers.q.risk_half_life)

    def abuses_today(self) -> float:
        return decayed(self.abuses, self.abuses_day, self.model.day, self.model.numbers.q.risk_half_life)

    def add_sanction(self) -> None:
        self.sanctions, self.sanctions_day = self.sanctions_today() + 1.0, self.model.day

    def add_abuse(self) -> None:
        self.abuses, self.abuses_day = self.abuses_today() + 1.0, self.model.day

    @property
    def risk(self) -> float:
        q = self.model.numbers.q
        return perceived_risk(self.sanctions_today(), self.abuses_today(), q.risk_prior, q.risk_prior_weight)


@dataclass(eq=False)
class Case:
    """An abuse that may be reported, investigated and sanctioned."""

    id: int
    day: int
    liable: int
    perpetrator: Any  # a band or an army unit
    village: Village
    status: int
    due: int = NO_DATE

    @property
    def is_open(self) -> bool:
        return self.status in (REPORTED, INVESTIGATED)


class Justice:
    """Who takes up cases, once a week."""

    def __init__(self, model: PlainMali, budget: float, first_open_case: int) -> None:
        self.model = model
        self.cases: list[Case] = []
        self.memories: list[Memory] = []
        self.budget = budget
        self.first_open_case = first_open_case

    def open_case(self, event: Event, liable: int) -> None:
        """Perpetrators remember the abuse; it may be reported."""
        model, numbers = self.model, self.model.numbers
        assert event.village is not None
        self.memories[liable].add_abuse()
        extra = numbers.extra_reporting if event.day >= numbers.accountability_from else 0.0
        presence = event.cell.un_presence(event.day, numbers)
        chance = report_chance(numbers.q.report_base, numbers.q.report_presence, presence, extra)
        u = uniform(model.seed_of_run, CASE, event.perpetrator.id, event.day, liable)
        status = REPORTED if u < chance else UNREPORTED
        self.cases.append(Case(len(self.cases), event.day, liable, event.perpetrator, event.village, status))

    def step(self) -> None:
        """Close what is due, let old reports lapse, take up the newest reports, those on the army first."""
        model = self.model
        self.grow_budget()
        still_open = [case for case in self.cases if case.is_open]
        for case in still_open:
            if case.status == INVESTIGATED and case.due <= model.day:
                self.decide(case)
            elif case.status == REPORTED and model.day - case.day > LAPSE_DAYS:
                case.status = LAPSED
        for case in sorted(still_open, key=lambda case: (case.liable, -case.id)):
            if case.status == REPORTED and self.budget >= 1.0:
                case.status, case.due = INVESTIGATED, model.day + model.numbers.sanction_days
                self.budget -= 1.0
                model.today.investigations += 1
        self.first_open_case = next((case.id for case in self.cases if case.is_open), len(self.cases))

    def grow_budget(self) -> None:
        """As many investigations as find an escort; at most one that nobody asked for is saved up."""
        model, numbers = self.model, self.model.numbers
        if model.day >= numbers.accountability_from:
            escorted = numbers.investigations_per_week * model.commander.served_share
            self.budget = min(self.budget, 1.0) + escorted

    def decide(self, case: Case) -> None:
        """The procedure ends in a sanction if the authorities cooperate."""
        model = self.model
        u = uniform(model.seed_of_run, CASE, case.perpetrator.id, case.day, 2 + case.liable)
        if u >= model.numbers.cooperation:
            case.status = ACQUITTED
            return
        case.status = SANCTIONED
        self.memories[case.liable].add_sanction()
        model.log_operation(SANCTION, case.perpetrator.number, None, case.liable)
        model.today.sanctions += 1
