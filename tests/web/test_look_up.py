"""The look-up page: whole in both languages, losses first, links that lead somewhere, nothing from elsewhere."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from check_samples import forecasts, natural, predicted, sample, variants, year

from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.views.words import LANGUAGES, Language
from calibration.check_making import VARIANTS
from calibration.check_parts import Checked
from calibration.check_report import as_page
from calibration.check_sections import sections as sections_of_check
from runs.mechanism_list import MECHANISMS
from runs.mechanisms import label_of
from runs.provenance import provenance
from web import look_up
from web.look_up import DocumentsMissing, about
from web.look_up_pages import FOREIGN, Page, flow, parts_of, places
from web.translation import Translation

DOCS = Path(__file__).resolve().parents[2] / "docs"
WEB = Path(look_up.__file__).parent
ORDER = ["not-for", "in-brief", "validation", "limits", "model", "parameters", "mechanisms", "citing"]
NOT_DRIFTED = [name for name in VARIANTS if name != "as shipped"]


def html_of(section: Mapping[str, Any]) -> str:
    return "".join(part["title"] + part["html"] for part in section["parts"])


def words_of(section: Mapping[str, Any]) -> list[str]:
    """Words of a section that are in its own language: no code, no blocks in another language."""
    html = re.sub(r"<(p|td|li)[^>]* lang=.*?</\1>|<(code|pre).*?</\2>", " ", html_of(section), flags=re.DOTALL)
    return re.findall(r"[a-zàâéèêëîïôùûüç']+", re.sub(r"<[^>]+>", " ", html).lower())


def section(language: Language, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in about(language)["sections"] if one["id"] == name)
    return found


# --- whole ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_sections_are_there_and_say_something(language: Language) -> None:
    found = about(language)["sections"]
    assert [one["id"] for one in found] == ORDER
    for one in found:
        assert one["title"]
        assert len(words_of(one)) > 100, one["id"]
        assert one["markdown"].strip()
        assert one["file"] == f"{one['id']}.{one['lang']}.md"


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_lead_to_parts_that_are_there(language: Language) -> None:
    found = about(language)["sections"]
    anchors = [one["id"] for one in found] + [part["id"] for one in found for part in one["parts"]]
    assert not [name for name, times in Counter(anchors).items() if times > 1]
    links = re.findall(r'href="([^"]*)"', "".join(map(html_of, found)))
    inside = [link for link in links if not link.startswith("http")]
    assert len(inside) > 40
    assert {link for link in inside if link.removeprefix("#/about/") not in anchors} == {"#/assumptions"}
    assert not [link for link in links if link.startswith("http") and "://" not in link]


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_asks_for_nothing_from_elsewhere_and_runs_nothing(language: Language) -> None:
    html = "".join(map(html_of, about(language)["sections"]))
    assert not re.search(r"<(script|img|iframe|link|object|style)\b| style=| src=| on\w+=", html)
    for tag in re.findall(r'<a href="http[^>]*>', html):
        assert 'rel="noopener noreferrer"' in tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_does_not_hold_comes_before_what_holds(language: Language) -> None:
    html = html_of(section(language, "validation"))
    fails, is_open, holds = {
        "en": ("What does not hold", "What cannot be told", "What holds"),
        "fr": ("Ce qui ne tient pas", "Ce qu'on ne peut trancher", "Ce qui tient"),
    }[language]
    assert 0 < html.index(f">{fails}</p>") < html.index(f">{is_open}</p>") < html.index(f">{holds}</p>")
    assert ORDER.index("not-for") == 0
    assert "<table>" in html


# --- languages ----------------------------------------------------------------------------------------------------


def test_french_sections_are_french() -> None:
    spoken = {one["id"]: one["lang"] for one in about("fr")["sections"]}
    assert [name for name, language in spoken.items() if language == "en"] == ["model"]
    assert "anglais" in section("fr", "model")["note"]
    for one in about("fr")["sections"]:
        words = Counter(words_of(one))
        english = sum(words[word] for word in ("the", "of", "and", "is", "that", "with"))
        french = sum(words[word] for word in ("le", "la", "les", "de", "des", "et", "que"))
        assert (french > 20 * english) == (one["lang"] == "fr"), one["id"]
        assert FOREIGN not in html_of(one) + one["markdown"]


def test_english_cells_on_a_french_page_are_marked_so() -> None:
    assert re.search(r'<td [^>]*lang="en">own raster of OCHA', html_of(section("fr", "citing")))


@pytest.mark.parametrize(
    ("english", "french"), [("limits.md", "fr/limites.md"), ("model-in-brief.md", "fr/modele-en-bref.md")]
)
def test_a_translation_has_all_that_the_english_has(english: str, french: str) -> None:
    texts = [(DOCS / name).read_text(encoding="utf-8") for name in (english, french)]
    for mark in (r"^#+ ", r"^- ", r"^\d+\. ", r"^\| "):
        counts = [len(re.findall(mark, text, re.MULTILINE)) for text in texts]
        assert counts[0] == counts[1], mark
    names = [Counter(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))) for text in texts]
    assert names[0] == names[1]


def numbers_in(text: str) -> Counter[str]:
    """Numbers of a text, whatever its language's signs."""
    plain = re.sub(r"(?<=\d)[\u202f ](?=\d{3}(?!\d))", "", re.sub(r"(?<=\s)\.(?=\d)", "0.", text))
    return Counter(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", ".", plain.replace("2,000", "2000"))))


@pytest.mark.parametrize("name", ["validation", "mechanisms"])
def test_the_french_of_a_generated_document_has_its_numbers(name: str) -> None:
    english = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    french = Translation(WEB / f"french_{name}.toml").markdown(english)
    assert numbers_in(french) == numbers_in(english)
    assert FOREIGN not in french


# --- whatever the check finds ---------------------------------------------------------------------------------------


def mixed(checked: Checked) -> Checked:
    """Some lost, some won, some outside."""
    names = [row.name for row in checked.predicted.rows]
    return replace(
        checked, forecasts=forecasts(agent=1.1, others=1.0) | {"other": forecasts(agent=0.9)["other"]},
        predicted=predicted(tuple(names[52::3])), natural=natural(False),
        variants=variants({"without drift": 1.1, "slow grievance": 0.9}),
    )  # fmt: skip


def winner(checked: Checked) -> Checked:
    """Nothing lost."""
    return replace(
        checked, forecasts=forecasts(agent=0.8, others=1.0), natural=natural(), predicted=predicted(),
        variants=variants(dict.fromkeys(NOT_DRIFTED, 1.2)),
    )  # fmt: skip


def loser(checked: Checked) -> Checked:
    """Everything lost, every statistic outside, 2020 wrong."""
    return replace(
        checked, forecasts=forecasts(agent=1.5, others=1.0), year=year(3.0), natural=natural(False),
        predicted=predicted(tuple(row.name for row in checked.predicted.rows)),
        variants=variants(dict.fromkeys(NOT_DRIFTED, 0.8)),
    )  # fmt: skip


def even(checked: Checked) -> Checked:
    """Nothing told apart."""
    return replace(checked, forecasts=forecasts(), variants=variants({}))


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    return sample(tmp_path_factory.mktemp("tables"))


@pytest.mark.parametrize("outcome", [mixed, winner, loser, even])
def test_whatever_the_check_finds_has_a_french(checked: Checked, outcome: Callable[[Checked], Checked]) -> None:
    here = provenance(Scenario.load("baseline-2021"), Parameters(), 0)
    report = as_page(sections_of_check(outcome(checked)), here)
    assert Translation(WEB / "french_validation.toml").missing(report) == []


def test_every_mechanism_has_a_french() -> None:
    rows = [
        f"| {text} |"
        for one in MECHANISMS
        for text in (one.title, one.claim, *(text for c in one.contrasts for text in (c.what, label_of(c.outcome))))
    ]
    assert Translation(WEB / "french_mechanisms.toml").missing("\n".join(rows)) == []


def test_what_has_no_french_stays_english_and_is_marked(tmp_path: Path) -> None:
    texts = tmp_path / "texts.toml"
    texts.write_text(
        '[[sentences]]\nen = "Of {a} cats {b} are {what}."\nfr = "Sur {a} chats, {b} sont {what}."\n'
        '[[patterns]]\nen = "as {what} as can be"\nfr = "{what} au possible"\n[phrases]\ngrey = "gris"\n',
        encoding="utf-8",
    )
    french = Translation(texts)
    assert (
        french.markdown("Of 1,250.5 cats 7 are as grey as can be.")
        == "Sur 1\u202f250,5 chats, 7 sont gris au possible."
    )
    assert french.markdown("Of 9 cats 7 are green.") == f"{FOREIGN}Of 9 cats 7 are green."
    page = Page("cats", "# Chats\n\n" + french.markdown("Of 9 cats 7 are green."))
    assert parts_of(page, {})[0].html == '<p lang="en">Of 9 cats 7 are green.</p>\n'


# --- documents --------------------------------------------------------------------------------------------------------


def test_a_document_that_changes_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "docs"
    shutil.copytree(DOCS, copy)
    monkeypatch.setattr(look_up, "FOLDERS", (copy,))
    assert about("en") is about("en")
    (copy / "model-in-brief.md").write_text("# New\n\nAnother text.\n", encoding="utf-8")
    assert html_of(section("en", "in-brief")) == "New<p>Another text.</p>\n"


def test_documents_that_are_nowhere_are_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_up, "FOLDERS", (tmp_path,))
    with pytest.raises(DocumentsMissing, match=r"limits\.md"):
        about("en")


def test_html_in_a_document_is_shown_not_obeyed() -> None:
    page = Page("p", "# T\n\n<script>alert(1)</script>\n\n![a map](http://elsewhere/map.png) [x](guide.md)", ("p.md",))
    html = parts_of(page, places([page]))[0].html
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "a map x" in html
    assert "elsewhere" not in html


def test_a_diagram_becomes_a_list_of_its_boxes() -> None:
    html = flow('flowchart LR\n  A["one<br/>first"] --> B["two"]\n  B --> C["three & more"]\n  A -.-> C\n')
    assert html.count("<li>") == 3
    assert "<strong>one</strong> first" in html
    assert "→ two; → three &amp; more" in html
