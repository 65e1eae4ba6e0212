"""The embedded tables that say how well parameters are recovered, and where the record lies outside the model.

``abm/data/recovery_2017_2020.csv`` holds simulation-based calibration by parameter, over the whole prior and on rows
near the record; ``abm/data/misfit_2017_2020.csv``, the recorded statistics outside what simulations give. Both are
made by ``sector-centre calibrate`` together with the posterior.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import abm.data
from calibration.errors import CalibrationError
from calibration.misfit import Misfit
from calibration.sbc import BINS

DATA = Path(str(abm.data.__file__)).parent
RECOVERY, MISFIT = "recovery_2017_2020.csv", "misfit_2017_2020.csv"
RECOVERY_FILE, MISFIT_FILE = DATA / RECOVERY, DATA / MISFIT
PRIOR, NEAR = "prior", "near"  # rows left out anywhere in the table, or near the record only
BIN_COLUMNS = tuple(f"bin_{number:02d}" for number in range(BINS))
ENDS = ("prior_low", "prior_high", "posterior_05", "posterior_50", "posterior_95")
NUMBERS = ("p_value", "coverage_50", "coverage_90", "correlation", "r_squared", "contraction", "z_mean", "z_sd", *ENDS)


@dataclass(frozen=True)
class Recovered:
    """One parameter: as :class:`calibration.sbc.Recovery`, with its prior, its posterior and its rank histogram.

    ``which`` is "prior" (rows of the whole table) or "near" (rows near the record); ``prior_low``, ``prior_high`` and
    ``posterior_05``, ``posterior_95`` are 5 % and 95 % quantiles, in the parameter's unit; ``bins`` are numbers of
    left-out rows by the rank of the truth among posterior draws, adding up to ``tests``.
    """

    parameter: str
    which: str
    tests: int
    p_value: float
    coverage_50: float
    coverage_90: float
    correlation: float
    r_squared: float
    contraction: float
    z_mean: float
    z_sd: float
    verdict: str
    prior_low: float
    prior_high: float
    posterior_05: float
    posterior_50: float
    posterior_95: float
    bins: tuple[int, ...]


@dataclass(frozen=True)
class Recovery:
    """Both tables, and where the posterior comes from."""

    rows: tuple[Recovered, ...]
    misfit: tuple[Misfit, ...]

    def of(self, which: str) -> list[Recovered]:
        """Rows over the whole prior or near the record."""
        return [row for row in self.rows if row.which == which]


def read_recovery(recovery: Path | None = None, misfit: Path | None = None) -> Recovery:
    """Both tables; the embedded ones unless others are given.

    Raises:
        CalibrationError: a file is missing, or is not what it should be; the message names file, line and column.
    """
    table = recovery or RECOVERY_FILE
    numbered = _rows(table, ("parameter", "which", "tests", "verdict", *NUMBERS, *BIN_COLUMNS))
    found = tuple(_recovered(table, line, row) for line, row in numbered)
    if not found:
        raise CalibrationError(f"{table}: expected a row for each parameter, found none")
    pairs = [(row.parameter, row.which) for row in found]
    for pair in pairs:
        if pairs.count(pair) > 1:
            raise CalibrationError(f"{table}: parameter: {pair[0]} ({pair[1]}) is there more than once")
    ranks = misfit or MISFIT_FILE
    outside = tuple(
        Misfit(row["statistic"], _number(ranks, line, row, "rank", 0.0, 1.0))
        for line, row in _rows(ranks, ("statistic", "rank"))
    )
    return Recovery(found, outside)


def _rows(path: Path, expected: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Rows with their line numbers."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CalibrationError(
            f"{path}: missing: expected the table that `sector-centre calibrate` makes with the posterior"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationError(f"{path}: cannot be read: {error}") from None
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line and not line.startswith("#")]
    reader = csv.DictReader(line for _, line in lines)
    absent = [name for name in expected if name not in (reader.fieldnames or ())]
    if absent:
        raise CalibrationError(f"{path}: header: expected the columns {', '.join(absent)}, which are missing")
    rows = list(reader)
    for (number, _), row in zip(lines[1:], rows, strict=True):
        if any(row[name] is None for name in expected):
            raise CalibrationError(f"{path}: line {number}: expected {len(reader.fieldnames or ())} values")
    return [(number, row) for (number, _), row in zip(lines[1:], rows, strict=True)]


def _number(
    path: Path, line: int, row: dict[str, str], name: str, low: float = -float("inf"), high: float = float("inf")
) -> float:
    try:
        value = float(row[name])
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        between = f" from {low:g} to {high:g}" if (low, high) != (-float("inf"), float("inf")) else ""
        raise CalibrationError(f"{path}: line {line}: {name}: expected a number{between} (found {row[name]!r})")
    return value


def _recovered(path: Path, line: int, row: dict[str, str]) -> Recovered:
    if row["which"] not in (PRIOR, NEAR):
        raise CalibrationError(f"{path}: line {line}: which: expected {PRIOR} or {NEAR} (found {row['which']!r})")
    values = {name: _number(path, line, row, name) for name in NUMBERS}
    tests = int(_number(path, line, row, "tests", 1.0))
    bins = tuple(int(_number(path, line, row, name, 0.0)) for name in BIN_COLUMNS)
    if sum(bins) != tests:
        raise CalibrationError(f"{path}: line {line}: bins: expected a sum of {tests}, the tests (found {sum(bins)})")
    return Recovered(
        parameter=row["parameter"], which=row["which"], tests=tests, verdict=row["verdict"], bins=bins, **values
    )
