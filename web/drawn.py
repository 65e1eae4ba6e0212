"""Figures to take away, on white, with source and hash in the footer: drawn by :mod:`abm.views`, as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from abm.views.words import Language, pick
from runs.outcomes import MEASURES
from runs.phrases import is_first_look
from runs.statistics import level_held
from web.cards import unit
from web.measures import measure
from web.words_numbers import WORDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from abm.views.break_even import Curve, Swing
    from abm.views.comparison import Course, Effect

Format = Literal["svg", "png"]
HASH = 12  # letters of the code's hash in a footer
WIDTH, EDGE, LEFT, RIGHT = 9.6, 0.25, 0.55, 2.6  # inches
TOP, ROW, GAP, AXIS = 0.75, 1.15, 0.5, 0.55
MOST_BINS = 40
_drawing = Lock()  # Matplotlib keeps its settings once for all threads


def word(key: str, language: Language, **values: object) -> str:
    """A word of :mod:`web.words_numbers`, its blanks filled."""
    return pick(WORDS[f"numbers_{key}"], language).format(**values)


def unit_of(key: str, language: Language) -> str:
    """Unit of an outcome."""
    return unit(MEASURES[key].unit)[language]


def name_of(key: str, language: Language) -> str:
    """An outcome in words."""
    return str(measure(MEASURES[key])["label"][language])


def heading(key: str, window: str, language: Language) -> str:
    """An outcome and its window, as the heading of a block."""
    label = name_of(key, language)
    return f"{label[0].upper()}{label[1:]}, {window}"


@dataclass(frozen=True)
class Foot:
    """What every figure says of itself: source, hash, language, and how many sets of parameters it rests on."""

    source: str
    run_hash: str
    language: Language
    draws: int

    @property
    def level(self) -> float:
        """Share that the intervals hold: less than they are meant to where there are few sets of parameters."""
        return round(level_held(self.draws), 2)

    @property
    def title(self) -> str | None:
        """That this is a first look, where it is no more."""
        return word("first_look", self.language, draws=self.draws) if is_first_look(self.draws) else None


def source_line(
    provenance: dict[str, Any], language: Language, *, draws: int = 0, seeds: int = 0, points: int = 0
) -> str:
    """Model, code, number of runs, seed and held assumptions in one line.

    Args:
        provenance: as of :meth:`web.setting.Setting.provenance`.
        language: of the line.
        draws: sets of parameters of a comparison, each run with so many ``seeds``.
        seeds: see there.
        points: sets of assumptions, where these were varied instead.
    """
    held = ", ".join(f"{one['name']} = {one['value']:g}" for one in provenance["assumptions"])
    known = {
        "version": provenance["package_version"],
        "code": provenance["source_fingerprint"][:HASH],
        "seed": provenance["seed"],
        "held": word("held", language, list=held) if held else "",
    }
    if points:
        return word("source_points", language, points=points, **known)
    return word("source", language, draws=draws, seeds=seeds, **known)


def as_bytes(figure: Figure, kind: Format) -> bytes:
    """A figure as a file's content, the same for the same figure; call it with the lock held."""
    from abm.views.figures import FILE_DPI, render
    from runs.report import svg_of

    if kind == "png":
        return render(figure, "png", FILE_DPI)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{svg_of(figure)}'.encode()


def effects(rows: Sequence[Effect], foot: Foot, kind: Format) -> bytes:
    """Differences with intervals, a block an outcome."""
    from abm.views.comparison import draw_comparison

    with _drawing:
        figure = draw_comparison(
            rows, title=foot.title, level=foot.level, source=foot.source, run_hash=foot.run_hash, language=foot.language
        )
        return as_bytes(figure, kind)


def courses(rows: Sequence[Course], clock_zero: int | None, foot: Foot, kind: Format) -> bytes:
    """What arrived when, by arm."""
    from abm.views.comparison import draw_timeline

    with _drawing:
        figure = draw_timeline(
            rows, clock_zero=clock_zero, title=foot.title, level=foot.level, source=foot.source,
            run_hash=foot.run_hash, language=foot.language,
        )  # fmt: skip
        return as_bytes(figure, kind)


