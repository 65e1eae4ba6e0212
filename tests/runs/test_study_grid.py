"""Responses to levels, steps, and interactions, in factorials whose truth is known."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from made_experiments import LEVEL, Effect, Experiment, design_of, factorial, made
from matplotlib.patches import Rectangle
from pictures import texts

from abm.views.figures import render
from abm.views.grid import HeatMap, Response, draw_grid, spread_out
from runs.batch.factors import Factor
from runs.phrases import NO_DIFFERENCE, NOT_RESOLVED
from runs.studies.grid import grid_study
from runs.studies.levels import levels_of
from runs.studies.responses import DOES_LESS, DOES_MORE, crossings_of, marginals_of, steps_of
from runs.studies.study import Study

WINDOW, KEY = "months-36", "expected_civilian_deaths"
COMPANIES = Factor("companies", "mobile companies", "package.units.quick_reaction.units", (0, 1, 2, 4))
COOPERATION = Factor("cooperation", "chance of a sanction", "accountability.cooperation", (0.0, 0.5, 1.0))
ALLOCATION = Factor("allocation", "how sites are chosen", "un.allocation", ("hotspot", "random"))


def effects(experiment: Experiment, of: Any) -> Effect:
    """An effect by the levels of an arm: the same in every window and on every outcome."""
    return lambda arm, window, key: of(**experiment.levels[arm])


def study_of(experiment: Experiment, of: Any, **noise: float) -> Study:
    found = grid_study(experiment, made(experiment.design, effects(experiment, of), **noise))
    assert found is not None
    return found


def test_without_factors_there_is_no_grid() -> None:
    experiment = Experiment(design_of(["x"], draws=4))
    assert grid_study(experiment, made(experiment.design, lambda *_: 0.0)) is None


@pytest.fixture(scope="module")
def two() -> Experiment:
    return factorial(COMPANIES, COOPERATION)


def test_marginal_means_average_over_the_other_factor(two: Experiment) -> None:
    comparison = made(two.design, effects(two, lambda companies, cooperation: -3.0 * companies - 8.0 * cooperation))
    found = {(m.factor, m.value): m.found for m in marginals_of(two, comparison, WINDOW, KEY)}
    assert len(found) == 7
    for companies in COMPANIES.values:
        one = found["companies", companies]
        assert one.estimate == pytest.approx(-3.0 * companies - 4.0, abs=0.5)
        assert one.interval[0] < one.estimate < one.interval[1]
        assert one.resolved
        assert one.monte_carlo_se < 0.2
    assert found["cooperation", 1.0].estimate == pytest.approx(-8.0 - 3.0 * 7 / 4, abs=0.5)


def test_steps_that_add_less_and_less_are_said_to(two: Experiment) -> None:
    """1 company averts 10, 2 avert 15, 4 avert 17: 10, 5 and 1 for each one more."""
    averted = {0: 0.0, 1: 10.0, 2: 15.0, 4: 17.0}
    comparison = made(two.design, effects(two, lambda companies, cooperation: -averted[companies]))
    found = [s for s in steps_of(two, comparison, WINDOW, KEY) if s.factor == "companies"]
    assert [(s.before, s.after) for s in found] == [(0, 1), (1, 2), (2, 4)]
    assert [s.found.estimate for s in found] == pytest.approx([-10.0, -5.0, -2.0], abs=0.5)
    assert [s.each.estimate for s in found if s.each] == pytest.approx([-10.0, -5.0, -1.0], abs=0.5)
    assert [s.returns for s in found] == ["–", DOES_LESS, DOES_LESS]
    study = grid_study(two, comparison)
    assert study is not None
    said = " ".join(study.section.paragraphs)
    assert "Returns diminish: each adds, beside the step before, less from 1 to 2, less from 2 to 4." in said
    assert "Companies, deaths for each company more" in said
    assert f"Whether returns diminish from one step to the next is {NOT_RESOLVED}" in said  # of cooperation
    assert found[-1].since_first is not None
    assert found[-1].since_first.estimate == pytest.approx(9.0, abs=0.5)
    assert found[-1].since_first.resolved


def test_steps_that_add_more_and_more_are_no_diminishing_returns(two: Experiment) -> None:
    comparison = made(two.design, effects(two, lambda companies, cooperation: -float(companies) * companies))
    found = [s.returns for s in steps_of(two, comparison, WINDOW, KEY) if s.factor == "companies"]
    assert found == ["–", DOES_MORE, DOES_MORE]
    study = grid_study(two, comparison)
    assert study is not None
    assert "Returns change: each adds, beside the step before, more from 1 to 2" in " ".join(study.section.paragraphs)


def test_steps_lost_in_noise_are_not_resolved(two: Experiment) -> None:
    study = study_of(two, lambda companies, cooperation: -0.1 * companies, of_parameters=20.0, of_seeds=20.0)
    steps = next(table for table in study.section.tables if "step" in table.caption)
    assert {row[6] for row in steps.rows} == {NOT_RESOLVED}
    assert {row[8] for row in steps.rows} <= {"–", NOT_RESOLVED}


def test_common_draws_make_steps_surer_than_levels() -> None:
    """What all arms share of the parameters' doubt is no doubt about what one more company adds."""
    experiment = factorial(Factor("companies", "companies", "x", (1, 2)))
    comparison = made(experiment.design, effects(experiment, lambda companies: -5.0 * companies))
    shift = 20.0 * (1.0 + (comparison.clock * 0.0).T + range(20)).T
    for arm in experiment.levels:
        comparison.values[arm, WINDOW, KEY][:] += shift
    (step,) = steps_of(experiment, comparison, WINDOW, KEY)
    level = next(marginals_of(experiment, comparison, WINDOW, KEY))
    assert step.found.interval[1] - step.found.interval[0] < 2.0
    assert level.found.interval[1] - level.found.interval[0] > 200.0


