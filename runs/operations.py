"""What the force and its partners did in each arm: warnings answered, bases, convoys, losses, civilian work."""

from __future__ import annotations

from runs.compare import Comparison
from runs.design import after_clock, arm_label, window_label
from runs.phrases import number, percent
from runs.sections import Section, Table

DONE = {
    "tobs": ("TOBs, mean", 2), "un_patrols": ("Patrols", 0), "convoys": ("Convoys", 0),
    "attacks_on_un": ("Attacks on the UN", 1), "un_deaths": ("Peacekeepers killed", 1),
    "missions": ("Missions escorted", 0), "agreements": ("Agreements held, mean", 1),
    "fighters_disarmed": ("Fighters disarmed", 0), "served": ("Villages served, at the end", 0),
    "investigations": ("Investigations", 0), "sanctions": ("Sanctions", 0),
    "displaced_people": ("People displaced, at the end", 0),
}  # fmt: skip


def mean_of(comparison: Comparison, arm: str, window: str, key: str) -> float:
    """Mean of an outcome over all runs of an arm."""
    return float(comparison.values[arm, window, key].mean())


def share_answered(comparison: Comparison, arm: str, window: str) -> float:
    """Warnings answered before the attack, as a share of all: a ratio of means, NaN where nobody warned."""
    warned = mean_of(comparison, arm, window, "warnings")
    return mean_of(comparison, arm, window, "answered") / warned if warned > 0.0 else float("nan")


def what_was_done(comparison: Comparison) -> Section:
    """Warnings answered in time, and what else the force and its partners did."""
    window = after_clock(max(comparison.design.months))
    arms = [arm.name for arm in comparison.design.arms]
    warned = tuple((arm_label(arm), *_answers(comparison, arm, window)) for arm in arms)
    done = tuple(
        (arm_label(arm), *(number(mean_of(comparison, arm, window, key), digits) for key, (_, digits) in DONE.items()))
        for arm in arms
    )
    headers = (
        "Arm", "Attacks warned of", "answered before", "share", "averted by the UN", "averted by national forces",
        "UN came during",
    )  # fmt: skip
    text = (
        f"Means over runs, {window_label(window)}. Somebody warns of a share of the attacks on villages; an answer "
        "before the attack comes from UN troops or from national forces, and may or may not avert it. Shares are "
        "ratios of means."
    )
    tables = (
        Table(headers, warned, caption="Warnings answered in time"),
        Table(("Arm", *(label for label, _ in DONE.values())), done, caption="What was done"),
    )
    return Section("done", "What the force and its partners did", (text,), tables)


def _answers(comparison: Comparison, arm: str, window: str) -> tuple[str, ...]:
    def mean(key: str) -> str:
        return number(mean_of(comparison, arm, window, key), 1)

    share = percent(share_answered(comparison, arm, window), 1)
    return (
        mean("warnings"), mean("answered"), share, mean("averted_by_un"), mean("averted_by_army"), mean("softened"),
    )  # fmt: skip
