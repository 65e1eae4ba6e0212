"""One visitor's files on the server: in a folder of their own, under names of ours, gone when the visitor is."""

from __future__ import annotations

import secrets
from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Timer

import abm.geometry
import abm.travel
import abm.world
from web.work import Refused

PREFIX = "sector-centre-visitor-"
MOST_FILES, MOST_BYTES = 4, 32_000_000
LATE = 180.0  # seconds: a task that was under way when its visitor left has ended, as the desk bounds its time


class Uploads:
    """Files that one visitor handed in.

    A folder is made when the first file comes, readable by the server's user only. Each file gets a new name, so that
    what is kept by a file's path never stands for another file. Of more than MOST_FILES or MOST_BYTES, the oldest go:
    runs under way may still use the one before the newest.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._folder: TemporaryDirectory[str] | None = None
        self._files: deque[tuple[Path, int]] = deque()
        self._gazetteer: Path | None = None
        self._closed = False

    @property
    def gazetteer(self) -> Path | None:
        """The newest gazetteer that could be used, None if there is none."""
        return self._gazetteer

    def keep(self, text: str) -> Path:
        """Write a text into a new file.

        Raises:
            Refused: the visitor has left, or the server has no room.
        """
        data = text.encode("utf-8")
        with self._lock:
            if self._closed:
                raise Refused("uploads_closed")
            try:
                if self._folder is None:
                    self._folder = TemporaryDirectory(prefix=PREFIX)
                path = Path(self._folder.name) / f"{secrets.token_hex(16)}.csv"
                self._make_room(len(data))
                self._files.append((path, len(data)))
                path.write_bytes(data)
            except OSError as error:
                raise Refused("uploads_no_room", text=error.strerror or "") from None
        return path

    def use(self, path: Path) -> None:
        """Let a kept file be the visitor's gazetteer from now on."""
        with self._lock:
            if not self._closed:
                self._gazetteer = path

    def drop(self, path: Path) -> None:
        """Remove a file that is of no use."""
        with self._lock:
            self._files = deque(file for file in self._files if file[0] != path)
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """The visitor leaves: nothing of their files stays, neither on the disk nor in memory. Again: no matter."""
        with self._lock:
            self._closed, self._gazetteer = True, None
            self._files.clear()
            folder, self._folder = self._folder, None
        if folder is None:
            return
        folder.cleanup()
        forget_worlds()
        # A world that was being built just now is kept once it is built; so look again.
        again = Timer(LATE, forget_worlds)
        again.daemon = True
        again.start()

    def _make_room(self, size: int) -> None:
        gone = False
        while self._files and (
            len(self._files) >= MOST_FILES or sum(kept for _, kept in self._files) + size > MOST_BYTES
        ):
            self._files.popleft()[0].unlink(missing_ok=True)
            gone = True
        if gone:
            forget_worlds()


def forget_worlds() -> None:
    """Let go of all worlds that are kept for the next run: they are built again, in some tenths of a second each.

    They are kept by the path of a gazetteer, among other things, and hold its places and names.
    """
    for module in (abm.geometry, abm.world, abm.travel):
        for thing in list(vars(module).values()):
            if clear := getattr(thing, "cache_clear", None):
                clear()
