"""Sensitivity indices against functions whose indices are known, noise of seeds told from effects, and the studies."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from SALib.analyze import morris as salib_morris
from SALib.test_functions import Sobol_G
from scipy import stats

from abm.declarations import STATUS_MARK
from runs.batch.experiment import Experiment, experiment_from
from runs.batch.sampling import morris_points, sobol_points
from runs.compare import Comparison, compare
from runs.folders import ResultError
from runs.studies.convergence import PARTS, rank_change, stage_of, stages
from runs.studies.extras import EXTRA, needs_analysis
from runs.studies.sensitivity import morris_study, sobol_study
from runs.studies.sensitivity_indices import (
    LEVEL,
    Estimate,
    Indices,
    elementary_effects,
    morris_effects,
    seed_noise,
    sobol_indices,
)
from runs.studies.sensitivity_words import STATUS_WORDS
from runs.tidy import as_table

Floats = NDArray[np.float64]

SEEDS = 4
WEIGHTS = np.array([5.0, -3.0, 1.0, 0.0])
NAMES = ("a", "b", "c", "d")


def noisy(values: Floats, noise: float = 0.0, random: int = 1, seeds: int = SEEDS) -> Floats:
    """The outcome of a function at K points under some seeds: (K,) as (K, S)."""
    return values[:, None] + noise * np.random.default_rng(random).standard_normal((values.size, seeds))


def ishigami(unit: Floats) -> Floats:
    """Ishigami & Homma 1990 with a = 7, b = .1, on the unit cube."""
    x = np.pi * (2.0 * unit - 1.0)
    waves: Floats = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return waves


def ishigami_indices() -> tuple[list[float], list[float]]:
    """First-order and total indices in closed form."""
    a, b, pi4, pi8 = 7.0, 0.1, np.pi**4, np.pi**8
    first = [0.5 * (1.0 + b * pi4 / 5.0) ** 2, a * a / 8.0, 0.0]
    both = b * b * pi8 * 8.0 / 225.0
    whole = sum(first) + both
    return [v / whole for v in first], [v / whole for v in (first[0] + both, first[1], both)]


# --- Sobol' ---------------------------------------------------------------------------------------------------------


@pytest.mark.statistical
def test_sobol_indices_of_ishigami() -> None:
    """Six indices, each in an interval that leaves the truth out so rarely that one in a thousand samples fails."""
    found = sobol_indices(NAMES[:3], noisy(ishigami(sobol_points(3, 1024, 1))), 1)
    for estimates, known in zip((found.signed, found.size), ishigami_indices(), strict=True):
        for one, true in zip(estimates, known, strict=True):
            assert abs(one.value - true) <= one.half(1.0 - 0.001 / 6)
            assert one.half() < 0.1
    assert [found.told_from_zero(k) for k in range(3)] == [True, True, True]
    assert found.order == [0, 1, 2]
    assert found.together is not None
    assert found.together.value == pytest.approx(sum(one.value for one in found.signed))
    assert found.noise == pytest.approx(0.0, abs=1e-25)


@pytest.mark.statistical
def test_sobol_indices_of_the_g_function() -> None:
    """As above, sixteen indices; false alarm once in a thousand samples."""
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])
    values = Sobol_G.evaluate(sobol_points(8, 1024, 3), a)
    found = sobol_indices([f"x{k}" for k in range(8)], noisy(values), 1)
    first, total = Sobol_G.sensitivity_index(a), Sobol_G.total_sensitivity_index(a)
    for estimates, known in ((found.signed, first), (found.size, total)):
        for one, true in zip(estimates, known, strict=True):
            assert abs(one.value - true) <= one.half(1.0 - 0.001 / 16)
            assert one.half() < 0.15
    assert found.order[:4] == [0, 1, 2, 3]


@pytest.mark.statistical
def test_intervals_hold_the_truth_under_noise_as_often_as_they_say() -> None:
    """At least as often, for four indices in 40 samples: a binomial test, false alarm once in a thousand times."""
    truth = np.array([1.0, 4.0, 0.0]) / 12.0
    noise = 1.0
    held = 0
    for random in range(40):
        unit = sobol_points(3, 64, random)
        found = sobol_indices(NAMES[:3], noisy(unit @ np.array([1.0, 2.0, 0.0]), noise, random), random)
        of_noise = noise**2 / SEEDS
        whole = truth.sum() + of_noise
        for k in range(2):
            for one, true in ((found.signed[k], truth[k]), (found.size[k], truth[k] + of_noise)):
                held += one.interval[0] <= true / whole <= one.interval[1]
    assert held >= stats.binom.ppf(0.001, 160, LEVEL)


@pytest.mark.statistical
@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_noise_of_seeds_is_not_taken_for_an_effect(method: str) -> None:
    """Pure noise: of 120 parameters at most as many are told from zero as is stated; false alarm once in a thousand.

    Were noise not known, most of them would be: their sizes lie far from zero.
    """
    told = naive = 0
    stated = {"sobol": 0.05, "morris": 0.075}[method]
    for random in range(40):
        if method == "sobol":
            found = sobol_indices(NAMES[:3], noisy(np.zeros(5 * 32), 2.0, random), random)
        else:
            found = morris_effects(NAMES[:3], morris_points(3, 20, random), noisy(np.zeros(80), 2.0, random), random)
        told += sum(found.told_from_zero(k) for k in range(3))
        naive += sum(one.interval[0] > 0.0 for one in found.size)
    assert told <= stats.binom.ppf(0.999, 120, stated)
    assert naive > 80


def test_noise_of_seeds_is_measured() -> None:
    values = noisy(ishigami(sobol_points(3, 256, 1)), 2.0)
    assert seed_noise(values) == pytest.approx(2.0**2 / SEEDS, rel=0.1)
    found = sobol_indices(NAMES[:3], values, 1)
    assert found.noise == pytest.approx(1.0 / (13.84 + 1.0), rel=0.2)


def test_what_a_seed_adds_everywhere_is_no_noise() -> None:
    unit = sobol_points(2, 32, 1)
    values = noisy(unit @ np.array([1.0, 2.0]))
    shifted = values + np.array([0.0, 10.0, -20.0, 5.0])
    assert seed_noise(shifted) == pytest.approx(0.0, abs=1e-20)
    plain, other = (sobol_indices(("a", "b"), y, 1) for y in (values, shifted))
    assert [one.value for one in other.size] == pytest.approx([one.value for one in plain.size])
    assert [one.of_seeds for one in other.size] == pytest.approx([0.0, 0.0], abs=1e-12)


def test_seeds_that_disagree_widen_the_interval() -> None:
    """A parameter that works the other way under one seed: no number of points tells that apart, another seed might."""
    unit = sobol_points(2, 256, 1)
    slopes = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [-1.0, 1.0]]).T
    found = sobol_indices(("a", "b"), unit @ slopes, 1)
    agreed = sobol_indices(("a", "b"), unit @ np.ones((2, SEEDS)), 1)
    assert found.size[0].of_seeds > 5.0 * agreed.size[0].of_seeds
    assert found.size[0].half() > found.size[0].half_of_seeds() * 0.9 > 3.0 * agreed.size[0].half()


def test_estimates_outside_zero_to_one_are_not_clipped() -> None:
    """Few points, noise, many parameters that do nothing: some first-order estimates must be negative."""
    found = sobol_indices([f"x{k}" for k in range(8)], noisy(sobol_points(8, 8, 1) @ np.eye(8)[0], 1.0), 1)
    values = [one.value for one in found.signed]
    assert min(values) < 0.0
    assert min(one.interval[0] for one in found.size) < 0.0


# --- Morris ---------------------------------------------------------------------------------------------------------


def test_effects_of_a_linear_function_are_exact() -> None:
    unit = morris_points(4, 10, 1)
    found = morris_effects(NAMES, unit, noisy(unit @ WEIGHTS), 1)
    assert [one.value for one in found.signed] == pytest.approx(WEIGHTS)
    assert [one.value for one in found.size] == pytest.approx(np.abs(WEIGHTS))
    assert [one.value for one in found.sigma] == pytest.approx(np.zeros(4), abs=1e-12)
    assert [one.half() for one in found.size] == pytest.approx(np.zeros(4), abs=1e-12)
    assert [found.told_from_zero(k) for k in range(4)] == [True, True, True, False]
    assert stage_of(found).converged


def test_effects_are_those_of_salib() -> None:
    unit = morris_points(3, 12, 1)
    values = noisy(ishigami(unit), 1.0)
    found = morris_effects(NAMES[:3], unit, values, 1)
    effects, step = elementary_effects(unit, values)
    assert step == pytest.approx(2.0 / 3.0)
    problem = {"num_vars": 3, "names": list(NAMES[:3]), "bounds": [[0.0, 1.0]] * 3}
    known = salib_morris.analyze(problem, unit, values.mean(axis=1), seed=1)
    mean = effects.mean(axis=2)
    assert mean.mean(axis=0) == pytest.approx(known["mu"])
    assert np.abs(mean).mean(axis=0) == pytest.approx(known["mu_star"])
    assert mean.std(axis=0, ddof=1) == pytest.approx(known["sigma"])
    assert [one.value for one in found.size] == pytest.approx(known["mu_star"])
    by_points = [one.half_of_points() for one in found.size]
    assert by_points == pytest.approx(known["mu_star_conf"], rel=0.3)


def test_an_interaction_spreads_effects() -> None:
    unit = morris_points(2, 40, 1)
    found = morris_effects(("a", "b"), unit, noisy((unit[:, 0] - 0.5) * (unit[:, 1] - 0.5)), 1)
    assert all(one.value > size.value for one, size in zip(found.sigma, found.size, strict=True))


@pytest.mark.parametrize("change", [(0, 0.5), (3, 0.1)])
def test_points_that_are_no_trajectories_are_refused(change: tuple[int, float]) -> None:
    unit = morris_points(2, 4, 1)
    unit[change[0]] = change[1]
    with pytest.raises(ValueError, match="trajectories that move every parameter once"):
        elementary_effects(unit, np.zeros((12, SEEDS)))


# --- both -----------------------------------------------------------------------------------------------------------


def of_sobol(values: Floats, seed: int) -> Indices:
    return sobol_indices(NAMES, values, seed)


def of_morris(values: Floats, seed: int) -> Indices:
    return morris_effects(NAMES, morris_points(4, len(values) // 5, 1), values, seed)


BOTH = pytest.mark.parametrize(
    ("compute", "points"), [(of_sobol, sobol_points(4, 16, 1)), (of_morris, morris_points(4, 16, 1))]
)


@BOTH
def test_indices_follow_from_the_seed(compute: Callable[[Floats, int], Indices], points: Floats) -> None:
    values = noisy(points @ WEIGHTS, 1.0)
    one, same, other = (compute(values, seed) for seed in (0, 0, 1))
    assert one.size == same.size
    assert one.signed == same.signed
    assert [o.value for o in one.size] == [o.value for o in other.size]
    assert [o.of_points for o in one.size] != [o.of_points for o in other.size]


@BOTH
def test_nothing_varies(compute: Callable[[Floats, int], Indices], points: Floats) -> None:
    found = compute(np.full((len(points), SEEDS), 3.0), 1)
    assert not found.varies
    assert not any(found.told_from_zero(k) for k in range(4))
    assert not stage_of(found).converged
    assert np.isnan([one.value for one in found.size]).all()


@BOTH
def test_what_cannot_be_resampled_is_refused(compute: Callable[[Floats, int], Indices], points: Floats) -> None:
    size = len(points) // 16
    with pytest.raises(ResultError, match="at least 2"):
        compute(noisy(points[:size] @ WEIGHTS), 1)
    with pytest.raises(ValueError, match="finite"):
        compute(np.full((len(points), SEEDS), np.nan), 1)
    with pytest.raises(ValueError, match="at least 2 draws × 2 seeds"):
        compute(noisy(points @ WEIGHTS, seeds=1), 1)


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_an_effect_as_large_as_noise_is_told_by_its_sign(method: str) -> None:
    """The size does not lie above the floor, the signed index does leave zero: noise has no direction."""
    if method == "sobol":
        unit = sobol_points(2, 128, 1)
        found = sobol_indices(("a", "b"), noisy(unit[:, 0], 0.6), 1)
    else:
        unit = morris_points(2, 150, 1)
        found = morris_effects(("a", "b"), unit, noisy(unit[:, 0], 1.5), 1)
    assert found.size[0].interval[0] < found.floor < found.size[0].value
    assert found.signed[0].interval[0] > 0.0
    assert [found.told_from_zero(k) for k in range(2)] == [True, False]


def test_points_that_are_no_whole_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="a multiple of 6 points"):
        of_sobol(np.zeros((17, SEEDS)), 1)


def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    sampled = {of_sobol: sobol_points(4, 8, 1), of_morris: morris_points(4, 8, 1)}
    of_morris(noisy(sampled[of_morris] @ WEIGHTS), 1)
    for module in ("SALib.analyze.sobol", "SALib.analyze.morris"):
        monkeypatch.setitem(sys.modules, module, None)
    for compute, points in sampled.items():
        with pytest.raises(ResultError, match=re.escape(f"needs SALib: install {EXTRA}")):
            compute(noisy(points @ WEIGHTS), 1)


def test_a_library_that_is_there_but_broken_is_another_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_installed.py").write_text("import nowhere_to_be_found\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        needs_analysis("half_installed")


def test_half_widths_add_as_variances() -> None:
    points = Estimate(0.0, 3.0, 0.0, SEEDS)
    assert points.half() == points.half_of_points() == pytest.approx(3.0 * stats.norm.ppf(0.975))
    seeds = Estimate(0.0, 0.0, 2.0, SEEDS)
    assert seeds.half() == pytest.approx(2.0 * stats.t.ppf(0.975, SEEDS - 1)) == seeds.half_of_seeds()
    both = Estimate(0.0, 3.0, 2.0, SEEDS)
    freedom = 3 * (9 + 4) ** 2 / 16
    assert both.half() == pytest.approx(np.sqrt(13.0) * stats.t.ppf(0.975, freedom))


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
