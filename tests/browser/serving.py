"""A server of its own for a page, and the address it answers at."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 60.0  # seconds
COMPILED_WITHIN = 240_000  # milliseconds: the first run on a machine compiles the model
SOON = 60_000
HOME = ("127.0.0.1", "localhost", "")  # data and blob addresses have no host


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_answering(process: subprocess.Popen[bytes], address: str) -> None:
    end = monotonic() + STARTS_WITHIN
    while monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"the server stopped with status {process.returncode}")
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            sleep(0.3)
    pytest.fail(f"the server did not answer within {STARTS_WITHIN:g} s")


def serve_solara(app: Path, log: Path) -> Iterator[str]:
    """Address of a Solara server of its own for an app; it is stopped afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "solara", "run", str(app), "--host", "127.0.0.1", "--port", str(port)]
    yield from _serve([*command, "--no-open", "--production"], port, log)


def serve_page(log: Path, *options: str) -> Iterator[str]:
    """Address of a server of its own for the page; it is stopped afterwards."""
    port = free_port()
    yield from _serve([sys.executable, "-m", "web", "--port", str(port), "--no-open", *options], port, log)


def _serve(command: list[str], port: int, log: Path) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}/"
    environment = {**os.environ, "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false", "PYTHONPATH": str(ROOT)}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            wait_until_answering(process, address)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def strangers(addresses: list[str]) -> list[str]:
    """Addresses asked for that lie on another machine."""
    return [address for address in addresses if (urlsplit(address).hostname or "") not in HOME]
