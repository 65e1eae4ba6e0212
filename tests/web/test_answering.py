"""What would change the answer: swings and crossings are those of the studies, and grow; sentences in two languages."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from threading import Thread
from typing import Any

import numpy as np
import pytest
from web_samples import arm, messages, with_desk

from abm.declarations import CALIBRATED, declarations
from abm.draws import DRAWS
from abm.parameters import Parameters
from abm.priors import Fixed
from runs.parallel import Stopped
from runs.studies.break_even_words import Found
from runs.studies.crossings import Resampling, break_even
from web import answering
from web.answering import BLOCK, Answering, Answers, answers_of, estimate_of, sampled, varied
from web.answers_said import of_found, sentence
from web.choice import Choice
from web.words_numbers import WORDS
from web.work import Refused

MONTHS, MOST = 3, 40
OUTCOME = "expected_civilian_attacks"
SMALL = {"world": {"cercles": ["Koro"]}}  # many runs of three months: one cercle is enough
STRATEGY = {**SMALL, "strategy": {"starts": "2021-01-01", "disarmament_per_month": 2000.0}}


def asked(most: int = MOST, **more: Any) -> Answering:
    choices = more.pop("choices", (arm(levers=SMALL), arm("malian-strategy", STRATEGY, "Strategy")))
    return Answering(*choices, more.pop("assumptions", {"delta_un": 0.4}), 3, MONTHS, most=most,
                     **{"outcome": OUTCOME, **more})  # fmt: skip


@cache
def done() -> tuple[Answering, tuple[dict[str, Any], ...]]:
    work = asked()
    return work, tuple(messages(work))


def answers(found: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    return [message for message in found if message["say"] == "answers"]


# --- points -------------------------------------------------------------------------------------------------------


def test_uncertain_inputs_are_varied_around_what_is_held_and_nothing_fitted_is() -> None:
    known = declarations(Parameters)
    choices = (arm(), arm("tobs-and-strategy"))
    names = varied(asked(choices=choices).setting, OUTCOME)
    assert "delta_un" in varied(asked(choices=choices, assumptions={}).setting, OUTCOME)
    assert "delta_un" not in names
    assert all(known[name].status != CALIBRATED and not isinstance(known[name].prior, Fixed) for name in names)
    assert {"strategy", "attacks"} <= {known[name].group for name in names}
    assert "accountability" not in {known[name].group for name in names}


def test_prices_are_varied_only_where_cost_is_asked() -> None:
    prices = set(varied(asked(outcome="total_cost").setting, "total_cost")) - set(varied(asked().setting, OUTCOME))
    assert {declarations(Parameters)[name].group for name in prices} == {"cost of civilian work"}


def test_any_first_points_are_spread_over_draws_and_no_stratum_comes_twice() -> None:
    work = asked(200)
    experiment = sampled(work.setting, work.inputs, OUTCOME, 200)
    streams = [point.stream for point in experiment.design.points]
    numbers = [point.number for point in experiment.design.points]
    assert len(set(streams[:DRAWS])) == DRAWS
    assert len(set(zip(streams, numbers, strict=True))) == DRAWS
    strata = np.floor(experiment.unit * 200).astype(int)
    for points in (BLOCK, 100, 200):
        assert all(np.unique(column[:points]).size == points for column in strata.T)
    held = experiment.design.points[7].held
    assert [held[name] for name in work.inputs] == pytest.approx(experiment.inputs[7].tolist())
    assert experiment.design.parameters(7).delta_un == 0.4


def test_a_first_block_is_no_corner_of_the_space() -> None:
    work = asked(200)
    unit = sampled(work.setting, work.inputs, OUTCOME, 200).unit[:BLOCK]
    error = np.sqrt(1.0 / 12.0 / BLOCK)  # of the mean of so many uniform values
    assert np.abs(unit.mean(axis=0) - 0.5).max() < 4.5 * error


# --- what is found ------------------------------------------------------------------------------------------------


def planted(points: int, slope: float, level: float, noise: float = 1.0) -> tuple[Answering, Answers]:
    """Answers where the difference rises with the first input and with nothing else."""
    work = asked(200)
    experiment = sampled(work.setting, work.inputs, OUTCOME, 200).part(points)
    rng = np.random.default_rng(5)
    differences = level + slope * (experiment.unit[:, :1] - 0.5) + noise * rng.standard_normal((points, 1))
    return work, answers_of(experiment, differences, OUTCOME, ("Strategy", "Control"), lambda: None)


def test_the_input_that_matters_comes_first_with_its_crossing() -> None:
    work, found = planted(200, slope=40.0, level=0.0)
    first = found.found[0]
    assert first.input == work.inputs[0]
    assert first.crossing.rising
    middle = float(np.median(sampled(work.setting, work.inputs, OUTCOME, 200).inputs[:, 0]))
    spread = np.subtract(*reversed(first.crossing.tenths))
    assert abs(first.crossing.at - middle) < 0.2 * spread
    said = of_found(first, OUTCOME)
    assert said["crosses"]
    assert said["side"] == "none"
    assert said["resolved"]
    assert said["crossing_low"] < said["crossing"] < said["crossing_high"]


def test_an_input_that_never_turns_the_order_says_on_which_side_it_stays() -> None:
    _, found = planted(200, slope=10.0, level=-50.0)
    said = of_found(found.found[0], OUTCOME)
    assert (said["side"], said["crossing"]) == ("fewer", None)
    assert "fewer attacks on civilians" in said["said"]["en"]
    assert "moins d'attaques contre des civils" in said["said"]["fr"]


def test_few_inputs_that_change_nothing_look_resolved() -> None:
    """Ninety in a hundred intervals hold what they should; 60 inputs, one in a million (binomial): 21 at most."""
    _, found = planted(200, slope=0.0, level=0.0, noise=10.0)
    assert sum(of_found(one, OUTCOME)["resolved"] for one in found.found) <= 21


def test_the_mean_over_points_rests_on_draws() -> None:
    streams = np.array([0, 0, 1, 1, 2, 2])
    values = np.array([-1.0, -3.0, -2.0, -4.0, 1.0, -3.0])[:, None]
    found = estimate_of(Answers(values, streams, ()))
    assert found["estimate"] == pytest.approx(-2.0)  # means of draws: -2, -3, -1
    assert found["high"] - found["estimate"] == pytest.approx(2.9199856 / np.sqrt(3.0))
    assert found["fewer"] == pytest.approx(5 / 6)


# --- growing ------------------------------------------------------------------------------------------------------


def test_answers_come_after_every_block_and_are_json() -> None:
    _, found = done()
    assert [m["points"] for m in answers(found)] == [BLOCK, MOST]
    for message in found:
        json.dumps(message, allow_nan=False)
    swings = [abs(row["change"]) for row in answers(found)[-1]["inputs"]]
    assert swings == sorted(swings, reverse=True)
    assert len(swings) == len(done()[0].inputs)


def test_the_first_answers_are_those_of_the_first_points_alone() -> None:
    """What is analysed does not depend on which points happen to be done by then, nor on the number of threads."""
    assert answers(with_desk(asked(), 3)) == answers(done()[1])


def test_an_analysis_whose_points_are_missing_waits_and_can_be_given_up() -> None:
    work = asked()
    stopped: list[bool] = []

    def tick(_day: int) -> None:
        if stopped:
            raise Stopped

    failed: list[BaseException] = []

    def run() -> None:
        try:
            work._analyse(BLOCK, tick)
        except Stopped as error:
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    stopped.append(True)
    thread.join(10.0)
    assert not thread.is_alive()
    assert failed


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"outcome": "no_such"}, "numbers_refused_outcome"),
        ({"choices": (arm(), arm())}, "numbers_refused_same"),
        ({"most": BLOCK - 1}, "numbers_refused_inputs"),
        ({"choices": (arm(), Choice(scenario="malian-strategy"))}, "said"),
    ],
)
def test_what_cannot_be_asked_is_refused(more: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        asked(**more)
    assert refusal.value.code == code
    assert code in WORDS or code == "said"


def test_when_everything_is_held_nothing_is_left_to_vary(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {name: d for name, d in declarations(Parameters).items() if name == "delta_un"}
    monkeypatch.setattr(answering, "declarations", lambda _model: known)
    with pytest.raises(Refused) as refusal:
        asked()
    assert refusal.value.code == "numbers_refused_inputs"


# --- sentences ----------------------------------------------------------------------------------------------------


def found_of(level: float, slope: float, noise: float, points: int = 60) -> Found:
    rng = np.random.default_rng(2)
    x = np.linspace(0.0, 1.0, points)
    y = (level + slope * (x - 0.5) + noise * rng.standard_normal(points))[:, None]
    crossing = break_even(x, y, Resampling(np.arange(points), False, points), 1)
    return Found("Strategy", "the control", "delta_un", "", "", "◐", False, crossing)


@pytest.mark.parametrize(
    ("found", "english", "french"),
    [
        (found_of(0.0, 20.0, 1.0), "turns at 0.5", "s'inverse à 0,5"),
        (found_of(-50.0, 1.0, 1.0), "fewer attacks on civilians than", "moins d'attaques contre des civils qu'avec"),
        (found_of(0.1, 0.5, 9.0), "not resolved", "pas concluant"),
        (found_of(0.0, 20.0, 1.0, points=14), "first look", "premier aperçu"),
    ],
)
def test_sentences_are_in_both_languages(found: Found, english: str, french: str) -> None:
    assert english in sentence(found, OUTCOME, "en")
    assert french in sentence(found, OUTCOME, "fr")


def test_a_falling_line_has_more_below_its_crossing() -> None:
    text = sentence(found_of(0.0, -20.0, 1.0), OUTCOME, "en")
    assert "more attacks on civilians than with the control below that, fewer above" in text


def test_a_line_that_does_not_fit_says_so() -> None:
    one = found_of(0.0, 20.0, 1.0)
    bent = replace(one, crossing=replace(one.crossing, bends=True))
    assert "not to be trusted" in sentence(bent, OUTCOME, "en")
    assert "pas fiable" in sentence(bent, OUTCOME, "fr")


# --- to take away -------------------------------------------------------------------------------------------------


def rows_of(text: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO("".join(line for line in text.splitlines(True) if not line.startswith("# "))))


def test_the_table_has_every_input_to_the_bit() -> None:
    work, found = done()
    rows = list(rows_of(work.table("en")))
    said = answers(found)[-1]["inputs"]
    assert [row["name"] for row in rows] == [one["name"] for one in said]
    assert [float(row["swing"]) for row in rows] == [one["change"] for one in said]
    assert f"# hash: {work.hash}" in work.table("fr").splitlines()


def test_the_tornado_is_in_both_languages_and_carries_source_and_hash() -> None:
    work, _ = done()
    english, french = (work.figure("tornado", "svg", language).decode() for language in ("en", "fr"))
    assert "What would change the answer" in english
    assert "Ce qui changerait la réponse" in french
    assert all(work.hash[:12] in text for text in (english, french))
    with pytest.raises(Refused) as refusal:
        work.figure("effects", "svg", "en")
    assert refusal.value.code == "numbers_refused_figure"


def test_nothing_can_be_taken_away_before_the_first_answers() -> None:
    for take in (lambda w: w.table("en"), lambda w: w.figure("tornado", "svg", "en")):
        with pytest.raises(Refused) as refusal:
            take(asked())
        assert refusal.value.code == "numbers_refused_early"
