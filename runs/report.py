"""The folder of a comparison: data as Parquet, figures, and one self-contained page, written whole or not at all."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.calendar import day_of
from abm.views.words import say
from runs.analysis import effects
from runs.answers import against_record, answer
from runs.check2020 import KIND, Check
from runs.compare import Comparison
from runs.costs import where_the_money_goes
from runs.design import Design, arm_label, since_start
from runs.displacement import displaced_or_prevented, has_rings
from runs.findings import arrivals, calendar_years, differences, interaction_section
from runs.folders import new_folder, refuse_to_replace, write_manifest
from runs.grounds import all_inputs, precision, rests
from runs.levers import levers
from runs.operations import what_was_done
from runs.phrases import FIRST_LOOK, is_first_look
from runs.provenance import Provenance, canonical_json, describe, hash_of_all, sha256
from runs.questions import four_questions
from runs.sections import Section
from runs.statistics import level_held
from runs.structure import structure_rows, structure_section
from runs.tidy import write_tables
from runs.variants import UnderVariants, request_of_variants
from runs.worth import CURVE, cost_of, cost_section, is_costed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RESULT = "comparison"
TITLE = "Peacekeepers, accountability, strategy and violence in central Mali: a comparison of policies"
PNG_DPI = 160
QUESTIONS = "questions"
ON_TERMINAL = ("questions", "answer", "check", "differences", "interaction", "structure", "done", "cost")
MOST_COURSES = 4  # in one picture; more have a panel each


def sections(comparison: Comparison, check: Check | None, variants: UnderVariants | None = None) -> list[Section]:
    """All parts of a report: the answers, where the model does badly, the findings, and what they rest on."""
    costed = any(is_costed(comparison, arm.name) for arm in comparison.design.treated)
    found = [four_questions(comparison), answer(comparison)]
    found += [against_record(check)] if check is not None else []
    found += [levers(comparison.design), differences(comparison)]
    found += [interaction_section(comparison)] if comparison.design.factorials else []
    found += [structure_section(comparison, variants)] if variants is not None else []
    found += [calendar_years(comparison), arrivals(comparison), what_was_done(comparison)]
    found += [displaced_or_prevented(comparison)] if has_rings(comparison) else []
    found += [cost_section(comparison), where_the_money_goes(comparison)] if costed else []
    return [*found, precision(comparison), rests(comparison), all_inputs(comparison)]


def for_terminal(parts: Sequence[Section]) -> list[Section]:
    """The parts that a terminal shows: the answers, where the model does badly, and the long run; the page has all."""
    by_key = {part.key: part for part in parts}
    shown = [by_key[key] for key in ON_TERMINAL if key in by_key]
    brief = {"differences": slice(-1, None), "structure": slice(1)}
    return [replace(part, tables=part.tables[brief.get(part.key, slice(None))]) for part in shown]


def comparison_provenance(design: Design) -> Provenance:
    """Provenance of a comparison: one hash over its arms, one over the parameters of all its draws."""
    drawn = (design.parameters(draw) for draw in range(design.draws))
    return describe(design.arms, hash_of_all(design.arms), hash_of_all(drawn), design.seed)


def request_of(design: Design, check_runs: int, variant_draws: int = 0) -> dict[str, Any]:
    """What was asked for: with the provenance, what makes two comparisons the same."""
    variants = {"variants": request_of_variants(variant_draws)} if variant_draws else {}
    return {
        "control": design.control.name,
        "treated": [arm.name for arm in design.treated],
        "draws": design.draws,
        "seeds": design.seeds,
        "months": list(design.months),
        "fixed": dict(design.fixed),
        "check_runs": check_runs,
        **variants,
    }


def check_target(out: Path, design: Design, check_runs: int, overwrite: bool = False, variant_draws: int = 0) -> None:
    """Refuse a folder that holds something else before anything is run; see :func:`refuse_to_replace`."""
    request = request_of(design, check_runs, variant_draws)
    refuse_to_replace(out, RESULT, comparison_provenance(design), request, overwrite)


def write_comparison(
    comparison: Comparison,
    check: Check | None,
    out: Path,
    overwrite: bool = False,
    variants: UnderVariants | None = None,
) -> list[Section]:
    """Write data, figures, the answers as text and the page; returns the parts of the page.

    Raises:
        ResultError: the folder holds something else.
        OSError: it cannot be written; nothing is left behind.
    """
    design = comparison.design
    about = comparison_provenance(design)
    request = request_of(design, check.runs if check is not None else 0, variants.draws if variants is not None else 0)
    refuse_to_replace(out, RESULT, about, request, overwrite)
    parts = sections(comparison, check, variants)
    more = {"variants": structure_rows(comparison, variants)} if variants is not None else {}
    run_hash = sha256(canonical_json([about.scenario_hash, about.parameter_hash, about.seed, request]))
    figures = draw_figures(comparison, check, run_hash)
    pictures = {name: svg_of(figure) for name, figure in figures.items()}
    with new_folder(out) as folder:
        write_tables(comparison, check, folder, about, more)
        for name, figure in figures.items():
            write_figure(folder / name, figure, pictures[name])
        page = render(design, parts, pictures, about)
        (folder / "report.html").write_text(page, encoding="utf-8")
        (folder / f"{QUESTIONS}.md").write_text(as_markdown(parts[0]), encoding="utf-8")
        content = {
            "run_hash": run_hash,
            "arms": [arm.model_dump(mode="json") for arm in design.arms],
            "clock_zero": comparison.clock.tolist(),
        }
        write_manifest(folder, RESULT, about, request, content)
    return parts


def as_markdown(part: Section) -> str:
    """The paragraphs of a part, with a question at the start of one in bold."""
    return "\n\n".join(re.sub(r"^([^.?]+\?) ", r"**\1** ", text) for text in part.paragraphs) + "\n"


# --- figures --------------------------------------------------------------------------------------------------------


def draw_figures(comparison: Comparison, check: Check | None, run_hash: str) -> dict[str, Figure]:
    """The comparison chart, what arrived when, acceptability, and the model against the record."""
    from abm.views.comparison import draw_check, draw_comparison
    from abm.views.record_check import CheckRow

    months = max(comparison.design.months)
    draws = comparison.design.draws
    title = f"{FIRST_LOOK.capitalize()}: {draws} sets of parameters" if is_first_look(draws) else None
    chart = draw_comparison(effects(comparison, months), title=title, level=level_held(draws), run_hash=run_hash)
    found = {"comparison": chart, "timeline": _arrivals(comparison, run_hash)}
    costed = [arm.name for arm in comparison.design.treated if is_costed(comparison, arm.name)]
    if costed:
        found["acceptability"] = _acceptability(comparison, costed, run_hash)
    if check is not None:
        rows = [
            CheckRow(line.name, line.observed, line.simulated, line.low, line.high) for line in check.of(KIND, "events")
        ]
        found["check-2020"] = draw_check(rows, run_hash=run_hash)
    return found


def _arrivals(comparison: Comparison, run_hash: str) -> Figure:
    from abm.views.comparison import Course, draw_arrivals, draw_timeline

    days = [day_of(month.astype("datetime64[D]").item()) for month in comparison.months]
    control, *treated = (
        Course.from_runs(
            arm_label(arm.name),
            days,
            comparison.courses[arm.name, "troops"].reshape(-1, len(days)),
            comparison.courses[arm.name, "tobs"].reshape(-1, len(days)),
        )
        for arm in comparison.design.arms
    )
    clock = _middle_clock(comparison, days)
    if len(treated) < MOST_COURSES:
        return draw_timeline([control, *treated], clock_zero=clock, run_hash=run_hash)
    return draw_arrivals(control, treated, clock_zero=clock, run_hash=run_hash)


def _acceptability(comparison: Comparison, arms: Sequence[str], run_hash: str) -> Figure:
    from abm.views.comparison import Curve, draw_acceptability

    window = since_start(max(comparison.design.months))
    curves = [
        Curve(arm_label(arm), CURVE, cost_of(comparison, arm, window, "expected_civilian_deaths").curve) for arm in arms
    ]
    return draw_acceptability(curves, run_hash=run_hash)


def _middle_clock(comparison: Comparison, days: Sequence[int]) -> int | None:
    known = comparison.clock[comparison.clock >= 0]
    middle = float(np.median(known)) if known.size else math.nan
    return int(middle) if known.size and days[0] <= middle <= days[-1] else None


def svg_of(figure: Figure) -> str:
    """A figure as an SVG element that asks nothing of any other file, the same for the same figure."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "sector-centre"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def write_figure(path: Path, figure: Figure, svg: str) -> None:
    """A figure under a name with `.svg` and with `.png`; the SVG is that of :func:`svg_of`."""
    path.with_name(f"{path.name}.svg").write_text(svg, encoding="utf-8")
    figure.savefig(path.with_name(f"{path.name}.png"), dpi=PNG_DPI, metadata={"Software": None})


