"""What a run is told must fit its world: rows of compiled code are not checked there."""

from __future__ import annotations

import numpy as np
import pytest
from engine import history, known_attack, known_operation
from plain_mesa.known_days import QUIET_DAY

from abm.geography import CERCLES
from abm.kinds import ON_VILLAGE
from abm.lived import NOWHERE, LivedHistory
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.tables import LIVED, World
from abm.world import build_world

SMALL = Scenario.load("baseline-2021").changed(world={"cercles": ("Koro",)})


@pytest.fixture(scope="module")
def quiet() -> World:
    return build_world(SMALL, Parameters())


@pytest.mark.parametrize(
    ("field", "value"),
    [("perpetrator", 10**6), ("perpetrator", -1), ("target", 10**6), ("village", 10**6), ("cell", -1), ("kind", 99)],
)
def test_rows_that_the_world_does_not_have_are_refused(quiet: World, field: str, value: int) -> None:
    row = known_attack(quiet, QUIET_DAY, 0, ON_VILLAGE, 0) | {field: value}
    with pytest.raises(ValueError, match=rf"row 0: {field}: the world has no {value}"):
        build_world(SMALL, Parameters(), history(QUIET_DAY + 1, [row]))


def test_an_attack_on_villagers_needs_a_village(quiet: World) -> None:
    row = known_attack(quiet, QUIET_DAY, 0, ON_VILLAGE, 0) | {"village": NOWHERE}
    with pytest.raises(ValueError, match="needs one"):
        build_world(SMALL, Parameters(), history(QUIET_DAY + 1, [row]))


def test_an_operation_that_meets_nobody_is_refused(quiet: World) -> None:
    row = known_operation(quiet, QUIET_DAY, 0, 0) | {"target": -1}
    with pytest.raises(ValueError, match="target"):
        build_world(SMALL, Parameters(), history(QUIET_DAY + 1, [row]))


def test_a_day_tells_no_more_than_the_logs_have_room_for(quiet: World) -> None:
    row = known_attack(quiet, QUIET_DAY, 0, ON_VILLAGE, 0)
    bands = quiet.militias.size
    build_world(SMALL, Parameters(), history(QUIET_DAY + 1, [row] * bands))
    with pytest.raises(ValueError, match=f"at most {bands} events on a day"):
        build_world(SMALL, Parameters(), history(QUIET_DAY + 1, [row] * (bands + 1)))


def test_a_course_of_whole_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="float64"):
        LivedHistory(0, np.zeros(0, LIVED), np.ones((1, len(CERCLES)), np.int64))  # type: ignore[arg-type]
