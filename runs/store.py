"""One run as a folder: manifest.json and the logs as Parquet, readable by people and by any data tool.

Codes are stored as names, positions also as longitude and latitude, days also as dates. Every number of the records is
kept to the bit, so that :func:`rerun` can compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from abm.calendar import DAY_ZERO
from abm.geography import CERCLES, COMMUNITIES, ZONES, to_lonlat
from abm.kinds import ACTIONS, ACTORS, ANSWERS, FACTIONS, KINDS, OUTCOMES
from abm.parameters import Parameters
from abm.scenario import Scenario, explain
from abm.simulation import MOST_SEED
from abm.tables import EVENTS, OPERATION_NAMES, Table
from runs.folders import (
    MANIFEST,
    ResultError,
    check_files,
    new_folder,
    read_manifest,
    refuse_to_replace,
    write_manifest,
)
from runs.provenance import Provenance, canonical_json, provenance, sha256

if TYPE_CHECKING:
    import pyarrow as pa

    from abm.records import Records

KIND = "run"
PARTS = ("events", "operations", "days")
# Names of the codes in each log; a code outside its list, such as -1 for none, becomes a null.
CODES: dict[str, Sequence[str]] = {
    "kind": KINDS,
    "actor": ACTORS,
    "faction": FACTIONS,
    "action": (*ACTIONS, "patrol_of_un"),
    "outcome": OUTCOMES,
    "answer": ANSWERS,
    "cercle": CERCLES,
    "zone": ZONES,
    "community": COMMUNITIES,
    "what": OPERATION_NAMES,
}


@dataclass(frozen=True)
class StoredRun:
    """A run read back: its inputs, and its logs as Arrow tables on demand."""

    folder: Path
    provenance: Provenance
    scenario: Scenario
    parameters: Parameters
    seed: int
    first_day: int
    last_day: int
    clock_zero: int

    def table(self, part: str) -> pa.Table:
        """One of the logs of PARTS; ``.to_pandas()`` makes it a frame."""
        return _read_table(self.folder / f"{part}.parquet")

    def events(self) -> Table:
        """The event log as the run left it, with row type :data:`abm.tables.EVENTS`."""
        return log_array(self.table("events"), EVENTS)


def log_table(log: Table, about: Provenance | None = None) -> pa.Table:
    """A log with named codes, dates and degrees; its columns in the order of the log, what is derived in front."""
    import pyarrow as pa

    columns: dict[str, Any] = {"date": np.datetime64(DAY_ZERO, "D") + log["day"]}
    names: tuple[str, ...] = log.dtype.names or ()
    if "x" in names:
        columns["longitude"], columns["latitude"] = to_lonlat(log["x"], log["y"])
    for name in names:
        codes = CODES.get(name)
        values = np.ascontiguousarray(log[name])
        columns[name] = pa.array(values) if codes is None else _named(values, codes)
    metadata = about.as_metadata() if about is not None else None
    return pa.table(columns, metadata=metadata)


def log_array(table: pa.Table, dtype: np.dtype[Any]) -> Table:
    """The inverse of :func:`log_table`: codes again, without what was derived.

    Raises:
        ResultError: a column is missing or of another type.
    """
    log = np.zeros(table.num_rows, dtype)
    try:
        for name in dtype.names or ():
            codes = CODES.get(name)
            column = table[name]
            log[name] = column.to_numpy() if codes is None else _codes(column, codes)
    except (KeyError, ValueError, TypeError) as error:
        raise ResultError(f"log of another layout: {error}") from None
    return log


def _codes(column: Any, codes: Sequence[str]) -> list[int]:
    number = {name: code for code, name in enumerate(codes)}
    return [-1 if name is None else number[name] for name in column.to_pylist()]


def _named(values: NDArray[np.int64], codes: Sequence[str]) -> Any:
    import pyarrow as pa

    known = (values >= 0) & (values < len(codes))
    indices = pa.array(np.where(known, values, 0).astype(np.int32), mask=~known)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(codes)))


def _read_table(path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise ResultError(f"{path}: cannot be read: {error}") from None


def check_target(
    out: Path, scenario: Scenario, parameters: Parameters, seed: int, days: int | None, overwrite: bool = False
) -> None:
    """Refuse a folder that holds something else, before the run is made; see :func:`refuse_to_replace`."""
    refuse_to_replace(out, KIND, provenance(scenario, parameters, seed), {"days": days}, overwrite)


def write_run(records: Records, out: Path, days: int | None = None, overwrite: bool = False) -> Provenance:
    """Store a run in a folder, whole or not at all.

    Args:
        records: what the run left.
        out: folder to make.
        days: length that was asked for, None for the scenario's own; part of what makes two results the same.
        overwrite: replace another result.

    Raises:
        ResultError: the folder holds something else.
        OSError: it cannot be written.
    """
    from pyarrow import parquet

    about = provenance(records.scenario, records.parameters, records.seed)
    request = {"days": days}
    refuse_to_replace(out, KIND, about, request, overwrite)
    with new_folder(out) as folder:
        for part in PARTS:
            parquet.write_table(log_table(getattr(records, part), about), folder / f"{part}.parquet")
        content = {
            "first_day": records.first_day,
            "last_day": records.last_day,
            "clock_zero": records.clock_zero,
            "scenario": records.scenario.model_dump(mode="json"),
            "parameters": records.parameters.model_dump(mode="json"),
        }
        write_manifest(folder, KIND, about, request, content)
    return about


def read_run(folder: Path) -> StoredRun:
    """A stored run whose files are as they were written.

    Raises:
        ResultError: not a run, damaged, changed since, or written by another version with other scenario or parameter
            fields.
    """
    manifest = read_manifest(folder, KIND)
    check_files(folder, manifest)
    missing = [f"{part}.parquet" for part in PARTS if f"{part}.parquet" not in manifest["files"]]
    if missing:
        raise ResultError(f"{folder}: {missing[0]}: missing from the manifest")
    label = str(folder / MANIFEST)
    try:
        run = _run_of(folder, manifest)
        _check_inputs(label, manifest, run.provenance)
    except ValidationError as error:
        raise ResultError(explain(error, label)) from None
    except RecursionError:
        raise ResultError(f"{label}: damaged: nested too deeply") from None
    except KeyError as error:
        raise ResultError(f"{label}: damaged: {error.args[0]}: missing") from None
    except (TypeError, ValueError) as error:
        raise ResultError(str(error) if isinstance(error, ResultError) else f"{label}: damaged: {error}") from None
    _check_days(label, run)
    return run


def _run_of(folder: Path, manifest: dict[str, Any]) -> StoredRun:
    about = Provenance.model_validate(manifest["provenance"])
    scenario = Scenario.model_validate(manifest["scenario"])
    parameters = Parameters.model_validate(manifest["parameters"])
    days = (_whole(manifest, name) for name in ("first_day", "last_day", "clock_zero"))
    return StoredRun(folder, about, scenario, parameters, about.seed, *days)


def _whole(manifest: dict[str, Any], name: str) -> int:
    value = manifest[name]
    if type(value) is not int:
        raise ValueError(f"{name}: expected a day number (found {value!r})")
    return value


def _check_inputs(label: str, manifest: dict[str, Any], about: Provenance) -> None:
    """Scenario, parameters and seed are those that the run was made with.

    What the manifest says is hashed as it stands: fields that a later version adds do not count as changes.
    """
    for field, expected in (("scenario", about.scenario_hash), ("parameters", about.parameter_hash)):
        if sha256(canonical_json(manifest[field])) != expected:
            raise ResultError(f"{label}: {field}: has changed since the run (differs from its hash in provenance)")
    if not 0 <= about.seed <= MOST_SEED:
        raise ResultError(f"{label}: provenance.seed: expected 0 to {MOST_SEED} (found {about.seed})")


def _check_days(label: str, run: StoredRun) -> None:
    """The manifest's first and last day are those of the log of days, which has a row for each."""
    try:
        logged = run.table("days")["day"].to_numpy()
    except KeyError:
        raise ResultError(f"{run.folder / 'days.parquet'}: day: missing column") from None
    first = int(logged[0]) if logged.size else run.first_day
    for name, expected in (("first_day", first), ("last_day", first + logged.size)):
        if getattr(run, name) != expected:
            raise ResultError(f"{label}: {name}: expected {expected}, as in days.parquet (found {getattr(run, name)})")


