"""Small multiples: one panel an arm, all of one size and scale, so that any number of arms can be told apart."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from abm.views.frame import footer_lines, paper, write, write_footer
from abm.views.palette import TEXT
from abm.views.words import Language, say

WIDTH, EDGE = 9.6, 0.25  # inches
COLUMNS, AXIS_LABELS, GAP, HEADING, TOP = 3, 0.5, 0.2, 0.28, 0.55


@dataclass(frozen=True)
class Panel:
    """Lower left corner of a panel's axes and their width, inches; whether it is at the left edge or lowest."""

    left: float
    bottom: float
    width: float
    leftmost: bool
    lowest: bool


def panels(
    labels: list[str],
    height: float,
    below: float,
    *,
    title: str | None,
    source: str | None,
    run_hash: str | None,
    language: Language,
) -> tuple[Figure, list[Panel]]:
    """An empty figure with headings, and where its panels are.

    Args:
        labels: heading of each panel.
        height: of a panel's axes, inches.
        below: room under each row of panels for its axis, inches.
        title: heading of the figure.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the comparison in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    if not labels:
        raise ValueError("nothing to draw")
    footer = footer_lines(source or say("paper_source", language), run_hash, language, WIDTH - 2 * EDGE)
    foot = 0.25 + 0.16 * len(footer)
    rows = -(-len(labels) // COLUMNS)
    whole = foot + rows * (height + HEADING + below) + (TOP if title else 0.15)
    figure = paper(WIDTH, whole)
    if title:
        write(figure, EDGE, whole - 0.36, title, 12.5, TEXT, weight="bold")
    write_footer(figure, EDGE, footer)
    width = (WIDTH - 2 * EDGE - AXIS_LABELS - (COLUMNS - 1) * GAP) / COLUMNS
    found = []
    for number, text in enumerate(labels):
        row, column = divmod(number, COLUMNS)
        left = EDGE + AXIS_LABELS + column * (width + GAP)
        bottom = foot + (rows - 1 - row) * (height + HEADING + below) + below
        write(figure, left, bottom + height + 0.08, text, 9.5, TEXT, weight="bold")
        found.append(Panel(left, bottom, width, column == 0, number + COLUMNS >= len(labels)))
    return figure, found
