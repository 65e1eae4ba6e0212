"""One block of an experiment: its replicates are run, and what is kept of them is encoded as Parquet files.

A block is a pure function of the job and its replicates' numbers, so that who runs it, and when, changes nothing.
Workers answer with the bytes of files and write nothing: they need no shared disk and may be killed at any time.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.calendar import DAY_ZERO
from abm.geography import CERCLES
from abm.kinds import KINDS, PREVENTED
from abm.records import Records
from abm.scenario import Scenario
from runs.batch.plan import Plan
from runs.compare import NEVER, Replicate, run_replicate
from runs.design import Design
from runs.folders import ResultError
from runs.outcomes import COURSES, MEASURES
from runs.parallel import Stopped, Tick
from runs.rings import COUNTED, EXPECTED, RINGS
from runs.store import log_table

if TYPE_CHECKING:
    import pyarrow as pa

    Tables = dict[str, pa.Table]

RUNS, MONTHLY, COURSE, RING, EVENTS = "runs", "monthly", "courses", "rings", "events"
ALWAYS = (RUNS, MONTHLY, COURSE, RING)
COMPRESSION = "zstd"


@dataclass(frozen=True)
class Job:
    """What a worker must know of an experiment."""

    design: Design
    plan: Plan
    events: bool

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that are kept."""
        return (*ALWAYS, EVENTS) if self.events else ALWAYS

    def files(self, block: int, tick: Tick) -> dict[str, bytes]:
        """Parquet files of a block, by table.

        Raises:
            ResultError: a run failed; the message names it.
        """
        return self.files_of(self.plan.replicates_of(block), tick)

    def files_of(self, replicates: Sequence[int], tick: Tick) -> dict[str, bytes]:
        """Parquet files of some replicates, by table."""
        return {name: encoded(table) for name, table in self.run(replicates, tick).items()}

    def run(self, replicates: Sequence[int], tick: Tick) -> Tables:
        """Tables of some replicates, in their order."""
        import pyarrow as pa

        parts = [self._replicate(number, tick) for number in replicates]
        return {name: pa.concat_tables([part[name] for part in parts]) for name in self.tables}

    def _replicate(self, number: int, tick: Tick) -> Tables:
        point, seed = self.plan.place(number)
        kept = Kept(self, number)
        try:
            found = run_replicate(self.design, point, seed, tick, kept.see)
        except (Stopped, MemoryError):
            raise
        except Exception as error:
            run_seed = self.design.run_seed(point, seed)
            raise ResultError(
                f"point {point}, seed {seed} (run seed {run_seed}): cannot be run: {type(error).__name__}: {error}"
            ) from error
        return kept.tables(found)


