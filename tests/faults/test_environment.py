"""Other machines: homes that cannot be written, other languages and clocks, other mathematics, edited sources."""

from __future__ import annotations

import gc
import json
import locale
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batch_samples import disk
from commands import fails_with, invoke
from house import ROOT
from pyarrow import parquet

from calibration.event_layouts import EVENT_LAYOUTS
from calibration.forecast_file import write_forecast
from calibration.record_table import month_number
from runs import provenance, store
from runs.folders import MANIFEST

WORLD = ("--set", "world.cercles=['Mopti', 'Bankass']")
SHORT = (*WORLD, "--seed", 3, "--days", 40, "--others", 0)
ITS_OWN = {"created", "git_commit", "git_dirty"}  # of every result, whoever makes it
STARTING = 900  # seconds that a program which compiles everything may take on a machine that is busy


def content(folder: Path) -> dict[str, Any]:
    """All that a stored run holds but when and from which commit it was made: tables, their metadata, the manifest."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("*.parquet")):
        table = parquet.read_table(path)
        metadata = {key: value for key, value in (table.schema.metadata or {}).items() if key.startswith(b"sector")}
        own = {f"sector_centre.{name}".encode() for name in ITS_OWN}
        found[path.name] = (table.to_pydict(), {key: value for key, value in metadata.items() if key not in own})
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    about = {key: value for key, value in manifest.pop("provenance").items() if key not in ITS_OWN}
    return {**found, "manifest": {**manifest, "files": sorted(manifest["files"])}, "provenance": about}


def program(*arguments: str | int, cwd: Path, **variables: str) -> subprocess.Popen[str]:
    """The command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from calibration.cli import main; main()", *map(str, arguments)],
        cwd=cwd, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Output and errors of a program that ended well."""
    said, errors = process.communicate(timeout=STARTING)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    return said, errors


@pytest.fixture
def usual(tmp_path: Path) -> Path:
    """A stored run, made here and now."""
    assert invoke("run", *SHORT, "--out", tmp_path / "usual").exit_code == 0
    return tmp_path / "usual"


# --- languages and clocks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns", "Etc/GMT+12"])
def test_the_same_run_whatever_the_clock_says(
    usual: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        assert time.timezone != 0, "the zone is not known here"
        assert invoke("run", *SHORT, "--out", tmp_path / "there").exit_code == 0
        assert "reproduced to the bit" in invoke("rerun", usual).stdout
    time.tzset()
    assert content(tmp_path / "there") == content(usual)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, language)
    except locale.Error:
        pytest.skip(f"the locale {language} is not installed")
    try:
        yield
    finally:
        locale.setlocale(locale.LC_ALL, before)


@pytest.mark.parametrize("language", ["C", "tr_TR.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8"])
def test_the_same_run_in_any_language(usual: Path, tmp_path: Path, language: str) -> None:
    with speaking(language):
        assert invoke("run", *SHORT, "--out", tmp_path / "there").exit_code == 0
    assert content(tmp_path / "there") == content(usual)


@pytest.mark.slow
def test_the_same_run_in_a_process_that_knows_no_utf_8(usual: Path, tmp_path: Path) -> None:
    """Files are opened in UTF-8 whatever the system's encoding: names of places have accents."""
    title = 'extend = "baseline-2021"\nname = "baseline-2021"\ntitle = "Sévaré, Djenné – Ogossagou"\n'
    (tmp_path / "mine.toml").write_text(title, encoding="utf-8")
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "Pacific/Kiritimati"}
    arguments = ("run", "--scenario", "mine.toml", *SHORT)
    finished(program(*arguments, "--out", "there", cwd=tmp_path, **plain))
    assert invoke(*("run", "--scenario", tmp_path / "mine.toml"), *SHORT, "--out", tmp_path / "here").exit_code == 0
    there = content(tmp_path / "there")
    assert there == content(tmp_path / "here")
    assert there["manifest"]["scenario"]["title"] == "Sévaré, Djenné – Ogossagou"
    assert there["events.parquet"][0] == content(usual)["events.parquet"][0]


# --- other mathematics ----------------------------------------------------------------------------------------------


