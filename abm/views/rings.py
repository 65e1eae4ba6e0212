"""Attacks around extra bases: the difference from the control by distance, one panel an arm, all on one scale."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.views.arm_panels import arm_panels
from abm.views.comparison import UNRESOLVED
from abm.views.palette import ARM_COLOURS, PAPER
from abm.views.words import Language, pick

BELOW = 0.72
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
    title = pick(WORDS["title"], language)
    figure, drawn = arm_panels(arms, BELOW, title, source=source, run_hash=run_hash, language=language)
    for arm, ax in zip(arms, drawn, strict=True):
        _draw_arm(ax, arm)
    return figure


def _draw_arm(ax: Axes, arm: Around) -> None:
    for k, (estimate, low, high, resolved) in enumerate(
        zip(arm.estimate, arm.low, arm.high, arm.resolved, strict=True)
    ):
        colour = COLOUR if resolved else UNRESOLVED
        ax.plot([k, k], [low, high], color=colour, linewidth=2.5, solid_capstyle="butt", alpha=0.85, zorder=3)
        ax.plot(k, estimate, marker="o", ms=5.5, mfc=colour if resolved else PAPER, mec=colour, mew=1.2, zorder=4)
    ax.set_xticks(range(len(arm.rings)), ["\n".join(textwrap.wrap(ring, TICK_LETTERS)) for ring in arm.rings])
    ax.tick_params(axis="x", labelsize=6.5)
