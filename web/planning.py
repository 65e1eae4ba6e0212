"""What the levers of an arm cost, before anything is run: a planning figure whose every assumption is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.calendar import DAYS_PER_MONTH, day_of
from abm.declarations import STATUS_MARK, declarations
from abm.deployment import NEVER, arrival_days
from abm.draws import DRAWS, draw_value
from abm.parameters import Parameters
from abm.scenario import UNIT_TYPES, Scenario
from abm.un_force import all_units
from abm.un_tobs import tobs_allowed
from abm.views.words import LANGUAGES
from runs.costs import CIVILIAN_WORK
from runs.outcomes import DAYS_PER_YEAR, civilian_costs
from web.choice import Choice, HasGazetteer, parameters_of, scenario_of
from web.french import Both, both, label
from web.french.numbers import day, millions, number

Floats = NDArray[np.float64]

MONTHS_PER_YEAR = 12.0
RANGE = (0.05, 0.95)
PRICES = {
    "people": "cost_per_head_year",
    "dialogue": "cost_per_dialogue_mission",
    "investigations": "cost_per_investigation",
    "disarmament": "cost_per_disarmed",
    "services": "cost_per_served_year",
}
DRAWN = (*PRICES.values(), "permission_months", "generation_months", "pledge_factor", "troops_per_tob", "rotation")


def cost(
    control: Choice, arm: Choice, assumptions: dict[str, float], uploads: HasGazetteer | None = None
) -> dict[str, Any]:
    """What an arm's levers cost beyond the control's, in US$, with what is assumed.

    ``mid`` takes every parameter as the visitor set it; ``low`` and ``high`` hold nine in ten of the draws of those
    that were not set. ``per_year`` is the price of all extra people once they are there, ``civilian_per_year`` that of
    civilian work in its first year, at most; ``whole`` is both until the run ends, with units paid from the day they
    come. ``most_tobs`` is what all mobile troops together can hold. Days are numbers from abm.calendar.DAY_ZERO.

    Raises:
        Refused: a lever or assumption that cannot be used.
    """
    before, after = scenario_of(control, uploads), scenario_of(arm, uploads)
    q = parameters_of(assumptions)
    plan = Plan(before, after, q, drawn(q, assumptions))
    return plan.told()


def drawn(q: Parameters, held: dict[str, float]) -> list[Parameters]:
    """The draws that comparisons use, of what a planning figure rests on; what a visitor set is held."""
    declared = declarations(Parameters)
    free = [name for name in DRAWN if name not in held]
    return [q.model_copy(update={name: draw_value(declared[name], k) for name in free}) for k in range(DRAWS)]


class Plan:
    """A planning figure for an arm against a control, at one set of parameters and over draws of others."""

    def __init__(self, before: Scenario, after: Scenario, q: Parameters, draws: list[Parameters]) -> None:
        self.before, self.after, self.q, self.draws = before, after, q, draws
        self.heads = {
            kind: more for kind in UNIT_TYPES if (more := heads(after).get(kind, 0) - heads(before).get(kind, 0))
        }
        self.people = sum(self.heads.values())

    def told(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return {
            "people": self.people,
            "by_type": [
                {
                    "type": kind,
                    "label": label("levers", "line.type", "options", what=kind),
                    "heads": more,
                    "per_year": self.ranged(lambda q, more=more: more * q.cost_per_head_year),  # type: ignore[misc]
                }
                for kind, more in self.heads.items()
            ],
            "per_year": self.per_year(),
            "civilian_per_year": {item: self.item(item) for item in CIVILIAN_WORK},
            "civilian": self.civilian(),
            "whole": self.whole() | {"months": self.after.months, "start": self.after.start.isoformat()},
            "mobile_companies": mobile_companies(self.after) - mobile_companies(self.before),
            "most_tobs": most_tobs(self.after, self.q),
            "most_tobs_control": most_tobs(self.before, self.q),
            "arrivals": self.arrivals(),
            "prices": [price(item, name) for item, name in PRICES.items()],
            "said": self.said(),
        }

    # --- sums -------------------------------------------------------------------------------------------------------

    def ranged(self, sum_of: Callable[[Parameters], float]) -> dict[str, float]:
        """A sum at the parameters as set, and where nine in ten of its draws lie."""
        low, high = np.quantile([sum_of(q) for q in self.draws], RANGE).tolist()
        mid = sum_of(self.q)
        return {"low": min(low, mid), "mid": mid, "high": max(high, mid)}

    def per_year(self) -> dict[str, float]:
        """Extra people, a year."""
        return self.ranged(lambda q: self.people * q.cost_per_head_year)

    def item(self, item: str) -> dict[str, Any]:
        """One kind of civilian work in its first year."""
        worth = self.ranged(lambda q: self._civilian_more(q, MONTHS_PER_YEAR)[item])
        return {"label": label("cost", "items", what=item), **worth}

    def civilian(self) -> dict[str, float]:
        """All civilian work in its first year."""
        return self.ranged(lambda q: sum(self._civilian_more(q, MONTHS_PER_YEAR).values()))

    def _civilian_more(self, q: Parameters, months: float) -> dict[str, float]:
        after, before = (civilian_costs(civilian_work(s, months, months), q) for s in (self.after, self.before))
        return {item: after[item] - before[item] for item in CIVILIAN_WORK}

    def whole(self) -> dict[str, float]:
        """Extra people and civilian work from the first day of the arm's run to its last."""
        end = day_of(self.after.start) + self.after.months * DAYS_PER_MONTH
        return self.ranged(lambda q: until_end(self.after, q, end) - until_end(self.before, q, end))

    # --- arrival ----------------------------------------------------------------------------------------------------

    def arrivals(self) -> list[dict[str, Any]]:
        """Units of the arm's package that come together: kind, number, people, and day (None: never)."""
        if not self.after.un.present or not self.after.package.units:
            return []
        units = arrival_days(self.after, self.q)
        early, late = self._arrival_ranges()
        found, first = [], 0
        for (line, when), members in groupby(units, key=lambda unit: unit):
            count = len(list(members))
            found.append({
                "type": line.type,
                "label": label("levers", "line.type", "options", what=line.type),
                "units": count,
                "people": count * line.heads,
                "base": line.base,
                "day": None if when == NEVER else when,
                "early": early[first],
                "late": late[first],
            })  # fmt: skip
            first += count
        return found

    def _arrival_ranges(self) -> tuple[list[int | None], list[int | None]]:
        """Day by unit before which it comes in one draw of twenty, and after which; None: never."""
        days = np.array([[when for _, when in arrival_days(self.after, q)] for q in self.draws], dtype=np.float64)
        days[days == NEVER] = np.inf
        early, late = np.quantile(days, RANGE, axis=0, method="inverted_cdf")
        return _or_never(early), _or_never(late)

    # --- words ------------------------------------------------------------------------------------------------------

    def said(self) -> Both:
        """Sentences that name what the figures assume."""
        sentences = [self._said_of_people(), *self._said_of_arrival()]
        before, after = most_tobs(self.before, self.q), most_tobs(self.after, self.q)
        if before != after:
            sentences.append(_said("tobs", arm=number(after), control=number(before)))
        civilian = self.civilian()
        if any(civilian.values()):
            sentences.append(_said("civilian", sum=_sum(civilian)))
        if self.people or any(civilian.values()):
            start = day(day_of(self.after.start))
            months = number(self.after.months)
            sentences += [_said("whole", months=months, start=start, sum=_sum(self.whole())), _said("ranges")]
        return {language: " ".join(sentence[language] for sentence in sentences) for language in LANGUAGES}

    def _said_of_people(self) -> Both:
        if self.people == 0:
            return _said("no_people")
        sums = self.per_year()
        if self.people < 0:
            sums = {"low": -sums["high"], "mid": -sums["mid"], "high": -sums["low"]}
        key = "more_people" if self.people > 0 else "fewer_people"
        return _said(key, people=number(abs(self.people)), sum=_sum(sums))

    def _said_of_arrival(self) -> list[Both]:
        if self.people <= 0:
            return []
        arrivals = self.arrivals()
        coming = [group for group in arrivals if group["day"] is not None]
        sentences = []
        if coming:
            last = max(coming, key=lambda group: group["day"])
            sentences.append(_said_of_last(last["day"], last["early"], last["late"]))
        never = sum(group["people"] for group in arrivals if group["day"] is None)
        if never:
            sentences.append(_said("never", people=number(never)))
        return sentences


