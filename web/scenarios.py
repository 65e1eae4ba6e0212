"""Shipped scenarios as a page shows them: what each changes in the default, so that it can be edited from there."""

from __future__ import annotations

from typing import Any

from abm.scenario import Scenario, shipped_scenarios
from runs.inputs import LEVERS
from web.choice import DEFAULT
from web.french import label, translated

# Groups in reading order, and their scenarios.
GROUPED: dict[str, tuple[str, ...]] = {
    "reference": (DEFAULT, "no-un", "history-2020"),
    "package": ("extra-tobs", "extra-tobs-and-accountability", "tobs-and-strategy", "all-measures"),
    "without": ("accountability", "malian-strategy"),
    "conditions": (
        "camp-bound-troops", "mobile-troops-embedded-medics", "camp-permission-never", "no-helicopters", "no-hospital",
    ),
    "siting": (
        "allocation-fixed", "allocation-population", "allocation-warning-led", "allocation-spread", "allocation-random",
    ),
}  # fmt: skip


def scenarios() -> list[dict[str, Any]]:
    """Every shipped scenario, group after group; one that has no group yet comes last, with the points of reference."""
    grouped = {name for names in GROUPED.values() for name in names}
    rest = tuple(name for name in shipped_scenarios() if name not in grouped)
    listed = [(group, name) for group, names in GROUPED.items() for name in names]
    return [scenario(name, group) for group, name in (*listed, *(("reference", name) for name in rest))]


def scenario(name: str, group: str) -> dict[str, Any]:
    """Name, words and start of a scenario, and its ``levers``: nested changes that make it out of the default."""
    loaded = Scenario.load(name)
    return {
        "name": name,
        "label": label("scenarios", name),
        "title": translated(loaded.title, "scenarios", name, what="title"),
        "group": group,
        "group_title": label("scenarios", "groups", what=group),
        "start": loaded.start.isoformat(),
        "months": loaded.months,
        "levers": changes(loaded, Scenario.load(DEFAULT)),
    }


def changes(scenario: Scenario, base: Scenario) -> dict[str, Any]:
    """Levers in which a scenario differs from another, nested, ready for JSON."""
    found: dict[str, Any] = {}
    before, after = base.model_dump(mode="json"), scenario.model_dump(mode="json")
    for lever in LEVERS:
        if isinstance(after[lever], dict):
            changed = {name: value for name, value in after[lever].items() if value != before[lever][name]}
            found |= {lever: changed} if changed else {}
        elif after[lever] != before[lever]:
            found[lever] = after[lever]
    return found