def differences(stored: pa.Table, again: pa.Table) -> list[str]:
    """Columns in which two tables differ in any bit, with the first row that does."""
    if stored.num_rows != again.num_rows:
        return [f"{stored.num_rows} rows stored, {again.num_rows} now"]
    if stored.column_names != again.column_names:
        return [f"columns {', '.join(stored.column_names)} stored, {', '.join(again.column_names)} now"]
    found = []
    for name in stored.column_names:
        unlike = np.flatnonzero(_bits(stored[name]) != _bits(again[name]))
        if unlike.size:
            row = int(unlike[0])
            found.append(
                f"{name}: {unlike.size} rows differ, first row {row}: "
                f"{stored[name][row].as_py()!r} stored, {again[name][row].as_py()!r} now"
            )
    return found


def _bits(column: Any) -> NDArray[Any]:
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    values: NDArray[Any] = column.to_numpy()
    return values.view(np.int64) if values.dtype.kind in "fM" else values  # no number and no date equals itself


def check_reproducible(run: StoredRun, anyway: bool = False) -> None:
    """Whether a run made here may be expected to equal a stored one to the bit.

    Args:
        run: a stored run.
        anyway: accept other versions, code or mathematics.

    Raises:
        ResultError: made with other versions, code, mathematical library or gazetteer.
    """
    here = provenance(run.scenario, run.parameters, run.seed)
    if here.gazetteer_hash != run.provenance.gazetteer_hash:
        raise ResultError(f"{run.folder}: world.gazetteer: {run.scenario.world.gazetteer} has changed since the run")
    unlike = here.differing_bits(run.provenance)
    if unlike and not anyway:
        listed = "\n".join(f"  {line}" for line in unlike)
        raise ResultError(
            f"{run.folder}: equal bits are promised only for equal versions and mathematics, and these differ:\n"
            f"{listed}\nInstall the versions of the stored run, or compare all the same with --anyway."
        )


def rerun(folder: Path, anyway: bool = False) -> list[str]:
    """Run a stored run again and compare every logged bit.

    Returns:
        What differs; empty where the run is reproduced to the bit.

    Raises:
        ResultError: damaged, or not expected to be equal; see :func:`check_reproducible`.
    """
    from abm import simulate

    run = read_run(folder)
    check_reproducible(run, anyway)
    records = simulate(run.scenario, run.parameters, seed=run.seed, last_day=run.last_day)
    days = [
        f"{name}: {getattr(run, name)} stored, {getattr(records, name)} now"
        for name in ("first_day", "clock_zero")
        if getattr(run, name) != getattr(records, name)
    ]
    return days + [
        f"{part}: {line}" for part in PARTS for line in differences(run.table(part), log_table(getattr(records, part)))
    ]
