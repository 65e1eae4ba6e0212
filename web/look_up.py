"""What the look-up page says: the documents of the project in English and French, as parts of HTML.

Documents are read from the package where it is installed, from ``docs`` in a checkout.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import Any

from abm.views.words import LANGUAGES, Language
from web.french import typeset
from web.look_up_made import citing, parameters
from web.look_up_pages import FOREIGN, Page, Part, anchor, parts_of, places
from web.translation import Translation
from web.words_about import WORDS

HERE = Path(__file__).parent
# The first that is there: a wheel holds them beside this file, a checkout has them at its top.
FOLDERS = (HERE / "docs", HERE.parent / "docs")
_FILE_LINK = re.compile(r'(<a href="#/about/([\w-]+)[^"]*">)[\w-]+\.md</a>')


class DocumentsMissing(Exception):
    """The documents are neither in the package nor in a checkout."""


@dataclass(frozen=True)
class Chapter:
    """A section of the page: where its text comes from in each language.

    ``english`` and ``french`` are files of the documents; French that is ``None`` is made from the English by
    ``made`` if there is such a rule, and is otherwise the English text, said to be so. A chapter without a file is made
    in the language by ``made``.
    """

    id: str
    english: str | None
    french: str | None
    names: tuple[str, ...] = ()
    made: Callable[[str, Language], str] | None = None
    kept: slice = field(default_factory=lambda: slice(None))


def in_french(texts: str) -> Callable[[str, Language], str]:
    """What puts a generated document into French by a file of texts beside this one, read when it is first needed."""

    @cache
    def translation() -> Translation:
        return Translation(HERE / texts)

    def made(english: str, _language: Language) -> str:
        return translation().markdown(english)

    return made


LIMITS = ("limits.md", "limites.md")
CHAPTERS = (
    Chapter("not-for", "limits.md", "fr/limites.md", LIMITS, kept=slice(0, 1)),
    Chapter("in-brief", "model-in-brief.md", "fr/modele-en-bref.md", ("model-in-brief.md", "modele-en-bref.md")),
    Chapter("validation", "validation.md", None, ("validation.md",), in_french("french_validation.toml")),
    Chapter("limits", "limits.md", "fr/limites.md", LIMITS, kept=slice(1, None)),
    Chapter("model", "odd.md", None, ("odd.md",)),
    Chapter("parameters", None, None, ("parameters.md",), parameters),
    Chapter("mechanisms", "mechanisms.md", None, ("mechanisms.md",), in_french("french_mechanisms.toml")),
    Chapter("citing", None, None, (), citing),
)


def folder() -> Path:
    """Where the documents are.

    Raises:
        DocumentsMissing: nowhere.
    """
    for found in FOLDERS:
        if (found / "limits.md").is_file():
            return found
    raise DocumentsMissing(f"{FOLDERS[0]}: the documents (limits.md and others) are not there; reinstall the program")


def about(language: Language) -> dict[str, Any]:
    """Sections of the page in order, ready for JSON, made anew when a document has changed.

    Each has ``id``, ``title``, ``lang`` (of its text), ``note``, ``parts`` (``id``, ``title`` and ``html`` of each,
    ``name`` without marks, ``level``) and the ``markdown`` it was made from.

    Raises:
        DocumentsMissing: there are no documents.
    """
    base = folder()
    changed = tuple((str(path), path.stat().st_mtime_ns) for path in sorted(base.rglob("*.md")))
    return _made(base, language, changed)


@lru_cache(maxsize=2 * len(LANGUAGES))
def _made(base: Path, language: Language, _changed: tuple[tuple[str, int], ...]) -> dict[str, Any]:
    texts = [_text(chapter, base, language) for chapter in CHAPTERS]
    pages = [
        Page(chapter.id, text, chapter.names, chapter.kept) for chapter, (text, _) in zip(CHAPTERS, texts, strict=True)
    ]
    known = places(pages)
    sections = [
        _section(chapter, page, spoken, parts_of(page, known), language)
        for chapter, page, (_, spoken) in zip(CHAPTERS, pages, texts, strict=True)
    ]
    return {"language": language, "sections": sections}


def _text(chapter: Chapter, base: Path, language: Language) -> tuple[str, Language]:
    """Markdown of a chapter, and the language it is in."""
    english = (base / chapter.english).read_text(encoding="utf-8") if chapter.english else ""
    if language == "fr" and chapter.french:
        return typeset((base / chapter.french).read_text(encoding="utf-8")), "fr"
    if chapter.made and (language == "fr" or not chapter.english):
        return chapter.made(english, language), language
    return english, "en"


def _section(chapter: Chapter, page: Page, spoken: Language, parts: list[Part], language: Language) -> dict[str, Any]:
    def word(key: str) -> str:
        return WORDS[f"about_{key}"][LANGUAGES.index(language)]

    whole = _opened(chapter, parts)
    note = word("english_only") if spoken != language else word("losses_first") if chapter.id == "validation" else ""
    return {
        "id": chapter.id,
        "title": title_of(chapter.id, language),
        "lang": spoken,
        "note": note,
        "parts": [
            {"id": anchor(chapter.id, part.slug), "name": part.name, "title": part.title, "level": part.level,
             "html": named_links(part.html, language)}
            for part in whole
        ],
        "file": f"{chapter.id}.{spoken}.md",
        "markdown": page.text.replace(FOREIGN, ""),
    }  # fmt: skip


def title_of(section: str, language: Language) -> str:
    """Title of a section in a language."""
    return WORDS[f"about_{section.replace('-', '_')}"][LANGUAGES.index(language)]


def named_links(html: str, language: Language) -> str:
    """Links whose text is a file's name, by the title of the section that they lead to."""
    return _FILE_LINK.sub(lambda link: f"{link[1]}{escape(title_of(link[2], language))}</a>", html)


def _opened(chapter: Chapter, parts: list[Part]) -> list[Part]:
    """The section's title stands for the document's own, and for that of a section with one part alone."""
    if len(parts) == 1 and parts[0].level > 1:
        return [replace(parts[0], level=1)]
    return [part for part in parts if part.level > 1 or part.html.strip()]
