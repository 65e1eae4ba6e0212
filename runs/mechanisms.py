"""Measure every mechanism and write ``docs/mechanisms.md``: ``python -m runs.mechanisms FILE [DRAWS SEEDS]``.

Each contrast of :mod:`runs.mechanism_list` is run under the same draws of all other parameters and the same seeds, so
that the differences are the mechanism's. No number of the page is typed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from abm.calendar import DAY_ZERO
from abm.declarations import STATUS_MARK, declarations
from abm.draws import draw_parameters
from abm.geography import towns
from abm.geometry import UN_BASES
from abm.parameters import Parameters
from abm.records import Records
from abm.scenario import Scenario
from abm.simulation import simulate
from abm.tables import TOB_OPENED
from runs.listing import STATUS_WORDS
from runs.mechanism_list import FEWER, MECHANISMS, Arm, Contrast, Mechanism
from runs.outcomes import MEASURES, measure
from runs.parallel import Tick, run_all
from runs.phrases import digits_for, identical, interval, number
from runs.provenance import provenance
from runs.statistics import Floats, Summary, summarise

DRAWS, SEEDS, MONTHS = 20, 2, 48
# Outcomes are of three whole years, when most of what can arrive has arrived, or of one of them.
WINDOWS = {
    "all": ("2022-01-01", "2025-01-01"),
    "2022": ("2022-01-01", "2023-01-01"),
    "2024": ("2024-01-01", "2025-01-01"),
}


# --- outcomes that only this page names -----------------------------------------------------------------------------


def response_hours(records: Records, first: int, last: int) -> float:
    """Mean hours to the quickest answer of the UN to an attack on a village, where any is possible."""
    events = records.events[(records.events["day"] >= first) & (records.events["day"] < last)]
    hours = events["response_hours"]
    possible = hours[(hours > 0.0) & np.isfinite(hours)]
    return float(possible.mean()) if possible.size else 0.0


def _openings(records: Records, first: int, last: int) -> tuple[Floats, Floats]:
    o = records.operations
    opened = o[(o["what"] == TOB_OPENED) & (o["day"] >= first) & (o["day"] < last)]
    return opened["x"], opened["y"]


def tob_distance(records: Records, first: int, last: int) -> float:
    """Mean distance in km of bases opened from the nearest main base."""
    x, y = _openings(records, first, last)
    if x.size == 0:
        return 0.0
    bases = [towns()[name] for name in UN_BASES]
    return float(np.min([np.hypot(x - base.x, y - base.y) for base in bases], axis=0).mean())


def tobs_elsewhere(records: Records, first: int, last: int) -> float:
    """Mean number of bases open elsewhere than at Ogossagou."""
    days = records.days[(records.days["day"] >= first) & (records.days["day"] < last)]
    return float(days["tobs"].mean()) - float(records.scenario.un.hold_ogossagou)


SPECIAL: dict[str, tuple[str, str, Callable[[Records, int, int], float]]] = {
    "response_hours": ("hours to the quickest UN answer", "hours", response_hours),
    "tob_distance": ("distance of new bases from a main base", "km", tob_distance),
    "tobs_elsewhere": ("bases open elsewhere than at Ogossagou, mean", "TOBs", tobs_elsewhere),
}


def label_of(outcome: str) -> str:
    """An outcome's name for a reader."""
    return SPECIAL[outcome][0] if outcome in SPECIAL else MEASURES[outcome].label


def outcome_of(records: Records, outcome: str, window: str) -> float:
    """One outcome of one run in one window."""
    first, last = (int((np.datetime64(day) - np.datetime64(DAY_ZERO)).astype(int)) for day in WINDOWS[window])
    if outcome in SPECIAL:
        return SPECIAL[outcome][2](records, first, last)
    return measure(records, first, last)[outcome]


# --- runs -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """A contrast and what its runs gave: outcome without and with, and their paired difference."""

    contrast: Contrast
    without: float
    with_it: float
    summary: Summary

    @property
    def verdict(self) -> str:
        """Whether the difference is what the claim expects."""
        if identical(self.summary):
            return "does nothing"
        if not self.summary.resolved:
            return "not resolved"
        as_claimed = (self.summary.spread.estimate < 0.0) == (self.contrast.expected == FEWER)
        return "as claimed" if as_claimed else "the other way"


def key_of(arm: Arm) -> str:
    """Arms with one key are one run."""
    return f"{arm.scenario} {sorted(arm.levers.items())} {sorted(arm.held.items())}"


def run_arm(arm: Arm, draw: int, seed: int) -> Records:
    """One run of an arm, in the world of the draw."""
    scenario = Scenario.load(arm.scenario).changed(**arm.levers, months=MONTHS).changed(world={"seed": draw})
    return simulate(scenario, draw_parameters(draw).changed(**arm.held), seed=1000 * draw + seed)


