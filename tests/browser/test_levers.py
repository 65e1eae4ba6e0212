"""The Levers place in a real browser: an arm is made, priced, refused where it must be, used, and taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser.serving import COMPILED_WITHIN, SOON
from browser.visitors import Visitor, visit

from abm.scenario import Scenario

pytest.importorskip("playwright")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COLUMN = "[data-test=cost-table] tbody tr:first-child td:last-child"
PACKAGE = Scenario.load("extra-tobs").package.units


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """At the Levers place, where the package of July 2021 stands ready to be changed."""
    with visit(browser, address, "levers") as guest:
        guest.wait_for("cost-table", COMPILED_WITHIN)
        yield guest


def a_year(visitor: Visitor) -> float:
    """Million dollars a year that the panel says."""
    found = re.search(r"[\d,.]+", visitor.page.inner_text(COLUMN))
    assert found is not None
    return float(found.group().replace(",", ""))


def wait_for_other_cost(visitor: Visitor, before: float) -> None:
    visitor.page.wait_for_function(
        "([cell, n]) => { const text = document.querySelector(cell)?.innerText.match(/[0-9,.]+/)?.[0];"
        " return text && Number(text.replaceAll(',', '')) !== n; }",
        arg=[COLUMN, before], timeout=SOON,
    )  # fmt: skip


def test_the_form_shows_the_package_and_every_change_is_listed_and_priced(visitor: Visitor) -> None:
    people = sum(line.units * line.heads for line in PACKAGE)
    assert f"{people:,} more uniformed people" in visitor.at("levers-people").inner_text()
    assert visitor.at("levers-unchanged").is_visible()
    before = a_year(visitor)
    visitor.at("unit-0-units").fill("9")
    wait_for_other_cost(visitor, before)
    assert a_year(visitor) > before
    assert "Extra units" in visitor.at("difference-package.units").inner_text()
    visitor.press("undo-package.units")
    assert visitor.at("levers-unchanged").is_visible()
    assert visitor.at("unit-0-units").input_value() == str(PACKAGE[0].units)


def test_units_are_added_changed_and_removed(visitor: Visitor) -> None:
    lines = visitor.page.locator(".levers-line")
    assert lines.count() == len(PACKAGE)
    visitor.press("unit-add")
    last = len(PACKAGE)
    assert lines.count() == last + 1
    assert visitor.at(f"unit-{last}-helicopters").count() == 0
    visitor.at(f"unit-{last}-type").select_option("aviation")
    assert visitor.at(f"unit-{last}-helicopters").is_visible()
    visitor.press("unit-0-remove")
    assert lines.count() == last


def test_what_the_model_refuses_is_said_at_the_field_and_nothing_is_lost(visitor: Visitor) -> None:
    visitor.at("levers-name").fill("too many heads")
    visitor.at("unit-1-heads").fill("5000")
    fault = visitor.wait_for("fault-unit-1-heads", SOON)
    assert "2000" in fault.inner_text()
    assert visitor.at("unit-1-heads").input_value() == "5000"
    assert visitor.at("levers-name").input_value() == "too many heads"
    visitor.at("unit-1-heads").fill("500")
    fault.wait_for(state="detached", timeout=SOON)
    visitor.wait_for("cost-table", SOON)


def test_places_are_named_on_the_map_and_in_the_list(visitor: Visitor) -> None:
    canvas = visitor.page.locator(".levers-map canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] * 0.55, "y": box["height"] * 0.55})
    visitor.wait_for("site-0", SOON)
    assert visitor.at("lever-un.allocation").input_value() == "fixed"
    visitor.at("new-site-lat").fill("14.078")
    visitor.at("new-site-lon").fill("-3.516")
    visitor.at("new-site-lon").press("Enter")
    assert visitor.at("site-1-lat").input_value() == "14.078"
    visitor.press("site-1-up")
    assert visitor.at("site-0-lat").input_value() == "14.078"
    visitor.press("site-1-remove")
    assert visitor.at("site-1").count() == 0
    visitor.at("lever-un.allocation").select_option("population")
    assert visitor.at("site-0").count() == 0
    visitor.at("lever-un.allocation").select_option("fixed")
    assert visitor.at("site-0-lat").input_value() == "14.078"


def test_an_arm_is_used_in_the_comparison_and_watched(visitor: Visitor) -> None:
    visitor.at("levers-start").select_option("scenario:accountability")
    visitor.at("levers-name").fill("our arm")
    visitor.at("lever-accountability.cooperation").fill("0.9")
    visitor.press("levers-use")
    arms = visitor.session()["arms"]
    assert arms[-1] == {
        "scenario": "accountability", "levers": {"accountability": {"cooperation": 0.9}}, "name": "our arm"
    }  # fmt: skip
    assert len(arms) == 3
    visitor.press("levers-watch")
    session = visitor.session()
    assert (session["place"], session["watch"]["choice"]) == ("watch", arms[-1])


def test_a_scenario_goes_out_as_a_file_and_comes_back(visitor: Visitor, tmp_path: Path) -> None:
    visitor.at("levers-name").fill("Two companies")
    visitor.at("unit-0-units").fill("2")
    visitor.at("lever-un.hospital_opens-word").select_option("0")
    file = visitor.downloaded("levers-download", tmp_path)
    scenario = Scenario.load(file)
    assert (scenario.package.units[0].units, scenario.un.hospital_opens) == (2, "never")
    visitor.at("levers-start").select_option("scenario:no-un")
    visitor.at("levers-scenario").set_input_files(file)
    visitor.page.wait_for_function(
        "() => document.querySelector('[data-test=unit-0-units]')?.value === '2'", timeout=SOON
    )
    assert visitor.at("levers-name").input_value() == "Two companies"
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('extend = "extra-tobs"\n[un]\nhelicopter = true\n', encoding="utf-8")
    visitor.at("levers-scenario").set_input_files(wrong)
    visitor.page.locator("[data-test=levers-file-said].wrong").wait_for(timeout=SOON)
    assert "un.helicopter" in visitor.at("levers-file-said").inner_text()
    assert visitor.at("unit-0-units").input_value() == "2"


def test_in_french_and_on_a_phone_nothing_is_cut(browser: Browser, address: str) -> None:
    phone = {"locale": "fr-FR", "viewport": {"width": 420, "height": 800}}
    with visit(browser, address, "levers", **phone) as guest:
        guest.wait_for("levers-start")
        assert "Redevabilité" in guest.page.inner_text("form.levers-form")
        assert guest.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
