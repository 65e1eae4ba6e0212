"""Figures to take away: what they show of what they are given, in both languages, the same from any thread."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from abm.views.effects import Effect
from abm.views.words import Language
from web.drawn import Foot, Pairs, distribution, effects, heading, name_of, source_line, unit_of, word
from web.measures import HEADLINE
from web.words import words
from web.words_numbers import WORDS

ABOUT = {
    "package_version": "9.8",
    "source_fingerprint": "0123456789abcdef",
    "seed": 7,
    "assumptions": [{"name": "delta_un", "value": 0.4}],
}


def foot(language: Language = "en", draws: int = 40) -> Foot:
    return Foot(source_line(ABOUT, language, draws=draws, seeds=2), "feedbeefcafe0123", language, draws)


def pairs(label: str = "Bases", shift: float = -10.0) -> Pairs:
    values = shift + np.linspace(-20.0, 20.0, 50)
    return Pairs(label, values, float(values.min()), float(values.max()), float(values.mean()))


def texts(svg: bytes) -> str:
    return " ".join(re.findall(r">([^<>]+)<", svg.decode()))


def test_the_footer_says_model_code_runs_seed_held_assumptions_and_hash() -> None:
    shown = texts(distribution([pairs()], "Deaths", "deaths", foot(), "svg"))
    for expected in (
        "9.8",
        "0123456789ab",
        "40 sets of parameters × 2 seeds",
        "seed 7",
        "delta_un = 0.4",
        "feedbeefcafe",
    ):
        assert expected in shown
    assert "must not be used to target" in shown


def test_points_are_counted_where_assumptions_were_varied() -> None:
    assert "120 sets of assumptions" in source_line(ABOUT, "en", points=120)
    assert "120 jeux d'hypothèses" in source_line(ABOUT, "fr", points=120)


def test_few_sets_of_parameters_are_called_a_first_look_with_the_level_they_can_hold() -> None:
    few = texts(distribution([pairs()], "Deaths", "deaths", foot(draws=5), "svg"))
    assert "First look: 5 sets of parameters" in few
    assert "67 %" in few  # (5 - 1) / (5 + 1)
    assert "First look" not in texts(distribution([pairs()], "Deaths", "deaths", foot(), "svg"))


def test_a_distribution_says_how_many_pairs_have_fewer() -> None:
    row = pairs()
    shown = texts(distribution([row, pairs("Inquiries", 100.0)], "Deaths", "deaths", foot(), "svg"))
    assert f"{round(100 * float((row.values < 0).mean()))} % of pairs: fewer" in shown
    assert "0 % of pairs: fewer" in shown
    assert "Inquiries" in shown
    french = texts(distribution([row], "Morts", "morts", foot("fr"), "svg"))
    assert "des paires : moins" in french
    assert "différence, morts" in french


def test_pairs_that_do_not_differ_at_all_can_be_drawn() -> None:
    same = Pairs("Same", np.zeros(8), 0.0, 0.0, 0.0)
    assert distribution([same], "Deaths", "deaths", foot(), "png").startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="no pairs"):
        distribution([], "Deaths", "deaths", foot(), "svg")


def test_what_is_not_resolved_is_written_out() -> None:
    rows = [Effect("Bases", "Deaths", -5.0, -12.0, 2.0, -40.0, 30.0, False, "deaths")]
    assert "not resolved" in texts(effects(rows, foot(), "svg"))
    assert "non concluant" in texts(effects(rows, foot("fr"), "svg"))


def test_figures_are_the_same_from_several_threads() -> None:
    alone = distribution([pairs()], "Deaths", "deaths", foot(), "svg")
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda _: distribution([pairs()], "Deaths", "deaths", foot(), "svg"), range(6))
    assert set(made) == {alone}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_outcome_has_words_for_figures_and_sentences(language: Language) -> None:
    for key in HEADLINE:
        assert name_of(key, language)
        assert unit_of(key, language)
        assert word(f"of_{key}", language)
    assert heading("abuses", "2021", "en") == "Abuses by national forces, 2021"


def test_words_are_in_both_languages_with_the_same_blanks_and_merge_with_the_others() -> None:
    for key, (english, french) in WORDS.items():
        assert key.startswith("numbers_")
        assert english
        assert french
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", french)), key
    assert set(WORDS) <= set(words())
