"""Short run against long run: whether an effect fades, grows or turns, and whether arms change places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runs.answers import few_draws
from runs.compare import Comparison
from runs.design import after_clock, is_year, window_label
from runs.outcomes import ENDS, MEANS, MEASURES
from runs.phrases import NO_DIFFERENCE, NOT_RESOLVED, guarded, listed
from runs.sections import Section, Table
from runs.studies.best import is_harm
from runs.studies.labels import label
from runs.studies.levels import Contrast, contrast, written
from runs.studies.paired import counted, opened, points_said
from runs.studies.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.batch.experiment import Experiment

Floats = NDArray[np.float64]

KEY = "horizons"
MONTHS_A_YEAR = 12
MOST_PANELS, MOST_NAMED = 12, 6
NO_SUMS = {*MEANS, *ENDS}  # outcomes that do not add up over a window
TURNS, FADES, GROWS = "turns", "fades", "grows"


@dataclass(frozen=True)
class Course:
    """One arm and outcome: differences from the control by window, and the long run's less the short run's.

    For outcomes that add up, differences are for each month of the window. ``change`` is None with one window.
    """

    arm: str
    key: str
    by_window: dict[str, Contrast]
    short: str
    long: str
    change: Contrast | None

    @property
    def verdict(self) -> str:
        """What becomes of the short run's effect."""
        if self.change is None:
            return "–"
        if self.change.nothing:
            return NO_DIFFERENCE
        first, last = self.by_window[self.short], self.by_window[self.long]
        if self.turns and first.resolved and last.resolved:
            return TURNS
        if not self.change.resolved:
            return NOT_RESOLVED
        return GROWS if abs(last.estimate) > abs(first.estimate) else FADES

    @property
    def turns(self) -> bool:
        """Whether the means of short and long run have other signs."""
        return self.by_window[self.short].estimate * self.by_window[self.long].estimate < 0.0


@dataclass(frozen=True)
class Swap:
    """Two arms whose order by the mean of an outcome is another in the short and in the long run."""

    better_first: str
    better_later: str
    short: Contrast
    long: Contrast

    @property
    def resolved(self) -> bool:
        """Whether both orders are resolved, pair by pair."""
        return self.short.resolved and self.long.resolved


def horizons_study(experiment: Experiment, comparison: Comparison, run_hash: str | None = None) -> Study | None:
    """Differences by window; None where there is one window and no whole calendar year.

    Tables of rows: ``horizons`` (arm, outcome, window), ``horizons-change`` (arm, outcome) and ``horizons-swaps``.
    """
    nested, years = windows_of(comparison)
    if len(nested) + len(years) < 2:
        return None
    courses = [course_of(comparison, arm.name, key) for key in experiment.main for arm in comparison.design.treated]
    headline = [course for course in courses if course.key == experiment.main[0]]
    swaps = list(swaps_of(comparison, headline)) if len(nested) > 1 else []
    paragraphs: list[str] = []
    if len(nested) > 1:
        paragraphs += [_changes_in_words(experiment, headline), _swaps_in_words(experiment, headline, swaps)]
    paragraphs += [*few_draws(comparison), _setting(experiment, comparison), *_drawn(headline)]
    tables = [
        _table(experiment, comparison, [c for c in courses if c.key == key], folded=key != experiment.main[0])
        for key in experiment.main
    ]
    rows = {
        "horizons": [row for course in courses for row in _rows(course)],
        "horizons-change": [_change_row(course) for course in courses if course.change is not None],
        "horizons-swaps": [_swap_row(swap, headline[0]) for swap in swaps],
    }
    section = Section(KEY, "Short run and long run", tuple(paragraphs), tuple(tables), figure=KEY)
    return Study(section, rows, _figure(experiment, comparison, headline, run_hash))


def windows_of(comparison: Comparison) -> tuple[list[str], list[str]]:
    """Windows that begin on the day that months count from, the shortest first, and calendar years."""
    nested = [after_clock(months) for months in sorted(set(comparison.design.months))]
    return nested, [window for window in comparison.windows if is_year(window)]


def adds_up(key: str) -> bool:
    """Whether an outcome of a window is the sum of those of its months."""
    return key not in NO_SUMS


def months_of(window: str) -> int:
    """Length of a window from the day that months count from, or of a calendar year, in months."""
    return MONTHS_A_YEAR if is_year(window) else int(window.rpartition("-")[2])


