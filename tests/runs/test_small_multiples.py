"""Pictures with a panel an arm: acceptability curves, and what arrived when."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from abm.views.acceptability import COLOUR, Curve, draw_acceptability
from abm.views.arrivals import draw_arrivals
from abm.views.panels import COLUMNS
from abm.views.timeline import Course

WORTH = (1e5, 1e6, 1e7, 1e8)


def curve(label: str, shift: float) -> Curve:
    return Curve(label, WORTH, tuple(min(1.0, shift + k / 4) for k in range(4)))


def texts(figure: object) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text().strip()]  # type: ignore[attr-defined]


def course(label: str, scale: float) -> Course:
    days = np.arange(1461, 1461 + 800)
    troops = scale * np.full((3, days.size), 2000.0)
    return Course.from_runs(label, days, troops, scale * np.full((3, days.size), 2.0))


def test_each_arm_has_a_panel_with_its_own_curve_in_colour_and_the_others_in_grey() -> None:
    curves = [curve("extra TOBs", 0.0), curve("Malian strategy", 0.2), curve("both", 0.1)]
    figure = draw_acceptability(curves, run_hash="abcdef0123456789")
    assert len(figure.axes) == 3
    for own, ax in zip(curves, figure.axes, strict=True):
        coloured = [line for line in ax.lines if to_hex(line.get_color()) == COLOUR.lower()]
        assert [tuple(line.get_ydata()) for line in coloured] == [own.chance]
        assert len(ax.lines) == 3
        assert (ax.get_xscale(), ax.get_ylim(), ax.get_xlim()) == ("log", (0.0, 1.0), (1e5, 1e8))
    assert {"extra TOBs", "Malian strategy", "both"} <= set(texts(figure))
    assert any("abcdef012345" in text for text in texts(figure))


def test_curves_that_do_not_fit_and_nothing_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="'x': 4 sums and 3 chances"):
        Curve("x", WORTH, (0.0, 0.5, 1.0))
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_acceptability([])


@pytest.mark.parametrize("arms", [1, 4, 17])
def test_any_number_of_arms_has_room(arms: int) -> None:
    figure = draw_acceptability([curve(f"arm {n}", 0.01 * n) for n in range(arms)])
    boxes = [ax.get_position() for ax in figure.axes]
    assert len(boxes) == arms
    assert all(0.0 < box.y0 < box.y1 < 1.0 and 0.0 < box.x0 < box.x1 <= 1.0 for box in boxes)
    assert len({round(box.y0, 6) for box in boxes}) == -(-arms // COLUMNS)


def test_arrivals_show_every_arm_beside_the_control_on_one_scale() -> None:
    arms = [course(f"arm {n}", 1.0 + 0.1 * n) for n in range(5)]
    figure = draw_arrivals(course("control", 1.0), arms, clock_zero=1700)
    assert len(figure.axes) == 2 * len(arms)
    troops, tobs = figure.axes[::2], figure.axes[1::2]
    assert len({ax.get_ylim() for ax in troops}) == len({ax.get_ylim() for ax in tobs}) == 1
    for number, ax in enumerate(troops):
        means = [float(np.asarray(line.get_ydata())[-1]) for line in ax.lines[:2]]
        assert means == pytest.approx([2000.0, 2000.0 * (1.0 + 0.1 * number)])
    assert all(any(tuple(line.get_xdata()) == (1700, 1700) for line in ax.lines) for ax in figure.axes)
    assert {"grey: control; shaded: 90 % of runs; dashed: first extra TOB", "2022", "arm 4"} <= set(texts(figure))


def test_pictures_speak_french() -> None:
    found = texts(draw_acceptability([curve("x", 0.0)], language="fr"))
    assert any("mort évité" in text for text in found)
    assert any(
        "en gris : t" in text for text in texts(draw_arrivals(course("t", 1.0), [course("u", 2.0)], language="fr"))
    )
