"""Recorded months happen again: on drawn days, at drawn places, by drawn bands, as rows that a run is told.

The record counts events and deaths by month, cercle and kind. Each draw spreads them out: (a) over weeks as the weekly
table has them, any day of a week alike; (b) over villages by the law of places hit again; (c) to the bands that the
kind is mapped to, by their usual rates and distance; (d) deaths of single events by the kind's law, given their sum.
"""

from __future__ import annotations

from copy import copy
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from abm.calendar import WEEK
from abm.data import read_table
from abm.kinds import (
    BAND,
    BAND_ON_PATROL,
    DOGON,
    DOZO,
    FULANI,
    IS_SAHEL,
    KATIBA_MACINA,
    KINDS,
    NATIONAL_FORCES,
    ON_ARMY,
    ON_JIHADISTS,
    ON_MILITIA,
    ON_PATROL_OF_UN,
    ON_VILLAGE,
)  # fmt: skip
from abm.parameters import Parameters
from abm.randomness import uniforms
from abm.tables import LIVED, Floats, Ints, Table, World
from calibration.death_law import MOST_DEATHS, DeathLaw, kind_laws, sum_pmf
from calibration.record_table import RecordTable, first_day, month_name
from calibration.recorded import actions_of

# Process of abm.randomness kept for this module; agent = event in the order of the record, day = draw of the forecast,
# draw = what is decided.
REPLAY = 73
DAY, WEEK_OF, PLACE, ACTION, WHO, SPLIT = range(6)
NEAR_KM = 20.0  # assumption: how far from its home a band is believed to have acted, as travel_scale
NOBODY = -1
CLASH_ACTIONS = (ON_MILITIA, ON_JIHADISTS, ON_ARMY)


class Told(NamedTuple):
    """Recorded events one by one: arrays of shape (events,), in the order of the record."""

    month: Ints
    cercle: Ints
    kind: Ints
    deaths: Ints
    day: Ints


@lru_cache(maxsize=1)
def _weeks() -> tuple[Ints, Floats]:
    """First day (a Monday; the record's first week begins in 2016) and counts by kind of each week: (n,), (n, 10)."""
    rows = read_table("events_by_week_kind_2017_2020")
    start = [(date.fromisoformat(row["week"]) - date(2017, 1, 1)).days for row in rows]
    return np.array(start), np.array([[float(row[kind]) for kind in KINDS] for row in rows])


def day_weights(month: int, kind: int, so_far: float | None = None) -> tuple[Ints, Floats]:
    """Days of a month and how likely an event of a kind is on each: its week's count, spread over the week's days.

    A month without a weekly count (a record of another source) has all days alike. ``so_far`` is given for the last
    month that is known, and says how many events of the kind it had: a week that reaches beyond it also counts what
    came later, so that its days in the month have what the month's other weeks leave of these events.
    """
    days = np.arange(first_day(month), first_day(month + 1))
    start, counts = _weeks()
    week = np.searchsorted(start, days, side="right") - 1
    inside = (week >= 0) & (days < start[-1] + WEEK)
    weight = np.where(inside, counts[np.clip(week, 0, start.size - 1), kind], 0.0)
    unfinished = inside & (start[week] + WEEK > days[-1] + 1)
    if so_far is not None and unfinished.any():
        left = so_far - weight[~unfinished].sum() / WEEK
        weight[unfinished] = max(left, 0.0) * WEEK / unfinished.sum()
    return days, weight if weight.sum() > 0 else np.ones(days.size)


def _uniforms(seed: int, draw: int, what: int, events: int) -> Floats:
    return uniforms(seed, REPLAY, np.arange(events, dtype=np.int64), draw, what)


