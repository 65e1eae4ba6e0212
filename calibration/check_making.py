"""What the parts of the check are made of: each runs the model or the forecasters, and says nothing yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from abm.kinds import INTERCOMMUNAL_KINDS
from calibration import predictive as runs_of_record
from calibration.agent_forecast import AgentModel, runs_of
from calibration.aggregates import Aggregates
from calibration.check_recovery import Recovery, read_recovery
from calibration.check_scores import Packed, packed
from calibration.natural_experiments import plan, re_enact
from calibration.pipeline import Progress
from calibration.published_effects import NaturalExperiments
from calibration.record_table import RECORDED_KINDS, recorded
from calibration.rolling import ALL_KINDS, FORECASTERS, ORIGINS, SPATIAL, Checked, check_in_space, check_in_time
from calibration.target_tables import embedded
from calibration.targets import TargetRow
from runs import variants
from runs.check2020 import Check, check_2020

AGENT = "agent model"
INTERCOMMUNAL = "intercommunal"
CHECKED_TARGETS: Mapping[str, tuple[str, ...]] = {
    ALL_KINDS: RECORDED_KINDS, INTERCOMMUNAL: INTERCOMMUNAL_KINDS, **{kind: (kind,) for kind in RECORDED_KINDS},
}  # fmt: skip

SHIPPED = variants.AS_SHIPPED
# The variants that comparisons are held against. In a forecast the filter's level stands for the drift, so that one
# without drift is one whose level stays; of the two overlaps of Fulani self-defence with Katiba Macina one is enough.
LEFT_OUT = ("Fulani self-defence all under Katiba Macina",)
VARIANTS: Mapping[str, dict[str, Any]] = {
    name: {"steady": True} if "drift_step" in variant.fixed else {"fixed": dict(variant.fixed)} if variant.fixed else {}
    for name, variant in variants.VARIANTS.items()
    if name not in LEFT_OUT
}
# Fewer trial runs than a forecast has: variants are held against each other, with the same draws and seeds.
VARIANT_TRIALS, VARIANT_ROUNDS = 60, 2
VARIANT_TARGETS = (ALL_KINDS, INTERCOMMUNAL)
SURVIVAL_DEATHS = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150)


class Settings(NamedTuple):
    """How much is run: draws of forecasts and of variants, runs of 2017-2020 and of 2020, pairs of runs."""

    draws: int = 500
    variant_draws: int = 200
    runs: int = 200
    replicates: int = 500


@dataclass(frozen=True)
class Survival:
    """Share of events with at least so many deaths: observed, and median and 90 % of runs."""

    deaths: tuple[int, ...]
    observed: tuple[float, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Predicted:
    """Targets of 2017-2020 observed and simulated, and the sizes of events, over so many runs."""

    runs: int
    rows: tuple[TargetRow, ...]
    survival: Survival


TimeParts = dict[str, dict[str, dict[str, Packed]]]  # target, forecaster, cells or zone_quarters
VariantPart = dict[str, Packed]  # target


class Work(NamedTuple):
    """What makers of parts are given."""

    settings: Settings
    progress: Progress
    workers: int | None


# --- making ---------------------------------------------------------------------------------------------------------


def recovery(_work: Work) -> Recovery:
    """The embedded tables: read first, so that a missing one is told before hours of runs."""
    return read_recovery()


def space(work: Work) -> dict[str, Packed]:
    """Forecasts for cercles left out of the record."""
    found = {}
    with work.progress("cercles left out: forecasters", len(SPATIAL)) as done:
        for name, forecaster in SPATIAL.items():
            found[name] = packed(check_in_space(forecaster))
            done()
    return found


def year_2020(work: Work) -> Check:
    """The year that rates are fitted to, again."""
    with work.progress("2020 again: runs", work.settings.runs) as done:
        return check_2020(work.settings.runs, workers=work.workers, done=done)


def predictive(work: Work) -> Predicted:
    """Runs of 2017-2020 with draws of the posterior."""
    with work.progress("records of 2017-2020: runs", work.settings.runs) as done:
        simulated = runs_of_record.predictive(work.settings.runs, work.workers, done)
    return Predicted(len(simulated), tuple(runs_of_record.checked(simulated)), survival_of(embedded(), simulated))


def survival_of(observed: Aggregates, simulated: list[Aggregates]) -> Survival:
    """Shares of events with at least SURVIVAL_DEATHS deaths."""
    each = np.array([_shares(run) for run in simulated])
    low, middle, high = np.nanquantile(each, (0.05, 0.5, 0.95), axis=0)
    return Survival(SURVIVAL_DEATHS, _shares(observed), tuple(middle.tolist()), tuple(low.tolist()),
                    tuple(high.tolist()))  # fmt: skip


def _shares(aggregates: Aggregates) -> tuple[float, ...]:
    sizes = aggregates.sizes.sum(axis=0)
    events = max(int(sizes.sum()), 1)
    return tuple(float(sizes[deaths:].sum() / events) for deaths in SURVIVAL_DEATHS)


def forecasts(work: Work, origin: str) -> TimeParts:
    """All forecasters on all targets from one origin; the agent model's draws serve all targets."""
    draws, whole = work.settings.draws, recorded()
    found: TimeParts = {}
    with work.progress(f"forecasts from {origin}: runs, targets", runs_of(draws) + len(CHECKED_TARGETS)) as done:
        agent = AgentModel(workers=work.workers, done=done)
        for target, kinds in CHECKED_TARGETS.items():
            aimed = whole.aimed_at(kinds)
            found[target] = {
                name: _both(check_in_time(forecaster, aimed, (origin,), draws=draws))
                for name, forecaster in {AGENT: agent, **FORECASTERS}.items()
            }
            done()
    return found


def _both(check: Checked) -> dict[str, Packed]:
    return {"cells": packed(check.cells), "zone_quarters": packed(check.zone_quarters)}


def variant(work: Work, name: str) -> VariantPart:
    """One structural variant from all origins, on a few targets; the same draws and seeds in each variant."""
    draws, whole = work.settings.variant_draws, recorded()
    runs = len(ORIGINS) * (draws + VARIANT_ROUNDS * min(VARIANT_TRIALS, draws))
    with work.progress(f"variant {name}: runs", runs) as done:
        agent = AgentModel(
            workers=work.workers, trials=VARIANT_TRIALS, rounds=VARIANT_ROUNDS, done=done, **VARIANTS[name]
        )
        return {
            target: packed(check_in_time(agent, whole.aimed_at(CHECKED_TARGETS[target]), draws=draws).cells)
            for target in VARIANT_TARGETS
        }


def natural_experiments(work: Work) -> NaturalExperiments:
    """Published natural experiments, re-enacted."""
    draws, seeds = plan(work.settings.replicates)
    with work.progress("natural experiments: replicates", 2 * draws * seeds) as done:
        return re_enact(work.settings.replicates, workers=work.workers, done=done)
