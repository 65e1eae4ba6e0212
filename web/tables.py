"""Tables to take away: CSV with provenance as comments in front, names and units in the header, dots in numbers."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from typing import Any

from abm.views.frame import percent
from abm.views.words import Language, say
from runs.provenance import canonical_json
from runs.statistics import Summary, level_held
from web.drawn import name_of, unit_of, word
from web.setting import Setting


def comments(title: str, setting: Setting, run_hash: str, language: Language, more: Iterable[str]) -> list[str]:
    """Where a table comes from, a line each."""
    about = setting.provenance()
    kept = ("package_version", "git_commit", "source_fingerprint", "math_fingerprint", "python", "numpy", "numba",
            "scenario_hash", "parameter_hash", "gazetteer_hash", "seed", "months", "count_from")  # fmt: skip
    lines = [title, say("caveat", language), f"hash: {run_hash}", *more]
    lines += [f"{name}: {about[name]}" for name in kept if about[name] is not None]
    lines += [f"{arm['name']}: {arm['scenario']} {canonical_json(arm['levers'])}" for arm in about["arms"]]
    lines += [
        f"{one['mark']} {one['name']} = {one['value']:g} ({one['unit']}; {one['status']}; {one['default']:g}): "
        f"{one['source']}"
        for one in about["assumptions"]
    ]
    return [f"# {' '.join(line.split())}" for line in lines]


def csv_text(lines: Sequence[str], header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Comments, header and rows. What begins like a formula is quoted as text, for spreadsheets."""
    out = io.StringIO()
    out.writelines(f"{line}\n" for line in lines)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else ""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@"):
        return f"'{value}"
    return "" if value is None else value


COLUMNS = (
    "arm", "control", "outcome", "window", "unit", "control_mean", "difference", "low", "high", "future_low",
    "future_high", "mc_se", "param_sd", "relative", "resolved", "draws", "seeds",
)  # fmt: skip


class ComparisonTable:
    """Differences of arms, a row an arm and outcome."""

    def __init__(self, setting: Setting, language: Language, draws: int, seeds: int) -> None:
        self._setting, self._language, self._draws, self._seeds = setting, language, draws, seeds
        self._rows: list[list[Any]] = []

    def _yes(self, value: bool) -> str:
        return word("yes" if value else "no", self._language)

    def add(self, arm: str, key: str, window: str, summary: Summary) -> None:
        """One outcome of one arm."""
        parts, language = summary.spread, self._language
        self._rows.append([
            arm, self._setting.control.name, name_of(key, language), window, unit_of(key, language), summary.control,
            parts.estimate, *summary.effect, *summary.future, parts.monte_carlo_se, math.sqrt(parts.s2_param),
            summary.relative, self._yes(summary.resolved), self._draws, self._seeds, key,
        ])  # fmt: skip

    def add_per_death(self, arm: str, window: str, found: dict[str, float] | None) -> None:
        """Cost per death averted of one arm; without numbers where it is not resolved that deaths are averted."""
        language = self._language
        three = (found["estimate"], found["low"], found["high"]) if found else (None, None, None)
        self._rows.append([
            arm, self._setting.control.name, word("per_death", language), window, word("unit_per_death", language),
            None, *three, None, None, None, None, None, self._yes(found is not None), self._draws, self._seeds,
            "cost_per_death_averted",
        ])  # fmt: skip

    def text(self, run_hash: str) -> str:
        """The whole file."""
        language = self._language
        level = percent(round(level_held(self._draws), 2), language)
        header = [*(word(name, language, level=level) for name in COLUMNS), "key"]
        size = f"{word('draws', language)}: {self._draws}; {word('seeds', language)}: {self._seeds}"
        lines = comments(word("title", language), self._setting, run_hash, language, [size])
        return csv_text(lines, header, self._rows)
