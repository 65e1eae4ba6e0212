"""The command line where output cannot be printed, in real processes: full devices, closed streams, plain locales."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runs.folders import MANIFEST

WORLD = ("--set", "world.cercles=['Mopti', 'Bankass']")


def program(tmp_path: Path, redirect: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """The real program in a shell, its output redirected, in an environment of its own."""
    line = f'exec "$0" -c "from calibration.cli import main; main()" "$@" {redirect}'
    return subprocess.run(
        ["sh", "-c", line, sys.executable, *arguments], cwd=tmp_path, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables},
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_output_that_cannot_be_printed_does_not_deny_what_was_written(tmp_path: Path) -> None:
    done = program(tmp_path, "> /dev/full", "run", *WORLD, "--days", "30", "--others", "0", "--out", "r")
    assert done.returncode == 2, done.stderr
    assert b"No space left on device; written before: r" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert (tmp_path / "r" / MANIFEST).is_file()
    done = program(tmp_path, "> /dev/full", "--help")
    assert (done.returncode, b"No space left" in done.stderr, b"Traceback" in done.stderr) == (2, True, False)


@pytest.mark.skipif(os.name != "posix", reason="locales and closed streams of POSIX")
@pytest.mark.parametrize(
    ("redirect", "variables", "shown"),
    [
        ("", {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, True),
        ("", {"PYTHONIOENCODING": "latin1"}, True),
        (">&-", {}, False),
        (">&- 2>&-", {}, False),
    ],
)
def test_plain_environments(tmp_path: Path, redirect: str, variables: dict[str, str], shown: bool) -> None:
    done = program(tmp_path, redirect, "parameters", **variables)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (b"delta_un" in done.stdout) == shown
