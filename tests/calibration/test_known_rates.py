"""Rates known before an origin: of the record before it alone, but for what is named; their sums are what is asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import abm.data
from abm.draws import DRAWS, draw_parameters
from abm.geography import CERCLES, ZONE_OF_CERCLE, ZONES
from abm.kinds import KINDS, NATIONAL_FORCES, ON_VILLAGE
from abm.parameters import Parameters
from abm.rates import Rates, default_rates
from abm.scenario import Scenario
from abm.severity import scale_for_mean
from abm.simulation import simulate
from calibration import known_rates
from calibration.known_rates import LEAKS, rates_known, severity_known, yearly_counts
from calibration.rates import shares_within_zones
from calibration.record_table import RecordTable, month_number, recorded
from calibration.recorded import by_zone

ORIGINS = ("2018-07", "2019-04", "2021-01")
YEARLY = np.linspace(4.0, 60.0, len(CERCLES))
# What is taken over from the embedded tables: the leaks that LEAKS names.
LEAKED = ("target_weight", "suspicion", "reuse_discount", "reuse_new_weight")


def before(origin: str) -> RecordTable:
    return recorded().before(month_number(origin)).aimed_at(KINDS)


def mutated(origin: str) -> RecordTable:
    """The record with months from the origin on replaced, cut off before it."""
    record, number = recorded(), month_number(origin)
    events, deaths = record.events.copy(), record.deaths.copy()
    events[number - record.first :], deaths[number - record.first :] = 11, 400
    return replace(record, events=events, deaths=deaths).before(number).aimed_at(KINDS)


# --- the future -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["2018-07", "2019-04"])
def test_later_months_change_nothing(origin: str) -> None:
    assert rates_known(mutated(origin), YEARLY) == rates_known(before(origin), YEARLY)
    assert rates_known(before(origin), YEARLY) != rates_known(before("2021-01"), YEARLY)


def test_only_what_is_named_comes_from_tables_that_pool_all_years(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every embedded rate is replaced by another: only the fields that are named as leaks may follow."""
    usual = default_rates()

    def doubled(value: object) -> object:
        return tuple(doubled(v) for v in value) if isinstance(value, tuple) else value / 2

    others = usual.model_copy(update={name: doubled(getattr(usual, name)) for name in Rates.model_fields})
    here = rates_known(before("2019-04"), YEARLY)
    monkeypatch.setattr(known_rates, "default_rates", lambda: others)
    there = rates_known(before("2019-04"), YEARLY)
    assert {name for name in Rates.model_fields if getattr(here, name) != getattr(there, name)} == set(LEAKED)
    text = " ".join(LEAKS)
    for words in ("attraction", "suspicion", "law of events per place", "raid series", "drift", "tail of deaths"):
        assert words in text


def test_no_table_of_events_is_read_beside_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    record = before("2019-04")
    default_rates()
    real = abm.data._text

    def guarded(table: str) -> str:
        assert "2017_2020" not in table, f"read {table}"
        return real(table)

    monkeypatch.setattr(abm.data, "_text", guarded)
    rates_known(record, YEARLY)
    with pytest.raises(AssertionError, match="read near_repeat"):  # the guard does guard
        abm.data.read_table("near_repeat_knox_2017_2020")


