"""The agent model as a forecaster: lived history first, then its own events around the filter's levels.

For each draw the last recorded months happen again (:mod:`calibration.replay`), and from the origin on the model makes
its own events. How violent a cercle is in a month to come is a draw of the discounted gamma-Poisson filter; who attacks
whom, where, in which series and with how many deaths is the model's. Presence prevents some attempts and series add
others, so rates and the course are corrected by the ratio of intended to simulated events of trial runs until the two
agree; nothing recorded at the origin or later enters.

Kinds that the model does not have (between jihadist groups, other) are forecast by the filter alone and added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from abm.calendar import DAY_ZERO, calendar_table
from abm.draws import DRAWS, draw_parameters, first_factors, scaled
from abm.geography import CERCLES, ZONE_OF_CERCLE
from abm.kinds import KINDS
from abm.lived import LivedHistory
from abm.parameters import Parameters
from abm.rates import Rates
from abm.scenario import Scenario
from abm.simulation import simulate
from abm.tables import Table
from abm.world import build_world
from calibration.forecasting import VARIABLES, check_question
from calibration.gamma_poisson import GammaPoisson
from calibration.known_rates import rates_known
from calibration.rates import corrected, nested, simulated_actions
from calibration.record_table import RECORDED_KINDS, UNMODELLED_KINDS, Floats, RecordTable, first_day, month_start
from calibration.replay import Replay
from runs.parallel import Tick, run_all

WORLDS = 25  # synthetic worlds that draws are spread over
REPLAYED = 12  # months that happen again before the origin, as far as they are recorded
TRIALS, ROUNDS = 100, 3  # runs in each round of correcting rates
SCENARIO = "baseline-2021"  # the UN force of 2021 throughout, but Ogossagou is held from its own date on
FIRST_SEED = 900_000_000
ZONE = np.array(ZONE_OF_CERCLE)
MONTHS_BEFORE = DAY_ZERO.year * 12  # the calendar counts months from day zero, a record from year 0


def runs_of(draws: int) -> int:
    """Runs that a forecast of so many draws takes, trial runs among them."""
    return draws + ROUNDS * min(TRIALS, draws)


class Question(NamedTuple):
    """What all draws of one forecast share."""

    origin: int
    horizon: int
    replay: Replay
    course: Floats  # (draws, horizon, 15): the filter's rates over their mean
    intended: Floats  # (15,): mean events of modelled kinds over the horizon


class Run(NamedTuple):
    """What one run did from the origin on: counts (horizon, 15, 10, 2), actions of bands (5, 4, 4) and army (3, 4)."""

    counts: Floats
    actions: Floats
    army: Floats


def parameters_of(draw: int, rates: Rates, fixed: dict[str, Any]) -> Parameters:
    """Parameters of a draw at rates known before an origin: only what no record says comes from the draw.

    Attempts of raid series replace background ones, as in :func:`abm.draws.first_factors`.
    """
    drawn = draw_parameters(draw % DRAWS, levels=False)
    chosen = drawn.model_copy(update={"rates": rates}).changed(**fixed)
    return scaled(chosen, first_factors(chosen))


def _of_zone(ratio: Floats, by_cercle: Floats) -> Floats:
    """Mean ratio of each cercle's zone, weighted by events (15,); 1 where a zone has none: nothing is learnt there."""
    events = np.bincount(ZONE, weights=by_cercle)
    both = np.bincount(ZONE, weights=ratio * by_cercle)
    mean: Floats = np.divide(both, events, out=np.ones_like(events), where=events > 0)[ZONE]
    return mean


def counted(events: Table, origin: int, horizon: int) -> Floats:
    """Events and deaths of a log from the origin on by month, cercle and kind, shape (horizon, 15, 10, 2)."""
    month = calendar_table()["month_number"][events["day"]] + MONTHS_BEFORE - origin
    inside = (month >= 0) & (month < horizon)
    counts = np.zeros((horizon, len(CERCLES), len(KINDS), len(VARIABLES)))
    place = (month[inside], events["cercle"][inside], events["kind"][inside])
    np.add.at(counts[..., 0], place, 1.0)
    np.add.at(counts[..., 1], place, events["deaths"][inside].astype(np.float64))
    return counts


