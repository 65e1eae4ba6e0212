"""Forecast files: long form, whole or not at all, and the command that writes them, with cheap runs in the model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet
from typer.testing import CliRunner, Result

from abm.geography import CERCLES, ZONE_OF_CERCLE, ZONES
from abm.kinds import KINDS
from calibration import agent_forecast, forecast_file
from calibration.agent_forecast import AgentModel, Question, Run, runs_of
from calibration.cli import app
from calibration.errors import CalibrationError
from calibration.forecast_file import (
    ALL,
    COLUMNS,
    KINDS_IN_FILE,
    METADATA,
    MOST_DRAWS,
    MOST_FUTURES,
    MOST_MONTHS,
    about_forecast,
    as_table,
    check_size,
    checked_origin,
    forecast,
    read_about,
    summary,
    write_forecast,
)
from calibration.known_rates import LEAKS
from calibration.record_table import RECORDED_KINDS, month_name, month_number, recorded

Command = Callable[..., Result]
ORIGIN = month_number("2020-11")
VARIABLES = ("events", "deaths")


def made_up(draws: int = 4, months: int = 3) -> np.ndarray:
    """Draws by month, cercle and kind whose "all" is their sum: no two cells alike by chance."""
    by_kind = np.random.default_rng(1).integers(0, 50, (draws, months, 15, 12, 2)).astype(float)
    return np.concatenate([by_kind, by_kind.sum(axis=3, keepdims=True)], axis=3)


def cheap_run(model: AgentModel, question: Question, rates: Any, course: Any, draw: int, seed: int, tick: Any) -> Run:
    """Poisson counts around what is intended, one death an event, in place of a run of the model."""
    rng = np.random.default_rng(seed)
    share = question.intended / question.horizon / len(KINDS)
    events = rng.poisson(np.broadcast_to(share[None, :, None], (question.horizon, len(CERCLES), len(KINDS))))
    years = question.horizon / 12
    counts = np.stack([events, events], axis=-1).astype(float)
    return Run(counts, np.array(rates.observed) * years, np.array(rates.army_observed) * years)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in an empty folder, with cheap runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(AgentModel, "_one", cheap_run)
    monkeypatch.setattr("calibration.cli.warm_up", lambda: None)

    def invoke(*arguments: str | Path | int) -> Result:
        return CliRunner().invoke(app, ["forecast", *map(str, arguments)])

    return invoke


def fails_with(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr
    assert "Traceback" not in result.stderr


# --- the long form --------------------------------------------------------------------------------------------------


def test_the_long_form_is_complete_and_in_order() -> None:
    draws = made_up()
    table = as_table(draws, ORIGIN, {"a": 1})
    assert tuple(table.column_names) == COLUMNS
    frame = table.to_pandas()
    assert len(frame) == draws.size
    assert not frame.duplicated(list(COLUMNS[:-1])).any()
    assert frame["month"].unique().tolist() == ["2020-11", "2020-12", "2021-01"]
    for name, words in (("cercle", CERCLES), ("variable", VARIABLES), ("kind", KINDS_IN_FILE)):
        assert isinstance(frame[name].dtype, pd.CategoricalDtype)
        assert frame[name].cat.categories.tolist() == list(words)
    ordered = frame.sort_values(["month", "cercle", "variable", "kind", "draw"], kind="stable")
    assert ordered.index.tolist() == list(range(len(frame)))
    assert frame["outcome"].dtype == np.int64
    assert table.column("draw").null_count == 0


def test_every_outcome_is_that_of_its_cell() -> None:
    draws = made_up()
    frame = as_table(draws, ORIGIN, {}).to_pandas()
    cells = frame.set_index(list(COLUMNS[:-1]))["outcome"]
    assert np.array_equal(
        cells.to_numpy().reshape(3, 15, 2, 13, 4), np.moveaxis(draws, (1, 2, 4, 3, 0), (0, 1, 2, 3, 4))
    )
    here = (3, 1, CERCLES.index("Koro"), KINDS_IN_FILE.index("militia_v_militia"), 1)
    assert cells["2020-12", "Koro", "deaths", "militia_v_militia", 3] == draws[here]


def test_all_is_the_sum_of_kinds_draw_by_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AgentModel, "_one", cheap_run)
    draws = forecast(ORIGIN, 2, 12, workers=1)
    assert draws.shape == (12, 2, 15, 13, 2)
    frame = as_table(draws, ORIGIN, {}).to_pandas().astype({"kind": str})
    keys = ["month", "cercle", "variable", "draw"]
    whole = frame[frame["kind"] == ALL].set_index(keys)["outcome"]
    parts = frame[frame["kind"] != ALL].groupby(keys, observed=True)["outcome"].sum()
    assert set(frame["kind"]) == {*RECORDED_KINDS, ALL}
    assert whole.sort_index().equals(parts.sort_index())
    assert whole.sum() > 0


def test_a_written_file_is_read_by_pandas_and_says_what_made_it(tmp_path: Path) -> None:
    draws, out = made_up(), tmp_path / "new" / "f.parquet"
    about = about_forecast(ORIGIN, 3, 4, recorded())
    write_forecast(draws, ORIGIN, about, out)
    assert [path.name for path in out.parent.iterdir()] == ["f.parquet"]
    frame = pd.read_parquet(out)
    assert tuple(frame.columns) == COLUMNS
    assert frame["outcome"].sum() == draws.sum()
    assert read_about(out) == json.loads(json.dumps(about))
    assert json.loads(parquet.read_schema(out).metadata[METADATA]) == read_about(out)


def test_metadata_name_the_record_the_versions_and_the_leaks() -> None:
    about = about_forecast(ORIGIN, 3, 500, recorded())
    assert (about["from"], about["months"], about["draws"]) == ("2020-11", 3, 500)
    assert about["pooled_over_2017_2020"] == list(LEAKS)
    assert about["kinds"] == list(KINDS_IN_FILE)
    assert "ACLED" in about["source"]
    assert len(about["provenance"]["source_fingerprint"]) >= 16
    assert about["record_sha256"] == recorded().before(ORIGIN).fingerprint()
    later = about_forecast(ORIGIN + 1, 3, 500, recorded())
    assert later["record_sha256"] != about["record_sha256"]
    assert later["provenance"]["scenario_hash"] != about["provenance"]["scenario_hash"]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "f.parquet"
    out.write_bytes(b"mine")

    def half(table: Any, path: Path, **_options: Any) -> None:
        Path(path).write_bytes(b"PAR1 half")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(parquet, "write_table", half)
    with pytest.raises(OSError, match=r"No space left on device: .*f\.parquet") as error:
        write_forecast(made_up(), ORIGIN, {}, out)
    assert error.value.filename == str(out)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("f.parquet", b"mine")]


# --- what is asked --------------------------------------------------------------------------------------------------


def test_every_month_from_which_enough_is_recorded_is_accepted() -> None:
    for month in range(month_number("2018-07"), month_number("2021-01") + 1):
        assert checked_origin(month_name(month)) == month
        assert recorded().before(month).months >= 18


@pytest.mark.parametrize("text", ["2018-06", "2021-02", "2017-01", "2035-12"])
def test_other_months_are_refused(text: str) -> None:
    with pytest.raises(CalibrationError, match=rf"--from: expected a month from 2018-07 to 2021-01.*{text}"):
        checked_origin(text)


@pytest.mark.parametrize("text", ["2018-13", "July 2019", "", "2019-7", "2019-07-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(CalibrationError, match=r"--from: .*expected"):
        checked_origin(text)


@pytest.mark.parametrize(
    ("months", "draws", "words"),
    [
        (1, 499, r"--draws: expected 500 to 10000 \(found 499\)"),
        (1, MOST_DRAWS + 1, "--draws"),
        (1, -500, "--draws"),
        (0, 500, r"--months: expected 1 to 36 \(found 0\)"),
        (MOST_MONTHS + 1, 500, "--months"),
    ],
)
def test_sizes_out_of_bounds_are_refused(months: int, draws: int, words: str) -> None:
    check_size(1, 500)
    check_size(MOST_MONTHS, MOST_FUTURES // MOST_MONTHS)
    check_size(MOST_FUTURES // MOST_DRAWS, MOST_DRAWS)
    with pytest.raises(CalibrationError, match="outgrows memory"):
        check_size(MOST_MONTHS, MOST_DRAWS)
    with pytest.raises(CalibrationError, match=words):
        check_size(months, draws)


# --- the summary ----------------------------------------------------------------------------------------------------


def test_the_summary_has_medians_and_intervals_of_sums() -> None:
    draws = made_up(draws=101)
    section = summary(draws, ORIGIN)
    rows = {row[0]: row[1:] for row in section.tables[0].rows}
    assert list(rows) == [*ZONES, "all"]
    plateau = [c for c, zone in enumerate(ZONE_OF_CERCLE) if zone == 0]
    events = np.sort(draws[:, :, plateau][..., :12, 0].sum(axis=(1, 2, 3)))
    assert rows[ZONES[0]][0] == f"{events[50]:,.0f} ({events[5]:,.0f} to {events[95]:,.0f})"
    deaths = np.sort(draws[:, :, :, :12, 1].sum(axis=(1, 2, 3)))
    assert rows["all"][1].startswith(f"{deaths[50]:,.0f} (")
    text = " ".join(section.paragraphs)
    assert "101 equally likely futures of 2020-11 to 2021-01" in text
    assert all(leak in text for leak in LEAKS)


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_writes_a_forecast_from_end_to_end(command: Command, tmp_path: Path) -> None:
    result = command("--out", "new/f.parquet", "--from", "2020-11", "--months", 2, "--workers", 1)
    assert (result.exit_code, result.stderr) == (0, "")
    frame = pd.read_parquet(tmp_path / "new" / "f.parquet")
    assert len(frame) == 2 * 15 * 2 * 13 * 500
    assert f"written: new/f.parquet, {len(frame):,} rows" in result.stdout
    assert "500 equally likely futures of 2020-11 to 2020-12" in result.stdout
    assert frame["draw"].nunique() == 500
    assert (frame["outcome"] >= 0).all()
    assert read_about(tmp_path / "new" / "f.parquet")["from"] == "2020-11"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["f.parquet"]

    # It is not replaced unasked, and replaced by the same numbers when asked.
    before = (tmp_path / "new" / "f.parquet").read_bytes()
    again = ("--out", "new/f.parquet", "--from", "2020-11", "--months", 2, "--workers", 2)
    fails_with(command(*again), "new/f.parquet: exists", "--overwrite")
    assert (tmp_path / "new" / "f.parquet").read_bytes() == before
    assert command(*again, "--overwrite").exit_code == 0
    assert pd.read_parquet(tmp_path / "new" / "f.parquet").equals(frame)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "f.csv"], ["--out: f.csv", "expected a name that ends in .parquet"]),
        (["--out", "f.parquet", "--from", "2018-06"], ["--from: expected a month from 2018-07 to 2021-01"]),
        (["--out", "f.parquet", "--from", "2021-02"], ["--from: expected a month from 2018-07 to 2021-01"]),
        (["--out", "f.parquet", "--from", "spring"], ["--from:", "spring"]),
        (["--out", "f.parquet", "--draws", "499"], ["--draws: expected 500 to 10000 (found 499)"]),
        (["--out", "f.parquet", "--months", "0"], ["--months: expected 1 to 36 (found 0)"]),
        (["--out", "folder.parquet", "--overwrite"], ["folder.parquet: is no regular file"]),
        (["--out", "taken.parquet/f.parquet"], ["taken.parquet", "nothing was written"]),
        (["--out", "taken.parquet"], ["taken.parquet: exists", "--overwrite"]),
    ],
)
def test_bad_input_is_one_clear_message_before_any_run(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: list[str]
) -> None:
    (tmp_path / "folder.parquet").mkdir()
    (tmp_path / "taken.parquet").write_text("mine")
    ran = []
    monkeypatch.setattr(forecast_file, "forecast", lambda *_: ran.append(1) or made_up())
    fails_with(command(*arguments), *words)
    assert not ran or "taken.parquet/f.parquet" in arguments
    assert {path.name for path in tmp_path.iterdir()} == {"folder.parquet", "taken.parquet"}
    assert (tmp_path / "taken.parquet").read_text() == "mine"


def test_an_interrupt_leaves_nothing(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def stopped(*arguments: Any) -> Run:
        asked.append(1)
        if len(asked) == 5:
            raise KeyboardInterrupt
        return cheap_run(*arguments)

    monkeypatch.setattr(AgentModel, "_one", stopped)
    result = command("--out", "f.parquet", "--months", 1, "--workers", 1)
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == "interrupted; nothing was written\n"
    assert list(tmp_path.iterdir()) == []


def test_progress_announces_as_many_runs_as_are_done(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import contextmanager

    announced, done = [], []

    @contextmanager
    def progress(_what: str, total: int) -> Any:
        announced.append(total)
        yield lambda: done.append(1)

    monkeypatch.setattr("runs.terminal.progress", progress)
    assert command("--out", "f.parquet", "--months", 1, "--workers", 1).exit_code == 0
    assert announced == [len(done)] == [runs_of(500)]
    assert len(done) - 500 == agent_forecast.ROUNDS * agent_forecast.TRIALS
