"""The folder of a comparison: data as Parquet, figures, and one self-contained page, written whole or not at all."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.calendar import day_of
from abm.declarations import declarations
from abm.parameters import Parameters
from abm.views.words import say
from runs.analysis import all_differences, costs, effects, timeline
from runs.answers import against_record, answer
from runs.check2020 import KIND, Check
from runs.compare import Comparison
from runs.design import Design, arm_label
from runs.findings import arrivals, calendar_years, cost_section, differences, interaction_section
from runs.folders import new_folder, refuse_to_replace, write_manifest
from runs.grounds import all_inputs, precision, rests
from runs.levers import levers
from runs.outcomes import MEASURES
from runs.phrases import FIRST_LOOK, is_first_look
from runs.provenance import Provenance, canonical_json, describe, hash_of_all, sha256
from runs.sections import Section
from runs.statistics import level_held

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RESULT = "comparison"
TITLE = "More bases, accountability, and violence in central Mali: a comparison of policies"
PNG_DPI = 160


def sections(comparison: Comparison, check: Check | None) -> list[Section]:
    """All parts of a report: the answer, where the model does badly, the findings, and what they rest on."""
    found = [answer(comparison)]
    found += [against_record(check)] if check is not None else []
    found += [levers(comparison.design), differences(comparison)]
    found += [interaction_section(comparison)] if comparison.design.factorial is not None else []
    found += [calendar_years(comparison), arrivals(comparison)]
    found += [cost_section(comparison)] if costs(comparison) else []
    return [*found, precision(comparison), rests(comparison), all_inputs(comparison)]


def comparison_provenance(design: Design) -> Provenance:
    """Provenance of a comparison: one hash over its arms, one over the parameters of all its draws."""
    drawn = (design.parameters(draw) for draw in range(design.draws))
    return describe(design.arms, hash_of_all(design.arms), hash_of_all(drawn), design.seed)


def request_of(design: Design, check_runs: int) -> dict[str, Any]:
    """What was asked for: with the provenance, what makes two comparisons the same."""
    return {
        "control": design.control.name,
        "treated": [arm.name for arm in design.treated],
        "draws": design.draws,
        "seeds": design.seeds,
        "months": list(design.months),
        "fixed": dict(design.fixed),
        "check_runs": check_runs,
    }


def check_target(out: Path, design: Design, check_runs: int, overwrite: bool = False) -> None:
    """Refuse a folder that holds something else before anything is run; see :func:`refuse_to_replace`."""
    refuse_to_replace(out, RESULT, comparison_provenance(design), request_of(design, check_runs), overwrite)


def write_comparison(comparison: Comparison, check: Check | None, out: Path, overwrite: bool = False) -> list[Section]:
    """Write outcomes, differences, timeline, draws, figures and the page; returns the parts of the page.

    Raises:
        ResultError: the folder holds something else.
        OSError: it cannot be written; nothing is left behind.
    """
    design = comparison.design
    about, request = comparison_provenance(design), request_of(design, check.runs if check is not None else 0)
    refuse_to_replace(out, RESULT, about, request, overwrite)
    parts = sections(comparison, check)
    run_hash = sha256(canonical_json([about.scenario_hash, about.parameter_hash, about.seed, request]))
    figures = draw_figures(comparison, check, run_hash)
    pictures = {name: svg_of(figure) for name, figure in figures.items()}
    with new_folder(out) as folder:
        write_tables(comparison, check, folder, about)
        for name, figure in figures.items():
            (folder / f"{name}.svg").write_text(pictures[name], encoding="utf-8")
            figure.savefig(folder / f"{name}.png", dpi=PNG_DPI, metadata={"Software": None})
        page = render(design, parts, pictures, about)
        (folder / "report.html").write_text(page, encoding="utf-8")
        content = {
            "run_hash": run_hash,
            "arms": [arm.model_dump(mode="json") for arm in design.arms],
            "clock_zero": comparison.clock.tolist(),
        }
        write_manifest(folder, RESULT, about, request, content)
    return parts


# --- data -----------------------------------------------------------------------------------------------------------


def write_tables(comparison: Comparison, check: Check | None, folder: Path, about: Provenance) -> None:
    """Everything as tidy Parquet."""
    tables = {
        "outcomes": outcome_rows(comparison),
        "differences": difference_rows(comparison),
        "timeline": [vars(point) for point in timeline(comparison)],
        "draws": draw_rows(comparison.design),
    }
    if check is not None:
        tables["check-2020"] = [vars(line) | {"error": line.error, "inside": line.inside} for line in check.lines]
    for name, rows in tables.items():
        _write_parquet(rows, folder / f"{name}.parquet", about)


def _write_parquet(rows: Sequence[Mapping[str, Any]], path: Path, about: Provenance) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    columns = {name: [row[name] for row in rows] for name in rows[0]}
    parquet.write_table(pa.table(columns, metadata=about.as_metadata()), path)


def outcome_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """One row per run, window and outcome."""
    design = comparison.design
    return [
        {
            "arm": arm, "draw": draw, "seed": seed, "run_seed": design.run_seed(draw, seed),
            "clock_zero": int(comparison.clock[draw, seed]), "window": window, "outcome": key,
            "unit": MEASURES[key].unit, "value": float(values[draw, seed]),
        }
        for (arm, window, key), values in comparison.values.items()
        for draw, seed in product(range(design.draws), range(design.seeds))
    ]  # fmt: skip


def difference_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """One row per treated arm, window and outcome, with intervals and variances."""
    return [
        {
            "arm": d.arm, "control": comparison.design.control.name, "window": d.window, "outcome": d.key,
            "unit": MEASURES[d.key].unit, "control_mean": d.summary.control, "treated_mean": d.treated,
            "difference": d.summary.spread.estimate, "effect_low": d.summary.effect[0],
            "effect_high": d.summary.effect[1], "future_low": d.summary.future[0], "future_high": d.summary.future[1],
            "resolved": d.summary.resolved, "monte_carlo_se": d.summary.spread.monte_carlo_se,
            "s2_seed": d.summary.spread.s2_seed, "s2_param": d.summary.spread.s2_param,
            "variance_paired": d.pairing.paired, "variance_independent": d.pairing.independent,
        }
        for d in all_differences(comparison)
    ]  # fmt: skip


def draw_rows(design: Design) -> list[dict[str, Any]]:
    """One row per parameter draw: the world's seed and every declared parameter."""
    rows = []
    for draw in range(design.draws):
        parameters = design.parameters(draw)
        values = {name: float(getattr(parameters, name)) for name in declarations(Parameters)}
        world = design.in_world(design.control, draw).world.seed
        rows.append({"draw": draw, "world_seed": world, **values})
    return rows


