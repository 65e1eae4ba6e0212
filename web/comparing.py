"""The difference that arms make, growing: one replicate after another, and after each draw what can be said so far."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.calendar import day_of
from abm.draws import DRAWS
from abm.views.effects import Effect
from abm.views.words import Language
from runs.analysis import clock
from runs.compare import NEVER, Comparison, Replicate, run_replicate
from runs.design import after_clock, since_start
from runs.parallel import Tick
from runs.phrases import identical, is_first_look
from runs.statistics import Interval, Summary, level_held, quantiles, summarise
from runs.worth import CostFound, cost_of, is_costed
from web.choice import Choice, HasGazetteer
from web.drawn import Foot, Format, Pairs, courses, distribution, effects, heading, source_line, unit_of, word
from web.setting import COST, SHOWN, Setting, in_a_world_of_theirs, setting_of
from web.tables import ComparisonTable
from web.work import Message, Refused, Task

Floats = NDArray[np.float64]

FIRST_SEEDS, MOST_SEEDS = 2, 4  # of a draw: two tell chance from ignorance; more only when all draws are used
DEATHS = "expected_civilian_deaths"
CHARTED = (DEATHS, "expected_civilian_attacks", "intercommunal_events", "abuses")
DRAWN = ("civilian_deaths", DEATHS)  # outcomes of which every pair is sent
COURSES = ("troops", "tobs")
SECONDS_BETWEEN = 0.25  # messages, at least
# Where the Monte Carlo error is a tenth of an interval's half-width, more runs cannot make the half-width shorter by
# more than 1.4 % (half-widths add as squares: 1 - sqrt(1 - (1.65 / 10)²)): the rest is what nobody knows.
SHARE_OF_HALF_WIDTH = 0.1
FEWEST_DEATHS = 1.0  # of Monte Carlo error: an error below one death changes no decision (assumption)


def usable(most: int) -> int:
    """The largest number of replicates, up to a limit, whose table of draws and seeds is whole."""
    if most >= FIRST_SEEDS * DRAWS:
        return min(most // DRAWS, MOST_SEEDS) * DRAWS
    return most - most % (2 * FIRST_SEEDS)


def order_of(most: int) -> Iterator[tuple[int, int]]:
    """Draw and seed of each replicate.

    Two draws at a time, so that two threads build two worlds instead of one twice, and so that after four replicates
    there is a whole table of 2 × 2. When all draws have two seeds, they get a third and a fourth.
    """
    for replicate in range(most):
        if replicate < FIRST_SEEDS * DRAWS:
            pair, place = divmod(replicate, 2 * FIRST_SEEDS)
            yield 2 * pair + place % 2, place // 2
        else:
            yield replicate % DRAWS, replicate // DRAWS


@dataclass(frozen=True)
class Found:
    """A whole table of draws and seeds: what is said, drawn and tabled is taken from one of these."""

    comparison: Comparison
    runs: int

    @property
    def draws(self) -> int:
        """Sets of parameters."""
        return self.comparison.design.draws

    @property
    def seeds(self) -> int:
        """Runs with each."""
        return self.comparison.design.seeds


class Comparing:
    """Work: replicates of a control and one to three arms under common draws, worlds and seeds.

    Args:
        control: the arm that others are held against.
        arms: the others.
        assumptions: parameters held at a value in every draw.
        seed: of the comparison; draws are numbered 0, 1, 2 and so on whatever it is.
        months: of the window.
        most: replicates, at most.
        precise: end as soon as more runs would hardly change the interval of expected civilian deaths.
        uploads: the visitor's files.

    Raises:
        Refused: what is asked cannot be compared.
    """

    width = 2

    def __init__(
        self,
        control: Choice,
        arms: Sequence[Choice],
        assumptions: dict[str, float],
        seed: int = 0,
        months: int = 36,
        most: int = 100,
        precise: bool = False,
        uploads: HasGazetteer | None = None,
    ) -> None:
        self.setting: Setting = setting_of(control, arms, assumptions, seed, months, uploads)
        self.most = usable(most)
        self._precise = precise
        self._design = self.setting.design(MOST_SEEDS)
        self._replicates: dict[tuple[int, int], Replicate] = {}
        self._values = {
            (arm.key, window, key): np.full((DRAWS, MOST_SEEDS), np.nan)
            for arm in self.setting.arms
            for window, key in self._kept_outcomes()
        }
        self._found: Found | None = None
        self._met = self._unsaid = False
        self._said = self._told = -math.inf  # when a difference was said last, and how far the runs are

    @property
    def hash(self) -> str:
        """Short hash of the inputs."""
        return self.setting.hash()

    def _kept_outcomes(self) -> list[tuple[str, str]]:
        window, since = after_clock(self.setting.months), since_start(self.setting.months)
        return [*((window, key) for key in SHOWN), *((since, key) for key in (COST, "civilian_cost", DEATHS))]

    # --- work -------------------------------------------------------------------------------------------------------

    def begin(self) -> Iterable[Message]:
        """What is about to be run."""
        return (self._progress(),)

    def _progress(self) -> Message:
        return {"say": "progress", "runs": len(self._replicates), "most": self.most, "hash": self.hash}

    def tasks(self) -> Iterator[Task]:
        """A replicate each, until there are enough."""
        for draw, seed in order_of(self.most):
            if self._met and self._precise:
                return
            yield partial(self._replicate, draw, seed)

    def _replicate(self, draw: int, seed: int, tick: Tick) -> Replicate:
        with in_a_world_of_theirs():
            return run_replicate(self._design, draw, seed, tick)

    def take(self, result: Replicate) -> Iterable[Message]:
        """The difference, where a draw is complete with it; progress, where none is."""
        if self._met and self._precise:
            return ()  # was under way when there were enough: equal asks end with equal numbers
        self._keep(result)
        found = self._whole()
        if found is not None:
            self._found = found
            self._met, self._unsaid = self._is_precise(found), True
        now = monotonic()
        if self._found is not None and self._unsaid and now - self._said >= SECONDS_BETWEEN:
            self._said, self._unsaid = now, False
            return (self.message(self._found),)
        if now - max(self._told, self._said) >= SECONDS_BETWEEN:
            self._told = now
            return (self._progress(),)
        return ()

    def end(self) -> Iterable[Message]:
        """The last difference, where it was not said yet."""
        if self._found is None or not self._unsaid:
            return ()
        self._unsaid = False
        return (self.message(self._found),)

    def _keep(self, found: Replicate) -> None:
        place = found.draw, found.seed
        for arm in self.setting.arms:
            for window, key in self._kept_outcomes():
                self._values[arm.key, window, key][place] = found.outcomes[arm.key, window][key]
        kept = {arm: {name: values[name] for name in COURSES} for arm, values in found.courses.items()}
        self._replicates[place] = replace(found, outcomes={}, courses=kept, rings={})

    def _whole(self) -> Found | None:
        """The largest whole table, where it has grown: all draws that have two seeds, with the seeds that all have."""
        there = np.isfinite(self._values[self.setting.control.key, after_clock(self.setting.months), DEATHS])
        draws = int(np.cumprod(there[:, :FIRST_SEEDS].all(axis=1)).sum())
        if draws < 2:
            return None
        seeds = int(np.cumprod(there[:draws].all(axis=0)).sum())
        if self._found is not None and (self._found.draws, self._found.seeds) == (draws, seeds):
            return None
        return Found(self._comparison(draws, seeds), draws * seeds)

    def _comparison(self, draws: int, seeds: int) -> Comparison:
        """What is kept, as a comparison that :mod:`runs` can analyse; it has the outcomes and windows shown."""
        whole = self._design.draws
        design = replace(self._design, draws=draws, seeds=seeds, whole=whole)
        values = {which: table[:draws, :seeds].copy() for which, table in self._values.items()}
        places = [(draw, seed) for draw in range(draws) for seed in range(seeds)]
        days = np.array([self._replicates[place].clock for place in places], dtype=np.int64).reshape(draws, seeds)
        months = min((self._replicates[place].months for place in places), key=len)
        windows = tuple(dict.fromkeys(window for window, _ in self._kept_outcomes()))
        return Comparison(design, windows, values, days, months, {}, {})

    def _is_precise(self, found: Found) -> bool:
        """Whether more runs would hardly change any arm's interval of expected civilian deaths."""
        if is_first_look(found.draws):
            return False
        return all(is_precise(self._summary(found, arm.key, DEATHS)) for arm in self.setting.treated)

    # --- what is said -----------------------------------------------------------------------------------------------

    def _window(self, key: str) -> str:
        """Costs count from the first day of the run, because units cost money before the first base opens."""
        return since_start(self.setting.months) if key == COST else after_clock(self.setting.months)

    def _summary(self, found: Found, arm: str, key: str) -> Summary:
        return summarise(*found.comparison.pair(arm, self._window(key), key))

    def message(self, found: Found) -> Message:
        """The difference as the page wants it."""
        setting = self.setting
        return {
            "say": "difference", "draws": found.draws, "seeds": found.seeds, "runs": len(self._replicates),
            "most": self.most, "level": level_held(found.draws), "first_look": is_first_look(found.draws),
            "window": after_clock(setting.months), "count_from": setting.count_from, "months": setting.months,
            "control": {
                "name": setting.control.name, "title": setting.control.title,
                "measures": {key: self._of_control(found, key) for key in SHOWN},
            },
            "arms": [self._of_arm(found, arm.key, arm.name, arm.title) for arm in setting.treated],
            "clock": of_clock(found.comparison), "precise": self._met, "hash": self.hash,
            "provenance": {**setting.provenance(), "draws": found.draws, "seeds": found.seeds},
        }  # fmt: skip

    def _of_control(self, found: Found, key: str) -> dict[str, Any]:
        runs = found.comparison.values[self.setting.control.key, self._window(key), key]
        low, high = quantiles(runs)
        return {"mean": float(runs.mean()), "low": low, "high": high}

    def _of_arm(self, found: Found, key: str, name: str, title: str) -> dict[str, Any]:
        summaries = {outcome: self._summary(found, key, outcome) for outcome in SHOWN}
        pairs = {outcome: np.subtract(*found.comparison.pair(key, self._window(outcome), outcome)) for outcome in DRAWN}
        return {
            "name": name,
            "title": title,
            "measures": {outcome: of_summary(summary) for outcome, summary in summaries.items()},
            "values": {outcome: values.ravel().tolist() for outcome, values in pairs.items()},
            "cost": self._of_cost(found, key),
        }

    def _of_cost(self, found: Found, arm: str) -> dict[str, Any]:
        cost = cost_of(found.comparison, arm, since_start(self.setting.months), DEATHS)
        low, high = cost.cost_effect
        return {
            "estimate": cost.cost.estimate, "low": low, "high": high, "civilian": cost.civilian,
            "costed": is_costed(found.comparison, arm), "averted": of_summary(cost.averted),
            "per_death": per_death(cost),
        }  # fmt: skip

    # --- to take away -----------------------------------------------------------------------------------------------

    def _there(self) -> Found:
        if self._found is None:
            raise Refused("numbers_refused_early")
        return self._found

    def _foot(self, found: Found, language: Language) -> Foot:
        line = source_line(self.setting.provenance(), language, draws=found.draws, seeds=found.seeds)
        return Foot(line, self.hash, language, found.draws)

    def _period(self, key: str, language: Language) -> str:
        if key == COST:
            return word("window_start", language)
        return word(f"window_{self.setting.count_from}", language, months=self.setting.months)

    def figure(self, kind: str, format: Format, language: Language) -> bytes:
        """A figure as the bytes of a file.

        Args:
            kind: ``effects``, ``distribution`` or ``courses``.
            format: ``svg`` or ``png``.
            language: of its words.

        Raises:
            Refused: another kind, or nothing to draw yet.
        """
        found = self._there()
        foot = self._foot(found, language)
        if kind == "effects":
            return effects(self._effects(found, language), foot, format)
        if kind == "distribution":
            title = heading("civilian_deaths", self._period("civilian_deaths", language), language)
            return distribution(self._pairs(found), title, unit_of("civilian_deaths", language), foot, format)
        if kind == "courses":
            return self._courses(found, foot, format)
        raise Refused("numbers_refused_figure", name=kind)

    def _effects(self, found: Found, language: Language) -> list[Effect]:
        rows = []
        for key in CHARTED:
            for arm in self.setting.treated:
                s = self._summary(found, arm.key, key)
                group = heading(key, self._period(key, language), language)
                rows.append(Effect(
                    arm.name, group, s.spread.estimate, *s.effect, *s.future, s.resolved or identical(s),
                    unit_of(key, language),
                ))  # fmt: skip
        return rows

    def _pairs(self, found: Found) -> list[Pairs]:
        key = "civilian_deaths"
        rows = []
        for arm in self.setting.treated:
            values = np.subtract(*found.comparison.pair(arm.key, self._window(key), key))
            s = self._summary(found, arm.key, key)
            rows.append(Pairs(arm.name, values.ravel(), *s.future, s.spread.estimate))
        return rows

    def _courses(self, found: Found, foot: Foot, kind: Format) -> bytes:
        from abm.views.comparison import Course

        months = found.comparison.months
        days = [day_of(month.astype("datetime64[D]").item()) for month in months]
        places = [(draw, seed) for draw in range(found.draws) for seed in range(found.seeds)]
        rows = []
        for arm in self.setting.arms:
            of = {
                name: np.array([self._replicates[p].courses[arm.key][name][: len(months)] for p in places])
                for name in COURSES
            }
            rows.append(Course.from_runs(arm.name, days, of["troops"], of["tobs"]))
        known = found.comparison.clock[found.comparison.clock != NEVER]
        middle = int(np.median(known)) if known.size else NEVER
        zero = middle if days and days[0] <= middle <= days[-1] else None
        return courses(rows, zero, foot, kind)

    def table(self, language: Language) -> str:
        """All differences as CSV, with provenance as comments in front.

        Raises:
            Refused: nothing to table yet.
        """
        found = self._there()
        table = ComparisonTable(self.setting, language, found.draws, found.seeds)
        for arm in self.setting.treated:
            for key in SHOWN:
                table.add(arm.name, key, self._period(key, language), self._summary(found, arm.key, key))
            cost = cost_of(found.comparison, arm.key, since_start(self.setting.months), DEATHS)
            if is_costed(found.comparison, arm.key):
                table.add_per_death(arm.name, self._period(COST, language), per_death(cost))
        return table.text(self.hash)


