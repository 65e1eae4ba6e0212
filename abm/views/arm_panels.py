"""Small multiples of differences from the control: one panel an arm, zero in each, all on one scale."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Protocol

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.views.frame import axes_at, digits_for, number, plain, write
from abm.views.palette import QUIET_TEXT, TEXT
from abm.views.panels import EDGE, Panel, panels
from abm.views.words import Language

HEIGHT = 1.5  # of a panel's axes, inches
HEADING_LETTERS, HEADING_LINES = 42, 2
CAPTION_LETTERS = 150


class Arm(Protocol):
    """What a panel shows: the name of an arm, and the ends of the intervals of its differences, in order."""

    @property
    def label(self) -> str:
        """The arm's name."""
        ...

    @property
    def low(self) -> tuple[float, ...]:
        """Lower ends."""
        ...

    @property
    def high(self) -> tuple[float, ...]:
        """Upper ends."""
        ...


def arm_panels(
    arms: Sequence[Arm],
    below: float,
    caption: str,
    *,
    source: str | None,
    run_hash: str | None,
    language: Language,
) -> tuple[Figure, list[Axes]]:
    """A figure with a panel for each arm, scaled and labelled, for the differences to be drawn into.

    Args:
        arms: in the order to be shown.
        below: room under each row of panels for its axis, inches.
        caption: what the panels show, under the lowest row.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the experiment in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    figure, places = panels(
        [""] * len(arms), HEIGHT, below, title=None, source=source, run_hash=run_hash, language=language
    )
    ends = [end for arm in arms for end in (*arm.low, *arm.high)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    air = 0.06 * (high - low) or 1.0
    digits = digits_for(low, high)
    drawn = []
    for arm, place in zip(arms, places, strict=True):
        _write_heading(figure, place, arm.label)
        ax = axes_at(figure, place.left, place.bottom, place.width, HEIGHT)
        plain(ax, grid_along="y")
        ax.axhline(0.0, color=TEXT, linewidth=1.0, zorder=2)
        ax.set_xlim(-0.6, len(arm.low) - 0.4)
        ax.set_ylim(low - air, high + air)
        if place.leftmost:
            ax.yaxis.set_major_formatter(lambda value, _: number(value, digits, signed=True, language=language))
        else:
            ax.set_yticklabels([])
        drawn.append(ax)
    _write_below(figure, places, below, caption)
    return figure, drawn


def _write_heading(figure: Figure, place: Panel, text: str) -> None:
    """In two lines at most: names of arms may be long, and differ at their end."""
    lines = textwrap.wrap(text, HEADING_LETTERS, max_lines=HEADING_LINES, placeholder=" …")
    for k, line in enumerate(reversed(lines)):
        write(figure, place.left, place.bottom + HEIGHT + 0.06 + 0.14 * k, line, 8.5, TEXT, weight="bold")


def _write_below(figure: Figure, places: Sequence[Panel], below: float, text: str) -> None:
    """In as many lines as it needs."""
    lowest = min(place.bottom for place in places)
    for k, line in enumerate(textwrap.wrap(text, CAPTION_LETTERS)):
        write(figure, EDGE, lowest - below + 0.08 - 0.14 * k, line, 8, QUIET_TEXT)
