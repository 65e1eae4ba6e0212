"""The brief: every question answered whatever the experiment, one file that asks nothing of any other, and on paper."""

from __future__ import annotations

import re

import pytest
from brief_samples import EIGHT, FOUR, QUESTIONS, Words, experiment_of, made_up, page_of, shipped

from abm.scenario import shipped_scenarios
from abm.views.brief_charts import draw_options
from abm.views.effects import Effect
from abm.views.words import say
from runs.batch.experiment import Experiment, shipped_experiments
from runs.compare import Comparison
from runs.folders import ResultError
from runs.provenance import Provenance
from runs.report import comparison_provenance
from runs.sections import Section
from runs.statistics import level_held
from runs.studies.brief import brief_page
from runs.studies.brief_arms import headline, rank
from runs.studies.brief_told import Told, best_said, curse_said, tied_said
from runs.studies.study import Study


@pytest.fixture(scope="module", params=shipped_experiments())
def any_page(request: pytest.FixtureRequest) -> tuple[Experiment, str, str]:
    experiment, text = shipped(request.param)
    return experiment, text, page_of(experiment, source=text)


# --- every experiment -----------------------------------------------------------------------------------------------


def test_every_question_is_answered_whatever_the_experiment(any_page: tuple[Experiment, str, str]) -> None:
    found = Words(any_page[2])
    for key, question in QUESTIONS.items():
        part = found.parts[key]
        assert question in part
        answered = re.search(r"\d[\d ]* (fewer|more) |US\$ \d|no option costs more|no difference", part, re.IGNORECASE)
        assert answered or "Not in this experiment" in part
        assert "numbers: ●" in part


def test_every_page_is_well_formed_and_asks_nothing_of_any_other_file(any_page: tuple[Experiment, str, str]) -> None:
    text = any_page[2]
    found = Words(text)
    assert found.faults == []
    assert found.open == []
    assert "script" not in found.tags
    assert not {"link", "img", "iframe", "object", "embed", "video", "audio", "base", "form"} & set(found.tags)
    assert all(link.startswith("#") for link in found.links)
    assert {
        target.strip("\"'") for target in re.findall(r"url\(([^)]*)\)", text) if not target.startswith("#")
    } == set()
    assert "@import" not in text
    assert not [(name, value) for _, name, value in found.attributes if name.startswith("on")]
    assert ("html", "lang", "en") in found.attributes
    inner = [target.removeprefix("#") for target in found.links]
    assert set(inner) <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))


def test_every_page_says_what_it_is_not_for_and_how_to_run_it_again(any_page: tuple[Experiment, str, str]) -> None:
    experiment, source, text = any_page
    found = Words(text)
    assert found.text.count(say("caveat")) >= 2
    assert "named village" in found.parts["summary"]
    assert f"sector-centre batch {experiment.name} --out" in found.parts["rerun"]
    assert source.strip() in found.parts["rerun"].replace("\r", "")
    for words in ("What the runs say", "What is not known", "What this must not be used for"):
        assert words in found.parts["summary"]


def test_every_page_shows_intervals_and_figures_with_the_same_in_words(any_page: tuple[Experiment, str, str]) -> None:
    found = Words(any_page[2])
    assert re.search(r"\(\d[\d. \u202f]*( fewer| more)? to \d", found.parts["summary"])
    assert "svg" in found.tags
    labels = [value for tag, name, value in found.attributes if (tag, name) == ("div", "aria-label")]
    figures = [value for tag, name, value in found.attributes if (tag, name, value) == ("div", "role", "img")]
    assert len(figures) == found.tags.count("svg")
    assert all(re.search(r"\d", value) for value in labels if "interval" in value and "difference" in value)
    assert ("th", "scope", "col") in found.attributes
    assert ("th", "scope", "row") in found.attributes


def test_every_page_gives_its_provenance(any_page: tuple[Experiment, str, str]) -> None:
    experiment, _, text = any_page
    part = Words(text).parts["experiment"]
    about = comparison_provenance(experiment.design)
    for value in (about.scenario_hash, about.parameter_hash, about.source_fingerprint, about.numpy, about.python):
        assert value in part
    assert experiment.fingerprint() in part
    assert f"{experiment.design.draws} ({experiment.sampling})" in part


def test_provenance_has_words_for_every_field() -> None:
    from runs.studies.brief_appendix import FIELDS

    assert set(FIELDS) == set(Provenance.model_fields)


# --- what it says ---------------------------------------------------------------------------------------------------


def test_titles_and_the_file_are_escaped() -> None:
    text = page_of(experiment_of(), source="# </pre><script>alert(1)</script>\n")
    assert "Bases &amp; &lt;strategies&gt;" in text
    assert "<b>strategies</b>" not in text
    assert "<script" not in text
    assert "</pre><script>alert(1)</script>" in Words(text).parts["rerun"]


def test_the_same_runs_give_the_same_page() -> None:
    experiment = experiment_of()
    comparison, about = made_up(experiment), comparison_provenance(experiment.design)
    assert brief_page(experiment, comparison, about, "x") == brief_page(experiment, comparison, about, "x")


def told(comparison: Comparison, experiment: Experiment) -> Told:
    return Told(experiment, comparison, experiment.fingerprint())


