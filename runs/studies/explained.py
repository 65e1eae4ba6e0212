"""What a study of sensitivity explains: the difference of an arm, or a level, and what moves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from abm.declarations import STATUS_MARK
from runs.studies.convergence import Stage
from runs.studies.labels import label
from runs.studies.sensitivity_indices import MORRIS, SOBOL, Indices

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment, Uncertainty

SAMPLES = {SOBOL: "base samples", MORRIS: "trajectories"}
UNTOLD = "cannot be told from zero"
NOTHING = "the same at every point"
MOST_ARMS = 6  # in words and in the figure; all are in the tables


@dataclass(frozen=True)
class Explained:
    """An outcome and what moves it, from a part of the samples to all: the difference of an arm, or a level."""

    arm: str
    key: str
    is_level: bool
    stages: tuple[Stage, ...]

    @property
    def last(self) -> Stage:
        """From all samples."""
        return self.stages[-1]

    @property
    def indices(self) -> Indices:
        """From all samples."""
        return self.last.indices


def named(experiment: Experiment, arm: str) -> str:
    """An arm's name for a reader."""
    return label(experiment, arm)


def uncertainty_of(experiment: Experiment, name: str) -> Uncertainty:
    """A sampled parameter by its name."""
    return next(one for one in experiment.uncertainties if one.name == name)


def arm_and_parameter(experiment: Experiment, one: Explained, k: int) -> tuple[str, str]:
    """What is explained, and a parameter with its mark."""
    known = uncertainty_of(experiment, one.indices.names[k]).declaration
    arm = f"{named(experiment, one.arm)}: its own level" if one.is_level else named(experiment, one.arm)
    return arm, f"{STATUS_MARK[known.status]} {known.name}"
