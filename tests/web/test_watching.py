"""Watching a run, and other runs of the same, as the desk does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from engine import defaults, scenario
from numpy.typing import NDArray

from abm.simulation import simulate
from runs.outcomes import measure
from runs.parallel import Stopped
from runs.statistics import quantiles
from web import watching
from web.choice import Choice
from web.desk import all_messages
from web.packing import unpack
from web.watching import Case, Courses, Spread, Watching, case_of, course, points_of
from web.work import Message, Refused

SMALL = {"world": {"cercles": ["Koro", "Bankass"]}, "months": 3}
CHOICE = Choice(scenario="extra-tobs", levers=SMALL)
CHANGED = {"n_same": 0.2}
Unpacked = tuple[dict[str, Any], dict[str, NDArray[Any]]]


def quiet(_day: int) -> None:
    """Nobody wants to stop."""


def unpacked(messages: list[Message]) -> list[Unpacked]:
    return [unpack(message) for message in messages if isinstance(message, bytes)]


@pytest.fixture
def few_seeds(monkeypatch: pytest.MonkeyPatch) -> int:
    """Ten other runs instead of a hundred, and nothing kept from another test."""
    monkeypatch.setattr(watching, "REFERENCE_SEEDS", 10)
    watching.shared_courses.cache_clear()
    return 10


def test_a_run_is_told_whole_first_days_first() -> None:
    messages = unpacked(all_messages(Watching(CHOICE, CHANGED, 3)))
    assert [header["say"] for header, _ in messages] == ["world", "days", "days", "days", "days"]
    world, *chunks = [header for header, _ in messages]
    assert (world["seed"], world["scenario"]) == (3, "extra-tobs")
    assert [(chunk["first"] - world["first"], chunk["count"]) for chunk in chunks] == [
        (0, 2),
        (2, 30),
        (32, 30),
        (62, 28),
    ]
    assert world["end"] - world["first"] == 90

    arm = scenario("extra-tobs").changed(**SMALL)
    records = simulate(arm, defaults().changed(**CHANGED), seed=3)
    assert (records.first_day, records.last_day) == (world["first"], world["end"])
    for name in ("day", "kind", "deaths", "outcome"):
        assert np.array_equal(np.concatenate([a[f"event_{name}"] for _, a in messages[1:]]), records.events[name])
    measured = measure(records, records.first_day, records.last_day)
    for column, total in zip(world["columns"], messages[-1][1]["totals"][-1], strict=True):
        if column not in ("troops", "tobs"):
            assert total == measured[column]


def test_nothing_is_computed_before_the_first_task() -> None:
    assert list(Watching(CHOICE, {}, 0, spread=True).begin()) == []
    assert list(Spread(CHOICE, {}, 0).begin()) == []


def test_a_run_that_nobody_wants_any_more_stops_within_a_day() -> None:
    tasks = Watching(CHOICE, {}, 0).tasks()
    next(tasks)(quiet)
    seen = []

    def tick(day: int) -> None:
        seen.append(day)
        raise Stopped

    with pytest.raises(Stopped):
        next(tasks)(tick)
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("choice", "assumptions", "said"),
    [
        (Choice(levers={"months": 500}), {}, "months"),
        (Choice(levers={"start": "2044-06-01"}), {}, "2032-12-31"),
        (Choice(), {"no_such_assumption": 1.0}, "no_such_assumption"),
        (Choice(), {"n_same": -3.0}, "n_same"),
    ],
)
def test_what_cannot_be_run_is_refused_before_it_begins(
    choice: Choice, assumptions: dict[str, float], said: str
) -> None:
    for work in (Watching, Spread):
        with pytest.raises(Refused) as refusal:
            work(choice, assumptions, 0)
        assert said in str(refusal.value.values)


class Gone(NamedTuple):
    """A visitor's gazetteer that is no longer there."""

    gazetteer: Path


