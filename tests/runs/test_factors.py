"""Arms of a factorial: every combination of levers, under readable names."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm import Scenario
from runs.batch.factors import Factor, LeverError, arm_name, arms_of, slug

COMPANIES = "package.units.quick_reaction.units"
COOPERATION = "accountability.cooperation"


def factor(lever: str, *values: Any, name: str = "one", label: str = "one lever") -> Factor:
    return Factor(name, label, lever, values)


@pytest.fixture(scope="module")
def base() -> Scenario:
    return Scenario.load("extra-tobs-and-accountability")


def test_every_combination_once_the_last_factor_fastest(base: Scenario) -> None:
    factors = (factor(COMPANIES, 1, 3, name="companies"), factor(COOPERATION, 0.0, 0.5, 1.0, name="cooperation"))
    arms, levels = arms_of(base, factors)
    assert [(level["companies"], level["cooperation"]) for level in levels.values()] == list(
        product((1, 3), (0.0, 0.5, 1.0))
    )
    assert [arm.name for arm in arms] == list(levels)
    assert arms[4].name == "companies-3-cooperation-0-5"
    for arm in arms:
        level = levels[arm.name]
        expected = base.changed(name=arm.name, title=arm.title, accountability={"cooperation": level["cooperation"]})
        lines = [line.model_dump() for line in base.package.units]
        lines[0]["units"] = level["companies"]
        assert arm == expected.changed(package={"units": lines})


def test_a_title_says_what_is_changed_and_in_what(base: Scenario) -> None:
    factors = (
        factor(COMPANIES, 3, name="companies", label="mobile companies"),
        factor("un.helicopters", False, name="air", label="helicopters"),
    )
    (arm,), _ = arms_of(base, factors)
    assert arm.title == "Mobile companies: 3; helicopters: no. All else as in extra-tobs-and-accountability."


def test_no_units_drop_the_line_whatever_else_is_said_of_them(base: Scenario) -> None:
    heads = factor("package.units.quick_reaction.heads", 150, 250, name="heads")
    arms, _ = arms_of(base, (factor(COMPANIES, 0, 2), heads))
    kinds = [{line.type for line in arm.package.units} for arm in arms]
    assert ["quick_reaction" in found for found in kinds] == [False, False, True, True]
    assert all(found | {"quick_reaction"} == {line.type for line in base.package.units} for found in kinds)
    assert [arm.package.units[0].heads for arm in arms[2:]] == [150, 250]


def test_a_type_stands_for_all_of_its_lines(base: Scenario) -> None:
    (arm, none), _ = arms_of(base, (factor("package.units.police.units", 2, 0),))
    assert [line.units for line in arm.package.units if line.type == "police"] == [2, 2]
    assert not [line for line in none.package.units if line.type == "police"]
    assert {line.type for line in none.package.units} >= {"individual_police", "quick_reaction"}


def test_dates_and_words(base: Scenario) -> None:
    (day, never), levels = arms_of(base, (factor("package.permission", "2022-10-15", "never", name="land"),))
    assert (day.package.permission, never.package.permission) == (date(2022, 10, 15), "never")
    assert list(levels) == ["land-2022-10-15", "land-never"]


def test_slugs() -> None:
    assert [slug(value) for value in (0, 2.0, 0.25, -1.5, True, "Drawn", "2022-01-15")] == [
        "0", "2", "0-25", "minus-1-5", "true", "drawn", "2022-01-15",
    ]  # fmt: skip


@given(st.lists(st.integers(0, 1000).map(lambda n: n / 1000), min_size=1, max_size=20, unique=True))
def test_different_values_have_different_names_that_scenarios_take(values: list[float]) -> None:
    arms, levels = arms_of(Scenario.load("accountability"), (factor(COOPERATION, *values, name="cooperation"),))
    assert [levels[arm.name]["cooperation"] for arm in arms] == values == [a.accountability.cooperation for a in arms]


@pytest.mark.parametrize(
    ("lever", "values", "message"),
    [
        ("package.decisio", (1,), r"one: lever: package has no 'decisio'; did you mean decision\?"),
        ("nothing", (1,), "one: lever: a scenario has no 'nothing'; expected one of start, months"),
        ("name", ("x",), "a scenario has no 'name'"),
        ("start.year", (1,), "start has no 'year'"),
        ("package", (1,), "package is no single lever; expected one inside: decision"),
        ("package.units", (1,), "package.units is no single lever"),
        ("package.units.infantry.units", (1,), "has no units of type 'infantry'; it has quick_reaction, engineers"),
        (
            "package.units.quick_reacton.units",
            (1,),
            r"'quick_reacton'; did you mean quick_reaction\?; it has quick_reaction",
        ),
        ("package.units.quick_reaction.head", (1,), r"units have no 'head'; did you mean heads\?"),
        ("package.units.quick_reaction.type", (1,), "units have no 'type'"),
        (COMPANIES, (41,), r"one-41: package.units.0.units: .*less than or equal to 40 \(found 41\)"),
        (COMPANIES, (False,), "one-false: package.units.0.units: expected a value, not true or false"),
        (COOPERATION, (1.5,), r"one-1-5: accountability.cooperation: .* \(found 1.5\)"),
        ("package.permission", ("2020-01-15",), "permission 2020-01-15 lies before the decision 2021-07-15"),
        ("package.permission", ("A b", "a-b"), "one-a-b: package.permission"),
        ("accountability.cooperation.x", (1,), "accountability.cooperation has no 'x'"),
    ],
)
def test_errors_name_the_lever(base: Scenario, lever: str, values: tuple[Any, ...], message: str) -> None:
    with pytest.raises(LeverError, match=message):
        arms_of(base, (factor(lever, *values),))


def test_two_combinations_of_one_name(base: Scenario) -> None:
    with pytest.raises(LeverError, match="two arms would be named 'one-0-5'; give the factors other names or values"):
        arms_of(base, (factor(COOPERATION, 0.5, "0.5"),))


def test_a_name_has_at_most_64_characters(base: Scenario) -> None:
    longest = factor(COOPERATION, 1.0, name="a" * 62)
    assert len(arm_name((longest,), (1.0,))) == 64
    assert len(arms_of(base, (longest,))[0]) == 1
    with pytest.raises(LeverError, match="at most 64 characters; give the factors shorter names"):
        arms_of(base, (factor(COOPERATION, 1.0, name="a" * 63),))
