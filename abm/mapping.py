"""Who begins a recorded clash: the record names two sides, the model an attacker.

Rates are fitted with some shares (``Rates.mapped_with``); a run with other shares has as many clashes of each recorded
kind, begun by the other side more or less often.
"""

from __future__ import annotations

import numpy as np

from abm.geography import FloatArray
from abm.kinds import (
    ACTIONS,
    DOGON,
    DOZO,
    FACTIONS,
    FULANI,
    IS_SAHEL,
    KATIBA_MACINA,
    ON_ARMY,
    ON_JIHADISTS,
    ON_MILITIA,
)  # fmt: skip
from abm.parameters import Parameters


def of_mapping(parameters: Parameters) -> tuple[FloatArray, float]:
    """Multiples of the rates as fitted: of actions by faction, shape (5, 4), and of contacts with jihadists."""
    ambush, jihadists, militias = parameters.rates.mapped_with
    factors = np.ones((len(FACTIONS), len(ACTIONS)))
    for faction in (KATIBA_MACINA, IS_SAHEL):
        factors[faction, ON_ARMY] = parameters.ambush_share / ambush
        factors[faction, ON_MILITIA] = parameters.jihadist_initiative / jihadists
    for faction in (DOGON, DOZO):
        factors[faction, ON_JIHADISTS] = (1.0 - parameters.jihadist_initiative) / (1.0 - jihadists)
        factors[faction, ON_MILITIA] = parameters.militia_initiative / militias
    factors[FULANI, ON_MILITIA] = (1.0 - parameters.militia_initiative) / (1.0 - militias)
    return factors, (1.0 - parameters.ambush_share) / (1.0 - ambush)
