"""Break-even in words, tables and rows: where the order of two arms turns, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from runs.outcomes import MEASURES
from runs.phrases import NOT_RESOLVED, digits_for, guarded, interval, number
from runs.sections import Table
from runs.statistics import leaves_out_zero
from runs.studies.crossings import CROSSES, SAME_SIDE, Crossing


@dataclass(frozen=True)
class Found:
    """One crossing: which arm against which other, over which input, and the input in words.

    ``arm`` and ``against`` are for a reader: "companies 0, at any cooperation". ``lever`` says whether the input is
    decided upon; if not, it is an assumption, whose ``mark`` says of what status.
    """

    arm: str
    against: str
    input: str
    meaning: str
    unit: str
    mark: str
    lever: bool
    crossing: Crossing

    @property
    def resolved(self) -> bool:
        """Whether the crossing is."""
        return self.crossing.verdict == CROSSES and not self.crossing.bends


def in_words(one: Found, unit: str) -> str:
    """One crossing, or why there is none, for a reader who is not a modeller."""
    c = one.crossing
    known = f" ({one.mark} {one.meaning.rstrip('.')})" if one.mark else ""
    head = f"{one.arm} against {one.against}, by {one.input}{known}"
    digits = digits_of(c)
    reached = f"between {number(c.first, digits)} and {number(c.last, digits)}"
    if c.verdict == SAME_SIDE:
        side = "fewer" if c.curve[0] < 0.0 else "more"
        return f"{head}: no crossing {reached}: {one.arm} has {side} {unit} everywhere."
    if math.isnan(c.at):
        return f"{head}: no crossing seen {reached}, {NOT_RESOLVED}."
    where = f"{number(c.at, digits)}{behind(one.unit)} ({_range(c, digits)})"
    if c.verdict != CROSSES:
        return f"{head}: the mean crosses zero at {where}, {NOT_RESOLVED}."
    above, below = ("more", "fewer") if c.rising else ("fewer", "more")
    doubt = " The curve does not fit the points: this value is not to be trusted." if c.bends else ""
    verdict = guarded("", c.units)
    return f"{head}: {below} {unit} below {where}, {above} above{verdict}.{doubt}"


def behind(unit: str) -> str:
    """A unit as it follows a number."""
    return f" {unit}" if unit else ""


def _range(c: Crossing, digits: int) -> str:
    """The interval of a crossing; open ends said so."""
    low, high = c.interval
    if math.isinf(low) and math.isinf(high):
        return "anywhere"
    if math.isinf(low):
        return f"up to {number(high, digits)}"
    return f"from {number(low, digits)} up" if math.isinf(high) else interval((low, high), digits, signed=False)


def digits_of(c: Crossing) -> int:
    """Decimals for values of an input: enough to tell apart what was tried, and the ends of a crossing's interval."""
    ends = [end for end in (c.first, c.last, *c.interval) if math.isfinite(end)]
    finest = min((abs(a - b) for a, b in pairwise(sorted(set(ends)))), default=1.0)
    return max(digits_for(c.first, c.last), min(3, math.ceil(-math.log10(finest))))


def _verdict(one: Found) -> str:
    c = one.crossing
    if c.bends:
        return "curve does not fit"
    if c.verdict == SAME_SIDE:
        return f"{'fewer' if c.curve[0] < 0.0 else 'more'} everywhere"
    return guarded(c.verdict, c.units) if c.verdict == CROSSES else NOT_RESOLVED


def crossing_table(found: Sequence[Found]) -> Table:
    """Every comparison: where it crosses zero, if it does."""
    headers = (
        "Arm",
        "Against",
        "Input or lever",
        "Status",
        "Unit",
        "From",
        "to",
        "Crosses at",
        "90 % interval",
        "Verdict",
    )
    rows = []
    for one in found:
        c = one.crossing
        digits = digits_of(c)
        crossing = "–" if math.isnan(c.at) else number(c.at, digits)
        held = "–" if math.isnan(c.interval[0]) else _range(c, digits)
        ends = number(c.first, digits), number(c.last, digits)
        status = one.mark or "lever"
        rows.append((one.arm, one.against, one.input, status, one.unit, *ends, crossing, held, _verdict(one)))
    return Table(headers, tuple(rows), words=(0, 1, 2, 3, 4, 9), brief=(0, 1, 2, 7, 8, 9), caption="Crossings of zero")


def swing_table(key: str, found: Sequence[Found]) -> Table:
    """By how much each input moves the difference in a measure."""
    headers = (
        "Arm",
        "Against",
        "Input",
        "Status",
        "From",
        "to",
        "Difference there",
        "and here",
        "Swing",
        "90 % interval",
    )
    rows = []
    for one in found:
        c = one.crossing
        digits, size = digits_for(*c.tenths), digits_for(*c.ends, *c.swing_interval)
        numbers = (number(value, size, signed=True) for value in (*c.ends, c.swing))
        ends = (number(end, digits) for end in c.tenths)
        rows.append((one.arm, one.against, one.input, one.mark, *ends, *numbers, interval(c.swing_interval, size)))
    unit = MEASURES[key].unit
    caption = f"Swing of the difference ({unit}) from the low to the high tenth of an input, or its outermost levels"
    return Table(headers, tuple(rows), words=(0, 1, 2, 3), brief=(0, 1, 2, 8, 9), caption=caption, folded=True)


def swing_rows(found: Sequence[Found]) -> list[dict[str, Any]]:
    """One row per arm and input: the swing with its interval, and the crossing, None where there is none."""
    return [
        {
            "arm": one.arm, "against": one.against, "input": one.input, "unit": one.unit,
            "low": one.crossing.tenths[0], "high": one.crossing.tenths[1],
            "difference_low": one.crossing.ends[0], "difference_high": one.crossing.ends[1],
            "swing": one.crossing.swing, "swing_low": one.crossing.swing_interval[0],
            "swing_high": one.crossing.swing_interval[1],
            "resolved": leaves_out_zero(one.crossing.swing_interval),
            "break_even": None if math.isnan(one.crossing.at) else one.crossing.at,
        }
        for one in found
    ]  # fmt: skip


def crossing_row(one: Found, key: str) -> dict[str, Any]:
    """One crossing of a measure."""
    c = one.crossing
    return {
        "outcome": key, "arm": one.arm, "against": one.against, "input": one.input, "lever": one.lever,
        "unit": one.unit, "first": c.first, "last": c.last, "fit": c.fit, "fits": not c.bends, "rising": c.rising,
        "crosses_at": c.at, "low": c.interval[0], "high": c.interval[1], "verdict": c.verdict, "units": c.units,
    }  # fmt: skip
