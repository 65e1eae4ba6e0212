"""Displaced or prevented? What the rings around extra bases show, in a table and in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from runs.compare import Comparison
from runs.design import after_clock, arm_label, window_label
from runs.phrases import NOT_RESOLVED, digits_for, fewer_or_more, interval, number, verdict
from runs.rings import COUNTED, EDGES, EXPECTED, FAR, NEAR, NOWHERE, RINGS
from runs.sections import Section, Table
from runs.statistics import Summary, summarise

Floats = NDArray[np.float64]

TOTAL = "all days and distances"
EVERY_RING = range(len(RINGS))


def balance(comparison: Comparison, arm: str, rings: Sequence[int], how: int = EXPECTED) -> Summary:
    """Attacks on civilians in some rings together, against the control at the same places and days."""
    both: Floats = comparison.rings[arm][:, :, :, how, list(rings)].sum(axis=-1)
    return summarise(both[:, :, 0], both[:, :, 1])


def has_rings(comparison: Comparison) -> bool:
    """Whether an extra base opened in any run."""
    return any(bool(counts[..., :NOWHERE].any()) for counts in comparison.rings.values())


def displaced_or_prevented(comparison: Comparison) -> Section:
    """What is missing near extra bases, and whether it turns up elsewhere."""
    window = window_label(after_clock(max(comparison.design.months)))
    text = (
        f"Attacks on civilians over the {window}, by distance from the nearest extra base open on their day, held "
        "against the control run of the same draws at the same places on the same days. What is prevented is missing "
        "near the bases and turns up nowhere; what is displaced turns up farther away. The last lines are the days on "
        "which no extra base was open, and the balance of all. Rings are of unequal size: only differences within a "
        "ring mean anything."
    )
    arms = tuple(comparison.rings)
    first = next((arm for arm in arms if only_package(comparison, arm)), arms[0])
    tables = tuple(_table(comparison, arm, folded=arm != first) for arm in arms)
    return Section("rings", "Displaced or prevented?", (text, in_words(comparison, first)), tables)


def only_package(comparison: Comparison, arm: str) -> bool:
    """Whether an arm differs from the control in its UN force alone, so that what is seen around bases is theirs."""
    scenario = next(a for a in comparison.design.arms if a.name == arm)
    return comparison.design.factors_of(scenario) == ("package",)


def in_short(comparison: Comparison, arm: str) -> str:
    """What the rings say about one arm, in two sentences."""
    near, far, whole = (balance(comparison, arm, rings) for rings in (NEAR, FAR, EVERY_RING))
    close, wide = (f"{EDGES[rings[-1]]:g} km" for rings in (NEAR, FAR))
    return (
        f"Within {close} of an extra base {fewer_or_more(near, 'attacks')}, from there to {wide} "
        f"{fewer_or_more(far, 'attacks')}. {_verdict(near, far, whole)}"
    )


def in_words(comparison: Comparison, arm: str) -> str:
    """What the rings say about one arm, honestly."""
    near, far, whole = (balance(comparison, arm, rings) for rings in (NEAR, FAR, EVERY_RING))
    moved = comparison.pair(arm, after_clock(max(comparison.design.months)), "displaced")
    again = f"{number(float(moved[0].mean()), 1)} attacks a run ({number(float(moved[1].mean()), 1)} in the control)"
    close, wide = (f"{EDGES[rings[-1]]:g} km" for rings in (NEAR, FAR))
    return (
        f"With {arm_label(arm)}, expected numbers: within {close} of an extra base {fewer_or_more(near, 'attacks')} "
        f"than the control's {number(near.control, 0)}; from there to {wide} {fewer_or_more(far, 'attacks')} than "
        f"{number(far.control, 0)}; all days and distances together {fewer_or_more(whole, 'attacks')}. "
        f"{_verdict(near, far, whole)} In the model, {again} were held off by UN presence and carried out elsewhere."
    )


def _verdict(near: Summary, far: Summary, whole: Summary) -> str:
    if not _fewer(near):
        return "That bases prevent attacks around them does not show here, so nothing can be said about displacement."
    if _fewer(far):
        return "Attacks are fewer around bases and farther away too: nothing shows that they are displaced on balance."
    if not far.resolved:
        return f"Attacks are fewer around bases; whether some turn up farther away is {NOT_RESOLVED}."
    rest = "fewer" if _fewer(whole) else "more" if whole.resolved else NOT_RESOLVED
    return f"Attacks are fewer around bases and more farther away: some are displaced; the balance of all is {rest}."


def _fewer(summary: Summary) -> bool:
    return summary.resolved and summary.spread.estimate < 0.0


def _table(comparison: Comparison, arm: str, folded: bool) -> Table:
    lines = [(name, (ring,)) for ring, name in enumerate(RINGS)] + [(TOTAL, tuple(EVERY_RING))]
    rows = tuple((name, *_cells(comparison, arm, rings)) for name, rings in lines)
    headers = (
        "Distance from the nearest extra base", "Control", "Difference, counted", "90 % interval", "Verdict",
        "Difference, expected", "90 % interval", "Verdict",
    )  # fmt: skip
    return Table(headers, rows, words=(0, 4, 7), caption=arm_label(arm), folded=folded)


def _cells(comparison: Comparison, arm: str, rings: Sequence[int]) -> tuple[str, ...]:
    counted, expected = (balance(comparison, arm, rings, how) for how in (COUNTED, EXPECTED))
    return (number(counted.control, 1), *_found(counted), *_found(expected))


def _found(summary: Summary) -> tuple[str, str, str]:
    digits = digits_for(summary.spread.estimate, *summary.effect)
    estimate = number(summary.spread.estimate, digits, signed=True)
    return estimate, interval(summary.effect, digits), verdict(summary)


def ring_rows(comparison: Comparison) -> list[dict[str, object]]:
    """One row per arm, way of counting and ring, and for all rings together: means, difference and interval."""
    rows: list[dict[str, object]] = []
    for arm in comparison.rings:
        for how, word in ((COUNTED, "counted"), (EXPECTED, "expected")):
            for name, rings in [(n, (k,)) for k, n in enumerate(RINGS)] + [(TOTAL, tuple(EVERY_RING))]:
                found = balance(comparison, arm, rings, how)
                rows.append(
                    {
                        "arm": arm, "ring": name, "attacks": word, "control_mean": found.control,
                        "difference": found.spread.estimate, "effect_low": found.effect[0],
                        "effect_high": found.effect[1], "resolved": found.resolved,
                    }
                )  # fmt: skip
    return rows
