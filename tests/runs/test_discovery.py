"""Scenario discovery: boxes that were put in are found, and pure noise is refused."""

from __future__ import annotations

import logging
import math
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray

from abm.declarations import declarations
from abm.parameters import Parameters
from abm.views.boxes import Axis, Bar, Searched, draw_boxes
from runs.batch.experiment import Experiment, experiment_from
from runs.compare import Comparison
from runs.folders import ResultError
from runs.report import svg_of
from runs.studies import prim
from runs.studies.boxes import (
    FEWEST_POINTS,
    Discovery,
    Inputs,
    beaten,
    can_discover,
    cases_of_interest,
    chosen,
    discover,
    inputs_of,
    may_do_as_well,
    search,
)
from runs.studies.discovery import discovery_study, limit_in_words
from runs.studies.prim import Box, Limit, measured, peeled, pruned, scores

pytest.importorskip("ema_workbench")

Floats = NDArray[np.float64]
HEADLINE = "expected_civilian_deaths"
KNOWN = tuple(declarations(Parameters).values())[:5]
NAMES = tuple(one.name for one in KNOWN)


def planted(points: int = 200) -> tuple[Floats, NDArray[np.bool_]]:
    """Five inputs, and the box that matters: the first above .5 and the second below .6."""
    x = np.random.default_rng(1).random((points, len(NAMES)))
    return x, (x[:, 0] > 0.5) & (x[:, 1] < 0.6)


# --- the workbench ----------------------------------------------------------------------------------------------------


def test_prim_finds_a_box_that_was_put_in() -> None:
    x, inside = planted()
    box = chosen([pruned(one, x, NAMES, inside, 0.05) for one in peeled(x, NAMES, inside)])
    assert box is not None
    limits = {limit.name: limit for limit in box.limits}
    assert set(limits) == set(NAMES[:2])
    assert limits[NAMES[0]].low == pytest.approx(0.5, abs=0.1)
    assert limits[NAMES[1]].high == pytest.approx(0.6, abs=0.1)
    assert math.isinf(limits[NAMES[0]].high)
    assert math.isnan(limits[NAMES[0]].p_high)
    assert box.density > 0.95
    assert box.coverage > 0.85
    assert box.holds(x, NAMES).mean() == pytest.approx(box.mass)


def test_boxes_are_measured_as_the_workbench_does() -> None:
    x, inside = planted()
    noisy = inside ^ (np.random.default_rng(2).random(len(x)) < 0.1)
    for box in peeled(x, NAMES, noisy):
        again = measured({one.name: (one.low, one.high) for one in box.limits}, x, NAMES, noisy)
        assert (again.coverage, again.density, again.mass) == pytest.approx((box.coverage, box.density, box.mass))
        for one, other in zip(again.limits, box.limits, strict=True):
            assert (one.p_low, one.p_high) == pytest.approx((other.p_low, other.p_high), nan_ok=True)


def test_ends_that_do_nothing_are_taken_out() -> None:
    x, inside = planted()
    box = measured({NAMES[0]: (0.5, 0.98), NAMES[1]: (-math.inf, 0.6), NAMES[3]: (0.05, math.inf)}, x, NAMES, inside)
    kept = {limit.name: (limit.low, limit.high) for limit in pruned(box, x, NAMES, inside, 0.05).limits}
    assert kept == {NAMES[0]: (0.5, math.inf), NAMES[1]: (-math.inf, 0.6)}


def test_scores_are_in_the_order_of_the_names_and_add_up_to_one() -> None:
    x, inside = planted()
    found = scores(x, NAMES, inside.astype(np.float64), 1)
    assert found.sum() == pytest.approx(1.0)
    assert set(np.argsort(-found)[:2]) == {0, 1}
    assert (found == scores(x, NAMES, inside.astype(np.float64), 1)).all()
    assert scores(x[:, :1], NAMES[:1], inside.astype(np.float64), 1) == pytest.approx([1.0])


def test_the_workbench_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    x, inside = planted(80)
    with caplog.at_level(logging.DEBUG):
        peeled(x, NAMES, inside)
    assert not [record for record in caplog.records if record.name.startswith("EMA")]


def test_the_workbench_is_imported_when_it_is_asked() -> None:
    code = "import sys, runs.studies.discovery; print([m for m in ('ema_workbench', 'sklearn') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_missing_workbench_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("ema_workbench")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    x, inside = planted(80)
    with pytest.raises(ResultError, match=r"sector-centre\[analysis\]"):
        prim.peeled(x, NAMES, inside)


# --- what is searched -------------------------------------------------------------------------------------------------


