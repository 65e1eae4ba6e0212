"""What is compared with what: arms, draws of parameters, seeds, clock zero and windows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

from abm.calendar import date_of, day_of, months_after
from abm.draws import DRAWS, draw_parameters, holding
from abm.parameters import Parameters
from abm.scenario import Lever, Scenario, ScenarioError, shipped_scenarios
from runs.inputs import load_scenario

CONTROL = "baseline-2021"
FIRST_BASE, DECISION, START = "first-base", "decision", "start"
COUNTED_FROM = (FIRST_BASE, DECISION, START)  # days from which windows may count
TREATED = (
    "extra-tobs", "accountability", "extra-tobs-and-accountability", "malian-strategy", "tobs-and-strategy",
    "all-measures", "camp-bound-troops",
)  # fmt: skip
MONTHS = (6, 12, 36)
MOST_DRAWS, MOST_SEEDS = DRAWS, 1000
MOST_POINTS = 100_000
MOST_KEPT = 2 * DRAWS  # sets of parameters that a design keeps, once drawn
MOST_SEED = 10**9

READABLE = {"tobs": "TOBs", "malian": "Malian", "un": "UN"}

# What arms may differ in, and the parts of a scenario that each factor is made of.
FACTORS = {"package": ("package", "un"), "accountability": ("accountability",), "strategy": ("strategy",)}


@dataclass(frozen=True)
class Window:
    """A stretch of days, first <= day < last, under a name that is the same in every replicate."""

    name: str
    first: int
    last: int


@dataclass(frozen=True)
class Factorial:
    """A 2 × 2 design of two factors: the arms with the first alone, the second alone, and both."""

    factors: tuple[str, str]
    first: str
    second: str
    both: str


@dataclass(frozen=True)
class Point:
    """One set of parameters of an experiment.

    ``number`` is that of the embedded draw that it starts from, None for the defaults in the world of the control;
    ``held`` are parameters that have other values than there. Points of one ``stream`` (below DRAWS) have the same
    seeds: common random numbers, so that what differs between them is due to the parameters.
    """

    number: int | None
    held: Mapping[str, Any] = field(default_factory=dict)
    stream: int = 0


@dataclass(frozen=True)
class Design:
    """A comparison: every arm runs under the same parameter draws, worlds and seeds.

    ``fixed`` holds parameters at a value in every draw, as :func:`abm.draws.holding` does. All arms share the start and
    the world. ``whole`` is the number of draws of a larger comparison whose first draws these are, 0 if there is none.
    ``points``, where there are any, are the sets of parameters, one for each draw; else embedded draws are.
    ``count_from`` says from which day the windows count: one of COUNTED_FROM.

    Raises:
        ScenarioError: arms that cannot be compared, or numbers out of range; the message names the field.
    """

    control: Scenario
    treated: tuple[Scenario, ...]
    draws: int = 25
    seeds: int = 4
    seed: int = 0
    fixed: dict[str, Any] = field(default_factory=dict)
    months: tuple[int, ...] = MONTHS
    whole: int = 0
    points: tuple[Point, ...] = ()
    count_from: str = FIRST_BASE

    def __post_init__(self) -> None:
        if not self.treated:
            raise ScenarioError("arms: at least one scenario is needed beside the control")
        names = [arm.name for arm in self.arms]
        for name in names:
            if names.count(name) > 1:
                raise ScenarioError(f"arms: two arms are named {name!r}; give each scenario its own name")
        for arm in self.treated:
            if arm.start != self.control.start:
                raise ScenarioError(f"{arm.name}: start: {arm.start} differs from the control's {self.control.start}")
            if arm.world != self.control.world:
                raise ScenarioError(f"{arm.name}: world: differs from the control's; a comparison needs one world")
        if self.points and len(self.points) != self.draws:
            raise ScenarioError(f"draws: expected {len(self.points)}, one for each point (found {self.draws})")
        if self.count_from not in COUNTED_FROM:
            raise ScenarioError(f"count_from: expected one of {', '.join(COUNTED_FROM)} (found {self.count_from!r})")
        most_draws = MOST_POINTS if self.points else MOST_DRAWS
        for name, value, most in (("draws", self.draws, most_draws), ("seeds", self.seeds, MOST_SEEDS)):
            if not 2 <= value <= most:
                raise ScenarioError(
                    f"{name}: expected 2 to {most}, so that two variances can be told apart (found {value})"
                )
        if not 0 <= self.seed < MOST_SEED:
            raise ScenarioError(f"seed: expected 0 to {MOST_SEED - 1} (found {self.seed})")
        Parameters().changed(**self.fixed)

    def part(self, draws: int, fixed: Mapping[str, Any] | None = None) -> Design:
        """The first draws of this comparison, in their worlds and with their seeds, perhaps with more held."""
        held = {**self.fixed, **(fixed or {})}
        return replace(self, draws=draws, points=self.points[:draws], fixed=held, whole=self.whole or self.draws)

    @property
    def arms(self) -> tuple[Scenario, ...]:
        """The control, then the treated arms."""
        return (self.control, *self.treated)

    @property
    def first_day(self) -> int:
        """First day of every run."""
        return day_of(self.control.start)

    @property
    def decision(self) -> int:
        """Day from which windows count where no extra base ever opens: the first decision that an arm differs by."""
        dates = [arm.package.decision for arm in self.arms if arm.package.units]
        for factor in ("accountability", "strategy"):
            parts = [getattr(arm, factor) for arm in self.treated]
            dates += [part.starts for part in parts if part != getattr(self.control, factor)]
        return max(day_of(min(dates)), self.first_day) if dates else self.first_day

    @property
    def factorials(self) -> tuple[Factorial, ...]:
        """Every 2 × 2 design among the arms, by what they contain, for each pair of factors."""
        return tuple(self._factorials())

    def _factorials(self) -> Iterator[Factorial]:
        for pair in combinations(FACTORS, 2):
            for both in self.treated:
                if self.factors_of(both) == pair:
                    first, second = (self._alone(factor, both) for factor in pair)
                    if first is not None and second is not None:
                        yield Factorial(pair, first.name, second.name, both.name)

    def factors_of(self, arm: Scenario) -> tuple[str, ...] | None:
        """Factors in which an arm differs from the control; None if it differs in anything else."""
        found = tuple(f for f in FACTORS if parts_of(arm, f) != parts_of(self.control, f))
        same = {part: getattr(self.control, part) for factor in FACTORS for part in FACTORS[factor]}
        rest = {"name": self.control.name, "title": self.control.title}
        return found if arm.model_copy(update={**same, **rest}) == self.control else None

    def _alone(self, factor: str, like: Scenario) -> Scenario | None:
        """The arm that differs from the control in one factor only, and in it is like another arm."""
        parts = parts_of(like, factor)
        alone = (arm for arm in self.treated if self.factors_of(arm) == (factor,) and parts_of(arm, factor) == parts)
        return next(alone, None)

    def number(self, draw: int) -> int | None:
        """Number of a draw among those that are embedded; None for the defaults."""
        if self.points:
            return self.points[draw].number
        return (self.seed * (self.whole or self.draws) + draw) % DRAWS

    def parameters(self, draw: int) -> Parameters:
        """Parameters of a draw, the same in every arm; another seed takes other draws, until there are no more."""
        found = self._drawn.get(draw)
        if found is None:
            if len(self._drawn) >= MOST_KEPT:
                self._drawn.clear()
            number = self.number(draw)
            drawn = Parameters() if number is None else draw_parameters(number)
            held = self.points[draw].held if self.points else {}
            found = self._drawn[draw] = holding(drawn, {**self.fixed, **held})
        return found

    @cached_property
    def _drawn(self) -> dict[int, Parameters]:
        """Parameters of draws that were asked for: many parts of a report ask. Tens of thousands would fill memory."""
        return {}

    def __getstate__(self) -> dict[str, Any]:
        """Workers that a design is sent to draw what they need themselves."""
        return {name: value for name, value in vars(self).items() if name != "_drawn"}

    def run_seed(self, draw: int, seed: int) -> int:
        """Seed of the runs of one replicate: readable, and another for every (comparison seed, draw, seed)."""
        stream = self.points[draw].stream if self.points else draw
        return (self.seed * MOST_DRAWS + stream) * MOST_SEEDS + seed

    def in_world(self, arm: Scenario, draw: int) -> Scenario:
        """An arm in the synthetic world of a draw, the same for all arms and seeds.

        It is the world in which the draw's level of violence was computed (``calibration.levels``).
        """
        number = self.number(draw)
        return arm if number is None else arm.changed(world={"seed": number})

    @property
    def zero(self) -> int:
        """Day from which windows count where that is no matter of when bases open."""
        return self.first_day if self.count_from == START else self.decision

    def end(self, clock: int) -> int:
        """First day that no run of a replicate needs: the last window, and at least the scenario's months."""
        return max(months_after(clock, max(self.months)), months_after(self.first_day, self.control.months))

    def longest(self, clock: int) -> Window:
        """The longest window from clock zero."""
        months = max(self.months)
        return Window(after_clock(months), clock, months_after(clock, months))

    def windows(self, clock: int) -> list[Window]:
        """Windows of a replicate: from clock zero, from the start (for costs), and calendar years run whole."""
        found = [Window(after_clock(months), clock, months_after(clock, months)) for months in self.months]
        found += [Window(since_start(months), self.first_day, months_after(clock, months)) for months in self.months]
        end = self.end(clock)
        for year in range(self.control.start.year, date_of(end).year):
            first, last = day_of(date(year, 1, 1)), day_of(date(year + 1, 1, 1))
            if first >= self.first_day and last <= end:
                found.append(Window(in_year(year), first, last))
        return found


