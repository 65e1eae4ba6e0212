"""The application behind a real socket, in a thread of the test."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import Any

import uvicorn
from websockets.sync.client import ClientConnection, connect

from web.app import Room, make_app
from web.packing import unpack

WITHIN = 240.0  # seconds: the first run on a machine compiles the model
LAST = {"done", "stopped", "failed", "refused"}


@contextmanager
def served(room: Room | None = None) -> Iterator[str]:
    """Address (host and port) of a server of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(room), log_level="warning", ws_max_size=16_000_000))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    end = monotonic() + WITHIN
    while not server.started:
        assert monotonic() < end
        sleep(0.01)
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


class Talk:
    """A page's side of the WebSocket."""

    def __init__(self, address: str, **options: Any) -> None:
        self._open = ExitStack()
        self.socket: ClientConnection = self._open.enter_context(
            connect(f"ws://{address}/talk", max_size=None, **options)
        )
        self._next = 1

    def ask(self, **question: Any) -> int:
        """Ask, and return the question's number."""
        number, self._next = self._next, self._next + 1
        self.socket.send(json.dumps({"id": number, **question}))
        return number

    def hear(self) -> dict[str, Any]:
        """The next message, JSON or packed; of the latter ``arrays`` are read too."""
        data = self.socket.recv(timeout=WITHIN)
        if isinstance(data, str):
            found: dict[str, Any] = json.loads(data)
            return found
        header, arrays = unpack(data[8:])
        return {**header, "to": int.from_bytes(data[:4], "little"), "arrays": arrays}

    def all_of(self, number: int) -> list[dict[str, Any]]:
        """Everything said to a question, until nothing more will be."""
        found: list[dict[str, Any]] = []
        while not found or found[-1]["say"] not in LAST:
            message = self.hear()
            if message["to"] == number:
                found.append(message)
        return found

    def answer(self, **question: Any) -> list[dict[str, Any]]:
        """Ask, and hear all that is said to it."""
        return self.all_of(self.ask(**question))

    def close(self) -> None:
        """Leave."""
        self._open.close()
