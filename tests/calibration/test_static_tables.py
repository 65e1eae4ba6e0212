"""Tables that follow from recorded events directly, against sums over the records and likelihoods by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine import defaults
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, zeta

from abm.data import read_table
from abm.geography import COMMUNITIES, community_shares
from abm.kinds import DOGON, FACTIONS, FULANI, KATIBA_MACINA, KINDS, ON_MILITIA, ON_VILLAGE
from calibration.rates import CENTRE
from calibration.recorded import actions_by_cercle, events_by_cercle
from calibration.static_tables import (
    DAYS_IN_MONTH,
    SEASON_WEIGHT,
    _minus_log_likelihood,
    place_law,
    seasons,
    severity,
    tail_exponent,
    target_weights,
)


def test_severity_is_that_of_the_size_table() -> None:
    fatal, mean = severity()
    for k, kind in enumerate(KINDS):
        rows = [(int(r["deaths"]), int(r["events"])) for r in read_table("event_sizes_2017_2020") if r["kind"] == kind]
        events = sum(n for _, n in rows)
        assert fatal[k] == pytest.approx(sum(n for deaths, n in rows if deaths > 0) / events)
        assert mean[k] == pytest.approx(sum(deaths * n for deaths, n in rows) / events)
        assert mean[k] >= fatal[k]  # a lethal event has at least one death


def test_deaths_of_the_size_table_are_those_of_the_monthly_table() -> None:
    _, mean = severity()
    deaths = np.zeros(len(KINDS))
    for row in read_table("events_by_month_cercle_kind_2017_2020"):
        if row["kind"] in KINDS:
            deaths[KINDS.index(row["kind"])] += int(row["deaths"])
    assert events_by_cercle(None).sum(axis=1) * mean == pytest.approx(deaths)


def test_seasons_have_mean_one_and_follow_the_months() -> None:
    table, days = seasons(), np.array(DAYS_IN_MONTH)
    assert table.shape == (len(FACTIONS), 12)
    assert table @ days / days.sum() == pytest.approx(np.ones(len(FACTIONS)))
    kinds = ("civilians_by_fulani_militia", "militia_v_militia")
    months = np.zeros(12)
    for row in read_table("events_by_month_cercle_kind_2017_2020"):
        if row["kind"] in kinds:
            months[int(row["month"][5:]) - 1] += int(row["events"])
    # Shrunk: what is seen and what is believed count by their weights.
    flat = (months + SEASON_WEIGHT) / (months.sum() * days / days.sum() + SEASON_WEIGHT)
    assert table[FULANI] == pytest.approx(flat / (flat @ days / days.sum()))
    assert 0.5 < table.min() < 1.0 < table.max() < 2.0


def log_probability(sizes: list[int], discount: float, strength: float) -> float:
    """Of a partition, customer by customer: independent of their order, so any will do."""
    total, seated, tables = 0.0, 0, 0
    for size in sizes:
        for n in range(size):
            weight = strength + discount * tables if n == 0 else n - discount
            total += math.log(weight / (strength + seated))
            tables += n == 0
            seated += 1
    return total


@pytest.mark.parametrize(("discount", "strength"), [(0.2, 3.0), (0.5, 40.0), (0.8, 0.7)])
def test_the_likelihood_of_places_is_that_of_the_chinese_restaurant(discount: float, strength: float) -> None:
    sizes, places = np.array([1.0, 2.0, 5.0]), np.array([4.0, 2.0, 1.0])
    transformed = np.array([math.log(discount / (1 - discount)), math.log(strength)])
    by_hand = log_probability([1] * 4 + [2] * 2 + [5], discount, strength)
    assert -_minus_log_likelihood(transformed, sizes, places) == pytest.approx(by_hand)
    assert math.isfinite(float(gammaln(strength)))


def test_the_law_of_places_is_the_maximum_of_its_likelihood() -> None:
    discount, new_weight = place_law()
    assert 0.0 < discount < 1.0
    assert new_weight > 0.0
    rows = read_table("events_per_location_2017_2020")
    sizes = np.array([float(r["events_at_location"]) for r in rows])
    places = np.array([float(r["locations"]) for r in rows])
    grid = [
        (_minus_log_likelihood(np.array([math.log(d / (1 - d)), s]), sizes, places), d)
        for d in (0.8 * discount, discount, 1.2 * discount)
        for s in np.linspace(2.0, 8.0, 61)
    ]
    assert min(grid)[1] == discount


def test_the_tail_has_the_exponent_of_maximum_likelihood() -> None:
    # Discrete power law from 5 deaths up, with its full normalisation (Hurwitz zeta): the half-integer approximation is
    # good to a few hundredths there (Clauset, Shalizi & Newman 2009, table 1).
    rows = [(int(r["deaths"]), int(r["events"])) for r in read_table("event_sizes_2017_2020")]
    tail = [(deaths, n) for deaths, n in rows if deaths >= 5]
    events, logs = sum(n for _, n in tail), sum(n * math.log(deaths) for deaths, n in tail)
    exact = minimize_scalar(lambda b: b * logs + events * math.log(zeta(b, 5)), bounds=(1.1, 5.0), method="bounded").x
    assert tail_exponent() == pytest.approx(exact, abs=0.05)
    # Rates are fitted at it; the exponent of the model's law, which bends from one death on, is learnt by simulation.
    assert tail_exponent() == pytest.approx(CENTRE["tail_exponent"], abs=0.1)
    assert tail_exponent() < defaults().tail_exponent


def test_attraction_reproduces_the_recorded_victims() -> None:
    # Attraction times exposure, normalised, is the share of victims by community where it is stated.
    weights, suspicion = target_weights()
    actions = actions_by_cercle(None)
    kinds = {KATIBA_MACINA: "jihadists", DOGON: "dogon_dozo_militia", FULANI: "fulani_militia"}
    for faction, kind in kinds.items():
        active = actions[faction, :, ON_VILLAGE]
        exposure = active / active.sum() @ community_shares()
        victims = weights[faction, ON_VILLAGE] * exposure
        stated = {
            r["victim_community"]: int(r["events"])
            for r in read_table("civilian_victims_by_community_2017_2020")
            if r["kind"] == f"civilians_by_{kind}"
        }
        unstated = sum(n for name, n in stated.items() if name not in COMMUNITIES)
        total = sum(stated.values())
        for c, name in enumerate(COMMUNITIES):
            expected = (stated.get(name, 0) + unstated * exposure[c]) / total
            assert victims[c] == pytest.approx(expected if exposure[c] > 0 else 0.0, abs=1e-9)
    assert suspicion.shape == (len(COMMUNITIES),)
    fulani = COMMUNITIES.index("fulani")
    assert suspicion[fulani] == suspicion.max()  # whom national forces are recorded to have abused most


def test_clashes_happen_in_villages_of_the_opposed_side() -> None:
    weights, _ = target_weights()
    for faction in (DOGON, KATIBA_MACINA, FULANI):
        opposed = weights[faction, ON_MILITIA] == 1.0
        assert 0 < opposed.sum() < len(COMMUNITIES)
        assert (weights[faction, ON_MILITIA][~opposed] < 0.1).all()
    assert weights[DOGON, ON_MILITIA, COMMUNITIES.index("fulani")] == 1.0
    assert weights[FULANI, ON_MILITIA, COMMUNITIES.index("dogon")] == 1.0
