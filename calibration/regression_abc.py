"""A posterior from a table of simulations: rejection on semi-automatic summaries, then regression adjustment.

1. Statistics become one estimated posterior mean for each parameter (:mod:`calibration.summaries`).
2. The simulations nearest to what was observed are accepted, the nearer with more weight (Epanechnikov's kernel).
3. Accepted parameters are moved to where they would be had their simulation given exactly what was observed: a local
   linear regression of their mean (Beaumont, Zhang & Balding 2002, Genetics 162:2025) and of the logarithm of their
   squared residuals (Blum & François 2010, Statistics and Computing 20:63), on scales without bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from abm.randomness import uniforms
from calibration.errors import CalibrationError
from calibration.record_table import Floats, Integers
from calibration.reference_table import ReferenceTable
from calibration.summaries import Summaries, fit_summaries
from calibration.transforms import Transform, back, for_parameters, forward

ACCEPT = 0.01  # assumption: share of the table that is accepted
PRODUCTS = 10  # assumption: statistics whose pairwise products are features
FEWEST_A_COEFFICIENT = 10  # assumption: accepted rows for each coefficient of the local regression
MOST_RESCALING = 4.0  # assumption: limit of what one residual is stretched or shrunk by

# Process of abm.randomness kept for inference from tables; day = purpose, agent = row of a table or of a posterior.
CALIBRATION = 72
RESAMPLING_ORDER, RESAMPLING_START, TEST_ROWS, TEST_TIES, TEST_DRAWS = range(5)


@dataclass(frozen=True, eq=False)
class Posterior:
    """Weighted draws (m, p) in natural units, the nearest simulation first.

    ``transformed`` are the same draws on the scales of their transforms, where ``prior_variance`` (p,) is measured too;
    ``rows`` (m,) are the accepted rows of the table, ``distances`` (m,) theirs from what was observed, in standard
    errors of the summaries.
    """

    names: tuple[str, ...]
    draws: Floats
    weights: Floats
    transformed: Floats
    prior_variance: Floats
    rows: Integers
    distances: Floats

    @property
    def effective_size(self) -> float:
        """How many draws of equal weight would be as good (Kish 1965, Survey Sampling)."""
        return float(1.0 / (self.weights @ self.weights))

    @property
    def variance(self) -> Floats:
        """Variance of each parameter on its transformed scale, shape (p,)."""
        centred = self.transformed - self.weights @ self.transformed
        spread: Floats = self.weights @ (centred * centred) / (1.0 - self.weights @ self.weights)
        return spread

    @property
    def contraction(self) -> Floats:
        """1 - variance of the posterior / variance of the prior, on the transformed scale, shape (p,)."""
        return 1.0 - self.variance / self.prior_variance

    def distance_quantiles(self, q: tuple[float, ...] = (0.0, 0.5, 1.0)) -> Floats:
        """Quantiles of the distances of accepted simulations."""
        return np.quantile(self.distances, q)

    def mean(self) -> Floats:
        """Means in natural units, shape (p,)."""
        mean: Floats = self.weights @ self.draws
        return mean

    def sd(self) -> Floats:
        """Standard deviations in natural units, shape (p,)."""
        centred = self.draws - self.mean()
        return np.sqrt(self.weights @ (centred * centred) / (1.0 - self.weights @ self.weights))

    def quantile(self, q: float) -> Floats:
        """Weighted quantile of each parameter in natural units, shape (p,)."""
        order = np.argsort(self.draws, axis=0, kind="stable")
        sorted_draws = np.take_along_axis(self.draws, order, axis=0)
        weights = self.weights[order]
        middle = np.cumsum(weights, axis=0) - weights / 2.0
        columns = zip(middle.T, sorted_draws.T, strict=True)
        return np.array([np.interp(q, places, values) for places, values in columns])

    def places(self, n: int, seed: int) -> Integers:
        """Which draws an equally weighted sample of size n holds, in random order: shape (n,).

        Systematic resampling (Carpenter, Clifford & Fearnhead 1999, IEE Proceedings F 146:2): a draw of weight w comes
        floor(n w) or that plus one times, so that there are duplicates only where n w exceeds 1.
        """
        if n < 1:
            raise CalibrationError(f"expected 1 or more draws, got {n}")
        m = np.arange(self.weights.size, dtype=np.int64)
        order = np.argsort(uniforms(seed, CALIBRATION, m, RESAMPLING_ORDER, 0), kind="stable")
        start = uniforms(seed, CALIBRATION, np.zeros(1, dtype=np.int64), RESAMPLING_START, 0)[0]
        cumulative = np.cumsum(self.weights[order])
        wanted = (start + np.arange(n)) / n * cumulative[-1]
        found: Integers = order[np.searchsorted(cumulative, wanted)]
        return found

    def sample(self, n: int, seed: int) -> Floats:
        """Draws of equal weight (n, p) in natural units, the same for the same seed; see :meth:`places`."""
        return self.draws[self.places(n, seed)]


@dataclass(frozen=True, eq=False)
class RegressionAbc:
    """A table made ready: what it takes to answer any observation, among them each of its own rows left out.

    ``targets`` (n, p) are transformed parameters, ``scaled`` (n, p) the summaries in their standard errors: a distance
    of 1 is a shift of a posterior mean by about one posterior standard deviation. So a parameter of which the
    statistics say little does not blur the choice of rows for the others.
    """

    table: ReferenceTable
    transforms: tuple[Transform, ...]
    accept: float
    summaries: Summaries
    targets: Floats
    scaled: Floats

    @property
    def accepted(self) -> int:
        """How many rows are accepted."""
        return round(self.accept * len(self.table))

    def observed_summaries(self, observed: Floats) -> Floats:
        """Summaries (p,) of observed statistics (s,), in their standard errors.

        Raises:
            CalibrationError: another number of statistics, or one without value that every simulation has.
        """
        values = np.asarray(observed, dtype=np.float64)
        names = self.table.statistic_names
        if values.shape != (len(names),):
            raise CalibrationError(f"observed: expected {len(names)} statistics, got shape {values.shape}")
        scale = self.summaries.scale
        unknown = np.setdiff1d(scale.kept[~np.isfinite(values[scale.kept])], scale.kept[scale.flagged])
        if unknown.size:
            raise CalibrationError(
                f"observed: {names[unknown[0]]}: without value, which no simulation is: leave it out of the table"
            )
        known = np.where(np.isfinite(values), values, np.nan)
        scaled: Floats = self.summaries(known[None])[0] / self.summaries.standard_errors
        return scaled

    def distances(self, observed: Floats) -> Floats:
        """Distance of every row of the table from observed statistics (s,), shape (n,)."""
        away = self.scaled - self.observed_summaries(observed)
        distances: Floats = np.sqrt(np.einsum("np,np->n", away, away))
        return distances

    def posterior(self, observed: Floats, without: int | None = None) -> Posterior:
        """Posterior given observed statistics (s,).

        Args:
            observed: statistics in the order of the table.
            without: place of a row that is left out of the table (the summaries have seen it: one row of very many).
        """
        distances = self.distances(observed)
        if without is not None:
            distances[without] = np.inf
        m = self.accepted
        nearest = np.argpartition(distances, m)[: m + 1]
        nearest = nearest[np.lexsort((nearest, distances[nearest]))]
        rows, bandwidth = nearest[:m], distances[nearest[m]]  # the first row not accepted would have weight 0
        weights = _epanechnikov(distances[rows], bandwidth)
        away = self.scaled[rows] - self.observed_summaries(observed)
        transformed = adjusted(self.targets[rows], away, weights)
        return Posterior(
            names=self.table.parameter_names,
            draws=back(self.transforms, transformed),
            weights=weights,
            transformed=transformed,
            prior_variance=self.targets.var(axis=0),
            rows=rows.astype(np.int64),
            distances=distances[rows],
        )


def fit(
    table: ReferenceTable,
    transforms: Mapping[str, Transform] | None = None,
    *,
    accept: float = ACCEPT,
    products: int = PRODUCTS,
) -> RegressionAbc:
    """Fit the summaries on a table.

    Args:
        table: simulations from the prior.
        transforms: scale on which a parameter is adjusted, by its name; identity by default.
        accept: share of the table that is accepted.
        products: of how many strongest statistics all pairwise products are features; 0 for none.

    Raises:
        CalibrationError: parameters outside the bounds of their transforms, one that does not vary, a table too small
            for the share.
    """
    names = table.parameter_names
    chosen = for_parameters(names, transforms)
    targets = forward(chosen, names, table.theta)
    spread = targets.std(axis=0)
    for name, value in zip(names, spread, strict=True):
        if not value > 0:
            raise CalibrationError(f"{name}: does not vary in the table: nothing can be learnt of it")
    fewest = FEWEST_A_COEFFICIENT * (len(names) + 1)
    if not 0.0 < accept < 1.0 or round(accept * len(table)) < fewest:
        raise CalibrationError(
            f"accept: expected a share that accepts at least {fewest} of {len(table)} rows, got {accept}"
        )
    standardised = (targets - targets.mean(axis=0)) / spread
    summaries = fit_summaries(table.statistics, standardised, table.statistic_names, products)
    scaled = summaries(table.statistics) / summaries.standard_errors
    return RegressionAbc(table, chosen, accept, summaries, targets, scaled)


def _epanechnikov(distances: Floats, bandwidth: float) -> Floats:
    """Weights that sum to 1, falling to 0 at the bandwidth; equal ones where all are equally near."""
    if not bandwidth > 0:
        return np.full(distances.size, 1.0 / distances.size)
    ratio = distances / bandwidth
    weights = np.maximum(1.0 - ratio * ratio, 0.0)
    if not weights.sum() > 0:
        return np.full(distances.size, 1.0 / distances.size)
    total: Floats = weights / weights.sum()
    return total


def adjusted(targets: Floats, away: Floats, weights: Floats) -> Floats:
    """Accepted parameters moved to where their summaries would equal the observed ones, shape (m, p).

    Args:
        targets: accepted parameters on scales without bounds, (m, p).
        away: their summaries less the observed ones, (m, q).
        weights: sum to 1, (m,).
    """
    spread = np.sqrt(weights @ (away - weights @ away) ** 2)
    regressors = away[:, spread > 0] / spread[spread > 0]
    design = np.column_stack([np.ones(len(away)), regressors])
    root = np.sqrt(weights)[:, None]

    def local(values: Floats) -> Floats:
        return np.asarray(np.linalg.lstsq(root * design, root * values, rcond=1e-10)[0], dtype=np.float64)

    mean = local(targets)
    residuals = targets - design @ mean
    # Residuals are smaller than errors by the coefficients that were fitted to them.
    effective = 1.0 / (weights @ weights)
    residuals *= np.sqrt(effective / max(effective - design.shape[1], 1.0))
    variance = weights @ residuals**2
    floor = 1e-12 * variance + np.finfo(np.float64).tiny
    logs = np.log(np.maximum(residuals**2, floor))
    fitted = local(logs)
    slope = fitted[1:] * _shrinkage(logs, design @ fitted, weights, design.shape[1] - 1)
    rescaling = np.exp(np.clip(-0.5 * regressors @ slope, -np.log(MOST_RESCALING), np.log(MOST_RESCALING)))
    moved: Floats = mean[0] + rescaling * residuals
    return moved


def _shrinkage(values: Floats, fitted: Floats, weights: Floats, slopes: int) -> Floats:
    """What of a regression's slopes is more than noise: 1 - 1/F, 0 at least (Copas 1983, JRSS B 45:311), shape (p,).

    Squared residuals say little each, and noise in their regression would widen and blur every posterior.
    """
    explained = weights @ (fitted - weights @ fitted) ** 2
    left = weights @ (values - fitted) ** 2
    degrees = max(float(1.0 / (weights @ weights)) - slopes - 1.0, 1.0)
    ratio = left * slopes / np.maximum(explained * degrees, np.finfo(np.float64).tiny)
    kept: Floats = np.clip(1.0 - ratio, 0.0, 1.0)
    return kept
