"""Displaced people: who flees, who returns, and that nobody is counted twice."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from engine import day_by_day, inert, scenario, times, used, with_rates
from hypothesis import given
from hypothesis import strategies as st

from abm.kinds import ON_VILLAGE, PREVENTED
from abm.parameters import Parameters
from abm.refuge import WITHOUT_DEATHS, displaced_today, fleeing
from abm.simulation import Simulation

SMALL = scenario().changed(world={"cercles": ("Bandiagara", "Koro", "Mopti")})
WEEK, YEAR = 7, 365
FLEE, CALM, HALF_LIFE = 0.4, 30.0, 50.0

# --- rules --------------------------------------------------------------------------------------------------------

people = st.integers(0, 200_000)
days = st.integers(0, 2000)


@given(people, days, days, st.floats(0.0, 720.0), st.floats(5.0, 3650.0))
def test_the_displaced_stay_away_until_calm_then_return_by_half(
    displaced: int, attack_day: int, later: int, calm: float, half_life: float
) -> None:
    away = displaced_today(displaced, attack_day, attack_day + later, calm, half_life)
    assert 0 <= away <= displaced
    returning = later - int(calm)
    if returning <= 0:
        assert away == displaced
    else:
        assert away == pytest.approx(displaced * 0.5 ** (returning / half_life), abs=1.0)
    assert displaced_today(displaced, attack_day, attack_day + later + 1, calm, half_life) <= away


@given(people, st.floats(0.0, 1.0))
def test_a_share_of_those_present_flees_and_half_as_many_where_nobody_was_killed(present: int, share: float) -> None:
    assert fleeing(present, share, 3) == int(share * present)
    assert fleeing(present, share, 0) == pytest.approx(share * WITHOUT_DEATHS * present, abs=1.0)
    assert 0 <= fleeing(present, share, 0) <= fleeing(present, share, 1) <= present


# --- in a run -----------------------------------------------------------------------------------------------------


def parameters(**changes: Any) -> Parameters:
    """Bands attack villages only, often; many flee and soon return."""
    q = inert(**{"flee_share": FLEE, "calm_days": CALM, "return_half_life": HALF_LIFE, "n_same": 0.3, **changes})
    candidates = tuple(
        tuple(tuple(5.0 * v * (action == ON_VILLAGE) for action, v in enumerate(by_action)) for by_action in by_zone)
        for by_zone in q.rates.candidates
    )
    return with_rates(q, candidates=candidates, abuse=times(q.rates.abuse, 5.0))


class Ledger:
    """Displaced people of each village by hand, from the attacks of the log."""

    def __init__(self, simulation: Simulation) -> None:
        self.population = simulation.world.villages["population"]
        self.away: dict[int, tuple[int, int]] = {}  # village: how many, and the day of the attack
        self.events = 0

    def on(self, village: int, day: int) -> int:
        """How many of a village are away on a day."""
        displaced, attacked = self.away.get(village, (0, day))
        calm = max(0, day - attacked - int(CALM))
        return int(displaced * np.exp(-np.log(2.0) * calm / HALF_LIFE)) if calm else displaced

    def take_in(self, simulation: Simulation) -> None:
        """The attacks of the log that are new."""
        events = used(simulation, "events")
        for e in events[self.events :]:
            if e.action == ON_VILLAGE and e.outcome != PREVENTED:
                village, away = int(e.village), self.on(int(e.village), int(e.day))
                present = int(self.population[village]) - away
                assert e.deaths <= max(1, present)
                away += int((FLEE if e.deaths else FLEE / 2) * present)
                self.away[village] = away, int(e.day)
        self.events = events.size

    def total(self, day: int) -> int:
        return sum(self.on(village, day) for village in self.away)


@cache
def violent_year() -> tuple[Simulation, Ledger, list[tuple[int, int, int]]]:
    """A year of attacks, the ledger of it, and each week: day, displaced people by the model, by hand."""
    simulation = Simulation(SMALL, parameters(), seed=1)
    ledger, weeks = Ledger(simulation), []
    for day in day_by_day(simulation, YEAR):
        ledger.take_in(simulation)
        if day % WEEK == 0:
            weeks.append((day, int(simulation.world.state[0].displaced_people), ledger.total(day)))
    return simulation, ledger, weeks


def test_displaced_people_are_those_of_the_log() -> None:
    simulation, ledger, weeks = violent_year()
    villages = simulation.world.villages
    assert [model for _, model, _ in weeks] == [by_hand for _, _, by_hand in weeks]
    assert weeks[-1][1] > 10_000
    away = np.flatnonzero(villages["displaced"])
    assert away.size > 100
    assert {int(v): (int(villages["displaced"][v]), int(villages["displaced_day"][v])) for v in away} == {
        v: entry for v, entry in ledger.away.items() if villages["displaced"][v]
    }
    # Some fled more than once.
    attacks = used(simulation, "events")
    attacks = attacks[(attacks["action"] == ON_VILLAGE) & (attacks["outcome"] != PREVENTED)]
    assert attacks.size > len(ledger.away) + 50


def test_nobody_flees_who_is_not_there() -> None:
    simulation, _, _ = violent_year()
    villages = simulation.world.villages
    assert (villages["displaced"] >= 0).all()
    assert (villages["displaced"] <= villages["population"]).all()
    assert np.array_equal(villages["population"], Simulation(SMALL, parameters()).world.villages["population"])


def test_the_daily_total_is_that_of_the_last_weekly_count() -> None:
    simulation, _, weeks = violent_year()
    daily = {int(d.day): int(d.displaced) for d in used(simulation, "days")}
    counted = {day: model for day, model, _ in weeks}
    first = min(counted)
    assert all(daily[day] == counted[day - day % WEEK] for day in daily if day >= first)
    assert all(daily[day] == 0 for day in daily if day < first)


def peace(simulation: Simulation) -> None:
    """Doctor a run: from now on nobody attacks or abuses anybody, and no attack has offspring any more."""
    for table in (simulation.compiled.candidates, simulation.compiled.abuse, simulation.world.militias["excitation"]):
        table[...] = 0.0


def test_all_return_once_it_is_calm() -> None:
    simulation = Simulation(SMALL, parameters(), seed=2)
    simulation.advance(100)
    peace(simulation)
    start, events = simulation.day, used(simulation, "events").size
    counts = []
    for day in day_by_day(simulation, 2 * YEAR):
        if day % WEEK == 0:
            counts.append((day, int(simulation.world.state[0].displaced_people)))
    attacks = used(simulation, "events")[events:]
    assert not (attacks["action"] == ON_VILLAGE).any()
    assert counts[0][1] > 1000
    assert all(later <= earlier for (_, earlier), (_, later) in pairwise(counts))
    # When it has been calm everywhere, half return in a half-life (rounded down in each village).
    day, first = next((day, n) for day, n in counts if day >= start + CALM)
    later, second = next((d, n) for d, n in counts if d >= day + HALF_LIFE)
    villages = int((simulation.world.villages["displaced_day"] >= 0).sum())
    assert second == pytest.approx(first * 0.5 ** ((later - day) / HALF_LIFE), abs=villages)
    assert counts[-1][1] < 0.002 * counts[0][1]


def test_a_clash_at_a_village_keeps_its_people_away() -> None:
    # Nobody flees for it, but calm is counted anew from it.
    displaced, fled, clash = 1000, 0, 50
    simulation = Simulation(SMALL, parameters(), seed=3)
    peace(simulation)
    first = simulation.day
    v = simulation.world.villages[np.argmax(simulation.world.villages["population"])]
    v.displaced, v.displaced_day, v.last_attack = displaced, first + fled, first + fled
    for day in day_by_day(simulation, 200):
        if day == first + clash:
            v.last_attack = day
        if day % WEEK:
            continue
        # Calm from day 30 to 50, when some returned; then again from day 80.
        before = displaced * 0.5 ** (max(0, min(day - first, clash) - CALM) / HALF_LIFE)
        expected = before * 0.5 ** (max(0, day - first - clash - CALM) / HALF_LIFE)
        assert simulation.world.state[0].displaced_people == pytest.approx(expected, abs=2.0)
