"""Figures of a brief: narrow enough for a column of A4, few marks, every number written beside its bar."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from abm.views.comparison import UNRESOLVED, draw_bar, grouped, verdict
from abm.views.effects import Effect
from abm.views.frame import axes_at, digits_for, footer_lines, label, number, paper, percent, plain, write, write_footer
from abm.views.palette import PAPER, QUIET_TEXT, TEXT
from abm.views.words import Language, pick, say

WIDTH, EDGE = 7.0, 0.05  # inches
LABELS, FIGURES, BETWEEN = 2.15, 1.95, 0.12
ROW, HEADING, AXIS, GAP, KEY, TOP = 0.34, 0.28, 0.42, 0.14, 0.34, 0.0
LETTERS_OF_LABEL, LETTERS_OF_FIGURES = 31, 29
HALO = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}  # under numbers that the line at zero would cross
WORDS = {
    "dot": (
        "dot: best estimate · bar: {level} interval · hollow: {not_resolved}",
        "point : estimation · barre : intervalle à {level} · creux : {not_resolved}",
    ),
    "price": ("US$ for each civilian death averted", "US$ par mort de civil évitée"),
    "price_key": (
        "dot: best estimate, where deaths are averted · bar: {level} range · arrow: no upper end",
        "point : estimation, si des morts sont évitées · barre : intervalle à {level} · flèche : sans borne",
    ),
}


@dataclass(frozen=True)
class Price:
    """What a death averted costs under one option, US$.

    ``branches`` are the ranges it may lie in, perhaps without end; ``words`` say the same. ``estimate`` is not finite
    or not positive where no death is averted.
    """

    label: str
    estimate: float
    branches: tuple[tuple[float, float], ...]
    words: str

    @property
    def bounded(self) -> bool:
        """Whether the ranges have ends on both sides."""
        return bool(self.branches) and all(math.isfinite(end) for branch in self.branches for end in branch)


def draw_options(
    effects: Sequence[Effect],
    *,
    level: float = 0.90,
    more_is_worse: bool = True,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """Options as dot and bar, a panel a group, in the order given; intervals of one future are not drawn.

    Args:
        effects: differences from the control; those of a group share an axis and a unit.
        level: what share the intervals hold.
        more_is_worse: whether the axis says which side is fewer and which more.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the experiment in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: no effects, or a group with more than one unit.
    """
    groups = grouped(effects)
    heading = HEADING if len(groups) > 1 else 0.0  # one group is named by the caption
    body = sum(heading + ROW * len(rows) + AXIS + GAP for rows in groups.values()) - GAP
    figure, below = _page(body, _key("dot", level, language), source, run_hash, language)
    for name, rows in groups.items():
        below -= heading + ROW * len(rows)
        if heading:
            _heading(figure, below + ROW * len(rows), name)
        ax = axes_at(figure, EDGE + LABELS, below, WIDTH - 2 * EDGE - LABELS - FIGURES - BETWEEN, ROW * len(rows))
        _draw_rows(ax, rows, language)
        digits = digits_for(*(value for row in rows for value in (row.estimate, row.low, row.high)))
        for k, effect in enumerate(rows):
            colour = TEXT if effect.resolved else QUIET_TEXT
            said = verdict(effect, digits, language).replace("  ", " ")
            _beside(figure, ax, below, k, len(rows), textwrap.fill(said, LETTERS_OF_FIGURES), colour)
        if more_is_worse:
            _say_sides(ax, len(rows), rows[0].unit, language)
        below -= AXIS + GAP
    return figure


def draw_windows(
    effects: Sequence[Effect],
    *,
    level: float = 0.90,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """The short run beside the long run: a column a group (a window), a row an option, all on one scale.

    Every option must be in every group, in the same order; see :func:`draw_options` for the arguments.

    Raises:
        ValueError: no effects, or groups that do not hold the same options.
    """
    groups = grouped(effects)
    names = [[effect.label for effect in rows] for rows in groups.values()]
    if any(name != names[0] for name in names):
        raise ValueError("expected the same options in every window")
    count = len(names[0])
    figure, below = _page(HEADING + ROW * count + AXIS, _key("dot", level, language), source, run_hash, language)
    below -= HEADING + ROW * count
    width = (WIDTH - 2 * EDGE - LABELS - BETWEEN * (len(groups) - 1)) / len(groups)
    ends = _reach([effect for rows in groups.values() for effect in rows])
    for column, (name, rows) in enumerate(groups.items()):
        left = EDGE + LABELS + column * (width + BETWEEN)
        ax = axes_at(figure, left, below, width, ROW * count)
        write(figure, left, below + ROW * count + 0.07, name, 9.0, TEXT, weight="bold")
        _draw_rows(ax, rows, language, ends, labelled=column == 0)
        digits = 1 if any(abs(row.estimate) < 10.0 for row in rows) else 0
        for k, row in enumerate(rows):
            text = number(row.estimate, digits, signed=True, language=language)
            colour = TEXT if row.resolved else QUIET_TEXT
            label(ax, row.estimate, k - 0.34, text, ha="center", fontsize=7.5, color=colour, bbox=HALO, zorder=6)
        _say_axis(ax, count, rows[0].unit)
    return figure


def draw_prices(
    prices: Sequence[Price],
    *,
    level: float = 0.90,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """Cost per death averted on a scale of powers of ten, a row an option; ranges without an upper end have an arrow.

    See :func:`draw_options` for the arguments.

    Raises:
        ValueError: nothing to draw.
    """
    if not prices:
        raise ValueError("nothing to draw")
    count = len(prices)
    key = _key("price_key", level, language)
    figure, below = _page(ROW * count + AXIS, key, source, run_hash, language)
    below -= ROW * count
    ax = axes_at(figure, EDGE + LABELS, below, WIDTH - 2 * EDGE - LABELS - FIGURES - BETWEEN, ROW * count)
    plain(ax, grid_along="x")
    ax.set_ylim(count - 0.5, -0.5)
    ax.set_yticks([])
    low, high = _decades(prices)
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(FixedLocator(_few([10.0**k for k in range(round(math.log10(low)), _log(high) + 1)])))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short_money(value)))
    _say_axis(ax, count, pick(WORDS["price"], language))
    for k, price in enumerate(prices):
        _name(ax, k, price.label)
        _draw_price(ax, k, price, low, high)
        colour = TEXT if price.bounded else QUIET_TEXT
        _beside(figure, ax, below, k, count, textwrap.fill(price.words, LETTERS_OF_FIGURES), colour)
    return figure


def short_money(value: float) -> str:
    """A power of ten of US$ as a tick says it: "100k", "1M", "10bn"."""
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _page(body: float, key: str, source: str | None, run_hash: str | None, language: Language) -> tuple[Figure, float]:
    """An empty figure with key and footer, and the height below which its body starts."""
    footer = footer_lines(source or say("paper_source", language), run_hash, language, WIDTH - 2 * EDGE)
    foot = 0.16 * len(footer) + 0.12
    height = TOP + KEY + body + foot
    figure = paper(WIDTH, height)
    write(figure, EDGE, height - TOP - 0.16, key, 8.0, QUIET_TEXT)
    write_footer(figure, EDGE, footer)
    return figure, height - TOP - KEY


def _key(key: str, level: float, language: Language) -> str:
    words = pick(WORDS[key], language)
    return words.format(level=percent(level, language), not_resolved=say("not_resolved", language))


def _heading(figure: Figure, y: float, text: str) -> None:
    write(figure, EDGE, y + 0.09, text, 9.5, TEXT, weight="bold")


def _draw_rows(
    ax: Axes, rows: Sequence[Effect], language: Language, ends: tuple[float, float] | None = None, labelled: bool = True
) -> None:
    plain(ax, grid_along="x")
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks([])
    ax.set_xlim(*(ends or _reach(rows)))
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, language)))
    ax.axvline(0.0, color=TEXT, linewidth=1.0, zorder=2)
    for k, effect in enumerate(rows):
        draw_bar(ax, k, effect)
        if labelled:
            _name(ax, k, effect.label)


def _tick(value: float, language: Language) -> str:
    digits = 0 if value == round(value) else 1
    return number(value, digits, signed=True, language=language)


def _reach(rows: Sequence[Effect]) -> tuple[float, float]:
    """Edges of an axis that shows every interval and zero, with a little air."""
    low, high = min(0.0, *(row.low for row in rows)), max(0.0, *(row.high for row in rows))
    air = 0.1 * (high - low) or 1.0
    return low - air, high + air


def _name(ax: Axes, row: int, text: str) -> None:
    """The name of a row at the left of the axes, broken where it is long."""
    left = -(LABELS - 0.02) / (ax.get_position().width * WIDTH)
    label(ax, left, row, textwrap.fill(text, LETTERS_OF_LABEL), transform=ax.get_yaxis_transform(), parse_math=False)


def _beside(figure: Figure, ax: Axes, below: float, row: int, rows: int, text: str, colour: str) -> None:
    """Words at the right of a row."""
    x = WIDTH - EDGE - FIGURES
    write(figure, x, below + ROW * (rows - row - 0.5), text, 8.0, colour, va="center", parse_math=False)


def _say_sides(ax: Axes, rows: int, unit: str, language: Language) -> None:
    captions = (
        (0.0, "left", f"← {say('fewer', language)}"),
        (0.5, "center", unit),
        (1.0, "right", f"{say('more', language)} →"),
    )
    for x, side, text in captions:
        _say_axis(ax, rows, text, x, side)


def _say_axis(ax: Axes, rows: int, text: str, x: float = 0.5, side: str = "center") -> None:
    """Words below an axis, under its numbers."""
    across = ax.get_yaxis_transform()
    label(ax, x, rows - 0.5 + 0.31 / ROW, text, ha=side, fontsize=7.5, color=QUIET_TEXT, transform=across)


# --- prices ---------------------------------------------------------------------------------------------------------


def _log(value: float) -> int:
    return round(math.log10(value))


def _decades(prices: Sequence[Price]) -> tuple[float, float]:
    """Powers of ten that hold every price that is finite and positive; one to ten million where there is none."""
    ends = [end for price in prices for branch in price.branches for end in branch]
    shown = [value for value in (*ends, *(price.estimate for price in prices)) if math.isfinite(value) and value > 0.0]
    if not shown:
        return 1e6, 1e7
    low, high = math.floor(math.log10(min(shown))), math.ceil(math.log10(max(shown)))
    return 10.0**low, 10.0 ** max(high, low + 1)


def _few(ticks: Sequence[float], most: int = 5) -> Sequence[float]:
    """Every second or third of many ticks."""
    return ticks[:: -(-len(ticks) // most)]


def _draw_price(ax: Axes, y: float, price: Price, low: float, high: float) -> None:
    """The positive part of each range; an arrow where it goes on for ever."""
    colour = TEXT if price.bounded else UNRESOLVED
    for start, end in price.branches:
        if end <= low:
            continue
        first, last = max(start, low), min(end, high)
        ax.plot([first, last], [y, y], color=colour, linewidth=5.0, solid_capstyle="butt", alpha=0.85, zorder=4)
        if math.isinf(end):
            ax.plot(high, y, marker=">", ms=8, color=colour, clip_on=False, zorder=5)
    if math.isfinite(price.estimate) and price.estimate > 0.0:
        face, edge = (colour, PAPER) if price.bounded else (PAPER, colour)
        ax.plot(price.estimate, y, marker="o", ms=7.5, mfc=face, mec=edge, mew=1.4, zorder=6)
