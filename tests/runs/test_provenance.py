"""Provenance: hashes move with what they stand for and with nothing else."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import abm
from abm import Parameters, Scenario
from runs import provenance as module
from runs.provenance import (
    BIT_FIELDS,
    Provenance,
    canonical_json,
    gazetteer_hash,
    git_state,
    hash_of,
    hash_of_all,
    provenance,
)


@pytest.fixture
def about(small: Scenario) -> Provenance:
    return provenance(small, Parameters(), 7)


def test_everything_that_decides_a_result_is_named(about: Provenance) -> None:
    values = about.model_dump()
    assert values["seed"] == 7
    for name in (*BIT_FIELDS, "mesa", "scenario_hash", "parameter_hash", "created"):
        assert values[name], name
    assert Provenance.model_validate_json(about.model_dump_json()) == about


def test_hashes_move_with_a_last_digit(small: Scenario) -> None:
    usual = Parameters()
    assert hash_of(usual.changed(n_same=math.nextafter(usual.n_same, 1.0))) != hash_of(usual)
    assert hash_of(usual.changed(n_same=usual.n_same)) == hash_of(usual)
    assert hash_of(small.changed(un={"present": False})) != hash_of(small)
    assert hash_of_all([small, small]) != hash_of_all([small])


def test_canonical_json_knows_no_order() -> None:
    assert canonical_json({"b": 1, "a": "é"}) == canonical_json({"a": "é", "b": 1}) == '{"a":"é","b":1}'
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


def test_same_experiment_whenever_and_wherever(about: Provenance) -> None:
    later = about.model_copy(update={"created": about.created.replace(year=2050), "git_commit": "abc"})
    assert about.same_experiment(later)
    assert not about.same_experiment(about.model_copy(update={"seed": 8}))
    assert not about.same_experiment(about.model_copy(update={"source_fingerprint": "0" * 16}))


def test_what_decides_bits_is_compared(about: Provenance) -> None:
    assert about.differing_bits(about) == []
    other = about.model_copy(update={"numpy": "1.0", "math_fingerprint": "f" * 16, "mesa": "9"})
    assert [line.split(":")[0] for line in about.differing_bits(other)] == ["numpy", "math_fingerprint"]


def test_contents_of_a_gazetteer_count(small: Scenario, tmp_path: Path) -> None:
    assert gazetteer_hash([small]) is None
    file = tmp_path / "places.csv"
    file.write_text("name,latitude,longitude\nA,14.5,-4.1\n")
    named = small.changed(world={"gazetteer": str(file)})
    before = gazetteer_hash([named])
    file.write_text("name,latitude,longitude\nB,14.5,-4.1\n")
    assert before != gazetteer_hash([named]) is not None
    file.unlink()
    with pytest.raises(OSError, match=r"places\.csv"):
        gazetteer_hash([named])


def test_outside_a_checkout_there_is_no_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "abm", type(abm)("abm"))
    monkeypatch.setattr(module.abm, "__file__", str(tmp_path / "site-packages" / "abm" / "__init__.py"), raising=False)
    assert git_state.__wrapped__() == (None, None)


def test_without_git_there_is_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    commit, dirty = git_state.__wrapped__()
    assert (commit, dirty) == (None, None)


def test_metadata_are_texts(about: Provenance) -> None:
    metadata = about.as_metadata()
    assert metadata["sector_centre.seed"] == "7"
    assert json.dumps(metadata)
