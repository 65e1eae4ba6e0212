"""Simulation-based calibration: whether posteriors say the truth where the truth is known.

Rows of the table are taken as observed in turn, each left out of the table that answers. Their parameters were drawn
from the prior, so that the rank of the true value among posterior draws is uniform if the posterior is right (Talts et
al. 2018, arXiv:1804.06788). The regression that makes summaries is not fitted anew without the row: it has seen one row
of very many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from scipy import stats

from abm.randomness import uniforms
from calibration.errors import CalibrationError
from calibration.record_table import Floats, Integers
from calibration.reference_table import ReferenceTable
from calibration.regression_abc import CALIBRATION, TEST_DRAWS, TEST_ROWS, TEST_TIES, Posterior
from calibration.transforms import Transform, forward

TESTS = 500
DRAWS = 99  # so that ranks 0 to 99 fill 10 or 20 bins evenly
BINS = 20
LEAST_P = 0.01
IDENTIFIED, WEAKLY = 0.5, 0.1  # assumption: contraction from which a parameter counts as identified, or weakly so
NEAR = 0.05  # assumption: share of the table that counts as a neighbourhood of what was observed

VERDICT_IDENTIFIED = "identified"
VERDICT_WEAKLY = "weakly identified"
VERDICT_UNIDENTIFIED = "unidentified: kept on its prior"
VERDICT_MISCALIBRATED = "miscalibrated: kept on its prior"


class Inference(Protocol):
    """What is checked: :class:`calibration.regression_abc.RegressionAbc`, or anything that answers the same way."""

    @property
    def table(self) -> ReferenceTable:
        """The simulations."""
        ...

    @property
    def transforms(self) -> tuple[Transform, ...]:
        """Scales on which spreads are compared."""
        ...

    def posterior(self, observed: Floats, without: int | None = None) -> Posterior:
        """Posterior given observed statistics, from the table without one of its rows."""
        ...

    def distances(self, observed: Floats) -> Floats:
        """Distance of every row from observed statistics, shape (n,)."""
        ...


class Recovery(NamedTuple):
    """How well one parameter is recovered; spreads, errors and correlation are on its transformed scale.

    ``p_value`` is of ranks against uniform (Pearson's chi-square), ``coverage_50`` and ``coverage_90`` the share of
    truths inside the central intervals, ``correlation`` of posterior mean and truth, ``r_squared`` 1 - squared error of
    the posterior mean / variance of the prior, ``contraction`` 1 - mean variance of the posterior / variance of the
    prior, ``z_mean`` and ``z_sd`` of (posterior mean - truth) / posterior standard deviation: 0 and 1 if right.
    """

    parameter: str
    tests: int
    p_value: float
    coverage_50: float
    coverage_90: float
    correlation: float
    r_squared: float
    contraction: float
    z_mean: float
    z_sd: float
    verdict: str


@dataclass(frozen=True, eq=False)
class Calibration:
    """Ranks (tests, p) of truths among ``draws`` posterior draws, for each test row, and a summary by parameter."""

    rows: Integers
    ranks: Integers
    draws: int
    recovery: tuple[Recovery, ...]

    def counts(self, bins: int = BINS) -> Integers:
        """Ranks in each of equal bins, shape (bins, p)."""
        return rank_counts(self.ranks, self.draws, bins)


class _Test(NamedTuple):
    """One left-out row, each of shape (p,): rank, place of the truth in (0, 1), and mean and variance transformed."""

    rank: Integers
    place: Floats
    mean: Floats
    variance: Floats


def check(
    inference: Inference,
    tests: int = TESTS,
    seed: int = 0,
    *,
    draws: int = DRAWS,
    bins: int = BINS,
    near: Floats | None = None,
    near_share: float = NEAR,
) -> Calibration:
    """Leave rows out one by one, and see whether their parameters are found.

    Args:
        inference: what is checked, with its table.
        tests: rows, chosen by keyed draws.
        seed: of the choice of rows, of posterior draws and of ties.
        draws: of the posterior, with equal weight; one less than a multiple of ``bins``.
        bins: of the test of uniform ranks.
        near: observed statistics (s,) to stay close to: rows are chosen among the nearest, so that what is checked is
            the posterior that will be used (Säilynoja et al. 2025, arXiv:2502.03279). Ranks stay uniform, because the
            choice looks at statistics only; correlation shrinks with the range of the truths.
        near_share: share of the table that is near.

    Raises:
        CalibrationError: more tests than rows, or ranks that do not fill the bins evenly.
    """
    if bins < 2 or (draws + 1) % bins:
        raise CalibrationError(f"draws: expected one less than a multiple of {bins}, got {draws}")
    table = inference.table
    rows = left_out(inference, tests, seed, near, near_share)
    targets = forward(inference.transforms, table.parameter_names, table.theta)
    results = [_test(inference, int(row), targets[row], seed, draws) for row in rows]
    rank, place, mean, variance = (np.array(part) for part in zip(*results, strict=True))
    p_values = [float(stats.chisquare(column).pvalue) for column in rank_counts(rank, draws, bins).T]
    recovery = tuple(
        _recovery(name, p_values[k], place[:, k], mean[:, k], variance[:, k], targets[rows, k], targets[:, k].var())
        for k, name in enumerate(table.parameter_names)
    )
    return Calibration(rows, rank.astype(np.int64), draws, recovery)


def left_out(inference: Inference, tests: int, seed: int, near: Floats | None, near_share: float) -> Integers:
    """Rows to leave out, in increasing order: of the whole table, or of those near to observed statistics."""
    candidates = np.arange(len(inference.table), dtype=np.int64)
    if near is not None:
        count = round(near_share * len(inference.table))
        candidates = np.argsort(inference.distances(near), kind="stable")[:count].astype(np.int64)
    if not 2 <= tests <= candidates.size:
        raise CalibrationError(f"tests: expected 2 to {candidates.size}, the rows to choose from, got {tests}")
    order = np.argsort(uniforms(seed, CALIBRATION, candidates, TEST_ROWS, 0), kind="stable")
    return np.sort(candidates[order[:tests]])


def _test(inference: Inference, row: int, truth: Floats, seed: int, draws: int) -> _Test:
    posterior = inference.posterior(inference.table.statistics[row], without=row)
    numbers = np.arange(truth.size, dtype=np.int64)
    own_seed = int(uniforms(seed, CALIBRATION, np.array([row], dtype=np.int64), TEST_DRAWS, 0)[0] * 2**52)
    sample = posterior.transformed[posterior.places(draws, own_seed)]
    below, equal = (sample < truth).sum(axis=0), (sample == truth).sum(axis=0)
    rank = below + np.floor(uniforms(seed, CALIBRATION, numbers, TEST_TIES, row) * (equal + 1)).astype(np.int64)
    under = posterior.weights @ (posterior.transformed < truth)
    level = posterior.weights @ (posterior.transformed == truth)
    return _Test(rank, under + level / 2.0, posterior.weights @ posterior.transformed, posterior.variance)


def rank_counts(ranks: Integers, draws: int, bins: int) -> Integers:
    """Ranks 0 to ``draws`` in equal bins, shape (bins, p)."""
    width = (draws + 1) // bins
    columns = [np.bincount(column // width, minlength=bins) for column in ranks.T]
    return np.stack(columns, axis=1).astype(np.int64)


def _recovery(
    name: str, p_value: float, place: Floats, mean: Floats, variance: Floats, truth: Floats, prior_variance: float
) -> Recovery:
    error = mean - truth
    z = error / np.sqrt(variance)
    contraction = float(1.0 - variance.mean() / prior_variance)
    varies = mean.std() > 0 and truth.std() > 0
    return Recovery(
        parameter=name,
        tests=truth.size,
        p_value=p_value,
        coverage_50=float((np.abs(place - 0.5) < 0.25).mean()),
        coverage_90=float((np.abs(place - 0.5) < 0.45).mean()),
        correlation=float(np.corrcoef(mean, truth)[0, 1]) if varies else 0.0,
        r_squared=float(1.0 - (error * error).mean() / prior_variance),
        contraction=contraction,
        z_mean=float(z.mean()),
        z_sd=float(z.std()),
        verdict=verdict(p_value, contraction),
    )


def verdict(p_value: float, contraction: float) -> str:
    """What becomes of a parameter.

    A right posterior of one parameter is called miscalibrated once in a hundred (``LEAST_P``), some of eight once in
    thirteen: look at another seed before believing it.
    """
    if p_value <= LEAST_P:
        return VERDICT_MISCALIBRATED
    if contraction >= IDENTIFIED:
        return VERDICT_IDENTIFIED
    return VERDICT_WEAKLY if contraction >= WEAKLY else VERDICT_UNIDENTIFIED


def as_text(recovery: Sequence[Recovery]) -> str:
    """A table to read."""
    header = (
        f"{'parameter':32}{'p':>8}{'50 %':>7}{'90 %':>7}{'corr':>7}{'R²':>7}{'contr':>7}{'z':>7}{'sd z':>7}  verdict"
    )
    lines = [
        f"{r.parameter:32}{r.p_value:8.3f}{r.coverage_50:7.2f}{r.coverage_90:7.2f}{r.correlation:7.2f}"
        f"{r.r_squared:7.2f}{r.contraction:7.2f}{r.z_mean:7.2f}{r.z_sd:7.2f}  {r.verdict}"
        for r in recovery
    ]
    return "\n".join([header, *lines])
