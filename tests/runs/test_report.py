"""The folder of a comparison: tidy data, figures and a page that needs nothing else."""

from __future__ import annotations

import errno
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pages import Page
from pyarrow import parquet
from rich.console import Console

from abm.declarations import declarations
from abm.geography import CERCLES
from abm.parameters import Parameters
from abm.views.words import say
from runs.check2020 import Check, against_record, observed
from runs.compare import Comparison
from runs.design import TREATED
from runs.folders import ResultError, check_files, read_manifest
from runs.outcomes import MEASURES
from runs.report import (
    ON_TERMINAL,
    check_target,
    comparison_provenance,
    draw_figures,
    for_terminal,
    render,
    sections,
    svg_of,
    write_comparison,
)
from runs.sections import Section, Table
from runs.terminal import show

Invent = Callable[..., Comparison]


@pytest.fixture(scope="module")
def check() -> Check:
    record, _ = observed()
    return against_record(np.random.default_rng(1).poisson(record, (40, *record.shape)))


@pytest.fixture(scope="module")
def folder(comparison: Comparison, check: Check, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small real comparison on disk."""
    out = tmp_path_factory.mktemp("results") / "compare"
    write_comparison(comparison, check, out)
    return out


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_the_folder_is_whole(folder: Path) -> None:
    manifest = read_manifest(folder, "comparison")
    check_files(folder, manifest)
    tables = ("outcomes", "differences", "timeline", "draws", "rings", "spending", "check-2020")
    expected = {f"{n}.parquet" for n in tables}
    figures = ("comparison", "timeline", "acceptability", "check-2020")
    expected |= {f"{n}.{end}" for n in figures for end in ("svg", "png")}
    assert set(manifest["files"]) == expected | {"report.html", "questions.md"}
    assert manifest["arms"][0]["name"] == "baseline-2021"
    assert manifest["request"]["draws"] == 3


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
    assert page.tags.count("svg") == 4


def test_the_page_opens_with_the_answers_and_then_where_the_model_does_badly(page: Page) -> None:
    titles = [
        "The four questions",
        "What the runs say",
        "Where the model does badly: 2020 again",
        "Differences from the control",
    ]
    body = page.text[page.text.rindex("Provenance", 0, len(page.text) // 4) :]  # after the list of parts
    places = [body.index(title) for title in titles]
    assert places == sorted(places)
    answer = body[: places[2]]
    for question in ("personnel?", "operation?", "strategy?", "cost?"):
        assert question in body[: places[1]]
    assert say("caveat") in answer
    assert "With extra TOBs: attacks on civilians" in answer
    assert "hypothetical" in answer
    assert "was not fitted to data" in answer
    assert "3 sets of parameters" in answer
    assert "This comparison covers only: Bankass and Mopti." in answer
    assert "a first look, no finding" in answer


def test_every_parameter_and_its_mark_is_on_the_page(page: Page) -> None:
    for name, declaration in declarations(Parameters).items():
        assert name in page.text
        assert declaration.meaning in page.text
    for mark in "●◐○":
        assert mark in page.text


def test_provenance_is_on_the_page(folder: Path, page: Page) -> None:
    about = read_manifest(folder, "comparison")["provenance"]
    for name in ("scenario_hash", "parameter_hash", "math_fingerprint", "source_fingerprint", "numpy"):
        assert str(about[name]) in page.text


def test_not_resolved_is_written_out(invent: Invent, check: Check) -> None:
    null = sections(invent(factors=(0.5, 0.5, 0.5, 0.5), draws=6), check)
    differences = next(part for part in null if part.key == "differences")
    verdicts = [row[-1] for table in differences.tables for row in table.rows]
    assert verdicts.count("not resolved") > 0.7 * len(verdicts)
    strong = next(part for part in sections(invent(), check) if part.key == "differences")
    assert {row[-1] for table in strong.tables for row in table.rows} == {"fewer"}


def test_parts_are_those_that_there_is_something_to_say_about(invent: Invent, check: Check) -> None:
    comparison = invent(draws=4)
    keys = [part.key for part in sections(comparison, check)]
    assert keys == [
        "questions", "answer", "check", "levers", "differences", "interaction", "calendar", "arrivals", "done", "rings",
        "precision", "rests", "inputs",
    ]  # fmt: skip
    assert "check" not in [part.key for part in sections(comparison, None)]
    costed = [part.key for part in sections(invent(draws=4, cost=1e6), None)]
    assert {"cost", "money"} <= set(costed)
    alone = [part.key for part in sections(invent(draws=4, arms=["no-un"], factors=(1.0, 0.9)), None)]
    assert not {"interaction", "rings", "cost", "money"} & set(alone)


def test_a_terminal_shows_the_answers_and_the_long_run(invent: Invent, check: Check) -> None:
    parts = sections(invent(draws=4, cost=1e6), check)
    shown = for_terminal(parts)
    assert [part.key for part in shown] == [key for key in ON_TERMINAL if key != "structure"]
    (table,) = next(part for part in shown if part.key == "differences").tables
    assert table.caption == "First 36 months"
    assert len(next(part for part in parts if part.key == "differences").tables) == 3


def test_questions_are_kept_as_text(folder: Path) -> None:
    text = (folder / "questions.md").read_text(encoding="utf-8")
    assert "\n\n**What type of personnel?** " in text
    assert "\n\n**At what cost?** " in text
    assert text.count("**") == 8


def test_long_tables_are_folded(page: Page) -> None:
    assert page.tags.count("details") == page.tags.count("summary") >= 5


def test_many_arms_have_a_panel_each(invent: Invent) -> None:
    few = draw_figures(invent(draws=4, cost=1e6), None, "x")
    many = draw_figures(invent(draws=4, cost=1e6, arms=TREATED, factors=(1.0, *[0.8] * 7)), None, "x")
    assert len(few["timeline"].axes) == 2
    assert len(many["timeline"].axes) == 2 * 7
    assert (len(few["acceptability"].axes), len(many["acceptability"].axes)) == (2, 5)


def test_bases_that_never_open_are_said(invent: Invent) -> None:
    answer = sections(invent(draws=4, clock=-1), None)[1]
    assert "No extra base opens in any run" in answer.paragraphs[0]


def test_the_headline_names_the_window_of_the_cost(invent: Invent) -> None:
    text = " ".join(sections(invent(factors=(0.8, 0.8, 0.8, 0.8), draws=4, cost=1e6), None)[1].paragraphs)
    assert "by then, counted from the first day of the run" in text


def test_a_cost_row_never_bounds_what_may_be_zero(invent: Invent) -> None:
    weak = sections(invent(factors=(0.8, 0.79, 0.8, 0.8), draws=8, cost=1e6), None)
    part = next(part for part in weak if part.key == "cost")
    rows = [row for table in part.tables[::2] for row in table.rows]
    crossing = [row for row in rows if row[6].startswith("\u2212")]
    assert crossing
    assert all("not resolved" in row[7] for row in crossing)


def test_prices_of_civilian_work_are_said_to_be_assumed(invent: Invent) -> None:
    parts = sections(invent(draws=4, cost=1e6), None)
    for key in ("answer", "cost", "money"):
        paragraphs = next(part for part in parts if part.key == key).paragraphs
        assert "services cost is an assumption" in " ".join(paragraphs)
    alone = invent(draws=4, arms=["extra-tobs"], factors=(1.0, 0.8))
    assert "is an assumption" not in " ".join(sections(alone, None)[1].paragraphs)


def test_identical_arms_show_no_difference(invent: Invent) -> None:
    parts = {part.key: part for part in sections(invent(factors=(1.0, 1.0, 1.0, 1.0), cost=1e6), None)}
    assert {row[-1] for table in parts["differences"].tables for row in table.rows} == {"no difference"}
    assert {row[-1] for row in parts["interaction"].tables[0].rows} == {"none"}
    assert {row[7] for row in parts["cost"].tables[0].rows} == {"no death averted"}
    answer = " ".join(parts["answer"].paragraphs)
    assert "attacks on civilians no difference" in answer
    assert "not resolved" not in answer


def test_few_draws_mark_every_verdict_and_the_figure(invent: Invent) -> None:
    few, enough = invent(draws=4), invent()
    for comparison, mark in ((few, True), (enough, False)):
        parts = {part.key: part for part in sections(comparison, None)}
        rows = [row for key in ("differences", "calendar") for table in parts[key].tables for row in table.rows]
        assert {row[-1] for row in rows if row[-1] != "not resolved"} == {"fewer (first look)" if mark else "fewer"}
        picture = svg_of(draw_figures(comparison, None, "x")["comparison"])
        assert ("First look: 4 sets of parameters" in picture) == mark
        assert ("90 %" in picture.replace("\u202f", " ").replace("\u00a0", " ")) != mark


def test_what_is_outside_the_range_comes_first(invent: Invent) -> None:
    record, _ = observed()
    runs = np.random.default_rng(1).poisson(record, (200, *record.shape))
    runs[:, 1, :, CERCLES.index("Koro")] += 100
    wrong = against_record(runs)
    part = sections(invent(draws=4), wrong)[2]
    outside = ["record outside the range" in text for text in part.paragraphs[:-1]]
    assert outside == sorted(outside, reverse=True)
    assert any(outside)
    for table, by in zip(part.tables, ("kind", "cercle"), strict=True):
        marks = ["outside" in (row[5], row[10]) for row in table.rows]
        assert marks == sorted(marks, reverse=True), by


def test_outcomes_are_tidy(folder: Path, comparison: Comparison) -> None:
    table = parquet.read_table(folder / "outcomes.parquet").to_pandas()
    assert len(table) == 8 * 3 * 2 * len(comparison.windows) * len(MEASURES)
    assert not table.duplicated(["arm", "draw", "seed", "window", "outcome"]).any()
    one = table[(table.arm == "extra-tobs") & (table.window == "months-6") & (table.outcome == "events")]
    expected = comparison.values["extra-tobs", "months-6", "events"]
    assert np.array_equal(one.sort_values(["draw", "seed"])["value"].to_numpy().reshape(3, 2), expected)
    assert parquet.read_metadata(folder / "outcomes.parquet").metadata[b"sector_centre.seed"] == b"0"


def test_differences_can_be_computed_from_outcomes(folder: Path) -> None:
    outcomes = parquet.read_table(folder / "outcomes.parquet").to_pandas()
    means = outcomes.groupby(["arm", "window", "outcome"])["value"].mean()
    for row in parquet.read_table(folder / "differences.parquet").to_pylist():
        expected = (
            means[row["arm"], row["window"], row["outcome"]] - means[row["control"], row["window"], row["outcome"]]
        )
        assert row["difference"] == pytest.approx(expected, rel=1e-12, abs=1e-9)
        assert row["effect_low"] <= row["difference"] <= row["effect_high"]


def test_spending_adds_up_to_the_cost_of_each_arm(folder: Path) -> None:
    spent = parquet.read_table(folder / "spending.parquet").to_pandas()
    differences = parquet.read_table(folder / "differences.parquet").to_pandas()
    costs = differences[(differences.window == "start-to-month-6") & (differences.outcome == "total_cost")]
    by_arm = spent[spent.by == "item"].groupby("arm")["usd"].sum()
    assert by_arm.to_dict() == pytest.approx(costs.set_index("arm")["difference"].to_dict())


def test_draws_name_every_parameter(folder: Path, comparison: Comparison) -> None:
    rows = parquet.read_table(folder / "draws.parquet").to_pylist()
    assert [row["draw"] for row in rows] == [0, 1, 2]
    assert set(declarations(Parameters)) < set(rows[0])
    assert rows[1]["delta_un"] == comparison.design.parameters(1).delta_un


def test_pictures_are_pictures(folder: Path) -> None:
    for name in ("comparison", "timeline", "acceptability", "check-2020"):
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        svg = (folder / f"{name}.svg").read_text()
        assert svg.startswith("<svg")
        assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", svg)


def test_the_same_comparison_gives_the_same_files(
    comparison: Comparison, check: Check, folder: Path, tmp_path: Path
) -> None:
    write_comparison(comparison, check, tmp_path / "again")
    first, again = (read_manifest(f, "comparison")["files"] for f in (folder, tmp_path / "again"))
    assert first["comparison.svg"] == again["comparison.svg"]
    assert first.keys() == again.keys()
    for name in ("outcomes", "differences", "timeline", "draws", "rings", "spending"):
        tables = [parquet.read_table(f / f"{name}.parquet") for f in (folder, tmp_path / "again")]
        assert tables[0].equals(tables[1])


def test_another_comparison_is_refused_before_anything_runs(folder: Path, comparison: Comparison) -> None:
    check_target(folder, comparison.design, 40)
    with pytest.raises(ResultError, match="another result"):
        check_target(folder, comparison.design, 41)
    check_target(folder, comparison.design, 41, overwrite=True)


def test_no_space_leaves_nothing(comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("runs.report.render", full)
    with pytest.raises(OSError, match="No space"):
        write_comparison(comparison, None, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_titles_of_scenarios_cannot_inject_markup(comparison: Comparison) -> None:
    evil = comparison.design.control.model_copy(update={"title": "<script>alert(1)</script> & co"})
    parts = [Section("a", "<b>", ("<i>",), (Table(("<u>",), (("<s>",),)),))]
    text = render(replace(comparison.design, control=evil), parts, {}, comparison_provenance(comparison.design))
    page = Page(text)
    assert not {"script", "b", "i", "u", "s"} & set(page.tags)
    assert "<script>alert(1)</script> & co" in page.text


def test_the_terminal_shows_every_part(invent: Invent, check: Check) -> None:
    console = Console(record=True, width=140, file=io.StringIO())
    parts = sections(invent(draws=4, cost=1e6), check)
    show(parts, console)
    text = console.export_text()
    for part in parts:
        assert part.title in text
    assert "\u202f" not in text
    assert "not resolved" in text
    assert say("caveat")[:40] in text