@dataclass(frozen=True)
class AgentModel:
    """The agent model as a :class:`calibration.forecasting.Forecaster`.

    ``fixed`` holds parameters at a value (structural variants); ``steady`` keeps every draw's level as it is in the
    first month (a variant without drift). Answers are kept: targets that are sums of kinds are sums of one forecast.
    """

    fixed: dict[str, Any] = field(default_factory=dict)
    steady: bool = False
    replayed: int = REPLAYED
    workers: int | None = None
    trials: int = TRIALS
    rounds: int = ROUNDS
    done: Callable[[], object] | None = field(default=None, compare=False)

    @cached_property
    def _kept(self) -> dict[tuple[int, int, int, str], Floats]:
        return {}

    def __call__(self, record: RecordTable, origin: int, horizon: int, draws: int, /) -> Floats:
        """Draws of events and deaths of the record's target, shape (draws, horizon, 15, 2)."""
        by_kind = self.by_kind(record, origin, horizon, draws)
        columns = [RECORDED_KINDS.index(kind) for kind in record.target]
        total: Floats = by_kind[:, :, :, columns].sum(axis=3)
        return total

    def by_kind(self, record: RecordTable, origin: int, horizon: int, draws: int) -> Floats:
        """Draws by recorded kind, shape (draws, horizon, 15, 12, 2); the target of the record is not regarded."""
        check_question(record, origin, horizon, draws)
        key = (origin, horizon, draws, record.fingerprint())
        if key not in self._kept:
            modelled = self._modelled(record, origin, horizon, draws)
            others = [GammaPoisson()(record.aimed_at((kind,)), origin, horizon, draws) for kind in UNMODELLED_KINDS]
            self._kept[key] = np.concatenate([modelled, np.stack(others, axis=3)], axis=3)
            self._kept[key].setflags(write=False)  # whoever changed it would change the next answer
        return self._kept[key]

    # -- the modelled kinds --------------------------------------------------------------------------------------------

    def _modelled(self, record: RecordTable, origin: int, horizon: int, draws: int) -> Floats:
        question = self._question(record, origin, horizon, draws)
        trial = question._replace(replay=question.replay.last(1))
        rates = rates_known(record, question.intended * 12.0 / horizon)
        course = np.ones(len(CERCLES))
        for number in range(self.rounds):
            chosen = np.linspace(0, draws - 1, min(self.trials, draws)).astype(np.int64)
            seed = FIRST_SEED + 1_000_000 * (number + 1)
            runs = self._run(trial, rates, course, chosen.tolist(), seed)
            rates, course = self._closer(question, rates, course, runs)
        runs = self._run(question, rates, course, range(draws), FIRST_SEED)
        return np.array([run.counts for run in runs])

    def _question(self, record: RecordTable, origin: int, horizon: int, draws: int) -> Question:
        level, mean = GammaPoisson().rates(record.aimed_at(KINDS), origin, horizon, draws, scatter=False)
        if self.steady:
            level = level[:, :1] * mean / mean[:, :1]
        usual = level.mean(axis=(0, 1))
        replay = Replay(record, min(self.replayed, record.months))
        return Question(origin, horizon, replay, level / usual, level.sum(axis=1).mean(axis=0))

    def _run(self, question: Question, rates: Rates, course: Floats, draws: Iterable[int], seed: int) -> list[Run]:
        def one(draw: int, tick: Tick) -> Run:
            return self._one(question, rates, course, draw, seed + draw, tick)

        # Draws of one world one after the other: building a world costs more than running a year in it.
        numbers = list(draws)
        order = sorted(numbers, key=lambda draw: (draw % WORLDS, draw))
        found = dict(zip(order, run_all(one, order, self.workers, self.done), strict=True))
        return [found[draw] for draw in numbers]

    def _one(self, question: Question, rates: Rates, course: Floats, draw: int, seed: int, tick: Tick) -> Run:
        origin, replay = first_day(question.origin), question.replay
        scenario = Scenario.load(SCENARIO).changed(start=month_start(replay.first), world={"seed": draw % WORLDS})
        parameters = parameters_of(draw, rates, self.fixed)
        rows = replay.rows(build_world(scenario, parameters), parameters, question.origin, draw)
        before = np.ones((replay.months, len(CERCLES)))
        told = LivedHistory(origin, rows, np.concatenate([before, question.course[draw] * course]))
        end = first_day(question.origin + question.horizon)
        records = simulate(scenario, parameters, seed=seed, last_day=end, history=told, progress=tick)
        counts = counted(records.realised, question.origin, question.horizon)
        return Run(counts, *simulated_actions(records, origin))

    def _closer(self, question: Question, rates: Rates, course: Floats, runs: list[Run]) -> tuple[Rates, Floats]:
        """Rates by faction, zone and action, and the course by cercle, times intended over simulated events."""
        years = question.horizon / 12.0
        actions = np.mean([run.actions for run in runs], axis=0)
        army = np.mean([run.army for run in runs], axis=0)
        army_rates = np.array([rates.contact_jihadists, rates.contact_militia, rates.abuse])
        army_rates = corrected(army_rates, np.array(rates.army_observed) * years, army)
        candidates = corrected(np.array(rates.candidates), np.array(rates.observed) * years, actions)
        by_cercle = np.mean([run.counts[..., 0].sum(axis=(0, 2)) for run in runs], axis=0)
        ratio = corrected(np.ones(len(CERCLES)), question.intended, by_cercle)
        # What a zone lacks as a whole is corrected by its rates; the course moves events between its cercles.
        closer = course * ratio / _of_zone(ratio, by_cercle)
        update = {
            "candidates": nested(candidates), "contact_jihadists": nested(army_rates[0]),
            "contact_militia": nested(army_rates[1]), "abuse": nested(army_rates[2]),
        }  # fmt: skip
        return rates.model_copy(update=update), closer
