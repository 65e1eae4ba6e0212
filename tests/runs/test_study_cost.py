"""Cost and dominance, and attacks around bases, in experiments whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from made_experiments import Experiment, Factor, design_of, factorial, made, with_rings
from pictures import texts

from abm.views.figures import render
from abm.views.plane import draw_plane
from abm.views.rings import Around, draw_rings
from runs.phrases import NOT_RESOLVED
from runs.rings import RINGS
from runs.studies.around_bases import around_bases_study, with_bases
from runs.studies.cost import cost_study
from runs.studies.value import dominator, frontier_of, value_of
from runs.worth import ASSUMED_PRICES, CURVE, WORTH

WINDOW, KEY = "start-to-month-36", "expected_civilian_deaths"
AVERTED = {"cheap": 10.0, "dear": 30.0, "wasteful": 10.0, "harmful": -10.0}
COSTS = {"cheap": 10e6, "dear": 50e6, "wasteful": 40e6, "harmful": 5e6}


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return Experiment(design_of(list(AVERTED)))


def of_arms(arm: str, window: str, key: str) -> float:
    return -AVERTED[arm]


def price(arm: str) -> float:
    return COSTS.get(arm, 0.0)


def test_without_costs_there_is_no_study(experiment: Experiment) -> None:
    assert cost_study(experiment, made(experiment.design, of_arms)) is None


def test_cost_per_death_frontier_and_dominance(experiment: Experiment) -> None:
    comparison = made(experiment.design, of_arms, of_seeds=0.5, cost=price)
    study = cost_study(experiment, comparison)
    assert study is not None
    rows = {r["arm"]: r for r in study.rows["cost"] if (r["window"], r["deaths"]) == (WINDOW, KEY)}
    assert rows["cheap"]["usd_per_death"] == pytest.approx(1e6, rel=0.05)
    assert rows["dear"]["usd_per_death"] == pytest.approx(50e6 / 30, rel=0.05)
    value = value_of(comparison, WINDOW, KEY)
    assert value.frontier == ("baseline-2021", "cheap", "dear")
    assert [(s.before, s.after) for s in value.increments] == [("baseline-2021", "cheap"), ("cheap", "dear")]
    assert value.increments[1].ratio.estimate == pytest.approx(40e6 / 20, rel=0.05)
    assert (value.by["harmful"], value.by["dear"], value.by["cheap"]) == ("baseline-2021", None, None)
    assert value.dominated["harmful"] == 1.0
    assert value.dominated["dear"] == value.dominated["baseline-2021"] == 0.0
    assert 0.2 < value.dominated["wasteful"] < 1.0  # averts as much as the cheap arm, but for noise
    # Below a million no death is worth its cost; between one and two the cheap arm is; above, the dear one.
    buys = {worth: {arm: shares[row] for arm, shares in value.best_buy.items()} for row, worth in enumerate(WORTH)}
    assert buys[300_000.0]["baseline-2021"] == 1.0
    assert buys[30_000_000.0]["dear"] == 1.0
    for shares in buys.values():
        assert sum(shares.values()) == pytest.approx(1.0)
    said = " ".join(study.section.paragraphs)
    assert ASSUMED_PRICES in study.section.paragraphs
    assert "3 of 5 arms are on the frontier, from the cheapest: baseline 2021; cheap; dear" in said
    assert "Dominated with a chance of 90 % or more: harmful (100 %)" in said
    assert {r["worth"] for r in study.rows["cost-chances"]} == {*CURVE, *WORTH}


def test_what_averts_nothing_for_sure_has_no_bounded_cost() -> None:
    experiment = Experiment(design_of(["null"]))
    comparison = made(
        experiment.design, lambda *_: 0.0, of_parameters=5.0, cost=lambda arm: 1e6 if arm == "null" else 0.0
    )
    study = cost_study(experiment, comparison)
    assert study is not None
    assert NOT_RESOLVED in str(study.section.tables[0].rows[0])
    assert not study.rows["cost"][0]["usd_per_death_bounded"]


def test_a_doubt_about_parameters_is_a_chance_of_being_dominated() -> None:
    """In a quarter of the sets of parameters the dearer arm averts less."""
    design = design_of(["cheap", "dear"], draws=40)
    comparison = made(design, of_arms, of_seeds=0.1, cost=price)
    control = comparison.values["baseline-2021", WINDOW, KEY]
    less = np.where(np.arange(40) < 10, 5.0, 30.0)[:, None]
    comparison.values["dear", WINDOW, KEY] = control - less - 0.1 * np.random.default_rng(1).random(control.shape)
    value = value_of(comparison, WINDOW, KEY)
    assert value.dominated["dear"] == pytest.approx(0.25, abs=0.01)
    assert value.by["dear"] is None


def test_equal_arms_do_not_dominate_each_other_and_share_their_chance() -> None:
    design = design_of(["one", "two"], draws=6)
    comparison = made(design, lambda *_: -10.0, of_seeds=0.0, cost=lambda arm: 0.0 if arm == "baseline-2021" else 1e6)
    for place in list(comparison.values):
        if place[0] == "two":
            comparison.values[place] = comparison.values["one", place[1], place[2]].copy()
    value = value_of(comparison, WINDOW, KEY)
    assert value.dominated["one"] == value.dominated["two"] == 0.0
    assert value.best_buy["one"][-1] == value.best_buy["two"][-1] == pytest.approx(0.5)
    assert value.frontier == ("baseline-2021", "one")


def test_mixtures_of_two_arms_dominate_too() -> None:
    cost = {"none": 0.0, "poor": 50.0, "good": 100.0, "worse": 120.0}
    averted = {"none": 0.0, "poor": 1.0, "good": 10.0, "worse": 9.0}
    assert frontier_of(cost, averted) == ("none", "good")
    assert dominator("worse", cost, averted) == "good"
    assert dominator("poor", cost, averted) is None


def test_the_plane_has_every_arm_and_names_the_frontier(experiment: Experiment) -> None:
    study = cost_study(experiment, made(experiment.design, of_arms, cost=price), run_hash="abcdef0123456789")
    assert study is not None
    assert study.figure is not None
    (ax,) = study.figure.axes
    assert len([line for line in ax.lines if line.get_marker() == "o"]) == len(AVERTED)
    found = texts(study.figure)
    assert {"cheap", "dear"} <= set(found)
    assert "wasteful" not in found
    assert any("abcdef012345" in text for text in found)
    assert render(study.figure, "svg")
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_plane([])


def test_many_arms_keep_a_readable_page() -> None:
    companies = Factor("companies", "mobile companies", "x", tuple(range(8)))
    cooperation = Factor("cooperation", "chance of a sanction", "x", (0.0, 0.2, 0.4, 0.6, 0.8, 1.0))
    experiment = factorial(companies, cooperation, draws=8)
    levels = experiment.levels
    comparison = made(
        experiment.design,
        lambda arm, *_: -5.0 * levels[arm]["companies"],
        cost=lambda arm: 1e6 * levels[arm]["companies"] if arm in levels else 0.0,
    )
    study = cost_study(experiment, comparison)
    assert study is not None
    assert len(study.section.tables[0].rows) == 42  # 8 × 6, less those without companies, which cost nothing
    assert study.section.tables[0].rows[0][0] == "1 company, cooperation 0"
    assert all(table.folded for table in study.section.tables if table.caption.startswith("Chance"))


# --- around bases -----------------------------------------------------------------------------------------------------


def test_without_bases_there_is_nothing_around_them(experiment: Experiment) -> None:
    assert around_bases_study(experiment, made(experiment.design, of_arms)) is None


def test_what_is_prevented_and_what_is_displaced_is_told_for_each_arm() -> None:
    experiment = Experiment(design_of(["prevents", "displaces", "nothing"]))
    near, far = {"prevents": -20.0, "displaces": -20.0}, {"displaces": 15.0}
    comparison = with_rings(made(experiment.design, lambda *_: 0.0), near, far)
    comparison.values.update(
        {(arm.name, "months-36", "displaced"): np.full((20, 4), 3.0) for arm in experiment.design.arms}
    )
    study = around_bases_study(experiment, comparison)
    assert study is not None
    told = {text.split(":")[0]: text for text in study.section.paragraphs}
    assert "whether some turn up farther away is not resolved" in told["prevents"]
    assert "some are displaced" in told["displaces"]
    assert "nothing can be said about displacement" in told["nothing"]
    table = study.section.tables[0]
    assert [row[0] for row in table.rows] == ["prevents", "displaces", "nothing"]
    assert table.rows[0][4] == "3.0 (3.0)"
    assert [t.caption for t in study.section.tables[1:]] == ["prevents", "displaces", "nothing"]
    assert all(t.folded for t in study.section.tables[1:])
    rows = {(r["arm"], r["ring"], r["attacks"]): r for r in study.rows["rings"]}
    assert rows["prevents", RINGS[0], "expected"]["difference"] == pytest.approx(-20.0, abs=0.3)
    assert study.figure is not None
    assert len(study.figure.axes) == 3
    for ax in study.figure.axes:
        assert len([line for line in ax.lines if line.get_marker() == "o"]) == len(RINGS)
    assert render(study.figure, "svg")


def test_of_many_arms_those_with_the_largest_effects_are_told_and_drawn() -> None:
    arms = [f"arm {n}" for n in range(15)]
    experiment = Experiment(design_of(arms, draws=6))
    comparison = with_rings(made(experiment.design, lambda *_: 0.0), {arm: -float(arm[4:]) for arm in arms}, {})
    comparison.values.update({(arm.name, "months-36", "displaced"): np.zeros((6, 4)) for arm in experiment.design.arms})
    study = around_bases_study(experiment, comparison)
    assert study is not None
    assert study.figure is not None
    assert len(study.figure.axes) == 12
    assert "arm 0" not in texts(study.figure)
    told = [text.split(":")[0] for text in study.section.paragraphs if text.startswith("arm ")]
    assert told == ["arm 11", "arm 12", "arm 13", "arm 14"]
    assert len(study.section.tables[0].rows) == 15


def test_arms_in_which_no_base_opened_are_left_out() -> None:
    experiment = Experiment(design_of(["with", "without"], draws=6))
    comparison = with_rings(made(experiment.design, lambda *_: 0.0), {}, {})
    comparison.rings["without"][..., : len(RINGS) - 1] = 0.0
    comparison.values.update({(arm.name, "months-36", "displaced"): np.zeros((6, 4)) for arm in experiment.design.arms})
    assert with_bases(comparison) == ["with"]
    study = around_bases_study(experiment, comparison)
    assert study is not None
    assert study.figure is not None
    assert len(study.figure.axes) == 1


def test_pictures_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_rings([])
    with pytest.raises(ValueError, match="not one of each"):
        Around("a", RINGS, (0.0,), (0.0,), (0.0,), (True,))
