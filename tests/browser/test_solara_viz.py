"""The model works in Mesa's own browser component, for those who know it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from browser.serving import COMPILED_WITHIN, ROOT, SOON, serve_solara, strangers

pytest.importorskip("solara")
pytest.importorskip("playwright")
pytest.importorskip("altair", reason="mesa.visualization imports altair")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve_solara(
        ROOT / "tests" / "browser" / "solara_viz_app.py", tmp_path_factory.mktemp("viz") / "log.txt"
    )


def test_solara_viz_steps_the_model(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    try:
        page.goto(address)
        page.wait_for_selector(".agents", timeout=SOON)
        page.wait_for_selector(".v-application img[src^='blob:']", timeout=SOON)
        agents = re.match(r"(\d+) agents on 2021-01-01", page.inner_text(".agents"))
        assert agents is not None
        assert int(agents.group(1)) > 500
        before = page.get_attribute(".v-application img[src^='blob:']", "src")
        page.get_by_role("button", name="Step", exact=True).click()
        page.get_by_text("agents on 2021-01-02").wait_for(timeout=COMPILED_WITHIN)
        page.wait_for_function(
            "s => document.querySelector(\".v-application img[src^='blob:']\").src !== s", arg=before, timeout=SOON
        )
        page.get_by_role("button", name="Reset", exact=True).click()
        page.get_by_text("agents on 2021-01-01").wait_for(timeout=SOON)
        assert strangers(requests) == []
    finally:
        context.close()
