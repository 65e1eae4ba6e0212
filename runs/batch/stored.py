"""A stored batch, read back: tidy frames with inputs as columns, and the comparison that its runs make.

The files need none of this: each table is a folder of Parquet parts that pandas, DuckDB and R's arrow read as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from runs.batch.experiment import Experiment
from runs.batch.inputs import factors_of, sampled_of
from runs.batch.plan import Plan
from runs.batch.store import ARMS, POINTS, Store, experiment_of, open_store
from runs.batch.work import COURSE, EVENTS, MONTHLY, RING, RUNS
from runs.compare import NEVER, Comparison
from runs.design import Design
from runs.folders import ResultError, check_files
from runs.outcomes import COURSES, MEASURES
from runs.provenance import Provenance
from runs.rings import RINGS

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

KEYS = ("run", "arm", "point", "seed", "run_seed", "clock_zero", "first_base", "window", "first_day", "last_day")


@dataclass(frozen=True)
class Batch:
    """A stored batch; ``blocks`` are those that it has, all unless an unfinished one was asked for."""

    store: Store
    blocks: tuple[int, ...]

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.store.folder

    @property
    def plan(self) -> Plan:
        """How its runs are cut into blocks."""
        return self.store.plan

    @property
    def provenance(self) -> Provenance:
        """Where it comes from."""
        return self.store.provenance

    @property
    def complete(self) -> bool:
        """Whether no block is missing."""
        return len(self.blocks) == self.plan.blocks

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment that was run, whole."""
        return experiment_of(self.store)

    # --- frames -----------------------------------------------------------------------------------------------------

    @cached_property
    def arms(self) -> pd.DataFrame:
        """One row per arm: label, title, and values of the factors of levers."""
        return _frame(_read(self.folder / ARMS))

    @cached_property
    def points(self) -> pd.DataFrame:
        """One row per point: its draw, its world, and the value of every parameter."""
        return _frame(_read(self.folder / POINTS))

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row per run and window: inputs that vary by design, and every outcome of :data:`MEASURES`."""
        return self.with_inputs(self.table(RUNS))

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """Events and deaths by run, month, cercle and kind, where there are any; with inputs."""
        return self.with_inputs(self.table(MONTHLY))

    @cached_property
    def courses(self) -> pd.DataFrame:
        """Troops, bases and cost by run and month, means; with inputs."""
        return self.with_inputs(self.table(COURSE))

    @cached_property
    def rings(self) -> pd.DataFrame:
        """Attacks on civilians by run and distance from an extra base, and the control's there; with inputs."""
        return self.with_inputs(self.table(RING))

    @cached_property
    def events(self) -> pd.DataFrame:
        """Every event of every run, with inputs.

        Raises:
            ResultError: the experiment did not keep events.
        """
        if EVENTS not in self.store.tables:
            raise ResultError(f"{self.folder}: events were not kept; set `events = true` under [outcomes] and run anew")
        return self.with_inputs(self.table(EVENTS))

    def outcome(self, key: str, window: str | None = None) -> pd.DataFrame:
        """One outcome by run and window, or in one window, with inputs: only what is needed is read.

        Raises:
            ResultError: no such outcome or window.
        """
        if key not in MEASURES:
            raise ResultError(f"outcome: expected one of {', '.join(MEASURES)} (found {key!r})")
        found = self.with_inputs(self.table(RUNS, [*KEYS, key], window))
        if found.empty:
            raise ResultError(f"window: none of the runs has {window!r}")
        return found

    def table(self, name: str, columns: Sequence[str] | None = None, window: str | None = None) -> pa.Table:
        """One of the tables as Arrow, in the order of the runs; perhaps only some columns, or one window.

        Raises:
            ResultError: none of its parts is there.
        """
        import pyarrow.compute as pc
        from pyarrow import dataset

        if not self.blocks:
            raise ResultError(f"{self.folder}: no block is there yet; run the batch on")
        parts = dataset.dataset([str(self.store.part(name, block)) for block in self.blocks], format="parquet")
        chosen = None if window is None else pc.field("window") == window
        return parts.to_table(columns=None if columns is None else list(columns), filter=chosen)

    def with_inputs(self, table: pa.Table) -> pd.DataFrame:
        """A frame with the run's arm, point and seed, the values of its factors, and sampled parameters in front."""
        import pandas as pd

        frame = _frame(table)
        replicate, arm = np.divmod(frame["run"].to_numpy(), self.plan.arms)
        point, seed = np.divmod(replicate, self.plan.seeds)
        front: dict[str, Any] = {
            "run": frame["run"],
            "arm": pd.Categorical.from_codes(arm, categories=pd.Index(self.arms["arm"])),
            "point": point,
            "seed": seed,
        }
        for name in factors_of(self.arms.columns):
            front[name] = self.arms[name].to_numpy()[arm]
        for name in ("draw", *sampled_of(self.points.columns)):
            front[name] = self.points[name].to_numpy()[point]
        rest = frame[[name for name in frame.columns if name not in front]]
        return pd.concat([pd.DataFrame(front, index=frame.index), rest], axis=1)

    # --- comparison -------------------------------------------------------------------------------------------------

    @property
    def whole_points(self) -> int:
        """Number of points, from the first, of which every run is there."""
        there = set(self.blocks)
        first_missing = next((b for b in range(self.plan.blocks) if b not in there), self.plan.blocks)
        replicates = min(first_missing * self.plan.block, self.plan.replicates)
        return replicates // self.plan.seeds

    @cached_property
    def studied(self) -> Experiment:
        """The experiment as far as its points are whole: what studies may look at.

        Raises:
            ResultError: fewer than two points are whole.
        """
        points = self.whole_points
        if points < 2:
            raise ResultError(f"{self.folder}: {points} whole points: at least 2 are needed; run the batch on")
        return self.experiment if points == self.plan.points else self.experiment.part(points)

    def comparison(self) -> Comparison:
        """All arms over the points that are whole, as :func:`runs.compare.compare` gives it.

        Raises:
            ResultError: fewer than two points are whole.
        """
        return _comparison(self, self.studied.design)


