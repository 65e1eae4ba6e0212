"""Forecasts in words and tables: where the agent model loses first, then scores, coverage, space and variants."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from calibration.check_findings import (
    COVERED,
    JUDGED,
    agent_contests,
    better_or_worse,
    coverage,
    lowered,
    target_label,
    variant_difference,
)
from calibration.check_making import AGENT, SHIPPED, VARIANT_TARGETS
from calibration.check_parts import Checked
from calibration.check_scores import (
    ALL_AHEAD,
    RESAMPLES,
    Contest,
    Estimate,
    contest,
    losses,
    mean_of,
    percent_more,
)
from calibration.forecasting import VARIABLES
from calibration.known_rates import LEAKS
from calibration.rolling import (
    FILTER,
    HORIZON,
    ORIGINS,
    POOLED,
    SPATIAL,
    Scores,
)
from calibration.rolling import Checked as TimeChecked
from calibration.scores import uniformity
from runs import variants
from runs.phrases import interval, listed, number, percent
from runs.sections import Section, Table

SCORE_WORDS: Mapping[str, str] = {
    "crps": "CRPS", "ignorance": "ignorance, bits", "interval": "interval score", "covered": "90 % intervals held",
}  # fmt: skip
PIT_BINS = 10
MORE_LEAKS = (
    "ranges of priors, and which parts the filter has (chosen with these years in sight)",
    "where bands are and how strong, and where garrisons are (tables of the state in 2020)",
)
INTERVALS = (
    "Intervals are of 90 % and paired: origins and cercles are drawn again with replacement, each apart and both at "
    f"once, {RESAMPLES:,} times (pigeonhole bootstrap); a block is one cercle at one origin with all its months ahead. "
    f"There are only {len(ORIGINS)} origins and their months overlap, so the intervals are rough."
)


def _signed(estimate: Estimate) -> str:
    """A difference in per cent with its interval."""
    if not math.isfinite(estimate.value):
        return "–"
    ends = interval((estimate.low, estimate.high), 1)
    return f"{number(estimate.value, 1, signed=True)} % ({ends})"


def _mean(estimate: Estimate) -> str:
    return f"{number(estimate.value, 3)} ({interval((estimate.low, estimate.high), 3, False)})"


# --- in time --------------------------------------------------------------------------------------------------------


def losses_section(found: Sequence[Contest]) -> Section:
    """Every group in which another forecaster is better, worst first."""
    by_score = {score: losses(found, score) for score in dict.fromkeys(one.score for one in found)}
    places = sum(one.score == "crps" for one in found)
    lost = by_score["crps"]
    targets = list(dict.fromkeys(one.target for one in found))
    never = [lowered(target_label(t)) for t in targets if not any(one.target == t for one in lost)]
    if lost:
        first = (
            f"By the continuous ranked probability score (CRPS: mean distance between forecast and outcome, lower is "
            f"better) some other forecaster does better than the agent model in {len(lost)} of {places} groups of "
            f"target, variable and months ahead; in {sum(one.resolved for one in lost)} the interval of the difference "
            "from the best other leaves out zero. These come first, then the largest differences. Of forecasters that "
            "are truly alike, more than one group in twenty would look so, because the best of several is taken."
        )
    else:
        first = f"By the CRPS no other forecaster does better than the agent model in any of {places} groups."
    second = f"Never beaten: {listed(never)}." if never else "In every target it is beaten somewhere."
    others = {score: len(rows) for score, rows in by_score.items() if score != "crps"}
    third = f"By the other two scores: {listed([f'{n} by {SCORE_WORDS[score]}' for score, n in others.items()])}."
    tables = tuple(
        _losses(rows, f"Lost by {SCORE_WORDS[score]}", folded=score != "crps")
        for score, rows in by_score.items()
        if rows
    )
    return Section("losses", "Forecasts: where the agent model loses", (first, second, third, INTERVALS), tables)


def _losses(rows: Sequence[Contest], caption: str, folded: bool) -> Table:
    headers = (
        "What", "Variable", "Months ahead", "Agent model", "Best other", "Its score", "Difference (90 %)", "Verdict",
        "Also better",
    )  # fmt: skip
    cells = tuple(
        (
            target_label(one.target), one.variable, one.ahead, number(one.mine, 3), one.best, number(one.theirs, 3),
            _signed(one.difference), "worse" if one.resolved else "not resolved",
            ", ".join(one.better[1:]) or "–",
        )
        for one in rows
    )  # fmt: skip
    return Table(headers, cells, (0, 1, 2, 4, 7, 8), (0, 1, 2, 3, 4, 5, 6, 7), caption, folded)


def leaks_section() -> Section:
    """What forecasts have seen of the years they are scored on."""
    text = (
        f"Forecasts are scored on {POOLED[0]} to {POOLED[1]}. Levels, mixes, severities and seasons come from months "
        f"before each origin alone. What follows does not, so that the scores are better than those of a true "
        f"forecast by an unknown amount: {'; '.join((*LEAKS, *MORE_LEAKS))}. The baselines see none of this."
    )
    return Section("leaks", "What the forecasts had seen", (text,))


def scores_section(checked: Checked) -> Section:
    """All forecasters on the headline targets, and the agent model on each kind."""
    text = (
        f"At each of {len(ORIGINS)} origins ({', '.join(ORIGINS)}) every forecaster is given the months before it and "
        f"makes {checked.settings.draws} equally likely futures of 1 to {HORIZON} months, by cercle. Scores are means "
        f"over cercles, origins and months of {POOLED[0]} to {POOLED[1]}. Lower is better but for the last column. The "
        "agent model is given how violent a cercle will be by the filter and adds who attacks whom, where and in which "
        "series: what it can gain over the filter is small."
    )
    tables = tuple(_scores(checked.forecasts[target], target, v) for target in JUDGED for v in VARIABLES)
    return Section("forecasts", "Forecasts: scores", (text,), (*tables, _by_target(checked)))


def _scores(checks: Mapping[str, TimeChecked], target: str, variable: str) -> Table:
    rows = []
    for name in sorted(checks, key=lambda name: checks[name].cells.mean("crps", variable)):
        means = [mean_of(checks[name].cells.values(score, variable)) for score in SCORE_WORDS]
        rows.append((name, *(_mean(m) for m in means[:-1]), percent(means[-1].value, 1)))
    return Table(("Forecaster", *SCORE_WORDS.values()), tuple(rows), caption=f"{target_label(target)}, {variable}")


def _by_target(checked: Checked) -> Table:
    rows = []
    for target, checks in checked.forecasts.items():
        for variable in VARIABLES:
            best = contest(target, checks, AGENT, variable, ALL_AHEAD, "crps")
            pair = {name: checks[name] for name in (AGENT, FILTER)}
            against = contest(target, pair, AGENT, variable, ALL_AHEAD, "crps")
            held = checks[AGENT].cells.mean("covered", variable)
            rows.append(
                (
                    target_label(target), variable, number(best.mine, 3), number(against.theirs, 3),
                    _signed(against.difference), best.best, _signed(best.difference), percent(held, 1),
                )
            )  # fmt: skip
    headers = (
        "Kind", "Variable", "Agent model", "Filter", "Against the filter", "Best other", "Against it",
        "90 % intervals held",
    )  # fmt: skip
    return Table(headers, tuple(rows), (0, 1, 5), caption="CRPS by kind, all months ahead", folded=True)


def by_month_ahead(checked: Checked, target: str, variable: str) -> list[Estimate]:
    """CRPS of the agent model against the filter's at each month ahead, in per cent."""
    checks = checked.forecasts[target]
    return [
        percent_more(*(checks[name].cells.values("crps", variable, POOLED, (ahead,)) for name in (AGENT, FILTER)))
        for ahead in range(1, HORIZON + 1)
    ]


