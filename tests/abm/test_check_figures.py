"""Figures of the check: bars, bands, crosses and dots lie where the numbers are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from abm.views.check_charts import INSIDE, OUTSIDE, Histogram, Learnt, draw_histograms, draw_learnt
from abm.views.figures import render
from abm.views.range_charts import (
    OBSERVED,
    SIMULATED,
    ByMonth,
    Ranged,
    Surviving,
    draw_by_month,
    draw_ranges,
    draw_survival,
)
from abm.views.words import say

FLAT = Histogram("flat", (20,) * 20, "rank")
HEAPED = Histogram("heaped", (60, *(17,) * 18, 34), "rank")
ROWS = [
    Ranged("within 5 km", "Near pairs", 2.0, 2.1, 1.8, 2.4),
    Ranged("within 15 km", "Near pairs", 3.0, 2.1, 1.8, 2.4),
    Ranged("week", "Dispersion", 1.5, 1.4, 1.2, 1.7),
]
SURVIVING = Surviving((1, 10, 100), (0.6, 0.1, 0.0), (0.6, 0.09, 0.002), (0.5, 0.07, 0.0), (0.7, 0.12, 0.004))
LEARNT = [
    Learnt("n_same", 0.0, 0.6, 0.15, 0.25, 0.35, "identified"),
    Learnt("raid_km", 5.0, 30.0, 6.0, 15.0, 29.0, "weakly identified"),
]
MONTHS = [
    ByMonth("events", (-3.0, 4.0), (-5.0, -1.0), (-1.0, 9.0)),
    ByMonth("deaths", (2.0, math.nan), (1.0, math.nan), (3.0, math.nan)),
]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text().strip()]


def test_bins_outside_the_band_have_another_colour() -> None:
    assert FLAT.outside == 0
    assert HEAPED.outside == 2
    figure = draw_histograms([FLAT, HEAPED])
    flat, heaped = figure.axes
    assert [bar.get_height() for bar in flat.containers[0]] == [20] * 20
    colours = [to_hex(bar.get_facecolor()).upper() for bar in heaped.containers[0]]
    assert colours == [OUTSIDE, *[INSIDE] * 18, OUTSIDE]
    low, high = HEAPED.band
    assert heaped.get_ylim()[1] > 60
    assert low < 20 < high


def test_the_band_of_a_flat_histogram_holds_99_of_100_bins() -> None:
    counts = np.random.default_rng(1).multinomial(400, np.full(20, 0.05), size=500)
    share = np.mean([Histogram("", tuple(row)).outside / 20 for row in counts.tolist()])
    assert 0.002 < share < 0.01  # a whole-number band holds a little more than 99 %


def test_a_posterior_lies_on_the_scale_of_its_prior() -> None:
    figure = draw_learnt(LEARNT)
    (ax,) = figure.axes
    bars = [
        tuple(np.asarray(line.get_xdata(), dtype=float))
        for line in ax.lines
        if to_hex(line.get_color()) == INSIDE.lower()
    ]
    assert any(ends == pytest.approx((0.25, 0.35 / 0.6)) for ends in bars if len(ends) == 2)
    assert any(ends == pytest.approx((0.04, 0.96)) for ends in bars if len(ends) == 2)
    assert "0.25  (0.15 to 0.35)" in texts(figure)
    assert "weakly identified" in texts(figure)


def test_records_outside_the_runs_are_bold_and_only_they() -> None:
    figure = draw_ranges(ROWS)
    bold = [t.get_text() for t in figure.findobj(Text) if t.get_weight() == "bold"]
    assert "3.00  (1.80 to 2.40)" in bold
    assert "2.00  (1.80 to 2.40)" not in bold
    _, near, weekly = figure.axes
    crosses = [float(np.asarray(line.get_xdata())[0]) for line in near.lines if line.get_marker() == "x"]
    assert crosses == [2.0, 3.0]
    assert near.get_xlim()[1] > 3.0
    assert weekly.get_xlim()[1] < 2.0  # each group has its own axis


def test_survival_shows_crosses_where_something_was_observed() -> None:
    (ax,) = (ax for ax in draw_survival(SURVIVING).axes if ax.get_xscale() == "log")
    (crosses,) = (line for line in ax.lines if line.get_marker() == "x")
    assert list(np.asarray(crosses.get_xdata())) == [1, 10]
    assert list(np.asarray(crosses.get_ydata())) == [0.6, 0.1]
    assert ax.get_yscale() == "log"


def test_months_show_their_intervals_hollow_where_not_resolved() -> None:
    events, deaths = draw_by_month(MONTHS).axes
    dots = [line for line in events.lines if line.get_marker() == "o"]
    assert [float(np.asarray(dot.get_ydata())[0]) for dot in dots] == [-3.0, 4.0]
    assert [str(dot.get_markerfacecolor()) for dot in dots] == [SIMULATED, "#FFFFFF"]
    (filled, _) = (line for line in deaths.lines if line.get_marker() == "o")
    assert str(filled.get_markerfacecolor()) == OBSERVED
    assert events.get_ylim() == deaths.get_ylim()
    assert events.get_ylim()[1] > 9.0


@pytest.mark.parametrize("language", ["en", "fr"])
def test_figures_say_their_source_run_and_caveat_and_draw_alike(language: str) -> None:
    def figures() -> list[Figure]:
        more = {"run_hash": "abc123", "title": "A title", "language": language}
        return [
            draw_histograms([FLAT], **more), draw_learnt(LEARNT, **more), draw_ranges(ROWS, **more),
            draw_survival(SURVIVING, **more), draw_by_month(MONTHS, **more),
        ]  # fmt: skip

    for figure, again in zip(figures(), figures(), strict=True):
        words = " ".join(texts(figure))
        assert "abc123" in words
        assert "A title" in words
        assert say("caveat", language)[:40] in words
        assert render(figure) == render(again)


@pytest.mark.parametrize("draw", [draw_histograms, draw_learnt, draw_ranges, draw_by_month])
def test_nothing_to_draw_is_said(draw: object) -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        draw([])  # type: ignore[operator]


def test_no_text_runs_out_of_the_paper() -> None:
    for figure in (draw_histograms([FLAT, HEAPED]), draw_learnt(LEARNT), draw_ranges(ROWS), draw_survival(SURVIVING)):
        figure.draw_without_rendering()
        across, up = figure.get_size_inches() * figure.dpi
        for text in (*figure.texts, *(text for ax in figure.axes for text in ax.texts)):
            box = text.get_window_extent()
            assert -1 <= box.x0 <= box.x1 <= across + 1, text.get_text()
            assert -1 <= box.y0 <= box.y1 <= up + 1, text.get_text()
