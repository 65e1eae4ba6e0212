"""Tasks on a dask cluster: workers that are as this process, answers as they are done, one clear error for the rest.

Workers send answers back and write nothing: they need no shared disk and may be killed at any time. What dask does with
a worker that dies is kept (its tasks are run again elsewhere); what it leaves to the user is decided here: workers of
another version are refused, and a cluster that is gone is an error, never a wait without end.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import pickle
import platform
import signal
import textwrap
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module, metadata
from importlib.util import find_spec
from itertools import islice
from multiprocessing import resource_tracker
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from abm.compiled import FINGERPRINT, math_fingerprint
from runs.provenance import DISTRIBUTION

T = TypeVar("T")
R = TypeVar("R")

PATIENCE = 60  # seconds for a cluster to answer, to show its first worker, and to be without any later on
GLANCE = 5  # seconds between two looks at who is there, while nothing is done
PARTING = 10  # seconds to take leave of a scheduler, which may be gone
DEPTH = 4  # tasks under way for each thread: enough that none waits for this process, few enough that memory stays flat
RESUME = "run the same command again to go on: what is finished is kept"


class ClusterError(ValueError):
    """A cluster that cannot be had, is not as this process, or is gone; the message says what to do."""


# --- who works ------------------------------------------------------------------------------------------------------


def identity(packages: Sequence[str] = ()) -> dict[str, str]:
    """Versions, mathematics and source of this process: two that agree compute the same bits.

    Args:
        packages: names of further packages whose modules decide what is computed, besides those of the model and of
            this room.
    """
    return dict(_identity(tuple(packages)))


@lru_cache(maxsize=8)
def _identity(packages: tuple[str, ...]) -> Mapping[str, str]:
    return {
        "package_version": metadata.version(DISTRIBUTION),
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in ("numpy", "numba", "scipy")},
        "math_fingerprint": math_fingerprint(),
        "source_fingerprint": FINGERPRINT,
        **{f"{name}_fingerprint": modules_fingerprint(name) for name in ("runs", *packages)},
    }


def modules_fingerprint(package: str) -> str:
    """Hash (16 hex digits) of the modules of a package, as :data:`abm.compiled.FINGERPRINT` is of the model's.

    Raises:
        ClusterError: there is no such package.
    """
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ClusterError(f"{package}: expected the name of an installed package")
    folder = Path(next(iter(found.submodule_search_locations)))
    digest = hashlib.sha256()
    for name in sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py")):
        digest.update(name.encode())
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:16]


def unlike(theirs: Mapping[str, str], ours: Mapping[str, str]) -> list[str]:
    """In which fields a worker differs from this process, as "field: ours, theirs"."""
    return [f"{name}: {ours[name]} here, {theirs.get(name)} there" for name in ours if theirs.get(name) != ours[name]]


def _refusal(worker: str, differing: Sequence[str]) -> str:
    remedy = "install the same versions on all, and start the workers anew"
    return f"worker {worker} would simulate other bits: {'; '.join(differing)}; {remedy}"


def _ask_workers(client: Any, packages: tuple[str, ...]) -> None:
    """Whether every worker is as this process.

    Raises:
        ClusterError: naming the first worker that differs, and in what.
    """
    try:
        answers = client.run(identity, packages, on_error="return")
    except Exception as error:
        raise ClusterError(f"workers cannot run this package: {type(error).__name__}: {error}") from None
    for worker, theirs in sorted(answers.items()):
        if isinstance(theirs, BaseException):
            raise ClusterError(f"worker {worker} cannot run this package: {type(theirs).__name__}: {theirs}")
        differing = unlike(theirs, identity(packages))
        if differing:
            raise ClusterError(_refusal(worker, differing))


# --- what a worker does ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Raised:
    """What the function raised: apart from what dask raises, which is about the cluster."""

    error: Exception


def _carried(function: bytes) -> bytes:
    """A task of its own: each worker fetches its answer once, and dask makes it again where all who had it are dead.

    Data that is scattered would be lost with its workers.
    """
    return function


@lru_cache(maxsize=2)  # once in each process: what the function keeps for itself lives as long as the worker
def _unpickled(function: bytes) -> Callable[[Any], Any]:
    try:
        loaded: Callable[[Any], Any] = pickle.loads(function)
    except Exception as error:
        hint = "it must be defined in a module that workers can import"
        raise ClusterError(f"the function cannot be loaded by a worker ({error}); {hint}") from None
    return loaded


def _answer(function: bytes, task: Any, packages: tuple[str, ...], ours: Mapping[str, str]) -> Any:
    try:
        # Asked again with each task: workers may join a cluster after all have been asked.
        differing = unlike(identity(packages), ours)
        if differing:
            raise ClusterError(_refusal(platform.node(), differing))
        return _unpickled(function)(task)
    except Exception as error:
        return _Raised(_portable(error))


def _portable(error: Exception) -> Exception:
    """The error with the worker's traceback as a note, or its words where it does not survive the way."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


