"""What a world remembers on its first day: places hit before, attacks that commanders remember, past abuses."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np

from abm.data import read_table
from abm.geography import CERCLES, FloatArray, IntArray
from abm.kinds import KINDS
from abm.presence import LN2
from abm.randomness import WORLD, uniforms

PAST_EVENT = 103  # `day` of the WORLD draws


@lru_cache(maxsize=1)
def _recorded() -> tuple[tuple[str, int, str, int], ...]:
    rows = read_table("events_by_month_cercle_kind_2017_2020")
    return tuple(
        (r["month"], CERCLES.index(r["cercle"]), r["kind"], int(r["events"])) for r in rows if r["kind"] in KINDS
    )


def recorded_before(start: date, months: int | None = None, kinds: tuple[str, ...] = KINDS) -> IntArray:
    """Recorded events per cercle before `start`, all of them or those of the last `months`: shape (15,)."""
    first = "0000-00"
    if months is not None:
        index = start.year * 12 + start.month - 1 - months
        first = f"{index // 12:04d}-{index % 12 + 1:02d}"
    last = f"{start.year:04d}-{start.month:02d}"
    counts = np.zeros(len(CERCLES), np.int64)
    for month, cercle, kind, events in _recorded():
        if first <= month < last and kind in kinds:
            counts[cercle] += events
    return counts


def past_hits(world_seed: int, counts: IntArray, cercle: IntArray, discount: float, new_weight: float) -> IntArray:
    """Spread recorded events of each cercle over its settlements: shape (settlements,).

    Each event goes to a place never hit with weight `new_weight`, to one with n events with weight n - discount
    (Pitman & Yor 1997): the law fitted to the recorded events per location.
    """
    hits: IntArray = np.zeros(cercle.size, np.int64)
    for index, events in enumerate(counts.tolist()):
        places = np.flatnonzero(cercle == index)
        if places.size == 0:
            continue
        local = np.zeros(places.size, np.int64)
        draws = uniforms(world_seed, WORLD, np.arange(events, dtype=np.int64), PAST_EVENT, index)
        for u in draws.tolist():
            upper = np.cumsum(np.where(local == 0, new_weight, local - discount))
            local[min(int(np.searchsorted(upper, u * upper[-1], side="right")), places.size - 1)] += 1
        hits[places] = local
    return hits


def past_heat(hits: IntArray, cercle: IntArray, recent: IntArray, half_life: float) -> FloatArray:
    """Attacks that commanders remember at each settlement, in the steady state of the last year's rate."""
    remembered: FloatArray = recent.astype(np.float64) / 365.25 * half_life / LN2
    total: FloatArray = np.bincount(cercle, weights=hits.astype(np.float64), minlength=len(CERCLES)).astype(np.float64)
    per_hit: FloatArray = np.divide(remembered, total, out=np.zeros(len(CERCLES)), where=total > 0)
    heat: FloatArray = hits * per_hit[cercle]
    return heat


def remembered_abuses(per_year: float, half_life: float) -> float:
    """Abuses that perpetrators remember in the steady state of a yearly rate."""
    return per_year / 365.25 * half_life / LN2