def rate(comparison: Comparison, arm: str, window: str, key: str, against: str | None = None) -> Floats:
    """Difference between two arms for each month of a window where the outcome adds up, (K, S)."""
    treated, control = comparison.pair(arm, window, key, against)
    found: Floats = (treated - control) / (months_of(window) if adds_up(key) else 1.0)
    return found


def course_of(comparison: Comparison, arm: str, key: str) -> Course:
    """Differences of one arm by window, and whether the long run's is another than the short run's."""
    nested, years = windows_of(comparison)
    short, long = nested[0], nested[-1]
    by_window = {window: contrast(rate(comparison, arm, window, key)) for window in (*nested, *years)}
    change = None
    if short != long:
        change = contrast(rate(comparison, arm, long, key) - rate(comparison, arm, short, key))
    return Course(arm, key, by_window, short, long, change)


def swaps_of(comparison: Comparison, courses: Sequence[Course]) -> Iterator[Swap]:
    """Pairs of arms that change places between the shortest and the longest window, by their means."""
    for one, other in combinations(courses, 2):
        first, last = (
            one.by_window[window].estimate - other.by_window[window].estimate for window in (one.short, one.long)
        )
        if first * last < 0.0:
            less, more = (one, other) if first < 0.0 else (other, one)
            short, long = (
                contrast(rate(comparison, less.arm, window, one.key, more.arm)) for window in (one.short, one.long)
            )
            yield Swap(less.arm, more.arm, short, long)


# --- words ----------------------------------------------------------------------------------------------------------


def _setting(experiment: Experiment, comparison: Comparison) -> str:
    nested, years = windows_of(comparison)
    unit = (
        "for each month of the window, so that windows of any length can be compared"
        if adds_up(experiment.main[0])
        else "as it stands, for the outcome is no sum over months"
    )
    by_year = (
        f", and {listed([window_label(year) for year in years])}, the years that every run covers" if years else ""
    )
    return (
        f"Differences from the control over the {listed([window_label(window) for window in nested])}{by_year}, "
        f"{unit}. The long window holds the short one. {points_said(experiment)} {counted(comparison.design)}"
        f"{opened(comparison)} Calendar years hold months before that day as well."
    )


def _named(experiment: Experiment, courses: Sequence[Course]) -> str:
    names = [label(experiment, course.arm) for course in courses[:MOST_NAMED]]
    more = len(courses) - len(names)
    return "; ".join(names) + (f"; and {more} more" if more else "")


def _changes_in_words(experiment: Experiment, headline: Sequence[Course]) -> str:
    """How many effects fade, grow, turn, or cannot be told."""
    first = headline[0]
    groups = {
        verdict: [course for course in headline if course.verdict == verdict]
        for verdict in (TURNS, FADES, GROWS, NO_DIFFERENCE, NOT_RESOLVED)
    }
    words = {
        TURNS: "turns round, resolved on both sides of zero, in {n} ({names})",
        FADES: "is weaker in the long run in {n} ({names})",
        GROWS: "is stronger in the long run in {n} ({names})",
        NO_DIFFERENCE: "is the same in {n}",
        NOT_RESOLVED: f"is {NOT_RESOLVED} in {{n}}",
    }
    told = [
        words[verdict].format(n=len(found), names=_named(experiment, found))
        for verdict, found in groups.items()
        if found
    ]
    unsure = [course for course in headline if course.turns and course.verdict != TURNS]
    signs = f" The means change sign without that being resolved in {_named(experiment, unsure)}." if unsure else ""
    many = f"Of {len(headline)} arms, how the effect changes" if len(headline) > 1 else "How the effect changes"
    return (
        f"{MEASURES[first.key].label.capitalize()}, from the {window_label(first.short)} to the "
        f"{window_label(first.long)}. {many} {'; '.join(told)}.{signs}"
    )


def _swaps_in_words(experiment: Experiment, headline: Sequence[Course], swaps: Sequence[Swap]) -> str:
    """Whether the order of the arms is another in the long run."""
    pairs = len(headline) * (len(headline) - 1) // 2
    if not pairs:
        return "With one arm there is no order that could change."
    sure = [swap for swap in swaps if swap.resolved]
    text = (
        f"Of {pairs} pairs of arms {len(swaps)} change places by their means; in {len(sure)} both orders are resolved."
    )
    if sure:
        told = [
            f"{label(experiment, swap.better_first)} has less than {label(experiment, swap.better_later)} at first and "
            "more in the long run"
            for swap in sure[:MOST_NAMED]
        ]
        text += f" {'; '.join(told)}."
    return text + _best_in_words(experiment, headline)


