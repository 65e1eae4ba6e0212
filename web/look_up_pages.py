"""Documents in Markdown as parts of the look-up page: HTML without styles, scripts or anything from elsewhere.

A part is a heading and what stands below it. Links to other documents lead to their place on the page; links to what
the page does not hold become plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

DEEPEST = 3  # headings below this level do not begin a part
LONG_CELL = 40  # letters; longer cells are given some width
FOREIGN = "\ue000"  # opens a block that is in English on a French page; in no alphabet, and never shown
_ANCHOR = re.compile(r'^<a id="[^"]*"></a>\n+', re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)
_CAPTION = re.compile(r'<p>([^<]{1,90}(?<!\.))</p>(\n<div class="wide")')
_FIGURES = re.compile(r"[\d+−][\d\s.,%+−–()∞\u202f]*(?: (?:to|à) [\d\s.,%+−–()∞\u202f]+)?")
_NODE = re.compile(r'(\w+)\["([^"]*)"\]')
_ARROW = re.compile(r"\s*(?:-->|-\.->)\s*(?:\|[^|]*\|\s*)?")


@dataclass(frozen=True)
class Part:
    """A heading and the HTML below it; ``level`` 1 is a document's own title, ``slug`` is its anchor within it."""

    slug: str
    name: str
    title: str
    level: int
    html: str


@dataclass(frozen=True)
class Page:
    """A document as it will stand on the page.

    Args:
        section: the section of the page that holds it.
        text: Markdown.
        names: file names under which other documents link to it.
        kept: which of its parts, by position after the title, the section shows; all if left out.
    """

    section: str
    text: str
    names: tuple[str, ...] = ()
    kept: slice = field(default_factory=lambda: slice(None))


def anchor(section: str, slug: str = "") -> str:
    """Name of a place on the page, as it stands after ``#/about/``."""
    return f"{section}.{slug}" if slug else section


def slug_of(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    kept = "".join(c for c in re.sub(r"\s", " ", heading.lower()) if c.isalnum() or c in " -_")
    return kept.strip().replace(" ", "-")


def places(pages: Sequence[Page]) -> dict[tuple[str, str], str]:
    """Anchors on the page by file name and slug of a heading; the slug "" is the document itself."""
    found: dict[tuple[str, str], str] = {}
    for page in pages:
        shown = [slug for _, slug, _ in _headings(_parsed(page.text))]
        for name in page.names:
            found.setdefault((name, ""), anchor(page.section))
            for slug in shown[1:][page.kept]:
                found[name, slug] = anchor(page.section, slug)
    return found


def parts_of(page: Page, known: Mapping[tuple[str, str], str]) -> list[Part]:
    """Parts of a page in order: its opening, unless only its first parts are kept, then those that are kept.

    Args:
        page: the document.
        known: where links lead, see :func:`places`.
    """
    tokens = _parsed(page.text)
    _relink(tokens, page.names[0] if page.names else "", known)
    starts = list(_headings(tokens))
    found = []
    for (start, slug, level), (end, _, _) in zip(starts, [*starts[1:], (len(tokens), "", 0)], strict=True):
        inline = tokens[start + 1]
        found.append(Part(slug, _plain(inline), _MARKDOWN.renderer.render([inline], _MARKDOWN.options, {}), level,
                          _rendered(tokens[start + 3 : end])))  # fmt: skip
    return [*(found[:1] if page.kept.stop is None else []), *found[1:][page.kept]]


# --- Markdown -------------------------------------------------------------------------------------------------------


def _parsed(text: str) -> list[Token]:
    return _MARKDOWN.parse(_COMMENT.sub("", _ANCHOR.sub("", text)))


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[int, str, int]]:
    """Position, slug (made unique) and level of each heading that begins a part."""
    seen: dict[str, int] = {}
    for position, token in enumerate(tokens):
        if token.type != "heading_open" or int(token.tag[1]) > DEEPEST:
            continue
        slug = slug_of(_plain(tokens[position + 1]))
        seen[slug] = seen.get(slug, 0) + 1
        yield position, slug if seen[slug] == 1 else f"{slug}-{seen[slug] - 1}", int(token.tag[1])


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [])


