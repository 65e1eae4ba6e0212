"""Draws of parameters: the same for ever, whatever is added; what few recorded events leave open about severity."""

from __future__ import annotations

import math
import zlib

import numpy as np
import pytest
from engine import FALSE_ALARM, assert_close_in_law, defaults, scenario
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaincinv

from abm.compiled_parameters import compile_parameters, most_by_kind
from abm.data import read_table
from abm.declarations import declarations
from abm.draws import (
    DRAWS,
    LARGEST_BRANCHING,
    draw_parameters,
    draw_severity,
    draw_value,
    first_factors,
    intended_events,
    learnt_parameters,
    prior_parameters,
    scaled,
)
from abm.geography import ZONES
from abm.kinds import FACTIONS, KINDS
from abm.parameters import Parameters
from abm.priors import Fixed
from abm.randomness import PRIOR, uniform

Floats = NDArray[np.float64]
DECLARED = declarations(Parameters)
LAST = 2**32 - 1
NUMBERS = 3000  # of draws of severity

# Draw k is the same for ever: as it was before severity and the shares of the mapping were drawn too. Three parameters,
# and the levels of Katiba Macina in Séno-Plateau and of abuses in Douentza.
KEPT = {
    0: (0.35964248346177374, 0.25560922415864434, 14.44107345165142, 0.9013036505881066, 1.044208456178937),
    3: (0.42614548959881693, 0.28838113064733484, 17.255340769659536, 1.0038050356063473, 1.1157147801482603),
    42: (0.1342925880027825, 0.19161598605954988, 14.298622971344704, 1.032955033320496, 1.1644642807635255),
    99: (0.10760208727319975, 0.361352563029231, 33.46193596103483, 0.8002897615470845, 1.0283394415350635),
}


@pytest.mark.parametrize("number", KEPT)
def test_draws_are_the_same_for_ever(number: int) -> None:
    q, rates = prior_parameters(number), defaults().rates
    levels = q.rates.candidates[0][0][0] / rates.candidates[0][0][0], q.rates.abuse[2] / rates.abuse[2]
    assert (q.delta_un, q.p_warning, q.permission_months, *levels) == pytest.approx(KEPT[number], rel=1e-12)


@pytest.mark.parametrize("number", [0, 17, DRAWS, LAST])
def test_each_parameter_is_drawn_by_its_own_name(number: int) -> None:
    q = prior_parameters(number)
    for name, d in DECLARED.items():
        u = uniform(0, PRIOR, zlib.crc32(name.encode()), number, 0)
        expected = min(max(d.prior.quantile(u, d.default), d.low), d.high)
        assert getattr(q, name) == (round(expected) if isinstance(d.default, int) else expected), name
        assert draw_value(d, number) == getattr(q, name)


@pytest.mark.parametrize("number", [0, 17, DRAWS, LAST])
def test_rates_are_drawn_by_their_place_in_the_record(number: int) -> None:
    rates, drawn = defaults().rates, prior_parameters(number).rates
    counts = np.array(rates.observed).sum(axis=2)
    agent = zlib.crc32(b"rates")
    for faction in range(len(FACTIONS)):
        for zone in range(len(ZONES)):
            shape = counts[faction, zone] + 0.5
            u = uniform(0, PRIOR, agent, number, faction * len(ZONES) + zone)
            level = float(gammaincinv(shape, u)) / shape
            assert drawn.candidates[faction][zone] == pytest.approx(level * np.array(rates.candidates[faction][zone]))
    # Nothing but levels and severity is drawn of the tables.
    same = set(type(rates).model_fields) - {
        "candidates", "observed", "army_observed", "contact_jihadists", "contact_militia", "abuse", "fatal_share",
        "mean_deaths",
    }  # fmt: skip
    assert all(getattr(drawn, name) == getattr(rates, name) for name in same)


# --- numbers --------------------------------------------------------------------------------------------------------


