"""Keyed draws: uniform, independent across every part of the key, the same for ever, in any order and thread."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest
from engine import FALSE_ALARM, Z_LIMIT, assert_counts
from house import ROOT
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from abm import randomness
from abm.randomness import gumbel, mix, normal, uniform, uniforms

MASK = 2**64 - 1
GOLDEN, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
KEY = ("seed", "process", "agent", "day", "draw")

# Regression: these may never change, or every stored seed changes its story. Made by the whole-number reference below.
FROZEN = {
    (0, 0, 0, 0, 0): 0.3660577160841395,
    (1, 1, 309, 1461, 0): 0.5602644480497071,
    (2020, 3, 17, 1100, 5252): 0.6512049544911166,
    (2**63 - 1, 60, 2**32 - 1, 2**32 - 1, 2**32 - 1): 0.09022182678145019,
    (123456789, 40, 81, 104, 0): 0.13272834512032394,
}


def plain_mix(value: int) -> int:
    """splitmix64's finaliser in Python's whole numbers, which have no width to overflow."""
    value = ((value ^ (value >> 30)) * FIRST) & MASK
    value = ((value ^ (value >> 27)) * SECOND) & MASK
    return value ^ (value >> 31)


def plain_uniform(seed: int, process: int, agent: int, day: int, draw: int) -> float:
    key = plain_mix((seed + GOLDEN) & MASK)
    key = plain_mix(key ^ (process << 32 | draw))
    key = plain_mix(((key + GOLDEN) & MASK) ^ (agent << 32 | day))
    return ((plain_mix((key + GOLDEN) & MASK) >> 12) + 0.5) / 2**52


def unxorshift(value: int, shift: int) -> int:
    result = value
    for _ in range(64 // shift + 1):
        result = value ^ (result >> shift)
    return result


def unmix(value: int) -> int:
    value = unxorshift(value, 31) * pow(SECOND, -1, 2**64) & MASK
    value = unxorshift(value, 27) * pow(FIRST, -1, 2**64) & MASK
    return unxorshift(value, 30)


def line(axis: str, n: int, start: tuple[int, ...] = (5, 3, 40, 1200, 7)) -> NDArray[np.float64]:
    """Draws along one part of the key, the others held."""
    at = KEY.index(axis)
    return np.array([uniform(*start[:at], start[at] + i, *start[at + 1 :]) for i in range(n)])


small = st.integers(0, 2**32 - 1)


@given(st.integers(0, 2**63 - 1), small, small, small, small)
def test_draws_equal_the_reference_in_whole_numbers(seed: int, process: int, agent: int, day: int, draw: int) -> None:
    assert uniform(seed, process, agent, day, draw) == plain_uniform(seed, process, agent, day, draw)


@pytest.mark.parametrize(("key", "value"), FROZEN.items())
def test_stored_seeds_keep_their_story(key: tuple[int, ...], value: float) -> None:
    assert uniform(*key) == value


def test_every_process_has_its_own_frozen_number() -> None:
    numbers = {name: v for name, v in vars(randomness).items() if name.isupper() and isinstance(v, int)}
    assert len(set(numbers.values())) == len(numbers)
    assert numbers["BAND_CANDIDATE"] == 1
    assert numbers["PRIOR"] == 60
    assert all(0 <= v < 2**32 for v in numbers.values())


@given(st.integers(0, MASK))
def test_mixing_loses_nothing(value: int) -> None:
    # A bijection: no two keys fall together before the last step, and no value of the unit interval is favoured.
    assert unmix(int(mix(np.uint64(value)))) == value


@pytest.mark.parametrize(("mixed", "expected"), [(0, 2.0**-53), (MASK, 1.0 - 2.0**-53)])
def test_the_extreme_keys_stay_strictly_inside_the_unit_interval(mixed: int, expected: float) -> None:
    # The chain of bijections is walked backwards to the very key whose last mix is all zeros or all ones.
    seed, process, draw = 9, 6, 1
    key = plain_mix(plain_mix((seed + GOLDEN) & MASK) ^ (process << 32 | draw))
    agent_and_day = unmix((unmix(mixed) - GOLDEN) & MASK) ^ ((key + GOLDEN) & MASK)
    u = uniform(seed, process, agent_and_day >> 32, agent_and_day & 0xFFFFFFFF, draw)
    assert u == expected
    assert 0.0 < u < 1.0
    assert math.isfinite(gumbel(u))
    assert math.isfinite(normal(u, u))


@pytest.mark.statistical
@pytest.mark.parametrize("axis", KEY)
def test_draws_are_uniform_along_every_part_of_the_key(axis: str) -> None:
    n = 2**16
    draws = line(axis, n)
    assert_counts(np.bincount((draws * 256).astype(int), minlength=256), np.full(256, n / 256))
    # The last bits are as good as the first.
    low = (draws * 2.0**52).astype(np.int64) & 255
    assert_counts(np.bincount(low, minlength=256), np.full(256, n / 256))


@pytest.mark.statistical
@pytest.mark.parametrize("axis", KEY)
def test_neighbours_along_every_part_of_the_key_are_independent(axis: str) -> None:
    n = 2**16
    draws = line(axis, n)
    for lag in (1, 2, 7, 30, 365):
        # Of independent draws, the mean product of centred values is normal with variance (1/12)**2 / n.
        mean = float(((draws[:-lag] - 0.5) * (draws[lag:] - 0.5)).mean())
        assert abs(mean) * 12 * math.sqrt(n - lag) < Z_LIMIT
    boxes = (draws * 32).astype(int)
    pairs = np.bincount(boxes[0::2] * 32 + boxes[1::2], minlength=1024)
    assert_counts(pairs, np.full(1024, n / 2 / 1024))


@pytest.mark.statistical
@pytest.mark.parametrize(("one", "other"), [p for p in product(range(5), repeat=2) if p[0] < p[1]])
def test_no_two_parts_of_the_key_can_be_exchanged(one: int, other: int) -> None:
    # A key and the key with two of its parts swapped, or with one moved from one part to another, are unrelated.
    n = 2**13
    first, second = np.empty(n), np.empty(n)
    for i in range(n):
        key = [3, 4, 5, 6, 7]
        key[one], key[other] = 100 + i, 5000 + 3 * i
        first[i] = uniform(*key)
        key[one], key[other] = key[other], key[one]
        second[i] = uniform(*key)
    boxes = (first * 16).astype(int) * 16 + (second * 16).astype(int)
    assert_counts(np.bincount(boxes, minlength=256), np.full(256, n / 256))


@pytest.mark.statistical
def test_single_bits_of_the_key_move_half_of_the_draw() -> None:
    # Avalanche: flipping any bit of any part flips each of the first 20 bits of the draw half the time.
    keys = [(s, 1 + s % 30, 3 * s, 1000 + s, s % 5) for s in range(256)]
    for at, bit in product(range(5), (0, 1, 7, 15, 31)):
        flips = 0
        for key in keys:
            other = (*key[:at], key[at] ^ (1 << bit), *key[at + 1 :])
            flips += ((int(uniform(*key) * 2**20)) ^ (int(uniform(*other) * 2**20))).bit_count()
        n = len(keys) * 20
        assert abs(flips - n / 2) / math.sqrt(n / 4) < Z_LIMIT


def test_draws_do_not_depend_on_order_or_threads() -> None:
    agents = np.arange(5000)
    together = uniforms(11, 3, agents, 900, 2)
    assert together.tolist() == [uniform(11, 3, int(a), 900, 2) for a in agents]
    order = np.random.default_rng(0).permutation(agents)
    assert np.array_equal(uniforms(11, 3, order, 900, 2), together[order])
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda part: uniforms(11, 3, part, 900, 2), np.array_split(agents, 50)))
    assert np.array_equal(np.concatenate(parts), together)
    assert uniforms(11, 3, agents[:0], 900, 2).shape == (0,)


def test_draws_are_the_same_with_compilation_off() -> None:
    keys = [(s, s % 71, 7 * s, 1000 + s, s * s) for s in range(0, 3000, 17)] + list(FROZEN)
    program = (
        f"import warnings; warnings.simplefilter('ignore')\nfrom abm.randomness import gumbel, normal, uniform\n"
        f"for key in {keys}:\n    u = uniform(*key)\n    print(u.hex(), gumbel(u).hex(), normal(u, 1 - u).hex())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    drawn = [uniform(*key) for key in keys]
    compiled = [f"{u.hex()} {gumbel(u).hex()} {normal(u, 1 - u).hex()}" for u in drawn]
    assert answer.stdout.split("\n")[:-1] == compiled


@pytest.mark.statistical
def test_gumbel_and_normal_draws_have_their_laws() -> None:
    u, v = line("agent", 20_000), line("agent", 20_000, start=(5, 3, 40, 1200, 8))
    gumbels = np.array([gumbel(x) for x in u])
    normals = np.array([normal(x, y) for x, y in zip(u, v, strict=True)])
    assert stats.kstest(gumbels, "gumbel_r").pvalue > FALSE_ALARM
    assert stats.kstest(normals, "norm").pvalue > FALSE_ALARM
    assert_counts(
        np.bincount(np.digitize(normals, stats.norm.ppf([0.1, 0.5, 0.9]))), 20_000 * np.array([1, 4, 4, 1]) / 10
    )


@pytest.mark.statistical
def test_the_largest_utility_plus_gumbel_is_a_logit_choice() -> None:
    # The one property for which Gumbel noise is drawn at all.
    utilities = np.array([0.0, 1.0, -0.5, 2.0])
    choices = [
        int(np.argmax([v + gumbel(uniform(1, 3, 7, day, place)) for place, v in enumerate(utilities)]))
        for day in range(20_000)
    ]
    shares = np.exp(utilities) / np.exp(utilities).sum()
    assert_counts(np.bincount(choices, minlength=4), 20_000 * shares)
