"""Functions for workers of a cluster: slow, large, deadly or wrong ones; importable by worker processes."""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Square:
    """The square of a number and who computed it; a folder, if one is given, says which tasks were begun by whom."""

    seconds: float = 0.0
    folder: str = ""
    ballast: bytes = b""

    def __call__(self, number: int) -> tuple[int, int]:
        if self.folder:
            (Path(self.folder) / f"{os.getpid()}-{number}").touch()
        time.sleep(self.seconds)
        return number * number, os.getpid()

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self.folder:
            (Path(self.folder) / f"loaded-{os.getpid()}-{uuid.uuid4().hex}").touch()


@dataclass(frozen=True)
class Deadly:
    """Kills its process at one number."""

    number: int

    def __call__(self, number: int) -> int:
        if number == self.number:
            os.kill(os.getpid(), signal.SIGKILL)
        return number


class Stubborn(Exception):
    """Arrives at no other process: a lock belongs to one."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.lock = threading.Lock()


@dataclass(frozen=True)
class Wrong:
    """Raises an error."""

    how: str

    def __call__(self, number: int) -> int:
        if self.how == "arithmetic":
            raise ArithmeticError(f"no such luck with {number}")
        if self.how == "file":
            raise FileNotFoundError(2, "No such file", "map.csv")
        raise Stubborn("locked")
