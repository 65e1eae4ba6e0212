"""Comparisons that grow: numbers are those of the model, the same for any number of threads, and said in time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from made_experiments import design_of, made
from web_samples import SMALL, arm, messages, with_desk

from abm.draws import DRAWS
from runs.compare import compare
from runs.design import DECISION, FIRST_BASE, Design
from runs.statistics import Spread, Summary, summarise
from runs.worth import cost_of
from web.choice import Choice
from web.comparing import Comparing, is_precise, order_of, per_death, usable
from web.setting import SHOWN
from web.work import Refused

MONTHS, MOST = 6, 8
INQUIRIES = {**SMALL, "accountability": {"starts": "2021-01-01", "investigations_per_month": 20.0}}


def asked(most: int = MOST, **more: Any) -> Comparing:
    control, *arms = more.pop("choices", (arm(), arm("accountability", INQUIRIES, "Inquiries")))
    return Comparing(control, arms, more.pop("assumptions", {"delta_un": 0.4}), 3, MONTHS, most, **more)


@cache
def done() -> tuple[Comparing, tuple[dict[str, Any], ...]]:
    work = asked()
    return work, tuple(messages(work))


def last(found: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return [message for message in found if message["say"] == "difference"][-1]


# --- numbers ------------------------------------------------------------------------------------------------------


def test_what_is_said_is_what_a_comparison_of_the_same_design_finds() -> None:
    work, found = done()
    said = last(found)
    control, treated = (one.scenario for one in work.setting.arms)
    design = Design(
        control, (treated,), 4, 2, 3, {"delta_un": 0.4}, (MONTHS,), whole=DRAWS, count_from=work.setting.count_from
    )
    comparison = compare(design)
    for key in set(SHOWN) - {"total_cost"}:
        summary = summarise(*comparison.pair("arm-1", f"months-{MONTHS}", key))
        numbers = said["arms"][0]["measures"][key]
        assert numbers["estimate"] == summary.spread.estimate
        assert (numbers["low"], numbers["high"]) == summary.effect
        assert (numbers["future_low"], numbers["future_high"]) == summary.future
        assert numbers["mc_se"] == summary.spread.monte_carlo_se
        assert numbers["param_sd"] == summary.spread.s2_param**0.5
        assert numbers["resolved"] == summary.resolved
        assert said["control"]["measures"][key]["mean"] == summary.control
    spent = summarise(*comparison.pair("arm-1", f"start-to-month-{MONTHS}", "total_cost"))
    assert said["arms"][0]["measures"]["total_cost"]["estimate"] == spent.spread.estimate > 0.0
    assert said["arms"][0]["cost"]["estimate"] == spent.spread.estimate
    pairs = np.subtract(*comparison.pair("arm-1", f"months-{MONTHS}", "civilian_deaths"))
    assert said["arms"][0]["values"]["civilian_deaths"] == pairs.ravel().tolist()


def test_equal_asks_end_with_equal_numbers_whatever_the_number_of_threads() -> None:
    assert last(with_desk(asked(), 3)) == last(done()[1])


def test_it_grows_from_two_draws_and_every_message_is_json() -> None:
    _, found = done()
    shapes = [(m["draws"], m["seeds"]) for m in found if m["say"] == "difference"]
    assert shapes[0] == (2, 2)
    assert shapes[-1] == (4, 2)
    assert shapes == sorted(set(shapes))
    for message in found:
        json.dumps(message, allow_nan=False)
    assert set(last(found)["arms"][0]["measures"]) == set(SHOWN)
    assert last(found)["first_look"]


def test_the_first_interval_is_said_after_four_replicates() -> None:
    work = asked()
    tasks = work.tasks()
    said = [message for _ in range(4) for message in work.take(next(tasks)(lambda _day: None))]
    assert [m["say"] for m in said if m["say"] == "difference"] == ["difference"]


# --- order and end ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [4, 8, 100, 200, 300, 400])
def test_the_order_makes_whole_tables(most: int) -> None:
    order = list(order_of(usable(most)))
    assert len(order) == len(set(order)) == usable(most) == most
    draws, seeds = {draw for draw, _ in order}, {seed for _, seed in order}
    assert len(draws) * len(seeds) == most
    assert set(order[:4]) == {(0, 0), (1, 0), (0, 1), (1, 1)}
    assert order[0][0] != order[1][0]  # two threads build two worlds


def test_a_limit_in_between_is_cut_to_a_whole_table() -> None:
    assert [usable(most) for most in (5, 11, 199, 250, 399, 1000)] == [4, 8, 196, 200, 300, 400]


def summary_of(error: float, half_width: float) -> Summary:
    return Summary(
        Spread(-50.0, error * error * 100, 4.0, 50, 2), (-50.0 - half_width, -50.0 + half_width), (0, 0), 1.0
    )


def test_precise_is_a_tenth_of_the_half_width_or_one_death() -> None:
    assert is_precise(summary_of(error=1.9, half_width=20.0))
    assert not is_precise(summary_of(error=2.1, half_width=20.0))
    assert is_precise(summary_of(error=0.9, half_width=2.0))
    assert not is_precise(summary_of(error=1.1, half_width=2.0))


def test_precise_ends_early_but_never_before_a_finding_is_more_than_a_first_look() -> None:
    world = {"world": {"cercles": ["Koro"]}}
    same = arm(levers={**world, "un": {"escort_share": 0.26}}, name="Nearly the same")
    said = last(tuple(messages(asked(80, choices=(arm(levers=world), same), precise=True))))
    assert said["precise"]
    assert not said["first_look"]
    assert said["draws"] * said["seeds"] <= said["runs"] < 80


def effect(averted: float) -> Callable[[str, str, str], float]:
    return lambda _arm, _window, key: -averted if key == "expected_civilian_deaths" else 0.0


@pytest.mark.parametrize(("averted", "resolved"), [(40.0, True), (0.1, False), (-40.0, False)])
def test_cost_per_death_is_only_given_where_it_is_resolved_that_deaths_are_averted(
    averted: float, resolved: bool
) -> None:
    comparison = made(design_of(["bases"]), effect(averted), cost=lambda arm: 80e6 if arm == "bases" else 0.0)
    found = per_death(cost_of(comparison, "bases", "start-to-month-36", "expected_civilian_deaths"))
    assert (found is not None) == resolved
    if found is not None:
        assert found["low"] < found["estimate"] < found["high"]
        assert found["estimate"] == pytest.approx(80e6 / averted, rel=0.05)


# --- setting ------------------------------------------------------------------------------------------------------


def test_windows_count_from_the_first_base_where_an_arm_can_hold_one() -> None:
    assert asked().setting.count_from == DECISION
    bases = Comparing(Choice(), [Choice(scenario="extra-tobs")], {}, months=12)
    assert bases.setting.count_from == FIRST_BASE


def test_the_hash_is_of_the_inputs_and_not_of_their_names() -> None:
    first = asked().hash
    assert len(first) == 16
    assert int(first, 16) >= 0
    assert asked(choices=(arm(name="A"), arm("accountability", INQUIRIES, "B"))).hash == first
    assert asked(assumptions={"delta_un": 0.41}).hash != first
    assert asked(choices=(arm(), arm("extra-tobs"))).hash != first


def test_provenance_names_every_changed_assumption_with_its_status() -> None:
    about = last(done()[1])["provenance"]
    (held,) = about["assumptions"]
    assert (held["name"], held["value"], held["status"]) == ("delta_un", 0.4, "literature")
    assert about["arms"][1] == {"name": "Inquiries", "scenario": "accountability", "levers": INQUIRIES}
    assert {"source_fingerprint", "package_version", "seed"} <= set(about)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"choices": (arm(), arm())}, "numbers_refused_same"),
        ({"choices": (arm(), Choice(scenario="accountability"))}, "said"),
        ({"choices": (arm(), arm(levers={**SMALL, "months": 0}))}, "said"),
        ({"assumptions": {"delta_un": 7.0}}, "said"),
        ({"assumptions": {"n_same": 0.9, "n_cross": 0.9}}, "said"),
    ],
)
def test_what_cannot_be_compared_is_refused(more: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        asked(**more)
    assert refusal.value.code == code


def test_a_refusal_names_the_arm_as_the_visitor_does() -> None:
    with pytest.raises(Refused) as refusal:
        asked(choices=(arm(), Choice(scenario="accountability", name="Whole region")))
    assert str(refusal.value.values["text"]).startswith("Whole region: world:")


class Handed(NamedTuple):
    """A visitor's files."""

    gazetteer: Path


