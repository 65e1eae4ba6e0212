"""The fields of an experiment file, in the words of XLRM (Lempert, Popper & Bankes 2003).

What a field says on its own is checked here; what needs scenarios or other fields, where the experiment is expanded.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from abm.declarations import GROUPS, Declaration, declarations
from abm.parameters import Parameters
from abm.scenario import Name
from abm.tables import EVENTS
from runs.design import CONTROL, FIRST_BASE, MONTHS, MOST_DRAWS, MOST_SEED, MOST_SEEDS
from runs.outcomes import COURSES, MEASURES

T = TypeVar("T")


def _scenario(value: Any) -> Any:
    """One message instead of one for each kind of source."""
    if isinstance(value, Mapping) or (isinstance(value, str) and value):
        return value
    raise ValueError("expected the name, file or fields of a scenario")


def _some(values: T) -> T:
    """Checked here, as pydantic's own message also comes where an item is bad."""
    if not values:
        raise ValueError("expected at least one")
    return values


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]
Switch = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(min_length=1)]
Some = AfterValidator(_some)
# A scenario by its shipped name or its file, or the fields themselves.
Source = Annotated[str | dict[str, Any], BeforeValidator(_scenario)]

DRAWS_DESIGN, LHS, SOBOL, MORRIS, FACTORIAL, LIST = "draws", "lhs", "sobol", "morris", "factorial", "list"
SAMPLED = (LHS, SOBOL, MORRIS)  # by chance; the others by the values that are listed
FROM_DRAWS, FROM_DEFAULTS = "draws", "default"
# With three seeds or fewer an interval would be that of chance itself.
FEWEST_SEEDS = 4
# Columns of frames beside a factor's: one of these names would hide what is measured, or which run it is.
COLUMNS = {"run", "arm", "title", "point", "seed", "draw", "stream", "window", "month", "date", "longitude", "latitude"}
COLUMNS |= {"ring", "attacks", *(EVENTS.names or ()), *MEASURES, *COURSES, *declarations(Parameters)}
LONGEST = 36  # months: the calendar holds so many after the longest wait for a base


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A suggestion, or nothing where no name is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def declared(name: str) -> Declaration:
    """What is known about a parameter.

    Raises:
        ValueError: there is none of this name; the nearest one is suggested.
    """
    known = declarations(Parameters)
    if name not in known:
        hint = did_you_mean(name, known)
        raise ValueError(f"{name}: no such parameter{hint} (`sector-centre parameters` lists them all)")
    return known[name]


def in_bounds(name: str, values: Iterable[float]) -> None:
    """Stop at a value that the parameter cannot have.

    Raises:
        ValueError: unknown parameter, out of bounds, or a part of something that comes whole.
    """
    known = declared(name)
    for value in values:
        if not known.low <= value <= known.high:
            raise ValueError(f"{name}: expected {known.low:g} to {known.high:g} {known.unit} (found {value:g})")
        if isinstance(known.default, int) and value != round(value):
            raise ValueError(f"{name}: expected a whole number (found {value:g})")


def different(values: tuple[Any, ...], what: str) -> None:
    """Stop at a value given twice."""
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"expected each {what} once, and {value!r} is there twice")


class Part(BaseModel):
    """Base of all parts of an experiment file: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FactorFile(Part):
    """One lever and the values that it is given."""

    name: Name
    label: Text
    lever: Text
    values: Annotated[tuple[Any, ...], Some]

    @field_validator("name")
    @classmethod
    def _no_other_column(cls, name: str) -> str:
        if name in COLUMNS:
            raise ValueError(f"{name!r} is the name of a column of every batch; expected another")
        return name

    @field_validator("values")
    @classmethod
    def _plain(cls, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Numbers, texts, switches and dates; a date as its text, so that a stored experiment reads back the same."""
        plain = tuple(value.isoformat() if isinstance(value, date) else value for value in values)
        for value in plain:
            if not isinstance(value, bool | int | float | str):
                raise ValueError("expected numbers, texts, dates, true or false")
        different(plain, "value")
        return plain


