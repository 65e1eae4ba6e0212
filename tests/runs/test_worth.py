"""Cost per death averted of invented comparisons whose truth is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from runs.compare import Comparison
from runs.design import load_design
from runs.worth import ASSUMED_PRICES, CURVE, WORTH, assumed_prices, cost_section, costs, is_costed, quotients

Invent = Callable[..., Comparison]


def test_cost_per_death_averted(invent: Invent) -> None:
    found = costs(invent(cost=12e6))
    assert {c.arm for c in found} == {"extra-tobs", "extra-tobs-and-accountability"}
    assert {c.window for c in found} == {"start-to-month-6", "start-to-month-12", "start-to-month-36"}
    one = next(c for c in found if c.arm == "extra-tobs")
    assert one.ratio.estimate == pytest.approx(12e6 / 120, rel=0.05)
    ((low, high),) = one.ratio.branches
    assert low < one.ratio.estimate < high
    assert one.averted.spread.estimate > 0
    assert list(one.acceptable) == sorted(one.acceptable)
    assert (one.acceptable[0], one.acceptable[-1]) == (pytest.approx(0.5, abs=0.5), 1.0)


def test_a_package_that_averts_nothing_has_no_bounded_cost(invent: Invent) -> None:
    found = costs(invent(factors=(0.8, 0.8, 0.8, 0.8), cost=1e6))
    assert not found[0].ratio.bounded
    assert all(share < 1.0 for share in found[0].acceptable)


def test_cost_is_bounded_only_where_deaths_averted_leave_out_zero(invent: Invent) -> None:
    weak = [invent(factors=(0.8, factor, 0.8, factor), cost=1e6, draws=8) for factor in (0.79, 0.795, 0.8, 0.805)]
    found = [c for comparison in weak for c in costs(comparison)]
    assert {c.averted.resolved for c in found} == {True, False}
    for c in found:
        assert c.ratio.bounded == c.averted.resolved
        if c.averted.resolved:
            low, high = c.averted.effect
            assert c.ratio.branches == (pytest.approx(sorted((1e6 / low, 1e6 / high))),)


def test_cost_keeps_the_doubt_that_deaths_averted_have(invent: Invent) -> None:
    """Parameters differ much and seeds little: the mean over draws is sure, what a draw averts is not."""
    plain = invent(cost=1e6)
    values = dict(plain.values)
    control = values["baseline-2021", "start-to-month-36", "civilian_deaths"]
    averted = np.linspace(10.0, 100.0, control.shape[0])[:, None] + np.array([0.0, 1.0, 0.0, 1.0])
    values["extra-tobs", "start-to-month-36", "civilian_deaths"] = control - averted
    found = next(
        c
        for c in costs(replace(plain, values=values))
        if (c.arm, c.window, c.key) == ("extra-tobs", "start-to-month-36", "civilian_deaths")
    )
    ((low, high),) = found.ratio.branches
    assert high / low == pytest.approx(found.averted.effect[1] / found.averted.effect[0])
    assert high / low > 5.0


@pytest.mark.parametrize(
    ("numerators", "denominators", "branches"),
    [
        ((2.0, 4.0), (1.0, 2.0), ((1.0, 4.0),)),
        ((2.0, 4.0), (-2.0, -1.0), ((-4.0, -1.0),)),
        ((-1.0, 4.0), (1.0, 2.0), ((-1.0, 4.0),)),
        ((2.0, 4.0), (-1.0, 2.0), ((-math.inf, -2.0), (1.0, math.inf))),
        ((-4.0, -2.0), (-1.0, 2.0), ((-math.inf, -1.0), (2.0, math.inf))),
        ((2.0, 4.0), (0.0, 2.0), ((1.0, math.inf),)),
        ((2.0, 4.0), (-2.0, 0.0), ((-math.inf, -1.0),)),
        ((-1.0, 4.0), (-1.0, 2.0), ((-math.inf, math.inf),)),
        ((2.0, 4.0), (0.0, 0.0), ()),
    ],
)
def test_quotients_of_intervals(
    numerators: tuple[float, float], denominators: tuple[float, float], branches: tuple[tuple[float, float], ...]
) -> None:
    assert quotients(numerators, denominators) == branches
    for n in np.linspace(*numerators, 7):
        for d in np.linspace(*denominators, 7):
            if d != 0.0:
                assert any(low - 1e-12 <= n / d <= high + 1e-12 for low, high in branches)


def test_arms_that_cost_nothing_have_no_cost(invent: Invent) -> None:
    assert costs(invent()) == []


def test_civilian_work_is_part_of_the_cost_and_said_apart(invent: Invent) -> None:
    comparison = invent(cost=12e6)
    window = "start-to-month-36"
    for key in ("civilian_cost", "total_cost"):
        comparison.values["accountability", window, key][:] += 3e6
    assert {arm.name for arm in comparison.design.treated if is_costed(comparison, arm.name)} == {
        "extra-tobs", "accountability", "extra-tobs-and-accountability",
    }  # fmt: skip
    found = {(c.arm, c.key): c for c in costs(comparison) if c.window == window}
    assert found["accountability", "civilian_deaths"].civilian == pytest.approx(3e6)
    assert found["accountability", "civilian_deaths"].cost.estimate == pytest.approx(3e6)
    assert found["extra-tobs", "civilian_deaths"].civilian == 0.0
    table = cost_section(comparison).tables[0]
    assert {row[0]: row[4] for row in table.rows} == {
        "extra TOBs": "–", "accountability": "3.0 million", "extra TOBs and accountability": "–",
    }  # fmt: skip


def test_the_curve_passes_through_the_chances_of_the_table(invent: Invent) -> None:
    (found, *_) = costs(invent(cost=40e6, draws=8))
    assert list(found.curve) == sorted(found.curve)
    assert len(found.curve) == len(CURVE)
    ends = [(WORTH.index(amount), CURVE.index(amount)) for amount in (WORTH[0], WORTH[-1])]
    for of_table, of_curve in ends:
        assert found.acceptable[of_table] == found.curve[of_curve]


def test_prices_are_said_to_be_assumed_where_civilian_work_differs() -> None:
    assert assumed_prices(load_design(["extra-tobs"])) == ()
    for arm in ("accountability", "malian-strategy"):
        assert assumed_prices(load_design([arm])) == (ASSUMED_PRICES,)
