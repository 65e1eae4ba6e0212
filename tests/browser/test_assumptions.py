"""The Assumptions place in a real browser: cards, sliders, the panel that answers, and what would change the answer."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser.serving import COMPILED_WITHIN, SOON
from browser.visitors import Visitor, visit

from abm.declarations import declarations
from abm.parameters import Parameters

pytest.importorskip("playwright")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SMALL = {"world": {"cercles": ["Bankass", "Mopti"]}, "months": 12}  # two cercles run in a fraction of the time
SET = "async changes => (await import(new URL('static/state.js', document.baseURI))).set(changes)"
DECLARED = declarations(Parameters)
INTERVAL = re.compile(r"[+−]?\d[\d,.]* \([+−]?\d[\d,.]* to [+−]?\d[\d,.]*\)")


def arm(scenario: str) -> dict[str, Any]:
    return {"scenario": scenario, "levers": SMALL, "name": ""}


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """At the Assumptions place, with a control and one arm in a small world."""
    with visit(browser, address, "about") as guest:
        guest.page.evaluate(SET, {"arms": [arm("baseline-2021"), arm("malian-strategy")], "months": 12})
        guest.go("assumptions")
        guest.wait_for("assumptions-search")
        yield guest


def count(visitor: Visitor) -> int:
    """Cards that the page says it shows."""
    found = re.match(r"\d+", visitor.at("assumptions-count").inner_text())
    assert found is not None
    return int(found.group())


def test_every_parameter_has_a_card_with_its_source_and_is_found(visitor: Visitor) -> None:
    assert count(visitor) == len(DECLARED)
    shown = visitor.page.locator("article.assume-card").count()
    assert 0 < shown < len(DECLARED)  # closed groups are not drawn
    visitor.press("open-all")
    assert visitor.page.locator("article.assume-card").count() == len(DECLARED)
    card = visitor.at("card-reduction_army").inner_text()
    assert "○ assumption" in card
    assert DECLARED["reduction_army"].source in card
    visitor.at("assumptions-search").fill("reduction_army")
    assert count(visitor) == 1
    visitor.at("assumptions-search").fill("")
    for status in ("literature", "assumption"):
        visitor.at(f"status-{status}").uncheck()
    assert count(visitor) == sum(d.status == "calibrated" for d in DECLARED.values())


def test_a_moved_slider_is_answered_beside_the_defaults(visitor: Visitor) -> None:
    visitor.wait_for("difference-is-default", COMPILED_WITHIN)
    assert visitor.at("assumptions-nothing").is_visible()
    visitor.at("assumptions-search").fill("dialogue_success")
    slider = visitor.at("slider-dialogue_success")
    slider.press("PageUp")
    slider.press("ArrowRight")
    value = visitor.session()["assumptions"]["dialogue_success"]
    assert value > DECLARED["dialogue_success"].default
    visitor.wait_for("difference-is-new", COMPILED_WITHIN)
    for row in ("difference-is-default", "difference-is-new"):
        text = visitor.at(row).inner_text()
        assert INTERVAL.search(text)
        ends = re.search(r"\(([+−]?)[\d,.]+ to ([+−]?)[\d,.]+\)", text)
        assert ends is not None
        assert ("not resolved" in text) == (ends.group(1) != ends.group(2))
    visitor.press("reset-dialogue_success")
    assert visitor.session()["assumptions"] == {}
    visitor.wait_for("assumptions-nothing", SOON)


def test_a_number_out_of_bounds_is_said_and_not_taken(visitor: Visitor) -> None:
    visitor.at("assumptions-search").fill("reduction_army")
    field = visitor.at("number-reduction_army")
    field.fill("7")
    field.press("Enter")
    assert "Expected a number from 0 to 0.95." in visitor.at("card-reduction_army").inner_text()
    assert visitor.session()["assumptions"] == {}
    field.fill("0.4321")
    field.press("Enter")
    assert visitor.session()["assumptions"] == {"reduction_army": 0.4321}
    visitor.at("assumptions-search").fill("")
    visitor.at("changed-only").check()
    assert count(visitor) == 1
    visitor.press("reset-all")
    assert visitor.session()["assumptions"] == {}


def test_what_would_change_the_answer_and_its_table(visitor: Visitor, tmp_path: Path) -> None:
    visitor.press("answers-start")
    table = visitor.wait_for("answers-table", COMPILED_WITHIN)
    assert visitor.page.locator('[data-test="tornado"] .row-of-chart').count() == table.locator("tbody tr").count() > 5
    visitor.press("answers-stop")
    text = visitor.downloaded("answers-csv", tmp_path).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO("".join(line for line in text.splitlines(True) if line[0] != "#"))))
    assert {name for name in DECLARED if any(name in row.values() for row in rows)} >= {"dialogue_success"}
    assert visitor.downloaded("answers-svg", tmp_path).read_bytes().lstrip().startswith(b"<?xml")


def test_in_french_and_on_a_phone_nothing_is_cut(browser: Browser, address: str) -> None:
    phone = {"locale": "fr-FR", "viewport": {"width": 420, "height": 800}}
    with visit(browser, address, "assumptions", **phone) as guest:
        guest.wait_for("assumptions-search")
        assert "hypothèse" in guest.at("status-assumption").locator("..").inner_text()
        assert guest.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
