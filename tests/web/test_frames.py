"""Frames of a run, as the page gets them, against the run itself."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from engine import defaults, scenario
from numpy.typing import NDArray

from abm.agents import UNPatrol
from abm.kinds import PREVENTED, REALISED_ELSEWHERE
from abm.model import CentralMali
from abm.records import Records, collect
from abm.scenario import Scenario
from abm.simulation import Simulation, simulate
from abm.tables import FREE, NOT_ARRIVED, OPEN, PREPARING, UN_BASE
from abm.views.layers import un_presence_by_cell
from abm.views.palette import PERPETRATORS, mark_of_event
from runs.outcomes import measure
from web.frames import FULL_PRESENCE, TOTALS, pack_days, pack_world, people_at, totals_to_date
from web.packing import unpack

DAYS = 420  # long enough for extra bases to open, and for the event log of the whole region to fill its first rows
ADDING = tuple(name for name in TOTALS if name not in ("troops", "tobs"))
Arrays = dict[str, NDArray[Any]]


class Framed(NamedTuple):
    simulation: Simulation
    world: tuple[dict[str, Any], Arrays]
    chunks: list[tuple[dict[str, Any], Arrays]]
    records: Records

    def all(self, name: str) -> NDArray[Any]:
        return np.concatenate([arrays[name] for _, arrays in self.chunks])


def levers() -> Scenario:
    return scenario("extra-tobs").changed(world={"cercles": ["Mopti", "Bandiagara", "Bankass", "Koro"]})


def run_in_chunks(arm: Scenario, lengths: tuple[int, ...], seed: int) -> Framed:
    simulation = Simulation(arm, defaults(), seed=seed)
    ticked: list[int] = []
    world = unpack(pack_world(simulation, simulation.day + sum(lengths), "extra-tobs"))
    chunks = [unpack(pack_days(simulation, length, ticked.append)) for length in lengths]
    assert ticked == list(range(simulation.first_day + 1, simulation.day + 1))
    return Framed(simulation, world, chunks, simulate(arm, defaults(), seed=seed, days=sum(lengths)))


@pytest.fixture(scope="module")
def framed() -> Framed:
    return run_in_chunks(levers(), (2, *[30] * 13, DAYS - 392), seed=4)


def test_the_run_is_the_one_that_simulate_gives(framed: Framed) -> None:
    assert framed.simulation.records().fingerprint() == framed.records.fingerprint()


def test_events_are_those_of_the_log_and_none_changed_after_its_day(framed: Framed) -> None:
    events = framed.records.events
    assert len(events) > 100
    assert {PREVENTED, REALISED_ELSEWHERE} <= set(events["outcome"].tolist())
    for name in ("day", "kind", "deaths", "village", "cell", "outcome", "answer"):
        assert np.array_equal(framed.all(f"event_{name}"), events[name])
    for name in ("x", "y"):
        assert np.array_equal(framed.all(f"event_{name}"), events[name].astype(np.float32))
    for header, arrays in framed.chunks:
        days = arrays["event_day"]
        assert ((days >= header["first"]) & (days < header["first"] + header["count"])).all()


def test_marks_of_events_are_those_of_the_pictures(framed: Framed) -> None:
    for event, mark in zip(framed.records.events, framed.all("event_mark"), strict=True):
        assert PERPETRATORS[mark] is mark_of_event(int(event.kind), int(event.actor), int(event.faction))


def test_totals_of_every_day_are_the_measured_ones(framed: Framed) -> None:
    first, totals = framed.records.first_day, framed.all("totals")
    assert totals.shape == (DAYS, len(TOTALS))
    assert framed.world[0]["columns"] == list(TOTALS)
    for day in range(DAYS):
        measured = measure(framed.records, first, first + day + 1)
        assert [totals[day, TOTALS.index(name)] for name in ADDING] == [measured[name] for name in ADDING]


def test_every_total_counts_something(framed: Framed) -> None:
    assert (framed.all("totals")[-1] > 0.0).all()


def test_troops_and_tobs_are_those_there_on_the_day(framed: Framed) -> None:
    days, totals = framed.records.days, framed.all("totals")
    tasks, status = framed.all("un_task"), framed.all("tob_status")
    people = framed.world[1]["un_people"].astype(np.int64)
    assert np.array_equal(totals[:, TOTALS.index("troops")], days["troops"])
    assert np.array_equal(totals[:, TOTALS.index("troops")], ((tasks != NOT_ARRIVED) * people).sum(axis=1))
    assert np.array_equal(totals[:, TOTALS.index("tobs")], (status == OPEN).sum(axis=1))
    assert days["tobs"].max() > days["tobs"][0]


def test_what_moves_is_where_it_is_at_the_end_of_each_day(framed: Framed) -> None:
    again = CentralMali(levers(), defaults(), seed=4)
    found = {name: framed.all(name) for name in framed.chunks[0][1] if not name.startswith("event_")}
    for row in range(DAYS):
        again.step()
        world, day = again.world, again.day - 1
        assert np.array_equal(found["band_strength"][row], np.rint(world.militias["strength"]))
        assert np.array_equal(found["band_hidden"][row], world.militias["hidden_until"] > day)
        for prefix, table in (("army", world.national_forces), ("un", world.un_units)):
            assert np.array_equal(found[f"{prefix}_x"][row], table["x"].astype(np.float32))
            assert np.array_equal(found[f"{prefix}_y"][row], table["y"].astype(np.float32))
            assert np.array_equal(found[f"{prefix}_task"][row], table["task"])
        assert np.array_equal(found["tob_status"][row], world.slots["status"])
        assert np.array_equal(found["tob_x"][row], world.slots["x"].astype(np.float32))
        presence = un_presence_by_cell(world, day, defaults())
        assert np.array_equal(found["presence"][row], np.rint(FULL_PRESENCE * presence))
    assert found["band_hidden"].any()
    assert not found["band_hidden"].all()
    assert {PREPARING, OPEN} <= set(found["tob_status"].ravel().tolist())
    assert len(again.agents_by_type[UNPatrol]) == len(framed.world[1]["un_type"])


def test_people_at_tobs_are_those_the_daily_log_counts(framed: Framed) -> None:
    people, status = framed.all("tob_people"), framed.all("tob_status")
    assert (people[status == FREE] == 0).all()
    assert np.array_equal(people.sum(axis=1), framed.records.days["tob_troops"])
    assert people.max() > 0
    simulation = framed.simulation
    assert np.array_equal(people[-1], people_at(simulation.world.slots, simulation.world.un_units))


def test_the_world_is_told_as_it_stands_at_the_beginning(framed: Framed) -> None:
    header, arrays = framed.world
    start = Simulation(levers(), defaults(), seed=4).world
    assert (header["first"], header["end"]) == (framed.records.first_day, framed.records.last_day)
    assert header["title"] == levers().title
    assert header["presence_km"] == defaults().presence_km
    assert header["cercles"] == sorted(set(start.villages["cercle"].tolist()))
    for name, table, field in (
        ("village_people", start.villages, "population"),
        ("village_community", start.villages, "community"),
        ("village_cell", start.villages, "cell"),
        ("band_faction", start.militias, "faction"),
        ("un_people", start.un_units, "troops"),
        ("cell_people", start.cells, "population"),
    ):
        assert np.array_equal(arrays[name], table[field]), name
    assert len(arrays["un_base_x"]) == (start.sites["kind"] == UN_BASE).sum()
    assert np.array_equal(arrays["army_home_x"], start.national_forces["x"].astype(np.float32))
    # A cell's centre follows from its column and row.
    x = header["west"] + header["cell_km"] * (arrays["cell_col"] + 0.5)
    y = header["south"] + header["cell_km"] * (arrays["cell_row"] + 0.5)
    assert np.allclose(x, start.cells["x"])
    assert np.allclose(y, start.cells["y"])


def test_lines_of_travel_come_with_a_world_that_has_its_own(framed: Framed) -> None:
    header, arrays = framed.world
    last = header["travel"][-1]["lines"][-1]
    assert [season["season"] for season in header["travel"]] == [0, 1, 2, 3]
    assert last["start"] + last["count"] == len(arrays["travel_points"])


def test_the_usual_world_has_the_lines_of_the_land_unless_travel_is_assumed_otherwise() -> None:
    usual = Simulation(scenario(), defaults())
    header, arrays = unpack(pack_world(usual, usual.day + 1, "baseline-2021"))
    assert header["travel"] is False
    assert "travel_points" not in arrays
    rough = Simulation(scenario(), defaults().changed(friction_offroad=2.4))
    assert unpack(pack_world(rough, rough.day + 1, "baseline-2021"))[0]["travel"]


def test_a_world_without_the_un_has_no_presence() -> None:
    arm = scenario("no-un").changed(world={"cercles": ["Koro"]})
    framed = run_in_chunks(arm, (40,), seed=1)
    assert not framed.all("presence").any()
    assert not framed.all("totals")[:, [TOTALS.index("troops"), TOTALS.index("tobs")]].any()


def test_totals_of_a_run_that_outgrows_its_logs() -> None:
    simulation = Simulation(scenario(), defaults(), seed=2)
    rows = simulation.world.days.size
    simulation.advance(rows + 1)
    assert simulation.world.days.size > rows
    world = simulation.world
    records = collect(world, scenario(), defaults(), 2, simulation.first_day, simulation.day)
    measured = measure(records, records.first_day, records.last_day)
    assert [totals_to_date(simulation)[-1, TOTALS.index(name)] for name in ADDING] == [measured[k] for k in ADDING]
