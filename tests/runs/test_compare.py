"""Comparisons in a small world: common draws, clock zero, and what a lever cannot change does not change."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from abm import simulate
from abm.calendar import months_after
from runs.compare import NEVER, Comparison, can_hold_bases, compare, run_replicate
from runs.design import Design, load_design
from runs.outcomes import COURSES, MEASURES, measure
from runs.rings import COUNTED, EXPECTED, NOWHERE


def quiet(_day: int) -> None:
    """A tick that never stops anything."""


def test_values_have_draws_and_seeds(comparison: Comparison, design: Design) -> None:
    assert comparison.windows[:2] == ("months-2", "months-6")
    assert len(comparison.values) == 8 * len(comparison.windows) * len(MEASURES)
    for values in comparison.values.values():
        assert values.shape == (3, 2)
        assert np.isfinite(values).all()
    assert comparison.clock.shape == (3, 2)


def test_an_extra_base_opens_at_clock_zero_and_not_before(comparison: Comparison, design: Design) -> None:
    assert (comparison.clock > design.decision).all()
    for draw, seed in np.ndindex(3, 2):
        arm = design.in_world(design.treated[0], draw)
        clock = int(comparison.clock[draw, seed])
        records = simulate(arm, design.parameters(draw), seed=design.run_seed(draw, seed), last_day=clock + 1)
        opened = records.days["day"][records.days["extra_tobs"] > 0]
        assert opened.tolist() == [clock]


def test_a_run_alone_gives_what_the_comparison_recorded(comparison: Comparison, design: Design) -> None:
    draw, seed = 1, 1
    clock = int(comparison.clock[draw, seed])
    for arm in design.arms:
        world = design.in_world(arm, draw)
        records = simulate(world, design.parameters(draw), seed=design.run_seed(draw, seed), last_day=design.end(clock))
        alone = measure(records, clock, months_after(clock, 6))
        together = {key: comparison.values[arm.name, "months-6", key][draw, seed] for key in MEASURES}
        assert alone == together


def test_nothing_differs_before_the_decision(comparison: Comparison) -> None:
    until = np.searchsorted(comparison.months, np.datetime64("2021-07"))
    for column in COURSES:
        control = comparison.courses["baseline-2021", column][..., :until]
        for arm in comparison.design.treated:
            assert np.array_equal(comparison.courses[arm.name, column][..., :until], control)


def test_the_package_arrives_in_its_arms_only(comparison: Comparison) -> None:
    for arm in comparison.design.arms:
        extra = comparison.values[arm.name, "months-6", "extra_tobs"]
        assert ((extra > 0) == can_hold_bases(arm)).all()
        assert ((comparison.values[arm.name, "start-to-month-6", "extra_cost"] > 0) == bool(arm.package.units)).all()


def test_the_number_of_threads_changes_nothing(comparison: Comparison, design: Design) -> None:
    again = compare(design, workers=1)
    assert all(np.array_equal(again.values[key], values) for key, values in comparison.values.items())
    assert np.array_equal(again.clock, comparison.clock)


def test_an_arm_that_changes_nothing_differs_by_nothing(design: Design) -> None:
    same = design.control.model_copy(update={"name": "the-same"})
    found = compare(dataclasses.replace(design, treated=(same,), draws=2))
    for key in MEASURES:
        treated, control = found.pair("the-same", "months-6", key)
        assert np.array_equal(treated, control)


def test_without_permission_nothing_differs_and_the_draw_is_kept(design: Design) -> None:
    """Units that need land never come; measured, not assumed: months count from the decision."""
    land_only = [u.model_dump() for u in design.treated[0].package.units if u.needs_land and u.base == "Sévaré"]
    never = design.treated[0].changed(name="never", package={"permission": "never", "units": land_only})
    refused = dataclasses.replace(design, treated=(never,), draws=2)
    found = compare(refused)
    assert (found.clock == NEVER).all()
    assert found.values["never", "months-6", "events"].min() > 0
    for key in MEASURES:
        treated, control = found.pair("never", "months-6", key)
        assert np.array_equal(treated, control)


def test_clock_zero_is_the_earliest_of_the_arms_and_common(design: Design) -> None:
    early, late = design.treated[0], design.treated[0].changed(name="late", package={"decision": "2022-03-01"})
    both = dataclasses.replace(design, treated=(late, early))
    pair = run_replicate(both, 0, 0, quiet)
    alone = run_replicate(dataclasses.replace(design, treated=(early,)), 0, 0, quiet)
    assert pair.clock == alone.clock
    assert pair.outcomes["extra-tobs", "months-6"] == alone.outcomes["extra-tobs", "months-6"]
    assert pair.outcomes["late", "months-2"]["extra_tobs"] == 0.0


def test_units_bound_to_their_camps_come_and_hold_no_base(comparison: Comparison) -> None:
    camp, package = (
        {key: comparison.values[arm, "start-to-month-6", key] for key in ("extra_head_years", "extra_tobs", "tobs")}
        for arm in ("camp-bound-troops", "extra-tobs")
    )
    assert np.array_equal(camp["extra_head_years"], package["extra_head_years"])
    assert not camp["extra_tobs"].any()
    assert (package["tobs"] > camp["tobs"]).all()


def test_an_arm_whose_extra_base_never_opens_leaves_clock_zero_alone(design: Design) -> None:
    mobile, camp = design.treated[0], design.treated[-1]
    alone = run_replicate(dataclasses.replace(design, treated=(mobile,)), 0, 0, quiet)
    both = run_replicate(dataclasses.replace(design, treated=(camp, mobile)), 0, 0, quiet)
    assert both.clock == alone.clock
    assert both.outcomes["extra-tobs", "months-6"] == alone.outcomes["extra-tobs", "months-6"]
    only_camp = run_replicate(dataclasses.replace(design, treated=(camp,)), 0, 0, quiet)
    assert only_camp.clock == NEVER
    assert only_camp.rings == {}


def test_rings_add_up_to_the_outcomes_of_both_arms(comparison: Comparison, design: Design) -> None:
    assert set(comparison.rings) == {arm.name for arm in design.arms if can_hold_bases(arm)}
    for arm, counts in comparison.rings.items():
        assert counts.shape == (3, 2, 2, 2, NOWHERE + 1)
        for way, key in ((COUNTED, "civilian_attacks"), (EXPECTED, "expected_civilian_attacks")):
            treated, control = comparison.pair(arm, "months-6", key)
            assert counts[:, :, 0, way].sum(axis=-1) == pytest.approx(treated)
            assert counts[:, :, 1, way].sum(axis=-1) == pytest.approx(control)


def test_the_extra_cost_is_what_uniformed_people_do_more_of(comparison: Comparison) -> None:
    tasks = [key for key in MEASURES if key.startswith("troop_days")]
    for arm in comparison.design.treated:
        more = sum(np.subtract(*comparison.pair(arm.name, "start-to-month-6", key)) for key in tasks)
        years = np.subtract(*comparison.pair(arm.name, "start-to-month-6", "extra_head_years"))
        assert more == pytest.approx(years * 365.25)


def test_calendar_years_are_those_that_every_run_covers(comparison: Comparison) -> None:
    ends = [comparison.design.end(int(clock)) for clock in comparison.clock.ravel()]
    years = [w for w in comparison.windows if w.startswith("year-")]
    shortest = comparison.design.windows(int(comparison.clock.min()))
    assert years == [w.name for w in shortest if w.name.startswith("year-")]
    assert min(ends) == comparison.design.end(int(comparison.clock.min()))


def test_common_draws_pay(comparison: Comparison) -> None:
    """Pairs differ far less than arms vary: the noise that both share is gone."""
    treated, control = comparison.pair("accountability", "months-6", "events")
    assert (treated - control).var() < 0.5 * (treated.var() + control.var())


def test_a_batch_can_be_stopped(design: Design) -> None:
    def stop(_day: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_replicate(design, 0, 0, stop)


def test_the_default_design_covers_three_years_after_clock_zero() -> None:
    design = load_design()
    assert max(design.months) == 36
