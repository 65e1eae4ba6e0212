"""Does the conclusion depend on the model's structure? The verdict of each arm under every variant, by rule."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import product
from typing import Any

from runs.analysis import difference
from runs.compare import Comparison
from runs.design import after_clock, arm_label, window_label
from runs.outcomes import MEASURES
from runs.phrases import NO_DIFFERENCE, digits_for, identical, interval, is_first_look, listed, number, percent, verdict
from runs.sections import Section, Table
from runs.statistics import Summary, level_held
from runs.tidy import difference_row
from runs.variants import AS_SHIPPED, CONCLUSIONS, VARIANTS, UnderVariants


class Fate(StrEnum):
    """What becomes under a variant of what the model as shipped says about one arm and outcome."""

    SURVIVES = "survives"
    WEAKENS = "same direction, not resolved"
    VANISHES = NO_DIFFERENCE
    TURNS = "turns"
    TURNS_UNRESOLVED = "turns, not resolved"
    STILL_OPEN = "not resolved"
    APPEARS = "resolved here only"
    STILL_NOTHING = "no difference either"


# How a sentence goes on, "... under <variants>"; the worst first.
LOST = {
    Fate.TURNS: "turns",
    Fate.TURNS_UNRESOLVED: "turns, though that is not resolved,",
    Fate.VANISHES: "vanishes",
    Fate.WEAKENS: "keeps its direction but is not resolved",
}


def fate(shipped: Summary, found: Summary) -> Fate:
    """What becomes of a conclusion: whether it is still resolved, and in the same direction.

    An estimate whose interval holds zero has no direction that could be kept or turned.
    """
    if identical(found):
        return Fate.VANISHES if shipped.resolved else Fate.STILL_NOTHING if identical(shipped) else Fate.STILL_OPEN
    if not shipped.resolved:
        return Fate.APPEARS if found.resolved else Fate.STILL_OPEN
    same = (shipped.spread.estimate < 0.0) == (found.spread.estimate < 0.0)
    if found.resolved:
        return Fate.SURVIVES if same else Fate.TURNS
    return Fate.WEAKENS if same else Fate.TURNS_UNRESOLVED


Fates = dict[str, Fate]
OPEN_IN_WHOLE = "not resolved in the whole comparison"


def others() -> list[str]:
    """Names of the variants that are not the model as shipped."""
    return [name for name in VARIANTS if name != AS_SHIPPED]


def summary_of(found: UnderVariants, variant: str, arm: str, window: str, key: str) -> Summary:
    """One difference of one variant."""
    return found.of(variant, arm, window, key).summary


def fates(found: UnderVariants, arm: str, window: str, key: str) -> Fates:
    """What becomes of one conclusion under every other variant."""
    shipped = summary_of(found, AS_SHIPPED, arm, window, key)
    return {name: fate(shipped, summary_of(found, name, arm, window, key)) for name in others()}


def quoted(names: Sequence[str]) -> str:
    """Names of variants within a sentence."""
    return listed([f"“{name}”" for name in names])


def conclusion(shipped: Summary, by_variant: Fates) -> str:
    """What becomes of what the model as shipped says, as the end of a sentence."""
    appears = [name for name, what in by_variant.items() if what == Fate.APPEARS]
    if identical(shipped):
        differs = [name for name, what in by_variant.items() if what != Fate.STILL_NOTHING]
        return f"no difference as shipped, but one under {quoted(differs)}" if differs else "no difference anywhere"
    if not shipped.resolved:
        return f"not resolved as shipped, but under {quoted(appears)}" if appears else "not resolved under any variant"
    lost = {what: [name for name, w in by_variant.items() if w == what] for what in LOST}
    parts = [f"{LOST[what]} under {quoted(names)}" for what, names in lost.items() if names]
    return "this " + (", ".join(parts) if parts else "survives every variant")


def side(shipped: Summary) -> str:
    """How a conclusion is named: "fewer " or "more " where the sign is known."""
    return ("fewer " if shipped.spread.estimate < 0.0 else "more ") if shipped.resolved else ""


Open = frozenset[tuple[str, str]]  # arms and outcomes


def sentence(found: UnderVariants, arm: str, window: str, still_open: Open = frozenset()) -> str:
    """What becomes of the conclusions about one arm; outcomes with one fate are named together.

    What is ``still_open`` (arm, outcome) in the whole comparison is no conclusion, whatever fewer draws say.
    """
    groups: dict[str, list[str]] = {}
    for key in CONCLUSIONS:
        shipped = summary_of(found, AS_SHIPPED, arm, window, key)
        label, text = (
            MEASURES[key].label.removesuffix(", expected"),
            conclusion(shipped, fates(found, arm, window, key)),
        )
        if (arm, key) in still_open:
            text = f"{OPEN_IN_WHOLE}, so that there is nothing to survive"
        else:
            label = side(shipped) + label
        groups.setdefault(text, []).append(label)
    parts = [f"{listed(labels)}: {text}" for text, labels in groups.items()]
    return f"With {arm_label(arm)}, {'; '.join(parts)}."


def tally(found: UnderVariants, arms: Sequence[str], window: str, still_open: Open = frozenset()) -> str:
    """How many conclusions there are, and how many survive everything."""
    pairs = list(product(arms, CONCLUSIONS))
    resolved = [
        pair
        for pair in pairs
        if pair not in still_open and summary_of(found, AS_SHIPPED, pair[0], window, pair[1]).resolved
    ]
    met = [set(fates(found, arm, window, key).values()) for arm, key in resolved]
    whole = sum(what == {Fate.SURVIVES} for what in met)
    turned = sum(bool(what & {Fate.TURNS, Fate.TURNS_UNRESOLVED}) for what in met)
    return (
        f"Resolved as shipped: {len(resolved)} of {len(pairs)} differences (an arm and an outcome each). Of these, "
        f"{whole} survive every variant; the direction turns under some variant for {turned}."
    )


# --- section --------------------------------------------------------------------------------------------------------


def open_in_whole(comparison: Comparison, arms: Sequence[str], window: str) -> Open:
    """Arms and outcomes whose difference the whole comparison, with all its draws, does not resolve."""
    pairs = product(arms, CONCLUSIONS)
    return frozenset(pair for pair in pairs if not difference(comparison, pair[0], window, pair[1]).summary.resolved)


def structure_section(comparison: Comparison, found: UnderVariants) -> Section:
    """Effects of every arm under every variant, and whether what the model as shipped says survives."""
    window = after_clock(max(comparison.design.months))
    arms = [arm.name for arm in comparison.design.treated]
    text = (
        f"The same arms, worlds and seeds under {len(others())} other structures of the model, each with "
        f"{found.draws} sets of parameters × {found.seeds} seeds, over the {window_label(window)}; the model as "
        "shipped at the same size beside them. Expected numbers. A difference that is resolved as shipped survives "
        "where it is resolved and has the same sign."
    )
    few = (
        (
            f"With {found.draws} sets of parameters the intervals here hold at most "
            f"{percent(level_held(found.draws))}, not 90 %: a first look. What is not resolved here may be with the "
            "draws of the whole comparison.",
        )
        if is_first_look(found.draws)
        else ()
    )
    still_open = open_in_whole(comparison, arms, window)
    sentences = tuple(sentence(found, arm, window, still_open) for arm in arms)
    tables = (
        _overview(found, arms, window),
        _variants(found, arms[0], window),
        *(_details(found, arm, window) for arm in arms),
    )
    return Section(
        "structure",
        "Does the conclusion depend on the model's structure?",
        (text, *few, tally(found, arms, window, still_open), *sentences),
        tables,
    )


def _overview(found: UnderVariants, arms: Sequence[str], window: str) -> Table:
    def cell(variant: str, arm: str, key: str) -> str:
        summary = summary_of(found, variant, arm, window, key)
        share = percent(summary.relative, 1, signed=True)
        return f"{share}, {verdict(summary) if variant == AS_SHIPPED else fates(found, arm, window, key)[variant]}"

    rows = tuple(
        (arm_label(arm), MEASURES[key].label, *(cell(variant, arm, key) for variant in VARIANTS))
        for arm in arms
        for key in CONCLUSIONS
    )
    everywhere = tuple(range(2 + len(VARIANTS)))
    return Table(("Arm", "Outcome", *VARIANTS), rows, words=everywhere, caption="Change, and what becomes of it")


def _variants(found: UnderVariants, arm: str, window: str) -> Table:
    """What each variant is, and the level of violence under it."""
    key = CONCLUSIONS[0]
    rows = tuple(
        (
            name,
            variant.sentence,
            ", ".join(f"{p} = {value:g}" for p, value in found.held[name].items()) or "–",
            number(summary_of(found, name, arm, window, key).control, 0),
        )
        for name, variant in VARIANTS.items()
    )
    headers = ("Variant", "What it says", "Parameters held", "Attacks on civilians in the control")
    return Table(headers, rows, words=(0, 1, 2), caption="The variants")


def _details(found: UnderVariants, arm: str, window: str) -> Table:
    rows = tuple(_detail(found, variant, arm, window, key) for key in CONCLUSIONS for variant in VARIANTS)
    headers = (
        "Outcome", "Variant", "Control", "Difference", "90 % interval of the effect", "Change", "Verdict",
        "Beside the model as shipped",
    )  # fmt: skip
    return Table(headers, rows, words=(0, 1, 6, 7), caption=arm_label(arm), folded=True)


def _detail(found: UnderVariants, variant: str, arm: str, window: str, key: str) -> tuple[str, ...]:
    summary = summary_of(found, variant, arm, window, key)
    digits = digits_for(summary.spread.estimate, *summary.effect)
    return (
        MEASURES[key].label,
        variant,
        number(summary.control, 0 if summary.control >= 100 else 1),
        number(summary.spread.estimate, digits, signed=True),
        interval(summary.effect, digits),
        percent(summary.relative, 1, signed=True),
        verdict(summary),
        "" if variant == AS_SHIPPED else str(fates(found, arm, window, key)[variant]),
    )


def structure_rows(comparison: Comparison, found: UnderVariants) -> list[dict[str, Any]]:
    """One row per variant, treated arm, window and outcome, as of :func:`runs.tidy.difference_rows`."""
    control = comparison.design.control.name
    shipped = {(d.arm, d.window, d.key): d.summary for d in found.differences[AS_SHIPPED]}
    return [
        {
            "variant": name,
            **difference_row(d, control),
            "draws": found.draws,
            "seeds": found.seeds,
            "beside_as_shipped": str(fate(shipped[d.arm, d.window, d.key], d.summary)) if name != AS_SHIPPED else None,
        }
        for name in VARIANTS
        for d in found.differences[name]
    ]
