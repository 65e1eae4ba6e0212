"""Damage of any kind is found and named, and repaired to the bit; so is a number that was changed with its checksum."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from batch_samples import TINY_BLOCKS, TINY_RUNS, blocks_of, files_of, finished, without
from pyarrow import parquet
from typer.testing import CliRunner, Result

from calibration.cli import app
from runs.batch import store as store_module
from runs.batch.store import open_store
from runs.batch.verify import Verdict, repair, verify
from runs.folders import MANIFEST, ResultError, alone_in

Damage = Callable[[Path], None]


@pytest.fixture(autouse=True)
def small_blocks() -> Iterator[None]:
    with blocks_of():
        yield


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return finished(tmp_path / "store")


def command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in ("verify", *arguments)])


def assert_as_written(store: Path, tmp_path: Path) -> None:
    assert files_of(store) == files_of(finished(tmp_path / "other"))
    assert verify(store, sample=0).good


# --- damage ---------------------------------------------------------------------------------------------------------


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00garbage")


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def of_another_block(path: Path) -> None:
    shutil.copyfile(path.with_name(path.name.replace("00001", "00000")), path)


DAMAGES = {
    "truncated": (truncated, "damaged: expected "),
    "flipped": (flipped, "damaged: checksum differs"),
    "garbage": (garbage, "damaged: "),
    "emptied": (emptied, "damaged: "),
    "missing": (Path.unlink, "missing"),
    "another": (of_another_block, "damaged: "),
}
FILES = (*(f"{t}/part-00001.parquet" for t in ("runs", "monthly", "events")), "blocks/part-00001.json")


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named(store: Path, file: str, damage: str) -> None:
    hurt, words = DAMAGES[damage]
    hurt(store / file)
    before = files_of(store)
    verdict = verify(store, sample=0)
    assert not verdict.good
    assert list(verdict.faults) == [1]
    if file.startswith("blocks"):  # a flipped bit may make it name a file otherwise than it is
        assert re.match(rf"{store}/\w+/part-00001\.\w+: (missing|damaged)", verdict.faults[1])
    else:
        assert verdict.faults[1].startswith(f"{store / file}: {words}")
    assert files_of(store) == before


@pytest.mark.parametrize(("damage", "file"), list(zip(DAMAGES, (*FILES, *FILES), strict=False)))
def test_what_is_repaired_is_as_it_was_written(store: Path, tmp_path: Path, damage: str, file: str) -> None:
    DAMAGES[damage][0](store / file)
    result = command(store, "--sample", 0)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0] == verify(store, sample=0).faults[1]
    assert result.stderr.endswith("NOT as it was written; --repair makes what is damaged or missing again\n")
    assert f"2 of {TINY_BLOCKS} blocks whole, 28 of {TINY_RUNS} runs" in result.stdout
    result = command(store, "--sample", 0, "--repair")
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("repaired: 1 blocks made again, 0 files removed\n")
    assert_as_written(store, tmp_path)


def test_several_blocks_and_what_a_killed_process_left(store: Path, tmp_path: Path) -> None:
    without(store, 0)
    flipped(store / "rings" / "part-00002.parquet")
    (store / "runs" / ".part-00000.parquet.7.partial").write_text("half")
    verdict = verify(store, sample=3)
    assert (list(verdict.faults), verdict.strangers) == ([0, 2], ())
    assert [store_block(verdict, replicate) for replicate in verdict.again] == [1, 1, 1]  # of whole blocks only
    said: list[int] = []
    assert repair(verdict, workers=1, done=said.append) == said == [0, 2]
    assert_as_written(store, tmp_path)


def store_block(verdict: Verdict, replicate: int) -> int:
    return verdict.store.plan.block_of(replicate)


def test_parts_of_no_block_are_removed_and_other_files_kept(store: Path, tmp_path: Path) -> None:
    shutil.copyfile(store / "runs" / "part-00001.parquet", store / "runs" / "part-00003.parquet")
    (store / "blocks" / "part-00009.json").write_text("{}")
    verdict = verify(store, sample=0)
    assert (verdict.faults, verdict.strangers) == ({}, ("blocks/part-00009.json", "runs/part-00003.parquet"))
    (store / "runs" / "my-notes.txt").write_text("mine")
    (store / "runs" / "mine").mkdir()
    result = command(store, "--sample", 0, "--repair")
    assert result.exit_code == 1
    assert f"{store / 'runs' / 'part-00003.parquet'}: belongs to no block\n" in result.stderr
    assert result.stdout.endswith("repaired: 0 blocks made again, 2 files removed\n")
    for name in ("my-notes.txt", "mine"):
        assert f"{store / 'runs' / name}: is none of the batch's files: move it away\n" in result.stderr
    assert (store / "runs" / "my-notes.txt").read_text() == "mine"
    (store / "runs" / "my-notes.txt").unlink()
    (store / "runs" / "mine").rmdir()
    assert_as_written(store, tmp_path)


def test_files_beside_the_tables_are_nobodys_business(store: Path) -> None:
    (store / "analysis").mkdir()
    (store / "analysis" / "report.html").write_text("mine")
    (store / "notes.txt").write_text("mine")
    assert verify(store, sample=0).good


# --- what has the right checksum ------------------------------------------------------------------------------------


def mended(store: Path, block: int, table: str, change: Callable[[pa.Table], pa.Table] | bytes) -> None:
    """Write a changed part, and the note that would belong to it."""
    path, note = store / table / f"part-{block:05d}.parquet", store / "blocks" / f"part-{block:05d}.json"
    if isinstance(change, bytes):
        path.write_bytes(change)
    else:
        parquet.write_table(change(parquet.read_table(path)), path)
    content = json.loads(note.read_text())
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    content["files"][f"{table}/{path.name}"] = [path.stat().st_size, sha]
    note.write_text(json.dumps(content))


def with_one_more(column: str, row: int) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        values = table[column].to_numpy().copy()
        values[row] = np.nextafter(values[row], np.inf) if values.dtype.kind == "f" else values[row] + 1
        place = table.column_names.index(column)
        return table.set_column(place, column, pa.array(values, table[column].type))

    return change


CHANGED = {
    "runs": "expected_civilian_deaths", "monthly": "deaths", "courses": "troops", "rings": "attacks",
    "events": "deaths",
}  # fmt: skip


def test_a_changed_number_with_the_right_checksum_is_not_reproduced(store: Path, tmp_path: Path) -> None:
    for table, column in CHANGED.items():
        mended(store, 1, table, with_one_more(column, 0))
    assert verify(store, sample=0).good  # nothing but a run that is made again can tell
    verdict = verify(store, sample=12)  # all of them
    assert verdict.faults == {}
    assert list(verdict.unlike) == [5]  # the first replicate of the block
    lines = verdict.unlike[5].split("; ")
    assert len(lines) == len(CHANGED)
    for line, (table, column) in zip(lines, CHANGED.items(), strict=True):
        assert line.startswith(f"{table}: {column}: 1 rows differ, first row 0: ")
    repair(verdict)
    assert_as_written(store, tmp_path)


def test_not_reproduced_is_said_with_point_and_seed(store: Path, tmp_path: Path) -> None:
    mended(store, 0, "runs", with_one_more("deaths", 0))
    result = command(store, "--sample", 12, "--repair")
    assert result.exit_code == 0, result.output
    assert f"{store}: point 0, seed 0: NOT reproduced: runs: deaths: 1 rows differ" in result.stderr
    assert "; 44 of 48 runs made again are equal to the bit\n" in result.stdout
    assert_as_written(store, tmp_path)


def twice(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table, table.slice(0, 3)])


def fewer(table: pa.Table) -> pa.Table:
    return table.filter(pa.array(table["run"].to_numpy() != 21))


def nameless(table: pa.Table) -> pa.Table:
    return table.drop_columns(["window"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (twice, "3 runs and windows are there twice"),
        (fewer, "expected runs 20 to 39, found 19 runs"),
        (nameless, "damaged: .*window"),
        (b"PAR1 is not enough", "damaged: "),
    ],
)
def test_rows_that_are_there_twice_or_not_are_found(
    store: Path, tmp_path: Path, change: Callable[[pa.Table], pa.Table] | bytes, words: str
) -> None:
    mended(store, 1, "runs", change)
    verdict = verify(store, sample=0)
    assert list(verdict.faults) == [1]
    assert re.search(rf"runs/part-00001\.parquet: {words}", verdict.faults[1])
    repair(verdict)
    assert_as_written(store, tmp_path)


def test_another_table_that_no_batch_wrote_is_not_reproduced(store: Path) -> None:
    mended(store, 0, "monthly", b"PAR1 is not enough")
    verdict = verify(store, sample=12)
    assert list(verdict.unlike) == [0, 1, 2, 3, 4]
    assert all(line.startswith("monthly: ") for line in verdict.unlike.values())


# --- samples, versions ----------------------------------------------------------------------------------------------


def test_a_good_store_is_good_and_which_are_run_again_is_a_matter_of_the_seed(store: Path) -> None:
    before, done = files_of(store), []
    one, same, other = (verify(store, 4, seed, done=lambda: done.append(1)) for seed in (1, 1, 2))
    assert one.good
    assert one.again == same.again != other.again
    assert len(set(one.again)) == 4
    assert len(done) == 3 * (TINY_BLOCKS + 4)
    assert files_of(store) == before


def test_other_code_is_said_before_runs_are_compared(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "measuring_fingerprint", lambda: "f" * 16)
    for arguments in (("--sample", 1), ("--sample", 0, "--repair")):
        if arguments[1] == 0:
            truncated(store / "runs" / "part-00000.parquet")
        before = files_of(store)
        result = command(store, *arguments)
        assert result.exit_code == 2
        assert "equal bits are promised only for equal versions and code" in result.stderr
        assert f"\n  measured_by: {'f' * 16} here, " in result.stderr
        assert files_of(store) == before
    assert command(store, "--sample", 0).exit_code == 1


def test_anyway_compares_what_may_differ(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "measuring_fingerprint", lambda: "f" * 16)
    result = command(store, "--sample", 1, "--anyway")
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        f"{store}: {TINY_BLOCKS} of {TINY_BLOCKS} blocks whole, {TINY_RUNS} of {TINY_RUNS} runs; "
        "4 of 4 runs made again are equal to the bit\n"
    )


def test_a_store_that_is_being_made_is_not_repaired(store: Path) -> None:
    verdict = verify(without(store, 0), sample=0)
    with alone_in(store, "batch"), pytest.raises(ResultError, match="another process is building this batch"):
        repair(verdict)


@pytest.mark.parametrize("folder", ["nowhere", "empty", "manifest"])
def test_what_is_no_batch_is_one_message(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "manifest").mkdir()
    (tmp_path / "manifest" / MANIFEST).write_text("{")
    result = command(tmp_path / folder)
    assert result.exit_code == 2
    assert result.stderr.startswith(str(tmp_path / folder))
    assert len(result.stderr.splitlines()) == 1


def test_the_last_block_is_shorter(store: Path) -> None:
    plan = open_store(store).plan
    assert [plan.runs_of(block) for block in range(plan.blocks)] == [20, 20, 8]
