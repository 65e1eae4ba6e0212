"""A user's gazetteer: every fault named by file, line and field; every gap filled; nothing lost unsaid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from abm.gazetteer import GazetteerError, load_gazetteer
from abm.geography import CERCLES, COMMUNITIES, cercle_index, cercle_population, community_shares, to_km

GOOD = """name,lat,lon,population,community
Alpha,14.08,-3.51,4000,dogon
Beta,14.05,-3.46,350,Peul
Gamma,14.06,-3.08,,
Delta,14.48,-4.18,,bozo
Far,16.77,-3.00,100,other
"""


def written(folder: Path, content: str | bytes, name: str = "places.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_good_file_is_read_and_its_gaps_are_filled(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    settlements, report = load_gazetteer(path, 7)
    assert settlements.name == ("Alpha", "Beta", "Gamma", "Delta")
    assert settlements.id.tolist() == [0, 1, 2, 3]
    assert [CERCLES[k] for k in settlements.cercle] == ["Bankass", "Bankass", "Koro", "Mopti"]
    assert (settlements.x[0], settlements.y[0]) == pytest.approx(to_km(-3.51, 14.08))
    assert settlements.population.tolist() == [
        4000,
        350,
        cercle_population()[cercle_index("Koro")],
        cercle_population()[cercle_index("Mopti")],
    ]
    assert [COMMUNITIES[k] for k in settlements.community[[0, 1, 3]]] == ["dogon", "fulani", "bozo"]
    assert (report.rows, report.kept, report.outside) == (5, 4, 1)
    assert (report.populations_drawn, report.communities_drawn, report.beyond_census) == (2, 1, ())
    assert report.summary() == (
        f"{path}: 4 of 5 places kept, 1 outside the chosen cercles dropped; 2 populations and 1 communities drawn"
    )


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace("name,lat,lon,population,community", "Village,Latitude,LNG,Habitants,Communauté"),
        GOOD.replace("Alpha", '"Alpha"'),
        GOOD.replace("Beta,", " Beta ,").replace("\nGamma", "\n\nGamma"),
        GOOD.replace("4000", "4000.0"),
        GOOD.rstrip("\n"),
    ],
    ids=["crlf", "bom", "semicolon", "tab", "aliases", "quoted", "spaces", "decimal population", "no last newline"],
)
def test_the_same_places_however_the_file_was_saved(tmp_path: Path, content: str) -> None:
    plain, _ = load_gazetteer(written(tmp_path, GOOD), 7)
    saved, _ = load_gazetteer(written(tmp_path, content, "saved.csv"), 7)
    assert saved.name == plain.name
    for field in ("x", "y", "population", "community", "mixed", "refusal"):
        assert np.array_equal(getattr(saved, field), getattr(plain, field)), field


def test_a_geonames_extract_is_read_as_it_is(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "geonameid,name,asciiname,lat,lon,fcode,pop,cercle\n"
        "1,Ségou,Segou,13.44032,-6.25947,PPLA,153349,Segou\n"
        "2,Konna,Kona,14.94329,-3.89474,PPL,0,elsewhere\n",
    )
    settlements, report = load_gazetteer(path, 1)
    assert settlements.name == ("Ségou", "Konna")
    assert settlements.population[0] == 153_349
    assert settlements.population[1] == cercle_population()[cercle_index("Mopti")]
    assert report.populations_drawn == 1


def test_missing_populations_share_what_the_census_leaves(tmp_path: Path) -> None:
    places = "".join(f"P{k},{14.0 + k / 1000},-3.2,{1000 if k < 5 else ''}\n" for k in range(40))
    settlements, _ = load_gazetteer(written(tmp_path, "name,lat,lon,pop\n" + places), 3)
    koro = int(cercle_population()[cercle_index("Koro")])
    assert set(settlements.cercle.tolist()) == {cercle_index("Koro")}
    assert settlements.population[:5].tolist() == [1000] * 5
    assert settlements.population.sum() == koro
    assert len(set(settlements.population[5:].tolist())) > 20


@pytest.mark.parametrize("given", [500_000, 446_902, 446_901])
def test_populations_that_leave_no_room_under_the_census_are_kept_and_said(tmp_path: Path, given: int) -> None:
    content = f"name,lat,lon,pop\nA,14.06,-3.08,{given}\nB,14.07,-3.2,\nC,14.08,-3.2,\n"
    settlements, report = load_gazetteer(written(tmp_path, content), 3)
    koro = int(cercle_population()[cercle_index("Koro")])
    assert settlements.population[0] == given
    assert settlements.population[1:].sum() == koro * 2 // 3
    assert report.beyond_census == ("Koro",)
    assert "Koro" in report.summary()


def test_missing_communities_follow_the_cercle(tmp_path: Path) -> None:
    """Shares of 600 places within five standard errors of the table, the worlds' own scatter included."""
    places = "".join(f"P{k},{12.95 + k % 30 / 200},{-6.75 + k // 30 / 200}\n" for k in range(600))
    settlements, report = load_gazetteer(written(tmp_path, "name,lat,lon\n" + places), 3)
    assert report.communities_drawn == 600
    expected = community_shares()[cercle_index("Baroueli")]
    inside = settlements.cercle == cercle_index("Baroueli")
    assert inside.sum() > 500
    drawn = np.bincount(settlements.community[inside], minlength=6) / inside.sum()
    error = np.sqrt(expected * (1 - expected) * (1 / 31 + 1 / inside.sum()))
    assert (np.abs(drawn - expected) <= 5 * error).all()


