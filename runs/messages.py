"""Messages about other people's files, fit for a terminal: what stands in a file cannot act upon it, or fill it."""

from __future__ import annotations

import unicodedata

# A message names what is wrong in some lines; the rest of a file that is wrong throughout says no more.
MOST_LINES, MOST_LETTERS, TAIL = 40, 1200, 300
# Control characters, invisible ones (those that turn the direction of text among them), halves of pairs, line ends.
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def readable(message: str) -> str:
    """The message with unseen characters written out, long lines cut in the middle, and no more than some lines."""
    lines = message.split("\n")
    shown = [_cut("".join(map(_visible, line))) for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        shown.append(f"… and {len(lines) - MOST_LINES:,} lines more")
    return "\n".join(shown)


def _visible(letter: str) -> str:
    unseen = unicodedata.category(letter) in UNSEEN
    return letter.encode("unicode_escape").decode("ascii") if unseen else letter


def _cut(line: str) -> str:
    if len(line) <= MOST_LETTERS:
        return line
    return f"{line[: MOST_LETTERS - TAIL]} … {line[-TAIL:]}"


def reason(error: OSError) -> str:
    """File and reason of an error of the system."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"
