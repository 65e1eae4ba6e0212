"""The tutorials of stakeholders and of workshops, done step by step in a real browser as their hidden notes say.

A step is followed by a comment such as ``<!-- place watch; press play; wait totals -->``, in the names that elements of
the page have for tests. Words: place, press, wait, fill NAME TEXT, keys NAME KEY ..., language.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from browser.serving import SOON
from browser.visitors import Visitor, visit
from house import ROOT

pytest.importorskip("playwright")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEPS = re.compile(r"<!-- (.*?) -->", re.DOTALL)


def steps(name: str) -> list[list[str]]:
    """What a tutorial tells the browser to do."""
    text = (ROOT / "docs" / "tutorials" / f"{name}.md").read_text(encoding="utf-8")
    return [step.split() for note in STEPS.findall(text) for step in note.split(";")]


def do(visitor: Visitor, step: list[str]) -> None:
    """One step; it fails where the page has not what the tutorial speaks of."""
    match step:
        case ["place", place]:
            visitor.go(place)
        case ["press", test]:
            visitor.press(test)
        case ["wait", test]:
            visitor.wait_for(test)
        case ["fill", test, *words]:
            visitor.at(test).fill(" ".join(words))
            visitor.at(test).press("Enter")
        case ["keys", test, *keys]:
            for key in keys:
                visitor.at(test).press(key)
        case ["language", language]:
            visitor.page.wait_for_function("l => document.documentElement.lang === l", arg=language, timeout=SOON)
        case _:
            pytest.fail(f"no such step: {' '.join(step)}")


@pytest.mark.parametrize("name", ["stakeholder", "workshop"])
def test_a_tutorial_can_be_done_as_it_is_written(browser: Browser, address: str, name: str) -> None:
    found = steps(name)
    assert len(found) > 10
    with visit(browser, address) as visitor:
        for step in found:
            do(visitor, step)
