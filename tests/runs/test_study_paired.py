"""Arms against the control, and which is best, in experiments whose effects are known."""

from __future__ import annotations

import numpy as np
import pytest
from made_experiments import Experiment, design_of, made
from pictures import texts

from abm.views.figures import render
from runs.analysis import HEADLINES
from runs.phrases import NO_DIFFERENCE, NOT_RESOLVED
from runs.statistics import shrunk_draw_means, spread
from runs.studies.best import best_arm, is_harm
from runs.studies.paired import counted, outcomes_of, paired_study
from runs.studies.together import chances_of_least, shrunk_together

WINDOW, KEY = "months-36", "expected_civilian_deaths"
EFFECTS = {"good": -20.0, "better": -30.0, "null": 0.0}


def known(arm: str, window: str, key: str) -> float:
    return EFFECTS.get(arm, 0.0)


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return Experiment(design_of(list(EFFECTS)))


def test_known_effects_are_told_and_what_is_not_resolved_is_said(experiment: Experiment) -> None:
    study = paired_study(experiment, made(experiment.design, known, of_parameters=2.0))
    table = study.section.tables[0]
    assert not table.folded
    assert [row[0] for row in table.rows] == ["good", "better", "null"]
    assert [row[-1] for row in table.rows] == ["fewer", "fewer", NOT_RESOLVED]
    assert all(table.folded for table in study.section.tables[2:])
    rows = {(r["arm"], r["window"], r["outcome"]): r for r in study.rows["paired"]}
    windows = {window for _, window, _ in rows}
    assert {"months-6", "start-to-month-36", "year-2022"} <= windows
    assert len(rows) == 3 * len(windows) * len(outcomes_of(experiment))
    better = rows["better", WINDOW, KEY]
    assert better["difference"] == pytest.approx(-30.0, abs=2.0)
    assert better["effect_low"] < -30.0 < better["effect_high"] < 0.0
    # 80 runs with a standard deviation of 1 between seeds.
    assert better["monte_carlo_se"] == pytest.approx(1 / np.sqrt(80), rel=0.3)
    said = " ".join(study.section.paragraphs)
    assert "fewer than in the control in 2 of 3 arms, as more in 0; not resolved in 1" in said
    assert "Best of 4 arms, the control among them" in said


def test_main_outcomes_lead_and_come_once(experiment: Experiment) -> None:
    assert outcomes_of(experiment)[:2] == experiment.main
    assert set(outcomes_of(experiment)) == set(HEADLINES)
    assert len(outcomes_of(experiment)) == len(HEADLINES)


def test_identical_arms_differ_in_nothing_and_share_their_chance() -> None:
    experiment = Experiment(design_of(["one", "two"], draws=6))
    comparison = made(experiment.design, known, of_seeds=0.0)
    study = paired_study(experiment, comparison)
    assert [row[-1] for row in study.section.tables[0].rows] == [NO_DIFFERENCE] * 2
    assert [row["chance_best"] for row in study.rows["best"]] == pytest.approx([1 / 3] * 3)
    assert "no difference in any pair of runs in 2" in study.section.paragraphs[0]
    assert "The same as the best in every run: one; two." in " ".join(study.section.paragraphs)


def test_the_best_of_arms_that_differ_is_sure(experiment: Experiment) -> None:
    best = best_arm(made(experiment.design, known, of_parameters=1.0), WINDOW, KEY)
    assert best is not None
    assert (best.arm, best.open) == ("better", ())
    assert best.chances["better"] > 0.99
    assert {look.arm for look in best.looks} == {"better"}


def test_of_equal_arms_none_is_called_best() -> None:
    arms = [f"arm {n}" for n in range(10)]
    best = best_arm(made(design_of(arms), lambda *_: -10.0, of_seeds=5.0, random=3), WINDOW, KEY)
    assert best is not None
    assert max(best.chances.values()) < 0.6
    assert best.chances["baseline-2021"] == 0.0
    assert len(best.open) >= 6
    assert sum(best.chances.values()) == pytest.approx(1.0)


def test_the_control_may_be_best() -> None:
    design = design_of(["worse"])
    comparison = made(design, lambda arm, *_: 20.0)
    best = best_arm(comparison, WINDOW, KEY)
    assert best is not None
    assert best.arm == "baseline-2021"
    assert best.chances["worse"] == 0.0
    said = " ".join(paired_study(Experiment(design), comparison).section.paragraphs)
    assert "baseline 2021, no difference in any pair of runs by the seeds" in said


