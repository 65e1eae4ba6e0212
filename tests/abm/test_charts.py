"""Charts for paper: bars are as long as the intervals, verdicts say what the numbers say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

from abm.kinds import KINDS
from abm.views.comparison import CheckRow, Course, Effect, draw_check, draw_comparison, draw_timeline, verdict
from abm.views.frame import digits_for, number, percent
from abm.views.timeline import spread_apart
from abm.views.words import say

RESOLVED = Effect("extra TOBs", "attacks, 36 months", -20.0, -35.0, -5.0, -80.0, 40.0, True, "attacks")
OPEN = Effect("accountability", "attacks, 36 months", -4.0, -12.0, 3.0, -60.0, 50.0, False, "attacks")
DEATHS = replace(RESOLVED, group="deaths, 36 months", unit="deaths", estimate=-128.4, low=-1264.0, high=-34.0)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text().strip()]


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_numbers_have_true_minus_thin_spaces_and_the_decimal_mark_of_the_language() -> None:
    assert number(-1264.2, 0) == "\u22121\u202f264"
    assert number(3.25, 1, signed=True) == "+3.2"
    assert number(-3.25, 2, language="fr") == "\u22123,25"
    assert number(-0.04, 1) == number(0.04, 1, signed=True) == "0.0"
    assert percent(0.9, "en") == "90 %"


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_a_number_says_its_value(value: float, digits: int) -> None:
    back = float(number(value, digits).replace("\u2212", "-").replace("\u202f", ""))
    assert back == pytest.approx(value, abs=0.5000001 * 10**-digits)


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=3))
def test_a_row_has_three_figures_where_its_largest_number_is_small(values: list[float]) -> None:
    largest = max(abs(value) for value in values)
    assert digits_for(*values) == (0 if largest >= 100 else 1 if largest >= 1 else 2)


# --- effects ----------------------------------------------------------------------------------------------------------


def test_not_resolved_is_written_out_where_it_is_and_only_there() -> None:
    figure = draw_comparison([RESOLVED, OPEN])
    unresolved = [text for text in texts(figure) if text.endswith(say("not_resolved")) and "(" in text]
    assert unresolved == ["\u22124.0  (\u221212.0 to 3.0)  not resolved"]
    assert verdict(RESOLVED, 1, "en") == "\u221220.0  (\u221235.0 to \u22125.0)"
    assert verdict(OPEN, 1, "fr") == "\u22124,0  (\u221212,0 à 3,0)  non concluant"


def test_bars_lie_where_the_intervals_lie() -> None:
    ax = draw_comparison([RESOLVED, OPEN]).axes[1]
    bars = {(line.get_linewidth(), tuple(np.asarray(line.get_xdata(), dtype=float))) for line in ax.lines}
    for effect in (RESOLVED, OPEN):
        assert (1.0, (effect.low_future, effect.high_future)) in bars
        assert (5.0, (effect.low, effect.high)) in bars
        assert any(ends == (effect.estimate,) for _, ends in bars)
    assert any(ends == (0.0, 0.0) for _, ends in bars)  # the zero line
    low, high = ax.get_xlim()
    assert low < -80.0
    assert high > 50.0


def test_zero_is_in_view_even_if_no_interval_reaches_it() -> None:
    far = replace(RESOLVED, low_future=-90.0, high_future=-70.0, low=-85.0, high=-75.0, estimate=-80.0)
    low, high = draw_comparison([far]).axes[1].get_xlim()
    assert low < -90.0 < 0.0 < high


def test_each_group_has_an_axis_in_its_own_unit() -> None:
    figure = draw_comparison([RESOLVED, OPEN, DEATHS], title="A title", run_hash="abcdef0123456789", source="Here")
    assert len(figure.axes) == 3  # the key and two groups
    found = texts(figure)
    assert {"A title", "attacks, 36 months", "deaths, 36 months"} <= set(found)
    assert {"difference, attacks", "difference, deaths"} <= set(found)
    assert any("Here" in text and "abcdef012345" in text for text in found)


def test_groups_of_two_units_and_nothing_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="'attacks, 36 months' has more than one unit: attacks, deaths"):
        draw_comparison([RESOLVED, replace(OPEN, unit="deaths")])
    with pytest.raises(ValueError, match="no effects"):
        draw_comparison([])


# --- what arrived when ------------------------------------------------------------------------------------------------


def course(label: str, scale: float = 1.0) -> Course:
    days = np.arange(1461, 1461 + 400)
    troops = scale * np.linspace(2000, 3000, 400) + np.array([[-100.0], [0.0], [100.0]])
    return Course.from_runs(label, days, troops, np.full((3, 400), 2.0), level=0.5)


def test_a_course_is_mean_and_range_of_runs() -> None:
    made = course("arm")
    low, mean, high = made.troops[:, 0]
    assert (low, mean, high) == (1950.0, 2000.0, 2050.0)
    assert made.tobs.shape == (3, 400)
    with pytest.raises(ValueError, match=r"tobs of 'arm' must be \(runs, 3\), not \(2, 2\)"):
        Course.from_runs("arm", [1, 2, 3], np.zeros((2, 3)), np.zeros((2, 2)))


def test_timeline_draws_every_arm_and_clock_zero() -> None:
    figure = draw_timeline([course("control"), course("treated", 1.5)], clock_zero=1600, title="What arrived")
    troops = next(ax for ax in figure.axes if ax.get_ylim()[1] > 1000)
    drawn = [line for line in troops.lines if len(np.asarray(line.get_xdata())) == 400]
    assert [float(np.asarray(line.get_ydata())[-1]) for line in drawn] == [3000.0, 4500.0]
    assert len({line.get_color() for line in drawn}) == len({str(line.get_linestyle()) for line in drawn}) == 2
    assert any(tuple(np.asarray(line.get_xdata())) == (1600, 1600) for line in troops.lines)
    found = texts(figure)
    assert found.count("control") == found.count("treated") == 2
    assert "Jan 2021" in found
    assert troops.get_ylim()[0] == 0.0


def test_no_arms_and_more_than_can_be_told_apart_are_refused() -> None:
    for courses in ([], [course("arm")] * 5):
        with pytest.raises(ValueError, match="expected one to 4 courses"):
            draw_timeline(courses)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6), st.floats(0.1, 10))
def test_labels_stand_apart_in_the_order_of_their_lines(values: list[float], distance: float) -> None:
    placed = spread_apart(values, distance)
    order = sorted(range(len(values)), key=lambda k: (values[k], -k))
    gaps = np.diff([placed[k] for k in order])
    assert (gaps >= distance - 1e-9).all()
    assert min(placed) >= -1e-9


# --- against the record -----------------------------------------------------------------------------------------------


def test_check_shows_simulated_observed_and_error() -> None:
    inside = CheckRow(KINDS[0], 90.0, 85.25, 60.0, 110.0)
    outside = CheckRow(KINDS[6], 66.0, 50.0, 40.0, 60.0)
    assert (inside.inside, outside.inside) == (True, False)
    assert inside.error == -4.75
    figure = draw_check([inside, outside], run_hash="abcdef0123456789")
    bold = [text.get_text() for text in figure.findobj(Text) if text.get_weight() == "bold"]
    found = texts(figure)
    assert {say(KINDS[0]), "85.2", "90", "\u22124.8", "\u221216.0"} <= set(found)
    assert "\u221216.0" in bold
    assert "\u22124.8" not in bold
    assert any("outside the range" in text for text in found)
    assert not any("outside the range" in text for text in texts(draw_check([inside])))
    with pytest.raises(ValueError, match="no rows"):
        draw_check([])
