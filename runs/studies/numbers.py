"""A difference in one cell of a table: estimate, interval, and whether it is resolved."""

from __future__ import annotations

from runs.phrases import MILLION, NO_DIFFERENCE, NOT_RESOLVED, digits_for, interval, number
from runs.statistics import Interval, leaves_out_zero


def in_cell(estimate: float, ends: Interval) -> str:
    """A difference as "−12 (−20 to −3)"; zero in every run, not resolved, and too small to be shown are said so."""
    if estimate == ends[0] == ends[1] == 0.0:
        return NO_DIFFERENCE
    if max(abs(value) for value in (estimate, *ends)) >= MILLION:
        found = in_cell(estimate / MILLION, (ends[0] / MILLION, ends[1] / MILLION))
        return found.replace(")", " million)", 1)
    digits = digits_for(estimate, *ends)
    least = 0.5 * 10.0**-digits
    if max(abs(value) for value in (estimate, *ends)) < least:
        return f"less than {number(least, digits + 1)} either way"
    text = f"{number(estimate, digits, signed=True)} ({interval(ends, digits)})"
    return text if leaves_out_zero(ends) else f"{text}, {NOT_RESOLVED}"
