"""Sessions in a real browser: kept, opened again, deleted, carried in a file and in a link; wrong ones refused."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from browser.serving import SOON
from browser.visitors import Visitor, visit

pytest.importorskip("playwright")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SET = "async changes => (await import(new URL('static/state.js', document.baseURI))).set(changes)"
CHANGED = {
    "seed": 7,
    "assumptions": {"delta_un": 0.4},
    "arms": [
        {"scenario": "baseline-2021", "levers": {}, "name": ""},
        {"scenario": "accountability", "levers": {"accountability": {"cooperation": 0.9}}, "name": "Réponse forte"},
    ],
}


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """Where nothing is computed, with a session that is not the first one."""
    with visit(browser, address, "about") as guest:
        guest.page.evaluate(SET, CHANGED)
        guest.press("sessions")
        yield guest


def is_changed(visitor: Visitor) -> bool:
    session = visitor.session()
    return {key: session[key] for key in CHANGED} == CHANGED


def wait_until_changed(visitor: Visitor) -> None:
    end = monotonic() + SOON / 1000
    while not is_changed(visitor):
        assert monotonic() < end, visitor.session()
        visitor.page.wait_for_timeout(50)


def forget(visitor: Visitor) -> None:
    visitor.page.evaluate(SET, {"seed": 0, "assumptions": {}, "arms": CHANGED["arms"][::-1]})  # type: ignore[index]


def test_a_session_is_saved_opened_deleted_and_kept_after_all(visitor: Visitor) -> None:
    visitor.press("session-save")
    assert "name" in visitor.at("sessions-said").inner_text()
    visitor.at("session-name").fill("Atelier de Mopti")
    visitor.press("session-save")
    assert visitor.at("session-kept").count() == 1
    forget(visitor)
    visitor.page.reload()
    visitor.press("sessions")
    assert not is_changed(visitor)
    visitor.press("session-restore")
    wait_until_changed(visitor)
    visitor.press("sessions")
    visitor.press("session-delete")
    assert visitor.at("session-kept").count() == 0
    visitor.press("session-undo")
    assert "Atelier de Mopti" in visitor.at("session-kept").inner_text()


def test_a_session_goes_out_as_a_file_and_comes_back(visitor: Visitor, tmp_path: Path) -> None:
    file = visitor.downloaded("session-export", tmp_path)
    assert tomllib.loads(file.read_text(encoding="utf-8"))["arms"] == CHANGED["arms"]
    forget(visitor)
    visitor.at("session-import").set_input_files(file)
    wait_until_changed(visitor)


def test_a_file_that_is_no_session_is_refused_by_field(visitor: Visitor, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("version = 1\nseed = -4\n", encoding="utf-8")
    visitor.at("session-import").set_input_files(file)
    visitor.page.locator("[data-test=sessions-said].wrong").wait_for(timeout=SOON)
    said = visitor.at("sessions-said").inner_text()
    assert "mine.toml" in said
    assert "seed" in said
    assert is_changed(visitor)


def test_a_link_opens_the_session_at_another_visitor(visitor: Visitor, browser: Browser, address: str) -> None:
    visitor.press("session-link")
    field = visitor.wait_for("session-link-text", SOON)
    link = field.input_value()
    assert "#s=" in link
    with visit(browser, address, "about") as other:
        other.page.goto(link)
        wait_until_changed(other)
        other.page.goto(f"{address}#s=nonsense")
        assert "no session" in other.wait_for("wrong", SOON).inner_text()
        assert is_changed(other)


def test_the_dialog_is_closed_by_escape_and_gives_the_focus_back(visitor: Visitor) -> None:
    visitor.page.keyboard.press("Escape")
    visitor.at("sessions-dialog").wait_for(state="detached", timeout=SOON)
    assert visitor.page.evaluate("document.activeElement.dataset.test") == "sessions"