# --- what a scenario brings -------------------------------------------------------------------------------------------


def heads(scenario: Scenario) -> Counter[str]:
    """People of a package by type of unit; none where the UN is not there."""
    found: Counter[str] = Counter()
    if scenario.un.present:
        for line in scenario.package.units:
            found[line.type] += line.units * line.heads
    return found


def mobile_companies(scenario: Scenario) -> int:
    """Units of a package that may hold a temporary operating base."""
    return sum(line.units for line in scenario.package.units if line.mobile) if scenario.un.present else 0


def most_tobs(scenario: Scenario, q: Parameters) -> int:
    """Temporary operating bases that all mobile troops together could hold, once everybody is there."""
    if not scenario.un.present:
        return 0
    units = all_units(scenario, q, day_of(scenario.start))
    mobile = sum(unit.line.heads for unit in units if unit.line.mobile and unit.arrival != NEVER)
    return int(tobs_allowed(mobile, q.troops_per_tob, q.rotation))


def civilian_work(scenario: Scenario, months: float, investigated: float) -> dict[str, float]:
    """Civilian work at the pace of the levers, if nothing holds it up: months of strategy, and of investigations.

    Services grow from none to all the villages they return to, so half of them are served on average.
    """
    strategy = scenario.strategy
    return {
        "dialogue_missions": strategy.dialogue_missions_per_month * months,
        "investigations": scenario.accountability.investigations_per_month * investigated,
        "fighters_disarmed": strategy.disarmament_per_month * months,
        "served_years": strategy.services_per_month * months * months / 2.0 / MONTHS_PER_YEAR,
    }