def test_interaction_that_was_put_in_is_found(two: Experiment) -> None:
    comparison = made(two.design, effects(two, lambda companies, cooperation: -2.5 * companies * cooperation))
    (found,) = crossings_of(two, comparison, WINDOW, KEY)
    assert found.factors == ("companies", "cooperation")
    assert found.found.estimate == pytest.approx(-2.5 * 4 * 1, abs=0.7)
    assert found.found.resolved
    assert found.ratio.ratio == pytest.approx((LEVEL - 10) / LEVEL, abs=0.005)


def test_effects_that_add_up_do_not_interact(two: Experiment) -> None:
    sums = effects(two, lambda companies, cooperation: -2.0 * companies - 8.0 * cooperation)
    (found,) = crossings_of(two, made(two.design, sums, of_seeds=0.0), WINDOW, KEY)
    assert found.found.nothing
    (noisy,) = crossings_of(two, made(two.design, sums, of_seeds=2.0, random=4), WINDOW, KEY)
    assert not noisy.found.resolved


def test_one_factor_has_no_map_and_no_interaction() -> None:
    experiment = factorial(COMPANIES, draws=6)
    study = study_of(experiment, lambda companies: -5.0 * companies)
    assert study.rows["grid-interactions"] == []
    assert study.figure is not None
    assert len(study.figure.axes) == len(experiment.main)
    assert study.figure.findobj(Rectangle, include_self=False)
    assert not [patch for ax in study.figure.axes for patch in ax.patches]
    assert {row["arm"] for row in study.rows["grid-cells"]} == set(experiment.levels)


def test_identical_arms_differ_in_nothing() -> None:
    experiment = factorial(Factor("companies", "companies", "x", (0, 1, 2)), COOPERATION, draws=6)
    study = study_of(experiment, lambda companies, cooperation: 0.0, of_seeds=0.0)
    assert {row[5] for row in study.section.tables[0].rows} == {NO_DIFFERENCE}
    assert "in every run what the sum of the two alone gives" in " ".join(study.section.paragraphs)