def _comparison(batch: Batch, design: Design) -> Comparison:
    plan, points = batch.plan, design.draws
    arms = [arm.name for arm in design.arms]
    shape = (points, plan.seeds)
    size = points * plan.seeds
    last_run = size * plan.arms

    table = batch.table(RUNS)
    run = table["run"].to_numpy()
    inside = run < last_run
    run = run[inside]
    _check_every_run(batch, RUNS, run, last_run)
    window = np.asarray(table["window"].to_pandas().astype(str))[inside]
    names = [name for name in dict.fromkeys(window) if (window == name).sum() == last_run]
    columns = {key: table[key].to_numpy()[inside] for key in MEASURES}
    values = {}
    for name in names:
        rows = np.flatnonzero(window == name)
        rows = rows[np.argsort(run[rows], kind="stable")]
        for key in MEASURES:
            by_arm = columns[key][rows].reshape(*shape, plan.arms)
            for index, arm in enumerate(arms):
                values[arm, name, key] = np.ascontiguousarray(by_arm[:, :, index])
    ordered = {(arm, name, key): values[arm, name, key] for arm, name, key in product(arms, names, MEASURES)}
    return Comparison(
        design, tuple(names), ordered, _clock(table, inside, shape, plan), *_courses(batch, arms, shape, last_run),
        _rings(batch, arms, shape, last_run),
    )  # fmt: skip


def _check_every_run(batch: Batch, name: str, run: Any, last_run: int) -> None:
    if np.unique(run).size != last_run:
        raise ResultError(
            f"{batch.folder / name}: expected {last_run:,} runs, found {np.unique(run).size:,}: the manifest or the "
            f"parts have been changed; see `sector-centre verify {batch.folder}`"
        )


def _clock(table: pa.Table, inside: Any, shape: tuple[int, int], plan: Plan) -> Any:
    """Clock zero of every replicate, day numbers or NEVER."""
    from abm.calendar import DAY_ZERO

    dates = table["clock_zero"].to_numpy(zero_copy_only=False)[inside].astype("datetime64[D]")
    days = (dates - np.datetime64(DAY_ZERO, "D")).astype(np.int64)
    days[np.isnat(dates)] = NEVER
    clock = np.full(shape[0] * shape[1], NEVER, dtype=np.int64)
    clock[table["run"].to_numpy()[inside] // plan.arms] = days
    return clock.reshape(shape)


def _courses(batch: Batch, arms: Sequence[str], shape: tuple[int, int], last_run: int) -> tuple[Any, dict[Any, Any]]:
    """Months that every run covers, and the means of each by arm."""
    table = batch.table(COURSE)
    run = table["run"].to_numpy()
    inside = run < last_run
    run = run[inside]
    _check_every_run(batch, COURSE, run, last_run)
    order = np.argsort(run, kind="stable")
    counts = np.bincount(run, minlength=last_run)
    shortest = int(counts.min())
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rows = order[(starts[:, None] + np.arange(shortest)).ravel()]
    months = table["month"].to_numpy(zero_copy_only=False)[inside][rows[:shortest]].astype("datetime64[M]")
    courses: dict[tuple[str, str], Any] = {}
    for key in COURSES:
        values = table[key].to_numpy()[inside][rows].reshape(*shape, len(arms), shortest)
        courses |= {(arm, key): values[:, :, index] for index, arm in enumerate(arms)}
    return months, {(arm, key): courses[arm, key] for arm, key in product(arms, COURSES)}


def _rings(batch: Batch, arms: Sequence[str], shape: tuple[int, int], last_run: int) -> dict[str, Any]:
    """Attacks by ring for the arms that may have extra bases, shape (K, S, 2, 2, rings)."""
    table = batch.table(RING)
    run = table["run"].to_numpy()
    names = ("attacks", "expected_attacks", "control_attacks", "expected_control_attacks")
    values = np.stack([table[name].to_numpy() for name in names], axis=1)
    found = {}
    for index, arm in enumerate(arms):
        rows = np.flatnonzero((run % len(arms) == index) & (run < last_run))
        if rows.size:
            rows = rows[np.argsort(run[rows], kind="stable")]
            counts = values[rows].reshape(*shape, len(RINGS), 2, 2)
            found[arm] = np.ascontiguousarray(np.moveaxis(counts, 2, -1))
    return found


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _read(path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise ResultError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None


def open_batch(folder: str | Path, *, unfinished: bool = False) -> Batch:
    """A stored batch.

    Args:
        folder: what ``sector-centre batch`` wrote.
        unfinished: accept a batch of which blocks are missing.

    Raises:
        ResultError: no batch, damaged inputs, or not finished.
    """
    store = open_store(Path(folder))
    check_files(store.folder, dict(store.manifest))
    blocks = tuple(block for block in range(store.plan.blocks) if store.has(block))
    _check_sizes(store, blocks)
    if len(blocks) < store.plan.blocks and not unfinished:
        raise ResultError(
            f"{folder}: not finished: {len(blocks)} of {store.plan.blocks} blocks are there; run "
            "`sector-centre batch` again to go on, or read it with unfinished=True"
        )
    return Batch(store, blocks)


def _check_sizes(store: Store, blocks: Iterable[int]) -> None:
    """Truncated or missing parts are found at once; `verify` also compares checksums."""
    for block in blocks:
        if fault := store.fault(block, contents=False):
            raise ResultError(f"{fault}; `sector-centre verify {store.folder} --repair` makes it again")
