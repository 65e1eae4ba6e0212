"""The door to Numba: a changed callee is never served stale, caches are tidy, and mathematics has a fingerprint."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from house import ROOT

from abm import compiled
from abm.compiled import config

CALLEE = """
from abm.compiled import rule
STEP = {step}
@rule
def stride(x: float) -> float:
    return x + STEP * {factor}
"""
CALLER = """
from abm.compiled import entry
from abm.callee import stride
@entry
def walk(x: float) -> float:
    return stride(stride(x))
"""


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty cache root of its own; what the process has remembered of its cache folder is put aside."""
    monkeypatch.setenv("SECTOR_CENTRE_CACHE", str(tmp_path / "cache"))
    compiled.cache_folder.cache_clear()
    yield tmp_path / "cache"
    monkeypatch.undo()
    compiled.cache_folder.cache_clear()
    compiled.cache_folder()


def run_copy(folder: Path, cache: Path, program: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SECTOR_CENTRE_CACHE": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package with a caller in one file and its callee in another."""
    unused = shutil.ignore_patterns("__pycache__", "data", "views")
    shutil.copytree(ROOT / "abm", tmp_path / "copy" / "abm", ignore=unused)
    (tmp_path / "copy" / "abm" / "callee.py").write_text(CALLEE.format(step=1.0, factor=1.0))
    (tmp_path / "copy" / "abm" / "caller.py").write_text(CALLER)
    return tmp_path / "copy"


def test_an_edited_callee_in_another_file_changes_the_result(package: Path, tmp_path: Path) -> None:
    # Numba's own cache looks at the caller's file only. The file keeps its size and its time of change here, so that
    # nothing but the bytes tells.
    cache, callee = tmp_path / "cache", package / "abm" / "callee.py"
    walk = "from abm.caller import walk; print(walk(10.0)); print(sum(walk.stats.cache_hits.values()))"
    assert run_copy(package, cache, walk).stdout.split() == ["12.0", "0"]
    before = callee.stat()
    callee.write_text(CALLEE.format(step=5.0, factor=3.0))
    os.utime(callee, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert callee.stat().st_size == before.st_size
    assert run_copy(package, cache, walk).stdout.split() == ["40.0", "0"]
    callee.write_text(CALLEE.format(step=1.0, factor=1.0))
    assert run_copy(package, cache, walk).stdout.split() == ["12.0", "1"]  # back at the old code, back at its cache
    assert len(list(cache.iterdir())) == 2


def test_an_unwritable_cache_only_warns(package: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    answer = run_copy(package, blocked, "from abm.caller import walk; print(walk(10.0))")
    assert answer.stdout == "12.0\n"
    assert "compiled code cannot be kept" in answer.stderr
    assert blocked.read_text() == "not a folder"


def test_no_cache_folder_gives_a_warning_and_none(monkeypatch: pytest.MonkeyPatch, fresh: Path) -> None:
    fresh.write_text("in the way")
    with pytest.warns(UserWarning, match="compiled code cannot be kept"):
        assert compiled.cache_folder() is None
    assert not compiled.is_warm()
    assert compiled.entry(lambda x: x + 1)(1) == 2  # compiled anew, without a cache


def test_the_cache_is_warm_once_the_day_was_compiled(fresh: Path) -> None:
    assert not compiled.is_warm()
    folder = compiled.cache_folder()
    assert folder == fresh / compiled.FINGERPRINT
    (folder / "randomness.uniforms-29.py311.nbi").write_bytes(b"")
    assert not compiled.is_warm()  # small entries say nothing about the large one
    (folder / "schedule.advance-133.py311.nbi").write_bytes(b"")
    assert compiled.is_warm()


def test_entries_leave_numba_as_it_was(fresh: Path) -> None:
    before = config.CACHE_DIR
    compiled.entry(test_entries_leave_numba_as_it_was)
    assert before == config.CACHE_DIR


def test_only_the_last_five_fingerprints_are_kept(fresh: Path) -> None:
    now = time.time()
    for age in range(1, 9):
        folder = fresh / f"{age:016x}"
        folder.mkdir(parents=True)
        (folder / "code.nbc").write_bytes(b"x")
        os.utime(folder, (now - 100 * age, now - 100 * age))
    current = compiled.cache_folder()
    assert current is not None
    assert sorted(p.name for p in fresh.iterdir()) == sorted([current.name, *(f"{age:016x}" for age in range(1, 5))])


def test_folders_that_are_no_fingerprint_are_left_alone(fresh: Path) -> None:
    # SECTOR_CENTRE_CACHE may point at a folder that holds other things.
    for name in ("photographs", "thesis", "0123456789abcdefg", "ABCDEFABCDEFABCD", *(f"{i:016x}" for i in range(6))):
        (fresh / name).mkdir(parents=True)
        os.utime(fresh / name, (1, 1))
    compiled.cache_folder()
    assert {"photographs", "thesis", "0123456789abcdefg", "ABCDEFABCDEFABCD"} <= {p.name for p in fresh.iterdir()}


def test_the_cache_lies_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECTOR_CENTRE_CACHE", str(tmp_path / "mine"))
    assert compiled.cache_root() == tmp_path / "mine"
    monkeypatch.delenv("SECTOR_CENTRE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert compiled.cache_root() == tmp_path / "xdg" / "sector-centre"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert compiled.cache_root() == tmp_path / ".cache" / "sector-centre"


def test_the_fingerprint_sees_every_source_its_path_and_the_options(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compiled.source_fingerprint() == compiled.FINGERPRINT  # it is stable
    monkeypatch.setattr(compiled, "PACKAGE_FOLDER", package / "abm")
    seen = [compiled.source_fingerprint()]
    (package / "abm" / "presence.py").open("a").write("\n# a remark\n")
    seen.append(compiled.source_fingerprint())
    (package / "abm" / "callee.py").rename(package / "abm" / "called.py")
    seen.append(compiled.source_fingerprint())
    (package / "abm" / "deeper").mkdir()
    (package / "abm" / "deeper" / "new.py").write_text("")
    seen.append(compiled.source_fingerprint())
    monkeypatch.setattr(config, "BOUNDSCHECK", 0 if config.BOUNDSCHECK else 1)
    seen.append(compiled.source_fingerprint())
    monkeypatch.setattr(compiled.numba, "__version__", "0.0")
    seen.append(compiled.source_fingerprint())
    assert len(set(seen)) == len(seen)
    (package / "abm" / "remark.txt").write_text("no code")
    assert compiled.source_fingerprint() == seen[-1]


def test_intel_vector_mathematics_is_off() -> None:
    # It rounds otherwise than libm. Numba looks once, when it is first imported, so this takes a process of its own.
    program = "import abm.compiled as c; print(bool(c.config.DISABLE_INTEL_SVML), c.config.USING_SVML)"
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout == "True False\n"


@pytest.mark.parametrize("name", ["exp", "log", "pow"])
def test_the_math_fingerprint_sees_a_single_last_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled.math_fingerprint.cache_clear()
    before = compiled.math_fingerprint()
    compiled.math_fingerprint.cache_clear()
    assert compiled.math_fingerprint() == before
    assert len(before) == 16
    true, calls = getattr(math, name), 0

    def off_once(*values: float) -> float:
        nonlocal calls
        calls += 1
        value: float = true(*values)
        return math.nextafter(value, math.inf) if calls == 5000 else value

    monkeypatch.setattr(compiled.math, name, off_once)
    compiled.math_fingerprint.cache_clear()
    changed = compiled.math_fingerprint()
    monkeypatch.undo()
    compiled.math_fingerprint.cache_clear()
    assert changed != before
    assert calls == 10_000
    assert compiled.math_fingerprint() == before
