"""Text tables of events as they come: encoding, separator and header found out, rows with the line they begin on."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 20
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
EXCEL_MARK = re.compile(r"sep=([^\r\n\"])\s*", re.IGNORECASE)  # first line that Excel understands and writes
ZIP_MARK, UTF16_MARKS = b"PK\x03\x04", (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
UNDEFINED_IN_1252 = (0x81, 0x8D, 0x8F, 0x90, 0x9D)


class EventFileError(ValueError):
    """An event file that cannot be used; the message names the file, what is wrong with it and what was expected."""


@dataclass(frozen=True)
class TextTable:
    """How a file is written, and its columns.

    ``header`` holds the names as in the file; ``header_line`` is that of the header, from 1. ``whole`` says whether
    the last line ends with a line break.
    """

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    whole: bool
    remarks: tuple[str, ...]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Line on which it begins and cells of each row; blank lines are no rows.

        Raises:
            EventFileError: a row is not valid CSV, or the file ends in the middle of one.
        """
        width, line, cells = len(self.header), self.header_line, list(self.header)
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                for _ in range(self.header_line):
                    file.readline()
                reader = csv.reader(file, delimiter=self.delimiter, strict=True)
                began = 0
                for row in reader:
                    line, began = self.header_line + began + 1, reader.line_num
                    if not any(row):
                        continue
                    cells = row
                    yield line, row
        except csv.Error as error:
            line = self.header_line + began + 1
            if "unexpected end" in str(error):
                raise self.cut_off(line, "a quotation mark is never closed") from None
            raise EventFileError(
                f"{self.path}, line {line}: not a valid CSV row ({error}); expected one row per event"
            ) from None
        except OSError as error:
            raise EventFileError(f"{self.path}: cannot be read ({error.strerror})") from None
        if len(cells) < width and not self.whole:
            raise self.cut_off(line, f"{len(cells)} fields instead of {width}")

    def cut_off(self, line: int, sign: str) -> EventFileError:
        """The error for a file that ends in the middle of a row."""
        return EventFileError(
            f"{self.path}, line {line}: the file seems to be cut off in this row ({sign}); expected whole rows, "
            "fetch the file again"
        )


def _scan(path: Path) -> tuple[str, bool, str]:
    """Encoding of a whole file, whether it ends with a line break, and a remark on the encoding or ""."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, last, empty, at_fault = 1, b"\n", True, ""
    undefined = False
    with path.open("rb") as file:
        first = chunk = file.read(CHUNK)
        if first.startswith(ZIP_MARK):
            raise EventFileError(f"{path}: is a workbook or an archive; expected a CSV file")
        if first.startswith(UTF16_MARKS):
            raise EventFileError(f"{path}: is written in UTF-16; expected a CSV file saved as UTF-8")
        if b"\0" in first:
            raise EventFileError(f"{path}: is no text; expected a CSV file")
        while chunk:
            last, empty = chunk[-1:], empty and not chunk.strip(b"\xef\xbb\xbf \t\r\n")
            if not at_fault:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    line += error.object[: error.start].count(b"\n")
                    at_fault = f"byte {error.object[error.start]:#04x} in line {line} is not UTF-8"
                line += chunk.count(b"\n") if not at_fault else 0
            undefined = undefined or any(byte in chunk for byte in UNDEFINED_IN_1252)
            chunk = file.read(CHUNK)
    if empty:
        raise EventFileError(f"{path}: the file is empty; expected a header row and one row per event")
    whole = last in (b"\n", b"\r")
    if not at_fault:
        if decoder.getstate()[0]:
            raise EventFileError(
                f"{path}, line {line}: the file seems to be cut off in the middle of a character; expected whole "
                "rows, fetch the file again"
            )
        return "utf-8-sig" if first.startswith(codecs.BOM_UTF8) else "utf-8", whole, ""
    encoding = "latin-1" if undefined else "cp1252"
    called = "Latin-1" if undefined else "Windows-1252"
    return encoding, whole, f"read as {called}, because {at_fault}: names may be spelt wrongly"


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def open_table(path: Path) -> TextTable:
    """Find out how a file is written and what its columns are called.

    Raises:
        EventFileError: the file cannot be read, is empty, or is no text.
    """
    try:
        encoding, whole, remark = _scan(path)
        with path.open(encoding=encoding, newline="") as file:
            number, line = 1, file.readline()
            mark = EXCEL_MARK.fullmatch(line)
            while line and (not line.strip() or (number == 1 and mark)):
                number, line = number + 1, file.readline()
    except OSError as error:
        raise EventFileError(f"{path}: cannot be read ({error.strerror})") from None
    if not line:
        raise EventFileError(f"{path}: no header row; expected the names of the columns, then one row per event")
    known = [mark[1]] if mark else list(DELIMITERS)
    delimiter = max(known, key=lambda candidate: len(_split(line, candidate)))
    header = tuple(cell.strip() for cell in _split(line, delimiter))
    table = TextTable(path, encoding, delimiter, header, number, whole, (remark,) if remark else ())
    if not header:
        raise EventFileError(f"{path}, line {number}: not a valid header row; expected the names of the columns")
    return table


def columns_of(table: TextTable, aliases: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """Place of each field that the file has a column for; of two aliases the first counts.

    Raises:
        EventFileError: a column that would be used appears twice.
    """
    lowered = [name.casefold() for name in table.header]
    places = {}
    for field, names in aliases.items():
        name = next((name for name in names if name in lowered), None)
        if name is None:
            continue
        if lowered.count(name) > 1:
            raise EventFileError(
                f"{table.path}, line {table.header_line}: column {name!r} appears twice; expected it once"
            )
        places[field] = lowered.index(name)
    return places


def without_decimal_comma(table: TextTable, cell: str) -> str:
    """A number as Python reads it: where commas do not separate columns, they may stand for the decimal point."""
    return cell.replace(",", ".") if table.delimiter != "," else cell
