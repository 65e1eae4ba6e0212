"""Settlements without their real places: true counts per 5 km cell, drawn positions, names, sizes and communities.

No forecast should name a real village (do no harm). The number of settlements in every 5 km cell is that of GeoNames,
the people of every cercle add up to its population of 2020; everything else is drawn, keyed by the world's seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
from scipy.special import gammaincinv, ndtri

from abm.geography import (
    CERCLE_LABELS,
    CERCLES,
    COMMUNITIES,
    FINEST_KM,
    IntArray,
    cercle_population,
    chosen_cercles,
    community_shares,
    fine_cells,
    towns,
)
from abm.outlines import FloatArray
from abm.randomness import WORLD, uniforms

# What is drawn, the `day` of the key. Frozen like the processes: a number once given keeps its meaning.
POSITION = 0  # agent = settlement; draw 0 eastwards, draw 1 northwards
SHARES = 1  # agent = cercle, draw = community
COMMUNITY = 2  # agent = settlement
SIZE = 3  # agent = settlement
MIXED = 4  # agent = settlement
REFUSAL = 5  # agent = settlement

SIZE_LOG_SD = 1.0  # assumption; the lognormal form is that of all places, small and large (Eeckhout 2004, AER 94(5))
SHARE_CONCENTRATION = 30.0  # assumption: Dirichlet concentration of the communities' shares across worlds
MIXED_SHARE = 0.25  # assumption: villages where a second community lives
REFUSAL_SHARE = (0.5, 0.15, 0.4, 0.15, 0.15, 0.15)  # assumption: villages that refuse jihadist rule, by community

_uniforms = cast(Callable[[int, int, IntArray, int, int], FloatArray], uniforms)


@dataclass(frozen=True, eq=False)
class Settlements:
    """One row per settlement; arrays of shape (n,).

    ``id`` is permanent: the same whatever cercles were chosen. ``x, y`` km; ``population`` people; ``cercle`` and
    ``community`` (that of most people) are positions in CERCLES and COMMUNITIES; ``mixed`` is 1 where a second
    community lives, ``refusal`` 1 where the village refuses jihadist rule.
    """

    id: IntArray
    name: tuple[str, ...]
    x: FloatArray
    y: FloatArray
    cercle: IntArray
    population: IntArray
    community: IntArray
    mixed: IntArray
    refusal: IntArray

    @property
    def n(self) -> int:
        """Number of settlements."""
        return len(self.id)

    def only(self, wanted: IntArray) -> Settlements:
        """The settlements in these rows, in this order."""
        columns = {field: column[wanted] for field, column in vars(self).items() if field != "name"}
        return Settlements(name=tuple(self.name[k] for k in wanted), **columns)


def draw(world_seed: int, agents: IntArray, thing: int, component: int = 0) -> FloatArray:
    """Uniform draws in (0, 1) for building a world, keyed by settlement (or cercle) and by what is drawn."""
    return _uniforms(world_seed, WORLD, agents, thing, component)


def draw_size_weights(world_seed: int, agents: IntArray) -> FloatArray:
    """Relative sizes of settlements, lognormal with median 1 and SIZE_LOG_SD, shape (n,)."""
    # math.exp, not NumPy's: its vector version rounds differently from one processor to the next.
    return np.array([math.exp(SIZE_LOG_SD * float(z)) for z in ndtri(draw(world_seed, agents, SIZE))])


def whole_shares(total: int, weights: FloatArray) -> IntArray:
    """Whole numbers of at least 1 in proportion to weights that sum to ``total`` exactly (largest remainders).

    ValueError if the total is less than one each.
    """
    spare = total - len(weights)
    if spare < 0:
        raise ValueError(f"{total} people cannot fill {len(weights)} settlements")
    whole = math.fsum(weights)
    quotas = [spare * float(weight) / whole for weight in weights]
    counts = [math.floor(quota) for quota in quotas]
    by_remainder = sorted(range(len(quotas)), key=lambda k: (counts[k] - quotas[k], k))
    for k in by_remainder[: spare - sum(counts)]:
        counts[k] += 1
    return np.array([count + 1 for count in counts], dtype=np.int64)


def draw_community_shares(world_seed: int) -> FloatArray:
    """One world's shares of communities, shape (15, 6): Dirichlet around the table, by gamma variates."""
    shapes = SHARE_CONCENTRATION * community_shares()
    cercles = np.arange(len(CERCLES), dtype=np.int64)
    draws = np.column_stack([draw(world_seed, cercles, SHARES, k) for k in range(len(COMMUNITIES))])
    gammas = np.where(shapes > 0, gammaincinv(np.where(shapes > 0, shapes, 1.0), draws), 0.0)
    shares: FloatArray = gammas / np.array([math.fsum(row) for row in gammas])[:, None]
    return shares


