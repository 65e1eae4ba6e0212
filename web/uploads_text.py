"""Texts that visitors hand in: bounds on their size and shape, checked before anything else looks at them.

What a visitor sends is never trusted to be what its name says, and never decides which file of the server is opened.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from pydantic import ValidationError

from abm.scenario import explain
from web.work import SAID, Refused

KILO = 1000
MOST_NAME = 80  # characters of a file's name that are shown
MOST_DEPTH = 8  # tables and lists inside each other: a session's levers are the deepest
MOST_VALUES = 8000  # of one file: four arms with all their unit lines have some two thousand
MOST_LETTERS = 4000  # of one text in a file
MOST_LINES = 5000
# A dotted key is looked up once for each of its beginnings: what a line costs grows with the square of its dots.
MOST_DOTS_SQUARED = 1_000_000
MOST_DOTS_OF_TABLE = 100  # the name of a table is looked up again for each of its lines
MOST_WHOLE = 2**53  # whole numbers beyond are not the same to a browser
MOST_SAID, MOST_PROBLEMS = 400, 5  # characters of one problem and problems that are told
REPLACED = "\ufffd"  # what a browser puts where bytes were no UTF-8
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def shown_name(name: str, otherwise: str) -> str:
    """A visitor's name for a file, fit to be shown: no folders, no control characters, not too long."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    kept = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    return kept[:MOST_NAME] or otherwise


def shown(text: str, most: int = MOST_SAID) -> str:
    """A part of a file or of a message about it, in one line and cut to a length that a page can show."""
    line = " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in text[: 2 * most]).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def line_of(text: str, place: int) -> int:
    """Number of the line of a character, from 1."""
    return text.count("\n", 0, place) + 1


def text_of(name: str, text: str, kilobytes: int) -> str:
    """The text without a byte-order mark, once it is known to be text and not too long.

    Args:
        name: of the file, for messages.
        text: as the page sent it.
        kilobytes: the most it may have.

    Raises:
        Refused: too long, empty, or no text.
    """
    try:
        size = len(text.encode("utf-8")) if len(text) <= kilobytes * KILO else len(text)
    except UnicodeEncodeError as error:
        raise Refused("uploads_no_text", name=name, line=line_of(text, error.start)) from None
    if size > kilobytes * KILO:
        raise Refused("uploads_too_large", name=name, size=-(-size // KILO), most=kilobytes)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise Refused("uploads_empty", name=name)
    if "\0" in text:
        raise Refused("uploads_no_text", name=name, line=line_of(text, text.index("\0")))
    return text


def refuse_garbled(name: str, text: str) -> None:
    """Stop at letters that were lost because the file is not UTF-8, and at control characters.

    Raises:
        Refused: with the line.
    """
    if REPLACED in text:
        raise Refused("uploads_garbled", name=name, line=line_of(text, text.index(REPLACED)))
    if found := CONTROL.search(text):
        raise Refused("uploads_control", name=name, line=line_of(text, found.start()))


# --- TOML and JSON -------------------------------------------------------------------------------------------------


def table_of(name: str, text: str) -> dict[str, Any]:
    """The values of a TOML file, or of JSON where the text begins with a brace, as a page can have them.

    Dates become texts (2021-07-15), as the page writes them.

    Raises:
        Refused: not valid, too deep or too large, or with a number that no lever can be.
    """
    refuse_garbled(name, text)
    try:
        found = _json(text) if text.lstrip().startswith("{") else _toml(name, text)
    except RecursionError:
        raise Refused("uploads_too_deep", name=name, most=MOST_DEPTH) from None
    except ValueError as error:  # invalid TOML or JSON, and numbers with too many digits to be read
        raise Refused("uploads_invalid", name=name, text=shown(str(error))) from None
    values = _Plain(name).of(found, ())
    if not isinstance(values, dict):
        raise Refused("uploads_invalid", name=name, text="expected a table of fields and values")
    return values


def _json(text: str) -> Any:
    def refuse(constant: str) -> float:
        raise ValueError(f"{constant} is no number")

    return json.loads(text, parse_constant=refuse)


def _toml(name: str, text: str) -> dict[str, Any]:
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        raise Refused("uploads_lines", name=name, most=MOST_LINES)
    dots = [line.count(".") for line in lines]
    tables = max((n for n, line in zip(dots, lines, strict=True) if line.lstrip().startswith("[")), default=0)
    if sum(n * n for n in dots) > MOST_DOTS_SQUARED or tables > MOST_DOTS_OF_TABLE:
        raise Refused("uploads_dots", name=name)
    return tomllib.loads(text)


class _Plain:
    """Copies values out of a file, counting them: tables, lists, texts, numbers and switches, each within bounds."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.left = MOST_VALUES

    def of(self, value: Any, path: tuple[str, ...]) -> Any:
        self.left -= 1
        if self.left < 0:
            raise Refused("uploads_values", name=self.name, most=MOST_VALUES)
        if len(path) > MOST_DEPTH:
            raise Refused("uploads_too_deep", name=self.name, most=MOST_DEPTH)
        match value:
            case Mapping():
                return {self.text(key, path): self.of(item, (*path, shown(key, 40))) for key, item in value.items()}
            case list():
                return [self.of(item, (*path, str(number))) for number, item in enumerate(value)]
            case str():
                return self.text(value, path)
            case date() | datetime() | time():
                return value.isoformat()
            case bool() | None:
                return value
            case int() | float():
                if value != value or abs(value) > MOST_WHOLE:  # in this order: a long whole number is no float
                    raise Refused("uploads_number", name=self.name, field=".".join(path))
                return value
        raise TypeError(type(value).__name__)

    def text(self, value: str, path: tuple[str, ...]) -> str:
        lone = any("\ud800" <= letter <= "\udfff" for letter in value)
        if len(value) > MOST_LETTERS or CONTROL.search(value) or lone:
            raise Refused(
                "uploads_letters", name=self.name, field=".".join(path) or shown(value, 40), most=MOST_LETTERS
            )
        return value


# --- what the model says -------------------------------------------------------------------------------------------


def problems(error: ValidationError, name: str) -> Refused:
    """A refusal with the first problems of a validation error, each a line with file, field and what was expected."""
    lines = explain(error, name).splitlines()
    told = [shown(line) for line in lines[:MOST_PROBLEMS]]
    if len(lines) > MOST_PROBLEMS:
        told.append(f"… (+{len(lines) - MOST_PROBLEMS})")
    return Refused(SAID, text="\n".join(told))


def said(error: Exception, path: object, name: str) -> Refused:
    """A refusal with a message of the model about a file of ours, under the visitor's name for it."""
    return Refused(SAID, text=shown(str(error).replace(str(path), name)))


def leaves(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values of what is not itself a table."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value
