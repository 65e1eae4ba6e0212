"""Event logs in the column layouts of ACLED and of UCDP GED, so that tools made for those data can read them.

Only the layouts are theirs. Every row is a simulated event at a synthetic place, and says so in its identifier, place,
source and notes; nothing recorded by either project is contained. Layouts: ACLED as of 2024, with actor types as words;
UCDP GED 24.1 (Sundberg & Melander 2013, J. Peace Research 50:523), which holds events with at least one death.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple, TextIO

from abm.calendar import date_of
from abm.data import read_table
from abm.geography import CERCLES, to_lonlat
from abm.kinds import (
    BAND,
    CIVILIAN_KINDS,
    CIVILIANS_BY_STATE,
    CIVILIANS_BY_UNIDENTIFIED,
    DOGON,
    DOZO,
    FULANI,
    IS_SAHEL,
    JIHADISTS_V_MILITIA,
    KATIBA_MACINA,
    KINDS,
    MILITIA_V_MILITIA,
    NATIONAL_FORCES,
    PREVENTED,
    STATE_V_JIHADISTS,
    UN_V_JIHADISTS,
)
from abm.tables import Table

Row = dict[str, str | int | float]


def _columns(names: str) -> tuple[str, ...]:
    return tuple(names.split())


ACLED_COLUMNS = _columns(
    "event_id_cnty event_date year time_precision disorder_type event_type sub_event_type actor1 assoc_actor_1 inter1 "
    "actor2 assoc_actor_2 inter2 interaction civilian_targeting iso region country admin1 admin2 admin3 location "
    "latitude longitude geo_precision source source_scale notes fatalities tags timestamp"
)
GED_COLUMNS = _columns(
    "id relid year active_year code_status type_of_violence conflict_dset_id conflict_new_id conflict_name "
    "dyad_dset_id dyad_new_id dyad_name side_a_dset_id side_a_new_id side_a side_b_dset_id side_b_new_id side_b "
    "number_of_sources source_article source_office source_date source_headline source_original where_prec "
    "where_coordinates where_description adm_1 adm_2 latitude longitude geom_wkt priogrid_gid country country_id "
    "region event_clarity date_prec date_start date_end deaths_a deaths_b deaths_civilians deaths_unknown best high "
    "low gwnoa gwnob"
)

MALI_ISO = 466  # ISO 3166-1 numeric
MALI_GW = 432  # Gleditsch & Ward
STATE_BASED, NON_STATE, ONE_SIDED = 1, 2, 3  # UCDP's types of organised violence
# Actor types in the order of ACLED's former numbers: an interaction names the lower one first.
STATE, REBEL, POLITICAL_MILITIA, IDENTITY_MILITIA, CIVILIANS_TYPE, EXTERNAL = (
    "State forces", "Rebel group", "Political militia", "Identity militia", "Civilians", "External/Other forces",
)  # fmt: skip
TYPE_ORDER = (STATE, REBEL, POLITICAL_MILITIA, IDENTITY_MILITIA, CIVILIANS_TYPE, EXTERNAL)

SYNTHETIC = "Simulated event at a synthetic place: not an observation, not a forecast of any place."
OF_GAZETTEER = "Simulated event: not an observation, not a forecast of this place."


class Side(NamedTuple):
    """A party to an event: its name and ACLED's type of actor."""

    name: str
    type: str


BANDS = {
    KATIBA_MACINA: Side("Katiba Macina (JNIM)", REBEL),
    IS_SAHEL: Side("Islamic State Sahel", REBEL),
    DOGON: Side("Dogon militia", IDENTITY_MILITIA),
    DOZO: Side("Dozo militia", IDENTITY_MILITIA),
    FULANI: Side("Fulani self-defence militia", IDENTITY_MILITIA),
}
JIHADIST_FACTIONS = (KATIBA_MACINA, IS_SAHEL)
GOVERNMENT = Side("Military Forces of Mali", STATE)
CIVILIANS = Side("Civilians (Mali)", CIVILIANS_TYPE)
UNIDENTIFIED = Side("Unidentified armed group (Mali)", POLITICAL_MILITIA)
PEACEKEEPERS = Side("MINUSMA", EXTERNAL)
SOME_JIHADISTS = Side("Armed jihadist group", REBEL)
SOME_MILITIA = Side("Self-defence militia", IDENTITY_MILITIA)
NOT_FULANI_MILITIA = Side("Dogon or Dozo militia", IDENTITY_MILITIA)


