"""Which options of an experiment speak to which question, and how they rank: by levers, never by names."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from abm.scenario import Scenario
from runs.analysis import difference
from runs.compare import Comparison
from runs.design import Design, after_clock
from runs.levers import dotted
from runs.outcomes import MEASURES
from runs.roles import heads
from runs.statistics import Summary
from runs.studies.best import Best, best_arm, is_harm

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment

PERSONNEL, OPERATIONS, STRATEGY = "personnel", "operations", "strategy"
# Levers that each question is about, by the beginning of their dotted names.
ASPECTS = {
    PERSONNEL: ("package.units",),
    OPERATIONS: ("un.", "package.decision", "package.permission", "package.spare_places"),
    STRATEGY: ("accountability.", "strategy."),
}
DEATHS, ATTACKS = "expected_civilian_deaths", "expected_civilian_attacks"


@dataclass(frozen=True)
class Alike:
    """Options that differ from each other in one aspect alone; ``others`` are levers that all change otherwise."""

    aspect: str
    arms: tuple[str, ...]
    others: tuple[str, ...] = ()


def alike(design: Design, aspect: str) -> Alike | None:
    """The options that can answer a question: alike but for its levers.

    Options that differ from the control in nothing else come first; where there are none, the largest group of options
    that differ among themselves. None where no option differs from any other in this aspect alone.
    """
    groups: dict[Hashable, list[Scenario]] = {}
    for arm in design.treated:
        groups.setdefault(_outside(arm, aspect), []).append(arm)
    own = [arm for arm in groups.pop(_outside(design.control, aspect), []) if _differ([arm, design.control], aspect)]
    if own:
        return Alike(aspect, _names(own))
    rest = [arms for arms in groups.values() if _differ(arms, aspect)]
    if not rest:
        return None
    largest = max(rest, key=len)
    return Alike(aspect, _names(largest), _changed_otherwise(largest[0], design.control, aspect))


def _names(arms: list[Scenario]) -> tuple[str, ...]:
    return tuple(arm.name for arm in arms)


def _is_about(lever: str, aspect: str) -> bool:
    return lever.startswith(ASPECTS[aspect])


def _outside(arm: Scenario, aspect: str) -> Hashable:
    """Everything of a scenario but one aspect."""
    return tuple((name, value) for name, value in dotted(arm) if not _is_about(name, aspect))


def _differ(arms: list[Scenario], aspect: str) -> bool:
    inside = {tuple((name, value) for name, value in dotted(arm) if _is_about(name, aspect)) for arm in arms}
    return len(inside) > 1


def _changed_otherwise(arm: Scenario, control: Scenario, aspect: str) -> tuple[str, ...]:
    before = dict(dotted(control))
    return tuple(name for name, value in dotted(arm) if value != before[name] and not _is_about(name, aspect))


def package_arm(design: Design) -> Scenario | None:
    """The option that shows what extra units do: it brings mobile ones and changes as little else as possible.

    Of several, the one with most people who are mobile, and of these the first.
    """
    bringing = [arm for arm in design.treated if heads(arm, mobile_only=True) and arm.package != design.control.package]
    return min(bringing, key=lambda arm: (_changes(arm, design.control), -heads(arm, mobile_only=True)), default=None)


def _changes(arm: Scenario, control: Scenario) -> int:
    """Number of levers outside the units of the package that differ from the control."""
    before = dict(dotted(control))
    return sum(value != before[name] for name, value in dotted(arm) if not _is_about(name, PERSONNEL))


def headline(experiment: Experiment) -> str:
    """The outcome that options are ranked by: the first of the experiment's that is a harm, or civilian deaths."""
    return next((key for key in experiment.main if is_harm(key)), DEATHS)


def outcome_label(key: str) -> str:
    """An outcome's name in a sentence; that numbers are expected ones is said once for the whole page."""
    return MEASURES[key].label.removesuffix(", expected")


@dataclass(frozen=True)
class Ranked:
    """An option, its effect against the control, and how far it is behind the best option: None for that one."""

    arm: str
    effect: Summary
    behind: Summary | None


@dataclass(frozen=True)
class Ranking:
    """Options by an outcome that is a harm, the one with the least first; ``best`` counts the control among them."""

    key: str
    window: str
    lines: tuple[Ranked, ...]
    best: Best | None

    @property
    def first(self) -> Ranked:
        """The option with the least."""
        return self.lines[0]

    @property
    def level_with_first(self) -> tuple[str, ...]:
        """Options that cannot be told from the first, or are the same."""
        return tuple(line.arm for line in self.lines[1:] if line.behind is not None and not line.behind.resolved)

    def second_opinion(self) -> float | None:
        """Effect of the winner by seeds that did not choose it, mean of both halves; None where seeds are few."""
        looks = self.best.looks if self.best is not None else ()
        return sum(look.judged.spread.estimate for look in looks) / len(looks) if looks else None


def only(comparison: Comparison, arms: tuple[str, ...]) -> Comparison:
    """The control and some of the options."""
    treated = tuple(arm for arm in comparison.design.treated if arm.name in arms)
    return replace(comparison, design=replace(comparison.design, treated=treated))


def rank(comparison: Comparison, arms: tuple[str, ...], key: str) -> Ranking:
    """Options by their effect over the longest window."""
    window = after_clock(max(comparison.design.months))
    effects = {arm: difference(comparison, arm, window, key).summary for arm in arms}
    order = sorted(arms, key=lambda arm: effects[arm].spread.estimate)
    lines = tuple(_ranked(comparison, arm, order[0], window, key, effects[arm]) for arm in order)
    return Ranking(key, window, lines, best_arm(only(comparison, arms), window, key))


def _ranked(comparison: Comparison, arm: str, first: str, window: str, key: str, effect: Summary) -> Ranked:
    behind = None if arm == first else difference(comparison, arm, window, key, against=first).summary
    return Ranked(arm, effect, behind)