def test_a_machine_with_other_mathematics_says_so(usual: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is brought to a machine whose library rounds otherwise; the files of the run are as they were."""
    before = {path.name: path.read_bytes() for path in usual.iterdir()}
    monkeypatch.setattr(provenance, "math_fingerprint", lambda: "0123456789abcdef")
    fails_with(invoke("rerun", usual), "promised only for equal versions", "math_fingerprint: 0123456789abcdef here")
    done = invoke("rerun", usual, "--anyway")
    assert (done.exit_code, "reproduced to the bit" in done.stdout) == (0, True)
    fails_with(invoke("run", *SHORT, "--out", usual), "holds another result", "--overwrite")
    assert {path.name: path.read_bytes() for path in usual.iterdir()} == before
    assert invoke("run", *SHORT, "--out", tmp_path / "there").exit_code == 0
    assert content(tmp_path / "there")["provenance"]["math_fingerprint"] == "0123456789abcdef"
    assert content(tmp_path / "there")["events.parquet"][0] == content(usual)["events.parquet"][0]


def test_other_mathematics_is_found_where_it_shows(usual: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One last bit of one number of the second run is another: it is found, and exit code 1 says so."""
    again = store.log_table

    def elsewhere(log: Any, *more: Any) -> Any:
        if "risk_army" in (log.dtype.names or ()):
            log = log.copy()
            log["risk_army"][5] = np.nextafter(log["risk_army"][5], 1.0)
        return again(log, *more)

    monkeypatch.setattr(provenance, "math_fingerprint", lambda: "0123456789abcdef")
    monkeypatch.setattr(store, "log_table", elsewhere)
    done = invoke("rerun", usual, "--anyway")
    assert done.exit_code == 1
    assert "NOT reproduced" in done.stderr
    assert "days: risk_army: 1 rows differ, first row 5" in done.stderr


# --- no space -------------------------------------------------------------------------------------------------------


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """A real limit: a write beyond it fails half-way."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def forecast_to(out: Path) -> None:
    """The file of a made-up forecast: what takes long is making one, not writing it."""
    counts = np.random.default_rng(1).integers(0, 9, (20, 3, 15, 12, 2)).astype(float)
    with_sums = np.concatenate([counts, counts.sum(axis=3, keepdims=True)], axis=3)
    write_forecast(with_sums, month_number("2020-11"), {}, out)


COMPARE = ("compare", "--arms", "no-un", *WORLD, "--draws", 2, "--seeds", 2, "--check-runs", 0, "--set", "months=1")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of files are tried on Linux")
def test_files_that_may_not_grow_leave_nothing_behind(usual: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    with files_no_longer_than(2_000):
        for layout in EVENT_LAYOUTS:
            done = invoke("export", usual, "--format", layout, "--out", place / "x.csv")
            fails_with(done, "x.csv: File too large", "nothing was written")
        with pytest.raises(OSError, match="File too large") as error:
            forecast_to(place / "f.parquet")
    assert error.value.filename == str(place / "f.parquet")
    assert list(place.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of files are tried on Linux")
def test_a_comparison_whose_files_may_not_grow_leaves_nothing_behind(tmp_path: Path) -> None:
    with files_no_longer_than(30_000):
        done = invoke(*COMPARE, "--out", tmp_path / "c")
    assert done.exit_code == 2, done.output
    assert "File too large; nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def tried(*arguments: Any) -> tuple[int, str]:
    """Exit code and errors of a command, and no more: an exception would keep its half-written file open."""
    done = invoke(*arguments)
    return done.exit_code, done.stderr


def forecast_fails(out: Path) -> str:
    try:
        forecast_to(out)
    except OSError as error:
        return error.strerror or ""
    return ""


@pytest.mark.slow
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """A real one, too small for any of what is written to it."""
    usual = tmp_path / "usual"
    assert invoke("run", *WORLD, "--days", 700, "--others", 0, "--out", usual).exit_code == 0
    with disk(tmp_path / "disk", "16k"):
        place = tmp_path / "disk"
        for arguments in (
            ("run", *SHORT, "--out", place / "r"), (*COMPARE, "--out", place / "c"),
            ("export", usual, "--format", "acled", "--out", place / "x.csv"),
        ):  # fmt: skip
            code, errors = tried(*arguments)
            left = [path.name for path in place.iterdir()]
            assert (code, left) == (2, []), errors
            assert "No space left on device; nothing was written" in errors
            assert "Traceback" not in errors
        assert "No space left on device" in forecast_fails(place / "f.parquet")
        assert list(place.iterdir()) == []
        gc.collect()  # files that could not be written are closed, and the disk can go


# --- compiled code --------------------------------------------------------------------------------------------------


def in_the_way(folder: Path) -> dict[str, str]:
    """Homes in which nobody can write, not even the superuser: below a file."""
    (folder / "file").write_text("no folder")
    below = str(folder / "file" / "home")
    return {"HOME": below, "SECTOR_CENTRE_CACHE": below, "XDG_CACHE_HOME": below, "XDG_CONFIG_HOME": below}


def test_without_a_home_what_needs_no_compiling_works(tmp_path: Path) -> None:
    said, errors = finished(program("scenarios", cwd=tmp_path, **in_the_way(tmp_path)))
    assert "extra-tobs" in said
    assert "baseline-2021" in said
    assert errors.count("compiled code cannot be kept") <= 1
    assert (tmp_path / "file").read_text() == "no folder"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.nightly
def test_without_a_home_everything_works(usual: Path, tmp_path: Path) -> None:
    """Each process compiles anew, and says so; figures are drawn without a folder for fonts."""
    nowhere = in_the_way(tmp_path)
    _, errors = finished(program("run", *SHORT, "--out", "there", cwd=tmp_path, **nowhere))
    assert "compiled code cannot be kept" in errors
    assert content(tmp_path / "there") == content(usual)
    finished(program(*COMPARE, "--out", "c", cwd=tmp_path, **nowhere))
    assert (tmp_path / "c" / "report.html").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "file", "there", "usual"]


@pytest.mark.nightly
def test_a_cache_on_a_disk_that_may_only_be_read(usual: Path, tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "1m") as mount_again:
        mount_again("ro")
        there = {"HOME": str(tmp_path / "disk"), "SECTOR_CENTRE_CACHE": str(tmp_path / "disk" / "cache")}
        _, errors = finished(program("run", *SHORT, "--out", "there", cwd=tmp_path, **there))
        assert "compiled code cannot be kept" in errors
        assert list((tmp_path / "disk").iterdir()) == []
    assert content(tmp_path / "there") == content(usual)


@pytest.mark.nightly
def test_two_processes_that_compile_at_once_do_not_disturb_each_other(usual: Path, tmp_path: Path) -> None:
    cache = {"SECTOR_CENTRE_CACHE": str(tmp_path / "cache")}
    both = [program("run", *SHORT, "--out", name, cwd=tmp_path, **cache) for name in ("one", "other")]
    for process in both:
        assert "compiling the model, once" in finished(process)[1]
    _, errors = finished(program("run", *SHORT, "--out", "third", cwd=tmp_path, **cache))
    assert "compiling" not in errors  # what the two left is whole
    assert content(tmp_path / "one") == content(tmp_path / "other") == content(tmp_path / "third") == content(usual)
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.nightly
def test_an_edited_rule_is_compiled_anew_and_the_old_one_found_again(tmp_path: Path) -> None:
    """The whole model, whose cache is warm: the file keeps its size and its time of change, so that only bytes tell."""
    copy, cache = tmp_path / "copy", tmp_path / "cache"
    shutil.copytree(ROOT / "abm", copy / "abm", ignore=shutil.ignore_patterns("__pycache__", "views"))
    code = (
        "import hashlib; from abm import Scenario, simulate; from abm.compiled import is_warm; print(is_warm())\n"
        "small = Scenario.load('baseline-2021').changed(world={'cercles': ('Mopti', 'Bankass')})\n"
        "print(hashlib.sha256(simulate(small, seed=3, days=200).events.tobytes()).hexdigest())"
    )

    def result() -> list[str]:
        environment = {**os.environ, "SECTOR_CENTRE_CACHE": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=copy, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    rule = copy / "abm" / "presence.py"
    old, before = rule.read_text(encoding="utf-8"), rule.stat()
    edited = old.replace("return value * math.exp(-LN2 *", "return value * math.exp(-0.1 *")
    assert edited != old
    assert len(edited.encode()) == before.st_size
    first = result()
    assert first[0] == "False"
    assert result() == ["True", first[1]]
    rule.write_text(edited, encoding="utf-8")
    os.utime(rule, ns=(before.st_atime_ns, before.st_mtime_ns))
    second = result()
    assert second[0] == "False"
    assert second[1] != first[1]
    rule.write_text(old, encoding="utf-8")
    assert result() == ["True", first[1]]
