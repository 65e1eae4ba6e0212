"""Tasks on real clusters of processes: every answer once whatever dies, one clear error where no answer can come."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer
from cluster_tasks import Deadly, Square, Wrong
from clusters import NO_DASK, Cluster, within

import runs
from runs import cluster
from runs.cli import BAD_INPUT, guarded
from runs.cluster import ClusterError, identity, on_cluster, unlike

RESUME = "run the same command again to go on: what is finished is kept"
needs_dask = pytest.mark.skipif(find_spec("distributed") is None, reason=NO_DASK)


def begun(folder: Path) -> int:
    return sum(not path.name.startswith("loaded") for path in folder.iterdir())


def loaded(folder: Path) -> int:
    return sum(path.name.startswith("loaded") for path in folder.iterdir())


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def impatient(monkeypatch: pytest.MonkeyPatch, started: Cluster) -> None:
    """Short waits, once the workers are there."""
    list(on_cluster(Square(), [1], started.address))
    monkeypatch.setattr(cluster, "PATIENCE", 5)
    monkeypatch.setattr(cluster, "GLANCE", 0.5)


def numbers_until(answers: Iterator[tuple[int, object]], count: int, then: Callable[[], object]) -> list[int]:
    """Numbers of all tasks as they are answered; ``then`` is done once, after some of them."""
    found: list[int] = []
    for number, _ in answers:
        found.append(number)
        if len(found) == count:
            then()
    return found


# --- every answer once ----------------------------------------------------------------------------------------------


@needs_dask
def test_every_answer_once_of_a_function_that_travels_once(tmp_path: Path) -> None:
    function = Square(folder=str(tmp_path), ballast=os.urandom(1_000_000))
    answers = dict(on_cluster(function, range(60), "local:2"))
    assert {number: square for number, (square, _) in answers.items()} == {n: n * n for n in range(60)}
    workers = {pid for _, pid in answers.values()}
    assert os.getpid() not in workers
    assert (begun(tmp_path), loaded(tmp_path)) == (60, len(workers))


@needs_dask
def test_no_tasks_no_answers() -> None:
    assert list(on_cluster(Square(), [], "local:1")) == []


@needs_dask
def test_a_slow_caller_is_not_overrun(tmp_path: Path) -> None:
    with closing(on_cluster(Square(folder=str(tmp_path)), range(100), "local:1")) as answers:
        next(answers)
        time.sleep(1)  # for a hundred times the work
        assert begun(tmp_path) == cluster.DEPTH
        next(answers)
        assert within(10, lambda: begun(tmp_path) == cluster.DEPTH + 1)


@needs_dask
def test_a_killed_worker_loses_nothing(tmp_path: Path) -> None:
    function = Square(0.05, str(tmp_path), os.urandom(100_000))
    found: list[tuple[int, int]] = []
    killed = 0
    for number, (square, pid) in on_cluster(function, range(40), "local:2"):
        found.append((number, square))
        if len(found) in (5, 15):  # the second may be one that was started in place of the first
            os.kill(pid, signal.SIGKILL)
            killed = pid
    assert sorted(found) == [(n, n * n) for n in range(40)]
    assert killed
    assert begun(tmp_path) > 40  # what the killed had begun was begun again


def test_a_worker_that_comes_late_is_given_work(started: Cluster) -> None:
    first, second = started.worker(), None
    workers: set[int] = set()
    for number, (_, pid) in on_cluster(Square(0.1, ballast=bytes(100_000)), range(150), started.address):
        if number == 3:
            second = started.worker()
        workers.add(pid)
        if len(workers) == 2:
            break
    assert second is not None
    assert workers == {first.pid, second.pid}


def test_a_cluster_stays_when_one_caller_gives_up(started: Cluster, tmp_path: Path) -> None:
    started.worker()
    (tmp_path / "begun").mkdir()
    with closing(on_cluster(Square(0.2, str(tmp_path / "begun")), range(100), started.address)) as answers:
        next(answers)
    assert begun(tmp_path / "begun") <= 3  # the one given, and what the worker had in hand; the others were cancelled
    assert len(list(on_cluster(Square(), range(3), started.address))) == 3
    assert begun(tmp_path / "begun") <= 3


# --- errors of the function -----------------------------------------------------------------------------------------


@needs_dask
def test_errors_of_the_function_are_its_own() -> None:
    with pytest.raises(ArithmeticError, match="no such luck") as found:
        list(on_cluster(Wrong("arithmetic"), [7], "local:1"))
    assert str(found.value) == "no such luck with 7"
    assert 'raise ArithmeticError(f"no such luck' in found.value.__notes__[0]  # where it was raised, for who repairs it


def test_errors_survive_the_way_as_themselves_or_in_words() -> None:
    ours = identity()
    for how, kind, words in (("file", FileNotFoundError, "map.csv"), ("stubborn", RuntimeError, "Stubborn: locked")):
        raised = pickle.loads(pickle.dumps(cluster._answer(pickle.dumps(Wrong(how)), 1, (), ours)))
        assert type(raised.error) is kind
        assert words in str(raised.error)


def test_what_cannot_travel_is_refused() -> None:
    pytest.importorskip("distributed", reason="dask is not installed: sector-centre[cluster]")
    with pytest.raises(ClusterError, match=r"^the function cannot be sent to workers: "):
        next(on_cluster(lambda task: task, [1], "local:1"))
    raised = cluster._answer(b"no pickle", 1, (), identity())
    assert isinstance(raised.error, ClusterError)
    assert "must be defined in a module that workers can import" in str(raised.error)


# --- who works ------------------------------------------------------------------------------------------------------


def test_identity_names_what_decides_bits() -> None:
    ours = identity()
    assert {"package_version", "python", "numpy", "numba", "scipy", "math_fingerprint", "source_fingerprint"} < set(
        ours
    )
    assert set(identity(("abm",))) - set(ours) == {"abm_fingerprint"}
    assert unlike(ours, ours) == []
    assert unlike(ours | {"numpy": "9.9"}, ours) == [f"numpy: {ours['numpy']} here, 9.9 there"]
    assert unlike({}, {"numba": "1"}) == ["numba: 1 here, None there"]
    with pytest.raises(ClusterError, match=r"^no_such_package: expected the name of an installed package$"):
        identity(("no_such_package",))


def test_a_changed_module_changes_the_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "some_package"
    (package / "inner").mkdir(parents=True)
    for name in ("__init__.py", "inner/__init__.py", "inner/module.py"):
        (package / name).write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    before = cluster.modules_fingerprint("some_package")
    assert cluster.modules_fingerprint("some_package") == before
    (package / "inner" / "module.py").write_text("A = 1\n")
    assert cluster.modules_fingerprint("some_package") != before


def test_a_worker_that_differs_refuses_each_task() -> None:
    raised = cluster._answer(pickle.dumps(Square()), 2, (), identity() | {"numpy": "9.9"})
    assert isinstance(raised.error, ClusterError)
    assert "would simulate other bits: numpy: 9.9 here, " in str(raised.error)


def edited(folder: Path) -> str:
    """A folder with this project's room of runs, with one comment more."""
    shutil.copytree(Path(runs.__file__).parent, folder / "runs", ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "runs" / "parallel.py").open("a") as file:
        file.write("# edited\n")
    return str(folder)