def draw_communities(world_seed: int, agents: IntArray, cercle: IntArray) -> IntArray:
    """The community of most people in each settlement, shape (n,), by its cercle's shares in this world."""
    upper = np.cumsum(draw_community_shares(world_seed), axis=1)
    upper /= upper[:, -1:]
    passed = draw(world_seed, agents, COMMUNITY)[:, None] >= upper[cercle]
    communities: IntArray = np.count_nonzero(passed, axis=1).astype(np.int64)
    return communities


def draw_mixed(world_seed: int, agents: IntArray) -> IntArray:
    """1 where a second community lives, shape (n,)."""
    return (draw(world_seed, agents, MIXED) < MIXED_SHARE).astype(np.int64)


def draw_refusal(world_seed: int, agents: IntArray, community: IntArray) -> IntArray:
    """1 where the village refuses jihadist rule, shape (n,)."""
    return (draw(world_seed, agents, REFUSAL) < np.array(REFUSAL_SHARE)[community]).astype(np.int64)


@lru_cache(maxsize=1)
def _cells_of_settlements() -> IntArray:
    """Row of fine_cells() of every settlement, ordered by cercle, then cell: this order gives the permanent ids."""
    cells = fine_cells()
    order = np.lexsort((cells.iy, cells.ix, cells.cercle))
    return np.repeat(order, cells.settlements[order])


def capital_town_of(cercle: int) -> str:
    """Name of a cercle's capital among the towns."""
    return next(town.name for town in towns().values() if town.kind == "capital" and town.cercle == cercle)


def _capital_row(cercle: int, x: FloatArray, y: FloatArray) -> int:
    """The settlement that stands for the capital: the first in the capital's 5 km cell."""
    town = towns()[capital_town_of(cercle)]
    same_cell = (x // FINEST_KM == town.x // FINEST_KM) & (y // FINEST_KM == town.y // FINEST_KM)
    return int(np.flatnonzero(same_cell)[0])


def _people(cercle: int, weights: FloatArray, capital: int) -> IntArray:
    """People per settlement of one cercle, shape (n,), summing to its population.

    The capital is the largest settlement: it takes the largest draw, or the figure of GeoNames where that is larger.
    """
    largest = int(weights.argmax())
    swapped = weights.copy()
    swapped[capital], swapped[largest] = weights[largest], weights[capital]
    total = int(cercle_population()[cercle])
    people = whole_shares(total, swapped)
    known = towns()[capital_town_of(cercle)].population
    if known > people[capital]:
        others = np.arange(len(weights)) != capital
        people[capital] = known
        people[others] = whole_shares(total - known, swapped[others])
    return people


def _all_settlements(world_seed: int) -> Settlements:
    cells, of = fine_cells(), _cells_of_settlements()
    ids = np.arange(len(of), dtype=np.int64)
    cercle = cells.cercle[of]
    x = FINEST_KM * (cells.ix[of] + draw(world_seed, ids, POSITION, 0))
    y = FINEST_KM * (cells.iy[of] + draw(world_seed, ids, POSITION, 1))
    weights = draw_size_weights(world_seed, ids)
    population = np.zeros(len(ids), dtype=np.int64)
    names: list[str] = []
    for k, label in enumerate(CERCLE_LABELS):
        rows = np.flatnonzero(cercle == k)
        population[rows] = _people(k, weights[rows], _capital_row(k, x[rows], y[rows]))
        names.extend(f"{label} {number:03d}" for number in range(1, len(rows) + 1))
    community = draw_communities(world_seed, ids, cercle)
    return Settlements(
        id=ids,
        name=tuple(names),
        x=x,
        y=y,
        cercle=cercle,
        population=population,
        community=community,
        mixed=draw_mixed(world_seed, ids),
        refusal=draw_refusal(world_seed, ids, community),
    )


def synthetic_settlements(world_seed: int, cercles: tuple[str, ...] | None = None) -> Settlements:
    """The settlements of all cercles or some, a pure function of ``world_seed``.

    A settlement is the same, with the same id, whichever cercles are chosen. ValueError for unknown cercles.
    """
    everywhere = _all_settlements(world_seed)
    if cercles is None:
        return everywhere
    return everywhere.only(np.flatnonzero(np.isin(everywhere.cercle, chosen_cercles(cercles))))