# --- totals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ORIGINS)
def test_kinds_add_up_to_what_was_asked(origin: str) -> None:
    record = before(origin)
    counts = yearly_counts(record, YEARLY)
    assert counts.shape == (len(KINDS), len(CERCLES))
    assert counts.sum(axis=0) == pytest.approx(YEARLY)
    assert counts.min() > 0

    rates = rates_known(record, YEARLY)
    observed, army = np.array(rates.observed), np.array(rates.army_observed)
    # Attacks on UN patrols have no rate: they come of patrols that bands meet.
    rest = counts.sum() - counts[KINDS.index("un_v_jihadists")].sum()
    assert observed.sum() + army.sum() == pytest.approx(rest, rel=1e-5)
    on_villages = by_zone(counts)[[0, 1, 2, 4]].sum(axis=0)
    assert observed[:, :, ON_VILLAGE].sum(axis=0) == pytest.approx(on_villages, rel=1e-5)
    assert army[2] == pytest.approx(by_zone(counts)[KINDS.index("civilians_by_state_or_external")], rel=1e-5)
    assert rates.candidates == rates.observed
    # Twice the events, twice the rates.
    twice = rates_known(record, 2.0 * YEARLY)
    assert np.array(twice.observed) == pytest.approx(2.0 * observed, rel=1e-4)
    assert np.array(twice.abuse) == pytest.approx(2.0 * np.array(rates.abuse), rel=1e-4)
    assert twice.fatal_share == rates.fatal_share


def test_shares_of_cercles_are_those_asked_for() -> None:
    rates = rates_known(before("2020-07"), YEARLY)
    shares = np.array(rates.abuse_share)
    assert np.bincount(ZONE_OF_CERCLE, weights=shares) == pytest.approx(np.ones(len(ZONES)), abs=1e-5)
    counts = yearly_counts(before("2020-07"), YEARLY)
    assert shares == pytest.approx(shares_within_zones(counts[KINDS.index("civilians_by_state_or_external")]), abs=1e-5)
    # What is not known of shares is in the course: here they are known as from very many events.
    assert np.array(rates.cercle_counts).sum() > 1e5


# --- shapes and bounds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ORIGINS)
def test_rates_are_valid_rates(origin: str) -> None:
    rates = rates_known(before(origin), YEARLY)
    assert Rates.model_validate(rates.model_dump()) == rates
    assert ((np.array(rates.unidentified) > 0) & (np.array(rates.unidentified) < 1)).all()


@pytest.mark.parametrize("origin", ORIGINS)
def test_severity_is_possible(origin: str) -> None:
    fatal, mean = severity_known(before(origin))
    assert ((fatal > 0) & (fatal < 1)).all()
    # A lethal event kills at least one, and no recorded kind kills ten times what all events do on average.
    assert (mean >= fatal).all()
    record = before(origin)
    region = record.target_deaths.sum() / record.target_events.sum()
    assert (mean < 10 * region).all()
    for draw in range(0, DRAWS, 9):
        q = draw_parameters(draw, levels=False)
        for share, deaths in zip(fatal, mean, strict=True):
            scale_for_mean(float(deaths / share), q.tail_exponent, q.most_clash_deaths)  # raises where there is none


def test_severity_of_an_empty_kind_is_the_regions() -> None:
    record = before("2018-07")
    fatal, mean = severity_known(record)
    empty = record.events[:, :, 4].copy() * 0
    events, deaths = record.events.copy(), record.deaths.copy()
    events[:, :, 4], deaths[:, :, 4] = empty, empty
    without = replace(record, events=events, deaths=deaths)
    unknown, mean_unknown = severity_known(without)
    assert np.isfinite(unknown).all()
    assert np.isfinite(mean_unknown).all()
    # A kind with many events has its own, and keeps it.
    assert fatal[5] == pytest.approx(unknown[5], abs=0.05)
    assert mean.shape == mean_unknown.shape == (len(KINDS),)


def test_a_cercle_where_nothing_is_expected_is_no_error() -> None:
    for yearly in (np.zeros(len(CERCLES)), np.where(np.array(ZONE_OF_CERCLE) == 1, 0.0, 20.0)):
        rates = rates_known(before("2019-04"), yearly)
        assert Rates.model_validate(rates.model_dump()) == rates


def test_a_run_at_known_rates_has_events_of_bands_and_army() -> None:
    rates = rates_known(before("2020-07"), np.full(len(CERCLES), 60.0))
    records = simulate(Scenario.load("history-2020"), Parameters(rates=rates), seed=1, days=40)
    events = records.realised
    assert events.size > 20
    assert (events["actor"] == NATIONAL_FORCES).any()
