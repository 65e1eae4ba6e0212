"""Files that visitors hand in, in a real browser: bytes as they come, readable refusals, visitors kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser.serving import SOON
from browser.visitors import Visitor, visit
from event_samples import GAO, acled, written

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
ASK = "async question => (await import(new URL('static/socket.js', document.baseURI))).once(question)"


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
        ('title = "Sévaré"'.encode("latin-1"), "mine.txt, line 1: some letters were lost"),
        (b"months = " + b"[" * 100_000, "inside each other"),
        (b"x" * 300_000, "has 300 kB; at most 256 kB"),
        (b"", "is empty"),
    ):
        assert said in hand_in(visitor, "scenario", data)
        assert visitor.at("levers-file-said").evaluate("e => e.classList.contains('wrong')")
    good = hand_in(visitor, "scenario", b'\xef\xbb\xbfextend = "no-un"\nname = "mine"\ntitle = "Mine"\n')
    assert good == "Read: mine.txt"


def test_a_gazetteer_is_its_visitor_s_own(visitor: Visitor, browser: Browser, address: str) -> None:
    latin = (HEADER + "Djenné,13.9,-4.55\n").encode("latin-1")
    assert "line 2: some letters were lost" in hand_in(visitor, "gazetteer", latin)
    assert "x.csv, line 2, latitude" in hand_in(visitor, "gazetteer", (HEADER + "a,-4,14\n").encode(), "x.csv")
    assert hand_in(visitor, "gazetteer", PLACES.encode(), "places.csv") == "Read: places.csv"
    assert visitor.page.evaluate(VILLAGES, "uploaded") == 12
    fewer = "".join(PLACES.splitlines(keepends=True)[:8])
    assert hand_in(visitor, "gazetteer", fewer.encode(), "fewer.csv") == "Read: fewer.csv"
    assert visitor.page.evaluate(VILLAGES, "uploaded") == 7
    with visit(browser, address) as other:
        assert "hand it in again" in other.page.evaluate(VILLAGES, "uploaded")
        assert "cannot name a file" in other.page.evaluate(VILLAGES, "/etc/passwd")


def test_events_are_accounted_for(visitor: Visitor, tmp_path: Path) -> None:
    text = written(tmp_path, [acled(1), acled(2, **GAO)]).read_text(encoding="utf-8")
    answer: dict[str, Any] = visitor.page.evaluate(
        ASK, {"ask": "read", "kind": "events", "name": "acled.csv", "text": text}
    )
    events = answer["events"]
    assert (events["file"], events["read"], events["kept"], events["months"]) == ("acled.csv", 2, 1, ["2020-03"])
    assert [reason["word"] for reason in events["dropped"]] == ["uploads_reason_outside"]
