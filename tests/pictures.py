"""A small world to draw, and what can be read in a figure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from engine import defaults, scenario
from matplotlib.figure import Figure
from matplotlib.text import Text

from abm.geography import Grid, build_grid
from abm.simulation import Simulation
from abm.views.world_map import draw_bare_map, draw_map

SMALL_CERCLES = ("Bankass", "Mopti")
DAYS = 200


@lru_cache(maxsize=1)
def simulation() -> Simulation:
    """Two cercles after some months: the main base at Sévaré and the TOB at Ogossagou."""
    small = scenario("baseline-2021").changed(world={"cercles": SMALL_CERCLES})
    run = Simulation(small, defaults(), seed=3)
    run.advance(DAYS)
    return run


@lru_cache(maxsize=1)
def small_grid() -> Grid:
    return build_grid(10, SMALL_CERCLES)


def today() -> int:
    return simulation().day - 1


def bare(**options: Any) -> Figure:
    return draw_bare_map(simulation().world, small_grid(), today(), parameters=defaults(), **options)


def framed(**options: Any) -> Figure:
    return draw_map(simulation().world, small_grid(), today(), parameters=defaults(), **options)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
