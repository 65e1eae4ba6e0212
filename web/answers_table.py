"""Swings and crossings of all inputs as CSV."""

from __future__ import annotations

from collections.abc import Sequence

from abm.declarations import declarations
from abm.parameters import Parameters
from abm.views.frame import percent
from abm.views.words import Language
from runs.statistics import LEVEL
from runs.studies.break_even import swing_rows
from runs.studies.break_even_words import Found
from web.cards import unit
from web.drawn import name_of, unit_of, word
from web.french import label
from web.setting import Setting
from web.tables import comments, csv_text

COLUMNS = (
    "arm", "control", "outcome", "window", "unit", "input", "input_unit", "status", "from", "up_to", "at_low",
    "at_high", "swing", "swing_low", "swing_high", "resolved", "crossing", "crossing_low", "crossing_high", "points",
)  # fmt: skip


def answers_text(
    setting: Setting,
    run_hash: str,
    found: Sequence[Found],
    points: int,
    outcome: str,
    window: str,
    language: Language,
) -> str:
    """The whole file, a row an input, the longest swing first; an end that is left empty is open."""
    known = declarations(Parameters)
    rows = []
    for one, row in zip(found, swing_rows(found), strict=True):
        d = known[one.input]
        rows.append([
            one.arm, one.against, name_of(outcome, language), window, unit_of(outcome, language),
            label("parameters", d.name, what="title")[language], unit(d.unit)[language], d.status, row["low"],
            row["high"], row["difference_low"], row["difference_high"], row["swing"], row["swing_low"],
            row["swing_high"], word("yes" if row["resolved"] else "no", language), row["break_even"],
            *one.crossing.interval, points, d.name,
        ])  # fmt: skip
    level = percent(LEVEL, language)
    header = [*(word(name, language, level=level) for name in COLUMNS), "name"]
    size = f"{word('points', language)}: {points}"
    return csv_text(comments(word("title_answers", language), setting, run_hash, language, [size]), header, rows)
