"""The folder of a check: one self-contained page, figures, tables and a manifest, written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from abm.draws import DRAWS, draw_parameters
from abm.scenario import Scenario
from calibration.agent_forecast import SCENARIO as FORECAST_SCENARIO
from calibration.check_findings import JUDGED, target_label
from calibration.check_forecasts import by_month_ahead, pit_counts
from calibration.check_making import AGENT, Settings
from calibration.check_parts import Checked
from calibration.check_recovery import NEAR, Recovered
from calibration.check_sections import NEAR_REPEAT, PACE, SHORT, of_groups, sections
from calibration.check_tables import write_tables
from calibration.forecasting import VARIABLES
from calibration.targets import TargetRow
from runs.check2020 import KIND
from runs.check2020 import SCENARIO as YEAR_SCENARIO
from runs.folders import new_folder, refuse_to_replace, write_manifest
from runs.provenance import Provenance, canonical_json, describe, hash_of_all, sha256
from runs.report import render_page, svg_of, write_figure
from runs.sections import Section, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from abm.views.range_charts import Ranged

RESULT, MARKDOWN = "check", "validation.md"
TITLE = "How far to trust the calibration: the model of central Mali checked against the record"
ON_TERMINAL = (SHORT, "losses")
TERMINAL_ROWS = 12
NEAR_WORDS = {
    "near_ratio_all": "All events",
    "near_ratio_attacks_on_civilians": "Attacks on civilians, within 15 km",
    "near_ratio_communal": "Communal violence, within 15 km",
}


def check_provenance() -> Provenance:
    """Provenance of a check made here and now: the scenarios it runs, and all draws of parameters."""
    scenarios = [Scenario.load(name) for name in (YEAR_SCENARIO, FORECAST_SCENARIO)]
    drawn = (draw_parameters(number) for number in range(DRAWS))
    return describe(scenarios, hash_of_all(scenarios), hash_of_all(drawn), 0)


def check_target(out: Path, settings: Settings, overwrite: bool = False) -> None:
    """Refuse a folder that holds something else before anything is run; see runs.folders.refuse_to_replace."""
    refuse_to_replace(out, RESULT, check_provenance(), settings._asdict(), overwrite)


def write_report(checked: Checked, out: Path, overwrite: bool = False) -> list[Section]:
    """Write page, figures, tables and manifest; returns the parts of the page (:func:`for_terminal` picks some).

    Raises:
        ResultError: the folder holds something else.
        OSError: it cannot be written; nothing is left behind.
    """
    about, request = check_provenance(), checked.settings._asdict()
    refuse_to_replace(out, RESULT, about, request, overwrite)
    parts = sections(checked)
    run_hash = sha256(canonical_json([about.scenario_hash, about.parameter_hash, about.seed, request]))
    figures = draw_figures(checked, run_hash)
    pictures = {name: svg_of(figure) for name, figure in figures.items()}
    with new_folder(out) as folder:
        write_tables(checked, folder, about)
        for name, figure in figures.items():
            write_figure(folder / name, figure, pictures[name])
        page = render_page(TITLE, parts, pictures, about, said(checked.settings))
        (folder / "report.html").write_text(page, encoding="utf-8")
        (folder / MARKDOWN).write_text(as_page(parts, about), encoding="utf-8")
        write_manifest(folder, RESULT, about, request, {"run_hash": run_hash})
    return parts


def said(settings: Settings) -> dict[str, str]:
    """How much was run, for the page."""
    return {
        "futures of each forecast": f"{settings.draws}",
        "futures of each variant's forecast": f"{settings.variant_draws}",
        "runs of 2017-2020 and of 2020": f"{settings.runs} each",
        "pairs of runs of each natural experiment": f"at least {settings.replicates}",
    }


def as_page(parts: Sequence[Section], about: Provenance) -> str:
    """The report as a page in Markdown for the documents: what is folded on the page of the report is left out."""
    lines = [
        f"# {TITLE}",
        "",
        "Written by `sector-centre check`: no number here is typed. Recorded events: own aggregation of ACLED "
        "(acleddata.com), 2017-2020. "
        f"Computed with sector-centre {about.package_version}, python {about.python}, numpy {about.numpy}, numba "
        f"{about.numba}, scipy {about.scipy}; source `{about.source_fingerprint}`.",
    ]
    for part in parts:
        lines += ["", f"## {part.title}"]
        lines += [line for paragraph in part.paragraphs for line in ("", paragraph)]
        for table in part.tables:
            if not table.folded and table.rows:
                lines += ["", *_markdown(table)]
    return "\n".join(lines) + "\n"


def _markdown(table: Table) -> list[str]:
    rule = ["---" if column in table.words else "---:" for column in range(len(table.headers))]
    rows = [[cell.replace("|", "\\|") for cell in row] for row in (table.headers, tuple(rule), *table.rows)]
    caption = [table.caption, ""] if table.caption else []
    return [*caption, *("| " + " | ".join(row) + " |" for row in rows)]


def for_terminal(parts: Sequence[Section]) -> list[Section]:
    """The parts that a terminal shows: in short, and the worst losses; the page has all."""
    by_key = {part.key: part for part in parts}
    return [_shortened(by_key[key]) for key in ON_TERMINAL if key in by_key]


def _shortened(part: Section) -> Section:
    if part.key == SHORT:
        return part
    return replace(part, tables=tuple(_first_rows(table) for table in part.tables if not table.folded))


def _first_rows(table: Table) -> Table:
    if len(table.rows) <= TERMINAL_ROWS:
        return table
    return replace(table, rows=table.rows[:TERMINAL_ROWS], caption=f"{table.caption}: the first {TERMINAL_ROWS}")


# --- figures --------------------------------------------------------------------------------------------------------


def draw_figures(checked: Checked, run_hash: str) -> dict[str, Figure]:
    """All pictures of the page by name; those without anything to show are left out."""
    from abm.views.range_charts import ByMonth, Surviving, draw_by_month, draw_ranges, draw_survival
    from abm.views.record_check import CheckRow, draw_check

    found: dict[str, Figure] = {}
    columns = [(target, variable) for target in JUDGED for variable in VARIABLES]
    courses = []
    for target, variable in columns:
        months = by_month_ahead(checked, target, variable)
        ends = ([getattr(one, name) for one in months] for name in ("value", "low", "high"))
        courses.append(ByMonth(f"{target_label(target)}, {variable}", *(tuple(values) for values in ends)))
    found["by-month-ahead"] = draw_by_month(courses, run_hash=run_hash)
    found["pit"] = _histograms_of_outcomes(checked, run_hash)
    rows = checked.predicted.rows
    for name, ranged in (("near-repeats", _near_repeats(rows)), ("pace", _pace(rows))):
        if ranged:
            found[name] = draw_ranges(ranged, run_hash=run_hash)
    found["deaths-per-event"] = draw_survival(Surviving(**vars(checked.predicted.survival)), run_hash=run_hash)
    kinds = [CheckRow(o.name, o.observed, o.simulated, o.low, o.high) for o in checked.year.of(KIND, "events")]
    found["check-2020"] = draw_check(kinds, run_hash=run_hash)
    return found | _recovery(checked, run_hash)


def _histograms_of_outcomes(checked: Checked, run_hash: str) -> Figure:
    from abm.views.check_charts import Histogram, draw_histograms

    shown = []
    for target in JUDGED:
        check = checked.forecasts[target][AGENT]
        for units, scores in (("months", check.cells), ("zone-quarters", check.zone_quarters)):
            for variable in VARIABLES:
                label = f"{target_label(target)}, {variable}, {units}"
                shown.append(Histogram(label, pit_counts(scores, variable), "place in the forecast"))
    return draw_histograms(shown, run_hash=run_hash)


def _near_repeats(rows: Sequence[TargetRow]) -> list[Ranged]:
    from abm.views.range_charts import Ranged

    found = []
    for row in of_groups(rows, (NEAR_REPEAT,), "near_ratio"):
        stem, km, days = row.name.rsplit("_", 2)
        words = f"within {km.removesuffix('km')} km and {days.removesuffix('d')} days"
        group = f"{NEAR_WORDS[stem]}: near pairs over expected"
        found.append(Ranged(words, group, row.observed, row.simulated, row.low, row.high))
    return found


def _pace(rows: Sequence[TargetRow]) -> list[Ranged]:
    """Ratios and correlations each on an axis of their own."""
    from abm.views.range_charts import Ranged

    found = [
        Ranged(_short_label(row), _unit(row), row.observed, row.simulated, row.low, row.high)
        for row in of_groups(rows, PACE)
    ]
    return sorted(found, key=lambda one: one.group)


def _unit(row: TargetRow) -> str:
    return {"ratio": "Variance over mean", "correlation": "Correlation with the next"}.get(row.unit, "Season: multiple")


def _short_label(row: TargetRow) -> str:
    """Labels of statistics without what the heading of their group says."""
    for words in ("variance over mean of ", "correlation of a ", " over the level of the months around"):
        row = replace(row, label=row.label.replace(words, ""))
    return row.label.split("'s events with")[0]


def _recovery(checked: Checked, run_hash: str) -> dict[str, Figure]:
    from abm.views.check_charts import Histogram, Learnt, draw_histograms, draw_learnt

    near = checked.recovery.of(NEAR) or list(checked.recovery.rows)
    ranks = [Histogram(_named(row), row.bins, "rank of the truth") for row in near]
    learnt = [
        Learnt(
            row.parameter, row.prior_low, row.prior_high, row.posterior_05, row.posterior_50, row.posterior_95,
            row.verdict,
        )
        for row in near
    ]  # fmt: skip
    return {
        "rank-histograms": draw_histograms(ranks, run_hash=run_hash),
        "prior-posterior": draw_learnt(learnt, run_hash=run_hash),
    }


def _named(row: Recovered) -> str:
    return f"{row.parameter}: p = {row.p_value:.2f}"
