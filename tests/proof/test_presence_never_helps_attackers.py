"""On one day, from one state: more UN presence never raises any band's chance to attack where it went.

Every band tries an attack on that day, as rates are raised to certainty. With no second try elsewhere, presence acts on
an attack in one way only; with one, what is deterred at one village may stand at another, so that nothing is promised
for the two together.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from engine import by_bands, times, used, with_rates
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from proof.worlds import everything, few, violent

from abm.kinds import ON_ARMY, PREVENTED
from abm.parameters import Parameters
from abm.presence import UNIT
from abm.simulation import Checkpoint, Simulation

MONTH = 31
PRESSURES = st.integers(0, int(3.0 / UNIT))  # up to a presence of 95 per cent
FIELDS = ["un_held", "un_patrol", "un_after", "army_held"]


def all_try(**changes: Any) -> Parameters:
    q = violent(1.0, displacement_share=0.0, delta_un=0.8, delta_army=0.5, **changes)
    return with_rates(q, candidates=times(q.rates.candidates, 1e6), abuse=times(q.rates.abuse, 0.0))


@lru_cache(maxsize=1)
def one_morning() -> Checkpoint:
    simulation = Simulation(everything(), violent(), seed=5)
    simulation.advance(MONTH)
    return simulation.checkpoint()


def attacks(field: str, more: NDArray[np.int64], seed: int) -> Any:
    """What bands do on the one day, with more of a kind of presence in each cell."""
    simulation = Simulation(everything(), all_try(), seed=seed)
    simulation.restore(one_morning())
    cells, before = simulation.world.cells, len(used(simulation, "events"))
    cells[field] += more
    if field != "army_held":  # traces fade from their own day
        day_field = f"{field}_day"
        if day_field in cells.dtype.names:
            cells[day_field] = simulation.day
    simulation.advance(1)
    return by_bands(used(simulation, "events")[before:])


@few
@given(st.sampled_from(FIELDS), st.integers(0, 2**32 - 1), st.integers(0, 1000), PRESSURES)
def test_no_chance_to_attack_rises_with_presence(field: str, where: int, seed: int, most: int) -> None:
    rng, n = np.random.default_rng(where), one_morning().tables["cells"].size
    some = rng.integers(0, most + 1, n) * (rng.random(n) < 0.5)
    more = some + rng.integers(0, most + 1, n) * (rng.random(n) < 0.5)
    less, base, raised = (attacks(field, extra, seed) for extra in (np.zeros(n, np.int64), some, more))
    assert base.size > 100
    for lower, higher in ((less, base), (base, raised)):
        # The same bands go to the same places, whatever the presence there.
        for name in ("perpetrator", "action", "village", "x", "y"):
            assert np.array_equal(lower[name], higher[name])
        assert (higher["stands"] <= lower["stands"]).all()
        assert (higher["stands"] >= 0.0).all()
        fell, falls = lower["outcome"] == PREVENTED, higher["outcome"] == PREVENTED
        assert (falls | ~fell).all()  # what presence had prevented, more of it prevents
        assert (higher["mean_deaths"] == lower["mean_deaths"]).all()
        untouched = np.isin(lower["action"], ON_ARMY)
        assert (higher["stands"] == lower["stands"])[untouched].all()


@pytest.mark.parametrize("field", FIELDS)
def test_much_more_presence_lowers_nearly_all_of_them(field: str) -> None:
    n = one_morning().tables["cells"].size
    base, raised = (attacks(field, np.full(n, extra, np.int64), 3) for extra in (0, int(3.0 / UNIT)))
    at_villages = base["action"] != ON_ARMY
    assert (raised["stands"] < base["stands"])[at_villages].mean() > 0.95
    assert (raised["outcome"] == PREVENTED).sum() > (base["outcome"] == PREVENTED).sum()
