"""Watching one run, and how far other runs of the same lie apart."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from abm.calendar import day_of, months_after
from abm.kinds import PREVENTED
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.simulation import STRETCH, Simulation
from abm.tables import Floats
from runs.outcomes import CIVILIAN
from runs.parallel import Tick
from runs.provenance import hash_of_all
from runs.statistics import LEVEL, level_held, quantiles
from web.choice import Choice, HasGazetteer, parameters_of, scenario_of
from web.frames import pack_days, pack_world
from web.packing import pack
from web.work import SAID, Message, Refused, Task

FIRST_DAYS, CHUNK_DAYS = 2, 30  # the first picture at once, then a month at a time
REFERENCE_SEEDS, BATCH = 100, 5  # other runs behind the interval, and how many arrive at once
STEP = 7  # days between two points of the interval's course
MEASURES = ("civilian_deaths", "civilian_attacks")
MOST_COURSES = 4096  # courses kept for all visitors, of about a kilobyte each


class Case(NamedTuple):
    """What is run, with which numbers, and how long."""

    scenario: Scenario
    parameters: Parameters
    first: int
    end: int


def case_of(choice: Choice, assumptions: Mapping[str, float], uploads: HasGazetteer | None) -> Case:
    """What a visitor chose, read and checked; quick.

    Raises:
        Refused: levers or assumptions out of bounds.
    """
    scenario, parameters = scenario_of(choice, uploads), parameters_of(assumptions)
    first = day_of(scenario.start)
    return Case(scenario, parameters, first, months_after(first, scenario.months))


class Watching:
    """One run as messages: its world, two days, then a month at a time; see :mod:`web.frames`.

    Args:
        choice: what is run.
        assumptions: changed parameters.
        seed: of the run.
        spread: whether to go on with :class:`Spread` after the run's last day.
        uploads: the visitor's own files.

    Raises:
        Refused: see :func:`case_of`.
    """

    width = 1

    def __init__(
        self,
        choice: Choice,
        assumptions: Mapping[str, float],
        seed: int,
        spread: bool = False,
        uploads: HasGazetteer | None = None,
    ) -> None:
        self._name, self._seed = choice.scenario, seed
        self._case = case_of(choice, assumptions, uploads)
        self._spread = Spread(choice, assumptions, seed, uploads) if spread else None
        self._simulation: Simulation | None = None

    def begin(self) -> Iterable[Message]:
        """Nothing: even the world takes a moment to build."""
        return ()

    def tasks(self) -> Iterator[Task]:
        """The world, days in order, then the other runs if they are wanted."""
        yield self._build
        day, length = self._case.first, FIRST_DAYS
        while day < self._case.end:
            length = min(length, self._case.end - day)
            yield self._days(length)
            day, length = day + length, CHUNK_DAYS
        if self._spread is not None:
            yield from self._spread.tasks()

    def take(self, result: Message | Floats) -> Iterable[Message]:
        """A message as it is; a course of another run goes to the interval."""
        if isinstance(result, np.ndarray):
            return self._spread.take(result) if self._spread is not None else ()
        return (result,)

    def end(self) -> Iterable[Message]:
        """Nothing is left to say of the run itself."""
        return self._spread.end() if self._spread is not None else ()

    def _build(self, _tick: Tick) -> Message:
        self._simulation = built(self._case, self._seed)
        return pack_world(self._simulation, self._case.end, self._name)

    def _days(self, count: int) -> Task:
        def task(tick: Tick) -> Message:
            if self._simulation is None:
                raise RuntimeError("days cannot be run before the world is built")
            return pack_days(self._simulation, count, tick)

        return task


def built(case: Case, seed: int) -> Simulation:
    """A run at its beginning.

    Raises:
        Refused: the world cannot be built, for instance of a gazetteer that is no longer there.
    """
    try:
        return Simulation(case.scenario, case.parameters, seed=seed)
    except ValueError as error:
        text, file = str(error), case.scenario.world.gazetteer
        if file is not None:  # where the server keeps a visitor's file is nobody's business
            text = text.replace(file, Path(file).name)
        raise Refused(SAID, text=text) from None


# -- other runs of the same --------------------------------------------------------------------------------------------


class Courses:
    """Courses of runs that were computed last, shared by all visitors; they are the same for everyone.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = MOST_COURSES) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, int], Floats] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, case: Case, inputs: str | None, seed: int, tick: Tick) -> Floats:
        """Course of one run, see :func:`course`; kept unless ``inputs``, the hash of the case, is None."""
        if inputs is None:
            return course(case, seed, tick)
        with self._lock:
            if (inputs, seed) in self._kept:
                self._kept.move_to_end((inputs, seed))
                return self._kept[inputs, seed]
        found = course(case, seed, tick)
        with self._lock:
            self._kept[inputs, seed] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found

    def __len__(self) -> int:
        return len(self._kept)


