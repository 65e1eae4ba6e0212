"""Tables of simulations: the same bits whoever simulates them, whole parts whatever happens, and clear refusals."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet
from toy_simulators import Failing, Floats, Slow, Toy

from calibration import table_workers
from calibration.errors import CalibrationError, RowFailed
from calibration.reference_table import ReferenceTable, build, read
from runs import cluster
from runs.folders import ResultError

SIZE, BLOCK = 60, 20


@pytest.fixture(scope="module")
def expected() -> str:
    """Fingerprint of the toy's table, row by row without any folder."""
    toy = Toy()
    rows = [toy(number) for number in range(SIZE)]
    theta, statistics = (np.array(part) for part in zip(*rows, strict=True))
    numbers = np.arange(SIZE)
    settings = json.loads(json.dumps(toy.settings))
    return ReferenceTable(numbers, theta, statistics, toy.parameters, toy.statistics, settings).fingerprint()


def parts(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("part-*"))


# --- the same bits --------------------------------------------------------------------------------------------------


def test_a_table_is_what_its_rows_are(tmp_path: Path, expected: str) -> None:
    seen: list[tuple[int, int]] = []
    table = build(Toy(), tmp_path / "t", SIZE, block=BLOCK, workers=1, progress=lambda *x: seen.append(x))
    assert seen == [(0, 60), (20, 60), (40, 60), (60, 60)]
    assert table.fingerprint() == read(tmp_path / "t").fingerprint() == expected
    assert (len(table), table.theta.shape, table.statistics.shape) == (SIZE, (SIZE, 2), (SIZE, 3))
    assert table.missing() == {"z": 9}  # numbers divisible by 7
    assert sorted(path.name for path in (tmp_path / "t").iterdir()) == ["manifest.json", *parts(tmp_path / "t")]
    columns = parquet.read_table(tmp_path / "t" / "part-00001.parquet").column_names
    assert columns == ["number", "parameter.a", "parameter.b", "statistic.x", "statistic.y", "statistic.z"]


def test_blocks_and_order_change_nothing(tmp_path: Path, expected: str) -> None:
    table = build(Toy(), tmp_path / "t", SIZE, block=7, workers=1)
    assert table.fingerprint() == expected
    order = np.argsort(-table.numbers)
    turned = ReferenceTable(
        table.numbers[order], table.theta[order], table.statistics[order],
        table.parameter_names, table.statistic_names, table.settings,
    )  # fmt: skip
    assert turned.fingerprint() == expected


def test_every_number_counts_in_the_fingerprint(tmp_path: Path, expected: str) -> None:
    assert build(Toy(spread=1.5), tmp_path / "t", SIZE, workers=1).fingerprint() != expected
    table = build(Toy(), tmp_path / "u", SIZE, workers=1)
    table.statistics[-1, -1] = np.nextafter(table.statistics[-1, -1], 9.0)
    assert table.fingerprint() != expected


def test_processes_change_nothing(tmp_path: Path, expected: str) -> None:
    assert build(Toy(), tmp_path / "t", SIZE, block=BLOCK, workers=2).fingerprint() == expected


@pytest.mark.skipif(find_spec("distributed") is None, reason="dask is not installed: sector-centre[cluster]")
def test_a_cluster_changes_nothing(tmp_path: Path, expected: str) -> None:
    assert build(Toy(), tmp_path / "t", SIZE, block=BLOCK, cluster="local:1").fingerprint() == expected
    # The same cluster, had it another mathematical library.
    found = cluster.identity((table_workers.PACKAGE,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "identity", _Other(found))
        with pytest.raises(CalibrationError, match=r"^worker tcp://.* other bits: math_fingerprint: other here, "):
            build(Toy(), tmp_path / "u", SIZE, block=BLOCK, cluster="local:1")
    assert parts(tmp_path / "u") == []


@dataclass(frozen=True)
class _Other:
    """Here another mathematical library; a worker, which gets a copy, answers for itself."""

    found: dict[str, str]
    here: int = os.getpid()

    def __call__(self, _packages: tuple[str, ...]) -> dict[str, str]:
        return self.found | {"math_fingerprint": "other"} if os.getpid() == self.here else self.found

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return _Other, (self.found, self.here)


def test_what_a_row_is_made_from_is_asked_of_workers() -> None:
    ours, asked = table_workers.identity(), cluster.identity((table_workers.PACKAGE,))
    assert asked == ours | {"runs_fingerprint": asked["runs_fingerprint"]}
    assert {"source_fingerprint", "calibration_fingerprint", "math_fingerprint", "numpy", "numba"} < set(ours)


def test_a_cluster_without_dask_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CalibrationError, match=r"install sector-centre\[cluster\]"):
        build(Toy(), tmp_path / "t", SIZE, cluster="local:1")


@pytest.mark.skipif(find_spec("distributed") is None, reason="dask is not installed: sector-centre[cluster]")
@pytest.mark.parametrize(
    ("address", "complaint"),
    [("local:0", "local:N"), ("local:x", "local:N"), ("here", "tcp://host:port"), ("tcp://127.0.0.1:9", "no worker")],
)
def test_no_such_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, complaint: str) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(CalibrationError, match=complaint):
        build(Toy(), tmp_path / "t", SIZE, cluster=address)


