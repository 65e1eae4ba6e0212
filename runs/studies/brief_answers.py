"""Two of the four questions: what type of personnel, doing what kind of operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runs.analysis import clock
from runs.design import FIRST_BASE, after_clock, window_label
from runs.phrases import (
    fewer_or_more,
    number,
)
from runs.roles import heads, roles
from runs.sections import Table
from runs.statistics import Summary
from runs.studies.brief_arms import (
    OPERATIONS,
    PERSONNEL,
    Alike,
    Ranking,
    alike,
    package_arm,
    rank,
)
from runs.studies.brief_figures import measures_picture, options_picture
from runs.studies.brief_grounds import rests_of
from runs.studies.brief_told import (
    Answer,
    Told,
    also_said,
    best_said,
    curse_said,
    effect_cells,
    ranking_table,
    suggestion,
    tied_said,
)

if TYPE_CHECKING:
    pass

PREVENTED = {
    "prevented": "Prevented in all",
    "averted_by_un": "of these, by UN troops who answered a warning",
    "averted_by_army": "of these, by national forces who answered one",
    "softened": "UN troops came while it went on",
}
DONE = {
    "tobs": "Bases open, on average", "un_patrols": "Patrols", "convoys": "Convoys to supply bases",
    "warnings": "Attacks that somebody warned of", "answered": "Warnings answered before the attack",
    "prevented": "Attacks prevented", "displaced": "Attacks moved to another place", "un_deaths": "Peacekeepers killed",
}  # fmt: skip


# --- 1 --------------------------------------------------------------------------------------------------------------


def personnel(told: Told) -> Answer:
    """What type of personnel?"""
    question = "What type of personnel?"
    found = alike(told.design, PERSONNEL)
    missing = _missing_personnel(told, found)
    if found is None:
        lead = "No two options differ in personnel alone, so these runs cannot say what type of personnel does more."
        return Answer(PERSONNEL, question, lead, (), missing, None, (), rests_of(told.design, PERSONNEL))
    ranking = rank(told.comparison, found.arms, told.key)
    sentences = (tied_said(told, ranking), *_mobility(told), curse_said(told, ranking), *also_said(found))
    people = _people(told, ranking)
    return Answer(
        PERSONNEL,
        question,
        best_said(told, ranking),
        tuple(filter(None, sentences)),
        missing,
        options_picture(PERSONNEL, told.experiment, told.comparison, _lines(ranking), told.key, told.run_hash),
        (ranking_table(told, ranking, "Options that differ in personnel", people),),
        rests_of(told.design, PERSONNEL),
    )


def _lines(ranking: Ranking) -> list[tuple[str, Summary]]:
    return [(line.arm, line.effect) for line in ranking.lines]


def _people(told: Told, ranking: Ranking) -> dict[str, tuple[str, ...]]:
    arms = {arm.name: arm for arm in told.design.treated}
    return {
        "More people": tuple(number(heads(arms[line.arm]), 0) for line in ranking.lines),
        "in mobile units": tuple(number(heads(arms[line.arm], mobile_only=True), 0) for line in ranking.lines),
    }


def _mobility(told: Told) -> tuple[str, ...]:
    """Units that leave their camps against as many people who do not, and doctors among them."""
    found = roles(told.design)
    said = []
    if found.package and found.camp_bound:
        gain = told.effect(found.package, against=found.camp_bound)
        said.append(
            f"Mobility: {told.quoted(found.package)} against as many people who stay in their camps "
            f"({told.quoted(found.camp_bound)}): {fewer_or_more(gain, told.unit)}."
        )
    if found.package and found.medics:
        gain = told.effect(found.medics, against=found.package)
        said.append(
            f"More mobile companies with medical teams ({told.quoted(found.medics)}) against "
            f"{told.quoted(found.package)}: {fewer_or_more(gain, told.unit)}."
        )
    return tuple(said)


def _missing_personnel(told: Told, found: Alike | None) -> tuple[str, ...]:
    if found is not None and len(found.arms) > 2:
        return ()
    have = roles(told.design)
    scenarios = {"extra-tobs": have.package, "camp-bound-troops": have.camp_bound}
    scenarios["mobile-troops-embedded-medics"] = have.medics
    wanted = tuple(name for name, arm in scenarios.items() if arm is None)
    return (suggestion("units of several types, apart and together", ("unit-types",), wanted),)


# --- 2 --------------------------------------------------------------------------------------------------------------


def operations(told: Told) -> Answer:
    """Doing what kind of operation?"""
    question = "Doing what kind of operation?"
    package, found = package_arm(told.design), alike(told.design, OPERATIONS)
    missing = () if found else (_missing_places(),)
    if package is None and found is None:
        lead = "No option brings units that can hold a base or changes how the force is used."
        missing = (
            suggestion("what bases, patrols and answers to warnings do", ("with-and-without",), ("extra-tobs",)),
            *missing,
        )
        return Answer(OPERATIONS, question, lead, (), missing, None, (), rests_of(told.design, OPERATIONS))
    tables: list[Table] = []
    sentences: list[str] = []
    image = None
    if found is not None:
        ranking = rank(told.comparison, found.arms, told.key)
        image = options_picture(OPERATIONS, told.experiment, told.comparison, _lines(ranking), told.key, told.run_hash)
        sentences += [best_said(told, ranking), tied_said(told, ranking), curse_said(told, ranking), *also_said(found)]
        tables.append(ranking_table(told, ranking, "Options that differ in where, when or how the force is used"))
    if package is not None:
        image = image or measures_picture(
            OPERATIONS, told.experiment, told.comparison, package.name, PREVENTED, told.run_hash
        )
        sentences += [_bases(told, package.name), _answers(told, package.name)]
        tables.append(_done_table(told, package.name))
    lead, *rest = filter(None, [*sentences, _opens(told)])
    return Answer(
        OPERATIONS, question, lead, tuple(rest), missing, image, tuple(tables), rests_of(told.design, OPERATIONS)
    )


def _missing_places() -> str:
    return suggestion(
        "whether it matters where bases go, and when they come",
        ("allocation-policies", "timing"),
        ("allocation-spread", "allocation-population"),
    )


def _means(told: Told, arm: str, key: str, digits: int = 0) -> tuple[str, str]:
    window = after_clock(told.months[-1])
    arms = (arm, told.design.control.name)
    with_units, without = (number(float(told.comparison.values[a, window, key].mean()), digits) for a in arms)
    return with_units, without


def _bases(told: Told, arm: str) -> str:
    tobs, patrols = _means(told, arm, "tobs", 1), _means(told, arm, "un_patrols")
    prevented = told.effect(arm, "prevented")
    return (
        f"With {told.quoted(arm)}, {tobs[0]} temporary operating bases are open on average rather than {tobs[1]}, and "
        f"{patrols[0]} patrols go out rather than {patrols[1]}; presence and answers to warnings then prevent "
        f"{fewer_or_more(prevented, 'attacks')} than in the control."
    )


def _answers(told: Told, arm: str) -> str:
    averted, killed = told.effect(arm, "averted_by_un"), told.effect(arm, "un_deaths")
    warned, answered = (_means(told, arm, key) for key in ("warnings", "answered"))
    return (
        f"Of {warned[0]} attacks that somebody warns of, {answered[0]} are answered in time ({answered[1]} of "
        f"{warned[1]} in the control); UN troops who answer avert {fewer_or_more(averted, 'attacks')}; "
        f"of peacekeepers, {fewer_or_more(killed, 'are killed')}."
    )


def _opens(told: Told) -> str:
    """When the first extra base opens: often the decisive thing."""
    if told.design.count_from != FIRST_BASE or not any(arm.package.units for arm in told.design.arms):
        return ""
    found = clock(told.comparison)
    if found.dates is None:
        return "No extra base opens in any run, so months count from the decision."
    early, middle, late = (f"{day:%B %Y}" for day in found.dates)
    never = found.runs - found.opened
    rest = f"; in {never} of {found.runs} runs none ever does" if never else ""
    return f"The first extra base opens in {middle} in the middle case (90 % of cases: {early} to {late}){rest}."


def _done_table(told: Told, arm: str) -> Table:
    rows = []
    for key, words in DONE.items():
        digits = 1 if key in ("tobs", "un_deaths") else 0
        with_units, without = _means(told, arm, key, digits)
        estimate, ends, _, said = effect_cells(told.effect(arm, key))
        rows.append((words, without, with_units, estimate, ends, said))
    headers = ("What was done", "Control", told.name(arm), "Difference", f"{told.level} interval", "Verdict")
    caption = f"What the force does, {window_label(after_clock(told.months[-1]))}, means of runs"
    return Table(headers, tuple(rows), words=(0, 5), caption=caption)
