"""Presence: adds up exactly, can be taken back exactly, fades with its half-life, and is only where units were."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from engine import day_by_day, defaults, scenario, silent
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import spence

from abm.parameters import Parameters
from abm.presence import UNIT, decayed, decayed_units, gaussian, presence_of
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.stamps import presence_stamps
from abm.tables import FREE, GARRISON, ON_OPERATION, ON_PATROL, OPEN, World

AMOUNTS, DAYS, HALF_LIVES = st.floats(0.0, 1e6), st.integers(0, 2000), st.floats(0.1, 1000.0)
TOB, PATROL, ARMY = range(3)

# --- rules --------------------------------------------------------------------------------------------------------


@given(AMOUNTS, DAYS, HALF_LIVES)
def test_half_is_lost_in_a_half_life(value: float, days: int, half_life: float) -> None:
    assert decayed(value, 100, 100 + days, half_life) == pytest.approx(value * 0.5 ** (days / half_life))


@given(AMOUNTS, DAYS, DAYS, HALF_LIVES)
def test_decay_in_two_steps_is_decay_in_one(value: float, first: int, second: int, half_life: float) -> None:
    # So that an amount may be brought up to date as often as one likes.
    middle = decayed(value, 0, first, half_life)
    assert decayed(middle, first, first + second, half_life) == pytest.approx(
        decayed(value, 0, first + second, half_life)
    )


@pytest.mark.parametrize(("day", "half_life", "left"), [(10, 0.0, 8.0), (11, 0.0, 0.0), (9, 5.0, 8.0), (9, 0.0, 8.0)])
def test_without_a_half_life_all_is_gone_the_next_day(day: int, half_life: float, left: float) -> None:
    assert decayed(8.0, 10, day, half_life) == left


@given(st.integers(0, 2**50), DAYS, HALF_LIVES)
def test_pressure_fades_rounded_down(units: int, days: int, half_life: float) -> None:
    exact = units * 0.5 ** (days / half_life)
    assert math.floor(exact * (1 - 1e-12)) <= decayed_units(units, 0, days, half_life) <= exact * (1 + 1e-12)


@given(st.lists(st.floats(0.0, 0.999), max_size=12), st.randoms())
def test_presence_is_what_all_units_together_leave_uncovered(kernels: list[float], order: object) -> None:
    # U = 1 - prod(1 - k); in fixed point the order of units cannot matter.
    units = [round(-math.log1p(-k) / UNIT) for k in kernels]
    shuffled = units.copy()
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sum(shuffled) == sum(units)
    assert presence_of(sum(units)) == pytest.approx(1.0 - math.prod(1.0 - k for k in kernels), abs=1e-10)


def test_the_kernel_is_61_per_cent_at_its_scale() -> None:
    assert gaussian(0.0, 15.0) == 1.0
    assert gaussian(15.0 * 15.0, 15.0) == pytest.approx(math.exp(-0.5))


# --- kernels on the grid ------------------------------------------------------------------------------------------


def dilogarithm(z: float) -> float:
    return float(spence(1.0 - z))


@pytest.mark.parametrize("size", [5.0, 10.0, 20.0])
@pytest.mark.parametrize("strength", [0.5, 0.95])
@pytest.mark.parametrize("scale", [10.0, 15.0, 40.0])
def test_kernels_have_the_mass_of_the_plane_on_every_grid(size: float, strength: float, scale: float) -> None:
    # Integral of -log(1 - a exp(-r^2 / 2s^2)) over the disc of three standard deviations: a difference of dilogarithms.
    offsets, stamps, kernel = presence_stamps(size, scale, (strength,))
    exact = 2 * math.pi * scale**2 * (dilogarithm(strength) - dilogarithm(strength * math.exp(-4.5)))
    tolerance = 0.03 if size <= scale else 0.08
    assert stamps.sum() * UNIT * size * size == pytest.approx(exact, rel=tolerance)
    assert kernel.sum() * size * size == pytest.approx(2 * math.pi * scale**2 * (1 - math.exp(-4.5)), rel=tolerance)
    assert (stamps > 0).all()
    assert offsets.shape == (stamps.shape[1], 2)
    assert len({tuple(o) for o in offsets.tolist()}) == offsets.shape[0]


def test_kernels_are_symmetric_and_strongest_at_the_centre() -> None:
    offsets, stamps, _ = presence_stamps(10.0, 15.0, (0.95, 0.5, 0.5))
    by_offset = {tuple(o): tuple(s) for o, s in zip(offsets.tolist(), stamps.T.tolist(), strict=True)}
    for (i, j), stamp in by_offset.items():
        mirrored = [by_offset[k] for k in ((-i, j), (i, -j), (j, i), (-i, -j))]
        assert np.abs(np.array(mirrored) - stamp).max() <= 2  # the last bit of a mean over the cell
    assert max(by_offset.values()) == by_offset[0, 0]
    assert 0.7 < presence_of(by_offset[0, 0][TOB]) < 0.95
    assert by_offset[1, 2][PATROL] == by_offset[1, 2][ARMY]


# --- in a run -----------------------------------------------------------------------------------------------------

# Two cercles around the main base, the package there at once, and nobody who fights.
HERE = ("Mopti", "Bandiagara", "Bankass")
TODAY = date(2021, 1, 1)


def arm(**un: object) -> Scenario:
    package = {"decision": TODAY, "permission": TODAY}
    return scenario("extra-tobs").changed(start=TODAY, world={"cercles": HERE}, package=package, un=un)


def quiet(**changes: object) -> Parameters:
    return silent(defaults().changed(**{"generation_months": 0.0, "attack_per_patrol": 0.0, **changes}))


def stamped(world: World, kernel: int, cell: int) -> NDArray[np.int64]:
    """Pressure of one unit at a cell on all cells, by looking every cell up."""
    field = np.zeros(world.cells.size, np.int64)
    near = {tuple(o): s for o, s in zip(world.stamp_offset.tolist(), world.stamps[kernel].tolist(), strict=True)}
    columns, rows = world.cells["column"] - world.cells["column"][cell], world.cells["row"] - world.cells["row"][cell]
    for other in range(world.cells.size):
        field[other] = near.get((int(columns[other]), int(rows[other])), 0)
    return field


def held(world: World) -> NDArray[np.int64]:
    field = np.zeros(world.cells.size, np.int64)
    for slot in world.slots[world.slots["status"] == OPEN]:
        field += stamped(world, TOB, slot.cell)
    return field


def test_garrisons_hold_their_surroundings_from_the_first_day() -> None:
    world = Simulation(arm(), quiet()).world
    field = sum(stamped(world, ARMY, int(cell)) for cell in world.sites["cell"][world.sites["kind"] == GARRISON])
    assert np.array_equal(world.cells["army_held"], field)
    assert field.max() > 0


def test_bases_held_open_and_close_without_a_trace() -> None:
    # After every opening and closing the field is the sum over open bases, to the unit; with all closed it is zero.
    simulation = Simulation(arm(), quiet(tob_days=10.0, tob_setup_days=0.0, persistence_days=0.0), seed=3)
    world = simulation.world
    seen = set()
    for _ in day_by_day(simulation, 200):
        assert np.array_equal(world.cells["un_held"], held(world))
        seen |= {int(cell) for cell in world.slots["cell"][world.slots["status"] == OPEN]}
    assert len(seen) > 3
    assert (world.slots["status"] == OPEN).any()
    world.un_units["mobile"] = 0  # nobody holds the next one
    world.slots["closes"] = simulation.day
    simulation.advance(30)
    assert (world.slots["status"] == FREE).all()
    assert not world.cells["un_held"].any()
    assert not world.cells["un_after"].any()


Visits = list[tuple[int, int]]


def visits_of(simulation: Simulation, days: int) -> tuple[Visits, Visits, Visits]:
    """Day and cell of each UN patrol, of each army patrol or operation, and of each closing of a base."""
    world = simulation.world
    un: Visits = []
    army: Visits = []
    closed: Visits = []
    was_open = np.zeros(world.slots.size, bool)
    cells = world.slots["cell"].copy()
    for day in day_by_day(simulation, days):
        # A company that leads a base sends its free troops on patrol as well.
        un += [(day, int(u.patrol_cell)) for u in world.un_units if u.patrol_cell >= 0]
        army += [(day, int(a.cell)) for a in world.national_forces if a.task in (ON_PATROL, ON_OPERATION)]
        now = world.slots["status"] == OPEN
        closed += [(day, int(cells[slot])) for slot in np.flatnonzero(was_open & ~now)]
        was_open, cells = now, world.slots["cell"].copy()
    return un, army, closed


def test_traces_are_the_sum_of_visits_each_faded_by_its_age() -> None:
    # Short patrols and a narrow kernel, so that there are places where nobody ever was.
    q = quiet(
        patrol_effect_days=6.0, persistence_days=20.0, tob_days=15.0, presence_km=6.0, base_patrol_km=15.0,
        mobile_patrol_km=25.0, army_patrol_km=15.0, army_operation_km=25.0,
    )  # fmt: skip
    simulation = Simulation(arm(), q, seed=5)
    visits = visits_of(simulation, 120)
    world, last = simulation.world, simulation.day - 1
    for (field, kernel, half_life), made in zip(
        (("un_patrol", PATROL, 6.0), ("army_trace", ARMY, 6.0), ("un_after", TOB, 20.0)), visits, strict=True
    ):
        assert len(made) > 5
        exact = np.zeros(world.cells.size)
        for day, cell in made:
            exact += stamped(world, kernel, cell) * 0.5 ** ((last - day) / half_life)
        kept = [
            decayed_units(int(units), int(day), last, half_life)
            for units, day in zip(world.cells[field], world.cells[f"{field}_day"], strict=True)
        ]
        # Rounding down at each visit loses less than a unit of 2**-40 each time.
        assert np.abs(np.array(kept) - exact).max() <= len(made) + 1
        assert max(kept) * UNIT > 0.1
        never_near = exact == 0.0
        assert never_near.any()
        assert not world.cells[field][never_near].any()


def test_a_world_without_the_un_has_no_presence_of_it() -> None:
    simulation = Simulation(scenario("no-un").changed(world={"cercles": HERE}), defaults(), seed=1)
    simulation.advance(200)
    for field in ("un_held", "un_patrol", "un_after"):
        assert not simulation.world.cells[field].any()
    assert simulation.world.cells["army_trace"].any()


def test_traces_do_not_depend_on_the_order_of_units() -> None:
    # No bases here, which mobile units take in the order of the table.
    q, levers = quiet(troops_per_tob=1000.0, rotation=6.0), arm(hold_ogossagou=False)
    one, other = Simulation(levers, q, seed=8), Simulation(levers, q, seed=8)
    rng = np.random.default_rng(0)
    for table in ("un_units", "national_forces"):
        rows = getattr(other.world, table)
        rows[:] = rows[rng.permutation(rows.size)]
    for simulation in (one, other):
        simulation.advance(90)
    assert one.world.cells["un_patrol"].any()
    assert one.world.cells.tobytes() == other.world.cells.tobytes()


def test_longer_memory_of_patrols_means_more_presence_everywhere() -> None:
    fields = []
    for days in (2.0, 8.0, 32.0):
        simulation = Simulation(arm(), quiet(patrol_effect_days=days), seed=8)
        simulation.advance(60)
        cells = simulation.world.cells
        fields.append(np.array([decayed_units(int(c.un_patrol), int(c.un_patrol_day), 10**4, 1e9) for c in cells]))
        assert fields[-1].any()
    for shorter, longer in pairwise(fields):
        assert (longer >= shorter).all()
        assert longer.sum() > shorter.sum()
