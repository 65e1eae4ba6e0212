"""The report says which levers its arms had."""

from __future__ import annotations

from dataclasses import replace

from abm import Scenario
from runs.design import Design, arm_label, load_design
from runs.levers import coverage, dotted, levers, places_caution


def rows_of(design: Design) -> dict[tuple[str, str], tuple[str, ...]]:
    (table,) = levers(design).tables
    return {(row[0], row[1]): row[2:] for row in table.rows}


def test_every_lever_has_a_dotted_name() -> None:
    names = [name for name, _ in dotted(Scenario.load("baseline-2021"))]
    assert {"start", "months", "world.cercles", "un.allocation", "package.units", "accountability.cooperation"} <= {
        *names
    }
    assert not {"name", "title", "world.seed"} & set(names)
    assert len(names) == len(set(names))


def test_shipped_arms_differ_from_the_control_only_in_their_measures() -> None:
    design = load_design()
    found = rows_of(design)
    by_arm = {arm: {lever for name, lever in found if name == arm} for arm, _ in found}
    assert set(by_arm) == {arm_label(arm.name) for arm in design.treated}
    assert by_arm["extra TOBs"] == by_arm["camp-bound troops"] == {"package.units"}
    assert by_arm["extra TOBs and accountability"] == by_arm["extra TOBs"] | by_arm["accountability"]
    assert by_arm["all measures"] == by_arm["TOBs and strategy"] | by_arm["accountability"]
    assert {lever.split(".")[0] for lever in by_arm["Malian strategy"]} == {"strategy"}
    value, control, shipped = found["extra TOBs", "package.units"]
    assert value.startswith("3 × 250 quick reaction, mobile, Sévaré; 1 × 117 engineers, Sévaré")
    assert (control, shipped) == ("none", value)


def test_units_are_said_with_what_they_have() -> None:
    found = rows_of(load_design(["mobile-troops-embedded-medics", "camp-bound-troops"]))
    medics, _, _ = found["mobile troops embedded medics", "package.units"]
    assert medics.startswith("3 × 250 quick reaction, mobile, with a medical team, Sévaré; ")
    assert "1 × 130 aviation, 5 armed helicopters each, Douentza, needs no land, not before 2023-01-01" in medics
    assert "mobile" not in found["camp-bound troops", "package.units"][0]


def test_levers_that_may_be_never_a_date_or_a_parameter() -> None:
    found = rows_of(load_design(["no-hospital", "no-helicopters", "camp-permission-never", "malian-strategy"]))
    assert found["no hospital", "un.hospital_opens"][:2] == ("never", "2021-09-01")
    assert found["no helicopters", "un.helicopters"][:2] == ("no", "yes")
    assert found["camp permission never", "package.permission"][:2] == ("never", "drawn")
    assert found["Malian strategy", "strategy.army_stays"][:2] == ("0.8", "as p_army_stays")


def test_what_is_changed_in_every_arm_is_shown_for_every_arm() -> None:
    changes = {"world": {"cercles": ("Mopti", "Bankass")}, "un": {"hold_ogossagou": False}}
    found = rows_of(load_design(levers=changes))
    arms = {arm for arm, _ in found}
    assert len(arms) == 8
    for arm in arms:
        assert found[arm, "un.hold_ogossagou"][::2] == ("no", "yes")
        assert found[arm, "world.cercles"][::2] == ("Bankass and Mopti", "all 15")


def test_an_arm_of_ones_own_is_held_against_the_control_and_a_control_against_the_shipped_one() -> None:
    design = load_design(["extra-tobs"])
    control = design.control.changed(name="mine", un={"allocation": "population"})
    found = rows_of(replace(design, control=control, treated=(control.changed(name="other", months=24),)))
    assert found == {
        ("mine", "un.allocation"): ("population", "–", "hotspot"),
        ("other", "months"): ("24", "36", "–"),
    }
    assert "no shipped scenario" in levers(replace(design, control=control)).paragraphs[0]


def test_an_arm_that_hides_behind_a_shipped_name_is_shown() -> None:
    design = load_design(["accountability"])
    (arm,) = design.treated
    changed = arm.changed(accountability={"cooperation": 0.125})
    value, _, shipped = rows_of(replace(design, treated=(changed,)))["accountability", "accountability.cooperation"]
    assert value == "0.125" != shipped == str(arm.accountability.cooperation)


def test_arms_without_a_difference_are_said_to_have_none() -> None:
    design = load_design(["extra-tobs"])
    same = levers(replace(design, treated=(design.control.changed(name="same"),)))
    assert same.tables == ()
    assert "No lever differs" in same.paragraphs[0]


def test_a_part_of_the_world_is_said() -> None:
    assert coverage(load_design()) == ""
    assert coverage(load_design(levers={"world": {"cercles": ("Koro",)}})) == "This comparison covers only: Koro. "


def test_a_gazetteer_is_said_without_its_folder_and_with_a_caution() -> None:
    design = load_design(levers={"world": {"gazetteer": "some/folder/places.csv"}})
    assert "gazetteer places.csv" in coverage(design)
    assert "must not be published by place" in places_caution(design)[0]
    assert places_caution(load_design()) == ()
    assert rows_of(design)["baseline 2021", "world.gazetteer"] == ("places.csv", "–", "none")
