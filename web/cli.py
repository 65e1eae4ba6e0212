"""The program ``sector-centre``: all commands, and ``serve``. Nothing of the page is imported before it is asked."""

from __future__ import annotations

from calibration.cli import app, main
from web.serving import serve

__all__ = ["app", "main"]

app.command()(serve)
