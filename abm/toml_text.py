"""TOML that people write: read strictly, and refused in words that say what is wrong.

Whole numbers have 64 bits at most, as TOML 1.0.0 promises: longer ones fit no field, and Python itself refuses to print
the longest. Tables and lists are nested no deeper than any field needs, as whatever looks at them calls itself.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

MOST_DEPTH = 32  # an experiment's fields have 8
MOST_WHOLE = 2**63 - 1
# The cost of a dotted name grows with the square of its parts: it would be hours before it is refused for its depth.
MOST_DOTS = 1000
DOT = re.compile(r"\.(?!\d)")  # of names, not of numbers, of which a line may have many
TOO_DEEP = f"nested too deeply; expected at most {MOST_DEPTH} tables and lists inside each other"
TOO_LONG = f"a whole number is too long; expected at most {MOST_WHOLE}"


class TomlError(ValueError):
    """A text that is no TOML, or a file that cannot be read; the message does not name the file."""


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, without a byte-order mark.

    Raises:
        TomlError: it cannot be read, or is in another encoding; the message says in which line.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise TomlError(
            f"cannot be read: byte {error.object[error.start]:#04x} in line {line} is not UTF-8; "
            "expected a TOML file saved as UTF-8"
        ) from None
    except (OSError, ValueError) as error:  # a name with a zero byte in it is no OSError
        raise TomlError(f"cannot be read: {error}") from None


def parse(text: str) -> dict[str, Any]:
    """The values of a text.

    Raises:
        TomlError: it is not valid, nested too deeply, or has a whole number of more than 64 bits.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MOST_DOTS and len(DOT.findall(line)) > MOST_DOTS:
            raise TomlError(f"line {number} has too many dots; expected names of a few parts")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TomlError(f"not valid TOML: {error}") from None
    except RecursionError:
        raise TomlError(TOO_DEEP) from None
    except ValueError:  # more digits than Python takes for a number
        raise TomlError(TOO_LONG) from None
    _refuse_what_no_field_holds(values)
    return values


def read_toml(path: Path) -> dict[str, Any]:
    """The values of a file; errors as of :func:`read_text` and :func:`parse`."""
    return parse(read_text(path))


def _refuse_what_no_field_holds(values: dict[str, Any]) -> None:
    """Without calling itself: what it looks for is what could not be looked at so."""
    waiting: list[tuple[Any, int]] = [(values, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise TomlError(TOO_DEEP)
        if isinstance(value, dict | list):
            members = value.values() if isinstance(value, dict) else value
            waiting += [(member, depth + 1) for member in members]
        elif isinstance(value, int) and not -MOST_WHOLE <= value <= MOST_WHOLE:
            raise TomlError(TOO_LONG)
