"""Simulations from the prior, stored once: what inference, and the checks of inference, are made from.

A table is a folder: ``manifest.json`` and one Parquet part for each block of rows. A row is a pure function of its
number, and a part is put in place whole, so that an interrupted table is resumed by building it again; the numbers are
the same whoever simulated them, in whatever order.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calibration.errors import CalibrationError
from calibration.record_table import Floats, Integers
from calibration.table_workers import Simulator, simulate_blocks
from runs.folders import MANIFEST, ResultError, alone_in, first_difference, write_atomically
from runs.provenance import canonical_json, sha256

KIND = "reference table"
FORMAT = 1
BLOCK = 100
SETTINGS_KEY = b"sector_centre.settings"
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class ReferenceTable:
    """Simulations from the prior: ``theta`` (n, p) in natural units and ``statistics`` (n, s), NaN where without value.

    ``numbers`` (n,) are the rows' numbers, ``settings`` what the simulator said determines them.
    """

    numbers: Integers
    theta: Floats
    statistics: Floats
    parameter_names: tuple[str, ...]
    statistic_names: tuple[str, ...]
    settings: Mapping[str, Any]

    def __post_init__(self) -> None:
        rows = self.numbers.shape[0]
        for name, values, names in (
            ("theta", self.theta, self.parameter_names),
            ("statistics", self.statistics, self.statistic_names),
        ):
            if values.shape != (rows, len(names)):
                raise CalibrationError(f"{name}: expected shape {(rows, len(names))}, got {values.shape}")

    def __len__(self) -> int:
        return int(self.numbers.shape[0])

    def missing(self) -> dict[str, int]:
        """How many rows have no value, for each statistic of which some have none."""
        counts = np.isnan(self.statistics).sum(axis=0)
        return {name: int(count) for name, count in zip(self.statistic_names, counts, strict=True) if count}

    def fingerprint(self) -> str:
        """SHA-256 of settings, names and every bit of the rows in the order of their numbers, in hexadecimal."""
        names = {"parameters": self.parameter_names, "statistics": self.statistic_names}
        digest = hashlib.sha256(canonical_json({"settings": self.settings, **names}).encode())
        order = np.argsort(self.numbers, kind="stable")
        digest.update(self.numbers[order].astype("<i8").tobytes())
        for values in (self.theta, self.statistics):
            one_nan = np.where(np.isnan(values), np.nan, values)[order]
            digest.update(one_nan.astype("<f8").tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Plan:
    """What the manifest says: settings, names, and rows by blocks."""

    settings: Mapping[str, Any]
    parameters: tuple[str, ...]
    statistics: tuple[str, ...]
    size: int
    block: int

    def blocks(self) -> list[range]:
        """Numbers of the rows of each part."""
        return [range(first, min(first + self.block, self.size)) for first in range(0, self.size, self.block)]

    def part(self, folder: Path, numbers: range) -> Path:
        """File of a block."""
        return folder / f"part-{numbers.start // self.block:05d}.parquet"

    @property
    def columns(self) -> list[str]:
        """Columns of a part besides the number of the row."""
        return [f"parameter.{name}" for name in self.parameters] + [f"statistic.{name}" for name in self.statistics]

    def settings_hash(self) -> str:
        """SHA-256 of the settings' canonical JSON."""
        return sha256(canonical_json(self.settings))


