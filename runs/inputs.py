"""What a user changes on the command line or in a file: parameters and levers, read strictly."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from abm.declarations import STATUS_MARK, declarations
from abm.parameters import Parameters
from abm.scenario import Scenario, explain
from abm.toml_text import TomlError, parse, read_toml

LEVERS = ("start", "months", "world", "un", "package", "accountability", "strategy")
SET = "--set"


class InputError(ValueError):
    """A file or option that cannot be used; the message names it, the field, and what was expected."""


def read_settings(settings: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Parameters and levers out of ``name=value`` texts; levers have dots, as ``package.permission="never"``.

    Values are TOML; what is no TOML value is taken as a text.

    Raises:
        InputError: no equals sign, an unknown parameter, or a name given twice.
    """
    parameters: dict[str, Any] = {}
    levers: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        name = name.strip()
        if not equals or not name:
            raise InputError(f"{SET} {setting}: expected name=value")
        path = name.split(".")
        if path[0] in LEVERS:
            _put(levers, path, _value(text), setting)
        else:
            check_names([name], SET)
            _put(parameters, [name], _value(text), setting)
    return parameters, levers


def _value(text: str) -> Any:
    try:
        return parse(f"value = {text.strip()}")["value"]
    except TomlError:
        return text.strip()


def _put(target: dict[str, Any], path: list[str], value: Any, setting: str) -> None:
    *parents, last = path
    for part in parents:
        target = target.setdefault(part, {})
        if not isinstance(target, dict):
            raise InputError(f"{SET} {setting}: {part} was already given a value")
    if last in target:
        raise InputError(f"{SET} {setting}: {'.'.join(path)} was already given a value")
    target[last] = value


def check_names(names: Iterable[str], label: str) -> None:
    """Stop at a name that is no parameter, suggesting the nearest one.

    Raises:
        InputError: an unknown name.
    """
    for name in names:
        if name not in Parameters.model_fields:
            near = difflib.get_close_matches(name, Parameters.model_fields, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise InputError(f"{label}: {name}: no such parameter{hint} (`sector-centre parameters` lists them all)")


def read_parameters(file: Path | None, changes: dict[str, Any]) -> dict[str, Any]:
    """Changed values of parameters out of a TOML file, then of ``--set``, each validated under its own name.

    Raises:
        InputError: unreadable file, unknown name, wrong type, or out of bounds; the message names file and field.
    """
    values: dict[str, Any] = {}
    if file is not None:
        values = _read_toml(file)
        check_names(values, str(file))
        _validate(values, str(file))
    merged = {**values, **changes}
    _validate(merged, SET if changes else str(file))
    return merged


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return read_toml(file)
    except TomlError as error:
        raise InputError(f"{file}: {error}") from None


def _validate(values: dict[str, Any], label: str) -> None:
    try:
        Parameters().changed(**values)
    except ValidationError as error:
        raise InputError(explain(error, label)) from None


def load_scenario(source: str | Path, levers: dict[str, Any]) -> Scenario:
    """A scenario by name or file, with levers changed by ``--set``.

    Raises:
        ScenarioError: unknown name, unreadable file or bad field in the scenario.
        InputError: a bad lever.
    """
    scenario = Scenario.load(source)
    try:
        return scenario.changed(**levers)
    except ValidationError as error:
        raise InputError(explain(error, SET)) from None


def parameters_template() -> str:
    """A TOML file of all parameters, each commented out, with meaning, unit, bounds, prior, status and source."""
    lines = [
        "# Parameters of Sector Centre. Take the # off a line to change a value, and give the file to --parameters.",
        f"# Marks: {', '.join(f'{mark} {status}' for status, mark in STATUS_MARK.items())}.",
    ]
    group = ""
    for name, d in declarations(Parameters).items():
        if d.group != group:
            group = d.group
            lines += ["", f"# --- {group} ---"]
        lines += [
            "",
            f"# {d.meaning}",
            f"# Unit: {d.unit}. From {d.low:g} to {d.high:g}. Prior: {d.prior}.",
            f"# {STATUS_MARK[d.status]} {d.status}: {d.source}.",
            f"# {name} = {d.default!r}",
        ]
    return "\n".join(lines) + "\n"
