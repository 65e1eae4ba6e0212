"""A forecast as a file: draws by cercle and month in long form, with what made them.

Columns: ``month`` (2021-01), ``cercle``, ``variable`` (events or deaths), ``kind`` (each recorded kind and "all"),
``draw`` (from 0) and ``outcome`` (a whole number). The file's metadata hold the provenance and name what leaks from
later years.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.draws import DRAWS, draw_parameters
from abm.geography import CERCLES, ZONES
from calibration.agent_forecast import AgentModel
from calibration.errors import CalibrationError
from calibration.forecasting import FEWEST_DRAWS, VARIABLES
from calibration.gamma_poisson import IN_ZONE
from calibration.known_rates import LEAKS
from calibration.record_table import RECORDED_KINDS, Floats, RecordTable, month_name, month_number, recorded
from runs.folders import write_atomically
from runs.provenance import canonical_json, describe, hash_of_all, sha256
from runs.sections import Section, Table

if TYPE_CHECKING:
    import pyarrow as pa

EARLIEST, LATEST = "2018-07", "2021-01"
MOST_MONTHS, MOST_DRAWS = 36, 10_000
MOST_FUTURES = 60_000  # months times draws: 23 million rows
ALL = "all"
KINDS_IN_FILE = (*RECORDED_KINDS, ALL)
METADATA = b"sector_centre.forecast"
COLUMNS = ("month", "cercle", "variable", "kind", "draw", "outcome")


def checked_origin(text: str) -> int:
    """Number of the first month to be forecast, written 2021-01.

    Raises:
        CalibrationError: no month, or one without enough record before it.
    """
    try:
        month = month_number(text)
    except ValueError as error:
        raise CalibrationError(f"--from: {error}") from None
    if not month_number(EARLIEST) <= month <= month_number(LATEST):
        raise CalibrationError(
            f"--from: expected a month from {EARLIEST} to {LATEST}, so that at least 18 recorded months come before it "
            f"and none is missing (found {text})"
        )
    return month


def check_size(months: int, draws: int) -> None:
    """CalibrationError unless so many months and draws can be written."""
    for name, value, least, most in (
        ("--months", months, 1, MOST_MONTHS),
        ("--draws", draws, FEWEST_DRAWS, MOST_DRAWS),
    ):
        if not least <= value <= most:
            raise CalibrationError(f"{name}: expected {least} to {most} (found {value})")
    if months * draws > MOST_FUTURES:
        raise CalibrationError(
            f"--months times --draws: expected at most {MOST_FUTURES:,}, or the file outgrows memory (found "
            f"{months * draws:,})"
        )


def forecast(
    origin: int, months: int, draws: int, workers: int | None = None, done: Callable[[], object] | None = None
) -> Floats:
    """Draws by month, cercle and kind, "all" last: shape (draws, months, 15, 13, 2)."""
    model = AgentModel(workers=workers, done=done)
    by_kind = model.by_kind(recorded().before(origin), origin, months, draws)
    return np.concatenate([by_kind, by_kind.sum(axis=3, keepdims=True)], axis=3)


def as_table(draws: Floats, origin: int, about: dict[str, Any]) -> pa.Table:
    """The long form, ordered by month, cercle, variable, kind and draw."""
    import pyarrow as pa

    n, months, cercles, kinds, variables = draws.shape
    ordered = np.moveaxis(draws, (1, 2, 4, 3, 0), (0, 1, 2, 3, 4)).astype(np.int64)
    index = np.indices((months, cercles, variables, kinds, n), dtype=np.int32).reshape(5, -1)

    def words(axis: int, names: tuple[str, ...]) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(index[axis]), pa.array(list(names)))

    columns = {
        "month": words(0, tuple(month_name(origin + ahead) for ahead in range(months))),
        "cercle": words(1, CERCLES),
        "variable": words(2, VARIABLES),
        "kind": words(3, KINDS_IN_FILE),
        "draw": pa.array(index[4]),
        "outcome": pa.array(ordered.reshape(-1)),
    }
    return pa.table(columns, metadata={METADATA: canonical_json(about).encode()})


def about_forecast(origin: int, months: int, draws: int, record: RecordTable) -> dict[str, Any]:
    """Provenance of a forecast, and what it must not be taken for."""
    known = record.before(origin)
    request = {"from": month_name(origin), "months": months, "draws": draws}
    parameters = (draw_parameters(number, levels=False) for number in range(DRAWS))
    return {
        **request,
        "record_sha256": known.fingerprint(),
        "provenance": describe((), sha256(canonical_json(request)), hash_of_all(parameters), origin).model_dump(
            mode="json"
        ),
        "pooled_over_2017_2020": list(LEAKS),
        "kinds": list(KINDS_IN_FILE),
        "source": "own aggregation of ACLED (acleddata.com), 2017-2020",
        "not_for": "forecasts of named villages; months after 2021, when the actors had changed",
    }


def summary(draws: Floats, origin: int) -> Section:
    """The forecast by zone and in all: median and 90 % interval of the sum of the months."""
    first, last = month_name(origin), month_name(origin + draws.shape[1] - 1)
    total = draws[:, :, :, KINDS_IN_FILE.index(ALL)].sum(axis=1)  # draws, cercles, variables
    by_zone = np.einsum("dcv,cz->dzv", total, IN_ZONE)
    rows = [(name, *map(_interval, by_zone[:, z].T)) for z, name in enumerate(ZONES)]
    rows.append(("all", *map(_interval, total.sum(axis=1).T)))
    paragraphs = (
        f"{draws.shape[0]} equally likely futures of {first} to {last}, from what was recorded before {first}. "
        "In brackets 90 % of the futures.",
        "Not from that record alone: " + "; ".join(LEAKS) + ".",
    )
    return Section("forecast", "Forecast", paragraphs, (Table(("Zone", "Events", "Deaths"), tuple(rows)),))


def _interval(values: Floats) -> str:
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95), method="inverted_cdf")
    return f"{middle:,.0f} ({low:,.0f} to {high:,.0f})"


def write_forecast(draws: Floats, origin: int, about: dict[str, Any], out: Path) -> None:
    """Write the file whole or not at all."""
    from pyarrow import parquet

    table = as_table(draws, origin, about)
    write_atomically(out, lambda path: parquet.write_table(table, path, compression="zstd"))


def read_about(path: Path) -> dict[str, Any]:
    """What a file of this program says of itself."""
    from pyarrow import parquet

    held = parquet.read_schema(path).metadata or {}
    about: dict[str, Any] = json.loads(held[METADATA])
    return about
