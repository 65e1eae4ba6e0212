"""What would change the answer: assumptions varied together, and each one's swing and break-even, growing.

Points are a Latin hypercube over every uncertain assumption or published value that the arms work through; what the
record tells comes with the embedded draw that a point starts from, as in :mod:`runs.batch`. Each draw has its own world
and its own stream of seeds; points of one draw and both arms of a point share them. One stream for all points would
make the bands of :mod:`runs.studies.crossings` rest on a single seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from threading import Condition
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import special

from abm.declarations import CALIBRATED, STATUS_MARK, declarations
from abm.draws import DRAWS
from abm.parameters import Parameters
from abm.priors import Fixed
from abm.scenario import Scenario
from abm.views.words import Language
from runs.analysis import groups_of
from runs.batch.experiment import Experiment, ExperimentError, experiment_from
from runs.batch.experiment_file import LHS
from runs.compare import run_replicate
from runs.design import after_clock
from runs.outcomes import MEASURES
from runs.parallel import Tick
from runs.phrases import is_first_look
from runs.statistics import LEVEL, level_held, quantiles
from runs.studies.break_even import resampling_of
from runs.studies.break_even_words import Found
from runs.studies.crossings import break_even
from web.answers_said import curve_of, of_found, said_by_chance, said_overall, swing_of
from web.answers_table import answers_text
from web.choice import Choice, HasGazetteer
from web.drawn import Foot, Format, source_line, tornado, word
from web.setting import COST, SHOWN, Setting, in_a_world_of_theirs, setting_of
from web.work import SAID, Message, Refused, Task

Floats = NDArray[np.float64]

BLOCK = 20  # points after which what there is is analysed: the fewest of which 90 % intervals can be taken
SECONDS_OF_WAITING = 0.05  # between two looks at whether an analysis is still wanted
COST_GROUP = "cost of civilian work"
SWINGS, CURVES = 12, 6  # drawn


@dataclass(frozen=True)
class Answers:
    """What the first points show: differences, shape (n, 1), and each input's crossing, the longest swing first."""

    differences: Floats
    streams: NDArray[np.int64]
    found: tuple[Found, ...]

    @property
    def points(self) -> int:
        """Sets of assumptions."""
        return len(self.differences)


