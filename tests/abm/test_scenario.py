"""Scenarios: every shipped one loads, extensions merge, and each mistake is named with its file and field."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from engine import scenario
from pydantic import ValidationError

from abm.data import read_table
from abm.geography import CERCLES
from abm.scenario import Scenario, ScenarioError, shipped_scenarios
from abm.tables import ALLOCATIONS

SHIPPED = (
    "accountability", "baseline-2021", "extra-tobs", "extra-tobs-and-accountability", "history-2020", "no-un",
)  # fmt: skip
HEAD = 'name = "mine"\ntitle = "Mine."\n'


def written(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def error_of(source: str | Path) -> str:
    with pytest.raises(ScenarioError) as raised:
        Scenario.load(source)
    return str(raised.value)


# --- those that come with the program -----------------------------------------------------------------------------


def test_the_shipped_scenarios_are_known() -> None:
    assert set(SHIPPED) <= set(shipped_scenarios())


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_shipped_scenario_loads_under_its_name(name: str) -> None:
    arm = Scenario.load(name)
    assert arm.name == name
    assert arm.title.endswith(".")
    assert arm.world == scenario("baseline-2021").world  # arms of a comparison share their world


@pytest.mark.parametrize("name", shipped_scenarios())
def test_scenarios_survive_toml_and_json_without_loss(name: str) -> None:
    arm = Scenario.load(name)
    assert Scenario.model_validate_json(arm.model_dump_json()) == arm
    assert Scenario.model_validate(json.loads(json.dumps(arm.model_dump(mode="json")))) == arm
    assert Scenario.model_validate(tomllib.loads(tomli_w.dumps(arm.model_dump(exclude_none=True)))) == arm


def test_the_package_is_that_of_the_secretary_general() -> None:
    # S/2021/657: 2,069 more uniformed people, 1,730 troops and 339 police; three mobile quick-reaction companies.
    units = scenario("extra-tobs").package.units
    assert sum(u.units * u.heads for u in units) == 2069
    assert sum(u.units * u.heads for u in units if "police" in u.type) == 339
    assert [(u.type, u.units) for u in units if u.mobile] == [("quick_reaction", 3)]
    assert all(u.needs_land == (u.base == "Sévaré") for u in units)
    table: dict[str, int] = {}
    for row in read_table("package_units"):
        table[row["type"]] = table.get(row["type"], 0) + int(row["n"]) * int(row["heads"])
    shipped: dict[str, int] = {}
    for u in units:
        shipped[u.type] = shipped.get(u.type, 0) + u.units * u.heads
    assert shipped == table


def test_arms_of_the_factorial_differ_in_their_levers_only() -> None:
    off, tobs, law, both = (
        scenario(name) for name in ("baseline-2021", "extra-tobs", "accountability", "extra-tobs-and-accountability")
    )
    assert off.package.units == law.package.units == ()
    assert tobs.package == both.package
    assert law.accountability == both.accountability
    assert off.accountability == tobs.accountability
    assert off.accountability.investigations_per_month == 0.0
    assert (off.un, off.world, off.start) == (both.un, both.world, both.start)
    no_un = scenario("no-un")
    assert no_un.changed(name="baseline-2021", title=off.title, un={"present": True}) == off


def test_allocations_and_cercles_are_those_the_engine_knows() -> None:
    for name in ALLOCATIONS:
        sites = ((14.5, -4.1),) if name == "fixed" else ()
        assert scenario().changed(un={"allocation": name, "tob_sites": sites}).un.allocation == name
    assert scenario().changed(world={"cercles": CERCLES[::-1]}).world.cercles == CERCLES


# --- extending ----------------------------------------------------------------------------------------------------


def test_extensions_take_all_of_the_other_and_change_some(tmp_path: Path) -> None:
    written(
        tmp_path,
        'extend = "extra-tobs"\nname = "middle"\n[un]\nallocation = "random"\nenlarged = 2022-01-01\n',
        "middle.toml",
    )
    (tmp_path / "deep").mkdir()
    last = written(
        tmp_path / "deep",
        'extend = "../middle.toml"\nname = "last"\nmonths = 5\n'
        '[un]\nallocation = "population"\n[package]\npermission = "never"\n',
    )
    arm, shipped = Scenario.load(last), scenario("extra-tobs")
    assert arm.name == "last"
    assert arm.title == shipped.title
    assert arm.months == 5
    assert arm.un == shipped.un.model_copy(update={"allocation": "population", "enlarged": date(2022, 1, 1)})
    assert arm.package == shipped.package.model_copy(update={"permission": "never"})


def test_a_list_replaces_the_list_it_extends(tmp_path: Path) -> None:
    text = 'extend = "extra-tobs"\nname = "one"\n[package]\nunits = [{ type = "police", units = 1, heads = 10 }]\n'
    assert [u.heads for u in Scenario.load(written(tmp_path, text)).package.units] == [10]


def test_a_changed_copy_is_validated_and_leaves_the_original() -> None:
    arm = scenario()
    assert arm.changed(un={"present": False}).un.present is False
    assert arm.un.present is True
    with pytest.raises(ValidationError, match="months"):
        arm.changed(months=0)
    with pytest.raises(ValidationError, match="frozen"):
        arm.months = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    "files",
    [
        {"a.toml": "a.toml"},
        {"a.toml": "b.toml", "b.toml": "a.toml"},
        {"a.toml": "b.toml", "b.toml": "c.toml", "c.toml": "b.toml"},
        {"a.toml": "deep/../a.toml"},
    ],
)
def test_circles_are_named(tmp_path: Path, files: dict[str, str]) -> None:
    (tmp_path / "deep").mkdir()
    for name, parent in files.items():
        written(tmp_path, f'extend = "{parent}"\n{HEAD}', name)
    message = error_of(tmp_path / "a.toml")
    assert "extend: goes in a circle: " in message
    assert message.count(str(tmp_path)) > 2
    assert len(message) < 2000


@pytest.mark.parametrize(
    ("extend", "expected"),
    [
        ("3", "extend: expected the name or file of a scenario (found 3)"),
        ("true", "extend: expected the name or file of a scenario (found True)"),
        ('["a"]', "extend: expected the name or file of a scenario (found ['a'])"),
    ],
)
def test_what_is_extended_must_be_a_name(tmp_path: Path, extend: str, expected: str) -> None:
    path = written(tmp_path, f"extend = {extend}\n{HEAD}")
    assert error_of(path) == f"{path}: {expected}"


@pytest.mark.parametrize("extend", ["basline-2021", "nowhere.toml"])
def test_a_missing_parent_is_named_with_the_file_that_asks_for_it(tmp_path: Path, extend: str) -> None:
    path = written(tmp_path, f'extend = "{extend}"\n{HEAD}')
    message = error_of(path)
    assert message.startswith(f"{path}: extend: ")
    assert extend in message


# --- mistakes -----------------------------------------------------------------------------------------------------

UNIT = '[[package.units]]\ntype = "infantry"\nunits = 1\nheads = 160\n'
MISTAKES = {
    "a missing field": ('name = "mine"', "title", "Field required"),
    "an unknown key": (HEAD + "monts = 3", "monts", "unknown field (found 3)"),
    "an unknown key within": (HEAD + "[un]\nallocate = 1", "un.allocate", "unknown field (found 1)"),
    "an unknown key in a list": (
        HEAD + UNIT + "troops = 1",
        "package.units.0.troops",
        "unknown field",
    ),
    "a wrong type": (HEAD + 'months = "many"', "months", "valid integer"),
    "a number for a part": (HEAD + "un = 3", "un", "(found 3)"),
    "a list for a part": (HEAD + "package = []", "package", "(found [])"),
    "a table for a number": (HEAD + "[months]\na = 1", "months", "valid integer"),
    "a part of a month": (HEAD + "months = 3.5", "months", "valid integer"),
    "no month": (HEAD + "months = 0", "months", "greater than or equal to 1 (found 0)"),
    "too many months": (HEAD + "months = 121", "months", "less than or equal to 120 (found 121)"),
    "a name with spaces": ('name = "My scenario"\ntitle = "Mine."', "name", "pattern"),
    "a name that is a path": ('name = "../mine"\ntitle = "Mine."', "name", "pattern"),
    "negative troops": (
        HEAD + UNIT.replace("160", "-160"),
        "package.units.0.heads",
        "greater than or equal to 1 (found -160)",
    ),
    "no units": (
        HEAD + UNIT.replace("units = 1", "units = 0"),
        "package.units.0.units",
        "greater than or equal to 1 (found 0)",
    ),
    "an unknown type of unit": (
        HEAD + UNIT.replace("infantry", "cavalry"),
        "package.units.0.type",
        "'quick_reaction', 'infantry'",
    ),
    "an unknown base": (HEAD + UNIT + 'base = "Gao"', "package.units.0.base", "'Sévaré' or 'Douentza' (found 'Gao')"),
    "an unknown allocation": (HEAD + '[un]\nallocation = "best"', "un.allocation", "(found 'best')"),
    "an unknown cercle": (
        HEAD + '[world]\ncercles = ["Kidal"]',
        "world.cercles",
        "unknown cercle 'Kidal'; expected some of",
    ),
    "an odd cell": (HEAD + "[world]\ncell_km = 7", "world.cell_km", "5, 10 or 20 (found 7)"),
    "a negative seed": (HEAD + "[world]\nseed = -1", "world.seed", "greater than or equal to 0 (found -1)"),
    "not a date": (HEAD + 'start = "next spring"', "start", "valid date"),
    "a day that does not exist": (HEAD + 'start = "2021-02-30"', "start", "valid date"),
    "a start before the record": (HEAD + "start = 2016-12-31", "start", "lies outside 2017-01-01 to 2032-12-31"),
    "a start beyond the calendar": (HEAD + "start = 2033-01-01", "start", "lies outside 2017-01-01 to 2032-12-31"),
    "permission before the decision": (
        HEAD + "[package]\ndecision = 2021-07-15\npermission = 2021-07-14",
        "package",
        "permission 2021-07-14 lies before the decision 2021-07-15",
    ),
    "no such permission": (HEAD + '[package]\npermission = "soon"', "package.permission", "(found 'soon')"),
    "a share above one": (HEAD + "[accountability]\ncooperation = 1.5", "accountability.cooperation", "(found 1.5)"),
    "a share that is not a number": (
        HEAD + "[accountability]\ncooperation = nan",
        "accountability.cooperation",
        "(found nan)",
    ),
    "endless investigations": (
        HEAD + "[accountability]\ninvestigations_per_month = inf",
        "accountability.investigations_per_month",
        "(found inf)",
    ),
    "a base outside the region": (
        HEAD + '[un]\nallocation = "fixed"\ntob_sites = [[14.0, -3.5], [16.27, -0.04]]',
        "un.tob_sites",
        "site (16.27, -0.04) lies outside Mopti and Ségou; expected (latitude, longitude)",
    ),
    "latitude and longitude swapped": (
        HEAD + '[un]\nallocation = "fixed"\ntob_sites = [[-3.5, 14.0]]',
        "un.tob_sites",
        "site (-3.5, 14.0) lies outside Mopti and Ségou (latitude and longitude swapped?); "
        "expected (latitude, longitude)",
    ),
    "half a place": (HEAD + '[un]\nallocation = "fixed"\ntob_sites = [[14.0]]', "un.tob_sites.0.1", "Field required"),
    "fixed sites without sites": (HEAD + '[un]\nallocation = "fixed"', "un", "allocation 'fixed' needs tob_sites"),
}


@pytest.mark.parametrize(("text", "field", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_file_field_and_what_was_expected(
    tmp_path: Path, text: str, field: str, expected: str
) -> None:
    path = written(tmp_path, text)
    message = error_of(path)
    # One mistake, one line: or one for each alternative that a field has.
    assert all(line.startswith(f"{path}: {field}") for line in message.splitlines())
    assert len(message.splitlines()) <= 2
    assert expected in message


def test_every_mistake_has_a_line(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "months = 0\n[world]\ncell_km = 7\n[un]\nallocate = 1\n")
    lines = error_of(path).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["months", "world.cell_km", "un.allocate"]
    assert all(line.startswith(f"{path}: ") for line in lines)


OUTSIDE = {
    "un.ogossagou_from": "[un]\nogossagou_from = 2016-01-01",
    "un.enlarged": "[un]\nenlarged = 1999-01-01",
    "un.hospital_opens": "[un]\nhospital_opens = 2050-01-01",
    "package.decision": "[package]\ndecision = 2044-01-01",
    "package.permission": "[package]\npermission = 2060-01-01",
    "accountability.starts": "[accountability]\nstarts = 2010-01-01",
}


@pytest.mark.parametrize(("field", "text"), OUTSIDE.items(), ids=OUTSIDE)
def test_dates_outside_the_calendar_are_named(tmp_path: Path, field: str, text: str) -> None:
    path = written(tmp_path, HEAD + text)
    assert error_of(path).startswith(f"{path}: {field}")


@pytest.mark.parametrize("site", ["[nan, -3.5]", "[14.0, inf]", "[1e300, -1e300]", "[0.0, 0.0]", "[90.0, 180.0]"])
def test_places_that_are_nowhere_are_refused(tmp_path: Path, site: str) -> None:
    path = written(tmp_path, HEAD + f'[un]\nallocation = "fixed"\ntob_sites = [{site}]')
    message = error_of(path)
    assert message.startswith(f"{path}: un.tob_sites")
    assert "lies outside Mopti and Ségou; expected (latitude, longitude)" in message


# --- files --------------------------------------------------------------------------------------------------------


def test_an_unknown_name_lists_the_known_ones() -> None:
    message = error_of("baseline")
    assert message.startswith("unknown scenario 'baseline'; expected one of ")
    assert all(name in message for name in (*SHIPPED, "a .toml file"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.toml"
    assert error_of(path).startswith(f"{path}: cannot be read: ")


def test_a_folder_is_not_a_scenario(tmp_path: Path) -> None:
    path = tmp_path / "folder.toml"
    path.mkdir()
    assert error_of(path).startswith(f"{path}: cannot be read: ")


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(HEAD.encode() + b"# S\xe9gou in Latin-1\nmonths = 3\n")
    assert error_of(path).startswith(f"{path}: cannot be read: ")


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, HEAD)

    def refused(*_: Any, **__: Any) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refused)  # permissions do not bind every user who runs tests
    monkeypatch.setattr("abm.scenario.shipped_scenarios", lambda: SHIPPED)
    assert error_of(path) == f"{path}: cannot be read: [Errno 13] Permission denied"


@pytest.mark.parametrize("text", ["months = ", "[un", "a = 1\na = 2", 'name = "open', "start = 2021-02-30"])
def test_what_is_not_toml_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    message = error_of(path)
    assert message.startswith(f"{path}: not valid TOML: ")
    assert "line 1" in message or "line 2" in message or "end of document" in message


def test_an_empty_file_lacks_name_and_title(tmp_path: Path) -> None:
    lines = error_of(written(tmp_path, "")).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["name", "title"]
