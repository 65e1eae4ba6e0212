"""Embedded facts: one CSV file per table, each opening with its source and licence.

A table starts with comment lines ``# source: ...``, ``# licence: ...`` and any number of ``# note: ...``, then a header
row and the rows. A source that is the word "assumption" says that the figures rest on none.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

SUFFIX = ".csv"


def table_names() -> list[str]:
    """Names of all embedded tables, sorted, without suffix."""
    names = (entry.name for entry in files(__name__).iterdir())
    return sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))


@cache
def _text(name: str) -> str:
    resource = files(__name__).joinpath(name.removesuffix(SUFFIX) + SUFFIX)
    if not resource.is_file():
        raise KeyError(f"no embedded table {name!r}; there are: {', '.join(table_names())}")
    return resource.read_text(encoding="utf-8")


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of an embedded table (``"cercles"`` or ``"cercles.csv"``) by column name; KeyError if there is none."""
    lines = [line for line in _text(name).splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def _comments(name: str, field: str) -> list[str]:
    mark = f"# {field}: "
    return [line.removeprefix(mark) for line in _text(name).splitlines() if line.startswith(mark)]


def source_of(name: str) -> str:
    """Where the figures of a table come from; begins with "assumption" where they come from nowhere."""
    return "; ".join(_comments(name, "source"))


def licence_of(name: str) -> str:
    """Under which terms the figures of a table may be used."""
    return "; ".join(_comments(name, "licence"))


def notes_of(name: str) -> list[str]:
    """Remarks a reader of the table must know."""
    return _comments(name, "note")