def parts_of(arm: Scenario, factor: str) -> tuple[Lever, ...]:
    """The parts of a scenario that a factor is made of."""
    return tuple(getattr(arm, part) for part in FACTORS[factor])


def after_clock(months: int) -> str:
    """Name of the window of so many months from clock zero."""
    return f"months-{months}"


def since_start(months: int) -> str:
    """Name of the window from the first day of the run to so many months after clock zero."""
    return f"start-to-month-{months}"


def in_year(year: int) -> str:
    """Name of a calendar year's window."""
    return f"year-{year}"


def is_year(name: str) -> bool:
    """Whether a window is a calendar year."""
    return name.startswith("year-")


def window_label(name: str) -> str:
    """A window's name for a reader."""
    kind, _, number = name.rpartition("-")
    labels = {"months": "first {} months", "start-to-month": "start to month {}", "year": "{}"}
    return labels[kind].format(number)


def arm_label(name: str) -> str:
    """An arm's name for a reader."""
    words = " ".join(READABLE.get(word, word) for word in name.split("-"))
    return words.replace("camp bound", "camp-bound").replace("warning led", "warning-led")


def everything(control: str | Path = CONTROL) -> tuple[str, ...]:
    """Names of the shipped scenarios that share start and world with a control, and are not it; TREATED come first."""
    base = load_scenario(control, {})
    names = dict.fromkeys((*TREATED, *shipped_scenarios()))
    others = {name: load_scenario(name, {}) for name in names if name != base.name}
    return tuple(name for name, arm in others.items() if (arm.start, arm.world) == (base.start, base.world))


def load_design(
    arms: Sequence[str | Path] = (),
    control: str | Path = CONTROL,
    draws: int = 25,
    seeds: int = 4,
    seed: int = 0,
    fixed: dict[str, Any] | None = None,
    levers: dict[str, Any] | None = None,
) -> Design:
    """Design from names or files of scenarios; those of TREATED unless arms are named.

    Args:
        arms: treated scenarios.
        control: the arm they are held against.
        draws: K parameter draws.
        seeds: S seeds per draw.
        seed: seed of the whole comparison: other draws, worlds and runs.
        fixed: parameters held at a value.
        levers: changes made to every arm, as of :meth:`Scenario.changed`.
    """
    base = load_scenario(control, levers or {})
    treated = tuple(load_scenario(arm, levers or {}) for arm in (arms or TREATED))
    return Design(base, treated, draws, seeds, seed, fixed or {})