def test_cases_of_interest_are_those_below_zero_where_that_splits() -> None:
    found = cases_of_interest(np.array([-3.0, -1.0, 0.0, 2.0]))
    assert found is not None
    assert found.cases.tolist() == [True, True, False, False]
    assert (found.threshold, found.best_quarter) == (0.0, False)


@pytest.mark.parametrize("shift", [-100.0, 100.0])
def test_where_nearly_all_or_none_have_fewer_the_best_quarter_is_of_interest(shift: float) -> None:
    found = cases_of_interest(np.arange(40.0) + shift)
    assert found is not None
    assert found.best_quarter
    assert found.cases.tolist() == [True] * 10 + [False] * 30
    assert found.below_zero == (1.0 if shift < 0.0 else 0.0)


@pytest.mark.parametrize("differences", [np.zeros(70), np.concatenate([np.zeros(65), np.ones(5)])])
def test_points_that_do_not_differ_are_not_searched(differences: Floats) -> None:
    assert cases_of_interest(differences) is None


def test_the_densest_box_with_half_the_cases_is_chosen() -> None:
    limit = (Limit("a", 0.0, math.inf, 0.01, math.nan),)
    boxes = [Box((), 1.0, 0.9, 1.0), Box(limit, 0.9, 0.6, 0.5), Box(limit, 0.6, 0.8, 0.3), Box(limit, 0.4, 1.0, 0.1)]
    assert chosen(boxes) == boxes[2]
    assert chosen(boxes[:1]) is None


@pytest.mark.statistical
def test_noise_beats_the_null_as_seldom_as_is_said() -> None:
    rng = np.random.default_rng(3)
    alarms = sum(values[0] > beaten(values[1:].tolist(), may_do_as_well(39)) for values in rng.random((4000, 40)))
    # Two of 40 alike may be called findings: 200 of 4000, give or take 14; 5 standard deviations either way.
    assert 130 <= alarms <= 270


def noise(points: int, seed: int) -> Discovery:
    rng = np.random.default_rng(seed)
    inputs = Inputs(KNOWN, rng.random((points, len(KNOWN))))
    return discover("noise", inputs, rng.normal(0.0, 3.0, (points, 4)), seed, permutations=19, trees=20)


@pytest.mark.statistical
@pytest.mark.nightly
def test_pure_noise_is_refused_as_often_as_is_said() -> None:
    found = [noise(80, seed) for seed in range(30)]
    # 5 % of 30 is 1.5: more than 7 are a false alarm less than once in five thousand times.
    assert sum(bool(one.named) for one in found) <= 7
    assert sum(one.box is not None for one in found) <= 7


# --- the study --------------------------------------------------------------------------------------------------------

SAMPLE = {
    "design": "lhs",
    "draws": 10,
    "points": 120,
    "parameters": {
        "delta_un": {},
        "n_same": {"low": 0.0, "high": 0.5},
        "n_cross": {"low": 0.0, "high": 0.3},
        "generation_months": {},
    },
}


def experiment_of(uncertainties: dict[str, object]) -> Experiment:
    return experiment_from(
        {
            "name": "made-up",
            "title": "A made-up experiment",
            "question": "When does it work?",
            "levers": {"control": "baseline-2021", "scenarios": ["extra-tobs", "accountability", "malian-strategy"]},
            "uncertainties": uncertainties,
            "outcomes": {"months": [12], "main": [HEADLINE]},
            "runs": {"seeds": 4},
        },
        "made-up.toml",
    )


def comparison_of(experiment: Experiment, effect: Callable[[str], Floats], noise: float = 1.0) -> Comparison:
    design, rng = experiment.design, np.random.default_rng(4)
    shape = (design.draws, design.seeds)
    control = 400.0 + 5.0 * rng.standard_normal(shape)
    values = {(design.control.name, "months-12", HEADLINE): control}
    for arm in (arm.name for arm in design.treated):
        by_point = effect(arm)
        doubt = noise * rng.standard_normal(shape) if by_point.any() else 0.0
        values[arm, "months-12", HEADLINE] = control + by_point[:, None] + doubt
    empty = np.empty(0, dtype="datetime64[M]")
    return Comparison(design, ("months-12",), values, np.zeros(shape, np.int64), empty, {}, {})


def effects_of(experiment: Experiment) -> dict[str, Floats]:
    """Extra TOBs save lives where n_same is high and n_cross low, accountability by chance, the strategy never."""
    names = [one.name for one in experiment.uncertainties]
    n_same, n_cross = (experiment.inputs[:, names.index(name)] for name in ("n_same", "n_cross"))
    rng = np.random.default_rng(5)
    return {
        "extra-tobs": np.where((n_same > 0.25) & (n_cross < 0.2), -8.0, 4.0) + rng.normal(0.0, 1.0, n_same.size),
        "accountability": rng.normal(0.0, 5.0, n_same.size),
        "malian-strategy": np.zeros(n_same.size),
    }