def until_end(scenario: Scenario, q: Parameters, end: float) -> float:
    """Cost of a package and of civilian work from the first day of a run until a day, US$."""
    start = day_of(scenario.start)
    units = arrival_days(scenario, q) if scenario.un.present else []
    years = sum(line.heads * max(0.0, end - max(when, start)) / DAYS_PER_YEAR for line, when in units if when != NEVER)
    months = [
        max(0.0, end - max(start, day_of(part.starts))) / DAYS_PER_MONTH
        for part in (scenario.strategy, scenario.accountability)
    ]
    return years * q.cost_per_head_year + sum(civilian_costs(civilian_work(scenario, *months), q).values())


# --- words ------------------------------------------------------------------------------------------------------------


def price(item: str, name: str) -> dict[str, Any]:
    """The parameter that is the price of an item, and what it rests on."""
    declared = declarations(Parameters)[name]
    return {"item": item, "name": name, "status": declared.status, "mark": STATUS_MARK[declared.status]}


def _said(key: str, **values: Both) -> Both:
    return _filled(label("cost", "said", what=key), values)


def _filled(text: Both, values: dict[str, Both]) -> Both:
    """A text with its blanks filled, each in its language."""
    english, french = (text[lang].format(**{k: v[lang] for k, v in values.items()}) for lang in LANGUAGES)
    return both(english, french)


def _said_of_last(when: int, early: int, late: int | None) -> Both:
    known = {"last": day(when), "early": day(early)}
    if late is None:
        return _said("arrival_or_never", **known)
    return (
        _said("arrival", **known, late=day(late)) if day(early) != day(late) else _said("arrival_known", last=day(when))
    )


def _sum(sums: dict[str, float]) -> Both:
    """A sum in millions with its range, where it has one."""
    written = {key: millions(sums[key]) for key in ("low", "mid", "high")}
    return _filled(label("cost", "sums", what="sure" if written["low"] == written["high"] else "range"), written)


def _or_never(days: Floats) -> list[int | None]:
    return [int(when) if np.isfinite(when) else None for when in days]
