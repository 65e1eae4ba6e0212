"""Session files: all that a visitor has set on the page, read strictly and written for people to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import Field, ValidationError, field_validator

from abm.views.words import Language
from web.choice import MOST_NAME, Asked, Assumptions, Choice, checked, scenario_of
from web.messages import MOST_PAGE_SEED
from web.setting import SHOWN
from web.uploads_scenario import TheirFile, without_nothing
from web.uploads_text import MOST_SAID, problems, shown, table_of
from web.work import SAID, Refused

VERSION = 1
MOST_MONTHS = 60
UNSET = "unset"  # in files only: TOML has no word for nothing, so levers set to nothing are listed
HEADER = "# A session of Sector Centre: open it on the page. Results are not in it; they are computed again.\n"

LayerName = Annotated[str, Field(pattern="^[a-z_]+$", max_length=32)]
Name = Annotated[str, Field(max_length=MOST_NAME)]


class Watched(Asked):
    """The run on the map."""

    choice: Choice
    layers: Annotated[list[LayerName], Field(max_length=20)]
    every: Literal["day", "week", "month"]


class Session(Asked):
    """What the page keeps of a visitor's choices; the first of the arms is the control. The page fills gaps in."""

    version: int
    name: Name = ""
    language: Language = "en"
    place: Literal["watch", "compare", "assumptions", "levers", "about"] = "watch"
    seed: Annotated[int, Field(ge=0, le=MOST_PAGE_SEED)] = 0
    watch: Watched | None = None
    arms: Annotated[list[Choice], Field(min_length=2, max_length=4)] | None = None
    months: Annotated[int, Field(ge=1, le=MOST_MONTHS)] = 36
    outcome: Literal[SHOWN] = "expected_civilian_deaths"  # type: ignore[valid-type]
    assumptions: Assumptions = Field(default_factory=dict)

    @field_validator("version")
    @classmethod
    def _known(cls, value: int) -> int:
        if value != VERSION:
            raise ValueError(f"this program reads sessions of version {VERSION}")
        return value


def read_session(name: str, text: str) -> dict[str, Any]:
    """The session in a file or a link: only what the file sets, so that the page fills in the rest.

    Args:
        name: of the file, for messages.
        text: TOML, or JSON as the page holds it; checked by ``text_of``.

    Raises:
        Refused: not valid, an unknown field, or a value out of bounds; the message names file and field.
    """
    return {"session": _whole(_with_nothing(table_of(name, text)), name)}


def write_session(session: Mapping[str, Any]) -> str:
    """A session as a TOML file, which :func:`read_session` reads again as the same session.

    Raises:
        Refused: it is no session.
    """
    whole = _whole(dict(session), "session")
    if "arms" in whole:
        whole["arms"] = [_listing_nothing(arm) for arm in whole["arms"]]
    if "watch" in whole:
        whole["watch"]["choice"] = _listing_nothing(whole["watch"]["choice"])
    return HEADER + tomli_w.dumps(whole)


def _whole(values: dict[str, Any], name: str) -> dict[str, Any]:
    try:
        session = Session.model_validate(values)
    except ValidationError as error:
        raise problems(error, name) from None
    watched = () if session.watch is None else (session.watch.choice,)
    for choice in (*watched, *(session.arms or ())):
        _checked_choice(choice, name)
    try:
        checked(session.assumptions)
    except Refused as refusal:
        raise _in(name, refusal) from None
    found = session.model_dump(mode="json")
    return {field: found[field] for field in found if field in session.model_fields_set and found[field] is not None}


def _checked_choice(choice: Choice, name: str) -> None:
    """Stop at levers that no scenario can have. A gazetteer need not have been handed in yet."""
    try:
        scenario_of(choice, TheirFile())
    except Refused as refusal:
        raise _in(name, refusal) from None


def _in(name: str, refusal: Refused) -> Refused:
    """The same refusal, saying in which file."""
    if refusal.code != SAID:
        return refusal
    return Refused(SAID, text=shown(f"{name}: {refusal.values['text']}", 2 * MOST_SAID))


# --- levers set to nothing -----------------------------------------------------------------------------------------


def _listing_nothing(choice: dict[str, Any]) -> dict[str, Any]:
    """A choice whose levers without a value are listed by name instead."""
    names: list[str] = []

    def without(levers: Mapping[str, Any], path: str) -> dict[str, Any]:
        kept = {}
        for key, value in levers.items():
            if value is None:
                names.append(path + key)
            else:
                kept[key] = without(value, f"{path}{key}.") if isinstance(value, Mapping) else without_nothing(value)
        return kept

    levers = without(choice["levers"], "")
    return {**choice, "levers": levers, **({UNSET: names} if names else {})}


def _with_nothing(values: dict[str, Any]) -> dict[str, Any]:
    """A session whose listed levers have no value again; what is no session is left for validation to refuse."""
    found = dict(values)
    if isinstance(found.get("arms"), list):
        found["arms"] = [_unset(arm) for arm in found["arms"]]
    watch = found.get("watch")
    if isinstance(watch, dict) and "choice" in watch:
        found["watch"] = {**watch, "choice": _unset(watch["choice"])}
    return found


def _unset(choice: Any) -> Any:
    if not isinstance(choice, dict) or not isinstance(choice.get(UNSET), list):
        return choice
    levers = choice.get("levers", {})
    for name in choice[UNSET]:
        if not isinstance(levers, dict) or not isinstance(name, str):
            return choice
        levers = _put_nothing(levers, name.split("."))
    return {**{key: value for key, value in choice.items() if key != UNSET}, "levers": levers}


def _put_nothing(levers: dict[str, Any], path: list[str]) -> dict[str, Any]:
    first, *rest = path
    if not rest:
        return {**levers, first: None}
    inner = levers.get(first, {})
    return {**levers, first: _put_nothing(inner, rest)} if isinstance(inner, dict) else levers
