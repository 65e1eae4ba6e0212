"""The kinds of files that users hand to the program: good ones to begin with, and the reader of each."""

from __future__ import annotations

import csv
import io
import json
import tomllib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from batch_samples import values_of
from event_samples import ACLED_BEFORE_2023, BANKASS, GAO, KORO, Cells, acled, ged
from faults.mutations import Rows, Tree, bent_table, bent_tree, toml_of
from faults.texts import spoilt

from abm.calendar import day_of
from abm.exports import ACLED_COLUMNS, GED_COLUMNS, LAYOUTS, write_csv
from abm.gazetteer import load_gazetteer
from abm.geography import CERCLES, to_km
from abm.kinds import BAND, DOGON, KATIBA_MACINA, REALISED
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.tables import EVENTS
from calibration.actors import load_actors, shipped_text
from calibration.cli import read_file
from runs.batch.experiment import load_experiment
from runs.inputs import load_scenario, read_parameters
from web.session_file import write_session
from web.uploads import Uploads, read


@dataclass(frozen=True)
class Kind:
    """One kind of file: its ending, good examples as trees or tables, and what reads it."""

    name: str
    suffix: str
    originals: Callable[[], tuple[Any, ...]]
    reader: Callable[[Path], object]

    def case(self, number: int) -> bytes:
        """The file of a number, always the same; those of the first numbers are good ones."""
        rng = np.random.default_rng((zlib.crc32(self.name.encode()), number))
        originals = self.originals()
        original = originals[number % len(originals)]
        if isinstance(original, str):
            return original.encode() if number < len(originals) else spoilt(rng, original)
        if number < len(originals):
            return (toml_of(original) if isinstance(original, dict) else _csv(original)).encode()
        whole = rng.random() < 0.15  # nothing has happened to what it says, but perhaps to how it is written
        if isinstance(original, dict):
            return spoilt(rng, toml_of(original) if whole else bent_tree(rng, original))
        return spoilt(rng, _csv(original) if whole else bent_table(rng, original))


def _csv(rows: Rows) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


def _rows(text: str) -> Rows:
    return list(csv.reader(io.StringIO(text)))


# --- scenarios, parameters, experiments -----------------------------------------------------------------------------

HELD = (
    "delta_un", "n_same", "n_cross", "raid_half_life", "permission_months", "generation_months", "pledge_factor",
    "drift_memory", "reduction_army",
)  # fmt: skip


def without_none(value: Any) -> Any:
    """TOML has no word for nothing; tuples are lists there."""
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list | tuple) else value


@lru_cache(maxsize=1)
def scenarios() -> tuple[Tree, ...]:
    """One that extends another, one with all of its fields, and one with sites and a gazetteer."""
    units = [
        {"type": "quick_reaction", "units": 2, "heads": 250, "base": "Sévaré", "mobile": True},
        {"type": "aviation", "units": 1, "heads": 90, "helicopters": 4, "armed": True, "earliest": date(2022, 1, 1)},
    ]
    mine = {
        "extend": "extra-tobs", "name": "mine", "title": "Mine", "months": 12, "start": date(2021, 1, 1),
        "world": {"cercles": ["Koro", "Mopti"], "seed": 7}, "package": {"permission": "never", "units": units},
        "un": {"helicopters": False, "escort_share": 0.5}, "strategy": {"army_stays": 0.5},
    }  # fmt: skip
    sites = {"allocation": "fixed", "tob_sites": [[14.35, -3.6], [14.1, -3.1]], "hospital_opens": "never"}
    placed = {"extend": "no-un", "name": "placed", "title": "x", "un": sites, "world": {"gazetteer": "places.csv"}}
    return mine, without_none(Scenario.load("all-measures").model_dump()), placed


def parameters() -> tuple[Tree, ...]:
    """Some numbers; the fitted tables; and whole numbers."""
    known = Parameters().model_dump()
    whole = {name: value for name, value in known.items() if type(value) is int}
    return {name: known[name] for name in HELD}, {"delta_un": 0.4, "rates": without_none(known["rates"])}, whole


def experiments() -> tuple[Tree, ...]:
    """One of each design, small."""
    groups = {"design": "morris", "points": 2, "groups": ["escorts"], "fixed": {"n_same": 0.2}}
    listed = {"n_same": {"values": [0.1, 0.2]}, "n_cross": {"values": [0.0, 0.1]}}
    sobol = {"design": "sobol", "points": 2, "parameters": {"delta_un": {}, "n_same": {"low": 0.1, "high": 0.5}}}
    return (
        values_of(),
        values_of(levers__arms=[], uncertainties={"design": "draws", "draws": 2}),
        values_of(levers__factorial=None, levers__control="baseline-2021", levers__scenarios=["no-un"],
                  levers__arms=[], uncertainties=groups),
        values_of(levers__factorial=None, uncertainties={"design": "list", "draws": 2, "parameters": listed}),
        values_of(levers__arms=[], uncertainties=sobol),
    )  # fmt: skip


def actors() -> tuple[Tree, ...]:
    return (tomllib.loads(shipped_text()),)


# --- places, events -------------------------------------------------------------------------------------------------