def test_embedded_draws_have_what_was_learnt_and_their_priors_for_the_rest() -> None:
    rows = read_table("posterior_2017_2020")
    learnt = set(rows[0]) - {"draw"}
    assert [int(row["draw"]) for row in rows] == list(range(DRAWS))
    assert learnt <= {name for name, d in DECLARED.items() if not isinstance(d.prior, Fixed)}
    for number, row in enumerate(rows):
        drawn, prior = draw_parameters(number, levels=False), prior_parameters(number)
        values = {name: float(row[name]) for name in learnt}
        assert drawn == prior.changed(**values)  # which refuses values out of bounds, and series that never die out
        assert drawn.rates == prior.rates


def test_other_rates_can_be_given() -> None:
    others = defaults().rates.model_copy(update={"abuse": (0.1, 0.2, 0.3, 0.4)})
    drawn, usual = prior_parameters(5, others), prior_parameters(5)
    levels = np.array(usual.rates.abuse) / np.array(defaults().rates.abuse)
    assert np.array(drawn.rates.abuse) == pytest.approx(levels * [0.1, 0.2, 0.3, 0.4])
    assert drawn.rates.candidates == usual.rates.candidates
    learnt = learnt_parameters(5, {"n_same": 0.123, "raid_km": 4.5}, others)
    assert learnt == drawn.changed(n_same=0.123, raid_km=4.5)


def test_the_prior_has_more_draws_than_have_levels() -> None:
    numbers = [*range(DRAWS, DRAWS + 40), 10_000, 123_456_789, LAST]
    drawn = [prior_parameters(number) for number in numbers]
    assert len({q.model_dump_json() for q in drawn}) == len(numbers)
    for name, d in DECLARED.items():
        values = {getattr(q, name) for q in drawn}
        assert len(values) == 1 if isinstance(d.prior, Fixed) else len(values) > 2, name
        assert d.low <= min(values) <= max(values) <= d.high
    for number in numbers:
        with pytest.raises(ValueError, match=f"numbered 0 to {DRAWS - 1}, got {number}"):
            draw_parameters(number)
        with pytest.raises(ValueError, match=f"got {number}"):
            draw_parameters(number, levels=False)


def test_raid_series_die_out_in_every_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    assert max(q.n_same + q.n_cross for q in map(prior_parameters, range(300))) < LARGEST_BRANCHING
    drawn = {"n_same": 0.8, "n_cross": 0.4}
    monkeypatch.setattr("abm.draws.draw_value", lambda d, number: drawn.get(d.name, d.default))
    q = prior_parameters(0)
    assert q.n_same + q.n_cross == pytest.approx(LARGEST_BRANCHING)
    assert q.n_same / q.n_cross == pytest.approx(2.0)


# --- severity -------------------------------------------------------------------------------------------------------


def recorded(kind: str) -> tuple[Floats, Floats]:
    """Deaths that events of a kind had, and how many events had so many."""
    rows = [row for row in read_table("event_sizes_2017_2020") if row["kind"] == kind]
    return np.array([float(row["deaths"]) for row in rows]), np.array([float(row["events"]) for row in rows])


@pytest.fixture(scope="module")
def severities() -> tuple[Floats, Floats]:
    """Share of fatal events and mean deaths, by draw and kind."""
    fatal, mean = zip(*[draw_severity(number) for number in range(NUMBERS)], strict=True)
    return np.array(fatal), np.array(mean)


@pytest.mark.parametrize("kind", range(len(KINDS)), ids=KINDS)
def test_the_tables_are_what_is_recorded(kind: int) -> None:
    deaths, events = recorded(KINDS[kind])
    rates = defaults().rates
    assert rates.fatal_share[kind] == pytest.approx(events[deaths > 0].sum() / events.sum(), rel=1e-5)
    assert rates.mean_deaths[kind] == pytest.approx(events @ deaths / events.sum(), rel=1e-5)