def _relink(tokens: Sequence[Token], own: str, known: Mapping[tuple[str, str], str]) -> None:
    """Point links to places on the page; take out those that lead nowhere here."""
    for token in tokens:
        kept: list[Token] = []
        dropped = False
        for child in token.children or []:
            if child.type == "link_open":
                dropped = not _pointed(child, own, known)
            if not (dropped and child.type in ("link_open", "link_close")):
                kept.append(child)
        if token.children is not None:
            token.children = kept


def _pointed(link: Token, own: str, known: Mapping[tuple[str, str], str]) -> bool:
    href = str(link.attrs.get("href", ""))
    if href.startswith(("https://", "http://")):
        link.attrs |= {"target": "_blank", "rel": "noopener noreferrer"}
        return True
    if href.startswith("#/"):
        return True
    path, _, slug = href.partition("#")
    name = path.rsplit("/", 1)[-1] or own
    place = known.get((name, slug)) or (known.get((name, "")) if path else None) or _numbered(known, name, slug)
    if place is None:
        return False
    link.attrs["href"] = f"#/about/{place}"
    return True


def _numbered(known: Mapping[tuple[str, str], str], name: str, slug: str) -> str | None:
    """The heading that opens with a number, for links such as ``#7`` to "7 Counter-IED ability"."""
    if not slug.isdigit():
        return None
    return next(
        (place for (file, other), place in known.items() if file == name and other.startswith(f"{slug}-")), None
    )


def _rendered(tokens: Sequence[Token]) -> str:
    html = str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
    html = re.sub(rf"<(p|td|li)([^>]*)>{FOREIGN}", r'<\1\2 lang="en">', html)
    html = _CAPTION.sub(r'<p class="caption">\1</p>\2', html)
    return html.replace(FOREIGN, "")


# --- how things are rendered ----------------------------------------------------------------------------------------


def _cell(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Cells of numbers carry a class: the page allows no style in HTML."""
    token = tokens[index]
    if token.attrs.pop("style", "") == "text-align:right":
        token.attrs["class"] = "n"
    elif token.tag == "td" and _FIGURES.fullmatch(tokens[index + 1].content):
        token.attrs["class"] = "keep"
    elif token.tag == "td" and len(tokens[index + 1].content) > LONG_CELL:
        token.attrs["class"] = "long"
    if token.tag == "th":
        token.attrs["scope"] = "col"
    return renderer.renderToken(tokens, index, options, env)


def _table_open(_renderer: RendererHTML, *_: Any) -> str:
    return '<div class="wide" tabindex="0" role="group"><table>\n'


def _table_close(_renderer: RendererHTML, *_: Any) -> str:
    return "</table></div>\n"


def _image(_renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    return escape(tokens[index].content)


def _fence(_renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    token = tokens[index]
    if token.info.strip() == "mermaid":
        return flow(token.content)
    return f'<pre class="wide" tabindex="0"><code>{escape(token.content)}</code></pre>\n'


def flow(diagram: str) -> str:
    """A Mermaid flowchart as a list of its boxes, and for each where its arrows lead if not to the next box alone."""
    labels: dict[str, list[str]] = {}
    arrows: dict[str, list[str]] = {}
    for line in diagram.splitlines()[1:]:
        for name, label in _NODE.findall(line):
            labels[name] = [" ".join(text.split()) for text in label.split("<br/>")]
        ends = [_NODE.sub(r"\1", end).strip() for end in _ARROW.split(line)]
        for start, end in pairwise(ends):
            arrows.setdefault(start, []).append(end)
    order = list(labels)
    rows = []
    for name, following in zip(order, [*order[1:], ""], strict=True):
        first, *rest = map(escape, labels[name])
        while rest and first.endswith((",", ";")):
            first = f"{first} {rest.pop(0)}"
        targets = [labels[end][0] for end in arrows.get(name, []) if end in labels]
        alone = arrows.get(name) == [following]
        lead = "" if alone or not targets else f'<span class="to">→ {escape("; → ".join(targets))}</span>'
        rows.append(f"<li><strong>{first}</strong> {'<br>'.join(rest)}{lead}</li>")
    return f'<ul class="flow">{"".join(rows)}</ul>\n'


def _maker() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    rules: dict[str, Callable[..., str]] = {
        "th_open": _cell, "td_open": _cell, "table_open": _table_open, "table_close": _table_close, "image": _image,
        "fence": _fence,
    }  # fmt: skip
    for name, rule in rules.items():
        made.add_render_rule(name, rule)
    return made


_MARKDOWN = _maker()
