"""Figures of sensitivity: dots, bars and lines lie where the numbers are, and what is not told from zero looks so."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from pictures import texts

from abm.views.figures import render
from abm.views.indices import FIRST, MOST_NAMED, TOTAL, UNTOLD, Share, Step, draw_shares, draw_steps
from abm.views.palette import PAPER

SHARES = [
    Share("● n_same", "extra TOBs", (0.55, 0.5, 0.6), (0.7, 0.65, 0.75), 0.08, True),
    Share("○ patrol_presence", "extra TOBs", (-0.05, -0.15, 0.05), (0.1, 0.02, 0.18), 0.08, False),
    Share("○ patrol_presence", "accountability", (0.9, 0.8, 1.0), (1.15, 1.0, 1.3), 0.2, True),
]
STEPS = [Step(f"○ parameter_{k}", "extra TOBs", (8.0 - k, 7.0 - k, 9.0 - k), 1.0 + k, 2.0, k < 5) for k in range(8)]


def test_indices_lie_where_the_numbers_are() -> None:
    figure = draw_shares(SHARES, title="What moves the difference", run_hash="0123456789abcdef")
    _, first, second = figure.axes
    dots = {
        (line.get_marker(), to_hex(line.get_markerfacecolor()).upper()): float(line.get_xdata()[0])
        for line in first.lines
        if line.get_marker() in ("o", "D")
    }
    assert dots == {("o", TOTAL): 0.7, ("D", FIRST): 0.55, ("o", PAPER): 0.1, ("D", PAPER): -0.05}
    bars = [tuple(line.get_xdata()) for line in first.lines if to_hex(line.get_color()).upper() == UNTOLD]
    assert {(-0.15, 0.05), (0.02, 0.18)} <= set(bars)
    assert [ax.lines[1].get_xdata()[0] for ax in (first, second)] == [0.08, 0.2]
    assert first.get_xlim() == second.get_xlim()
    assert first.get_xlim()[0] < -0.15
    assert first.get_xlim()[1] > 1.3
    assert {"extra TOBs", "accountability", "● n_same", "What moves the difference"} <= set(texts(figure))
    assert any("0123456789ab" in text for text in texts(figure))


def test_effects_lie_where_the_numbers_are() -> None:
    figure = draw_steps([*STEPS, Step("● n_same", "accountability", (1.0, 0.9, 1.1), 0.0, 0.1, True)], unit="deaths")
    plane, other = figure.axes
    dots = [(float(d.get_xdata()[0]), float(d.get_ydata()[0])) for d in plane.lines if d.get_marker() == "o"]
    assert dots == [(step.size[0], step.sigma) for step in STEPS]
    (x0, x1), (y0, y1) = plane.lines[0].get_data()
    assert (x0, x1) == (y0, y1)  # the line of a spread as large as the effect
    assert plane.lines[1].get_xdata()[0] == 2.0
    named = [text for text in texts(figure) if text.startswith("○")]
    assert named == [step.label for step in STEPS[:MOST_NAMED]]
    heights = sorted(text.get_position()[1] for text in plane.texts)
    assert min(np.diff(heights)) > 0.05
    assert "deaths" in other.get_xlabel()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_figures_in_both_languages(language: str) -> None:
    for figure in (draw_shares(SHARES, language=language), draw_steps(STEPS, unit="deaths", language=language)):
        assert render(figure).startswith(b"\x89PNG")
    words = " ".join(texts(draw_shares(SHARES, language=language)))
    assert ("graines" in words) == (language == "fr")


def test_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_shares([])
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_steps([], unit="deaths")
