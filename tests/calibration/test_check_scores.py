"""Scores that survive a file, and intervals of differences whose truth is known."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from check_samples import forecasts, scores

from calibration.check_making import AGENT, CHECKED_TARGETS
from calibration.check_scores import (
    AHEAD,
    PROPER,
    contest,
    contests,
    joined,
    losses,
    mean_of,
    packed,
    percent_more,
    unpacked,
)
from calibration.forecasting import VARIABLES
from calibration.rolling import HORIZON, ORIGINS, SCORES


def test_scores_come_back_from_a_file_and_origins_join() -> None:
    whole = scores(3)
    parts = [scores(3, origins=(origin,)) for origin in ORIGINS]
    kept = [unpacked(json.loads(json.dumps(packed(p))), p.origins, 1, HORIZON, 15) for p in parts]
    back = joined(kept)
    assert back.origins == whole.origins
    for name in SCORES:
        np.testing.assert_allclose(back.by_name[name], whole.by_name[name], atol=1e-6)


def test_scores_of_another_shape_are_refused_by_name() -> None:
    found = packed(scores(3))
    with pytest.raises(ValueError, match=r"crps: expected scores of shape \(4, 12, 15, 2\), found \(5, 12, 15, 2\)"):
        unpacked(found, scores(3).origins[:4], 1, HORIZON, 15)
    del found["pit"]
    with pytest.raises(ValueError, match="pit: expected scores of shape"):
        unpacked(found, scores(3).origins, 1, HORIZON, 15)


def test_a_proportional_difference_is_known_for_sure() -> None:
    mine, theirs = (scores(4, factor).values("crps", "events") for factor in (1.1, 1.0))
    found = percent_more(mine, theirs)
    assert (found.value, found.low, found.high) == pytest.approx((10.0, 10.0, 10.0))
    assert found.resolved


def test_nothing_cannot_be_divided_by() -> None:
    mine = scores(4).values("crps", "events")
    assert math.isnan(percent_more(mine, np.where(np.isnan(mine), np.nan, 0.0)).value)


def test_a_cercle_in_which_the_other_is_perfect_counts() -> None:
    mine = np.ones((2, 3, 2))
    theirs = mine.copy()
    theirs[:, :, 1] = 0.0
    assert percent_more(mine, theirs).value == pytest.approx(100.0)


@pytest.mark.statistical
def test_intervals_hold_the_mean_where_origins_and_cercles_have_effects_of_their_own() -> None:
    """Of 90 %, rather too wide than too narrow; fewer than 80 of 100 is a false alarm of about one in a hundred."""
    rng, held = np.random.default_rng(2), 0
    for _ in range(100):
        by_origin, by_unit = rng.normal(0.0, 1.0, (8, 1, 1)), rng.normal(0.0, 1.0, (1, 1, 15))
        found = mean_of(10.0 + by_origin + by_unit + rng.normal(0.0, 1.0, (8, 12, 15)))
        held += found.low <= 10.0 <= found.high
    assert held >= 80


def test_blocks_that_go_together_give_wider_intervals_than_cells_alone() -> None:
    rng = np.random.default_rng(3)
    by_unit = rng.normal(0.0, 1.0, (1, 1, 15))
    blocks = mean_of(10.0 + by_unit + np.zeros((5, 12, 15)))
    cells = mean_of(10.0 + rng.normal(0.0, 1.0, (5, 12, 15)))
    assert blocks.high - blocks.low > 3.0 * (cells.high - cells.low)


def test_cells_without_value_count_nowhere() -> None:
    values = np.full((3, 4, 2), np.nan)
    values[0, 0, 0] = 7.0
    found = mean_of(values)
    assert (found.value, found.low, found.high) == (7.0, 7.0, 7.0)


def test_every_target_variable_group_and_score_is_a_contest() -> None:
    found = contests(forecasts(), AGENT)
    places = {(one.target, one.variable, one.ahead, one.score) for one in found}
    assert places == {(t, v, a, s) for t in CHECKED_TARGETS for v in VARIABLES for a in AHEAD for s in PROPER}
    assert not losses(found)  # equal scores are no loss


def test_losses_name_all_who_are_better_and_put_the_clear_and_large_ones_first() -> None:
    found = contests(forecasts(agent=1.2, others=1.0), AGENT)
    lost = losses(found, "crps")
    assert len(lost) == len(CHECKED_TARGETS) * len(VARIABLES) * len(AHEAD)
    assert all(len(one.better) == 6 and one.resolved for one in lost)
    assert all(one.difference.value == pytest.approx(20.0) for one in lost)
    assert all(one.excess == pytest.approx(one.mine - one.theirs) for one in lost)


def test_groups_of_months_ahead_are_scored_on_those_months_alone() -> None:
    checks = forecasts()["all"]
    values = checks[AGENT].cells.by_name["crps"]
    values[:, 3:6] *= 3.0
    by_group = {ahead: contest("all", checks, AGENT, "events", ahead, "crps") for ahead in AHEAD}
    assert {ahead for ahead, one in by_group.items() if one.lost} == {"1 to 12", "4 to 6"}
    assert by_group["4 to 6"].difference.value == pytest.approx(200.0)
