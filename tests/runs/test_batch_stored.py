"""Stored batches as researchers read them: frames with inputs, one outcome, DuckDB, pandas, and unfinished ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from batch_samples import FACTOR, TINY_BLOCKS, TINY_RUNS, assert_same, blocks_of, finished, tiny, without
from pyarrow import dataset, parquet

import runs
from abm.kinds import KINDS
from runs.batch.experiment import ExperimentError
from runs.batch.run import run_batch
from runs.batch.stored import KEYS, Batch
from runs.compare import Comparison, compare
from runs.folders import MANIFEST, ResultError
from runs.outcomes import COURSES, MEASURES
from runs.rings import RINGS

INPUTS = ["run", "arm", "point", "seed", "companies", "draw", "delta_un"]
WINDOWS = ("months-1", "months-2", "start-to-month-1", "start-to-month-2")


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Iterator[None]:
    with blocks_of():
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished(tmp_path_factory.mktemp("stored") / "store")


@pytest.fixture(scope="module")
def batch(folder: Path) -> Batch:
    return runs.load(folder)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(tiny().design)


# --- frames ---------------------------------------------------------------------------------------------------------


def test_one_row_for_each_run_and_window_with_its_inputs_in_front(batch: Batch) -> None:
    frame = batch.runs
    assert list(frame.columns[: len(INPUTS)]) == INPUTS
    assert set(frame.columns) == {*INPUTS, *KEYS, *MEASURES}
    assert len(frame) == TINY_RUNS * len(WINDOWS)
    assert not frame.duplicated(["run", "window"]).any()
    assert not frame.duplicated(["arm", "point", "seed", "window"]).any()
    assert list(frame["run"]) == [run for run in range(TINY_RUNS) for _ in WINDOWS]
    experiment = batch.experiment
    names = [arm.name for arm in experiment.arms]
    for row in frame.to_dict("records"):
        assert row["run"] == (row["point"] * 4 + row["seed"]) * 4 + names.index(row["arm"])
        assert row["run_seed"] == experiment.design.run_seed(row["point"], row["seed"])
        assert row["delta_un"] == experiment.inputs[row["point"], 0]
        assert row["draw"] == experiment.design.number(row["point"])
        levels = experiment.levels.get(row["arm"], {})
        assert row["companies"] == levels["companies"] if levels else np.isnan(row["companies"])


def test_values_are_those_of_the_comparison(batch: Batch, comparison: Comparison) -> None:
    frame = batch.runs.set_index(["arm", "window", "point", "seed"]).sort_index()
    for arm, window in product([a.name for a in batch.experiment.arms], comparison.windows):
        rows = frame.loc[(arm, window)]
        for key in MEASURES:
            assert rows[key].to_numpy().reshape(3, 4).tolist() == comparison.values[arm, window, key].tolist()


def test_no_factor_takes_the_place_of_another_column(folder: Path) -> None:
    """Columns of one word, as a factor's name could be: every one of every table is refused."""
    names = {
        name
        for table in folder.iterdir()
        if table.is_dir()
        for part in table.glob("part-00000.parquet")
        for name in parquet.read_schema(part).names
    } | set(parquet.read_schema(folder / "points.parquet").names)
    words = sorted(name for name in {*names, "arm", "title"} if "_" not in name)
    assert {"run", "deaths", "troops", "ring", "draw", "cercle", "rotation"} < set(words)
    for name in words:
        with pytest.raises(ExperimentError, match=rf"name: '{name}' is the name of a column of every batch"):
            tiny(levers__factorial__factors=[{**FACTOR, "name": name}])


def test_days_of_windows_are_dates(batch: Batch) -> None:
    frame = batch.runs
    month = frame[frame["window"] == "months-1"]
    assert set(month["first_day"].astype(str)) == {"2021-01-01"}
    assert set(month["last_day"].astype(str)) == {"2021-01-31"}
    assert month["clock_zero"].isna().all()  # no base opens in two months
    assert month["first_base"].isna().all()


