"""The default calibration, stage by stage, in a folder that a stopped calibration goes on from.

1. rates: candidates, contacts and abuses at which the mean run of 2020 has the recorded events (``rates_2020.toml``);
2. table: simulations of 2020 with parameters from their priors (``table/``);
3. posterior: regression ABC given the record, checked by leaving rows out (``posterior_2017_2020.csv``, and what the
   checks found in ``recovery_2017_2020.csv`` and ``misfit_2017_2020.csv``);
4. levels: factors that keep every draw at the recorded level (``levels_2020.csv``).

All files but the table are what ``abm/data`` embeds. A stage that is there is not made again; the folder remembers the
code and the settings that began it and refuses others.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.draws import DRAWS, learnt_parameters
from abm.parameters import Parameters
from abm.rates import Rates
from calibration import levels, posterior, rates
from calibration.check_recovery import DATA, MISFIT, RECOVERY
from calibration.errors import CalibrationError
from calibration.reference_table import ReferenceTable, build
from calibration.regression_abc import ACCEPT, FEWEST_A_COEFFICIENT
from calibration.sbc import NEAR
from calibration.simulator import INFERRED, History2020
from calibration.table_workers import identity
from runs.folders import ResultError, write_text

SIMULATIONS = 50_000
FEWEST_SIMULATIONS = round(FEWEST_A_COEFFICIENT * (len(INFERRED) + 1) / ACCEPT)  # else too few rows are accepted
TESTS = 500
RATES_FILE, POSTERIOR_FILE, LEVELS_FILE = "rates_2020.toml", posterior.FILE, "levels_2020.csv"
EMBEDDED = (RATES_FILE, POSTERIOR_FILE, RECOVERY, MISFIT, LEVELS_FILE)
BEGUN = "begun.json"
TABLE, ROUNDS, FACTORS = "table", "rounds", "levels"
Progress = Callable[[str, int], AbstractContextManager[Callable[[], None]]]


@dataclass(frozen=True, eq=False)
class Calibrated:
    """What a calibration came to: the folder, and the fitted posterior with its checks."""

    folder: Path
    fitted: posterior.Fitted

    def installed(self) -> list[str]:
        """Names of embedded files that differ from the folder's."""
        return [name for name in EMBEDDED if not _same(self.folder / name, embedded_file(name))]

    def differences(self) -> str:
        """The same for a reader: a file whose numbers are equal says so."""
        named = (
            name if numbers_differ(self.folder / name, embedded_file(name)) else f"{name} (its comments only)"
            for name in self.installed()
        )
        return ", ".join(named) or "nothing"


def embedded_file(name: str) -> Path:
    """Where the package keeps an embedded file."""
    return DATA / name


def _same(mine: Path, embedded: Path) -> bool:
    return embedded.exists() and mine.read_bytes() == embedded.read_bytes()


def numbers_differ(mine: Path, embedded: Path) -> bool:
    """Whether two files differ in more than comments: those name the versions that made them."""
    return not embedded.exists() or _without_comments(mine) != _without_comments(embedded)


