"""What every reader owes to whoever hands it a file: it is read, or refused in one clear message, soon, and no more."""

from __future__ import annotations

import contextlib
import io
import math
import os
import re
import signal
import sys
import traceback
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import typer
from faults.kinds import Kind
from pydantic import BaseModel

from calibration.cli import guarded
from web.words import words
from web.work import SAID, Refused

MOST_SECONDS = 2.0  # of processor time
MOST_LINES, MOST_LETTERS = 60, 1500  # of a message, and of one of its lines
# What a refusal says of what would have been right, or of what is wrong.
EXPECTED = re.compile(
    r"expected|input should|should (have|match)|field required|unknown (field|scenario)|not valid|cannot be read"
    r"|no such|must|lies? (outside|before)|can be used|at most|already|needs?|needed|give |deep|exceeded"
    r"|for the designs|not used|used by|both fixed"
    r"|save .* as utf-8|is empty|too large|too many|too deep|this program reads|is no lever"
    r"|cannot name a file|it has |names of arms|belong to|lies in|more than",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Outcome:
    """What became of a file: what it was refused with, "" if it was read; and what is wrong with how that was done."""

    said: str
    faults: tuple[str, ...]

    @property
    def read(self) -> bool:
        return not self.said and not self.faults

    @property
    def sort(self) -> str:
        """The message without what is this file's own: its place, names and values."""
        first = re.sub(r"\S*/(?=case\.)", "", self.said.splitlines()[0])
        return re.sub(r"'[^']*'|\"[^\"]*\"|\d+|\(found.*|found .*", "…", first)[:120]


class TookTooLongError(BaseException):
    """Nobody catches it by chance."""


# --- watching -------------------------------------------------------------------------------------------------------

_changes: list[list[str]] = []
CHANGING = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"}
CHANGING |= {"subprocess.Popen", "socket.connect", "os.system", "shutil.rmtree"}


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if not _changes:
        return
    if event in CHANGING:
        _changes[-1].append(f"{event}: {arguments[:2]!r}"[:200])
    elif event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        _changes[-1].append(f"opened to be written: {arguments[0]!r}"[:200])


sys.addaudithook(_hear)  # for good: Python lets no hook go, so it listens only while somebody watches


@contextmanager
def changes() -> Iterator[list[str]]:
    """What Python changes outside itself: files, folders, other programs."""
    _changes.append([])
    try:
        yield _changes[-1]
    finally:
        _changes.pop()


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Stop what takes more processor time, and what waits for something else much longer than that."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TookTooLongError

    clocks = ((signal.SIGPROF, signal.ITIMER_PROF, seconds), (signal.SIGALRM, signal.ITIMER_REAL, 60 * seconds))
    before = [signal.signal(number, stop) for number, _, _ in clocks]
    for _, clock, limit in clocks:
        signal.setitimer(clock, limit)
    try:
        yield
    finally:
        for (number, clock, _), handler in zip(clocks, before, strict=True):
            signal.setitimer(clock, 0.0)
            signal.signal(number, handler)


# --- a case ---------------------------------------------------------------------------------------------------------


def said(refusal: Refused, name: str) -> str:
    """What the page tells a visitor, in English; what it says of any gazetteer it says beside the name of the file."""
    if refusal.code == SAID:
        return str(refusal.values["text"])
    sentence = words()[refusal.code][0].format(**refusal.values)
    return f"{name}: {sentence}" if refusal.code == "refused_gazetteer_path" else sentence


def unsound(found: object) -> str:
    """What no file may bring into the model, "" if there is no such thing: numbers that are none, or have no end."""
    waiting = [found.model_dump() if isinstance(found, BaseModel) else found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
        elif is_dataclass(value) and not isinstance(value, type):
            waiting += vars(value).values()
        elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
            waiting += value.ravel().tolist()
        elif isinstance(value, float) and not math.isfinite(value):
            return f"read, and holds {value}"
    return ""


def _try(kind: Kind, path: Path) -> tuple[str, str]:
    """Message and fault of one reading."""
    heard = io.StringIO()
    try:
        with contextlib.redirect_stderr(heard), in_time(MOST_SECONDS):
            found = guarded(kind.reader)(path)
    except Refused as refusal:
        return said(refusal, path.name), ""
    except typer.Exit as leaving:
        return heard.getvalue().rstrip("\n"), "" if leaving.exit_code == 2 else f"exit code {leaving.exit_code}"
    except TookTooLongError:
        return "", f"took more than {MOST_SECONDS:g} s"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return "", f"traceback: {type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {error}"[:300]
    return "", f"read, and said {heard.getvalue()[:300]!r}" if heard.getvalue() else unsound(found)


def _faults_of(message: str, path: Path) -> Iterator[str]:
    lines = message.splitlines()
    if path.name not in lines[0]:
        yield f"does not name the file: {message[:200]!r}"
    if len(lines) > MOST_LINES or max(map(len, lines)) > MOST_LETTERS:
        yield f"{len(lines)} lines, the longest of {max(map(len, lines))} letters: {message[:150]!r}"
    if not EXPECTED.search(message):
        yield f"does not say what was expected: {message[:200]!r}"
    if unclean := {c for c in message.replace("\n", "") if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}:
        yield f"has {sorted(unclean)[:5]!r}, which a terminal acts upon: {message[:150]!r}"


def attempt(kind: Kind, number: int, folder: Path) -> Outcome:
    """Write the file of a number into a folder, hand it to its reader, and see what comes of it."""
    path = folder / f"case.{kind.suffix}"
    path.write_bytes(kind.case(number))
    before = sorted(os.listdir(folder))
    with changes() as changed:
        message, fault = _try(kind, path)
    faults = [fault] if fault else []
    if message.strip():
        faults += _faults_of(message, path)
    elif message:
        faults.append(f"refused without a word: {message!r}")
    faults += changed
    if sorted(os.listdir(folder)) != before:
        faults.append("left something in the folder")
    return Outcome(message, tuple(faults))
