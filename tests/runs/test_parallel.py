"""Batches in threads: order, progress, and stopping."""

from __future__ import annotations

import threading
import time

import pytest

from runs.parallel import Stopped, Tick, cores, run_all


def test_results_keep_the_order_of_tasks() -> None:
    def slow_first(task: int, tick: Tick) -> int:
        tick(0)
        time.sleep(0.02 * (task == 0))
        return task * task

    done: list[int] = []
    assert run_all(slow_first, range(6), workers=3, done=lambda: done.append(1)) == [0, 1, 4, 9, 16, 25]
    assert len(done) == 6


def test_nothing_to_do() -> None:
    assert run_all(lambda task, tick: task, []) == []
    assert cores() >= 1


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt()])
def test_a_failing_task_stops_the_others(error: BaseException) -> None:
    stopped, ran = threading.Event(), []

    def work(task: int, tick: Tick) -> None:
        ran.append(task)
        if task == 0:
            raise error
        try:
            for day in range(1000):
                time.sleep(0.005)
                tick(day)
        except Stopped:
            stopped.set()
            raise

    with pytest.raises(type(error)):
        run_all(work, range(50), workers=2)
    assert stopped.is_set()
    assert len(ran) < 10


def test_an_interrupt_while_waiting_stops_the_batch() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    began = time.perf_counter()

    def work(task: int, tick: Tick) -> None:
        for day in range(20 if task == 0 else 10_000):
            time.sleep(0.002)
            tick(day)

    with pytest.raises(KeyboardInterrupt):
        run_all(work, range(4), workers=2, done=interrupt)
    assert time.perf_counter() - began < 5.0
