"""Where the money goes: parts that add up, in an invented comparison and a small real one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from abm.scenario import UNIT_TYPES
from runs.compare import Comparison
from runs.costs import CIVILIAN_WORK, NEVER_OUT, OPERATIONS, item_label, spending, where_the_money_goes
from runs.outcomes import IN_CAMP

Invent = Callable[..., Comparison]


def test_parts_of_a_real_comparison_add_up(comparison: Comparison) -> None:
    window = "start-to-month-6"
    found = spending(comparison)
    assert {s.arm for s in found} == {arm.name for arm in comparison.design.treated}
    for s in found:
        total, extra, civilian = (
            float(np.subtract(*comparison.pair(s.arm, window, f"{part}_cost")).mean())
            for part in ("total", "extra", "civilian")
        )
        assert s.total == pytest.approx(total)
        assert sum(s.by_operation.values()) == pytest.approx(extra, abs=1.0)
        assert sum(cost for item, cost in s.by_item.items() if item in UNIT_TYPES) == pytest.approx(extra)
        assert sum(cost for item, cost in s.by_item.items() if item in CIVILIAN_WORK) == pytest.approx(civilian)


def test_months_add_up_to_the_cost_of_the_months_that_every_run_covers(comparison: Comparison) -> None:
    for s in spending(comparison):
        assert s.by_month.shape == comparison.months.shape
        assert not s.by_month[comparison.months < np.datetime64("2021-07")].any()
        assert 0.0 < s.by_month.sum() < 1.5 * s.total
    year = comparison.months.astype("datetime64[Y]") == np.datetime64("2021")
    for s in spending(comparison):
        in_year = float(np.subtract(*comparison.pair(s.arm, "year-2021", "total_cost")).mean())
        assert s.by_month[year].sum() == pytest.approx(in_year)


def test_camp_bound_troops_hold_no_base_and_cost_the_same(comparison: Comparison) -> None:
    found = {s.arm: s for s in spending(comparison)}
    camp, mobile = found["camp-bound-troops"], found["extra-tobs"]
    assert camp.by_item == mobile.by_item
    assert camp.by_operation["tob"] == 0.0 < mobile.by_operation["tob"]
    assert camp.by_operation[IN_CAMP] > mobile.by_operation[IN_CAMP]
    assert camp.by_operation[NEVER_OUT] == mobile.by_operation[NEVER_OUT] > 0.0


def test_shares_of_operations(invent: Invent) -> None:
    found = spending(invent(draws=4, cost=1e6))
    assert {s.arm for s in found} == {"extra-tobs", "extra-tobs-and-accountability"}
    assert found[0].share(("tob",)) == pytest.approx(1.0)
    assert found[0].share((IN_CAMP, NEVER_OUT)) == pytest.approx(0.0)
    assert sum(found[0].share((task,)) for task in OPERATIONS) == pytest.approx(1.0)


def test_tables_have_a_row_an_arm_and_say_nothing_where_nothing_is_paid(invent: Invent) -> None:
    part = where_the_money_goes(invent(draws=4, cost=1e6))
    by_item, by_operation, by_month = part.tables
    assert by_item.headers == ("Arm", "quick-reaction units", "all")
    assert [row[0] for row in by_item.rows] == ["extra TOBs", "extra TOBs and accountability"]
    assert dict(zip(by_operation.headers, by_operation.rows[0], strict=True))["on patrol"] == "–"
    assert by_month.folded
    assert by_month.rows[0][0] == "January 2021"
    assert item_label("services") == "services"
