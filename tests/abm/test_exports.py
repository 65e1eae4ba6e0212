"""Simulated events in the layouts of ACLED and UCDP GED."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date

import numpy as np
import pytest

from abm.calendar import day_of
from abm.data import read_table
from abm.exports import (
    ACLED_COLUMNS,
    GED_COLUMNS,
    LAYOUTS,
    TYPE_ORDER,
    acled_rows,
    ged_rows,
    priogrid,
    sides,
    write_csv,
)
from abm.geography import CERCLES, to_km
from abm.kinds import (
    BAND,
    BAND_ON_PATROL,
    CIVILIAN_KINDS,
    DOGON,
    FULANI,
    KATIBA_MACINA,
    KINDS,
    NATIONAL_FORCES,
    PREVENTED,
    REALISED,
    REALISED_ELSEWHERE,
)
from abm.tables import EVENTS, Table

KIND = {name: number for number, name in enumerate(KINDS)}
DAY = day_of(date(2021, 3, 5))


def events(*rows: dict[str, float | int]) -> Table:
    """An event log; what a row does not name is an attack by a Dogon band in Bankass that killed two."""
    x, y = to_km(-3.516, 14.078)
    usual = {
        "day": DAY, "kind": KIND["civilians_by_dogon_dozo_militia"], "actor": BAND, "faction": DOGON, "deaths": 2,
        "village": 41, "cercle": CERCLES.index("Bankass"), "outcome": REALISED, "x": x, "y": y, "parent": -1,
    }  # fmt: skip
    table = np.zeros(len(rows), EVENTS)
    for number, row in enumerate(rows):
        for name, value in {**usual, **row}.items():
            table[name][number] = value
    return table


def test_layouts_have_the_columns_of_the_projects() -> None:
    assert len(ACLED_COLUMNS) == len(set(ACLED_COLUMNS)) == 31
    assert len(GED_COLUMNS) == len(set(GED_COLUMNS)) == 49


@pytest.mark.parametrize("layout", LAYOUTS)
def test_csv_has_every_column_and_only_those(layout: str) -> None:
    file = io.StringIO()
    assert write_csv(events({}, {"outcome": PREVENTED}), 7, layout, file) == 1
    file.seek(0)
    (row,) = csv.DictReader(file)
    assert tuple(row) == LAYOUTS[layout][0]
    assert None not in row.values()
    assert file.getvalue().count("\n") == 2


def test_unknown_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of acled, ged"):
        write_csv(events({}), 0, "gtd", io.StringIO())


def test_attack_on_civilians_as_acled_writes_it() -> None:
    (row,) = acled_rows(events({}), 7)
    assert set(row) <= set(ACLED_COLUMNS)
    assert row["event_date"] == "2021-03-05"
    assert (row["event_type"], row["sub_event_type"]) == ("Violence against civilians", "Attack")
    assert (row["actor1"], row["actor2"]) == ("Dogon militia", "Civilians (Mali)")
    assert row["interaction"] == "Identity militia-Civilians"
    assert (row["admin1"], row["admin2"]) == ("Mopti", "Bankass")
    assert (row["latitude"], row["longitude"]) == (14.078, -3.516)
    assert row["fatalities"] == 2


def test_every_row_says_that_it_is_simulated() -> None:
    table = events({}, {"village": -1})
    for rows, names in ((acled_rows, ("event_id_cnty", "source", "notes")), (ged_rows, ("relid", "source_headline"))):
        for row in rows(table, 7):
            assert all("sim" in str(row[name]).lower() for name in names)
    assert "Synthetic" in str(next(acled_rows(table, 7))["location"])
    assert "Synthetic" in str(next(ged_rows(table, 7))["where_coordinates"])


def test_places_of_a_users_gazetteer_are_not_called_synthetic() -> None:
    for layout in LAYOUTS:
        file = io.StringIO()
        write_csv(events({}), 7, layout, file, synthetic=False)
        assert "ynthetic" not in file.getvalue()
        assert "Simulated event" in file.getvalue()


def test_only_what_happened_is_exported() -> None:
    table = events({}, {"outcome": PREVENTED}, {"outcome": REALISED_ELSEWHERE}, {"deaths": 0})
    assert [row["event_id_cnty"] for row in acled_rows(table, 7)] == ["SIM7-0", "SIM7-2", "SIM7-3"]
    assert [row["id"] for row in ged_rows(table, 7)] == [0, 2]  # GED holds events that killed


def test_unidentified_perpetrators_stay_unidentified() -> None:
    table = events({"kind": KIND["civilians_by_unidentified"], "faction": KATIBA_MACINA})
    (acled,), (ged,) = acled_rows(table, 0), ged_rows(table, 0)
    assert "Unidentified" in str(acled["actor1"])
    assert "Unidentified" in str(ged["side_a"])
    assert "Macina" not in str(acled) + str(ged)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("faction", [-1, KATIBA_MACINA, DOGON, FULANI])
def test_every_kind_has_two_sides(kind: str, faction: int) -> None:
    actor = NATIONAL_FORCES if faction < 0 else BAND_ON_PATROL if kind == "un_v_jihadists" else BAND
    first, second = sides(KIND[kind], actor, faction)
    assert first != second
    assert {first.type, second.type} <= set(TYPE_ORDER)
    assert (second.name == "Civilians (Mali)") == (kind in CIVILIAN_KINDS)
    words = kind.split("_v_")
    if "state" in words and kind not in CIVILIAN_KINDS:
        assert "Military Forces of Mali" in (first.name, second.name)


@pytest.mark.parametrize(
    ("kind", "type_of_violence"),
    [
        ("civilians_by_jihadists", 3), ("civilians_by_state_or_external", 3), ("militia_v_militia", 2),
        ("jihadists_v_militia", 2), ("state_v_jihadists", 1), ("state_v_other", 1), ("un_v_jihadists", 1),
    ],
)  # fmt: skip
def test_types_of_violence_of_ucdp(kind: str, type_of_violence: int) -> None:
    (row,) = ged_rows(events({"kind": KIND[kind], "faction": KATIBA_MACINA}), 0)
    assert row["type_of_violence"] == type_of_violence
    assert set(row) <= set(GED_COLUMNS)
    assert Counter({"civilians": row["deaths_civilians"], "unknown": row["deaths_unknown"]}).total() == row["best"] == 2
    government = row["side_a"] == "Government of Mali"
    assert row["gwnoa"] == (432 if government else "")
    assert government == (type_of_violence == 1 or kind == "civilians_by_state_or_external")


def test_half_degree_cells_of_priogrid() -> None:
    assert priogrid(-180.0, -90.0) == 1
    assert priogrid(179.9, 89.9) == 360 * 720
    # Mopti-Sévaré: row 210 from the south pole, column 352 from the date line.
    assert priogrid(-4.093, 14.527) == 209 * 720 + 352


def test_every_cercle_has_its_region() -> None:
    table = events(*({"cercle": number} for number in range(len(CERCLES))))
    found = {str(row["admin2"]): row["admin1"] for row in acled_rows(table, 0)}
    assert found == {row["cercle"]: row["region"] for row in read_table("cercles")}
