"""What tests of the browser's comparisons share: choices in a small world, and work done with and without a desk."""

from __future__ import annotations

from threading import Event
from typing import Any

from web.choice import Choice
from web.desk import DONE, Desk, Outlet, all_messages
from web.work import Message, Work

SMALL: dict[str, Any] = {"world": {"cercles": ["Mopti", "Bankass", "Koro"]}}
PATIENCE = 120.0  # seconds


def arm(scenario: str = "baseline-2021", levers: dict[str, Any] | None = None, name: str = "") -> Choice:
    """A shipped scenario in the small world, perhaps with more levers."""
    return Choice(scenario=scenario, levers=SMALL if levers is None else levers, name=name)


def messages(work: Work) -> list[dict[str, Any]]:
    """All that work says, task by task in one thread."""
    return [message for message in all_messages(work) if isinstance(message, dict)]


def with_desk(work: Work, workers: int) -> tuple[dict[str, Any], ...]:
    """All that work says at a desk of so many threads."""
    said: list[dict[str, Any]] = []
    over = Event()

    def say(message: Message) -> None:
        assert isinstance(message, dict)
        said.append(message)
        if message["say"] in (DONE, "failed", "stopped", "refused"):
            over.set()

    desk = Desk(workers)
    try:
        desk.submit("visitor", work, Outlet(say))
        assert over.wait(PATIENCE)
    finally:
        desk.close()
    assert said[-1]["say"] == DONE, said[-1]
    return tuple(said)
