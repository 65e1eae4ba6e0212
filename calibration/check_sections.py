"""The other parts of the check in words and tables: in short, simulated records, 2020, experiments, recovery."""

from __future__ import annotations

from collections.abc import Sequence

from abm.data import source_of
from abm.views.words import say
from calibration import check_forecasts
from calibration.check_findings import (
    FAILS,
    HOLDS,
    NEAR_2020,
    NOT_TESTED,
    OPEN,
    Finding,
    findings,
    more_than_chance,
    tested,
)
from calibration.check_parts import Checked
from calibration.check_recovery import NEAR, PRIOR, Recovered
from calibration.forecasting import VARIABLES
from calibration.natural_section import as_section
from calibration.sbc import BINS
from calibration.targets import TargetRow
from runs.check2020 import KIND, TOTAL, Check, CheckLine, record_source, worst_first
from runs.phrases import interval, listed, number, percent
from runs.sections import Section, Table

SHORT = "answer"  # the key of the part that opens the page
PACE = ("weekly", "monthly", "season")
SIZES, NEAR_REPEAT = "sizes", "near_repeat"
POSTERIOR = "posterior_2017_2020"


def sections(checked: Checked) -> list[Section]:
    """All parts of the page, in order: what does not hold comes first everywhere."""
    in_time, others = check_forecasts.sections(checked)
    return [short(findings(checked)), *in_time, *records(checked), year_section(checked), *others,
            natural_section(checked), *recovery_sections(checked)]  # fmt: skip


# --- in short -------------------------------------------------------------------------------------------------------


def short(found: Sequence[Finding]) -> Section:
    """What does not hold, what cannot be told and what holds."""
    counts = {status: [f for f in found if f.status == status] for status in (FAILS, OPEN, HOLDS)}
    text = (
        f"{len(counts[FAILS])} findings speak against the model, {len(counts[HOLDS])} for it, and {len(counts[OPEN])} "
        "are open; one that fails may weigh more than all that hold. They are made from the numbers below by fixed "
        "rules, the same for any result; all intervals are of 90 %. The model is calibrated to recorded events of "
        "2017-2020, so agreement with those years is a floor, not evidence for other years."
    )
    captions = {FAILS: "What does not hold", OPEN: "What cannot be told", HOLDS: "What holds"}
    tables = tuple(
        Table(("Part", "Finding"), tuple((f.part, f.text) for f in members), (0, 1), caption=captions[status])
        for status, members in counts.items()
        if members
    )
    return Section(SHORT, "In short", (text, say("caveat")), tables)


# --- simulated records ----------------------------------------------------------------------------------------------


def records(checked: Checked) -> list[Section]:
    """Simulated records of 2017-2020 beside the recorded one: all statistics, then three pictures."""
    rows = checked.predicted.rows
    return [_all_targets(checked), _near_repeats(rows), _sizes(rows), _pace(rows)]


def _all_targets(checked: Checked) -> Section:
    rows = checked.predicted.rows
    judged = tested(rows)
    outside = [row for row in judged if not row.inside]
    usual = number(0.1 * len(judged), 0)
    head = (
        f"{checked.predicted.runs} runs of 2017-2020, each with a draw of the posterior, are counted as the record is. "
        f"The record lies outside 90 % of simulated records in {len(outside)} of {len(judged)} statistics; some "
        f"{usual} would by chance alone if they were independent, which they are not. These are: "
    )
    named = f"{head}{'; '.join(row.label for row in outside)}." if outside else f"{head}none."
    excluded = [row for row in rows if row.group == NOT_TESTED]
    why = (
        f"Not compared are {len(excluded)} totals. How violent each cercle was in each year is given to the runs, so "
        "that events by cercle test nothing. Mixes of kinds are those of 2020 throughout, and 2017-2019 had others: "
        "numbers by kind, and deaths with them, cannot agree. Totals are compared for 2020 alone."
    )
    how = (
        "Error: mean of the runs less the record, in standard errors of the record. These years were also used to fit: "
        "this says whether the model can give such a record, not whether it foresees one."
    )
    summary = _groups(judged)
    tables = (
        summary,
        *((_target_table(outside, "The record lies outside 90 % of simulated records"),) if outside else ()),
        _target_table(judged, "All statistics, the largest error first", folded=True),
    )
    return Section("records", "Simulated records: where the recorded one lies outside", (named, why, how), tables)


