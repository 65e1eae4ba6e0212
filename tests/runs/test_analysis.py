"""Findings of invented comparisons whose truth is known, and of a small real one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from abm.calendar import day_of
from abm.declarations import declarations
from abm.parameters import Parameters
from runs.analysis import (
    CHARTED,
    HEADLINES,
    all_differences,
    clock,
    costs,
    difference,
    effects,
    groups_of,
    inputs,
    interactions,
    mean_gain,
    quotients,
    rests_on,
    timeline,
)
from runs.compare import Comparison
from runs.design import load_design
from runs.outcomes import MEASURES

Invent = Callable[..., Comparison]


@pytest.fixture(scope="module")
def known(invent: Invent) -> Comparison:
    return invent()


def test_known_effects_are_found(known: Comparison) -> None:
    for arm, factor in (("extra-tobs", 0.7), ("accountability", 0.9)):
        found = difference(known, arm, "months-36", "civilian_attacks").summary
        # Binomial thinning of 400: the standard error of the mean of 80 runs is about 1; six of them.
        assert found.spread.estimate == pytest.approx(-(1 - factor) * 400, abs=6)
        assert found.resolved
        assert found.relative == pytest.approx(factor - 1, abs=0.02)


def test_no_effect_is_not_resolved(invent: Invent) -> None:
    null = invent(factors=(0.5, 0.5, 0.5, 0.5))  # one seed: the verdict is the same for ever
    verdicts = [difference(null, "extra-tobs", "months-36", key).summary.resolved for key in HEADLINES]
    assert sum(verdicts) <= 2


def test_every_arm_window_and_outcome_is_compared(known: Comparison) -> None:
    found = all_differences(known)
    assert len(found) == 3 * len(known.windows) * len(MEASURES)
    assert len({(d.arm, d.window, d.key) for d in found}) == len(found)


def test_lines_of_the_chart(known: Comparison) -> None:
    lines = effects(known, 36)
    assert len(lines) == 3 * len(CHARTED)
    assert lines[0].label == "extra TOBs"
    assert lines[0].group == "Attacks on civilians, first 36 months"
    for line in lines:
        assert line.low_future <= line.low <= line.estimate <= line.high <= line.high_future
        assert line.resolved == (line.high < 0 or line.low > 0)
    assert len({(line.group, line.unit) for line in lines}) == len(CHARTED)


def test_interaction_of_what_multiplies_is_one(known: Comparison) -> None:
    found = interactions(known, ["civilian_attacks"])
    assert [i.window for i in found] == ["months-6", "months-12", "months-36"]
    for i in found:
        assert i.found.ratio == pytest.approx(1.0, abs=0.03)


def test_interaction_that_is_there_is_found(invent: Invent) -> None:
    strong = invent(factors=(1.0, 0.7, 0.9, 0.4))
    (found,) = [i.found for i in interactions(strong, ["civilian_attacks"]) if i.window == "months-36"]
    assert found.resolved
    assert found.ratio == pytest.approx(0.4 / 0.63, abs=0.05)


def test_without_a_two_by_two_there_is_no_interaction(known: Comparison) -> None:
    fewer = Comparison(
        load_design(["extra-tobs"], draws=20), known.windows, known.values, known.clock, known.months, known.courses
    )
    assert interactions(fewer) == []


def test_cost_per_death_averted(invent: Invent) -> None:
    found = costs(invent(cost=12e6))
    assert {c.arm for c in found} == {"extra-tobs", "extra-tobs-and-accountability"}
    assert {c.window for c in found} == {"start-to-month-6", "start-to-month-12", "start-to-month-36"}
    one = next(c for c in found if c.arm == "extra-tobs")
    assert one.ratio.estimate == pytest.approx(12e6 / 120, rel=0.05)
    ((low, high),) = one.ratio.branches
    assert low < 12e6 / 120 < high
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


def test_identical_arms_are_drawn_as_no_difference(invent: Invent) -> None:
    same = effects(invent(factors=(1.0, 1.0, 1.0, 1.0), draws=4), 36)
    assert all((line.estimate, line.low, line.high, line.resolved) == (0.0, 0.0, 0.0, True) for line in same)


def test_arms_that_cost_nothing_have_no_cost(known: Comparison) -> None:
    assert costs(known) == []


def test_when_the_first_base_opens(known: Comparison, invent: Invent) -> None:
    found = clock(known)
    assert (found.runs, found.opened) == (80, 80)
    assert found.dates == (date(2022, 7, 1),) * 3
    never = clock(invent(clock=-1))
    assert (never.opened, never.dates) == (0, None)


def test_some_draws_never_open(known: Comparison) -> None:
    days = np.full((2, 2), day_of(date(2022, 7, 1)))
    days[0, 0] = -1
    mixed = Comparison(known.design, known.windows, known.values, days, known.months, known.courses)
    assert clock(mixed).opened == 3


def test_timeline_has_every_arm_month_and_column(comparison: Comparison) -> None:
    points = timeline(comparison)
    assert len(points) == 4 * len(comparison.months) * 5
    assert all(p.low <= p.mean <= p.high for p in points)
    first = [p for p in points if p.column == "troops" and p.month == date(2021, 1, 1)]
    assert len({p.mean for p in first}) == 1  # every arm starts with the same force


def test_what_conclusions_rest_on(known: Comparison) -> None:
    every = set(declarations(Parameters))
    found = {r.arm: r for r in rests_on(known)}
    names = {arm: {n for names in r.by_status.values() for n in names} for arm, r in found.items()}
    assert "delta_un" in found["extra-tobs"].by_status["literature"]
    assert "reduction_army" in found["accountability"].by_status["assumption"]
    assert "delta_un" not in names["accountability"]
    assert names["extra-tobs"] | names["accountability"] == names["extra-tobs-and-accountability"] <= every


def test_groups_of_parameters_exist(known: Comparison) -> None:
    groups = {d.group for d in declarations(Parameters).values()}
    for arm in known.design.treated:
        assert set(groups_of(arm, known.design.control)) <= groups
    assert groups_of(known.design.control, known.design.control) == ()


def test_inputs_show_the_values_drawn(invent: Invent) -> None:
    found = {i.declaration.name: i for i in inputs(invent(draws=5))}
    assert set(found) == set(declarations(Parameters))
    low, high = found["delta_un"].range
    assert found["delta_un"].declaration.low <= low < high <= found["delta_un"].declaration.high
    held = Parameters().tob_reach_km  # has no prior: the same in every draw
    assert found["tob_reach_km"].range == (held, held)
    assert not any(i.held for i in found.values())


def test_gain_of_common_draws(known: Comparison) -> None:
    found = [difference(known, "accountability", "months-36", key) for key in HEADLINES]
    # Var(control) = 400, Var(treated) = 360; the pair keeps only the thinning, 40.
    assert mean_gain(found) == pytest.approx(760 / 40, rel=0.35)  # standard error 7 %
    assert math.isnan(mean_gain([]))