def build(
    simulator: Simulator,
    folder: Path,
    size: int,
    *,
    block: int = BLOCK,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ReferenceTable:
    """Simulate rows 0 to ``size`` - 1, or those of them that the folder does not hold yet, and read the whole table.

    Finished blocks stay whatever happens: an error, Ctrl-C, a killed process. To go on, build again with the same
    settings; the size may then be larger. A damaged part is named in the log and simulated anew, as is the last block
    of a table that grows, unless it was full.

    Args:
        simulator: makes a row from its number.
        folder: where the table lies; made if it does not exist.
        size: rows.
        block: rows of a part, the unit of work and of loss; a table that exists keeps its own.
        workers: processes, the cores by default; 1 simulates in this process.
        cluster: address of a dask scheduler, or "local:N"; see :func:`calibration.table_workers.simulate_blocks`.
        progress: called with rows done and rows of the table, at first and after each block.

    Raises:
        ResultError: the folder holds something else, a table of other settings, or a larger one; or another process is
            building it.
        CalibrationError: a row could not be simulated, or workers failed.
        OSError: the folder cannot be written.
    """
    asked = _asked(simulator, size, block)
    folder.mkdir(parents=True, exist_ok=True)
    with alone_in(folder, "table"):
        plan = _agreed(folder, asked)
        for stale in folder.glob(".*.partial"):  # of a process that was killed: nobody else is at work here
            stale.unlink(missing_ok=True)
        missing = [numbers for numbers in plan.blocks() if not _is_whole(plan, folder, numbers)]
        done = size - sum(map(len, missing))
        report = progress or (lambda _done, _size: None)
        report(done, size)
        with closing(simulate_blocks(simulator, missing, workers, cluster)) as results:
            for numbers, rows in results:
                _write_part(plan, folder, numbers, rows)
                done += len(numbers)
                report(done, size)
    return read(folder)


def read(folder: Path, *, unfinished: bool = False) -> ReferenceTable:
    """A table from its folder.

    Args:
        folder: what :func:`build` wrote.
        unfinished: accept a table that is still being built, and read the parts there are.

    Raises:
        ResultError: no table, damaged, or not finished.
    """
    plan = _read_plan(folder)
    blocks = plan.blocks()
    if unfinished:
        blocks = [numbers for numbers in blocks if plan.part(folder, numbers).exists()]
    rows = [_read_part(plan, folder, numbers) for numbers in blocks]
    values = np.concatenate(rows) if rows else np.empty((0, len(plan.columns)))
    p = len(plan.parameters)
    return ReferenceTable(
        numbers=np.array([number for numbers in blocks for number in numbers], dtype=np.int64),
        theta=np.ascontiguousarray(values[:, :p]),
        statistics=np.ascontiguousarray(values[:, p:]),
        parameter_names=plan.parameters,
        statistic_names=plan.statistics,
        settings=plan.settings,
    )


# --- manifest -------------------------------------------------------------------------------------------------------


def _asked(simulator: Simulator, size: int, block: int) -> Plan:
    for name, value in (("size", size), ("block", block)):
        if value < 1:
            raise CalibrationError(f"{name}: expected 1 or more, got {value}")
    try:
        settings = json.loads(canonical_json(dict(simulator.settings)))
    except (TypeError, ValueError) as error:
        raise CalibrationError(f"settings: expected what JSON can hold: {error}") from None
    for kind, names in (("parameters", simulator.parameters), ("statistics", simulator.statistics)):
        if not names or len(set(names)) != len(names):
            raise CalibrationError(f"{kind}: expected one or more different names, got {names}")
    return Plan(settings, tuple(simulator.parameters), tuple(simulator.statistics), size, block)


def _agreed(folder: Path, asked: Plan) -> Plan:
    """The plan of a new folder, or of the table that lies there if it is the same, with its size updated."""
    if not (folder / MANIFEST).exists():
        if any(path for path in folder.iterdir() if not path.name.endswith(".partial")):
            raise ResultError(f"{folder}: holds files that are no reference table; choose another folder")
        _write_plan(folder, asked)
        return asked
    found = _read_plan(folder)
    for name in ("parameters", "statistics", "settings"):
        difference = first_difference(name, getattr(found, name), getattr(asked, name))
        if difference:
            raise ResultError(f"{folder}: holds a table of other settings: {difference}; choose another folder")
    if found.size > asked.size:
        raise ResultError(f"{folder}: size: expected {found.size} or more, as the table has, got {asked.size}")
    plan = Plan(asked.settings, asked.parameters, asked.statistics, asked.size, found.block)
    if found.size < asked.size:
        _write_plan(folder, plan)
    return plan


def _write_plan(folder: Path, plan: Plan) -> None:
    manifest = {
        "format": FORMAT,
        "kind": KIND,
        "size": plan.size,
        "block": plan.block,
        "parameters": plan.parameters,
        "statistics": plan.statistics,
        "settings_sha256": plan.settings_hash(),
        "settings": plan.settings,
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    write_atomically(folder / MANIFEST, lambda path: path.write_text(text + "\n", encoding="utf-8"))


def _read_plan(folder: Path) -> Plan:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ResultError(f"{folder}: no {MANIFEST}: not a reference table") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ResultError(f"{path}: cannot be read: {error}") from None
    if not isinstance(manifest, dict) or (manifest.get("kind"), manifest.get("format")) != (KIND, FORMAT):
        raise ResultError(f"{path}: kind and format: expected {KIND!r} and {FORMAT}")
    for name, kind in {"size": int, "block": int, "parameters": list, "statistics": list, "settings": dict}.items():
        if type(manifest.get(name)) is not kind:
            raise ResultError(f"{path}: {name}: expected {kind.__name__}, found {manifest.get(name)!r}")
    parameters, statistics = (tuple(map(str, manifest[name])) for name in ("parameters", "statistics"))
    plan = Plan(manifest["settings"], parameters, statistics, manifest["size"], manifest["block"])
    if plan.size < 1 or plan.block < 1:
        raise ResultError(f"{path}: size and block: expected 1 or more, found {plan.size} and {plan.block}")
    if plan.settings_hash() != manifest.get("settings_sha256"):
        raise ResultError(f"{path}: settings: have changed since the table was begun (checksum differs)")
    return plan


# --- parts ----------------------------------------------------------------------------------------------------------


def _write_part(plan: Plan, folder: Path, numbers: range, rows: Floats) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    columns: dict[str, Any] = {"number": np.arange(numbers.start, numbers.stop, dtype=np.int64)}
    columns |= {name: rows[:, i] for i, name in enumerate(plan.columns)}
    table = pa.table(columns, metadata={SETTINGS_KEY: plan.settings_hash()})
    path = plan.part(folder, numbers)
    write_atomically(path, lambda target: parquet.write_table(table, target, write_page_checksum=True))


def _read_part(plan: Plan, folder: Path, numbers: range) -> Floats:
    """Rows of a part, shape (rows, p + s).

    Raises:
        ResultError: missing, damaged, or not these rows of this table.
    """
    import pyarrow as pa
    from pyarrow import parquet

    path = plan.part(folder, numbers)
    try:
        table = parquet.read_table(path, page_checksum_verification=True)
    except FileNotFoundError:
        raise ResultError(f"{path}: missing: the table is not finished; build it again to go on") from None
    except (OSError, ValueError, pa.ArrowException) as error:
        raise ResultError(f"{path}: damaged: {str(error).splitlines()[0]}") from None
    if table.column_names != ["number", *plan.columns]:
        raise ResultError(f"{path}: damaged: other columns than {MANIFEST} says")
    if (table.schema.metadata or {}).get(SETTINGS_KEY, b"").decode() != plan.settings_hash():
        raise ResultError(f"{path}: damaged: of a table of other settings")
    if any(column.type != pa.float64() or column.null_count for column in table.columns[1:]):
        raise ResultError(f"{path}: damaged: expected float64 in every column but the first")
    if not np.array_equal(table["number"].to_numpy(), np.arange(numbers.start, numbers.stop)):
        raise ResultError(f"{path}: expected rows {numbers.start} to {numbers.stop - 1}, found {table.num_rows} others")
    return np.stack([table[name].to_numpy() for name in plan.columns], axis=1)


def _is_whole(plan: Plan, folder: Path, numbers: range) -> bool:
    path = plan.part(folder, numbers)
    if not path.exists():
        return False
    try:
        _read_part(plan, folder, numbers)
    except ResultError as error:
        LOG.warning("%s; simulated again", error)
        return False
    return True
