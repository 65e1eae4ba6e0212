"""The communities of a world on its first day: what they hold against each other, and the abuses they remember.

Attacks of the last recorded year are remembered in their steady state, so that a run starts from no excess and no
lack of grievance. Which recorded kind stands for whose attack on whom is the mapping of the observation model.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from abm.calendar import day_of
from abm.communities import BAMBARA_PEOPLE, DOGON_PEOPLE, FULANI_PEOPLE, PAIRS_PER_CERCLE, pair_of
from abm.geography import CERCLES, ZONE_OF_CERCLE, FloatArray
from abm.history import recorded_before, remembered_abuses
from abm.rates import Rates
from abm.tables import CERCLES_TABLE, PAIRS, Table

NEVER = -1
RECORD_ENDS = date(2021, 1, 1)  # a later start remembers the record's last year
# Where the kind "Dogon or Dozo militia" stands for Dogon militias; elsewhere for Dozo, in Mopti half each (assumption).
DOGON_CERCLES = ("Bandiagara", "Bankass", "Koro", "Douentza")
SHARED_CERCLE = "Mopti"
BY_OTHERS, BY_FULANI, CLASHES = "civilians_by_dogon_dozo_militia", "civilians_by_fulani_militia", "militia_v_militia"
ABUSES_BY_ZONE = 2  # row of rates.army_observed


def dogon_part(cercle: str) -> float:
    """Share of a cercle's conflict between Fulani and others that is with Dogon; the rest is with Bambara."""
    if cercle in DOGON_CERCLES:
        return 1.0
    return 0.5 if cercle == SHARED_CERCLE else 0.0


def _last_year(start: date, kind: str) -> FloatArray:
    """Recorded events of a kind per cercle in the year before a day: shape (15,)."""
    counts: FloatArray = recorded_before(min(start, RECORD_ENDS), months=12, kinds=(kind,)).astype(np.float64)
    return counts


def pairs_table(start: date, half_life: float, others_begin: float) -> Table:
    """Two pairs of communities for each of the 15 cercles, (Dogon, Fulani) and (Bambara, Fulani): 30 rows of PAIRS.

    Args:
        start: first day of the run.
        half_life: days in which half of a grievance fades.
        others_begin: share of clashes between militias that Dogon or Dozo militias begin.
    """
    by_others, by_fulani, clashes = (_last_year(start, kind) for kind in (BY_OTHERS, BY_FULANI, CLASHES))
    against_fulani = by_others + others_begin * clashes
    against_others = by_fulani + (1.0 - others_begin) * clashes
    pairs = np.zeros(PAIRS_PER_CERCLE * len(CERCLES), PAIRS)
    for cercle, name in enumerate(CERCLES):
        part = dogon_part(name)
        for first, share in ((DOGON_PEOPLE, part), (BAMBARA_PEOPLE, 1.0 - part)):
            row = pair_of(cercle, first, FULANI_PEOPLE)
            pair = pairs[row]
            pair.id, pair.cercle, pair.first, pair.second = row, cercle, first, FULANI_PEOPLE
            pair.first_usual = remembered_abuses(share * against_others[cercle], half_life)
            pair.second_usual = remembered_abuses(share * against_fulani[cercle], half_life)
    pairs["first_grievance"], pairs["second_grievance"] = pairs["first_usual"], pairs["second_usual"]
    pairs["since"] = pairs["until"] = NEVER
    pairs["first_day"] = pairs["second_day"] = day_of(start)
    return pairs


def usual_abuses(rates: Rates) -> FloatArray:
    """Abuses by national forces a year in each cercle, as the mean run of 2020 has them: shape (15,)."""
    by_zone = np.array(rates.army_observed[ABUSES_BY_ZONE])
    usual: FloatArray = np.array(rates.abuse_share) * by_zone[np.array(ZONE_OF_CERCLE)]
    return usual


def cercles_table(
    start: date, half_life: float, villages: Table, abuses_a_year: FloatArray, lag_days: float = 0.0,
    course: FloatArray | None = None,
) -> Table:  # fmt: skip
    """People of each cercle in this world, and the abuses by national forces that its people remember: 15 rows.

    Args:
        start: first day of the run.
        half_life: days in which half of an abuse fades as a reason to join.
        villages: all settlements of the world.
        abuses_a_year: the usual number in each cercle, from which recruitment counts deviations.
        lag_days: days from an abuse until it counts. Abuses of so many days before the start are still to be felt, at
            their usual rate (assumption), so what is remembered begins to fade only when they have been.
        course: multiple of usual rates in the first month, shape (15,); 1 where not given.
    """
    table = np.zeros(len(CERCLES), CERCLES_TABLE)
    table["id"], table["zone"] = np.arange(len(CERCLES)), ZONE_OF_CERCLE
    table["people"] = np.bincount(villages["cercle"], weights=villages["population"], minlength=len(CERCLES))
    table["abuses_usual"] = [remembered_abuses(n, half_life) for n in abuses_a_year.tolist()]
    table["abuses"] = table["abuses_usual"]
    table["abuses_day"] = day_of(start) + int(lag_days)
    table["recruits"] = table["services"] = 1.0
    table["course"] = table["level"] = 1.0 if course is None else course
    return table
