"""Which arm is best, honestly: chances over sets of parameters, arms that cannot be told apart, and a second look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runs.analysis import Difference, difference
from runs.compare import Comparison
from runs.outcomes import MEASURES
from runs.phrases import fewer_or_more, identical, percent
from runs.sections import Table
from runs.statistics import Summary, summarise
from runs.studies.labels import label
from runs.studies.together import chances_of_least

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment

Floats = NDArray[np.float64]

HARMS = ("attacks", "deaths", "events", "abuses")  # units
NO_HARM = (
    "prevented", "displaced", "warnings", "answered", "softened", "averted_by_un", "averted_by_army",
)  # fmt: skip
FEWEST_SEEDS = 4  # two to choose by and two to judge by
MOST_NAMED = 12


def is_harm(key: str) -> bool:
    """Whether fewer of an outcome is better beyond dispute: violence, and people driven out by it."""
    return key == "displaced_people" or (MEASURES[key].unit in HARMS and key not in NO_HARM)


@dataclass(frozen=True)
class SecondLook:
    """The arm chosen by some seeds, its effect by these, and its effect by the other seeds."""

    arm: str
    chosen: Summary
    judged: Summary


@dataclass(frozen=True)
class Best:
    """Which arm has the least of an outcome that is a harm; the control is one of the arms.

    ``arm`` has the least mean; ``chances`` of being the least; ``apart`` has each other arm's paired difference from
    it; ``looks`` choose by one half of the seeds and judge by the other, both ways round, none where seeds are few.
    """

    key: str
    window: str
    arm: str
    chances: Mapping[str, float]
    apart: tuple[Difference, ...]
    looks: tuple[SecondLook, ...]

    @property
    def open(self) -> tuple[str, ...]:
        """Arms that cannot be told from the best, the likeliest first."""
        found = [d.arm for d in self.apart if not d.summary.resolved]
        return tuple(sorted(found, key=lambda arm: -self.chances[arm]))


def best_arm(comparison: Comparison, window: str, key: str) -> Best | None:
    """The arm with the least of a harm, and how sure that is; None for an outcome that is no harm."""
    if not is_harm(key):
        return None
    arms = [arm.name for arm in comparison.design.arms]
    control = comparison.values[arms[0], window, key]
    effects = np.stack([comparison.values[arm, window, key] - control for arm in arms])
    best = arms[int(effects.mean(axis=(1, 2)).argmin())]
    chances = dict(zip(arms, chances_of_least(effects).tolist(), strict=True))
    apart = tuple(difference(comparison, arm, window, key, against=best) for arm in arms if arm != best)
    return Best(key, window, best, chances, apart, _second_looks(arms, effects, control))


def _second_looks(arms: list[str], effects: Floats, control: Floats) -> tuple[SecondLook, ...]:
    seeds = control.shape[1]
    if seeds < FEWEST_SEEDS:
        return ()
    halves = (slice(seeds // 2), slice(seeds // 2, None))
    return tuple(_second_look(arms, effects, control, *pair) for pair in (halves, halves[::-1]))


def _second_look(arms: list[str], effects: Floats, control: Floats, chosen: slice, judged: slice) -> SecondLook:
    winner = int(effects[:, :, chosen].mean(axis=(1, 2)).argmin())
    treated = control + effects[winner]
    by_seeds = (summarise(treated[:, seeds], control[:, seeds]) for seeds in (chosen, judged))
    return SecondLook(arms[winner], *by_seeds)


# --- words ----------------------------------------------------------------------------------------------------------


def best_in_words(experiment: Experiment, found: Best) -> tuple[str, ...]:
    """Which arm is best, how sure that is, and what its effect is without the luck of having been picked."""
    arms = len(experiment.design.arms)
    measure = MEASURES[found.key]
    first = (
        f"Best of {arms} arms, the control among them, by the mean of {measure.label}: "
        f"{label(experiment, found.arm)}. The chance that it is the best of all is "
        f"{percent(found.chances[found.arm])}, over sets of parameters and Monte Carlo error: effects of all arms are "
        "pulled together towards their means until their spread is that of the parameters alone, so that the noise of "
        "seeds is no reason to call an arm best, and the error that all sets share is put back. Arms that are the same "
        "in every run share their chance."
    )
    return (first, _open_in_words(experiment, found), _looks_in_words(experiment, found))


def _open_in_words(experiment: Experiment, found: Best) -> str:
    same = [d.arm for d in found.apart if identical(d.summary)]
    unsure = [arm for arm in found.open if arm not in same]
    equal = f" The same as the best in every run: {_named(experiment, same)}." if same else ""
    if not unsure:
        return f"Every other arm that differs from the best can be told from it, pair by pair.{equal}"
    return (
        f"Cannot be told from the best, pair by pair ({len(unsure)} of {len(found.apart)} arms): "
        f"{_named(experiment, unsure)}.{equal}"
    )


def _named(experiment: Experiment, arms: list[str] | tuple[str, ...]) -> str:
    words = [label(experiment, arm) for arm in arms[:MOST_NAMED]]
    if len(arms) > MOST_NAMED:
        words.append(f"{len(arms) - MOST_NAMED} more in the table")
    return "; ".join(words)


def _looks_in_words(experiment: Experiment, found: Best) -> str:
    curse = "The best of many arms looks better than it is, because luck helps to be picked (the winner's curse). "
    if not found.looks:
        return (
            f"{curse}With fewer than {FEWEST_SEEDS} seeds there are none to judge the winner by that did not choose "
            "it: its estimate is too favourable by an unknown amount."
        )
    unit = MEASURES[found.key].unit
    looks = [
        f"{label(experiment, look.arm)}, {fewer_or_more(look.judged, unit)} by the seeds that did not choose it, after "
        f"{fewer_or_more(look.chosen, unit)} by those that did"
        for look in found.looks
    ]
    agree = len({look.arm for look in found.looks}) == 1
    verdict = "both halves choose the same arm" if agree else "the two halves choose different arms"
    return (
        f"{curse}Chosen by one half of the seeds and judged by the other, both ways round, {verdict}: "
        f"{'; and '.join(looks)}. Only the luck of seeds is taken out so: both halves have the same sets of parameters."
    )


def best_table(experiment: Experiment, found: Best) -> Table:
    """Every arm's chance of being the best, and its difference from the arm that looks best."""
    apart = {d.arm: d.summary for d in found.apart}
    unit = MEASURES[found.key].unit
    rows = tuple(
        (
            label(experiment, arm),
            percent(found.chances[arm], 0 if found.chances[arm] >= 0.01 or found.chances[arm] == 0.0 else 1),
            fewer_or_more(apart[arm], unit) if arm in apart else "the best by its mean",
        )
        for arm in sorted(found.chances, key=lambda arm: (-found.chances[arm], arm != found.arm))
    )
    headers = ("Arm", "Chance of being the best", "Beside the best by its mean")
    caption = f"Which arm is best: {MEASURES[found.key].label}"
    return Table(headers, rows, words=(0, 2), caption=caption, folded=len(rows) > MOST_NAMED + 1)


