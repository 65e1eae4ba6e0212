"""The commands on experiments: what they write, what they say, and how they fail."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from batch_samples import TINY_BLOCKS, TINY_RUNS, blocks_of, file_of, files_of, finished, without
from commands import fails_with, invoke
from typer.testing import Result

import runs
from runs.batch import store as module
from runs.batch.commands import _listed
from runs.batch.experiment import load_experiment, shipped_experiments
from runs.batch.run import GO_ON
from runs.folders import alone_in

Command = Callable[..., Result]


@pytest.fixture(autouse=True)
def small_blocks() -> Iterator[None]:
    with blocks_of():
        yield


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in a folder that holds the tiny experiment and nothing else."""
    monkeypatch.chdir(tmp_path)
    file_of(tmp_path)

    return invoke


def test_batch_writes_a_folder_of_its_name_and_says_how_far_it_is(command: Command, tmp_path: Path) -> None:
    result = command("batch", "tiny.toml", "--workers", 1)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"results/tiny: {TINY_RUNS} runs ({TINY_BLOCKS} blocks made now, 0 found whole)\n"
    said = [line for line in result.stderr.splitlines() if line.startswith("tiny: runs ")]
    assert said == [f"tiny: runs {done} of {TINY_RUNS}" for done in (0, 20, 40, 48)]
    assert files_of(tmp_path / "results" / "tiny") == files_of(finished(tmp_path / "other"))
    again = command("batch", "tiny.toml")
    assert again.stdout == f"results/tiny: {TINY_RUNS} runs (0 blocks made now, {TINY_BLOCKS} found whole)\n"
    assert again.stderr.splitlines()[-1] == f"tiny: runs {TINY_RUNS} of {TINY_RUNS}"
    good = command("verify", "results/tiny")
    assert (good.exit_code, good.stderr) == (0, "")
    assert good.stdout.endswith("48 of 48 runs; 20 of 20 runs made again are equal to the bit\n")


def test_limit_makes_whole_blocks_and_says_what_is_left(command: Command, tmp_path: Path) -> None:
    result = command("batch", "tiny.toml", "--limit", 21, "--out", "store")
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        f"store: 40 runs of {TINY_RUNS}; run it without --limit for the rest (2 blocks made now, 0 found whole)\n"
    )
    assert len(runs.load(tmp_path / "store", unfinished=True).runs) == 40 * 4
    assert command("batch", "tiny.toml", "--limit", 20, "--out", "store").stdout.startswith("store: 20 runs of 48")
    result = command("verify", "store", "--sample", 0)
    assert (result.exit_code, "2 of 3 blocks whole, 40 of 48 runs" in result.stdout) == (1, True)
    assert "part-00002.json: missing" in result.stderr


def test_dry_run_says_how_large_it_is_and_writes_nothing(command: Command, tmp_path: Path) -> None:
    for more, now in (((), ""), (("--limit", 5), ", of which 20 now")):
        result = command("batch", "tiny.toml", "--dry-run", "--workers", 3, *more)
        assert result.exit_code == 0, result.output
        first, second, third, fourth = result.stdout.splitlines()
        assert first == "tiny: Companies and courts in Koro"
        assert second == f"  4 arms × 3 points × 4 seeds = 48 runs{now}"
        assert re.fullmatch(r"  about \d+ s on 3 cores, about \d+ MB in results/tiny", third)
        assert re.fullmatch(
            r"  in 3 blocks of 20 runs; judged by 3 runs made now \(0\.\d\d s a run of one core\)", fourth
        )
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.toml"]


def test_what_was_damaged_is_said_to_be_made_again(command: Command, tmp_path: Path) -> None:
    part = finished(tmp_path / "store") / "rings" / "part-00002.parquet"
    part.write_bytes(part.read_bytes()[:9])
    result = command("batch", "tiny.toml", "--out", "store")
    assert result.exit_code == 0
    line = result.stderr.splitlines()[-1]
    assert re.fullmatch(r"made again: store/rings/part-00002\.parquet: damaged: expected \d+ bytes, found 9", line)
    assert result.stdout == f"store: {TINY_RUNS} runs (1 blocks made now, 2 found whole)\n"
    assert command("verify", "store").exit_code == 0


def test_the_stored_experiment_goes_on_by_itself(command: Command, tmp_path: Path) -> None:
    store = without(finished(tmp_path / "store"), 1)
    result = command("batch", store / "experiment.toml", "--out", "store")
    assert result.exit_code == 0, result.output
    assert files_of(store) == files_of(finished(tmp_path / "other"))


# --- refusals -------------------------------------------------------------------------------------------------------


def test_what_is_not_this_batch_is_refused_and_left_as_it_is(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = ("batch", "tiny.toml", "--out")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "experiment.toml").write_text("mine")
    store = without(finished(tmp_path / "store"), 1)
    before = files_of(tmp_path)
    fails_with(command(*batch, "file"), "file: is a file; choose another folder with --out")
    fails_with(command(*batch, "mine"), "mine: experiment.toml: is no part of this batch; choose another folder")
    with alone_in(store, "batch"):
        fails_with(command(*batch, "store"), "store: another process is building this batch")
    with monkeypatch.context() as patch:
        patch.setattr(module, "measuring_fingerprint", lambda: "f" * 16)
        fails_with(command(*batch, "store"), "was begun with other versions or code", "measured_by: ffff")
    fails_with(command(*batch, "new", "--cluster", "nonsense"), "cluster: expected tcp://host:port or local:N")
    assert files_of(tmp_path) == before
    file_of(tmp_path, runs__seeds=5)
    fails_with(command(*batch, "store"), "holds the batch of another experiment", "seeds: 4 there, 5 asked for")
    assert {**files_of(tmp_path), "tiny.toml": before["tiny.toml"]} == before
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["batch", "nothing"], ["unknown experiment 'nothing'", "with-and-without"]),
        (["batch", "nothing.toml"], ["nothing.toml: cannot be read"]),
        (["batch", "tiny.toml", "--limit", 0], ["--limit"]),
        (["batch", "tiny.toml", "--cluster", "local:none", "--out", "new"], ["expected local:N"]),
        (["verify", "nowhere"], ["nowhere", "not a folder of results"]),
        (["verify", "tiny.toml"], ["tiny.toml"]),
    ],
)
def test_bad_input_is_one_message_and_nothing_is_written(
    command: Command, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    fails_with(command(*arguments), *words)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.toml"]


def test_an_interrupt_says_that_blocks_are_kept(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("runs.batch.work.run_replicate", interrupted)
        result = command("batch", "tiny.toml", "--out", "store")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (130, f"interrupted; {GO_ON}")
    assert command("batch", "tiny.toml", "--out", "store").exit_code == 0


def test_a_run_that_fails_is_one_message(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("runs.batch.work.run_replicate", fails)
    result = command("batch", "tiny.toml", "--workers", 1)
    fails_with(result, "point 0, seed 0 (run seed 0): cannot be run: ZeroDivisionError: by zero")


# --- lists ----------------------------------------------------------------------------------------------------------


def test_shipped_experiments_are_listed_with_their_size(command: Command) -> None:
    result = command("experiments")
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    for name in shipped_experiments():
        assert name in text
        assert f"{load_experiment(name).runs:,}" in text


def test_an_experiment_that_needs_an_extra_is_listed_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib.sample.morris", None)
    name, words, *sizes = _listed("screening")
    assert name == "screening"
    assert "install sector-centre[analysis]" in words
    assert not any(sizes)
    assert _listed("unit-types")[-1] == "1\u202f800"
