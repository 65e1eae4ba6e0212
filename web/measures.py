"""Outcomes of runs as a page names them, and which way is better."""

from __future__ import annotations

from typing import Any

from runs.outcomes import MEASURES, Measure
from web.cards import unit
from web.french import translated

# What a comparison shows first, in order.
HEADLINE = (
    "expected_civilian_attacks", "expected_civilian_deaths", "civilian_attacks", "civilian_deaths",
    "intercommunal_events", "abuses", "attacks_on_un", "un_deaths", "answered", "displaced_people", "tobs", "troops",
    "total_cost",
)  # fmt: skip
FEWER, MORE, NEITHER = "fewer", "more", ""
# More bases, troops, patrols or investigations are means and no ends; so is what is prevented or displaced, which
# grows with what is tried.
FEWER_IS_BETTER = (
    "civilian", "expected", "intercommunal", "abuses", "attacks_", "deaths", "events", "un_deaths", "displaced_people",
    "extra_cost", "total_cost",
)  # fmt: skip
MORE_IS_BETTER = ("answered", "agreements", "served", "averted_by")


def measures() -> list[dict[str, Any]]:
    """Every outcome: those that a comparison shows first, in its order, then the others; see :func:`measure`."""
    order = (*HEADLINE, *(key for key in MEASURES if key not in HEADLINE))
    return [measure(MEASURES[key]) for key in order]


def measure(found: Measure) -> dict[str, Any]:
    """Key, words and unit of an outcome, whether runs have a whole number of it, which way is better."""
    return {
        "key": found.key,
        "label": translated(found.label, "measures", found.key, what="label"),
        "unit": unit(found.unit),
        "counts": found.counts,
        "better": better(found.key),
        "headline": found.key in HEADLINE,
    }


def better(key: str) -> str:
    """Whether fewer or more of an outcome are better; neither where it is a means."""
    if key.startswith(FEWER_IS_BETTER):
        return FEWER
    return MORE if key.startswith(MORE_IS_BETTER) else NEITHER