def is_precise(summary: Summary) -> bool:
    """Whether the Monte Carlo error is below a tenth of the interval's half-width, or below one death."""
    error, (low, high) = summary.spread.monte_carlo_se, summary.effect
    return error < max(FEWEST_DEATHS, SHARE_OF_HALF_WIDTH * (high - low) / 2.0)


def finite(value: float) -> float | None:
    """A number as JSON can say it: none where there is none, or no end."""
    return float(value) if math.isfinite(value) else None


def of_summary(summary: Summary) -> dict[str, Any]:
    """A difference for JSON; ``same`` says that no pair of runs differs at all."""
    parts = summary.spread
    return {
        "estimate": parts.estimate, "low": summary.effect[0], "high": summary.effect[1],
        "future_low": summary.future[0], "future_high": summary.future[1], "mc_se": parts.monte_carlo_se,
        "param_sd": math.sqrt(parts.s2_param), "resolved": summary.resolved, "relative": finite(summary.relative),
        "same": identical(summary),
    }  # fmt: skip


def per_death(cost: CostFound) -> dict[str, float] | None:
    """US$ per death averted with its interval; none unless it is resolved that deaths are averted."""
    if not (cost.averted.resolved and cost.averted.spread.estimate > 0.0):
        return None
    ends: Interval = cost.ratio.branches[0]
    return {"estimate": cost.ratio.estimate, "low": ends[0], "high": ends[1]}


def of_clock(comparison: Comparison) -> dict[str, Any]:
    """When the first extra base works, over runs: how many have one, and the early, middle and late day of those."""
    found = clock(comparison)
    low, middle, high = (day.isoformat() for day in found.dates) if found.dates else (None, None, None)
    return {"runs": found.runs, "opened": found.opened, "low": low, "middle": middle, "high": high}
