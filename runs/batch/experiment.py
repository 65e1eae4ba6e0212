"""An experiment: read from its file, and expanded into arms, points and seeds.

An experiment that was read holds everything it needs: scenarios from files are taken in, so that it can be stored and
read back elsewhere. Shipped scenarios stay named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from abm.scenario import Scenario, ScenarioError, explain, shipped_scenarios
from abm.toml_text import TomlError, parse, read_text
from runs.batch.experiment_file import ExperimentFile, LeversFile, Source, did_you_mean
from runs.batch.factors import Factor, LeverError, arms_of
from runs.batch.sampling import Sample, SamplingError, Uncertainty, number_of_points, sample, uncertainties_of
from runs.design import Design
from runs.inputs import InputError
from runs.provenance import canonical_json, sha256

__all__ = [
    "Experiment", "ExperimentError", "ExperimentFile", "Factor", "Uncertainty", "experiment_from", "load_experiment",
    "shipped_experiments",
]  # fmt: skip

MOST_ARMS = 2_000  # of a factorial (assumption): more is a mistake in the file, and nobody could read what comes of it
MOST_RUNS = 2_000_000  # some months of a hundred cores: more is a mistake in the file


class ExperimentError(InputError):
    """An experiment that cannot be used; the message names file, field, what was found and what was expected."""


@dataclass(frozen=True)
class Experiment:
    """An experiment, expanded.

    ``levels`` has the factors' values of each arm of the factorial, in its order. ``unit`` and ``inputs`` have what was
    sampled, a row for each of K points and a column for each of d uncertainties: its place in the unit cube, and its
    value in the parameter's own unit.
    """

    file: ExperimentFile
    design: Design
    factors: tuple[Factor, ...]
    levels: Mapping[str, Mapping[str, Any]]
    uncertainties: tuple[Uncertainty, ...]
    unit: NDArray[np.float64]
    inputs: NDArray[np.float64]

    @property
    def name(self) -> str:
        """Short name."""
        return self.file.name

    @property
    def title(self) -> str:
        """One sentence for a reader who is not a modeller."""
        return self.file.title

    @property
    def question(self) -> str:
        """What it is to answer."""
        return self.file.question

    @property
    def main(self) -> tuple[str, ...]:
        """Outcomes that reports lead with, the headline first."""
        return self.file.outcomes.main

    @property
    def events(self) -> bool:
        """Whether the event log of every run is stored."""
        return self.file.outcomes.events

    @property
    def intervals(self) -> bool:
        """Whether there are enough seeds for intervals."""
        return self.file.runs.intervals

    @property
    def sampling(self) -> str:
        """How points were chosen: draws, lhs, sobol, morris, factorial or list."""
        return self.file.uncertainties.design

    @property
    def arms(self) -> tuple[Scenario, ...]:
        """The control, then the treated arms."""
        return self.design.arms

    @property
    def runs(self) -> int:
        """Number of runs: points × seeds × arms."""
        return self.design.draws * self.design.seeds * len(self.arms)

    def part(self, points: int) -> Experiment:
        """The same with its first points alone, in their worlds and with their seeds."""
        return replace(self, design=self.design.part(points), unit=self.unit[:points], inputs=self.inputs[:points])

    @cached_property
    def _fingerprint(self) -> str:
        design = self.design
        points = design.points or [None] * design.draws
        expanded = {
            "arms": [arm.model_dump(mode="json") for arm in design.arms],
            "points": [
                [design.number(k), dict(point.held) if point else {}, point.stream if point else k]
                for k, point in enumerate(points)
            ],
            "seeds": design.seeds,
            "seed": design.seed,
            "months": list(design.months),
            "count_from": design.count_from,
            "events": self.events,
            "fixed": design.fixed,
        }
        return sha256(canonical_json(expanded))

    def fingerprint(self) -> str:
        """SHA-256 of the expanded design, in hexadecimal: what is run, whatever the file that says so looks like."""
        return self._fingerprint


def shipped_experiments() -> tuple[str, ...]:
    """Names of the experiments that come with the program."""
    files = resources.files("runs").joinpath("experiments").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def load_experiment(source: str | Path) -> Experiment:
    """A shipped experiment by its name, or one from a TOML file.

    Raises:
        ExperimentError: unknown name, unreadable file, or a bad field; the message says which and what was expected.
    """
    text, label, folder = _read(source)
    try:
        values = parse(text)
    except TomlError as error:
        raise ExperimentError(f"{label}: {error}") from None
    return experiment_from(values, label, folder)


def experiment_from(values: Mapping[str, Any], label: str, folder: Path | None = None) -> Experiment:
    """An experiment from the fields of its file.

    Args:
        values: as TOML or JSON gives them; ``Experiment.file.model_dump(mode="json")`` gives the same experiment again.
        label: the file, for messages.
        folder: where files of scenarios lie that are named without one; the current folder by default.

    Raises:
        ExperimentError: a bad field.
    """
    try:
        file = ExperimentFile.model_validate(values)
    except ValidationError as error:
        raise ExperimentError(explain(error, label)) from None
    try:
        return _expanded(_taken_in(file, folder))
    except _FieldError as error:
        raise ExperimentError(str(_in(label, error))) from None


class _FieldError(ValueError):
    """A bad field of a file whose name is not known here."""


def _in(field: str, error: object) -> _FieldError:
    """An error with the field in front of each of its lines."""
    return _FieldError("\n".join(f"{field}: {line}" for line in str(error).splitlines()))


def _read(source: str | Path) -> tuple[str, str, Path | None]:
    """Text, label for messages, and folder (None for a shipped experiment)."""
    name = str(source)
    known = shipped_experiments()
    if name in known:
        file = resources.files("runs").joinpath("experiments", f"{name}.toml")
        return file.read_text(encoding="utf-8"), name, None
    path = Path(source)
    if path.suffix != ".toml":
        hint = did_you_mean(name, known)
        raise ExperimentError(f"unknown experiment {name!r}{hint}; expected one of {', '.join(known)} or a .toml file")
    try:
        return read_text(path), str(path), path.parent
    except TomlError as error:
        raise ExperimentError(f"{path}: {error}") from None


def _taken_in(file: ExperimentFile, folder: Path | None) -> ExperimentFile:
    """The same with everything that other files say in it; shipped scenarios stay named."""
    levers = file.levers
    factorial = levers.factorial
    if factorial is not None:
        base = _named_or_whole(factorial.base, folder, "levers.factorial.base")
        factorial = factorial.model_copy(update={"base": base})
    arms = (_scenario(arm, folder, f"levers.arms.{number}") for number, arm in enumerate(levers.arms, 1))
    changed = {
        "control": _named_or_whole(levers.control, folder, "levers.control"),
        "scenarios": tuple(_named_or_whole(source, folder, "levers.scenarios") for source in levers.scenarios),
        "arms": tuple(_whole(arm) for arm in arms),
        "factorial": factorial,
    }
    return file.model_copy(update={"levers": levers.model_copy(update=changed)})


def _named_or_whole(source: Source, folder: Path | None, field: str) -> Source:
    scenario = _scenario(source, folder, field)
    named = isinstance(source, str) and source in shipped_scenarios()
    return source if named else _whole(scenario)


def _whole(scenario: Scenario) -> dict[str, Any]:
    """All fields as TOML can hold them: it has no word for none, which is what a field is that is left out."""
    return scenario.model_dump(mode="json", exclude_none=True)


def _scenario(source: Source, folder: Path | None, field: str) -> Scenario:
    """A scenario by its name, its file, or its fields, which may extend another."""
    try:
        if isinstance(source, str):
            return Scenario.load(_beside(source, folder))
        values = dict(source)
        parent = values.pop("extend", None)
        if parent is None:
            return Scenario.model_validate(values)
        if not isinstance(parent, str):
            raise _FieldError(f"{field}: extend: expected the name or file of a scenario (found {parent!r})")
        for name in values:
            if name not in Scenario.model_fields:
                hint = did_you_mean(name, Scenario.model_fields)
                raise _FieldError(f"{field}: {name}: unknown field{hint}")
        return Scenario.load(_beside(parent, folder)).changed(**values)
    except ScenarioError as error:
        raise _in(field, error) from None
    except ValidationError as error:
        raise _FieldError(explain(error, field)) from None


def _beside(source: str, folder: Path | None) -> str | Path:
    return folder / source if folder is not None and source.endswith(".toml") else source


def _expanded(file: ExperimentFile) -> Experiment:
    """The experiment of a file that is whole."""
    treated, factors, levels = _arms(file.levers)
    try:
        uncertainties = uncertainties_of(file.uncertainties)
        _refuse_too_many(file, uncertainties, len(treated) + 1)
        taken = sample(file.uncertainties, uncertainties, file.runs.seed)
    except SamplingError as error:
        raise _in("uncertainties", error) from None
    design = _design(file, treated, taken)
    return Experiment(file, design, factors, levels, uncertainties, taken.unit, taken.inputs)


def _arms(levers: LeversFile) -> tuple[tuple[Scenario, ...], tuple[Factor, ...], dict[str, dict[str, Any]]]:
    """Treated arms: the scenarios, the inline arms, then those of the factorial; its factors and levels."""
    treated = [_scenario(source, None, "levers") for source in (*levers.scenarios, *levers.arms)]
    if levers.factorial is None:
        return tuple(treated), (), {}
    factors = tuple(Factor(f.name, f.label, f.lever, f.values) for f in levers.factorial.factors)
    combinations = prod(len(factor.values) for factor in factors)
    if combinations > MOST_ARMS:
        raise _FieldError(
            f"levers.factorial: expected at most {MOST_ARMS:,} combinations of values (found {combinations:,})"
        )
    try:
        combined, levels = arms_of(_scenario(levers.factorial.base, None, "levers.factorial.base"), factors)
    except LeverError as error:
        raise _in("levers.factorial", error) from None
    return (*treated, *combined), factors, levels


def _refuse_too_many(file: ExperimentFile, uncertainties: Sequence[Uncertainty], arms: int) -> None:
    points = number_of_points(file.uncertainties, uncertainties)
    runs = points * file.runs.seeds * arms
    if runs > MOST_RUNS:
        raise _FieldError(
            f"runs: expected at most {MOST_RUNS:,} runs (found {points:,} points × {file.runs.seeds} seeds × "
            f"{arms} arms = {runs:,})"
        )


def _design(file: ExperimentFile, treated: tuple[Scenario, ...], taken: Sample) -> Design:
    try:
        return Design(
            control=_scenario(file.levers.control, None, "levers.control"),
            treated=treated,
            draws=len(taken.inputs),
            seeds=file.runs.seeds,
            seed=file.runs.seed,
            fixed=dict(file.uncertainties.fixed),
            months=file.outcomes.months,
            points=taken.points,
            count_from=file.outcomes.count_from,
        )
    except ScenarioError as error:
        raise _in("levers", error) from None
