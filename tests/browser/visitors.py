"""A visitor of the page: a browser window that remembers what it asked for and what went wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from browser.serving import COMPILED_WITHIN, SOON, strangers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

WINDOW = {"width": 1280, "height": 800}
# Pixels of a canvas that differ from its most common colour: a picture that is really drawn has many.
DRAWN = """
canvas => {
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext("2d");
  context.drawImage(canvas, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  return pixels.length - Math.max(...counts.values());
}
"""


class Visitor:
    """One window of one visitor."""

    def __init__(self, browser: Browser, address: str, place: str = "watch", **options: Any) -> None:
        self.context = browser.new_context(
            **{"viewport": WINDOW, "locale": "en-GB", "accept_downloads": True, **options}
        )
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url.replace("ws", "http", 1)))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._hear)
        self.page.goto(f"{address}#/{place}")
        self.page.wait_for_selector("header.head", timeout=SOON)

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def go(self, place: str) -> None:
        """Go to another place of the page."""
        self.page.click(f'[data-test="place-{place}"]')

    def at(self, test: str) -> Locator:
        """The element of a name."""
        return self.page.locator(f'[data-test="{test}"]')

    def press(self, test: str) -> None:
        """Press a button by its name."""
        self.at(test).click(timeout=SOON)

    def wait_for(self, test: str, within: float = COMPILED_WITHIN) -> Locator:
        """Until an element of a name is there."""
        found = self.at(test).first
        found.wait_for(timeout=within)
        return found

    def drawn(self, selector: str) -> int:
        """Drawn pixels of a canvas."""
        return int(self.page.locator(selector).first.evaluate(DRAWN))

    def figure(self, test: str) -> float:
        """A number that an element shows, in either language."""
        text = re.sub(r"[\s\u00a0\u202f,]", "", self.at(test).first.inner_text()).replace("−", "-")
        return float(text)

    def session(self) -> dict[str, Any]:
        """The state of the page."""
        found: dict[str, Any] = json.loads(self.page.evaluate(
            "async () => JSON.stringify((await import(new URL('static/state.js', document.baseURI))).get())"
        ))  # fmt: skip
        return found

    def downloaded(self, test: str, folder: Path) -> Path:
        """Press a button that gives a file, and keep the file."""
        with self.page.expect_download(timeout=SOON) as waiting:
            self.press(test)
        target = folder / waiting.value.suggested_filename
        waiting.value.save_as(target)
        return target

    def strangers(self) -> list[str]:
        """Addresses asked for that lie on another machine."""
        return strangers(self.requests)


@contextmanager
def visit(browser: Browser, address: str, place: str = "watch", **options: Any) -> Iterator[Visitor]:
    """A visitor, whose window is closed afterwards; a fault of the page's own code fails the test."""
    visitor = Visitor(browser, address, place, **options)
    try:
        yield visitor
        assert visitor.errors == []
    finally:
        visitor.context.close()
