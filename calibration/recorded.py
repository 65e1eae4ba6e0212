"""Recorded events of 2017-2020 (ACLED, aggregated) mapped to the model's factions, zones and actions.

The mapping is that of the observation model: what each recorded kind stands for. Shares stated here as assumptions are
assumptions of the mapping, named so in ``docs/odd.md``.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from abm.data import read_table
from abm.declarations import declarations
from abm.geography import CERCLES, ZONE_OF_CERCLE, ZONES
from abm.kinds import (
    ACTIONS,
    DOGON,
    DOZO,
    FACTIONS,
    FULANI,
    IS_SAHEL,
    KATIBA_MACINA,
    KINDS,
    ON_ARMY,
    ON_JIHADISTS,
    ON_MILITIA,
    ON_VILLAGE,
)  # fmt: skip
from abm.parameters import Parameters
from abm.social_world import dogon_part

Array = NDArray[np.float64]

YEAR_FITTED = "2020"
# Who begins a clash (assumptions, declared with the parameters): rates are fitted with these, runs may use others.
AMBUSH_SHARE, JIHADIST_INITIATIVE, MILITIA_INITIATIVE = (
    float(declarations(Parameters)[name].default)
    for name in ("ambush_share", "jihadist_initiative", "militia_initiative")
)
IS_SAHEL_CERCLE = "Douentza"


@lru_cache(maxsize=4)
def events_by_cercle(year: str | None = YEAR_FITTED) -> Array:
    """Recorded events by kind and cercle, shape (10, 15): of one year, or of all four."""
    counts = np.zeros((len(KINDS), len(CERCLES)))
    for row in read_table("events_by_month_cercle_kind_2017_2020"):
        if row["kind"] in KINDS and (year is None or row["month"].startswith(year)):
            counts[KINDS.index(row["kind"]), CERCLES.index(row["cercle"])] += int(row["events"])
    return counts


def by_zone(by_cercle: Array) -> Array:
    """Sum the last axis, cercles, over zones."""
    zones = np.zeros((*by_cercle.shape[:-1], len(ZONES)))
    for cercle, zone in enumerate(ZONE_OF_CERCLE):
        zones[..., zone] += by_cercle[..., cercle]
    return zones


@lru_cache(maxsize=1)
def is_sahel_part() -> float:
    """Share of IS Sahel among jihadist fighters in Douentza, by the table of bands."""
    rows = {row["faction"]: row for row in read_table("factions")}
    shares = {(r["faction"], r["cercle"]): float(r["share"]) for r in read_table("faction_shares")}
    fighters = [
        int(rows[name]["bands"]) * float(rows[name]["mean_strength"]) * shares[name, IS_SAHEL_CERCLE]
        for name in ("is_sahel", "katiba_macina")
    ]
    return fighters[0] / sum(fighters)


def actions_by_cercle(year: str | None = YEAR_FITTED) -> Array:
    """Recorded events by faction, cercle and action, shape (5, 15, 4)."""
    return actions_of(events_by_cercle(year))


def actions_of(recorded: Array) -> Array:
    """Events by kind and cercle (10, 15) as actions of factions by cercle, shape (5, 15, 4).

    Events without a recorded perpetrator are given to the factions in proportion to their recorded attacks on civilians
    in the zone.
    """
    events = {name: recorded[k] for k, name in enumerate(KINDS)}
    actions = np.zeros((len(FACTIONS), len(CERCLES), len(ACTIONS)))
    for c, cercle in enumerate(CERCLES):
        dogon = dogon_part(cercle)
        is_part = is_sahel_part() if cercle == IS_SAHEL_CERCLE else 0.0
        self_defence = ((DOGON, dogon), (DOZO, 1.0 - dogon))
        jihadists = ((IS_SAHEL, is_part), (KATIBA_MACINA, 1.0 - is_part))
        for faction, part in self_defence:
            actions[faction, c, ON_VILLAGE] = part * events["civilians_by_dogon_dozo_militia"][c]
            actions[faction, c, ON_MILITIA] = part * MILITIA_INITIATIVE * events["militia_v_militia"][c]
            actions[faction, c, ON_JIHADISTS] = part * (1.0 - JIHADIST_INITIATIVE) * events["jihadists_v_militia"][c]
        actions[FULANI, c, ON_VILLAGE] = events["civilians_by_fulani_militia"][c]
        actions[FULANI, c, ON_MILITIA] = (1.0 - MILITIA_INITIATIVE) * events["militia_v_militia"][c]
        for faction, part in jihadists:
            actions[faction, c, ON_VILLAGE] = part * events["civilians_by_jihadists"][c]
            actions[faction, c, ON_MILITIA] = part * JIHADIST_INITIATIVE * events["jihadists_v_militia"][c]
            actions[faction, c, ON_ARMY] = part * AMBUSH_SHARE * events["state_v_jihadists"][c]
    _share_out_unidentified(actions, events["civilians_by_unidentified"])
    return actions


def _share_out_unidentified(actions: Array, unidentified: Array) -> None:
    for zone in range(len(ZONES)):
        cercles = [c for c, z in enumerate(ZONE_OF_CERCLE) if z == zone]
        named = actions[:, cercles, ON_VILLAGE].sum()
        if named > 0:
            actions[:, cercles, ON_VILLAGE] *= 1.0 + unidentified[cercles].sum() / named


def unidentified_by_zone(year: str | None = YEAR_FITTED) -> Array:
    """Share of attacks on civilians by bands recorded without a perpetrator, shape (4,)."""
    return unidentified_of(events_by_cercle(year))


def unidentified_of(recorded: Array) -> Array:
    """The same of events by kind and cercle (10, 15), which need not be whole numbers; 0 in a zone without any."""
    zones = by_zone(recorded)
    attacks = zones[[0, 1, 2]].sum(axis=0) + zones[4]
    share: Array = np.divide(zones[4], attacks, out=np.zeros_like(attacks), where=attacks > 0)
    return share


def army_by_zone(year: str | None = YEAR_FITTED) -> tuple[Array, Array, Array]:
    """Operations that met jihadists, that met militias, and abuses, recorded by zone: three arrays of shape (4,)."""
    return army_of(events_by_cercle(year))


def army_of(recorded: Array) -> tuple[Array, Array, Array]:
    """What national forces do by zone, of events by kind and cercle (10, 15): as :func:`army_by_zone`."""
    zones = by_zone(recorded)
    jihadists, others, abuses = (
        zones[KINDS.index(k)] for k in ("state_v_jihadists", "state_v_other", "civilians_by_state_or_external")
    )
    return (1.0 - AMBUSH_SHARE) * jihadists, others, abuses