def sides(kind: int, actor: int, faction: int) -> tuple[Side, Side]:
    """Who acted and against whom, as a recorder would write it: an unidentified perpetrator stays unidentified.

    Args:
        kind: recorded kind, index of KINDS.
        actor: index of ACTORS.
        faction: of the band that acted, -1 for national forces.
    """
    if kind == CIVILIANS_BY_STATE:
        return GOVERNMENT, CIVILIANS
    if kind == CIVILIANS_BY_UNIDENTIFIED:
        return UNIDENTIFIED, CIVILIANS
    first = GOVERNMENT if actor == NATIONAL_FORCES else BANDS[faction]
    if KINDS[kind] in CIVILIAN_KINDS:
        return first, CIVILIANS
    if kind == MILITIA_V_MILITIA:
        return first, NOT_FULANI_MILITIA if faction == FULANI else BANDS[FULANI]
    if kind == JIHADISTS_V_MILITIA:
        return first, SOME_MILITIA if faction in JIHADIST_FACTIONS else SOME_JIHADISTS
    if kind == UN_V_JIHADISTS:
        return first, PEACEKEEPERS
    if kind == STATE_V_JIHADISTS:
        return first, GOVERNMENT if actor == BAND else SOME_JIHADISTS
    return first, GOVERNMENT if actor == BAND else SOME_MILITIA


@lru_cache(maxsize=1)
def _regions() -> tuple[str, ...]:
    """Region of each cercle, in the order of CERCLES."""
    by_cercle = {row["cercle"]: row["region"] for row in read_table("cercles")}
    return tuple(by_cercle[cercle] for cercle in CERCLES)


def priogrid(lon: float, lat: float) -> int:
    """Number of the half-degree cell of PRIO-GRID: 720 columns from 180 °W, rows from 90 °S (Tollefsen et al. 2012)."""
    return math.floor((lat + 90.0) * 2.0) * 720 + math.floor((lon + 180.0) * 2.0) + 1


def _place(village: int, synthetic: bool) -> str:
    if village < 0:
        return "Cell of the model's grid"
    return f"{'Synthetic settlement' if synthetic else 'Settlement of the gazetteer, row'} {village}"


def _warning(synthetic: bool) -> str:
    return SYNTHETIC if synthetic else OF_GAZETTEER


def acled_rows(events: Table, seed: int, synthetic: bool = True) -> Iterator[Row]:
    """Events that happened, one row each in ACLED's columns.

    Args:
        events: event log of a run.
        seed: the run's seed, named in identifiers and sources.
        synthetic: whether settlements are synthetic, not a user's gazetteer.
    """
    for number, event in enumerate(events):
        if event["outcome"] == PREVENTED:
            continue
        kind, when = int(event["kind"]), date_of(event["day"])
        first, second = sides(kind, int(event["actor"]), int(event["faction"]))
        lon, lat = to_lonlat(float(event["x"]), float(event["y"]))
        civilians = KINDS[kind] in CIVILIAN_KINDS
        cercle = int(event["cercle"])
        yield {
            "event_id_cnty": f"SIM{seed}-{number}",
            "event_date": when.isoformat(),
            "year": when.year,
            "time_precision": 1,
            "disorder_type": "Political violence",
            "event_type": "Violence against civilians" if civilians else "Battles",
            "sub_event_type": "Attack" if civilians else "Armed clash",
            "actor1": first.name,
            "inter1": first.type,
            "actor2": second.name,
            "inter2": second.type,
            "interaction": "-".join(sorted((first.type, second.type), key=TYPE_ORDER.index)),
            "civilian_targeting": "Civilian targeting" if civilians else "",
            "iso": MALI_ISO,
            "region": "Western Africa",
            "country": "Mali",
            "admin1": _regions()[cercle],
            "admin2": CERCLES[cercle],
            "location": _place(int(event["village"]), synthetic),
            "latitude": round(lat, 4),
            "longitude": round(lon, 4),
            "geo_precision": 2,
            "source": f"Sector Centre, simulation with seed {seed}",
            "source_scale": "Other",
            "notes": _warning(synthetic),
            "fatalities": int(event["deaths"]),
        }


