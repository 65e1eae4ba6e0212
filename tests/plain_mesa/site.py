"""Sites where units are stationed: garrisons of national forces and main bases of the UN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from abm.calendar import DRY
from abm.national_forces import ANYWHERE, arrival_in_race
from abm.randomness import uniform
from abm.tables import UN_BASE
from abm.un_reach import clearance
from plain_mesa.logs import squared

if TYPE_CHECKING:
    from plain_mesa.model import PlainMali
    from plain_mesa.places import Cell, Fields
    from plain_mesa.un_unit import UNUnit


@dataclass(frozen=True, eq=False)
class Way:
    """The way from a site to a cell: effective km by season."""

    number: int
    cell: Cell
    km: tuple[float, ...]


class Site:
    """A garrison, or a main base, which knows the UN units stationed there."""

    id: int
    kind: int
    zone: int
    air: int
    cover: int
    x: float
    y: float
    capacity: float

    def __init__(self, model: PlainMali, number: int, fields: Fields, cell: Cell, ways: list[Way]) -> None:
        vars(self).update(fields)
        self.model, self.number, self.cell = model, number, cell
        self.ways = ways  # cells in reach, nearest first in the dry season
        self.units: list[UNUnit] = []
        self._within: dict[tuple[int, float, float], list[Cell]] = {}

    # -- where those stationed here go ---------------------------------------------------------------------------------

    def way_to(self, cell: Cell) -> Way | None:
        return next((way for way in self.ways if way.cell is cell), None)

    def within(self, limit: float, straight: float = ANYWHERE) -> list[Cell]:
        """Cells within `limit` effective km now and in the dry season, and `straight` km as the crow flies."""
        season = self.model.season
        key = (season, limit, straight)
        if key not in self._within:
            near = (way.cell for way in self.ways if way.km[season] <= limit and way.km[DRY] <= limit)
            self._within[key] = [cell for cell in near if squared(cell, self) <= straight * straight]
        return self._within[key]

    def hottest(self, limit: float, process: int, agent: int, straight: float = ANYWHERE) -> Cell:
        """Where commanders send a unit: drawn in proportion to the attacks remembered, here if nowhere is in reach."""
        model, numbers, day = self.model, self.model.numbers, self.model.day
        cells = self.within(limit, straight)
        calls = [
            arrival_in_race(
                uniform(model.seed_of_run, process, agent, day, cell.number),
                cell.heat_on(day, numbers),
                numbers.q.quiet_heat,
            )
            for cell in cells
        ]
        return cells[calls.index(min(calls))] if calls else self.cell

    # -- what a main base has ------------------------------------------------------------------------------------------

    @property
    def is_main_base(self) -> bool:
        return self.kind == UN_BASE

    @property
    def units_there(self) -> list[UNUnit]:
        return [unit for unit in self.units if unit.has_arrived]

    @property
    def has_helicopters(self) -> bool:
        """Whether planners count on helicopters here, though they may not fly this week."""
        return self.model.numbers.helicopters and any(unit.helicopters for unit in self.units_there)

    def learn_who_flies(self) -> None:
        """It turns out which helicopters fly this week."""
        for unit in self.units:
            unit.flying = int(unit.can_fly_this_week())
        flying = [unit for unit in self.units if unit.flying]
        self.air, self.cover = int(bool(flying)), int(any(unit.armed for unit in flying))

    @property
    def clear_share(self) -> float:
        """Share of patrols and convoys from here that have engineers to clear their way."""
        engineers = sum(unit.troops for unit in self.units_there if unit.engineers)
        troops = sum(unit.troops for unit in self.units_there if unit.patrols and not unit.engineers)
        return clearance(engineers, self.model.numbers.q.troops_per_engineer, troops)
