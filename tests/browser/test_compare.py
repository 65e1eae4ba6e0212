"""The Compare place in a real browser: arms, maps of one seed, the difference over many, and what can be taken away."""

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
from PIL import Image

from abm.scenario import Scenario

pytest.importorskip("playwright")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SMALL = {"world": {"cercles": ["Bankass", "Mopti"]}}  # two cercles run in a fraction of the time
INTERVAL = re.compile(r"[+−]?\d[\d,.]* \([+−]?\d[\d,.]* to [+−]?\d[\d,.]*\)")
SET = "async changes => (await import(new URL('static/state.js', document.baseURI))).set(changes)"


def arm(scenario: str, name: str = "", **levers: Any) -> dict[str, Any]:
    return {"scenario": scenario, "levers": {**SMALL, **levers}, "name": name}


CONTROL = arm("baseline-2021", "small control", months=12)
STRATEGY = arm("malian-strategy", "small strategy", months=12)


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """At the Compare place, with a control and one arm in a small world."""
    with visit(browser, address, "about") as guest:
        guest.page.evaluate(SET, {"arms": [CONTROL, STRATEGY], "months": 12})
        guest.go("compare")
        guest.wait_for("compare-start")
        yield guest


def drawn(image: bytes) -> int:
    """Pixels of a picture that differ from its most common colour."""
    with Image.open(io.BytesIO(image)) as opened:
        picture = opened.convert("RGB")
    counts = picture.getcolors(picture.width * picture.height)
    assert counts is not None
    return picture.width * picture.height - max(count for count, _ in counts)


def wait_for_results(visitor: Visitor) -> None:
    visitor.press("compare-start")
    visitor.wait_for("compare-results", COMPILED_WITHIN)


def test_a_comparison_grows_stops_and_is_taken_away(visitor: Visitor, tmp_path: Path) -> None:
    visitor.at("compare-most").select_option("400")
    visitor.at("compare-precise").uncheck()
    wait_for_results(visitor)
    said = visitor.at("compare-headline").inner_text()
    assert "small strategy" in said
    assert INTERVAL.search(said)
    seen = visitor.at("compare-progress").inner_text()
    visitor.page.wait_for_function(
        "before => document.querySelector('[data-test=compare-progress]').innerText !== before", arg=seen, timeout=SOON
    )
    visitor.press("compare-stop")
    stopped = visitor.at("compare-progress").inner_text()
    assert stopped.endswith("Stopped.")
    runs = int(re.match(r"(\d+) of 400", stopped)[1])  # type: ignore[index]
    assert 4 <= runs < 400

    assert drawn(visitor.at("dot-interval").screenshot()) > 1000
    assert visitor.page.locator('[data-test="distribution"] circle.pair').count() >= 4
    table = visitor.at("compare-table")
    assert table.locator("tbody tr").count() == 13
    assert "Monte Carlo" in table.inner_text()
    assert re.fullmatch(r"[0-9a-f]{16}", visitor.at("compare-hash").inner_text())
    assert "No assumption was changed" in visitor.at("compare-provenance").inner_text()

    lines = visitor.downloaded("download-csv", tmp_path).read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    deaths = next(row for row in rows if row["key"] == "expected_civilian_deaths")
    assert deaths["arm"] == "small strategy"
    assert float(deaths["difference"]) < 0
    assert visitor.at("compare-hash").inner_text() in "\n".join(lines)
    svg = visitor.downloaded("download-svg", tmp_path).read_text(encoding="utf-8")
    assert "<svg" in svg
    assert svg.rstrip().endswith("</svg>")
    assert drawn(visitor.downloaded("download-png", tmp_path).read_bytes()) > 10_000
    saved = Scenario.load(str(visitor.downloaded("download-arm-1", tmp_path)))
    assert saved.world.cercles == ("Bankass", "Mopti")
    assert saved.strategy == Scenario.load("malian-strategy").strategy


