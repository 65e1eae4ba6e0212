"""Who begins a recorded clash: shares that a run assumes move clashes from one side to the other and make none."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from engine import assert_close_in_law, by_bands, defaults, inert, scenario, used
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from abm.compiled_parameters import YEAR, compile_parameters
from abm.declarations import declarations
from abm.draws import intended_events
from abm.geography import ZONES
from abm.kinds import (
    ACTIONS,
    DOGON,
    DOZO,
    FACTIONS,
    FULANI,
    IS_SAHEL,
    JIHADISTS_V_MILITIA,
    KATIBA_MACINA,
    KINDS,
    MILITIA_V_MILITIA,
    ON_ARMY,
    ON_JIHADISTS,
    ON_MILITIA,
    ON_VILLAGE,
    STATE_V_JIHADISTS,
    STATE_V_OTHER,
)
from abm.mapping import of_mapping
from abm.militias import recorded_kind
from abm.parameters import Parameters
from abm.simulation import Simulation
from abm.social_world import pairs_table

SHARES = ("ambush_share", "jihadist_initiative", "militia_initiative")
JIHADISTS, DOGON_OR_DOZO = (KATIBA_MACINA, IS_SAHEL), (DOGON, DOZO)
CLASHES = {STATE_V_JIHADISTS, JIHADISTS_V_MILITIA, MILITIA_V_MILITIA}
any_shares = st.fixed_dictionaries(dict.fromkeys(SHARES, st.floats(0.05, 0.95)))
Floats = NDArray[np.float64]


def assuming(shares: Mapping[str, float]) -> Parameters:
    return defaults().model_copy(update=dict(shares))


def recorded_totals(q: Parameters) -> Floats:
    """Events of 2020 by kind and zone that rates with these shares stand for: shape (10, 4)."""
    by_action, operations = of_mapping(q)
    totals = np.zeros((len(KINDS), len(ZONES)))
    bands = np.array(q.rates.observed) * by_action[:, None, :]
    for faction in range(len(FACTIONS)):
        for action in range(len(ACTIONS)):
            kind = recorded_kind(faction, int(faction in JIHADISTS), action, 1.0, 0.0)
            totals[kind] += bands[faction, :, action]
    met_jihadists, met_others, _ = np.array(q.rates.army_observed)
    totals[STATE_V_JIHADISTS] += operations * met_jihadists
    totals[STATE_V_OTHER] += met_others
    return totals


# --- factors --------------------------------------------------------------------------------------------------------


def test_nothing_changes_at_the_shares_that_rates_were_fitted_with() -> None:
    by_action, operations = of_mapping(defaults())
    assert (by_action == 1.0).all()
    assert by_action.shape == (len(FACTIONS), len(ACTIONS))
    assert operations == 1.0
    fitted = dict(zip(SHARES, defaults().rates.mapped_with, strict=True))
    assert fitted == {name: declarations(Parameters)[name].default for name in SHARES}


@given(any_shares)
def test_the_total_of_each_recorded_kind_does_not_depend_on_the_shares(shares: Mapping[str, float]) -> None:
    # The tables have six digits.
    fitted = recorded_totals(defaults())
    assert recorded_totals(assuming(shares)) == pytest.approx(fitted, rel=1e-5, abs=1e-9)
    assert all(fitted[kind].sum() > 10.0 for kind in CLASHES)


@given(any_shares)
def test_the_shares_are_those_of_the_clashes_begun_by_each_side(shares: Mapping[str, float]) -> None:
    q = assuming(shares)
    by_action, operations = of_mapping(q)
    bands = (np.array(q.rates.observed) * by_action[:, None, :]).sum(axis=1)  # faction, action
    ambushes = bands[JIHADISTS, ON_ARMY].sum()
    met = operations * sum(q.rates.army_observed[0])
    assert ambushes / (ambushes + met) == pytest.approx(shares["ambush_share"], rel=1e-5)
    by_jihadists, on_jihadists = bands[JIHADISTS, ON_MILITIA].sum(), bands[DOGON_OR_DOZO, ON_JIHADISTS].sum()
    assert by_jihadists / (by_jihadists + on_jihadists) == pytest.approx(shares["jihadist_initiative"], rel=1e-5)
    by_others, by_fulani = bands[DOGON_OR_DOZO, ON_MILITIA].sum(), bands[FULANI, ON_MILITIA]
    assert by_others / (by_others + by_fulani) == pytest.approx(shares["militia_initiative"], rel=1e-5)


@given(any_shares)
def test_attacks_on_villages_and_what_a_draw_believes_in_all_together_stay(shares: Mapping[str, float]) -> None:
    q = assuming(shares)
    by_action, _ = of_mapping(q)
    assert (by_action[:, ON_VILLAGE] == 1.0).all()
    # What bands do not begin operations do: the events of a zone stay as many.
    assert intended_events(q).sum(axis=0) == pytest.approx(intended_events(defaults()).sum(axis=0), rel=1e-5)
    assert np.array_equal(intended_events(q)[2:], intended_events(defaults())[2:])


# --- in a run -------------------------------------------------------------------------------------------------------

OTHERS = {"ambush_share": 0.9, "jihadist_initiative": 0.4, "militia_initiative": 0.8}


def by_hand(q: Parameters) -> Floats:
    """Attempts a year by faction, zone and action."""
    attempts = np.array(q.rates.candidates)
    attempts[JIHADISTS, :, ON_ARMY] *= 0.9 / 0.6
    attempts[JIHADISTS, :, ON_MILITIA] *= 0.4 / 0.7
    attempts[DOGON_OR_DOZO, :, ON_JIHADISTS] *= 0.6 / 0.3
    attempts[DOGON_OR_DOZO, :, ON_MILITIA] *= 0.8 / 0.5
    attempts[FULANI, :, ON_MILITIA] *= 0.2 / 0.5
    return attempts


def test_the_compiled_day_reads_rates_with_these_shares() -> None:
    q = assuming(OTHERS)
    c, usual = (compile_parameters(scenario(), p, (1.0, 1.0)) for p in (q, defaults()))
    attempts = by_hand(q)
    totals = attempts.sum(axis=2)
    assert c.candidates == pytest.approx(totals / YEAR)
    shares = np.diff(c.action_share, axis=2, prepend=0.0)[totals > 0.0]
    assert shares == pytest.approx(attempts[totals > 0.0] / totals[totals > 0.0][:, None])
    assert c.contact[0] == pytest.approx(usual.contact[0] * 0.1 / 0.4)
    assert np.array_equal(c.contact[1], usual.contact[1])
    assert np.array_equal(c.abuse, usual.abuse)


@pytest.mark.statistical
@pytest.mark.parametrize("action", [ON_MILITIA, ON_JIHADISTS, ON_ARMY])
def test_bands_begin_as_many_clashes_as_the_shares_have_it(action: int) -> None:
    # Each attempt is of this kind with a known chance; false alarm 1e-6.
    q = inert(**OTHERS)
    attempts = by_hand(q)
    simulation = Simulation(scenario(), q, seed=4)
    simulation.advance(1000)
    events = by_bands(used(simulation, "events"))
    of_faction_and_zone = attempts[events["faction"], simulation.world.militias["zone"][events["perpetrator"]]]
    chance = of_faction_and_zone[:, action] / of_faction_and_zone.sum(axis=1)
    assert_close_in_law((events["action"] == action).sum(), chance.sum(), (chance * (1.0 - chance)).sum())
    assert (chance * (1.0 - chance)).sum() > 25.0


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_usual_grievances_are_about_clashes_that_the_other_side_began(share: float) -> None:
    q = defaults().changed(militia_initiative=share)
    world = Simulation(scenario(), q).world
    pairs, fitted = world.pairs, Simulation(scenario(), defaults()).world.pairs
    assert np.array_equal(
        pairs["second_usual"], pairs_table(scenario().start, q.grievance_half_life, share)["second_usual"]
    )
    together, before = (p["first_usual"] + p["second_usual"] for p in (pairs, fitted))
    assert together == pytest.approx(before)
    # Fulani hold more against others, the more of the clashes these begin.
    more = pairs["second_usual"].sum() - fitted["second_usual"].sum()
    assert np.sign(round(more, 9)) == np.sign(share - 0.5)
