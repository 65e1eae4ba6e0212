"""Dates of a column read in the one way that the whole column allows, never guessed row by row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from calibration.event_text import EventFileError

TIME_OF_DAY = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[ ]?[AP]M)?)?"
YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){TIME_OF_DAY}")
DAY_MONTH_NAME = re.compile(r"(\d{1,2})[-/. ]+([A-Za-z]{3,9})\.?[-/., ]+(\d{4}|\d{2})")
MONTH_NAME_DAY = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})")
NUMBERS_ONLY = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){TIME_OF_DAY}")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
CENTURY = 2000  # assumption: years of two digits are of this century; the record begins in 2017

NAMED_ORDERS = {True: "day/month/year", False: "month/day/year"}


class Parts(NamedTuple):
    """Numbers of a date as written: its style, and year, month and day or, where unknown, the first two numbers."""

    style: str
    year: int
    first: int
    second: int


YEAR_STYLE, NAME_STYLE, NUMBER_STYLE = "year-month-day", "day and name of the month", "numbers"


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else CENTURY + int(text)


def _month(name: str) -> int:
    """Number of a month by its English name or the beginning of it, 0 if it is none."""
    lowered = name.casefold()
    return next((number for number, month in enumerate(MONTHS, 1) if month.startswith(lowered)), 0)


def parts_of(text: str) -> Parts | None:
    """Take a date apart; None if it is written in no known way. ``first`` and ``second`` are month and day, but in
    the style of numbers whatever stands there.
    """
    if match := YEAR_FIRST.fullmatch(text):
        return Parts(YEAR_STYLE, int(match[1]), int(match[3]), int(match[4]))
    if match := DAY_MONTH_NAME.fullmatch(text):
        return Parts(NAME_STYLE, _year(match[3]), _month(match[2]), int(match[1]))
    if match := MONTH_NAME_DAY.fullmatch(text):
        return Parts(NAME_STYLE, int(match[3]), _month(match[1]), int(match[2]))
    if match := NUMBERS_ONLY.fullmatch(text):
        return Parts(NUMBER_STYLE, _year(match[4]), int(match[1]), int(match[3]))
    return None


class DateColumn:
    """All dates of a file: first every cell is shown to :meth:`add`, then :meth:`settle` finds one way to read them.

    Args:
        file: name of the file, for errors.
        column: name of the column, for errors.
        day_first: how to read dates such as 05/03/2020 whatever the column says; None: as the column says.
    """

    def __init__(self, file: str, column: str, day_first: bool | None = None) -> None:
        self.file = file
        self.column = column
        self.asked = day_first
        self.day_first: bool | None = None
        self.remarks: list[str] = []
        self._first_line: dict[str, int] = {}
        self._rows: Counter[str] = Counter()

    def add(self, text: str, line: int) -> None:
        """Note a cell."""
        self._first_line.setdefault(text, line)
        self._rows[text] += 1

    def settle(self) -> None:
        """Decide between day first and month first by the column as a whole.

        Raises:
            EventFileError: the column contradicts itself, or nothing in it decides.
        """
        written = {text: parts for text in self._rows if (parts := parts_of(text))}
        numbers = {text: parts for text, parts in written.items() if parts.style == NUMBER_STYLE}
        styles = Counter(dict.fromkeys((YEAR_STYLE, NAME_STYLE), 0))
        for text, parts in written.items():
            styles[parts.style] += self._rows[text]
        if numbers:
            self.day_first = self._order(numbers)
            styles[NAMED_ORDERS[self.day_first]] = styles.pop(NUMBER_STYLE)
        used = [f"{style} ({rows} rows)" for style, rows in styles.items() if rows]
        if len(used) > 1:
            self.remarks.append(f"dates are written in more than one way: {', '.join(used)}")

    def _order(self, numbers: dict[str, Parts]) -> bool:
        day_first = self._witness(numbers, lambda parts: parts.first > 12 >= parts.second)
        month_first = self._witness(numbers, lambda parts: parts.second > 12 >= parts.first)
        if self.asked is not None:
            self.remarks.append(f"dates are read as {NAMED_ORDERS[self.asked]}, as asked")
            return self.asked
        if day_first and month_first:
            raise EventFileError(
                f"{self.file}, {self.column}: {day_first} has the day first, {month_first} the month; expected one "
                "order of day and month, or to be told whether the day comes first"
            )
        if witness := day_first or month_first:
            self.remarks.append(f"dates are {NAMED_ORDERS[bool(day_first)]}: {witness} allows nothing else")
            return bool(day_first)
        if doubtful := self._witness(numbers, lambda parts: parts.first != parts.second):
            raise EventFileError(
                f"{self.file}, {self.column}: no date of the column says whether the day or the month comes first "
                f"({doubtful} may be either); expected to be told, or dates such as 2020-03-12"
            )
        return True

    def _witness(self, numbers: dict[str, Parts], says: Callable[[Parts], bool]) -> str:
        """The first date of which something holds, with its line; "" if there is none."""
        texts = (text for text, parts in numbers.items() if says(parts))
        earliest = min(texts, key=self._first_line.__getitem__, default=None)
        return "" if earliest is None else f"{earliest} in line {self._first_line[earliest]}"

    def read(self, text: str) -> date | None:
        """The date of a cell, None if it is none."""
        parts = parts_of(text)
        if parts is None:
            return None
        month, day = parts.first, parts.second
        if parts.style == NUMBER_STYLE and self.day_first:
            month, day = day, month
        try:
            return date(parts.year, month, day)
        except ValueError:
            return None