def with_gazetteer(path: Path) -> Comparing:
    levers = {"world": {**SMALL["world"], "gazetteer": "uploaded"}}
    treated = Choice(scenario="accountability", levers=levers)
    return Comparing(Choice(levers=levers), [treated], {}, 3, MONTHS, 4, uploads=Handed(path))


PLACES = "name,latitude,longitude,population,community\nA,14.53,-4.09,20000,fulani\nB,14.07,-3.07,9000,dogon\n"


def test_a_gazetteer_counts_by_its_contents_and_its_path_stays_on_the_server(tmp_path: Path) -> None:
    here, there, other = (tmp_path / name for name in ("here.csv", "there.csv", "other.csv"))
    for path, text in ((here, PLACES), (there, PLACES), (other, PLACES.replace("20000", "21000"))):
        path.write_text(text)
    work = with_gazetteer(here)
    assert work.hash == with_gazetteer(there).hash != with_gazetteer(other).hash
    said = messages(work)
    text = json.dumps(said) + work.table("en") + work.figure("effects", "svg", "en").decode()
    assert str(tmp_path) not in text
    assert said[-1]["provenance"]["gazetteer_hash"] is not None


def test_a_gazetteer_that_is_gone_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    with pytest.raises(Refused) as refusal:
        with_gazetteer(path)
    assert refusal.value.code == "refused_no_gazetteer"
    path.write_text(PLACES)
    work = with_gazetteer(path)
    path.unlink()
    with pytest.raises(Refused) as refusal:
        messages(work)
    text = str(refusal.value.values["text"])
    assert "places.csv" in text
    assert str(tmp_path) not in text


