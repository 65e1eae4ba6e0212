"""Assumption cards say what the declarations say, and their curves are the priors that draws come from."""

import json

import numpy as np
import pytest
from scipy import stats

from abm.declarations import ASSUMPTION, CALIBRATED, STATUS_MARK, Declaration, declarations
from abm.draws import DRAWS, draw_parameters
from abm.parameters import Parameters
from abm.priors import Fixed, HalfNormal, LogNormal, Pert, Uniform
from web.cards import card, cards, groups, kind_of, posterior_draws, prior_density, prior_text, slider

DECLARED = declarations(Parameters)


@pytest.fixture(scope="module")
def all_cards():
    return {found["name"]: found for found in cards()}


def declared(prior, default=1.0, bounds=(0.0, 1000.0)):
    return Declaration("made", "attacks", default, "1", *bounds, prior, ASSUMPTION, "assumption", "Made for a test.")


def test_a_card_for_every_parameter_in_order_of_groups(all_cards):
    assert list(all_cards) == list(DECLARED)
    assert list(dict.fromkeys(found["group"] for found in all_cards.values())) == [group["key"] for group in groups()]
    for group in groups():
        assert set(group["title"]) == set(group["sentence"]) == {"en", "fr"}


def test_cards_say_what_is_declared(all_cards):
    for name, d in DECLARED.items():
        found = all_cards[name]
        assert (found["default"], found["low"], found["high"]) == (d.default, d.low, d.high)
        assert (found["status"], found["mark"]) == (d.status, STATUS_MARK[d.status])
        assert (found["meaning"]["en"], found["source"]["en"]) == (d.meaning, d.source)
        assert found["unit"]["en"] == ("" if d.unit == "1" else d.unit)
        assert all(found[key]["fr"] for key in ("title", "group_title", "group_sentence", "meaning", "source"))
    assert all_cards["delta_un"]["title"]["en"] == "How much a TOB lowers attacks nearby"
    assert [name for name, found in all_cards.items() if found["whole"]] == ["most_clash_deaths", "most_deaths"]


def test_cards_are_json_of_a_sensible_size(all_cards):
    text = json.dumps(list(all_cards.values()), allow_nan=False, ensure_ascii=False)
    assert json.loads(text) == list(all_cards.values())
    assert len(text.encode()) < 300_000


# --- sliders ----------------------------------------------------------------------------------------------------------


def test_sliders_stay_within_bounds_and_reach_the_default_and_what_is_likely(all_cards):
    for name, found in all_cards.items():
        ends = found["slider"]
        assert found["low"] <= ends["min"] <= found["default"] <= ends["max"] <= found["high"], name
        if found["range"]:
            assert ends["min"] <= found["range"][0] < found["range"][1] <= ends["max"], name


def test_defaults_lie_on_the_steps_of_linear_sliders(all_cards):
    for name, found in all_cards.items():
        ends = found["slider"]
        if ends["scale"] == "linear":
            steps = (found["default"] - ends["min"]) / ends["step"]
            assert steps == pytest.approx(round(steps), abs=1e-6), name
            assert 100 <= (ends["max"] - ends["min"]) / ends["step"] <= 1000, name
        if found["whole"]:
            assert ends["step"] == int(ends["step"]) >= 1, name


def test_sliders_move_in_factors_only_where_nothing_likely_is_known_and_bounds_are_far_apart(all_cards):
    factors = {name for name, found in all_cards.items() if found["slider"]["scale"] == "log"}
    assert factors == {"crossing_km", "tob_spacing_km", "quiet_heat", "response_troops", "risk_prior_weight"}
    assert all(all_cards[name]["prior"]["kind"] == "fixed" for name in factors)


def test_a_slider_is_the_likely_range_widened_by_a_quarter_on_either_side():
    assert slider(declared(Uniform(100.0, 200.0), default=150.0)) == {
        "min": 76.5, "max": 223.5, "step": 0.5, "scale": "linear",
    }  # fmt: skip
    assert slider(declared(Uniform(100.0, 200.0), default=150.0, bounds=(90.0, 190.0))) == {
        "min": 90.0, "max": 190.0, "step": 0.5, "scale": "linear",
    }  # fmt: skip


