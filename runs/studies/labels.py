"""Arms of an experiment for a reader: those of a factorial by what was varied in them, the others by their names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from runs.design import READABLE, arm_label

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment, Factor


# Places that names of arms write without capitals and accents.
PLACES = {"douentza": "Douentza", "mopti": "Mopti", "segou": "Ségou", "sevare": "Sévaré", "bamako": "Bamako"}


def label(experiment: Experiment, arm: str) -> str:
    """An arm's name for a reader: "3 companies, cooperation 0.5" for an arm of the factorial."""
    levels = experiment.levels.get(arm)
    if levels is None:
        return " ".join(PLACES.get(word, word) for word in arm_label(arm).split(" "))
    return ", ".join(level_label(factor, levels[factor.name]) for factor in experiment.factors)


def level_label(factor: Factor, value: Any) -> str:
    """One level of a factor with its name: a count comes first ("3 companies"), all else behind ("cooperation 0.5")."""
    name = factor_label(factor)
    if counts(factor):
        return f"{value} {singular(name) if value == 1 else name}"
    return f"{name} {value_label(value)}"


def factor_label(factor: Factor) -> str:
    """A factor's short name for a reader."""
    return " ".join(READABLE.get(word, word) for word in factor.name.replace("_", "-").split("-"))


def counts(factor: Factor) -> bool:
    """Whether all levels of a factor are whole numbers of something."""
    return all(isinstance(value, int) and not isinstance(value, bool) for value in factor.values)


def singular(name: str) -> str:
    """A factor's name for one of what it counts; "companies" becomes "company"."""
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def value_label(value: Any) -> str:
    """A level alone, for a reader."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    try:
        return value_label(date.fromisoformat(str(value)))
    except ValueError:
        return str(value).replace("_", " ").replace("-", " ")
