"""Files that visitors hand in, in a real browser: bytes as they come, readable refusals, visitors kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser.serving import SOON
from browser.visitors import Visitor, visit
from event_samples import GAO, acled, written

from calibration.event_files import monthly_counts
from calibration.event_summary import Reason

pytest.importorskip("playwright")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEADER = "name,latitude,longitude\n"
PLACES = HEADER + "".join(f"Lieu {n},{14.0 + n / 100:.2f},-4.0\n" for n in range(12))
VILLAGES = """
async gazetteer => {
  const {ask} = await import(new URL("static/socket.js", document.baseURI));
  const choice = {scenario: "no-un", levers: {world: {gazetteer}}, name: ""};
  return new Promise((resolve) => {
    const job = ask({ask: "watch", choice, assumptions: {}, seed: 0, spread: false}, {on: {
      world: (message) => { job.stop(); resolve(message.arrays.village_x.length); },
      wrong: resolve,
    }});
  });
}
"""


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    with visit(browser, address, "levers") as made:
        made.wait_for("levers-scenario")
        yield made


def hand_in(visitor: Visitor, kind: str, data: bytes, name: str = "mine.txt") -> str:
    """What the page says of a file."""
    before = visitor.at("levers-file-said").inner_text()
    visitor.at(f"levers-{kind}").set_input_files({"name": name, "mimeType": "text/plain", "buffer": data})
    visitor.page.wait_for_function(
        "before => ![before, ''].includes(document.querySelector('[data-test=levers-file-said]').innerText)",
        arg=before,
        timeout=SOON,
    )
    return visitor.at("levers-file-said").inner_text()


def test_what_nobody_should_hand_in_is_refused_and_the_page_works_on(visitor: Visitor) -> None:
    for data, said in (
        (b'extend = "/etc/passwd.toml"', "/etc/passwd.toml is no scenario that comes with the program"),
        (b'extend = "../x.toml"', "../x.toml is no scenario"),
        (b'extend = "no-un"\nworld.gazetteer = "/etc/passwd"', "cannot name a file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "this is no text"),
        ('title = "Sévaré \ufffd"'.encode(), "mine.txt, line 1: some letters were lost"),
        (b"months = " + b"[" * 100_000, "inside each other"),
        (b"x" * 300_000, "has 300 kB; at most 256 kB"),
        (b"", "is empty"),
    ):
        assert said in hand_in(visitor, "scenario", data)
        assert visitor.at("levers-file-said").evaluate("e => e.classList.contains('wrong')")
    good = hand_in(visitor, "scenario", b'\xef\xbb\xbfextend = "no-un"\nname = "mine"\ntitle = "Mine"\n')
    assert good == "Read: mine.txt"


def test_files_are_read_by_their_bytes(visitor: Visitor) -> None:
    text = 'extend = "no-un"\nname = "nuit"\ntitle = "Sévaré – nuit"\n'
    for encoding in ("utf-8-sig", "cp1252"):
        assert hand_in(visitor, "scenario", text.encode(encoding), f"{encoding}.toml") == f"Read: {encoding}.toml"
        assert visitor.at("levers-name").input_value() == "Sévaré – nuit"
        hand_in(visitor, "scenario", b'extend = "no-un"\nname = "x"\ntitle = "x"\n', f"between-{encoding}.toml")
        assert visitor.at("levers-name").input_value() == "x"


def test_a_gazetteer_is_its_visitor_s_own(visitor: Visitor, browser: Browser, address: str) -> None:
    latin = (HEADER + "Djenné,13.9,-4.55\nGao,16.3,-0.0\n").encode("latin-1")
    assert hand_in(visitor, "gazetteer", latin, "djenné.csv") == "Read: djenné.csv"
    account = visitor.at("levers-gazetteer-account")
    assert "djenné.csv: 1 of 2 places are in the region and are used; 1 lie outside." in account.inner_text()
    assert "x.csv, line 2, latitude" in hand_in(visitor, "gazetteer", (HEADER + "a,-4,14\n").encode(), "x.csv")
    assert hand_in(visitor, "gazetteer", PLACES.encode(), "places.csv") == "Read: places.csv"
    assert "places.csv: 12 of 12 places" in account.inner_text()
    assert "12 populations, 12 communities" in account.inner_text()
    assert "real places" in account.inner_text()
    change = visitor.at("difference-world.gazetteer").inner_text()
    assert "made up, not real → the file handed in" in change
    visitor.press("undo-world.gazetteer")
    assert account.count() == 0
    assert visitor.page.evaluate(VILLAGES, "uploaded") == 12
    fewer = "".join(PLACES.splitlines(keepends=True)[:8])
    assert hand_in(visitor, "gazetteer", fewer.encode(), "fewer.csv") == "Read: fewer.csv"
    assert visitor.page.evaluate(VILLAGES, "uploaded") == 7
    with visit(browser, address) as other:
        assert "hand it in again" in other.page.evaluate(VILLAGES, "uploaded")
        assert "cannot name a file" in other.page.evaluate(VILLAGES, "/etc/passwd")


def events_said(visitor: Visitor, data: bytes, name: str) -> str:
    """What the panel of events says of a file."""
    visitor.at("events-file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": data})
    visitor.page.wait_for_function(
        "name => document.querySelector('[data-test=events-said]').innerText.includes(name)", arg=name, timeout=SOON
    )
    return visitor.at("events-said").inner_text()


def test_events_are_accounted_for_beside_the_record(browser: Browser, address: str, tmp_path: Path) -> None:
    rows = [acled(1), acled(2, **GAO), acled(3, event_date="2 May 2020", actor1="Bandits (Nobody)")]
    with visit(browser, address, "about/own-events") as visitor:
        visitor.wait_for("events-file")
        said = events_said(visitor, written(tmp_path, rows).read_bytes(), "acled.csv")
        assert said == "acled.csv: rows read 3, events kept 1, rows dropped 2."
        assert "12 Mar 2020" in visitor.at("events-account").inner_text()
        dropped = visitor.at("events-dropped").locator("tbody tr").all_inner_texts()
        assert [text.split("\t")[0] for text in dropped] == [str(Reason.OUTSIDE), str(Reason.ACTOR)]
        assert "Bandits (Nobody)" in visitor.at("events-unmapped").inner_text()
        assert_beside_the_record(visitor)
        visitor.press("language")
        visitor.page.wait_for_selector("html[lang=fr]")
        assert visitor.wait_for("events-said").inner_text().startswith("acled.csv")
        assert "lignes écartées" in visitor.at("events-said").inner_text()


def assert_beside_the_record(visitor: Visitor) -> None:
    """The picture and both tables show the months of the file as the embedded record counts them."""
    record = [row for row in monthly_counts() if row["month"] == "2020-03"]
    kinds = {row["kind"] for row in record} | {"civilians_by_jihadists"}
    assert visitor.at("events-chart").locator("svg").count() == len(kinds)
    assert visitor.at("events-chart").locator("path.line").count() == 2 * len(kinds)
    lines = [line.split("\t") for line in visitor.at("events-kinds").locator("tbody tr").all_inner_texts()]
    assert sum(int(events) for _, events, *_ in lines) == 1
    assert sum(int(line[-1]) for line in lines) == sum(int(row["events"]) for row in record)
    visitor.at("events-monthly").locator("summary").click()
    cells = visitor.wait_for("events-months").locator("tbody td:last-child").all_inner_texts()
    assert sum(map(int, cells)) == sum(int(row["deaths"]) for row in record)


def test_what_is_no_table_of_events_is_refused_and_the_panel_works_on(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    with visit(browser, address, "about/own-events") as visitor:
        visitor.wait_for("events-file")
        for name, data, expected in (
            ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "this is no text"),
            ("empty.csv", b"", "is empty"),
            ("other.csv", b"name,latitude\nx,14\n", "expected"),
            ("huge.csv", b"x" * 20_000_000, "has 20,000 kB; at most 8,000 kB are read"),
            ("wide.csv", b"a," * 30_000, "a cell with more than"),
        ):
            assert expected in events_said(visitor, data, name)
            assert visitor.at("events-said").evaluate("e => e.classList.contains('wrong')")
            assert visitor.at("events-account").count() == 0
        unusable = events_said(visitor, written(tmp_path, [acled(1, **GAO)]).read_bytes(), "gao.csv")
        assert unusable == "gao.csv: rows read 1, events kept 0, rows dropped 1."
        assert visitor.at("events-chart").count() == 0
        hostile = acled(1, actor1="<img src=x onerror=alert(1)>", inter1="=cmd|' /C calc'!A0")
        events_said(visitor, written(tmp_path, [hostile]).read_bytes(), "markup.csv")
        assert "<img src=x" in visitor.at("events-unmapped").inner_text()
        assert visitor.at("about-events").locator("img").count() == 0
        assert "events kept 1" in events_said(visitor, written(tmp_path, [acled(1)]).read_bytes(), "good.csv")
        assert visitor.at("events-chart").is_visible()
