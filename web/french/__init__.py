"""What the catalogue says in French, and plain titles in both languages; each tied to the English it was written for.

Three kinds of files: texts by name (``parameters.toml`` and others), where ``of`` is the stamp of the English they
translate; pairs, whose key is the English itself (``sources.toml``, ``units.toml``); and labels in both languages,
which have no other English. A test compares all of them with what the model declares.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

Both = dict[str, str]  # a text in English ("en") and in French ("fr")

NARROW, FIXED = "\u202f", "\u00a0"  # spaces that never end a line
# French puts a narrow space before high punctuation and inside quotation marks, a full one before a colon.
_BEFORE_HIGH, _BEFORE_COLON = re.compile(r" (?=[;?!%»])"), re.compile(r" (?=:)")
_AFTER_QUOTE = re.compile(r"(?<=«) ")
_THOUSANDS = re.compile(r"(?:(?<=\b\d)|(?<=\b\d\d)|(?<=\b\d\d\d)) (?=\d{3}(?!\d))")  # no year before a number
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:km|h|m|jours?|mois|ans?|morts?|heures?|minutes|millions?|dollars)\b)")


def stamp(english: str) -> str:
    """Eight hexadecimal digits of an English text, kept beside its French: when they differ, the English changed."""
    return hashlib.sha256(english.encode()).hexdigest()[:8]


def typeset(french: str) -> str:
    """French with the spaces that its typography wants, where they were typed as plain ones."""
    text = _BEFORE_HIGH.sub(NARROW, french)
    text = _BEFORE_COLON.sub(FIXED, text)
    text = _AFTER_QUOTE.sub(NARROW, text)
    text = _THOUSANDS.sub(NARROW, text)
    return _BEFORE_UNIT.sub(FIXED, text)


def both(english: str, french: str) -> Both:
    """A text in both languages."""
    return {"en": english, "fr": typeset(french)}


@cache
def texts(name: str) -> Mapping[str, Any]:
    """A file of texts, by its name without ending."""
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def label(file: str, *keys: str, what: str = "label") -> Both:
    """A text that is written in both languages, as ``label = ["English", "French"]``."""
    found: Any = texts(file)
    for key in keys:
        found = found[key]
    english, french = found[what]
    return both(english, french)


def translated(english: str, file: str, *keys: str, what: str) -> Both:
    """An English text of the model with the French that a file has for it."""
    found: Any = texts(file)
    for key in keys:
        found = found[key]
    return both(english, found[what])


def paired(english: str, file: str) -> Both:
    """An English text of the model with the French that a file has under the English itself."""
    return both(english, texts(file)["french"][english])
