"""What the desk runs for a visitor: work in small tasks, whose results become messages to the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from runs.parallel import Tick

Message = dict[str, Any] | bytes  # JSON, or what web.packing packs
Task = Callable[[Tick], Any]

SAID = "said"  # code of a refusal whose text is the model's own


class Refused(Exception):
    """What a visitor asked for cannot be done; they are told why in their language.

    Args:
        code: key of a sentence in :mod:`web.words`, or SAID.
        values: what fills the sentence's blanks; of SAID, ``text``: what the model itself says, in English.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values


class Work(Protocol):
    """Something asked for, as tasks that threads may run.

    ``width`` is how many tasks may be under way at once; 1 where each needs the one before.
    """

    width: int

    def begin(self) -> Iterable[Message]:
        """What can be said at once, before anything is computed."""
        ...

    def tasks(self) -> Iterator[Task]:
        """Tasks, each of about a second at most; pulled one at a time, when a thread is free."""
        ...

    def take(self, result: Any) -> Iterable[Message]:
        """What the result of a task adds; results come in the order of their tasks, one at a time. Quick."""
        ...

    def end(self) -> Iterable[Message]:
        """What is left to say after the last result."""
        ...
