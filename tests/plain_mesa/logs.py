"""Rows of the twin's logs: plain objects that refer to the agents they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from abm.kinds import NO_WARNING, PREVENTED, REALISED
from abm.militias import offspring_mass, pull
from abm.presence import decayed, gaussian

if TYPE_CHECKING:
    from plain_mesa.band import Band
    from plain_mesa.community import Cercle
    from plain_mesa.model import PlainMali
    from plain_mesa.places import Cell
    from plain_mesa.village import Village


@dataclass(eq=False, kw_only=True)
class Event:
    """An attack, clash or abuse, or a candidate that was prevented."""

    number: int
    day: int
    actor: int
    perpetrator: Any  # a band or an army unit
    action: int
    cell: Cell
    zone: int
    x: float
    y: float
    kind: int = -1
    faction: int = -1
    outcome: int = REALISED
    village: Village | None = None
    community: int = -1
    target: Any = None  # a band, an army unit or a UN unit
    deaths: int = 0
    parent: Event | None = None
    generation: int = 0
    elsewhere_from: Village | None = None
    answer: int = NO_WARNING
    responder: Any = None  # a UN unit or an army unit
    response_hours: float = 0.0
    stands: float = 1.0
    mean_deaths: float = 0.0
    kernel_same: float = 0.0
    kernel_cross: float = 0.0
    # Known on the day only: what presence did, and what those who come in time for it leave of the deaths.
    deterred_by_un: bool = False
    softening: float = 1.0
    mean_softening: float = 1.0

    @property
    def cercle(self) -> Cercle:
        """A village knows its cercle; elsewhere it is that of the cell."""
        return self.cell.cercle if self.village is None else self.village.cercle

    @property
    def happened(self) -> bool:
        return self.outcome != PREVENTED

    def put_at(self, village: Village) -> None:
        self.village, self.cell, self.zone, self.community = village, village.cell, village.zone, village.community
        self.x, self.y = village.x, village.y

    def excitation_of(self, band: Band, day: int, model: PlainMali) -> float:
        """What a band feels on a day of this attack: its share of the offspring, faded since."""
        q = model.numbers.q
        related = band.faction == self.faction
        n, total = (q.n_same, self.kernel_same) if related else (q.n_cross, self.kernel_cross)
        if total <= 0.0:
            return 0.0
        usual = model.numbers.candidates[band.faction][band.zone]
        share = pull(gaussian(squared(band, self), q.raid_km), band.weight, usual) / total
        return decayed(offspring_mass(n, model.numbers.raid_ratio) * share, self.day, day, q.raid_half_life)


@dataclass(eq=False, kw_only=True)
class Operation:
    """A row of the operations log."""

    day: int
    what: int
    unit: int
    cell: Cell | None
    amount: int
    x: float
    y: float


@dataclass(eq=False)
class Totals:
    """Totals of one day."""

    day: int
    troops: int = 0
    extra_troops: int = 0
    mobile_troops: int = 0
    tob_troops: int = 0
    resting_troops: int = 0
    convoy_troops: int = 0
    patrol_troops: int = 0
    escort_troops: int = 0
    hurt_troops: int = 0
    tobs: int = 0
    extra_tobs: int = 0
    un_patrols: int = 0
    convoys: int = 0
    attacks_on_un: int = 0
    un_deaths: int = 0
    flying: int = 0
    army_patrols: int = 0
    army_operations: int = 0
    candidates: int = 0
    prevented: int = 0
    warnings: int = 0
    answered: int = 0
    dialogue_missions: int = 0
    agreements: int = 0
    disarmed: int = 0
    served: int = 0
    displaced: int = 0
    investigations: int = 0
    sanctions: int = 0
    risk_army: float = 0.0
    risk_militia: float = 0.0
    missions: float = 0.0


def squared(one: Any, other: Any) -> float:
    """Squared distance between two things with coordinates, km2."""
    dx, dy = one.x - other.x, one.y - other.y
    return dx * dx + dy * dy
