"""Where the money goes: cost by unit and civilian work, by operation, and by month."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from abm.parameters import Parameters
from abm.scenario import UNIT_TYPES
from abm.un_force import PATROLLING
from runs.compare import Comparison
from runs.design import arm_label, since_start
from runs.outcomes import DAYS_PER_YEAR, IN_CAMP, TASKS, civilian_costs
from runs.phrases import MILLION, number
from runs.sections import Section, Table
from runs.worth import assumed_prices, is_costed

Floats = NDArray[np.float64]

NEVER_OUT = "never_out"
OPERATIONS = {
    **TASKS,
    IN_CAMP: "in camp between tasks",
    NEVER_OUT: "engineers, aviation, police and others who hold no base and do not patrol",
}
CIVILIAN_WORK = ("dialogue", "investigations", "disarmament", "services")


@dataclass(frozen=True)
class Spending:
    """Where the money of an arm goes beyond the control's, from the first day on: means over runs, US$.

    ``by_item`` has unit types and kinds of civilian work, ``by_operation`` what uniformed people do; ``by_month`` has
    all of it in the months of the comparison, shape (months,).
    """

    arm: str
    window: str
    by_item: dict[str, float]
    by_operation: dict[str, float]
    by_month: Floats

    @property
    def total(self) -> float:
        """All that the arm costs beyond the control."""
        return sum(self.by_item.values())

    def share(self, tasks: tuple[str, ...]) -> float:
        """Share of what uniformed people cost that goes to some tasks; NaN where none are paid."""
        people = sum(self.by_operation.values())
        return sum(self.by_operation[task] for task in tasks) / people if people else math.nan


def spending(comparison: Comparison) -> list[Spending]:
    """Spending of every arm that costs more than the control, until the end of the longest window."""
    design = comparison.design
    prices = [design.parameters(draw) for draw in range(design.draws)]
    window = since_start(max(design.months))
    return [
        Spending(
            arm.name,
            window,
            by_unit(comparison, arm.name, window, prices) | by_civilian_work(comparison, arm.name, window, prices),
            by_operation(comparison, arm.name, window, prices),
            by_month(comparison, arm.name),
        )
        for arm in design.treated
        if is_costed(comparison, arm.name)
    ]


def _more(comparison: Comparison, arm: str, window: str, key: str) -> Floats:
    """Difference of an outcome from the control by draw, (K,)."""
    treated, control = comparison.pair(arm, window, key)
    found: Floats = (treated - control).mean(axis=1)
    return found


def _of_people(prices: list[Parameters]) -> Floats:
    return np.array([price.cost_per_head_year for price in prices])


def by_unit(comparison: Comparison, arm: str, window: str, prices: list[Parameters]) -> dict[str, float]:
    """Cost of extra uniformed people by type of unit, for the types that come."""
    price = _of_people(prices)
    found = {kind: float((_more(comparison, arm, window, f"head_years_{kind}") * price).mean()) for kind in UNIT_TYPES}
    return {kind: cost for kind, cost in found.items() if cost != 0.0}


def by_civilian_work(comparison: Comparison, arm: str, window: str, prices: list[Parameters]) -> dict[str, float]:
    """Cost of civilian work by what it is, for what is done."""
    keys = ("dialogue_missions", "investigations", "fighters_disarmed", "served_years")
    more = {key: _more(comparison, arm, window, key) for key in keys}
    draws = [
        civilian_costs({key: float(values[draw]) for key, values in more.items()}, price)
        for draw, price in enumerate(prices)
    ]
    found = {kind: float(np.mean([costs[kind] for costs in draws])) for kind in CIVILIAN_WORK}
    return {kind: cost for kind, cost in found.items() if cost != 0.0}


def by_operation(comparison: Comparison, arm: str, window: str, prices: list[Parameters]) -> dict[str, float]:
    """Cost of uniformed people by what they do more of than in the control; the sum is the cost of the extra people.

    Units of types that never hold a base or patrol are always in camp by the days counted, and shown apart.
    """
    price = _of_people(prices) / DAYS_PER_YEAR
    tasks = (*TASKS, IN_CAMP)
    found = {task: float((_more(comparison, arm, window, f"troop_days_{task}") * price).mean()) for task in tasks}
    units = by_unit(comparison, arm, window, prices)
    never_out = sum(cost for kind, cost in units.items() if kind not in PATROLLING)
    return {**found, IN_CAMP: found[IN_CAMP] - never_out, NEVER_OUT: never_out}


def by_month(comparison: Comparison, arm: str) -> Floats:
    """Cost beyond the control's in each month, (months,)."""
    months = comparison.months
    length = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.float64)
    more = comparison.courses[arm, "cost_per_day"] - comparison.courses[comparison.design.control.name, "cost_per_day"]
    found: Floats = more.mean(axis=(0, 1)) * length
    return found


# --- page -----------------------------------------------------------------------------------------------------------


def where_the_money_goes(comparison: Comparison) -> Section:
    """Cost by unit and civilian work, by operation and by month: means over runs."""
    found = spending(comparison)
    months = max(comparison.design.months)
    text = (
        f"Means over runs in millions of US$, beyond the control, from the first day to month {months}; the tables of "
        "cost have the intervals. People are paid whatever they do. By operation, days of UN people at each task are "
        "held against the control's: what the extra people make possible, whoever does it. Engineers, aviation and "
        "police are a column of their own, wherever they go along: they hold no base and make no patrol themselves."
    )
    tables = (
        _table("By unit and civilian work", found, [s.by_item for s in found], item_label),
        _table("By operation, uniformed people only", found, [s.by_operation for s in found], OPERATIONS.__getitem__),
        _monthly_table(comparison, found),
    )
    return Section("money", "Where the money goes", (text, *assumed_prices(comparison.design)), tables)


def item_label(item: str) -> str:
    """A unit type or kind of civilian work for a reader."""
    if item in CIVILIAN_WORK:
        return item
    return "individual police officers" if item == "individual_police" else f"{item.replace('_', '-')} units"


def _table(caption: str, found: list[Spending], parts: list[dict[str, float]], label: Callable[[str], str]) -> Table:
    order = (*UNIT_TYPES, *CIVILIAN_WORK, *OPERATIONS)
    keys = sorted({key for part in parts for key in part}, key=order.index)
    rows = tuple(
        (arm_label(s.arm), *(_millions(part.get(key, 0.0)) for key in keys), _millions(sum(part.values())))
        for s, part in zip(found, parts, strict=True)
    )
    return Table(("Arm", *(label(key) for key in keys), "all"), rows, caption=caption)


def _monthly_table(comparison: Comparison, found: list[Spending]) -> Table:
    months = [month.astype("datetime64[D]").item() for month in comparison.months]
    rows = tuple(
        (f"{month:%B %Y}", *(_millions(float(s.by_month[k])) for s in found)) for k, month in enumerate(months)
    )
    return Table(("Month", *(arm_label(s.arm) for s in found)), rows, caption="By month", folded=True)


def _millions(value: float) -> str:
    return number(value / MILLION, 1) if value else "–"
