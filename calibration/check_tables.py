"""The numbers of the check as tables: CSV for people, Parquet for every single score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.geography import CERCLES
from calibration.check_findings import agent_contests, findings, variant_difference
from calibration.check_forecasts import by_month_ahead
from calibration.check_making import VARIANT_TARGETS
from calibration.check_parts import Checked
from calibration.check_recovery import BIN_COLUMNS
from calibration.check_scores import mean_of
from calibration.forecasting import VARIABLES
from calibration.record_table import month_name
from calibration.rolling import ALL_KINDS, SCORES, Scores, rows
from runs.provenance import Provenance
from runs.tidy import as_table

if TYPE_CHECKING:
    import pyarrow as pa

Rows = Sequence[Mapping[str, Any]]


def write_tables(checked: Checked, folder: Path, about: Provenance) -> None:
    """Write all tables; those without rows are left out.

    Raises:
        OSError: a file cannot be written.
    """
    from pyarrow import csv, parquet

    for name, found in tables(checked).items():
        if found:
            csv.write_csv(as_table(found), folder / f"{name}.csv")
    table = cells(checked).replace_schema_metadata(about.as_metadata())
    parquet.write_table(table, folder / "forecast-cells.parquet", compression="zstd")


def tables(checked: Checked) -> dict[str, Rows]:
    """Rows by name of table."""
    return {
        "findings": [asdict(finding) for finding in findings(checked)],
        "recovery": [_flat(asdict(row), "bins", BIN_COLUMNS) for row in checked.recovery.rows],
        "misfit": [row._asdict() for row in checked.recovery.misfit],
        "records": [asdict(row) for row in checked.predicted.rows],
        "deaths-per-event": _survival(checked),
        "check-2020": [asdict(line) | {"error": line.error, "inside": line.inside} for line in checked.year.lines],
        "contests": _contests(checked),
        "by-month-ahead": _by_month_ahead(checked),
        "scores": _scores(checked),
        "space": [row._asdict() for name, found in checked.space.items() for row in rows(name, ALL_KINDS, found)],
        "variants": _variants(checked),
        "natural-experiments": [asdict(line) for line in checked.natural.lines],
    }


def _flat(row: dict[str, Any], name: str, columns: Sequence[str]) -> dict[str, Any]:
    """A row with one column for each of a tuple's values."""
    values = row.pop(name)
    return row | dict(zip(columns, values, strict=True))


def _survival(checked: Checked) -> Rows:
    found = checked.predicted.survival
    columns = {"at_least_deaths": found.deaths, "observed": found.observed, "median": found.middle,
               "low": found.low, "high": found.high}  # fmt: skip
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _contests(checked: Checked) -> Rows:
    return [
        {
            "target": one.target, "variable": one.variable, "months_ahead": one.ahead, "score": one.score,
            "agent_model": one.mine, "best_other": one.best, "its_score": one.theirs,
            "difference_percent": one.difference.value, "low": one.difference.low, "high": one.difference.high,
            "resolved": one.resolved, "lost": one.lost, "better": "; ".join(one.better),
        }
        for one in agent_contests(checked)
    ]  # fmt: skip


def _by_month_ahead(checked: Checked) -> Rows:
    """CRPS of the agent model against the filter's for every target."""
    return [
        {"target": target, "variable": variable, "months_ahead": ahead, "difference_percent": one.value,
         "low": one.low, "high": one.high}
        for target in checked.forecasts
        for variable in VARIABLES
        for ahead, one in enumerate(by_month_ahead(checked, target, variable), 1)
    ]  # fmt: skip


def _scores(checked: Checked) -> Rows:
    """Means of every score, forecaster and target over cercles and months, and over zones and quarters."""
    return [
        row._asdict() | {"units": units}
        for target, checks in checked.forecasts.items()
        for name, check in checks.items()
        for units, scores in (("cercles and months", check.cells), ("zones and quarters", check.zone_quarters))
        for row in rows(name, target, scores)
    ]


def _variants(checked: Checked) -> Rows:
    found = []
    for name, scores in checked.variants.items():
        for target in VARIANT_TARGETS:
            for variable in VARIABLES:
                mean = mean_of(scores[target].values("crps", variable))
                difference = variant_difference(checked, name, target, variable)
                found.append(
                    {
                        "variant": name, "target": target, "variable": variable, "crps": mean.value,
                        "crps_low": mean.low, "crps_high": mean.high, "difference_percent": difference.value,
                        "low": difference.low, "high": difference.high,
                    }
                )  # fmt: skip
    return found


def cells(checked: Checked) -> pa.Table:
    """Every score of every forecaster, target, origin, month ahead, cercle and variable that was recorded."""
    import pyarrow as pa

    parts = [
        _cells(target, name, check.cells) for target, checks in checked.forecasts.items()
        for name, check in checks.items()
    ]  # fmt: skip
    return pa.concat_tables(parts)


def _cells(target: str, name: str, scores: Scores) -> pa.Table:
    import pyarrow as pa

    shape = scores.by_name[SCORES[0]].shape
    origin, ahead, cercle, variable = (index.ravel() for index in np.indices(shape))
    known = np.isfinite(scores.by_name[SCORES[0]].ravel())

    def words(codes: np.ndarray[Any, Any], names: Sequence[str]) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes[known].astype(np.int32)), pa.array(list(names)))

    nought = np.zeros(origin.size, dtype=np.int64)
    columns = {
        "target": words(nought, [target]),
        "forecaster": words(nought, [name]),
        "origin": words(origin, [month_name(number) for number in scores.origins]),
        "months_ahead": pa.array((ahead + 1)[known]),
        "cercle": words(cercle, CERCLES),
        "variable": words(variable, VARIABLES),
        **{score: pa.array(scores.by_name[score].ravel()[known]) for score in SCORES},
    }
    return pa.table(columns)
