"""Deaths of single replayed events, given the monthly sum that is recorded: they add up, and have the law."""

from __future__ import annotations

import numpy as np
import pytest
from engine import assert_chi_square, assert_counts

from calibration.death_law import MOST_DEATHS, DeathLaw, sum_pmf
from calibration.replay import split_deaths

LAW = DeathLaw(0.4, 0.8, 1.2)


@pytest.mark.parametrize(("events", "total"), [(1, 0), (1, 157), (2, 3), (40, 0), (7, 500), (3, 900), (3, 5_000)])
def test_deaths_add_up_to_any_total(events: int, total: int) -> None:
    """Among them totals that the law gives no probability: 900 and 5,000 of three events of at most 300 each."""
    for u in (np.full(events, 0.0), np.full(events, 1.0 - 2.0**-53), np.linspace(0.01, 0.99, events)):
        split = split_deaths(LAW, total, u)
        assert (len(split), sum(split), min(split) >= 0) == (events, total, True)
        assert all(deaths <= MOST_DEATHS for deaths in split[:-1])


def test_a_total_beyond_the_law_is_shared_as_evenly_as_can_be() -> None:
    assert split_deaths(LAW, 5_000, np.full(3, 0.5)) == [300, 300, 4_400]
    certain = DeathLaw(1e-12, 0.0, 1e-3)  # exactly one death in an event
    assert split_deaths(certain, 4, np.full(4, 0.5)) == [1, 1, 1, 1]


@pytest.mark.statistical
def test_deaths_of_single_events_have_the_law_given_their_sum() -> None:
    """Two of three events with five deaths in all, against the convolution; false alarm 1 in a million each."""
    u = np.random.default_rng(8).random((6_000, 3))
    split = np.array([split_deaths(LAW, 5, row) for row in u])
    pmf = LAW.pmf
    joint = np.array([[pmf[a] * pmf[b] * pmf[5 - a - b] if a + b <= 5 else 0.0 for b in range(6)] for a in range(6)])
    joint /= sum_pmf(pmf, 3)[5]
    seen = np.zeros((6, 6))
    np.add.at(seen, (split[:, 0], split[:, 1]), 1)
    possible = joint > 0
    assert_counts(seen[possible], joint[possible] * 6_000)
    assert (seen[~possible] == 0).all()
    # The last has the same law as the first: nothing is left over for it.
    assert_chi_square(
        float(((np.bincount(split[:, 2], minlength=6) - joint.sum(axis=1) * 6_000) ** 2 / joint.sum(axis=1)).sum())
        / 6_000,
        5,
    )
