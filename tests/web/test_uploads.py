"""Files handed in: what they become, what is refused, and that no file of the server is opened for them."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from event_samples import GAO, acled, ged, written
from hostile_files import REFUSED

from abm.exports import GED_COLUMNS
from abm.geography import to_lonlat
from abm.parameters import Parameters
from abm.scenario import Scenario, shipped_scenarios
from abm.settlements import Settlements, synthetic_settlements
from abm.simulation import simulate
from abm.world import build_world
from calibration.event_files import monthly_counts
from calibration.event_summary import Reason
from web import uploads_folder, uploads_gazetteer
from web.choice import Choice, scenario_of
from web.uploads import Uploads, read, write_scenario
from web.words import words
from web.work import SAID, Refused


@pytest.fixture
def uploads() -> Iterator[Uploads]:
    made = Uploads()
    yield made
    made.close()


def said(refusal: Refused) -> str:
    """What a visitor is told, in English; the French sentence must take the same values."""
    if refusal.code == SAID:
        return str(refusal.values["text"])
    english, french = words()[refusal.code]
    french.format(**refusal.values)
    return f"{refusal.code}: {english.format(**refusal.values)}"


# --- what is opened --------------------------------------------------------------------------------------------------

_watching: list[list[str]] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _watching and isinstance(arguments[0], str | bytes | os.PathLike):
        _watching[-1].append(os.fsdecode(arguments[0]))


sys.addaudithook(_hear)  # for good: Python lets no hook go, so it listens only while somebody watches


@contextmanager
def opened() -> Iterator[list[str]]:
    """Files that Python opens."""
    _watching.append([])
    try:
        yield _watching[-1]
    finally:
        _watching.pop()


def test_the_watch_over_opened_files_sees_one(tmp_path: Path) -> None:
    secret = tmp_path / "secret.toml"
    secret.write_text('name = "secret"\ntitle = "x"\n')
    with opened() as files:
        Scenario.load(secret)
    assert str(secret) in files


@pytest.mark.parametrize(
    "line", ['extend = "{path}"', 'extend = "{name}"', 'name = "a"\ntitle = "b"\nworld.gazetteer = "{path}"']
)
def test_no_file_of_the_server_is_opened(
    uploads: Uploads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.toml").write_text('name = "secret"\ntitle = "x"\n')
    (tmp_path / "link.toml").symlink_to(tmp_path / "secret.toml")
    (tmp_path / "extra-tobs").symlink_to("/etc/passwd")  # beside where the server was started, called as a shipped one
    for name in ("secret.toml", "link.toml", "./link.toml"):
        text = line.format(path=tmp_path / name, name=name)
        with opened() as files, pytest.raises(Refused):
            read("scenario", str(tmp_path / name), text, uploads)
        assert [file for file in files if str(tmp_path) in file or file.endswith("link.toml")] == []
    with opened() as files:
        found = read("scenario", "../../etc/passwd", 'extend = "extra-tobs"', uploads)
    assert found["choice"]["scenario"] == "extra-tobs"
    assert [file for file in files if "passwd" in file] == []


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", REFUSED)
def test_what_nobody_should_hand_in_is_refused_readably_and_at_once(uploads: Uploads, case: str) -> None:
    kind, text, expected = REFUSED[case]
    began = time.thread_time()
    with pytest.raises(Refused) as refused:
        read(kind, f"C:\\Users\\me\\their\x07 {kind}.txt", text, uploads)
    took = time.thread_time() - began
    sentence = said(refused.value)
    assert expected in sentence
    assert len(sentence) < 2500
    if "_kind: " not in sentence and "gazetteer" not in expected:
        assert f"their {kind}.txt" in sentence
    assert "/tmp" not in sentence
    assert "sector-centre-visitor" not in sentence
    assert took < 2.0  # seconds of processor time; none takes a half on an idle machine, but the first compiles
    assert uploads.gazetteer is None


def test_a_name_is_shown_and_no_more(uploads: Uploads) -> None:
    with pytest.raises(Refused) as refused:
        read("scenario", "x" * 500 + "\n\u202e.toml", "", uploads)
    assert refused.value.values["name"] == "x" * 80
    with pytest.raises(Refused) as refused:
        read("scenario", "a/b\\\u202e\0", "", uploads)
    assert refused.value.values["name"] == "scenario"


# --- scenarios -------------------------------------------------------------------------------------------------------

CHOICES = [
    {"scenario": "extra-tobs", "name": "Plus de BOT à Sévaré"},
    {"scenario": "extra-tobs", "levers": {"package": {"permission": "2022-03-01"}}},
    {"scenario": "no-un", "levers": {"un": {"allocation": "fixed", "tob_sites": [[14.35, -3.6], [14.1, -3.1]]}}},
    {"scenario": "all-measures", "levers": {"strategy": {"army_stays": None}, "months": 24}, "name": "24 mois"},
    {"scenario": "no-un", "levers": {"start": "2020-01-01", "world": {"seed": 7, "gazetteer": "uploaded"}}},
    {"scenario": "baseline-2021", "levers": {"package": {"units": [
        {"type": "quick_reaction", "units": 2, "heads": 250, "mobile": True, "earliest": "2022-01-01"},
        {"type": "aviation", "units": 1, "heads": 90, "helicopters": 4, "armed": True},
    ]}}},
]  # fmt: skip


class TheirFile:
    gazetteer = Path("uploaded")


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_a_choice_becomes_a_file_that_the_program_reads_and_comes_back(choice: dict[str, Any], tmp_path: Path) -> None:
    made = Choice.model_validate(choice)
    file = tmp_path / "mine.toml"
    file.write_text(write_scenario(made), encoding="utf-8")
    meant, loaded = scenario_of(made, TheirFile()), Scenario.load(file)
    same = {"name": meant.name, "title": meant.title}
    assert loaded.model_copy(update=same) == meant
    assert (loaded.title == made.name) if made.name else ("Changed: " in loaded.title)
    back = Choice.model_validate(read("scenario", "mine.toml", file.read_text(encoding="utf-8"), TheirFile())["choice"])
    assert scenario_of(back, TheirFile()).model_copy(update=same) == meant
    assert back.scenario == made.scenario
    assert back.name == (made.name or loaded.name)
    assert write_scenario(back.model_copy(update={"name": made.name})) == write_scenario(made)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_a_shipped_scenario_as_a_file_is_itself(name: str, tmp_path: Path, uploads: Uploads) -> None:
    text = write_scenario(Choice(scenario=name))
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    assert Scenario.load(tmp_path / "x.toml") == Scenario.load(name)
    assert read("scenario", "x.toml", text, uploads) == {"choice": {"scenario": name, "levers": {}, "name": ""}}


def test_a_file_that_extends_keeps_its_base_and_its_changes(uploads: Uploads) -> None:
    text = '\ufeffextend = "extra-tobs"\r\nname = "mine"\r\ntitle = "Mine"\r\n[un]\r\nallocation = "population"\r\n'
    found = read("scenario", "mine.toml", text, uploads)["choice"]
    assert found == {"scenario": "extra-tobs", "levers": {"un": {"allocation": "population"}}, "name": "Mine"}


def test_a_path_of_the_server_is_never_written() -> None:
    text = write_scenario(Choice(levers={"world": {"gazetteer": "uploaded"}}))
    assert 'gazetteer = "uploaded"' in text
    assert "give the path of yours" in text


# --- gazetteers ------------------------------------------------------------------------------------------------------

EVERY = 10  # settlements of which one is in the file


def gazetteer(name: str = "Localité", seed: int = 0) -> str:
    drawn = synthetic_settlements(seed).only(np.arange(0, 5000, EVERY))
    lon, lat = to_lonlat(drawn.x, drawn.y)
    rows = [f"{name} {k},{lat[k]:.5f},{lon[k]:.5f},,fulani" for k in range(drawn.n)]
    return "\n".join(["name,latitude,longitude,population,community", *rows, "Bamako,12.63,-8.0,,", ""])


def test_a_gazetteer_is_kept_and_used(uploads: Uploads) -> None:
    found = read("gazetteer", "places.csv", gazetteer(), uploads)["gazetteer"]
    assert (found["token"], found["file"]) == ("uploaded", "places.csv")
    assert (found["rows"], found["kept"], found["outside"]) == (501, 500, 1)
    assert (found["populations_drawn"], found["communities_drawn"]) == (500, 0)
    assert found["empty"] == found["beyond_census"] == []
    assert found["people"] > 4_000_000
    assert uploads.gazetteer is not None
    assert uploads.gazetteer.stat().st_mode & 0o077 == 0 or uploads.gazetteer.parent.stat().st_mode & 0o077 == 0
    choice = Choice(levers={"world": {"gazetteer": "uploaded"}})
    assert len(build_world(scenario_of(choice, uploads), Parameters()).villages) == 500
    assert read("scenario", "x", 'extend = "no-un"\nworld.gazetteer = "uploaded"', uploads)["choice"]["levers"] == {
        "world": {"gazetteer": "uploaded"}
    }


def test_cercles_without_a_place_are_named(uploads: Uploads) -> None:
    text = "name,latitude,longitude\nSévaré,14.53,-4.09\n"
    assert len(read("gazetteer", "one.csv", text, uploads)["gazetteer"]["empty"]) == 14


def test_a_second_gazetteer_is_seen_and_a_wrong_one_changes_nothing(uploads: Uploads) -> None:
    def villages() -> int:
        scenario = scenario_of(Choice(levers={"world": {"gazetteer": "uploaded"}}), uploads)
        return len(build_world(scenario, Parameters()).villages)

    read("gazetteer", "x.csv", gazetteer(), uploads)
    first = uploads.gazetteer
    assert villages() == 500
    read("gazetteer", "x.csv", "\n".join(gazetteer().splitlines()[:301]) + "\n", uploads)
    assert villages() == 300
    assert first is not None
    assert first.exists()  # runs under way still read it
    newest = uploads.gazetteer
    with pytest.raises(Refused, match="line 503"):
        read("gazetteer", "x.csv", gazetteer() + "x,1\n", uploads)
    assert uploads.gazetteer == newest
    assert villages() == 300
    assert newest is not None
    assert len(list(newest.parent.iterdir())) == 2


def test_only_so_many_files_are_kept(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [uploads.keep(f"{n}") for n in range(6)]
    assert [path.exists() for path in kept] == [False, False, True, True, True, True]
    monkeypatch.setattr(uploads_folder, "MOST_BYTES", 10)
    last = uploads.keep("x" * 9)
    assert [path.exists() for path in [*kept, last]] == [False] * 5 + [True, True]
    assert len({path.name for path in [*kept, last]}) == 7


def test_nothing_of_a_visitor_s_places_stays_when_they_leave() -> None:
    def reachable() -> list[Settlements]:
        gc.collect()
        return [thing for thing in gc.get_objects() if type(thing) is Settlements and thing.name[0].startswith("Gone ")]

    uploads = Uploads()
    read("gazetteer", "x.csv", gazetteer("Gone"), uploads)
    folder = uploads.gazetteer.parent  # type: ignore[union-attr]
    simulate(scenario_of(Choice(levers={"world": {"gazetteer": "uploaded"}}), uploads), days=3)
    assert reachable()
    assert folder.is_dir()
    uploads.close()
    assert reachable() == []
    assert not folder.exists()
    assert uploads.gazetteer is None
    uploads.close()
    for kind, text in (("gazetteer", gazetteer()), ("gazetteer", "name,latitude,longitude\nx,14,-4\n")):
        with pytest.raises(Refused, match="uploads_closed"):
            read(kind, "x", text, uploads)


def test_a_world_built_while_its_visitor_left_is_let_go_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads_folder, "LATE", 0.05)
    forgotten = []
    monkeypatch.setattr(uploads_folder, "forget_worlds", lambda: forgotten.append(1))
    uploads = Uploads()
    uploads.keep("x")
    uploads.close()
    deadline = time.monotonic() + 20
    while len(forgotten) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(forgotten) == 2


def test_places_too_close_together_are_refused(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads_gazetteer, "MOST_REACHED", 100)
    with pytest.raises(Refused, match="uploads_crowded"):
        read("gazetteer", "x.csv", gazetteer(), uploads)
    assert uploads.gazetteer is None


def test_a_full_disk_is_said(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Refused) as refused:
        read("gazetteer", "x.csv", gazetteer(), uploads)
    assert "No space left on device" in said(refused.value)
    assert uploads.gazetteer is None


# --- events ----------------------------------------------------------------------------------------------------------


def folders_left(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if uploads_folder.PREFIX in path.name]


@pytest.fixture
def no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files go; none may be left."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    yield place
    assert list(place.iterdir()) == []


def test_events_are_accounted_for_row_by_row(no_trace: Path, tmp_path: Path, uploads: Uploads) -> None:
    rows = [
        acled(1), acled(2, event_date="2020-05-02", fatalities=4), acled(2, event_date="2020-05-02", fatalities=4),
        acled(3, **GAO), *(acled(10 + n, event_type="Protests") for n in range(30)),
        acled(50, actor1="=HYPERLINK(\"x\")", inter1="External/Other forces"), acled(51, fatalities="=2+2"),
    ]  # fmt: skip
    rows = [row | {"notes": ""} for row in rows]
    text = written(tmp_path, rows).read_text(encoding="utf-8")
    found = read("events", "acled.csv", text, uploads)["events"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["read"], found["kept"], found["first"], found["last"]) == (36, 2, "2020-03-12", "2020-05-02")
    dropped = {reason["word"].removeprefix("uploads_reason_"): reason for reason in found["dropped"]}
    assert sum(reason["rows"] for reason in dropped.values()) == 34
    assert set(dropped) == {"outside", "not_counted", "deaths", "duplicate", "actor"}
    assert (dropped["outside"]["lines"], dropped["duplicate"]["lines"]) == ([5], [4])
    assert (dropped["not_counted"]["lines"], dropped["not_counted"]["more"]) == (list(range(6, 26)), 10)
    assert found["unmapped"]["names"] == [{"name": '=HYPERLINK("x") [External/Other forces]', "events": 1}]
    assert found["months"] == ["2020-03", "2020-04", "2020-05"]
    series = {one["kind"]: one for one in found["series"]}
    assert series["civilians_by_jihadists"]["events"] == [1, 0, 1]
    assert series["civilians_by_jihadists"]["deaths"] == [3, 0, 4]
    record = [0, 0, 0]
    for row in monthly_counts():
        if row["kind"] == "state_v_jihadists" and row["month"] in found["months"]:
            record[found["months"].index(row["month"])] += int(row["deaths"])
    assert any(record)
    assert series["state_v_jihadists"]["record_deaths"] == record
    assert series["state_v_jihadists"]["events"] == [0, 0, 0]


def test_months_that_the_record_lacks_are_not_zero(no_trace: Path, tmp_path: Path, uploads: Uploads) -> None:
    text = written(tmp_path, [acled(1, event_date="2020-12-30"), acled(2, event_date="2021-01-02")]).read_text("utf-8")
    found = read("events", "x.csv", "\ufeff" + text, uploads)["events"]
    assert found["months"] == ["2020-12", "2021-01"]
    for one in found["series"]:
        assert one["record_events"][0] is not None
        assert one["record_events"][1] is None


def test_ged_and_lost_letters(no_trace: Path, tmp_path: Path, uploads: Uploads) -> None:
    text = written(tmp_path, [ged(1), ged(2, adm_2="Djenn\ufffd")], GED_COLUMNS).read_text(encoding="utf-8")
    found = read("events", "ged.csv", text, uploads)["events"]
    assert (found["layout"], found["kept"], found["garbled"]) == ("UCDP GED", 2, True)


def test_a_file_without_a_usable_row_says_why(no_trace: Path, tmp_path: Path, uploads: Uploads) -> None:
    text = written(tmp_path, [acled(1, **GAO)]).read_text(encoding="utf-8")
    found = read("events", "x.csv", text, uploads)["events"]
    assert (found["read"], found["kept"], found["months"], found["series"]) == (1, 0, [], [])
    assert found["dropped"] == [{"word": "uploads_reason_outside", "rows": 1, "lines": [2], "more": 0}]


def test_a_refused_file_of_events_leaves_nothing(no_trace: Path, uploads: Uploads) -> None:
    with pytest.raises(Refused):
        read("events", "x.csv", "hello\n", uploads)


def test_every_reason_has_words() -> None:
    known = words()
    for reason in Reason:
        assert known[f"uploads_reason_{reason.name.lower()}"][0] == reason.value
