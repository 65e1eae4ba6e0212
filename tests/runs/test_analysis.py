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
    GROUPS,
    HEADLINES,
    IN_ANY_CASE,
    all_differences,
    clock,
    difference,
    effects,
    groups_of,
    inputs,
    interactions,
    mean_gain,
    rests_on,
    timeline,
)
from runs.compare import Comparison
from runs.design import FACTORS, everything, load_design
from runs.outcomes import COURSES, MEASURES

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
    assert {i.factorial for i in found} == set(known.design.factorials)
    for i in found:
        assert i.found.ratio == pytest.approx(1.0, abs=0.03)


def test_interaction_that_is_there_is_found(invent: Invent) -> None:
    strong = invent(factors=(1.0, 0.7, 0.9, 0.4))
    (found,) = [i.found for i in interactions(strong, ["civilian_attacks"]) if i.window == "months-36"]
    assert found.resolved
    assert found.ratio == pytest.approx(0.4 / 0.63, abs=0.05)


def test_without_a_two_by_two_there_is_no_interaction(known: Comparison) -> None:
    assert interactions(replace(known, design=load_design(["extra-tobs"], draws=20))) == []


def test_each_two_by_two_has_its_interactions(invent: Invent) -> None:
    arms = [*known_arms(), "malian-strategy", "tobs-and-strategy"]
    found = interactions(invent(arms=arms, factors=(1.0, 0.7, 0.9, 0.63, 0.8, 0.4)), ["civilian_attacks"])
    long = {i.factorial.factors: i.found for i in found if i.window == "months-36"}
    assert not long["package", "accountability"].resolved
    assert long["package", "strategy"].resolved
    assert long["package", "strategy"].ratio == pytest.approx(0.4 / 0.56, abs=0.05)


def known_arms() -> list[str]:
    return ["extra-tobs", "accountability", "extra-tobs-and-accountability"]


def test_arms_are_compared_with_each_other_run_by_run(known: Comparison) -> None:
    found = difference(known, "extra-tobs", "months-36", "civilian_attacks", against="accountability").summary
    assert found.control == pytest.approx(360, abs=6)
    assert found.spread.estimate == pytest.approx(-80, abs=6)
    assert found.resolved


def test_identical_arms_are_drawn_as_no_difference(invent: Invent) -> None:
    same = effects(invent(factors=(1.0, 1.0, 1.0, 1.0), draws=4), 36)
    assert all((line.estimate, line.low, line.high, line.resolved) == (0.0, 0.0, 0.0, True) for line in same)


def test_when_the_first_base_opens(known: Comparison, invent: Invent) -> None:
    found = clock(known)
    assert (found.runs, found.opened) == (80, 80)
    assert found.dates == (date(2022, 7, 1),) * 3
    never = clock(invent(clock=-1))
    assert (never.opened, never.dates) == (0, None)


def test_some_draws_never_open(known: Comparison) -> None:
    days = np.full((2, 2), day_of(date(2022, 7, 1)))
    days[0, 0] = -1
    assert clock(replace(known, clock=days)).opened == 3


def test_timeline_has_every_arm_month_and_column(comparison: Comparison) -> None:
    points = timeline(comparison)
    assert len(points) == 8 * len(comparison.months) * len(COURSES)
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


def test_groups_of_parameters_exist_and_every_group_is_some_factors() -> None:
    groups = {d.group for d in declarations(Parameters).values()}
    named = {*IN_ANY_CASE, *(group for members in GROUPS.values() for group in members)}
    assert named == groups
    assert set(GROUPS) == set(FACTORS)


def test_groups_of_an_arm_are_those_of_what_differs() -> None:
    design = load_design(everything())
    found = {arm.name: set(groups_of(arm, design.control)) for arm in design.arms}
    assert found["baseline-2021"] == set()
    assert "convoys" in found["no-un"]
    assert {"strategy", "escorts", "cost of civilian work"} < found["malian-strategy"]
    assert not {"strategy", "deployment"} & found["accountability"]
    assert found["all-measures"] == found["extra-tobs"] | found["accountability"] | found["malian-strategy"]


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
