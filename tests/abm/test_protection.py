"""Villages protected by their own militia: the rule, and every candidate of a run against the closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine import by_bands, inert, scenario, times, with_rates
from hypothesis import given
from hypothesis import strategies as st

from abm.kinds import ON_VILLAGE, PREVENTED
from abm.parameters import Parameters
from abm.protection import FAR, REFERENCE_STRENGTH, unprotected
from abm.simulation import Simulation, simulate
from abm.tables import Table, World

SMALL = scenario().changed(world={"cercles": ("Bankass", "Koro")})
STRENGTHS = st.floats(0.0, 50.0)
SHARES = st.floats(0.0, 1.0)


@given(STRENGTHS, STRENGTHS, SHARES)
def test_more_fighters_protect_more_and_never_more_than_the_effect(one: float, other: float, effect: float) -> None:
    weak, strong = sorted((one, other))
    assert unprotected(strong, effect) <= unprotected(weak, effect)
    assert 1.0 - effect <= unprotected(strong, effect) <= 1.0
    assert unprotected(0.0, effect) == 1.0
    assert unprotected(strong, 0.0) == 1.0


def _villages_only(**changes: float) -> Parameters:
    """Bands attack villagers and nobody else, and nobody but a village's own militia holds them back."""
    q = inert(p_warning=0.0, agreement_effect=0.0, **changes)
    rates = q.rates
    candidates = tuple(
        tuple(tuple(20.0 * x if action == ON_VILLAGE else 0.0 for action, x in enumerate(zone)) for zone in faction)
        for faction in rates.candidates
    )
    none = {name: times(getattr(rates, name), 0.0) for name in ("contact_jihadists", "contact_militia", "abuse")}
    return with_rates(q, candidates=candidates, **none)


def _own_strength(world: World, event: Table, km: float) -> float:
    bands = world.militias
    village = world.villages[event["village"]]
    own = bands[
        (bands["jihadist"] == 0) & (bands["community"] == village["community"]) & (bands["faction"] != event["faction"])
    ]
    squared = (own["x"] - village["x"]) ** 2 + (own["y"] - village["y"]) ** 2
    near = squared <= FAR * km * km
    return float((np.exp(-0.5 * squared[near] / km**2) * own["strength_start"][near]).sum() / REFERENCE_STRENGTH)


def test_every_candidate_stands_with_the_chance_that_the_militia_beside_it_leaves() -> None:
    q = _villages_only(militia_protection=0.6, protection_km=12.0)
    simulation = Simulation(SMALL, q, seed=4)
    simulation.advance(120)
    events = by_bands(simulation.records().events)
    expected = [1.0 - 0.6 * (1.0 - math.exp(-_own_strength(simulation.world, e, 12.0))) for e in events]
    assert events["stands"] == pytest.approx(expected)
    assert len(events) > 300
    assert (np.array(expected) < 0.7).sum() > 50
    assert (np.array(expected) == 1.0).sum() > 5  # communities without a militia, and the attackers' own
    assert 0 < (events["outcome"] == PREVENTED).sum() < len(events)


def test_without_the_effect_nothing_is_prevented() -> None:
    events = by_bands(simulate(SMALL, _villages_only(militia_protection=0.0), seed=4, days=60).events)
    assert len(events) > 100
    assert (events["stands"] == 1.0).all()
    assert (events["outcome"] != PREVENTED).all()
