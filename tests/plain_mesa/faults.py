"""Faults that can be planted in the twin, to show that the comparison finds them."""

from __future__ import annotations

from collections.abc import Callable

from abm.randomness import BAND_TARGET
from plain_mesa import band, numbers
from plain_mesa.army_unit import ArmyUnit
from plain_mesa.band import Band
from plain_mesa.command import Command
from plain_mesa.model import PlainMali
from plain_mesa.told import Told


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


def army_off_course() -> None:
    """National forces meet and abuse as often as usual, whatever the course of the month."""
    ArmyUnit.course = property(lambda unit: 1.0)


def told_a_day_late() -> None:
    """What is known to have happened happens one day after its day."""
    on_its_day = Told.on
    Told.on = lambda told, day: on_its_day(told, day - 1)


def clashes_as_fitted() -> None:
    """Who begins a clash is what rates were fitted with, whatever the run assumes."""
    numbers.more_often = lambda assumed, fitted: (1.0, 1.0)


def named(*faults: Callable[[], None]) -> dict[str, Callable[[], None]]:
    return {fault.__name__: fault for fault in faults}


# In any run, and in a run that is told something.
FAULTS = named(bands_before_army, patrols_before_convoys, escorts_before_tobs, answers_before_thinning, another_draw)
FAULTS_WHEN_TOLD = named(army_off_course, told_a_day_late, clashes_as_fitted)
