"""The server that all browser tests of the page share: visitors are kept apart, so that tests are too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.serving import serve_page


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of the page."""
    pytest.importorskip("uvicorn")
    yield from serve_page(tmp_path_factory.mktemp("server") / "log.txt")
