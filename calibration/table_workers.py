"""Blocks of rows of a reference table: simulated in this process, in worker processes, or on a cluster.

A row is a pure function of its number, so that who simulates it, and when, changes nothing. Workers send rows back and
write nothing: they need no shared disk and may be killed at any time.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import threading
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache, partial
from multiprocessing.connection import Connection
from typing import Any, Protocol

import numpy as np

from calibration.errors import CalibrationError, RowFailed
from calibration.record_table import Floats
from runs.cluster import ClusterError, interrupts_held, on_cluster
from runs.cluster import identity as cluster_identity
from runs.parallel import cores

Blocks = Generator[tuple[range, Floats], None, None]
RESUME = "finished blocks are kept: start the same table again to go on"


class Simulator(Protocol):
    """Draws parameters from their prior and simulates the statistics: a pure function of the row's number.

    It must be picklable (a frozen dataclass of an importable module is). ``settings`` holds everything that determines
    the numbers besides the row's number, as JSON: priors, scenario, versions, fingerprint of the source.
    """

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the p parameters."""
        ...

    @property
    def statistics(self) -> tuple[str, ...]:
        """Names of the s summary statistics."""
        ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """What determines the numbers besides the row's number."""
        ...

    def __call__(self, number: int, /) -> tuple[Floats, Floats]:
        """Parameters (p,) in natural units and statistics (s,) of a row; a statistic that has no value is NaN."""
        ...


# --- one block ------------------------------------------------------------------------------------------------------


def simulate_block(simulator: Simulator, numbers: range) -> Floats:
    """Rows of parameters and statistics, shape (rows, p + s); what is not finite among the statistics becomes NaN.

    Raises:
        RowFailed: the simulator raised an error, or answered with other shapes or parameters that are no numbers.
    """
    rows = np.empty((len(numbers), len(simulator.parameters) + len(simulator.statistics)))
    for row, number in zip(rows, numbers, strict=True):
        try:
            answer = simulator(number)
        except Exception as error:
            raise RowFailed(number, f"{type(error).__name__}: {error}") from error
        row[:] = _checked(simulator, number, answer)
    return rows


def _checked(simulator: Simulator, number: int, answer: tuple[Floats, Floats]) -> Floats:
    parameters, statistics = (np.asarray(part, dtype=np.float64) for part in answer)
    expected = (len(simulator.parameters),), (len(simulator.statistics),)
    if (parameters.shape, statistics.shape) != expected:
        found = f"{parameters.shape} and {statistics.shape}"
        wanted = f"{expected[0]} and {expected[1]}"
        raise RowFailed(number, f"expected parameters and statistics of shapes {wanted}, got {found}")
    if not np.isfinite(parameters).all():
        name = simulator.parameters[int(np.flatnonzero(~np.isfinite(parameters))[0])]
        raise RowFailed(number, f"{name}: expected a finite number")
    return np.concatenate([parameters, np.where(np.isfinite(statistics), statistics, np.nan)])


def simulate_blocks(
    simulator: Simulator, blocks: Sequence[range], workers: int | None = None, cluster: str | None = None
) -> Blocks:
    """Yield each block with its rows, in the order in which they are done; close it to give up what is under way.

    Args:
        simulator: makes the rows.
        blocks: numbers of the rows of each block.
        workers: processes, the cores by default; 1 stays in this process.
        cluster: address of a dask scheduler such as "tcp://host:8786", or "local:N" for a cluster of N processes on
            this machine; None for plain processes.

    Raises:
        RowFailed: a row could not be simulated.
        CalibrationError: workers died or are not as this process, the simulator cannot be sent to them, no cluster.
    """
    if workers is not None and workers < 1:
        raise CalibrationError(f"workers: expected 1 or more, got {workers}")
    wanted = min(cores() if workers is None else workers, len(blocks))
    if cluster is not None and blocks:
        yield from _on_cluster(_pickled(simulator), blocks, cluster)
    elif wanted > 1:
        yield from _in_processes(_pickled(simulator), blocks, wanted)
    else:
        yield from ((block, simulate_block(simulator, block)) for block in blocks)


def _pickled(simulator: Simulator) -> bytes:
    try:
        return pickle.dumps(simulator)
    except Exception as error:
        raise CalibrationError(f"the simulator cannot be sent to workers: {error}") from None


@lru_cache(maxsize=2)  # once in each process: what the simulator keeps for itself lives as long as the worker
def _unpickled(simulator: bytes) -> Simulator:
    try:
        loaded: Simulator = pickle.loads(simulator)
    except Exception as error:
        hint = "it must be defined in a module that workers can import"
        raise CalibrationError(f"the simulator cannot be loaded by a worker ({error}); {hint}") from None
    return loaded


def _block(simulator: bytes, numbers: range) -> Floats:
    return simulate_block(_unpickled(simulator), numbers)


# --- processes of this machine --------------------------------------------------------------------------------------


_mine: bytes = b""  # the pickled simulator of this worker process


def _begin_work(simulator: bytes, lifeline: Connection) -> None:
    global _mine
    _mine = simulator
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    """Stop in the middle of a row once the parent gives up or is no more: nothing here is worth keeping."""
    with contextlib.suppress(EOFError, OSError):
        lifeline.recv_bytes()
    os._exit(1)


def _block_of_mine(numbers: range) -> Floats:
    return _block(_mine, numbers)


def _in_processes(simulator: bytes, blocks: Sequence[range], workers: int) -> Blocks:
    # Spawned, never forked: compiled code and its threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    lifeline, mine = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, context, _begin_work, (simulator, lifeline))
    finished = False
    try:
        with interrupts_held():
            waiting = {pool.submit(_block_of_mine, block): block for block in blocks}
        for future in as_completed(waiting):
            yield waiting[future], _result(future)
        finished = True
    finally:
        if not finished:
            mine.close()  # every worker ends now
        pool.shutdown(wait=True, cancel_futures=True)
        mine.close()
        lifeline.close()


def _result(future: Future[Floats]) -> Floats:
    try:
        return future.result()
    except BrokenProcessPool:
        causes = 'killed, out of memory, or started by a script without `if __name__ == "__main__":`'
        raise CalibrationError(f"a worker process died ({causes}); {RESUME}") from None


# --- a cluster ------------------------------------------------------------------------------------------------------


PACKAGE = "calibration"


def identity() -> dict[str, str]:
    """Versions, mathematics and source of this process: two that agree simulate the same bits.

    Of this project's rooms, those that a row is made from: the model's and this one.
    """
    return {name: value for name, value in cluster_identity((PACKAGE,)).items() if name != "runs_fingerprint"}


def _on_cluster(simulator: bytes, blocks: Sequence[range], cluster: str) -> Blocks:
    try:
        yield from on_cluster(partial(_block, simulator), blocks, cluster, (PACKAGE,))
    except ClusterError as error:
        raise CalibrationError(str(error)) from None