def horizons_section(checked: Checked) -> Section:
    """The agent model against the filter by months ahead."""
    columns = [(t, v) for t in JUDGED for v in VARIABLES]
    pooled = {
        (t, v): contest(t, {n: checked.forecasts[t][n] for n in (AGENT, FILTER)}, AGENT, v, ALL_AHEAD, "crps")
        for t, v in columns
    }
    courses = {column: by_month_ahead(checked, *column) for column in columns}
    rows = [
        (str(ahead), *(_signed(courses[column][ahead - 1]) for column in columns)) for ahead in range(1, HORIZON + 1)
    ]
    rows.append((ALL_AHEAD, *(_signed(pooled[column].difference) for column in columns)))
    clear = sum(one.resolved for course in courses.values() for one in course)
    worse = sum(one.resolved and one.value > 0 for course in courses.values() for one in course)
    text = (
        "CRPS of the agent model less the filter's, as a share of the filter's: below zero the agents help. The "
        f"interval leaves out zero in {clear} of {len(columns) * HORIZON} months ahead, in {worse} of them because the "
        "agent model is worse."
    )
    heads = ("Months ahead", *(f"{target_label(t)}, {v}" for t, v in columns))
    table = Table(heads, tuple(rows), caption="CRPS, agent model against the filter")
    return Section("horizons", "Agents against the filter, month by month", (text,), (table,), figure="by-month-ahead")


# --- coverage -------------------------------------------------------------------------------------------------------


def pit_counts(scores: Scores, variable: str) -> tuple[int, ...]:
    """Numbers of outcomes by tenths of the forecast distribution."""
    values = scores.values("pit", variable)
    shares, _ = uniformity(values, PIT_BINS)
    known = int((values == values).sum())
    return tuple(round(share * known) for share in shares.tolist())