@lru_cache(maxsize=1)
def shared_courses() -> Courses:
    """Those of this process."""
    return Courses()


def points_of(days: int) -> list[int]:
    """Days after which the course of a run is known: every STEP days from none on, and all of them."""
    return [*range(0, days, STEP), days]


def course(case: Case, seed: int, tick: Tick) -> Floats:
    """Deaths of civilians and attacks on them in one run up to each point of :func:`points_of`: (2, points)."""
    simulation, days = built(case, seed), case.end - case.first
    while simulation.day < case.end:
        simulation.advance(min(STRETCH, case.end - simulation.day))
        tick(simulation.day)
    events = simulation.records().events
    on_civilians = np.isin(events["kind"], CIVILIAN) & (events["outcome"] != PREVENTED)
    since, deaths = events["day"][on_civilians] - case.first, events["deaths"][on_civilians]
    by_day = [np.bincount(since, weights=weights, minlength=days) for weights in (deaths, None)]
    to_date = np.pad(np.cumsum(by_day, axis=1), ((0, 0), (1, 0)))
    found: Floats = to_date[:, points_of(days)].astype(np.float64)
    found.setflags(write=False)
    return found


class Spread:
    """How far other runs of the same lie apart: an interval for every week, that grows surer as runs arrive.

    Args:
        choice: what is run.
        assumptions: changed parameters.
        seed: of the run that is watched; it is left out.
        uploads: the visitor's own files.

    Raises:
        Refused: see :func:`case_of`.
    """

    width = 2

    def __init__(
        self, choice: Choice, assumptions: Mapping[str, float], seed: int, uploads: HasGazetteer | None = None
    ) -> None:
        self._case, self._seed = case_of(choice, assumptions, uploads), seed
        # A visitor's gazetteer is a file that may change under its name.
        own = self._case.scenario.world.gazetteer is not None
        self._inputs = None if own else hash_of_all((self._case.scenario, self._case.parameters))
        self._courses: list[Floats] = []

    def begin(self) -> Iterable[Message]:
        """Nothing yet."""
        return ()

    def tasks(self) -> Iterator[Task]:
        """One run each."""
        for seed in [other for other in range(REFERENCE_SEEDS + 1) if other != self._seed][:REFERENCE_SEEDS]:
            yield self._task(seed)

    def take(self, result: Floats) -> Iterable[Message]:
        """The interval again, whenever a few more runs have arrived."""
        self._courses.append(result)
        return (self._interval(),) if len(self._courses) % BATCH == 0 else ()

    def end(self) -> Iterable[Message]:
        """All has been said: the number of runs is a multiple of the batch."""
        return ()

    def _task(self, seed: int) -> Task:
        def task(tick: Tick) -> Floats:
            return shared_courses().of(self._case, self._inputs, seed, tick)

        return task

    def _interval(self) -> Message:
        """Message "spread": arrays ``low`` and ``high``, (MEASURES, points); point j is min(STEP * j, days) days in."""
        values = np.array(self._courses)
        runs, measures, points = values.shape
        ends = np.array([quantiles(column) for column in values.reshape(runs, -1).T], dtype=np.float32)
        low, high = ends.T.reshape(2, measures, points)
        header = {
            "say": "spread",
            "n": runs,
            "all": REFERENCE_SEEDS,
            "step": STEP,
            "first": self._case.first,
            "end": self._case.end,
            "measures": MEASURES,
            "level": LEVEL,
            "held": level_held(runs),
        }
        return pack(header, {"low": low, "high": high})