@pytest.fixture(scope="module")
def study() -> object:
    experiment = experiment_of(SAMPLE)
    comparison = comparison_of(experiment, effects_of(experiment).__getitem__)
    return discovery_study(experiment, comparison, permutations=19)


def test_the_study_names_what_decides_and_refuses_what_does_not(study: object) -> None:
    section = study.section  # type: ignore[attr-defined]
    tobs, accountability, strategy = section.paragraphs[:3]
    assert "n_same" in tobs.split("beyond noise: ")[1]
    assert "n_same (" in tobs
    assert "is at least 0.2" in tobs
    assert "n_cross" in tobs
    assert "No assumption that was varied decides it" in accountability
    assert "do not differ enough" in strategy
    assert isinstance(study.figure, Figure)  # type: ignore[attr-defined]
    assert section.figure == section.key
    assert all(len(row) == len(table.headers) for table in section.tables for row in table.rows)


def test_the_other_half_confirms_the_box(study: object) -> None:
    rows = {row["arm"]: row for row in study.rows["discovery-arms"]}  # type: ignore[attr-defined]
    assert set(rows) == {"extra-tobs", "accountability"}
    assert rows["extra-tobs"]["beyond_noise"]
    assert rows["extra-tobs"]["density_other_half"] > 0.7
    assert not rows["accountability"]["beyond_noise"]
    assert len(study.rows["discovery-points"]) == 2 * 120  # type: ignore[attr-defined]


def test_searches_follow_from_the_seed() -> None:
    first, again = (noise(60, 1) for _ in range(2))
    assert first.null == again.null
    assert first.halves == again.halves
    assert first.found is not None
    assert again.found is not None
    assert (first.found.scores == again.found.scores).all()


def test_draws_bring_every_parameter_that_varies_and_a_warning() -> None:
    experiment = experiment_of({"design": "draws", "draws": FEWEST_POINTS, "fixed": {"n_same": 0.2}})
    inputs = inputs_of(experiment)
    assert len(inputs.names) > 40
    assert "n_same" not in inputs.names
    assert inputs.values.shape == (FEWEST_POINTS, len(inputs.names))
    comparison = comparison_of(experiment, lambda arm: np.zeros(FEWEST_POINTS))
    section = discovery_study(experiment, comparison, permutations=19).section
    assert "found in pure noise" in " ".join(section.paragraphs)
    assert not section.figure


def test_few_draws_and_other_designs_are_refused() -> None:
    few = experiment_of({"design": "draws", "draws": 20})
    listed = experiment_of({"design": "list", "draws": 20, "parameters": {"n_same": {"values": [0.1, 0.2, 0.3]}}})
    assert not can_discover(few)
    assert not can_discover(listed)
    with pytest.raises(ValueError, match="at least 60 points"):
        discovery_study(few, comparison_of(few, lambda arm: np.zeros(20)))


def test_a_search_without_cases_finds_no_box() -> None:
    x, inside = planted(80)
    found = search(Inputs(KNOWN, x), inside.astype(np.float64), np.zeros(80, dtype=np.bool_), 1, trees=20)
    assert found.box is None
    assert found.density == 0.0


def test_limits_are_said_in_the_own_unit_with_their_status() -> None:
    known = declarations(Parameters)["generation_months"]
    said = limit_in_words(Limit("generation_months", 4.0, math.inf, 0.01, math.nan), known)
    assert said.startswith("generation_months (")
    assert said.endswith(f"{known.status}) is at least 4.0 {known.unit}")


def test_figures_show_bars_points_and_the_box() -> None:
    axes = (Axis("first, km", (0.0, 1.0, 2.0), 0.5), Axis("second", (2.0, 1.0, 0.0)))
    bars = (Bar("first", 0.8, True), Bar("second", 0.2, False))
    shown = Searched("extra TOBs: a case", bars, 0.4, axes, (False, True, True), True)
    svg = svg_of(draw_boxes([shown], run_hash="0123456789abcdef"))
    assert "extra TOBs: a case" in svg
    assert "first, km" in svg
    without = Searched("extra TOBs: a case", bars, 0.4, axes, (False, True, True), False)
    assert len(svg_of(draw_boxes([without]))) < len(svg)
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_boxes([])
    with pytest.raises(ValueError, match="two or three inputs"):
        Searched("a", bars, 0.4, axes[:1], (True, False, True), False)
