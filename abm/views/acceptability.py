"""Acceptability curves: how likely it is that an arm is worth its cost, by what averting a death is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.views.frame import axes_at, label, number, plain, write
from abm.views.palette import ARM_COLOURS, GRID_LINE, QUIET_TEXT
from abm.views.panels import AXIS_LABELS, EDGE, panels
from abm.views.words import Language, pick

HEIGHT, BELOW = 1.35, 0.42
COLOUR = ARM_COLOURS[1]
WORDS = {
    "worth": (
        "what averting a death is worth, million US$ (each step is ten times the one before)",
        "ce que vaut un mort évité, millions de dollars (chaque pas : dix fois le précédent)",
    ),
    "chance": (
        "Chance that the deaths averted are worth their cost; grey: the other arms",
        "Probabilité que les morts évités vaillent leur coût ; en gris : les autres scénarios",
    ),
}


@dataclass(frozen=True)
class Curve:
    """One arm: sums that averting a death may be worth, US$, rising, and the chance of being worth the cost, 0..1."""

    label: str
    worth: tuple[float, ...]
    chance: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.worth) != len(self.chance) or len(self.worth) < 2:
            raise ValueError(f"{self.label!r}: {len(self.worth)} sums and {len(self.chance)} chances")


def draw_acceptability(
    curves: Sequence[Curve],
    *,
    title: str | None = None,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """One panel an arm: its curve, with those of all other arms in grey behind it; sums on a scale of factors of ten.

    Args:
        curves: in the order to be shown.
        title: heading; what the curves show by default.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the comparison in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: no curves.
    """
    words = {key: pick(pair, language) for key, pair in WORDS.items()}
    figure, places = panels(
        [curve.label for curve in curves], HEIGHT, BELOW,
        title=title or words["chance"], source=source, run_hash=run_hash, language=language,
    )  # fmt: skip
    for curve, place in zip(curves, places, strict=True):
        ax = axes_at(figure, place.left, place.bottom, place.width, HEIGHT)
        plain(ax, grid_along="y")
        for other in curves:
            if other is not curve:
                ax.plot(other.worth, other.chance, color=GRID_LINE, linewidth=1.2, zorder=2)
        ax.plot(curve.worth, curve.chance, color=COLOUR, linewidth=2.0, zorder=3)
        _scales(ax, curves, place.leftmost, language)
    lowest = min(place.bottom for place in places)
    write(figure, EDGE + AXIS_LABELS, lowest - 0.4, words["worth"], 8, QUIET_TEXT)
    return figure


def _scales(ax: Axes, curves: Sequence[Curve], leftmost: bool, language: Language) -> None:
    ax.set_xscale("log")
    ax.set_xlim(min(c.worth[0] for c in curves), max(c.worth[-1] for c in curves))
    ax.set_ylim(0.0, 1.0)
    ax.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0])
    ax.set_yticklabels([])
    if leftmost:
        across = ax.get_yaxis_transform()
        for share in (0.0, 0.5, 1.0):
            label(ax, -0.03, share, f"{100 * share:.0f} %", ha="right", fontsize=8, color=QUIET_TEXT, transform=across)
    ax.xaxis.set_major_formatter(lambda value, _: number(value / 1e6, 0 if value >= 1e6 else 1, language=language))
    ax.xaxis.set_minor_formatter(lambda *_: "")
    ax.minorticks_off()
    low, high = ax.get_xlim()
    for text in ax.get_xticklabels():  # the outer ones inwards, or they would touch those of the next panel
        at = text.get_position()[0]
        text.set_horizontalalignment("left" if at == low else "right" if at == high else "center")
