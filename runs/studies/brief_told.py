"""What a brief is written from, and how rankings, missing options and verdicts are put in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs.analysis import difference
from runs.compare import Comparison
from runs.design import Design, after_clock, since_start, window_label
from runs.outcomes import MEASURES
from runs.phrases import (
    NOT_RESOLVED,
    digits_for,
    fewer_or_more,
    guarded,
    identical,
    interval,
    listed,
    number,
    percent,
    verdict,
)
from runs.sections import Table
from runs.statistics import Summary, level_held
from runs.studies.brief_arms import (
    Alike,
    Ranking,
    headline,
    outcome_label,
)
from runs.studies.brief_figures import Picture, capital
from runs.studies.brief_grounds import Rests
from runs.studies.labels import label

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment

MOST_NAMED = 5
PARTS = {
    "package": "the extra units", "un": "how the force is used", "accountability": "accountability",
    "strategy": "the Malian strategy",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What every part of a brief is written from."""

    experiment: Experiment
    comparison: Comparison
    run_hash: str

    @property
    def design(self) -> Design:
        """Arms, points and seeds."""
        return self.comparison.design

    @property
    def key(self) -> str:
        """The outcome that options are ranked by."""
        return headline(self.experiment)

    @property
    def unit(self) -> str:
        """That outcome in a sentence, as "civilian deaths"."""
        return outcome_label(self.key)

    @property
    def months(self) -> tuple[int, ...]:
        """Windows, the shortest first."""
        return tuple(sorted(self.design.months))

    @property
    def short(self) -> str:
        """The unit of that outcome, as "deaths"."""
        return MEASURES[self.key].unit

    @property
    def level(self) -> str:
        """What share the intervals hold: 90 %, or less where sets of parameters are few."""
        return percent(level_held(self.design.draws))

    def name(self, arm: str) -> str:
        """An option in a table or at the start of a sentence."""
        return capital(label(self.experiment, arm))

    def quoted(self, arm: str) -> str:
        """An option in a sentence."""
        return f"“{label(self.experiment, arm)}”"

    def effect(
        self, arm: str, key: str | None = None, months: int | None = None, against: str | None = None
    ) -> Summary:
        """Difference of an option from another, the control if none is named, over the longest window if none is."""
        window = after_clock(self.months[-1] if months is None else months)
        return difference(self.comparison, arm, window, key or self.key, against).summary


@dataclass(frozen=True)
class Answer:
    """A question with its answer: the first sentence alone, the others, what is missing, and what it rests on."""

    key: str
    question: str
    lead: str
    sentences: tuple[str, ...]
    missing: tuple[str, ...]
    picture: Picture | None
    tables: tuple[Table, ...]
    rests: Rests


# --- ranking in words -----------------------------------------------------------------------------------------------


def best_said(told: Told, ranking: Ranking) -> str:
    """The option with the least, and its effect; or that nothing is resolved."""
    first, count = ranking.first, len(ranking.lines)
    span = f"over the {window_label(ranking.window)}"
    found = f"{fewer_or_more(first.effect, told.unit)} than the control {span}"
    if identical(first.effect) and count == 1:
        return f"{capital(told.quoted(first.arm))} makes no difference to {told.unit} in any pair of runs."
    if count == 1:
        return f"{told.name(first.arm)}: {found}."
    if not any(line.effect.resolved for line in ranking.lines):
        return (
            f"Whether any of {count} options changes {told.unit} is {NOT_RESOLVED}; the one with the fewest is "
            f"{told.quoted(first.arm)}: {found}."
        )
    if first.effect.spread.estimate >= 0.0:
        return (
            f"None of {count} options has fewer {told.unit} than the control; nearest is {told.quoted(first.arm)}: "
            f"{found}."
        )
    looks = guarded(f"Of {count} options {told.quoted(first.arm)} leaves the fewest {told.unit}", told.design.draws)
    return f"{looks}: {fewer_or_more(first.effect, told.short)} than the control {span}."


