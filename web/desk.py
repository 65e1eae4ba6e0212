"""The desk: a few threads that work for all visitors in turn, so that nobody's work brings another's page to a halt.

One task of one visitor, then one of the next. Who has not been served yet is told their place. What a visitor may have
under way, and how long it may take, is bounded.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from threading import Condition, Event, Lock, Thread
from time import monotonic
from typing import Any

from runs.parallel import Stopped, Tick, cores
from web.work import Message, Refused, Task, Work

_log = logging.getLogger(__name__)

QUEUED, DONE, STOPPED, FAILED, REFUSED = "queued", "done", "stopped", "failed", "refused"


@dataclass(frozen=True)
class Limits:
    """What a visitor may ask of the desk; none of it can be exceeded by what a page sends.

    Args:
        jobs: pieces of work under way at once for one visitor.
        seconds: computing time of one piece of work, summed over threads.
        task_seconds: time one task may take.
        unsent: bytes that may wait for a slow page before its work pauses.
    """

    jobs: int = 8
    seconds: float = 900.0
    task_seconds: float = 120.0
    unsent: int = 8_000_000


@dataclass(eq=False)
class Outlet:
    """Where the messages of a piece of work go, and how many bytes already wait there."""

    say: Callable[[Message], None]
    waiting: Callable[[], int] = lambda: 0


@dataclass(eq=False)
class Job:
    """A piece of work at the desk. ``stop`` gives it up."""

    visitor: Hashable
    work: Work
    outlet: Outlet
    tasks: Iterator[Task]
    stopped: Event = field(default_factory=Event)
    pulling: Lock = field(default_factory=Lock)
    taking: Lock = field(default_factory=Lock)
    results: dict[int, Any] = field(default_factory=dict)
    pulled: int = 0
    taken: int = 0
    under_way: int = 0
    seconds: float = 0.0
    exhausted: bool = False
    over: bool = False
    place: int = 0


class Desk:
    """Threads that serve visitors in turn.

    Args:
        workers: threads; the cores by default.
        limits: what each visitor may ask for.
    """

    def __init__(self, workers: int | None = None, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._changed = Condition()
        self._jobs: OrderedDict[Hashable, list[Job]] = OrderedDict()
        self._closed = False
        self._busy = 0
        self._threads = [Thread(target=self._serve, name=f"desk-{n}", daemon=True) for n in range(workers or cores())]
        for thread in self._threads:
            thread.start()

    def submit(self, visitor: Hashable, work: Work, outlet: Outlet) -> Job:
        """Take on a piece of work; what it says at once is said before this returns.

        Raises:
            Refused: the visitor has too much under way, or the work refuses what it was asked.
        """
        with self._changed:
            if len(self._jobs.get(visitor, ())) >= self.limits.jobs:
                raise Refused("refused_too_much", n=self.limits.jobs)
        for message in work.begin():
            outlet.say(message)
        job = Job(visitor, work, outlet, work.tasks())
        with self._changed:
            self._jobs.setdefault(visitor, []).append(job)
            self._tell_places()
            self._changed.notify_all()
        return job

    def stop(self, job: Job) -> None:
        """Give a piece of work up; nothing more is said of it."""
        with self._changed:
            self._drop(job)
            self._changed.notify_all()

    def leave(self, visitor: Hashable) -> None:
        """A visitor is gone: everything of theirs is given up."""
        with self._changed:
            for job in list(self._jobs.get(visitor, ())):
                self._drop(job)
            self._changed.notify_all()

    def resume(self) -> None:
        """A slow page has caught up: see whether its work can go on."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Give everything up and let the threads end."""
        with self._changed:
            self._closed = True
            for job in [job for jobs in self._jobs.values() for job in jobs]:
                self._drop(job)
            self._changed.notify_all()

    # --- whose turn it is -------------------------------------------------------------------------------------------

    def _drop(self, job: Job) -> None:
        job.stopped.set()
        job.over = True
        jobs = self._jobs.get(job.visitor, [])
        if job in jobs:
            jobs.remove(job)
        if not jobs:
            self._jobs.pop(job.visitor, None)

    def _ready(self, job: Job) -> bool:
        """Whether a thread may work for it now."""
        # Results that wait for an earlier one count as under way: else a slow task would let them pile up.
        in_hand = job.under_way + len(job.results)
        return not job.exhausted and in_hand < job.work.width and job.outlet.waiting() < self.limits.unsent

    def _next(self) -> Job | None:
        for visitor, jobs in self._jobs.items():
            for job in jobs:
                if self._ready(job):
                    self._jobs.move_to_end(visitor)
                    jobs.remove(job)
                    jobs.append(job)  # a visitor's own pieces of work take turns as well
                    return job
        return None

    def _tell_places(self) -> None:
        """Tell everyone who waits for a first turn how many visitors come before."""
        free = len(self._threads) - self._busy
        ahead = 0
        for jobs in self._jobs.values():
            waits = [job for job in jobs if job.pulled == 0]
            for job in waits:
                place = max(0, ahead + 1 - free)
                if place != job.place:
                    job.place = place
                    job.outlet.say({"say": QUEUED, "place": place})
            ahead += any(self._ready(job) for job in jobs)

    # --- work -------------------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        while True:
            with self._changed:
                while (job := self._next()) is None and not self._closed:
                    self._changed.wait()
                if job is None:
                    return
                job.under_way += 1
                self._busy += 1
                job.place = 0
            try:
                self._do_one(job)
            finally:
                with self._changed:
                    job.under_way -= 1
                    self._busy -= 1
                    self._tell_places()
                    self._changed.notify_all()

    def _do_one(self, job: Job) -> None:
        started = monotonic()
        try:
            number, task = self._pull(job)
            if task is not None:
                job.results[number] = task(self._tick_of(job, started))
            job.seconds += monotonic() - started
            self._take(job)
        except Stopped:
            if not job.stopped.is_set():
                self._finish(job, {"say": STOPPED, "why": "time"})
        except Refused as refusal:
            self._finish(job, refusal_message(refusal))
        except Exception as error:
            self._finish(job, failure_message(error))

    def _pull(self, job: Job) -> tuple[int, Task | None]:
        with job.pulling:
            task = None if job.exhausted else next(job.tasks, None)
            if task is None:
                job.exhausted = True
                return -1, None
            job.pulled += 1
            return job.pulled - 1, task

    def _tick_of(self, job: Job, started: float) -> Tick:
        def tick(_day: int) -> None:
            late = monotonic() - started > self.limits.task_seconds
            if job.stopped.is_set() or late:
                raise Stopped

        return tick

    def _take(self, job: Job) -> None:
        """Hand on the results that are there in the order of their tasks, and end what is complete."""
        with job.taking:
            while job.taken in job.results and not job.over:
                result = job.results.pop(job.taken)
                job.taken += 1
                self._say(job, job.work.take(result))
            if job.over:
                return
            if job.exhausted and job.taken == job.pulled:
                self._say(job, job.work.end())
                self._finish(job, {"say": DONE})
            elif job.seconds > self.limits.seconds:
                self._finish(job, {"say": STOPPED, "why": "time"})

    def _say(self, job: Job, messages: Iterable[Message]) -> None:
        for message in messages:
            if job.over:
                return
            job.outlet.say(message)

    def _finish(self, job: Job, last: Message) -> None:
        with self._changed:
            if job.over:
                return
            self._drop(job)
        job.outlet.say(last)


def failure_message(error: Exception) -> dict[str, Any]:
    """A fault of ours as a message; where it happened goes to the server's log."""
    _log.error("a piece of work failed", exc_info=error)
    return {"say": FAILED, "why": f"{type(error).__name__}: {error}"}


def refusal_message(refusal: Refused) -> dict[str, Any]:
    """A refusal as a message: code and what fills its blanks, which the page puts in its language."""
    values = {name: str(value) for name, value in refusal.values.items()}
    return {"say": REFUSED, "code": refusal.code, "values": values}


def all_messages(work: Work, tick: Tick = lambda _day: None) -> list[Message]:
    """Everything that a piece of work says when nobody else is there, task by task: for tests and scripts."""
    found = list(work.begin())
    for task in work.tasks():
        found.extend(work.take(task(tick)))
    return list(chain(found, work.end()))
