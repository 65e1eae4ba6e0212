"""Many runs in threads: compiled days release the interpreter's lock, so that threads scale with the cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
Tick = Callable[[int], None]


class Stopped(Exception):
    """Raised inside a run when the batch it belongs to is given up."""


def cores() -> int:
    """Number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    function: Callable[[T, Tick], R],
    tasks: Sequence[T],
    workers: int | None = None,
    done: Callable[[], object] | None = None,
) -> list[R]:
    """Results of ``function(task, tick)`` for all tasks, in their order.

    Args:
        function: runs one task; it calls ``tick(day)`` now and then, which raises when the batch is given up.
        tasks: what to run.
        workers: threads; the cores by default.
        done: called in the calling thread each time a task is done.

    An exception in a task, or Ctrl-C, stops the other tasks at their next tick and is raised.
    """
    stop = Event()

    def tick(_day: int) -> None:
        if stop.is_set():
            raise Stopped

    with ThreadPoolExecutor(workers or cores()) as pool:
        futures = [pool.submit(function, task, tick) for task in tasks]
        try:
            for future in as_completed(futures):
                future.result()
                if done is not None:
                    done()
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in futures]
