"""Building the bands of armed groups: how many where, how strong, and each one's share of its faction's attacks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaincinv, ndtri

from abm.data import read_table
from abm.geography import CERCLES, COMMUNITIES, ZONE_OF_CERCLE, ZONES, FloatArray, IntArray, cercle_population
from abm.kinds import FACTIONS
from abm.randomness import WORLD, uniforms
from abm.settlements import Settlements

# What is drawn when bands are built (`day` of the WORLD draws; settlements use those below 100).
STRENGTH, HOME, CERCLE_SHARE = 100, 101, 102
STRENGTH_LOG_SD = 0.5  # assumption
DIRICHLET_WEIGHT = 0.5  # assumption: half an event per cercle, by population, so that no cercle is at zero for ever


@dataclass(frozen=True, eq=False)
class Bands:
    """Arrays of shape (bands,): the permanent id is the row."""

    faction: IntArray
    jihadist: IntArray
    community: IntArray  # that it claims to protect, -1 for none
    cercle: IntArray
    home: IntArray  # row of its home settlement
    strength: FloatArray  # fighters
    share: FloatArray  # cercle's share of the faction's attacks, divided among its bands there


def largest_remainders(total: int, shares: FloatArray) -> IntArray:
    """Whole numbers in proportion to shares that add up to `total`."""
    quotas = total * shares / shares.sum()
    counts = np.floor(quotas).astype(np.int64)
    order = np.argsort(counts - quotas, kind="stable")
    counts[order[: total - int(counts.sum())]] += 1
    return counts


def bands_by_cercle(total: int, table_shares: FloatArray, recorded: FloatArray) -> IntArray:
    """Bands of a faction per cercle: by its table of shares, and at least one where it is recorded to have acted."""
    counts = largest_remainders(total, table_shares)
    for cercle in np.flatnonzero((recorded > 0) & (counts == 0)):
        counts[int(np.argmax(counts))] -= 1
        counts[cercle] += 1
    return counts


def drawn_shares(world_seed: int, faction: int, recorded: FloatArray, present: FloatArray) -> FloatArray:
    """Cercles' shares of a faction's attacks in this world: Dirichlet of recorded events, where it has bands."""
    population = cercle_population().astype(np.float64)
    shape = recorded + DIRICHLET_WEIGHT * len(CERCLES) * population / population.sum()
    keys = np.arange(len(CERCLES), dtype=np.int64) + faction * len(CERCLES)
    gammas = gammaincinv(shape, uniforms(world_seed, WORLD, keys, CERCLE_SHARE, 0)) * (present > 0)
    shares: FloatArray = gammas / gammas.sum()
    return shares


def _homes(world_seed: int, ids: IntArray, cercle: int, community: int, settlements: Settlements) -> IntArray:
    """Home settlements, drawn among those of the community a band claims to protect where there are any."""
    candidates = np.flatnonzero((settlements.cercle == cercle) & (settlements.community == community))
    if candidates.size == 0:
        candidates = np.flatnonzero(settlements.cercle == cercle)
    u = uniforms(world_seed, WORLD, ids, HOME, 0)
    homes: IntArray = candidates[np.minimum((u * candidates.size).astype(np.int64), candidates.size - 1)]
    return homes


def build_bands(world_seed: int, settlements: Settlements, cercle_counts: tuple[tuple[float, ...], ...]) -> Bands:
    """All bands of all factions, the same whatever part of the region a world covers."""
    table = {row["faction"]: row for row in read_table("factions")}
    by_cercle = {(r["faction"], r["cercle"]): float(r["share"]) for r in read_table("faction_shares")}
    columns: dict[str, list[Any]] = {k: [] for k in Bands.__dataclass_fields__}
    first = 0
    for faction, name in enumerate(FACTIONS):
        row = table[name]
        table_shares = np.array([by_cercle.get((name, cercle), 0.0) for cercle in CERCLES])
        recorded = np.array(cercle_counts[faction])
        counts = bands_by_cercle(int(row["bands"]), table_shares, recorded)
        shares = drawn_shares(world_seed, faction, recorded, counts.astype(np.float64))
        claimed = row["claimed_community"]
        community = COMMUNITIES.index(claimed) if claimed else -1
        for cercle in np.flatnonzero(counts):
            n = int(counts[cercle])
            if not (settlements.cercle == cercle).any():  # a user's gazetteer without a place there: no home, no band
                first += n
                continue
            ids = np.arange(first, first + n, dtype=np.int64)
            z = ndtri(uniforms(world_seed, WORLD, ids, STRENGTH, 0))
            mean = float(row["mean_strength"])
            columns["faction"].append(np.full(n, faction))
            columns["jihadist"].append(np.full(n, int(row["kind"] == "jihadist")))
            columns["community"].append(np.full(n, community))
            columns["cercle"].append(np.full(n, cercle))
            columns["home"].append(_homes(world_seed, ids, int(cercle), community, settlements))
            columns["strength"].append(
                np.array(
                    [max(2.0, mean * math.exp(STRENGTH_LOG_SD * v - 0.5 * STRENGTH_LOG_SD**2)) for v in z.tolist()]
                )
            )
            columns["share"].append(np.full(n, shares[cercle] / n))
            first += n
    return Bands(**{k: np.concatenate(v) for k, v in columns.items()})


def weights(bands: Bands, strength_exponent: float, cercle_pull: tuple[float, ...]) -> FloatArray:
    """Each band's share of its faction's background rate in its zone: these add up to one per faction and zone.

    Bands also act beyond their cercle's border: ``cercle_pull`` (15,) multiplies the shares of cercles such that as
    much happens in each as is recorded.
    """
    raw = bands.share * np.array(cercle_pull)[bands.cercle]
    raw = raw * np.array([math.pow(s / 20.0, strength_exponent) for s in bands.strength.tolist()])
    zone = np.array(ZONE_OF_CERCLE)[bands.cercle]
    group = bands.faction * len(ZONES) + zone
    totals = np.bincount(group, weights=raw, minlength=len(FACTIONS) * len(ZONES))
    share: FloatArray = raw / totals[group]
    return share
