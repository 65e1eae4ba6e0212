"""Dask clusters as a user starts them: a scheduler and workers, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

NO_DASK = "dask is not installed: sector-centre[cluster]"


def within(seconds: float, true: Callable[[], bool]) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.002)
    return true()


class Cluster:
    """A scheduler and workers as a user starts them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--host", "127.0.0.1", "--scheduler-file", str(file))
        assert within(60, lambda: file.exists() and bool(file.read_text().strip()))
        self.address = str(json.loads(file.read_text())["address"])

    def worker(self, *first_on_path: str) -> subprocess.Popen[bytes]:
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder))
        return self._start("worker", self.address, *options, first_on_path=first_on_path)

    def _start(self, what: str, *options: str, first_on_path: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        path = os.pathsep.join([*first_on_path, *sys.path])
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", *options, "--dashboard-address", ":0"],
            cwd=self.folder, env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait(20)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason=NO_DASK)
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = Cluster(folder)
    yield made
    made.end()
