"""Parts of a report as text and tables: the terminal and the page show the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Rows of text under headers.

    `words` are columns of words, the rest numbers; `brief` columns fit a terminal; a page shows `folded` tables, long
    ones that few need, when they are asked for.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[int, ...] = (0,)
    brief: tuple[int, ...] | None = None
    caption: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Section:
    """One part of a report; `figure` names a picture that belongs to it."""

    key: str
    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    figure: str = ""
