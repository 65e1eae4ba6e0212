"""Arms are known by their levers, whatever they are called."""

from __future__ import annotations

from abm import Scenario
from runs.design import Design, everything, load_design
from runs.roles import heads, roles


def test_all_shipped_scenarios_find_their_roles() -> None:
    found = roles(load_design(everything()))
    assert (found.package, found.camp_bound, found.medics) == (
        "extra-tobs", "camp-bound-troops", "mobile-troops-embedded-medics",
    )  # fmt: skip
    assert set(found.allocations) == {name for name in everything() if name.startswith("allocation")}
    assert set(found.conditions) == {"camp-permission-never", "no-helicopters", "no-hospital"}
    assert (found.strategy, found.accountability) == ("malian-strategy", "accountability")
    assert found.package_with_strategy is not None
    assert found.package_with_strategy.both == "tobs-and-strategy"


def test_names_do_not_matter() -> None:
    control = Scenario.load("baseline-2021")
    mobile = Scenario.load("extra-tobs").changed(name="a")
    camp = Scenario.load("camp-bound-troops").changed(name="b")
    spread = mobile.changed(name="c", un={"allocation": "spread"})
    found = roles(Design(control, (spread, camp, mobile)))
    assert (found.package, found.camp_bound, found.allocations) == ("a", "b", ("c",))
    assert (found.medics, found.strategy, found.package_with_strategy) == (None, None, None)


def test_an_arm_that_differs_in_more_has_no_role() -> None:
    control = Scenario.load("baseline-2021")
    later = Scenario.load("extra-tobs").changed(package={"decision": "2021-12-01"})
    both = Scenario.load("extra-tobs-and-accountability")
    found = roles(Design(control, (later, both)))
    assert (found.package, found.accountability, found.conditions) == (None, None, ())


def test_people_of_a_package() -> None:
    assert heads(Scenario.load("extra-tobs")) == heads(Scenario.load("camp-bound-troops")) == 2069
    assert heads(Scenario.load("extra-tobs"), mobile_only=True) == 750
    assert heads(Scenario.load("camp-bound-troops"), mobile_only=True) == 0
    assert heads(Scenario.load("no-un")) == 0
