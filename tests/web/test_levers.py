"""Levers, scenarios and outcomes as a page gets them, and what levers cost before anything is run."""

import json
from datetime import date, timedelta

import numpy as np
import pytest

from abm.calendar import DAY_ZERO, day_of
from abm.declarations import declarations
from abm.deployment import arrival_days
from abm.draws import DRAWS, draw_value
from abm.parameters import Parameters
from abm.scenario import LAST_LEVER, UNIT_TYPES, Scenario, UnitLine, shipped_scenarios
from abm.un_force import PATROLLING
from runs.outcomes import MEASURES
from web.choice import DEFAULT, Choice, scenario_of
from web.levers import cost, levers
from web.measures import HEADLINE, measures
from web.planning import civilian_work, most_tobs, until_end
from web.scenarios import scenarios
from web.work import Refused

PARTS = ("un", "package", "accountability", "strategy")
PRICE = 88_400.0


@pytest.fixture(scope="module")
def all_levers():
    return {found["path"]: found for found in levers()}


def at(path, value):
    part, name = path.split(".")
    return {part: {name: value}}


def chosen(scenario=DEFAULT, **changes):
    return Choice(scenario=scenario, levers=changes)


# --- levers -----------------------------------------------------------------------------------------------------------


def test_every_lever_of_a_scenario_is_there_once(all_levers):
    there = [f"{part}.{name}" for part in PARTS for name in type(getattr(Scenario.load(DEFAULT), part)).model_fields]
    assert sorted(found["path"] for found in levers()) == sorted(there)
    assert [field["name"] for field in all_levers["package.units"]["fields"]] == list(UnitLine.model_fields)


def test_defaults_are_those_of_the_default_scenario_and_json(all_levers):
    values = Scenario.load(DEFAULT).model_dump(mode="json")
    for path, found in all_levers.items():
        part, name = path.split(".")
        assert found["default"] == values[part][name], path
    assert json.loads(json.dumps(levers(), allow_nan=False)) == levers()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("un.present", "switch"),
        ("un.allocation", "choice"),
        ("un.tob_sites", "sites"),
        ("un.enlarged", "date"),
        ("un.hospital_opens", "date-or"),
        ("un.escort_share", "share"),
        ("package.permission", "date-or"),
        ("package.spare_places", "number"),
        ("package.units", "units"),
        ("accountability.cooperation", "share"),
        ("strategy.disarmament_per_month", "number"),
        ("strategy.army_stays", "share"),
    ],
)
def test_kinds(all_levers, path, kind):
    assert all_levers[path]["kind"] == kind


def test_what_a_page_offers_is_accepted_and_what_lies_beyond_refused(all_levers):
    with_sites = {"un.allocation": {"un": {"allocation": "fixed", "tob_sites": [[14.078, -3.516]]}}}
    for path, found in all_levers.items():
        offered = [option["value"] for option in found["options"]]
        offered += [found[end] for end in ("min", "max") if end in found]
        if path == "package.permission":
            offered.remove(found["min"])  # a day before the decision
        for value in offered:
            changes = with_sites.get(path, {}) if value == "fixed" else at(path, value)
            scenario_of(chosen(**changes))
        if found["kind"] in ("number", "share"):
            for beyond in (found["min"] - 1, found["max"] + 1):
                with pytest.raises(Refused):
                    scenario_of(chosen(**at(path, beyond)))
        if found["kind"] in ("date", "date-or"):
            for beyond in (DAY_ZERO - timedelta(1), LAST_LEVER + timedelta(1)):
                with pytest.raises(Refused):
                    scenario_of(chosen(**at(path, beyond.isoformat())))


def test_sliders_reach_what_shipped_scenarios_have(all_levers):
    for name in shipped_scenarios():
        values = Scenario.load(name).model_dump()
        for path, found in all_levers.items():
            part, key = path.split(".")
            if "slider" in found and values[part][key] is not None:
                ends = found["slider"]
                assert found["min"] <= ends["min"] <= values[part][key] <= ends["max"] <= found["max"]


def test_what_a_lever_needs_is_another_lever_and_a_value_it_may_have(all_levers):
    fields = {field["name"]: field for field in all_levers["package.units"]["fields"]}
    for others in (all_levers, fields):
        for found in others.values():
            if found["needs"]:
                other = others[found["needs"]["path"]]
                values = found["needs"].get("among", [])
                known = [True, False] if other["kind"] == "switch" else [option["value"] for option in other["options"]]
                assert set(values) <= set(known)
                assert values or other["kind"] == "number"
    assert all_levers["un.tob_sites"]["needs"] == {"path": "un.allocation", "among": ["fixed"]}