def test_an_edited_worker_is_refused_by_name_and_field(started: Cluster, tmp_path: Path) -> None:
    started.worker(edited(tmp_path / "edited"))
    with pytest.raises(
        ClusterError, match=r"^worker tcp://127\.0\.0\.1:\d+ would .* bits: runs_fingerprint: \w+ here, "
    ):
        next(on_cluster(Square(), range(3), started.address))


def test_an_edited_worker_that_comes_late_is_refused(started: Cluster, tmp_path: Path) -> None:
    started.worker()
    other = edited(tmp_path / "edited")
    answers = on_cluster(Square(0.1), range(200), started.address)
    with pytest.raises(ClusterError, match=r"^worker .* would simulate other bits: runs_fingerprint: "):
        numbers_until(answers, 2, lambda: started.worker(other))


# --- no answer can come ---------------------------------------------------------------------------------------------


@needs_dask
@pytest.mark.slow
def test_a_task_that_kills_its_workers_is_an_error() -> None:
    with pytest.raises(ClusterError, match=rf"died again and again with 1[23] among .*memory; .*{RESUME}$"):
        list(on_cluster(Deadly(13), range(12, 14), "local:1"))


def test_a_killed_scheduler_is_an_error_to_resume_from(started: Cluster) -> None:
    started.worker()
    answers = on_cluster(Square(0.1), range(600), started.address)  # a minute's work
    begin = time.monotonic()
    with pytest.raises(ClusterError, match=rf"^cluster {started.address}: .*scheduler was lost; .*{RESUME}$"):
        numbers_until(answers, 3, started.scheduler.kill)
    assert time.monotonic() - begin < 30