def test_draws_depend_on_seed_and_row_and_not_on_the_chosen_cercles(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    whole, small = load_gazetteer(path, 7).settlements, load_gazetteer(path, 7, ("Koro", "Mopti")).settlements
    assert small.name == ("Gamma", "Delta")
    assert small.id.tolist() == [2, 3]
    for field in ("population", "community", "mixed", "refusal"):
        assert np.array_equal(getattr(small, field), getattr(whole, field)[2:]), field
    many = "name,lat,lon\n" + "".join(f"P{k},14.{k:03d},-3.2\n" for k in range(200))
    path = written(tmp_path, many, "many.csv")
    one, same, other = (load_gazetteer(path, seed).settlements for seed in (1, 1, 2))
    assert np.array_equal(one.community, same.community)
    assert not np.array_equal(one.community, other.community)


HEADER = "name,lat,lon,population,community\n"
FAULTS = {
    "empty": ("", r"places\.csv: the file is empty; expected a header row"),
    "blank": (" \n\n", r"places\.csv: the file is empty"),
    "header only": (HEADER, r"places\.csv: a header but no places"),
    "no latitude": ("name,lon\nA,-3.5\n", r"line 1: no column 'latitude' \(or lat, y\); found name, lon"),
    "no name": ("lat,lon\n14,-3.5\n", r"line 1: no column 'name'"),
    "column twice": ("name,lat,lon,LAT\nA,14,-3,14\n", r"line 1: column 'lat' appears twice"),
    "no header": ("Alpha,14.08,-3.51\n", r"line 1: no column 'name'"),
    "short row": (HEADER + "A,14.1,-3.5\n", r"line 2: 3 fields; expected 5 as in the header"),
    "long row": (HEADER + "A,14.1,-3.5,10,dogon,x\n", r"line 2: 6 fields; expected 5"),
    "no name in row": (HEADER + "A,14.1,-3.5,,\n ,14.2,-3.5,,\n", r"line 3, name: is empty"),
    "text for latitude": (HEADER + "A,north,-3.5,,\n", r"line 2, lat: 'north' is not a number; .*such as 14\.35"),
    "empty longitude": (HEADER + "A,14.1,,,\n", r"line 2, lon: '' is not a number"),
    "decimal comma": (HEADER.replace(",", ";") + "A;14,1;-3,5;;\n", r"line 2, lat: .*a decimal point, not a comma"),
    "thousands sign": (HEADER + "A,14.1,-3.5,1_000,\n", r"line 2, population: '1_000' is not a number"),
    "not a number": (HEADER + "A,nan,-3.5,,\n", r"line 2, lat: 'nan' is not a finite number"),
    "infinite": (HEADER + "A,14.1,-inf,,\n", r"line 2, lon: '-inf' is not a finite number"),
    "overflow": (HEADER + "A,1e999,-3.5,,\n", r"line 2, lat: '1e999' is not a finite number"),
    "swapped": (HEADER + "A,14.1,-3.5,,\nB,-3.5,14.1,,\n", r"line 3, lat: -3\.5 and longitude 14\.1 look swapped"),
    "metres": (HEADER + "A,1559000,-3.5,,\n", r"line 2, lat: 1559000\.0 is out of range; expected .*-90 to 90"),
    "far east": (HEADER + "A,14.1,356.5,,\n", r"line 2, lon: 356\.5 is out of range; expected .*-180 to 180"),
    "negative people": (HEADER + "A,14.1,-3.5,-5,\n", r"line 2, population: '-5'; expected a whole number"),
    "nobody": (HEADER + "A,14.1,-3.5,0,\n", r"line 2, population: '0'; expected a whole number .*nothing if unknown"),
    "part of a person": (HEADER + "A,14.1,-3.5,10.5,\n", r"line 2, population: '10\.5'"),
    "too many people": (HEADER + "A,14.1,-3.5,1e9,\n", r"line 2, population: '1e9'; .*1 to 5391805"),
    "unknown community": (HEADER + "A,14.1,-3.5,,Martian\n", r"line 2, community: 'Martian'; expected one of dogon"),
    "duplicate": (HEADER + "A,14.1,-3.5,,\nB,14.1,-3.5,,\na,14.10,-3.5,9,\n", r"line 4, name: 'a' repeats line 2"),
    "open quote": (HEADER + '"A,14.1,-3.5,,\n', r"line 2: not a valid CSV row"),
    "all outside": (HEADER + "A,48.9,2.3,,\nB,16.8,-3.0,,\n", r"none of 2 places lies in Bandiagara"),
}


@pytest.mark.parametrize(("content", "message"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(GazetteerError, match=message) as caught:
        load_gazetteer(path, 7)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    content = GOOD.replace("Beta", "Ségou").encode("latin-1")
    with pytest.raises(GazetteerError, match=r"line 3: byte 0xe9 is not UTF-8; expected a CSV file saved as UTF-8"):
        load_gazetteer(written(tmp_path, content), 7)
    with pytest.raises(GazetteerError, match=r"line 1: byte 0xff is not UTF-8"):
        load_gazetteer(written(tmp_path, GOOD.encode("utf-16")), 7)


def test_the_line_named_is_the_file_s_even_after_names_that_span_lines(tmp_path: Path) -> None:
    content = HEADER + '"A\nB",14.1,-3.5,,\n\nC,14.1,x,,\n'
    with pytest.raises(GazetteerError, match=r"line 5, lon"):
        load_gazetteer(written(tmp_path, content), 7)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(GazetteerError, match=r"cannot be read") as caught:
            load_gazetteer(path, 7)
        assert str(path) in str(caught.value)


def test_places_outside_the_chosen_cercles_only(tmp_path: Path) -> None:
    with pytest.raises(GazetteerError, match="none of 5 places lies in Bla"):
        load_gazetteer(written(tmp_path, GOOD), 7, ("Bla",))
    with pytest.raises(ValueError, match="unknown cercle 'Gao'"):
        load_gazetteer(written(tmp_path, GOOD), 7, ("Gao",))
