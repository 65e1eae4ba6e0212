"""Draw the map of a real run: ``python -m abm.views docs/images/map.png`` makes the picture of the README.

The same arguments give the same picture: a run is a function of scenario, parameters and seed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from abm.calendar import day_of
from abm.geography import build_grid
from abm.scenario import Scenario, ScenarioError
from abm.simulation import MOST_SEED, Simulation
from abm.views.figures import format_of, save
from abm.views.words import LANGUAGES, say
from abm.views.world_map import LAYERS, SHOWN, draw_map

SCENARIO, SEED, DATE = "extra-tobs", 0, date(2022, 11, 15)  # the README's: extra bases open, the delta flooded


def iso_date(text: str) -> date:
    """A date as 2022-11-15, for argparse."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a date such as {DATE}, not {text!r}") from None


def parser() -> argparse.ArgumentParser:
    """Arguments of the command."""
    made = argparse.ArgumentParser(prog="python -m abm.views", description="Draw the map of one run on one day.")
    made.add_argument("file", type=Path, help="picture to write: .png, .svg or .pdf")
    made.add_argument("--scenario", default=SCENARIO, help=f"shipped scenario or TOML file (default {SCENARIO})")
    made.add_argument("--seed", type=int, default=SEED, help=f"seed of the run (default {SEED})")
    made.add_argument("--date", type=iso_date, default=DATE, help=f"day to draw (default {DATE})")
    made.add_argument("--layers", nargs="+", choices=LAYERS, default=SHOWN, help="what to draw")
    made.add_argument("--language", choices=LANGUAGES, default="en", help="language of all words")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the model up to a day and write the map; 2 with one line on standard error where that cannot be done."""
    given = parser().parse_args(arguments)
    try:
        format_of(given.file)
        scenario = Scenario.load(given.scenario)
        if given.date < scenario.start:
            raise ValueError(f"--date {given.date} lies before the scenario's start, {scenario.start}")
        if not 0 <= given.seed <= MOST_SEED:
            raise ValueError(f"--seed must lie between 0 and {MOST_SEED}, not {given.seed}")
        simulation = Simulation(scenario, seed=given.seed)
        simulation.advance(day_of(given.date) + 1 - simulation.day)
        seed = say("seed", given.language).lower()
        figure = draw_map(
            simulation.world,
            build_grid(scenario.world.cell_km, scenario.world.cercles or None),
            day_of(given.date),
            layers=given.layers,
            title=f"{say('model_name', given.language)} · {scenario.name}, {seed} {given.seed}",
            language=given.language,
            parameters=simulation.parameters,
            run_hash=simulation.records().fingerprint(),
            gazetteer=scenario.world.gazetteer is not None,
        )
        save(figure, given.file)
    except (ScenarioError, ValueError, OSError) as error:
        print(f"python -m abm.views: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