def test_kinds_of_units_come_with_a_line_that_is_accepted(all_levers):
    types = all_levers["package.units"]["types"]
    assert [found["value"] for found in types] == list(UNIT_TYPES)
    assert [found["value"] for found in types if found["mobile_matters"]] == list(PATROLLING)
    scenario = scenario_of(chosen(package={"units": [found["line"] for found in types]}))
    assert [line.type for line in scenario.package.units] == list(UNIT_TYPES)
    lines = {found["value"]: found["line"] for found in types}
    assert (lines["quick_reaction"]["heads"], lines["quick_reaction"]["mobile"]) == (250, True)
    assert (lines["infantry"]["heads"], lines["medical"]["heads"]) == (160, 40)  # of the force that is there


# --- scenarios --------------------------------------------------------------------------------------------------------


def test_scenarios_can_be_made_out_of_the_default():
    found = scenarios()
    assert sorted(one["name"] for one in found) == sorted(shipped_scenarios())
    assert found[0]["name"] == DEFAULT
    assert found[0]["levers"] == {}
    for one in found:
        loaded = Scenario.load(one["name"])
        made = scenario_of(Choice(levers=json.loads(json.dumps(one["levers"]))))
        assert made.model_copy(update={"name": loaded.name, "title": loaded.title}) == loaded
        assert (one["start"], one["months"]) == (loaded.start.isoformat(), loaded.months)
        assert one["title"]["en"] == loaded.title
    assert list(dict.fromkeys(one["group"] for one in found)) == [
        "reference", "package", "without", "conditions", "siting",
    ]  # fmt: skip


def test_scenarios_say_only_what_they_change():
    changed = {one["name"]: one["levers"] for one in scenarios()}
    assert changed["no-un"] == {"un": {"present": False}}
    assert changed["history-2020"] == {"start": "2020-01-01", "months": 12}
    assert set(changed["camp-permission-never"]["package"]) == {"permission", "units"}


# --- outcomes ---------------------------------------------------------------------------------------------------------


def test_outcomes_are_all_there_and_those_shown_first_come_first():
    found = measures()
    assert sorted(one["key"] for one in found) == sorted(MEASURES)
    assert tuple(one["key"] for one in found if one["headline"]) == HEADLINE
    assert tuple(one["key"] for one in found[: len(HEADLINE)]) == HEADLINE
    for one in found:
        assert one["label"]["en"] == MEASURES[one["key"]].label
        assert one["counts"] == MEASURES[one["key"]].counts


@pytest.mark.parametrize(
    ("key", "better"),
    [
        ("expected_civilian_deaths", "fewer"),
        ("attacks_civilians_by_jihadists", "fewer"),
        ("deaths_civilians_by_state_or_external", "fewer"),
        ("displaced_people", "fewer"),
        ("total_cost", "fewer"),
        ("answered", "more"),
        ("served_years", "more"),
        ("tobs", ""),
        ("displaced", ""),
        ("prevented", ""),
        ("investigations", ""),
        ("risk_army", ""),
    ],
)
def test_which_way_is_better(key, better):
    assert {one["key"]: one["better"] for one in measures()}[key] == better


# --- cost -------------------------------------------------------------------------------------------------------------