def tied_said(told: Told, ranking: Ranking) -> str:
    """Which options cannot be told from the best, by pairs of runs."""
    rest = len(ranking.lines) - 1
    tied = ranking.level_with_first
    if rest == 0:
        return ""
    if not tied:
        others = "The other does" if rest == 1 else "All others do"
        return f"{others} less, and the difference is resolved."
    if len(tied) == rest:
        who = "No other option" if rest > 1 else capital(told.quoted(tied[0]))
        return f"{who} can{'' if rest > 1 else 'not'} be told from it: which is best is {NOT_RESOLVED}."
    return f"It cannot be told from {named(told, tied)}."


def curse_said(told: Told, ranking: Ranking) -> str:
    """The winner's curse, measured where there are seeds enough to choose by one half and judge by the other."""
    if len(ranking.lines) < 3:
        return ""
    fresh = ranking.second_opinion()
    text = "The best of several looks better than it is, because luck helps to be picked"
    if fresh is None:
        return f"{text}: read its figure as too favourable."
    estimate = ranking.first.effect.spread.estimate
    digits = digits_for(estimate, *ranking.first.effect.effect)
    before, after = number(estimate, digits, signed=True), number(fresh, digits, signed=True)
    stands = f"stays at {after}" if before == after else f"stands at {after} rather than {before}"
    return f"{text}: picked by half of the runs and judged by the other half, it {stands} {told.short}."


def named(told: Told, arms: Sequence[str]) -> str:
    """Options in a sentence; no more than MOST_NAMED of them."""
    words = [told.quoted(arm) for arm in arms[:MOST_NAMED]]
    rest = len(arms) - len(words)
    return listed([*words, f"{rest} more"] if rest else words)


def ranking_table(told: Told, ranking: Ranking, caption: str, more: dict[str, tuple[str, ...]] | None = None) -> Table:
    """Every option of a ranking: effect, interval, share of the control's, verdict, and how far behind the best.

    `more` are further columns by header, a cell for each option in the order of the ranking.
    """
    extra = more or {}
    rows = tuple(
        (told.name(line.arm), *(cells[k] for cells in extra.values()), *effect_cells(line.effect), _behind(line.behind))
        for k, line in enumerate(ranking.lines)
    )
    headers = (
        "Option",
        *extra,
        told.unit.capitalize(),
        f"{told.level} interval",
        "Change",
        "Verdict",
        "Beside the best",
    )
    words = (0, len(headers) - 2, len(headers) - 1)
    return Table(headers, rows, words=words, caption=caption)


def effect_cells(effect: Summary) -> tuple[str, str, str, str]:
    """Estimate, interval, change as a share, and verdict of a difference."""
    digits = digits_for(effect.spread.estimate, *effect.effect)
    estimate = number(effect.spread.estimate, digits, signed=True)
    return estimate, interval(effect.effect, digits), percent(effect.relative, 1, signed=True), verdict(effect)


def _behind(behind: Summary | None) -> str:
    if behind is None:
        return "fewest"
    if identical(behind):
        return "the same"
    digits = digits_for(behind.spread.estimate, *behind.effect)
    text = f"{number(behind.spread.estimate, digits, True)} ({interval(behind.effect, digits)})"
    return text if behind.resolved else f"{text}, {NOT_RESOLVED}"


def also_said(found: Alike) -> tuple[str, ...]:
    """That options differ from the control in more than the question is about."""
    parts = dict.fromkeys(PARTS[name.partition(".")[0]] for name in found.others)
    if not parts:
        return ()
    return (
        f"All these options also differ from the control in {listed(list(parts))}, so what tells them apart is how "
        "they stand beside each other, not how far they are from the control.",
    )


def suggestion(what: str, experiments: tuple[str, ...] = (), scenarios: tuple[str, ...] = ()) -> str:
    """What to run for a part of an answer that this experiment has no options for."""
    from runs.batch.experiment import shipped_experiments

    known = [name for name in experiments if name in shipped_experiments()]
    ways = [f"run the shipped experiment {name} (sector-centre batch {name} --out DIR)" for name in known[:1]]
    if scenarios:
        kind = "scenarios" if len(scenarios) > 1 else "scenario"
        ways.append(f"add the {kind} {listed(scenarios)} to the experiment")
    return f"Not in this experiment: {what}. To see it, {', or '.join(ways)}."


def costed_window(told: Told) -> str:
    """The window that costs are counted over."""
    return since_start(told.months[-1])
