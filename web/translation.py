"""Generated documents in French, made from the English ones: every number is the document's own.

What the program writes (``sector-centre check``, ``make mechanisms``) consists of sentences and cells of a fixed form;
a file of texts has the French of each. What has no French there stays English and is marked so.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from web.french import NARROW, typeset
from web.look_up_pages import FOREIGN

RAW = "raw"  # how blanks begin that are taken as they are
LONGEST = 5  # pieces between commas that may belong to one name
_BLANK = re.compile(r"\{(\w+)\}")
_FIGURES = re.compile(r"[\d\s.,%+−–()∞\u202f-]*(?:\bto\b[\d\s.,%+−–()∞\u202f-]*)?")
_CODE = re.compile(r"R²|CRPS|#|[a-z]\w*_\w+(?: - [a-z]\w+)*")
_JOINT = re.compile(r"(; |, | and )")
_RULE = re.compile(r"[-:| ]+")
_WRAPPED = re.compile(r"(?<=[^\n])\n(?=[^\n|#<\-`])")  # within a paragraph
_OPENING = re.compile(r"#+ |- ")  # of a heading, and of an item of a list
_NUMBERED = re.compile(r"(\d+ )(.+)")


class Untranslated(Exception):
    """A piece of text has no French."""


class Form(NamedTuple):
    """A sentence or a piece with blanks, and its French."""

    matches: re.Pattern[str]
    french: str


class Translation:
    """The French of one kind of document.

    Args:
        texts: TOML with ``sentences`` and ``patterns`` (pairs ``en`` and ``fr`` with the same blanks) and ``phrases``.
    """

    def __init__(self, texts: Path) -> None:
        found: dict[str, Any] = tomllib.loads(texts.read_text(encoding="utf-8"))
        self._phrases: dict[str, str] = found["phrases"]
        self._sentences = [Form(_matcher(entry["en"], True), entry["fr"]) for entry in found["sentences"]]
        self._patterns = [Form(_matcher(entry["en"], False), entry["fr"]) for entry in found["patterns"]]
        self._name = lru_cache(maxsize=4096)(self._found_name)

    def markdown(self, english: str) -> str:
        """A document in French; blocks that stay English begin with :data:`web.look_up_pages.FOREIGN`."""
        return "\n".join(self._line(line) for line in _WRAPPED.sub(" ", english).split("\n"))

    def missing(self, english: str) -> list[str]:
        """Blocks and cells of a document that have no French."""
        pieces = (piece for line in self.markdown(english).split("\n") for piece in line.split("|"))
        return [piece.strip() for piece in pieces if FOREIGN in piece]

    def _line(self, line: str) -> str:
        if line.startswith("|"):
            return line if _RULE.fullmatch(line) else self._row(line)
        if not line or line.startswith("<"):
            return line
        opening = found[0] if (found := _OPENING.match(line)) else ""
        text = self._or_foreign(line.removeprefix(opening))
        numbered = _NUMBERED.fullmatch(text.removeprefix(FOREIGN)) if text.startswith(FOREIGN) else None
        return opening + (numbered[1] + self._or_foreign(numbered[2]) if numbered else text)

    def _row(self, line: str) -> str:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        return "| " + " | ".join(self._or_foreign(cell) if cell else "" for cell in cells) + " |"

    def _or_foreign(self, text: str) -> str:
        for way in (self._piece, self._paragraph):
            try:
                return typeset(way(text))
            except Untranslated:
                continue
        return FOREIGN + text

    # sentences

    def _paragraph(self, text: str) -> str:
        """French of a paragraph."""
        return " ".join(self._each_sentence(text))

    def _each_sentence(self, text: str) -> Iterator[str]:
        while text:
            french, end = self._first_sentence(text)
            yield french
            text = text[end:].lstrip()

    def _first_sentence(self, text: str) -> tuple[str, int]:
        for form in self._sentences:
            found = form.matches.match(text)
            if found is None:
                continue
            try:
                return self._filled(form, found), found.end()
            except Untranslated:
                continue
        raise Untranslated(text)

    def _filled(self, form: Form, found: re.Match[str]) -> str:
        values = {
            name: value if name.startswith(RAW) else self._piece(value) for name, value in found.groupdict().items()
        }
        return _BLANK.sub(lambda blank: values[blank[1]], form.french)

    # pieces

    def _piece(self, text: str) -> str:
        """French of a name, of numbers, of a piece of a known form, or of a list of these.

        Raises:
            Untranslated: it is none of them.
        """
        found = self._name(text)
        if found is not None:
            return found
        for separator in ("; ", None):
            listed = self._listed(text, separator)
            if listed is not None:
                return listed
        raise Untranslated(text)

    def _found_name(self, text: str) -> str | None:
        """French of one piece that is no list, None if there is none."""
        if _FIGURES.fullmatch(text):
            return figures(text)
        phrases = self._phrases
        if text in phrases:
            return str(phrases[text])
        for other in (text[:1].upper() + text[1:], text[:1].lower() + text[1:]):
            if other in phrases:
                return _with_case_of(text, str(phrases[other]))
        if _CODE.fullmatch(text):
            return text
        for form in self._patterns:
            found = form.matches.fullmatch(text)
            if found is not None:
                try:
                    return self._filled(form, found)
                except Untranslated:
                    continue
        return None

    def _listed(self, text: str, separator: str | None) -> str | None:
        """French of a list: the longest names first, because names hold commas; None if it is no list."""
        pieces = re.split(f"({separator})", text) if separator else _JOINT.split(text)
        if len(pieces) == 1:
            return None
        found = []
        while pieces:
            for taken in range(min(2 * LONGEST - 1, len(pieces)) | 1, 0, -2):
                joined = "".join(pieces[:taken])
                french = self._name(joined) or (self._listed(joined, None) if separator else None)
                if french is not None and taken <= len(pieces):
                    break
            else:
                return None
            joint = pieces[taken] if taken < len(pieces) else ""
            found.append(french + {" and ": " et ", "; ": " ; "}.get(joint, joint))
            pieces = pieces[taken + 1 :]
        return "".join(found)


# --- words -----------------------------------------------------------------------------------------------------------


def _with_case_of(english: str, french: str) -> str:
    """A label within a sentence, or at its beginning; abbreviations and names keep their capital."""
    if french[:2].isupper() or french.startswith("État"):
        return french
    first = french[:1].upper() if english[:1].isupper() else french[:1].lower()
    return first + french[1:]


def figures(text: str) -> str:
    """Numbers as French writes them."""
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", NARROW, text)
    return re.sub(r"(?<=\d)\.(?=\d)", ",", text).replace(" to ", " à ")


def _matcher(english: str, sentence: bool) -> re.Pattern[str]:
    """A pattern of a form: a blank is as short as it can be; a sentence ends where the next begins."""
    pieces = _BLANK.split(english)
    body = "".join(f"(?P<{piece}>.+?)" if n % 2 else re.escape(piece) for n, piece in enumerate(pieces))
    return re.compile(body + (r"(?= |$)" if sentence and pieces[-1] else "$"))