def coverage_section(checked: Checked) -> Section:
    """Whether intervals hold what happened as often as they say."""
    text = (
        "A 90 % interval should hold about 90 % of what happened. Counts of a cercle's month are near zero, where any "
        f"interval of whole numbers holds more; sums of zones and quarters are judged: from {percent(COVERED[0])} to "
        f"{percent(COVERED[1])} is right. The histograms place each outcome in the forecast distribution: flat is "
        "right, a heap in the middle means too wide, at both ends too narrow, at one end biased. Neighbouring months "
        "and overlapping origins depend on each other, so more bins leave the grey band than one in a hundred, and p "
        "is too small."
    )
    rows = []
    for target, checks in checked.forecasts.items():
        for variable in VARIABLES:
            held = coverage(checked, target, variable)
            right = COVERED[0] <= held.value <= COVERED[1]
            verdict = "as it should" if right else "too few" if held.value < COVERED[0] else "too many"
            _, p = uniformity(checks[AGENT].zone_quarters.values("pit", variable))
            rows.append(
                (
                    target_label(target), variable, percent(held.value, 1),
                    interval((100 * held.low, 100 * held.high), 0, False), number(p, 3), verdict,
                )
            )  # fmt: skip
    rows.sort(key=lambda row: row[-1] == "as it should")
    headers = ("What", "Variable", "Held", "90 % interval", "p of a flat histogram", "Verdict")
    table = Table(headers, tuple(rows), (0, 1, 5), caption="90 % intervals of zones and quarters")
    return Section("coverage", "Do intervals hold what happened?", (text,), (table,), figure="pit")


# --- in space -------------------------------------------------------------------------------------------------------


def space_section(checked: Checked) -> Section:
    """Cercles left out of the record: what their levels would rest on."""
    text = (
        "Each cercle in turn is left out of the record and forecast from population and from the others. The agent "
        "model is not scored here: how violent a cercle is comes to it from the filter, which reads the cercle's own "
        "record. What these rows say is how little would be known of a cercle without a record."
    )
    tables = []
    worst, best = "zero", list(SPATIAL)[-1]
    for variable in VARIABLES:
        rows = []
        for name, scores in checked.space.items():
            means = [mean_of(scores.values(score, variable)) for score in SCORE_WORDS]
            against = percent_more(scores.values("crps", variable), checked.space[worst].values("crps", variable))
            rows.append((name, *(_mean(m) for m in means[:-1]), percent(means[-1].value, 1), _signed(against)))
        headers = ("Forecaster", *SCORE_WORDS.values(), "CRPS against nothing at all")
        tables.append(Table(headers, tuple(rows), caption=variable.capitalize()))
    found = [percent_more(*(checked.space[n].values("crps", v) for n in (best, worst))) for v in VARIABLES]
    second = "; ".join(f"{v}: {better_or_worse(d, worst)}" for v, d in zip(VARIABLES, found, strict=True))
    return Section(
        "space", "Forecasts in space: cercles left out", (text, f"{best.capitalize()}, CRPS of {second}."),
        tuple(tables),
    )  # fmt: skip


# --- variants -------------------------------------------------------------------------------------------------------


def variants_section(checked: Checked) -> Section:
    """The same forecasts by models that are built otherwise."""
    doubled = math.log(2.0) / variants.SLOW_GRIEVANCE
    text = (
        f"The same forecasts, {checked.settings.variant_draws} futures each, by models that are built otherwise, under "
        "the same draws and seeds. Without raid series no attack brings others; with slow grievance a self-defence "
        f"militia's rate grows with attacks on its community that are remembered (doubled by {number(doubled, 0)} "
        "beyond the usual number, half of them forgotten in 180 days; assumption); half of the Fulani self-defence "
        "bands under Katiba Macina is the overlap that sources describe; without drift every cercle stays at its first "
        "month's level. Rates are corrected for each, so that all forecast the same mean number of events. Where the "
        "difference is not resolved, forecasts do not tell the structures apart."
    )
    tables = tuple(_variants(checked, target) for target in VARIANT_TARGETS)
    return Section("variants", "Other structures, compared by their forecasts", (text, INTERVALS), tables)


def _variants(checked: Checked, target: str) -> Table:
    rows = []
    for name, scores in checked.variants.items():
        cells = [name]
        for variable in VARIABLES:
            cells.append(_mean(mean_of(scores[target].values("crps", variable))))
            difference = variant_difference(checked, name, target, variable)
            cells.append("–" if name == SHIPPED else _signed(difference))
            resolved = "worse" if difference.value > 0 else "better"
            cells.append("" if name == SHIPPED else resolved if difference.resolved else "not resolved")
        rows.append(tuple(cells))
    headers = ["Model"]
    for variable in VARIABLES:
        headers += [f"CRPS of {variable}", "Against as shipped", "Verdict"]
    return Table(tuple(headers), tuple(rows), (0, 3, 6), caption=f"{target_label(target)}")


def sections(checked: Checked) -> tuple[list[Section], list[Section]]:
    """What stands before and after the other parts: forecasts in time, then variants and space."""
    in_time = [
        losses_section(agent_contests(checked)), leaks_section(), scores_section(checked),
        horizons_section(checked), coverage_section(checked),
    ]  # fmt: skip
    return in_time, [variants_section(checked), space_section(checked)]
