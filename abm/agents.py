"""Mesa agents as live windows on rows: reading an attribute reads the table, writing it writes the table.

Nothing is stored in an agent but its row number, so that Mesa, the compiled day and a checkpoint see one state. The
table is looked up through the model each time: restoring a checkpoint and growing a log swap arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesa.discrete_space import CellAgent, FixedAgent

from abm.geography import CERCLES, COMMUNITIES
from abm.kinds import FACTIONS
from abm.scenario import UNIT_TYPES
from abm.tables import MILITIAS, NATIONAL_FORCES, UN_UNITS, VILLAGES

if TYPE_CHECKING:
    from abm.model import CentralMali

READ_ONLY = frozenset({"id", "cell", "home", "first_reach", "n_reach", "site"})
TASKS = ("at base", "on TOB", "on patrol", "not arrived", "on operation", "out of action")


class Column:
    """One field of an agent's row."""

    def __init__(self, table: str, field: str) -> None:
        self.table = table
        self.field = field

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        """Value as a plain int or float."""
        if agent is None:
            return self
        return getattr(agent.model.world, self.table)[self.field].item(agent.row)

    def __set__(self, agent: Any, value: Any) -> None:
        """Write the value into the table.

        Raises:
            AttributeError: the field is an identity or a place that other tables refer to.
        """
        if self.field in READ_ONLY:
            raise AttributeError(f"{self.field} of {type(agent).__name__} cannot be set")
        getattr(agent.model.world, self.table)[self.field][agent.row] = value


def windows_on(table: str, dtype: Any) -> Any:
    """Class decorator: one :class:`Column` per field of a table, but for those that Mesa names otherwise."""

    def add(cls: type) -> type:
        for field in dtype.names:
            if field not in ("cell", "home"):
                setattr(cls, field, Column(table, field))
        return cls

    return add


class _Row:
    """What all windows share."""

    model: CentralMali
    row: int


@windows_on("villages", VILLAGES)
class Village(_Row, FixedAgent):  # type: ignore[misc]
    """A settlement."""

    def __init__(self, model: CentralMali, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.cell = model.mesa_cell(int(model.world.villages["cell"][row]))

    @property
    def community_name(self) -> str:
        """Community of most people."""
        return COMMUNITIES[self.model.world.villages["community"][self.row]]

    @property
    def cercle_name(self) -> str:
        """Cercle it lies in."""
        return CERCLES[self.model.world.villages["cercle"][self.row]]


@windows_on("militias", MILITIAS)
class Militia(_Row, FixedAgent):  # type: ignore[misc]
    """A band of an armed group, at its home."""

    def __init__(self, model: CentralMali, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.cell = model.mesa_cell(int(model.world.militias["cell"][row]))

    @property
    def faction_name(self) -> str:
        """Armed group it belongs to."""
        return FACTIONS[self.model.world.militias["faction"][self.row]]


class _Moving(_Row, CellAgent):  # type: ignore[misc]
    """A unit that moves: its Mesa cell follows its row."""

    table: str

    def __init__(self, model: CentralMali, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.follow()

    def follow(self) -> None:
        """Take the Mesa cell that the row names."""
        cell = self.model.mesa_cell(int(getattr(self.model.world, self.table)["cell"][self.row]))
        if self._mesa_cell is not cell:
            self.cell = cell

    def relocate(self, cell: Any) -> None:
        """Move the unit to a Mesa cell for today, in the table and on the Mesa grid.

        Raises:
            ValueError: the cell lies outside Mopti and Ségou.
        """
        number = self.model.cell_number(cell)
        row = getattr(self.model.world, self.table)[self.row]
        row.cell = number
        row.x, row.y = self.model.world.cells["x"][number], self.model.world.cells["y"][number]
        self.follow()

    @property
    def task_name(self) -> str:
        """What it does today."""
        return TASKS[getattr(self.model.world, self.table)["task"][self.row]]


@windows_on("national_forces", NATIONAL_FORCES)
class NationalForceUnit(_Moving):
    """A unit of the national army or gendarmerie."""

    table = "national_forces"


@windows_on("un_units", UN_UNITS)
class UNPatrol(_Moving):
    """A formed unit of the UN: at its base, on patrol, or holding a temporary operating base."""

    table = "un_units"

    @property
    def type_name(self) -> str:
        """Type of unit."""
        return UNIT_TYPES[self.model.world.un_units["type"][self.row]]
