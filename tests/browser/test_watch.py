"""The place Watch in a real browser: a map that is really drawn, a run that really runs, and figures the model gives.

A blank page answers HTTP 200 as well: every test looks at what the browser shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from browser.serving import COMPILED_WITHIN, ROOT, SOON
from browser.visitors import Visitor, visit

pytest.importorskip("uvicorn")
pytest.importorskip("playwright")

from abm.geography import CERCLE_LABELS, to_km, to_lonlat
from abm.scenario import Scenario
from abm.simulation import simulate
from abm.views import layers, palette
from runs.outcomes import measure

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SMOOTH = 15.0  # pictures a second, at least
MAP = "canvas[data-test=map]"
# Calls a function of one of the map's modules with arguments.
CALL = """
async ([module, name, values]) => {
  const found = await import(new URL(`static/map/${module}.js`, document.baseURI));
  return typeof found[name] === "function" ? found[name](...values) : found[name];
}
"""
SEEK = "(slider, day) => { slider.value = day; slider.dispatchEvent(new Event('input', {bubbles: true})); }"


class Watcher(Visitor):
    """A visitor who watches a run."""

    def __init__(self, visitor: Visitor) -> None:
        vars(self).update(vars(visitor))
        self.page.locator(f"{MAP}[data-drawn=run]").wait_for(timeout=COMPILED_WITHIN)

    @property
    def map(self) -> Locator:
        return self.page.locator(MAP)

    def said(self, name: str) -> str:
        """What the canvas says of itself: frames drawn, day, layers."""
        return self.map.get_attribute(f"data-{name}") or ""

    def first(self) -> int:
        return int(self.at("day-slider").get_attribute("min") or -1)

    def wait_for_day(self, day: int) -> None:
        self.page.locator(f"{MAP}[data-day='{day}']").wait_for(timeout=SOON)

    def wait_for_whole_run(self) -> None:
        self.at("arriving").wait_for(state="detached", timeout=COMPILED_WITHIN)

    def seek(self, day: int) -> None:
        self.at("day-slider").evaluate(SEEK, day)

    def total(self, key: str) -> float:
        return self.figure(f"total-{key}")

    def call(self, module: str, name: str, *values: Any) -> Any:
        return self.page.evaluate(CALL, [module, name, list(values)])

    def rate(self, seconds: float = 2.0) -> float:
        """Pictures a second, while it plays."""
        before = int(self.said("frames"))
        sleep(seconds)
        return (int(self.said("frames")) - before) / seconds


@pytest.fixture
def watcher(browser: Browser, address: str) -> Iterator[Watcher]:
    with visit(browser, address) as visitor:
        yield Watcher(visitor)


def test_shows_map_totals_interval_and_caveat(watcher: Watcher) -> None:
    assert watcher.drawn(MAP) > 100_000
    assert watcher.at("date").inner_text() == "1 Jan 2021"
    assert watcher.total("troops") == 2050
    assert "One run is one possible future." in watcher.at("spread").inner_text()
    assert "does not predict attacks on particular places or people" in watcher.page.inner_text("footer")
    for handle in watcher.page.locator("[data-test=legend] canvas.handle").all()[:12]:
        assert handle.evaluate("c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)")


def test_legend_is_never_over_the_map_and_nothing_scrolls_sideways(watcher: Watcher) -> None:
    for width in (1440, 1280, 1000, 820, 420):
        watcher.page.set_viewport_size({"width": width, "height": 800})
        legend, shown = watcher.at("legend").bounding_box(), watcher.map.bounding_box()
        assert legend is not None
        assert shown is not None
        beside = legend["x"] >= shown["x"] + shown["width"] or legend["y"] >= shown["y"] + shown["height"]
        assert beside, width
        assert watcher.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width


def test_a_run_shows_what_the_model_computes(watcher: Watcher) -> None:
    first = watcher.first()
    watcher.wait_for_whole_run()
    watcher.seek(first + 99)
    watcher.wait_for_day(first + 99)
    records = simulate(Scenario.load("baseline-2021"), seed=0, days=100)
    expected = measure(records, records.first_day, records.last_day)
    assert records.first_day == first
    for key in ("civilian_attacks", "civilian_deaths", "abuses", "intercommunal_events", "prevented", "warnings"):
        assert watcher.total(key) == expected[key], key
    lines = [watcher.page.inner_text(f"[data-test=months-{mark.key}] b") for mark in palette.PERPETRATORS]
    assert sum(int(n) for n in lines) == expected["civilian_attacks"]


def test_step_play_pause_and_scrub_back(watcher: Watcher) -> None:
    first = watcher.first()
    watcher.press("step")
    watcher.wait_for_day(first + 7)
    watcher.press("back")
    watcher.wait_for_day(first)
    watcher.wait_for_whole_run()
    watcher.at("speed").select_option("60")
    watcher.press("play")
    sleep(1.5)
    watcher.press("play")
    sleep(0.5)  # the frame under way when pause was pressed
    paused = watcher.said("frames"), watcher.said("day")
    assert int(paused[1]) > first + 30
    sleep(1.0)
    assert watcher.said("day") == paused[1]  # nothing moves unless time moves
    assert int(watcher.said("frames") or 0) <= int(paused[0] or 0) + 3  # what arrives may draw the same day again
    deaths = watcher.total("civilian_deaths")
    watcher.seek(first + 14)
    watcher.wait_for_day(first + 14)
    assert watcher.total("civilian_deaths") <= deaths
    watcher.press("reset")
    watcher.wait_for_day(first)


def test_keys_play_step_and_switch_layers(watcher: Watcher) -> None:
    first, keys = watcher.first(), watcher.page.keyboard
    watcher.wait_for_whole_run()
    keys.press("ArrowRight")
    watcher.wait_for_day(first + 7)
    keys.press("ArrowLeft")
    watcher.wait_for_day(first)
    keys.press("End")
    watcher.wait_for_day(int(watcher.at("day-slider").get_attribute("max") or 0))
    assert "bands" in watcher.said("layers").split()
    before = watcher.drawn(MAP)
    keys.press("2")
    assert "bands" not in watcher.said("layers").split()
    assert watcher.at("layer-bands").get_attribute("aria-pressed") == "false"
    assert watcher.drawn(MAP) != before
    watcher.press("layer-harm")
    assert "harm" in watcher.said("layers").split()
    keys.press("Home")
    watcher.wait_for_day(first)


def test_plays_smoothly(watcher: Watcher) -> None:
    watcher.wait_for_whole_run()
    watcher.at("speed").select_option("30")
    watcher.seek(watcher.first() + 365)
    watcher.press("play")
    assert max(watcher.rate() for _ in range(4)) >= SMOOTH


def test_scenario_and_seed_change_while_it_plays(watcher: Watcher) -> None:
    first = watcher.first()
    watcher.at("speed").select_option("7")
    watcher.press("play")
    watcher.at("scenario").select_option("no-un")
    watcher.page.locator("[data-test=total-troops][data-value='0']").wait_for(timeout=SOON)
    watcher.at("seed").fill("7")
    watcher.at("seed").press("Enter")
    watcher.page.locator(f"{MAP}[data-drawn=run][data-seed='7']").wait_for(timeout=COMPILED_WITHIN)
    watcher.page.get_by_role("button", name="Pause", exact=True).click(timeout=SOON)  # it played on
    watcher.wait_for_whole_run()
    watcher.seek(first + 29)
    watcher.wait_for_day(first + 29)
    records = simulate(Scenario.load("no-un"), seed=7, days=30)
    expected = measure(records, records.first_day, records.last_day)
    assert watcher.total("civilian_deaths") == expected["civilian_deaths"]
    watcher.at("seed").fill("-1")
    watcher.at("seed").press("Enter")
    watcher.page.get_by_text("Seed: expected a whole number, 0 or more.").wait_for(timeout=SOON)
    assert watcher.session()["seed"] == 7


def test_pointer_and_keyboard_tell_what_is_there(watcher: Watcher) -> None:
    watcher.map.focus()
    for _ in range(3):
        watcher.page.keyboard.press("+")
    watcher.page.keyboard.press("Enter")
    told = watcher.wait_for("picked", SOON).inner_text()
    assert any(cercle in told for cercle in CERCLE_LABELS)
    watcher.press("picked-close")
    assert watcher.at("picked").count() == 0
    watcher.press("zoom-reset")
    box = watcher.map.bounding_box()
    assert box is not None
    for layer in ("bands", "army", "un"):
        watcher.press(f"layer-{layer}")
    watcher.map.click(position={"x": 0.25 * box["width"], "y": 0.8 * box["height"]})
    assert re.search(r"Cell of 10 by 10 km, cercle of (Ségou|Bla|Barouéli)", watcher.wait_for("picked").inner_text())
    assert watcher.figure("cell-people") > 0
    watcher.map.click(position={"x": 0.05 * box["width"], "y": 0.1 * box["height"]})  # outside the region
    watcher.at("picked").wait_for(state="detached", timeout=SOON)


def test_french(watcher: Watcher) -> None:
    watcher.press("language")
    watcher.page.get_by_role("button", name="Lancer", exact=True).wait_for(timeout=SOON)
    assert "Une simulation est un avenir possible" in watcher.at("spread").inner_text()
    watcher.page.locator(f"{MAP}[data-drawn=run]").wait_for(timeout=SOON)  # the run is kept
    assert watcher.at("legend").get_by_text("Groupes armés jihadistes").count() == 1


def test_changed_assumptions_are_said(browser: Browser, address: str) -> None:
    with visit(browser, address) as visitor:
        visitor.page.evaluate(
            "async () => (await import(new URL('static/state.js', document.baseURI))).assume('presence_km', 30)"
        )
        watcher = Watcher(visitor)
        assert "One assumption differs from its default." in watcher.wait_for("changes").inner_text()
        watcher.press("to-assumptions")
        assert watcher.session()["place"] == "assumptions"


def test_interval_over_other_seeds_arrives(watcher: Watcher) -> None:
    watcher.page.get_by_text(re.compile(r"over \d+ runs with other seeds")).wait_for(timeout=COMPILED_WITHIN)
    watcher.at("spread-details").locator("summary").click()
    assert re.search(r"other runs: [\d,]+ to [\d,]+", watcher.at("strip-civilian_deaths").inner_text())


def test_picture_to_take_away(watcher: Watcher, tmp_path: Path) -> None:
    from PIL import Image

    with Image.open(watcher.downloaded("save-picture", tmp_path)) as image:
        assert image.format == "PNG"
        assert image.width >= 2000
        assert len(image.convert("RGB").getcolors(image.width * image.height) or ()) > 500


def test_nothing_is_asked_of_another_machine(watcher: Watcher) -> None:
    watcher.wait_for_whole_run()
    assert len(watcher.requests) > 10
    assert watcher.strangers() == []


def test_the_page_has_the_projection_and_sizes_of_the_model(watcher: Watcher) -> None:
    assert watcher.call("projection", "toKm", 14.35, -3.61) == pytest.approx(to_km(-3.61, 14.35))
    lat, lon = watcher.call("projection", "toLatLon", 250.0, 180.0)
    assert (lon, lat) == pytest.approx(to_lonlat(250.0, 180.0))
    point = 96.0 / layers.POINTS  # pixels, of which an inch of a page has 96
    for name, width in (
        ("villageWidth", layers.village_width), ("bandWidth", layers.band_width), ("armyWidth", layers.army_width),
        ("troopsWidth", layers.troops_width), ("attackWidth", layers.attack_width),
    ):  # fmt: skip
        for amount in (1.0, 40.0, 900.0):
            assert watcher.call("look", name, amount) == pytest.approx(point * float(width(np.float64(amount)))), name
    assert watcher.call("look", "attackAlpha", 12) == pytest.approx(layers.attack_alpha(12))


def test_the_page_has_the_colours_of_the_pictures() -> None:
    text = (ROOT / "web" / "static" / "map" / "look.js").read_text(encoding="utf-8")
    names = (
        "SAND", "OUTSIDE", "CERCLE_LINE", "ZONE_LINE", "WATER", "RIVER", "FLOODED", "FLOOD_HATCH", "ROAD", "VILLAGE",
        "TEXT", "QUIET_TEXT", "EDGE",
    )  # fmt: skip
    for name in names:
        assert f'{name} = "{getattr(palette, name)}"' in text
    for mark in palette.PERPETRATORS:
        assert f'key: "{mark.key}", colour: "{mark.colour}"' in text
    assert ", ".join(f'"{fill}"' for fill in palette.COMMUNITY_FILLS) in text
