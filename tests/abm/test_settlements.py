"""Synthetic settlements: exact totals, true counts per cell, and draws that depend on the seed alone."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.geography import (
    CERCLE_LABELS,
    CERCLES,
    COMMUNITIES,
    FINEST_KM,
    build_grid,
    cercle_index,
    cercle_population,
    community_shares,
    fine_cells,
    towns,
)
from abm.settlements import (
    MIXED_SHARE,
    REFUSAL_SHARE,
    SHARE_CONCENTRATION,
    SIZE_LOG_SD,
    Settlements,
    capital_town_of,
    draw_community_shares,
    draw_size_weights,
    synthetic_settlements,
    whole_shares,
)

SEEDS = (0, 1, 20_210_715, 2**63 - 1)
PINNED_X = [317.5461636884691, 318.64716253802334, 315.6068884750912]
PINNED_PEOPLE = [1409, 373, 585, 550, 598, 113]
PINNED_COMMUNITIES = [1144, 878, 1938, 339, 186, 768]
PINNED_FLAGS = (1323, 1631)


def columns(settlements: Settlements) -> dict[str, object]:
    return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(settlements).items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_each_cell_holds_its_true_number_of_settlements(seed: int) -> None:
    world, cells = synthetic_settlements(seed), fine_cells()
    assert world.n == 5253
    drawn = build_grid(5).cells_of(world.x, world.y)
    assert (drawn >= 0).all()
    expected = np.zeros(build_grid(5).n, dtype=np.int64)
    centres = FINEST_KM * (cells.ix + 0.5), FINEST_KM * (cells.iy + 0.5)
    expected[build_grid(5).cells_of(*centres)] = cells.settlements
    assert np.array_equal(np.bincount(drawn, minlength=len(expected)), expected)
    assert np.array_equal(build_grid(5).cercle[drawn], world.cercle)


@pytest.mark.parametrize("seed", SEEDS)
def test_people_of_each_cercle_add_up_exactly_and_nobody_is_nobody(seed: int) -> None:
    world = synthetic_settlements(seed)
    assert world.population.dtype == np.int64
    assert np.array_equal(np.bincount(world.cercle, weights=world.population).astype(np.int64), cercle_population())
    assert world.population.min() >= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_capital_is_the_largest_and_stands_in_its_cell(seed: int) -> None:
    world, grid = synthetic_settlements(seed), build_grid(5)
    for k in range(len(CERCLES)):
        rows = np.flatnonzero(world.cercle == k)
        largest = rows[world.population[rows].argmax()]
        town = towns()[capital_town_of(k)]
        assert grid.cell_of(world.x[largest], world.y[largest]) == grid.cell_of(town.x, town.y), town.name
        assert world.population[largest] >= town.population


def test_a_seed_gives_one_world_and_another_seed_another() -> None:
    assert columns(synthetic_settlements(5)) == columns(synthetic_settlements(5))
    one, other = synthetic_settlements(5), synthetic_settlements(6)
    for field in ("x", "y", "population", "community", "mixed", "refusal"):
        assert not np.array_equal(getattr(one, field), getattr(other, field)), field
    assert one.name == other.name


def test_a_settlement_is_the_same_in_a_smaller_world() -> None:
    whole, small = synthetic_settlements(9), synthetic_settlements(9, ("Koro", "Bankass"))
    assert small.n == 303 + 380
    assert set(small.cercle.tolist()) == {cercle_index("Koro"), cercle_index("Bankass")}
    assert columns(small) == columns(whole.only(small.id))
    assert np.array_equal(whole.id, np.arange(whole.n))


def test_unknown_cercles_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown cercle 'Gao'"):
        synthetic_settlements(1, ("Gao",))


def test_names_are_unique_and_plainly_synthetic() -> None:
    world = synthetic_settlements(3)
    assert len(set(world.name)) == world.n
    for name, cercle in zip(world.name, world.cercle, strict=True):
        assert re.fullmatch(rf"{re.escape(CERCLE_LABELS[cercle])} \d{{3}}", name)


def test_positions_fill_their_cells_evenly() -> None:
    """Kolmogorov-Smirnov at 5,253 draws: a false alarm once in a million at 2.7 / sqrt(n); the seed is fixed."""
    world = synthetic_settlements(11)
    for position in (world.x, world.y):
        offset = np.sort(position % FINEST_KM / FINEST_KM)
        gap = np.abs(offset - (np.arange(world.n) + 0.5) / world.n).max()
        assert gap < 2.7 / math.sqrt(world.n)
    east, north = world.x % FINEST_KM, world.y % FINEST_KM
    assert abs(np.corrcoef(east, north)[0, 1]) < 5 / math.sqrt(world.n)


def test_sizes_are_lognormal_with_the_stated_spread() -> None:
    logs = np.log(draw_size_weights(4, np.arange(20_000)))
    assert logs.std() == pytest.approx(SIZE_LOG_SD, abs=5 * SIZE_LOG_SD / math.sqrt(40_000))
    assert logs.mean() == pytest.approx(0.0, abs=5 * SIZE_LOG_SD / math.sqrt(20_000))
    world = synthetic_settlements(4)
    koro = world.population[world.cercle == cercle_index("Koro")]
    assert np.std(np.log(koro)) == pytest.approx(SIZE_LOG_SD, abs=0.2)
    assert koro.mean() > 1.4 * np.median(koro)


def test_shares_of_communities_scatter_around_the_table_as_a_dirichlet() -> None:
    """Mean and spread over 400 worlds within five standard errors."""
    worlds = np.array([draw_community_shares(seed) for seed in range(400)])
    table = community_shares()
    assert np.allclose(worlds.sum(axis=2), 1.0)
    assert (worlds[:, table == 0.0] == 0.0).all()
    spread = np.sqrt(table * (1 - table) / (SHARE_CONCENTRATION + 1))
    assert (np.abs(worlds.mean(axis=0) - table) <= 5 * spread / math.sqrt(400) + 1e-12).all()
    common = (table > 0.1) & (table < 0.9)
    assert worlds.std(axis=0)[common] == pytest.approx(spread[common], rel=0.25)


def test_villages_follow_their_own_world_s_shares() -> None:
    for seed in (1, 2):
        world, shares = synthetic_settlements(seed), draw_community_shares(seed)
        for k in range(len(CERCLES)):
            drawn = np.bincount(world.community[world.cercle == k], minlength=len(COMMUNITIES))
            n = drawn.sum()
            error = np.sqrt(n * shares[k] * (1 - shares[k]))
            assert (np.abs(drawn - n * shares[k]) <= 5 * error + 1e-9).all(), CERCLES[k]


def test_mixed_and_refusing_villages_have_the_stated_shares() -> None:
    world = synthetic_settlements(8)
    assert set(world.mixed.tolist()) == set(world.refusal.tolist()) == {0, 1}
    assert world.mixed.mean() == pytest.approx(MIXED_SHARE, abs=5 * math.sqrt(0.25 / world.n))
    for k, share in enumerate(REFUSAL_SHARE):
        own = world.refusal[world.community == k]
        assert own.mean() == pytest.approx(share, abs=5 * math.sqrt(share * (1 - share) / len(own))), COMMUNITIES[k]


def test_regression_of_a_world_s_bits() -> None:
    """Regression: stored seeds must keep their story. A change here changes every result of every seed."""
    world = synthetic_settlements(20_210_715)
    assert world.x[:3].tolist() == PINNED_X
    assert world.population[:6].tolist() == PINNED_PEOPLE
    assert np.bincount(world.community).tolist() == PINNED_COMMUNITIES
    assert (int(world.mixed.sum()), int(world.refusal.sum())) == PINNED_FLAGS


@given(
    st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=40),
    st.integers(0, 10_000),
)
def test_whole_shares_add_up_and_stay_close_to_proportion(weights: list[float], extra: int) -> None:
    total = len(weights) + extra
    shares = whole_shares(total, np.array(weights))
    assert shares.sum() == total
    assert shares.min() >= 1
    assert np.abs(shares - 1 - extra * np.array(weights) / math.fsum(weights)).max() < 1.0 + 1e-6


def test_too_few_people_cannot_be_shared() -> None:
    with pytest.raises(ValueError, match="2 people cannot fill 3 settlements"):
        whole_shares(2, np.ones(3))
