"""The command line as tests call it, and what every refusal has in common."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from calibration.cli import app


def invoke(*arguments: str | Path | int) -> Result:
    """What a command does with some arguments."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def fails_with(result: Result, *words: str) -> None:
    """One clear message on standard error, exit code 2, no traceback, nothing on standard output."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr
    assert "Traceback" not in result.stderr
    assert isinstance(result.exception, SystemExit)
