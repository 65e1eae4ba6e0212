"""Designs: what is compared with what, from when, and under which seeds."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path

import pytest
from pydantic import ValidationError

from abm import Scenario
from abm.calendar import day_of, months_after
from abm.draws import DRAWS
from abm.scenario import ScenarioError
from runs.design import FACTORS, TREATED, Design, Factorial, arm_label, everything, load_design, window_label


@pytest.fixture(scope="module")
def default() -> Design:
    return load_design()


WITH_ACCOUNTABILITY = Factorial(
    ("package", "accountability"), "extra-tobs", "accountability", "extra-tobs-and-accountability"
)
WITH_STRATEGY = Factorial(("package", "strategy"), "extra-tobs", "malian-strategy", "tobs-and-strategy")


def test_the_default_has_both_two_by_twos(default: Design) -> None:
    assert [arm.name for arm in default.arms] == ["baseline-2021", *TREATED]
    assert (default.draws, default.seeds, default.months) == (25, 4, (6, 12, 36))
    assert default.factorials == (WITH_ACCOUNTABILITY, WITH_STRATEGY)


def test_two_by_twos_are_found_by_content_in_any_order() -> None:
    arms = ["extra-tobs-and-accountability", "no-un", "accountability", "extra-tobs"]
    assert load_design(arms).factorials == (WITH_ACCOUNTABILITY,)
    assert load_design(arms[:3]).factorials == ()
    assert load_design(["no-un"]).factorials == ()


def test_every_pair_of_factors_may_have_its_two_by_two(default: Design) -> None:
    strategy = Scenario.load("malian-strategy").strategy.model_dump()
    both = Scenario.load("accountability").changed(name="both", strategy=strategy)
    found = Design(default.control, (*default.treated, both)).factorials
    third = Factorial(("accountability", "strategy"), "accountability", "malian-strategy", "both")
    assert found == (WITH_ACCOUNTABILITY, WITH_STRATEGY, third)
    assert {pair for f in found for pair in f.factors} == set(FACTORS)


def test_other_levers_make_no_factorial(default: Design) -> None:
    arms = list(default.treated[:3])
    arms[2] = arms[2].changed(un={"allocation": "random"})
    assert Design(default.control, tuple(arms)).factorials == ()
    arms[2] = arms[2].changed(un={"allocation": "hotspot"}, months=24)
    assert Design(default.control, tuple(arms)).factorials == ()


def test_factors_of_arms(default: Design) -> None:
    found = {arm.name: default.factors_of(arm) for arm in default.arms}
    assert found["baseline-2021"] == ()
    assert found["camp-bound-troops"] == found["extra-tobs"] == ("package",)
    assert found["all-measures"] == ("package", "accountability", "strategy")
    assert default.factors_of(default.control.changed(months=24)) is None


def test_everything_is_what_shares_start_and_world_with_the_control(tmp_path: Path) -> None:
    found = everything()
    assert found[: len(TREATED)] == TREATED
    assert not {"baseline-2021", "history-2020"} & set(found)
    assert set(everything("extra-tobs")) == {*found, "baseline-2021"} - {"extra-tobs"}
    other = tmp_path / "other.toml"
    other.write_text('extend = "baseline-2021"\nname = "other"\nstart = 2021-02-01\n')
    assert everything(other) == ()


def test_every_replicate_has_its_own_seed(default: Design) -> None:
    designs = [load_design(draws=5, seeds=3, seed=seed) for seed in (0, 1, 2)]
    seeds = {d.run_seed(k, s) for d, k, s in product(designs, range(5), range(3))}
    assert len(seeds) == 45
    worlds = {d.in_world(d.control, k).world.seed for d, k in product(designs, range(5))}
    assert len(worlds) == 15
    assert default.run_seed(3, 2) == 3002


def test_arms_of_a_draw_share_their_world(default: Design) -> None:
    worlds = {default.in_world(arm, 7).world.model_dump_json() for arm in default.arms}
    assert len(worlds) == 1


def test_draws_differ_and_stay() -> None:
    design = load_design(fixed={"delta_un": 0.4})
    assert design.parameters(1) == load_design(fixed={"delta_un": 0.4}).parameters(1)
    assert design.parameters(1).n_same != design.parameters(2).n_same
    assert design.parameters(1).delta_un == design.parameters(2).delta_un == 0.4


def test_another_seed_takes_other_draws() -> None:
    first, second = load_design(draws=4), load_design(draws=4, seed=1)
    assert not {first.parameters(k).n_same for k in range(4)} & {second.parameters(k).n_same for k in range(4)}


def test_windows_from_clock_zero_and_by_year(default: Design) -> None:
    clock = day_of(date(2022, 7, 15))
    windows = {w.name: (w.first, w.last) for w in default.windows(clock)}
    assert windows["months-6"] == (clock, day_of(date(2023, 1, 15)))
    assert windows["months-36"] == (clock, day_of(date(2025, 7, 15)))
    assert windows["start-to-month-12"] == (day_of(date(2021, 1, 1)), day_of(date(2023, 7, 15)))
    years = [name for name in windows if name.startswith("year-")]
    assert years == ["year-2021", "year-2022", "year-2023", "year-2024"]
    assert windows["year-2024"] == (day_of(date(2024, 1, 1)), day_of(date(2025, 1, 1)))
    assert all(last <= default.end(clock) for _, last in windows.values())


def test_runs_last_the_scenarios_months_at_least(default: Design) -> None:
    assert default.end(default.first_day) == months_after(default.first_day, 36)
    assert [w.name for w in default.windows(default.first_day) if w.name.startswith("year")][-1] == "year-2023"


def test_the_decision_is_the_first_of_what_differs(default: Design) -> None:
    assert default.decision == day_of(date(2021, 7, 15))
    later = Scenario.load("accountability").changed(accountability={"starts": date(2022, 1, 1)})
    assert Design(default.control, (later,)).decision == day_of(date(2022, 1, 1))
    latest = Scenario.load("malian-strategy").changed(strategy={"starts": date(2022, 3, 1)})
    assert Design(default.control, (latest,)).decision == day_of(date(2022, 3, 1))
    assert Design(default.control, (later, latest)).decision == day_of(date(2022, 1, 1))
    assert Design(default.control, (Scenario.load("no-un"),)).decision == default.first_day


@pytest.mark.parametrize(
    ("name", "value"), [("draws", 1), ("draws", DRAWS + 1), ("seeds", 1), ("seeds", 1001), ("seed", -1)]
)
def test_numbers_out_of_range_name_their_field(name: str, value: int) -> None:
    with pytest.raises(ScenarioError, match=rf"^{name}: expected .*found {value}"):
        load_design(**{name: value})


def test_arms_that_cannot_be_compared_are_refused(default: Design) -> None:
    control = default.control
    with pytest.raises(ScenarioError, match="at least one"):
        Design(control, ())
    with pytest.raises(ScenarioError, match="two arms are named 'extra-tobs'"):
        Design(control, (default.treated[0], default.treated[0]))
    with pytest.raises(ScenarioError, match="history-2020: start: 2020-01-01 differs"):
        Design(control, (Scenario.load("history-2020"),))
    with pytest.raises(ScenarioError, match="no-un: world: differs"):
        Design(control, (Scenario.load("no-un").changed(world={"cell_km": 20}),))


def test_a_value_out_of_bounds_is_refused_before_anything_runs() -> None:
    with pytest.raises(ValidationError, match="n_same"):
        load_design(fixed={"n_same": 3.0})


def test_levers_change_every_arm(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('extend = "extra-tobs"\nname = "mine"\n')
    design = load_design([file], levers={"un": {"allocation": "population"}})
    assert {arm.un.allocation for arm in design.arms} == {"population"}
    assert design.treated[0].name == "mine"


def test_labels_are_for_readers() -> None:
    assert arm_label("extra-tobs-and-accountability") == "extra TOBs and accountability"
    assert arm_label("camp-bound-troops") == "camp-bound troops"
    assert arm_label("malian-strategy") == "Malian strategy"
    assert arm_label("no-un") == "no UN"
    assert window_label("months-36") == "first 36 months"
    assert window_label("start-to-month-6") == "start to month 6"
    assert window_label("year-2022") == "2022"