def test_a_gazetteer_that_cannot_be_read_is_refused_in_words(tmp_path: Path) -> None:
    choice = Choice(levers={"world": {"gazetteer": "uploaded"}})
    broken = tmp_path / "places.csv"
    broken.write_text("name,latitude\nx,y\n")
    for path in (broken, tmp_path / "none.csv"):
        for work in (Watching(choice, {}, 0, uploads=Gone(path)), Spread(choice, {}, 0, Gone(path))):
            with pytest.raises(Refused) as refusal:
                next(work.tasks())(quiet)
            text = str(refusal.value.values["text"])
            assert path.name in text
            assert str(tmp_path) not in text


# --- other runs of the same -------------------------------------------------------------------------------------------


def test_points_of_a_course_reach_the_last_day() -> None:
    assert points_of(15) == [0, 7, 14, 15]
    assert points_of(14) == [0, 7, 14]
    assert points_of(1) == [0, 1]


def test_the_course_of_a_run_is_measured_up_to_each_point() -> None:
    case = case_of(CHOICE, CHANGED, None)
    records = simulate(case.scenario, case.parameters, seed=7)
    found = course(case, 7, quiet)
    points = points_of(90)
    assert found.shape == (2, len(points))
    assert not found[:, 0].any()
    for column, day in zip(found.T[1:], points[1:], strict=True):
        measured = measure(records, case.first, case.first + day)
        assert column.tolist() == [measured["civilian_deaths"], measured["civilian_attacks"]]
    assert found[1, -1] > 0


def test_the_interval_grows_surer_and_leaves_out_the_run_itself(few_seeds: int) -> None:
    messages = unpacked(all_messages(Spread(CHOICE, CHANGED, seed=2)))
    assert [header["n"] for header, _ in messages] == [5, 10]
    case = case_of(CHOICE, CHANGED, None)
    others = np.array([course(case, seed, quiet) for seed in range(few_seeds + 1) if seed != 2])
    for header, arrays in messages:
        assert (header["all"], header["step"], header["measures"]) == (10, 7, list(watching.MEASURES))
        assert header["held"] < header["level"]
        for measure_number in range(2):
            for point in range(others.shape[2]):
                low, high = quantiles(others[: header["n"], measure_number, point])
                assert arrays["low"][measure_number, point] == np.float32(low)
                assert arrays["high"][measure_number, point] == np.float32(high)
    assert messages[-1][1]["high"][0, -1] > messages[-1][1]["low"][0, -1]


def test_a_run_watched_with_its_interval_tells_both(few_seeds: int) -> None:
    together = all_messages(Watching(CHOICE, CHANGED, 2, spread=True))
    assert together == all_messages(Watching(CHOICE, CHANGED, 2)) + all_messages(Spread(CHOICE, CHANGED, 2))
    assert few_seeds == unpacked(together)[-1][0]["n"]


def test_courses_are_computed_once_for_all_visitors(few_seeds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def counted(case: Case, seed: int, tick: Any) -> Any:
        asked.append(seed)
        return course(case, seed, tick)

    monkeypatch.setattr(watching, "course", counted)
    first = all_messages(Spread(CHOICE, {}, 0))
    assert sorted(asked) == list(range(1, few_seeds + 1))
    assert all_messages(Spread(CHOICE, {}, 0)) == first
    assert len(asked) == few_seeds
    all_messages(Spread(CHOICE, {}, 3))
    assert asked[few_seeds:] == [0]
    all_messages(Spread(CHOICE, CHANGED, 0))
    assert len(asked) == 2 * few_seeds + 1


def test_a_visitors_own_file_is_never_shared() -> None:
    kept = Courses()
    case = case_of(CHOICE, {}, None)
    assert not np.shares_memory(kept.of(case, None, 1, quiet), kept.of(case, None, 1, quiet))
    assert len(kept) == 0


def test_no_more_courses_are_kept_than_allowed_and_none_can_be_written_to() -> None:
    kept = Courses(most=2)
    case = case_of(CHOICE, {}, None)
    found = [kept.of(case, "inputs", seed, quiet) for seed in (1, 2, 1, 3)]
    assert len(kept) == 2
    assert kept.of(case, "inputs", 1, quiet) is found[0]
    with pytest.raises(ValueError, match="read-only"):
        found[0][:] = 0.0
