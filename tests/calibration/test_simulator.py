"""The simulator of the reference table: each row a pure function of its number, parameters from the priors."""

from __future__ import annotations

import json
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from abm.declarations import declarations
from abm.draws import LARGEST_BRANCHING, first_factors
from abm.parameters import Parameters
from abm.priors import Fixed, HalfNormal, Pert
from abm.rates import default_rates
from calibration import simulator
from calibration.posterior import transforms
from calibration.simulator import FIRST_DRAW, FIRST_SEED, INFERRED, ROWS_A_WORLD, WORLDS, History2020
from calibration.table_workers import simulate_block
from calibration.targets import STATISTICS

SIMULATOR = History2020()


def theta_of(number: int) -> np.ndarray:
    parameters = SIMULATOR.parameters_of(number)
    return np.array([getattr(parameters, name) for name in INFERRED])


# --- a row ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_row_is_a_pure_function_of_its_number() -> None:
    theta, statistics = SIMULATOR(2_517)
    assert theta.shape == (len(SIMULATOR.parameters),) == (6,)
    assert statistics.shape == (len(SIMULATOR.statistics),) == (len(STATISTICS),)
    assert np.isfinite(theta).all()
    assert np.isfinite(statistics).mean() > 0.8
    assert np.array_equal(theta, theta_of(2_517))
    # Another simulator, other rows before it: the same bits.
    other = History2020()
    neighbour = other(2_516)
    again = other(2_517)
    assert again[0].tobytes() == theta.tobytes()
    assert np.array_equal(again[1], statistics, equal_nan=True)
    assert not np.array_equal(neighbour[0], theta)
    assert not np.array_equal(neighbour[1], statistics, equal_nan=True)


@pytest.mark.slow
def test_two_processes_give_the_same_rows() -> None:
    numbers = range(101, 103)
    here = simulate_block(SIMULATOR, numbers)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        there = pool.submit(simulate_block, History2020(), numbers).result()
    assert np.array_equal(here, there, equal_nan=True)
    assert here[:, : len(INFERRED)].tobytes() == there[:, : len(INFERRED)].tobytes()


def test_worlds_seeds_and_draws_are_of_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def stand_in(scenario: object, parameters: Parameters, *, seed: int) -> None:
        asked.append((scenario.world.seed, seed, parameters))
        raise LookupError

    monkeypatch.setattr(simulator, "simulate", stand_in)
    numbers = (0, ROWS_A_WORLD - 1, ROWS_A_WORLD, ROWS_A_WORLD * WORLDS, 49_999)
    for number in numbers:
        with pytest.raises(LookupError):
            SIMULATOR(number)
    assert [world for world, _, _ in asked] == [0, 0, 1, 0, 499 % WORLDS]
    assert [seed for _, seed, _ in asked] == [FIRST_SEED + number for number in numbers]
    assert [parameters for *_, parameters in asked] == [SIMULATOR.parameters_of(number) for number in numbers]
    # Apart from the draws of comparisons and the seeds of the fit of rates and of commands.
    assert FIRST_DRAW > 100_000
    assert FIRST_SEED > 10**9


# --- parameters -----------------------------------------------------------------------------------------------------


def test_parameters_are_drawn_inside_their_priors_and_spread_over_them() -> None:
    theta = np.array([theta_of(number) for number in range(300)])
    declared = declarations(Parameters)
    for name, column in zip(INFERRED, theta.T, strict=True):
        prior = declared[name].prior
        low, high = (prior.low, prior.high) if isinstance(prior, Pert) else (0.0, prior.high)
        assert isinstance(prior, Pert | HalfNormal), name
        assert (column >= low).all(), name
        assert (column <= high).all(), name
        middle = prior.quantile(0.5, declared[name].default)
        # 300 draws: the share below the median has a standard error of .029; false alarm 1 in a million is 4.9.
        assert abs((column < middle).mean() - 0.5) < 0.145, name
        assert transforms()[name].inside(column)
    assert (theta[:, 0] + theta[:, 1]).max() <= LARGEST_BRANCHING
    # Independent draws: no pair of parameters hangs together.
    assert np.abs(np.corrcoef(theta.T) - np.eye(len(INFERRED))).max() < 0.3


def test_parameters_that_are_not_inferred_are_drawn_too() -> None:
    drawn = [SIMULATOR.parameters_of(number) for number in range(8)]
    uncertain = {name for name, d in declarations(Parameters).items() if not isinstance(d.prior, Fixed)}
    assert len(uncertain) > 20
    assert set(INFERRED) < uncertain
    for name in uncertain:
        assert len({getattr(q, name) for q in drawn}) > 1, name
    assert len({q.rates.fatal_share for q in drawn}) == 8
    assert len({q.rates.observed for q in drawn}) == 8


def test_rates_make_up_for_raid_series() -> None:
    for number in (3, 4):
        q = SIMULATOR.parameters_of(number)
        per_year, believed = (np.array(t).sum(axis=(0, 2)) for t in (q.rates.candidates, q.rates.observed))
        usual = default_rates()
        fitted = np.array(usual.candidates).sum() / np.array(usual.observed).sum()
        assert per_year.sum() / believed.sum() / fitted == pytest.approx(first_factors(q)[0, 0], rel=0.25)


# --- settings -------------------------------------------------------------------------------------------------------


def test_it_pickles_and_its_settings_are_json() -> None:
    copy = pickle.loads(pickle.dumps(SIMULATOR))
    assert copy.settings == SIMULATOR.settings
    assert copy.parameters_of(12) == SIMULATOR.parameters_of(12)
    text = json.dumps(dict(SIMULATOR.settings))
    assert json.loads(text)["worlds"] == [WORLDS, ROWS_A_WORLD]
    for field in ("scenario", "priors", "rates", "source_fingerprint", "calibration_fingerprint", "numpy", "numba"):
        assert field in SIMULATOR.settings
    assert set(SIMULATOR.settings["priors"]) >= set(INFERRED)


def test_settings_change_with_the_rates() -> None:
    usual = default_rates()
    other = usual.model_copy(update={"reuse_discount": usual.reuse_discount / 2})
    assert History2020(other).settings != SIMULATOR.settings
    assert History2020(usual).settings == SIMULATOR.settings
    assert History2020(other).parameters_of(5).rates.reuse_discount == other.reuse_discount