def measure_all(draws: int, seeds: int, done: Callable[[], object] | None = None) -> list[list[Measured]]:
    """Every contrast of every mechanism, in their order."""
    contrasts = [contrast for mechanism in MECHANISMS for contrast in mechanism.contrasts]
    wanted: dict[str, tuple[Arm, set[tuple[str, str]]]] = {}
    for contrast in contrasts:
        for arm in (contrast.without, contrast.with_it):
            wanted.setdefault(key_of(arm), (arm, set()))[1].add((contrast.outcome, contrast.window))
    # Draw after draw: each has a synthetic world of its own, and only a few worlds are kept.
    tasks = list(product(range(draws), wanted, range(seeds)))

    def one(task: tuple[int, str, int], tick: Tick) -> dict[tuple[str, str], float]:
        draw, key, seed = task
        tick(0)
        arm, outcomes = wanted[key]
        records = run_arm(arm, draw, seed)
        return {pair: outcome_of(records, *pair) for pair in outcomes}

    results = dict(zip(tasks, run_all(one, tasks, done=done), strict=True))

    def values(arm: Arm, contrast: Contrast) -> Floats:
        pair, key = (contrast.outcome, contrast.window), key_of(arm)
        return np.array([[results[d, key, s][pair] for s in range(seeds)] for d in range(draws)])

    def found(contrast: Contrast) -> Measured:
        without, with_it = values(contrast.without, contrast), values(contrast.with_it, contrast)
        return Measured(contrast, float(without.mean()), float(with_it.mean()), summarise(with_it, without))

    return [[found(contrast) for contrast in mechanism.contrasts] for mechanism in MECHANISMS]


# --- the page -------------------------------------------------------------------------------------------------------

HEAD = """# Mechanisms: where they are, and what each one does

Generated by `make mechanisms`: do not edit. The claims are those of the policy debate of 2020-2021; what is measured
is what they do **in this model**, under {draws} sets of parameters × {seeds} seeds with common draws, over 2022 to 2024
unless another window is named. Most sizes are drawn from assumptions (○), so this page shows that a mechanism works,
how large it is beside the others, and which do nothing: it is no evidence that it works so in Mali. Intervals hold
90 %.

{marks}.

| # | mechanism | measured | outcome | without | with | difference | 90 % interval | verdict |
| ---: | --- | --- | --- | ---: | ---: | ---: | --- | --- |
"""


def _cells(found: Measured) -> str:
    summary = found.summary
    digits = digits_for(summary.spread.estimate, *summary.effect)
    level = digits_for(found.without, found.with_it)
    cells = (
        found.contrast.what, label_of(found.contrast.outcome), number(found.without, level),
        number(found.with_it, level), number(summary.spread.estimate, digits, signed=True),
        interval(summary.effect, digits), found.verdict,
    )  # fmt: skip
    return " | ".join(cells)


def overview(measured: list[list[Measured]]) -> list[str]:
    """Rows of the first table."""
    rows = []
    for position, (mechanism, results) in enumerate(zip(MECHANISMS, measured, strict=True), start=1):
        for place, found in enumerate(results):
            first = (f"[{position}](#{position})", mechanism.title) if place == 0 else ("", "")
            rows.append(f"| {first[0]} | {first[1]} | {_cells(found)} |")
    return rows


def details(position: int, mechanism: Mechanism) -> list[str]:
    """Where a mechanism is, what moves it, and what tests it."""
    known = declarations(Parameters)
    parameters = ", ".join(f"{STATUS_MARK[known[name].status]} `{name}`" for name in mechanism.parameters)
    levers = ", ".join(f"`{name}`" for name in mechanism.levers) or "none: parameters only"
    return [
        f'<a id="{position}"></a>',
        "",
        f"## {position} {mechanism.title}",
        "",
        mechanism.claim,
        "",
        f"- code: {', '.join(f'`{path}`' for path in mechanism.code)}",
        f"- levers: {levers}",
        f"- parameters: {parameters}",
        f"- tests: {', '.join(f'`{path}`' for path in mechanism.tests)}",
        "",
    ]


def page(measured: list[list[Measured]], draws: int, seeds: int) -> str:
    """The page as Markdown."""
    about = provenance(Scenario.load("baseline-2021"), Parameters(), 0)
    lines = [HEAD.format(draws=draws, seeds=seeds, marks=STATUS_WORDS).rstrip("\n"), *overview(measured), ""]
    for position, mechanism in enumerate(MECHANISMS, start=1):
        lines += details(position, mechanism)
    lines += [f"Computed with Python {about.python}, NumPy {about.numpy}, Numba {about.numba}."]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Measure and write the page."""
    from rich.progress import Progress

    draws, seeds = (int(arguments[1]), int(arguments[2])) if len(arguments) == 3 else (DRAWS, SEEDS)
    arms = {key_of(arm) for m in MECHANISMS for c in m.contrasts for arm in (c.without, c.with_it)}
    with Progress() as progress:
        task = progress.add_task("mechanisms", total=len(arms) * draws * seeds)
        measured = measure_all(draws, seeds, lambda: progress.advance(task))
    Path(arguments[0]).write_text(page(measured, draws, seeds), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
