"""Starting the server: on this machine only, unless told otherwise."""

from __future__ import annotations

import ipaddress
import sys
import webbrowser
from threading import Timer
from typing import Annotated

import typer

HOST, PORT = "127.0.0.1", 8765
MOST_MESSAGE = 16_000_000  # bytes of one question: the largest file handed in, as JSON
EXTRA = "the page needs more packages: pip install 'sector-centre[serve]'"

HostOption = Annotated[str, typer.Option(help="Address to listen at; only this machine by default.")]
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen at.")]
OpenOption = Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")]
VisitorsOption = Annotated[int, typer.Option(min=1, max=1000, help="Visitors at once.")]
WorkersOption = Annotated[int | None, typer.Option(min=1, max=256, help="Threads that compute; all cores by default.")]


def serve(
    host: HostOption = HOST,
    port: PortOption = PORT,
    open_browser: OpenOption = False,
    visitors: VisitorsOption = 40,
    workers: WorkersOption = None,
) -> None:
    """Open the page in a browser: watch a run, compare scenarios, test assumptions. Works with no internet."""
    try:
        import uvicorn

        from web.app import Room, make_app
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in {"starlette", "uvicorn", "websockets", "markdown_it"}:
            raise
        typer.echo(f"sector-centre: {EXTRA}", err=True)
        raise typer.Exit(2) from None
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    typer.echo(f"Sector Centre at {address} (Ctrl-C to stop)")
    if not is_loopback(host):
        typer.echo("Anyone who reaches this machine can use it: see docs/serving.md for a password.", err=True)
    if open_browser:
        Timer(1.0, webbrowser.open, (address,)).start()
    uvicorn.run(
        make_app(Room(visitors, workers)), host=host, port=port, log_level="warning", access_log=False,
        ws_max_size=MOST_MESSAGE, server_header=False, timeout_graceful_shutdown=3,
    )  # fmt: skip
    sys.stdout.flush()


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def main() -> None:
    """Run the command by itself."""
    typer.run(serve)
