"""Parts of a brief: which options answer which question, grounds, figures and files."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from brief_samples import EIGHT, Words, experiment_of, page_of, shipped

from abm.declarations import declarations
from abm.parameters import Parameters
from abm.views.brief_charts import Price, draw_options, draw_prices, draw_windows, short_money
from abm.views.effects import Effect
from abm.views.words import say
from runs.folders import ResultError
from runs.studies import pdf
from runs.studies.brief import PAGE, PRINT, write_brief
from runs.studies.brief_arms import OPERATIONS, PERSONNEL, STRATEGY, alike, package_arm
from runs.studies.brief_grounds import DECISIVE, GROUPS_OF, in_units, rests_of, values_of

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
