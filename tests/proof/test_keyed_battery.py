"""A longer battery for keyed draws: tens of millions of them, along every part of the key and in the model's own use.

Every test has fixed keys, so it passes or fails for ever. Each comparison would fail once in a million had a perfect
source been drawn (FALSE_ALARM); where a test looks for the worst of many, the limit is divided by how many there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from engine import FALSE_ALARM, Z_LIMIT, assert_chi_square, assert_close_in_law, assert_counts
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from proof import keyed
from proof.keyed import KEY, START, along, uniforms_of, words
from scipy import stats

from abm.calendar import day_of
from abm.randomness import uniform
from abm.scenario import Scenario
from abm.simulation import Simulation

nightly = [pytest.mark.nightly, pytest.mark.statistical]
BITS = 52
WIDTH = {"seed": 63, "process": 32, "agent": 32, "day": 32, "draw": 32}
PLANES = list(combinations(KEY, 2))
small = st.integers(0, 2**32 - 1)


def worst(n: int) -> float:
    """Limit for the largest of `n` standard normal scores, so that all of them together alarm once in a million."""
    return float(stats.norm.isf(FALSE_ALARM / 2 / n))


@given(st.integers(0, 2**63 - 1), small, small, small, small)
def test_arrays_of_keys_have_the_draws_of_the_model(seed: int, process: int, agent: int, day: int, draw: int) -> None:
    one = uniforms_of(seed=seed, process=process, agent=agent, day=day, draw=draw)
    assert one.tolist() == [uniform(seed, process, agent, day, draw)]
    days = along("day", 3, 100, seed=seed, draw=draw)
    keys = [{**START, "seed": seed, "draw": draw, "day": day} for day in (100, 101, 102)]
    assert days.tolist() == [uniform(*(key[name] for name in KEY)) for key in keys]


class TestAlongTheKey:
    pytestmark = nightly

    @pytest.mark.parametrize("axis", KEY)
    def test_equidistribution(self, axis: str) -> None:
        draws = along(axis, 2**23)
        assert_counts(np.bincount((draws * 2**16).astype(np.int64), minlength=2**16), np.full(2**16, 2**7))
        assert stats.kstest(draws[: 2**20], "uniform").pvalue > FALSE_ALARM

    @pytest.mark.parametrize("axis", KEY)
    def test_every_bit_is_fair_and_no_two_go_together(self, axis: str) -> None:
        n = 2**20
        bits = words(**{axis: np.arange(n)})[:, None] >> np.arange(BITS, dtype=np.uint64) & np.uint64(1)
        signs = 2.0 * bits.astype(np.float64) - 1.0
        assert np.abs(signs.sum(axis=0)).max() / math.sqrt(n) < worst(BITS)
        together = np.abs(signs.T @ signs)[np.triu_indices(BITS, 1)]
        assert together.max() / math.sqrt(n) < worst(together.size)

    @pytest.mark.parametrize("axis", KEY)
    def test_serial_correlation_at_a_thousand_lags(self, axis: str) -> None:
        n, lags = 2**22, 1000
        centred = along(axis, n) - 0.5
        power = np.abs(np.fft.rfft(centred, 2 * n)) ** 2
        products = np.fft.irfft(power)[1 : lags + 1]
        scores = products * 12 / np.sqrt(n - np.arange(1, lags + 1))
        assert np.abs(scores).max() < worst(lags)
        assert_chi_square(float((scores**2).sum()), lags)

    @pytest.mark.parametrize("axis", KEY)
    @pytest.mark.parametrize(("size", "boxes"), [(2, 256), (3, 40), (4, 16), (6, 6)])
    def test_neighbours_fill_squares_cubes_and_beyond(self, axis: str, size: int, boxes: int) -> None:
        n = boxes**size * 40
        place = (along(axis, n * size) * boxes).astype(np.int64).reshape(n, size) @ boxes ** np.arange(size)
        assert_counts(np.bincount(place, minlength=boxes**size), np.full(boxes**size, 40.0))

    @pytest.mark.parametrize("axis", KEY)
    def test_orders_of_five_neighbours_are_all_as_frequent(self, axis: str) -> None:
        n = 2**19
        order = np.argsort(along(axis, 5 * n).reshape(n, 5), axis=1) @ 5 ** np.arange(5)
        counts = np.unique(order, return_counts=True)[1]
        assert counts.size == 120
        assert_counts(counts, np.full(120, n / 120))

    @pytest.mark.parametrize("axis", KEY)
    @pytest.mark.parametrize("low", [False, True])
    def test_birthday_spacings(self, axis: str, low: bool) -> None:
        # Marsaglia (1985): spacings between n birthdays in a year of m days repeat about n**3 / 4m times, as a Poisson
        # variable. L'Ecuyer & Simard (2001) let many years be added up.
        years, n, m = 512, 4096, 2**32
        drawn = words(**{axis: np.arange(years * n)}).reshape(years, n)
        days = np.sort((drawn if low else drawn >> np.uint64(BITS - 32)) & np.uint64(m - 1), axis=1)
        spacings = np.sort(np.diff(days, axis=1), axis=1)
        repeated = int((np.diff(spacings, axis=1) == 0).sum())
        mean = years * n**3 / (4 * m)
        assert stats.poisson.cdf(repeated, mean) > FALSE_ALARM / 2
        assert stats.poisson.sf(repeated - 1, mean) > FALSE_ALARM / 2

    @pytest.mark.parametrize("axis", KEY)
    @pytest.mark.parametrize("shift", [0, 16, BITS - 30])
    def test_collisions(self, axis: str, shift: int) -> None:
        # Balls thrown into 2**30 urns: nearly n**2 / 2m fall into one that has a ball, as a Poisson variable.
        n, m = 2**20, 2**30
        urns = words(**{axis: np.arange(n)}) >> np.uint64(shift) & np.uint64(m - 1)
        collisions = n - np.unique(urns).size
        mean = n - m * -math.expm1(n * math.log1p(-1 / m))
        assert stats.poisson.cdf(collisions, mean) > FALSE_ALARM / 2
        assert stats.poisson.sf(collisions - 1, mean) > FALSE_ALARM / 2

    def test_no_two_keys_of_millions_share_a_draw(self) -> None:
        # Among 2**52 values, 2**21 keys have 0.0005 pairs that share one: two are seen once in eight million tries.
        keys = {name: np.arange(2**8, dtype=np.uint64) for name in ("agent", "day")}
        drawn = words(
            agent=keys["agent"][:, None, None], day=keys["day"][None, :, None], draw=np.arange(2**5)[None, None, :]
        )
        assert drawn.size - np.unique(drawn).size < 2


class TestAvalanche:
    pytestmark = nightly

    @pytest.mark.parametrize("part", KEY)
    def test_every_bit_of_the_key_moves_each_of_the_draw_half_of_the_time(self, part: str) -> None:
        n = 2**15
        rng = np.random.default_rng(0)
        keys = {name: rng.integers(0, 2 ** min(width, 20), n, np.uint64) for name, width in WIDTH.items()}
        before = words(**keys)
        flips = np.empty((WIDTH[part], BITS))
        for bit in range(WIDTH[part]):
            moved = before ^ words(**{**keys, part: keys[part] ^ np.uint64(1 << bit)})
            flips[bit] = [(moved >> np.uint64(at) & np.uint64(1)).sum() for at in range(BITS)]
        scores = (flips - n / 2) / math.sqrt(n / 4)
        assert np.abs(scores).max() < worst(scores.size)
        assert_chi_square(float((scores**2).sum()), scores.size)


class TestPlanes:
    """Two parts of the key at once."""

    pytestmark = nightly

    @pytest.mark.parametrize(("one", "other"), PLANES)
    def test_no_wave_runs_through_a_plane_of_keys(self, one: str, other: str) -> None:
        # Of independent draws, the squared Fourier coefficients are exponential, with the variance of a uniform times
        # the number of draws as their mean; the largest of so many is known.
        side = 2**10
        plane = uniforms_of(**{one: np.arange(side)[:, None], other: np.arange(side)[None, :]}) - 0.5
        power = np.abs(np.fft.fft2(plane)) ** 2 / (side * side / 12)
        half = power[1 : side // 2, 1:].ravel()  # the other half mirrors it
        assert half.max() < -math.log(FALSE_ALARM / half.size)
        tenths = np.bincount(np.minimum(9, (np.exp(-half) * 10).astype(int)), minlength=10)
        assert_counts(tenths, np.full(10, half.size / 10))

    @pytest.mark.parametrize(("one", "other"), PLANES)
    def test_corners_of_squares_of_keys_are_independent(self, one: str, other: str) -> None:
        side = 2**10
        plane = uniforms_of(**{one: np.arange(side)[:, None], other: np.arange(side)[None, :]})
        corners = [plane[i::2, j::2].ravel() for i in (0, 1) for j in (0, 1)]
        boxes = 10
        place = sum((c * boxes).astype(np.int64) * boxes**i for i, c in enumerate(corners))
        assert_counts(np.bincount(place, minlength=boxes**4), np.full(boxes**4, corners[0].size / boxes**4))

    @pytest.mark.parametrize(("one", "other"), PLANES)
    def test_matrices_of_single_bits_have_the_ranks_of_chance(self, one: str, other: str) -> None:
        size, n = 32, 4096
        firsts = np.arange(n) * size
        found = np.zeros(3)
        for first in firsts:
            rows = words(**{one: np.arange(size)[:, None] + first, other: np.arange(size)[None, :]})
            found[min(2, size - rank_of(rows & np.uint64(1)))] += 1
        assert_counts(found, n * shares_of_ranks(size))


def rank_of(bits: NDArray[np.uint64]) -> int:
    """Rank of a matrix of bits over the field of two elements."""
    rows = [int("".join(map(str, row)), 2) for row in bits.tolist()]
    rank = 0
    while rows:
        pivot = rows.pop()
        if pivot:
            rank += 1
            low = pivot & -pivot
            rows = [row ^ pivot if row & low else row for row in rows]
    return rank


def shares_of_ranks(size: int) -> NDArray[np.float64]:
    """Chances that a random square matrix of bits has full rank, one less, or fewer still."""

    def share(rank: int) -> float:
        product = 1.0
        for i in range(rank):
            product *= (1.0 - 2.0 ** (i - size)) ** 2 / (1.0 - 2.0 ** (i - rank))
        return product * 2.0 ** (rank * (2 * size - rank) - size * size)

    full, less = share(size), share(size - 1)
    return np.array([full, less, 1.0 - full - less])


def test_ranks_of_known_matrices() -> None:
    assert rank_of(np.eye(32, dtype=np.uint64)) == 32
    assert rank_of(np.ones((32, 32), np.uint64)) == 1
    assert shares_of_ranks(32) == pytest.approx([0.2888, 0.5776, 0.1336], abs=1e-4)


CHECKS: dict[str, Callable[[], None]] = {
    "lags": lambda: TestAlongTheKey().test_serial_correlation_at_a_thousand_lags("day"),
    "avalanche": lambda: TestAvalanche().test_every_bit_of_the_key_moves_each_of_the_draw_half_of_the_time("day"),
    "birthdays": lambda: TestAlongTheKey().test_birthday_spacings("day", low=False),
    "cubes": lambda: TestAlongTheKey().test_neighbours_fill_squares_cubes_and_beyond("day", 3, 40),
    "waves": lambda: TestPlanes().test_no_wave_runs_through_a_plane_of_keys("agent", "day"),
    "ranks": lambda: TestPlanes().test_matrices_of_single_bits_have_the_ranks_of_chance("agent", "day"),
}


class TestTheBatteryCanFail:
    """Mixing of which a part is left out does not pass."""

    pytestmark = nightly

    @pytest.mark.parametrize("name", CHECKS)
    def test_a_product_alone_is_no_mixing(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keyed, "_mix", lambda value: value * keyed.FIRST)
        with pytest.raises(AssertionError):
            CHECKS[name]()

    def test_a_mixing_without_its_last_shift_shows_in_the_avalanche(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keyed, "_mix", lambda value: (value ^ (value >> np.uint64(30))) * keyed.FIRST)
        with pytest.raises(AssertionError):
            CHECKS["avalanche"]()


class TestAsTheModelDraws:
    """The very keys that runs use: ids of bands and villages, days of four years, seeds from 0 on."""

    pytestmark = nightly

    def test_bands_choosing_among_villages(self) -> None:
        world = Simulation(Scenario.load("baseline-2021")).world
        bands, villages = world.militias["id"].astype(np.uint64), world.villages["id"].astype(np.uint64)
        first = day_of(Scenario.load("baseline-2021").start)
        draws = uniforms_of(
            seed=np.arange(2)[:, None, None], process=3, agent=bands[None, :, None], day=first,
            draw=villages[None, None, :],
        )  # fmt: skip
        assert_counts(np.bincount((draws.ravel() * 1000).astype(int), minlength=1000), np.full(1000, draws.size / 1000))
        by_band = draws.mean(axis=(0, 2))
        scores = (by_band - 0.5) * math.sqrt(12 * draws.size / bands.size)
        assert np.abs(scores).max() < worst(scores.size)
        assert_chi_square(float((scores**2).sum()), scores.size)

    def test_days_of_bands_under_many_seeds(self) -> None:
        seeds, days = np.arange(500), np.arange(1461, 1461 + 1461)
        total = np.zeros(seeds.size)
        for band in range(0, 300, 10):
            draws = uniforms_of(seed=seeds[:, None], process=1, agent=band, day=days[None, :], draw=0)
            rare = draws < 0.01
            assert_close_in_law(rare.sum(), 0.01 * rare.size, 0.01 * 0.99 * rare.size)
            total += rare.sum(axis=1)
        # Between seeds as much as chance has it, and no seed like the one before.
        mean, variance = 30 * days.size * 0.01, 30 * days.size * 0.01 * 0.99
        assert_chi_square(float(((total - mean) ** 2).sum() / variance), seeds.size)
        scores = (total - mean) / math.sqrt(variance)
        assert abs((scores[1:] * scores[:-1]).sum()) / math.sqrt(seeds.size - 1) < Z_LIMIT

    @pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 4), (4, 26), (3, 5), (10, 12), (20, 24)])
    def test_processes_of_one_agent_and_day_are_independent(self, one: int, other: int) -> None:
        keys = {"agent": np.arange(400)[:, None], "day": np.arange(1461, 4383)[None, :], "draw": 0}
        first, second = (uniforms_of(process=process, **keys).ravel() for process in (one, other))
        place = (first * 100).astype(int) * 100 + (second * 100).astype(int)
        assert_counts(np.bincount(place, minlength=10_000), np.full(10_000, first.size / 10_000))
