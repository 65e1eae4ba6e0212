"""Whether a stored batch is what it says: every part's checksum, the count of runs, and a sample run again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runs.batch.experiment import Experiment
from runs.batch.run import clear_partial, make
from runs.batch.store import KIND, NOTES, Store, differing_code, experiment_of, open_store
from runs.batch.work import RUNS, Job
from runs.folders import ResultError, alone_in, check_files
from runs.report import comparison_provenance
from runs.store import differences

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE = 5  # replicates that are run again, unless told otherwise


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: faults by block, files that belong to no block, and replicates that were run again."""

    store: Store
    faults: dict[int, str]
    strangers: tuple[str, ...]
    again: tuple[int, ...] = ()
    unlike: dict[int, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.faults or self.strangers or self.unlike)

    @property
    def bad_blocks(self) -> list[int]:
        """Blocks that must be made again."""
        replicates = map(self.store.plan.block_of, self.unlike)
        return sorted({*self.faults, *replicates})


def verify(
    folder: Path,
    sample: int = SAMPLE,
    seed: int = 0,
    anyway: bool = False,
    done: Callable[[], object] | None = None,
) -> Verdict:
    """Check a batch without changing it.

    Args:
        folder: what ``sector-centre batch`` wrote.
        sample: replicates (all arms of a point and seed) to run again and compare to the bit; 0 for none.
        seed: which are drawn.
        anyway: run them again even where versions or code differ from those that made the batch.
        done: called after each block that was checked and each replicate that was run.

    Raises:
        ResultError: no batch, damaged inputs, or made with other versions so that equal bits are not to be expected.
    """
    store = open_store(folder)
    check_files(folder, dict(store.manifest))
    tick = done or (lambda: None)
    faults = {}
    for block in range(store.plan.blocks):
        fault = store.fault(block) or _miscounted(store, block)
        if fault:
            faults[block] = fault
        tick()
    strangers = tuple(_strangers(store))
    if not sample:
        return Verdict(store, faults, strangers)
    experiment = experiment_of(store)
    if not anyway:
        check_same_bits(store, experiment)
    job = Job(experiment.design, store.plan, experiment.events)
    whole = [r for r in range(store.plan.replicates) if store.plan.block_of(r) not in faults]
    random = np.random.default_rng(seed)
    chosen = sorted(random.choice(whole, min(sample, len(whole)), replace=False).tolist()) if whole else []
    unlike = {}
    for replicate in chosen:
        if lines := _again(store, job, replicate):
            unlike[replicate] = "; ".join(lines)
        tick()
    return Verdict(store, faults, strangers, tuple(chosen), unlike)


def check_same_bits(store: Store, experiment: Experiment) -> None:
    """Whether runs of the store's experiment made here may be expected to equal the stored ones to the bit.

    Raises:
        ResultError: other versions, mathematics or code.
    """
    unlike = differing_code(store, comparison_provenance(experiment.design))
    if unlike:
        listed = "\n".join(f"  {line}" for line in unlike)
        raise ResultError(
            f"{store.folder}: equal bits are promised only for equal versions and code, and these differ:\n{listed}\n"
            "Check the files alone with --sample 0, or run the sample all the same with --anyway."
        )


def repair(
    verdict: Verdict,
    workers: int | None = None,
    cluster: str | None = None,
    done: Callable[[int], object] | None = None,
) -> list[int]:
    """Make bad blocks again and remove parts that belong to no block; returns the blocks.

    What was never a part is kept: somebody put it there.

    Raises:
        ResultError: made with other versions or code: what is missing could not be made to the bit.
        OSError: it cannot be written.
    """
    store, blocks = verdict.store, verdict.bad_blocks
    experiment = experiment_of(store)
    check_same_bits(store, experiment)
    with alone_in(store.folder, KIND):
        clear_partial(store.folder)
        for name in verdict.strangers:
            if _is_a_part(store.folder / name):
                (store.folder / name).unlink()
        for block in blocks:
            store.withdraw(block)
        job = Job(experiment.design, store.plan, experiment.events)
        make(store, job, blocks, workers, cluster, done or (lambda _block: None))
    return blocks


def _miscounted(store: Store, block: int) -> str:
    """Whether the part of runs holds each of its runs once for each window, and no other."""
    from pyarrow import parquet

    path = store.part(RUNS, block)
    try:
        table = parquet.read_table(path, columns=["run", "window"])
        runs = table["run"].to_numpy()
        pairs = table.group_by(["run", "window"]).aggregate([([], "count_all")])
    except (OSError, ValueError, KeyError) as error:  # with the right checksum: not what a batch wrote
        return f"{path}: damaged: {str(error).splitlines()[0]}"
    first = store.plan.replicates_of(block).start * store.plan.arms
    expected = np.arange(first, first + store.plan.runs_of(block))
    found = np.unique(runs)
    if not np.array_equal(found, expected):
        return f"{path}: expected runs {expected[0]} to {expected[-1]}, found {found.size} runs"
    twice = int((pairs["count_all"].to_numpy() > 1).sum())
    return f"{path}: {twice} runs and windows are there twice" if twice else ""


def _strangers(store: Store) -> list[str]:
    """Files in the folders of tables that no block accounts for, relative to the folder."""
    blocks = range(store.plan.blocks)
    known = {store.part(table, block) for table in store.tables for block in blocks}
    known |= {store.note_path(block) for block in blocks}
    found = []
    for name in (*store.tables, NOTES):
        folder = store.folder / name
        if folder.is_dir():
            found += [path for path in folder.iterdir() if path not in known and not path.name.endswith(".partial")]
    return sorted(path.relative_to(store.folder).as_posix() for path in found)


def _is_a_part(path: Path) -> bool:
    """Whether a file is named as parts and notes are: some batch wrote it."""
    return path.is_file() and re.fullmatch(r"part-\d{5,}\.(parquet|json)", path.name) is not None


def _again(store: Store, job: Job, replicate: int) -> list[str]:
    """In what a replicate that is run again differs from what is stored of it."""
    from pyarrow import dataset

    block = store.plan.block_of(replicate)
    first = replicate * store.plan.arms
    mine = (dataset.field("run") >= first) & (dataset.field("run") < first + store.plan.arms)
    made: dict[str, pa.Table] = job.run([replicate], lambda _day: None)
    lines = []
    for name in store.tables:
        try:
            stored = dataset.dataset(str(store.part(name, block)), format="parquet").to_table(filter=mine)
            found = differences(stored, made[name])
        except (OSError, ValueError) as error:  # with the right checksum: not what a batch wrote
            found = [str(error).splitlines()[0]]
        lines += [f"{name}: {line}" for line in found]
    return lines
