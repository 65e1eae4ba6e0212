"""Experiment files: read strictly, expanded, stored and read back as the same."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

from abm import Scenario
from abm.data import read_table
from abm.draws import DRAWS
from runs.batch import experiment as module
from runs.batch.experiment import Experiment, ExperimentError, experiment_from, load_experiment, shipped_experiments
from runs.design import load_design
from runs.inputs import InputError

SHIPPED = {
    "allocation-policies": 1_400,
    "assumptions": 3_000,
    "break-even": 2_592,
    "screening": 3_720,
    "sensitivity": 5_120,
    "timing": 1_900,
    "tobs-by-accountability": 2_800,
    "unit-types": 1_800,
    "with-and-without": 10_000,
}
FACTORIAL = {
    "base": "extra-tobs-and-accountability",
    "factors": [
        {"name": "companies", "label": "companies", "lever": "package.units.quick_reaction.units", "values": [0, 2]},
        {"name": "decision", "label": "decision", "lever": "package.decision", "values": [date(2022, 1, 15)]},
    ],
}


def values_of(**changes: Any) -> dict[str, Any]:
    """Fields of a small experiment; a change names its place with double underscores."""
    values: dict[str, Any] = {
        "name": "small",
        "title": "A small experiment",
        "question": "Do files work?",
        "levers": {"scenarios": ["extra-tobs"]},
        "uncertainties": {"draws": 3},
    }
    for place, value in changes.items():
        *parents, last = place.split("__")
        part = values
        for parent in parents:
            part = part.setdefault(parent, {})
        part[last] = value
    return values


def read(**changes: Any) -> Experiment:
    return experiment_from(values_of(**changes), "my.toml")


@pytest.fixture(scope="module")
def shipped() -> dict[str, Experiment]:
    return {name: load_experiment(name) for name in shipped_experiments()}


# -- shipped ----------------------------------------------------------------------------------------------------------


def test_shipped_experiments_are_as_large_as_they_say(shipped: dict[str, Experiment]) -> None:
    assert {name: found.runs for name, found in shipped.items()} == SHIPPED
    for name, found in shipped.items():
        text = resources.files("runs").joinpath("experiments", f"{name}.toml").read_text(encoding="utf-8")
        arms, points, seeds = len(found.arms), found.design.draws, found.design.seeds
        expected = f"# Runs: {arms} arms x {points} points x {seeds} seeds = {found.runs:,}."
        assert text.splitlines()[0] == expected, name
        assert found.name == name
        assert found.intervals


def test_shipped_titles_read_as_sentences(shipped: dict[str, Experiment]) -> None:
    for found in shipped.values():
        assert found.question.endswith("?")
        assert not found.title.endswith(".")
        for arm in found.arms:
            assert arm.title[0].isupper(), arm.name
            assert arm.title.endswith("."), arm.name


def test_unit_types_bring_equally_many_people_to_the_same_measures(shipped: dict[str, Experiment]) -> None:
    design = shipped["unit-types"].design
    for arm in design.treated:
        assert sum(line.units * line.heads for line in arm.package.units) == 750
        bare = arm.model_copy(update={"name": design.control.name, "title": design.control.title})
        assert bare.model_copy(update={"package": design.control.package}) == design.control
    assert len({repr(arm.package) for arm in design.treated}) == len(design.treated)
    measures = Scenario.load("all-measures")
    assert (design.control.strategy, design.control.accountability) == (measures.strategy, measures.accountability)


def test_the_surface_of_companies_and_cooperation(shipped: dict[str, Experiment]) -> None:
    found = shipped["tobs-by-accountability"]
    cells = {(level["companies"], level["cooperation"]) for level in found.levels.values()}
    assert cells == {(n, c) for n in range(9) for c in (0.0, 0.5, 1.0)}
    as_it_is = {arm.name: arm for arm in found.arms}["companies-3-cooperation-0-5"]
    shipped_one = Scenario.load("extra-tobs-and-accountability")
    assert as_it_is.model_copy(update={"name": shipped_one.name, "title": shipped_one.title}) == shipped_one


def test_sampled_assumptions_overwrite_nothing_that_was_learnt(shipped: dict[str, Experiment]) -> None:
    learnt = set(read_table("posterior_2017_2020")[0])
    for name in ("assumptions", "screening", "sensitivity", "break-even"):
        assert not learnt & {one.name for one in shipped[name].uncertainties}
    assert {one.name for one in shipped["sensitivity"].uncertainties} < {
        one.name for one in shipped["screening"].uncertainties
    }


# -- expansion --------------------------------------------------------------------------------------------------------


def test_draws_run_what_a_comparison_runs() -> None:
    found = read(uncertainties__fixed={"delta_un": 0.4}, runs__seed=5, outcomes__months=[6, 12]).design
    like = replace(load_design(["extra-tobs"], draws=3, seeds=4, seed=5, fixed={"delta_un": 0.4}), months=(6, 12))
    assert found == like
    for draw in range(3):
        assert found.parameters(draw) == like.parameters(draw)
        assert found.run_seed(draw, 1) == like.run_seed(draw, 1)


def test_points_from_draws_start_as_the_draws_do() -> None:
    listed = {"design": "list", "draws": 3, "parameters": {"delta_un": {"values": [0.1, 0.4]}}}
    found, plain = read(uncertainties=listed, runs__seed=40).design, read(runs__seed=40).design
    assert [found.number(k) for k in range(6)] == [n for k in range(3) for n in [plain.number(k)] * 2]
    for draw in range(3):
        assert found.run_seed(2 * draw, 2) == found.run_seed(2 * draw + 1, 2) == plain.run_seed(draw, 2)
        assert found.parameters(2 * draw + 1) == plain.parameters(draw).changed(delta_un=0.4)
    assert max(n for k in range(6) if (n := found.number(k)) is not None) < DRAWS


def test_arms_are_scenarios_then_inline_arms_then_the_factorial() -> None:
    inline = {"extend": "extra-tobs", "name": "mine", "title": "Mine.", "package": {"permission": "never"}}
    found = read(levers__arms=[inline], levers__factorial=FACTORIAL)
    combined = ["companies-0-decision-2022-01-15", "companies-2-decision-2022-01-15"]
    assert [arm.name for arm in found.arms] == ["baseline-2021", "extra-tobs", "mine", *combined]
    assert list(found.levels) == combined
    assert found.levels[combined[1]] == {"companies": 2, "decision": "2022-01-15"}
    assert [(f.name, f.lever, f.values) for f in found.factors] == [
        ("companies", "package.units.quick_reaction.units", (0, 2)),
        ("decision", "package.decision", ("2022-01-15",)),
    ]
    assert found.arms[2].package.permission == "never"
    assert found.arms[2].package.units == found.arms[1].package.units
    assert found.runs == 5 * 3 * 4


def test_defaults_are_those_of_a_comparison() -> None:
    found = read()
    assert (found.design.control.name, found.design.months, found.design.seeds) == ("baseline-2021", (6, 12, 36), 4)
    assert found.main == ("expected_civilian_deaths", "expected_civilian_attacks")
    assert (found.design.count_from, found.events, found.sampling) == ("first-base", False, "draws")
    assert (found.factors, found.levels, found.uncertainties) == ((), {}, ())


def test_few_seeds_only_without_intervals() -> None:
    found = read(runs={"seeds": 2, "intervals": False})
    assert (found.design.seeds, found.intervals) == (2, False)


# -- files and storage ------------------------------------------------------------------------------------------------


def test_files_beside_the_experiment_are_taken_in(tmp_path: Path) -> None:
    """A stored experiment must not need the folder that it was read from."""
    (tmp_path / "mine.toml").write_text(
        'extend = "extra-tobs"\nname = "mine"\ntitle = "Mine."\n[un]\nhelicopters = false\n'
    )
    (tmp_path / "control.toml").write_text('extend = "baseline-2021"\nname = "control"\nworld.cercles = ["Koro"]\n')
    world = {"cercles": ["Koro"]}
    inline = {"extend": "mine.toml", "name": "inline", "title": "Inline.", "world": world}
    whole = {**Scenario.load("no-un").model_dump(mode="json", exclude_none=True), "world": world}
    factorial = {**FACTORIAL, "base": {"extend": "mine.toml", "name": "x", "world": world}}
    levers = {"control": "control.toml", "scenarios": [whole], "arms": [inline], "factorial": factorial}
    file = tmp_path / "experiment.toml"
    file.write_text("\ufeff" + tomli_w.dumps(values_of(levers=levers)), encoding="utf-8")
    found = load_experiment(file)
    assert [arm.un.helicopters for arm in found.arms] == [True, True, False, False, False]
    assert found.design.control.name == "control"
    stored = tomllib.loads(tomli_w.dumps(found.file.model_dump(mode="json", exclude_none=True)))
    for path in tmp_path.iterdir():
        path.unlink()
    again = experiment_from(stored, "stored")
    assert again.design == found.design
    assert again.fingerprint() == found.fingerprint()
    assert again.levels == found.levels


def test_every_shipped_experiment_reads_back_the_same(shipped: dict[str, Experiment]) -> None:
    for found in shipped.values():
        # As a store may write it: sorted, which must not change what is sampled.
        text = json.dumps(found.file.model_dump(mode="json"), sort_keys=True)
        again = experiment_from(json.loads(text), "stored")
        assert again.file == found.file
        assert again.design == found.design
        assert np.array_equal(again.inputs, found.inputs)
        assert np.array_equal(again.unit, found.unit)
        assert again.fingerprint() == found.fingerprint()


def test_the_fingerprint_is_of_what_is_run() -> None:
    plain = read().fingerprint()
    assert re.fullmatch(r"[0-9a-f]{64}", plain)
    same = [{"title": "Another"}, {"outcomes__main": ["abuses"]}, {"levers__control": "baseline-2021"}]
    assert {read(**change).fingerprint() for change in same} == {plain}
    other: list[dict[str, Any]] = [
        {"runs__seed": 1}, {"runs__seeds": 5}, {"uncertainties__draws": 4}, {"uncertainties__fixed": {"delta_un": 0.1}},
        {"outcomes__months": [6]}, {"outcomes__count_from": "start"}, {"outcomes__events": True},
        {"levers__scenarios": ["extra-tobs", "no-un"]}, {"levers__control": "no-un"},
        {"uncertainties": {"design": "lhs", "points": 3, "draws": 3, "parameters": {"delta_un": {}}}},
    ]  # fmt: skip
    prints = [read(**change).fingerprint() for change in other]
    assert len({plain, *prints}) == len(other) + 1


# -- errors -----------------------------------------------------------------------------------------------------------

TWO_LISTS = {"delta_un": {"values": [0.1, 0.2]}, "delta_army": {"values": [0.1]}}


def cube(**delta_un: Any) -> dict[str, Any]:
    """A Latin hypercube over one parameter."""
    return {"uncertainties": {"design": "lhs", "draws": 4, "points": 4, "parameters": {"delta_un": delta_un}}}


ONE_FACTOR = {"name": "one", "label": "one", "lever": "un.helicopters", "values": [True, False]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"extra": 1}, "my.toml: extra: unknown field"),
        ({"levers__control": 3}, "levers.control: expected the name, file or fields of a scenario"),
        ({"levers__scenarios": ["nope"]}, "levers.scenarios: unknown scenario 'nope'; expected one of accountability"),
        ({"levers__scenarios": ["nope.toml"]}, "levers.scenarios: nope.toml: cannot be read"),
        ({"levers__scenarios": []}, "levers: arms: at least one scenario is needed beside the control"),
        ({"levers__scenarios": ["no-un", "no-un"]}, "levers: arms: two arms are named 'no-un'"),
        ({"levers__scenarios": ["history-2020"]}, "levers: history-2020: start: 2020-01-01 differs"),
        ({"levers__arms": [{"extend": "no-un", "name": "a"}]}, "levers.arms: arm 1: title: expected one of its own"),
        ({"levers__arms": [{"extend": 3, "name": "a", "title": "b"}]}, "levers.arms.1: extend: expected the name or"),
        ({"levers__arms": [{"extend": "no-un", "name": "a", "title": "b", "self": 1}]}, "levers.arms.1: self: unknown"),
        (
            {"levers__arms": [{"extend": "no-un", "name": "a", "title": "b", "un": {"presnt": True}}]},
            "levers.arms.1: un.presnt: unknown field",
        ),
        (
            {"levers__arms": [{"extend": "no-un", "name": "a", "title": "b", "world": {"cercles": ["Koro"]}}]},
            "levers: a: world: differs from the control's",
        ),
        ({"levers__factorial": {"base": "no-un", "factors": []}}, "levers.factorial.factors: expected at least one"),
        ({"levers__factorial": {"base": "no", "factors": [ONE_FACTOR]}}, "levers.factorial.base: unknown scenario"),
        (
            {"levers__factorial": {"base": "no-un", "factors": [{**ONE_FACTOR, "values": [[1]]}]}},
            "factors.0.values: expected numbers, texts, dates, true or false",
        ),
        (
            {"levers__factorial": {"base": "no-un", "factors": [{**ONE_FACTOR, "values": [1, 1.0]}]}},
            "factors.0.values: expected each value once",
        ),
        (
            {"levers__factorial": {"base": "no-un", "factors": [ONE_FACTOR, {**ONE_FACTOR, "lever": "un.present"}]}},
            "levers.factorial.factors: expected each name once, and 'one' is there twice",
        ),
        (
            {"levers__factorial": {"base": "no-un", "factors": [{**ONE_FACTOR, "lever": "un.helicopter"}]}},
            r"levers.factorial: one: lever: un has no 'helicopter'; did you mean helicopters\?",
        ),
        ({"uncertainties__fixed": {"delta_u": 0.1}}, r"uncertainties.fixed: delta_u: no such.*did you mean delta_un\?"),
        ({"uncertainties__fixed": {"delta_un": 2}}, r"fixed: delta_un: expected 0 to 0.95 share \(found 2\)"),
        ({"uncertainties__fixed": {"most_deaths": 99.5}}, "most_deaths: expected a whole number"),
        ({"uncertainties__fixed": {"delta_un": True}}, "uncertainties.fixed.delta_un: .*valid number"),
        ({"uncertainties": {}}, "uncertainties: draws: missing; expected a number from 2 to 100"),
        ({"uncertainties__draws": 101}, r"uncertainties.draws: .*less than or equal to 100 \(found 101\)"),
        ({"uncertainties__points": 4}, "uncertainties: points: not used with the design 'draws'"),
        ({"uncertainties__base": "default"}, "uncertainties: base: expected 'draws' for the design 'draws'"),
        ({"uncertainties__groups": ["presense"]}, r"'presense': no such group; did you mean presence\?"),
        ({"uncertainties__groups": ["presence"]}, "design 'draws' samples no parameters by name"),
        ({"uncertainties__design": "sampled"}, "uncertainties.design: .*'sobol'"),
        (
            {"uncertainties": {"design": "sobol", "points": 48, "parameters": {"delta_un": {}}}},
            r"uncertainties: points: expected a power of two for the design 'sobol' \(found 48\)",
        ),
        (
            {"uncertainties": {"design": "morris", "points": 4, "base": "draws", "parameters": {"delta_un": {}}}},
            r"uncertainties: base: expected 'default' for the design 'morris' \(found 'draws'\)",
        ),
        (
            {"uncertainties": {"design": "morris", "points": 4, "draws": 4, "parameters": {"delta_un": {}}}},
            "uncertainties: draws: not used with base 'default'; leave it out",
        ),
        ({"uncertainties": {"design": "lhs", "draws": 4, "parameters": {"delta_un": {}}}}, "points: missing"),
        ({"uncertainties": {"design": "lhs", "draws": 4, "points": 4}}, "parameters: expected at least one"),
        (
            {"uncertainties": {"design": "lhs", "draws": 4, "points": 4, "parameters": {"reach_km": {}}}},
            "uncertainties: parameters.reach_km: has no prior to sample",
        ),
        (
            cube(low=0.1),
            "uncertainties.parameters.delta_un: expected both low and high, or neither",
        ),
        (
            cube(low=0.3, high=0.3),
            r"expected low below high \(found 0.3 and 0.3\)",
        ),
        (
            cube(low=0, high=1),
            r"uncertainties.parameters: delta_un: expected 0 to 0.95 share \(found 1\)",
        ),
        (
            cube(values=[0.1]),
            "parameters.delta_un: values are for the designs 'factorial' and 'list'",
        ),
        (
            {"uncertainties": {**cube()["uncertainties"], "fixed": {"delta_un": 0.1}}},
            "uncertainties: delta_un: both fixed and sampled",
        ),
        (
            {"uncertainties": {"design": "list", "draws": 4, "parameters": TWO_LISTS}},
            r"parameters: expected lists of equal length for the design 'list' \(found delta_un 2, delta_army 1\)",
        ),
        (
            {"uncertainties": {"design": "factorial", "draws": 4, "parameters": {"delta_un": {}}}},
            "uncertainties: parameters.delta_un: expected values for the design 'factorial'",
        ),
        (
            {"uncertainties": {"design": "list", "draws": 4, "parameters": {"delta_un": {"values": [0.1, 1.0]}}}},
            r"uncertainties.parameters: delta_un: expected 0 to 0.95 share \(found 1\)",
        ),
        (
            cube(values=[0.1], low=0, high=0.5),
            "parameters.delta_un: expected values, or low and high, not both",
        ),
        ({"outcomes__main": ["civilian_death"]}, r"outcomes.main: .*did you mean civilian_deaths\?"),
        ({"outcomes__main": []}, "outcomes.main: expected at least one"),
        ({"outcomes__months": [12, 6]}, "outcomes.months: expected different months, the shortest first"),
        ({"outcomes__months": [37]}, "outcomes.months.0: .*less than or equal to 36"),
        ({"outcomes__count_from": "now"}, "outcomes.count_from: .*'first-base', 'decision' or 'start'"),
        ({"outcomes__events": 1}, "outcomes.events: .*boolean"),
        ({"runs__seeds": 3}, r"runs: seeds: expected at least 4 for intervals, or intervals = false \(found 3\)"),
        ({"runs__seeds": 4.5}, "runs.seeds: .*integer"),
        ({"runs__seed": -1}, "runs.seed: .*greater than or equal to 0"),
    ],
)  # fmt: skip
def test_errors_name_file_field_and_what_was_expected(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ExperimentError, match=message) as caught:
        read(**changes)
    assert all(line.startswith("my.toml: ") for line in str(caught.value).splitlines())


def test_too_many_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RUNS", 23)
    with pytest.raises(
        ExperimentError, match=r"runs: expected at most 23 runs \(found 3 points × 4 seeds × 2 arms = 24\)"
    ):
        read()
    monkeypatch.setattr(module, "MOST_RUNS", 24)
    assert read().runs == 24


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("name = ")
    with pytest.raises(ExperimentError, match=r"bad.toml: not valid TOML"):
        load_experiment(bad)
    with pytest.raises(ExperimentError, match=r"none.toml: cannot be read"):
        load_experiment(tmp_path / "none.toml")
    with pytest.raises(ExperimentError, match=r"unknown experiment 'timings'; did you mean timing\?; expected one of"):
        load_experiment("timings")
    bad.write_text('name = "a"\n')
    with pytest.raises(InputError, match=r"bad.toml: title: Field required\n.*bad.toml: question: Field required"):
        load_experiment(bad)
