"""The commands that analyse and brief stored batches: what they write, and how they refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_samples import blocks_of, finished, tiny, without
from commands import fails_with, invoke
from pyarrow import parquet

from runs.batch.run import run_batch
from runs.batch.stored import open_batch
from runs.folders import MANIFEST, check_files


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("runs.studies.brief.chromium", lambda: None)
    with blocks_of():
        yield


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with blocks_of():
        return finished(tmp_path_factory.mktemp("studies") / "store")


def test_analyse_writes_rows_a_figure_and_paragraphs_of_each_study(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "analysis"
    result = invoke("analyse", store, "--out", out)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == f"all tables and figures: {out / 'report.html'}"
    manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    check_files(out, manifest)
    studies = manifest["request"]["studies"]
    assert {"paired", "grid", "break-even"} <= set(studies)
    for name in studies:
        assert (out / f"{name}.md").read_text(encoding="utf-8").strip()
    assert parquet.read_table(out / "paired.parquet").num_rows > 0
    assert (out / "paired.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "paired.svg").read_text(encoding="utf-8").startswith("<svg")


def test_an_earlier_analysis_is_replaced_and_anything_else_is_not(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "analysis"
    for study in ("paired", "grid"):
        assert invoke("analyse", store, "--study", study, "--out", out).exit_code == 0
    assert not (out / "paired.md").exists()
    (out / "notes.txt").write_text("mine")
    fails_with(invoke("analyse", store, "--out", out), "notes.txt")
    assert (out / "notes.txt").read_text() == "mine"


def test_a_study_that_does_not_fit_is_refused_with_those_that_do(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "analysis"
    fails_with(
        invoke("analyse", store, "--study", "sobol", "--out", out), "--study: tiny can be studied by paired", "'sobol'"
    )
    assert not out.exists()


def test_brief_writes_one_page_with_the_file_of_the_experiment(store: Path, tmp_path: Path) -> None:
    result = invoke("brief", store, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"written: {tmp_path / 'brief.html'}\n"
    page = (tmp_path / "brief.html").read_text(encoding="utf-8")
    assert "Are batches what they say?" in page
    assert "mobile companies" in page


@pytest.mark.parametrize("command", ["analyse", "brief"])
def test_an_unfinished_batch_is_studied_only_if_asked_and_as_far_as_it_is_whole(tmp_path: Path, command: str) -> None:
    store = without(finished(tmp_path / "store"), 2)
    fails_with(invoke(command, store, "--out", tmp_path / "out"), "not finished: 2 of 3 blocks")
    result = invoke(command, store, "--out", tmp_path / "out", "--unfinished")
    assert result.exit_code == 0, result.output
    batch = open_batch(store, unfinished=True)
    assert batch.studied.design.draws == len(batch.studied.inputs) == batch.comparison().clock.shape[0] == 2
    assert batch.studied.design.points == batch.experiment.design.points[:2]


def test_the_first_points_of_many_draws_are_not_searched_for_boxes(tmp_path: Path) -> None:
    many = {"uncertainties": {"design": "draws", "draws": 60}, "levers__factorial": None}
    with blocks_of(8.0):
        run_batch(tiny(**many), tmp_path / "store", limit=24)
        result = invoke("analyse", tmp_path / "store", "--unfinished")
    assert result.exit_code == 0, result.output
    assert "these are the first 3 of 60 sets of parameters" in " ".join(result.stdout.split())
    assert not (tmp_path / "store" / "analysis" / "discovery.md").exists()


def test_one_whole_point_is_too_few(tmp_path: Path) -> None:
    store = without(finished(tmp_path / "store"), 1, 2)
    fails_with(invoke("analyse", store, "--unfinished"), "1 whole points: at least 2 are needed")