# --- to take away -------------------------------------------------------------------------------------------------


def test_nothing_can_be_taken_away_before_the_first_interval() -> None:
    for take in (lambda w: w.table("en"), lambda w: w.figure("effects", "svg", "en")):
        with pytest.raises(Refused) as refusal:
            take(asked())
        assert refusal.value.code == "numbers_refused_early"


def rows_of(text: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO("".join(line for line in text.splitlines(True) if not line.startswith("# "))))


def test_the_table_has_every_difference_to_the_bit_and_says_where_it_comes_from() -> None:
    work, found = done()
    text = work.table("en")
    numbers = last(found)["arms"][0]["measures"]
    rows = {row["key"]: row for row in rows_of(text)}
    assert set(SHOWN) <= set(rows)
    for key in SHOWN:
        assert float(rows[key]["difference"]) == numbers[key]["estimate"]
        assert rows[key]["resolved"] == ("yes" if numbers[key]["resolved"] else "no")
    notes = [line for line in text.splitlines() if line.startswith("# ")]
    for expected in (f"# hash: {work.hash}", "delta_un = 0.4", "source_fingerprint", "must not be used to target"):
        assert any(expected in note for note in notes), expected


def test_a_name_that_a_spreadsheet_would_run_is_text() -> None:
    work = asked(4, choices=(arm(), arm("accountability", INQUIRIES, "=1+1")))
    messages(work)
    assert {row["arm"] for row in rows_of(work.table("en"))} == {"'=1+1"}


@pytest.mark.parametrize("kind", ["effects", "distribution", "courses"])
def test_figures_are_in_both_languages_and_carry_source_and_hash(kind: str) -> None:
    work, _ = done()
    english, french = (work.figure(kind, "svg", language).decode() for language in ("en", "fr"))
    assert "Sector Centre model" in english
    assert "modèle Sector Centre" in french
    for text in (english, french):
        assert text.startswith("<?xml")
        assert work.hash[:12] in text
        assert "delta_un = 0.4" in text
    assert work.figure(kind, "svg", "en").decode() == english
    assert work.figure(kind, "png", "fr").startswith(b"\x89PNG")


def test_a_figure_of_another_kind_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        done()[0].figure("tornado", "svg", "en")
    assert refusal.value.code == "numbers_refused_figure"
