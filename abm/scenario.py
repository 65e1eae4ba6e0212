"""Scenarios: the levers a decision maker holds, and what is held fixed while comparing them.

A scenario is typed, immutable TOML. One may ``extend`` another: it takes all of the other's values and changes some.
"""

from __future__ import annotations

from datetime import date
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from abm.calendar import DAY_ZERO
from abm.geography import CERCLES, build_grid, to_km
from abm.toml_text import TomlError, parse, read_text

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
UNIT_TYPES = (
    "quick_reaction", "infantry", "engineers", "aviation", "aviation_support", "medical", "police",
    "individual_police", "support", "unidentified",
)  # fmt: skip
UnitType = Literal[
    "quick_reaction", "infantry", "engineers", "aviation", "aviation_support", "medical", "police",
    "individual_police", "support", "unidentified",
]  # fmt: skip


# Waiting for land and 36 months after must end before the calendar does.
LAST_LEVER = date(2032, 12, 31)
LONGEST_FOUND = 120  # characters of a wrong name or value that a message shows


class ScenarioError(ValueError):
    """A scenario that cannot be used; the message names the file and the field."""


class Lever(BaseModel):
    """Base of all parts of a scenario: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _no_guessing(cls, value: Any, info: ValidationInfo) -> Any:
        """A switch is true or false and nothing else is: "yes" or 1 would be taken for one silently."""
        wants_switch = cls.model_fields[info.field_name or ""].annotation is bool
        if wants_switch != isinstance(value, bool):
            raise ValueError("expected true or false" if wants_switch else "expected a value, not true or false")
        return value

    @field_validator("*")
    @classmethod
    def _dates_in_reach(cls, value: Any) -> Any:
        if isinstance(value, date) and not DAY_ZERO <= value <= LAST_LEVER:
            raise ValueError(f"date {value} lies outside {DAY_ZERO} to {LAST_LEVER}")
        return value


class WorldLevers(Lever):
    """The synthetic world: the same in every arm of a comparison."""

    cell_km: Literal[5, 10, 20] = Field(10, description="Side of a grid cell, km.")
    cercles: tuple[str, ...] = Field((), description="Only these cercles (the small world of tests); empty for all 15.")
    seed: int = Field(0, ge=0, lt=2**63, description="Seed of the synthetic settlements, communities and bands.")
    gazetteer: str | None = Field(None, description="CSV of a user's own settlements instead of synthetic ones.")

    @field_validator("cercles")
    @classmethod
    def _known_cercles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in value if name not in CERCLES]
        if unknown:
            raise ValueError(f"unknown cercle {unknown[0]!r}; expected some of {', '.join(CERCLES)}")
        return tuple(name for name in CERCLES if name in value)


class UnitLine(Lever):
    """Formed units of one type at one base."""

    type: UnitType
    units: int = Field(ge=1, le=40, description="Number of formed units.")
    heads: int = Field(ge=1, le=2000, description="Uniformed people in each unit.")
    base: Literal["Sévaré", "Douentza"] = Field("Sévaré", description="Main base they are stationed at.")
    mobile: bool = Field(False, description="Self-sustaining: may hold a temporary operating base or patrol far.")
    needs_land: bool = Field(True, description="Waits for land where the base's camp is full (Mopti-Sévaré).")
    medical_team: bool = Field(False, description="An advanced medical team goes along: further from the hospital.")
    helicopters: int = Field(0, ge=0, le=40, description="Helicopters of each unit.")
    armed: bool = Field(False, description="Whether its helicopters are armed: they cover patrols and convoys.")
    earliest: date | None = Field(None, description="Day before which the unit cannot come, whatever is pledged.")

    @model_validator(mode="after")
    def _only_aviation_flies(self) -> UnitLine:
        if self.helicopters and self.type != "aviation":
            raise ValueError(f"helicopters belong to units of type 'aviation', not '{self.type}'")
        if self.armed and not self.helicopters:
            raise ValueError("armed needs helicopters")
        return self


class UNLevers(Lever):
    """The UN force that is there in any case, and how it is used."""

    present: bool = Field(True, description="Whether the UN is there at all.")
    hold_ogossagou: bool = Field(True, description="Whether one temporary operating base stays at Ogossagou.")
    ogossagou_from: date = Field(date(2020, 2, 14), description="First day of the base at Ogossagou.")
    allocation: Literal["hotspot", "population", "fixed", "random", "warning", "spread"] = Field(
        "hotspot", description="How sites of temporary operating bases are chosen."
    )
    tob_sites: tuple[tuple[float, float], ...] = Field(
        (), description="Sites (latitude, longitude) in order of preference, for the allocation `fixed`."
    )
    enlarged: date = Field(
        date(2021, 1, 1), description="From when Sector Centre covers western Mopti and all of Ségou."
    )
    hospital_opens: Literal["never"] | date = Field(
        date(2021, 9, 1), description="Opening of the level-2 hospital (the day is an assumption), or never."
    )
    helicopters: bool = Field(True, description="Whether any helicopters fly in the sector.")
    armed_helicopters_from: Literal["never"] | date = Field(
        date(2022, 2, 1),
        description="Arrival of armed helicopters at Mopti-Sévaré (the day is an assumption), or never.",
    )
    escort_share: Share = Field(
        0.25, description="Share of free troops that may escort civilian teams where police units do not suffice."
    )

    @field_validator("tob_sites")
    @classmethod
    def _inside(cls, sites: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        for lat, lon in sites:
            x, y = to_km(lon, lat)
            if build_grid(5).cell_of(float(x), float(y)) < 0:
                hint = " (latitude and longitude swapped?)" if -8 < lat < 0 and 12 < lon < 17 else ""
                raise ValueError(
                    f"site ({lat}, {lon}) lies outside Mopti and Ségou{hint}; expected (latitude, longitude)"
                )
        return sites

    @model_validator(mode="after")
    def _fixed_needs_sites(self) -> UNLevers:
        if self.allocation == "fixed" and not self.tob_sites:
            raise ValueError("allocation 'fixed' needs tob_sites")
        if self.tob_sites and self.allocation != "fixed":
            raise ValueError(f"tob_sites are used by allocation 'fixed' only, and allocation is '{self.allocation}'")
        return self


class PackageLevers(Lever):
    """Extra units: what the Secretary-General's report of July 2021 proposed, or another package."""

    decision: date = Field(date(2021, 7, 15), description="Day of the decision.")
    permission: Literal["drawn", "never"] | date = Field(
        "drawn",
        description="When more land is permitted at Mopti-Sévaré: drawn from permission_months, a date or never.",
    )
    spare_places: int = Field(
        0, ge=0, le=5000, description="People for whom Mopti-Sévaré has room before more land is permitted."
    )
    units: tuple[UnitLine, ...] = Field((), description="Formed units that are added.")

    @model_validator(mode="after")
    def _permission_after_decision(self) -> PackageLevers:
        if isinstance(self.permission, date) and self.permission < self.decision:
            raise ValueError(f"permission {self.permission} lies before the decision {self.decision}")
        return self


