"""Batches that are killed, interrupted, out of space or out of workers lose nothing that was finished, and go on."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batch_samples import (
    FACTOR,
    TINY_BLOCKS,
    blocks_of,
    disk,
    file_of,
    files_of,
    finished,
    notes,
    program,
    tiny,
    without,
)
from clusters import Cluster, within
from commands import invoke as command

from runs import cluster
from runs.batch import store as module
from runs.batch.run import GO_ON, run_batch
from runs.batch.verify import verify
from runs.cluster import ClusterError
from runs.folders import write_atomically

# Sixty replicates of two arms, in thirty blocks.
MANY: dict[str, Any] = {
    "levers__arms": [],
    "levers__factorial__factors": [{**FACTOR, "values": [4]}],
    "runs__seeds": 20,
}
YEARS, BLOCKS, RUNS = 6.7, 30, 120
STARTING = 600  # seconds that a program may take to start on a machine that is busy with other things


def go_on_as_if_nothing_had_happened(folder: Path, **changes: Any) -> None:
    """What is missing is made, and every file is that of a batch that nothing stopped."""
    with blocks_of(YEARS):
        before = notes(folder)
        done = run_batch(tiny(**{**MANY, **changes}), folder, workers=2)
        assert (done.found, done.made, done.mended) == (before, BLOCKS - before, ())
    assert files_of(folder) == files_of(finished(folder.parent / "whole", YEARS, **{**MANY, **changes}))
    assert verify(folder, sample=0).good


# --- killed, interrupted --------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("moments", [1, 2])
def test_a_batch_killed_twice_goes_on(tmp_path: Path, moments: int) -> None:
    when, store = random.Random(moments), tmp_path / "store"
    there = 0
    for _ in range(2):
        process = program("batch", file_of(tmp_path, **MANY), "--out", store, cwd=tmp_path, years=YEARS)
        wanted = there + when.randint(1, 9)
        assert within(STARTING, lambda: notes(store) >= wanted or process.poll() is not None)  # noqa: B023 - at once
        time.sleep(when.uniform(0.0, 0.05))
        process.kill()
        assert (process.wait(20), process.communicate()[0]) == (-signal.SIGKILL, "")
        assert there < notes(store) < BLOCKS
        there = notes(store)
    go_on_as_if_nothing_had_happened(store)


@pytest.mark.slow
def test_control_c_keeps_finished_blocks_and_says_so(tmp_path: Path) -> None:
    store = tmp_path / "store"
    process = program("batch", file_of(tmp_path, **MANY), "--out", store, cwd=tmp_path, years=YEARS)
    assert within(STARTING, lambda: notes(store) > 2)
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert said == ""
    assert errors.splitlines()[0].endswith(f"tiny: runs 0 of {RUNS}")
    assert errors.splitlines()[-1] == f"interrupted; {GO_ON}"
    assert "Traceback" not in errors
    assert 2 < notes(store) < BLOCKS
    assert list(store.rglob("*.partial")) == []
    go_on_as_if_nothing_had_happened(store)


@pytest.mark.slow
def test_two_processes_at_once_are_one_too_many(tmp_path: Path) -> None:
    file, store = file_of(tmp_path, **MANY), tmp_path / "store"
    first = program("batch", file, "--out", store, cwd=tmp_path, years=YEARS)
    assert within(STARTING, lambda: notes(store) > 0)
    first.send_signal(signal.SIGSTOP)  # it is there as long as we want
    before = files_of(store)
    with blocks_of(YEARS):
        second = command("batch", file, "--out", store)
    assert second.exit_code == 2
    assert second.stderr.splitlines()[-1] == f"{store}: another process is building this batch"
    assert files_of(store) == before
    first.kill()
    first.communicate()
    go_on_as_if_nothing_had_happened(store)


# --- no space, no permission ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_full_disk_keeps_finished_blocks(tmp_path: Path) -> None:
    """A real one, of half a megabyte."""
    file = file_of(tmp_path, **MANY)
    with disk(tmp_path / "disk", "600k") as mount_again, blocks_of(YEARS):
        store = tmp_path / "disk" / "store"
        result = command("batch", file, "--out", store)
        assert result.exit_code == 2, result.output
        last = result.stderr.splitlines()[-1]
        assert last.startswith(str(store))
        assert last.endswith(f": No space left on device; {GO_ON}")
        assert 0 < notes(store) < BLOCKS
        assert list(store.rglob("*.partial")) == []
        assert verify(store, sample=0).strangers == ()
        mount_again("size=8m")
        result = command("batch", file, "--out", store)
        assert result.exit_code == 0, result.output
        assert files_of(store) == files_of(finished(tmp_path / "whole", YEARS, **MANY))


@pytest.mark.slow
def test_a_disk_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "8m") as mount_again, blocks_of():
        store = without(finished(tmp_path / "disk" / "store"), 1)
        before = files_of(store)
        mount_again("ro")
        for arguments in (("batch", file_of(tmp_path)), ("verify", "--repair", "--sample", 0)):
            where = ("--out", store) if arguments[0] == "batch" else (store,)
            result = command(*map(str, (*arguments, *where)))
            assert result.exit_code == 2, result.output
            last = result.stderr.splitlines()[-1]
            assert last.startswith(str(store))
            assert last.endswith(f": Read-only file system; {GO_ON}")
        assert files_of(store) == before
        assert command("verify", store).exit_code == 1  # it may be read
        mount_again("rw")
        assert run_batch(tiny(), store).made == 1


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user whom permissions hold back")
def test_a_folder_without_permission_is_one_message(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with blocks_of():
        result = command("batch", file_of(tmp_path), "--out", locked / "store")
    assert result.exit_code == 2
    assert f"{locked / 'store'}: Permission denied" in result.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of files are tried on Linux")
def test_a_file_that_may_not_grow_is_named_and_the_batch_goes_on(tmp_path: Path) -> None:
    """A real write that fails half-way, in every block after the first."""
    store = tmp_path / "store"
    with blocks_of():
        run_batch(tiny(), store, limit=1)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
        try:
            result = command("batch", file_of(tmp_path), "--out", store, "--workers", 1)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, handler)
        assert result.exit_code == 2, result.output
        part = store / "runs" / "part-00001.parquet"
        assert result.stderr.splitlines()[-1] == f"{part}: File too large; {GO_ON}"
        assert (notes(store), list(store.rglob("*.partial")), part.exists()) == (1, [], False)
        run_batch(tiny(), store)
    assert files_of(store) == files_of(finished(tmp_path / "whole"))


@pytest.mark.parametrize("file", ["runs/part-00001.parquet", "events/part-00001.parquet", "blocks/part-00001.json"])
def test_whichever_file_finds_no_space_the_block_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    store = without(finished(tmp_path / "store"), 1, 2)

    def full(path: Path, write: Callable[[Path], object]) -> None:
        def half(partial: Path) -> None:
            write(partial)
            if path == store / file:
                raise OSError(errno.ENOSPC, "No space left on device")

        write_atomically(path, half)

    with blocks_of():
        with monkeypatch.context() as patch:
            patch.setattr(module, "write_atomically", full)
            result = command("batch", file_of(tmp_path), "--out", store, "--workers", 1)
        assert result.exit_code == 2
        assert result.stderr.splitlines()[-1] == f"{store / file}: No space left on device; {GO_ON}"
        assert (notes(store), list(store.rglob("*.partial"))) == (1, [])
        done = run_batch(tiny(), store)
    assert (done.found, done.made) == (1, TINY_BLOCKS - 1)
    assert files_of(store) == files_of(finished(tmp_path / "whole"))


# --- clusters -------------------------------------------------------------------------------------------------------


def once_after(blocks: int, folder: Path, then: Callable[[], object]) -> Callable[[int, int], None]:
    """A report of progress that does something once, when so many blocks are stored."""
    happened: list[int] = []

    def report(_done: int, _total: int) -> None:
        if notes(folder) >= blocks and not happened:
            happened.append(notes(folder))
            then()

    return report


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_changes_nothing(started: Cluster, tmp_path: Path) -> None:
    first, _second = started.worker(), started.worker()
    store = tmp_path / "store"
    with blocks_of(YEARS):
        done = run_batch(tiny(**MANY), store, cluster=started.address, progress=once_after(4, store, first.kill))
    assert first.wait(20) == -signal.SIGKILL
    assert done.made == BLOCKS
    assert files_of(store) == files_of(finished(tmp_path / "whole", YEARS, **MANY))


@pytest.mark.slow
def test_a_scheduler_killed_in_the_middle_keeps_finished_blocks(
    started: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 10)
    started.worker()
    store = tmp_path / "store"
    with blocks_of(YEARS), pytest.raises(ClusterError, match=r"scheduler was lost; .*run the same command again"):
        run_batch(tiny(**MANY), store, cluster=started.address, progress=once_after(3, store, started.scheduler.kill))
    assert 3 <= notes(store) < BLOCKS
    go_on_as_if_nothing_had_happened(store)
