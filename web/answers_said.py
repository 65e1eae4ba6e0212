"""What would change the answer, for the page: numbers, sentences in both languages, and lines of figures."""

from __future__ import annotations

import math
from textwrap import shorten, wrap
from typing import Any

from abm.declarations import declarations
from abm.parameters import Parameters
from abm.views.break_even import Curve, Swing
from abm.views.frame import digits_for, number, percent
from abm.views.words import LANGUAGES, Language
from runs.phrases import is_first_look
from runs.statistics import leaves_out_zero
from runs.studies.break_even import swing_rows
from runs.studies.break_even_words import Found, behind, digits_of
from runs.studies.crossings import CROSSES, SAME_SIDE, Crossing
from web.cards import unit as unit_in_words
from web.drawn import unit_of, word
from web.french import label

FEWER, MORE, NEITHER = "fewer", "more", "none"
LETTERS = 44  # of a title, in the room that a figure has for it
Said = dict[Language, str]


def finite(value: float) -> float | None:
    """A number as JSON can say it: none where there is none, or no end."""
    return float(value) if math.isfinite(value) else None


def side_of(c: Crossing) -> str:
    """On which side the arm is for every value that was tried, where that is resolved."""
    if c.verdict != SAME_SIDE:
        return NEITHER
    return FEWER if c.curve[0] < 0.0 else MORE


def of_found(one: Found, outcome: str) -> dict[str, Any]:
    """One input for JSON.

    ``low`` and ``high`` are its low and high tenth, ``swing`` the difference at these, ``crossing`` where the line is
    zero; an end of the crossing's interval that is none lies beyond what was tried, ``first`` to ``last``.
    """
    (row,), c, known = swing_rows([one]), one.crossing, declarations(Parameters)[one.input]
    return {
        "name": one.input, "status": known.status, "mark": one.mark, "group": known.group, "unit": one.unit,
        "low": row["low"], "high": row["high"], "first": c.first, "last": c.last,
        "swing": [row["difference_low"], row["difference_high"]], "change": row["swing"],
        "swing_low": row["swing_low"], "swing_high": row["swing_high"], "resolved": row["resolved"],
        "crossing": row["break_even"], "crossing_low": finite(c.interval[0]), "crossing_high": finite(c.interval[1]),
        "crosses": c.verdict == CROSSES, "fits": not c.bends, "side": side_of(c),
        "said": {language: sentence(one, outcome, language) for language in LANGUAGES},
    }  # fmt: skip


def sentence(one: Found, outcome: str, language: Language) -> str:
    """Where the order of the two arms turns as this input rises, and by how much the difference changes."""
    c = one.crossing
    digits, unit = digits_of(c), _unit(one, language)

    def value(x: float) -> str:
        return f"{number(x, digits, language=language)}{behind(unit)}"

    words = {
        "of": word(f"of_{outcome}", language),
        "against": one.against,
        "look": word("look", language) if is_first_look(c.units) else "",
        "first": number(c.first, digits, language=language),
        "last": value(c.last),
        "at": value(c.at) if not math.isnan(c.at) else "",
        "range": _range(c, digits, language),
    }
    if c.verdict == SAME_SIDE:
        said = word("said_same", language, side=word(side_of(c), language), **words)
    elif math.isnan(c.at):
        said = word("said_none", language, **words)
    elif c.verdict != CROSSES:
        said = word("said_perhaps", language, **words)
    else:
        below, above = (FEWER, MORE) if c.rising else (MORE, FEWER)
        said = word("said_crosses", language, below=word(below, language), above=word(above, language), **words)
    return said + (word("said_bends", language) if c.bends else "") + _swing(c, digits, unit, language)


def _unit(one: Found, language: Language) -> str:
    return unit_in_words(declarations(Parameters)[one.input].unit)[language]


def _title(one: Found, language: Language) -> str:
    return label("parameters", one.input, what="title")[language]


def _swing(c: Crossing, digits: int, unit: str, language: Language) -> str:
    size = digits_for(c.swing, *c.swing_interval)
    low, high = c.tenths
    numbers = dict(zip(("swing", "swing_low", "swing_high"), (c.swing, *c.swing_interval), strict=True))
    signed = {name: number(x, size, signed=True, language=language) for name, x in numbers.items()}
    ends = {"low": number(low, digits, language=language), "high": f"{number(high, digits, language=language)}"}
    ends["high"] += behind(unit)
    key = "said_swing" if leaves_out_zero(c.swing_interval) else "said_no_swing"
    return word(key, language, **ends, **signed)


def _range(c: Crossing, digits: int, language: Language) -> str:
    """The interval of a crossing; open ends said so."""
    low, high = c.interval
    if math.isnan(low) or (math.isinf(low) and math.isinf(high)):
        return word("anywhere", language)
    if math.isinf(low):
        return word("down_to", language, value=number(high, digits, language=language))
    if math.isinf(high):
        return word("up_from", language, value=number(low, digits, language=language))
    ends = {"low": number(low, digits, language=language), "high": number(high, digits, language=language)}
    return word("between", language, **ends)


def said_overall(estimate: dict[str, float], points: int, outcome: str) -> Said:
    """The difference over all assumptions varied together."""
    digits = digits_for(estimate["estimate"], estimate["low"], estimate["high"])

    def said(language: Language) -> str:
        numbers = {
            name: number(estimate[name], digits, signed=True, language=language) for name in ("estimate", "low", "high")
        }
        share = percent(round(estimate["fewer"], 2), language)
        return word("said_overall", language, unit=unit_of(outcome, language), share=share, points=points, **numbers)

    return {language: said(language) for language in LANGUAGES}


def said_by_chance(inputs: int) -> Said:
    """That many were tried, and some look resolved by chance."""
    return {language: word("said_by_chance", language, inputs=inputs) for language in LANGUAGES}


# --- figures --------------------------------------------------------------------------------------------------------


def swing_of(one: Found, outcome: str, group: str, language: Language) -> Swing:
    """One bar of a tornado; a long title is cut short, the panels and the table have it whole."""
    c = one.crossing
    at = "" if math.isnan(c.at) else f"{number(c.at, digits_of(c), language=language)}{behind(_unit(one, language))}"
    resolved = leaves_out_zero(c.swing_interval)
    title = shorten(_title(one, language), LETTERS, placeholder=" …")
    return Swing(f"{one.mark} {title}", group, *c.ends, resolved, at, unit_of(outcome, language))


def curve_of(one: Found, outcome: str, language: Language) -> Curve:
    """The difference against one input."""
    c = one.crossing
    x, middle, low, high = (tuple(values.tolist()) for values in (c.grid, c.curve, c.low, c.high))
    title = "\n".join(wrap(_title(one, language), LETTERS)[:2])
    across = f"{one.mark} {one.input}{', ' if _unit(one, language) else ''}{_unit(one, language)}"
    unit = unit_of(outcome, language)
    return Curve(title, across, unit, x, middle, low, high, c.at, c.interval, one.resolved)
