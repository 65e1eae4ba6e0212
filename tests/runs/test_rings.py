"""Attacks by distance from extra bases: geometry by hand, against a plain loop, and in a real run."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm import Records, Scenario, simulate
from abm.calendar import day_of
from abm.kinds import KINDS, PREVENTED, REALISED, REALISED_ELSEWHERE
from abm.tables import OPERATIONS, TOB_CLOSED, TOB_GIVEN_UP, TOB_OPENED, UNITS_ARRIVED, Table
from runs.outcomes import measure
from runs.rings import (
    COUNTED,
    EDGES,
    EXPECTED,
    NOWHERE,
    RINGS,
    Attacks,
    Bases,
    attacks_on_civilians,
    by_ring,
    compared,
    extra_bases,
    ring_of,
)

START = day_of(date(2021, 1, 1))
Make = Callable[..., Records]


def bases(*rows: tuple[float, float, int, int]) -> Bases:
    x, y, opened, closed = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    return Bases(x, y, opened.astype(np.int64), closed.astype(np.int64))


def rings(day: int, places: list[tuple[float, float]], there: Bases) -> list[int]:
    x, y = np.array(places, dtype=np.float64).T
    return ring_of(np.full(x.shape, day), x, y, there).tolist()


def test_rings_by_hand() -> None:
    one = bases((0.0, 0.0, 10, 20))
    places = [(0.0, 0.0), (14.9, 0.0), (0.0, 15.0), (0.0, 29.0), (30.0, 0.0), (59.0, 0.0), (99.0, 0.0), (0.0, 100.0)]
    assert rings(10, places, one) == [0, 0, 1, 1, 2, 2, 3, 4]
    assert rings(20, places, one) == [NOWHERE] * 8  # closed on that day
    assert rings(9, places, one) == [NOWHERE] * 8


def test_the_nearest_open_base_counts() -> None:
    two = bases((0.0, 0.0, 10, 20), (50.0, 0.0, 15, 30))
    assert rings(12, [(50.0, 0.0)], two) == [2]
    assert rings(15, [(50.0, 0.0)], two) == [0]
    assert rings(25, [(0.0, 0.0)], two) == [2]


def test_without_bases_everything_is_nowhere() -> None:
    assert rings(12, [(0.0, 0.0)], bases()) == [NOWHERE]
    assert len(RINGS) == len(EDGES) + 2


@given(
    st.lists(st.tuples(st.integers(0, 30), *[st.floats(-150, 150)] * 2), min_size=1, max_size=12),
    st.lists(st.tuples(*[st.floats(-150, 150)] * 2, st.integers(0, 20), st.integers(1, 15)), max_size=5),
)
def test_rings_are_those_of_a_plain_loop(
    places: list[tuple[int, float, float]], there: list[tuple[float, float, int, int]]
) -> None:
    held = bases(*[(x, y, opened, opened + length) for x, y, opened, length in there])
    day, x, y = (np.array(column) for column in zip(*places, strict=True))
    for found, (d, px, py) in zip(ring_of(day, x, y, held), places, strict=True):
        km = [math.hypot(px - bx, py - by) for bx, by, o, n in there if o <= d < o + n]
        expected = sum(min(km) >= edge for edge in EDGES) if km else NOWHERE
        assert found == expected


def test_bases_of_a_log(log: Callable[..., Table]) -> None:
    def row(day: int, what: int, cell: int, amount: int = 1) -> dict[str, float]:
        return {"day": day, "what": what, "cell": cell, "amount": amount, "x": 10.0 * cell, "y": 1.0}

    found = extra_bases(
        log(
            OPERATIONS,
            row(1, TOB_OPENED, 7, amount=0),  # Ogossagou: no extra base
            row(2, UNITS_ARRIVED, 9),
            row(3, TOB_OPENED, 1), row(4, TOB_OPENED, 2), row(9, TOB_CLOSED, 1), row(11, TOB_GIVEN_UP, 2),
            row(12, TOB_OPENED, 1), row(14, TOB_CLOSED, 7, amount=0),
        ),
        99,
    )  # fmt: skip
    assert found.x.tolist() == [10.0, 20.0, 10.0]
    assert found.opened.tolist() == [3, 4, 12]
    assert found.closed.tolist() == [9, 11, 99]


def test_what_is_displaced_counts_where_it_happened_and_is_expected_in_both_places(made: Make) -> None:
    kind = KINDS.index("civilians_by_jihadists")
    clash = KINDS.index("militia_v_militia")
    events = [
        {"day": START, "kind": kind, "outcome": REALISED, "stands": 0.8, "x": 5.0},
        {"day": START, "kind": kind, "outcome": PREVENTED, "stands": 0.6, "x": 5.0},
        {"day": START, "kind": kind, "outcome": REALISED_ELSEWHERE, "stands": 0.5, "x": 70.0, "elsewhere_from": 1},
        {"day": START, "kind": clash, "outcome": REALISED, "stands": 1.0, "x": 5.0},
    ]
    records = made(events, [{}] * 3, villages=[{"x": 500.0}, {"x": 20.0}])
    found = by_ring(attacks_on_civilians(records), bases((0.0, 0.0, START, START + 1)), START, START + 1)
    assert found[COUNTED].tolist() == [1, 0, 0, 1, 0, 0]
    assert found[EXPECTED] == pytest.approx([1.4, 0.5, 0, 1.0, 0, 0])
    assert by_ring(attacks_on_civilians(records), bases(), START + 1, START + 2).sum() == 0


def test_rings_add_up_to_the_outcomes_of_a_run_and_a_run_differs_from_itself_by_nothing(package: Records) -> None:
    first, last = package.clock_zero, package.last_day
    assert first >= 0
    own: Attacks = attacks_on_civilians(package)
    found = compared(package, own, first, last)
    assert np.array_equal(found[0], found[1])
    outcomes = measure(package, first, last)
    assert found[0, COUNTED].sum() == outcomes["civilian_attacks"]
    assert found[0, EXPECTED].sum() == pytest.approx(outcomes["expected_civilian_attacks"])
    assert found[0, COUNTED, :NOWHERE].sum() > 0


def test_bases_of_a_run_are_as_many_as_its_days_say(package: Records) -> None:
    held = extra_bases(package.operations, package.last_day)
    days = package.days["day"]
    is_open = (held.opened <= days[:, None]) & (days[:, None] < held.closed)
    assert is_open.sum(axis=1).tolist() == package.days["extra_tobs"].tolist()


def test_a_run_without_a_package_has_no_extra_bases(small: Scenario) -> None:
    records = simulate(small, seed=1, days=100)
    assert extra_bases(records.operations, records.last_day).x.size == 0
