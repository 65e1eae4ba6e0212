"""Studies of sensitivity: convergence, words, tables and figures, on made-up outcomes and on runs of the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sensitivity_samples import NAMES, SEEDS, WEIGHTS, noisy

from abm.declarations import STATUS_MARK
from runs.batch.experiment import Experiment, experiment_from
from runs.batch.sampling import morris_points, sobol_points
from runs.compare import Comparison, compare
from runs.studies.convergence import PARTS, rank_change, stage_of, stages
from runs.studies.sensitivity import morris_study, sobol_study
from runs.studies.sensitivity_indices import (
    morris_effects,
    sobol_indices,
)
from runs.studies.sensitivity_words import STATUS_WORDS
from runs.tidy import as_table

Floats = NDArray[np.float64]


# --- convergence ----------------------------------------------------------------------------------------------------


def test_change_of_ranking_by_hand() -> None:
    one = np.array([[0.6, 0.3, 0.1], [0.6, 0.3, 0.1]])
    other = np.array([[0.6, 0.3, 0.1], [0.3, 0.6, 0.1]])
    first_two = (0.36 + 0.36) / (0.36 + 0.36 + 0.01)
    assert rank_change(one, other) == pytest.approx([0.0, first_two])


def test_more_points_converge() -> None:
    values = noisy(sobol_points(4, 2048, 2) @ WEIGHTS, 0.1)
    found = stages(lambda n: sobol_indices(NAMES, values[: n * 6], 1), 2048)
    assert [stage.indices.samples for stage in found] == [2048 // part for part in PARTS]
    widths = [stage.widest for stage in found]
    assert widths == sorted(widths, reverse=True)
    few = stage_of(sobol_indices(NAMES, values[: 16 * 6], 1))
    assert not few.converged
    assert not few.values
    assert found[-1].ranking
    assert found[-1].screening


def test_equal_parameters_have_no_stable_ranking() -> None:
    """Four parameters of one influence, few points, noise: their order is that of chance."""
    unit = morris_points(4, 8, 1)
    found = stage_of(morris_effects(NAMES, unit, noisy(unit @ np.ones(4), 2.0), 1))
    assert not found.ranking
    assert not found.converged


# --- the studies ----------------------------------------------------------------------------------------------------

SMALL: dict[str, Any] = {"world": {"cercles": ["Koro"]}, "months": 1}
SAMPLED = {"n_same": {"low": 0.0, "high": 0.5}, "raid_km": {}, "militia_protection": {}}


@lru_cache
def experiment(design: str, points: int, seeds: int = SEEDS) -> Experiment:
    """A sample over three parameters, in a small world for a month: a control and an arm that differ."""
    return experiment_from(
        {
            "name": "small",
            "title": "A small experiment",
            "question": "What moves the conclusion?",
            "levers": {
                "control": {"extend": "baseline-2021", "name": "control", "title": "Control", **SMALL},
                "arms": [{"extend": "malian-strategy", "name": "strategy", "title": "Strategy", **SMALL}],
            },
            "uncertainties": {"design": design, "base": "default", "points": points, "parameters": SAMPLED},
            "outcomes": {
                "months": [1],
                "count_from": "start",
                "main": ["expected_civilian_deaths", "expected_civilian_attacks"],
            },
            "runs": {"seeds": seeds, "seed": 3},
        },
        "small",
    )


def invented(found: Experiment, effect: Floats, noise: float) -> Comparison:
    """Outcomes of an experiment in which the arm's difference is a weighted sum of the sampled positions."""
    values: dict[tuple[str, str, str], Floats] = {}
    shape = (found.design.draws, found.design.seeds)
    for number, key in enumerate(found.main):
        control = 100.0 + noisy(found.unit @ np.array([0.0, 0.0, 9.0]), 0.5, number, shape[1])
        values["control", "months-1", key] = control
        values["strategy", "months-1", key] = control + noisy(found.unit @ effect, noise, 10 + number, shape[1])
    return Comparison(found.design, ("months-1",), values, np.zeros(shape, np.int64), np.empty(0, "M8[M]"), {}, {})