def _groups(judged: Sequence[TargetRow]) -> Table:
    rows = []
    for group in dict.fromkeys(row.group for row in judged):
        members = [row for row in judged if row.group == group]
        outside = sum(not row.inside for row in members)
        verdict = "more than chance" if more_than_chance(outside, len(members)) else "no more than chance"
        rows.append((group.replace("_", " "), str(len(members)), str(outside), verdict))
    rows.sort(key=lambda row: row[3] != "more than chance")
    headers = ("Group of statistics", "Statistics", "Record outside", "Verdict")
    return Table(headers, tuple(rows), (0, 3), caption="By group")


def _target_table(rows: Sequence[TargetRow], caption: str, folded: bool = False) -> Table:
    headers = ("Statistic", "Unit", "Observed", "Simulated", "90 % of runs", "Error", "Record")
    cells = tuple(
        (
            row.label, row.unit, number(row.observed, _places(row)), number(row.simulated, _places(row)),
            interval((row.low, row.high), _places(row), False), number(row.error, 1, signed=True),
            "inside" if row.inside else "outside",
        )
        for row in rows
    )  # fmt: skip
    return Table(headers, cells, (0, 1, 6), caption=caption, folded=folded)


def _places(row: TargetRow) -> int:
    size = max(abs(row.observed), abs(row.high))
    return 0 if size >= 100 else 1 if size >= 10 else 3


def _picture(key: str, title: str, text: str, rows: Sequence[TargetRow], figure: str) -> Section:
    outside = [row for row in rows if not row.inside]
    where = (
        f"The record lies outside in {len(outside)} of {len(rows)}: {'; '.join(row.label for row in outside)}."
        if outside
        else f"The record lies inside 90 % of runs in all {len(rows)}."
    )
    return Section(key, title, (where, text), figure=figure)


def of_groups(rows: Sequence[TargetRow], groups: Sequence[str], prefix: str = "") -> list[TargetRow]:
    """Statistics of some groups in the order of their names, as far as they are tested."""
    return [row for row in tested(rows) if row.group in groups and row.name.startswith(prefix)]


def _near_repeats(rows: Sequence[TargetRow]) -> Section:
    text = (
        "Pairs of events near each other in place and date, over what is expected if dates were exchanged within "
        "quarters: 1 is no clustering. This is what raid series are to give, and they are fitted to it."
    )
    found = of_groups(rows, (NEAR_REPEAT,), "near_ratio")
    return _picture("near-repeats", "Near repeats", text, found, "near-repeats")


def _sizes(rows: Sequence[TargetRow]) -> Section:
    text = (
        "Share of events with at least so many deaths, both axes in factors of ten. The mix of kinds is that of 2020 "
        "in all years, and kinds differ in deaths."
    )
    return _picture("sizes", "Deaths per event", text, of_groups(rows, (SIZES,)), "deaths-per-event")


def _pace(rows: Sequence[TargetRow]) -> Section:
    text = (
        "How events are bunched in weeks and months, and the season. A variance over mean of 1 is that of events which "
        "come independently at a steady rate."
    )
    return _picture("pace", "Bunching and season", text, of_groups(rows, PACE), "pace")


# --- 2020 -----------------------------------------------------------------------------------------------------------


def year_section(checked: Checked) -> Section:
    """The year that rates are fitted to, again."""
    year = checked.year
    by_kind = {what: year.of(KIND, what) for what in VARIABLES}
    far = [line for line in by_kind["events"] if abs(line.relative) > NEAR_2020]
    totals = [f"{line.what}: {number(line.simulated, 0)} simulated, {line.observed} recorded" for line in _totals(year)]
    text = (
        f"{year.runs} runs of 2020, the year that rates are fitted to, with default parameters: no forecast, only "
        f"whether the fit holds. {len(far)} of {len(by_kind['events'])} kinds miss their recorded events by more than "
        f"{percent(NEAR_2020)}. In all, {listed(totals)}. Not modelled: "
        f"{listed([f'{name} ({events})' for name, events in sorted(year.left_out.items())]) or 'nothing'}. "
        f"Record: {record_source()}."
    )
    tables = tuple(_kinds(lines, what) for what, lines in by_kind.items())
    return Section("year-2020", "2020 again", (text,), tables, figure="check-2020")


