"""The desk: order, turns, bounds, and what becomes of work that fails or is given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event, Lock
from time import monotonic, sleep
from typing import Any

import pytest

from runs.parallel import Tick
from web.desk import Desk, Limits, Outlet
from web.work import Message, Refused, Task

SOON = 10.0


class Counting:
    """Work of so many tasks; each waits for a gate if there is one, and gives its number."""

    def __init__(self, n: int, width: int = 1, each: Callable[[int, Tick], Any] = lambda k, _tick: k) -> None:
        self.width, self._n, self._each = width, n, each

    def begin(self) -> Iterator[Message]:
        yield {"say": "begun"}

    def tasks(self) -> Iterator[Task]:
        for k in range(self._n):
            yield lambda tick, k=k: self._each(k, tick)  # type: ignore[misc]

    def take(self, result: Any) -> Iterator[Message]:
        yield {"say": "n", "n": result}

    def end(self) -> Iterator[Message]:
        yield {"say": "ended"}


class Page:
    """Hears what is said to it."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.lock = Lock()
        self.unsent = 0
        self.outlet = Outlet(self.hear, lambda: self.unsent)

    def hear(self, message: Message) -> None:
        assert isinstance(message, dict)
        with self.lock:
            self.heard.append(message)

    def said(self) -> list[str]:
        with self.lock:
            return [message["say"] for message in self.heard]

    def numbers(self) -> list[int]:
        return [message["n"] for message in self.heard if message["say"] == "n"]

    def wait(self, what: str) -> None:
        until(lambda: what in self.said())


def until(condition: Callable[[], bool]) -> None:
    end = monotonic() + SOON
    while not condition():
        assert monotonic() < end, "it did not happen in time"
        sleep(0.002)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk(2, Limits(jobs=3))
    yield made
    made.close()


@pytest.fixture
def alone() -> Iterator[Desk]:
    made = Desk(1)
    yield made
    made.close()


def test_results_come_in_order_whoever_is_done_first(desk: Desk) -> None:
    page = Page()
    desk.submit("a", Counting(12, 2, lambda k, _: (sleep(0.01 * (k % 2 == 0)), k)[1]), page.outlet)
    page.wait("done")
    assert page.said() == ["begun", *["n"] * 12, "ended", "done"]
    assert page.numbers() == list(range(12))


@pytest.mark.parametrize("width", [1, 2])
def test_no_more_tasks_than_its_width_are_under_way(desk: Desk, width: int) -> None:
    now, most, lock = [0], [0], Lock()

    def each(k: int, _tick: Tick) -> int:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        sleep(0.01)
        with lock:
            now[0] -= 1
        return k

    page = Page()
    desk.submit("a", Counting(8, width, each), page.outlet)
    page.wait("done")
    assert most[0] == width


def test_visitors_are_served_in_turn(alone: Desk) -> None:
    order: list[str] = []
    gate, pages = Event(), {name: Page() for name in "abc"}

    def of(name: str) -> Counting:
        return Counting(4, 1, lambda k, _: (gate.wait(SOON), order.append(name), k)[2])

    for name, page in pages.items():
        alone.submit(name, of(name), page.outlet)
    gate.set()
    for page in pages.values():
        page.wait("done")
    assert order == [*"abc"] * 4


def test_who_waits_is_told_their_place(alone: Desk) -> None:
    gate, pages = Event(), [Page() for _ in range(3)]
    for k, page in enumerate(pages):
        alone.submit(k, Counting(1, 1, lambda k, _: (gate.wait(SOON), k)[1]), page.outlet)
        if k == 0:
            until(lambda: alone._busy == 1)
    assert [m["place"] for m in pages[2].heard if m["say"] == "queued"][-1] == 2
    gate.set()
    for page in pages:
        page.wait("done")
    assert "queued" not in pages[0].said()


