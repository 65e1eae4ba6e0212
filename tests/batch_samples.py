"""A tiny experiment, stored once for all tests, and what breaks stores: killed programs and full disks."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

from runs.batch import plan
from runs.batch.experiment import Experiment, experiment_from
from runs.batch.run import run_batch
from runs.compare import Comparison
from runs.folders import MANIFEST

WORLD = {"world": {"cercles": ["Koro"]}, "months": 1}
# Blocks of five of the tiny experiment's twelve replicates: they end inside points, and the last is short.
YEARS = 34.0
TINY_BLOCKS, TINY_RUNS = 3, 48


def arm(extend: str, name: str, **more: Any) -> dict[str, Any]:
    """A scenario of one cercle and one month."""
    return {"extend": extend, "name": name, "title": f"{name} in Koro", **WORLD, **more}


FACTOR = {
    "name": "companies",
    "label": "mobile companies",
    "lever": "package.units.quick_reaction.units",
    "values": [1, 4],
}
TINY: dict[str, Any] = {
    "name": "tiny",
    "title": "Companies and courts in Koro",
    "question": "Are batches what they say?",
    "levers": {
        "control": arm("baseline-2021", "small"),
        "arms": [arm("accountability", "courts")],
        "factorial": {"base": arm("extra-tobs", "bases"), "factors": [FACTOR]},
    },
    "uncertainties": {"design": "lhs", "draws": 2, "points": 3, "parameters": {"delta_un": {"low": 0.1, "high": 0.9}}},
    "outcomes": {"months": [1, 2], "count_from": "start", "events": True},
    "runs": {"seeds": 4},
}


def values_of(**changes: Any) -> dict[str, Any]:
    """Fields of the tiny experiment; a change names its place with double underscores, and None takes it away."""
    values = copy.deepcopy(TINY)
    for place, value in changes.items():
        *parents, last = place.split("__")
        part = values
        for parent in parents:
            part = part[parent]
        part[last] = value
        if value is None:
            del part[last]
    return values


def tiny(**changes: Any) -> Experiment:
    return experiment_from(values_of(**changes), "tiny.toml")


def file_of(folder: Path, **changes: Any) -> Path:
    """The experiment as a file, as a researcher writes it."""
    path = folder / "tiny.toml"
    path.write_text(tomli_w.dumps(values_of(**changes)), encoding="utf-8")
    return path


@contextmanager
def blocks_of(years: float = YEARS) -> Iterator[None]:
    """Smaller blocks than real ones, which hold a hundred simulated years."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "BLOCK_YEARS", years)
        yield


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a store, hidden ones too; of the manifest, not when and from which commit it was made."""
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    if MANIFEST in found:
        manifest = json.loads(found[MANIFEST])
        for name in ("created", "git_commit", "git_dirty"):
            del manifest["provenance"][name]
        found[MANIFEST] = json.dumps(manifest).encode()
    return found


@lru_cache(maxsize=8)
def _finished(years: float, text: str) -> Mapping[str, bytes]:
    with tempfile.TemporaryDirectory() as name, blocks_of(years):
        folder = Path(name) / "store"
        run_batch(experiment_from(json.loads(text), "tiny.toml"), folder, workers=2)
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def finished(folder: Path, years: float = YEARS, **changes: Any) -> Path:
    """A finished store of the tiny experiment in a new folder; its runs are made once."""
    for name, content in _finished(years, json.dumps(values_of(**changes))).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def without(folder: Path, *blocks: int) -> Path:
    """The store without some of its blocks."""
    for block in blocks:
        for path in folder.glob(f"*/part-{block:05d}.*"):
            path.unlink()
    return folder


def assert_same(one: Comparison, other: Comparison) -> None:
    """Two comparisons have the same parts, in the same order, with the same bits."""
    assert one.windows == other.windows
    assert one.months.tolist() == other.months.tolist()
    assert (one.clock.dtype, one.clock.tolist()) == (other.clock.dtype, other.clock.tolist())
    for part in ("values", "courses", "rings"):
        mine, theirs = getattr(one, part), getattr(other, part)
        assert list(mine) == list(theirs)
        for key in mine:
            assert (mine[key].shape, mine[key].dtype) == (theirs[key].shape, theirs[key].dtype), key
            assert np.ascontiguousarray(mine[key]).tobytes() == np.ascontiguousarray(theirs[key]).tobytes(), key


# --- programs -------------------------------------------------------------------------------------------------------


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def program(*arguments: str | Path, cwd: Path, years: float = YEARS, first: str = "") -> subprocess.Popen[str]:
    """The command line in a process of its own, with small blocks; ``first`` is done in it before anything else."""
    code = (
        # Tests that run in the background of a shell inherit deaf ears for this signal.
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"{first}\n"
        f"from runs.batch import plan; plan.BLOCK_YEARS = {years}\n"
        "from calibration.cli import main; main()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def notes(folder: Path) -> int:
    """Number of blocks that count."""
    return len(list(folder.glob("blocks/part-*.json")))


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Callable[[str], None]]:
    """A small disk of its own mounted on a folder; what is yielded mounts it again with other options."""
    folder.mkdir()
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs Linux and its superuser")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.decode(errors='replace').strip()}")

    def again(options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)

    try:
        yield again
    finally:
        subprocess.run(["umount", str(folder)], check=True)
