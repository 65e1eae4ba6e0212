"""A brief of an experiment for those who decide: one page that asks nothing of any other file, and on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.views.words import say
from runs.compare import Comparison
from runs.folders import ResultError, write_text
from runs.phrases import FIRST_LOOK, is_first_look
from runs.provenance import Provenance
from runs.sections import Section, Table
from runs.studies.brief_answers import operations, personnel
from runs.studies.brief_appendix import commands, experiment_table, how_to_rerun, losses, provenance_table
from runs.studies.brief_figures import Picture, picture
from runs.studies.brief_grounds import counts_in_words, grounds_table, marks_table, rests_in_any_case
from runs.studies.brief_policy import cost, strategy
from runs.studies.brief_summary import (
    all_options,
    grid_table,
    options_table,
    ranking_of_all,
    setting,
    shows_all_options,
    summary_of,
)
from runs.studies.brief_told import Answer, Told
from runs.studies.pdf import chromium, print_pdf
from runs.studies.study import Study

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment

PAGE, PRINT = "brief.html", "brief.pdf"
TEMPLATE = "brief.html.j2"
QUESTIONS = (personnel, operations, strategy, cost)


def brief_page(
    experiment: Experiment, comparison: Comparison, about: Provenance, source: str, studies: Sequence[Study] = ()
) -> str:
    """The brief as one HTML page: no scripts, no other files, nothing that leaves the machine.

    Args:
        experiment: what was run.
        comparison: its outcomes, shape (K points, S seeds) for each arm, window and measure.
        about: provenance of the runs.
        source: text of the experiment file, shown as it is.
        studies: what else was studied; the first paragraph and the figure of each are shown.

    Raises:
        ResultError: too few sets of parameters or seeds for any interval.
    """
    points, seeds = comparison.clock.shape
    if min(points, seeds) < 2:
        raise ResultError(
            f"{experiment.name}: a brief needs at least 2 sets of parameters × 2 seeds for its intervals (found "
            f"{points} × {seeds})"
        )
    told = Told(experiment, comparison, experiment.fingerprint())
    return _render(_content(told, about, source, studies))


def write_brief(target: Path, page: str) -> list[Path]:
    """Write the page, and print it where Chromium is found; each file whole or not at all.

    Args:
        target: folder, made if it is not there.
        page: of :func:`brief_page`.

    Returns:
        The files that were written: ``brief.html``, and ``brief.pdf`` where there is a browser.

    Raises:
        ResultError: the browser gives no PDF; the page is complete and stays.
        OSError: a file cannot be written.
    """
    html, pdf = target / PAGE, target / PRINT
    write_text(html, page)
    pdf.unlink(missing_ok=True)  # one of an earlier page must not lie beside this one
    if chromium() is None:
        return [html]
    print_pdf(html, pdf)
    return [html, pdf]


# --- what is on the page --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """What else was studied: title, headline paragraph and figure of a study."""

    key: str
    title: str
    text: str
    picture: Picture | None


def _content(told: Told, about: Provenance, source: str, studies: Sequence[Study]) -> dict[str, Any]:
    """Everything that the template shows."""
    experiment, draws = told.experiment, told.design.draws
    ranking = ranking_of_all(told)
    answers = tuple(answer(told) for answer in QUESTIONS)
    overview = all_options(told, ranking) if shows_all_options(told, answers) else None
    return {
        "experiment": experiment,
        "about": about,
        "first_look": FIRST_LOOK if is_first_look(draws) else "",
        "caveat": say("caveat"),
        "summary": summary_of(told, ranking),
        "setting": setting(told),
        "options": options_table(told),
        "overview": overview,
        "grid": grid_table(told),
        "answers": answers,
        "grounds": [(counts_in_words(answer.rests), grounds_table(answer.rests)) for answer in answers],
        "in_any_case": counts_in_words(rests_in_any_case(told.design)),
        "marks": marks_table(),
        "parts": list(_parts(studies)),
        "losses": losses(told, ranking),
        "appendix": (experiment_table(told), provenance_table(about)),
        "rerun": how_to_rerun(experiment, about),
        "commands": commands(experiment, about),
        "source": source,
    }


def _parts(studies: Sequence[Study]) -> Iterator[Part]:
    for number, study in enumerate(studies):
        section: Section = study.section
        text = section.paragraphs[0] if section.paragraphs else ""
        image = None
        if study.figure is not None:
            image = picture(f"study-{number}", study.figure, section.title, text)
        yield Part(f"study-{number}", section.title, text, image)


def _render(content: dict[str, Any]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("runs"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["svg"] = lambda image: Markup(image.svg)
    environment.tests["words"] = lambda column, table: column in table.words
    return environment.get_template(TEMPLATE).render(**content)


__all__ = ["PAGE", "PRINT", "Answer", "Table", "brief_page", "write_brief"]