# --- a cluster ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Processes started inside never see Ctrl-C: the parent does, right after, and ends them."""
    resource_tracker.ensure_running()  # where it starts later, it lets interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def local_workers(cluster: str) -> int | None:
    """N of "local:N", or None for the address of a scheduler.

    Raises:
        ClusterError: neither.
    """
    if cluster.startswith("local:"):
        workers = cluster.removeprefix("local:")
        if not (workers.isascii() and workers.isdecimal()) or int(workers) < 1:
            raise ClusterError(f"cluster: expected local:N with N of 1 or more, got {cluster!r}")
        return int(workers)
    if "://" not in cluster:
        raise ClusterError(f"cluster: expected tcp://host:port or local:N, got {cluster!r}")
    return None


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ModuleNotFoundError as error:
        raise ClusterError(f"a cluster needs dask ({error}): install sector-centre[cluster]") from None


@contextlib.contextmanager
def _client(distributed: Any, cluster: str) -> Iterator[Any]:
    workers = local_workers(cluster)
    with contextlib.ExitStack() as stack:
        # What dask logs about a lost worker or scheduler is said here, once and in the user's words.
        stack.enter_context(distributed.utils.silence_logging_cmgr(logging.CRITICAL))
        address: Any = cluster
        if workers is not None:
            options = {"processes": True, "threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": 50}
            with interrupts_held():
                address = stack.enter_context(distributed.LocalCluster(n_workers=workers, **options))
        try:
            client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
            stack.callback(_take_leave, client)
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            raise ClusterError(f"cluster {cluster}: no worker to be had: {error}") from None
        yield client


def _take_leave(client: Any) -> None:
    with contextlib.suppress(Exception):  # nothing of ours is there any more
        client.close(timeout=PARTING)


class _Watch:
    """How many threads there are; looks at most every few seconds, and notices when nobody is there any more."""

    def __init__(self, client: Any, cluster: str) -> None:
        self._client, self._cluster = client, cluster
        self._looked = self._manned = -float("inf")
        self._threads = 0

    def threads(self) -> int:
        """Threads of all workers.

        Raises:
            ClusterError: the scheduler does not answer, or has had no worker for long.
        """
        now = time.monotonic()
        if now - self._looked >= GLANCE:
            self._threads = self._ask()
            self._looked = now = time.monotonic()
            if self._threads or self._manned < 0:
                self._manned = now
            if now - self._manned >= PATIENCE:
                raise ClusterError(
                    f"cluster {self._cluster}: no worker left for {PATIENCE} seconds; start workers, then {RESUME}"
                )
        return self._threads

    def _ask(self) -> int:
        try:
            found = self._client.sync(self._client.scheduler.ncores, callback_timeout=PATIENCE)
        except Exception as error:  # whatever it is, nobody answers
            raise self.gone() from error
        return sum(found.values())

    def gone(self) -> ClusterError:
        """The error to raise when the scheduler is not to be had any more."""
        return ClusterError(
            f"cluster {self._cluster}: the connection to the scheduler was lost; "
            f"see that it runs and has workers, then {RESUME}"
        )


