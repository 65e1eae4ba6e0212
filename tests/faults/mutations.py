"""Ways in which files go wrong: of trees (TOML), of tables (CSV), of their text and of their bytes.

Each takes its chances from the generator it is given, so that a case is the same whenever it is made. What a tree or a
table goes through leaves most of it as it was: a file that is wrong in one place gets further than noise does.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

import numpy as np
import tomli_w

Random = np.random.Generator
Tree = dict[str, Any]
Rows = list[list[str]]


@dataclass(frozen=True)
class Raw:
    """TOML as it is to be written, for values that no writer of TOML would write."""

    text: str


def one_of(rng: Random, choices: Sequence[Any]) -> Any:
    return choices[int(rng.integers(len(choices)))]


def times(rng: Random) -> int:
    """How often something is done: mostly once, seldom more than five times."""
    return int(rng.geometric(0.6))


# --- values ---------------------------------------------------------------------------------------------------------

NUMBERS: tuple[Any, ...] = (
    -1, 0, 1, 2, 3, 7, 0.5, 0.3, -0.0, -1e-300, 1e-300, 1e308, -1e308, float("nan"), float("inf"), float("-inf"),
    2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**64, 10**30, Raw("1" * 400), Raw("9" * 5000),
    Raw("0x" + "f" * 5000), Raw("1e99999"), Raw("1_000"), Raw("01"), Raw("1e"), Raw("--1"), Raw("0b102"),
)  # fmt: skip
DATES: tuple[Any, ...] = (
    date(1, 1, 1), date(9999, 12, 31), date(2016, 12, 31), date(2020, 2, 29), date(2033, 1, 1), date(2021, 7, 14),
    datetime(2021, 7, 15, 12, 30), time(12, 0), Raw("2021-02-30"), Raw("2021-13-01"), Raw("15-07-2021"),
    Raw("2021-07-15T25:00:00"), Raw("2021-7-15"), "2021-07-15", "15/07/2021", "never", "yesterday",
)  # fmt: skip
WORDS = (
    "", " ", "x", "self", "never", "true", "Sévaré", "Se\u0301vare\u0301", "Koro", "extra-tobs", "no-un", "x.toml",
    "case.toml", "./case.toml", "missing.csv", "..", "/", "a\0b", "a\0.toml", "\x1b[2J\x1b[31m", "\u202egnp.exe",
    "\u2028", "\ufeff", "{0}{name}%s%n", "'; DROP TABLE runs; --", "=1+1", "<script>", "nan", "-inf", "1e400", "1,5",
    "٣", "１２", "\U0001f54a", "null", "None", "[]", "#", '"', "\\", "\r\n", "x\ny", "\t",
)  # fmt: skip
LONG = (300, 5_000, 140_000)  # characters; the last is more than a cell of CSV may have
DEEP = (5, 40, 500, 3_000)  # beyond what Python may call


def long_text(rng: Random) -> str:
    size = one_of(rng, LONG)
    return str(one_of(rng, ("x", "é", "ab ", "9", "a.", "x-")) * size)[:size]


def deep(rng: Random) -> Raw:
    """Lists or tables inside each other."""
    levels = one_of(rng, DEEP)
    return Raw(one_of(rng, ("[" * levels + "]" * levels, "{a=" * levels + "1" + "}" * levels, "[" * levels)))


def odd(rng: Random) -> Any:
    """A value of any type."""
    makers: tuple[Callable[[], Any], ...] = (
        lambda: one_of(rng, NUMBERS), lambda: one_of(rng, DATES), lambda: one_of(rng, WORDS),
        lambda: one_of(rng, WORDS), lambda: bool(rng.integers(2)), lambda: [], lambda: {},
        lambda: [one_of(rng, WORDS), one_of(rng, NUMBERS)],
        lambda: {one_of(rng, WORDS): one_of(rng, NUMBERS)}, lambda: [{}], lambda: [[]], lambda: long_text(rng),
        lambda: deep(rng), lambda: [one_of(rng, NUMBERS)] * one_of(rng, (2, 50, 3_000)),
    )  # fmt: skip
    return one_of(rng, makers)()


# --- trees ----------------------------------------------------------------------------------------------------------

Place = tuple[Any, Any]  # a table or list, and the key or number of something in it


def places(tree: Any) -> list[Place]:
    """All that is in a tree, by where it is."""
    found: list[Place] = []
    members = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in members:
        found.append((tree, key))
        found += places(value)
    return found


def misspelt(rng: Random, name: str) -> str:
    """A name that is almost right, or not at all."""
    at = int(rng.integers(len(name) + 1))
    near = (name[:at] + name[at + 1 :], name[:at] + name[at : at + 1] + name[at:], name.upper(), name.replace("_", "-"),
            f"{name}s", f" {name}", f"{name}.{name}")  # fmt: skip
    return str(one_of(rng, (*near, one_of(rng, WORDS), long_text(rng) if rng.random() < 0.2 else name[::-1])))


def drop(rng: Random, tree: Tree) -> None:
    container, key = one_of(rng, places(tree))
    del container[key]


def double(rng: Random, tree: Tree) -> None:
    """Something is there again, under another name or as another item."""
    container, key = one_of(rng, places(tree))
    again = fresh(container[key])
    if isinstance(container, list):
        container.insert(key, again)
    else:
        container[misspelt(rng, key)] = again


def rename(rng: Random, tree: Tree) -> None:
    named = [(container, key) for container, key in places(tree) if isinstance(container, dict)]
    container, key = one_of(rng, named)
    container[misspelt(rng, key)] = container.pop(key)


def retype(rng: Random, tree: Tree) -> None:
    container, key = one_of(rng, places(tree))
    container[key] = odd(rng)


def renumber(rng: Random, tree: Tree) -> None:
    """A number becomes another; anything, where there is none."""
    found = [(c, k) for c, k in places(tree) if isinstance(c[k], int | float)]
    container, key = one_of(rng, found or places(tree))
    container[key] = one_of(rng, NUMBERS)


def nudge(rng: Random, tree: Tree) -> None:
    """A number becomes a little more or less: mostly still a good one."""
    found = [(c, k) for c, k in places(tree) if isinstance(c[k], int | float) and not isinstance(c[k], bool)]
    container, key = one_of(rng, found or places(tree))
    old = container[key]
    container[key] = old + int(rng.integers(-1, 2)) if isinstance(old, int) else odd(rng)
    if isinstance(old, float):
        container[key] = float(old * rng.uniform(0.8, 1.2))


def redate(rng: Random, tree: Tree) -> None:
    found = [(c, k) for c, k in places(tree) if isinstance(c[k], date)]
    container, key = one_of(rng, found or places(tree))
    container[key] = one_of(rng, DATES)


def reword(rng: Random, tree: Tree) -> None:
    found = [(c, k) for c, k in places(tree) if isinstance(c[k], str)]
    container, key = one_of(rng, found or places(tree))
    container[key] = long_text(rng) if rng.random() < 0.1 else one_of(rng, WORDS)


def move(rng: Random, tree: Tree) -> None:
    """A part is found inside another table."""
    container, key = one_of(rng, places(tree))
    value = container.pop(key)
    inside = [c[k] for c, k in places(tree) if isinstance(c[k], dict)]
    one_of(rng, [*inside, tree])[str(key)] = value


def crowd(rng: Random, tree: Tree) -> None:
    """Thousands of keys that nobody asked for."""
    inside = [tree, *(c[k] for c, k in places(tree) if isinstance(c[k], dict))]
    one_of(rng, inside).update({f"k{n}": n for n in range(one_of(rng, (10, 300, 3_000)))})


OF_TREES: tuple[Callable[[Random, Tree], None], ...] = (
    drop, drop, double, rename, rename, retype, retype, renumber, renumber, nudge, nudge, nudge, redate, reword, reword,
    move, crowd,
)  # fmt: skip


def toml_of(tree: Tree) -> str:
    """TOML in which raw values stand as they are."""
    raw: list[str] = []

    def marked(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: marked(item) for key, item in value.items()}
        if isinstance(value, list):
            return [marked(item) for item in value]
        if isinstance(value, Raw):
            raw.append(value.text)
            return f"raw value {len(raw) - 1} here"
        return value

    text = tomli_w.dumps(marked(tree))
    return re.sub(r'"raw value (\d+) here"', lambda found: raw[int(found[1])], text)


def fresh(tree: Any) -> Any:
    """A copy in which nothing is there twice: a part that is moved into itself would have no end."""
    if isinstance(tree, dict):
        return {key: fresh(value) for key, value in tree.items()}
    return [fresh(value) for value in tree] if isinstance(tree, list) else tree


def bent_tree(rng: Random, tree: Tree) -> str:
    """A tree that something has happened to, as TOML."""
    bent = fresh(tree)
    for _ in range(times(rng)):
        if places(bent):
            one_of(rng, OF_TREES)(rng, bent)
    return toml_of(bent)


# --- tables ---------------------------------------------------------------------------------------------------------

CELLS = (
    "-1", "0", "1", "3.0", "1e3", "1e400", "-1e400", "nan", "inf", "NaN", "-inf", "14,35", "14.35", "-4.1", "0x10",
    "1_0", "9" * 400, "2020-03-12", "12/03/2020", "03/25/2020", "31/31/2020", "12 March 2020", "30 February 2020",
    "0000-00-00", "9999-12-31", "2", "7", "999", "Mali", "Mopti", "fulani", "peul", "Attack", "Battles", "Riots",
    "NULL", "n/a",
)  # fmt: skip


def cell(rng: Random) -> str:
    if rng.random() < 0.08:
        return long_text(rng)
    return str(one_of(rng, CELLS if rng.random() < 0.6 else WORDS))


def _column(rng: Random, rows: Rows) -> int:
    return int(rng.integers(max(len(rows[0]), 1)))


def _row(rng: Random, rows: Rows) -> list[str]:
    return rows[int(rng.integers(len(rows)))]


def drop_column(rng: Random, rows: Rows) -> None:
    column = _column(rng, rows)
    for row in rows if rng.random() < 0.8 else rows[:1]:
        del row[column : column + 1]


def double_column(rng: Random, rows: Rows) -> None:
    column = _column(rng, rows)
    for row in rows:
        row += row[column : column + 1]


def rename_column(rng: Random, rows: Rows) -> None:
    column = _column(rng, rows)
    rows[0][column : column + 1] = [misspelt(rng, name) for name in rows[0][column : column + 1]]


def swap_columns(rng: Random, rows: Rows) -> None:
    """Two names change places and what stands below them does not."""
    one, other = _column(rng, rows), _column(rng, rows)
    if rows[0]:
        rows[0][one], rows[0][other] = rows[0][other], rows[0][one]


def more_columns(rng: Random, rows: Rows) -> None:
    number = one_of(rng, (1, 100, 4_000))
    same = bool(rng.random() < 0.2)
    rows[0] += ["name" if same else f"c{n}" for n in range(number)]
    for row in rows[1:]:
        row += [""] * number


def change_cell(rng: Random, rows: Rows) -> None:
    row = _row(rng, rows)
    if row:
        row[int(rng.integers(len(row)))] = cell(rng)


def change_column(rng: Random, rows: Rows) -> None:
    """One value in all rows."""
    column, value = _column(rng, rows), cell(rng)
    for row in rows[1:]:
        row[column : column + 1] = [value]


def drop_row(rng: Random, rows: Rows) -> None:
    if len(rows) > 1:
        del rows[int(rng.integers(len(rows)))]


def double_row(rng: Random, rows: Rows) -> None:
    rows.insert(int(rng.integers(len(rows) + 1)), list(_row(rng, rows)))


def shorten_row(rng: Random, rows: Rows) -> None:
    row = _row(rng, rows)
    del row[int(rng.integers(len(row) + 1)) :]


def lengthen_row(rng: Random, rows: Rows) -> None:
    _row(rng, rows).extend([cell(rng)] * times(rng))


def shuffle_rows(rng: Random, rows: Rows) -> None:
    body = [rows[1 + int(k)] for k in rng.permutation(len(rows) - 1)]
    rows[1:] = body


OF_TABLES: tuple[Callable[[Random, Rows], None], ...] = (
    drop_column, double_column, rename_column, swap_columns, more_columns, change_cell, change_cell, change_cell,
    change_cell, change_column, drop_row, double_row, shorten_row, lengthen_row, shuffle_rows,
)  # fmt: skip


def csv_of(rng: Random, rows: Rows) -> str:
    buffer = io.StringIO()
    plain = rng.random() < 0.8
    separator = "," if plain else one_of(rng, (",", ";", "\t", "|"))
    quoting: Literal[0, 1] = csv.QUOTE_MINIMAL if plain else csv.QUOTE_ALL
    csv.writer(buffer, delimiter=separator, quoting=quoting, lineterminator=one_of(rng, ("\n", "\r\n"))).writerows(rows)
    return buffer.getvalue()


def bent_table(rng: Random, rows: Rows) -> str:
    """A table that something has happened to, as CSV."""
    bent = [list(row) for row in rows]
    for _ in range(times(rng)):
        if bent:
            one_of(rng, OF_TABLES)(rng, bent)
    return csv_of(rng, bent)
