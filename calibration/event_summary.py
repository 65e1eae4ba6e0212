"""What became of the rows of an event file: every row read was kept or dropped for one reason, and the sums agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

LINES_SHOWN = 8
NAMES_SHOWN = 12


class Reason(StrEnum):
    """Why a row was dropped; of several reasons, the first in this order counts."""

    FIELDS = "wrong number of fields"
    COORDINATES = "latitude or longitude missing, impossible or swapped"
    OUTSIDE = "outside Mopti and Ségou"
    NOT_COUNTED = "protest, riot or strategic development"
    TYPE = "unknown type of event"
    NO_ID = "identifier missing or too long"
    DATE = "date missing or unreadable"
    PERIOD = "date outside the model's calendar"
    TIME = "date known too roughly"
    PLACE = "place known too roughly"
    DEATHS = "deaths missing or impossible"
    SECOND_ROW = "second row of an event that is listed once per actor"
    DUPLICATE = "repeats an earlier row"
    CONFLICT = "identifier of another row, other contents"
    ACTOR = "a party is not in the table of actors"


def _shown(lines: tuple[int, ...]) -> str:
    word = "line" if len(lines) == 1 else "lines"
    more = f" and {len(lines) - LINES_SHOWN:,} more" if len(lines) > LINES_SHOWN else ""
    return f"{word} {', '.join(map(str, lines[:LINES_SHOWN]))}{more}"


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _listed(title: str, counts: Mapping[str, int]) -> list[str]:
    """A title and the largest counts below it; nothing at all if there are none."""
    if not counts:
        return []
    largest = _largest(counts)
    lines = [title, *(f"  {number:7,}  {name}" for name, number in largest[:NAMES_SHOWN])]
    if len(largest) > NAMES_SHOWN:
        rest = sum(number for _, number in largest[NAMES_SHOWN:])
        lines.append(f"  {rest:7,}  under {len(largest) - NAMES_SHOWN} more names")
    return lines


@dataclass(frozen=True)
class FileSummary:
    """What was read, kept and dropped.

    Args:
        file: the file.
        layout: its layout in words.
        read: rows read, the header and blank lines not among them.
        kept: rows kept, each of them one event.
        dropped: lines of the rows dropped, by reason.
        kinds: events kept by recorded kind.
        unmapped: events dropped because of a party that the table of actors lacks, by party (with its type if known).
            An event with two such parties counts under both.
        unnamed_pairs: events of the kind "other", by the roles of their parties.
        disagreements: events kept whose file names another district than their coordinates say, by both names.
        first: earliest date of an event kept.
        last: latest date of an event kept.
        remarks: how the file was read, and what a user should know of it.

    Raises:
        ValueError: the counts do not add up.
    """

    file: str
    layout: str
    read: int
    kept: int
    dropped: Mapping[Reason, tuple[int, ...]]
    kinds: Mapping[str, int]
    unmapped: Mapping[str, int]
    unnamed_pairs: Mapping[str, int]
    disagreements: Mapping[str, int]
    first: date | None
    last: date | None
    remarks: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.read != self.kept + self.rows_dropped:
            raise ValueError(f"{self.file}: {self.read} rows read, {self.kept} kept and {self.rows_dropped} dropped")
        if self.kept != sum(self.kinds.values()):
            raise ValueError(f"{self.file}: {self.kept} events kept, {sum(self.kinds.values())} by kind")

    @property
    def rows_dropped(self) -> int:
        """Rows dropped for any reason."""
        return sum(map(len, self.dropped.values()))

    @property
    def counts(self) -> dict[Reason, int]:
        """Rows dropped by reason, in the order of :class:`Reason`."""
        return {reason: len(self.dropped[reason]) for reason in Reason if self.dropped.get(reason)}

    def reasons(self) -> str:
        """The reasons in one line."""
        return ", ".join(f"{number:,} {reason}" for reason, number in self.counts.items()) or "none dropped"

    def text(self) -> str:
        """All of it, as lines to print."""
        period = f", {self.first} to {self.last}" if self.first and self.last else ""
        lines = [
            f"{self.file}: {self.layout}",
            f"{self.read:,} rows read = {self.kept:,} events kept{period} + {self.rows_dropped:,} rows dropped",
        ]
        lines += [
            f"  {len(self.dropped[reason]):7,}  {reason}: {_shown(self.dropped[reason])}" for reason in self.counts
        ]
        lines += _listed("kept, by kind", self.kinds)
        lines += _listed("of these other, by the roles of the parties", self.unnamed_pairs)
        lines += _listed("parties not in the table of actors, with the events dropped", self.unmapped)
        lines += _listed("kept, but the file names another district", self.disagreements)
        lines += [f"note: {remark}" for remark in self.remarks]
        return "\n".join(lines)
