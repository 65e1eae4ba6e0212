"""Where differences cross zero, and how sure that is: against crossings that were put in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray

from abm.views.break_even import Curve, Swing, draw_break_even
from runs.batch.experiment import Experiment, experiment_from
from runs.compare import Comparison
from runs.report import svg_of
from runs.studies.break_even import (
    break_even_of_each,
    break_even_study,
    can_break_even,
    in_words,
    resampling_of,
    swing_rows,
)
from runs.studies.crossings import (
    CROSSES,
    LINE,
    MONOTONE,
    SAME_SIDE,
    UNRESOLVED,
    Resampling,
    break_even,
    crossing_of,
    where_zero_is_held,
)

Floats = NDArray[np.float64]
CELLS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
HEADLINE = "expected_civilian_deaths"


def levels(rng: np.random.Generator, slope: float, draws: int = 25) -> tuple[Floats, Floats, Resampling]:
    """Five values, each with all draws: the difference is slope × (x - .4), a deviate of the draw, and noise."""
    x, clusters = np.tile(CELLS, draws), np.repeat(np.arange(draws), CELLS.size)
    draw = np.repeat(rng.normal(0.0, 3.0, draws), CELLS.size)
    y = (slope * (x - 0.4) + draw)[:, None] + rng.normal(0.0, 3.0, (x.size, 4))
    return x, y, Resampling(clusters, False, draws)


def sampled(rng: np.random.Generator, slope: float, draws: int = 25) -> tuple[Floats, Floats, Resampling]:
    """Ten points of a sample from each draw, otherwise the same."""
    x, clusters = rng.random(10 * draws), np.repeat(np.arange(draws), 10)
    draw = np.repeat(rng.normal(0.0, 3.0, draws), 10)
    y = (slope * (x - 0.4) + draw)[:, None] + rng.normal(0.0, 3.0, (x.size, 4))
    return x, y, Resampling(clusters, False, draws)


def one_stream(rng: np.random.Generator, slope: float) -> tuple[Floats, Floats, Resampling]:
    """Five values from one set of defaults: all that varies are the seeds, which all values share."""
    y = (slope * (CELLS - 0.4))[:, None] + rng.normal(0.0, 3.0, (5, 8)) + rng.normal(0.0, 3.0, 8)
    return CELLS, y, Resampling(np.zeros(5, dtype=np.int64), True, 8)


MADE = (levels, sampled, one_stream)
Make = Callable[[np.random.Generator, float], tuple[Floats, Floats, Resampling]]


# --- crossings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "fit"), [(levels, MONOTONE), (sampled, LINE)])
def test_a_crossing_that_was_put_in_is_found(make: Make, fit: str) -> None:
    found = break_even(*make(np.random.default_rng(1), 40.0), 1)
    assert (found.verdict, found.fit, found.rising, found.bends) == (CROSSES, fit, True, False)
    assert found.at == pytest.approx(0.4, abs=0.06)
    assert found.interval[0] < found.at < found.interval[1]
    assert found.interval[1] - found.interval[0] < 0.2
    low, high = found.tenths
    assert found.swing == pytest.approx(40.0 * (high - low), rel=0.15)


def test_without_noise_a_line_crosses_exactly_where_it_does() -> None:
    x = np.linspace(2.0, 6.0, 30)
    found = break_even(x, np.tile((10.0 - 4.0 * x)[:, None], (1, 3)), Resampling(np.arange(30), False, 30), 1)
    assert found.at == pytest.approx(2.5)
    assert found.interval == pytest.approx((2.5, 2.5), abs=0.1) or math.isnan(found.interval[0])
    assert not found.rising


def test_one_side_of_zero_is_no_crossing() -> None:
    x, y, resampling = levels(np.random.default_rng(2), 10.0)
    found = break_even(x, y - 30.0, resampling, 2)
    assert found.verdict == SAME_SIDE
    assert math.isnan(found.at)
    assert all(math.isnan(end) for end in found.interval)


@pytest.mark.parametrize("make", MADE)
def test_a_flat_noisy_curve_resolves_no_crossing(make: Make) -> None:
    found = break_even(*make(np.random.default_rng(3), 0.0), 3)
    assert found.verdict == UNRESOLVED
    assert found.swing_interval[0] < 0.0 < found.swing_interval[1]


def test_the_same_seed_gives_the_same_answer() -> None:
    first, again, other = (break_even(*levels(np.random.default_rng(4), 20.0), seed) for seed in (4, 4, 5))
    assert first.interval == again.interval
    assert (first.low == again.low).all()
    assert (first.low != other.low).any()
    assert first.at == other.at


@pytest.mark.statistical
@pytest.mark.parametrize("make", MADE)
def test_intervals_hold_the_crossing_as_often_as_they_say(make: Make) -> None:
    found = [break_even(*make(np.random.default_rng(seed), 20.0), seed) for seed in range(100)]
    # Fewer than 75 of 100 is a false alarm once in 200 000 times at the 90 % meant, once in a thousand at 87 %.
    assert sum(one.interval[0] <= 0.4 <= one.interval[1] for one in found) >= 75
    assert sum(one.verdict == CROSSES for one in found) >= 50


@pytest.mark.statistical
@pytest.mark.parametrize("make", MADE)
def test_noise_seldom_looks_like_a_crossing(make: Make) -> None:
    found = [break_even(*make(np.random.default_rng(seed), 0.0), seed) for seed in range(100)]
    # Both ends must be beyond noise, on opposite sides: at most one in twenty. More than 15 of 100 are then a false
    # alarm once in ten thousand times.
    assert sum(one.verdict == CROSSES for one in found) <= 15


def test_a_curve_that_bends_is_said_not_to_fit() -> None:
    rng = np.random.default_rng(6)
    x = rng.random(200)
    y = (80.0 * (x - 0.5) ** 2 - 4.0 + x)[:, None] + rng.normal(0.0, 1.0, (200, 4))
    assert break_even(x, y, Resampling(np.arange(200), False, 200), 6).bends
    cells, clusters = np.tile(CELLS, 30), np.repeat(np.arange(30), 5)
    hill = np.tile([0.0, 9.0, -9.0, 0.0, 5.0], 30)[:, None] + rng.normal(0.0, 1.0, (150, 4))
    assert break_even(cells, hill, Resampling(clusters, False, 30), 6).bends


def test_other_inputs_narrow_a_line() -> None:
    rng = np.random.default_rng(7)
    inputs = rng.random((200, 3))
    y = (10.0 * (inputs[:, 0] - 0.5) + 40.0 * (inputs[:, 1] - inputs[:, 1].mean()))[:, None] + rng.normal(
        0.0, 1.0, (200, 4)
    )
    resampling = Resampling(np.arange(200), False, 200)
    alone, beside = (break_even(inputs[:, 0], y, resampling, 7, others) for others in (None, inputs[:, 1:]))
    widths = [np.diff(one.swing_interval)[0] for one in (alone, beside)]
    assert widths[1] < widths[0] / 4.0
    assert beside.at == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("curve", "at"),
    [
        ([-1.0, 1.0, 3.0], 0.5),
        ([3.0, 1.0, -1.0], 1.5),
        ([-1.0, 0.0, 1.0], 1.0),
        ([-2.0, 0.0, 0.0], 1.5),
        ([0.0, 0.0, 0.0], math.nan),
        ([1.0, 1.0, 2.0], math.nan),
    ],
)
def test_crossings_by_hand(curve: list[float], at: float) -> None:
    assert crossing_of(np.arange(3.0), np.array(curve)) == pytest.approx(at, nan_ok=True)


def test_places_where_a_band_holds_zero_by_hand() -> None:
    grid = np.arange(3.0)
    middle = np.array([-2.0, 0.0, 2.0])
    assert where_zero_is_held(grid, middle - 1.0, middle + 1.0) == pytest.approx((0.5, 1.5), abs=0.02)
    assert where_zero_is_held(grid, middle - 3.0, middle + 1.0) == (pytest.approx(0.5, abs=0.02), math.inf)
    assert where_zero_is_held(grid, middle - 3.0, middle + 3.0) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.ones(4), np.zeros((4, 2)), "two different values"),
        (np.arange(3.0), np.zeros((4, 2)), "expected x"),
        (np.arange(4.0), np.full((4, 2), np.nan), "finite"),
    ],
)
def test_what_cannot_be_fitted_is_refused(x: Floats, y: Floats, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        break_even(x, y, Resampling(np.arange(len(x)), False, len(x)), 0)


# --- the study --------------------------------------------------------------------------------------------------------


def experiment_of(uncertainties: Mapping[str, Any], levers: Mapping[str, Any] | None = None) -> Experiment:
    return experiment_from(
        {
            "name": "made-up",
            "title": "A made-up experiment",
            "question": "Where does it cross?",
            "levers": {"control": "baseline-2021", **(levers or {"scenarios": ["extra-tobs", "accountability"]})},
            "uncertainties": uncertainties,
            "outcomes": {"months": [12], "main": [HEADLINE]},
            "runs": {"seeds": 4},
        },
        "made-up.toml",
    )


def comparison_of(experiment: Experiment, effect: Callable[[str], Floats]) -> Comparison:
    """Differences of arms from the control by point, with a deviate of the draw and one of the seed."""
    design, rng = experiment.design, np.random.default_rng(8)
    shape = (design.draws, design.seeds)
    clusters = resampling_of(experiment).clusters
    control = 400.0 + 5.0 * rng.standard_normal(shape)
    values = {(design.control.name, "months-12", HEADLINE): control}
    for arm in (arm.name for arm in design.treated):
        draw = rng.standard_normal(int(clusters.max()) + 1)[clusters, None]
        values[arm, "months-12", HEADLINE] = control + effect(arm)[:, None] + draw + rng.standard_normal(shape)
    empty = np.empty(0, dtype="datetime64[M]")
    return Comparison(design, ("months-12",), values, np.zeros(shape, np.int64), empty, {}, {})


SAMPLE = {
    "design": "lhs",
    "draws": 20,
    "points": 200,
    "parameters": {"delta_un": {}, "n_same": {"low": 0.0, "high": 0.5}, "n_cross": {"low": 0.0, "high": 0.3}},
}


@pytest.fixture(scope="module")
def hypercube() -> tuple[Experiment, Comparison]:
    """Twelve fewer deaths with extra TOBs where n_same is 0, twelve more where it is .5; accountability: five fewer."""
    experiment = experiment_of(SAMPLE)
    n_same = experiment.inputs[:, [one.name for one in experiment.uncertainties].index("n_same")]
    effects = {"extra-tobs": 48.0 * (n_same - 0.25), "accountability": np.full(len(n_same), -5.0)}
    return experiment, comparison_of(experiment, effects.__getitem__)


def test_what_would_change_the_answer_is_found(hypercube: tuple[Experiment, Comparison]) -> None:
    first, *others = break_even_of_each(*hypercube, "extra-tobs")
    assert first.input == "n_same"
    assert first.resolved
    assert first.crossing.at == pytest.approx(0.25, abs=0.02)
    assert len(others) == 2
    rows = swing_rows([first, *others])
    assert [row["resolved"] for row in rows] == [True, False, False]
    assert rows[0]["break_even"] == first.crossing.at
    assert abs(rows[0]["swing"]) > 5.0 * abs(rows[1]["swing"])


def test_one_arm_against_another_crosses_elsewhere(hypercube: tuple[Experiment, Comparison]) -> None:
    found = {one.input: one for one in break_even_of_each(*hypercube, "extra-tobs", "accountability")}
    assert found["n_same"].crossing.at == pytest.approx(0.25 - 5.0 / 48.0, abs=0.02)
    assert found["n_same"].against == "accountability"


def test_the_study_says_where_and_draws_it(hypercube: tuple[Experiment, Comparison]) -> None:
    study = break_even_study(*hypercube)
    said = study.section.paragraphs
    assert any(words.startswith("extra TOBs against baseline 2021") and "n_same" in words for words in said)
    assert any("fewer deaths below 0.25" in words for words in said)
    assert isinstance(study.figure, Figure)
    assert study.section.figure == study.section.key
    assert len(study.rows["break-even"]) == 3 * 3  # three pairs of arms
    table = study.section.tables[0]
    verdicts = {(row[0], row[2]): row[9] for row in table.rows if row[1] == "baseline 2021"}
    assert verdicts["extra TOBs", "n_same"] == CROSSES
    assert verdicts["accountability", "delta_un"] == "fewer everywhere"
    assert all(len(row) == len(table.headers) for table in study.section.tables for row in table.rows)
    assert svg_of(study.figure) == svg_of(break_even_study(*hypercube).figure)


FACTORIAL = {
    "factorial": {
        "base": "extra-tobs-and-accountability",
        "factors": [
            {
                "name": "companies",
                "label": "mobile companies",
                "lever": "package.units.quick_reaction.units",
                "values": [0, 2, 4],
            },
            {
                "name": "cooperation",
                "label": "chance of a sanction",
                "lever": "accountability.cooperation",
                "values": [0.0, 0.5, 1.0],
            },
        ],
    }
}


def test_levers_cross_each_other_where_they_were_made_to() -> None:
    experiment = experiment_of({"design": "draws", "draws": 20}, FACTORIAL)

    def effect(arm: str) -> Floats:
        level = experiment.levels[arm]
        return np.full(20, -5.0 * level["companies"] - 30.0 * level["cooperation"])

    study = break_even_study(experiment, comparison_of(experiment, effect))
    rows = {(row["arm"], row["against"]): row for row in study.rows["break-even"]}
    # Cooperation of 1 alone is 30 fewer, more than any number of companies; of .5 it is 15 fewer: three companies.
    crossed = rows["any companies, cooperation 0", "0 companies, cooperation 0.5"]
    assert crossed["verdict"] == CROSSES
    assert crossed["crosses_at"] == pytest.approx(3.0, abs=0.3)
    assert rows["any companies, cooperation 0", "0 companies, cooperation 1"]["verdict"] == SAME_SIDE
    back = rows["0 companies, any cooperation", "2 companies, cooperation 0"]
    assert back["crosses_at"] == pytest.approx(10.0 / 30.0, abs=0.05)
    assert all(row["lever"] for row in rows.values())
    assert len(rows) == 3 + 3 + 2 + 2


def test_levels_that_differ_in_no_run_are_left_out() -> None:
    experiment = experiment_of({"design": "draws", "draws": 20}, FACTORIAL)
    comparison = comparison_of(experiment, lambda arm: np.full(20, -10.0 * experiment.levels[arm]["companies"]))
    control = comparison.values["baseline-2021", "months-12", HEADLINE]
    comparison.values["companies-0-cooperation-0", "months-12", HEADLINE] = control.copy()
    rows = {(row["arm"], row["against"]): row for row in break_even_study(experiment, comparison).rows["break-even"]}
    assert rows["any companies, cooperation 0", "baseline 2021"]["first"] == 2.0
    assert rows["any companies, cooperation 0.5", "baseline 2021"]["first"] == 0.0


def test_points_that_share_draws_or_seeds_are_drawn_together() -> None:
    listed = {"design": "factorial", "parameters": {"n_same": {"values": [0.1, 0.2, 0.3]}}}
    nested = resampling_of(experiment_of({**listed, "draws": 5}))
    assert nested.clusters.tolist() == np.repeat(np.arange(5), 3).tolist()
    assert (nested.seeds_too, nested.units) == (False, 5)
    defaults = resampling_of(experiment_of({**listed, "base": "default"}))
    assert defaults.clusters.tolist() == [0, 0, 0]
    assert (defaults.seeds_too, defaults.units) == (True, 4)
    cube = {"design": "lhs", "base": "default", "points": 12, "parameters": {"n_same": {}, "delta_un": {}}}
    free = resampling_of(experiment_of(cube))
    assert free.clusters.tolist() == list(range(12))
    assert (free.seeds_too, free.units) == (True, 4)


def test_nothing_numeric_has_no_break_even() -> None:
    experiment = experiment_of({"design": "draws", "draws": 20})
    assert not can_break_even(experiment)
    with pytest.raises(ValueError, match="numeric lever"):
        break_even_study(experiment, comparison_of(experiment, lambda arm: np.zeros(20)))


def test_open_ends_are_said_to_be_open(hypercube: tuple[Experiment, Comparison]) -> None:
    found = {one.input: one for one in break_even_of_each(*hypercube, "extra-tobs")}["delta_un"]
    words = in_words(found, "deaths")
    assert found.crossing.verdict == UNRESOLVED
    assert "not resolved" in words


# --- drawing ----------------------------------------------------------------------------------------------------------


def test_curves_and_swings_are_drawn_with_what_they_say() -> None:
    x, middle = (0.0, 1.0), (-1.0, 1.0)
    curve = Curve("a\nagainst b", "share", "deaths", x, middle, (-2.0, 0.5), (-0.5, 2.0), 0.5, (0.3, 0.8), True)
    swings = [
        Swing("first", "a against b", -3.0, 2.0, True, "0.4 km", "deaths"),
        Swing("second", "a against b", -1.0, -0.5, False, "", "deaths"),
    ]
    svg = svg_of(draw_break_even([curve], swings, run_hash="0123456789abcdef"))
    for words in ("zero at 0.4 km", "does not cross zero", "against b", "0123456789ab"):
        assert words in svg
    assert "traverse" in svg_of(draw_break_even([], swings, language="fr"))


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_break_even([])
    with pytest.raises(ValueError, match="at least two"):
        Curve("a", "b", "c", (0.0,), (1.0,), (1.0,), (1.0,), math.nan, (math.nan, math.nan), False)
