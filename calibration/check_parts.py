"""The parts of the check, made one after the other; finished ones are kept, so that an interrupted check goes on.

Forecasts are a part for each origin, structural variants a part each. A part is a JSON file in a hidden folder beside
the report's; the folder remembers the code, the embedded tables and the settings that began it and refuses others.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from abm.geography import CERCLES, ZONES
from calibration import check_making as making
from calibration.check_making import AGENT, CHECKED_TARGETS, VARIANT_TARGETS, VARIANTS, Predicted, Settings, Work
from calibration.check_recovery import DATA, Recovery
from calibration.check_scores import Packed, joined_checks, unpacked
from calibration.errors import CalibrationError
from calibration.pipeline import Progress
from calibration.published_effects import NaturalExperiments
from calibration.record_table import month_number
from calibration.rolling import FORECASTERS, HORIZON, ORIGINS, QUARTER, SPATIAL, Scores
from calibration.rolling import Checked as TimeChecked
from calibration.table_workers import identity
from runs.check2020 import Check
from runs.folders import ResultError, write_text

FEWEST = Settings(20, 20, 20, 4)
BEGUN = "begun.json"
# What only reads finished parts does not make them others.
READERS = ("check_report", "check_findings", "check_sections", "check_forecasts", "check_tables", "cli")


@dataclass(frozen=True, eq=False)
class Checked:
    """All parts of a check.

    ``forecasts`` are by target and forecaster, ``space`` by forecaster, ``variants`` by variant and target;
    ``natural`` is what :func:`calibration.natural_experiments.re_enact` found.
    """

    settings: Settings
    recovery: Recovery
    predicted: Predicted
    year: Check
    forecasts: Mapping[str, Mapping[str, TimeChecked]]
    space: Mapping[str, Scores]
    variants: Mapping[str, Mapping[str, Scores]]
    natural: NaturalExperiments


def slug(name: str) -> str:
    """A name as it stands in a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class Part(NamedTuple):
    """One part: its name in files, what makes it, and its type."""

    name: str
    make: Callable[[Work], Any]
    type: Callable[[], Any]


def forecast_part(origin: str) -> str:
    """Name of the part of an origin."""
    return f"forecasts-{origin}"


def variant_part(name: str) -> str:
    """Name of the part of a variant."""
    return f"variant-{slug(name)}"


def all_parts() -> tuple[Part, ...]:
    """Parts in the order in which they are made, quick ones first."""
    return (
        Part("recovery", making.recovery, lambda: Recovery),
        Part("space", making.space, lambda: dict[str, Packed]),
        Part("year-2020", making.year_2020, lambda: Check),
        Part("predictive", making.predictive, lambda: Predicted),
        *(Part(forecast_part(o), partial(making.forecasts, origin=o), lambda: making.TimeParts) for o in ORIGINS),
        *(Part(variant_part(v), partial(making.variant, name=v), lambda: making.VariantPart) for v in VARIANTS),
        Part("natural-experiments", making.natural_experiments, lambda: NaturalExperiments),
    )


# --- keeping --------------------------------------------------------------------------------------------------------


def parts_folder(out: Path) -> Path:
    """Where finished parts are kept: hidden, beside the report's folder, which is replaced as a whole."""
    target = Path(os.path.realpath(out))  # so that "." has a name too
    return target.with_name(f".{target.name}.parts")


def made_by() -> dict[str, str]:
    """Code, versions and embedded tables that decide what parts hold."""
    folder = Path(__file__).resolve().parent
    code = [path for path in sorted(folder.glob("*.py")) if path.stem not in READERS]
    own = {"calibration_fingerprint": _digest(code), "data_fingerprint": _digest(_data())}
    return {**identity(), **own}


def _data() -> list[Path]:
    return sorted(path for path in DATA.rglob("*") if path.suffix in (".csv", ".toml"))


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def begin(folder: Path, settings: Settings) -> None:
    """Make the folder, or see that it was begun by the same code for the same check.

    Raises:
        ResultError: it holds something else.
    """
    request = {**settings._asdict(), **made_by()}
    path = folder / BEGUN
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ResultError(f"{path}: damaged: expected a table of JSON; remove {folder} to begin anew")
        unlike = [f"{k}: {found.get(k)!r} there, {v!r} here" for k, v in request.items() if found.get(k) != v]
        if unlike:
            raise ResultError(
                f"{folder}: was begun by other code or for another size: {'; '.join(unlike)}; remove it to begin anew"
            )
        return
    # What is half written was left by a process that was killed here.
    if folder.exists() and any(not file.name.endswith(".partial") for file in folder.iterdir()):
        raise ResultError(f"{folder}: holds files that are no check; remove them, or choose another folder with --out")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(request, indent=1))


