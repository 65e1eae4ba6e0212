"""The end of a brief: where the model is known to do badly, the experiment, its provenance, and how to run it again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from abm.data import read_table
from abm.declarations import STATUS_MARK
from abm.kinds import CIVILIANS_BY_UNIDENTIFIED
from runs.batch.experiment import shipped_experiments
from runs.check2020 import YEAR, observed
from runs.design import MOST_SEEDS, Design
from runs.outcomes import CIVILIAN, MEASURES
from runs.phrases import THIN, listed, number
from runs.provenance import Provenance
from runs.sections import Table
from runs.statistics import Summary
from runs.studies.brief_arms import Ranking
from runs.studies.brief_figures import capital
from runs.studies.brief_told import Told
from runs.studies.labels import value_label

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment

# In the order in which a reader asks; all fields of Provenance.
FIELDS = {
    "package_version": "Program version",
    "git_commit": "Commit of its source",
    "git_dirty": "Source changed since that commit",
    "created": "Described on",
    "seed": "Seed of the experiment",
    "scenario_hash": "Fingerprint of the scenarios",
    "parameter_hash": "Fingerprint of all parameters",
    "gazetteer_hash": "Fingerprint of a user's own settlements",
    "source_fingerprint": "Fingerprint of the model's source",
    "math_fingerprint": "Fingerprint of the machine's mathematics",
    "python": "Python",
    "numpy": "NumPy",
    "numba": "Numba",
    "scipy": "SciPy",
    "mesa": "Mesa",
}
MISFIT = "misfit_2017_2020"
LOSSES = (
    "In forecasts of 2018 to 2020 simpler methods do better than the model for many actors and horizons; it was not "
    "made for forecasting, and agreement with years it was fitted to is a floor, no evidence about others.",
    "Violence has no trend: it stays at the level of 2020 with a random drift, and actors are those of 2021.",
    "No effect of bases, accountability, dialogue or services was fitted, and those that studies of other countries "
    "published are matched only in part.",
)
WHERE_LOSSES_ARE = (
    "sector-centre check prints all of this from the numbers, losses first; sector-centre check-2020 runs the year "
    "2020 again beside the record."
)


def losses(told: Told, ranking: Ranking) -> tuple[str, ...]:
    """Where the model is known to do badly, and what these very runs are too few for."""
    return (_record(), *LOSSES, _misfit(), _noise(told, ranking), _many_options(told, ranking), WHERE_LOSSES_ARE)


def _record() -> str:
    """What the record that the model is fitted to cannot show."""
    events = observed()[0][0].sum(axis=1)
    unknown, attacks = int(events[CIVILIANS_BY_UNIDENTIFIED]), int(events[list(CIVILIAN)].sum())
    return (
        f"The record counts reports: remote and small events are under-recorded, {unknown} of {attacks} recorded "
        f"attacks on civilians in {YEAR} name no perpetrator, and what did not happen, or never makes the "
        "news (warnings, patrols, agreements), is recorded nowhere."
    )


def _misfit() -> str:
    """Recorded statistics that no set of parameters reproduces: from the calibration that is embedded."""
    found = len(read_table(MISFIT))
    return (
        f"Of the statistics that the model was fitted to, and combinations of them, {found} lie outside 99 % of all "
        "simulations: no set of parameters reproduces them."
    )


def _noise(told: Told, ranking: Ranking) -> str:
    """How much of the doubt about the best option more runs would remove."""
    found: Summary = ranking.first.effect
    error, ignorance = found.spread.monte_carlo_se, found.spread.s2_param**0.5
    return (
        f"{capital(told.unit)} under {told.quoted(ranking.first.arm)}: chance alone leaves a standard error of "
        f"{number(error)}, which more runs would shrink; between sets of numbers the effect itself spreads by "
        f"{number(ignorance)} (standard deviation), which no number of runs removes."
    )


def _many_options(told: Told, ranking: Ranking) -> str:
    count = len(ranking.lines)
    if count == 1:
        return "One option is held against the control; no other can be said to do better or worse."
    return (
        f"Intervals are not widened for there being {count} options: of many options without any effect about one in "
        "ten would look resolved."
    )


def experiment_table(told: Told) -> Table:
    """The experiment: options, sets of parameters, seeds, windows, outcomes."""
    experiment, design = told.experiment, told.design
    held = listed([f"{name} = {value}" for name, value in design.fixed.items()]) or "none"
    seeds = f"{design.seeds} for each set; {_seed_range(design)}"
    rows = (
        ("Name", experiment.name),
        ("Question", experiment.question),
        ("Control", f"{design.control.name}: {design.control.title}"),
        ("Options", f"{len(design.treated)} beside the control"),
        ("Sets of parameters", f"{design.draws} ({experiment.sampling})"),
        ("Sampled", _sampled(experiment)),
        ("Held at one value", held),
        ("Seeds", seeds),
        ("Runs", f"{experiment.runs:,}".replace(",", THIN)),
        ("Windows", f"{listed([str(months) for months in told.months])} months, from {design.count_from}"),
        ("First day of every run", value_label(design.control.start)),
        ("Main outcomes", listed([MEASURES[key].label for key in experiment.main])),
        ("Fingerprint of the experiment", experiment.fingerprint()),
    )
    return Table(("What", "Value"), rows, words=(0, 1), caption="The experiment")


def _seed_range(design: Design) -> str:
    first, last = design.run_seed(0, 0), design.run_seed(design.draws - 1, design.seeds - 1)
    return f"run seeds {first} to {last} (a new set starts at the next multiple of {MOST_SEEDS})"


def _sampled(experiment: Experiment) -> str:
    """Parameters that the experiment samples, with their ranges and marks."""
    if not experiment.uncertainties:
        return "all that are uncertain, together (draws of the posterior and of priors)"
    found = [
        f"{STATUS_MARK[u.declaration.status]} {u.name} ({', '.join(f'{value:g}' for value in u.values)})"
        if u.values
        else f"{STATUS_MARK[u.declaration.status]} {u.name} ({u.low:g} to {u.high:g})"
        for u in experiment.uncertainties
    ]
    return "; ".join(found)


def provenance_table(about: Provenance) -> Table:
    """Every field of a provenance, by a reader's words."""
    rows = tuple((words, _said(getattr(about, name))) for name, words in FIELDS.items())
    return Table(("What", "Value"), rows, words=(0, 1), caption="Provenance")