def test_the_package_costs_what_was_said_of_it():
    found = cost(chosen(), chosen("extra-tobs"), {})
    assert found["people"] == 2069
    assert found["per_year"]["mid"] == pytest.approx(182.9e6, rel=0.001)  # S/2021/657: US$182.9 million for one year
    assert found["per_year"]["low"] < 165e6 < found["per_year"]["mid"] < 200e6 < found["per_year"]["high"]
    assert sum(one["heads"] for one in found["by_type"]) == 2069
    assert sum(one["per_year"]["mid"] for one in found["by_type"]) == pytest.approx(found["per_year"]["mid"])
    assert found["mobile_companies"] == 3
    assert (found["most_tobs_control"], found["most_tobs"]) == (640 // 300, (640 + 750) // 300)
    assert found["civilian"] == {"low": 0.0, "mid": 0.0, "high": 0.0}
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_ranges_hold_nine_draws_in_ten_of_those_that_comparisons_use():
    prices = [draw_value(declarations(Parameters)["cost_per_head_year"], k) for k in range(DRAWS)]
    low, high = np.quantile(prices, (0.05, 0.95))
    found = cost(chosen(), chosen("extra-tobs"), {})["per_year"]
    assert (found["low"], found["high"]) == (pytest.approx(2069 * low), pytest.approx(2069 * high))


def test_what_a_visitor_sets_has_no_range():
    found = cost(chosen(), chosen("extra-tobs"), {"cost_per_head_year": 100_000.0})
    assert found["per_year"] == {"low": 206_900_000.0, "mid": 206_900_000.0, "high": 206_900_000.0}
    assert "US$206.9 million a year" in found["said"]["en"]


def test_civilian_work_is_counted_at_the_pace_of_the_levers_for_a_year():
    strategy = {"dialogue_missions_per_month": 2.0, "disarmament_per_month": 10.0, "services_per_month": 4.0}
    found = cost(chosen(), chosen(strategy=strategy, accountability={"investigations_per_month": 3.0}), {})
    q = Parameters()
    served_years = sum(4.0 * (month + 0.5) / 12 for month in range(12))
    expected = {
        "dialogue": 24 * q.cost_per_dialogue_mission,
        "investigations": 36 * q.cost_per_investigation,
        "disarmament": 120 * q.cost_per_disarmed,
        "services": served_years * q.cost_per_served_year,
    }
    assert {item: sums["mid"] for item, sums in found["civilian_per_year"].items()} == pytest.approx(expected)
    assert found["civilian"]["mid"] == pytest.approx(sum(expected.values()))
    assert all(sums["low"] < sums["mid"] < sums["high"] for sums in found["civilian_per_year"].values())
    assert found["people"] == 0
    assert [price["mark"] for price in found["prices"]] == ["◐", "○", "○", "○", "○"]


def test_the_whole_counts_units_from_the_day_they_come():
    package = {"permission": "2022-01-01", "units": [{"type": "infantry", "units": 2, "heads": 150}]}
    held = {"generation_months": 0.0, "pledge_factor": 1.0, "cost_per_head_year": 80_000.0}
    found = cost(chosen(), chosen(package=package), held)
    years = (date(2024, 1, 1) - date(2022, 1, 1)).days / 365.25
    assert found["whole"]["mid"] == pytest.approx(300 * years * 80_000.0, rel=0.002)
    assert found["arrivals"] == [
        found["arrivals"][0] | {"type": "infantry", "units": 2, "people": 300, "day": day_of(date(2022, 1, 1))}
    ]


def test_a_scenario_is_priced_as_its_run_prices_its_units():
    scenario, q = Scenario.load("extra-tobs"), Parameters()
    end = day_of(date(2024, 1, 1))
    days = sum(line.heads * max(0, end - when) for line, when in arrival_days(scenario, q) if when >= 0)
    assert until_end(scenario, q, end) == pytest.approx(days / 365.25 * PRICE)


def test_work_that_begins_after_the_run_costs_nothing():
    late = {"starts": "2030-01-01"}
    strategy = {"dialogue_missions_per_month": 8.0, **late}
    scenario = scenario_of(chosen(strategy=strategy, accountability={"investigations_per_month": 5.0, **late}))
    assert until_end(scenario, Parameters(), day_of(date(2024, 1, 1))) == 0.0
    assert civilian_work(scenario, 12.0, 6.0)["investigations"] == 30.0


def test_units_that_never_come_are_said_and_not_paid():
    found = cost(chosen(), chosen("camp-permission-never"), {})
    assert found["people"] == 2069
    never = sum(group["people"] for group in found["arrivals"] if group["day"] is None)
    assert f"{never:,} of them would never come" in found["said"]["en"]
    assert found["whole"]["mid"] < found["per_year"]["mid"]
    assert found["most_tobs"] == found["most_tobs_control"]


def test_a_dearer_control_gives_savings():
    one, other = cost(chosen("extra-tobs"), chosen(), {}), cost(chosen(), chosen("extra-tobs"), {})
    assert one["people"] == -2069
    for key in ("per_year", "whole"):
        assert one[key]["mid"] == -other[key]["mid"]
        assert one[key]["low"] == -other[key]["high"]
    assert "2,069 fewer people" in one["said"]["en"]


def test_the_same_levers_cost_nothing_more():
    found = cost(chosen("all-measures"), chosen("all-measures"), {})
    assert found["whole"]["mid"] == found["per_year"]["high"] == found["civilian"]["high"] == 0.0
    assert found["said"]["en"] == "No more people in uniform than in the control."


def test_without_the_un_nobody_comes():
    found = cost(chosen(), chosen("extra-tobs", un={"present": False}), {})
    assert (found["people"], found["mobile_companies"], found["most_tobs"], found["arrivals"]) == (0, 0, 0, [])
    assert found["whole"]["mid"] == 0.0


def test_tobs_follow_the_assumptions():
    scenario = Scenario.load("extra-tobs")
    few, many = (Parameters().changed(troops_per_tob=troops) for troops in (250.0, 80.0))
    assert most_tobs(scenario, few) < most_tobs(scenario, many)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_costs_are_said_in_both_languages_without_blanks(name):
    said = cost(chosen(), chosen(name), {})["said"]
    assert "{" not in said["en"] + said["fr"]
    assert said["en"].endswith(".")
    assert said["fr"].endswith(".")
    assert not any(space in said["fr"] for space in (" ;", " :", " %"))


def test_levers_that_cannot_be_are_refused():
    with pytest.raises(Refused):
        cost(chosen(), chosen(package={"spare_places": -1}), {})
    with pytest.raises(Refused):
        cost(chosen(), chosen(), {"cost_per_head_year": 1.0})