# --- resumed --------------------------------------------------------------------------------------------------------


def test_a_table_grows(tmp_path: Path, expected: str) -> None:
    folder = tmp_path / "t"
    build(Toy(), folder, 30, block=BLOCK, workers=1)
    first = (folder / "part-00000.parquet").stat().st_mtime_ns
    seen: list[int] = []
    table = build(Toy(), folder, SIZE, block=7, workers=1, progress=lambda done, _: seen.append(done))
    assert table.fingerprint() == expected
    assert seen == [20, 40, 60]  # its own block of 20; the half-filled part is simulated anew
    assert (folder / "part-00000.parquet").stat().st_mtime_ns == first
    with pytest.raises(ResultError, match="size: expected 60 or more"):
        build(Toy(), folder, 59, workers=1)


@pytest.mark.parametrize("damage", ["truncated", "bit", "empty", "other rows", "other table", "gone"])
def test_damaged_parts_are_simulated_again(
    tmp_path: Path, expected: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "t"
    build(Toy(), folder, SIZE, block=BLOCK, workers=1)
    part = folder / "part-00001.parquet"
    whole = part.read_bytes()
    if damage == "truncated":
        part.write_bytes(whole[: len(whole) // 2])
    elif damage == "bit":
        place = len(whole) // 4  # among the pages of numbers, before the footer
        part.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    elif damage == "empty":
        part.write_bytes(b"")
    elif damage == "other rows":
        shutil.copy(folder / "part-00000.parquet", part)
    elif damage == "other table":
        build(Toy(spread=2.0), tmp_path / "u", SIZE, block=BLOCK, workers=1)
        shutil.copy(tmp_path / "u" / "part-00001.parquet", part)
    else:
        part.unlink()
    with pytest.raises(ResultError, match=r"part-00001\.parquet: "):
        read(folder)
    if damage == "gone":
        assert len(read(folder, unfinished=True)) == SIZE - BLOCK
    (folder / ".part-00001.parquet.1234.partial").write_bytes(b"left by a killed process")
    with caplog.at_level(logging.WARNING):
        assert build(Toy(), folder, SIZE, block=BLOCK, workers=1).fingerprint() == expected
    named = "part-00001.parquet" in caplog.text and "simulated again" in caplog.text
    assert named == (damage != "gone")
    assert part.read_bytes() == whole
    assert not list(folder.glob(".*"))


SCRIPT = """
import signal, sys
from pathlib import Path
from calibration.reference_table import build
from toy_simulators import Slow
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder, pids, workers = sys.argv[1:]
    try:
        build(Slow(folder=pids), Path(folder), 60, block=4, workers=int(workers))
    except KeyboardInterrupt:
        sys.exit(130)
"""


def begun(tmp_path: Path, workers: int) -> subprocess.Popen[str]:
    """A process that builds a table, once some of its parts are there."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    (tmp_path / "pids").mkdir()
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "t"), str(tmp_path / "pids"), str(workers)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while len(parts(tmp_path / "t")) < 2:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def resumed(tmp_path: Path) -> str:
    """Fingerprint of the table after going on, of which some parts must have been there and some not."""
    done: list[int] = []
    pids = str(tmp_path / "pids")
    slow = Slow(folder=pids, seconds=0.0)
    table = build(slow, tmp_path / "t", 60, block=4, workers=1, progress=lambda n, _: done.append(n))
    assert 8 <= done[0] < 60
    return table.fingerprint()


def workers_end(tmp_path: Path) -> bool:
    pids = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    deadline = time.monotonic() + 20
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(pids) and not any(map(alive, pids))


def test_killed_in_the_middle(tmp_path: Path, expected: str) -> None:
    process = begun(tmp_path, 2)
    process.kill()
    process.communicate(timeout=20)
    assert workers_end(tmp_path)
    assert resumed(tmp_path) == expected


@pytest.mark.parametrize("workers", [1, 2])
def test_control_c_leaves_what_is_finished(tmp_path: Path, expected: str, workers: int) -> None:
    process = begun(tmp_path, workers)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the workers are told as well
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, "")
    assert workers_end(tmp_path)
    assert resumed(tmp_path) == expected


# --- refused --------------------------------------------------------------------------------------------------------


def test_other_settings_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(Toy(), tmp_path / "t", SIZE, block=BLOCK, workers=1)
    before = {path.name: path.read_bytes() for path in (tmp_path / "t").iterdir()}
    with pytest.raises(ResultError, match=r"settings\.spread: 1\.0 there, 2\.0 asked for"):
        build(Toy(spread=2.0), tmp_path / "t", SIZE, workers=1)
    with pytest.raises(ResultError, match=r"statistics\[1\]: 'y' there, 'w' asked for"):
        build(Toy(statistics=("x", "w", "z")), tmp_path / "t", SIZE, workers=1)
    changed = {"spread": 1.0, "prior": {"a": [0, 1], "b": [0, 2]}}
    monkeypatch.setattr(Toy, "settings", changed)
    with pytest.raises(ResultError, match=r"settings\.prior\.b\[1\]: 1 there, 2 asked for"):
        build(Toy(), tmp_path / "t", SIZE, workers=1)
    monkeypatch.setattr(Toy, "settings", {"spread": 1.0, "seed": 1})
    with pytest.raises(ResultError, match=r"settings\.prior: only there"):
        build(Toy(), tmp_path / "t", SIZE, workers=1)
    assert {path.name: path.read_bytes() for path in (tmp_path / "t").iterdir()} == before


def test_other_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ResultError, match="no reference table"):
        build(Toy(), tmp_path, SIZE, workers=1)
    with pytest.raises(ResultError, match=r"no manifest\.json"):
        read(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": 1, "kind": "run"}')
    with pytest.raises(ResultError, match="'reference table'"):
        build(Toy(), tmp_path, SIZE, workers=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest.json", "notes.txt"]


def test_a_manifest_that_was_edited_is_refused(tmp_path: Path) -> None:
    build(Toy(), tmp_path / "t", SIZE, workers=1)
    manifest = tmp_path / "t" / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace('"spread": 1.0', '"spread": 1.1'))
    with pytest.raises(ResultError, match="settings: have changed"):
        read(tmp_path / "t")
    manifest.write_text(text.replace('"size": 60', '"size": "60"'))
    with pytest.raises(ResultError, match="size: expected int"):
        read(tmp_path / "t")
    manifest.write_text(text[:40])
    with pytest.raises(ResultError, match="cannot be read"):
        read(tmp_path / "t")


def test_two_builders_of_one_table_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="another process is building"):
        build(Toy(), tmp_path / "t", SIZE, block=BLOCK, workers=1, progress=lambda *_: _again(tmp_path / "t"))
    assert len(build(Toy(), tmp_path / "t", SIZE, workers=1)) == SIZE


def _again(folder: Path) -> None:
    build(Toy(), folder, SIZE, workers=1)


@pytest.mark.parametrize(
    ("workers", "how", "complaint"),
    [
        (1, "raise", "^row 13: ArithmeticError: no such luck$"),
        (2, "raise", "^row 13: ArithmeticError: no such luck$"),
        (1, "nan", "^row 13: b: expected a finite number$"),
        (
            1,
            "shape",
            r"^row 13: expected parameters and statistics of shapes \(2,\) and \(3,\), got \(2,\) and \(2,\)$",
        ),
    ],
)
def test_a_row_that_fails_is_named(tmp_path: Path, workers: int, how: str, complaint: str) -> None:
    with pytest.raises(RowFailed, match=complaint):
        build(Failing(how=how), tmp_path / "t", SIZE, block=4, workers=workers)
    finished = parts(tmp_path / "t")
    assert "part-00003.parquet" not in finished
    if workers == 1:
        assert len(finished) == 3


def test_a_worker_that_dies_is_an_error_to_resume_from(tmp_path: Path, expected: str) -> None:
    with pytest.raises(CalibrationError, match=r"a worker process died .* start the same table again"):
        build(Failing(how="die"), tmp_path / "t", SIZE, block=4, workers=2)
    assert "part-00003.parquet" not in parts(tmp_path / "t")
    assert build(Toy(), tmp_path / "t", SIZE, workers=1).fingerprint() == expected


def test_infinite_statistics_have_no_value(tmp_path: Path) -> None:
    def answer(self: Toy, number: int) -> tuple[Floats, Floats]:
        return np.zeros(2), np.array([np.inf, -np.inf, float(number)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Toy, "__call__", answer)
        table = build(Toy(), tmp_path / "t", 5, workers=1)
    assert table.missing() == {"x": 5, "y": 5}


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [({"size": 0}, "size"), ({"size": 5, "block": 0}, "block"), ({"size": 5, "workers": 0}, "workers")],
)
def test_sizes_are_positive(tmp_path: Path, asked: dict[str, int], complaint: str) -> None:
    with pytest.raises(CalibrationError, match=f"^{complaint}: expected 1 or more, got 0$"):
        build(Toy(), tmp_path / "t", **asked)


def test_settings_and_simulators_that_cannot_travel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CalibrationError, match=r"^statistics: expected one or more different names"):
        build(Toy(statistics=("x", "x", "z")), tmp_path / "t", SIZE)
    with pytest.raises(CalibrationError, match=r"^settings: expected what JSON can hold"):
        build(Toy(spread=float("nan")), tmp_path / "t", SIZE)

    class Local(Toy):
        pass

    with pytest.raises(CalibrationError, match=r"^the simulator cannot be sent to workers"):
        build(Local(), tmp_path / "t", SIZE, block=BLOCK, workers=2)
    with pytest.raises(CalibrationError, match="cannot be loaded by a worker"):
        table_workers._unpickled(b"no pickle")