class Answering:
    """Work: points of a Latin hypercube, both arms each, and after every block of points an analysis.

    Args:
        control: the arm that the other is held against.
        arm: the other.
        assumptions: parameters that the visitor holds: they are not varied.
        seed: of the sample and of the runs.
        months: of the window.
        outcome: what differs, one of :data:`web.setting.SHOWN`.
        most: points, at most.
        uploads: the visitor's files.

    Raises:
        Refused: what is asked cannot be run, or nothing is left to vary.
    """

    width = 2

    def __init__(
        self,
        control: Choice,
        arm: Choice,
        assumptions: dict[str, float],
        seed: int = 0,
        months: int = 36,
        outcome: str = "expected_civilian_deaths",
        most: int = 200,
        uploads: HasGazetteer | None = None,
    ) -> None:
        if outcome not in SHOWN:
            raise Refused("numbers_refused_outcome", name=outcome)
        self.setting: Setting = setting_of(control, (arm,), assumptions, seed, months, uploads)
        self.setting.design(2)  # refuses what cannot be compared at once
        self.outcome = outcome
        self.most = most - most % BLOCK
        self.inputs = varied(self.setting, outcome)
        if not self.inputs or self.most < BLOCK:
            raise Refused("numbers_refused_inputs")
        self._changed = Condition()
        self._sampled: Experiment | None = None
        self._differences = np.full(self.most, np.nan)
        self._answers: Answers | None = None
        self._taken = 0

    @property
    def hash(self) -> str:
        """Short hash of the inputs."""
        return self.setting.hash(outcome=self.outcome, points=self.most, varied=self.inputs)

    # --- work -------------------------------------------------------------------------------------------------------

    def begin(self) -> Iterable[Message]:
        """What is about to be run."""
        return (self._progress(),)

    def _progress(self) -> Message:
        return {"say": "progress", "runs": self._taken, "most": self.most, "hash": self.hash}

    def tasks(self) -> Iterator[Task]:
        """A point each; behind each block, once the next one has begun, the analysis of all points so far."""
        for point in range(self.most):
            yield partial(self._run, point)
            if point % BLOCK == 0 and point > 0:
                yield partial(self._analyse, point)
        yield partial(self._analyse, self.most)

    def _run(self, point: int, tick: Tick) -> None:
        experiment = self._experiment()
        with in_a_world_of_theirs():
            found = run_replicate(experiment.design, point, 0, tick)
        window = after_clock(self.setting.months)
        treated, control = (
            found.outcomes[arm.key, window][self.outcome] for arm in (self.setting.treated[0], self.setting.control)
        )
        with self._changed:
            self._differences[point] = treated - control
            self._changed.notify_all()

    def _analyse(self, points: int, tick: Tick) -> Answers:
        """Crossings of the first points. Waits for those that another thread still runs: they are few and under way."""
        experiment = self._experiment()
        with self._changed:
            while not np.isfinite(self._differences[:points]).all():
                self._changed.wait(SECONDS_OF_WAITING)
                tick(0)
            differences = self._differences[:points, None].copy()
        return answers_of(experiment.part(points), differences, self.outcome, self._names(), lambda: tick(0))

    def take(self, result: Answers | None) -> Iterable[Message]:
        """Progress after a point, the answers after an analysis."""
        if result is None:
            self._taken += 1
            return (self._progress(),)
        self._answers = result
        return (self.message(result),)

    def end(self) -> Iterable[Message]:
        """Nothing: the last task is an analysis."""
        return ()

    def _names(self) -> tuple[str, str]:
        return self.setting.treated[0].name, self.setting.control.name

    def _experiment(self) -> Experiment:
        """All points, sampled once, by whoever comes first."""
        with self._changed:
            if self._sampled is None:
                self._sampled = sampled(self.setting, self.inputs, self.outcome, self.most)
            return self._sampled

    # --- what is said -----------------------------------------------------------------------------------------------

    def message(self, answers: Answers) -> Message:
        """The answers as the page wants them, the longest swing first."""
        return {
            "say": "answers", "points": answers.points, "most": self.most, "outcome": self.outcome,
            "unit": MEASURES[self.outcome].unit, "window": after_clock(self.setting.months),
            "count_from": self.setting.count_from, "months": self.setting.months,
            "inputs": [of_found(one, self.outcome) for one in answers.found],
            "estimate": {
                **estimate_of(answers),
                "said": said_overall(estimate_of(answers), answers.points, self.outcome),
            },
            "by_chance": said_by_chance(len(answers.found)),
            "level": LEVEL, "first_look": is_first_look(len(np.unique(answers.streams))),
            "hash": self.hash, "provenance": {**self.setting.provenance(), "points": answers.points},
        }  # fmt: skip

    # --- to take away -----------------------------------------------------------------------------------------------

    def _there(self) -> Answers:
        if self._answers is None:
            raise Refused("numbers_refused_early")
        return self._answers

    def figure(self, kind: str, format: Format, language: Language) -> bytes:
        """The tornado of the longest swings, with the curves that say most, as the bytes of a file.

        Raises:
            Refused: another kind than ``tornado``, or nothing to draw yet.
        """
        answers = self._there()
        if kind != "tornado":
            raise Refused("numbers_refused_figure", name=kind)
        line = source_line(self.setting.provenance(), language, points=answers.points)
        foot = Foot(line, self.hash, language, len(np.unique(answers.streams)))
        group = word("against", language, arm=self._names()[0], control=self._names()[1])
        telling = sorted(answers.found, key=lambda one: (not one.resolved, -abs(one.crossing.swing)))
        curves = [curve_of(one, self.outcome, language) for one in telling[:CURVES]]
        swings = [swing_of(one, self.outcome, group, language) for one in answers.found[:SWINGS]]
        return tornado(curves, swings, foot, format)

    def table(self, language: Language) -> str:
        """Swings and crossings of all inputs as CSV, with provenance as comments in front.

        Raises:
            Refused: nothing to table yet.
        """
        answers = self._there()
        window = word(f"window_{self.setting.count_from}", language, months=self.setting.months)
        return answers_text(self.setting, self.hash, answers.found, answers.points, self.outcome, window, language)


# --- the experiment -------------------------------------------------------------------------------------------------


