"""A stored run: every bit comes back, and running it again gives it again."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from abm import Records, Scenario
from abm.calendar import date_of
from abm.geography import CERCLES, to_lonlat
from abm.kinds import ANSWERS, KINDS, NO_WARNING
from abm.tables import DAYS, EVENTS, OPERATIONS
from runs.folders import MANIFEST, ResultError
from runs.provenance import canonical_json, sha256
from runs.store import PARTS, check_target, differences, log_array, log_table, read_run, rerun, write_run


@pytest.fixture
def folder(records: Records, tmp_path: Path) -> Path:
    write_run(records, tmp_path / "run")
    return tmp_path / "run"


def test_logs_come_back_to_the_bit(records: Records) -> None:
    assert len(records.events) > 20
    for log, dtype in ((records.events, EVENTS), (records.operations, OPERATIONS), (records.days, DAYS)):
        assert log_array(log_table(log), dtype).tobytes() == log.tobytes()


def test_logs_are_readable(records: Records) -> None:
    table = log_table(records.events).to_pandas()
    event, row = records.events[5], table.iloc[5]
    assert row["date"] == date_of(event["day"])
    assert (row["kind"], row["cercle"]) == (KINDS[event["kind"]], CERCLES[event["cercle"]])
    assert (row["longitude"], row["latitude"]) == to_lonlat(event["x"], event["y"])
    assert set(table["answer"]) <= set(ANSWERS)
    assert (table["answer"] != ANSWERS[NO_WARNING]).any()
    army = table[table["actor"] == "national forces"]
    assert len(army) > 0
    assert army["faction"].isna().all()


def test_a_stored_run_comes_back(records: Records, folder: Path) -> None:
    run = read_run(folder)
    assert (run.scenario, run.parameters, run.seed) == (records.scenario, records.parameters, records.seed)
    assert (run.first_day, run.last_day, run.clock_zero) == (records.first_day, records.last_day, records.clock_zero)
    assert run.events().tobytes() == records.events.tobytes()
    assert sorted(path.name for path in folder.iterdir()) == sorted([*(f"{p}.parquet" for p in PARTS), MANIFEST])


def test_files_carry_their_provenance(folder: Path) -> None:
    for part in PARTS:
        metadata = parquet.read_metadata(folder / f"{part}.parquet").metadata
        assert metadata[b"sector_centre.seed"] == b"3"
        assert len(metadata[b"sector_centre.scenario_hash"]) == 64


def test_run_again_gives_every_bit(folder: Path) -> None:
    assert rerun(folder) == []


def test_run_again_with_another_seed_does_not(records: Records, folder: Path, tmp_path: Path) -> None:
    write_run(replace(records, seed=4), tmp_path / "forged")  # the log of seed 3 under the name of seed 4
    unlike = rerun(tmp_path / "forged")
    assert unlike
    assert unlike[0].startswith("events:")


def test_one_bit_is_found(records: Records) -> None:
    changed = records.days.copy()
    changed["risk_army"][7] = np.nextafter(changed["risk_army"][7], 1.0)
    (line,) = differences(log_table(records.days), log_table(changed))
    assert line.startswith("risk_army: 1 rows differ, first row 7")
    assert differences(log_table(records.days), log_table(records.days)) == []
    assert differences(log_table(records.days), log_table(changed[:-1])) == ["200 rows stored, 199 now"]
    names = records.events.copy()
    names["kind"][2] = (names["kind"][2] + 1) % len(KINDS)
    (line,) = differences(log_table(records.events), log_table(names))
    assert line.startswith("kind: 1 rows differ, first row 2")


def test_not_a_number_equals_itself() -> None:
    table = pa.table({"a": [float("nan"), 1.0], "b": [None, "x"]})
    assert differences(table, table) == []


@pytest.mark.parametrize("field", ["numpy", "math_fingerprint", "package_version"])
def test_other_versions_and_mathematics_are_said_clearly(folder: Path, field: str) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["provenance"][field] = "something else"
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(
        ResultError, match=f"promised only for equal versions(.|\n)*{field}: .* here, something else there"
    ):
        rerun(folder)
    assert rerun(folder, anyway=True) == []


def test_a_changed_gazetteer_is_said_clearly(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text("name,latitude,longitude\nA,14.5,-4.1\n")
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["scenario"]["world"]["gazetteer"] = str(file)
    manifest["provenance"]["scenario_hash"] = sha256(canonical_json(manifest["scenario"]))
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ResultError, match=r"world\.gazetteer: .*places\.csv has changed"):
        rerun(folder, anyway=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"parameters": {"n_same": 7}}, "n_same"),
        ({"scenario": {"name": "x", "title": "x", "wrong": 1}}, "wrong"),
        ({"last_day": None}, "damaged: last_day: expected a day number"),
        ({"last_day": float("inf")}, "damaged: last_day: expected a day number"),
        ({"last_day": 99_999_999}, "last_day: expected .* as in days"),
        ({"first_day": 99_999_799, "last_day": 99_999_999}, "first_day: expected .* as in days"),
        ({"files": {}}, "missing from the manifest"),
    ],
)
def test_a_damaged_manifest_is_said_clearly(folder: Path, change: dict[str, object], words: str) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, **change}))
    with pytest.raises(ResultError, match=words):
        read_run(folder)


@pytest.mark.parametrize("seed", [-1, 10**30])
def test_a_seed_out_of_range_is_said_clearly(folder: Path, seed: int) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["provenance"]["seed"] = seed
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ResultError, match=rf"manifest\.json: provenance\.seed: expected 0 to .* \(found {seed}\)"):
        read_run(folder)


@pytest.mark.parametrize(("part", "field", "value"), [("scenario", "title", "x"), ("parameters", "n_same", 0.2)])
def test_changed_inputs_are_found(folder: Path, part: str, field: str, value: object) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest[part][field] != value
    manifest[part][field] = value
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ResultError, match=rf"manifest\.json: {part}: has changed since the run"):
        rerun(folder)


def test_a_changed_clock_is_not_reproduced(records: Records, folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "clock_zero": 12}))
    assert rerun(folder) == [f"clock_zero: 12 stored, {records.clock_zero} now"]


def test_a_log_of_another_layout_is_said_clearly(records: Records, folder: Path) -> None:
    with pytest.raises(ResultError, match="another layout"):
        log_array(log_table(records.days), EVENTS)
    path = folder / "events.parquet"
    path.write_bytes(b"PAR1 no")
    with pytest.raises(ResultError, match=r"events\.parquet: has changed"):
        read_run(folder)


def test_no_space_leaves_nothing(records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = parquet.write_table

    def full(table: pa.Table, path: Path) -> None:
        if path.name == "days.parquet":
            path.write_bytes(b"PAR1")
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(table, path)

    monkeypatch.setattr(parquet, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        write_run(records, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_length_is_part_of_what_makes_runs_the_same(records: Records, small: Scenario, folder: Path) -> None:
    check_target(folder, small, records.parameters, 3, None)
    with pytest.raises(ResultError, match="another result"):
        check_target(folder, small, records.parameters, 3, 100)
    with pytest.raises(ResultError, match="another result"):
        check_target(folder, small.changed(months=11), records.parameters, 3, None)