def gazetteers() -> tuple[Rows, ...]:
    """With all columns, in French, and as GeoNames has them."""
    full = [["name", "latitude", "longitude", "population", "community"]]
    full += [[f"Place {k}", f"{14 + k / 20:.3f}", f"{-4 + k / 20:.3f}", str(50 * k or ""), "fulani"] for k in range(12)]
    french = [["Localité", "lat", "lon", "habitants", "communauté"], ["Sévaré", "14.53", "-4.09", "", "peul"]]
    french += [["Bamako", "12.63", "-8.0", "2000000", ""], ["Koro", "14.07", "-3.08", "9000", ""]]
    geonames = [["geonameid", "name", "asciiname", "latitude", "longitude", "feature class", "population"]]
    geonames += [[str(k), f"Sá{k}", f"Sa{k}", f"{14.2 + k / 9:.4f}", "-3.6", "P", "0"] for k in range(6)]
    return full, french, geonames


def table_of(rows: list[Cells], columns: tuple[str, ...]) -> Rows:
    return [list(columns), *([str(row.get(name, "")) for name in columns] for row in rows)]


def acled_2023() -> tuple[Rows, ...]:
    rows = [acled(1), acled(2, fatalities=0, **KORO), acled(3, **GAO), acled(4, event_date="25 March 2020"),
            acled(5, event_type="Protests", actor1="Protesters (Mali)"), acled(6, **BANKASS, actor1="Dan Na"),
            acled(7, event_date="2020-04-01", actor2="Unheard-of Front")]  # fmt: skip
    return (table_of(rows, ACLED_COLUMNS),)


def acled_before_2023() -> tuple[Rows, ...]:
    rows = [acled(n, inter1=2, inter2=7, event_date=f"{n}/03/2020") for n in (4, 9, 14, 19)]
    single = tuple(name for name in ACLED_BEFORE_2023 if name not in ("actor2", "assoc_actor_2", "inter2"))
    pairs = [
        acled(n, inter1=kind, actor1=name) for n in (1, 2) for name, kind in (("JNIM", 2), ("Civilians (Mali)", 7))
    ]
    return table_of(rows, ACLED_BEFORE_2023), table_of(pairs, single)


def ged_rows() -> tuple[Rows, ...]:
    rows = [ged(n, best=n, high=n + 1, low=max(n - 1, 0)) for n in range(1, 5)]
    return (
        table_of([*rows, ged(9, where_prec=5), ged(10, country="Niger", latitude=13.5, longitude=2.1)], GED_COLUMNS),
    )


@lru_cache(maxsize=1)
def own_exports() -> tuple[Rows, ...]:
    """Events of a log in both layouts that the program writes."""
    log = np.zeros(6, EVENTS)
    x, y = to_km(-3.516, 14.078)
    for name, value in {"actor": BAND, "outcome": REALISED, "cercle": CERCLES.index("Bankass"), "parent": -1}.items():
        log[name] = value
    log["x"], log["y"], log["village"], log["deaths"] = x, y, 41, np.arange(6)
    log["day"], log["kind"] = day_of(date(2021, 3, 5)) + np.arange(6), np.arange(6) % 3
    log["faction"] = np.where(np.arange(6) % 2, DOGON, KATIBA_MACINA)
    written = []
    for layout in LAYOUTS:
        file = io.StringIO()
        write_csv(log, 7, layout, file)
        written.append(_rows(file.getvalue()))
    return tuple(written)


# --- sessions -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def sessions() -> tuple[Tree | str, ...]:
    """All that a page holds, as TOML and as JSON, and the least that is a session."""
    units = [{"type": "police", "units": 1, "heads": 140, "base": "Douentza"}]
    levers = {"package": {"permission": "2022-03-01", "units": units}, "world": {"gazetteer": "uploaded"}}
    session: Tree = {
        "version": 1, "name": "Séance 1", "language": "fr", "place": "levers", "seed": 2**53 - 1, "months": 24,
        "outcome": "expected_civilian_deaths", "assumptions": {"delta_un": 0.25, "reduction_army": 1e-3},
        "watch": {"choice": {"scenario": "no-un", "levers": {}, "name": ""}, "layers": ["villages"], "every": "week"},
        "arms": [{"scenario": "all-measures", "levers": {"strategy": {"army_stays": None}}, "name": "sans armée"},
                 {"scenario": "extra-tobs", "levers": levers, "name": ""}],
    }  # fmt: skip
    return tomllib.loads(write_session(session)), json.dumps(session), {"version": 1, "seed": 9}


def read_session(path: Path) -> object:
    """As the page does: a browser puts its mark where bytes are no UTF-8."""
    return read("session", path.name, path.read_bytes().decode("utf-8", "replace"), Uploads())


def read_events(path: Path) -> object:
    found = read_file(path, None, None, None, None, None)
    return found.events, found.summary.text()


KINDS = {
    kind.name: kind
    for kind in (
        Kind("scenario", "toml", scenarios, lambda path: load_scenario(path, {})),
        Kind("parameters", "toml", parameters, lambda path: Parameters().changed(**read_parameters(path, {}))),
        Kind("experiment", "toml", experiments, load_experiment),
        Kind("actors", "toml", actors, load_actors),
        Kind("gazetteer", "csv", gazetteers, lambda path: load_gazetteer(path, 0)),
        Kind("ACLED", "csv", acled_2023, read_events),
        Kind("ACLED before 2023", "csv", acled_before_2023, read_events),
        Kind("GED", "csv", ged_rows, read_events),
        Kind("own export", "csv", own_exports, read_events),
        Kind("session", "toml", sessions, read_session),
    )
}
