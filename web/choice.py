"""What a visitor chose: a scenario with changed levers, and changed assumptions; read strictly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from abm.declarations import declarations
from abm.parameters import Parameters
from abm.scenario import Scenario, explain, shipped_scenarios
from runs.inputs import LEVERS, InputError, check_names, read_parameters
from web.work import SAID, Refused

UPLOADED = "uploaded"  # stands for the gazetteer that a visitor handed in: no page ever names a file of the server
DEFAULT = "baseline-2021"
MOST_NAME = 64
MOST_DEPTH, MOST_VALUES = 6, 2000  # of changed levers: forty unit lines have some four hundred values
Number = Annotated[float, Field(allow_inf_nan=False)]
Assumptions = Annotated[dict[str, Number], Field(max_length=400)]


class Asked(BaseModel):
    """Base of all that a page sends: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class HasGazetteer(Protocol):
    """A visitor's own files."""

    @property
    def gazetteer(self) -> Path | None:
        """The gazetteer handed in, None if there is none."""
        ...


class Choice(Asked):
    """One arm: a shipped scenario, what is changed in it, and the name a visitor gives it."""

    scenario: Annotated[str, Field(max_length=MOST_NAME)] = DEFAULT
    levers: dict[str, Any] = {}
    name: Annotated[str, Field(max_length=MOST_NAME)] = ""

    @field_validator("scenario")
    @classmethod
    def _shipped(cls, value: str) -> str:
        if value not in shipped_scenarios():
            raise ValueError(f"no such scenario; expected one of {', '.join(shipped_scenarios())}")
        return value

    @field_validator("levers")
    @classmethod
    def _levers(cls, value: dict[str, Any]) -> dict[str, Any]:
        unknown = [name for name in value if name not in LEVERS]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no lever; expected some of {', '.join(LEVERS)}")
        if _count(value, MOST_DEPTH) > MOST_VALUES:
            raise ValueError(f"expected at most {MOST_VALUES} values")
        return value


def _count(value: Any, depth: int) -> int:
    """Values in a tree of lists and tables; more than allowed where it is too deep."""
    if depth == 0:
        return MOST_VALUES + 1
    members = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return 1 + sum(_count(member, depth - 1) for member in members)


def scenario_of(choice: Choice, uploads: HasGazetteer | None = None) -> Scenario:
    """The scenario that is chosen, validated as one out of a file.

    Args:
        choice: what the page says.
        uploads: the visitor's files; only they can be a gazetteer.

    Raises:
        Refused: a lever that is unknown or out of bounds, or no gazetteer was handed in.
    """
    base = Scenario.load(choice.scenario)
    changes = dict(choice.levers)
    world = changes.get("world")
    if isinstance(world, Mapping) and world.get("gazetteer") is not None:
        changes["world"] = {**world, "gazetteer": _handed_in(world["gazetteer"], uploads)}
    try:
        return base.changed(**changes)
    except ValidationError as error:
        raise Refused(SAID, text=explain(error, choice.name or choice.scenario)) from None


def _handed_in(value: Any, uploads: HasGazetteer | None) -> str:
    if value != UPLOADED:
        raise Refused("refused_gazetteer_path")
    if uploads is None or uploads.gazetteer is None:
        raise Refused("refused_no_gazetteer")
    return str(uploads.gazetteer)


def checked(assumptions: Mapping[str, float]) -> dict[str, Any]:
    """Changed values of parameters, each validated under its own name.

    Raises:
        Refused: an unknown name, or a value out of bounds.
    """
    try:
        check_names(assumptions, "assumptions")
        return read_parameters(None, {name: _as_declared(name, value) for name, value in assumptions.items()})
    except InputError as error:
        raise Refused(SAID, text=str(error).replace("--set: ", "")) from None


def _as_declared(name: str, value: float) -> Any:
    """A number as its parameter wants it: sliders send 3.0 where a whole number is meant."""
    declared = declarations(Parameters).get(name)
    if declared is None:
        raise Refused("refused_no_slider", name=name)
    whole = isinstance(declared.default, int) and not isinstance(declared.default, bool)
    return int(value) if whole and math.isfinite(value) and value == int(value) else value


def parameters_of(assumptions: Mapping[str, float]) -> Parameters:
    """The defaults with changed values.

    Raises:
        Refused: as :func:`checked`.
    """
    return Parameters().changed(**checked(assumptions))
