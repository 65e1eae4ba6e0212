"""The same difference over short and long windows and by calendar year: one panel an arm, all on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.views.arm_panels import arm_panels
from abm.views.comparison import UNRESOLVED
from abm.views.palette import ARM_COLOURS, GRID_LINE, PAPER
from abm.views.words import Language, pick

BELOW = 0.55
COLOUR = ARM_COLOURS[1]
WORDS = {
    "title": (
        "{what}: difference from the control, {unit}, by window; hollow and grey: not resolved",
        "{what} : différence avec le témoin, {unit}, par période ; creux et gris : non concluant",
    )
}


@dataclass(frozen=True)
class Windows:
    """One arm: estimates and intervals by window; the first ``nested`` windows begin on one day, the rest are years."""

    label: str
    ticks: tuple[str, ...]
    nested: int
    estimate: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    resolved: tuple[bool, ...]

    def __post_init__(self) -> None:
        sizes = {len(each) for each in (self.ticks, self.estimate, self.low, self.high, self.resolved)}
        if len(sizes) != 1 or not 0 <= self.nested <= len(self.ticks):
            raise ValueError(f"{self.label!r}: not one of each for every window")


def draw_horizons(
    arms: Sequence[Windows],
    what: str,
    unit: str,
    *,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """One panel an arm: a line through the windows that begin on one day, another through calendar years.

    Args:
        arms: in the order to be shown, all with the same windows.
        what: the outcome.
        unit: of the differences, for example "deaths a month".
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the experiment in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw, or arms with other windows.
    """
    if len({(arm.ticks, arm.nested) for arm in arms}) > 1:
        raise ValueError("arms have different windows")
    title = pick(WORDS["title"], language).format(what=what, unit=unit)
    figure, drawn = arm_panels(arms, BELOW, title, source=source, run_hash=run_hash, language=language)
    for arm, ax in zip(arms, drawn, strict=True):
        _draw_arm(ax, arm)
    return figure


def _draw_arm(ax: Axes, arm: Windows) -> None:
    for part in (range(arm.nested), range(arm.nested, len(arm.ticks))):
        ax.plot(list(part), [arm.estimate[k] for k in part], color=COLOUR, linewidth=1.2, alpha=0.6, zorder=2)
    if 0 < arm.nested < len(arm.ticks):
        ax.axvline(arm.nested - 0.5, color=GRID_LINE, linewidth=1.2, zorder=1)
    for k, (estimate, low, high, resolved) in enumerate(
        zip(arm.estimate, arm.low, arm.high, arm.resolved, strict=True)
    ):
        colour = COLOUR if resolved else UNRESOLVED
        ax.plot([k, k], [low, high], color=colour, linewidth=2.5, solid_capstyle="butt", alpha=0.85, zorder=3)
        ax.plot(k, estimate, marker="o", ms=5.5, mfc=colour if resolved else PAPER, mec=colour, mew=1.2, zorder=4)
    ax.set_xticks(range(len(arm.ticks)), list(arm.ticks))
    ax.tick_params(axis="x", labelsize=7)