@pytest.mark.nightly
def test_a_scheduler_that_answers_no_more_is_an_error(started: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    started.worker()
    impatient(monkeypatch, started)
    monkeypatch.setattr(cluster, "PARTING", 1)
    answers = on_cluster(Square(0.1), range(100), started.address)
    with pytest.raises(ClusterError, match=rf"scheduler was lost; .*{RESUME}$"):
        numbers_until(answers, 3, lambda: started.scheduler.send_signal(signal.SIGSTOP))


@pytest.mark.nightly
def test_a_scheduler_lost_while_the_caller_is_busy(started: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    started.worker()
    impatient(monkeypatch, started)

    def lose_it() -> None:
        started.scheduler.kill()
        time.sleep(2 * cluster.PATIENCE)  # dask gives up meanwhile

    answers = on_cluster(Square(), range(100), started.address)
    with pytest.raises(ClusterError, match=rf"scheduler was lost; .*{RESUME}$"):
        numbers_until(answers, 1, lose_it)


@pytest.mark.nightly
def test_without_workers_nobody_waits_forever(started: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = started.worker()
    impatient(monkeypatch, started)
    answers = on_cluster(Square(0.1), range(100), started.address)
    with pytest.raises(ClusterError, match=rf"no worker left for 5 seconds; start workers, then {RESUME}$"):
        numbers_until(answers, 3, worker.kill)


def test_a_scheduler_without_workers(started: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 3)
    with pytest.raises(ClusterError, match=rf"^cluster {started.address}: no worker to be had"):
        next(on_cluster(Square(), [1], started.address))


@needs_dask
@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("local:0", r"^cluster: expected local:N with N of 1 or more, got 'local:0'$"),
        ("local:", r"^cluster: expected local:N "),
        ("local:two", r"^cluster: expected local:N "),
        ("local:²", r"^cluster: expected local:N "),
        ("nonsense", r"^cluster: expected tcp://host:port or local:N, got 'nonsense'$"),
        ("nonsense://127.0.0.1:9", r"^cluster nonsense://127.0.0.1:9: no worker to be had: "),
        ("tcp://127.0.0.1:9", r"^cluster tcp://127.0.0.1:9: no worker to be had: "),
    ],
)
def test_no_such_cluster(monkeypatch: pytest.MonkeyPatch, address: str, complaint: str) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(ClusterError, match=complaint):
        next(on_cluster(Square(), [1], address))


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"install sector-centre\[cluster\]"):
        next(on_cluster(Square(), [1], "local:1"))


def test_commands_end_with_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    @guarded
    def command() -> None:
        raise ClusterError("cluster here: gone")

    with pytest.raises(typer.Exit) as found:
        command()
    assert found.value.exit_code == BAD_INPUT
    assert capsys.readouterr().err == "cluster here: gone\n"


# --- the caller ends ------------------------------------------------------------------------------------------------

SCRIPT = """
import signal, sys
from cluster_tasks import Square
from runs.cluster import on_cluster
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for number, (_, pid) in on_cluster(Square(float(sys.argv[1]), sys.argv[2]), range(1000), "local:2"):
            pass
    except KeyboardInterrupt:
        sys.exit(130)
"""


@needs_dask
@pytest.mark.parametrize(("how", "code", "errors"), [(signal.SIGINT, 130, ""), (signal.SIGKILL, -9, None)])
@pytest.mark.parametrize("seconds", [0.02, 60.0])
def test_local_workers_end_with_the_caller(
    tmp_path: Path, how: signal.Signals, code: int, errors: str | None, seconds: float
) -> None:
    script, marks = tmp_path / "script.py", tmp_path / "marks"
    script.write_text(SCRIPT)
    marks.mkdir()
    process = subprocess.Popen(
        [sys.executable, str(script), str(seconds), str(marks)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert within(60, lambda: len({path.name.split("-")[0] for path in marks.glob("[0-9]*")}) == 2), process.poll()
    if how == signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does: the workers are told as well
    else:
        process.kill()
    _, said = process.communicate(timeout=40)
    assert process.returncode == code
    assert errors is None or said == errors
    pids = {int(path.name.split("-")[0]) for path in marks.glob("[0-9]*")}
    assert within(20, lambda: not any(map(alive, pids)))