class AccountabilityLevers(Lever):
    """Prompt, independent investigation of abuses, and sanction."""

    starts: date = Field(date(2021, 7, 15), description="From when investigations are made.")
    investigations_per_month: float = Field(
        0.0, ge=0.0, le=1000.0, description="Investigations started a month, at most."
    )
    extra_reporting: Share = Field(
        0.0, description="Added to the chance that an abuse is reported (human-rights teams)."
    )
    cooperation: Share = Field(0.0, description="Chance that an investigation ends in a sanction.")
    permission_penalty_months: float = Field(
        0.0,
        ge=0.0,
        le=24.0,
        description="Months that accountability adds to the drawn wait for more land.",
    )


class StrategyLevers(Lever):
    """A Malian-led strategy: dialogue between communities, disarmament of militias, return of services."""

    starts: date = Field(date(2021, 7, 15), description="From when the strategy is carried out.")
    dialogue_missions_per_month: float = Field(
        0.0, ge=0.0, le=1000.0, description="Missions of dialogue a month, at most; each needs an escort."
    )
    disarmament_per_month: float = Field(
        0.0, ge=0.0, le=5000.0, description="Fighters of self-defence militias disarmed a month, at most."
    )
    services_per_month: float = Field(
        0.0, ge=0.0, le=1000.0, description="Villages to which services return a month, at most."
    )
    army_stays: Share | None = Field(
        None, description="Chance that national forces answer a warning that reaches them; the parameter's if left out."
    )


