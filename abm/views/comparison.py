"""Comparisons on paper: differences as dot and bar, what arrived when, what it is worth, the model and the record."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.views.acceptability import Curve, draw_acceptability
from abm.views.arrivals import draw_arrivals
from abm.views.effects import Effect
from abm.views.frame import axes_at, digits_for, footer_lines, label, number, paper, percent, plain, write, write_footer
from abm.views.palette import PAPER, QUIET_TEXT, TEXT
from abm.views.record_check import CheckRow, draw_check
from abm.views.timeline import Course, draw_timeline
from abm.views.words import Language, say

__all__ = [
    "CheckRow", "Course", "Curve", "Effect", "draw_acceptability", "draw_arrivals", "draw_check", "draw_comparison",
    "draw_timeline",
]  # fmt: skip

WIDTH, EDGE, LABELS, FIGURES = 9.6, 0.25, 2.5, 2.75  # inches
ROW, HEADING, AXIS, GAP = 0.30, 0.30, 0.44, 0.16
TOP, KEY = 0.55, 0.32
UNRESOLVED = "#8A867C"  # 3.6:1 on white


def grouped(effects: Sequence[Effect]) -> dict[str, list[Effect]]:
    """Effects by group, both in the order given.

    Raises:
        ValueError: no effects, or a group with more than one unit.
    """
    if not effects:
        raise ValueError("no effects to draw")
    groups: dict[str, list[Effect]] = {}
    for effect in effects:
        groups.setdefault(effect.group, []).append(effect)
    for name, members in groups.items():
        units = sorted({effect.unit for effect in members})
        if len(units) > 1:
            raise ValueError(f"group {name!r} has more than one unit: {', '.join(units)}")
    return groups


def verdict(effect: Effect, digits: int, language: Language) -> str:
    """The numbers of an effect in words, with "not resolved" written out."""
    low, high = (number(end, digits, language=language) for end in (effect.low, effect.high))
    estimate = number(effect.estimate, digits, signed=True, language=language)
    text = f"{estimate}  ({low} {say('to', language)} {high})"
    return text if effect.resolved else f"{text}  {say('not_resolved', language)}"


def draw_comparison(
    effects: Sequence[Effect],
    *,
    title: str | None = None,
    level: float = 0.90,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """Differences between arms: one panel a group with its own axis, one row an effect.

    A dot is the estimate, a thick bar the interval of the effect, a thin one the interval of one future; the line at
    zero is drawn, and where the thick bar crosses it "not resolved" is written out.

    Args:
        effects: in the order to be shown.
        title: heading; none by default.
        level: what share the intervals hold, for the key.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the comparison in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: no effects, or a group with more than one unit.
    """
    groups = grouped(effects)
    footer = footer_lines(source or say("paper_source", language), run_hash, language, WIDTH - 2 * EDGE)
    panels = sum(HEADING + ROW * len(rows) + AXIS + GAP for rows in groups.values())
    head = (TOP if title else 0.2) + KEY
    height = head + panels + 0.16 * len(footer) + 0.25
    figure = paper(WIDTH, height)
    if title:
        write(figure, EDGE, height - 0.36, title, 12.5, TEXT, weight="bold")
    _draw_key(figure, height - head + 0.12, level, language)
    below = height - head
    for name, rows in groups.items():
        below -= HEADING + ROW * len(rows)
        write(figure, EDGE, below + ROW * len(rows) + 0.08, name, 9.5, TEXT, weight="bold")
        ax = axes_at(figure, EDGE + LABELS, below, WIDTH - 2 * EDGE - LABELS - FIGURES, ROW * len(rows))
        _draw_group(ax, rows, language)
        below -= AXIS + GAP
    write_footer(figure, EDGE, footer)
    return figure


def _draw_group(ax: Axes, rows: list[Effect], language: Language) -> None:
    plain(ax, grid_along="x")
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks([])
    ax.set_xlim(*_reach(rows))
    ax.axvline(0.0, color=TEXT, linewidth=1.0, zorder=2)
    across = ax.get_yaxis_transform()
    digits = digits_for(*(value for row in rows for value in (row.estimate, row.low, row.high)))
    for k, effect in enumerate(rows):
        draw_bar(ax, k, effect)
        label(ax, -0.03, k, effect.label, ha="right", transform=across)
        label(
            ax,
            1.03,
            k,
            verdict(effect, digits, language),
            color=TEXT if effect.resolved else QUIET_TEXT,
            transform=across,
        )
    below = len(rows) - 0.5 + 0.29 / ROW
    unit = say("difference", language, unit=rows[0].unit)
    captions = (
        (0.0, "left", f"← {say('fewer', language)}"),
        (0.5, "center", unit),
        (1.0, "right", f"{say('more', language)} →"),
    )
    for x, side, text in captions:
        label(ax, x, below, text, ha=side, fontsize=8, color=QUIET_TEXT, transform=across)


def _reach(rows: list[Effect]) -> tuple[float, float]:
    """Edges of an axis that shows every interval and zero, with a little air."""
    low = min(0.0, *(min(effect.low_future, effect.low) for effect in rows))
    high = max(0.0, *(max(effect.high_future, effect.high) for effect in rows))
    air = 0.06 * (high - low) or 1.0
    return low - air, high + air


def draw_bar(ax: Axes, y: float, effect: Effect) -> None:
    """One effect: thin bar, thick bar and dot; grey and hollow where it is not resolved."""
    colour = TEXT if effect.resolved else UNRESOLVED
    ax.plot([effect.low_future, effect.high_future], [y, y], color=colour, linewidth=1.0, zorder=3)
    ax.plot([effect.low, effect.high], [y, y], color=colour, linewidth=5.0, solid_capstyle="butt", alpha=0.85, zorder=4)
    face = colour if effect.resolved else PAPER
    ax.plot(
        effect.estimate, y, marker="o", ms=7.5, mfc=face, mec=PAPER if effect.resolved else colour, mew=1.4, zorder=5
    )


def _draw_key(figure: Figure, y: float, level: float, language: Language) -> None:
    """What dot, thick and thin bar mean, once for the whole figure."""
    ax = axes_at(figure, EDGE, y, WIDTH - 2 * EDGE, 0.2)
    ax.set_xlim(0.0, WIDTH - 2 * EDGE)
    ax.set_ylim(-1.0, 1.0)
    ax.axis("off")
    share = percent(level, language)
    words = {key: say(key, language, level=share) for key in ("interval_effect", "interval_future", "unresolved")}
    at = 0.0
    for key, text in words.items():
        if key == "unresolved":
            ax.plot([at, at + 0.36], [0, 0], color=UNRESOLVED, linewidth=5.0, solid_capstyle="butt", alpha=0.85)
            ax.plot(at + 0.18, 0, marker="o", ms=7.5, mfc=PAPER, mec=UNRESOLVED, mew=1.4)
        else:
            thick = 5.0 if key == "interval_effect" else 1.0
            ax.plot([at, at + 0.36], [0, 0], color=TEXT, linewidth=thick, solid_capstyle="butt", alpha=0.85)
        label(ax, at + 0.46, 0, text, fontsize=8, color=QUIET_TEXT)
        at += 0.46 + 0.058 * len(text) + 0.35