class Kept:
    """What is kept of the runs of one replicate, arm by arm."""

    def __init__(self, job: Job, replicate: int) -> None:
        self._job = job
        self._arms = [arm.name for arm in job.design.arms]
        self._first = replicate * len(self._arms)
        self._point, self._seed = job.plan.place(replicate)
        self._monthly: list[pa.Table] = []
        self._events: list[pa.Table] = []
        self._opened: list[int] = []

    def see(self, arm: Scenario, records: Records) -> None:
        """Keep what is counted from a run's records."""
        number = self._first + len(self._opened)
        self._opened.append(records.clock_zero)
        self._monthly.append(_numbered(number, by_month(records)))
        if self._job.events:
            self._events.append(_numbered(number, log_table(records.events)))

    def tables(self, found: Replicate) -> Tables:
        """All tables of the replicate."""
        import pyarrow as pa

        tables = {
            RUNS: self._runs(found),
            MONTHLY: pa.concat_tables(self._monthly),
            COURSE: self._courses(found),
            RING: self._rings(found),
        }
        if self._job.events:
            tables[EVENTS] = pa.concat_tables(self._events)
        return tables

    def _number(self, arm: str) -> int:
        return self._first + self._arms.index(arm)

    def _runs(self, found: Replicate) -> pa.Table:
        """One row per run and window: the day from which windows count, days of the window, and every outcome."""
        import pyarrow as pa

        design = self._job.design
        windows = design.windows(found.zero)
        rows = list(product(self._arms, windows))
        size = len(rows)
        run_seed = design.run_seed(self._point, self._seed)
        columns: dict[str, Any] = {
            "run": pa.array([self._number(arm) for arm, _ in rows], pa.int64()),
            "arm": _words([arm for arm, _ in rows], self._arms),
            "point": pa.array(np.full(size, self._point, np.int32)),
            "seed": pa.array(np.full(size, self._seed, np.int32)),
            "run_seed": pa.array(np.full(size, run_seed, np.int64)),
            "clock_zero": _days([found.clock] * size),
            "first_base": _days([self._opened[self._arms.index(arm)] for arm, _ in rows]),
            "window": pa.array([w.name for _, w in rows], pa.string()).dictionary_encode(),
            "first_day": _days([w.first for _, w in rows]),
            "last_day": _days([w.last - 1 for _, w in rows]),
        }
        for key in MEASURES:
            columns[key] = pa.array([found.outcomes[arm, w.name][key] for arm, w in rows], pa.float64())
        return pa.table(columns)

    def _courses(self, found: Replicate) -> pa.Table:
        """One row per run and month: means of troops, bases and cost."""
        import pyarrow as pa

        months = found.months.astype("datetime64[D]")
        numbers = np.repeat([self._number(arm) for arm in self._arms], months.size)
        columns: dict[str, Any] = {"run": numbers.astype(np.int64), "month": np.tile(months, len(self._arms))}
        columns |= {key: np.concatenate([found.courses[arm][key] for arm in self._arms]) for key in COURSES}
        return pa.table(columns)

    def _rings(self, found: Replicate) -> pa.Table:
        """One row per run that may have extra bases and ring: attacks on civilians, and the control's there."""
        import pyarrow as pa

        arms = [arm for arm in self._arms if arm in found.rings]
        counts = np.array([found.rings[arm] for arm in arms]).reshape(len(arms), 2, 2, len(RINGS))
        columns: dict[str, Any] = {
            "run": np.repeat([self._number(arm) for arm in arms], len(RINGS)).astype(np.int64),
            "ring": _words(list(RINGS) * len(arms), RINGS),
        }
        for index, who in enumerate(("attacks", "control_attacks")):
            for how, word in ((COUNTED, ""), (EXPECTED, "expected_")):
                columns[f"{word}{who}"] = counts[:, index, how].ravel()
        return pa.table(columns)


def by_month(records: Records) -> pa.Table:
    """Events and deaths of a run by month, cercle and kind: one row where there are any."""
    import pyarrow as pa

    events = records.events[records.events["outcome"] != PREVENTED]
    month = (np.datetime64(DAY_ZERO, "D") + events["day"]).astype("datetime64[M]")
    first = month.min() if month.size else np.datetime64(DAY_ZERO, "M")
    code = (month - first).astype(np.int64)
    for column, names in (("cercle", CERCLES), ("kind", KINDS)):
        code = code * len(names) + events[column]
    cells, cell_of, counts = np.unique(code, return_inverse=True, return_counts=True)
    deaths = np.bincount(cell_of, weights=events["deaths"], minlength=cells.size)
    cercles_kinds, kinds = divmod(cells, len(KINDS))
    months, cercles = divmod(cercles_kinds, len(CERCLES))
    return pa.table(
        {
            "month": (first + months.astype("timedelta64[M]")).astype("datetime64[D]"),
            "cercle": _coded(cercles, CERCLES),
            "kind": _coded(kinds, KINDS),
            "events": counts.astype(np.int32),
            "deaths": deaths.astype(np.int32),
        }
    )


def encoded(table: pa.Table) -> bytes:
    """A Parquet file of a table."""
    from pyarrow import parquet

    buffer = io.BytesIO()
    parquet.write_table(table.unify_dictionaries(), buffer, compression=COMPRESSION, write_page_checksum=True)
    return buffer.getvalue()


def _numbered(number: int, table: pa.Table) -> pa.Table:
    import pyarrow as pa

    return table.add_column(0, "run", pa.array(np.full(table.num_rows, number, np.int64)))


def _coded(codes: Any, names: Sequence[str]) -> Any:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(np.asarray(codes).astype(np.int32)), pa.array(list(names)))


def _words(words: Sequence[str], names: Sequence[str]) -> Any:
    place = {name: index for index, name in enumerate(names)}
    return _coded([place[word] for word in words], names)


def _days(days: Sequence[int]) -> Any:
    """Day numbers as dates; NEVER as null."""
    import pyarrow as pa

    dates = np.datetime64(DAY_ZERO, "D") + np.array(days, dtype=np.int64)
    return pa.array(dates, mask=np.array([day == NEVER for day in days]))
