from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from abm.parameters import Parameters
from abm.scenario import Scenario, shipped_scenarios
from web.choice import Choice, checked, parameters_of, scenario_of
from web.messages import parse
from web.work import Refused


class Files:
    def __init__(self, gazetteer: Path | None = None) -> None:
        self.gazetteer = gazetteer


@pytest.mark.parametrize("name", shipped_scenarios())
def test_a_choice_without_changes_is_the_shipped_scenario(name: str) -> None:
    assert scenario_of(Choice(scenario=name)) == Scenario.load(name)


def test_levers_change_a_scenario_as_a_file_does() -> None:
    found = scenario_of(Choice(levers={"package": {"decision": "2021-09-01", "permission": "never"}}))
    assert found == Scenario.load("baseline-2021").changed(package={"decision": "2021-09-01", "permission": "never"})


@pytest.mark.parametrize(
    ("levers", "said"),
    [
        ({"package": {"decision": "1999-01-01"}}, "package.decision: date 1999-01-01 lies outside"),
        ({"un": {"present": 1}}, "un.present: expected true or false"),
        ({"un": {"tobs": 3}}, "un.tobs: unknown field"),
        ({"months": 100000}, "months: Input should be less than or equal to 120"),
    ],
)
def test_levers_out_of_bounds_are_refused_by_name(levers: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused) as refused:
        scenario_of(Choice(levers=levers, name="mine"))
    assert f"mine: {said}" in refused.value.values["text"]  # type: ignore[operator]


@pytest.mark.parametrize("path", ["/etc/passwd", "gazetteer.csv", "../x.csv", 7, ["uploaded"]])
def test_no_page_names_a_file_of_the_server(path: object) -> None:
    with pytest.raises(Refused) as refused:
        scenario_of(Choice(levers={"world": {"gazetteer": path}}), Files(Path("mine.csv")))
    assert refused.value.code == "refused_gazetteer_path"


def test_only_a_gazetteer_that_was_handed_in_is_used() -> None:
    choice = Choice(levers={"world": {"gazetteer": "uploaded"}})
    assert scenario_of(choice, Files(Path("/tmp/x.csv"))).world.gazetteer == "/tmp/x.csv"
    for files in (None, Files()):
        with pytest.raises(Refused) as refused:
            scenario_of(choice, files)
        assert refused.value.code == "refused_no_gazetteer"


def test_assumptions_are_read_as_their_parameters_want_them() -> None:
    assert parameters_of({"delta_un": 0.5}) == Parameters().changed(delta_un=0.5)
    assert checked({}) == {}
    for wrong in ({"delta_un": 7.0}, {"delta_umn": 0.5}, {"rates": 1.0}, {"delta_un": float("nan")}):
        with pytest.raises(Refused):
            checked(wrong)


QUESTION = {"id": 1, "ask": "watch", "choice": {"scenario": "no-un"}, "seed": 3}


def test_a_question_is_read() -> None:
    question = parse(json.dumps(QUESTION))
    assert (question.choice, question.seed, question.spread) == (Choice(scenario="no-un"), 3, False)


def deep(n: int) -> Any:
    return {"un": deep(n - 1)} if n else 1


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "\x00", b"\xff\xfe", "9" * 10_000, '{"id":1}', json.dumps({**QUESTION, "ask": "exec"}),
        *(
            json.dumps({**QUESTION, **change})
            for change in (
                {"id": -1}, {"id": True}, {"seed": 2**60}, {"seed": 1.5}, {"seed": "1"}, {"extra": 1}, {"choice": None},
                {"choice": {"scenario": "../../etc/passwd"}}, {"choice": {"levers": {"name": "x"}}},
                {"choice": {"levers": {"un": deep(50)}}},
                {"choice": {"levers": {"un": {"tob_sites": [[1, 2]] * 5000}}}},
                {"assumptions": {"delta_un": "0.5"}}, {"assumptions": [1]},
                {"ask": "compare", "control": {}, "arms": [{}] * 4}, {"ask": "compare", "control": {}, "arms": []},
                {"ask": "compare", "control": {}, "arms": [{}], "most": 10**6},
                {"ask": "figure", "of": 1, "kind": "effects", "format": "exe"},
                {"ask": "read", "kind": "pickle", "text": ""},
            )
        ),
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused_readably(text: str | bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse(text)
    assert "Traceback" not in str(refused.value.values)
    assert len(str(refused.value.values)) < 3000


def test_a_question_nested_beyond_reason_is_refused() -> None:
    with pytest.raises(Refused):
        parse('{"id":1,"ask":"watch","choice":' + '{"levers":' * 100_000 + "1" + "}" * 100_001)
