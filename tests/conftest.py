"""What all tests share: a display-less plotter, patient property tests, caches of their own, and a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

os.environ.setdefault("MPLBACKEND", "Agg")

# Numba's index of compiled code may be mixed up by two processes that add to it at the same moment. So each worker of
# pytest-xdist has a cache of its own, before anything of the model is imported. What a test starts has its worker's.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sector-centre"
    os.environ["SECTOR_CENTRE_CACHE"] = str(Path(os.environ.get("SECTOR_CENTRE_CACHE") or base) / worker)

ON_CI = os.environ.get("CI", "").lower() == "true"

# The first example of a property may compile for many seconds; on CI the same examples are tried each time.
settings.register_profile("house", deadline=None, derandomize=ON_CI, print_blob=True)
settings.load_profile("house")

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Workshops have no internet: a page that needs any other machine than this one must fail here too.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def chromium() -> str | None:
    """Path of the system's Chromium, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium", path="/usr/bin")


def without_browser(reason: str) -> NoReturn:
    """Skip the test on a contributor's machine; fail it on CI, where every page must have been seen."""
    if ON_CI:
        pytest.fail(reason)
    pytest.skip(reason)


# Per module: while Playwright's loop runs in this thread, no other test can call asyncio.run().
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium that reaches this machine only; skipped where none is installed, a failure on CI."""
    path = chromium()
    if path is None:
        without_browser("no Chromium is installed (on Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS, headless=True)
        yield running
        running.close()
