"""How sure the findings are, and what they rest on."""

from __future__ import annotations

from abm.declarations import STATUS_MARK
from runs.analysis import HEADLINES, difference, inputs, mean_gain, rests_on
from runs.compare import Comparison
from runs.design import after_clock, arm_label, window_label
from runs.listing import STATUS_WORDS
from runs.outcomes import MEASURES
from runs.phrases import interval, listed, number
from runs.sections import Section, Table


def precision(comparison: Comparison) -> Section:
    """The two kinds of doubt, and what common draws gain."""
    window = after_clock(max(comparison.design.months))
    arms = [arm.name for arm in comparison.design.treated]
    found = [difference(comparison, arm, window, key) for key in HEADLINES for arm in arms]
    rows = tuple(
        (
            MEASURES[d.key].label,
            arm_label(d.arm),
            number(d.summary.spread.s2_seed**0.5),
            number(d.summary.spread.s2_param**0.5),
            number(d.summary.spread.monte_carlo_se),
            number(d.pairing.paired),
            number(d.pairing.independent),
            number(d.pairing.gain, 1),
        )
        for d in found
    )
    headers = (
        "Outcome", "Arm", "sd over seeds", "sd over parameters", "Monte Carlo error", "variance, paired",
        "variance, independent seeds", "gain",
    )  # fmt: skip
    text = (
        f"Over the {window_label(window)}. Runs of a pair share every draw that both make; with independent seeds, "
        f"{number(mean_gain(found), 1)} times as many runs would be needed on average (geometric mean). The spread "
        "over seeds is chance, that over parameters is ignorance: no number of runs removes it. Where seeds are much "
        "noisier than parameters differ, the interval of the effect holds 80 to 90 % rather than 90 %."
    )
    return Section("precision", "How sure", (text,), (Table(headers, rows, words=(0, 1), folded=True),))


def rests(comparison: Comparison) -> Section:
    """Which conclusions rest on calibrated, literature and assumed parameters."""
    found = rests_on(comparison)
    statuses = tuple(STATUS_MARK)
    rows = tuple(
        (
            arm_label(r.arm),
            listed(r.groups),
            *(str(len(r.by_status.get(status, ()))) for status in statuses),
            ", ".join(r.by_status.get("assumption", ())),
        )
        for r in found
    )
    headers = ("Arm", "Works through", *(f"{STATUS_MARK[s]} {s}" for s in statuses), "Assumed")
    text = (
        "The level of violence rests on recorded events; how far presence, accountability and strategy change it does "
        "not. No effect of any was fitted: sizes come from the literature or are assumed, and drawn anew for every set."
    )
    return Section(
        "rests",
        "What each conclusion rests on",
        (text,),
        (Table(headers, rows, words=(0, 1, 5), brief=(0, 1, 2, 3, 4)),),
    )


def all_inputs(comparison: Comparison) -> Section:
    """Every parameter, its mark, and the values that the draws took."""
    rows = []
    for found in inputs(comparison):
        d = found.declaration
        held = " (held)" if found.held else ""
        low, high = found.range
        values = number(low) if low == high else interval(found.range, signed=False)
        rows.append((STATUS_MARK[d.status], d.name, values + held, d.unit, d.group, d.meaning, d.source))
    headers = ("", "Parameter", "Values drawn", "Unit", "Group", "Meaning", "Source")
    table = Table(headers, tuple(rows), words=(0, 1, 3, 4, 5, 6), brief=(0, 1, 2, 3, 4), folded=True)
    fitted = (
        "● The tables of rates, shares, seasons and deaths per event are fitted to recorded events (ACLED 2017-2020)."
    )
    return Section("inputs", "All inputs", (f"{STATUS_WORDS}.", fitted), (table,))
