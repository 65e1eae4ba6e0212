"""Arms of a factorial: every combination of some levers' values, changed in one scenario.

A lever is named by its path in a scenario, as ``accountability.cooperation``. In ``package.units.quick_reaction.units``
a type of unit stands for the package's lines of that type; 0 units take them out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from pydantic import ValidationError

from abm.scenario import UNIT_TYPES, Lever, Scenario, UnitLine, explain
from runs.batch.experiment_file import did_you_mean

UNITS = ("package", "units")
NO_LEVERS = ("name", "title")
LONGEST_NAME = 64  # of a scenario


class LeverError(ValueError):
    """A lever or a value that no scenario has; the message names it and says what was expected."""


@dataclass(frozen=True)
class Factor:
    """A lever of a factorial: slug, words for a reader, path in a scenario, and the values it is given."""

    name: str
    label: str
    lever: str
    values: tuple[Any, ...]


def arms_of(base: Scenario, factors: Sequence[Factor]) -> tuple[tuple[Scenario, ...], dict[str, dict[str, Any]]]:
    """One scenario for every combination of the factors' values, the last factor's changing fastest, and its levels.

    Raises:
        LeverError: unknown lever, a value out of its bounds, or two combinations that would bear one name.
    """
    for factor in factors:
        check_lever(base, factor)
    arms: list[Scenario] = []
    levels: dict[str, dict[str, Any]] = {}
    for values in product(*(factor.values for factor in factors)):
        arm = arm_of(base, factors, values)
        if arm.name in levels:
            raise LeverError(f"two arms would be named {arm.name!r}; give the factors other names or values")
        levels[arm.name] = {factor.name: value for factor, value in zip(factors, values, strict=True)}
        arms.append(arm)
    return tuple(arms), levels


def arm_of(base: Scenario, factors: Sequence[Factor], values: Sequence[Any]) -> Scenario:
    """One combination.

    Raises:
        LeverError: a value out of bounds, or a name that is too long; the message names lever and value.
    """
    name = arm_name(factors, values)
    if len(name) > LONGEST_NAME:
        raise LeverError(
            f"{name}: names of arms have at most {LONGEST_NAME} characters; give the factors shorter names"
        )
    changed = base.model_dump()
    changed |= {"name": name, "title": arm_title(base, factors, values)}
    for factor, value in zip(factors, values, strict=True):
        _put(changed, factor.lever.split("."), value)
    # Only now: another factor may be about the same units.
    changed["package"]["units"] = [line for line in changed["package"]["units"] if not _is_none(line["units"])]
    try:
        return Scenario.model_validate(changed)
    except ValidationError as error:
        raise LeverError(explain(error, name)) from None


def _is_none(units: Any) -> bool:
    return isinstance(units, int) and not isinstance(units, bool) and units == 0


def _put(scenario: dict[str, Any], path: list[str], value: Any) -> None:
    if _is_of_units(path):
        for line in scenario["package"]["units"]:
            if line["type"] == path[2]:
                line[path[3]] = value
        return
    *parents, last = path
    part = scenario
    for parent in parents:
        part = part[parent]
    part[last] = value


def _is_of_units(path: Sequence[str]) -> bool:
    return tuple(path[:2]) == UNITS and len(path) == 4


def check_lever(base: Scenario, factor: Factor) -> None:
    """Stop at a path that leads to no lever of the scenario.

    Raises:
        LeverError: the message names the factor and the part that is not known, and suggests the nearest.
    """
    path = factor.lever.split(".")
    if _is_of_units(path):
        _check_units(base, factor, path)
        return
    part: Any = base
    for number, step in enumerate(path):
        known = [name for name in type(part).model_fields if name not in NO_LEVERS] if isinstance(part, Lever) else []
        if step not in known:
            before = ".".join(path[:number]) or "a scenario"
            expected = f"; expected one of {', '.join(known)}" if known else ""
            raise LeverError(f"{factor.name}: lever: {before} has no {step!r}{did_you_mean(step, known)}{expected}")
        part = getattr(part, step)
    if isinstance(part, Lever) or tuple(path) == UNITS:
        inside = f"{factor.lever}.TYPE.FIELD" if tuple(path) == UNITS else ", ".join(type(part).model_fields)
        raise LeverError(f"{factor.name}: lever: {factor.lever} is no single lever; expected one inside: {inside}")


def _check_units(base: Scenario, factor: Factor, path: Sequence[str]) -> None:
    kind, field = path[2:]
    there = list(dict.fromkeys(line.type for line in base.package.units))
    if kind not in there:
        hint = "" if kind in UNIT_TYPES else did_you_mean(kind, UNIT_TYPES)
        known = f"{hint}; it has {', '.join(there) or 'no units'}"
        raise LeverError(f"{factor.name}: lever: the package of {base.name} has no units of type {kind!r}{known}")
    fields = [name for name in UnitLine.model_fields if name != "type"]
    if field not in fields:
        hint = did_you_mean(field, fields)
        raise LeverError(f"{factor.name}: lever: units have no {field!r}{hint}; expected one of {', '.join(fields)}")


def slug(value: Any) -> str:
    """A value as a part of a name: 0.5 is ``0-5``, 2.0 is ``2``."""
    whole = isinstance(value, float) and value.is_integer()
    text = str(int(value) if whole else value).lower()
    text = re.sub(r"^-", "minus-", text)
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def in_words(value: Any) -> str:
    """A value for a reader."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def arm_name(factors: Sequence[Factor], values: Sequence[Any]) -> str:
    """Name of an arm, as ``companies-3-cooperation-0-5``."""
    return "-".join(f"{factor.name}-{slug(value)}" for factor, value in zip(factors, values, strict=True))


def arm_title(base: Scenario, factors: Sequence[Factor], values: Sequence[Any]) -> str:
    """One sentence for a reader who is not a modeller."""
    given = "; ".join(f"{factor.label}: {in_words(value)}" for factor, value in zip(factors, values, strict=True))
    return f"{given[0].upper()}{given[1:]}. All else as in {base.name}."
