"""The report of the check: losses first, every target in it, and sentences that say what the numbers say."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from check_samples import forecasts, natural, predicted, sample, variants, year
from pages import Page
from pyarrow import parquet
from rich.console import Console

from abm.views.words import say
from calibration import check_report
from calibration.check_findings import FAILS, HOLDS, OPEN, Finding, findings, lowered, more_than_chance, target_label
from calibration.check_making import AGENT, CHECKED_TARGETS, VARIANTS
from calibration.check_parts import Checked
from calibration.check_report import check_target, for_terminal, write_report
from calibration.check_scores import AHEAD, PROPER
from calibration.check_sections import sections
from calibration.forecasting import VARIABLES
from calibration.known_rates import LEAKS
from calibration.rolling import FORECASTERS
from runs.folders import ResultError, check_files, read_manifest
from runs.sections import Section
from runs.terminal import show

OUTSIDE = ("weekly_dispersion", "weekly_dispersion_within_quarters", "season_mar")
FIGURES = {
    "by-month-ahead", "pit", "near-repeats", "pace", "deaths-per-event", "check-2020", "rank-histograms",
    "prior-posterior",
}  # fmt: skip


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """Half the targets lost by a tenth, the others won; some statistics outside; a better and a worse variant."""
    found = forecasts(agent=1.0, others=1.1)
    for target in list(CHECKED_TARGETS)[::2]:
        found[target] = forecasts(agent=1.1, others=1.0)[target]
    return sample(
        tmp_path_factory.mktemp("tables"), forecasts=found, predicted=predicted(OUTSIDE), natural=natural(False),
        variants=variants({"without drift": 1.1, "slow grievance": 0.9}),
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(checked: Checked, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results") / "check"
    write_report(checked, out)
    return out


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def parts(checked: Checked) -> dict[str, Section]:
    return {part.key: part for part in sections(checked)}


def by_status(found: list[Finding], status: str) -> list[str]:
    return [f"{one.part}: {one.text}" for one in found if one.status == status]


# --- the folder -------------------------------------------------------------------------------------------------------


def test_the_folder_is_whole(folder: Path) -> None:
    manifest = read_manifest(folder, "check")
    check_files(folder, manifest)
    names = set(manifest["files"])
    assert {f"{name}.{end}" for name in FIGURES for end in ("svg", "png")} < names
    tables = {"findings", "recovery", "misfit", "records", "deaths-per-event", "check-2020", "contests"}
    tables |= {"by-month-ahead", "scores", "space", "variants", "natural-experiments"}
    assert names == {f"{name}.csv" for name in tables} | {"report.html", "validation.md", "forecast-cells.parquet"} | {
        f"{name}.{end}" for name in FIGURES for end in ("svg", "png")
    }
    assert manifest["request"] == {"draws": 500, "variant_draws": 200, "runs": 200, "replicates": 500}


def test_the_page_in_markdown_holds_all_that_is_not_folded(folder: Path, parts: dict[str, Section]) -> None:
    text = (folder / "validation.md").read_text(encoding="utf-8")
    titles = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert titles == [part.title for part in parts.values()]
    tables = [table for part in parts.values() for table in part.tables if table.rows]
    shown, folded = ([t for t in tables if t.folded is which] for which in (False, True))
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == sum(2 + len(table.rows) for table in shown)
    assert shown
    assert folded


def test_tables_hold_every_contest_and_every_score(folder: Path, checked: Checked) -> None:
    with (folder / "contests.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(CHECKED_TARGETS) * len(VARIABLES) * len(AHEAD) * len(PROPER)
    lost = {row["target"] for row in rows if row["lost"] == "true"}
    assert lost == set(list(CHECKED_TARGETS)[::2])
    cells = parquet.read_table(folder / "forecast-cells.parquet")
    known = (4 * 12 + 6) * 15 * 2  # four origins of a year and one of half a year
    assert cells.num_rows == known * len(CHECKED_TARGETS) * (1 + len(FORECASTERS))
    assert b"sector_centre.parameter_hash" in cells.schema.metadata


def test_another_result_is_never_replaced(checked: Checked, tmp_path: Path) -> None:
    other = tmp_path / "notes"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    with pytest.raises(ResultError, match="holds files that are no result"):
        check_target(other, checked.settings)
    with pytest.raises(ResultError, match="holds files that are no result"):
        write_report(checked, other, overwrite=True)
    assert [path.name for path in other.iterdir()] == ["mine.txt"]


def test_other_settings_need_overwrite(folder: Path, checked: Checked) -> None:
    check_target(folder, checked.settings)
    other = checked.settings._replace(draws=600)
    with pytest.raises(ResultError, match="holds another result"):
        check_target(folder, other)
    check_target(folder, other, overwrite=True)


def test_nothing_is_left_of_a_report_that_fails(
    checked: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(check_report, "draw_figures", lambda *_args: {})
    monkeypatch.setattr(check_report, "render_page", full)
    with pytest.raises(OSError, match="No space"):
        write_report(checked, tmp_path / "check")
    assert not list(tmp_path.iterdir())


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_asks_for_nothing(folder: Path, page: Page) -> None:
    assert page.links
    assert all(link.startswith("#") for link in page.links)
    assert not {"script", "link", "iframe", "img", "object", "embed"} & set(page.tags)
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "@import" not in text
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", text))


def test_identifiers_are_unique_and_links_lead_somewhere(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert page.tags.count("svg") == len(FIGURES)


def test_losses_come_first(parts: dict[str, Section], page: Page) -> None:
    keys = list(parts)
    assert keys[:2] == ["answer", "losses"]
    captions = [table.caption for table in parts["answer"].tables]
    assert captions == ["What does not hold", "What cannot be told", "What holds"]
    assert page.text.index("What does not hold") < page.text.index("What holds")
    records = parts["records"].tables
    assert records[0].rows[0][3] == "more than chance"
    assert {row[6] for row in records[1].rows} == {"outside"}
    assert [row[-1] for row in parts["coverage"].tables[0].rows] == sorted(
        (row[-1] for row in parts["coverage"].tables[0].rows), key=lambda verdict: verdict == "as it should"
    )


def test_every_target_appears_and_every_lost_group_is_a_row(parts: dict[str, Section], page: Page) -> None:
    for target in CHECKED_TARGETS:
        assert target_label(target) in page.text
    lost = list(CHECKED_TARGETS)[::2]
    rows = parts["losses"].tables[0].rows
    assert len(rows) == len(lost) * len(VARIABLES) * len(AHEAD)
    assert {row[0] for row in rows} == {target_label(target) for target in lost}
    assert {row[6] for row in rows} == {"+10.0 % (+10.0 to +10.0)"}
    assert {row[7] for row in rows} == {"worse"}
    won = [lowered(target_label(target)) for target in list(CHECKED_TARGETS)[1::2]]
    assert all(name in parts["losses"].paragraphs[1] for name in won)
    by_kind = parts["forecasts"].tables[-1]
    assert {row[0] for row in by_kind.rows} == {target_label(target) for target in CHECKED_TARGETS}


def test_leaks_are_named(parts: dict[str, Section]) -> None:
    (text,) = parts["leaks"].paragraphs
    assert all(leak in text for leak in LEAKS)
    assert "garrisons" in text


def test_the_agent_model_is_said_not_to_be_scored_in_space(parts: dict[str, Section]) -> None:
    assert "agent model is not scored here" in parts["space"].paragraphs[0].replace("The agent", "agent")
    assert all(AGENT not in row[0] for table in parts["space"].tables for row in table.rows)
    assert "better than zero" in parts["space"].paragraphs[1]


def test_all_variants_are_compared(parts: dict[str, Section]) -> None:
    for table in parts["variants"].tables:
        found = {row[0]: (row[2], row[3]) for row in table.rows}
        assert set(found) == set(VARIANTS)
        assert found["without drift"] == ("+10.0 % (+10.0 to +10.0)", "worse")
        assert found["slow grievance"] == ("−10.0 % (−10.0 to −10.0)", "better")
        assert found["without raid series"][1] == "not resolved"
        assert found["as shipped"] == ("–", "")


def test_totals_of_four_years_are_left_out_and_said_so(parts: dict[str, Section]) -> None:
    assert "Not compared are 52 totals" in parts["records"].paragraphs[1]
    labels = {row[0] for table in parts["records"].tables[1:] for row in table.rows}
    assert "variance over mean of weekly events" in labels
    assert not any(label.startswith(("events a year", "deaths a year")) for label in labels)


def test_the_terminal_shows_the_answer_and_the_worst_losses(checked: Checked, parts: dict[str, Section]) -> None:
    shown = for_terminal(list(parts.values()))
    assert [part.key for part in shown] == ["answer", "losses"]
    assert len(shown[1].tables) == 1
    assert len(shown[1].tables[0].rows) == check_report.TERMINAL_ROWS
    console = Console(record=True, width=140, file=open("/dev/null", "w"))  # noqa: SIM115
    show(shown, console)
    text = console.export_text()
    assert "What does not hold" in text
    assert say("caveat")[:60] in text


# --- sentences --------------------------------------------------------------------------------------------------------


def test_a_model_that_wins_everywhere_is_said_to(checked: Checked) -> None:
    winner = replace(
        checked, forecasts=forecasts(agent=0.8, others=1.0), natural=natural(), predicted=predicted(),
        variants=variants(dict.fromkeys([name for name in VARIANTS if name != "as shipped"], 1.2)),
    )  # fmt: skip
    found = findings(winner)
    fails = by_status(found, FAILS)
    assert not any(text.startswith(("Forecasts", "Variants", "Natural", "Simulated", "2020")) for text in fails)
    holds = by_status(found, HOLDS)
    assert (
        "Forecasts: In none of 112 groups of target, variable and months ahead has any other forecaster a lower CRPS."
        in holds
    )
    assert any("All kinds, events: CRPS 20.0 % better than " in text for text in holds)
    losses = {part.key: part for part in sections(winner)}["losses"]
    assert not losses.tables
    assert losses.paragraphs[0].startswith("By the CRPS no other forecaster does better")


def test_a_model_that_loses_everywhere_is_said_to(checked: Checked) -> None:
    loser = replace(
        checked, forecasts=forecasts(agent=1.5, others=1.0), year=year(3.0),
        predicted=predicted(tuple(row.name for row in checked.predicted.rows)),
        variants=variants(dict.fromkeys([name for name in VARIANTS if name != "as shipped"], 0.8)),
    )  # fmt: skip
    found = findings(loser)
    fails = by_status(found, FAILS)
    assert fails[0].startswith(
        "Forecasts: In 112 of 112 groups of target, variable and months ahead another forecaster has a lower CRPS, in "
        "112 of them beyond the interval of the difference."
    )
    assert any("50.0 % worse than " in text for text in fails)
    assert sum(text.startswith("Variants") for text in fails) == len(VARIANTS) - 1
    assert any("Mean events by kind not within 15 % of the record, 10 of 10" in text for text in fails)
    assert not any(text.startswith(("Forecasts", "Simulated", "2020", "Natural")) for text in by_status(found, HOLDS))
    losses = {part.key: part for part in sections(loser)}["losses"]
    assert losses.paragraphs[1] == "In every target it is beaten somewhere."


def test_what_cannot_be_told_is_open(checked: Checked) -> None:
    even = replace(checked, forecasts=forecasts(), variants=variants({}))
    open_ones = by_status(findings(even), OPEN)
    assert sum(text.startswith("Variants") for text in open_ones) == len(VARIANTS) - 1
    assert any("not resolved" in text for text in open_ones)


def test_findings_are_ordered_by_what_they_say(checked: Checked) -> None:
    order = [one.status for one in findings(checked)]
    assert order == sorted(order, key=(FAILS, OPEN, HOLDS).index)
    assert len(set(order)) == 3


@pytest.mark.parametrize(("outside", "among", "more"), [(0, 3, False), (1, 3, False), (2, 3, True), (10, 100, False)])
def test_a_few_outside_are_chance(outside: int, among: int, more: bool) -> None:
    assert more_than_chance(outside, among) is more


def test_labels_within_sentences_keep_their_names() -> None:
    assert lowered(target_label("un_v_jihadists")).startswith("UN ")
    assert lowered(target_label("all")) == "all kinds"