# --- page -----------------------------------------------------------------------------------------------------------


def render(design: Design, parts: Sequence[Section], pictures: Mapping[str, str], about: Provenance) -> str:
    """The page of a comparison."""
    held = ", ".join(f"{name} = {value}" for name, value in design.fixed.items()) or "none"
    made = {"runs of each arm": f"{design.draws} draws × {design.seeds} seeds", "parameters held": held}
    return render_page(TITLE, parts, pictures, about, made, [(arm_label(arm.name), arm.title) for arm in design.arms])


def render_page(
    title: str,
    parts: Sequence[Section],
    pictures: Mapping[str, str],
    about: Provenance,
    made: Mapping[str, str],
    arms: Sequence[tuple[str, str]] = (),
) -> str:
    """A page of parts: no scripts, no other files.

    Args:
        title: heading.
        parts: in order; ``figure`` of each names one of the pictures.
        pictures: SVG elements by name.
        about: provenance, shown last.
        made: what else is said with the provenance, by its name.
        arms: names and titles of the arms that are compared, the control first.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("runs"), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    known = [(name.replace("_", " "), value) for name, value in about.model_dump(mode="json").items()]
    return environment.get_template("report.html.j2").render(
        title=title,
        arms=[{"label": label, "title": words} for label, words in arms],
        parts=parts,
        caveat=say("caveat"),
        figures={name: Markup(unique_ids(svg, name)) for name, svg in pictures.items()},
        provenance=[*made.items(), *known],
    )


def unique_ids(svg: str, name: str) -> str:
    """Prefix identifiers, so that several figures on one page do not share any."""
    for mark in (' id="', 'href="#', "url(#"):
        svg = svg.replace(mark, f"{mark}{name}-")
    return svg