def test_the_option_that_does_most_is_named_with_its_interval_and_is_resolved() -> None:
    experiment = experiment_of()
    comparison = made_up(experiment, {"malian-strategy": 0.3})
    ranking = rank(comparison, tuple(a.name for a in experiment.design.treated), headline(experiment))
    said = best_said(told(comparison, experiment), ranking)
    assert said.startswith("Of 4 options “Malian strategy” leaves the fewest civilian deaths: 1")
    assert ranking.level_with_first == ()
    assert tied_said(told(comparison, experiment), ranking) == "All others do less, and the difference is resolved."
    assert "judged by the other half" in curse_said(told(comparison, experiment), ranking)


def test_options_alike_cannot_be_told_apart_and_nothing_is_called_best() -> None:
    experiment = experiment_of()
    comparison = made_up(experiment, dict.fromkeys(FOUR, 0.0), noise=30.0)
    text = Words(page_of(experiment, comparison)).parts["summary"]
    assert "Whether any of 4 options changes civilian deaths is not resolved" in text
    assert "is the best option is not resolved" in text
    assert "it may be of either sign" in text


def test_options_that_do_harm_are_not_called_best() -> None:
    experiment = experiment_of()
    comparison = made_up(experiment, dict.fromkeys(FOUR, -0.2))
    ranking = rank(comparison, tuple(FOUR), headline(experiment))
    assert best_said(told(comparison, experiment), ranking).startswith("None of 4 options has fewer civilian deaths")
    cost = Words(page_of(experiment, comparison)).parts["cost"]
    assert "No option that costs anything averts a civilian death on average" in cost


def test_the_curse_is_worse_where_options_differ_by_luck_alone() -> None:
    experiment = experiment_of(levers={"control": "baseline-2021", "scenarios": EIGHT})
    comparison = made_up(experiment, dict.fromkeys(EIGHT, 0.1), noise=60.0)
    ranking = rank(comparison, tuple(EIGHT), headline(experiment))
    fresh = ranking.second_opinion()
    assert fresh is not None
    assert fresh > ranking.first.effect.spread.estimate


def test_few_sets_are_a_first_look_and_their_intervals_are_not_called_90_percent() -> None:
    experiment = experiment_of(uncertainties={"design": "draws", "draws": 4})
    text = page_of(experiment)
    found = Words(text)
    assert "first look: no finding" in found.text
    assert f"{100 * level_held(4):.0f} % interval" in found.parts["strategy"]
    assert "90 % interval" not in found.parts["strategy"]


def test_too_few_seeds_are_refused() -> None:
    experiment = experiment_of(runs={"seeds": 2, "intervals": False})
    comparison = made_up(experiment)
    assert "asked for no intervals" in Words(page_of(experiment, comparison)).parts["summary"]
    one = {place: values[:, :1] for place, values in comparison.values.items()}
    alone = Comparison(comparison.design, comparison.windows, one, comparison.clock[:, :1], comparison.months, {}, {})
    with pytest.raises(ResultError, match="needs at least 2 sets of parameters × 2 seeds"):
        page_of(experiment, alone)


def test_listed_values_are_no_belief_and_defaults_make_intervals_narrow() -> None:
    parameters = {"reduction_army": {"values": [0.0, 0.5]}}
    given = {"design": "factorial", "base": "default", "parameters": parameters}
    text = Words(page_of(experiment_of(uncertainties=given))).parts["summary"]
    assert "not what is believed" in text
    assert "Only 1 number varies here" in text
    assert "not what is believed" not in Words(page_of(experiment_of())).parts["summary"]


def test_what_is_missing_names_something_that_can_be_run() -> None:
    only = experiment_of(levers={"control": "baseline-2021", "scenarios": ["accountability"]})
    found = Words(page_of(only))
    for key, experiment, scenario in (
        ("personnel", "unit-types", "camp-bound-troops"),
        ("operations", "allocation-policies", "extra-tobs"),
        ("strategy", "with-and-without", "malian-strategy"),
    ):
        part = found.parts[key]
        assert "Not in this experiment" in part
        assert f"sector-centre batch {experiment} --out" in part
        assert scenario in part
        assert experiment in shipped_experiments()
        assert scenario in shipped_scenarios()


def test_headline_is_an_outcome_of_which_less_is_better() -> None:
    outcomes = {"months": [6, 36], "main": ["tobs", "civilian_attacks"]}
    assert headline(experiment_of(outcomes=outcomes)) == "civilian_attacks"
    assert headline(experiment_of(outcomes={"months": [6], "main": ["agreements"]})) == "expected_civilian_deaths"


def test_one_window_cannot_set_the_short_run_against_the_long() -> None:
    outcomes = {"months": [12], "main": ["expected_civilian_deaths"]}
    assert "one window only" in Words(page_of(experiment_of(outcomes=outcomes))).parts["strategy"]


def test_what_else_was_studied_shows_first_paragraph_and_figure() -> None:
    effect = Effect("a", "deaths", -1.0, -2.0, -0.5, -2.0, -0.5, True, "deaths")
    study = Study(Section("one", "A <study>", ("Found: 3 of 4.", "Not shown.")), {}, draw_options([effect]))
    experiment = experiment_of()
    about = comparison_provenance(experiment.design)
    text = brief_page(experiment, made_up(experiment), about, "", [study, Study(Section("two", "Bare", ()))])
    found = Words(text)
    assert "A <study>" in found.parts["else"]
    assert "Found: 3 of 4." in found.parts["else"]
    assert "Not shown." not in found.text
    assert found.faults == []
    assert len(found.ids) == len(set(found.ids))
