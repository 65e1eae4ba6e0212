"""Displaced or prevented: attacks by distance from extra bases, for every arm of an experiment that may have any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from runs.answers import few_draws
from runs.compare import Comparison
from runs.displacement import (
    EVERY_RING,
    balance,
    displaced_or_prevented,
    has_rings,
    in_short,
    only_package,
    ring_rows,
)
from runs.phrases import identical, number
from runs.rings import EDGES, FAR, NEAR, NOWHERE, RINGS
from runs.sections import Section, Table
from runs.studies.labels import label
from runs.studies.numbers import in_cell
from runs.studies.paired import counted, longest_window, opened, points_said
from runs.studies.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.batch.experiment import Experiment

KEY = "rings"
MOST_PANELS, MOST_TOLD = 12, 4
ASSUMED = (
    "That groups who are kept off may go elsewhere is a rule of the model; how far and how often is what is counted "
    "here. An arm's other measures act in all rings: where arms differ in more than their UN force, what is seen "
    "around bases is not due to bases alone."
)


def around_bases_study(experiment: Experiment, comparison: Comparison, run_hash: str | None = None) -> Study | None:
    """Attacks on civilians by distance from extra bases, against the control; None where none ever opens.

    Table of rows: ``rings`` (arm, way of counting, ring).
    """
    if not has_rings(comparison):
        return None
    found = displaced_or_prevented(comparison)
    arms = with_bases(comparison)
    tables = tuple(
        replace(table, caption=label(experiment, arm), folded=True)
        for arm, table in zip(comparison.rings, found.tables, strict=True)
        if arm in arms
    )
    paragraphs = (
        *(f"{label(experiment, arm)}: {in_short(comparison, arm)}" for arm in _told(comparison, arms, MOST_TOLD)),
        *few_draws(comparison),
        found.paragraphs[0],
        f"{points_said(experiment)} {counted(comparison.design)}{opened(comparison)} {ASSUMED}",
        *_shown(arms),
    )
    section = Section(KEY, found.title, paragraphs, (_by_arm(experiment, comparison, arms), *tables), figure=KEY)
    return Study(section, {KEY: ring_rows(comparison)}, _figure(experiment, comparison, arms, run_hash))


def with_bases(comparison: Comparison) -> list[str]:
    """Arms in which an extra base opened in any run."""
    return [arm for arm, counts in comparison.rings.items() if counts[..., :NOWHERE].any()]


def _told(comparison: Comparison, arms: Sequence[str], most: int) -> list[str]:
    """The arms that are spoken of or drawn: all where they are few, else those with the largest effects near bases.

    Those that differ in their UN force alone come before the others: what is seen around their bases is due to these.
    """
    if len(arms) <= most:
        return list(arms)
    largest = {arm: abs(balance(comparison, arm, NEAR).spread.estimate) for arm in arms}
    chosen = sorted(arms, key=lambda arm: (not only_package(comparison, arm), -largest[arm]))[:most]
    return [arm for arm in arms if arm in chosen]


def _shown(arms: Sequence[str]) -> tuple[str, ...]:
    if len(arms) <= MOST_TOLD:
        return ()
    panels = f"; the figure has {MOST_PANELS}" if len(arms) > MOST_PANELS else ""
    return (
        f"Told are {MOST_TOLD} of {len(arms)} arms in which an extra base opened, those with the largest effects near "
        f"bases, those that differ in their UN force alone first{panels}; the table has all.",
    )


def _by_arm(experiment: Experiment, comparison: Comparison, arms: Sequence[str]) -> Table:
    """One line an arm: near bases, farther away, everywhere; and what the model itself counts as carried elsewhere."""
    rows = []
    for arm in arms:
        groups = (balance(comparison, arm, rings) for rings in (NEAR, FAR, tuple(EVERY_RING)))
        moved, before = comparison.pair(arm, longest_window(comparison.design), "displaced")
        elsewhere = f"{number(float(moved.mean()), 1)} ({number(float(before.mean()), 1)})"
        rows.append((label(experiment, arm), *(in_cell(one.spread.estimate, one.effect) for one in groups), elsewhere))
    close, wide = (f"{EDGES[rings[-1]]:g} km" for rings in (NEAR, FAR))
    headers = (
        "Arm", f"Within {close} of a base", f"{close} to {wide}", "All days and distances",
        "Carried out elsewhere (control)",
    )  # fmt: skip
    return Table(headers, tuple(rows), caption="Attacks on civilians, expected: difference from the control")


def _figure(experiment: Experiment, comparison: Comparison, arms: Sequence[str], run_hash: str | None) -> Figure:
    from abm.views.rings import Around, draw_rings

    panels = []
    for arm in _told(comparison, arms, MOST_PANELS):
        found = [balance(comparison, arm, (ring,)) for ring in range(len(RINGS))]
        panels.append(
            Around(
                label(experiment, arm),
                RINGS,
                tuple(one.spread.estimate for one in found),
                tuple(one.effect[0] for one in found),
                tuple(one.effect[1] for one in found),
                tuple(one.resolved or identical(one) for one in found),
            )
        )
    return draw_rings(panels, run_hash=run_hash)
