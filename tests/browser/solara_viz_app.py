"""The model in Mesa's own SolaraViz: agents on Mesa's grid and this project's map, built for each visitor."""

from __future__ import annotations

import solara
from mesa.visualization import SolaraViz
from mesa.visualization.utils import update_counter

from abm.model import CentralMali
from abm.scenario import Scenario
from abm.views.world_map import draw_bare_map

SMALL = Scenario.load("baseline-2021").changed(world={"cercles": ("Bankass", "Koro")})


@solara.component
def WorldMap(model: CentralMali) -> None:
    update_counter.get()
    day = max(model.day - 1, model.simulation.first_day)
    figure = draw_bare_map(model.world, model.geography, day, width=6.0, parameters=model.parameters)
    solara.Text(f"{len(model.agents)} agents on {model.date}", classes=["agents"])
    solara.FigureMatplotlib(figure, dependencies=[model.day], format="png")


@solara.component
def Page() -> None:
    model = solara.use_memo(lambda: CentralMali(SMALL, None, 1), [])
    SolaraViz(
        model,
        components=[(WorldMap, 0)],
        model_params={"scenario": SMALL, "seed": {"type": "InputText", "value": 1, "label": "Seed"}},
        name="Central Mali",
    )
