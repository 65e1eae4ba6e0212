"""Sessions as files: read strictly, written readably, and the same after both."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.declarations import declarations
from abm.parameters import Parameters
from abm.scenario import shipped_scenarios
from web.choice import Choice, scenario_of
from web.session_file import SHOWN, read_session, write_session
from web.uploads import Uploads, read
from web.work import Refused

FRESH: dict[str, Any] = {
    "version": 1, "name": "", "language": "en", "place": "watch", "seed": 0,
    "watch": {
        "choice": {"scenario": "baseline-2021", "levers": {}, "name": ""},
        "layers": ["villages", "bands", "army", "un", "tob_reach", "attacks", "flood"], "every": "week",
    },
    "arms": [
        {"scenario": "baseline-2021", "levers": {}, "name": ""}, {"scenario": "extra-tobs", "levers": {}, "name": ""},
    ],
    "months": 36, "outcome": "expected_civilian_deaths", "assumptions": {},
}  # fmt: skip
RICH: dict[str, Any] = FRESH | {
    "name": 'Séance "1" \\ été', "language": "fr", "place": "levers", "seed": 2**53 - 1, "months": 24,
    "arms": [
        {"scenario": "all-measures", "levers": {"strategy": {"army_stays": None}}, "name": "sans armée"},
        {"scenario": "extra-tobs", "name": "", "levers": {
            "package": {"permission": "2022-03-01", "units": [
                {"type": "quick_reaction", "units": 2, "heads": 250, "base": "Sévaré", "mobile": True},
                {"type": "police", "units": 1, "heads": 140, "base": "Douentza"},
            ]},
            "un": {"allocation": "fixed", "tob_sites": [[14.35, -3.6], [14.1, -3.1]]},
            "world": {"gazetteer": "uploaded"},
        }},
    ],
    "assumptions": {"delta_un": 0.25, "reduction_army": 1e-3},
}  # fmt: skip


@pytest.mark.parametrize("session", [FRESH, RICH], ids=["fresh", "rich"])
def test_a_session_comes_back_as_it_was(session: dict[str, Any]) -> None:
    text = write_session(session)
    assert read_session("x.toml", text) == {"session": session}
    assert read_session("link", json.dumps(session)) == {"session": session}
    assert write_session(read_session("x.toml", text)["session"]) == text


def test_the_file_is_toml_for_people() -> None:
    values = tomllib.loads(write_session(RICH))
    assert values["arms"][0]["unset"] == ["strategy.army_stays"]
    assert values["name"] == RICH["name"]
    assert write_session(RICH).startswith("# A session of Sector Centre")


def test_levers_without_a_value_mean_the_same_after_the_file() -> None:
    arm = read_session("x.toml", write_session(RICH))["session"]["arms"][0]
    assert arm["levers"] == {"strategy": {"army_stays": None}}
    assert scenario_of(Choice.model_validate(arm)).strategy.army_stays is None
    assert scenario_of(Choice(scenario="all-measures")).strategy.army_stays is not None


def test_dates_may_be_written_as_dates() -> None:
    text = """
        version = 1
        [[arms]]
        [[arms]]
        scenario = "extra-tobs"
        levers.package.permission = 2022-03-01
    """
    arms = read_session("x.toml", text)["session"]["arms"]
    assert arms[1]["levers"] == {"package": {"permission": "2022-03-01"}}
    assert arms[0] == {"scenario": "baseline-2021", "levers": {}, "name": ""}


def test_what_a_file_leaves_out_is_left_to_the_page() -> None:
    assert read_session("x.toml", "version = 1\nseed = 9") == {"session": {"version": 1, "seed": 9}}


def test_a_session_that_is_none_is_not_written() -> None:
    for wrong in ({}, {"version": 1, "admin": 1}, FRESH | {"months": 1000}, FRESH | {"arms": []}):
        with pytest.raises(Refused):
            write_session(wrong)


def test_read_through_the_one_door() -> None:
    assert read("session", "x", json.dumps(FRESH), Uploads()) == {"session": FRESH}


NUMBERS = {
    name: declared
    for name, declared in declarations(Parameters).items()
    if isinstance(declared.default, float) and name not in ("n_same", "n_cross")  # these two bound each other
}
CHOICES = st.builds(
    lambda scenario, levers, name: {"scenario": scenario, "levers": levers, "name": name},
    st.sampled_from(shipped_scenarios()),
    st.sampled_from([{}, {"world": {"seed": 7}}, {"strategy": {"army_stays": None}, "months": 12}]),
    st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=64),
)


@given(
    arms=st.lists(CHOICES, min_size=2, max_size=4),
    outcome=st.sampled_from(SHOWN),
    share=st.floats(0.0, 1.0),
    name=st.sampled_from(sorted(NUMBERS)),
    seed=st.integers(0, 2**53 - 1),
)
def test_any_session_comes_back(arms: list[Any], outcome: str, share: float, name: str, seed: int) -> None:
    low, high = NUMBERS[name].low, NUMBERS[name].high
    value = min(max(low + share * (high - low), low), high)
    session = FRESH | {"arms": arms, "outcome": outcome, "seed": seed, "assumptions": {name: value}}
    assert read_session("x.toml", write_session(session)) == {"session": session}
