"""The four questions: numbers from the arms, verdicts as far as they are resolved, and what is missing by its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest

from abm.scenario import shipped_scenarios
from runs.compare import Comparison
from runs.design import TREATED, everything
from runs.phrases import THIN, fewer_or_more
from runs.questions import four_questions
from runs.statistics import summarise

Invent = Callable[..., Comparison]
QUESTIONS = (
    "What type of personnel?", "Doing what kind of operation?", "Supporting which Malian strategy?", "At what cost?",
)  # fmt: skip


def answers(comparison: Comparison) -> list[str]:
    return [text.replace(THIN, "") for text in four_questions(comparison).paragraphs[-4:]]


def default(invent: Invent, factors: Sequence[float], **more: float) -> Comparison:
    return invent(arms=TREATED, factors=factors, cost=12e6, **more)


STRONG = (1.0, 0.7, 0.9, 0.63, 0.8, 0.4, 0.35, 0.95)


def test_each_question_has_one_paragraph(invent: Invent) -> None:
    part = four_questions(default(invent, STRONG))
    assert len(part.paragraphs) == 5
    assert "baseline 2021 has 400 attacks" in re.sub(r"(39\d|40\d) attacks", "400 attacks", part.paragraphs[0])
    for text, question in zip(answers(default(invent, STRONG)), QUESTIONS, strict=True):
        assert text.startswith(question)


def test_resolved_answers_say_so(invent: Invent) -> None:
    personnel, operations, strategy, cost = answers(default(invent, STRONG))
    assert "Mobile companies do better than as many people who stay in their camps: run by run" in personnel
    assert "2069 more people, 750 of them in mobile companies" in personnel
    assert "not resolved" not in personnel
    assert "Within 30 km of an extra base" in operations
    assert "the two strengthen each other" in strategy
    assert "Dialogue, disarmament and services from July 2021" in strategy
    assert re.search(r"extra TOBs US\$ 12.0 million, per death averted US\$ \d+ thousand to \d+ thousand", cost)
    assert "If averting a death is worth US$ 1 million, the chance that the cost is worth it is 100 % for" in cost
    assert "goes to quick-reaction units (100 % of" in cost


def test_what_is_not_resolved_is_written_out(invent: Invent) -> None:
    personnel, operations, strategy, cost = answers(default(invent, (0.5,) * 8))
    assert "Whether mobile companies do better than as many people who stay in their camps is not resolved" in personnel
    assert "not resolved" in operations
    assert "whether the two strengthen each other is not resolved" in strategy
    assert "not resolved" in cost


def test_worse_is_not_called_better(invent: Invent) -> None:
    worse = (1.0, 0.95, 0.9, 0.63, 0.8, 0.4, 0.35, 0.6)
    assert "It is not so that mobile companies do better" in answers(default(invent, worse))[0]


def test_few_sets_of_parameters_make_no_finding(invent: Invent) -> None:
    part = four_questions(default(invent, STRONG, draws=4))
    assert any("a first look, no finding" in text for text in part.paragraphs)
    assert "do better than as many people who stay in their camps (first look)" in part.paragraphs[2]


@pytest.mark.parametrize(
    ("arms", "missing"),
    [
        (TREATED, {"mobile-troops-embedded-medics", "allocation-spread", "allocation-population"}),
        (["no-un"], {"extra-tobs", "malian-strategy", "tobs-and-strategy", "accountability"}),
        (["extra-tobs"], {"camp-bound-troops", "mobile-troops-embedded-medics", "allocation-spread", "accountability"}),
        (everything(), set()),
    ],
)
def test_what_is_missing_is_named(invent: Invent, arms: Sequence[str], missing: set[str]) -> None:
    text = " ".join(answers(invent(arms=arms, factors=(1.0, *[0.8] * len(arms)), draws=2, seeds=2, cost=1e6)))
    asked = re.findall(r"add the scenario ([^.]*)\.", text)
    assert all(any(name in request for request in asked) for name in missing)
    assert set(re.findall(r"[a-z]+(?:-[a-z0-9]+)+", " ".join(asked))) <= set(shipped_scenarios())
    assert bool(asked) == bool(missing)


def test_arms_placed_otherwise_are_held_against_the_package(invent: Invent) -> None:
    arms = ["extra-tobs", "allocation-spread", "no-hospital"]
    operations = answers(invent(arms=arms, factors=(1.0, 0.5, 0.7, 0.9), draws=8))[1]
    assert re.search(r"those of the package: allocation spread (7[6-9]|8[0-4])\.\d more deaths", operations)
    assert re.search(r"The same units otherwise: no hospital 1[56]\d more deaths", operations)


def test_differences_in_words() -> None:
    import numpy as np

    noise = np.array([[0.0, 1.0]] * 10) - 0.5
    control = np.full((10, 2), 100.0)
    assert fewer_or_more(summarise(control - 30 + noise, control), "deaths").startswith("30.0 fewer deaths (29.")
    assert fewer_or_more(summarise(control + 30 + noise, control), "deaths").startswith("30.0 more deaths (29.")
    assert fewer_or_more(summarise(control, control), "deaths") == "no difference in any pair of runs"
    wide = 50 * (np.arange(20).reshape(10, 2) % 2 - 0.5)
    assert re.fullmatch(
        r"1\.0 fewer deaths \([\d.]+ fewer to [\d.]+ more: not resolved\)",
        fewer_or_more(summarise(control - 1 + wide, control), "deaths"),
    )
