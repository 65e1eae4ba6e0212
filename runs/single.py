"""One run in a few lines, beside runs with other seeds: one run is one possible future."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from abm.calendar import date_of
from abm.records import Records
from abm.views.words import say
from runs.outcomes import MEASURES, measure
from runs.parallel import Tick, run_all
from runs.phrases import interval, number
from runs.sections import Section, Table
from runs.statistics import quantiles

SHOWN = (
    "civilian_attacks", "civilian_deaths", "intercommunal_events", "intercommunal_deaths", "abuses", "events", "deaths",
    "prevented", "displaced", "warnings", "answered", "averted_by_un", "averted_by_army", "tobs", "troops",
    "un_patrols", "convoys", "un_deaths", "missions", "agreements", "fighters_disarmed", "served", "displaced_people",
    "investigations", "sanctions",
)  # fmt: skip

# Of fewer runs, quantiles() gives the extremes: too few to speak of 90 % of them.
FEWEST_FOR_SHARE = 20

Outcomes = dict[str, float]


def around(
    records: Records, runs: int, workers: int | None = None, done: Callable[[], object] | None = None
) -> list[Outcomes]:
    """Outcomes of runs of the same scenario, parameters and length with the seeds after this one."""
    from abm import simulate

    def other(seed: int, tick: Tick) -> Outcomes:
        again = simulate(records.scenario, records.parameters, seed=seed, last_day=records.last_day, progress=tick)
        return measure(again, again.first_day, again.last_day)

    return run_all(other, range(records.seed + 1, records.seed + 1 + runs), workers, done)


def summary(records: Records, others: list[Outcomes]) -> Section:
    """What a run shows, and the range that holds 90 % of runs with other seeds, or all of them where they are few."""
    own = measure(records, records.first_day, records.last_day)
    rows = tuple((MEASURES[key].label, *_figures(key, own, others)) for key in SHOWN)
    headers = ("Outcome", f"Seed {records.seed}") + ((_range_name(len(others)),) if others else ())
    first, last = date_of(records.first_day), date_of(records.last_day - 1)
    clock = f" The first extra base opens on {date_of(records.clock_zero)}." if records.clock_zero >= 0 else ""
    text = f"{records.scenario.title} From {first} to {last}.{clock}"
    return Section("run", records.scenario.name, (text, f"{say('one_run')} {say('caveat')}"), (Table(headers, rows),))


def _range_name(others: int) -> str:
    seeds = f"{others} other seed{'s' if others > 1 else ''}"
    return f"90 % of {seeds}" if others >= FEWEST_FOR_SHARE else f"lowest and highest of {seeds}"


def _figures(key: str, own: Outcomes, others: list[Outcomes]) -> list[str]:
    digits = 0 if MEASURES[key].counts else 1
    figures = [number(own[key], digits)]
    if others:
        ends = quantiles(np.array([outcomes[key] for outcomes in others]))
        figures.append(interval(ends, digits, signed=False))
    return figures
