"""Calibration checks that pass right posteriors, and catch wrong ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from calibration.errors import CalibrationError
from calibration.reference_table import ReferenceTable
from calibration.regression_abc import Posterior, RegressionAbc, fit
from calibration.sbc import (
    LEAST_P,
    VERDICT_IDENTIFIED,
    VERDICT_MISCALIBRATED,
    VERDICT_UNIDENTIFIED,
    VERDICT_WEAKLY,
    Calibration,
    as_text,
    check,
    verdict,
)
from calibration.transforms import Transform

Floats = NDArray[np.float64]

ROWS = 20_000
NOISE = np.array([0.4, 2.0, np.inf])  # of what is seen of each parameter; the third is not seen at all
CONTRACTION = np.array([1 / (1 + 0.4**2), 1 / (1 + 2.0**2), 0.0])
# Seeds are fixed. A right posterior falls below a p-value of one in a thousand once in a thousand comparisons.
RIGHT_P = 0.001


@cache
def model() -> RegressionAbc:
    """Three normal parameters: well seen, barely seen, not seen."""
    draw = np.random.default_rng(21)
    theta, noise = draw.normal(size=(ROWS, 3)), draw.normal(size=(ROWS, 4))
    seen = np.where(np.isinf(NOISE), 0.0, theta) + np.where(np.isinf(NOISE), 1.0, NOISE) * noise[:, :3]
    table = ReferenceTable(
        np.arange(ROWS), theta, np.column_stack([seen, noise[:, 3]]),
        ("well", "barely", "not"), ("a", "b", "c", "d"), {},
    )  # fmt: skip
    return fit(table, accept=0.05)


@cache
def checked(seed: int = 1) -> Calibration:
    return check(model(), seed=seed)


@dataclass(frozen=True, eq=False)
class Wrong(RegressionAbc):
    """A posterior whose spread is multiplied, and that is shown statistics that were moved."""

    spread: float = 1.0
    shift: float = 0.0

    def posterior(self, observed: Floats, without: int | None = None) -> Posterior:
        right = super().posterior(observed + np.array([self.shift, 0.0, 0.0, 0.0]), without)
        middle = right.weights @ right.transformed
        drawn = middle + self.spread * (right.transformed - middle)
        return replace(right, draws=drawn, transformed=drawn)


def wrong(spread: float = 1.0, shift: float = 0.0) -> Wrong:
    m = model()
    return Wrong(m.table, m.transforms, m.accept, m.summaries, m.targets, m.scaled, spread, shift)


# --- right posteriors -----------------------------------------------------------------------------------------------


@pytest.mark.statistical
def test_right_posteriors_pass() -> None:
    well, barely, unseen = checked().recovery
    assert [r.parameter for r in checked().recovery] == ["well", "barely", "not"]
    assert min(r.p_value for r in checked().recovery) > RIGHT_P
    verdicts = [r.verdict for r in checked().recovery]
    assert verdicts == [VERDICT_IDENTIFIED, VERDICT_WEAKLY, VERDICT_UNIDENTIFIED]
    for r, contraction in zip(checked().recovery, CONTRACTION, strict=True):
        assert r.tests == 500
        # Limits of four standard errors of 500 tests: one comparison in 16,000 fails by chance.
        assert r.coverage_50 == pytest.approx(0.5, abs=0.09)
        assert r.coverage_90 == pytest.approx(0.9, abs=0.054)
        assert r.contraction == pytest.approx(contraction, abs=0.02)
        assert r.r_squared == pytest.approx(contraction, abs=4 * np.sqrt(2 / 500) * (1 - contraction) + 0.02)
        assert r.z_mean == pytest.approx(0.0, abs=4 / np.sqrt(500))
        assert r.z_sd == pytest.approx(1.0, abs=4 / np.sqrt(1000))
    assert well.correlation == pytest.approx(np.sqrt(CONTRACTION[0]), abs=0.03)
    assert barely.correlation == pytest.approx(np.sqrt(CONTRACTION[1]), abs=4 * 0.8 / np.sqrt(500))
    assert abs(unseen.correlation) < 4 / np.sqrt(500)


def test_ranks_and_rows() -> None:
    found = checked()
    assert found.ranks.shape == (500, 3)
    assert (found.ranks.min(), found.ranks.max()) == (0, 99)
    assert len(set(found.rows.tolist())) == 500
    assert found.counts(10).sum(axis=0).tolist() == [500] * 3
    assert (found.counts(20).reshape(10, 2, 3).sum(axis=1) == found.counts(10)).all()
    again = check(model(), seed=1)
    assert (again.ranks == found.ranks).all()
    assert again.recovery == found.recovery
    assert (check(model(), 50, seed=2).rows != check(model(), 50, seed=1).rows).any()


@pytest.mark.slow
@pytest.mark.statistical
def test_false_alarms_are_as_rare_as_they_say() -> None:
    """Thirty checks of three right posteriors: p-values are uniform, and one in a hundred is called miscalibrated."""
    recovery = [r for seed in range(30) for r in check(model(), 100, seed=100 + seed, bins=10).recovery]
    p_values = np.array([r.p_value for r in recovery])
    assert stats.kstest(p_values, "uniform").pvalue > RIGHT_P
    # Binomial of 90 and 0.01: more than 7 has probability 5e-6.
    assert (p_values <= LEAST_P).sum() <= 7


@pytest.mark.statistical
def test_neighbourhood_of_what_was_observed() -> None:
    observed = np.array([1.5, -1.0, 0.0, 0.5])
    found = check(model(), seed=1, near=observed, near_share=0.1)
    distances = model().distances(observed)
    assert distances[found.rows].max() <= np.sort(distances)[round(0.1 * ROWS)]
    assert min(r.p_value for r in found.recovery) > RIGHT_P
    well = found.recovery[0]
    assert well.contraction == pytest.approx(CONTRACTION[0], abs=0.02)
    assert well.correlation < 0.8  # truths near to one observation are much alike
    shifted = check(wrong(shift=0.3), seed=1, near=observed, near_share=0.1)
    assert shifted.recovery[0].p_value < LEAST_P


# --- wrong ones -----------------------------------------------------------------------------------------------------


@pytest.mark.statistical
@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_a_posterior_of_wrong_width_is_caught(spread: float) -> None:
    found = check(wrong(spread=spread), seed=1).recovery
    assert max(r.p_value for r in found) < 1e-6
    assert {r.verdict for r in found} == {VERDICT_MISCALIBRATED}
    for r in found:
        assert r.z_sd == pytest.approx(1 / spread, rel=0.15)
        assert (r.coverage_90 < 0.75) if spread < 1 else (r.coverage_90 > 0.96)


@pytest.mark.statistical
def test_a_shifted_statistic_is_caught_where_it_matters() -> None:
    well, barely, unseen = check(wrong(shift=0.3), seed=1).recovery
    assert well.p_value < 1e-6
    assert well.verdict == VERDICT_MISCALIBRATED
    # The posterior mean moves by 0.3 of the weight of the statistic, over the posterior standard deviation.
    assert well.z_mean == pytest.approx(0.3 * CONTRACTION[0] / np.sqrt(1 - CONTRACTION[0]), abs=4 / np.sqrt(500) + 0.02)
    assert min(barely.p_value, unseen.p_value) > RIGHT_P


# --- single steps ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PriorOnly:
    """The right posterior of a parameter that takes two values, when nothing is seen: the prior itself."""

    table: ReferenceTable
    transforms: tuple[Transform, ...] = (Transform(),)

    def posterior(self, observed: Floats, without: int | None = None) -> Posterior:
        rows = np.flatnonzero(np.arange(len(self.table)) != without)
        draws = self.table.theta[rows]
        weights = np.full(rows.size, 1 / rows.size)
        return Posterior(("coin",), draws, weights, draws, self.table.theta.var(axis=0), rows, np.zeros(rows.size))

    def distances(self, observed: Floats) -> Floats:
        return np.zeros(len(self.table))


@pytest.mark.statistical
def test_ties_are_broken_at_random() -> None:
    coin = np.random.default_rng(22).integers(0, 2, (1000, 1)).astype(float)
    found = check(PriorOnly(ReferenceTable(np.arange(1000), coin, coin, ("coin",), ("coin",), {})), seed=3)
    assert found.recovery[0].p_value > RIGHT_P
    assert len(set(found.ranks[:, 0].tolist())) > 90
    assert found.recovery[0].correlation == pytest.approx(-1.0)  # leaving out a head leaves more tails


@pytest.mark.parametrize(
    ("p_value", "contraction", "expected"),
    [
        (0.5, 0.5, VERDICT_IDENTIFIED),
        (0.011, 0.9, VERDICT_IDENTIFIED),
        (0.01, 0.9, VERDICT_MISCALIBRATED),
        (0.5, 0.499, VERDICT_WEAKLY),
        (0.5, 0.1, VERDICT_WEAKLY),
        (0.5, 0.099, VERDICT_UNIDENTIFIED),
        (0.5, -0.1, VERDICT_UNIDENTIFIED),
    ],
)
def test_verdicts(p_value: float, contraction: float, expected: str) -> None:
    assert verdict(p_value, contraction) == expected


def test_as_text() -> None:
    lines = as_text(checked().recovery).splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("well ")
    assert lines[1].endswith("  identified")


def test_bad_questions() -> None:
    with pytest.raises(CalibrationError, match=r"^draws: expected one less than a multiple of 20, got 100$"):
        check(model(), draws=100)
    with pytest.raises(CalibrationError, match=r"^tests: expected 2 to 20000, .*, got 20001$"):
        check(model(), 20_001)
    with pytest.raises(CalibrationError, match=r"^tests: expected 2 to 1000, "):
        check(model(), 1001, near=np.zeros(4))
