"""The WebSocket of one page: questions come in as JSON, answers go out as JSON or packed arrays.

A binary answer starts with the number of its question (four bytes, and four that are zero so that arrays stay aligned).
"""

from __future__ import annotations

import asyncio
import json
import struct
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

from web.desk import Desk
from web.visitor import Visitor
from web.work import Message

_NUMBER = struct.Struct("<II")
FOREIGN_ORIGIN, FULL = 4403, 4429  # close codes: asked by a page of another site; no room for another visitor


class Outbox:
    """Messages on their way to a page, put in by any thread and sent by the event loop.

    Args:
        loop: the event loop that sends.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: asyncio.Queue[str | bytes] = asyncio.Queue()
        self.waiting = 0
        self.closed = False

    def put(self, number: int | None, message: Message) -> None:
        """Put a message in; after the page has gone, nothing happens."""
        if self.closed:
            return
        data = encoded(number, message)
        try:
            self._loop.call_soon_threadsafe(self._put, data)
        except RuntimeError:  # the loop has ended: the server is being stopped
            self.closed = True

    def _put(self, data: str | bytes) -> None:
        self.waiting += len(data)
        self._queue.put_nowait(data)

    async def next(self) -> str | bytes:
        """The next message to send."""
        return await self._queue.get()


def encoded(number: int | None, message: Message) -> str | bytes:
    """A message as it goes over the wire."""
    if isinstance(message, bytes):
        return _NUMBER.pack(number or 0, 0) + message
    return json.dumps({"to": number, **message}, separators=(",", ":"), allow_nan=False, default=_json)


def _json(value: object) -> object:
    """Numbers of NumPy as plain ones."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be said in JSON")


def same_origin(socket: WebSocket) -> bool:
    """Whether the page that asks came from this server: pages of other sites must not use it."""
    origin = socket.headers.get("origin")
    if origin is None:  # no browser: browsers always say it
        return True
    hosts = {socket.headers.get("host", ""), socket.headers.get("x-forwarded-host", "")}
    return urlsplit(origin).netloc in hosts - {""}


async def serve(socket: WebSocket, desk: Desk) -> None:
    """Serve one page until it is closed."""
    await socket.accept()
    if not same_origin(socket):  # closed after it was accepted: else a page behind a wrong proxy could not say why
        await socket.close(FOREIGN_ORIGIN)
        return
    outbox = Outbox(asyncio.get_running_loop())
    visitor = Visitor(desk, outbox.put, lambda: outbox.waiting)
    sending = asyncio.create_task(_send(socket, outbox, desk))
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                break
            text = message.get("text") or message.get("bytes") or ""
            await asyncio.to_thread(visitor.hear, text)
    except WebSocketDisconnect:
        pass
    finally:
        outbox.closed = True
        sending.cancel()
        await asyncio.to_thread(visitor.leave)


async def _send(socket: WebSocket, outbox: Outbox, desk: Desk) -> None:
    while True:
        data = await outbox.next()
        try:
            if isinstance(data, bytes):
                await socket.send_bytes(data)
            else:
                await socket.send_text(data)
        except (WebSocketDisconnect, RuntimeError):  # the page is gone; what is received says so too
            outbox.closed = True
            return
        was_full = outbox.waiting >= desk.limits.unsent
        outbox.waiting -= len(data)
        if was_full:
            desk.resume()
