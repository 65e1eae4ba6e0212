"""The page as a whole: places, language, keys, contrast, visitors kept apart, nothing asked of another machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser.serving import COMPILED_WITHIN, ROOT, SOON, serve_solara
from browser.visitors import Visitor, visit

pytest.importorskip("playwright")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PLACES = ("watch", "compare", "assumptions", "levers", "about")
PICTURES = ROOT / "build" / "screenshots"
IN_FRENCH = ("Observer", "Comparer", "Hypothèses", "Leviers", "À propos")
# Contrast (WCAG 2.2) of every visible text of the page against the nearest ground behind it; large text apart.
CONTRASTS = """
() => {
  const numbers = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const found = numbers(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const node = walker.currentNode.parentElement;
    if (!text || !node.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})) continue;
    if (node.closest("svg, canvas, :disabled, [aria-disabled=true], .sr-only, noscript")) continue;
    const style = getComputedStyle(node);
    const [one, other] = [light(numbers(style.color)), light(ground(node))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push([text.slice(0, 60), style.color, ratio.toFixed(2)]);
  }
  return found;
}
"""
# Controls that a screen reader could not name, and those too small to hit.
NAMELESS = """
() => [...document.querySelectorAll("button, a[href], input, select, textarea, summary, [role=button], [role=slider]")]
  .filter(node => node.checkVisibility())
  .filter(node => !(node.innerText?.trim() || node.getAttribute("aria-label") || node.getAttribute("aria-labelledby")
    || node.title || node.labels?.length || node.placeholder))
  .map(node => node.outerHTML.slice(0, 120))
"""
OWN_TEXT = """
() => {
  const copy = document.querySelector("main").cloneNode(true);
  for (const other of copy.querySelectorAll(`[lang]:not([lang=${document.documentElement.lang}])`)) other.remove();
  return copy.textContent;
}
"""
# What makes the page wider than its window; canvases follow their boxes a moment later.
WIDER = """
async () => {
  const wide = () => document.documentElement.scrollWidth > window.innerWidth + 1;
  for (let tries = 0; wide() && tries < 40; tries += 1) await new Promise(resolve => setTimeout(resolve, 50));
  if (!wide()) return [];
  const right = node => node.getBoundingClientRect().right;
  return [...document.querySelectorAll("body *")].filter(node => right(node) > window.innerWidth + 1)
    .map(node => `${node.tagName}.${node.className} ${Math.round(right(node))}`).slice(0, 9);
}
"""


@pytest.fixture(scope="module")
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    with visit(browser, address) as found:
        yield found


def wait_until_written(visitor: Visitor) -> None:
    """Until the place says something: a blank page is as quick as a good one."""
    visitor.page.wait_for_function(
        "() => document.querySelector('main').innerText.length > 200", timeout=COMPILED_WITHIN
    )


def keep_picture(visitor: Visitor, name: str) -> None:
    """Keep what the visitor sees, for people to look at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    visitor.page.screenshot(path=PICTURES / f"{name}.png")


def text_of(visitor: Visitor) -> str:
    """What the place says in the page's language: what is marked as being in another is left out."""
    found: str = visitor.page.evaluate(OWN_TEXT)
    return found


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_there_readable_and_named(visitor: Visitor, place: str) -> None:
    visitor.go(place)
    wait_until_written(visitor)
    keep_picture(visitor, place)
    assert visitor.page.evaluate(CONTRASTS) == []
    assert visitor.page.evaluate(NAMELESS) == []
    assert f"#/{place}" in visitor.page.url
    assert "must not be used to target" in visitor.page.locator("footer.foot").inner_text()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("width", [420, 820])
def test_nothing_is_wider_than_a_phone_or_a_tablet(visitor: Visitor, place: str, width: int) -> None:
    visitor.page.set_viewport_size({"width": width, "height": 900})
    visitor.go(place)
    wait_until_written(visitor)
    assert visitor.page.evaluate(WIDER) == []
    visitor.page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.parametrize("place", PLACES)
def test_a_french_browser_is_spoken_to_in_french(french: Visitor, place: str) -> None:
    french.go(place)
    wait_until_written(french)
    keep_picture(french, f"{place}-fr")
    assert french.page.evaluate("document.documentElement.lang") == "fr"
    assert french.page.title() == f"Secteur Centre · {IN_FRENCH[PLACES.index(place)]}"
    words = re.findall(r"[a-zé]+", text_of(french).lower())
    french_words = sum(
        word in {"les", "des", "une", "est", "sur", "par", "pour", "du", "la", "de", "et"} for word in words
    )
    english_words = sum(word in {"the", "of", "with", "and", "which", "is"} for word in words)  # titles of references
    assert french_words > 0.05 * len(words)
    assert english_words < 0.005 * len(words)


@pytest.fixture(scope="module")
def french(browser: Browser, address: str) -> Iterator[Visitor]:
    with visit(browser, address, locale="fr-FR") as found:
        yield found


def test_the_language_is_switched_and_kept_in_the_session(browser: Browser, address: str) -> None:
    with visit(browser, address, "about") as found:
        found.press("language")
        found.page.wait_for_function("() => document.documentElement.lang === 'fr'", timeout=SOON)
        assert found.session()["language"] == "fr"
        assert "ne doit servir ni à cibler" in found.page.locator("footer.foot").inner_text()
        found.press("language")
        found.page.wait_for_function("() => document.documentElement.lang === 'en'", timeout=SOON)


def test_the_page_is_used_without_a_mouse(browser: Browser, address: str) -> None:
    with visit(browser, address, "about") as found:
        keyboard = found.page.keyboard
        keyboard.press("?")
        dialog = found.wait_for("help-dialog")
        assert dialog.get_by_role("button", name="Close").count() == 1
        keyboard.press("Escape")
        dialog.wait_for(state="detached", timeout=SOON)
        found.at("place-compare").focus()
        keyboard.press("Enter")
        found.page.wait_for_url(re.compile("#/compare"), timeout=SOON)
        found.page.locator("a.skip").focus()
        reached = set()
        for _ in range(12):
            keyboard.press("Tab")
            reached.add(found.page.evaluate("document.activeElement.dataset.test ?? document.activeElement.className"))
        assert {"place-watch", "place-levers", "language"} <= reached


def test_nothing_leaves_this_machine_and_no_page_fails(visitor: Visitor) -> None:
    for place in PLACES:
        visitor.go(place)
    assert len(visitor.requests) > 10
    assert visitor.strangers() == []
    assert visitor.errors == []


def test_a_lost_connection_is_said_and_found_again(browser: Browser, address: str) -> None:
    with visit(browser, address, "about") as found:
        found.at("connection").wait_for(state="detached", timeout=SOON)
        found.context.set_offline(True)
        found.page.evaluate("async () => (await import(new URL('static/socket.js', document.baseURI))).hangUp()")
        found.wait_for("connection", SOON)
        found.context.set_offline(False)
        found.at("connection").wait_for(state="detached", timeout=SOON)
        found.errors.clear()  # the browser's own words on connections that failed


def test_a_window_of_solara_shows_the_same_page(browser: Browser, tmp_path: Path) -> None:
    pytest.importorskip("solara")
    server = serve_solara(ROOT / "server.py", tmp_path / "log.txt")
    address = next(server)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page = context.new_page()
        page.goto(address)
        frame = page.frame_locator("iframe[title='Sector Centre']")
        frame.locator('[data-test="place-compare"]').click(timeout=COMPILED_WITHIN)
        frame.locator("main").get_by_text("seed", exact=False).first.wait_for(timeout=SOON)
    finally:
        context.close()
        server.close()
