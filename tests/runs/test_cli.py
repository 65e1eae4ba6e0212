"""The command line: what it writes, what it says, and how it fails."""

from __future__ import annotations

import csv
import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import fails_with, invoke
from pyarrow import parquet
from typer.testing import Result

from abm.declarations import declarations
from abm.parameters import Parameters
from abm.scenario import shipped_scenarios
from abm.views.words import say
from runs.design import Design
from runs.folders import MANIFEST

Command = Callable[..., Result]
WORLD = ("--set", "world.cercles=['Mopti', 'Bankass']")


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    return invoke


@pytest.fixture
def stored(command: Command, tmp_path: Path) -> Path:
    assert command("run", *WORLD, "--days", 60, "--others", 0, "--out", "run").exit_code == 0
    return tmp_path / "run"


# --- run ------------------------------------------------------------------------------------------------------------


def test_run_writes_a_folder_and_a_summary(command: Command, tmp_path: Path) -> None:
    result = command("run", *WORLD, "--seed", 3, "--days", 60, "--others", 3)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "results" / "baseline-2021-seed-3"
    manifest = json.loads((folder / MANIFEST).read_text())
    assert (manifest["provenance"]["seed"], manifest["last_day"] - manifest["first_day"]) == (3, 60)
    text = " ".join(result.stdout.split())
    assert say("one_run") in text
    assert say("caveat") in text
    assert "lowest and highest of 3 other seeds" in text
    assert "results/baseline-2021-seed-3" in text


def test_run_takes_scenario_parameters_and_levers(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('extend = "extra-tobs"\nname = "mine"\nmonths = 1\n')
    (tmp_path / "values.toml").write_text("delta_un = 0.4\n")
    result = command(
        "run", "--scenario", "mine.toml", "--parameters", "values.toml", "--set", "n_same=0.2", *WORLD,
        "--others", 0, "--out", "out",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text())
    assert (manifest["parameters"]["delta_un"], manifest["parameters"]["n_same"]) == (0.4, 0.2)
    assert manifest["scenario"]["name"] == "mine"
    assert manifest["last_day"] - manifest["first_day"] == 31


def test_the_same_run_may_be_written_again_and_another_may_not(command: Command, stored: Path) -> None:
    again = ("run", *WORLD, "--days", 60, "--others", 0, "--out", stored)
    assert command(*again).exit_code == 0
    before = (stored / MANIFEST).read_bytes()
    fails_with(command(*again, "--seed", 4), "run: holds another result", "--overwrite")
    assert (stored / MANIFEST).read_bytes() == before
    assert command(*again, "--seed", 4, "--overwrite").exit_code == 0
    assert (stored / MANIFEST).read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--scenario", "paradise"], ["unknown scenario 'paradise'", "baseline-2021"]),
        (["run", "--scenario", "none.toml"], ["none.toml", "cannot be read"]),
        (["run", "--set", "delta_un=7"], ["--set: delta_un:", "found 7"]),
        (["run", "--set", "un.allocation=best"], ["--set: un.allocation:", "hotspot"]),
        (["run", "--set", "world.cercles=['Atlantis']"], ["world.cercles", "unknown cercle 'Atlantis'"]),
        (["run", "--parameters", "none.toml"], ["none.toml", "cannot be read"]),
        (["compare", "--arms", "paradise"], ["unknown scenario 'paradise'"]),
        (["compare", "--draws", "1"], ["draws: expected 2 to"]),
        (["compare", "--arms", "history-2020"], ["history-2020: start"]),
        (["compare", "--variant-draws", "4"], ["--variant-draws: only with --variants"]),
        (["compare", "--variants", "--variant-draws", "1"], ["--variant-draws: expected 2 to 25"]),
        (["compare", "--arms", "no-un", "--arms", "no-un"], ["two arms are named 'no-un'"]),
        (["check-2020", "--set", "un.present=false"], ["--set un", "only parameters"]),
        (["rerun", "nowhere"], ["nowhere", "not a folder of results"]),
        (["export", "nowhere", "--format", "gtd", "--out", "x.csv"], ["--format: expected one of acled, ged"]),
        (["export", "nowhere", "--format", "ged", "--out", "x.csv"], ["nowhere", "not a folder of results"]),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_message(
    command: Command, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    fails_with(command(*arguments), *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", ["mine.toml: not valid TOML"]),
        ('extend = "baseline-2021"\nname = "x"\ncolour = "red"\n', ["mine.toml: colour:", "'red'"]),
        ('extend = "baseline-2021"\nname = "x"\nmonths = "many"\n', ["mine.toml: months:", "integer", "'many'"]),
        ('extend = "baseline-2021"\nname = "x"\nstart = 1999-01-01\n', ["mine.toml: start:", "1999-01-01"]),
        ('extend = "mine.toml"\nname = "x"\n', ["mine.toml: extend: goes in a circle"]),
    ],
)
def test_bad_scenario_files_name_file_and_field(command: Command, tmp_path: Path, text: str, words: list[str]) -> None:
    (tmp_path / "mine.toml").write_text(text)
    fails_with(command("run", "--scenario", "mine.toml"), *words)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]


