"""All that the catalogue says is said in French too, and the French is of the English that is there now."""

import re
from collections.abc import Mapping

import pytest

from abm.declarations import GROUPS, declarations
from abm.parameters import Parameters
from abm.scenario import (
    AccountabilityLevers,
    PackageLevers,
    Scenario,
    StrategyLevers,
    UnitLine,
    UNLevers,
    shipped_scenarios,
)
from runs.outcomes import MEASURES
from web.french import both, paired, stamp, texts, translated, typeset
from web.french.numbers import in_french, millions, number

DECLARED = declarations(Parameters)
PARTS = {
    "un": UNLevers,
    "package": PackageLevers,
    "accountability": AccountabilityLevers,
    "strategy": StrategyLevers,
    "line": UnitLine,
}
HELP = {
    f"{part}.{name}": f.description or "" for part, model in PARTS.items() for name, f in model.model_fields.items()
}
TITLES = {name: Scenario.load(name).title for name in shipped_scenarios()}

# File, its words that are no translations, what the French is of, and the key of the French.
TRANSLATED = {
    "parameters": ((), {name: d.meaning for name, d in DECLARED.items()}, "meaning"),
    "levers": (("groups", "words"), HELP, "help"),
    "scenarios": (("groups",), TITLES, "title"),
    "measures": ((), {key: found.label for key, found in MEASURES.items()}, "label"),
}
UNITS = {d.unit for d in DECLARED.values()} | {found.unit for found in MEASURES.values()}
PAIRED = {"units": UNITS, "sources": {d.source for d in DECLARED.values()}}


def faults(french: Mapping[str, Mapping[str, str]], english: Mapping[str, str], key: str) -> list[str]:
    """What lacks French, what has French and is gone, and what has changed in English since."""
    missing = [f"{name} has no French" for name in english if key not in french.get(name, {})]
    gone = [f"{name} has French and is gone" for name in french if name not in english]
    changed = [
        f'{name} has changed in English: look at its French again, then write of = "{stamp(english[name])}"'
        for name, words in french.items()
        if name in english and words.get("of") != stamp(english[name])
    ]
    return missing + gone + changed


@pytest.mark.parametrize("file", TRANSLATED)
def test_french_is_of_the_english_that_is_there(file):
    others, english, key = TRANSLATED[file]
    french = {name: words for name, words in texts(file).items() if name not in others}
    assert faults(french, english, key) == []


@pytest.mark.parametrize("file", PAIRED)
def test_pairs_are_those_that_are_used(file):
    assert set(texts(file)["french"]) == PAIRED[file]


def test_faults_of_french_are_found():
    english = {"a": "One.", "b": "Two.", "c": "Three."}
    french = {
        "a": {"of": stamp("One."), "meaning": "Un."},
        "b": {"of": stamp("Too."), "meaning": "Deux."},
        "d": {"of": stamp("Four."), "meaning": "Quatre."},
    }
    found = faults(french, english, "meaning")
    assert [fault.split(" ")[0] for fault in found] == ["c", "d", "b"]
    assert stamp("Two.") in found[2]


def test_groups_of_parameters_have_titles_and_sentences():
    assert set(texts("groups")) == set(GROUPS)
    for words in texts("groups").values():
        assert {key: len(pair) for key, pair in words.items()} == {"title": 2, "sentence": 2}


def test_titles_of_parameters_are_plain_short_and_not_shared():
    for place in (0, 1):
        titles = [words["title"][place] for words in texts("parameters").values()]
        assert len(set(titles)) == len(titles)
        assert max(map(len, titles)) <= 80
        assert not any(re.search(r"[_.]|PERT|exponent|exposant|Gaussian", title) for title in titles)
        # Each stands alone: in search results and charts the card before it is not there.
        assert not any(re.search(r"\b(cet|cette|ces|this|these|same|même)\b(?! endroit)", title) for title in titles)


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+", text)) - {"0"}  # English leaves the zero of .3 out


@pytest.mark.parametrize(
    ("english", "french"),
    [
        *((d.meaning, texts("parameters")[name]["meaning"]) for name, d in DECLARED.items()),
        *texts("sources")["french"].items(),
        *((title, texts("scenarios")[name]["title"]) for name, title in TITLES.items()),
    ],
)
def test_french_has_the_numbers_of_the_english(english, french):
    assert numbers(french) == numbers(english)


def test_an_assumption_is_an_assumption_in_french():
    for english, french in texts("sources")["french"].items():
        assert french.count("hypothèse") == english.count("assumption")


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (r"\btroupes de maintien de la paix", "casques bleus"),
        (r"\b(TOBs?|IEDs?|MDSF)\b", "BOT, EEI, FDSM"),
        (r"\bresponsabilisation\b", "redevabilité"),
        (r"\bréfugiés?\b", "personnes déplacées"),
        (r"\babus\b", "violation attribuée aux forces nationales"),
        (r"\bincidents?\b", "évènement"),
        (r"événement", "évènement, as elsewhere"),
    ],
)
def test_french_is_the_missions_usage(said, instead):
    found = [text for text in all_french() if re.search(said, text)]
    assert found == [], f"say {instead}"


def all_french() -> list[str]:
    """Every French text of the files."""
    found = []
    for file in ("parameters", "levers", "scenarios", "measures", "groups", "prior", "cost", "units", "sources"):
        found += list(_french(texts(file)))
    return found


def _french(node):
    for name, value in node.items():
        if isinstance(value, Mapping):
            yield from _french(value)
        elif isinstance(value, list):
            assert len(value) == 2, name
            yield value[1]
        elif name != "of":
            yield value


def test_no_line_ends_before_high_punctuation():
    for text in map(typeset, all_french()):
        assert not re.search(r" [;:?!%»]|« |\d \d{3}\b", text), text


def test_typography():
    assert typeset("1 730 soldats : 61 % ; « non »") == "1\u202f730 soldats\u00a0: 61\u202f%\u202f; «\u202fnon\u202f»"
    assert typeset("en 2021, 250 km") == "en 2021, 250\u00a0km"
    assert typeset("20 mars 2019 300 maisons") == "20 mars 2019 300 maisons"
    assert in_french(-1250.5) == "−1\u202f250,5"
    assert number(2069) == {"en": "2,069", "fr": "2\u202f069"}
    assert millions(-182_945_000.0) == {"en": "−182.9", "fr": "−182,9"}


def test_a_text_without_french_is_an_error():
    with pytest.raises(KeyError):
        paired("per fortnight", "units")
    with pytest.raises(KeyError):
        translated("A parameter of tomorrow.", "parameters", "tomorrow", what="meaning")
    assert both("four: %", "quatre : %") == {"en": "four: %", "fr": "quatre\u00a0:\u202f%"}
