"""Rates of the agent model as a record that ends at an origin knows them: what a forecast starts from.

Mixes of kinds, severities, seasons and shares of cercles come from the record alone. Some things do not: attraction by
community, the law of places hit again and the posterior of raid series, drift and the tail of deaths are of 2017-2020
(``LEAKS``), because nothing else is embedded; a score on those years that used them says so.
"""

from __future__ import annotations

import numpy as np

from abm.kinds import FACTIONS, KINDS
from abm.rates import Rates, default_rates
from calibration.death_law import kind_laws, kind_mix
from calibration.rates import nested, of_counts, shares_within_zones
from calibration.record_table import Floats, RecordTable
from calibration.recorded import actions_of

LEAKS = (
    "attraction of villages by community, and suspicion by national forces (victims 2017-2020)",
    "law of events per place (places 2017-2020)",
    "raid series, the drift of levels and the tail of deaths (posterior from events of 2017-2020)",
)
EXACT = 1e3  # events: shares of cercles are known exactly, what is not known of them is in the course


def yearly_counts(record: RecordTable, yearly_by_cercle: Floats) -> Floats:
    """Expected events a year by kind and cercle, shape (10, 15), given those of all kinds together by cercle (15,)."""
    mix = kind_mix(record.aimed_at(KINDS))
    counts: Floats = (mix * yearly_by_cercle[:, None]).T
    return counts


def severity_known(record: RecordTable) -> tuple[Floats, Floats]:
    """Share of fatal events and mean deaths of an event by kind, two arrays of shape (10,), from monthly sums."""
    laws = kind_laws(record.aimed_at(KINDS))
    return np.array([1.0 - law.none for law in laws]), np.array([law.mean for law in laws])


def rates_known(record: RecordTable, yearly_by_cercle: Floats) -> Rates:
    """Rates at which so many events a year happen in each cercle, were nothing prevented and nothing in series."""
    counts = yearly_counts(record, yearly_by_cercle)
    fatal, mean = severity_known(record)
    usual = default_rates()
    return usual.model_copy(
        update={
            **of_counts(counts),
            "abuse_share": nested(shares_within_zones(counts[KINDS.index("civilians_by_state_or_external")])),
            "cercle_counts": nested(actions_of(counts).sum(axis=2) * EXACT),
            "season": nested(np.ones((len(FACTIONS), 12))),
            "fatal_share": nested(fatal),
            "mean_deaths": nested(mean),
        }
    )
