"""Files of events as ACLED and UCDP write them, made up row by row."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from abm.exports import ACLED_COLUMNS
from calibration.actors import RECORDED_KINDS
from calibration.event_files import EventFile
from calibration.event_summary import FileSummary, Reason

Cells = dict[str, str | int | float]


def names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ACLED_BEFORE_2023 = names(
    "data_id iso event_id_cnty event_id_no_cnty event_date year time_precision event_type sub_event_type actor1 "
    "assoc_actor_1 inter1 actor2 assoc_actor_2 inter2 interaction region country admin1 admin2 admin3 location "
    "latitude longitude geo_precision source source_scale notes fatalities timestamp iso3"
)
ACLED_2017 = names(
    "GWNO EVENT_ID_CNTY EVENT_ID_NO_CNTY EVENT_DATE YEAR TIME_PRECISION EVENT_TYPE ACTOR1 ALLY_ACTOR_1 INTER1 ACTOR2 "
    "ALLY_ACTOR_2 INTER2 INTERACTION COUNTRY ADMIN1 ADMIN2 ADMIN3 LOCATION LATITUDE LONGITUDE GEO_PRECISION SOURCE "
    "NOTES FATALITIES"
)
ACLED_MONADIC = tuple(name for name in ACLED_COLUMNS if name not in ("actor2", "assoc_actor_2", "inter2"))
NUMBERS = {"Rebel group": 2, "Civilians": 7, "State forces": 1, "Identity militia": 4}
BANKASS = {"latitude": 14.078, "longitude": -3.516, "admin2": "Bankass", "location": "Bankass"}
KORO = {"latitude": 14.068, "longitude": -3.077, "admin2": "Koro", "location": "Koro"}
GAO = {"latitude": 16.271, "longitude": -0.044, "admin2": "Gao", "location": "Gao"}


def acled(number: int, **changes: str | int | float) -> Cells:
    """A row of ACLED: jihadists attack civilians in Bankass; ``number`` makes the identifier."""
    row: Cells = {
        "event_id_cnty": f"MLI{number}", "event_id_no_cnty": number, "data_id": 7_000_000 + number, "iso": 466,
        "iso3": "MLI", "event_date": "12 March 2020", "year": 2020, "time_precision": 1,
        "event_type": "Violence against civilians", "sub_event_type": "Attack",
        "actor1": "JNIM: Group for Support of Islam and Muslims", "inter1": "Rebel group",
        "actor2": "Civilians (Mali)", "assoc_actor_2": "Fulani Ethnic Group (Mali); Farmers (Mali)",
        "inter2": "Civilians", "country": "Mali", "admin1": "Mopti", **BANKASS, "geo_precision": 1,
        "source": "Studio Tamani", "notes": 'Around 12 March, "gunmen", as reported, killed\nthree people.',
        "fatalities": 3,
    }  # fmt: skip
    return row | changes


def ged(number: int, **changes: str | int | float) -> Cells:
    """A row of UCDP GED: a clash of JNIM with the army in Bankass."""
    row: Cells = {
        "id": number, "relid": f"MLI-2020-1-1234-{number}", "year": 2020, "active_year": 1, "code_status": "Clear",
        "type_of_violence": 1, "conflict_name": "Mali: Government", "dyad_name": "Government of Mali - JNIM",
        "side_a": "Government of Mali", "side_b": "JNIM", "where_prec": 1, "where_coordinates": "Bankass town",
        "adm_1": "Mopti region", "adm_2": "Bankass cercle", "latitude": 14.078, "longitude": -3.516,
        "country": "Mali", "country_id": 432, "date_prec": 1, "date_start": "2020-03-12 00:00:00.000",
        "date_end": "2020-03-12 00:00:00.000", "best": 4, "high": 6, "low": 4, "gwnoa": 432,
    }  # fmt: skip
    return row | changes


def written(
    folder: Path,
    rows: list[Cells],
    columns: tuple[str, ...] = ACLED_COLUMNS,
    separator: str = ",",
    encoding: str = "utf-8",
) -> Path:
    """A CSV file with the rows; columns may be in capitals, cells that no column has are left out."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[row.get(name.casefold(), "") for name in columns] for row in rows])
    path = folder / "events.csv"
    path.write_bytes(buffer.getvalue().encode(encoding))
    return path


def kinds_of(file: EventFile) -> list[str]:
    return [RECORDED_KINDS[kind] for kind in file.events.kind]


def dropped(summary: FileSummary) -> dict[Reason, tuple[int, ...]]:
    """Lines dropped by reason, after a check that every row is there once."""
    lines = [line for group in summary.dropped.values() for line in group]
    assert len(lines) == len(set(lines)) == summary.rows_dropped
    assert summary.read == summary.kept + len(lines)
    return dict(summary.dropped)