# --- curves -----------------------------------------------------------------------------------------------------------

CURVES = {
    "pert": (Pert(5.0, 15.0, 40.0), stats.beta(1 + 40 / 35, 1 + 100 / 35, loc=5.0, scale=35.0)),
    "skew": (Pert(0.0, 14.0, 90.0), stats.beta(1 + 56 / 90, 1 + 304 / 90, scale=90.0)),
    "lognormal": (LogNormal(9.0, 24.0), stats.lognorm(np.log(24 / 9) / stats.norm.ppf(0.9), scale=9.0)),
    "half-normal": (HalfNormal(0.3, 1.0), stats.truncnorm(0.0, 1 / 0.3, scale=0.3)),
    "uniform": (Uniform(2.0, 3.0), stats.uniform(2.0, 1.0)),
}


@pytest.mark.parametrize("name", CURVES)
def test_curves_are_the_density_of_the_prior(name):
    prior, known = CURVES[name]
    x, density = prior_density(declared(prior))
    half = (x[1] - x[0]) / 2  # each point is the mean over its stretch
    expected = (known.cdf(x + half) - known.cdf(x - half)) / (2 * half)
    np.testing.assert_allclose(density, expected, atol=0.01 * expected.max())
    assert density.sum() * 2 * half == pytest.approx(0.998, abs=0.002)


def test_curves_keep_within_the_bounds(all_cards):
    for found in all_cards.values():
        for curve in (found["prior"], found["posterior"]):
            if curve and curve["x"]:
                assert len(curve["x"]) == len(curve["density"]) == 60
                assert found["low"] <= curve["x"][0] < curve["x"][-1] <= found["high"]
                assert min(curve["density"]) >= 0.0
    x, _ = prior_density(declared(Uniform(0.0, 2.0), bounds=(0.5, 1.5)))
    assert 0.5 < x[0] < x[-1] < 1.5


def test_fixed_parameters_say_so_and_have_no_curve(all_cards):
    fixed = {name for name, d in DECLARED.items() if isinstance(d.prior, Fixed)}
    for name, found in all_cards.items():
        assert (found["prior"]["kind"] == "fixed") == (name in fixed) == (found["range"] is None)
        assert bool(found["prior"]["x"]) == (name not in fixed)
    assert all_cards["most_deaths"]["prior"]["text"] == {
        "en": "held at 300, no uncertainty is carried into comparisons",
        "fr": "maintenu à 300, aucune incertitude n'est reportée dans les comparaisons",
    }


@pytest.mark.parametrize("prior", [Fixed(), *(prior for prior, _ in CURVES.values())])
def test_priors_are_said_in_words_in_both_languages(prior):
    said = prior_text(declared(prior, default=1.5))
    assert "{" not in said["en"] + said["fr"]
    numbers = [value for value in vars(prior).values() if value] or [1.5]
    for value in numbers:
        assert f"{value:g}" in said["en"]
        assert f"{value:g}".replace(".", ",") in said["fr"]
    assert kind_of(prior) in ("fixed", "pert", "lognormal", "half-normal", "uniform")


def test_calibrated_parameters_show_the_draws_that_comparisons_use(all_cards):
    learnt = {name for name, found in all_cards.items() if found["posterior"]}
    assert learnt == {name for name, d in DECLARED.items() if d.status == CALIBRATED}
    for name in learnt:
        draws = posterior_draws(name)
        assert draws.size == DRAWS
        assert draws[7] == getattr(draw_parameters(7), name)
        x, density = (np.array(all_cards[name]["posterior"][key]) for key in ("x", "density"))
        assert np.sum(x * density) / np.sum(density) == pytest.approx(draws.mean(), rel=0.05)
        assert np.sum(density) * (x[1] - x[0]) == pytest.approx(1.0, abs=0.05)


def test_a_parameter_without_french_has_no_card():
    with pytest.raises(KeyError, match="made"):
        card(declared(Uniform(0.0, 1.0)))
