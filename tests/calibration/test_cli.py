"""The program as a whole, and its commands on recorded events: what they write, what they say, and how they fail."""

from __future__ import annotations

import csv
import errno
import importlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from commands import fails_with, invoke
from event_samples import ACLED_MONADIC, GAO, KORO, acled, ged, written
from pyarrow import parquet
from typer.testing import Result

from abm.data import read_table
from abm.exports import ACLED_COLUMNS, GED_COLUMNS
from calibration.actors import RECORDED_KINDS, load_actors
from calibration.event_commands import beside_record
from calibration.event_files import read_events

Command = Callable[..., Result]
ROOT = Path(__file__).parents[2]
OF_RUNS = ("run", "compare", "check-2020", "scenarios", "parameters", "rerun", "export")
OF_CALIBRATION = ("events", "actors", "calibrate", "forecast", "check")
STRANGER = {"actor1": "Private Security Forces (Mali)", "inter1": "External/Other forces"}


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    return invoke


def interrupted(*_arguments: object, **_options: object) -> None:
    raise KeyboardInterrupt


def python(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


def listed(text: str) -> set[str]:
    """Commands that a help text lists: the first words of its lines."""
    return {words[0] for line in text.splitlines() if (words := line.strip("│ ").split())}


# --- one program ----------------------------------------------------------------------------------------------------


def test_the_installed_program_is_this_one() -> None:
    entry = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]["sector-centre"]
    module, _, function = entry.partition(":")
    assert getattr(importlib.import_module(module), function) is importlib.import_module("calibration.cli").main


def test_the_program_has_the_commands_of_both_rooms_and_runs_has_its_own() -> None:
    whole, part = python("-m", "calibration.cli", "--help"), python("-m", "runs.cli", "--help")
    assert (whole.returncode, part.returncode) == (0, 0)
    assert listed(whole.stdout) >= {*OF_RUNS, *OF_CALIBRATION}
    assert listed(part.stdout) >= set(OF_RUNS)
    assert not listed(part.stdout) & set(OF_CALIBRATION)


def test_help_loads_no_heavy_library() -> None:
    heavy = ("matplotlib", "mesa", "numba", "numpy", "pandas", "pyarrow", "scipy", "starlette", "uvicorn")
    code = (
        "import sys, web.cli\nsys.argv = ['sector-centre', '--help']\n"
        f"try: web.cli.main()\nfinally: print('LOADED', [m for m in {heavy} if m in sys.modules])"
    )
    done = python("-c", code)
    assert {"events", "serve"} <= listed(done.stdout)
    assert done.stdout.splitlines()[-1] == "LOADED []"


# --- events: what is read -------------------------------------------------------------------------------------------


def test_every_row_is_accounted_for_and_the_events_are_written(command: Command, tmp_path: Path) -> None:
    file = written(tmp_path, [acled(1), acled(2, **KORO, event_date="2019-05-03", fatalities=0), acled(3, **GAO)])
    result = command("events", file.name, "--out", "new/mapped.csv")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(read_events(file).summary.text().replace(str(file), file.name))
    assert "written: new/mapped.csv, 2 events" in result.stdout
    with (tmp_path / "new" / "mapped.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    assert rows == [
        {"id": "MLI2", "date": "2019-05-03", "month": "2019-05", "cercle": "Koro", "kind": "civilians_by_jihadists",
         "lon": "-3.077", "lat": "14.068", "deaths": "0", "line": "4"},
        {"id": "MLI1", "date": "2020-03-12", "month": "2020-03", "cercle": "Bankass", "kind": "civilians_by_jihadists",
         "lon": "-3.516", "lat": "14.078", "deaths": "3", "line": "2"},
    ]  # fmt: skip
    assert {path.name for path in tmp_path.rglob("*")} == {"events.csv", "new", "mapped.csv"}


