"""A page as its tests read it."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """Identifiers, links, tags and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [str(value) for name, value in attrs if name == "id"]
        links = {"href", "src", "xlink:href", "srcset", "action", "data"}
        self.links += [str(value) for name, value in attrs if name in links]

    def handle_data(self, data: str) -> None:
        self.text += data