def test_a_bad_gazetteer_names_file_and_field(command: Command, tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_text("name,latitude,longitude\nA,fourteen,-4.1\n")
    fails_with(command("run", "--days", 1, "--set", "world.gazetteer=places.csv"), "places.csv", "latitude")
    fails_with(command("run", "--days", 1, "--set", "world.gazetteer=none.csv"), "none.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["places.csv"]


@pytest.mark.parametrize("arguments", [["run", "--seed", "-1"], ["run", "--days", "0"], ["fly"], ["run", "--colour"]])
def test_bad_options_exit_with_two(command: Command, arguments: list[str]) -> None:
    assert command(*arguments).exit_code == 2


# --- files that fail, interrupts ------------------------------------------------------------------------------------


def test_no_space_is_one_message_and_nothing_is_left(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_table: object, path: Path) -> None:
        Path(path).write_bytes(b"PAR1")
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(parquet, "write_table", full)
    fails_with(command("run", *WORLD, "--days", 30), "No space left on device", "nothing was written")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.skipif(sys.platform != "linux", reason="limits of files are tried on Linux")
def test_a_full_disk_is_one_message_and_nothing_is_left(tmp_path: Path) -> None:
    """A real write that fails half-way: no file of the process may grow beyond 20 kB."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        f"import sys; from runs.cli import app; app({['run', *WORLD, '--out', 'r']!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "File too large" in done.stderr
    assert "nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user whom permissions hold back")
def test_an_unwritable_folder_is_one_message(command: Command, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    fails_with(
        command("run", *WORLD, "--days", 30, "--out", locked / "run"), "Permission denied", "nothing was written"
    )


def test_a_file_in_the_way_is_one_message(command: Command, tmp_path: Path) -> None:
    (tmp_path / "results").write_text("mine")
    fails_with(command("run", *WORLD, "--days", 30), "results", "nothing was written")
    fails_with(command("run", *WORLD, "--days", 30, "--out", "results"), "results: is a file")
    assert (tmp_path / "results").read_text() == "mine"


@pytest.mark.parametrize("when", ["runs.compare.run_replicate", "runs.report.render"])
def test_an_interrupt_leaves_nothing(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def interrupted(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(when, interrupted)
    size = ("--arms", "no-un", "--set", "months=1", "--draws", 2, "--seeds", 2, "--check-runs", 0)
    result = command("compare", *WORLD, *size, "--out", "c")
    assert result.exit_code == 130
    assert "interrupted; nothing was written" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_after_the_folder_is_written_says_so(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("runs.single.around", interrupted)
    result = command("run", *WORLD, "--days", 30, "--out", "r")
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == "interrupted; written before: r"
    assert command("rerun", "r").exit_code == 0
    monkeypatch.setattr("runs.store.read_run", interrupted)
    result = command("rerun", "r")
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")


@pytest.mark.slow
def test_control_c_stops_a_real_comparison(tmp_path: Path) -> None:
    arguments = ["compare", "--draws", "50", "--seeds", "8", "--check-runs", "0", "--out", "c"]
    # Tests that run in the background of a shell inherit deaf ears for this signal.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{heard}; from runs.cli import main; main()", *arguments],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(6.0)  # compiled code is in the cache by now, and 1,600 runs take minutes
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


# --- compare --------------------------------------------------------------------------------------------------------


def test_compare_writes_a_report_and_says_what_it_says(command: Command, tmp_path: Path) -> None:
    size = ("--draws", 2, "--seeds", 2, "--check-runs", 3)
    result = command("compare", *WORLD, "--set", "months=1", "--set", "permission_months=1", *size, "--out", "c")
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert say("caveat") in text
    for title in ("The four questions", "What the runs say", "Where the model does badly", "Together and apart", "Cost",
                  "What the force and its partners did"):  # fmt: skip
        assert title in text
    assert "c/report.html" in text
    assert (tmp_path / "c" / "report.html").is_file()
    draws = parquet.read_table(tmp_path / "c" / "draws.parquet").to_pylist()
    assert {row["permission_months"] for row in draws} == {1.0}
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_any_scenarios_can_be_compared(command: Command, tmp_path: Path) -> None:
    size = ("--draws", 2, "--seeds", 2, "--check-runs", 0, "--set", "months=1")
    result = command("compare", "--arms", "no-un", *WORLD, *size, "--out", "c")
    assert result.exit_code == 0, result.output
    assert "With no UN" in result.stdout
    assert "Together and apart" not in result.stdout


def test_everything_is_every_shipped_scenario_that_can_be_compared(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []

    def stop(_out: Path, design: Design, *_more: object) -> None:
        found.extend(arm.name for arm in design.arms)
        raise KeyboardInterrupt

    monkeypatch.setattr("runs.report.check_target", stop)
    assert command("compare", "--everything").exit_code == 130
    assert set(found) == set(shipped_scenarios()) - {"history-2020"}
    fails_with(command("compare", "--everything", "--arms", "no-un"), "two arms are named 'no-un'")


# --- the others -----------------------------------------------------------------------------------------------------


def test_scenarios_are_listed(command: Command) -> None:
    result = command("scenarios")
    assert result.exit_code == 0
    for name in shipped_scenarios():
        assert name in result.stdout


def test_parameters_are_listed_and_templated(command: Command, tmp_path: Path) -> None:
    listed, template = command("parameters"), command("parameters", "--toml")
    for name, declaration in declarations(Parameters).items():
        assert name in listed.stdout
        assert f"# {name} = {declaration.default!r}" in template.stdout
    (tmp_path / "mine.toml").write_text(template.stdout)
    assert command("run", *WORLD, "--days", 1, "--others", 0, "--parameters", "mine.toml").exit_code == 0


def test_rerun_gives_every_bit_and_says_when_it_does_not(command: Command, stored: Path) -> None:
    result = command("rerun", stored)
    assert (result.exit_code, "reproduced to the bit" in result.stdout) == (0, True)
    manifest = json.loads((stored / MANIFEST).read_text())
    manifest["provenance"]["math_fingerprint"] = "f" * 16
    manifest["provenance"]["seed"] = 1
    (stored / MANIFEST).write_text(json.dumps(manifest))
    fails_with(command("rerun", stored), "math_fingerprint", "--anyway")
    unlike = command("rerun", stored, "--anyway")
    assert unlike.exit_code == 1
    assert "NOT reproduced" in unlike.stderr


@pytest.mark.parametrize(("layout", "column"), [("acled", "event_id_cnty"), ("ged", "relid")])
def test_export(command: Command, stored: Path, tmp_path: Path, layout: str, column: str) -> None:
    result = command("export", stored, "--format", layout, "--out", "x.csv")
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader((tmp_path / "x.csv").open()))
    assert rows
    assert all(row[column].startswith("SIM") for row in rows)
    assert f"{len(rows)} simulated events" in result.stdout
    fails_with(command("export", stored, "--format", layout, "--out", "x.csv"), "x.csv: exists", "--overwrite")
    assert command("export", stored, "--format", layout, "--out", "x.csv", "--overwrite").exit_code == 0


@pytest.mark.skipif(os.name != "posix", reason="needs named pipes")
def test_export_replaces_only_files(command: Command, stored: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for out in ("folder", "pipe", "/dev/null"):
        result = command("export", stored, "--format", "ged", "--out", out, "--overwrite")
        fails_with(result, f"{out}: is no regular file")
    assert (tmp_path / "folder").is_dir()
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize(
    ("others", "words"), [(1, "lowest and highest of 1 other seed"), (20, "90 % of 20 other seeds")]
)
def test_few_other_seeds_are_not_called_a_share(command: Command, others: int, words: str) -> None:
    result = command("run", *WORLD, "--days", 2, "--others", others)
    assert result.exit_code == 0, result.output
    assert words in " ".join(result.stdout.split())


def test_check_2020_prints_simulated_observed_and_error(command: Command) -> None:
    result = command("check-2020", "--runs", 2)
    assert result.exit_code == 0, result.output
    for word in ("Events simulated", "observed", "error", "2020", "ACLED"):
        assert word in result.stdout


def test_cold_compilation_is_announced_once(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abm.compiled.is_warm", lambda: False)
    cold = command("run", *WORLD, "--days", 1, "--others", 0)
    assert cold.stderr.count("compiling the model, once") == 1
    monkeypatch.setattr("abm.compiled.is_warm", lambda: True)
    assert "compiling" not in command("run", *WORLD, "--days", 1, "--others", 0).stderr


def test_help_is_quick_and_loads_no_heavy_library() -> None:
    heavy = ("matplotlib", "mesa", "numba", "numpy", "pandas", "pyarrow", "scipy")
    code = f"import sys, runs.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_a_run_loads_neither_mesa_nor_matplotlib(tmp_path: Path) -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from runs.cli import app\n"
        f"r = CliRunner().invoke(app, ['run', '--days', '1', '--others', '0', '--set', {WORLD[1]!r}])\n"
        "print(r.exit_code, [m for m in ('mesa', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.stdout.strip() == "0 []"
