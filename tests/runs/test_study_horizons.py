"""Effects that fade, grow or turn between the short run and the long, and arms that change places."""

from __future__ import annotations

import pytest
from made_experiments import Experiment, design_of, made
from pictures import texts

from abm.views.figures import render
from abm.views.horizons import Windows, draw_horizons
from runs.design import is_year
from runs.phrases import NO_DIFFERENCE, NOT_RESOLVED
from runs.studies.horizons import FADES, GROWS, TURNS, adds_up, course_of, horizons_study, months_of

KEY = "expected_civilian_deaths"
# Deaths a month by the length of the window.
RATES = {
    "steady": {6: -1.0, 12: -1.0, 36: -1.0},
    "fading": {6: -3.0, 12: -2.0, 36: -0.5},
    "late": {6: -0.5, 12: -1.0, 36: -2.0},
    "turning": {6: -1.5, 12: 0.0, 36: 1.5},
}


def effect(arm: str, window: str, key: str) -> float:
    months = months_of(window)
    return RATES[arm].get(months, 0.0) * months


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return Experiment(design_of(list(RATES)))


def test_rates_of_windows_and_what_becomes_of_them(experiment: Experiment) -> None:
    comparison = made(experiment.design, effect, of_seeds=0.5)
    found = {arm: course_of(comparison, arm, KEY) for arm in RATES}
    for arm, rates in RATES.items():
        for months, value in rates.items():
            assert found[arm].by_window[f"months-{months}"].estimate == pytest.approx(value, abs=0.1)
    assert [found[arm].verdict for arm in ("fading", "late", "turning")] == [FADES, GROWS, TURNS]
    assert found["steady"].change is not None
    assert found["steady"].change.estimate == pytest.approx(0.0, abs=0.05)


def test_the_study_says_who_turns_and_who_changes_places(experiment: Experiment) -> None:
    study = horizons_study(experiment, made(experiment.design, effect, of_seeds=0.5))
    assert study is not None
    said = " ".join(study.section.paragraphs)
    assert "turns round, resolved on both sides of zero, in 1 (turning)" in said
    assert "is weaker in the long run in 1 (fading)" in said
    # fading and turning begin with less than late and steady, and end with more; late and turning lie apart.
    swapped = {(r["less_in_short"], r["less_in_long"]) for r in study.rows["horizons-swaps"]}
    assert swapped == {
        ("fading", "late"), ("fading", "steady"), ("turning", "late"), ("turning", "steady"), ("steady", "late"),
    }  # fmt: skip
    assert "Of 6 pairs of arms 5 change places by their means; in 5 both orders are resolved." in said
    assert "fading has the least in the short run and late in the long run" in said
    windows = {row["window"] for row in study.rows["horizons"]}
    assert {"months-6", "months-36"} < windows
    assert any(is_year(window) for window in windows)
    assert len(study.rows["horizons"]) == 4 * 2 * len(windows)
    assert {row["unit"] for row in study.rows["horizons"]} == {"deaths a month", "attacks a month"}


def test_what_is_lost_in_noise_is_not_resolved(experiment: Experiment) -> None:
    noisy = made(experiment.design, lambda *_: 0.0, of_parameters=5.0, of_seeds=20.0, random=2)
    study = horizons_study(experiment, noisy)
    assert study is not None
    table = study.section.tables[0]
    assert [row[-1] for row in table.rows] == [NOT_RESOLVED] * 4
    assert "in 0 both orders are resolved" in " ".join(study.section.paragraphs)


def test_identical_arms_stay_the_same(experiment: Experiment) -> None:
    study = horizons_study(experiment, made(experiment.design, lambda *_: 0.0, of_seeds=0.0))
    assert study is not None
    assert {row[-1] for row in study.section.tables[0].rows} == {NO_DIFFERENCE}
    assert study.rows["horizons-swaps"] == []


def test_one_window_without_years_is_no_study_and_with_years_it_has_no_long_run() -> None:
    short = Experiment(design_of(["steady"], draws=4, months=(6,)))
    comparison = made(short.design, effect)
    study = horizons_study(short, comparison)
    assert study is not None
    assert study.rows["horizons-change"] == []
    assert study.section.tables[0].rows[0][-1] == "–"
    bare = comparison.__class__(**{**vars(comparison), "windows": ("months-6", "start-to-month-6")})
    assert horizons_study(short, bare) is None


def test_outcomes_that_are_no_sums_are_not_divided_by_months() -> None:
    assert adds_up("civilian_deaths")
    assert not adds_up("tobs")
    assert not adds_up("displaced_people")
    experiment = Experiment(design_of(["x"], draws=6), main=("tobs",))
    study = horizons_study(experiment, made(experiment.design, lambda *_: 6.0, of_seeds=0.1))
    assert study is not None
    row = next(r for r in study.rows["horizons"] if r["window"] == "months-36")
    assert row["difference"] == pytest.approx(6.0, abs=0.2)
    assert row["unit"] == "TOBs"
    assert "has the least" not in " ".join(study.section.paragraphs)


def test_every_arm_has_a_panel_and_every_window_a_dot(experiment: Experiment) -> None:
    study = horizons_study(experiment, made(experiment.design, effect), run_hash="abcdef0123456789")
    assert study is not None
    assert study.figure is not None
    assert len(study.figure.axes) == 4
    windows = {row["window"] for row in study.rows["horizons"]}
    for ax in study.figure.axes:
        assert len([line for line in ax.lines if line.get_marker() == "o"]) == len(windows)
    assert len({ax.get_ylim() for ax in study.figure.axes}) == 1
    assert any("deaths a month" in text for text in texts(study.figure))
    assert any("abcdef012345" in text for text in texts(study.figure))
    assert render(study.figure, "svg")


def test_of_many_arms_those_with_the_largest_effects_are_drawn() -> None:
    experiment = Experiment(design_of([f"arm {n}" for n in range(20)], draws=6))
    comparison = made(experiment.design, lambda arm, window, key: -float(arm[4:]))
    study = horizons_study(experiment, comparison)
    assert study is not None
    assert study.figure is not None
    assert len(study.figure.axes) == 12
    assert "arm 19" in texts(study.figure)
    assert "arm 0" not in texts(study.figure)
    assert len(study.section.tables[0].rows) == 20
    assert "The figure shows the 12 arms with the largest effects" in " ".join(study.section.paragraphs)


def test_pictures_of_other_shapes_are_refused() -> None:
    one = Windows("a", ("6", "12"), 2, (0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (True, True))
    other = Windows("b", ("6",), 1, (0.0,), (0.0,), (0.0,), (True,))
    with pytest.raises(ValueError, match="different windows"):
        draw_horizons([one, other], "Deaths", "deaths a month")
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_horizons([], "Deaths", "deaths a month")
    with pytest.raises(ValueError, match="not one of each"):
        Windows("a", ("6", "12"), 2, (0.0,), (0.0,), (0.0,), (True,))