def test_parquet_keeps_types(command: Command, tmp_path: Path) -> None:
    written(tmp_path, [ged(1), ged(2, side_b="Civilians", type_of_violence=3)], GED_COLUMNS)
    assert command("events", "events.csv", "--out", "mapped.PARQUET").exit_code == 0
    first, second = parquet.read_table(tmp_path / "mapped.PARQUET").to_pylist()
    assert first == {
        "id": "1", "date": date(2020, 3, 12), "month": "2020-03", "cercle": "Bankass", "kind": "state_v_jihadists",
        "lon": -3.516, "lat": 14.078, "deaths": 4, "line": 2,
    }  # fmt: skip
    assert second["kind"] == "civilians_by_state_or_external"


@pytest.mark.parametrize(
    ("rows", "columns", "options", "words"),
    [
        ([acled(1)], ACLED_COLUMNS, [], "ACLED, columns of 2023"),
        ([acled(1), acled(1, actor1="Civilians (Mali)")], ACLED_MONADIC, [], "one actor per row"),
        ([ged(1)], GED_COLUMNS, [], "UCDP GED holds only events with a death"),
        ([ged(1)], GED_COLUMNS, ["--layout", "ged"], "UCDP GED"),
        ([acled(1, event_date="05/03/2020")], ACLED_COLUMNS, ["--day-first"], "2020-03-05 to 2020-03-05"),
        ([acled(1, event_date="05/03/2020")], ACLED_COLUMNS, ["--month-first"], "2020-05-03 to 2020-05-03"),
        ([acled(1), acled(2, geo_precision=3)], ACLED_COLUMNS, [], "1  place known too roughly"),
        ([acled(1), acled(2, geo_precision=3)], ACLED_COLUMNS, ["--most-geo", 3], "2 rows read = 2 events kept"),
        ([acled(1), acled(2, time_precision=2)], ACLED_COLUMNS, ["--most-time", 1], "1  date known too roughly"),
    ],
)  # fmt: skip
def test_layouts_and_options_reach_the_reader(
    command: Command, tmp_path: Path, rows: list[dict[str, str | int | float]], columns: tuple[str, ...],
    options: list[str | int], words: str,
) -> None:  # fmt: skip
    written(tmp_path, rows, columns)
    result = command("events", "events.csv", *options)
    assert (result.exit_code, result.stderr) == (0, "")
    assert words in " ".join(result.stdout.split()) or words in result.stdout


def recorded(column: str, kind: str, first: str, last: str) -> int:
    rows = read_table("events_by_month_cercle_kind_2017_2020")
    return sum(int(r[column]) for r in rows if r["kind"] == kind and first <= r["month"] <= last)


def test_a_part_of_a_year_stands_beside_the_same_part_of_the_record(tmp_path: Path) -> None:
    rows = [
        acled(1, event_date="2019-05-30"), acled(2, event_date="2020-03-01", fatalities=1700),
        acled(3, event_date="2020-09-01"), acled(4, event_date="2022-01-03"),
    ]  # fmt: skip
    events, deaths = beside_record(read_events(written(tmp_path, rows))).tables
    assert events.headers == ("events", "2019 (record)", "2020 (record)", "2021", "2022")
    by_kind = {row[0]: row[1:] for row in events.rows}
    before, during = (
        recorded("events", "civilians_by_jihadists", *months)
        for months in (("2019-05", "2019-12"), ("2020-01", "2020-12"))
    )
    assert by_kind["civilians_by_jihadists"] == (f"1 ({before})", f"2 ({during})", "0", "1")
    assert before < recorded("events", "civilians_by_jihadists", "2019-01", "2019-12")
    killed = recorded("deaths", "civilians_by_jihadists", "2020-01", "2020-12")
    assert {row[0]: row[2] for row in deaths.rows}["civilians_by_jihadists"] == f"1,703 ({killed})"
    whole = sum(recorded("events", kind, "2020-01", "2020-12") for kind in RECORDED_KINDS)
    assert by_kind["total"][1] == f"2 ({whole})"
    assert by_kind["other"][1] == f"0 ({recorded('events', 'other', '2020-01', '2020-12')})"


