"""All studies that fit an experiment: each as Parquet, a figure and a paragraph, and one page of them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from runs.batch.experiment import Experiment
from runs.batch.stored import Batch
from runs.compare import Comparison
from runs.folders import ResultError, new_folder, refuse_to_replace, write_manifest
from runs.report import as_markdown, render_page, svg_of, write_figure
from runs.sections import Section, Table
from runs.studies.around_bases import around_bases_study
from runs.studies.break_even import break_even_study, can_break_even
from runs.studies.cost import cost_study
from runs.studies.discovery import can_discover, discovery_study
from runs.studies.grid import grid_study
from runs.studies.horizons import horizons_study
from runs.studies.labels import label
from runs.studies.paired import paired_study
from runs.studies.sensitivity import morris_study, sobol_study
from runs.studies.study import Study
from runs.tidy import as_table

if TYPE_CHECKING:
    pass

KIND, FOLDER, PAGE = "analysis", "analysis", "report.html"


class Make(Protocol):
    """Makes a study, or finds that there is nothing to study; the hash is shown in its figure."""

    def __call__(self, experiment: Experiment, comparison: Comparison, *, run_hash: str | None) -> Study | None:
        """The study."""
        ...


@dataclass(frozen=True)
class Kind:
    """A study by its name, and whether an experiment can be studied so."""

    name: str
    make: Make
    fits: Callable[[Experiment], bool]


# Where points are spread over what is possible, as by Morris, or laid on a grid, their mean is nobody's belief: only
# the studies that such designs are made for look at them.
BELIEVED = ("draws", "lhs", "sobol")


def _believed(experiment: Experiment) -> bool:
    return experiment.sampling in BELIEVED


def _is(design: str) -> Callable[[Experiment], bool]:
    return lambda experiment: experiment.sampling == design


STUDIES = (
    Kind("paired", paired_study, _believed),
    Kind("grid", grid_study, _believed),
    Kind("horizons", horizons_study, _believed),
    Kind("around-bases", around_bases_study, _believed),
    Kind("cost", cost_study, _believed),
    Kind("sobol", sobol_study, _is("sobol")),
    Kind("morris", morris_study, _is("morris")),
    Kind("discovery", discovery_study, can_discover),
    Kind("break-even", break_even_study, can_break_even),
)
NAMES = tuple(kind.name for kind in STUDIES)


def kinds_for(experiment: Experiment) -> list[Kind]:
    """Studies that an experiment can be made of."""
    return [kind for kind in STUDIES if kind.fits(experiment)]


def studies_of(
    experiment: Experiment,
    comparison: Comparison,
    only: Sequence[str] = (),
    done: Callable[[], object] | None = None,
) -> dict[str, Study]:
    """Studies by name, those of `only` if any are named.

    Raises:
        ResultError: a study that this experiment cannot be made of was asked for by name, or a library is missing.
    """
    fitting = kinds_for(experiment)
    for name in only:
        if name not in (kind.name for kind in fitting):
            names = ", ".join(kind.name for kind in fitting)
            raise ResultError(f"--study: {experiment.name} can be studied by {names} (found {name!r})")
    found = {}
    for kind in fitting:
        if not only or kind.name in only:
            study = kind.make(experiment, comparison, run_hash=experiment.fingerprint())
            if study is not None:
                found[kind.name] = study
            elif kind.name in only:
                raise ResultError(f"--study: {kind.name}: there is nothing of the kind in {experiment.name}")
        if done is not None:
            done()
    return found


def for_terminal(parts: Sequence[Section]) -> list[Section]:
    """The parts without the tables that the page folds: long, and needed by few."""
    return [replace(part, tables=tuple(table for table in part.tables if not table.folded)) for part in parts]


def check_folder(batch: Batch, out: Path) -> None:
    """Refuse a folder that holds something else than an analysis; an earlier analysis is replaced."""
    refuse_to_replace(out, KIND, batch.provenance, {}, overwrite=True)


def write_studies(batch: Batch, comparison: Comparison, studies: Mapping[str, Study], out: Path) -> None:
    """Write tables, figures, paragraphs and the page, whole or not at all.

    Raises:
        ResultError: the folder holds something else.
        OSError: it cannot be written.
    """
    from pyarrow import parquet

    check_folder(batch, out)
    experiment, about = batch.studied, batch.provenance
    figures = {s.section.key: s.figure for s in studies.values() if s.figure is not None}
    pictures = {key: svg_of(figure) for key, figure in figures.items()}
    with new_folder(out) as folder:
        for name, study in studies.items():
            (folder / f"{name}.md").write_text(as_markdown(study.section), encoding="utf-8")
            for stem, rows in study.rows.items():
                if rows:
                    table = as_table(rows).replace_schema_metadata(about.as_metadata())
                    parquet.write_table(table, folder / f"{stem}.parquet")
            if study.figure is not None:
                write_figure(folder / name, study.figure, pictures[study.section.key])
        parts = [opening(batch, comparison), *(study.section for study in studies.values())]
        arms = [(label(experiment, arm.name), arm.title) for arm in experiment.arms]
        page = render_page(experiment.title, parts, pictures, about, _made(batch, comparison), arms)
        (folder / PAGE).write_text(page, encoding="utf-8")
        request = {"experiment": experiment.name, "studies": list(studies)}
        write_manifest(folder, KIND, about, request, {"fingerprint": experiment.fingerprint()})


def _made(batch: Batch, comparison: Comparison) -> dict[str, str]:
    experiment, design = batch.studied, comparison.design
    held = ", ".join(f"{name} = {value}" for name, value in design.fixed.items()) or "none"
    return {
        "experiment": f"{experiment.name}, fingerprint {experiment.fingerprint()[:12]}",
        "runs of each arm": f"{design.draws} points × {design.seeds} seeds",
        "points": experiment.sampling,
        "parameters held": held,
    }


def opening(batch: Batch, comparison: Comparison) -> Section:
    """What was asked, what was run, and what the numbers cannot say."""
    experiment, design = batch.studied, comparison.design
    sampled = SAMPLED[experiment.sampling]
    paragraphs = [
        experiment.question,
        f"{len(experiment.arms)} arms ran under each of {design.draws} sets of parameters with {design.seeds} seeds "
        f"each, {design.draws * design.seeds * len(experiment.arms):,} runs, every arm under the same draws. {sampled}",
    ]
    if design.draws < batch.plan.points:
        paragraphs.append(
            f"The batch is not finished: these are the first {design.draws} of {batch.plan.points} sets of parameters."
        )
    rows = tuple(
        (u.name, u.declaration.meaning, _range(u.low, u.high, u.values), u.declaration.status)
        for u in experiment.uncertainties
    )
    headers = ("Parameter", "Meaning", "Sampled over", "Status")
    tables = (Table(headers, rows, words=(0, 1, 2, 3), caption="What was sampled", folded=True),) if rows else ()
    return Section("question", "The question", tuple(paragraphs), tables)


SAMPLED = {
    "draws": "Sets of parameters are embedded draws: what was fitted comes from its posterior, the rest from priors.",
    "lhs": "The parameters named below are spread evenly over their priors (a Latin hypercube); all else is as in one "
    "of the embedded draws, or at its default if the experiment says so.",
    "sobol": "The parameters named below are spread over their priors (Sobol' and Saltelli's sample); all else is at "
    "its default, in one world: what the others leave open is not in the intervals.",
    "morris": "The parameters named below are moved one at a time through their whole range (Morris' trajectories); "
    "all else is at its default, in one world.",
    "factorial": "The parameters named below take every combination of the values listed, in each of several draws "
    "of all others: what would follow from such values, not what is believed.",
    "list": "The parameters named below take the values listed, in each of several draws of all others: what would "
    "follow from such values, not what is believed.",
}


def _range(low: float, high: float, values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values) if values else f"{low:g} to {high:g}"