def _totals(year: Check) -> list[CheckLine]:
    return [line for what in VARIABLES for line in year.of(TOTAL, what)]


def _kinds(lines: Sequence[CheckLine], what: str) -> Table:
    headers = ("Kind", "Simulated", "Observed", "Error", "Relative", "90 % of runs", "Record")
    rows = tuple(
        (
            say(line.name), number(line.simulated, 1), str(line.observed), number(line.error, 1, signed=True),
            percent(line.relative, 0, signed=True), interval((line.low, line.high), 0, False),
            "inside" if line.inside else "outside",
        )
        for line in sorted(lines, key=worst_first)
    )  # fmt: skip
    return Table(headers, rows, (0, 6), caption=f"{what.capitalize()} by kind, the worst first")


# --- natural experiments, recovery ----------------------------------------------------------------------------------


def natural_section(checked: Checked) -> Section:
    """Published effects, re-enacted."""
    return as_section(checked.natural)


def recovery_sections(checked: Checked) -> list[Section]:
    """Whether parameters are found where they are known, and what the record adds."""
    recovery = checked.recovery
    near, prior = recovery.of(NEAR), recovery.of(PRIOR)
    how = (
        "Simulations whose parameters are known are taken as observed in turn, and the posterior is asked for them. If "
        f"it is right, the rank of the true value among posterior draws is uniform: {BINS} bins that differ by chance "
        "alone. “Near the record” takes simulations that look like the record, which is what the posterior is used "
        "for; “whole prior” takes any. A right posterior fails the test of one parameter once in a hundred."
    )
    where = (
        "The record lies outside 99 % of simulations in: "
        f"{'; '.join(f'{m.statistic} (rank {number(m.rank, 3)})' for m in recovery.misfit)}."
        if recovery.misfit
        else "The record lies inside 99 % of simulations in every statistic and combination of them."
    )
    by_verdict = {v: [r.parameter for r in near if r.verdict == v] for v in dict.fromkeys(r.verdict for r in near)}
    what = "Near the record: " + "; ".join(f"{verdict}: {listed(names)}" for verdict, names in by_verdict.items()) + "."
    tables = tuple(
        _recovered(rows, caption) for rows, caption in ((near, "Near the record"), (prior, "Whole prior")) if rows
    )
    learnt = (
        "Grey: where 90 % of the prior lies; blue: 90 % of the posterior, with its median. A posterior as wide as its "
        "prior has learnt nothing: such parameters stay on their priors, and conclusions that rest on them are "
        f"assumptions. Posterior: {source_of(POSTERIOR)}."
    )
    return [
        Section("recovery", "Are known parameters found?", (what, where, how), tables, figure="rank-histograms"),
        Section("learnt", "What the record adds to the priors", (learnt,), figure="prior-posterior"),
    ]


def _recovered(rows: Sequence[Recovered], caption: str) -> Table:
    headers = (
        "Parameter", "Verdict", "Tests", "p of uniform ranks", "50 % held", "90 % held", "Correlation", "R²",
        "Contraction", "Mean z", "SD of z",
    )  # fmt: skip
    cells = tuple(
        (
            row.parameter, row.verdict, str(row.tests), number(row.p_value, 3), percent(row.coverage_50),
            percent(row.coverage_90), number(row.correlation, 2), number(row.r_squared, 2), number(row.contraction, 2),
            number(row.z_mean, 2, signed=True), number(row.z_sd, 2),
        )
        for row in sorted(rows, key=lambda row: row.contraction)
    )  # fmt: skip
    return Table(headers, cells, (0, 1), (0, 1, 3, 5, 8), caption)