def test_years_after_the_record_stand_alone(tmp_path: Path) -> None:
    section = beside_record(read_events(written(tmp_path, [acled(1, event_date="2023-01-02")])))
    assert "nothing to hold them against" in section.paragraphs[0]
    assert [table.headers[1:] for table in section.tables] == [("2023",)] * 2
    assert section.tables[0].rows == (("civilians_by_jihadists", "1"), ("total", "1"))


# --- events: parties that the table lacks --------------------------------------------------------------------------


def test_unmapped_parties_are_a_notice_or_an_error(command: Command, tmp_path: Path) -> None:
    written(tmp_path, [acled(1), acled(2, **STRANGER)])
    result = command("events", "events.csv", "--out", "mapped.csv")
    assert result.exit_code == 0
    assert "Private Security Forces (Mali) [External/Other forces]" in result.stdout
    assert "1 event left out, because 1 party is not in the table of actors" in result.stderr
    assert "sector-centre actors --toml" in result.stderr
    result = command("events", "events.csv", "--out", "other.csv", "--strict")
    assert result.exit_code == 2
    assert "Private Security Forces" in result.stdout
    assert "written:" not in result.stdout
    assert result.stderr.endswith("; nothing was written\n")
    assert {path.name for path in tmp_path.iterdir()} == {"events.csv", "mapped.csv"}


def test_an_edited_table_of_actors_is_used(command: Command, tmp_path: Path) -> None:
    written(tmp_path, [acled(1), acled(2, **STRANGER)])
    template = command("actors", "--toml")
    assert (template.exit_code, template.stderr) == (0, "")
    edited = template.stdout.replace("external = [\n", 'external = [\n    "Private Security Forces*",\n', 1)
    assert edited != template.stdout
    (tmp_path / "mine.toml").write_text(edited, encoding="utf-8")
    result = command("events", "events.csv", "--actors", "mine.toml", "--strict")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "2 rows read = 2 events kept" in result.stdout


def test_a_file_of_which_nothing_can_be_used_says_why(command: Command, tmp_path: Path) -> None:
    written(tmp_path, [acled(1, **GAO), acled(2, **STRANGER)])
    result = command("events", "events.csv", "--out", "mapped.csv")
    fails_with(result, "none of 2 rows is an event in Mopti or Ségou", "outside Mopti and Ségou: line 2",
               "Private Security Forces (Mali)", "sector-centre actors --toml")  # fmt: skip
    assert not (tmp_path / "mapped.csv").exists()


def test_actors_are_listed(command: Command) -> None:
    result = command("actors")
    assert (result.exit_code, result.stderr) == (0, "")
    first_words = {line.split()[0] for line in result.stdout.splitlines() if line.strip()}
    assert first_words >= {role for role, _ in load_actors().patterns} | set(load_actors().kinds.values())