def tornado(curves: Sequence[Curve], swings: Sequence[Swing], foot: Foot, kind: Format) -> bytes:
    """Swings of inputs, the longest first, and the curves that say most."""
    from abm.views.break_even import draw_break_even

    with _drawing:
        figure = draw_break_even(
            curves, swings, source=foot.source, run_hash=foot.run_hash, language=foot.language
        )  # fmt: skip
        return as_bytes(figure, kind)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Differences of all pairs of runs of one arm, with the interval of one future and the mean."""

    label: str
    values: NDArray[np.float64]
    low: float
    high: float
    mean: float


def distribution(rows: Sequence[Pairs], title: str, of: str, foot: Foot, kind: Format) -> bytes:
    """How differences of single pairs of runs lie around zero, a strip an arm.

    Args:
        rows: one an arm.
        title: the outcome and its window.
        of: unit of the differences.
        foot: what the figure says of itself.
        kind: of file.

    Raises:
        ValueError: no rows.
    """
    if not rows:
        raise ValueError("no pairs to draw")
    with _drawing:
        return as_bytes(_draw_pairs(rows, title, of, foot), kind)


def _draw_pairs(rows: Sequence[Pairs], title: str, of: str, foot: Foot) -> Figure:
    from abm.views.frame import axes_at, footer_lines, label, paper, percent, write, write_footer
    from abm.views.palette import QUIET_TEXT, TEXT
    from abm.views.words import say

    language = foot.language
    footer = footer_lines(foot.source, foot.run_hash, language, WIDTH - 2 * EDGE)
    height = TOP + len(rows) * (ROW + GAP) + AXIS + 0.16 * len(footer) + 0.2
    figure = paper(WIDTH, height)
    write(figure, EDGE, height - 0.36, foot.title or title, 12.5, TEXT, weight="bold")
    line = word("pairs", language, level=percent(foot.level, language))
    write(figure, EDGE, height - 0.62, f"{title} · {line}" if foot.title else line, 8, QUIET_TEXT)
    edges = _edges(rows)
    most = max(int(np.histogram(row.values, edges)[0].max()) for row in rows)
    below = height - TOP
    for number, row in enumerate(rows, 1):
        below -= GAP + ROW
        write(figure, EDGE, below + ROW + 0.08, row.label, 9.5, TEXT, weight="bold")
        ax = axes_at(figure, EDGE + LEFT, below, WIDTH - 2 * EDGE - LEFT - RIGHT, ROW)
        _draw_strip(ax, row, edges, most, number, language)
    style = {"fontsize": 8, "color": QUIET_TEXT, "transform": ax.transAxes}
    under = -0.34 / ROW
    for x, side, text in (
        (0.0, "left", f"← {say('fewer', language)}"),
        (0.5, "center", say("difference", language, unit=of)),
        (1.0, "right", f"{say('more', language)} →"),
    ):
        label(ax, x, under, text, ha=side, **style)
    write_footer(figure, EDGE, footer)
    return figure


def _edges(rows: Sequence[Pairs]) -> NDArray[np.float64]:
    """Bins that all arms share, with an edge at zero so that no bar is on both sides of it."""
    values = np.concatenate([row.values for row in rows])
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    bins = min(MOST_BINS, max(8, round(2.0 * len(rows[0].values) ** (1 / 3) * 2)))
    step = (high - low) / bins or 1.0
    found: NDArray[np.float64] = step * np.arange(np.floor(low / step) - 1, np.ceil(high / step) + 2)
    return found


def _draw_strip(ax: Axes, row: Pairs, edges: NDArray[np.float64], most: int, number: int, language: Language) -> None:
    from matplotlib.ticker import MaxNLocator

    from abm.views.frame import digits_for, label, percent, plain
    from abm.views.frame import number as text_of
    from abm.views.palette import ARM_COLOURS, PAPER, TEXT
    from abm.views.words import say

    plain(ax, grid_along="y")
    colour = ARM_COLOURS[number % len(ARM_COLOURS)]
    ax.hist(row.values, edges.tolist(), color=colour, alpha=0.55, edgecolor=PAPER, linewidth=0.6, zorder=2)
    ax.axvline(0.0, color=TEXT, linewidth=1.0, zorder=3)
    ax.set_xlim(edges[0], edges[-1])
    ax.set_ylim(-0.16 * most, 1.12 * most)
    ax.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= most])
    ax.plot([row.low, row.high], [-0.08 * most] * 2, color=TEXT, linewidth=1.6, zorder=4, solid_capstyle="butt")
    ax.plot(row.mean, -0.08 * most, marker="o", ms=6.5, mfc=TEXT, mec=PAPER, mew=1.2, zorder=5)
    digits = digits_for(row.low, row.high, row.mean)
    low, high, mean = (
        text_of(value, digits, signed=True, language=language) for value in (row.low, row.high, row.mean)
    )
    share = percent(round(float((row.values < 0.0).mean()), 2), language)
    across = ax.transAxes
    label(ax, 1.03, 0.66, f"{mean}  ({low} {say('to', language)} {high})", transform=across)
    label(ax, 1.03, 0.42, word("fewer_share", language, share=share), transform=across, fontsize=8)
    ax.xaxis.set_major_formatter(
        lambda value, _: text_of(value, digits_for(edges[0], edges[-1]), signed=True, language=language)
    )
