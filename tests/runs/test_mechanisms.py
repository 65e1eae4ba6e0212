"""The page of mechanisms: everything it names exists, and what it measures is what the runs say."""

from __future__ import annotations

import re

import numpy as np
import pytest
from house import ROOT

from abm.declarations import declarations
from abm.parameters import Parameters
from abm.scenario import Scenario
from runs.mechanism_list import FEWER, MECHANISMS, MORE, Arm, Contrast, Mechanism
from runs.mechanisms import (
    DRAWS,
    SEEDS,
    SPECIAL,
    WINDOWS,
    Measured,
    key_of,
    label_of,
    measure_all,
    outcome_of,
    page,
    run_arm,
)
from runs.outcomes import MEASURES
from runs.statistics import summarise

CONTRASTS = [(m, c) for m in MECHANISMS for c in m.contrasts]


def test_all_fifteen_are_there() -> None:
    assert len(MECHANISMS) == 15
    assert len({m.title for m in MECHANISMS}) == 15


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda m: m.title)
def test_what_a_row_names_exists(mechanism: Mechanism) -> None:
    for path in (*mechanism.code, *mechanism.tests):
        assert (ROOT / path).is_file(), path
    for name in mechanism.parameters:
        assert name in declarations(Parameters)
    for lever in mechanism.levers:
        part, _, name = lever.split(" ")[0].partition(".")
        assert name in type(getattr(Scenario.load("baseline-2021"), part)).model_fields, lever


@pytest.mark.parametrize(("mechanism", "contrast"), CONTRASTS, ids=lambda x: getattr(x, "what", ""))
def test_a_contrast_can_be_run_and_differs_in_something(mechanism: Mechanism, contrast: Contrast) -> None:
    assert key_of(contrast.without) != key_of(contrast.with_it)
    assert contrast.outcome in MEASURES or contrast.outcome in SPECIAL
    assert contrast.window in WINDOWS
    assert contrast.expected in (FEWER, MORE)
    assert label_of(contrast.outcome)
    for arm in (contrast.without, contrast.with_it):
        Scenario.load(arm.scenario).changed(**arm.levers)
        Parameters().changed(**arm.held)


def _measured(expected: int, difference: float, noise: float) -> Measured:
    rng = np.random.default_rng(1)
    control = rng.normal(100.0, 5.0, (20, 3))
    treated = control + difference + noise * rng.normal(size=(20, 3))
    contrast = Contrast("x", Arm("baseline-2021"), Arm("extra-tobs"), "abuses", expected)
    return Measured(contrast, 100.0, 100.0 + difference, summarise(treated, control))


@pytest.mark.parametrize(
    ("expected", "difference", "noise", "verdict"),
    [
        (FEWER, -10.0, 1.0, "as claimed"),
        (MORE, -10.0, 1.0, "the other way"),
        (MORE, 10.0, 1.0, "as claimed"),
        (FEWER, 0.1, 10.0, "not resolved"),
        (FEWER, 0.0, 0.0, "does nothing"),
    ],
)
def test_verdicts(expected: int, difference: float, noise: float, verdict: str) -> None:
    assert _measured(expected, difference, noise).verdict == verdict


def test_an_outcome_is_that_of_the_run() -> None:
    records = run_arm(Arm("extra-tobs", {"package": {"permission": "2021-08-01"}}), 0, 0)
    assert outcome_of(records, "tobs_elsewhere", "all") == pytest.approx(outcome_of(records, "tobs", "all") - 1.0)
    assert 25.0 <= outcome_of(records, "tob_distance", "all") <= 250.0  # no nearer than bases may lie to one another
    assert 0.0 < outcome_of(records, "response_hours", "2022") < 240.0
    yearly = [outcome_of(records, "civilian_attacks", year) for year in ("2022", "2024")]
    assert 0.0 < sum(yearly) < outcome_of(records, "civilian_attacks", "all")


@pytest.mark.nightly
def test_the_page_has_a_row_for_every_contrast() -> None:
    """All contrasts at the smallest size; what they show is not judged here."""
    measured = measure_all(2, 2)
    text = page(measured, 2, 2)
    assert len(re.findall(r"^\|.*\| (?:as claimed|the other way|not resolved|does nothing) \|$", text, re.M)) == len(
        CONTRASTS
    )
    for position in range(1, 16):
        assert f"## {position} " in text


def test_the_page_that_is_kept_names_every_mechanism() -> None:
    text = (ROOT / "docs" / "mechanisms.md").read_text(encoding="utf-8")
    assert f"{DRAWS} sets of parameters × {SEEDS} seeds" in text
    for mechanism in MECHANISMS:
        assert mechanism.title in text
        for name in mechanism.parameters:
            assert f"`{name}`" in text
    for _, contrast in CONTRASTS:
        assert f"| {contrast.what} | {label_of(contrast.outcome)} |" in text
