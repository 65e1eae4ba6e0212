"""Boxes and scores of the EMA workbench as plain numbers, whichever of its versions 2 and 3 is installed.

PRIM peels thin slices off the space of inputs, one after the other, so that what is left holds ever more cases of
interest (Friedman & Fisher 1999, Statistics and Computing 9:123; for scenario discovery, Bryant & Lempert 2010,
Technological Forecasting and Social Change 77:34; the workbench: Kwakkel 2017, Environmental Modelling & Software
96:239).
"""

from __future__ import annotations

import inspect
import logging
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from runs.studies.extras import needs_analysis

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Interval = tuple[float, float]

LIBRARY, LOGGER = "ema_workbench", "EMA"
TREES = 100
SMALLEST = PEEL = 0.05  # shares of points that a box must hold, and that a slice takes off: the workbench's own
# A slice of few points stops the search where these are of interest by chance (assumption).
POINTS_OF_A_SLICE = 10
ANY = 1e-9  # version 2 counts points at or above a threshold as of interest: all that are not zero


@dataclass(frozen=True)
class Limit:
    """An input's ends in a box, infinite where it has none, and their quasi-p values, NaN where it has none.

    A quasi-p value is the chance of as many cases of interest in the box if that end did nothing: a one-sided binomial
    test (Bryant & Lempert 2010). The box was chosen to have them, so it is too small.
    """

    name: str
    low: float
    high: float
    p_low: float
    p_high: float

    @property
    def largest_p(self) -> float:
        """The weaker end's."""
        return max(p for p in (self.p_low, self.p_high) if not math.isnan(p))


@dataclass(frozen=True)
class Box:
    """Limits of some inputs.

    ``coverage`` is the share of all cases of interest that lie inside, ``density`` the share of the points inside that
    are of interest, ``mass`` the share of all points that lie inside.
    """

    limits: tuple[Limit, ...]
    coverage: float
    density: float
    mass: float

    def holds(self, x: Floats, names: Sequence[str]) -> Flags:
        """Which rows of x (K points, d inputs) lie inside."""
        inside = np.ones(len(x), dtype=np.bool_)
        for limit in self.limits:
            values = x[:, list(names).index(limit.name)]
            inside &= (values >= limit.low) & (values <= limit.high)
        return inside


def peeled(x: Floats, names: Sequence[str], of_interest: Flags) -> tuple[Box, ...]:
    """Every box that PRIM passes through, the first one limitless.

    Args:
        x: inputs, shape (K points, d).
        names: of the inputs.
        of_interest: which points are, shape (K,); some but not all.

    Raises:
        ResultError: the workbench is not installed.
    """
    import pandas as pd

    prim = _workbench("prim").Prim
    versioned = {"threshold": ANY} if "threshold" in inspect.signature(prim).parameters else {}
    frame = pd.DataFrame(np.asarray(x, np.float64), columns=list(names))
    peel = max(PEEL, min(POINTS_OF_A_SLICE / len(frame), 0.25))
    with _quiet():
        found = prim(
            frame, np.asarray(of_interest, np.float64), peel_alpha=peel, mass_min=SMALLEST, **versioned
        ).find_box()
    chances = found.p_values if hasattr(found, "p_values") else found.qp
    whole, course = found.box_lims[0], found.peeling_trajectory
    return tuple(
        Box(
            _limits(whole, limits, chances[k]),
            float(course["coverage"][k]),
            float(course["density"][k]),
            float(course["mass"][k]),
        )
        for k, limits in enumerate(found.box_lims)
    )


