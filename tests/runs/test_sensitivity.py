"""Sensitivity indices against functions whose indices are known, noise of seeds told from effects, and the studies."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from SALib.analyze import morris as salib_morris
from SALib.test_functions import Sobol_G
from scipy import stats
from sensitivity_samples import BOTH, NAMES, SEEDS, WEIGHTS, ishigami, ishigami_indices, noisy, of_morris, of_sobol

from runs.batch.sampling import morris_points, sobol_points
from runs.folders import ResultError
from runs.studies.convergence import stage_of
from runs.studies.extras import EXTRA, needs_analysis
from runs.studies.sensitivity_indices import (
    LEVEL,
    Estimate,
    Indices,
    elementary_effects,
    morris_effects,
    seed_noise,
    sobol_indices,
)

Floats = NDArray[np.float64]


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


# --- both ------------------------------------------------------------------------------------------------------------


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
