"""What would change the answer: a difference against one input with its crossing of zero, and swings of many inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.views.frame import axes_at, digits_for, footer_lines, label, number, paper, plain, write, write_footer
from abm.views.palette import ARM_COLOURS, PAPER, QUIET_TEXT, TEXT
from abm.views.words import Language, pick, say

WIDTH, EDGE = 9.6, 0.25  # inches
COLUMNS, LABELS, GAP, HEIGHT, HEADING, BELOW, TOP = 3, 0.55, 0.5, 1.6, 0.44, 0.5, 0.55
NAMES, FIGURES, ROW, AXIS, KEY = 2.9, 2.6, 0.28, 0.5, 0.24
COLOUR, HOLLOW = ARM_COLOURS[1], "#8A867C"
WORDS = {
    "title": ("What would change the answer", "Ce qui changerait la réponse"),
    "swings": (
        "Difference at the low (hollow) and the high (filled) tenth of each input; grey: the change is not resolved",
        "Différence au décile bas (creux) et au décile haut (plein) de chaque entrée ; gris : non concluant",
    ),
    "curves": (
        "Difference ({unit}) with its band; dot and bar: where it crosses zero, with interval; hollow: not resolved",
        "Différence ({unit}) et sa bande ; point et barre : où elle traverse zéro ; creux : non concluant",
    ),
    "even_at": ("zero at {value}", "zéro à {value}"),
    "no_even": ("does not cross zero", "ne traverse pas zéro"),
    "difference": ("difference, {unit}", "différence, {unit}"),
}


@dataclass(frozen=True)
class Curve:
    """A difference against one input, with its band.

    Attributes:
        label: what is compared, in one line or two.
        across: the input in words, with its unit.
        unit: of the difference.
        x, middle, low, high: the curve and its band, as many of each.
        at: where it crosses zero, NaN where it does not.
        interval: of that, perhaps infinite, NaN where there is none.
        resolved: whether the crossing is.
    """

    label: str
    across: str
    unit: str
    x: tuple[float, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at: float
    interval: tuple[float, float]
    resolved: bool

    def __post_init__(self) -> None:
        if len({len(values) for values in (self.x, self.middle, self.low, self.high)}) > 1 or len(self.x) < 2:
            raise ValueError(f"{self.label!r}: expected as many values of x, curve and band, at least two")


@dataclass(frozen=True)
class Swing:
    """How a difference changes as one input goes from its low to its high tenth.

    Attributes:
        label: the input.
        group: what is compared; swings of a group share an axis.
        low, high: difference at the low and the high tenth.
        resolved: whether the interval of the change leaves out zero.
        at: the input's value at which the difference is zero, in words; empty where it does not cross.
        unit: of the difference.
    """

    label: str
    group: str
    low: float
    high: float
    resolved: bool
    at: str
    unit: str


def draw_break_even(
    curves: Sequence[Curve],
    swings: Sequence[Swing] = (),
    *,
    title: str | None = None,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """Swings of inputs as a tornado chart, a block a comparison; then a panel a curve.

    Args:
        curves: in the order to be shown.
        swings: in the order to be shown, the longest first.
        title: heading; what is shown by default.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the comparison in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: nothing to draw.
    """
    if not curves and not swings:
        raise ValueError("nothing to draw")
    groups: dict[str, list[Swing]] = {}
    for swing in swings:
        groups.setdefault(swing.group, []).append(swing)
    footer = footer_lines(source or say("paper_source", language), run_hash, language, WIDTH - 2 * EDGE)
    lines = -(-len(curves) // COLUMNS)
    tornado = (
        sum(HEADING + ROW * len(rows) + AXIS for rows in groups.values())
        + (KEY if groups else 0.0)
        + (KEY if curves else 0.0)
    )
    height = 0.25 + 0.16 * len(footer) + lines * (HEADING + HEIGHT + BELOW) + tornado + TOP
    figure = paper(WIDTH, height)
    write(figure, EDGE, height - 0.36, title or pick(WORDS["title"], language), 12.5, TEXT, weight="bold")
    below = height - TOP
    if groups:
        write(figure, EDGE, below - 0.06, pick(WORDS["swings"], language), 8, QUIET_TEXT)
        below -= KEY
    for name, rows in groups.items():
        below -= HEADING + ROW * len(rows)
        write(figure, EDGE, below + ROW * len(rows) + 0.08, name, 9.5, TEXT, weight="bold")
        ax = axes_at(figure, EDGE + NAMES, below, WIDTH - 2 * EDGE - NAMES - FIGURES, ROW * len(rows))
        _draw_swings(ax, rows, language)
        below -= AXIS
    if curves:
        text = pick(WORDS["curves"], language).format(unit=curves[0].unit)
        write(figure, EDGE, below - 0.06, text, 8, QUIET_TEXT)
        below -= KEY
    wide = (WIDTH - 2 * EDGE - COLUMNS * LABELS - (COLUMNS - 1) * (GAP - LABELS)) / COLUMNS
    for k, curve in enumerate(curves):
        line, column = divmod(k, COLUMNS)
        left = EDGE + LABELS + column * (wide + GAP)
        bottom = below - line * (HEADING + HEIGHT + BELOW) - HEADING - HEIGHT
        write(figure, left - LABELS, bottom + HEIGHT + 0.08, curve.label, 8.5, TEXT, weight="bold")
        _draw_curve(axes_at(figure, left, bottom, wide, HEIGHT), curve, language)
    write_footer(figure, EDGE, footer)
    return figure


def _draw_curve(ax: Axes, curve: Curve, language: Language) -> None:
    plain(ax, grid_along="y")
    ax.axhline(0.0, color=TEXT, linewidth=1.0, zorder=2)
    ax.fill_between(curve.x, curve.low, curve.high, color=COLOUR, alpha=0.22, linewidth=0.0, zorder=2)
    ax.plot(curve.x, curve.middle, color=COLOUR, linewidth=1.8, zorder=3)
    first, last = curve.x[0], curve.x[-1]
    if not math.isnan(curve.at):
        colour = TEXT if curve.resolved else HOLLOW
        ends = [min(max(end, first), last) for end in curve.interval]
        ax.plot(ends, [0.0, 0.0], color=colour, linewidth=5.0, alpha=0.7, solid_capstyle="butt", zorder=4)
        face = colour if curve.resolved else PAPER
        ax.plot(curve.at, 0.0, marker="o", ms=7, mfc=face, mec=PAPER if curve.resolved else colour, mew=1.3, zorder=5)
    ax.set_xlim(first, last)
    ax.locator_params(nbins=5)
    digits = digits_for(*curve.low, *curve.high)
    ax.yaxis.set_major_formatter(lambda value, _: number(value, digits, signed=True, language=language))
    style = {"fontsize": 7.5, "color": QUIET_TEXT, "transform": ax.transAxes}
    label(ax, 0.5, -0.2, curve.across, ha="center", **style)


def _draw_swings(ax: Axes, rows: Sequence[Swing], language: Language) -> None:
    plain(ax, grid_along="x")
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks([])
    values = [0.0, *(end for row in rows for end in (row.low, row.high))]
    air = 0.06 * (max(values) - min(values)) or 1.0
    ax.set_xlim(min(values) - air, max(values) + air)
    ax.axvline(0.0, color=TEXT, linewidth=1.0, zorder=2)
    across = ax.get_yaxis_transform()
    for k, row in enumerate(rows):
        colour = COLOUR if row.resolved else HOLLOW
        ax.plot([row.low, row.high], [k, k], color=colour, linewidth=6.0, alpha=0.6, solid_capstyle="butt", zorder=3)
        ax.plot(row.low, k, marker="o", ms=5.5, mfc=PAPER, mec=colour, mew=1.3, zorder=4)
        ax.plot(row.high, k, marker="o", ms=5.5, mfc=colour, mec=PAPER, mew=1.0, zorder=4)
        label(ax, -0.03, k, row.label, ha="right", fontsize=8, transform=across)
        words = pick(WORDS["even_at"], language).format(value=row.at) if row.at else pick(WORDS["no_even"], language)
        label(ax, 1.03, k, words, fontsize=8, color=TEXT if row.at else QUIET_TEXT, transform=across)
    below = len(rows) - 0.5 + 0.3 / ROW
    unit = pick(WORDS["difference"], language).format(unit=rows[0].unit)
    for x, side, text in ((0.0, "left", f"← {say('fewer', language)}"), (0.5, "center", unit),
                          (1.0, "right", f"{say('more', language)} →")):  # fmt: skip
        label(ax, x, below, text, ha=side, fontsize=8, color=QUIET_TEXT, transform=across)
