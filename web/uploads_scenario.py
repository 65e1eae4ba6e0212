"""Scenario files: from TOML to a choice on the page, and back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from abm.scenario import Scenario, shipped_scenarios
from web.choice import DEFAULT, MOST_NAME, UPLOADED, Choice, scenario_of
from web.uploads_text import leaves, problems, shown, table_of
from web.work import Refused

CHANGED = "-changed"
HEADER = "# A scenario of Sector Centre: `sector-centre run --scenario FILE`, or hand it in on the page.\n"
HAND_IN = "# world.gazetteer stands for the file that was handed in on the page: give the path of yours.\n"


class TheirFile:
    """Stands for a visitor's gazetteer where only levers are looked at: its path stays on the server."""

    gazetteer = Path(UPLOADED)


def read_scenario(name: str, text: str, uploads: Any) -> dict[str, Any]:
    """The choice that a scenario file makes.

    ``extend`` takes shipped scenarios only, and ``world.gazetteer`` only what was handed in: no file of the server is
    looked for. A file without ``extend`` becomes changes of the shipped scenario that is nearest to it.

    Args:
        name: of the file, for messages.
        text: TOML, checked by ``text_of``.
        uploads: the visitor's files.

    Raises:
        Refused: not valid, an unknown field, or a value out of bounds; the message names file and field.
    """
    values = table_of(name, text)
    base = _extended(name, values.pop("extend", None))
    _refuse_paths(values, uploads)
    try:
        scenario = Scenario.model_validate(_merged(_fields(base), values) if base else values)
    except ValidationError as error:
        raise problems(error, name) from None
    near = base or _nearest(scenario)
    levers = _changes(_fields(near), _fields(scenario))
    for field in ("name", "title"):
        levers.pop(field, None)
    called = "" if scenario == near else _called(scenario, near)
    try:
        return {"choice": Choice(scenario=near.name, levers=levers, name=called).model_dump()}
    except ValidationError as error:
        raise problems(error, name) from None


def write_scenario(choice: Choice) -> str:
    """A scenario file with every field, which ``Scenario.load`` reads again as what was chosen.

    Name and title are those of the shipped scenario where nothing was changed; else they say what was.

    Raises:
        Refused: a lever that is unknown or out of bounds.
    """
    scenario = scenario_of(choice, TheirFile())
    base = _shipped()[choice.scenario]
    if choice.name:
        scenario = scenario.changed(name=_slug(choice.name), title=choice.name)
    elif scenario != base:
        changed = ", ".join(name for name, _ in leaves(_changes(_fields(base), _fields(scenario))))
        name = base.name[: MOST_NAME - len(CHANGED)].rstrip("-") + CHANGED
        scenario = scenario.changed(name=name, title=f"{base.title} Changed: {changed}.")
    hint = HAND_IN if scenario.world.gazetteer else ""
    return HEADER + hint + tomli_w.dumps(without_nothing(scenario.model_dump()))


def _extended(name: str, parent: Any) -> Scenario | None:
    if parent is None:
        return None
    # A membership test and no look at any disk: what is no shipped name goes no further.
    if not isinstance(parent, str) or parent not in _shipped():
        raise Refused(
            "uploads_extend", name=name, found=shown(str(parent), 60), expected=", ".join(shipped_scenarios())
        )
    return _shipped()[parent]


def _refuse_paths(values: Mapping[str, Any], uploads: Any) -> None:
    world = values.get("world")
    wanted = world.get("gazetteer") if isinstance(world, Mapping) else None
    if wanted is not None:
        scenario_of(Choice(levers={"world": {"gazetteer": wanted}}), uploads)


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Scenario]:
    return {name: Scenario.load(name) for name in shipped_scenarios()}


def _fields(scenario: Scenario) -> dict[str, Any]:
    fields: dict[str, Any] = scenario.model_dump(mode="json")
    return fields


def _merged(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values over those of a base, table by table, as ``extend`` takes them."""
    merged = dict(base)
    for key, value in values.items():
        both = isinstance(value, Mapping) and isinstance(base.get(key), Mapping)
        merged[key] = _merged(base[key], value) if both else value
    return merged


def _changes(base: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the base, as nested tables; both have the same fields."""
    found = {}
    for key, value in other.items():
        if isinstance(value, dict):
            if inner := _changes(base[key], value):
                found[key] = inner
        elif value != base[key]:
            found[key] = value
    return found


def _nearest(scenario: Scenario) -> Scenario:
    """The shipped scenario with the fewest other values; of several, the one that the name begins with."""

    def far(base: Scenario) -> tuple[int, bool, bool]:
        changed = sum(1 for _ in leaves(_changes(_fields(base), _fields(scenario))))
        return changed, not scenario.name.startswith(base.name), base.name != DEFAULT

    return min(_shipped().values(), key=far)


def _called(scenario: Scenario, near: Scenario) -> str:
    """What the page calls it: the title where it is short and the file's own, else the name."""
    if scenario.title != near.title and len(scenario.title) <= MOST_NAME:
        return scenario.title
    return scenario.name


def _slug(text: str) -> str:
    """A name as scenarios have it: small letters without accents, digits and hyphens."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:MOST_NAME].rstrip("-") or "my-scenario"


def without_nothing(value: Any) -> Any:
    """TOML has no word for nothing: what is not given is left out."""
    match value:
        case Mapping():
            return {key: without_nothing(item) for key, item in value.items() if item is not None}
        case list() | tuple():
            return [without_nothing(item) for item in value]
    return value