class FactorialFile(Part):
    """Every combination of some levers' values, changed in one scenario."""

    base: Source
    factors: Annotated[tuple[FactorFile, ...], Some]

    @field_validator("factors")
    @classmethod
    def _each_once(cls, factors: tuple[FactorFile, ...]) -> tuple[FactorFile, ...]:
        different(tuple(factor.name for factor in factors), "name")
        different(tuple(factor.lever for factor in factors), "lever")
        return factors


class LeversFile(Part):
    """L: what may be decided."""

    control: Source = CONTROL
    scenarios: tuple[Source, ...] = ()
    arms: tuple[dict[str, Any], ...] = ()
    factorial: FactorialFile | None = None

    @field_validator("arms")
    @classmethod
    def _own_names(cls, arms: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        """An arm that took name or title from what it extends would pass for it."""
        for number, arm in enumerate(arms, 1):
            for field in ("name", "title"):
                if field not in arm:
                    raise ValueError(f"arm {number}: {field}: expected one of its own")
        return arms


class UncertaintyFile(Part):
    """How one parameter is sampled: by its declared prior, uniformly, or at the values given."""

    low: Number | None = None
    high: Number | None = None
    values: Annotated[tuple[Number, ...], Some] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> UncertaintyFile:
        if (self.low is None) != (self.high is None):
            raise ValueError("expected both low and high, or neither")
        if self.low is not None and self.high is not None:
            if self.values is not None:
                raise ValueError("expected values, or low and high, not both")
            if self.low >= self.high:
                raise ValueError(f"expected low below high (found {self.low:g} and {self.high:g})")
        return self


class UncertaintiesFile(Part):
    """X: what nobody knows, and how it is sampled."""

    design: Literal["draws", "lhs", "sobol", "morris", "factorial", "list"] = "draws"
    base: Literal["draws", "default"]
    draws: Annotated[Whole, Field(ge=2, le=MOST_DRAWS)] | None = None
    points: Annotated[Whole, Field(ge=2)] | None = None
    fixed: dict[str, Number] = {}
    groups: tuple[str, ...] = ()
    parameters: dict[str, UncertaintyFile] = {}

    @model_validator(mode="before")
    @classmethod
    def _usual_base(cls, values: Any) -> Any:
        """Elementary effects and indices of variance need one world; everything else starts from the draws."""
        if not isinstance(values, Mapping):
            return values
        return {"base": FROM_DEFAULTS if values.get("design") in (SOBOL, MORRIS) else FROM_DRAWS, **values}

    @field_validator("fixed")
    @classmethod
    def _fixed_in_bounds(cls, fixed: dict[str, float]) -> dict[str, float]:
        for name, value in fixed.items():
            in_bounds(name, (value,))
        return fixed

    @field_validator("groups")
    @classmethod
    def _known_groups(cls, groups: tuple[str, ...]) -> tuple[str, ...]:
        for group in groups:
            if group not in GROUPS:
                raise ValueError(f"{group!r}: no such group{did_you_mean(group, GROUPS)} ({', '.join(GROUPS)})")
        different(groups, "group")
        return groups

    @field_validator("parameters")
    @classmethod
    def _sampled_in_bounds(cls, parameters: dict[str, UncertaintyFile]) -> dict[str, UncertaintyFile]:
        for name, given in parameters.items():
            in_bounds(name, given.values or ())
            known = declared(name)
            if given.low is not None and given.high is not None:
                for value in (given.low, given.high):
                    if not known.low <= value <= known.high:
                        expected = f"expected {known.low:g} to {known.high:g} {known.unit}"
                        raise ValueError(f"{name}: {expected} (found {value:g})")
        return parameters

    @model_validator(mode="after")
    def _what_each_design_needs(self) -> UncertaintiesFile:
        if self.design in (SOBOL, MORRIS) and self.base != FROM_DEFAULTS:
            raise ValueError(f"base: expected {FROM_DEFAULTS!r} for the design {self.design!r} (found {self.base!r})")
        if self.design == DRAWS_DESIGN and self.base != FROM_DRAWS:
            raise ValueError(f"base: expected {FROM_DRAWS!r} for the design {self.design!r} (found {self.base!r})")
        self._needed("draws", self.draws, self.base == FROM_DRAWS, f"a number from 2 to {MOST_DRAWS}", "base 'default'")
        self._needed("points", self.points, self.design in SAMPLED, "a number", f"the design {self.design!r}")
        if self.design == SOBOL and self.points is not None and self.points & (self.points - 1):
            raise ValueError(f"points: expected a power of two for the design 'sobol' (found {self.points})")
        if self.design == DRAWS_DESIGN and (self.groups or self.parameters):
            raise ValueError("design 'draws' samples no parameters by name; expected neither groups nor parameters")
        self._parameters_of_the_design()
        return self

    @staticmethod
    def _needed(field: str, value: int | None, needed: bool, expected: str, without: str) -> None:
        if needed and value is None:
            raise ValueError(f"{field}: missing; expected {expected}")
        if not needed and value is not None:
            raise ValueError(f"{field}: not used with {without}; leave it out (found {value})")

    def _parameters_of_the_design(self) -> None:
        listed = self.design in (FACTORIAL, LIST)
        if listed and self.groups:
            raise ValueError(f"groups: not used with the design {self.design!r}, whose parameters have values")
        if self.design != DRAWS_DESIGN and not (self.groups or self.parameters):
            raise ValueError(f"parameters: expected at least one for the design {self.design!r}")
        for name, given in self.parameters.items():
            if name in self.fixed:
                raise ValueError(f"{name}: both fixed and sampled")
            if listed and given.values is None:
                raise ValueError(f"parameters.{name}: expected values for the design {self.design!r}")
            if not listed and given.values is not None:
                raise ValueError(f"parameters.{name}: values are for the designs 'factorial' and 'list'")
        lengths = {name: len(given.values or ()) for name, given in self.parameters.items()}
        if self.design == LIST and len(set(lengths.values())) > 1:
            found = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ValueError(f"parameters: expected lists of equal length for the design 'list' (found {found})")


class OutcomesFile(Part):
    """M: what is measured, and over which months."""

    months: Annotated[tuple[Annotated[Whole, Field(ge=1, le=LONGEST)], ...], Some] = MONTHS
    count_from: Literal["first-base", "decision", "start"] = FIRST_BASE  # type: ignore[assignment]
    main: Annotated[tuple[str, ...], Some] = ("expected_civilian_deaths", "expected_civilian_attacks")
    events: Switch = False

    @field_validator("months")
    @classmethod
    def _in_order(cls, months: tuple[int, ...]) -> tuple[int, ...]:
        if list(months) != sorted(set(months)):
            raise ValueError("expected different months, the shortest first")
        return months

    @field_validator("main")
    @classmethod
    def _known(cls, main: tuple[str, ...]) -> tuple[str, ...]:
        for key in main:
            if key not in MEASURES:
                raise ValueError(f"{key!r}: no such outcome{did_you_mean(key, MEASURES)}")
        different(main, "outcome")
        return main


class RunsFile(Part):
    """How often each point is run."""

    seeds: Annotated[Whole, Field(ge=2, le=MOST_SEEDS)] = FEWEST_SEEDS
    intervals: Switch = True
    seed: Annotated[Whole, Field(ge=0, lt=MOST_SEED)] = 0

    @model_validator(mode="after")
    def _enough_for_intervals(self) -> RunsFile:
        if self.intervals and self.seeds < FEWEST_SEEDS:
            raise ValueError(
                f"seeds: expected at least {FEWEST_SEEDS} for intervals, or intervals = false (found {self.seeds})"
            )
        return self


class ExperimentFile(Part):
    """A whole experiment file."""

    name: Name
    title: Text
    question: Text
    levers: LeversFile
    uncertainties: UncertaintiesFile
    outcomes: OutcomesFile = OutcomesFile()
    runs: RunsFile = RunsFile()
