"""The brief in a real browser: on a phone, on a desk and on paper, with nothing asked of any machine, and readable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")

from runs.batch.experiment import experiment_from
from runs.compare import compare
from runs.report import comparison_provenance
from runs.studies.brief import PAGE, brief_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LARGE, CONTRAST = 24.0, 4.5  # px, and what WCAG 2.2 asks of text that is smaller (success criterion 1.4.3)
# Contrast of every visible text against the nearest ground behind it, by WCAG 2.2.
CONTRASTS = """
() => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const found = numbers(getComputedStyle(at).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode, node = text.parentElement;
    if (!text.data.trim() || ['STYLE', 'TITLE'].includes(node.tagName)) continue;
    const style = getComputedStyle(node), inside = node.closest('svg') !== null;
    const ink = numbers(inside ? style.fill : style.color);
    const [a, b] = [light(ink), light(ground(node))].sort((x, y) => y - x);
    found.push([text.data.trim().slice(0, 40), (a + 0.05) / (b + 0.05)]);
  }
  return found;
}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A brief of a few short runs in a small world."""
    world = {"cercles": ["Mopti", "Bankass"]}
    small = [
        {"extend": name, "name": name, "title": f"{name}, small", "world": world}
        for name in ("extra-tobs", "accountability")
    ]
    control = {"extend": "baseline-2021", "name": "control", "title": "control, small", "world": world}
    experiment = experiment_from(
        {
            "name": "small",
            "title": "A small experiment",
            "question": "Does the page hold?",
            "levers": {"control": control, "arms": small},
            "uncertainties": {"design": "draws", "draws": 2},
            "outcomes": {"months": [2, 4], "count_from": "decision", "main": ["expected_civilian_deaths"]},
            "runs": {"seeds": 4},
        },
        "small.toml",
    )
    page = brief_page(
        experiment, compare(experiment.design), comparison_provenance(experiment.design), "name = 'small'\n"
    )
    path = tmp_path_factory.mktemp("brief") / PAGE
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture(params=[390, 1280], ids=["phone", "desk"])
def page(request: pytest.FixtureRequest, browser: Browser, file: Path) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 844})
    opened = context.new_page()
    opened.requests = []  # type: ignore[attr-defined]
    opened.on("request", lambda asked: opened.requests.append(asked.url))  # type: ignore[attr-defined]
    opened.goto(file.as_uri())
    yield opened
    context.close()


def test_nothing_is_asked_for_but_the_page(page: Page, file: Path) -> None:
    assert page.requests == [file.as_uri()]  # type: ignore[attr-defined]


def test_the_page_is_no_wider_than_the_screen(page: Page) -> None:
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= screen


def test_all_four_questions_are_seen_with_their_figures(page: Page) -> None:
    for key in ("personnel", "operations", "strategy", "cost"):
        box = page.locator(f"#{key} h2").bounding_box()
        assert box is not None
        assert box["height"] > 0
    drawn = page.locator("figure svg")
    assert drawn.count() >= 4
    for number in range(drawn.count()):
        box = drawn.nth(number).bounding_box()
        assert box is not None
        assert box["height"] > 50


def test_every_text_can_be_read_against_its_ground(page: Page) -> None:
    found = page.evaluate(CONTRASTS)
    assert len(found) > 100
    assert [(text, round(contrast, 2)) for text, contrast in found if contrast < CONTRAST] == []


def test_figures_and_tables_have_names_for_readers_who_hear_them(page: Page) -> None:
    assert page.get_by_role("img").count() == page.locator("figure").count()
    assert page.get_by_role("img", name="difference from the control").count() >= 1
    assert page.get_by_role("columnheader").count() > 10
    assert page.get_by_role("rowheader").count() > 10
    assert page.locator("h1").count() == 1
