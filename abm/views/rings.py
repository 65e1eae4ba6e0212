"""Attacks around extra bases: the difference from the control by distance, one panel an arm, all on one scale."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.views.comparison import UNRESOLVED
from abm.views.frame import axes_at, digits_for, number, plain
from abm.views.horizons import write_below, write_heading
from abm.views.palette import ARM_COLOURS, PAPER, TEXT
from abm.views.panels import panels
from abm.views.words import Language, pick

HEIGHT, BELOW = 1.5, 0.72
COLOUR = ARM_COLOURS[1]
TICK_LETTERS = 9
WORDS = {
    "title": (
        "Attacks on civilians, expected, by distance from the nearest extra base: difference from the control at the "
        "same places and days; hollow and grey: not resolved",
        "Attaques contre des civils, espérées, selon la distance à la base supplémentaire la plus proche : différence "
        "avec le témoin, mêmes lieux et jours ; creux et gris : non concluant",
    )
}


@dataclass(frozen=True)
class Around:
    """One arm: difference in attacks by ring with its interval, one of each for every ring."""

    label: str
    rings: tuple[str, ...]
    estimate: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    resolved: tuple[bool, ...]

    def __post_init__(self) -> None:
        if len({len(each) for each in (self.rings, self.estimate, self.low, self.high, self.resolved)}) != 1:
            raise ValueError(f"{self.label!r}: not one of each for every ring")


def draw_rings(
    arms: Sequence[Around],
    *,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """One panel an arm: dot and bar for each ring, the nearest on the left.

    Args:
        arms: in the order to be shown.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the experiment in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    figure, places = panels(
        [""] * len(arms), HEIGHT, BELOW, title=None, source=source, run_hash=run_hash, language=language
    )
    ends = [end for arm in arms for end in (*arm.low, *arm.high)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    air = 0.06 * (high - low) or 1.0
    digits = digits_for(low, high)
    for arm, place in zip(arms, places, strict=True):
        write_heading(figure, place, HEIGHT, arm.label)
        ax = axes_at(figure, place.left, place.bottom, place.width, HEIGHT)
        plain(ax, grid_along="y")
        ax.set_xlim(-0.6, len(arm.rings) - 0.4)
        ax.set_ylim(low - air, high + air)
        _draw_arm(ax, arm)
        if place.leftmost:
            ax.yaxis.set_major_formatter(lambda value, _: number(value, digits, signed=True, language=language))
        else:
            ax.set_yticklabels([])
    write_below(figure, places, BELOW, pick(WORDS["title"], language))
    return figure


def _draw_arm(ax: Axes, arm: Around) -> None:
    ax.axhline(0.0, color=TEXT, linewidth=1.0, zorder=2)
    for k, (estimate, low, high, resolved) in enumerate(
        zip(arm.estimate, arm.low, arm.high, arm.resolved, strict=True)
    ):
        colour = COLOUR if resolved else UNRESOLVED
        ax.plot([k, k], [low, high], color=colour, linewidth=2.5, solid_capstyle="butt", alpha=0.85, zorder=3)
        ax.plot(k, estimate, marker="o", ms=5.5, mfc=colour if resolved else PAPER, mec=colour, mew=1.2, zorder=4)
    ax.set_xticks(range(len(arm.rings)), ["\n".join(textwrap.wrap(ring, TICK_LETTERS)) for ring in arm.rings])
    ax.tick_params(axis="x", labelsize=6.5)
