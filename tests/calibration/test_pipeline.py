"""The calibration stage by stage: what was stopped goes on to the same bytes, what does not fit is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calibration_samples import Telling
from typer.testing import CliRunner

import abm.data
from abm.draws import DRAWS, LEVEL_COLUMNS
from abm.parameters import Parameters
from abm.rates import Rates, default_rates
from calibration import levels, pipeline, posterior
from calibration.cli import app
from calibration.errors import CalibrationError
from calibration.pipeline import (
    BEGUN,
    EMBEDDED,
    FACTORS,
    FEWEST_SIMULATIONS,
    LEVELS_FILE,
    POSTERIOR_FILE,
    RATES_FILE,
    TABLE,
    begin,
    calibrate,
    embedded_file,
    fit_levels,
    install,
    learnt_rows,
)
from calibration.reference_table import ReferenceTable
from calibration.table_workers import identity
from runs.folders import ResultError

SIZE = FEWEST_SIMULATIONS


real_fit = posterior.fit
FITS: dict[str, posterior.Fitted] = {}


@lru_cache(maxsize=SIZE)
def toy_row(number: int) -> Any:
    return Telling()(number)


def fit_once(table: ReferenceTable, tests: int) -> posterior.Fitted:
    """The posterior of a table, found once for each different table: these tests make the same one again and again."""
    assert tests == 40
    key = table.fingerprint()
    if key not in FITS:
        FITS[key] = real_fit(table, toy_row(SIZE)[1], tests=tests)
    return FITS[key]


class Stages:
    """Cheap stages in the place of simulations, each counted; one may be told to be killed at its nth call."""

    def __init__(self) -> None:
        self.calls: dict[str, int] = {"rates": 0, "rows": 0, "levels": 0}
        self.killed: tuple[str, int] | None = None

    def count(self, stage: str) -> None:
        self.calls[stage] += 1
        if self.killed == (stage, self.calls[stage]):
            raise KeyboardInterrupt

    def rates(self, kept: Path | None = None, done: Callable[[], object] = int) -> Rates:
        assert kept is not None
        self.count("rates")
        done()
        usual = default_rates()
        return usual.model_copy(update={"reuse_discount": 0.4})

    def level(self, number: int, unscaled: Parameters) -> np.ndarray:
        self.count("levels")
        # Of the parameters that were learnt, and of the draw's own number.
        return np.full((4, 4), 1.0 + unscaled.n_same + unscaled.rates.reuse_discount) + np.arange(4) / 10 + number / 1e3


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stages:
    """Cheap stages, and embedded files in a folder of the test's own; the package's must be left as they are."""
    made = Stages()

    class Counted(Telling):
        def __call__(self, number: int) -> Any:
            made.count("rows")
            return toy_row(number)

    build = pipeline.build
    monkeypatch.setattr(pipeline.rates, "fit", made.rates)
    monkeypatch.setattr(pipeline, "History2020", Counted)
    monkeypatch.setattr(pipeline, "build", lambda *args, **options: build(*args, block=1_000, **options))
    monkeypatch.setattr(pipeline, "TESTS", 40)
    monkeypatch.setattr(levels, "level", made.level)
    monkeypatch.setattr(pipeline.posterior, "fit", fit_once)
    package = Path(str(abm.data.__file__)).parent
    (tmp_path / "embedded").mkdir()
    monkeypatch.setattr(pipeline, "embedded_file", lambda name: tmp_path / "embedded" / name)
    write = pipeline.write_text

    def outside_the_package(path: Path, text: str) -> None:
        assert package not in path.resolve().parents
        write(path, text)

    monkeypatch.setattr(pipeline, "write_text", outside_the_package)
    return made


@contextmanager
def quiet(_what: str, _total: int) -> Iterator[Callable[[], None]]:
    yield lambda: None


def run(folder: Path) -> pipeline.Calibrated:
    return calibrate(folder, quiet, SIZE, workers=1)


def files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in EMBEDDED}


# --- stopped and gone on --------------------------------------------------------------------------------------------


def test_a_calibration_that_is_killed_anywhere_goes_on_to_the_same_bytes(stages: Stages, tmp_path: Path) -> None:
    whole = run(tmp_path / "whole")
    assert stages.calls == {"rates": 1, "rows": SIZE, "levels": DRAWS}
    assert whole.fitted.kept  # something was learnt: later stages depend on it

    # Killed in the first stage, in the middle of the second, in the fourth; then between the stages.
    folder = tmp_path / "stopped"
    for stage, number in (("rates", 1), ("rows", 3_500), ("levels", 31)):
        stages.calls = dict.fromkeys(stages.calls, 0)
        stages.killed = (stage, number)
        with pytest.raises(KeyboardInterrupt):
            run(folder)
    stages.killed = None
    stages.calls = dict.fromkeys(stages.calls, 0)
    run(folder)
    assert stages.calls["rates"] == 0
    assert stages.calls["rows"] == 0
    assert 0 < stages.calls["levels"] <= DRAWS - 30  # the draws that were finished are not made again
    assert files(folder) == files(tmp_path / "whole")
    assert not list(folder.rglob("*.partial"))

    # Whatever file the kill came before.
    for name in EMBEDDED:
        (folder / name).unlink()
        stages.calls = dict.fromkeys(stages.calls, 0)
        run(folder)
        assert stages.calls == {"rates": int(name == RATES_FILE), "rows": 0, "levels": 0}
        assert files(folder) == files(tmp_path / "whole")


def test_blocks_of_the_table_that_were_finished_are_kept(stages: Stages, tmp_path: Path) -> None:
    stages.killed = ("rows", 3_500)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "c")
    assert len(list((tmp_path / "c" / TABLE).glob("part-*.parquet"))) == 3
    stages.killed, stages.calls["rows"] = ("levels", 1), 0
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "c")
    assert stages.calls["rows"] == SIZE - 3_000


def test_stages_tell_how_far_they_are(stages: Stages, tmp_path: Path) -> None:
    told: dict[str, list[int]] = {}

    @contextmanager
    def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
        counts = told.setdefault(what.split(":")[0], [total, 0])

        def done() -> None:
            counts[1] += 1

        yield done

    calibrate(tmp_path / "c", progress, SIZE, workers=1)
    assert told["table"] == [SIZE, SIZE]
    assert told["levels"] == [DRAWS, DRAWS]
    assert told["rates"] == [pipeline.rates.ROUNDS, 1]  # the stand-in has one round


# --- what does not fit ----------------------------------------------------------------------------------------------


def test_another_size_or_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "c"
    begin(folder, SIZE)
    begin(folder, SIZE)  # again is no fault
    with pytest.raises(ResultError, match=f"simulations: {SIZE} there, {SIZE + 1} here"):
        begin(folder, SIZE + 1)
    others = {**identity(), "calibration_fingerprint": "0" * 16}
    monkeypatch.setattr(pipeline, "identity", lambda: others)
    with pytest.raises(ResultError, match=r"begun by other code.*calibration_fingerprint: .* there, '0000"):
        begin(folder, SIZE)


def test_too_few_simulations_are_refused_before_any_work(stages: Stages, tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match=rf"--simulations: expected {SIZE} or more \(found {SIZE - 1}\)"):
        calibrate(tmp_path / "c", quiet, SIZE - 1)
    assert not (tmp_path / "c").exists()
    assert stages.calls["rates"] == 0


def test_folders_that_hold_something_else_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ResultError, match="holds files that are no calibration"):
        begin(tmp_path, SIZE)
    with pytest.raises(ResultError, match=r"notes\.txt: is a file"):
        begin(tmp_path / "notes.txt", SIZE)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    (tmp_path / "empty").mkdir()
    begin(tmp_path / "empty", SIZE)
    assert json.loads((tmp_path / "empty" / BEGUN).read_text())["simulations"] == SIZE


def test_a_kill_while_beginning_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / f".{BEGUN}.123.partial").write_text("{")
    begin(tmp_path, SIZE)
    assert (tmp_path / BEGUN).exists()


@pytest.mark.parametrize("text", ["", "{", "[1]", "3", "null"])
def test_a_damaged_beginning_is_one_clear_error(tmp_path: Path, text: str) -> None:
    begin(tmp_path, SIZE)
    (tmp_path / BEGUN).write_text(text)
    with pytest.raises(ResultError, match=r"begun\.json: damaged: expected"):
        begin(tmp_path, SIZE)


@pytest.mark.parametrize("damage", [b"", b"candidates = 3\n", b"\xff\xfe", b"= nothing", None])
def test_damaged_rates_are_one_clear_error(stages: Stages, tmp_path: Path, damage: bytes | None) -> None:
    begin(tmp_path / "c", SIZE)
    text = pipeline.rates.as_toml(default_rates()).encode()
    (tmp_path / "c" / RATES_FILE).write_bytes(text[: len(text) // 2] if damage is None else damage)
    with pytest.raises(CalibrationError, match=rf"{RATES_FILE}: expected fitted rates: .*remove it"):
        run(tmp_path / "c")
    assert stages.calls == {"rates": 0, "rows": 0, "levels": 0}


def posterior_text(rows: int = DRAWS, value: str = "0.3") -> str:
    return "# source: test\n" + "\n".join(["draw,n_same", *(f"{k},{value}" for k in range(rows))]) + "\n"


@pytest.mark.parametrize(
    "damage",
    [
        b"", posterior_text(99).encode(), posterior_text(101).encode(), posterior_text(value="many").encode(),
        posterior_text(value="nan").encode(), posterior_text(value="").encode(), posterior_text(value="1,2").encode(),
        b"\xff\xfe" + posterior_text().encode(),
    ],
)  # fmt: skip
def test_a_damaged_posterior_is_one_clear_error(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / POSTERIOR_FILE
    path.write_text(posterior_text())
    assert learnt_rows(path) == [{"n_same": 0.3}] * DRAWS
    path.write_bytes(damage)
    with pytest.raises(CalibrationError, match=rf"{POSTERIOR_FILE}: expected {DRAWS} draws of numbers; remove it"):
        learnt_rows(path)


@pytest.mark.parametrize("damage", ["", "[", "[[1, 2]]", '{"a": 1}', "[[NaN]]", json.dumps([[-1.0] * 4] * 4), "null"])
def test_damaged_levels_are_one_clear_error(stages: Stages, tmp_path: Path, damage: str) -> None:
    (tmp_path / POSTERIOR_FILE).write_text(posterior_text())
    (tmp_path / FACTORS).mkdir()
    (tmp_path / FACTORS / "draw-007.json").write_text(damage)
    with pytest.raises(CalibrationError, match=r"draw-007\.json: damaged: expected 4 rows of 4 factors.*remove it"):
        fit_levels(tmp_path, default_rates(), 1, quiet)
    assert not (tmp_path / LEVELS_FILE).exists()


# --- levels ---------------------------------------------------------------------------------------------------------


def test_levels_are_written_by_draw_and_column(stages: Stages, tmp_path: Path) -> None:
    (tmp_path / POSTERIOR_FILE).write_text(posterior_text())
    fit_levels(tmp_path, default_rates(), 1, quiet)
    lines = [line for line in (tmp_path / LEVELS_FILE).read_text().splitlines() if not line.startswith("#")]
    assert lines[0].split(",") == ["draw", *LEVEL_COLUMNS]
    assert [line.split(",")[0] for line in lines[1:]] == [str(number) for number in range(DRAWS)]
    first = json.loads((tmp_path / FACTORS / "draw-000.json").read_text())
    assert [float(v) for v in lines[1].split(",")[1:]] == pytest.approx(np.ravel(first), abs=5e-5)


# --- installing -----------------------------------------------------------------------------------------------------


def finished(folder: Path) -> None:
    folder.mkdir()
    for name in EMBEDDED:
        (folder / name).write_text(f"{name}: new, Ségou\n", encoding="utf-8")


def test_installing_copies_every_embedded_file_and_reports_those_that_differ(stages: Stages, tmp_path: Path) -> None:
    folder, target = tmp_path / "c", tmp_path / "embedded"
    finished(folder)
    (target / EMBEDDED[0]).write_bytes((folder / EMBEDDED[0]).read_bytes())
    (target / EMBEDDED[1]).write_text("old")
    (target / "cercles.csv").write_text("not mine")
    calibrated = pipeline.Calibrated(folder, None)  # type: ignore[arg-type]
    assert calibrated.installed() == list(EMBEDDED[1:])  # also those that are not there at all
    assert install(folder) == [target / name for name in EMBEDDED[1:]]
    assert {name: (target / name).read_bytes() for name in EMBEDDED} == files(folder)
    assert (target / "cercles.csv").read_text() == "not mine"
    assert calibrated.installed() == []
    assert calibrated.differences() == "nothing"
    assert install(folder) == []
    (target / EMBEDDED[0]).write_text(f"# note: made by another version\n{EMBEDDED[0]}: new, Ségou\n", encoding="utf-8")
    (target / EMBEDDED[1]).write_text("# note: the same\nold", encoding="utf-8")
    assert calibrated.differences() == f"{EMBEDDED[0]} (its comments only), {EMBEDDED[1]}"


def test_a_folder_that_is_not_finished_replaces_nothing(stages: Stages, tmp_path: Path) -> None:
    folder, target = tmp_path / "c", tmp_path / "embedded"
    finished(folder)
    (folder / EMBEDDED[-1]).unlink()
    (target / EMBEDDED[0]).write_text("old")
    with pytest.raises(FileNotFoundError):
        install(folder)
    assert {path.name: path.read_text() for path in target.iterdir()} == {EMBEDDED[0]: "old"}


def test_embedded_files_are_the_packages_own() -> None:
    for name in EMBEDDED:
        assert embedded_file(name).parent == Path(str(abm.data.__file__)).parent
    for name in (RATES_FILE, POSTERIOR_FILE, LEVELS_FILE):
        assert embedded_file(name).is_file()


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_from_end_to_end(stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("calibration.cli.warm_up", lambda: None)

    def command(*arguments: str | int) -> Any:
        return CliRunner().invoke(app, ["calibrate", "--out", "c", "--workers", "1", *map(str, arguments)])

    few = command("--simulations", 1000)
    assert (few.exit_code, few.stdout, few.stderr) == (2, "", "--simulations: expected 7000 or more (found 1000)\n")

    stages.killed = ("levels", 5)
    stopped = command("--simulations", SIZE)
    assert (stopped.exit_code, stopped.stdout) == (130, "")
    assert stopped.stderr == "interrupted; finished parts are kept in c: the same command goes on\n"

    stages.killed = None
    done = command("--simulations", SIZE)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Verdict" in done.stdout
    assert f"written: c; other than what is embedded: {', '.join(EMBEDDED)}" in done.stdout
    assert list((tmp_path / "embedded").iterdir()) == []

    put = command("--simulations", SIZE, "--install")
    assert (put.exit_code, put.stderr) == (0, "")
    assert f"embedded: {', '.join(EMBEDDED)}" in put.stdout
    assert "embedded: the same as before" in command("--simulations", SIZE, "--install").stdout

    other = command("--simulations", SIZE + 1)
    assert (other.exit_code, other.stdout) == (2, "")
    assert "c: was begun by other code or for another size" in other.stderr