def _violence_type(kind: int) -> int:
    if KINDS[kind] in CIVILIAN_KINDS:
        return ONE_SIDED
    return NON_STATE if kind in (MILITIA_V_MILITIA, JIHADISTS_V_MILITIA) else STATE_BASED


def _ged_sides(kind: int, actor: int, faction: int) -> tuple[str, str]:
    """Names of UCDP's sides: a government is side a, and attacks on the UN belong to its conflict."""
    first, second = sides(kind, actor, faction)
    government = "Government of Mali"
    if _violence_type(kind) == STATE_BASED:
        return government, second.name if first is GOVERNMENT else first.name
    return government if first is GOVERNMENT else first.name, "Civilians" if second is CIVILIANS else second.name


def ged_rows(events: Table, seed: int, synthetic: bool = True) -> Iterator[Row]:
    """Events that happened and killed, one row each in UCDP GED's columns; identifiers of UCDP's own stay empty.

    Args:
        events: event log of a run.
        seed: the run's seed, named in identifiers and sources.
        synthetic: whether settlements are synthetic, not a user's gazetteer.
    """
    for number, event in enumerate(events):
        if event["outcome"] == PREVENTED or event["deaths"] < 1:
            continue
        kind, when, deaths = int(event["kind"]), date_of(event["day"]), int(event["deaths"])
        type_of_violence = _violence_type(kind)
        side_a, side_b = _ged_sides(kind, int(event["actor"]), int(event["faction"]))
        dyad = f"{side_a} - {side_b}"
        lon, lat = to_lonlat(float(event["x"]), float(event["y"]))
        cercle, midnight = int(event["cercle"]), f"{when.isoformat()} 00:00:00.000"
        one_sided = type_of_violence == ONE_SIDED
        yield {
            "id": number,
            "relid": f"SIM-{when.year}-{type_of_violence}-{seed}-{number}",
            "year": when.year,
            "code_status": "Simulated",
            "type_of_violence": type_of_violence,
            "conflict_name": "Mali: Government" if type_of_violence == STATE_BASED else dyad,
            "dyad_name": dyad,
            "side_a": side_a,
            "side_b": side_b,
            "number_of_sources": 0,
            "source_article": f"Sector Centre, simulation with seed {seed}",
            "source_headline": _warning(synthetic),
            "where_prec": 2,
            "where_coordinates": _place(int(event["village"]), synthetic),
            "where_description": _warning(synthetic),
            "adm_1": f"{_regions()[cercle]} region",
            "adm_2": f"{CERCLES[cercle]} cercle",
            "latitude": round(lat, 6),
            "longitude": round(lon, 6),
            "geom_wkt": f"POINT ({lon:.6f} {lat:.6f})",
            "priogrid_gid": priogrid(lon, lat),
            "country": "Mali",
            "country_id": MALI_GW,
            "region": "Africa",
            "event_clarity": 1,
            "date_prec": 1,
            "date_start": midnight,
            "date_end": midnight,
            "deaths_a": 0,
            "deaths_b": 0,
            "deaths_civilians": deaths if one_sided else 0,
            "deaths_unknown": 0 if one_sided else deaths,
            "best": deaths,
            "high": deaths,
            "low": deaths,
            "gwnoa": MALI_GW if side_a == "Government of Mali" else "",
        }


LAYOUTS: dict[str, tuple[tuple[str, ...], Callable[[Table, int, bool], Iterator[Row]]]] = {
    "acled": (ACLED_COLUMNS, acled_rows),
    "ged": (GED_COLUMNS, ged_rows),
}


def write_csv(events: Table, seed: int, layout: str, file: TextIO, synthetic: bool = True) -> int:
    """Write the events of a run as CSV in a layout of LAYOUTS; returns the number of rows.

    Raises:
        ValueError: unknown layout.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"unknown format {layout!r}; expected one of {', '.join(LAYOUTS)}")
    columns, rows = LAYOUTS[layout]
    writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
    writer.writeheader()
    count = 0
    for row in rows(events, seed, synthetic):
        writer.writerow(row)
        count += 1
    return count
