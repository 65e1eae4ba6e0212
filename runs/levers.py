"""Which levers the arms of a comparison had: where they differ from the control and from the shipped scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import PurePath
from typing import Any

from abm.geography import CERCLE_LABELS, CERCLES
from abm.scenario import Lever, Scenario, UnitLine, shipped_scenarios
from runs.design import CONTROL, Design, arm_label
from runs.phrases import listed
from runs.sections import Section, Table

# Names of an arm are no levers, and a comparison gives each set of parameters its own world whatever the seed says.
NO_LEVERS = ("name", "title", "world.seed")
NONE = "–"


def dotted(part: Lever, before: str = "") -> Iterator[tuple[str, Any]]:
    """Names and values of all levers, as in ``package.decision``."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, Lever):
            yield from dotted(value, f"{before}{name}.")
        elif before + name not in NO_LEVERS:
            yield before + name, value


@cache
def shipped(name: str) -> dict[str, Any]:
    """Levers of the shipped scenario of a name; none where there is no such scenario."""
    return dict(dotted(Scenario.load(name))) if name in shipped_scenarios() else {}


def levers(design: Design) -> Section:
    """Every lever in which an arm differs from the control or from the shipped scenario of its name.

    A control that is not shipped is held against the shipped control: a reader must see what it changes.
    """
    control = dict(dotted(design.control))
    rows = []
    for arm in design.arms:
        known = shipped(arm.name) or (shipped(CONTROL) if arm is design.control else {})
        for name, value in dotted(arm):
            if value != control[name] or (name in known and value != known[name]):
                original = in_words(name, known[name]) if name in known else NONE
                held = NONE if arm is design.control else in_words(name, control[name])
                rows.append((arm_label(arm.name), name, in_words(name, value), held, original))
    text = "Every lever whose value differs from the control's, or from the shipped scenario of the arm's name."
    if not rows:
        text = "No lever differs: all arms are the control."
    if design.control.name not in shipped_scenarios():
        text += f" The control is no shipped scenario and is held against {arm_label(CONTROL)}."
    headers = ("Arm", "Lever", "Value", "Control", "As shipped")
    table = Table(headers, tuple(rows), words=(0, 1, 2, 3, 4), brief=(0, 1, 2, 3))
    return Section("levers", "Levers that differ", (text,), (table,) if rows else ())


def in_words(name: str, value: Any) -> str:
    """A lever's value for a reader."""
    if name == "world.cercles":
        return listed(_cercles(value)) or f"all {len(CERCLES)}"
    if name == "world.gazetteer" and value is not None:
        return PurePath(value).name  # where a user keeps it is nobody's business
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, UnitLine):
        return _unit(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "; ".join(in_words("", m) if isinstance(m, UnitLine) else str(m) for m in value) or "none"
    if name == "strategy.army_stays" and value is None:
        return "as p_army_stays"
    return "none" if value is None else str(value)


def _unit(line: UnitLine) -> str:
    kind = line.type.replace("_", " ") + (", mobile" if line.mobile else "")
    medics = ", with a medical team" if line.medical_team else ""
    flying = f", {line.helicopters} {'armed ' if line.armed else ''}helicopters each" if line.helicopters else ""
    land = "" if line.needs_land else ", needs no land"
    earliest = f", not before {line.earliest}" if line.earliest is not None else ""
    return f"{line.units} × {line.heads} {kind}{medics}{flying}, {line.base}{land}{earliest}"


def _cercles(names: tuple[str, ...]) -> list[str]:
    return [CERCLE_LABELS[CERCLES.index(name)] for name in names]


def coverage(design: Design) -> str:
    """What the opening paragraph says first where the world is not the whole synthetic one; else nothing."""
    world = design.control.world
    only = f"This comparison covers only: {listed(_cercles(world.cercles))}. " if world.cercles else ""
    if world.gazetteer is None:
        return only
    return f"{only}Settlements come from the gazetteer {PurePath(world.gazetteer).name}, not from the synthetic world. "


def places_caution(design: Design) -> tuple[str, ...]:
    """A caution where settlements may be real."""
    if design.control.world.gazetteer is None:
        return ()
    return ("Settlements are a user's own and may be real places: results must not be published by place.",)
