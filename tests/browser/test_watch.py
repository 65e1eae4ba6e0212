"""The page in a real browser: content that is really there, a run that really runs, visitors kept apart, no internet.

A blank page answers HTTP 200 as well: every test looks at what the browser shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import sleep
from typing import TYPE_CHECKING

import pytest
from browser.serving import COMPILED_WITHIN, ROOT, SOON, serve, strangers

pytest.importorskip("solara")
pytest.importorskip("playwright")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve(ROOT / "server.py", tmp_path_factory.mktemp("server") / "log.txt")


class Visitor:
    """A browser window of its own that remembers what it asked for and what went wrong."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 800})
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(address)
        self.page.wait_for_selector("img.sc-map", timeout=COMPILED_WITHIN)

    def day(self) -> int:
        found = re.search(r"\d+", self.page.inner_text(".sc-day"))
        assert found is not None
        return int(found.group())

    def total(self, key: str) -> int:
        return int(re.sub(r"\D", "", self.page.inner_text(f"[data-total={key}]")))

    def wait_for_total(self, key: str, expected: float) -> None:
        """Until a total shows a number: parts of one picture reach the page one after the other."""
        self.page.wait_for_function(
            "([key, n]) => Number((document.querySelector(`[data-total=${key}]`)?.innerText ?? 'x')"
            ".replace(/[^0-9x]/g, '')) === n",
            arg=[key, expected],
            timeout=SOON,
        )

    def wait_for_other_map(self, source: str | None) -> None:
        """Until the map is another picture than one seen before."""
        self.page.wait_for_function(
            "s => (document.querySelector('img.sc-map')?.src ?? s) !== s", arg=source, timeout=SOON
        )

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def wait_for_day(self, condition: str, timeout: float = SOON) -> None:
        """Until the day number `n` fulfils a condition in JavaScript, such as "n > 7"."""
        number = "parseInt((document.querySelector('.sc-day')?.innerText ?? '').match(/\\d+/)?.[0])"
        self.page.wait_for_function(f"() => {{ const n = {number}; return {condition}; }}", timeout=timeout)


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    guest = Visitor(browser, address)
    yield guest
    guest.context.close()


def painted_share(page: Page, selector: str) -> float:
    """Share of an image's pixels that differ from its upper left one."""
    return float(
        page.evaluate(
            """selector => {
                const image = document.querySelector(selector);
                const canvas = document.createElement('canvas');
                canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
                const context = canvas.getContext('2d');
                context.drawImage(image, 0, 0);
                const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
                let other = 0;
                for (let k = 0; k < data.length; k += 4)
                    if (data[k] !== data[0] || data[k + 1] !== data[1] || data[k + 2] !== data[2]) other += 1;
                return other / (data.length / 4);
            }""",
            selector,
        )
    )


def test_page_shows_map_totals_and_caveat(visitor: Visitor) -> None:
    page = visitor.page
    assert page.inner_text("h1") == "Sector Centre"
    assert painted_share(page, "img.sc-map") > 0.3
    assert painted_share(page, "img.sc-legend") > 0.02
    assert "1 Jan 2021" in (page.get_attribute("img.sc-map", "alt") or "")
    assert visitor.total("troops") == 2050
    foot = page.inner_text(".sc-foot")
    assert "One run is one possible future." in foot
    assert "does not predict attacks on particular places or people" in foot
    assert visitor.errors == []


def test_all_fits_a_small_screen_without_scrolling_sideways(visitor: Visitor) -> None:
    page = visitor.page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    legend, foot = page.locator("img.sc-legend").bounding_box(), page.locator(".sc-foot").bounding_box()
    assert legend is not None
    assert foot is not None
    assert foot["y"] + foot["height"] <= 801  # always in view
    page.set_viewport_size({"width": 420, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


def test_step_play_pause_and_reset(visitor: Visitor) -> None:
    before = visitor.page.get_attribute("img.sc-map", "src")
    visitor.press("Step")
    visitor.wait_for_day("n === 7", COMPILED_WITHIN)
    visitor.wait_for_other_map(before)
    visitor.press("month")
    visitor.press("Play")
    visitor.wait_for_day("n > 60")
    visitor.press("Pause")
    visitor.page.get_by_role("button", name="Play", exact=True).wait_for(timeout=SOON)
    sleep(2.0)  # the picture under way when Pause was pressed
    paused = visitor.day()
    sleep(2.0)
    assert visitor.day() == paused
    visitor.page.wait_for_function(
        "() => Number(document.querySelector('[data-total=civilian_attacks]').innerText) > 0", timeout=SOON
    )
    visitor.press("Reset")
    visitor.wait_for_day("n === 0", COMPILED_WITHIN)
    visitor.wait_for_total("civilian_attacks", 0)


def test_a_run_shows_what_the_model_computes(visitor: Visitor) -> None:
    from abm.scenario import Scenario
    from abm.simulation import simulate
    from runs.outcomes import measure

    visitor.press("Step")
    visitor.wait_for_day("n === 7", COMPILED_WITHIN)
    records = simulate(Scenario.load("baseline-2021"), seed=0, days=7)
    expected = measure(records, records.first_day, records.last_day)
    for key in ("civilian_attacks", "civilian_deaths", "abuses", "prevented"):
        visitor.wait_for_total(key, expected[key])


def test_interval_over_other_seeds_arrives(visitor: Visitor) -> None:
    visitor.page.get_by_text(re.compile(r"over \d+ runs with other seeds")).wait_for(timeout=COMPILED_WITHIN)


def test_scenario_and_seed_can_be_chosen(visitor: Visitor) -> None:
    page = visitor.page
    page.locator(".sc-bar .v-select").click()
    page.get_by_role("option", name="no-un", exact=True).click()
    page.wait_for_function("() => document.querySelector('[data-total=troops]')?.innerText === '0'", timeout=SOON)
    seed = page.get_by_label("Seed")
    seed.fill("7")
    seed.press("Enter")
    page.locator(".sc-day").get_by_text("day 0 of 1095, seed 7").wait_for(timeout=SOON)
    visitor.press("Step")
    page.locator(".sc-day").get_by_text("day 7 of 1095, seed 7").wait_for(timeout=SOON)
    seed.fill("-1")
    seed.press("Enter")
    page.get_by_text("Seed: expected a whole number, 0 or more.").wait_for(timeout=SOON)
    assert "seed 7" in page.inner_text(".sc-day")
    assert visitor.errors == []


def test_layers_and_language_change_the_picture(visitor: Visitor) -> None:
    page = visitor.page
    before = page.get_attribute("img.sc-map", "src")
    page.locator(".sc-layers").get_by_text("bands", exact=True).click()
    visitor.wait_for_other_map(before)
    page.get_by_role("button", name="FR", exact=True).click()
    page.get_by_role("button", name="Lancer", exact=True).wait_for(timeout=SOON)
    page.locator(".sc-foot").get_by_text("Ce modèle compare des politiques").wait_for(timeout=SOON)
    assert visitor.errors == []


def test_visitors_have_models_of_their_own(browser: Browser, address: str) -> None:
    one, other = Visitor(browser, address), Visitor(browser, address)
    try:
        one.press("Step")
        one.wait_for_day("n === 7", COMPILED_WITHIN)
        assert other.day() == 0
        assert other.total("civilian_attacks") == 0
    finally:
        one.context.close()
        other.context.close()


def test_nothing_is_asked_of_another_machine(visitor: Visitor) -> None:
    visitor.press("Step")
    visitor.wait_for_day("n === 7", COMPILED_WITHIN)
    assert len(visitor.requests) > 5
    assert strangers(visitor.requests) == []
