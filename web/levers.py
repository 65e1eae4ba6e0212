"""The levers a decision maker holds, described for a page from the models of :mod:`abm.scenario`; and their cost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from abm.calendar import DAY_ZERO
from abm.scenario import LAST_LEVER, UNIT_TYPES, Scenario, UnitLine, shipped_scenarios
from abm.un_force import PATROLLING, standing_units
from web.french import label, translated
from web.planning import cost

__all__ = ["cost", "levers"]

# Groups in reading order, and their levers.
GROUPED: dict[str, tuple[str, ...]] = {
    "troops": ("un.present", "package.units"),
    "arrival": ("package.decision",),
    "camp": ("package.permission", "package.spare_places"),
    "siting": ("un.allocation", "un.tob_sites", "un.hold_ogossagou", "un.ogossagou_from"),
    "allocation": ("un.escort_share", "un.enlarged"),
    "hospital": ("un.hospital_opens",),
    "helicopters": ("un.helicopters", "un.armed_helicopters_from"),
    "accountability": (
        "accountability.investigations_per_month", "accountability.starts", "accountability.extra_reporting",
        "accountability.cooperation", "accountability.permission_penalty_months",
    ),
    "strategy": ("strategy.starts", "strategy.army_stays"),
    "dialogue": ("strategy.dialogue_missions_per_month",),
    "disarmament": ("strategy.disarmament_per_month",),
    "services": ("strategy.services_per_month",),
}  # fmt: skip

# A lever that does nothing, or is refused, unless another one has one of these values or is above a number.
Need = dict[str, Any]
NEEDS: dict[str, Need] = {
    "un.tob_sites": {"path": "un.allocation", "among": ["fixed"]},
    "un.ogossagou_from": {"path": "un.hold_ogossagou", "among": [True]},
    "un.armed_helicopters_from": {"path": "un.helicopters", "among": [True]},
    "accountability.starts": {"path": "accountability.investigations_per_month", "above": 0},
    "accountability.extra_reporting": {"path": "accountability.investigations_per_month", "above": 0},
    "accountability.cooperation": {"path": "accountability.investigations_per_month", "above": 0},
    "line.mobile": {"path": "type", "among": list(PATROLLING)},
    "line.medical_team": {"path": "type", "among": list(PATROLLING)},
    "line.needs_land": {"path": "base", "among": ["Sévaré"]},
    "line.helicopters": {"path": "type", "among": ["aviation"]},
    "line.armed": {"path": "helicopters", "above": 0},
}

SHARE_STEP = 0.05
SLIDER_STEPS = 50
BEYOND_SHIPPED = 5.0  # a slider goes to so many times the largest value of a shipped scenario; numbers go further


def levers() -> list[dict[str, Any]]:
    """Every lever, group after group; see :func:`lever`."""
    return [lever(path, group) for group, paths in GROUPED.items() for path in paths]


def lever(path: str, group: str) -> dict[str, Any]:
    """What the page says of one lever.

    ``kind`` is switch, number, share, date, choice, date-or (one of ``options`` or a day), units (a list of lines,
    each with ``fields``, of one of the ``types``) or sites (a list of latitude and longitude). Numbers and dates have
    ``min`` and ``max``; a ``slider`` may end before. A lever that may be left out has an option whose value is None.
    ``needs`` says without what it does nothing, or is refused.
    """
    part, name = path.split(".")
    model = type(getattr(Scenario.model_construct(name="", title=""), part))
    found = {
        "path": path,
        "group": group,
        "group_title": label("levers", "groups", what=group),
        **described(path, model.model_fields[name]),
    }
    if found["kind"] == "units":
        found |= {"fields": [described(f"line.{name}", f) for name, f in UnitLine.model_fields.items()]}
        found |= {"types": unit_types()}
    return found


def described(path: str, field: FieldInfo) -> dict[str, Any]:
    """Kind, words, default and bounds of a field."""
    english = field.description or ""
    return {
        "name": path.split(".")[-1],
        "label": label("levers", path),
        "help": translated(english, "levers", path, what="help"),
        "default": None if field.is_required() else _json(field.default),
        "needs": NEEDS.get(path),
        "options": _options(path, field.annotation),
        **_kind_and_bounds(path, field),
    }


# --- kinds ------------------------------------------------------------------------------------------------------------


def _kind_and_bounds(path: str, field: FieldInfo) -> dict[str, Any]:
    members = _members(field.annotation)
    if bool in members:
        return {"kind": "switch"}
    if date in members:
        kind = "date-or" if len(members) > 1 or type(None) in get_args(field.annotation) else "date"
        return {"kind": kind, "min": DAY_ZERO.isoformat(), "max": LAST_LEVER.isoformat()}
    if any(get_origin(member) is tuple for member in members):
        return {"kind": "units" if UnitLine in get_args(field.annotation) else "sites"}
    if all(get_origin(member) is Literal for member in members):
        return {"kind": "choice"}
    low, high = _bounds(field)
    share = (low, high) == (0.0, 1.0)
    whole = int in members
    return {"kind": "share" if share else "number", "min": low, "max": high, **_steps(path, low, high, share, whole)}


def _members(annotation: Any) -> tuple[Any, ...]:
    """What a field may be, apart from None."""
    if get_origin(annotation) in (Union, UnionType):
        plain = (get_args(m)[0] if hasattr(m, "__metadata__") else m for m in get_args(annotation))
        return tuple(m for m in plain if m is not type(None))
    return (annotation,)


def _bounds(field: FieldInfo) -> tuple[float, float]:
    metadata = list(field.metadata)
    for member in get_args(field.annotation):  # of a number that may be left out
        for extra in getattr(member, "__metadata__", ()):
            metadata += extra.metadata if isinstance(extra, FieldInfo) else [extra]
    low = next(m.ge for m in metadata if hasattr(m, "ge"))
    high = next(m.le for m in metadata if hasattr(m, "le"))
    return low, high


def _steps(path: str, low: float, high: float, share: bool, whole: bool) -> dict[str, Any]:
    if share:
        return {"slider": {"min": low, "max": high, "step": SHARE_STEP}, "whole": False}
    shipped = BEYOND_SHIPPED * _largest_shipped(path)
    top = min(high, shipped) if shipped > low else high
    step = 10.0 ** math.floor(math.log10((top - low) / SLIDER_STEPS))
    step = max(factor * step for factor in (1.0, 2.0, 5.0) if factor * step <= (top - low) / SLIDER_STEPS * (1 + 1e-9))
    return {"slider": {"min": low, "max": top, "step": max(1.0, step) if whole else step}, "whole": whole}


@cache
def _largest_shipped(path: str) -> float:
    part, name = path.split(".")
    if part == "line":
        values = [getattr(line, name) for line in _shipped_lines()]
    else:
        values = [getattr(getattr(Scenario.load(scenario), part), name) for scenario in shipped_scenarios()]
    return max(float(value or 0.0) for value in values)


def _options(path: str, annotation: Any) -> list[dict[str, Any]]:
    """Values that are no number, date or list, with their words."""
    literal = [value for member in _members(annotation) if get_origin(member) is Literal for value in get_args(member)]
    if date in _members(annotation):
        options = [{"value": value, "label": label("levers", "words", what=value)} for value in literal]
    else:
        options = [{"value": value, "label": label("levers", path, "options", what=value)} for value in literal]
    if type(None) in get_args(annotation):
        word = "any_day" if date in _members(annotation) else "own_value"
        options.append({"value": None, "label": label("levers", "words", what=word)})
    return options


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


# --- kinds of units ---------------------------------------------------------------------------------------------------


def unit_types() -> list[dict[str, Any]]:
    """Kinds of units in order: plain name, what they do, whether `mobile` matters, and a line to begin with."""
    return [
        {
            "value": kind,
            "label": label("levers", "line.type", "options", what=kind),
            "does": label("levers", "line.type", "does", what=kind),
            "mobile_matters": kind in PATROLLING,
            "line": usual_line(kind).model_dump(mode="json") | {"units": 1},
        }
        for kind in UNIT_TYPES
    ]


@cache
def usual_line(kind: str) -> UnitLine:
    """The line of a kind that shipped packages have most often, else that of the force that is there."""
    shipped = [line for line in _shipped_lines() if line.type == kind]
    standing = [unit.line for unit in standing_units(Scenario.load("baseline-2021"), 0) if unit.line.type == kind]
    return Counter(shipped or standing).most_common(1)[0][0]


def _shipped_lines() -> Iterator[UnitLine]:
    for name in shipped_scenarios():
        yield from Scenario.load(name).package.units
