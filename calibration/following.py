"""How often one side's attack is followed by an attack of the same or another side near it, against permuted dates.

Sides are those of the table of retaliation by pair (ACLED 2017-2020, aggregated), which names but does not define them.
What they are in kinds and communities follows from the numbers of their events, which the rounded figures of the table
give away (:func:`calibration.target_tables.events_behind`):

- ``dogon>fulani``: attacks on civilians by Dogon or Dozo militias whose victims are Fulani (130, as in the table of
  victims);
- ``fulani>civ``: attacks on civilians by Fulani militias whose victims are not stated as Fulani (140 = 143 - 3);
- ``jihadist>civ``: attacks on civilians by jihadists (232, all of them);
- ``communal clash``: militia against militia (110, all of them);
- ``state>civ``: attacks on civilians by state or external forces (93 of 94; the table leaves one out, which cannot be
  told from the aggregates).

Attacks by the unidentified belong to no side. In files of events victims' communities are not known: the first two
sides are then without events. A follower comes after its trigger by 1 to so many days, not on the same day: within 7
days and 25 km jihadists' attacks have fewer followers (30) than near pairs within 7 days and 15 km (34) in the table of
near repeats, which counts pairs of one day. Permuted are the dates of each side's own events within quarters, as for
near repeats; whether the table permuted them among all events it does not say.
"""

from __future__ import annotations

import numpy as np

from abm.kinds import (
    CIVILIANS_BY_DOGON_DOZO,
    CIVILIANS_BY_FULANI,
    CIVILIANS_BY_JIHADISTS,
    CIVILIANS_BY_STATE,
    MILITIA_V_MILITIA,
)
from calibration.event_sets import FULANI, EventSet
from calibration.near_repeat import (
    Booleans,
    Floats,
    Integers,
    Pairs,
    Quarters,
    daily_counts,
    lagged_date_pairs,
    quarters_of,
    shares_of,
    with_next,
)

SIDES = ("dogon>fulani", "fulani>civ", "jihadist>civ", "communal clash", "state>civ")
FOLLOWING_KM = (25.0, 50.0)
FOLLOWING_DAYS = (7, 30, 60)


def side_members(events: EventSet) -> Booleans:
    """Which events are of each side, shape (5, n); an event is of one side at most."""
    known, on_fulani = events.communities_known, events.community == FULANI
    return np.array(
        [
            (events.kind == CIVILIANS_BY_DOGON_DOZO) & on_fulani,
            (events.kind == CIVILIANS_BY_FULANI) & ~on_fulani & known,
            events.kind == CIVILIANS_BY_JIHADISTS,
            events.kind == MILITIA_V_MILITIA,
            events.kind == CIVILIANS_BY_STATE,
        ]
    )


def _date_shares(quarters: Quarters, members: Booleans) -> Floats:
    """Share of pairs of dates of which the second follows within each window.

    Shape (5 triggers, 5 followers, 2, windows, quarters of the trigger): in the same quarter, and in the next.
    """
    daily = daily_counts(quarters, members)
    pairs = lagged_date_pairs(daily, quarters.starts, FOLLOWING_DAYS)
    n = np.add.reduceat(daily, quarters.starts[:-1], axis=1)
    within = n[:, None] * n - np.eye(len(n), dtype=np.int64)[:, :, None] * n  # no event follows itself
    possible = np.stack([within, n[:, None] * with_next(n)]).astype(np.float64)
    shares: Floats = shares_of(pairs.astype(np.float64), possible[:, None]).transpose(2, 3, 0, 1, 4)
    return shares


def followers(day: Integers, pairs: Pairs, members: Booleans) -> tuple[Integers, Floats]:
    """Pairs of a trigger and a follower, observed and expected.

    Args:
        day: day number of each event.
        pairs: unordered pairs of events within the largest of the distances, or more.
        members: which events are of each side, shape (5, n); none of two.

    Returns:
        Two arrays of shape (5 triggers, 5 followers, 2 distances, 3 windows).
    """
    n_sides, n_km, n_days = len(members), len(FOLLOWING_KM), len(FOLLOWING_DAYS)
    shape = (n_sides, n_sides, n_km, n_days)
    if not members.any():
        return np.zeros(shape, np.int64), np.zeros(shape)
    of_some_side: Booleans = np.any(members, axis=0)
    side = members.argmax(axis=0)
    near = pairs.among(of_some_side)
    kept = near.km <= FOLLOWING_KM[-1]
    trigger = np.concatenate([near.first[kept], near.second[kept]])
    follow = np.concatenate([near.second[kept], near.first[kept]])
    distance = np.tile(np.searchsorted(FOLLOWING_KM, near.km[kept]), 2)
    quarters = quarters_of(day)
    n_quarters = len(quarters.starts) - 1
    cell = (side[trigger] * n_sides + side[follow]) * n_km + distance

    lag = day[follow] - day[trigger]
    later = lag > 0
    by_lag = cell[later] * (n_days + 1) + np.searchsorted(FOLLOWING_DAYS, lag[later])
    seen = np.bincount(by_lag, minlength=n_sides * n_sides * n_km * (n_days + 1))
    observed = seen.reshape(n_sides, n_sides, n_km, n_days + 1).cumsum(axis=2).cumsum(axis=3)[..., :n_days]

    ahead = quarters.number[follow] - quarters.number[trigger]
    possible = (ahead == 0) | (ahead == 1)
    by_quarter = (cell * 2 + ahead)[possible] * n_quarters + quarters.number[trigger[possible]]
    close = np.bincount(by_quarter, minlength=n_sides * n_sides * n_km * 2 * n_quarters)
    close = close.reshape(n_sides, n_sides, n_km, 2, n_quarters).cumsum(axis=2)
    return observed, np.einsum("abkhq,abhwq->abkw", close, _date_shares(quarters, members))
