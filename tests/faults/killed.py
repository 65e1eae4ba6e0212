"""A program that writes results and is killed while it does: at each moment, in a child of its own.

The runs are made once, then the process forks for each moment: what is killed is real, and the next one is as fresh.
Moments are counted from what Python does to files and folders; a Parquet file, which Arrow writes, is also cut in half.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
from faults.contract import CHANGING
from pyarrow import parquet

from abm import Scenario, simulate
from abm.compiled import math_fingerprint
from runs import report
from runs.compare import compare
from runs.design import load_design
from runs.provenance import git_state
from runs.report import draw_figures, sections, svg_of, write_comparison
from runs.store import write_run

SMALL: dict[str, Any] = {"world": {"cercles": ("Mopti", "Bankass")}, "months": 2}
RESULT, COUNT = "result", "count.txt"
Write = Callable[[Path], object]


class Clock:
    """Counts what is done to files, and kills its process at one moment."""

    def __init__(self, last: int) -> None:
        self.now, self.last = 0, last

    def tick(self) -> None:
        self.now += 1
        if self.now == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        opens = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in CHANGING or opens:
            self.tick()

    def halves(self, write_table: Callable[..., None]) -> Callable[..., None]:
        """Parquet files of which a half is there for a moment."""

        def write(table: Any, path: Path, **options: Any) -> None:
            write_table(table, path, **options)
            whole = Path(path).read_bytes()
            Path(path).write_bytes(whole[: len(whole) // 2])
            self.tick()
            Path(path).write_bytes(whole)

        return write


def in_a_child(last: int, write: Write, folder: Path) -> bool:
    """Whether a child came to its end before its moment, 0 for none; then it leaves the number of moments."""
    folder.mkdir(parents=True, exist_ok=True)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            clock = Clock(last)
            parquet.write_table = clock.halves(parquet.write_table)
            sys.addaudithook(clock.hear)
            write(folder / RESULT)
            moments = clock.now
            clock.last = -1
            (folder / COUNT).write_text(str(moments))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return False
    if status:
        raise RuntimeError(f"child {last} failed: {status}")
    return True


def chosen(moments: int, most: int) -> list[int]:
    """All moments, or some that are spread evenly and the last ones, when names change."""
    if moments <= most:
        return list(range(1, moments + 1))
    spread = {1 + k * moments // most for k in range(most)}
    return sorted(spread | set(range(moments - 4, moments + 1)))


def a_run() -> tuple[Write, Write]:
    """What writes a run, and what writes another in its place."""
    records = simulate(Scenario.load("baseline-2021").changed(**SMALL), seed=3)
    other = replace(records, seed=4)
    return lambda path: write_run(records, path), lambda path: write_run(other, path, overwrite=True)


def a_comparison() -> tuple[Write, Write]:
    """The same for a comparison; what is shown in it is drawn once."""
    mpl.use("Agg")
    design = replace(load_design(["no-un"], draws=2, seeds=2, levers=SMALL), months=(1, 2))
    comparison = compare(design, workers=1)
    parts, figures = sections(comparison, None), draw_figures(comparison, None, "0")
    drawn = {id(figure): svg_of(figure) for figure in figures.values()}
    report.sections = lambda *_: parts
    report.draw_figures = lambda *_: figures
    report.svg_of = lambda figure: drawn[id(figure)]
    return (
        lambda path: write_comparison(comparison, None, path),
        lambda path: write_comparison(comparison, None, path, overwrite=True),
    )


def main(what: str, where: str, most: int) -> None:
    """In folders 001, 002, … of ``new`` and ``again``: what is left of a result after each moment; 000 is whole."""
    git_state(), math_fingerprint()  # kept by the process: children need not ask again
    first, again = {"run": a_run, "compare": a_comparison}[what]()
    for name, write in (("new", first), ("again", again)):
        folder = Path(where) / name

        def start(number: int, name: str = name, folder: Path = folder) -> Path:
            place = folder / f"{number:03d}"
            if name == "again" and not in_a_child(0, first, place):
                raise RuntimeError("the first result was not written")
            return place

        in_a_child(0, write, start(0))
        for moment in chosen(int((folder / "000" / COUNT).read_text()), most):
            if in_a_child(moment, write, start(moment)):
                raise RuntimeError(f"nothing happened at moment {moment}")