def measured(ends: Mapping[str, Interval], x: Floats, names: Sequence[str], of_interest: Flags) -> Box:
    """A box by the ends of its inputs, infinite where there is none, with its quasi-p values."""
    beyond = {name: _beyond(x[:, list(names).index(name)], both) for name, both in ends.items()}
    outside = np.sum([side for sides in beyond.values() for side in sides], axis=0, dtype=np.int64)
    inside = np.broadcast_to(outside == 0, of_interest.shape)

    def quasi_p(side: NDArray[np.int64], end: float) -> float:
        """Binomial chance of so many cases inside at the rate that the box would have without this end."""
        if math.isinf(end):
            return math.nan
        rate = float(of_interest[(outside - side) == 0].mean())
        return float(binom.sf(int(of_interest[inside].sum()) - 1, int(inside.sum()), rate))

    limits = tuple(
        Limit(name, low, high, quasi_p(beyond[name][0], low), quasi_p(beyond[name][1], high))
        for name, (low, high) in ends.items()
    )
    hit = float(of_interest[inside].sum())
    return Box(limits, hit / float(of_interest.sum()), hit / float(inside.sum()), float(inside.mean()))


def _beyond(values: Floats, ends: Interval) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return (values < ends[0]).astype(np.int64), (values > ends[1]).astype(np.int64)


def pruned(box: Box, x: Floats, names: Sequence[str], of_interest: Flags, largest_p: float) -> Box:
    """The box without ends that do nothing: the weakest is taken out until all have a quasi-p below ``largest_p``.

    PRIM limits an input in small steps and never looks back, so chance leaves limits that Bryant & Lempert (2010) would
    drop by hand.
    """
    while box.limits:
        weakest = max(box.limits, key=lambda limit: limit.largest_p)
        if weakest.largest_p < largest_p:
            return box
        low_is_weaker = weakest.p_low == weakest.largest_p
        ends = {limit.name: (limit.low, limit.high) for limit in box.limits}
        low, high = ends[weakest.name]
        ends[weakest.name] = (-math.inf, high) if low_is_weaker else (low, math.inf)
        kept = {name: both for name, both in ends.items() if not all(map(math.isinf, both))}
        box = measured(kept, x, names, of_interest)
    return box


def _limits(whole: Any, limits: Any, chances: Mapping[str, Sequence[float]]) -> tuple[Limit, ...]:
    found = []
    for name in whole.columns:
        ends = [float(end) for end in limits[name]]
        free = [end == float(other) for end, other in zip(ends, whole[name], strict=True)]
        if all(free):
            continue
        low, high = (math.nan if f else float(p) for p, f in zip(chances[name], free, strict=True))
        found.append(Limit(str(name), -math.inf if free[0] else ends[0], math.inf if free[1] else ends[1], low, high))
    return tuple(found)


def scores(x: Floats, names: Sequence[str], y: Floats, random_state: int, trees: int = TREES) -> Floats:
    """How much each input tells about y: importances of extremely randomised trees, which add up to one.

    Args:
        x: inputs, shape (K points, d).
        names: of the inputs.
        y: what is to be told, shape (K,).
        random_state: of the trees.
        trees: how many (Jaxa-Rozen & Kwakkel 2018, Environmental Modelling & Software 107:245).

    Returns:
        Scores in the order of the names, shape (d,).

    Raises:
        ResultError: the workbench is not installed.
    """
    import pandas as pd

    scoring = _workbench("feature_scoring")
    mode = _workbench("scenario_discovery_util").RuleInductionType.REGRESSION
    frame = pd.DataFrame(np.asarray(x, np.float64), columns=list(names))
    with _quiet():
        found, _ = scoring.get_ex_feature_scores(
            frame,
            np.asarray(y, np.float64),
            mode=mode,
            nr_trees=trees,
            max_features=max(1, round(len(names) / 3)),  # the workbench's own, which is none at all for one input
            oob_score=False,
            random_state=random_state,
        )
    return found.iloc[:, 0].reindex(list(names)).to_numpy(dtype=np.float64)  # type: ignore[no-any-return]


def _workbench(module: str) -> Any:
    """A module of the workbench: late, because it imports much that nobody else needs."""
    with _quiet():
        return needs_analysis(f"{LIBRARY}.analysis.{module}", LIBRARY)


@contextmanager
def _quiet() -> Iterator[None]:
    """The workbench tells of every step, and warns of extras that it could have; nobody asked for that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger(LOGGER).setLevel(logging.ERROR)
        yield
    logging.getLogger(LOGGER).setLevel(logging.ERROR)  # importing it sets its own
