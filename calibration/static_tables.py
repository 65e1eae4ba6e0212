"""Tables that follow from recorded events directly: season, severity, places hit again, and whom attackers choose."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from abm.data import read_table
from abm.geography import COMMUNITIES, community_shares, fine_cells
from abm.kinds import (
    ACTIONS,
    DOGON,
    DOZO,
    FACTIONS,
    FULANI,
    IS_SAHEL,
    KATIBA_MACINA,
    KINDS,
    ON_MILITIA,
    ON_VILLAGE,
)  # fmt: skip
from calibration.recorded import Array, actions_by_cercle, events_by_cercle

SEASON_WEIGHT = 20.0  # assumption: events that the belief "no season" is worth in each month
SIDE_WEIGHT = 0.05  # assumption: attraction of a village of no opposed community for a clash
DAYS_IN_MONTH = (31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
KINDS_OF_FACTION = {
    KATIBA_MACINA: ("civilians_by_jihadists", "jihadists_v_militia", "state_v_jihadists"),
    IS_SAHEL: ("civilians_by_jihadists", "jihadists_v_militia", "state_v_jihadists"),
    DOGON: ("civilians_by_dogon_dozo_militia", "militia_v_militia", "jihadists_v_militia"),
    DOZO: ("civilians_by_dogon_dozo_militia", "militia_v_militia", "jihadists_v_militia"),
    FULANI: ("civilians_by_fulani_militia", "militia_v_militia"),
}
# Communities whose villages are the place of a clash between militias, or of jihadists with militias (assumption).
OPPOSED_COMMUNITIES = {
    KATIBA_MACINA: ("dogon", "bambara"), IS_SAHEL: ("dogon", "bambara"), DOGON: ("fulani",), DOZO: ("fulani",),
    FULANI: ("dogon", "bambara"),
}  # fmt: skip


def seasons() -> Array:
    """Month's multiple of the year's mean by faction, shape (5, 12), shrunk towards one; the mean over days is one."""
    counts = np.zeros((len(KINDS), 4, 12))
    for row in read_table("events_by_month_cercle_kind_2017_2020"):
        if row["kind"] in KINDS:
            counts[KINDS.index(row["kind"]), int(row["month"][:4]) - 2017, int(row["month"][5:]) - 1] += int(
                row["events"]
            )
    days = np.array(DAYS_IN_MONTH)
    table = np.ones((len(FACTIONS), 12))
    for faction, kinds in KINDS_OF_FACTION.items():
        events = counts[[KINDS.index(k) for k in kinds]].sum(axis=0)
        # A year's events against the year's own total: growth from year to year is not a season.
        expected = (events.sum(axis=1)[:, None] * days / days.sum()).sum(axis=0)
        table[faction] = (events.sum(axis=0) + SEASON_WEIGHT) / (expected + SEASON_WEIGHT)
        table[faction] /= (table[faction] * days).sum() / days.sum()
    return table


def severity() -> tuple[Array, Array]:
    """Share of fatal events and mean deaths per event by kind, 2017-2020: two arrays of shape (10,)."""
    events, fatal, dead = np.zeros(len(KINDS)), np.zeros(len(KINDS)), np.zeros(len(KINDS))
    for row in read_table("event_sizes_2017_2020"):
        if row["kind"] in KINDS:
            kind, deaths, n = KINDS.index(row["kind"]), int(row["deaths"]), int(row["events"])
            events[kind] += n
            fatal[kind] += n * (deaths > 0)
            dead[kind] += n * deaths
    return fatal / events, dead / events


def tail_exponent(least: int = 5) -> float:
    """Exponent of the tail of deaths per event from `least` up, all kinds, 2017-2020.

    Maximum likelihood with the half-integer approximation for whole numbers (Clauset, Shalizi & Newman 2009, SIAM
    Review 51(4), equation 3.7).
    """
    sizes = [(int(r["deaths"]), int(r["events"])) for r in read_table("event_sizes_2017_2020")]
    tail = [(deaths, events) for deaths, events in sizes if deaths >= least]
    logs = sum(events * math.log(deaths / (least - 0.5)) for deaths, events in tail)
    return 1.0 + sum(events for _, events in tail) / logs


def _minus_log_likelihood(transformed: Array, sizes: Array, places: Array) -> float:
    """Of the two-parameter Chinese restaurant (Pitman 1995), given how many places have how many events."""
    discount, strength = 1.0 / (1.0 + math.exp(-transformed[0])), math.exp(transformed[1])
    k, n = float(places.sum()), float((sizes * places).sum())
    new = gammaln(strength / discount + k) - gammaln(strength / discount) + k * math.log(discount)
    total = gammaln(strength + n) - gammaln(strength)
    within = (places * (gammaln(sizes - discount) - gammaln(1.0 - discount))).sum()
    return float(total - new - within)


def place_law() -> tuple[float, float]:
    """Discount of the Pitman-Yor law of events per place, and the weight of each place never hit (maximum likelihood).

    The weight of all new places together, strength + discount * places hit, is shared by the settlements never hit.
    """
    rows = read_table("events_per_location_2017_2020")
    sizes = np.array([float(r["events_at_location"]) for r in rows])
    places = np.array([float(r["locations"]) for r in rows])
    best = minimize(_minus_log_likelihood, np.array([0.0, 4.0]), args=(sizes, places), method="Nelder-Mead", tol=1e-8)
    discount, strength = 1.0 / (1.0 + math.exp(-best.x[0])), math.exp(best.x[1])
    never_hit = float(fine_cells().settlements.sum()) - places.sum()
    new_weight = (strength + discount * places.sum()) / never_hit
    return float(f"{discount:.6g}"), float(f"{new_weight:.6g}")


def _exposure(events_by_cercle_of_actor: Array) -> Array:
    """Share of communities among the settlements where an actor is active, shape (6,)."""
    weights = events_by_cercle_of_actor / events_by_cercle_of_actor.sum()
    exposure: Array = weights @ community_shares()
    return exposure


def _victims(kind: str, exposure: Array) -> Array:
    """Shares of communities among victims as recorded, shape (6,).

    Victims whose community is not stated are spread by exposure: they tell nothing.
    """
    stated = np.zeros(len(COMMUNITIES))
    unstated = 0.0
    for row in read_table("civilian_victims_by_community_2017_2020"):
        if row["kind"] != kind:
            continue
        events = float(row["events"])
        if row["victim_community"] in COMMUNITIES:
            stated[COMMUNITIES.index(row["victim_community"])] += events
        else:  # "other_or_unstated", and "both", which names no single community
            unstated += events
    victims: Array = (stated + unstated * exposure) / (stated.sum() + unstated)
    return victims


def _attraction(victims: Array, exposure: Array) -> Array:
    """First guess of attraction by community: victims over exposure, shape (6,)."""
    attraction: Array = np.where(exposure > 0, victims / np.maximum(exposure, 1e-9), 1.0)
    return attraction


KIND_OF = {
    KATIBA_MACINA: "civilians_by_jihadists",
    IS_SAHEL: "civilians_by_jihadists",
    DOGON: "civilians_by_dogon_dozo_militia",
    DOZO: "civilians_by_dogon_dozo_militia",
    FULANI: "civilians_by_fulani_militia",
}
STATE_KIND = "civilians_by_state_or_external"


def victim_shares() -> tuple[Array, Array]:
    """Shares of communities among victims, by faction (5, 6), and of abuses by national forces (6,)."""
    actions = actions_by_cercle(None)
    by_faction = [_victims(kind, _exposure(actions[faction, :, ON_VILLAGE])) for faction, kind in KIND_OF.items()]
    state = events_by_cercle(None)[KINDS.index(STATE_KIND)]
    return np.array(by_faction), _victims(STATE_KIND, _exposure(state))


def target_weights() -> tuple[Array, Array]:
    """First guess of the attraction of villages by faction, action and community (5, 4, 6), and of suspicion (6,)."""
    victims, state_victims = victim_shares()
    actions = actions_by_cercle(None)
    weights = np.ones((len(FACTIONS), len(ACTIONS), len(COMMUNITIES)))
    for faction in KIND_OF:
        weights[faction, ON_VILLAGE] = _attraction(victims[faction], _exposure(actions[faction, :, ON_VILLAGE]))
        opposed = [name in OPPOSED_COMMUNITIES[faction] for name in COMMUNITIES]
        weights[faction, ON_MILITIA] = np.where(opposed, 1.0, SIDE_WEIGHT)
    state = events_by_cercle(None)[KINDS.index(STATE_KIND)]
    return weights, _attraction(state_victims, _exposure(state))