def _said(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:%d %B %Y, %H:%M %Z}".lstrip("0") if isinstance(value, datetime) else str(value)


def commands(experiment: Experiment, about: Provenance) -> tuple[str, ...]:
    """What to type to get every number of the page again."""
    name = experiment.name if experiment.name in shipped_experiments() else f"{experiment.name}.toml"
    folder = f"results/{experiment.name}"
    return (
        _install(about),
        f"sector-centre batch {name} --out {folder}",
        f"sector-centre verify {folder}",
        f"sector-centre analyse {folder}",
        f"sector-centre brief {folder}",
    )


def _install(about: Provenance) -> str:
    """From the source at its commit where that is known: only that gives the same bits for certain."""
    if about.git_commit is None:
        return f"pip install sector-centre=={about.package_version}"
    return f"git checkout {about.git_commit} && pip install ."


def how_to_rerun(experiment: Experiment, about: Provenance) -> str:
    """In words what the commands need."""
    shipped = experiment.name in shipped_experiments()
    file = (
        f"The experiment {experiment.name} comes with the program; if its text differs from the one below, save that "
        f"as {experiment.name}.toml and name the file instead."
        if shipped
        else f"Save the text below as {experiment.name}.toml, with scenario files that it names beside it."
    )
    changed = (
        " The source held changes that are in no commit: only a program with the same fingerprint of the model's "
        "source gives the same numbers."
        if about.git_dirty
        else ""
    )
    return (
        f"{file}{changed} With the same program and the versions above every number comes out the same to the last "
        f"bit; there are {experiment.runs} runs, shared among all cores of a machine or a cluster."
    )