# --- figures --------------------------------------------------------------------------------------------------------


def draw_figures(comparison: Comparison, check: Check | None, run_hash: str) -> dict[str, Figure]:
    """The comparison chart, what arrived when, and the model against the record."""
    from abm.views.comparison import Course, draw_check, draw_comparison, draw_timeline
    from abm.views.record_check import CheckRow

    months = max(comparison.design.months)
    draws = comparison.design.draws
    title = f"{FIRST_LOOK.capitalize()}: {draws} sets of parameters" if is_first_look(draws) else None
    chart = draw_comparison(effects(comparison, months), title=title, level=level_held(draws), run_hash=run_hash)
    found = {"comparison": chart}
    days = [day_of(month.astype("datetime64[D]").item()) for month in comparison.months]
    arms = [arm.name for arm in comparison.design.arms]
    courses = [
        Course.from_runs(
            arm_label(arm),
            days,
            comparison.courses[arm, "troops"].reshape(-1, len(days)),
            comparison.courses[arm, "tobs"].reshape(-1, len(days)),
        )
        for arm in arms
    ]
    if len(courses) <= 4:
        found["timeline"] = draw_timeline(courses, clock_zero=_middle_clock(comparison, days), run_hash=run_hash)
    if check is not None:
        rows = [
            CheckRow(line.name, line.observed, line.simulated, line.low, line.high) for line in check.of(KIND, "events")
        ]
        found["check-2020"] = draw_check(rows, run_hash=run_hash)
    return found


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


# --- page -----------------------------------------------------------------------------------------------------------


def render(design: Design, parts: Sequence[Section], pictures: Mapping[str, str], about: Provenance) -> str:
    """The page: no scripts, no other files."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("runs"), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    known = [(name.replace("_", " "), value) for name, value in about.model_dump(mode="json").items()]
    held = ", ".join(f"{name} = {value}" for name, value in design.fixed.items()) or "none"
    size = f"{design.draws} draws × {design.seeds} seeds"
    return environment.get_template("report.html.j2").render(
        title=TITLE,
        arms=[{"label": arm_label(arm.name), "title": arm.title} for arm in design.arms],
        parts=parts,
        caveat=say("caveat"),
        figures={name: Markup(_unique_ids(svg, name)) for name, svg in pictures.items()},
        provenance=[("runs of each arm", size), ("parameters held", held), *known],
    )


def _unique_ids(svg: str, name: str) -> str:
    """Prefix identifiers, so that several figures on one page do not share any."""
    for mark in (' id="', 'href="#', "url(#"):
        svg = svg.replace(mark, f"{mark}{name}-")
    return svg
