"""Running a batch: the blocks that a store lacks, in threads or on a cluster, each stored as soon as it is done."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from shutil import rmtree
from threading import Event

from runs.batch.experiment import Experiment
from runs.batch.store import KIND, Store, prepare
from runs.batch.work import Job
from runs.cluster import local_workers, on_cluster
from runs.folders import ResultError, alone_in
from runs.parallel import Stopped, cores

Files = Mapping[str, bytes]
Blocks = Generator[tuple[int, Files], None, None]
Report = Callable[[int, int], object]
GO_ON = "finished blocks are kept: run the same command again to go on"
AHEAD = 2  # blocks in hand for each worker: results that wait to be stored stay few, however long a batch is


@dataclass(frozen=True)
class Done:
    """What a call of :func:`run_batch` did: blocks found whole, made, and made again because they were damaged."""

    store: Store
    found: int
    made: int
    mended: tuple[str, ...]
    wanted: int


def run_batch(
    experiment: Experiment,
    folder: Path,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    limit: int | None = None,
    progress: Report | None = None,
) -> Done:
    """Run what the folder lacks of an experiment, or of its first runs, and store it block by block.

    Finished blocks stay whatever happens: an error, Ctrl-C, a killed process, a full disk. To go on, call again with
    the same experiment. A block whose files are damaged is made again.

    Args:
        experiment: what to run.
        folder: where the batch lies; made if it does not exist.
        workers: threads, the cores by default.
        cluster: address of a dask scheduler such as "tcp://host:8786", or "local:N" for N processes of this machine;
            None for threads.
        limit: only the blocks that hold the first so many runs.
        progress: called with runs done and runs wanted, at first and after each block.

    Raises:
        ResultError: the folder holds something else, another process is at work there, or a run failed.
        ClusterError: no cluster is to be had, or it was lost.
        OSError: the folder cannot be written.
    """
    if cluster is not None:
        local_workers(cluster)  # an address that cannot be one is refused before anything is written
    if folder.exists() and not folder.is_dir():
        raise ResultError(f"{folder}: is a file; choose another folder with --out")
    folder.mkdir(parents=True, exist_ok=True)
    with alone_in(folder, KIND):
        store = prepare(folder, experiment)
        clear_partial(folder)
        wanted = store.plan.blocks_for(limit)
        found, damaged = sort_out(store, wanted)
        for block in damaged:
            store.withdraw(block)
        missing = [block for block in wanted if block not in found]
        job = Job(experiment.design, store.plan, experiment.events)
        done = _counting(store, wanted, found, progress)
        done(None)
        make(store, job, missing, workers, cluster, done)
    return Done(store, len(found), len(missing), tuple(damaged.values()), len(wanted))


def sort_out(store: Store, wanted: Iterable[int]) -> tuple[set[int], dict[int, str]]:
    """Blocks that are whole, and what is wrong with those that count and are not."""
    whole, damaged = set(), {}
    for block in wanted:
        if store.has(block):
            fault = store.fault(block)
            if fault:
                damaged[block] = fault
            else:
                whole.add(block)
    return whole, damaged


def make(
    store: Store,
    job: Job,
    missing: Sequence[int],
    workers: int | None,
    cluster: str | None,
    done: Callable[[int], object],
) -> None:
    """Make blocks and store each as it comes; ``done`` is called with its number."""
    with closing(results(job, missing, workers, cluster)) as blocks:
        for block, files in blocks:
            store.commit(block, files)
            done(block)


def _counting(
    store: Store, wanted: Iterable[int], found: set[int], progress: Report | None
) -> Callable[[int | None], object]:
    """What is called with each block that is done, and at first with None: it reports runs done and wanted."""
    total = sum(store.plan.runs_of(block) for block in wanted)
    finished = sum(store.plan.runs_of(block) for block in found)

    def done(block: int | None) -> None:
        nonlocal finished
        finished += store.plan.runs_of(block) if block is not None else 0
        if progress is not None:
            progress(finished, total)

    return done


def clear_partial(folder: Path) -> None:
    """Remove what killed processes had only half written; nobody else is at work here."""
    for stale in (*folder.glob(".*.partial"), *folder.glob("*/.*.partial")):
        if stale.is_dir():
            rmtree(stale, ignore_errors=True)
        else:
            stale.unlink(missing_ok=True)


# --- drivers --------------------------------------------------------------------------------------------------------


def results(job: Job, blocks: Sequence[int], workers: int | None = None, cluster: str | None = None) -> Blocks:
    """Yield each block with its files in the order in which they are done; close it to give up what is under way.

    Raises:
        ResultError: a run failed.
        ClusterError: no cluster, unlike workers, or workers lost.
    """
    if not blocks:
        return
    if cluster is None:
        yield from _in_threads(job, blocks, workers or cores())
    else:
        yield from on_cluster(_Block(pickle.dumps(job)), blocks, cluster)


def _in_threads(job: Job, blocks: Sequence[int], workers: int) -> Blocks:
    stop = Event()

    def tick(_day: int) -> None:
        if stop.is_set():
            raise Stopped

    with ThreadPoolExecutor(workers) as pool:
        waiting = deque(blocks)
        running: dict[Future[dict[str, bytes]], int] = {}
        try:
            while waiting or running:
                while waiting and len(running) < workers * AHEAD:
                    block = waiting.popleft()
                    running[pool.submit(job.files, block, tick)] = block
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield running.pop(future), future.result()
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class _Block:
    """What a worker of a cluster calls: the job, pickled once for all blocks."""

    job: bytes

    def __call__(self, block: int) -> dict[str, bytes]:
        return _job(self.job).files(block, lambda _day: None)


@lru_cache(maxsize=2)  # what the job keeps for itself, such as drawn parameters, lives as long as the worker
def _job(pickled: bytes) -> Job:
    job: Job = pickle.loads(pickled)
    return job


@contextmanager
def resumable() -> Iterator[None]:
    """What stops a batch leaves the finished blocks: its message says so.

    Raises:
        ResultError: in place of an error of the system.
    """
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise ResultError(f"{where}{error.strerror or error}; {GO_ON}") from None
