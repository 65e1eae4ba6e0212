"""Arms of experiments in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from made_experiments import Experiment

from runs.batch.factors import Factor
from runs.design import load_design
from runs.studies.labels import label, level_label, value_label
from runs.studies.numbers import in_cell


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("companies", (0, 1, 3), ["0 companies", "1 company", "3 companies"]),
        ("extra-tobs", (1, 2), ["1 extra TOB", "2 extra TOBs"]),
        ("cooperation", (0.0, 0.25, 1.0), ["cooperation 0", "cooperation 0.25", "cooperation 1"]),
        ("share_of_troops", (0.5, 1), ["share of troops 0.5", "share of troops 1"]),
        ("helicopters", (True, False), ["helicopters yes", "helicopters no"]),
        ("hospital", ("never", date(2021, 9, 1)), ["hospital never", "hospital 1 September 2021"]),
        ("allocation", ("hotspot", "warning_led"), ["allocation hotspot", "allocation warning led"]),
    ],
)
def test_levels_in_words(name: str, values: tuple[Any, ...], words: list[str]) -> None:
    factor = Factor(name, "what it is", "package.x", values)
    assert [level_label(factor, value) for value in values] == words


def test_arms_of_a_factorial_are_known_by_their_levels_and_the_others_by_their_names() -> None:
    factors = (
        Factor("companies", "companies", "package.units", (1, 3)), Factor("cooperation", "c", "a.c", (0.5, 1.0)),
    )  # fmt: skip
    experiment = Experiment(
        load_design(["extra-tobs"], draws=2), factors, {"extra-tobs": {"companies": 3, "cooperation": 0.5}}
    )
    assert label(experiment, "extra-tobs") == "3 companies, cooperation 0.5"
    assert label(experiment, "baseline-2021") == "baseline 2021"


def test_numbers_are_written_short() -> None:
    assert value_label(0.30000000000000004) == "0.3"


@pytest.mark.parametrize(
    ("estimate", "ends", "words"),
    [
        (-12.0, (-20.0, -3.0), "−12.0 (−20.0 to −3.0)"),
        (1.0, (-3.0, 5.0), "+1.0 (−3.0 to +5.0), not resolved"),
        (0.0, (0.0, 0.0), "no difference"),
        (0.0002, (0.0001, 0.0004), "less than 0.0005 either way"),
    ],
)
def test_a_difference_in_a_cell(estimate: float, ends: tuple[float, float], words: str) -> None:
    assert in_cell(estimate, ends) == words
