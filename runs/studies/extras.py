"""Libraries that only studies need, in an extra of their own: imported late, and missed in plain words."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from runs.folders import ResultError

EXTRA = "sector-centre[analysis]"


def needs_analysis(module: str, library: str = "SALib") -> Any:
    """A module of a library of the extra, for example ``SALib.analyze.sobol``.

    Raises:
        ResultError: the library is not installed; the message says what to install.
    """
    try:
        return import_module(module)
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("", module.partition(".")[0]):
            raise  # the library is there, and something that it needs is broken: that is another matter
        raise ResultError(f"needs {library}: install {EXTRA}") from None
