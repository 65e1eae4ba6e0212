"""Killed without warning while results are written: whatever bears the wanted name is whole, and the next try works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from faults.killed import COUNT, RESULT, SMALL

from abm import Scenario, simulate
from runs.folders import MANIFEST, check_files, read_manifest
from runs.store import read_run, write_run

KINDS = {"run": "run", "compare": "comparison"}
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs to fork")


def killed_at_each_moment(what: str, folder: Path, most: int) -> dict[str, dict[int, Path]]:
    """Folders left after each moment, for a new result and for one that takes the place of another."""
    code = f"from faults.killed import main; main({what!r}, {str(folder)!r}, {most})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {name: {int(place.name): place for place in sorted((folder / name).iterdir())} for name in ("new", "again")}


def whole(result: Path, kind: str) -> int:
    """The seed of a result whose files are all as they were written."""
    manifest = read_manifest(result, kind)
    check_files(result, manifest)
    assert {path.name for path in result.iterdir()} == {*manifest["files"], MANIFEST}
    if kind == "run":
        read_run(result)
    return int(manifest["provenance"]["seed"])


def check(what: str, folder: Path, most: int, fewest: int) -> dict[str, dict[int, Path]]:
    left = killed_at_each_moment(what, folder, most)
    for name, places in left.items():
        assert len(places) > fewest
        whole(places.pop(0) / RESULT, KINDS[what])
        there = [moment for moment, place in places.items() if (place / RESULT).exists()]
        for moment in there:
            whole(places[moment] / RESULT, KINDS[what])
        for moment, place in places.items():
            others = [path for path in place.iterdir() if path.name not in (RESULT, COUNT)]
            # What was killed leaves its unfinished folder under a name that nobody asks for.
            assert all(path.name.startswith(f".{RESULT}.") for path in others), (name, moment, others)
            if name == "again" and moment not in there:  # between two renames: the old one has stepped aside, whole
                (aside,) = (path for path in others if path.name.endswith(".replaced"))
                whole(aside, KINDS[what])
        if name == "new":
            assert min(places) not in there
        else:
            assert min(places) in there
    return left


@pytest.mark.nightly
def test_a_run_that_is_killed_while_it_writes_leaves_nothing_half_written(tmp_path: Path) -> None:
    left = check("run", tmp_path, most=99, fewest=8)
    seeds = {whole(place / RESULT, "run") for place in left["again"].values() if (place / RESULT).exists()}
    assert seeds == {3, 4}  # the old one until it steps aside, then the new one
    records = simulate(Scenario.load("baseline-2021").changed(**SMALL), seed=3)
    for place in left["new"].values():
        write_run(records, place / RESULT)
        assert whole(place / RESULT, "run") == 3


@pytest.mark.slow
def test_a_comparison_that_is_killed_while_it_writes_leaves_nothing_half_written(tmp_path: Path) -> None:
    check("compare", tmp_path, most=6, fewest=8)


@pytest.mark.nightly
def test_a_comparison_that_is_killed_at_any_moment_leaves_nothing_half_written(tmp_path: Path) -> None:
    left = check("compare", tmp_path, most=999, fewest=30)
    assert json.loads((left["new"][max(left["new"])] / RESULT / MANIFEST).read_text())["kind"] == "comparison"
