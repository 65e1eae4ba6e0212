"""Points of an experiment: which sets of parameters are run, from which draw, and with which seeds.

Every design takes its sample in the unit cube and turns it into values: through the quantile of a declared prior, or
uniformly between two bounds. Nothing but the experiment's seed decides it, so it is the same on any machine.

Order: worlds are outermost, so that runs in one world follow one another and share it. Points that start from one draw
stand together, draw after draw; among them, sampled points are in the order of the sample. Where all start from the
defaults there is one world, and points are in the order that SALib's analyses expect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.declarations import Declaration, declarations
from abm.draws import DRAWS, LARGEST_BRANCHING, draw_parameters
from abm.parameters import Parameters
from abm.priors import Fixed
from runs.batch.experiment_file import (
    DRAWS_DESIGN,
    FACTORIAL,
    FROM_DRAWS,
    LHS,
    LIST,
    MORRIS,
    SOBOL,
    UncertaintiesFile,
)
from runs.design import MOST_POINTS, Point

Floats = NDArray[np.float64]

SERIES = ("n_same", "n_cross")  # must die out together
MORRIS_LEVELS = 4  # Morris 1991 (Technometrics 33:161); the usual number, and SALib's
# Trajectories reach the edges of the cube, and some priors have none: they end at these probabilities (assumption).
MORRIS_TAIL = 0.025
NEEDS_SALIB = "needs SALib: install sector-centre[analysis]"


class SamplingError(ValueError):
    """Uncertainties that cannot be sampled; the message names the field and what was expected."""


@dataclass(frozen=True)
class Uncertainty:
    """A sampled parameter.

    ``low`` and ``high`` bound its values; ``values`` are those listed, () where it is sampled; ``prior`` says whether
    its declared prior is meant rather than a uniform one.
    """

    name: str
    low: float
    high: float
    values: tuple[float, ...]
    prior: bool
    declaration: Declaration


@dataclass(frozen=True)
class Sample:
    """Points (none where embedded draws are run as they are), and what was sampled: arrays of shape (K points, d)."""

    points: tuple[Point, ...]
    unit: Floats
    inputs: Floats


def uncertainties_of(file: UncertaintiesFile) -> tuple[Uncertainty, ...]:
    """What is sampled, in the order of declaration, whatever the order of the file.

    Parameters of a group that are held or have no uncertainty declared are left out; one that is named has its own way.

    Raises:
        SamplingError: a parameter or group with nothing to sample.
    """
    named = file.parameters
    found = []
    for name, known in declarations(Parameters).items():
        if name in named:
            given = named[name]
            found.append(_uncertainty(known, given.low, given.high, given.values))
        elif known.group in file.groups and name not in file.fixed and not isinstance(known.prior, Fixed):
            found.append(_uncertainty(known, None, None, None))
    for group in file.groups:
        if all(one.declaration.group != group for one in found):
            raise SamplingError(f"groups: {group}: none of its parameters has a prior to sample; name some with bounds")
    return tuple(found)


def _uncertainty(
    known: Declaration, low: float | None, high: float | None, values: tuple[float, ...] | None
) -> Uncertainty:
    if values is not None:
        return Uncertainty(known.name, min(values), max(values), values, False, known)
    if low is not None and high is not None:
        return Uncertainty(known.name, low, high, (), False, known)
    if isinstance(known.prior, Fixed):
        raise SamplingError(f"parameters.{known.name}: has no prior to sample; give low and high")
    return Uncertainty(known.name, known.low, known.high, (), True, known)


def value_of(uncertainty: Uncertainty, u: float, tail: float = 0.0) -> float:
    """The value at a place of the unit interval, inside the bounds, whole where the parameter is.

    Args:
        uncertainty: a sampled parameter.
        u: the place, 0 to 1.
        tail: probability of the prior that is left out at each end.
    """
    known = uncertainty.declaration
    if uncertainty.prior:
        value = known.prior.quantile(tail + (1.0 - 2.0 * tail) * u, known.default)
    else:
        value = uncertainty.low + u * (uncertainty.high - uncertainty.low)
    inside = min(max(float(value), uncertainty.low), uncertainty.high)
    return float(round(inside)) if isinstance(known.default, int) else inside


def number_of_points(file: UncertaintiesFile, uncertainties: Sequence[Uncertainty]) -> int:
    """How many points a design has."""
    worlds = file.draws if file.base == FROM_DRAWS and file.draws else 1
    asked, sampled = file.points or 0, len(uncertainties)
    sizes = {
        DRAWS_DESIGN: worlds,
        LHS: asked,
        SOBOL: asked * (sampled + 2),
        MORRIS: asked * (sampled + 1),
        FACTORIAL: worlds * prod(len(one.values) for one in uncertainties),
        LIST: worlds * (len(uncertainties[0].values) if uncertainties else 0),
    }
    return sizes[file.design]


def sample(file: UncertaintiesFile, uncertainties: Sequence[Uncertainty], seed: int) -> Sample:
    """All points of a design.

    Args:
        file: the design.
        uncertainties: what is sampled, as of :func:`uncertainties_of`.
        seed: the experiment's.

    Raises:
        SamplingError: too many points, raid series that never die out, or SALib is needed and missing.
    """
    size = number_of_points(file, uncertainties)
    if not 2 <= size <= MOST_POINTS:
        raise SamplingError(f"points: expected 2 to {MOST_POINTS} (found {size})")
    if file.design == DRAWS_DESIGN:
        for k in range(size):
            _check_series({}, file.fixed, (seed * size + k) % DRAWS)
        return Sample((), np.zeros((size, 0)), np.zeros((size, 0)))
    if file.design in (FACTORIAL, LIST):
        return _listed(file, uncertainties, seed)
    return _sampled(file, uncertainties, seed)


def _listed(file: UncertaintiesFile, uncertainties: Sequence[Uncertainty], seed: int) -> Sample:
    """Points of listed values, each from every draw."""
    lengths = [len(one.values) for one in uncertainties]
    places = (
        list(product(*map(range, lengths)))
        if file.design == FACTORIAL
        else [(k,) * len(lengths) for k in range(lengths[0])]
    )
    values = [tuple(one.values[k] for one, k in zip(uncertainties, place, strict=True)) for place in places]
    unit = [[k / max(length - 1, 1) for k, length in zip(place, lengths, strict=True)] for place in places]
    points = []
    worlds = _worlds(file, seed)
    for stream, number in enumerate(worlds):
        for row in values:
            held = _held(uncertainties, row)
            _check_series(held, file.fixed, number)
            points.append(Point(number, held, stream))
    return Sample(tuple(points), np.tile(np.array(unit), (len(worlds), 1)), np.tile(np.array(values), (len(worlds), 1)))


def _sampled(file: UncertaintiesFile, uncertainties: Sequence[Uncertainty], seed: int) -> Sample:
    """Points of a sample, each from one draw: as many, give or take one, from each."""
    cube = SAMPLERS[file.design](len(uncertainties), file.points or 0, seed)
    worlds = _worlds(file, seed)
    streams = np.arange(len(cube)) % len(worlds)
    order = np.argsort(streams, kind="stable")
    tail = MORRIS_TAIL if file.design == MORRIS else 0.0
    points, rows = [], []
    for u, stream in zip(cube[order], streams[order].tolist(), strict=True):
        number = worlds[stream]
        row = [value_of(one, float(x), tail) for one, x in zip(uncertainties, u, strict=True)]
        held = _dying_out(_held(uncertainties, row), file.fixed, number)
        points.append(Point(number, held, stream))
        rows.append([float(held[one.name]) for one in uncertainties])
    return Sample(tuple(points), cube[order], np.array(rows))


def _worlds(file: UncertaintiesFile, seed: int) -> list[int | None]:
    """Numbers of the draws that points start from, as a design without points has them; or the defaults."""
    if file.base != FROM_DRAWS or file.draws is None:
        return [None]
    return [(seed * file.draws + k) % DRAWS for k in range(file.draws)]


def _held(uncertainties: Sequence[Uncertainty], row: Sequence[float]) -> dict[str, Any]:
    whole = {one.name for one in uncertainties if isinstance(one.declaration.default, int)}
    names = [one.name for one in uncertainties]
    return {name: round(value) if name in whole else float(value) for name, value in zip(names, row, strict=True)}


@cache
def _series_of(number: int | None) -> dict[str, float]:
    drawn = Parameters() if number is None else draw_parameters(number)
    return {name: float(getattr(drawn, name)) for name in SERIES}


def _series(held: Mapping[str, Any], fixed: Mapping[str, Any], number: int | None) -> dict[str, float]:
    """Attacks that an attack brings, by the same faction and by others, at a point."""
    if not any(name in part for name in SERIES for part in (held, fixed)):
        return dict.fromkeys(SERIES, 0.0)  # as drawn or by default, where they die out
    values = {**_series_of(number), **fixed, **held}
    return {name: float(values[name]) for name in SERIES}


def _check_series(held: Mapping[str, Any], fixed: Mapping[str, Any], number: int | None) -> None:
    series = _series(held, fixed, number)
    if sum(series.values()) > LARGEST_BRANCHING:
        start = "by default" if number is None else f"in draw {number}"
        found = ", ".join(f"{name} {value:g}" for name, value in series.items())
        raise SamplingError(
            f"{' + '.join(SERIES)}: expected at most {LARGEST_BRANCHING}, or raid series hardly die out "
            f"(found {found} {start})"
        )


def _dying_out(held: dict[str, Any], fixed: Mapping[str, Any], number: int | None) -> dict[str, Any]:
    """What is sampled of raid series, scaled down to where they die out, as :func:`abm.draws.prior_parameters` does.

    Raises:
        SamplingError: they do not even with none of what is sampled.
    """
    series = _series(held, fixed, number)
    sampled = sum(series[name] for name in SERIES if name in held)
    left = LARGEST_BRANCHING - (sum(series.values()) - sampled)
    if sampled <= left:
        return held
    if left < 0.0:
        _check_series({}, fixed, number)
    return {**held, **{name: series[name] * left / sampled for name in SERIES if name in held}}


def latin_hypercube(sampled: int, points: int, seed: int) -> Floats:
    """Latin hypercube sample (McKay, Beckman & Conover 1979, Technometrics 21:239), shape (points, sampled)."""
    from scipy.stats import qmc  # late: slow to import

    cube: Floats = qmc.LatinHypercube(d=sampled, seed=np.random.default_rng(seed)).random(points)
    return cube


def sobol_points(sampled: int, points: int, seed: int) -> Floats:
    """Saltelli's sample of a scrambled Sobol sequence for first and total order: (points × (sampled + 2), sampled)."""
    taken = _salib("sobol").sample(_problem(sampled), points, calc_second_order=False, seed=seed)
    return np.asarray(taken, np.float64)


def morris_points(sampled: int, points: int, seed: int) -> Floats:
    """Trajectories of Morris' elementary effects, shape (points × (sampled + 1), sampled)."""
    taken = _salib("morris").sample(_problem(sampled), points, num_levels=MORRIS_LEVELS, seed=seed)
    return np.asarray(taken, np.float64)


SAMPLERS = {LHS: latin_hypercube, SOBOL: sobol_points, MORRIS: morris_points}


def _problem(sampled: int) -> dict[str, Any]:
    return {"num_vars": sampled, "names": [f"x{k}" for k in range(sampled)], "bounds": [[0.0, 1.0]] * sampled}


def _salib(sampler: str) -> Any:
    """A sampler of SALib, which only these designs need."""
    try:
        return import_module(f"SALib.sample.{sampler}")
    except ImportError:
        raise SamplingError(f"design: {sampler!r} {NEEDS_SALIB}") from None