def keep(folder: Path, part: Part, found: Any) -> Any:
    """Write a part, and give it back as it will be read."""
    plain = TypeAdapter(part.type()).dump_python(found)
    write_text(folder / f"{part.name}.json", json.dumps(plain))
    return load(folder, part)


def load(folder: Path, part: Part) -> Any | None:
    """A kept part; None if it was not made yet.

    Raises:
        ResultError: the file is damaged.
    """
    path = folder / f"{part.name}.json"
    if not path.exists():
        return None
    try:
        found = TypeAdapter(part.type()).validate_python(json.loads(path.read_text(encoding="utf-8")))
        return _decoded(part.name, found)
    except (ValidationError, ValueError, KeyError, RecursionError) as error:
        first = str(error).splitlines()[0]
        raise ResultError(f"{path}: damaged ({first}); remove it to have this part made again") from None


def _decoded(name: str, found: Any) -> Any:
    """Lists of scores as arrays."""
    if name == "space":
        return {forecaster: _cells(found[forecaster], ORIGINS) for forecaster in SPATIAL}
    if name.startswith("variant-"):
        return {target: _cells(found[target], ORIGINS) for target in VARIANT_TARGETS}
    if name.startswith("forecasts-"):
        origin = (name.removeprefix("forecasts-"),)
        return {
            target: {who: _check(found[target][who], origin) for who in (AGENT, *FORECASTERS)}
            for target in CHECKED_TARGETS
        }
    return found


def _cells(found: Packed, origins: tuple[str, ...]) -> Scores:
    return unpacked(found, tuple(map(month_number, origins)), 1, HORIZON, len(CERCLES))


def _check(found: dict[str, Packed], origins: tuple[str, ...]) -> TimeChecked:
    numbers = tuple(map(month_number, origins))
    quarters = unpacked(found["zone_quarters"], numbers, QUARTER, HORIZON // QUARTER, len(ZONES))
    return TimeChecked(_cells(found["cells"], origins), quarters)


# --- all together ---------------------------------------------------------------------------------------------------


def check_size(settings: Settings) -> None:
    """CalibrationError unless there is enough to tell anything from."""
    for name, value in settings._asdict().items():
        least = getattr(FEWEST, name)
        if value < least:
            raise CalibrationError(f"--{name.replace('_', '-')}: expected {least} or more (found {value})")


def run_checks(
    out: Path, progress: Progress, *, draws: int = 500, variant_draws: int = 200, runs: int = 200,
    replicates: int = 500, workers: int | None = None,
) -> Checked:  # fmt: skip
    """Make all parts that are not there yet, one after the other.

    Args:
        out: folder of the report; parts are kept beside it (:func:`parts_folder`).
        progress: makes a line of progress for a part: called with what is counted and how many there will be.
        draws: equally likely futures of each forecast of the agent model and of all others.
        variant_draws: the same for structural variants.
        runs: of 2017-2020, and of 2020.
        replicates: pairs of runs of each natural experiment, at least.
        workers: threads; the cores by default.

    Raises:
        CalibrationError: numbers too small, or an embedded table is missing.
        ResultError: parts were made by other code or for another size, or one is damaged.
    """
    settings = Settings(draws, variant_draws, runs, replicates)
    check_size(settings)
    folder, parts = parts_folder(out), all_parts()
    begin(folder, settings)
    kept = {part.name: load(folder, part) for part in parts}  # damage is told before anything is run
    work = Work(settings, progress, workers)
    found = {
        part.name: keep(folder, part, part.make(work)) if kept[part.name] is None else kept[part.name] for part in parts
    }
    return gathered(settings, found)


def gathered(settings: Settings, found: Mapping[str, Any]) -> Checked:
    """Parts by name as one check; origins joined."""
    by_origin = [found[forecast_part(origin)] for origin in ORIGINS]
    return Checked(
        settings=settings,
        recovery=found["recovery"],
        predicted=found["predictive"],
        year=found["year-2020"],
        forecasts={
            target: {who: joined_checks([part[target][who] for part in by_origin]) for who in by_origin[0][target]}
            for target in CHECKED_TARGETS
        },
        space=found["space"],
        variants={name: found[variant_part(name)] for name in VARIANTS},
        natural=found["natural-experiments"],
    )