def test_work_that_is_stopped_says_nothing_more_and_its_task_ends(desk: Desk) -> None:
    begun, page = Event(), Page()
    ended: list[bool] = []

    def endless(_k: int, tick: Tick) -> None:
        begun.set()
        try:
            while True:
                tick(0)
                sleep(0.001)
        finally:
            ended.append(True)

    job = desk.submit("a", Counting(5, 1, endless), page.outlet)
    assert begun.wait(SOON)
    desk.stop(job)
    until(lambda: ended == [True])
    other = Page()
    desk.submit("a", Counting(1), other.outlet)
    other.wait("done")
    assert page.said() == ["begun"]


def test_who_leaves_takes_all_their_work_along(desk: Desk) -> None:
    page, other = Page(), Page()

    def slow(k: int, tick: Tick) -> int:
        for _ in range(1000):
            tick(0)
            sleep(0.001)
        return k

    for _ in range(3):
        desk.submit("gone", Counting(9, 1, slow), page.outlet)
    desk.leave("gone")
    desk.submit("b", Counting(2), other.outlet)
    other.wait("done")
    assert "done" not in page.said()
    assert desk._jobs == {}


def test_a_failing_task_is_said_and_harms_nobody_else(desk: Desk) -> None:
    page, other = Page(), Page()
    desk.submit("a", Counting(3, 1, lambda k, _: 1 // (k - 1)), page.outlet)
    desk.submit("b", Counting(3), other.outlet)
    page.wait("failed")
    other.wait("done")
    assert page.heard[-1] == {"say": "failed", "why": "ZeroDivisionError: integer division or modulo by zero"}
    assert other.numbers() == [0, 1, 2]


def test_a_refusal_carries_its_words(desk: Desk) -> None:
    def refuse(_k: int, _tick: Tick) -> None:
        raise Refused("refused_too_much", n=7)

    page = Page()
    desk.submit("a", Counting(1, 1, refuse), page.outlet)
    page.wait("refused")
    assert page.heard[-1] == {"say": "refused", "code": "refused_too_much", "values": {"n": "7"}}


def test_too_much_at_once_is_refused(desk: Desk) -> None:
    gate, page = Event(), Page()
    for _ in range(3):
        desk.submit("a", Counting(1, 1, lambda k, _: gate.wait(SOON)), page.outlet)
    with pytest.raises(Refused) as refused:
        desk.submit("a", Counting(1), page.outlet)
    assert refused.value.values == {"n": 3}
    gate.set()


def test_time_is_bounded_for_a_task_and_for_the_whole() -> None:
    def endless(_k: int, tick: Tick) -> None:
        while True:
            tick(0)
            sleep(0.001)

    desk, page, other = Desk(1, Limits(seconds=0.05, task_seconds=0.05)), Page(), Page()
    try:
        desk.submit("a", Counting(1, 1, endless), page.outlet)
        page.wait("stopped")
        desk.submit("b", Counting(1000, 1, lambda k, _: sleep(0.01)), other.outlet)
        other.wait("stopped")
        assert page.heard[-1] == other.heard[-1] == {"say": "stopped", "why": "time"}
        assert 3 < len(other.numbers()) < 100
    finally:
        desk.close()


def test_work_pauses_for_a_page_that_does_not_keep_up(desk: Desk) -> None:
    page = Page()
    page.unsent = desk.limits.unsent
    desk.submit("a", Counting(3), page.outlet)
    sleep(0.05)
    assert page.said() == ["begun"]
    page.unsent = 0
    desk.resume()
    page.wait("done")
    assert page.numbers() == [0, 1, 2]


def test_what_a_work_refuses_at_once_is_raised_where_it_is_submitted(desk: Desk) -> None:
    class Refusing(Counting):
        def begin(self) -> Iterator[Message]:
            raise Refused("refused_forgotten")

    with pytest.raises(Refused):
        desk.submit("a", Refusing(1), Page().outlet)
    assert desk._jobs == {}