def test_sobol_study_says_what_matters_and_whether_it_is_known() -> None:
    found = experiment("sobol", 256)
    study = sobol_study(found, invented(found, np.array([-4.0, 1.0, 0.0]), 0.1))
    names = [one.name for one in found.uncertainties]
    verdict, strategy, level, together, *_ = study.section.paragraphs
    assert verdict.startswith(("Converged", "Not converged: more points needed"))
    assert "Sarrazin, Pianosi & Wagener 2016" in verdict
    first = found.uncertainties[0].declaration
    assert f"moved most by {STATUS_MARK[first.status]} {names[0]} ({STATUS_WORDS[first.status]}" in strategy
    assert names[2] not in strategy
    assert f"{names[2]} (" in level
    assert "noise of seeds" in together
    rows = {(row["arm"], row["outcome"], row["parameter"]): row for row in study.rows["sobol"]}
    assert len(rows) == 9
    assert rows["strategy", found.main[0], names[0]]["ST"] == pytest.approx(16 / 17, abs=0.1)
    assert rows["control", found.main[0], names[2]]["told_from_zero"]
    assert not rows["strategy", found.main[0], names[2]]["told_from_zero"]
    table = study.section.tables[0]
    assert [row[1].split()[1] for row in table.rows[:3]] == names
    assert table.rows[2][7] == "cannot be told from zero"
    assert study.section.figure == study.section.key == "sobol"
    assert as_table(study.rows["sobol-convergence"]).num_rows == 27


def test_morris_study_says_which_way() -> None:
    found = experiment("morris", 20)
    study = morris_study(found, invented(found, np.array([-4.0, 1.0, 0.0]), 0.1))
    words = {row[1].split()[1]: row for row in study.section.tables[0].rows[:3]}
    names = [one.name for one in found.uncertainties]
    assert words[names[0]][8] == "fewer deaths beside the control"
    assert words[names[1]][8] == "more deaths beside the control"
    assert words[names[2]][8:10] == ("–", "cannot be told from zero")
    rows = {(row["arm"], row["outcome"], row["parameter"]): row for row in study.rows["morris"]}
    assert rows["strategy", found.main[0], names[0]]["mu_star"] == pytest.approx(4.0, abs=0.2)
    assert any("Tails of priors are cut off" in text for text in study.section.paragraphs)
    assert study.figure is not None


@pytest.mark.parametrize(("study", "design"), [(sobol_study, "sobol"), (morris_study, "morris")])
def test_an_arm_that_changes_nothing_has_nothing_to_explain(study: Callable[..., Any], design: str) -> None:
    found = experiment(design, 8)
    comparison = invented(found, np.zeros(3), 0.0)
    same = study(found, comparison)
    assert same.figure is None
    assert same.section.figure == ""
    assert any("the same at every point" in text for text in same.section.paragraphs)
    assert all(row["arm"] == "control" or np.isnan(row["noise_share"]) for row in same.rows[design])
    flat = replace(comparison, values={key: np.full_like(v, 5.0) for key, v in comparison.values.items()})
    assert study(found, flat).section.paragraphs[0].startswith("Nothing to explain")


@pytest.mark.parametrize(("study", "design", "points"), [(sobol_study, "sobol", 4), (morris_study, "morris", 4)])
def test_runs_of_the_model_reach_the_study(study: Callable[..., Any], design: str, points: int) -> None:
    found = experiment(design, points)
    comparison = compare(found.design)
    made = study(found, comparison)
    rows = {(row["arm"], row["parameter"]): row for row in made.rows[design] if row["outcome"] == found.main[0]}
    level = comparison.values["control", "months-1", found.main[0]]
    if design == "morris":
        known = morris_effects([one.name for one in found.uncertainties], found.unit, level, found.design.seed)
        size = "mu_star"
    else:
        known = sobol_indices([one.name for one in found.uncertainties], level, found.design.seed)
        size = "ST"
    for name, one in zip(known.names, known.size, strict=True):
        assert rows["control", name][size] == one.value
    assert made.section.paragraphs[0].startswith("Not converged: more points needed")
    assert len(made.section.tables) == 3