def _without_comments(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def begin(folder: Path, simulations: int) -> None:
    """Make the folder, or see that it was begun by the same code for the same calibration.

    Raises:
        CalibrationError: too few simulations to learn from.
        ResultError: the folder holds something else.
    """
    if simulations < FEWEST_SIMULATIONS:
        raise CalibrationError(f"--simulations: expected {FEWEST_SIMULATIONS} or more (found {simulations})")
    if folder.exists() and not folder.is_dir():
        raise ResultError(f"{folder}: is a file; choose another folder with --out")
    request = {"simulations": simulations, **identity()}
    path = folder / BEGUN
    if path.exists():
        _refuse_another(path, request)
        return
    # What is half written was left by a process that was killed here.
    if folder.exists() and any(not file.name.endswith(".partial") for file in folder.iterdir()):
        raise ResultError(f"{folder}: holds files that are no calibration; choose another folder with --out")
    write_text(path, json.dumps(request, indent=1))


def _refuse_another(path: Path, request: dict[str, Any]) -> None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ResultError(f"{path}: damaged: expected a table of JSON; remove the folder to begin anew")
    unlike = [f"{k}: {found.get(k)!r} there, {v!r} here" for k, v in request.items() if found.get(k) != v]
    if unlike:
        raise ResultError(f"{path.parent}: was begun by other code or for another size: {'; '.join(unlike)}")


def fit_rates(folder: Path, progress: Progress) -> Rates:
    """Stage 1."""
    file = folder / RATES_FILE
    if not file.exists():
        with progress("rates: rounds of correction", rates.ROUNDS) as done:
            write_text(file, rates.as_toml(rates.fit(kept=folder / ROUNDS, done=done)))
    return rates.read_rates(file)


def build_table(
    folder: Path, found: Rates, simulations: int, workers: int | None, cluster: str | None, progress: Progress
) -> ReferenceTable:
    """Stage 2."""
    with progress("table: simulations of 2020", simulations) as done:
        before = 0

        def report(rows: int, _size: int) -> None:
            nonlocal before
            for _ in range(rows - before):
                done()
            before = rows

        return build(History2020(found), folder / TABLE, simulations, workers=workers, cluster=cluster, progress=report)


def fit_posterior(folder: Path, table: ReferenceTable) -> posterior.Fitted:
    """Stage 3."""
    fitted = posterior.fit(table, tests=min(TESTS, round(NEAR * len(table))))
    versions = {name: table.settings[name] for name in identity()}  # of the code that simulated
    write_text(folder / POSTERIOR_FILE, posterior.as_csv(fitted, versions))
    write_text(folder / RECOVERY, posterior.recovery_csv(fitted))
    write_text(folder / MISFIT, posterior.misfit_csv(fitted))
    return fitted


def learnt_rows(path: Path) -> list[dict[str, float]]:
    """Draws of a posterior file, by parameter.

    Raises:
        CalibrationError: it does not hold DRAWS rows of numbers.
    """
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        rows = [{k: float(v) for k, v in row.items() if k != "draw"} for row in csv.DictReader(lines)]
    except (TypeError, ValueError):
        rows = []
    if len(rows) != DRAWS or not all(math.isfinite(value) for row in rows for value in row.values()):
        raise CalibrationError(f"{path}: expected {DRAWS} draws of numbers; remove it to have it made again")
    return rows


def fit_levels(folder: Path, found: Rates, workers: int | None, progress: Progress) -> None:
    """Stage 4."""
    learnt = learnt_rows(folder / POSTERIOR_FILE)

    def drawn(number: int) -> Parameters:
        return learnt_parameters(number, learnt[number], found)

    with progress("levels: draws", DRAWS) as done:
        factors = levels.levels(drawn, folder / FACTORS, workers, done)
    write_text(folder / LEVELS_FILE, levels.as_csv(factors))


def calibrate(
    folder: Path,
    progress: Progress,
    simulations: int = SIMULATIONS,
    workers: int | None = None,
    cluster: str | None = None,
) -> Calibrated:
    """All stages, those that are finished not again.

    Args:
        folder: where everything is kept.
        progress: makes a line of progress for a stage: called with what is counted and how many there will be.
        simulations: rows of the reference table.
        workers: processes and threads; the cores by default.
        cluster: address of a dask scheduler for the table, or "local:N".

    Raises:
        ResultError: the folder holds something else.
        CalibrationError: a stage failed.
    """
    begin(folder, simulations)
    found = fit_rates(folder, progress)
    table = build_table(folder, found, simulations, workers, cluster, progress)
    fitted = fit_posterior(folder, table)
    fit_levels(folder, found, workers, progress)
    return Calibrated(folder, fitted)


def install(folder: Path) -> list[Path]:
    """Copy a finished calibration over the embedded one; returns the files that were replaced.

    Raises:
        OSError: a file is missing, and nothing was replaced; or one cannot be written.
    """
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in EMBEDDED}
    differing = [name for name in EMBEDDED if not _same(folder / name, embedded_file(name))]
    for name in differing:
        write_text(embedded_file(name), texts[name])
    return [embedded_file(name) for name in differing]
