"""What frames a figure: text in the system's fonts, plain white paper, and a footer with source, run and caveat."""

from __future__ import annotations

import textwrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.views.palette import GRID_LINE, PAPER, QUIET_TEXT, TEXT, fonts
from abm.views.words import Language, say

HASH_LENGTH = 12
FOOTER_SIZE, FOOTER_LINE = 7.5, 0.16  # points, inches
LETTERS_PER_INCH = 19.0  # of a footer
MINUS = "\u2212"


def write(figure: Figure, x: float, y: float, text: str, points: float, colour: str, **more: Any) -> None:
    """Text with its baseline's left end at a place in inches from the lower left corner."""
    across, up = figure.get_size_inches()
    figure.text(x / across, y / up, text, fontsize=points, color=colour, family=list(fonts()), **more)


def axes_at(figure: Figure, left: float, bottom: float, width: float, height: float, **more: Any) -> Axes:
    """Axes at a place given in inches."""
    across, up = figure.get_size_inches()
    return figure.add_axes((left / across, bottom / up, width / across, height / up), **more)


def footer_lines(
    source: str, run_hash: str | None, language: Language, width: float, *, one_run: bool = False
) -> list[str]:
    """Lines of a footer this many inches wide: the caveat, the source and the run's hash.

    `one_run` says first that a picture of a single run shows one possible future.
    """
    provenance = f"{say('source', language)}: {source}"
    if run_hash:
        provenance += f" · {say('run', language)} {run_hash[:HASH_LENGTH]}"
    letters = int(width * LETTERS_PER_INCH)
    caveat = f"{say('one_run', language)} {say('caveat', language)}" if one_run else say("caveat", language)
    return textwrap.wrap(caveat, letters) + textwrap.wrap(provenance, letters)


def write_footer(figure: Figure, left: float, lines: list[str]) -> None:
    """Lines at the foot of a figure, the last one lowest."""
    for k, line in enumerate(lines):
        write(figure, left, 0.14 + FOOTER_LINE * (len(lines) - 1 - k), line, FOOTER_SIZE, QUIET_TEXT)


def paper(width: float, height: float) -> Figure:
    """An empty white figure, inches."""
    return Figure(figsize=(width, height), dpi=100, facecolor=PAPER)


def plain(ax: Axes, *, grid_along: str) -> None:
    """No chart junk: one light grid, no box, quiet ticks in the system's fonts. `grid_along` is ``x`` or ``y``."""
    ax.set_facecolor(PAPER)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.tick_params(length=0, labelsize=8, labelcolor=QUIET_TEXT, labelfontfamily=list(fonts()))
    ax.grid(axis="x" if grid_along == "x" else "y", color=GRID_LINE, linewidth=0.8)
    ax.set_axisbelow(True)


def label(ax: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Text at a place of the axes' data in the system's fonts."""
    ax.text(x, y, text, **{"fontsize": 8.5, "color": TEXT, "va": "center", "family": list(fonts()), **style})


def digits_for(*values: float) -> int:
    """Decimals that give numbers of one row three significant figures at most, by the largest of them."""
    size = max(abs(value) for value in values)
    return 0 if size >= 100 else 1 if size >= 1 else 2


def number(value: float, digits: int, *, signed: bool = False, language: Language = "en") -> str:
    """A number with thin spaces, a true minus and the language's decimal mark; a rounded zero has no sign."""
    text = f"{abs(value):,.{digits}f}".replace(",", "\u202f")
    if language == "fr":
        text = text.replace(".", ",")
    if float(f"{abs(value):.{digits}f}") == 0.0:
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def percent(level: float, language: Language) -> str:
    """A level such as .9 as "90 %", with the narrow space that French asks for."""
    return f"{100 * level:g}\u202f%" if language == "fr" else f"{100 * level:g} %"
