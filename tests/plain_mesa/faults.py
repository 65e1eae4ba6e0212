"""Faults that can be planted in the twin, to show that the comparison finds them."""

from __future__ import annotations

from collections.abc import Callable

from abm.randomness import BAND_TARGET
from plain_mesa import band
from plain_mesa.model import PlainMali


def bands_before_army() -> None:
    """Two phases of the day in the wrong order."""
    order = list(PlainMali.PHASES)
    first, second = order.index("move_national_forces"), order.index("attack")
    order[first], order[second] = order[second], order[first]
    PlainMali.PHASES = tuple(order)


def another_draw() -> None:
    """The second choice of a target uses the draws of the first."""
    band.BAND_RETRY_TARGET = BAND_TARGET


FAULTS: dict[str, Callable[[], None]] = {"bands_before_army": bands_before_army, "another_draw": another_draw}
