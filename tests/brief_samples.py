"""Experiments with made-up outcomes, and their briefs."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources
from typing import Any

import numpy as np
from pages import Page

from abm.calendar import day_of
from runs.batch.experiment import Experiment, experiment_from
from runs.compare import Comparison, can_hold_bases
from runs.outcomes import COURSES, MEASURES
from runs.report import comparison_provenance
from runs.rings import RINGS
from runs.studies.brief import brief_page

QUESTIONS = {
    "personnel": "What type of personnel?",
    "operations": "Doing what kind of operation?",
    "strategy": "Supporting which Malian strategy?",
    "cost": "At what cost?",
}
VOID = {"meta", "br", "hr", "img", "input", "link", "path", "use"}
FOUR = ["extra-tobs", "accountability", "extra-tobs-and-accountability", "malian-strategy"]
EIGHT = [*FOUR, "tobs-and-strategy", "all-measures", "camp-bound-troops"]


def experiment_of(**changes: Any) -> Experiment:
    """An experiment of the usual arms, with some fields of its file changed."""
    values: dict[str, Any] = {
        "name": "made-up",
        "title": "Bases & <strategies>",
        "question": 'What do "bases" & <b>strategies</b> change?',
        "levers": {"control": "baseline-2021", "scenarios": FOUR},
        "uncertainties": {"design": "draws", "draws": 20},
        "outcomes": {"months": [6, 12, 36], "main": ["expected_civilian_deaths", "expected_civilian_attacks"]},
        "runs": {"seeds": 4},
    }
    return experiment_from(values | changes, "made-up.toml")


def made_up(experiment: Experiment, effects: dict[str, float] | None = None, noise: float = 1.0) -> Comparison:
    """Outcomes of an experiment that nobody ran: the control's, less `effects` by arm, and a little noise of pairs.

    Effects are shares of the control's level; those of arms that are not named are 2 % more for each arm.
    """
    design, rng = experiment.design, np.random.default_rng(5)
    shape = (design.draws, design.seeds)
    windows = design.windows(day_of(date(2022, 7, 1)))
    shares = {arm.name: 0.02 * number for number, arm in enumerate(design.arms)} | (effects or {})
    values = {}
    for window in windows:
        base = 500.0 + rng.normal(0.0, 40.0, shape)
        for arm in design.arms:
            for key in MEASURES:
                own = 0.0 if arm is design.control else rng.normal(0.0, noise, shape)
                values[arm.name, window.name, key] = base * (1.0 - shares[arm.name]) + own
            if not arm.package.units:
                for key in ("extra_head_years", "extra_cost", *(k for k in MEASURES if k.startswith("head_years"))):
                    values[arm.name, window.name, key] = np.zeros(shape)
            values[arm.name, window.name, "civilian_cost"] = np.full(shape, 2e6 * shares[arm.name])
            paid = np.full(shape, 4e7 if arm.package.units else 0.0)
            values[arm.name, window.name, "extra_cost"] = paid
            values[arm.name, window.name, "total_cost"] = paid + values[arm.name, window.name, "civilian_cost"]
    months = np.arange("2021-01", "2021-07", dtype="datetime64[M]")
    courses = {(arm.name, c): np.ones((*shape, months.size)) for arm in design.arms for c in COURSES}
    rings = {arm.name: np.ones((*shape, 2, 2, len(RINGS))) for arm in design.arms if can_hold_bases(arm)}
    clock = np.full(shape, day_of(date(2022, 7, 1)))
    return Comparison(design, tuple(w.name for w in windows), values, clock, months, courses, rings)


def page_of(experiment: Experiment, comparison: Comparison | None = None, source: str = "name = 1\n") -> str:
    about = comparison_provenance(experiment.design)
    return brief_page(experiment, comparison or made_up(experiment), about, source)


class Words(Page):
    """A page with the text of each section by its id, and whether tags close as they opened."""

    def __init__(self, text: str) -> None:
        self.open: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self.parts: dict[str, str] = {}
        self.attributes: list[tuple[str, str, str]] = []
        super().__init__(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        self.attributes += [(tag, name, str(value)) for name, value in attrs]
        if tag not in VOID:
            self.open.append((tag, str(dict(attrs).get("id", "")) if tag == "section" else ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        self.attributes += [(tag, name, str(value)) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1][0] != tag:
            self.faults.append(f"</{tag}> at {self.getpos()} closes {self.open[-1:]}")
            return
        self.open.pop()

    def handle_data(self, data: str) -> None:
        super().handle_data(data)
        section = next((name for tag, name in reversed(self.open) if tag == "section"), None)
        if section is not None:
            self.parts[section] = self.parts.get(section, "") + data


SMALL = {"draws": 5, "points": 4}


def shipped(name: str) -> tuple[Experiment, str]:
    """A shipped experiment with few sets of parameters, and the text of its file."""
    text = resources.files("runs").joinpath("experiments", f"{name}.toml").read_text(encoding="utf-8")
    values = tomllib.loads(text)
    given = values["uncertainties"]
    given.update({key: value for key, value in SMALL.items() if key in given})
    values["runs"]["seeds"] = 4
    return experiment_from(values, f"{name}.toml"), text
