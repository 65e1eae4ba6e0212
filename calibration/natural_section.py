"""The re-enacted natural experiments in words and tables, disagreements first."""

from __future__ import annotations

import math
from collections.abc import Sequence

from calibration.pseudo_border import BORDER_KM
from calibration.published_effects import (
    AFTER_EXIT,
    BORDER,
    KUNKEL,
    NOMIKOS,
    EffectLine,
    NaturalExperiments,
)
from runs.phrases import digits_for, interval, is_first_look, number, percent
from runs.sections import Section, Table

CLEAR = 2.576  # standard errors, of Monte Carlo, beyond which a bias is named: 1 % of false alarms for each line


def as_section(result: NaturalExperiments) -> Section:
    """Both experiments in words and tables, disagreements first."""
    lines = sorted(result.lines, key=lambda line: line.agrees)
    what = (
        "Two published natural experiments done again in the model; nothing is fitted to them. The border: communal "
        f"violence in 2020 by month in the cells of Koro and Bankass within {BORDER_KM:g} km of Burkina Faso, with the "
        "UN and, at the same places under the same draws, without it (no units at all: no patrols, bases or answers to "
        "warnings). Entry and exit: three more mobile companies from 2021 whose temporary operating bases come and go, "
        "against the same runs without them, by month in half-degree cells. What counts is whether a base is open in "
        f"the middle of the month; exit is measured over {AFTER_EXIT} months, against the base's last month. Each "
        f"rests on {result.replicates} pairs of runs, {result.draws} draws of parameters × {result.seeds} seeds. "
        "Rebels are jihadists and self-defence militias whose deeds are attributed to them."
    )
    how = (
        "'Paired' is the difference under common draws, the truth in the model, from expected numbers, with its Monte "
        "Carlo standard error; its 90 % interval is over draws of parameters, 'between draws' their standard "
        "deviation; 'level' is the outcome without the UN or the bases. Of the border no standard error is known: "
        "overlap says that the number itself lies in the model's interval. 'Study's estimator' is a staggered "
        "difference-in-differences against cells never entered, inside the runs with bases, from counted events: what "
        "a study of the model's world would find. 'Bias' is what it adds to the truth, because bases go to where "
        "violence is. Published levels are not known here: half-degree cells of central Mali see far more events than "
        "those of all Africa, so equal absolute effects need not be equal relative ones."
    )
    if is_first_look(result.draws):
        how += " There are too few draws for intervals of 90 %: a first look."
    return Section(
        "natural-experiments",
        "Natural experiments, re-enacted",
        (what, *verdicts(lines), bias_in_words(lines), how, f"Published: {NOMIKOS}; {KUNKEL}."),
        (_held_against(lines), _estimators(lines), _notes(lines)),
    )


def name_of(line: EffectLine) -> str:
    """Experiment, effect and unit in one."""
    return f"{line.experiment}: {line.effect}, {line.unit}"


def verdicts(lines: Sequence[EffectLine]) -> tuple[str, str]:
    """Where the model and what is published have nothing in common, then where they have."""

    def named(agrees: bool, words: str) -> str:
        found = [f"{name_of(line)} ({_both(line)})" for line in lines if line.agrees == agrees]
        return f"{words}, {len(found)} of {len(lines)}: {'; '.join(found) or 'none'}."

    return named(False, "No overlap with what is published"), named(True, "Overlap")


def _both(line: EffectLine) -> str:
    return f"published {number(line.published, 3, signed=True)}, model {number(line.paired, 3, signed=True)}"


def bias_in_words(lines: Sequence[EffectLine]) -> str:
    """Where the study's kind of estimator misses the truth in the model by clearly more than its Monte Carlo error."""
    found = [
        f"{name_of(line)}: {number(line.estimator, 3, signed=True)} where the truth is "
        f"{number(line.paired, 3, signed=True)}"
        for line in lines
        if abs(line.bias) > CLEAR * line.bias_se
    ]
    if not found:
        return "The study's kind of estimator nowhere misses the truth in the model by clearly more than chance."
    return f"The study's kind of estimator misses the truth in the model: {'; '.join(found)}."


def _held_against(lines: Sequence[EffectLine]) -> Table:
    headers = (
        "Effect", "Published (SE)", "Paired (MC SE)", "90 % interval", "Between draws", "Level", "Relative", "Overlap",
    )  # fmt: skip
    rows = tuple(_cells(line) for line in lines)
    return Table(headers, rows, words=(0, 7), caption="Published effects and the model's")


def _cells(line: EffectLine) -> tuple[str, ...]:
    digits = digits_for(line.paired, line.low, line.high)
    return (
        name_of(line), _with_error(line.published, line.published_se, 3),
        _with_error(line.paired, line.paired_se, max(digits, 3)), interval((line.low, line.high), max(digits, 3)),
        number(line.between_draws, 3), number(line.level, 3), percent(line.relative, 1, signed=True),
        _yes(line.agrees),
    )  # fmt: skip


def _estimators(lines: Sequence[EffectLine]) -> Table:
    headers = ("Effect", "Paired", "Study's estimator (MC SE)", "90 % interval", "Bias (MC SE)", "Overlap")
    rows = tuple(
        (
            name_of(line), number(line.paired, 3, signed=True), _with_error(line.estimator, line.estimator_se, 3),
            interval((line.estimator_low, line.estimator_high), 3), _with_error(line.bias, line.bias_se, 3),
            _yes(line.estimator_agrees),
        )
        for line in lines
        if line.experiment != BORDER
    )  # fmt: skip
    return Table(headers, rows, words=(0, 5), caption="What the study's kind of estimator finds in the model")


def _with_error(value: float, se: float, digits: int) -> str:
    error = f" ({number(se, digits)})" if math.isfinite(se) else ""
    return number(value, digits, signed=True) + error


def _yes(agrees: bool) -> str:
    return "yes" if agrees else "no"


def _notes(lines: Sequence[EffectLine]) -> Table:
    rows = tuple((name_of(line), line.note) for line in lines)
    return Table(("Effect", "Scale"), rows, words=(0, 1), folded=True, caption="Scale")