def test_other_frames_have_inputs_too(batch: Batch, comparison: Comparison) -> None:
    for frame in (batch.monthly, batch.courses, batch.rings, batch.events):
        assert list(frame.columns[: len(INPUTS)]) == INPUTS
        assert list(frame["run"]) == sorted(frame["run"])
    assert set(batch.rings["arm"].unique()) == set(batch.experiment.levels)  # those that may have extra bases
    assert list(batch.rings["ring"][: len(RINGS)]) == list(RINGS)
    courses = batch.courses
    assert not courses.duplicated(["run", "month"]).any()
    of_control = courses[(courses["arm"] == "small") & (courses["month"].astype(str) < "2021-03")]
    for key in COURSES:
        found = of_control[key].to_numpy().reshape(comparison.courses["small", key].shape)
        assert found.tolist() == comparison.courses["small", key].tolist()


def test_months_and_outcomes_are_counted_from_the_same_events(batch: Batch) -> None:
    events, monthly, outcomes = batch.events, batch.monthly, batch.runs
    happened = events[events["outcome"].astype(str) != "prevented"]
    both = happened.groupby("run").agg(events=("run", "size"), deaths=("deaths", "sum"))
    summed = monthly.groupby("run")[["events", "deaths"]].sum()
    assert both.astype(int).equals(summed.astype(int))
    whole = outcomes[outcomes["window"] == "start-to-month-2"].set_index("run")
    assert whole.loc[both.index, "deaths"].tolist() == both["deaths"].tolist()
    assert set(monthly["kind"].astype(str)) <= set(KINDS)
    assert set(monthly["cercle"].astype(str)) == {"Koro"}
    assert monthly["month"].astype(str).isin(["2021-01-01", "2021-02-01"]).all()


