"""The place About in a real browser: contents, search, addresses of parts, French, and what is saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser.visitors import Visitor, visit

pytest.importorskip("uvicorn")
pytest.importorskip("playwright")

from web.look_up import about

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = (1280, 900, 420)
SECTIONS = [section["id"] for section in about("en")["sections"]]
# Distance in pixels of an element from the top of the window, or null.
TOP = "id => document.getElementById(id)?.getBoundingClientRect().top"
MARKED = "words => words.startsWith(document.querySelector('mark')?.textContent.toLowerCase() ?? '-')"
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def reader(browser: Browser, address: str) -> Iterator[Visitor]:
    with visit(browser, address, "about") as visitor:
        visitor.wait_for("about")
        yield visitor


def test_all_sections_are_shown_in_order_and_nothing_comes_from_elsewhere(reader: Visitor) -> None:
    shown = reader.page.eval_on_selector_all("[data-section]", "all => all.map(one => one.id)")
    assert shown == SECTIONS
    for name in SECTIONS:
        assert len(reader.at(f"about-{name}").inner_text()) > 500
    assert reader.strangers() == []


def test_contents_lead_to_sections_and_say_where_the_reader_is(reader: Visitor) -> None:
    for name in ("limits", "mechanisms", "not-for"):
        reader.press(f"about-go-{name}")
        reader.page.wait_for_function(f"() => Math.abs(({TOP})('{name}')) < 160")
        reader.page.wait_for_selector(f'[data-test="about-go-{name}"][aria-current="true"]')
    reader.page.wait_for_selector('[data-test="about-contents"]')
    assert reader.page.eval_on_selector(".about-contents > details", "box => box.getBoundingClientRect().top") >= 0


def test_an_address_opens_its_part(browser: Browser, address: str) -> None:
    with visit(browser, address, "about/limits.costs") as visitor:
        visitor.wait_for("about")
        visitor.page.wait_for_function(f"() => Math.abs(({TOP})('limits.costs')) < 160")
        visitor.page.evaluate("location.hash = '#/about/model.71-levels-drift-and-course-schedulepy'")
        visitor.page.wait_for_function(f"() => Math.abs(({TOP})('model.71-levels-drift-and-course-schedulepy')) < 160")


def test_losses_stand_above_wins(reader: Visitor) -> None:
    captions = reader.at("about-validation").locator(".caption").all_inner_texts()
    assert captions.index("What does not hold") < captions.index("What cannot be told") < captions.index("What holds")


def test_search_shows_only_parts_with_the_words_and_marks_them(reader: Visitor) -> None:
    reader.at("about-search").fill("OGOSSAGOU")
    reader.page.wait_for_selector("mark")
    assert "Parts without the words are hidden" in reader.at("about-found").inner_text()
    parts = reader.page.locator("[data-part]:visible")
    for text in parts.all_inner_texts():
        assert "ogossagou" in text.lower()
    assert 0 < parts.count() < reader.page.locator("[data-part]").count()
    assert {text.lower() for text in reader.page.locator("mark").all_inner_texts()} == {"ogossagou"}
    reader.press("about-next")
    assert reader.page.locator("mark.now").is_visible()
    reader.at("about-search").fill("no such words at all")
    reader.page.wait_for_function("() => !document.querySelector('mark')")
    assert "Nothing on this page" in reader.at("about-found").inner_text()
    assert reader.page.locator("[data-part]:visible").count() == 0
    reader.press("about-clear")
    reader.page.wait_for_function("() => !document.querySelector('[data-part][hidden]')")
    assert reader.at("about-found").inner_text() == ""


def test_a_search_changes_no_text(reader: Visitor) -> None:
    text = "() => document.querySelector('[data-test=about-model]').textContent"
    before = reader.page.evaluate(text)
    for words in ("troops", "the model", "delta_un"):
        reader.at("about-search").fill(words)
        reader.page.wait_for_function(MARKED, arg=words)
    reader.press("about-clear")
    reader.page.wait_for_function("() => !document.querySelector('mark')")
    assert reader.page.evaluate(text) == before


def test_french_is_french_and_what_is_english_is_marked(reader: Visitor) -> None:
    reader.press("language")
    reader.page.wait_for_function(
        "() => document.querySelector('[data-test=about-limits] h2')?.textContent === 'Limites'"
    )
    assert reader.page.evaluate("document.documentElement.lang") == "fr"
    english = reader.page.eval_on_selector_all('[data-part][lang="en"]', "all => all.map(one => one.id.split('.')[0])")
    assert set(english) == {"model"}
    assert "anglais" in reader.at("about-note-model").inner_text()
    reader.at("about-search").fill("redevabilite")  # without its accents
    reader.page.wait_for_selector("mark")
    assert {text.lower() for text in reader.page.locator("mark").all_inner_texts()} == {"redevabilité"}


def test_a_document_can_be_saved(reader: Visitor, tmp_path: Path) -> None:
    saved = reader.downloaded("about-save-limits", tmp_path)
    assert saved.name == "limits.en.md"
    assert saved.read_text(encoding="utf-8").startswith("# Limits\n")


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(browser: Browser, address: str, width: int, language: str) -> None:
    window = {"width": width, "height": 800}
    with visit(browser, address, "about", viewport=window, locale=language) as visitor:
        visitor.wait_for("about")
        assert not visitor.page.evaluate(SIDEWAYS)


def test_wide_tables_can_be_reached_and_scrolled_by_keyboard(reader: Visitor) -> None:
    boxes = reader.page.locator(".about-text .wide")
    assert boxes.count() > 30
    names = boxes.evaluate_all("all => all.map(one => [one.tabIndex, (one.getAttribute('aria-label') ?? '').length])")
    assert all(tab == 0 and length > 5 for tab, length in names)