# --- events: what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.csv"], ["none.csv", "cannot be read", "No such file"]),
        (["."], [".", "cannot be read"]),
        (["bad.csv"], ["bad.csv, line 1", "neither the columns of ACLED nor of UCDP GED", "expected", "found a, b"]),
        (["events.csv", "--layout", "gtd"], ["--layout: expected one of acled, ged (found 'gtd')"]),
        (["events.csv", "--layout", "ged"], ["events.csv, line 1", "UCDP GED", "date_start"]),
        (["doubtful.csv"], ["doubtful.csv, event_date", "05/03/2020", "expected"]),
        (["events.csv", "--actors", "none.toml"], ["none.toml", "cannot be read"]),
        (["events.csv", "--actors", "roles.toml"], ["roles.toml, roles.un", "expected a list of patterns"]),
        (["events.csv", "--out", "mapped.xlsx"], ["--out: mapped.xlsx", "expected", ".csv or .parquet"]),
        (["events.csv", "--out", "taken.csv"], ["taken.csv: exists", "--overwrite"]),
        (["events.csv", "--out", "folder.csv", "--overwrite"], ["folder.csv: is no regular file"]),
        (["events.csv", "--out", "events.csv", "--overwrite"], ["events.csv: is a file that this command reads"]),
        (["events.csv", "--out", "link.csv", "--overwrite"], ["link.csv: is a file that this command reads"]),
        (["events.csv", "--out", "taken.csv/mapped.csv"], ["taken.csv", "nothing was written"]),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_message(
    command: Command, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    written(tmp_path, [acled(1, event_date="05/03/2020")]).rename(tmp_path / "doubtful.csv")
    written(tmp_path, [acled(1)])
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    (tmp_path / "roles.toml").write_text("[roles]\nun = 3\n[kinds]\nother = []\n")
    (tmp_path / "taken.csv").write_text("mine")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.csv").symlink_to("events.csv")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    fails_with(command("events", *arguments), *words)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_overwrite_replaces_a_file(command: Command, tmp_path: Path) -> None:
    written(tmp_path, [acled(1)])
    (tmp_path / "taken.csv").write_text("mine")
    assert command("events", "events.csv", "--out", "taken.csv", "--overwrite").exit_code == 0
    assert "MLI1" in (tmp_path / "taken.csv").read_text()


@pytest.mark.parametrize("option", [["--most-geo", "0"], ["--most-time", "week"], ["--colour"]])
def test_bad_options_exit_with_two(command: Command, tmp_path: Path, option: list[str]) -> None:
    written(tmp_path, [acled(1)])
    assert command("events", "events.csv", *option).exit_code == 2


# --- files that fail, interrupts ------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user whom permissions hold back")
def test_an_unwritable_folder_is_one_message(command: Command, tmp_path: Path) -> None:
    written(tmp_path, [acled(1)])
    (tmp_path / "locked").mkdir(mode=0o500)
    fails_with(
        command("events", "events.csv", "--out", "locked/x.csv"), "locked/x.csv: Permission denied", "nothing was"
    )


def test_a_folder_that_refuses_names_the_wanted_file(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path, *_arguments: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    written(tmp_path, [acled(1)])
    read = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *a, **k: refused(self) if a == ("wb",) else read(self, *a, **k))
    result = command("events", "events.csv", "--out", "x.csv")
    fails_with(result)
    assert result.stderr == "x.csv: Permission denied; nothing was written\n"
    assert [path.name for path in tmp_path.iterdir()] == ["events.csv"]


@pytest.mark.skipif(sys.platform != "linux", reason="limits of files are tried on Linux")
@pytest.mark.parametrize("out", ["x.csv", "x.parquet"])
def test_a_full_disk_is_one_message_and_nothing_is_left(tmp_path: Path, out: str) -> None:
    """A real write that fails half-way: no file of the process may grow beyond 100 bytes."""
    written(tmp_path, [acled(1), acled(2, **KORO)])
    code = (
        "import resource, runs.folders; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        f"from calibration.cli import app; app(['events', 'events.csv', '--out', {out!r}])"
    )
    done = python("-B", "-c", code, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{out}: File too large; nothing was written\n"
    assert [path.name for path in tmp_path.iterdir()] == ["events.csv"]


@pytest.mark.parametrize("when", ["calibration.event_files.read_events", "calibration.event_commands.mapped_events"])
def test_an_interrupt_leaves_nothing(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    written(tmp_path, [acled(1)])
    monkeypatch.setattr(when, interrupted)
    result = command("events", "events.csv", "--out", "x.csv")
    assert (result.exit_code, result.stderr) == (130, "interrupted; nothing was written\n")
    assert [path.name for path in tmp_path.iterdir()] == ["events.csv"]


def test_an_interrupt_after_the_file_is_written_says_so(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, [acled(1)])
    monkeypatch.setattr("calibration.event_commands.beside_record", interrupted)
    result = command("events", "events.csv", "--out", "x.csv")
    assert (result.exit_code, result.stderr) == (130, "interrupted; written before: x.csv\n")
    assert "MLI1" in (tmp_path / "x.csv").read_text()