def on_cluster(
    function: Callable[[T], R], tasks: Sequence[T], cluster: str, packages: Sequence[str] = ()
) -> Generator[tuple[T, R], None, None]:
    """Yield each task with its answer, in the order in which they are done; close it to give up what is under way.

    The function travels once to each worker, and only a few tasks for each thread are under way at a time, so that a
    caller who is slow to store answers fills no memory.

    Args:
        function: what to do with a task; picklable, of a module that workers can import. It may be large.
        tasks: picklable and small.
        cluster: address of a dask scheduler such as "tcp://host:8786", or "local:N" for a cluster of N processes on
            this machine.
        packages: names of packages that must be the same on workers, besides those of the model and of this room.

    Raises:
        ClusterError: dask is missing, no cluster, workers that are not as this process, that die again and again on
            one task or are all gone, or a scheduler that is gone; or the function cannot be sent.
        Exception: whatever the function raises, with the traceback of the worker as a note.
    """
    distributed = _distributed()
    wanted = tuple(packages)
    try:
        sent = pickle.dumps(function)
    except Exception as error:
        raise ClusterError(f"the function cannot be sent to workers: {error}") from None
    with _client(distributed, cluster) as client:
        _ask_workers(client, wanted)
        watch = _Watch(client, cluster)
        with contextlib.closing(_finished(client, watch, sent, tasks, wanted)) as finished:
            for task, future in finished:
                yield task, _result(distributed, watch, task, future)


def _finished(
    client: Any, watch: _Watch, function: bytes, tasks: Iterable[T], packages: tuple[str, ...]
) -> Generator[tuple[T, Any], None, None]:
    """Tasks with their futures, as they are done; more are submitted only as these are taken."""
    done: SimpleQueue[Any] = SimpleQueue()
    waiting: dict[str, tuple[T, Any]] = {}
    coming = iter(tasks)
    ours = identity(packages)
    carried = None
    try:
        while True:
            room = max(1, DEPTH * watch.threads()) - len(waiting)
            for task in islice(coming, max(0, room)):
                try:
                    if carried is None:
                        carried = client.submit(_carried, function, pure=False)
                    future = client.submit(_answer, carried, task, packages, ours, pure=False)
                except Exception as error:
                    raise (_cannot_be_sent(error) if client.status == "running" else watch.gone()) from error
                waiting[future.key] = task, future
                future.add_done_callback(done.put)
            if not waiting:
                return
            with contextlib.suppress(Empty):
                yield waiting.pop(done.get(timeout=GLANCE).key)
    finally:
        with contextlib.suppress(Exception):  # of a scheduler that is gone
            client.cancel([future for _, future in waiting.values()])


def _cannot_be_sent(error: Exception) -> ClusterError:
    return ClusterError(f"a task cannot be sent to workers: {type(error).__name__}: {error}")


def _result(distributed: Any, watch: _Watch, task: object, future: Any) -> Any:
    try:
        answer = _fetched(watch, future)
    except distributed.KilledWorker as error:
        raise ClusterError(
            f"workers died again and again with {_words(task)} among what they had in hand, the last of them "
            f"{error.last_worker.address}: killed or out of memory; give them what they need, then {RESUME}"
        ) from error
    except (CancelledError, OSError) as error:
        raise watch.gone() from error
    except ClusterError:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise ClusterError(f"a worker could not take a task, or send its answer ({_words(task)}): {said}") from error
    if isinstance(answer, _Raised):
        raise answer.error
    return answer


def _fetched(watch: _Watch, future: Any) -> Any:
    """The answer, which may be lost with its worker just now and have to be made again."""
    patience = GLANCE
    while True:
        try:
            return future.result(timeout=patience)
        except TimeoutError:
            watch.threads()
            patience *= 2  # a large answer over a slow line


def _words(task: object) -> str:
    return textwrap.shorten(repr(task), 80)