@pytest.mark.statistical
@pytest.mark.parametrize("kind", range(len(KINDS)), ids=KINDS)
def test_drawn_shares_of_fatal_events_are_about_the_recorded_one(kind: int, severities: tuple[Floats, Floats]) -> None:
    # Under the Bayesian bootstrap the share is a beta variate: Kolmogorov and Smirnov, false alarm 1e-6.
    deaths, events = recorded(KINDS[kind])
    law = stats.beta(events[deaths > 0].sum(), events[deaths == 0].sum())
    assert stats.kstest(severities[0][:, kind], law.cdf).pvalue > FALSE_ALARM
    assert_close_in_law(severities[0][:, kind].sum(), NUMBERS * law.mean(), NUMBERS * law.var())


@pytest.mark.statistical
@pytest.mark.parametrize("kind", range(len(KINDS)), ids=KINDS)
def test_drawn_mean_deaths_are_about_the_recorded_one(kind: int, severities: tuple[Floats, Floats]) -> None:
    # Rubin 1981: the mean under Dirichlet weights of n events has the recorded mean, and the variance of the recorded
    # deaths over n + 1; false alarm 1e-6.
    deaths, events = recorded(KINDS[kind])
    n = events.sum()
    mean = events @ deaths / n
    variance = (events @ (deaths - mean) ** 2 / n) / (n + 1)
    drawn = severities[1][:, kind]
    assert_close_in_law(drawn.sum(), NUMBERS * mean, NUMBERS * variance)
    assert drawn.var() == pytest.approx(variance, rel=0.2)
    assert np.corrcoef(drawn, severities[0][:, kind])[0, 1] > 0.1  # of the same events


def test_severity_of_each_kind_is_drawn_apart(severities: tuple[Floats, Floats]) -> None:
    apart = np.corrcoef(np.hstack(severities).T)
    kinds = np.tile(np.arange(len(KINDS)), 2)
    assert np.abs(apart[kinds[:, None] != kinds]).max() < 5.0 / math.sqrt(NUMBERS)
    assert len({draw_severity(number) for number in (0, 1, DRAWS, LAST)}) == 4
    assert draw_severity(5) == draw_severity(5)


@pytest.mark.parametrize("number", [0, 7, 31, DRAWS, 999, LAST])
def test_drawn_severity_is_that_of_the_run(number: int) -> None:
    q = prior_parameters(number)
    fatal, mean = draw_severity(number)
    assert (q.rates.fatal_share, q.rates.mean_deaths) == (fatal, mean)
    c = compile_parameters(scenario(), q, (1.0, 1.0))
    for kind, most in enumerate(most_by_kind(q)):
        assert c.fatal_share[kind] * c.lethal_mean[kind, most] == pytest.approx(mean[kind], rel=1e-6)


# --- levels ---------------------------------------------------------------------------------------------------------


def test_first_factors_keep_the_number_of_attempts_where_series_replace_some() -> None:
    assert (first_factors(defaults()) == 1.0).all()
    q = defaults().changed(n_same=0.5, n_cross=0.1)
    factors = first_factors(q)
    assert factors.shape == (4, len(ZONES))
    assert factors[0] == pytest.approx(0.4 / (1.0 - defaults().n_same - defaults().n_cross))
    assert (factors[1:] == 1.0).all()


def test_a_draw_believes_in_the_events_it_was_drawn_with() -> None:
    rates = defaults().rates
    expected = np.vstack([np.array(rates.observed).sum(axis=(0, 2)), np.array(rates.army_observed)])
    assert intended_events(defaults()) == pytest.approx(expected)
    drawn = prior_parameters(11)
    factors = np.arange(1.0, 17.0).reshape(4, 4)
    after = scaled(drawn, factors)
    assert np.array_equal(intended_events(after), intended_events(drawn))
    assert np.array(after.rates.candidates) == pytest.approx(
        np.array(drawn.rates.candidates) * factors[0][None, :, None]
    )
    for row, name in enumerate(("contact_jihadists", "contact_militia", "abuse"), 1):
        assert np.array(getattr(after.rates, name)) == pytest.approx(
            np.array(getattr(drawn.rates, name)) * factors[row]
        )
