"""The brief: every question answered whatever the experiment, one file that asks nothing of any other, and on paper."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import Page

from abm.calendar import day_of
from abm.declarations import declarations
from abm.parameters import Parameters
from abm.scenario import shipped_scenarios
from abm.views.brief_charts import Price, draw_options, draw_prices, draw_windows, short_money
from abm.views.effects import Effect
from abm.views.words import say
from runs.batch.experiment import Experiment, experiment_from, shipped_experiments
from runs.compare import Comparison, can_hold_bases
from runs.folders import ResultError
from runs.outcomes import COURSES, MEASURES
from runs.provenance import Provenance
from runs.report import comparison_provenance
from runs.rings import RINGS
from runs.sections import Section
from runs.statistics import level_held
from runs.studies import pdf
from runs.studies.brief import PAGE, PRINT, brief_page, write_brief
from runs.studies.brief_arms import OPERATIONS, PERSONNEL, STRATEGY, alike, headline, package_arm, rank
from runs.studies.brief_grounds import DECISIVE, GROUPS_OF, in_units, rests_of, values_of
from runs.studies.brief_told import Told, best_said, curse_said, tied_said
from runs.studies.study import Study

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


# --- which options answer which question ----------------------------------------------------------------------------


def test_arms_answer_a_question_by_their_levers() -> None:
    eight = experiment_of(levers={"control": "baseline-2021", "scenarios": EIGHT}).design
    personnel, strategy = alike(eight, PERSONNEL), alike(eight, STRATEGY)
    assert personnel is not None
    assert personnel.arms == ("extra-tobs", "camp-bound-troops")
    assert personnel.others == ()
    assert strategy is not None
    assert strategy.arms == ("accountability", "malian-strategy")
    assert alike(eight, OPERATIONS) is None
    package = package_arm(eight)
    assert package is not None
    assert package.name == "extra-tobs"


def test_places_are_told_apart_among_options_that_all_bring_the_package() -> None:
    found = alike(shipped("allocation-policies")[0].design, OPERATIONS)
    assert found is not None
    assert "extra-tobs" in found.arms
    assert "allocation-spread" in found.arms
    assert found.others == ("package.units",)


def test_an_experiment_without_units_has_no_package() -> None:
    design = experiment_of(levers={"control": "baseline-2021", "scenarios": ["accountability"]}).design
    assert package_arm(design) is None
    assert alike(design, PERSONNEL) is None


# --- grounds --------------------------------------------------------------------------------------------------------


def test_grounds_count_what_is_declared() -> None:
    known, design = declarations(Parameters), experiment_of().design
    for question, groups in GROUPS_OF.items():
        rests = rests_of(design, question)
        assert rests.total == sum(d.group in groups for d in known.values())
        assert [g.name for g in rests.decisive] == list(DECISIVE[question])
        assert all(g.meaning == known[g.name].meaning for g in rests.decisive)


def test_values_are_those_of_the_experiment() -> None:
    given = {"design": "draws", "draws": 20, "fixed": {"delta_un": 0.4}}
    design = experiment_of(uncertainties=given).design
    assert values_of(design, "delta_un") == (0.4, 0.4)
    assert rests_of(design, "personnel").held == rests_of(experiment_of().design, "personnel").held + 1


@pytest.mark.parametrize(
    ("low", "high", "unit", "words"),
    [
        (0.1, 0.25, "share", "10 % to 25 %"),
        (2.0, 2.0, "ratio", "2"),
        (6.0, 14.0, "months", "6 to 14 months"),
        (70_000.0, 110_000.0, "US$ per head and year", "US$ 70\u202f000 to 110\u202f000 per head and year"),
        (-0.03, 0.17, "log per abuse", "−3 % to +19 % per abuse"),
    ],
)
def test_units_in_words(low: float, high: float, unit: str, words: str) -> None:
    assert in_units(low, high, unit) == words


# --- figures --------------------------------------------------------------------------------------------------------


def line(label: str, group: str, estimate: float = -1.0) -> Effect:
    return Effect(label, group, estimate, estimate - 1.0, estimate + 0.5, -2.0, 0.5, True, "deaths")


def texts(figure: Any) -> str:
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def test_figures_write_every_number_and_the_caveat() -> None:
    drawn = texts(draw_options([line("One", "deaths"), line("Two", "deaths", -7.0)], level=0.6))
    assert all(words in drawn for words in ("One", "Two", "−7.0 (−8.0 to −6.5)", "60 % interval"))
    assert say("caveat").split(".")[0] in drawn.replace("\n", " ")


def test_windows_must_hold_the_same_options() -> None:
    assert "−1.0" in texts(draw_windows([line("One", "6 months"), line("One", "36 months")]))
    with pytest.raises(ValueError, match="same options in every window"):
        draw_windows([line("One", "6 months"), line("Two", "36 months")])


def test_prices_without_an_end_reach_the_edge() -> None:
    inf = float("inf")
    prices = [
        Price("Sure", 2e6, ((1e6, 4e6),), "1.0 million to 4.0 million"),
        Price("Open", 3e6, ((2e6, inf),), "not resolved"),
        Price("Nothing", float("nan"), (), "no death averted"),
    ]
    figure = draw_prices(prices)
    (ax,) = figure.axes
    ends = [tuple(drawn.get_xdata()) for drawn in ax.lines if len(drawn.get_xdata()) == 2]
    assert (1e6, 4e6) in ends
    assert (2e6, ax.get_xlim()[1]) in ends
    assert [drawn.get_marker() for drawn in ax.lines].count(">") == 1
    assert texts(draw_prices([Price("Whole", float("nan"), ((-inf, inf),), "any sum")]))
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_prices([])


def test_short_money() -> None:
    assert [short_money(value) for value in (100.0, 1e4, 1e6, 1e10)] == ["100", "10k", "1M", "10bn"]


# --- files ----------------------------------------------------------------------------------------------------------


Fake = Callable[[str], None]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """A browser that is a script of ours."""

    def make(code: str) -> None:
        path = tmp_path / "browser"
        path.write_text(f"#!{sys.executable}\nimport os, sys, time\n{code}\n")
        path.chmod(0o755)
        monkeypatch.setenv(pdf.VARIABLE, str(path))

    return make


def test_without_a_browser_there_is_a_page_and_no_stale_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pdf.VARIABLE, "no-such-browser")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / PRINT).write_bytes(b"%PDF of another page")
    assert write_brief(tmp_path / "out", "<p>one</p>") == [tmp_path / "out" / PAGE]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [PAGE]
    with pytest.raises(ResultError, match="names none"):
        pdf.print_pdf(tmp_path / "out" / PAGE, tmp_path / "out" / PRINT)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("sys.exit('no display')", "no display"),
        ("open([a for a in sys.argv if 'to-pdf' in a][0].split('=')[1], 'w').write('half')", "wrote none"),
    ],
)
def test_a_browser_that_fails_is_named_and_the_page_stays(tmp_path: Path, fake: Fake, code: str, words: str) -> None:
    fake(code)
    with pytest.raises(ResultError, match=words):
        write_brief(tmp_path / "out", "<p>one</p>")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [PAGE]
    assert (tmp_path / "out" / PAGE).read_text() == "<p>one</p>"


def test_a_browser_that_hangs_is_stopped_with_all_it_started(
    tmp_path: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(
        "child = os.fork()\nif child: open(os.path.dirname(__file__) + '/child', 'w').write(str(child))\ntime.sleep(60)"
    )
    monkeypatch.setattr(pdf, "PATIENCE", 1.5)
    with pytest.raises(ResultError, match=r"took over 1\.5 s"):
        write_brief(tmp_path / "out", "<p>one</p>")
    state = Path(f"/proc/{(tmp_path / 'child').read_text()}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"
    assert [path.name for path in (tmp_path / "out").iterdir()] == [PAGE]


@pytest.mark.parametrize("user", [0, 1000])
def test_the_sandbox_is_given_up_for_root_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    command = pdf._command("browser", tmp_path / "a page.html", tmp_path / "x.pdf", tmp_path / "profile")
    assert ("--no-sandbox" in command) == (user == 0)
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in command
    assert command[-1].endswith("/a%20page.html")


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium is installed")
def test_a_page_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(pdf.VARIABLE, raising=False)
    written = write_brief(tmp_path / "out", page_of(experiment_of()))
    assert [path.name for path in written] == [PAGE, PRINT]
    data = (tmp_path / "out" / PRINT).read_bytes()
    assert data.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", data)) >= 5
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [PAGE, PRINT]


def test_the_parser_of_these_tests_sees_faults() -> None:
    assert Words("<p><b>x</p></b>").faults != []
    assert issubclass(Words, HTMLParser)