class Scenario(Lever):
    """One arm of a comparison."""

    name: Name
    title: str = Field(description="One sentence for a reader who is not a modeller.")
    start: date = Field(date(2021, 1, 1), description="First day of a run.")
    months: int = Field(36, ge=1, le=120, description="Months a run lasts, from its start (a comparison has its own).")
    world: WorldLevers = WorldLevers()
    un: UNLevers = UNLevers()
    package: PackageLevers = PackageLevers()
    accountability: AccountabilityLevers = AccountabilityLevers()
    strategy: StrategyLevers = StrategyLevers()

    def changed(self, **changes: Any) -> Scenario:
        """A copy with some values changed (nested parts as dicts), validated like new input."""
        return Scenario.model_validate(_merge(self.model_dump(), changes))

    @classmethod
    def load(cls, source: str | Path) -> Scenario:
        """A shipped scenario by its name, or one from a TOML file.

        Raises:
            ScenarioError: unknown name, unreadable file, or a bad field; the message says which and what was expected.
        """
        values, label = _resolve(source, ())
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ScenarioError(explain(error, label)) from None


def explain(error: ValidationError, label: str) -> str:
    """One line per problem of a validation error: file, field, what was found and expected."""
    lines = []
    for problem in error.errors():
        # Which alternative of a union failed is pydantic's business, not the reader's.
        path = [_cut(part) for part in map(str, problem["loc"]) if not (part.startswith("literal[") or part == "date")]
        whole = problem["type"] == "missing" or isinstance(problem["input"], dict)
        found = "" if whole else f" (found {_cut(repr(problem['input']))})"
        unknown = problem["type"] == "extra_forbidden"
        message = "unknown field" if unknown else problem["msg"].removeprefix("Value error, ")
        lines.append(f"{label}: {'.'.join(path) or '(whole file)'}: {message}{found}")
    return "\n".join(lines)


def _cut(text: str) -> str:
    """A name or value as a message can hold it."""
    return text if len(text) <= LONGEST_FOUND else f"{text[: LONGEST_FOUND - 1]}…"


def shipped_scenarios() -> tuple[str, ...]:
    """Names of the scenarios that come with the program."""
    files = resources.files("abm.data").joinpath("scenarios").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


def _merge(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _merge(base[key], value) if both else value
    return merged


def _resolve(source: str | Path, seen: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    text, label, folder = _read(source)
    if any(_same_source(label, before) for before in seen):
        raise ScenarioError(f"{label}: extend: goes in a circle: {' -> '.join((*seen, label))}")
    try:
        values = parse(text)
    except TomlError as error:
        raise ScenarioError(f"{label}: {error}") from None
    parent = values.pop("extend", None)
    if parent is None:
        return values, label
    if not isinstance(parent, str):
        raise ScenarioError(f"{label}: extend: expected the name or file of a scenario (found {parent!r})")
    beside = folder / parent if folder is not None and parent.endswith(".toml") else parent
    try:
        base, _ = _resolve(beside, (*seen, label))
    except ScenarioError as error:
        raise ScenarioError(str(error) if "goes in a circle" in str(error) else f"{label}: extend: {error}") from None
    return _merge(base, values), label


def _same_source(one: str, other: str) -> bool:
    """Whether two labels name one file, however it is spelt, or one shipped scenario."""
    if one.endswith(".toml") and other.endswith(".toml"):
        return Path(one).resolve() == Path(other).resolve()
    return one == other


def _read(source: str | Path) -> tuple[str, str, Path | None]:
    """Text, label for messages, and folder (None for a shipped scenario)."""
    name = str(source)
    if name in shipped_scenarios():
        file = resources.files("abm.data").joinpath("scenarios", f"{name}.toml")
        return file.read_text(encoding="utf-8"), name, None
    path = Path(source)
    if path.suffix != ".toml":
        raise ScenarioError(
            f"unknown scenario {name!r}; expected one of {', '.join(shipped_scenarios())} or a .toml file"
        )
    try:
        return read_text(path), str(path), path.parent
    except TomlError as error:
        raise ScenarioError(f"{path}: {error}") from None
