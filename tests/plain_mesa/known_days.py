"""Days of which everything that can be known to have happened is known, in whatever world."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from engine import Row, history, known_abuse, known_attack, known_attack_on_un, known_operation
from numpy.typing import NDArray

from abm.geography import CERCLES
from abm.kinds import (
    CIVILIANS_BY_UNIDENTIFIED,
    DOGON,
    FACTIONS,
    IS_SAHEL,
    KATIBA_MACINA,
    ON_ARMY,
    ON_JIHADISTS,
    ON_MILITIA,
    ON_VILLAGE,
)
from abm.lived import LivedHistory
from abm.tables import World

MOST_DEATHS = 12  # of a known event
QUIET_DAY = 5  # of each week: nothing is known to have happened


class Witness:
    """Makes up, by chance, what happened in a world."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.rng = world, np.random.default_rng(seed)

    def one_of(self, rows: NDArray[np.bool_]) -> int:
        return int(self.rng.choice(np.flatnonzero(rows)))

    def band_of(self, faction: int) -> int:
        return self.one_of(self.world.militias["faction"] == faction)

    def band_on(self, jihadist: int) -> int:
        return self.one_of(self.world.militias["jihadist"] == jihadist)

    def village_near(self, band: int) -> int:
        m = self.world.militias[band]
        return int(self.world.reach_village[m.first_reach + self.rng.integers(m.n_reach)])

    def deaths(self) -> int:
        return int(self.rng.integers(MOST_DEATHS))

    def attack(self, day: int, faction: int, action: int, target: int = -1) -> Row:
        band = self.band_of(faction)
        return known_attack(self.world, day, band, action, self.village_near(band), target, self.deaths())

    def day(self, day: int) -> Iterator[Row]:
        """Attacks on villages and clashes by every faction, twice by one band; all that national forces do and suffer.

        Some clashes have no opponent who is known.
        """
        world = self.world
        for faction in range(len(FACTIONS)):
            yield self.attack(day, faction, ON_VILLAGE)
            yield self.attack(day, faction, ON_MILITIA, self.band_on(jihadist=0) if day % 3 else -1)
        yield self.attack(day, DOGON, ON_JIHADISTS, self.band_on(jihadist=1))
        yield {**self.attack(day, IS_SAHEL, ON_VILLAGE), "kind": CIVILIANS_BY_UNIDENTIFIED}
        twice = self.band_of(KATIBA_MACINA)
        yield known_attack(world, day, twice, ON_VILLAGE, self.village_near(twice), -1, self.deaths())
        soldiers = self.rng.permutation(world.national_forces.size)
        yield known_attack(world, day, twice, ON_ARMY, int(soldiers[0]), -1, self.deaths())
        for unit, jihadist in zip(soldiers[1:3].tolist(), (1, 0), strict=True):
            yield known_operation(world, day, unit, self.band_on(jihadist), self.deaths())
        for unit in soldiers[2:4].tolist():
            yield known_abuse(world, day, unit, int(self.rng.integers(world.villages.size)), self.deaths())
        yield known_attack_on_un(world, day, twice, int(self.rng.integers(world.un_units.size)), self.deaths())


def eventful_history(world: World, first: int, days: int, months: int, seed: int = 0) -> LivedHistory:
    """Some days of a world, beginning before its first, and a course of some months that stops some cercles at times.

    Nothing is known to have happened on one day of the week.
    """
    witness = Witness(world, seed)
    known = [row for day in range(first - 2, first + days) if day % 7 != QUIET_DAY for row in witness.day(day)]
    course = witness.rng.choice([0.0, 0.4, 1.0, 2.5], size=(months, len(CERCLES)))
    return history(first + days, known, course)