def best_rows(found: Best) -> list[dict[str, object]]:
    """One row per arm: chance of being the best, and paired difference from the arm that is best by its mean."""
    apart = {d.arm: d.summary for d in found.apart}
    rows: list[dict[str, object]] = []
    for arm, chance in found.chances.items():
        summary = apart.get(arm)
        rows.append(
            {
                "arm": arm, "outcome": found.key, "window": found.window, "best": found.arm,
                "chance_best": chance,
                "difference_from_best": summary.spread.estimate if summary else 0.0,
                "low": summary.effect[0] if summary else 0.0, "high": summary.effect[1] if summary else 0.0,
                "resolved": summary.resolved if summary else False,
            }
        )  # fmt: skip
    return rows


def second_look_rows(found: Best) -> list[dict[str, object]]:
    """One row per half of the seeds: the arm that it chose, and that arm's effect by the other half."""
    return [
        {
            "chosen_by": half, "arm": look.arm, "outcome": found.key, "window": found.window,
            "chosen_difference": look.chosen.spread.estimate, "judged_difference": look.judged.spread.estimate,
            "judged_low": look.judged.effect[0], "judged_high": look.judged.effect[1],
            "judged_resolved": look.judged.resolved,
        }
        for half, look in zip(("first half of seeds", "second half of seeds"), found.looks, strict=False)
    ]  # fmt: skip