def test_three_factors_of_numbers_and_categories() -> None:
    experiment = factorial(COMPANIES, COOPERATION, ALLOCATION, draws=6, months=(6, 36))

    def truth(companies: int, cooperation: float, allocation: str) -> float:
        return -3.0 * companies - 8.0 * cooperation + (6.0 if allocation == "random" else 0.0)

    study = study_of(experiment, truth)
    levels = {(r["factor"], r["level"]) for r in study.rows["grid-levels"]}
    assert len(levels) == 4 + 3 + 2
    assert len(study.rows["grid-levels"]) == len(levels) * 2 * len(experiment.main)
    of_category = [r for r in study.rows["grid-steps"] if r["factor"] == "allocation"]
    assert {(r["before"], r["after"], r["returns"]) for r in of_category} == {("hotspot", "random", "–")}
    assert all(r["difference"] == pytest.approx(6.0, abs=1.0) and r["per_unit_difference"] is None for r in of_category)
    assert {(r["first"], r["second"]) for r in study.rows["grid-interactions"]} == {("companies", "cooperation")}
    assert study.figure is not None
    responses = [ax for ax in study.figure.axes if ax.lines]
    maps = [ax for ax in study.figure.axes if ax.patches]
    assert (len(responses), len(maps)) == (3 * len(experiment.main), 3)
    dots = [line for line in responses[0].lines if line.get_marker() == "o"]
    assert len(dots) == len(COMPANIES.values)
    assert {len(ax.texts) for ax in maps} >= {4 * 3 + 2}  # a number in every cell, and two captions
    assert "3 companies" not in texts(study.figure)
    cells = [table for table in study.section.tables if table.caption.startswith("Every combination")]
    assert all(table.folded and len(table.rows) == 24 for table in cells)
    assert cells[0].rows[0][0] == "0 companies, cooperation 0, allocation hotspot"
    assert render(study.figure, "svg")


def test_dates_are_steps_in_months() -> None:
    opening = Factor("permission", "day of the permission", "package.permission", (date(2022, 7, 1), date(2021, 7, 1)))
    levels = levels_of(opening)
    assert levels.values == (date(2021, 7, 1), date(2022, 7, 1))
    assert levels.positions is not None
    assert levels.positions == pytest.approx((0.0, 12.0), abs=0.02)
    assert levels.unit == "month"
    written = levels_of(Factor("permission", "day", "x", ("2022-07-01", "2021-07-01")))
    assert written.positions == levels.positions
    experiment = factorial(opening, draws=6)
    study = study_of(experiment, lambda permission: -12.0 if permission.year == 2021 else 0.0)
    (step,) = [r for r in study.rows["grid-steps"] if (r["window"], r["outcome"]) == (WINDOW, KEY)]
    assert step["per_unit_difference"] == pytest.approx(1.0, abs=0.1)
    assert "deaths for each month more" in " ".join(study.section.paragraphs)


def test_a_factor_with_one_level_says_nothing() -> None:
    experiment = factorial(Factor("companies", "companies", "x", (2,)), COOPERATION, draws=6)
    study = study_of(experiment, lambda companies, cooperation: -8.0 * cooperation)
    assert "Companies has one level: nothing can be said about it." in study.section.paragraphs
    assert study.rows["grid-interactions"] == []


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_cells_that_are_not_resolved_are_hatched() -> None:
    response = Response("h", "f", "deaths", ("a", "b"), None, (1.0, 2.0), (0.0, 1.0), (2.0, 3.0), (False, True))
    one = HeatMap("h", "deaths", "x", "y", ("a", "b"), ("c",), ((-1.0, 2.0),), ((True, False),))
    (panel, grid) = draw_grid([response], [one]).axes
    assert len(grid.patches) == 3
    assert [patch.get_hatch() for patch in grid.patches] == [None, None, "///"]
    faces = [line.get_markerfacecolor() for line in panel.lines if line.get_marker() == "o"]
    assert faces[0] == "#FFFFFF" != faces[1]


def test_levels_are_drawn_to_scale_unless_they_would_touch() -> None:
    assert spread_out((0.0, 1.0, 4.0), 3) == pytest.approx((0.06, 0.28, 0.94))
    assert spread_out((0.0, 1.0, 100.0), 3) == pytest.approx((1 / 6, 0.5, 5 / 6))
    assert spread_out(None, 1) == (0.5,)


def test_pictures_of_nothing_or_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_grid([])
    with pytest.raises(ValueError, match="not one of each"):
        Response("h", "f", "deaths", ("a", "b"), None, (1.0,), (0.0,), (2.0,), (True,))
    with pytest.raises(ValueError, match="expected 1 rows of 2 cells"):
        HeatMap("h", "deaths", "x", "y", ("a", "b"), ("c",), ((1.0,),), ((True,),))
