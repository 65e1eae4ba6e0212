"""Every layout of ACLED and UCDP GED, and the model's own export in both."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from event_samples import (
    ACLED_2017,
    ACLED_BEFORE_2023,
    ACLED_MONADIC,
    KORO,
    NUMBERS,
    acled,
    dropped,
    ged,
    kinds_of,
    written,
)
from hypothesis import given
from hypothesis import strategies as st

from abm.calendar import date_of, day_of
from abm.exports import ACLED_COLUMNS, GED_COLUMNS, write_csv
from abm.geography import CERCLES, build_grid, fine_cells
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
    PREVENTED,
    REALISED,
)
from abm.tables import EVENTS, Table
from calibration.event_files import EventFile, read_events
from calibration.event_summary import Reason
from calibration.event_text import EventFileError


@pytest.mark.parametrize("columns", [ACLED_COLUMNS, ACLED_BEFORE_2023, ACLED_2017], ids=["2024", "2022", "2017"])
def test_layouts_of_acled(tmp_path: Path, columns: tuple[str, ...]) -> None:
    numbers = columns is not ACLED_COLUMNS
    rows = [acled(1), acled(2, actor1="Dan Na Ambassagou", inter1="Identity militia", **KORO, fatalities=0)]
    for row in rows if numbers else []:
        row.update(inter1=NUMBERS[str(row["inter1"])], inter2=NUMBERS[str(row["inter2"])])
    file = read_events(written(tmp_path, rows, columns))
    events, summary = file
    assert kinds_of(file) == ["civilians_by_jihadists", "civilians_by_dogon_dozo_militia"]
    assert [CERCLES[k] for k in events.cercle] == ["Bankass", "Koro"]
    assert events.day.tolist() == [day_of(date(2020, 3, 12))] * 2
    assert events.deaths.tolist() == [3, 0]
    assert events.id.tolist() == ["MLI1", "MLI2"]
    assert events.line.tolist() == ([2, 4] if "notes" in {c.casefold() for c in columns} else [2, 3])
    assert (events.lon[0], events.lat[0]) == (-3.516, 14.078)
    assert dropped(summary) == {}
    assert "actors as numbers" in summary.layout if numbers else "actors as words" in summary.layout
    assert ("before 2023" in summary.layout) == numbers


@pytest.mark.parametrize("name", ["data_id", "event_id_no_cnty"])
def test_other_identifiers_of_acled_serve_too(tmp_path: Path, name: str) -> None:
    columns = (name, *(c for c in ACLED_BEFORE_2023 if c not in ("event_id_cnty", "data_id", "event_id_no_cnty")))
    file = read_events(written(tmp_path, [acled(1), acled(1), acled(2)], columns))
    assert len(file.events) == 2
    assert file.summary.counts == {Reason.DUPLICATE: 1}


def test_one_row_per_actor_with_both_actors_in_each_is_counted_once(tmp_path: Path) -> None:
    one = acled(1)
    swapped = one | {"actor1": one["actor2"], "inter1": "Civilians", "actor2": one["actor1"], "inter2": "Rebel group"}
    rows = [one, acled(2), swapped, acled(3, actor2="", inter2="")]
    file = read_events(written(tmp_path, rows, ACLED_BEFORE_2023))
    assert file.events.id.tolist() == ["MLI1", "MLI2", "MLI3"]
    assert kinds_of(file) == ["civilians_by_jihadists"] * 2 + ["other"]
    assert dropped(file.summary) == {Reason.SECOND_ROW: (6,)}
    assert file.summary.unnamed_pairs == {"jihadists and nobody": 1}


def test_one_row_per_actor_without_a_second_column_is_put_together(tmp_path: Path) -> None:
    victims = acled(1, actor1="Civilians (Mali)", inter1="Civilians")
    army = acled(2, actor1="Military Forces of Mali (2013-2020)", inter1="State forces", event_type="Battles")
    rows = [
        acled(1), victims,
        army, acled(2, event_type="Battles"),
        acled(3),
        acled(4), victims | {"event_id_cnty": "MLI4", "fatalities": ""},
        acled(5), victims | {"event_id_cnty": "MLI5"}, victims | {"event_id_cnty": "MLI5"},
        acled(6), victims | {"event_id_cnty": "MLI6", "event_date": "13 March 2020"},
    ]  # fmt: skip
    file = read_events(written(tmp_path, rows, ACLED_MONADIC))
    assert file.events.id.tolist() == ["MLI1", "MLI2", "MLI3", "MLI5"]
    assert kinds_of(file) == ["civilians_by_jihadists", "state_v_jihadists", "other", "civilians_by_jihadists"]
    assert file.events.deaths.sum() == 4 * 3
    found = {reason: len(lines) for reason, lines in dropped(file.summary).items()}
    assert found == {Reason.SECOND_ROW: 3, Reason.DEATHS: 1, Reason.CONFLICT: 3, Reason.DUPLICATE: 1}
    assert "one actor per row" in file.summary.layout


def test_a_lost_column_of_second_actors_is_no_file_of_one_actor_per_row(tmp_path: Path) -> None:
    with pytest.raises(EventFileError, match=r"line 1: no column actor2, and no event in the region has a second row"):
        read_events(written(tmp_path, [acled(1), acled(2)], ACLED_MONADIC))


@pytest.mark.parametrize(
    "columns",
    [
        GED_COLUMNS,
        tuple(c for c in GED_COLUMNS if c not in ("gwnoa", "gwnob", "priogrid_gid", "geom_wkt", "relid")),
        tuple(reversed(GED_COLUMNS)),
        (*GED_COLUMNS, "version", "added_later"),
    ],
    ids=["as in 20 to 25", "fewer", "another order", "more"],
)
def test_layouts_of_ged(tmp_path: Path, columns: tuple[str, ...]) -> None:
    rows = [
        ged(1),
        ged(2, type_of_violence=2, side_a="Dogon", side_b="Fulani", date_start="2020-03-13"),
        ged(3, type_of_violence=2, side_a="Dozos (Mali)", side_b="JNIM", date_start="3/14/2020 0:00:00"),
        ged(4, type_of_violence=3, side_a="Government of Mali", side_b="Civilians", date_start="2020-03-15"),
        ged(5, type_of_violence=2, side_a="IS", side_b="JNIM", date_start="2020-03-16"),
        ged(6, type_of_violence=2, side_a="GATIA, MSA", side_b="IS", date_start="2020-03-17"),
    ]
    file = read_events(written(tmp_path, rows, columns))
    assert kinds_of(file) == [
        "state_v_jihadists", "militia_v_militia", "jihadists_v_militia", "civilians_by_state_or_external",
        "jihadists_v_jihadists", "other",
    ]  # fmt: skip
    assert [date_of(day).day for day in file.events.day] == list(range(12, 18))
    assert file.events.deaths.tolist() == [4] * 6
    assert file.events.id.tolist() == ["1", "2", "3", "4", "5", "6"]
    assert file.summary.disagreements == {}


def test_bounds_of_ged_must_hold_the_best_estimate(tmp_path: Path) -> None:
    rows = [ged(1), ged(2, low=5), ged(3, high=3), ged(4, low="", high=""), ged(5, best=0, low=0)]
    file = read_events(written(tmp_path, rows, GED_COLUMNS))
    assert file.events.id.tolist() == ["1", "4", "5"]
    assert dropped(file.summary) == {Reason.DEATHS: (3, 4)}


def test_a_layout_may_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, [acled(1)])
    assert len(read_events(path, layout="acled").events) == 1
    with pytest.raises(EventFileError, match=r"layout of UCDP GED without the columns id, date_start, .*best or"):
        read_events(path, layout="ged")
    with pytest.raises(ValueError, match="expected one of acled, ged"):
        read_events(path, layout="gtd")


def logged(events: Table, seed: int, layout: str, folder: Path) -> Path:
    path = folder / f"own_{layout}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        write_csv(events, seed, layout, file)
    return path


def by_day(
    days: list[int], cercles: list[int], kinds: list[str], deaths: list[int]
) -> Counter[tuple[int, int, str, int]]:
    return Counter(zip(days, cercles, kinds, deaths, strict=True))


def counted(file: EventFile) -> Counter[tuple[int, int, str, int]]:
    events = file.events
    return by_day(events.day.tolist(), events.cercle.tolist(), kinds_of(file), events.deaths.tolist())


@st.composite
def logs(draw: st.DrawFn) -> Table:
    """Event logs as the model may write them: in villages, or at the centre of a cell of one of the grids."""
    size = draw(st.integers(1, 25))
    table = np.zeros(size, EVENTS)
    cells = fine_cells()
    for row in range(size):
        grid = build_grid(draw(st.sampled_from([5, 10, 20])))
        kind = draw(st.integers(0, len(KINDS) - 1))
        name = KINDS[kind]
        if name == "civilians_by_state_or_external" or (name.startswith("state") and draw(st.booleans())):
            actor, faction = NATIONAL_FORCES, -1
        else:
            actor = BAND_ON_PATROL if name == "un_v_jihadists" else BAND
            militias, jihadists = [DOGON, DOZO, FULANI], [KATIBA_MACINA, IS_SAHEL]
            may = {
                "civilians_by_dogon_dozo_militia": [DOGON, DOZO], "civilians_by_fulani_militia": [FULANI],
                "civilians_by_unidentified": militias + jihadists, "militia_v_militia": militias,
                "jihadists_v_militia": militias + jihadists, "state_v_other": militias,
            }  # fmt: skip
            faction = draw(st.sampled_from(may.get(name, jihadists)))
        in_village = draw(st.booleans())
        if in_village:
            cell = draw(st.integers(0, len(cells.ix) - 1))
            shift = st.floats(0.01, 0.99)  # a village lies in its cell, not on the line: positions are rounded
            x, y = 5 * (cells.ix[cell] + draw(shift)), 5 * (cells.iy[cell] + draw(shift))
            cercle = cells.cercle[cell]
        else:
            cell = draw(st.integers(0, grid.n - 1))
            x, y, cercle = grid.x[cell], grid.y[cell], grid.cercle[cell]
        values = {
            "day": draw(st.integers(0, 10_000)), "kind": kind, "actor": actor, "faction": faction, "x": x, "y": y,
            "deaths": draw(st.integers(0, 200)), "village": 3 if in_village else -1, "cercle": cercle, "parent": -1,
            "outcome": draw(st.sampled_from([REALISED, REALISED, PREVENTED])),
        }  # fmt: skip
        for field, value in values.items():
            table[field][row] = value
    return table


@given(table=logs(), layout=st.sampled_from(["acled", "ged"]), seed=st.integers(0, 2**63 - 1))
def test_the_model_s_own_export_comes_back(
    tmp_path_factory: pytest.TempPathFactory, table: Table, layout: str, seed: int
) -> None:
    """By day, cercle, kind and deaths; UCDP has no attacks on peacekeepers and no events without deaths."""
    happened = table[table["outcome"] != PREVENTED]
    names = [KINDS[kind] for kind in happened["kind"]]
    if layout == "ged":
        names = ["state_v_jihadists" if name == "un_v_jihadists" else name for name in names]
    rows = zip(happened["day"].tolist(), happened["cercle"].tolist(), names, happened["deaths"].tolist(), strict=True)
    expected = Counter(row for row in rows if layout == "acled" or row[3] > 0)
    path = logged(table, seed, layout, tmp_path_factory.mktemp("own"))
    if not expected:
        with pytest.raises(EventFileError, match="a header but no rows"):
            read_events(path)
        return
    file = read_events(path)
    assert counted(file) == expected
    assert dropped(file.summary) == {}
    assert any("simulated" in remark for remark in file.summary.remarks)


@pytest.mark.parametrize("size_km", [10, 20])
def test_events_known_by_their_cell_only_keep_the_cercle_of_the_log(tmp_path: Path, size_km: int) -> None:
    """A cell's centre may lie in the next cercle, or outside the region, by more than the width of a 5 km cell."""
    grid = build_grid(size_km)
    table = np.zeros(grid.n, EVENTS)
    table["x"], table["y"], table["cercle"], table["village"], table["deaths"] = grid.x, grid.y, grid.cercle, -1, 1
    for layout in ("acled", "ged"):
        file = read_events(logged(table, 1, layout, tmp_path))
        assert file.events.cercle.tolist() == grid.cercle.tolist()
        assert file.summary.disagreements == {}
