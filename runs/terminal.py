"""Reports and progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as RichTable

from runs.phrases import THIN
from runs.sections import Section, Table

COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
WIDTH = 140  # of text that goes to a file or another program


def console() -> Console:
    """Standard output; wide enough for the tables where it is no terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)


def as_rich(table: Table) -> RichTable:
    """A table for the terminal, with its brief columns only."""
    shown = table.brief if table.brief is not None else tuple(range(len(table.headers)))
    rich = RichTable(title=table.caption or None, title_justify="left", title_style="bold", pad_edge=False, box=None)
    for column in shown:
        justify: Literal["left", "right"] = "left" if column in table.words else "right"
        names = all(row[column].isidentifier() for row in table.rows)  # whole, however much other columns have to say
        rich.add_column(table.headers[column], justify=justify, overflow="fold", no_wrap=names)
    for row in table.rows:
        rich.add_row(*(_plain(row[column]) for column in shown))
    return rich


def _plain(text: str) -> str:
    """Thin spaces would let a line break inside a number."""
    return text.replace(THIN, ",")


def show(parts: Sequence[Section], target: Console) -> None:
    """Print parts of a report."""
    for part in parts:
        target.print()
        target.rule(part.title, align="left", style="dim")
        for paragraph in part.paragraphs:
            target.print(_plain(paragraph), markup=False)
        for table in part.tables:
            target.print()
            target.print(as_rich(table), markup=False)


@contextmanager
def counted(what: str) -> Iterator[Callable[[int, int], None]]:
    """As :func:`progress`, for work that says how much is done of how much; in tenths where no terminal is there."""
    if sys.stderr.isatty():
        with Progress(*COLUMNS, console=Console(stderr=True), transient=True) as line:
            task = line.add_task(what, total=None)
            yield lambda done, total: line.update(task, completed=done, total=total)
        return
    said = -1

    def report(done: int, total: int) -> None:
        nonlocal said
        tenth = 10 * done // total if total else 10
        if tenth > said:
            said = tenth
            print(f"{what} {done:,} of {total:,}", file=sys.stderr, flush=True)

    yield report


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A line with done, total and time left while the block runs, where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with Progress(*COLUMNS, console=Console(stderr=True), transient=True) as line:
        task = line.add_task(what, total=total)
        yield lambda: line.advance(task)
