"""Parameters and levers from files and options: strict, and clear about what is wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from abm import Parameters
from abm.declarations import declarations
from runs.inputs import InputError, load_scenario, parameters_template, read_parameters, read_settings


@pytest.mark.parametrize(
    ("settings", "parameters", "levers"),
    [
        ([], {}, {}),
        (["delta_un=0.4"], {"delta_un": 0.4}, {}),
        ([" n_same = 0.2 ", "months=6"], {"n_same": 0.2}, {"months": 6}),
        (["package.permission=never"], {}, {"package": {"permission": "never"}}),
        (['un.allocation="random"', "un.present=false"], {}, {"un": {"allocation": "random", "present": False}}),
        (["world.cercles=['Koro']"], {}, {"world": {"cercles": ["Koro"]}}),
    ],
)
def test_settings(settings: list[str], parameters: dict[str, Any], levers: dict[str, Any]) -> None:
    assert read_settings(settings) == (parameters, levers)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("delta_un", "expected name=value"), ("=3", "expected name=value"), ("detla_un=0.4", "did you mean delta_un"),
        ("colour=red", "no such parameter"),
    ],
)  # fmt: skip
def test_bad_settings_are_refused(setting: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_settings([setting])


@pytest.mark.parametrize(
    "pair", [("n_same=1", "n_same=2"), ("un.present=true", "un.present=false"), ("un=1", "un.a=1")]
)
def test_a_name_given_twice_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(InputError, match="already given"):
        read_settings(list(pair))


def test_options_go_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("delta_un = 0.4\nn_same = 0.3\n")
    assert read_parameters(file, {"n_same": 0.1}) == {"delta_un": 0.4, "n_same": 0.1}
    assert read_parameters(None, {}) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("delta_un = ", "not valid TOML"),
        ("detla_un = 0.4", "detla_un: no such parameter; did you mean delta_un"),
        ("delta_un = 'high'", "delta_un: Input should be a valid number"),
        ("delta_un = 3.0", r"delta_un: .*less than or equal to 0.95 \(found 3.0\)"),
        ("[delta_un]\nx = 1", "delta_un"),
        ("n_same = 0.79\nn_cross = 0.4", "n_same \\+ n_cross must be below 1"),
        ("[rates]\nwrong = 1", "rates"),
    ],
)
def test_bad_files_name_file_and_field(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=rf"mine\.toml: .*{words}|mine\.toml: {words}"):
        read_parameters(file, {})


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml: cannot be read"):
        read_parameters(tmp_path / "none.toml", {})
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"bytes\.toml: cannot be read"):
        read_parameters(tmp_path / "bytes.toml", {})


def test_bad_options_are_named() -> None:
    with pytest.raises(InputError, match=r"--set: delta_un: .*found 7"):
        read_parameters(None, {"delta_un": 7})
    with pytest.raises(InputError, match=r"--set: un\.allocation"):
        load_scenario("baseline-2021", {"un": {"allocation": "best"}})
    with pytest.raises(InputError, match=r"--set: package\.colour"):
        load_scenario("baseline-2021", {"package": {"colour": "blue"}})


def test_the_template_changes_nothing_and_names_everything(tmp_path: Path) -> None:
    text = parameters_template()
    assert tomllib.loads(text) == {}
    lines = [line.removeprefix("# ") for line in text.splitlines() if " = " in line and line.startswith("# ")]
    known = declarations(Parameters)
    values = [line for line in lines if line.split(" = ")[0] in known]
    file = tmp_path / "all.toml"
    file.write_text("\n".join(values))
    changed = read_parameters(file, {})
    assert set(changed) == set(known)
    assert Parameters().changed(**changed) == Parameters()
    assert text.count("○ assumption:") == sum(d.status == "assumption" for d in known.values())
