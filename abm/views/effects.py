"""One line of a comparison chart: how much an outcome differs between two arms, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """A difference, treated arm minus control: negative means fewer attacks, deaths or abuses.

    Attributes:
        label: what differs between the arms, for example "extra TOBs".
        group: the outcome and its window, for example "attacks on civilians, first 36 months"; effects of one group
            share an axis.
        estimate: mean difference over all runs, in ``unit``.
        low, high: interval of the effect: what the mean of many futures may be, given what is not known about the
            parameters, Monte Carlo error included.
        low_future, high_future: interval of one future: what a single pair of runs shows.
        resolved: whether the interval of the effect leaves out zero; otherwise write "not resolved".
        unit: unit of all five numbers, for example "attacks".
    """

    label: str
    group: str
    estimate: float
    low: float
    high: float
    low_future: float
    high_future: float
    resolved: bool
    unit: str
