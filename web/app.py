"""The application: the page, its modules, what they are drawn from, and the WebSocket."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import cast

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from abm.scenario import Scenario
from abm.simulation import simulate
from abm.views.words import LANGUAGES, Language
from web import socket
from web.catalogue import catalogue
from web.choice import DEFAULT
from web.desk import Desk, Limits
from web.headers import SecurityHeaders
from web.land import land
from web.look_up import about

STATIC = Path(__file__).parent / "static"
MOST_VISITORS = 40


@lru_cache(maxsize=1)
def warm_up() -> None:
    """Compile the day and make what all pages load, so that the first visitor does not wait for it."""
    catalogue()
    land()
    simulate(Scenario.load(DEFAULT), days=1)
    for language in LANGUAGES:
        about(language)


class Room:
    """The desk of a server and how many visitors it has.

    Args:
        most: visitors at once.
        workers: threads of the desk; the cores by default.
        limits: what each visitor may ask for.
    """

    def __init__(self, most: int = MOST_VISITORS, workers: int | None = None, limits: Limits | None = None) -> None:
        self.most = most
        self.visitors = 0
        self.desk = Desk(workers, limits)

    async def welcome(self, page: WebSocket) -> None:
        """Serve one page, if there is room."""
        if self.visitors >= self.most:
            await page.accept()
            await page.close(socket.FULL)
            return
        self.visitors += 1
        try:
            await socket.serve(page, self.desk)
        finally:
            self.visitors -= 1


def routes(room: Room) -> list[BaseRoute]:
    """All that the page needs, under names of its own."""
    return [
        Route("/", index),
        Route("/catalogue.json", _cached("application/json", lambda _: json.dumps(catalogue()).encode())),
        Route("/land", _cached("application/octet-stream", lambda _: land())),
        Route("/about/{language}.json", _cached("application/json", _about)),
        Route("/favicon.ico", lambda _: Response(status_code=204)),
        WebSocketRoute("/talk", room.welcome),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]


def make_app(room: Room | None = None) -> Starlette:
    """The application with a room of its own.

    Args:
        room: where visitors are served; one with the usual limits if left out.
    """
    made = room or Room()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        Thread(target=warm_up, name="warm-up", daemon=True).start()
        yield
        made.desk.close()

    middleware = [Middleware(SecurityHeaders), Middleware(GZipMiddleware, minimum_size=1024)]
    return Starlette(routes=routes(made), middleware=middleware, lifespan=lifespan)


async def index(_request: Request) -> Response:
    """The page."""
    return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})


def _about(request: Request) -> bytes:
    language = request.path_params["language"]
    if language not in LANGUAGES:
        raise KeyError(language)
    return json.dumps(about(cast(Language, language))).encode()


def _cached(kind: str, make: Callable[[Request], bytes]) -> Callable[[Request], object]:
    """An answer that is made in a thread, and that a page which has it need not fetch again."""

    async def answer(request: Request) -> Response:
        try:
            data = await asyncio.to_thread(make, request)
        except KeyError:
            return PlainTextResponse("not found", status_code=404)
        tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(data, media_type=kind, headers=headers)

    return answer
