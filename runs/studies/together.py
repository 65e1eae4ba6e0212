"""What may be true of several arms at once: their effects under every set of parameters, with the noise of seeds out.

Whether one arm is better than all others cannot be read from intervals of single arms: what is not known about the
parameters moves the arms together. Here their effects are handled together: pulled towards their means until their
covariance is that of the parameters alone, and then moved by the Monte Carlo error that all sets of parameters share.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CASES = 20_000  # sets of parameters × draws of the Monte Carlo error, at least (assumption: chances to about 0.01)
RANDOM = 20210715  # seed of those draws: the same chances every time
ROUNDING = 1e-9  # relative; below it two values are one


def shrunk_together(effects: Floats) -> tuple[Floats, Floats]:
    """Effects of all arms by set of parameters without the noise of seeds, and the covariance of their means' error.

    Of one arm alone this is :func:`runs.statistics.shrunk_draw_means`. Of several it is the linear map that gives the
    means by set the covariance of the parameters (between sets, less what seeds add; no negative variances) and moves
    them least (Gelbrich 1990, Mathematische Nachrichten 147:185). Of many more arms than sets of parameters, part of
    the noise stays: with 46 arms, 25 sets and no parameter that matters, half of its variance, which spreads chances.

    Args:
        effects: shape (A arms, K sets of parameters, S seeds).

    Returns:
        Shape (K, A), and (A, A).
    """
    arms, points, seeds = effects.shape
    by_point = effects.mean(axis=2).T
    inside = (effects - effects.mean(axis=2, keepdims=True)).reshape(arms, -1)
    within = inside @ inside.T / (points * (seeds - 1))
    middle = by_point.mean(axis=0)
    around = by_point - middle
    between = around.T @ around / (points - 1)
    root, inverse = _roots(between)
    wanted = _roots(between - within / seeds)[0]
    inner = _roots(root @ wanted @ wanted @ root)[0]
    return middle + around @ inverse @ inner @ inverse, within / (points * seeds)


def _roots(matrix: Floats) -> tuple[Floats, Floats]:
    """Square root of a symmetric matrix and its pseudo-inverse; negative eigenvalues count as zero."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    values = np.where(values > ROUNDING * max(float(values.max()), 0.0), np.maximum(values, 0.0), 0.0)
    roots = np.sqrt(values)
    inverse = np.divide(1.0, roots, out=np.zeros_like(roots), where=roots > 0.0)
    return (vectors * roots) @ vectors.T, (vectors * inverse) @ vectors.T


def cases(effects: Floats) -> Iterator[Floats]:
    """What the effects of all arms may be: arrays (K, A), one for each draw of the Monte Carlo error."""
    shrunk, error = shrunk_together(effects)
    rng = np.random.default_rng(RANDOM)
    root = _roots(error)[0]
    for _ in range(max(4, math.ceil(CASES / shrunk.shape[0]))):
        yield shrunk + root @ rng.standard_normal(shrunk.shape[1])


def chances_of_least(effects: Floats) -> Floats:
    """For each arm the chance that its effect is the least of all, shape (A,).

    Arms that are the same in every run share their chance equally.

    Args:
        effects: shape (A arms, K sets of parameters, S seeds).
    """
    one, same = np.unique(effects.reshape(effects.shape[0], -1), axis=0, return_inverse=True)
    same = same.ravel()
    wins = np.zeros(one.shape[0])
    total = 0
    for found in cases(one.reshape(-1, *effects.shape[1:])):
        wins += np.bincount(found.argmin(axis=1), minlength=wins.size)
        total += found.shape[0]
    shares: Floats = (wins / total / np.bincount(same))[same]
    return shares
