"""What arrived when, for any number of arms: one panel an arm, troops above TOBs, the control in grey behind."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from abm.calendar import date_of
from abm.views.frame import axes_at, label, percent, plain, write
from abm.views.palette import ARM_COLOURS, QUIET_TEXT, TEXT
from abm.views.panels import AXIS_LABELS, EDGE, panels
from abm.views.timeline import Course
from abm.views.words import Language, pick, say

TROOPS, TOBS, BETWEEN, BELOW = 1.1, 0.8, 0.12, 0.42
COLOUR, CONTROL = ARM_COLOURS[1], "#A8A396"
WORDS = {
    "title": (
        "UN troops and police arrived (above) and temporary operating bases open (below)",
        "Casques bleus et policiers arrivés (en haut) et bases opérationnelles temporaires ouvertes (en bas)",
    ),
    "key": ("grey: {control}; shaded: {runs}", "en gris : {control} ; en ombre : {runs}"),
    "clock": ("dashed: {clock}", "tirets : {clock}"),
}


def draw_arrivals(
    control: Course,
    courses: Sequence[Course],
    *,
    clock_zero: int | None = None,
    title: str | None = None,
    level: float = 0.90,
    source: str | None = None,
    run_hash: str | None = None,
    language: Language = "en",
) -> Figure:
    """UN troops that have arrived, and TOBs open, in each arm: mean as a line, range over runs as a band.

    Args:
        control: drawn in grey in every panel.
        courses: the other arms, over the same days.
        clock_zero: day number of the first extra TOB, marked by a line.
        title: heading; what the panels show by default.
        level: what share of runs the bands hold.
        source: of the figures, for the footer; the model by default.
        run_hash: identifies the comparison in the footer.
        language: ``en`` or ``fr``.

    Raises:
        ValueError: no courses.
    """
    words = {key: pick(pair, language) for key, pair in WORDS.items()}
    figure, places = panels(
        [course.label for course in courses], TROOPS + BETWEEN + TOBS, BELOW,
        title=title or words["title"], source=source, run_hash=run_hash, language=language,
    )  # fmt: skip
    every = [control, *courses]
    tops = {field: max(float(getattr(c, field).max()) for c in every) for field in ("troops", "tobs")}
    for course, place in zip(courses, places, strict=True):
        for field, bottom, height in (("troops", TOBS + BETWEEN, TROOPS), ("tobs", 0.0, TOBS)):
            ax = axes_at(figure, place.left, place.bottom + bottom, place.width, height)
            _draw(ax, control, field, CONTROL)
            _draw(ax, course, field, COLOUR)
            _scales(ax, every, tops[field], place.leftmost, dated=field == "tobs")
            if clock_zero is not None:
                ax.axvline(clock_zero, color=TEXT, linewidth=0.8, linestyle=(0, (3, 2)), zorder=2)
    runs = say("interval_runs", language, level=percent(level, language))
    key = words["key"].format(control=control.label, runs=runs)
    if clock_zero is not None:
        key += "; " + words["clock"].format(clock=say("clock_zero", language))
    write(figure, EDGE + AXIS_LABELS, min(place.bottom for place in places) - 0.4, key, 8, QUIET_TEXT)
    return figure


def _draw(ax: Axes, course: Course, field: str, colour: str) -> None:
    low, mean, high = getattr(course, field)
    ax.fill_between(course.days, low, high, color=colour, alpha=0.16, linewidth=0, step="post", zorder=1)
    ax.plot(course.days, mean, color=colour, linewidth=1.7, drawstyle="steps-post", zorder=3)


def _scales(ax: Axes, courses: Sequence[Course], top: float, leftmost: bool, *, dated: bool) -> None:
    """The same scale in every panel, with numbers at the left edge and years below."""
    plain(ax, grid_along="y")
    ax.set_ylim(0.0, 1.08 * top if top > 0 else 1.0)
    ax.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    low, high = min(int(c.days[0]) for c in courses), max(int(c.days[-1]) for c in courses)
    ax.set_xlim(low, high)
    ticks = [float(tick) for tick in ax.get_yticks() if 0.0 <= tick <= ax.get_ylim()[1]]
    ax.set_yticks(ticks)
    ax.set_yticklabels([])
    if leftmost:
        for tick in ticks:
            text = f"{tick:,.0f}".replace(",", "\u202f")
            across = ax.get_yaxis_transform()
            label(ax, -0.03, tick, text, ha="right", fontsize=8, color=QUIET_TEXT, transform=across)
    years = [day for day in range(low, high + 1) if (date_of(day).month, date_of(day).day) == (1, 1)]
    ax.set_xticks(years)
    ax.set_xticklabels([str(date_of(day).year) for day in years] if dated else [])