@pytest.mark.statistical
def test_the_second_look_takes_the_luck_of_the_winner_out() -> None:
    """Of 20 arms without effect the luckiest looks good to the seeds that chose it, and to the others it does not.

    The mean of 40 runs has a standard error of 0.63: over 30 comparisons, two looks each, that of the mean is 0.08
    and the bias of the best of 20 is about 1.2. Five errors: less than one false alarm in a million.
    """
    design = design_of([f"arm {n}" for n in range(20)])
    looks = []
    for random in range(30):
        comparison = made(design, lambda *_: 0.0, of_seeds=4.0, random=random)
        best = best_arm(comparison, WINDOW, KEY)
        assert best is not None
        looks += best.looks
    assert np.mean([look.judged.spread.estimate for look in looks]) == pytest.approx(0.0, abs=0.4)
    assert np.mean([look.chosen.spread.estimate for look in looks]) < -0.8


def test_with_few_seeds_there_is_no_second_look_and_that_is_said() -> None:
    experiment = Experiment(design_of(["good"], seeds=2))
    study = paired_study(experiment, made(experiment.design, known))
    assert study.rows["second-look"] == []
    assert "too favourable by an unknown amount" in " ".join(study.section.paragraphs)


def test_outcomes_that_are_no_harm_have_no_best_arm() -> None:
    assert is_harm("civilian_deaths")
    assert is_harm("displaced_people")
    assert not any(is_harm(key) for key in ("prevented", "tobs", "total_cost", "displaced", "sanctions"))
    experiment = Experiment(design_of(["good"]), main=("tobs",))
    study = paired_study(experiment, made(experiment.design, known))
    assert "no arm is called best" in " ".join(study.section.paragraphs)
    assert set(study.rows) == {"paired"}


# --- shrinking together ----------------------------------------------------------------------------------------------


def test_one_arm_alone_is_shrunk_as_ever() -> None:
    rng = np.random.default_rng(1)
    effects = 3.0 + 2.0 * rng.standard_normal((1, 12, 1)) + 2.0 * rng.standard_normal((1, 12, 4))
    shrunk, error = shrunk_together(effects)
    assert shrunk[:, 0] == pytest.approx(shrunk_draw_means(effects[0]))
    assert error[0, 0] == pytest.approx(spread(effects[0]).monte_carlo_se ** 2)


def test_arms_that_move_together_are_ranked_by_what_is_their_own() -> None:
    """What both share is large, and no reason to doubt which is better."""
    rng = np.random.default_rng(1)
    shared = 50.0 * rng.standard_normal((1, 30, 1))
    effects = shared + np.array([0.0, -2.0])[:, None, None] + 0.5 * rng.standard_normal((2, 30, 4))
    assert chances_of_least(effects)[1] > 0.99


def test_a_parameter_that_decides_gives_each_arm_its_share() -> None:
    tilt = np.where(np.arange(40) < 10, -5.0, 5.0)[None, :, None]  # one arm is best in a quarter of the sets
    noise = 0.1 * np.random.default_rng(1).standard_normal((1, 40, 4))
    chances = chances_of_least(np.concatenate([tilt + noise, np.zeros((1, 40, 4))]))
    assert chances == pytest.approx([0.25, 0.75], abs=0.01)


# --- words and pictures ----------------------------------------------------------------------------------------------


def test_from_when_months_count() -> None:
    assert "first extra base opens in any arm" in counted(design_of(["x"]))
    assert counted(design_of(["x"], count_from="start")) == (
        "Months count from the first day of every run, 1 January 2021."
    )
    decision = counted(design_of(["x"], count_from="decision"))
    assert decision.startswith("Months count from ")
    assert "the decision" in decision


def test_few_arms_are_drawn_by_outcome_and_many_in_one_ordered_list() -> None:
    few = Experiment(design_of([f"arm {n}" for n in range(12)], draws=6))
    figure = paired_study(few, made(few.design, known), run_hash="abcdef0123456789").figure
    assert figure is not None
    assert len(figure.axes) == 1 + len(few.main)  # the key, and a panel an outcome
    assert any("abcdef012345" in text for text in texts(figure))
    many = Experiment(design_of([f"arm {n}" for n in range(46)], draws=6))
    comparison = made(many.design, lambda arm, *_: -float(arm[4:] or 0) if arm.startswith("arm") else 0.0)
    study = paired_study(many, comparison)
    assert study.figure is not None
    (ax,) = study.figure.axes
    dots = [float(line.get_xdata()[0]) for line in ax.lines if line.get_marker() == "o"]
    assert len(dots) == 46
    assert dots == sorted(dots)
    assert study.section.tables[0].rows[0][0] == "arm 45"
    assert render(study.figure, "svg")


def test_few_sets_of_parameters_are_a_first_look() -> None:
    experiment = Experiment(design_of(["good"], draws=4))
    study = paired_study(experiment, made(experiment.design, known))
    assert "first look" in " ".join(study.section.paragraphs)


def test_points_that_cover_ranges_are_no_belief() -> None:
    experiment = Experiment(design_of(["good"]), sampling="lhs")
    said = " ".join(paired_study(experiment, made(experiment.design, known)).section.paragraphs)
    assert "Latin hypercube" in said
    assert "not what is believed" in said
