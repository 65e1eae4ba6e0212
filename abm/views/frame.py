"""What frames a figure: text in the system's fonts, and a footer with source, run and caveat."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from abm.views.palette import fonts
from abm.views.words import Language, say

HASH_LENGTH = 12


def write(figure: Figure, x: float, y: float, text: str, points: float, colour: str, **more: Any) -> None:
    """Text with its baseline's left end at a place in inches from the lower left corner."""
    across, up = figure.get_size_inches()
    figure.text(x / across, y / up, text, fontsize=points, color=colour, family=list(fonts()), **more)


def footer_lines(source: str, run_hash: str | None, language: Language, *, with_caveat: bool = False) -> list[str]:
    """Lines of a footer: the caveat where asked, then the source and the run's hash."""
    provenance = f"{say('source', language)}: {source}"
    if run_hash:
        provenance += f" · {say('run', language)} {run_hash[:HASH_LENGTH]}"
    return [say("caveat", language), provenance] if with_caveat else [provenance]