def varied(setting: Setting, outcome: str) -> tuple[str, ...]:
    """Names of the parameters to vary: uncertain, not fitted, not held, and in a group that an arm works through.

    Others cannot move the difference; trying them would only add inputs that look resolved by chance.
    """
    bare = Scenario(name="bare", title="no levers")
    control, arm = setting.control.scenario, setting.treated[0].scenario
    groups = {*groups_of(arm, control), *groups_of(arm, bare), *groups_of(control, bare)}
    if outcome != COST:
        groups.discard(COST_GROUP)
    return tuple(
        d.name
        for d in declarations(Parameters).values()
        if d.status != CALIBRATED
        and not isinstance(d.prior, Fixed)
        and d.group in groups
        and d.name not in setting.fixed
    )


def sampled(setting: Setting, inputs: Iterable[str], outcome: str, points: int) -> Experiment:
    """The experiment, with its points in the order of the sample rather than draw after draw.

    Each column of a Latin hypercube is shuffled on its own, so the first n rows are as good as any n of them: a simple
    random sample in which no value comes twice. So the work may be cut short anywhere; and the first points start from
    as many different draws.

    Raises:
        Refused: the experiment cannot be made.
    """
    control, arm = (one.scenario for one in setting.arms)
    values = {
        "name": "answers", "title": "What would change the answer", "question": "Which assumptions turn the order?",
        "levers": {"control": _fields(control), "scenarios": [_fields(arm)]},
        "uncertainties": {
            "design": LHS, "base": "draws", "draws": DRAWS, "points": points, "fixed": setting.fixed,
            "parameters": {name: {} for name in inputs},
        },
        "outcomes": {"months": [setting.months], "count_from": setting.count_from, "main": [outcome]},
        # A design asks for two seeds. Only the first is run: to a line through points, another point is worth more
        # than another seed of the same one.
        "runs": {"seeds": 2, "intervals": False, "seed": setting.seed},
    }  # fmt: skip
    try:
        experiment = experiment_from(values, "answers")
    except ExperimentError as error:
        raise Refused(SAID, text=str(error)) from None
    streams = np.arange(points) % DRAWS
    order = np.argsort(np.argsort(streams, kind="stable"))  # undoes the sorting by draw
    design = experiment.design
    return replace(
        experiment,
        design=replace(design, points=tuple(design.points[place] for place in order.tolist())),
        unit=experiment.unit[order],
        inputs=experiment.inputs[order],
    )


def _fields(scenario: Scenario) -> dict[str, Any]:
    return scenario.model_dump(mode="json", exclude_none=True)


def answers_of(
    experiment: Experiment, differences: Floats, outcome: str, names: tuple[str, str], wanted: Callable[[], object]
) -> Answers:
    """Each input's swing and crossing.

    A straight line of one input at a time: in a Latin hypercube the others are all but uncorrelated with it, so leaving
    them out biases nothing, and with all of them beside it a bootstrap would take minutes, not a second.

    Args:
        experiment: its points are those of the differences.
        differences: shape (n, 1).
        outcome: what differs.
        names: of the arm and of what it is held against.
        wanted: called now and then; raises to give up.
    """
    resampling = resampling_of(experiment)
    found = []
    for k, one in enumerate(experiment.uncertainties):
        wanted()
        x, d = experiment.inputs[:, k], one.declaration
        if np.ptp(x) == 0.0:
            continue
        state = crc32(f"{experiment.design.seed}/{outcome}/{one.name}".encode())
        crossing = break_even(x, differences, resampling, state)
        unit = "" if d.unit == "1" else d.unit
        found.append(Found(*names, d.name, d.meaning, unit, STATUS_MARK[d.status], False, crossing))
    ranked = tuple(sorted(found, key=lambda one: -abs(one.crossing.swing)))
    return Answers(differences, resampling.clusters, ranked)


def estimate_of(answers: Answers) -> dict[str, float]:
    """The difference over all points: mean with a t interval over draws, middle of single pairs, share below zero.

    Points that start from one draw share its world, so draws are what the mean is taken over.
    """
    values = answers.differences[:, 0]
    draws, place = np.unique(answers.streams, return_inverse=True)
    means = np.bincount(place, weights=values) / np.bincount(place)
    error = float(means.std(ddof=1)) / np.sqrt(draws.size)
    reach = float(special.stdtrit(draws.size - 1, 0.5 + LEVEL / 2.0)) * error
    middle = float(means.mean())
    low, high = quantiles(values)
    return {
        "estimate": middle, "low": middle - reach, "high": middle + reach, "future_low": low, "future_high": high,
        "fewer": float((values < 0.0).mean()), "level": level_held(draws.size),
    }  # fmt: skip