def test_maps_show_one_seed_under_every_arm(visitor: Visitor) -> None:
    visitor.page.wait_for_function(
        "() => ['compare-map-0', 'compare-map-1'].every(name => document.querySelector(`[data-test=${name}] dd`))",
        timeout=COMPILED_WITHIN,
    )
    for number in (0, 1):
        assert visitor.drawn(f'[data-test="compare-map-{number}"] canvas') > 2000
    first = visitor.at("compare-date").inner_text()
    assert first.startswith("1 Jan 2021")
    slider = visitor.at("compare-day")
    visitor.page.wait_for_function(
        "() => document.querySelector('[data-test=lines] path.line')?.getAttribute('d').length > 200", timeout=SOON
    )
    slider.focus()
    visitor.page.keyboard.press("End")
    visitor.page.wait_for_function(
        "before => document.querySelector('[data-test=compare-date]').innerText !== before", arg=first, timeout=SOON
    )
    killed = re.sub(r"\(.*", "", visitor.at("compare-total-0-civilian_deaths").inner_text())
    assert int(killed.replace(",", "")) > 0
    assert "(" in visitor.at("compare-total-1-civilian_deaths").inner_text()
    assert "One run is one possible future." in visitor.page.inner_text(".compare-maps")
    now = slider.input_value()
    visitor.press("compare-play")
    visitor.page.wait_for_function(
        "before => document.querySelector('[data-test=compare-day]').value !== before", arg=now, timeout=SOON
    )


def test_arms_are_chosen_and_what_is_old_says_so(visitor: Visitor) -> None:
    wait_for_results(visitor)
    visitor.press("compare-stop")
    assert visitor.at("compare-old").count() == 0
    visitor.press("arm-add")
    assert visitor.at("arm-2").count() == 1
    visitor.wait_for("compare-old")
    visitor.press("arm-remove-2")
    visitor.at("compare-old").wait_for(state="detached", timeout=SOON)
    visitor.page.evaluate(SET, {"arms": [CONTROL, {**CONTROL, "name": "the same"}]})
    assert "dentical" in visitor.wait_for("arm-same-1").inner_text()
    assert visitor.at("compare-start").is_disabled()
    assert "identical" in visitor.at("compare-progress").inner_text()
    visitor.at("arm-scenario-1").select_option("no-un")
    arms = visitor.session()["arms"]
    assert [one["scenario"] for one in arms] == ["baseline-2021", "no-un"]
    assert visitor.at("compare-start").is_enabled()


def test_an_arm_that_is_identical_is_not_drawn_as_zero(visitor: Visitor) -> None:
    visitor.page.evaluate(SET, {"arms": [CONTROL, STRATEGY, {**CONTROL, "name": "the same"}]})
    wait_for_results(visitor)
    assert "identical" in visitor.at("result-same-2").inner_text()
    assert "the same" not in visitor.at("dot-interval").inner_text()


def test_files_and_refusals_are_readable_and_the_page_lives(visitor: Visitor, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text('extend = "accountability"\nname = "mine"\nmonths = 12\n', encoding="utf-8")
    bad.write_text('extend = "accountability"\nname = "mine"\nmonths = "many"\n', encoding="utf-8")
    visitor.at("arm-file-1").set_input_files(bad)
    assert "months" in visitor.page.locator('[data-test="arm-1"] [role="alert"]').inner_text(timeout=SOON)
    visitor.at("arm-file-1").set_input_files(good)
    visitor.page.locator('[data-test="arm-1"]', has_text="levers changed: 1").wait_for(timeout=SOON)
    assert visitor.session()["arms"][1]["scenario"] == "accountability"
    assert visitor.session()["arms"][1]["levers"] == {"months": 12}
    visitor.page.evaluate(SET, {"arms": [CONTROL, arm("no-un", "wrong", months=-3)]})
    visitor.press("compare-start")
    assert "months" in visitor.wait_for("compare-wrong").inner_text()
    visitor.page.evaluate(SET, {"arms": [CONTROL, STRATEGY]})
    wait_for_results(visitor)


def test_in_french(browser: Browser, address: str) -> None:
    with visit(browser, address, "about", locale="fr-FR", viewport={"width": 420, "height": 900}) as guest:
        guest.page.evaluate(SET, {"arms": [CONTROL, STRATEGY], "months": 12})
        guest.go("compare")
        guest.wait_for("compare-start")
        wait_for_results(guest)
        assert "intervalle" in guest.at("dot-interval").inner_text()
        assert re.search(r"\d,\d|−\d+", guest.at("compare-headline").inner_text())
        assert guest.page.evaluate("document.documentElement.scrollWidth") <= 420
