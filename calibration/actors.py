"""The table of actors: which role a named party has, and which recorded kind of event a pair of roles makes.

The table that comes with the program is ``calibration/data/actors.toml``; a user may give an edited copy. Its kinds are
those of the observation model, with two more that are recorded but are no outcome of the model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate
from importlib.resources import files
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from abm.kinds import KINDS
from abm.toml_text import TomlError, parse, read_text

JIHADISTS_V_JIHADISTS, OTHER = "jihadists_v_jihadists", "other"
RECORDED_KINDS = (*KINDS, JIHADISTS_V_JIHADISTS, OTHER)
NOBODY = "nobody"
SHIPPED = "actors.toml"

Pair = tuple[str, str]


class ActorsError(ValueError):
    """A table of actors that cannot be used; the message names the file, the entry and what was expected."""


def plain(text: str) -> str:
    """Text without accents, capitals, typographic apostrophes and repeated spaces, to compare names by."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).casefold().split())


def pair_of(one: str, other: str) -> Pair:
    """Two roles in alphabetical order: which party a file names first says nothing."""
    return (one, other) if one <= other else (other, one)


@dataclass(frozen=True, eq=False)
class ActorTable:
    """Roles by pattern of name, in the order in which they are tried, and kinds by pair of roles."""

    source: str
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    kinds: dict[Pair, str]

    def role_of(self, name: str) -> str | None:
        """Role of a party, ``"nobody"`` for an empty name, None if no pattern fits."""
        compared = plain(name)
        if not compared:
            return NOBODY
        return next((role for role, pattern in self.patterns if pattern.fullmatch(compared)), None)

    def kind_of(self, one: str, other: str) -> str:
        """Recorded kind of an event between two roles, ``"other"`` if the table names none."""
        return self.kinds.get(pair_of(one, other), OTHER)


def shipped_text() -> str:
    """The table of actors that comes with the program, as text to copy and edit."""
    return files("calibration").joinpath("data", SHIPPED).read_text(encoding="utf-8")


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except TomlError as error:
        raise ActorsError(f"{path}: {error}") from None


def _section(content: dict[str, Any], name: str, source: str) -> dict[str, Any]:
    section = content.get(name)
    if not isinstance(section, dict) or not section:
        raise ActorsError(f"{source}: no section [{name}]; expected [roles] and [kinds]")
    return section


def _names(value: Any) -> list[str] | None:
    """A list of texts that are not blank, None if it is anything else."""
    fits = isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)
    return value if fits else None


def _patterns(roles: dict[str, Any], source: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    owner: dict[str, str] = {}
    compiled = []
    for role, value in roles.items():
        names = _names(value)
        if role == NOBODY or not names:
            what = "is the role of an empty name" if role == NOBODY else "expected a list of patterns of names"
            raise ActorsError(f"{source}, roles.{role}: {what}")
        for name in map(plain, names):
            if owner.setdefault(name, role) != role:
                raise ActorsError(
                    f"{source}, roles.{role}: {name!r} is also a pattern of {owner[name]}; expected it once"
                )
        compiled.append((role, re.compile("|".join(f"(?:{translate(plain(name))})" for name in names))))
    return tuple(compiled)


def _pairs(value: Any, roles: Iterable[str], where: str) -> list[Pair]:
    if not isinstance(value, list):
        raise ActorsError(f"{where}: expected a list of pairs of roles")
    pairs = []
    for item in value:
        names = _names(item)
        if names is None or len(names) != 2:
            raise ActorsError(f'{where}: {item!r} is no pair; expected two roles such as ["jihadists", "civilians"]')
        for name in names:
            if name not in roles:
                raise ActorsError(f"{where}: unknown role {name!r}; expected one of {', '.join(roles)}")
        pairs.append(pair_of(names[0], names[1]))
    return pairs


def _kinds(kinds: dict[str, Any], roles: Iterable[str], source: str) -> dict[Pair, str]:
    found: dict[Pair, str] = {}
    for kind, value in kinds.items():
        if kind not in RECORDED_KINDS:
            raise ActorsError(f"{source}: unknown kind {kind!r}; expected one of {', '.join(RECORDED_KINDS)}")
        where = f"{source}, kinds.{kind}"
        for pair in _pairs(value, roles, where):
            if found.setdefault(pair, kind) != kind:
                raise ActorsError(f"{where}: {' and '.join(pair)} make {found[pair]} already; expected one kind")
    return found


def load_actors(path: str | PathLike[str] | None = None) -> ActorTable:
    """Read a table of actors; the one that comes with the program if no path is given.

    Raises:
        ActorsError: the file cannot be read or is no such table.
    """
    source = SHIPPED if path is None else fspath(path)
    text = shipped_text() if path is None else _text(Path(source))
    try:
        content = parse(text)
    except TomlError as error:
        raise ActorsError(f"{source}: {error}") from None
    unknown = set(content) - {"roles", "kinds"}
    if unknown:
        raise ActorsError(f"{source}: unknown section {min(unknown)!r}; expected [roles] and [kinds]")
    roles = _section(content, "roles", source)
    patterns = _patterns(roles, source)
    return ActorTable(source, patterns, _kinds(_section(content, "kinds", source), (*roles, NOBODY), source))
