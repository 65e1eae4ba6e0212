"""Faults that can be planted in the twin, to show that the comparison finds them."""

from __future__ import annotations

from collections.abc import Callable

from abm.randomness import BAND_TARGET
from plain_mesa import band
from plain_mesa.band import Band
from plain_mesa.command import Command
from plain_mesa.model import PlainMali


def swapped(steps: tuple[str, ...], first: str, second: str) -> tuple[str, ...]:
    """The same steps with two of them in each other's place."""
    order = {first: second, second: first}
    return tuple(order.get(step, step) for step in steps)


def bands_before_army() -> None:
    """Two phases of the day in the wrong order."""
    PlainMali.PHASES = swapped(PlainMali.PHASES, "move_national_forces", "attack")


def patrols_before_convoys() -> None:
    """Two claims on the same troops in the wrong order."""
    PlainMali.PHASES = swapped(PlainMali.PHASES, "supply_tobs", "patrol")


def escorts_before_tobs() -> None:
    """The same in the weekly order."""
    Command.ORDERS = swapped(Command.ORDERS, "order_tobs", "order_escorts")


def answers_before_thinning() -> None:
    """A warning is answered before presence has prevented the attack or not."""
    Band.AT_THE_TARGET = swapped(Band.AT_THE_TARGET, "meet_presence", "be_answered")


def another_draw() -> None:
    """The second choice of a target uses the draws of the first."""
    band.BAND_RETRY_TARGET = BAND_TARGET


FAULTS: dict[str, Callable[[], None]] = {
    fault.__name__: fault
    for fault in (
        bands_before_army, patrols_before_convoys, escorts_before_tobs, answers_before_thinning, another_draw,
    )
}  # fmt: skip