@lru_cache(maxsize=4096)
def _upper_of_first(law: DeathLaw, events: int, total: int) -> Floats:
    """Cumulative probabilities of the deaths of the first of some events, given the sum of all: shape (total + 1,)."""
    first = law.pmf[: total + 1]
    rest = sum_pmf(law.pmf, events - 1)
    left = total - np.arange(first.size)
    weight = first * np.where(left < rest.size, rest[np.minimum(left, rest.size - 1)], 0.0)
    if weight.sum() <= 0:  # a sum beyond what the law allows: as even as can be
        weight = (np.arange(first.size) == min(total // events, MOST_DEATHS)).astype(np.float64)
    return np.cumsum(weight)


def split_deaths(law: DeathLaw, total: int, u: Floats) -> list[int]:
    """Deaths of single events that add up to a total, one uniform each; what the law cannot hold is on the last."""
    left, split = total, []
    for number, chance in enumerate(u[:-1].tolist()):
        upper = _upper_of_first(law, u.size - number, left)
        here = int(np.searchsorted(upper, chance * upper[-1], side="right"))
        split.append(min(here, left))
        left -= split[-1]
    return [*split, left]


class Replay:
    """The last months of a record, to be told to runs.

    Args:
        record: what was recorded before the origin.
        months: how many months before the origin happen again.
    """

    def __init__(self, record: RecordTable, months: int) -> None:
        if not 1 <= months <= record.months:
            raise ValueError(f"months: expected 1 to the {record.months} recorded, got {months}")
        self.origin, self.first, self.months = record.end, record.end - months, months
        columns = [record.kinds.index(kind) for kind in KINDS]
        self.events, self.deaths = (table[-months:, :, columns] for table in (record.events, record.deaths))
        self.laws = kind_laws(record.aimed_at(KINDS))

    def last(self, months: int) -> Replay:
        """The same with fewer months: laws of deaths are not fitted again."""
        shorter = copy(self)
        shorter.first, shorter.months = self.origin - months, months
        shorter.events, shorter.deaths = self.events[-months:], self.deaths[-months:]
        return shorter

    def __repr__(self) -> str:
        return f"Replay({month_name(self.first)} to {month_name(self.origin - 1)}, {int(self.events.sum())} events)"

    def told(self, seed: int, draw: int) -> Told:
        """Days and deaths of single events."""
        month, cercle, kind = (np.repeat(index, self.events[self.events > 0]) for index in np.nonzero(self.events))
        n = month.size
        day, deaths = np.empty(n, np.int64), np.empty(n, np.int64)
        u, v = _uniforms(seed, draw, DAY, n), _uniforms(seed, draw, SPLIT, n)
        at = 0
        for m, c, k in np.argwhere(self.events > 0).tolist():
            upto = at + int(self.events[m, c, k])
            last = float(self.events[m, :, k].sum()) if m == self.months - 1 else None
            days, weight = day_weights(self.first + m, k, last)
            upper = np.cumsum(weight)
            day[at:upto] = days[np.searchsorted(upper, u[at:upto] * upper[-1], side="right")]
            deaths[at:upto] = split_deaths(self.laws[k], int(self.deaths[m, c, k]), v[at:upto])
            at = upto
        return Told(month, cercle, kind, deaths, day)

    def rows(self, world: World, parameters: Parameters, seed: int, draw: int) -> Table:
        """Rows of LIVED in a world on the first replayed day: who did it, and where."""
        told = self.told(seed, draw)
        n = told.day.size
        order = np.argsort(told.day, kind="stable")
        u_place, u_action, u_who = (_uniforms(seed, draw, what, n) for what in (PLACE, ACTION, WHO))
        places = _Places(world, parameters)
        actors = _Actors(world, parameters)
        rows = np.zeros(n, LIVED)
        for row, event in enumerate(order.tolist()):
            kind, cercle = int(told.kind[event]), int(told.cercle[event])
            actor, faction, action = actors.what(kind, cercle, float(u_action[event]))
            on_troops = action in (ON_ARMY, ON_PATROL_OF_UN) or (actor == NATIONAL_FORCES and action != ON_VILLAGE)
            village = places.hit(cercle, faction, action, float(u_place[event]), on_troops)
            r = rows[row]
            r.day, r.kind, r.actor, r.action, r.deaths = told.day[event], kind, actor, action, told.deaths[event]
            r.cell = world.villages[village].cell
            r.village = NOBODY if on_troops else village
            r.faction, r.perpetrator, r.target = actors.who(actor, faction, action, village, float(u_who[event]))
        return rows


class _Places:
    """Villages of a world by cercle, and the law by which places are hit again."""

    def __init__(self, world: World, parameters: Parameters) -> None:
        rates = parameters.rates
        self.villages = world.villages
        self.discount, self.new_weight = rates.reuse_discount, rates.reuse_new_weight
        self.attraction = np.array(rates.target_weight)  # faction, action, community
        self.suspicion = np.array(rates.suspicion)
        self.hits = world.villages["hits"].astype(np.float64)
        # Cells on a border are of one cercle, villages in them of either.
        self.at_home = world.cells["cercle"][world.villages["cell"]] == world.villages["cercle"]
        self.of_cercle = [np.flatnonzero(world.villages["cercle"] == c) for c in range(world.cercles.shape[0])]

    def hit(self, cercle: int, faction: int, action: int, u: float, on_troops: bool) -> int:
        """A village of a cercle: the more often hit the likelier, times its community's attraction; it is hit again.

        Of an attack on troops the log knows the village's cell alone, so that the cell must be of the cercle too.
        """
        places = self.of_cercle[cercle]
        hits = self.hits[places]
        weight = np.where(hits > 0, hits - self.discount, self.new_weight)
        community = self.villages["community"][places]
        if faction == NOBODY:
            weight = weight * self.suspicion[community] if action == ON_VILLAGE else weight
        elif action in (ON_VILLAGE, ON_MILITIA):
            weight = weight * self.attraction[faction, action][community]
        upper = np.cumsum(weight * self.at_home[places] if on_troops else weight)
        village = int(places[np.searchsorted(upper, u * upper[-1], side="right")])
        self.hits[village] += 1.0
        return village


class _Actors:
    """Who stands behind a recorded kind in a world."""

    def __init__(self, world: World, parameters: Parameters) -> None:
        self.q, self.world = parameters, world
        self.m, self.a = world.militias, world.national_forces
        # How the factions share what nobody was named for: by their share of named attacks in the cercle.
        unit = np.zeros((len(KINDS), world.cercles.shape[0]))
        self.of_kind = []
        for kind in range(len(KINDS)):
            one = unit.copy()
            one[kind] = 1.0
            self.of_kind.append(actions_of(one))
        candidates = np.array(parameters.rates.candidates)[:, :, ON_VILLAGE]
        self.named = candidates[:, world.cercles["zone"]]  # faction, cercle
        self.present = np.array([(self.m["faction"] == f).any() for f in range(candidates.shape[0])])

    def what(self, kind: int, cercle: int, u: float) -> tuple[int, int, int]:
        """Actor, faction (or nobody) and action of an event of a kind in a cercle."""
        q, name = self.q, KINDS[kind]
        if name == "civilians_by_state_or_external":
            return NATIONAL_FORCES, NOBODY, ON_VILLAGE
        if name == "state_v_other":
            return NATIONAL_FORCES, NOBODY, ON_MILITIA
        if name == "un_v_jihadists":
            return BAND_ON_PATROL, self._jihadists(cercle, u), ON_PATROL_OF_UN
        if name == "state_v_jihadists":
            if u >= q.ambush_share:
                return NATIONAL_FORCES, NOBODY, ON_JIHADISTS
            return BAND, self._jihadists(cercle, u / q.ambush_share), ON_ARMY
        if name == "jihadists_v_militia":
            if u < q.jihadist_initiative:
                return BAND, self._jihadists(cercle, u / q.jihadist_initiative), ON_MILITIA
            rest = (u - q.jihadist_initiative) / (1.0 - q.jihadist_initiative)
            return BAND, self._self_defence(cercle, rest), ON_JIHADISTS
        if name == "militia_v_militia":
            if u < q.militia_initiative:
                return BAND, self._self_defence(cercle, u / q.militia_initiative), ON_MILITIA
            return BAND, FULANI, ON_MILITIA
        if name == "civilians_by_unidentified":
            return BAND, self._choose(self.named[:, cercle], u), ON_VILLAGE
        return BAND, self._choose(self.of_kind[kind][:, cercle, ON_VILLAGE], u), ON_VILLAGE

    def _choose(self, weights: Floats, u: float) -> int:
        upper = np.cumsum(weights * self.present)
        if upper[-1] <= 0.0:
            upper = np.cumsum(self.present.astype(np.float64))
        return int(np.searchsorted(upper, u * upper[-1], side="right"))

    def _jihadists(self, cercle: int, u: float) -> int:
        weights = np.zeros(self.named.shape[0])
        weights[[KATIBA_MACINA, IS_SAHEL]] = self.of_kind[KINDS.index("civilians_by_jihadists")][
            [KATIBA_MACINA, IS_SAHEL], cercle, ON_VILLAGE
        ]
        return self._choose(weights, u)

    def _self_defence(self, cercle: int, u: float) -> int:
        weights = np.zeros(self.named.shape[0])
        weights[[DOGON, DOZO]] = self.of_kind[KINDS.index("civilians_by_dogon_dozo_militia")][
            [DOGON, DOZO], cercle, ON_VILLAGE
        ]
        return self._choose(weights, u)

    def who(self, actor: int, faction: int, action: int, village: int, u: float) -> tuple[int, int, int]:
        """Faction, perpetrator and target as rows of the world's tables."""
        x, y = self.world.villages[village].x, self.world.villages[village].y
        if actor == NATIONAL_FORCES:
            target = NOBODY if action == ON_VILLAGE else self._band(x, y, self._side(action), u)
            return NOBODY, self._nearest_unit(x, y), target
        band = self._band(x, y, self.m["faction"] == faction, u)
        if actor == BAND_ON_PATROL:
            return faction, band, 0
        if action == ON_ARMY:
            return faction, band, self._nearest_unit(x, y)
        return faction, band, NOBODY if action == ON_VILLAGE else self._opponent(x, y, faction, action)

    def _side(self, action: int) -> Ints:
        """Bands that an operation meets: jihadists, or militias."""
        wanted = 1 if action == ON_JIHADISTS else 0
        side: Ints = self.m["jihadist"] == wanted
        return side

    def _band(self, x: float, y: float, among: Ints, u: float) -> int:
        distance = np.hypot(self.m["x"] - x, self.m["y"] - y)
        weight = self.m["weight"] * np.exp(-(distance - distance[among].min()) / NEAR_KM) * among
        upper = np.cumsum(weight)
        return int(np.searchsorted(upper, u * upper[-1], side="right"))

    def _nearest_unit(self, x: float, y: float) -> int:
        return int(np.argmin(np.hypot(self.a["x"] - x, self.a["y"] - y)))

    def _opponent(self, x: float, y: float, faction: int, action: int) -> int:
        """Nearest opposed band, as :func:`abm.clashes.nearest_opposed`."""
        m = self.m
        jihadist = faction in (KATIBA_MACINA, IS_SAHEL)
        if action == ON_JIHADISTS:
            among = m["jihadist"] == 1
        elif jihadist:
            among = (m["jihadist"] == 0) & (m["faction"] != FULANI)
        else:
            among = (m["jihadist"] == 0) & ((m["faction"] == FULANI) != (faction == FULANI))
        if not among.any():
            return NOBODY
        distance = np.where(among, np.hypot(m["x"] - x, m["y"] - y), np.inf)
        return int(np.argmin(distance))
