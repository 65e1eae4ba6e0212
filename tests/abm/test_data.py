"""Embedded tables: sources, totals, and names that other modules rely on."""

from __future__ import annotations

import math
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

import abm.data
from abm.data import licence_of, notes_of, read_table, source_of, table_names
from abm.geography import (
    CERCLES,
    COMMUNITIES,
    build_grid,
    cercle_index,
    community_shares,
    to_km,
    towns,
)


@pytest.mark.parametrize("name", table_names())
def test_every_table_names_source_and_licence_and_has_whole_rows(name: str) -> None:
    assert source_of(name)
    assert licence_of(name)
    rows = read_table(name)
    assert rows
    for row in rows:
        assert None not in row, row
        assert None not in row.values(), row


def test_tables_are_read_with_or_without_suffix() -> None:
    assert read_table("cercles.csv") == read_table("cercles")


def test_notes_are_kept_apart_from_rows() -> None:
    assert any("approximation" in note for note in notes_of("roads"))


def test_an_unknown_table_is_named_with_those_there_are() -> None:
    with pytest.raises(KeyError, match=r"no embedded table 'nowhere'.*cells_5km"):
        read_table("nowhere")


def test_tables_are_read_from_an_archive_too(tmp_path: Path) -> None:
    folder = Path(abm.data.__file__).parent
    archive = tmp_path / "installed.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("abm/__init__.py", "")
        for file in (folder / "__init__.py", folder / "cercles.csv"):
            packed.write(file, f"abm/data/{file.name}")
    code = "from abm.data import read_table; print(read_table('cercles')[0]['cercle'])"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(archive)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.split() == ["Bandiagara"]


def test_tables_by_cercle_cover_the_fifteen_cercles() -> None:
    for name in ("cercles", "communities_by_cercle"):
        assert sorted(row["cercle"] for row in read_table(name)) == sorted(CERCLES)
    for name in ("cells_5km", "events_by_month_cercle_kind_2017_2020", "faction_shares"):
        assert {row["cercle"] for row in read_table(name)} <= set(CERCLES)


def test_event_tables_agree_on_their_totals() -> None:
    monthly = read_table("events_by_month_cercle_kind_2017_2020")
    sizes = read_table("event_sizes_2017_2020")
    weekly = read_table("events_by_week_kind_2017_2020")
    places = read_table("events_per_location_2017_2020")
    by_kind = Counter[str]()
    for row in monthly:
        by_kind[row["kind"]] += int(row["events"])
    assert by_kind.total() == 1443
    assert sum(int(row["deaths"]) for row in monthly) == 4549
    assert sum(int(row["events"]) * int(row["deaths"]) for row in sizes) == 4549
    assert sum(int(row["events"]) for row in sizes) == 1443
    assert sum(int(row["events_at_location"]) * int(row["locations"]) for row in places) == 1443
    for kind, events in by_kind.items():
        assert sum(int(row[kind]) for row in weekly) == events


def test_factions_make_310_bands_and_6800_fighters_and_shares_sum_to_one() -> None:
    factions = read_table("factions")
    assert sum(int(row["bands"]) for row in factions) == 310
    assert sum(int(row["bands"]) * float(row["mean_strength"]) for row in factions) == 6800
    assert {row["kind"] for row in factions} == {"self_defence", "jihadist"}
    assert {row["claimed_community"] for row in factions} <= {*COMMUNITIES, ""}
    for row in factions:
        shares = [float(r["share"]) for r in read_table("faction_shares") if r["faction"] == row["faction"]]
        assert math.isclose(math.fsum(shares), 1.0), row["faction"]


def test_forces_sum_to_their_stated_strengths() -> None:
    # The 2,050 of June 2021, and the armed helicopters that a lever brings later.
    there, later = (
        [row for row in read_table("un_units_2021") if bool(row["comes"]) == comes] for comes in (False, True)
    )
    assert sum(int(row["n"]) * int(row["heads"]) for row in there) == 2050
    assert [(row["type"], row["armed"], row["comes"]) for row in later] == [
        ("aviation", "yes", "armed_helicopters_from")
    ]
    assert sum(int(row["n"]) * int(row["heads"]) for row in read_table("package_units")) == 2069
    police = [row for row in read_table("package_units") if "police" in row["type"]]
    assert sum(int(row["n"]) * int(row["heads"]) for row in police) == 339
    garrisons = read_table("garrisons")
    assert sum(int(row["units"]) for row in garrisons) == 82
    assert sum(int(row["strength"]) for row in garrisons) == 4100
    assert all(int(row["strength"]) == 50 * int(row["units"]) for row in garrisons)


def test_bases_are_known_towns_and_garrisons_lie_in_the_region() -> None:
    for name in ("un_units_2021", "package_units"):
        assert {row["base"] for row in read_table(name)} <= set(towns())
    for row in read_table("garrisons"):
        assert build_grid(5).cell_of(*to_km(float(row["lon"]), float(row["lat"]))) >= 0, row["garrison"]


def test_community_percentages_are_whole_and_shares_sum_to_one() -> None:
    for row in read_table("communities_by_cercle"):
        assert sum(int(row[name]) for name in COMMUNITIES) == 100, row["cercle"]
    assert community_shares().shape == (len(CERCLES), len(COMMUNITIES))
    assert community_shares()[cercle_index("Tominian"), COMMUNITIES.index("other")] == pytest.approx(0.76)