def _best_in_words(experiment: Experiment, headline: Sequence[Course]) -> str:
    """The arms with the least of a harm in the short and in the long run."""
    if not is_harm(headline[0].key):
        return ""
    first, last = (
        min(headline, key=lambda course: course.by_window[window].estimate).arm
        for window in (headline[0].short, headline[0].long)
    )
    if first == last:
        return f" By the mean {label(experiment, first)} has the least in both."
    return (
        f" By the mean {label(experiment, first)} has the least in the short run and {label(experiment, last)} in the "
        "long run."
    )


def _drawn(headline: Sequence[Course]) -> tuple[str, ...]:
    if len(headline) <= MOST_PANELS:
        return ()
    return (f"The figure shows the {MOST_PANELS} arms with the largest effects in the long run; the table has all.",)


# --- tables, rows, figure -------------------------------------------------------------------------------------------


def _table(experiment: Experiment, comparison: Comparison, courses: Sequence[Course], folded: bool) -> Table:
    nested, years = windows_of(comparison)
    windows = (*nested, *years)
    draws = comparison.design.draws
    rows = tuple(
        (
            label(experiment, course.arm),
            *(written(course.by_window[window]) for window in windows),
            "–" if course.change is None else written(course.change),
            guarded(course.verdict, draws) if course.verdict in (TURNS, FADES, GROWS) else course.verdict,
        )
        for course in courses
    )
    headers = ("Arm", *(window_label(window).capitalize() for window in windows), "Long less short", "Verdict")
    unit = f"{MEASURES[courses[0].key].label}, {unit_of(courses[0].key)}"
    caption = f"Difference from the control by window: {unit}"
    last = len(headers) - 1
    return Table(
        headers, rows, words=(0, last), brief=(0, 1, len(nested), last - 1, last), caption=caption, folded=folded
    )


def unit_of(key: str) -> str:
    """Unit of a difference by window."""
    unit = MEASURES[key].unit
    return f"{unit} a month" if adds_up(key) else unit


def _numbers(found: Contrast) -> dict[str, Any]:
    low, high = found.interval
    return {
        "difference": found.estimate, "low": low, "high": high, "resolved": found.resolved,
        "monte_carlo_se": found.monte_carlo_se,
    }  # fmt: skip


def _rows(course: Course) -> Iterator[dict[str, Any]]:
    for window, found in course.by_window.items():
        which = {"arm": course.arm, "outcome": course.key, "window": window, "months": months_of(window)}
        yield {**which, "unit": unit_of(course.key), **_numbers(found)}


def _change_row(course: Course) -> dict[str, Any]:
    assert course.change is not None
    which = {"arm": course.arm, "outcome": course.key, "short": course.short, "long": course.long}
    return {**which, "unit": unit_of(course.key), **_numbers(course.change), "verdict": course.verdict}


def _swap_row(swap: Swap, like: Course) -> dict[str, Any]:
    return {
        "outcome": like.key, "short": like.short, "long": like.long, "less_in_short": swap.better_first,
        "less_in_long": swap.better_later, "short_difference": swap.short.estimate,
        "short_resolved": swap.short.resolved, "long_difference": swap.long.estimate,
        "long_resolved": swap.long.resolved,
    }  # fmt: skip


def _figure(experiment: Experiment, comparison: Comparison, headline: Sequence[Course], run_hash: str | None) -> Figure:
    from abm.views.horizons import Windows, draw_horizons

    nested, years = windows_of(comparison)
    ticks = (*(f"{months_of(window)} mo." for window in nested), *map(window_label, years))
    shown = list(headline)
    if len(shown) > MOST_PANELS:
        largest = sorted(shown, key=lambda course: -abs(course.by_window[course.long].estimate))[:MOST_PANELS]
        shown = [course for course in headline if course in largest]
    arms = []
    for course in shown:
        found = [course.by_window[window] for window in (*nested, *years)]
        lows, highs = ([one.interval[end] for one in found] for end in (0, 1))
        resolved = tuple(one.resolved or one.nothing for one in found)
        estimates = tuple(one.estimate for one in found)
        name = label(experiment, course.arm)
        arms.append(Windows(name, ticks, len(nested), estimates, tuple(lows), tuple(highs), resolved))
    key = headline[0].key
    return draw_horizons(arms, MEASURES[key].label.capitalize(), unit_of(key), run_hash=run_hash)
