"""Half-degree cells, bases in them, and the estimator, by hand and on invented truths."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine import Z_LIMIT
from hypothesis import given
from hypothesis import strategies as st

from abm.geography import fine_cells, to_km, to_lonlat, towns
from abm.tables import OPERATIONS, TOB_CLOSED, TOB_GIVEN_UP, TOB_OPENED, UNITS_ARRIVED, Table
from calibration.half_degree import (
    LEAST_LAND,
    Span,
    Total,
    bases_by_month,
    entries,
    exits,
    half_degrees,
    never_entered,
    paired,
    prio_gid,
    staggered,
)

# --- half-degree cells ------------------------------------------------------------------------------------------------


def test_cells_have_prio_grids_numbers() -> None:
    lon, lat = (
        np.array([-179.75, 179.75, -179.75, -3.46, -4.09, -3.5, -3.0001]),
        np.array([-89.75, 89.75, -89.25, 14.03, 14.53, 14.0, 14.4999]),
    )
    # From the south-west corner, 720 to a row: 14.03 N is in row 208 from 0, 3.46 W in column 353.
    by_hand = [1, 259_200, 721, 208 * 720 + 354, 209 * 720 + 352, 208 * 720 + 354, 208 * 720 + 354]
    assert prio_gid(lon, lat).tolist() == by_hand


def test_every_corner_of_the_region_has_a_cell_and_its_number() -> None:
    cells, fine = half_degrees(), fine_cells()
    for dx, dy in ((0.001, 0.001), (4.999, 0.001), (0.001, 4.999), (4.999, 4.999)):
        x, y = 5.0 * fine.ix + dx, 5.0 * fine.iy + dy
        assert np.array_equal(cells.gid[cells.of(x, y)], prio_gid(*to_lonlat(x, y)))
    far = to_km(2.3, 48.9)
    with pytest.raises(ValueError, match="outside"):
        cells.of(np.array([far[0]]), np.array([far[1]]))


def test_land_adds_up_to_the_region_and_main_bases_are_no_units() -> None:
    cells = half_degrees()
    km2 = 0.25 * (to_km(-6.0, 13.0)[0] - to_km(-7.0, 13.0)[0]) * (to_km(-6.0, 14.0)[1] - to_km(-6.0, 13.0)[1])
    assert cells.land.sum() * km2 == pytest.approx(25.0 * fine_cells().ix.size, rel=1e-9)
    assert cells.land.max() <= 1.03  # by points 1 km apart: the edge of a cell of 54 km may take in one row too many
    assert 30 <= cells.usable.sum() <= 70
    for name in ("Sévaré", "Douentza"):
        base = towns()[name]
        cell = cells.of(np.array([base.x]), np.array([base.y]))
        assert cells.land[cell] > LEAST_LAND
        assert not cells.usable[cell]


def test_neighbours_are_the_eight_around() -> None:
    cells = half_degrees()
    values = np.random.default_rng(1).poisson(2.0, (cells.gid.size, 3)).astype(float)
    found = cells.around(values)
    where = {gid: number for number, gid in enumerate(cells.gid.tolist())}
    for gid, number in where.items():
        around = [gid + 720 * i + j for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]
        expected = sum((values[where[g]] for g in around if g in where), np.zeros(3))
        assert found[number].tolist() == expected.tolist()


# --- bases and spans --------------------------------------------------------------------------------------------------


def log(dtype: np.dtype[np.void], *rows: dict[str, float]) -> Table:
    table = np.zeros(len(rows), dtype)
    for number, row in enumerate(rows):
        for name, value in row.items():
            table[name][number] = value
    return table


def test_a_month_has_a_base_where_one_is_open_in_its_middle() -> None:
    starts = np.array([0, 30, 60, 90, 120])  # middles 15, 45, 75, 105
    place = towns()["Ogossagou"]
    there = {"cell": 7, "x": place.x, "y": place.y}
    operations = log(
        OPERATIONS, {"day": 3, "what": UNITS_ARRIVED, **there}, {"day": 15, "what": TOB_OPENED, **there},
        {"day": 45, "what": TOB_CLOSED, **there}, {"day": 80, "what": TOB_OPENED, "amount": 1, **there},
        {"day": 85, "what": TOB_GIVEN_UP, "amount": 1, **there}, {"day": 100, "what": TOB_OPENED, **there},
    )  # fmt: skip
    cells = half_degrees()
    there_by_month = bases_by_month(cells, operations, starts)
    cell = int(cells.of(np.array([place.x]), np.array([place.y]))[0])
    assert there_by_month[cell].tolist() == [True, False, False, True]
    assert there_by_month.sum() == 2
    assert not bases_by_month(cells, operations[:0], starts).any()


def months(text: str) -> list[bool]:
    return [letter == "x" for letter in text]


def test_spells_begin_after_a_month_without_a_base_in_either_run() -> None:
    treated = np.array([months("x.xx.x...x"), months(".xxx......"), months(".x.x......"), months("..x.......")])
    control = np.array([months(".........."), months("..x......."), months("x........."), months("..........")])
    usable = np.array([True, True, True, False])
    found = entries(treated, control, usable)
    assert found == [Span(0, 1, 2, 3), Span(0, 4, 5, 5), Span(0, 8, 9, 9), Span(1, 0, 1, 1), Span(2, 2, 3, 3)]
    # In cell 1 the month after the spell has a base in both runs: it is no exit.
    assert exits(found, treated, control, 3) == [Span(0, 3, 4, 4), Span(0, 5, 6, 8), Span(2, 3, 4, 6)]
    assert exits(found, treated, control, 1)[1] == Span(0, 5, 6, 6)
    assert never_entered(treated, control, usable).tolist() == [False] * 4
    assert never_entered(treated[:, :1], control[:, :1], usable).tolist() == [False, True, False, False]


# --- the estimator ----------------------------------------------------------------------------------------------------


@given(st.integers(0, 1000), st.floats(-5.0, 5.0))
def test_a_known_effect_is_found_whatever_cells_and_months_are_like(seed: int, effect: float) -> None:
    rng = np.random.default_rng(seed)
    control = rng.normal(size=(6, 1)) + rng.normal(size=(1, 12))
    spans = [Span(0, 2, 3, 5), Span(1, 0, 1, 9), Span(0, 7, 8, 8)]
    treated = control.copy()
    for span in spans:
        treated[span.cell, span.first : span.last + 1] += effect
    never = np.array([False, False, True, True, True, False])
    found = staggered(treated, spans, never)
    assert found.months == 13
    assert found.total == pytest.approx(13 * effect, abs=1e-9)
    assert paired(treated - control, spans, against_before=False).total == pytest.approx(13 * effect, abs=1e-9)
    # After exit the effect is gone: against the last month with a base, that is a change of minus the effect.
    left = exits(spans, *bases_of(spans, control.shape), 2)
    assert left == [Span(0, 5, 6, 7), Span(1, 9, 10, 11), Span(0, 8, 9, 10)]
    assert staggered(treated, left, never).total == pytest.approx(-6 * effect, abs=1e-9)
    assert paired(treated - control, left, against_before=True).total == pytest.approx(-6 * effect, abs=1e-9)


def bases_of(spans: list[Span], shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    treated = np.zeros(shape, np.bool_)
    for span in spans:
        treated[span.cell, span.first : span.last + 1] = True
    return treated, np.zeros(shape, np.bool_)


def test_nothing_to_compare_with_counts_nothing() -> None:
    spans = [Span(0, 0, 1, 1)]
    assert staggered(np.ones((1, 2)), spans, np.array([False])) == Total(0.0, 0)
    assert staggered(np.ones((2, 2)), [], np.array([False, True])) == Total(0.0, 0)


@pytest.mark.statistical
@pytest.mark.parametrize("where", ["where violence was", "anywhere"])
def test_siting_where_violence_was_shows_as_bias_and_random_siting_does_not(where: str) -> None:
    # No base has any effect, so the truth of every pair is zero. False alarm of a correct estimator: one in a million.
    rng = np.random.default_rng(5)
    usual = 1.0
    values = []
    for _ in range(400):
        outcome = rng.poisson(usual, (12, 10)).astype(float)
        sited = int(outcome[:6, 4].argmax()) if where == "where violence was" else int(rng.integers(6))
        spans = [Span(sited, 4, 5, 7)]
        never = np.arange(12) >= 6
        assert paired(outcome - outcome, spans, against_before=False) == Total(0.0, 3)
        values.append(staggered(outcome, spans, never).total / 3)
    z = float(np.mean(values) / (np.std(values, ddof=1) / math.sqrt(len(values))))
    if where == "anywhere":
        assert abs(z) < Z_LIMIT
    else:
        # What was chosen because it was high falls back: the mean of the largest of six Poisson(1), less 1, is 1.5.
        highest = np.random.default_rng(6).poisson(usual, (100_000, 6)).max(axis=1).mean()
        assert np.mean(values) == pytest.approx(usual - highest, abs=0.3)
        assert z < -Z_LIMIT