def test_an_outcome_reads_only_what_it_needs(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    to_table = dataset.FileSystemDataset.to_table

    class Watched:
        def __init__(self, inner: object) -> None:
            self.inner = inner

        def to_table(self, **how: object) -> object:
            asked.append(list(how["columns"]))  # type: ignore[call-overload]
            return to_table(self.inner, **how)

    make = dataset.dataset
    monkeypatch.setattr(dataset, "dataset", lambda *given, **how: Watched(make(*given, **how)))
    found = batch.outcome("expected_civilian_deaths", "months-2")
    assert asked == [[*KEYS, "expected_civilian_deaths"]]
    everything = batch.runs[batch.runs["window"] == "months-2"].reset_index(drop=True)
    assert list(found.columns) == [*INPUTS, *KEYS[4:], "expected_civilian_deaths"]
    pd.testing.assert_frame_equal(found, everything[found.columns], check_exact=True)


def test_unknown_outcomes_and_windows_are_named(batch: Batch) -> None:
    with pytest.raises(ResultError, match=r"^outcome: expected one of civilian_attacks, .* \(found 'grief'\)$"):
        batch.outcome("grief")
    with pytest.raises(ResultError, match=r"^window: .*'months-99'"):
        batch.outcome("deaths", "months-99")
    assert len(batch.outcome("deaths")) == TINY_RUNS * len(WINDOWS)


def test_events_that_were_not_kept_say_how_to_keep_them(tmp_path: Path) -> None:
    with blocks_of():
        run_batch(tiny(outcomes__events=False), tmp_path / "store", limit=1)
    with pytest.raises(ResultError, match=r"events were not kept; set `events = true` under \[outcomes\]"):
        _ = runs.load(tmp_path / "store", unfinished=True).events


def test_arms_and_points_are_frames(batch: Batch) -> None:
    assert list(batch.arms["arm"]) == [arm.name for arm in batch.experiment.arms]
    assert list(batch.points["delta_un"]) == batch.experiment.inputs[:, 0].tolist()
    assert (batch.complete, batch.blocks) == (True, tuple(range(TINY_BLOCKS)))
    assert batch.provenance.seed == batch.experiment.design.seed


# --- other programs -------------------------------------------------------------------------------------------------


def test_duckdb_reads_the_parts(folder: Path, batch: Batch) -> None:
    query = f"""
        select r.run, a.companies, p.delta_un, r.expected_civilian_deaths
        from '{folder}/runs/*.parquet' r
        join '{folder}/arms.parquet' a using (arm) join '{folder}/points.parquet' p using (point)
        where r."window" = 'months-2' order by run
    """
    found = duckdb.sql(query).df()
    ours = batch.outcome("expected_civilian_deaths", "months-2")
    for column in ("run", "companies", "delta_un", "expected_civilian_deaths"):
        assert np.array_equal(found[column].to_numpy(float), ours[column].to_numpy(float), equal_nan=True)
    for table in ("monthly", "courses", "rings", "events"):
        ((count,),) = duckdb.sql(f"select count(*) from '{folder}/{table}/*.parquet'").fetchall()
        assert count == len(getattr(batch, table)) > 0


def test_pandas_reads_the_folder_of_a_table(folder: Path, batch: Batch) -> None:
    for table in ("runs", "monthly", "courses", "rings", "events"):
        frame = pd.read_parquet(folder / table)
        assert len(frame) == len(getattr(batch, table))
    frame = pd.read_parquet(folder / "runs", columns=["run", "window", "deaths"])
    assert frame["deaths"].tolist() == batch.runs["deaths"].tolist()


def test_parts_of_a_table_have_one_layout(folder: Path, batch: Batch) -> None:
    for table in batch.store.tables:
        layouts = {str(parquet.read_schema(path)) for path in (folder / table).glob("*.parquet")}
        assert len(layouts) == 1


# --- unfinished and damaged -----------------------------------------------------------------------------------------


def test_an_unfinished_batch_is_refused_unless_asked_for(tmp_path: Path, comparison: Comparison) -> None:
    store = without(finished(tmp_path / "store"), 2)
    with pytest.raises(ResultError, match=r"not finished: 2 of 3 blocks are there; .*unfinished=True$"):
        runs.load(store)
    batch = runs.load(store, unfinished=True)
    assert (batch.blocks, batch.complete, batch.whole_points) == ((0, 1), False, 2)
    assert len(batch.runs) == 40 * len(WINDOWS)
    part = batch.comparison()
    assert (part.design.draws, part.design.whole) == (2, 3)
    assert [arm.name for arm in part.design.arms] == [arm.name for arm in comparison.design.arms]
    assert_same(part, compare(comparison.design.part(2)))
    for key, values in part.values.items():
        assert values.tolist() == comparison.values[key][:2].tolist()


def test_a_gap_ends_the_points_that_are_whole(tmp_path: Path) -> None:
    store = without(finished(tmp_path / "store"), 1)
    batch = runs.load(store, unfinished=True)
    assert (batch.blocks, batch.whole_points) == ((0, 2), 1)
    with pytest.raises(ResultError, match=r"store: 1 whole points: at least 2 are needed; run the batch on$"):
        batch.comparison()
    assert sorted(set(batch.runs["run"])) == [*range(20), *range(40, 48)]


def test_a_batch_without_any_block_is_one_error(tmp_path: Path) -> None:
    batch = runs.load(without(finished(tmp_path / "store"), 0, 1, 2), unfinished=True)
    assert batch.whole_points == 0
    for read in (lambda: batch.runs, lambda: batch.outcome("deaths"), batch.comparison):
        with pytest.raises(ResultError, match=r"store: (no block is there yet|0 whole points)"):
            read()


@pytest.mark.parametrize("unfinished", [True, False])
def test_a_part_that_is_damaged_is_named_with_the_remedy(tmp_path: Path, unfinished: bool) -> None:
    for hurt in (lambda path: path.write_bytes(path.read_bytes()[:50]), Path.unlink):
        store = finished(tmp_path / str(hurt))
        part = store / "courses" / "part-00001.parquet"
        hurt(part)
        with pytest.raises(ResultError, match=rf"^{part}: .*; `sector-centre verify {store} --repair` makes it again$"):
            runs.load(store, unfinished=unfinished)


def test_parts_that_hold_other_runs_than_the_manifest_says_are_no_comparison(tmp_path: Path) -> None:
    store = finished(tmp_path / "store")
    manifest = json.loads((store / MANIFEST).read_text())
    manifest["request"]["plan"]["block"] = 6  # two parts of five replicates each pass for all twelve
    (store / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(
        ResultError, match=rf"^{store}/runs: expected 48 runs, found 40: .*`sector-centre verify {store}`$"
    ):
        runs.load(store).comparison()


def test_what_is_no_batch_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="not a folder of results"):
        runs.load(tmp_path / "nowhere")
    (tmp_path / MANIFEST).write_text(json.dumps({"format": 1, "kind": "run", "files": {}}))
    with pytest.raises(ResultError, match="kind: expected 'batch'"):
        runs.load(str(tmp_path))
