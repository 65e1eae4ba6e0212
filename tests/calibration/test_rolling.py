"""What a forecaster is given, that none sees the future, and that scores are of the right cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import abm.data
import abm.randomness
from abm.data import read_table
from abm.geography import CERCLES, ZONE_OF_CERCLE
from calibration import forecasting
from calibration.baselines import BASELINES, zero
from calibration.forecasting import Forecaster, checked, forecast_uniforms
from calibration.record_table import (
    RECORDED_KINDS,
    TABLE,
    RecordTable,
    days_in_month,
    month_name,
    month_number,
    recorded,
    recorded_before,
)
from calibration.rolling import (
    ABLATIONS,
    FILTER,
    FORECASTERS,
    ORIGINS,
    POOLED,
    SPATIAL,
    TARGETS,
    as_text,
    by_zone_quarter,
    check_in_space,
    check_in_time,
    compare,
    main,
    rows,
)

ALL_FORECASTERS = {**FORECASTERS, **ABLATIONS, **{f"space: {name}": f for name, f in SPATIAL.items()}}
# What a forecaster may read besides the record: facts that are no events.
ALLOWED_TABLES = {"cercles", "cells_5km"}


# --- the record ---------------------------------------------------------------------------------------------------


def test_months() -> None:
    assert month_name(month_number("2018-07")) == "2018-07"
    assert month_number("2019-01") - month_number("2018-12") == 1
    assert days_in_month(month_number("2020-02"), 1)[0] * 365.25 / 12 == pytest.approx(29)
    for wrong in ("2018-13", "2018-7", "July", "2018-00", ""):
        with pytest.raises(ValueError, match="2018-07"):
            month_number(wrong)


def test_the_record_holds_every_row_of_the_table() -> None:
    record, table = recorded(), read_table(TABLE)
    assert record.events.sum() == sum(int(row["events"]) for row in table)
    assert record.deaths.sum() == sum(int(row["deaths"]) for row in table)
    assert set(RECORDED_KINDS) == {row["kind"] for row in table}
    assert (record.first, record.end) == (month_number("2017-01"), month_number("2021-01"))
    row = next(r for r in table if r["month"] == "2019-03" and r["cercle"] == "Bankass" and int(r["deaths"]) > 100)
    place = (month_number("2019-03") - record.first, CERCLES.index("Bankass"), RECORDED_KINDS.index(row["kind"]))
    assert record.deaths[place] == int(row["deaths"])


@pytest.mark.parametrize("origin", ["2018-07", "2019-12", "2021-01"])
def test_before_means_before(origin: str) -> None:
    record = recorded_before(origin)
    rows_before = [row for row in read_table(TABLE) if row["month"] < origin]
    assert record.events.sum() == sum(int(row["events"]) for row in rows_before)
    assert record.deaths.sum() == sum(int(row["deaths"]) for row in rows_before)
    assert month_name(record.end) == origin
    # A copy, not a window: the rest of the record cannot be reached from it.
    assert record.events.base is None
    assert record.deaths.base is None
    assert not np.shares_memory(record.events, recorded().events)


@pytest.mark.parametrize("origin", ["2017-01", "2016-05", "2021-02", "2024-01"])
def test_months_without_a_record_are_no_months_without_events(origin: str) -> None:
    with pytest.raises(ValueError, match="expected a month from 2017-02 to 2021-01"):
        recorded_before(origin)


def test_targets_and_missing_cercles() -> None:
    record = recorded_before("2019-01")
    kind = "militia_v_militia"
    aimed = record.aimed_at([kind])
    assert np.array_equal(aimed.target_events, record.events[:, :, RECORDED_KINDS.index(kind)])
    assert np.array_equal(record.target_deaths, record.deaths.sum(axis=2))
    blind = record.without([4, 0])
    assert blind.known.tolist() == [c not in (0, 4) for c in range(len(CERCLES))]
    assert not blind.events[:, [0, 4]].any()
    assert np.array_equal(blind.events[:, 5:], record.events[:, 5:])
    with pytest.raises(ValueError, match="target: expected kinds among"):
        record.aimed_at(["earthquakes"])
    with pytest.raises(ValueError, match="target"):
        record.aimed_at([])


def test_tables_that_are_none_are_refused() -> None:
    record = recorded_before("2018-01")
    with pytest.raises(ValueError, match="deaths: expected an array of shape"):
        replace(record, deaths=record.deaths[:-1])
    with pytest.raises(ValueError, match="events: expected counts of 0 or more"):
        replace(record, events=record.events - 1)
    with pytest.raises(ValueError, match="known"):
        replace(record, known=np.ones(3, np.bool_))


# --- leaks --------------------------------------------------------------------------------------------------------


def scrambled_after(record: RecordTable, origin: int) -> RecordTable:
    """The same record up to the origin; after it, months in reverse, cercles rolled and everything tripled."""
    cut = origin - record.first
    events, deaths = record.events.copy(), record.deaths.copy()
    events[cut:] = 3 * np.roll(events[cut:][::-1], 4, axis=1) + 1
    deaths[cut:] = 5 * np.roll(deaths[cut:][::-1], 4, axis=1) + 2
    return replace(record, events=events, deaths=deaths)


@pytest.mark.parametrize("name", list(ALL_FORECASTERS))
def test_no_forecast_changes_with_the_future(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    origin, forecaster = month_number("2018-07"), ALL_FORECASTERS[name]
    asked = (origin, 3, 24)
    before = forecaster(recorded_before(origin), *asked)

    # No table of recorded events may be read beside the record that is handed over: some pool all years.
    real = abm.data._text

    def guarded(table: str) -> str:
        if table.removesuffix(".csv") not in ALLOWED_TABLES:
            raise AssertionError(f"{name} read {table}")
        return real(table)

    scrambled = scrambled_after(recorded(), origin)
    recorded.cache_clear()
    monkeypatch.setattr(abm.data, "_text", guarded)
    after = forecaster(scrambled.before(origin), *asked)
    assert np.array_equal(before, after)
    # The scramble is one that a forecaster who saw it would notice.
    monkeypatch.undo()
    assert not np.array_equal(scrambled.target_events, recorded().target_events)
    assert scrambled.before(origin + 1).target_events[-1].sum() > 0


def test_the_leak_test_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def peeping(record: RecordTable, origin: int, horizon: int, draws: int) -> np.ndarray:
        whole = recorded()
        seen = whole.target_events[origin - whole.first : origin - whole.first + horizon]
        return np.tile(np.stack([seen, seen], axis=-1)[None], (draws, 1, 1, 1)).astype(np.float64)

    monkeypatch.setitem(ALL_FORECASTERS, "peeping", peeping)
    with pytest.raises(AssertionError, match="peeping read"):
        test_no_forecast_changes_with_the_future("peeping", monkeypatch)
    monkeypatch.undo()
    recorded.cache_clear()


@pytest.mark.parametrize("name", list(SPATIAL))
def test_left_out_cercles_are_not_seen(name: str) -> None:
    record, origin = recorded_before("2018-07"), month_number("2018-07")
    events, deaths = record.events.copy(), record.deaths.copy()
    events[:, 4], deaths[:, 4] = 9, 99
    other = replace(record, events=events, deaths=deaths)
    forecasts = [SPATIAL[name](r.without([4]), origin, 3, 50)[:, :, 4] for r in (record, other)]
    assert np.array_equal(*forecasts)


# --- checks -------------------------------------------------------------------------------------------------------


class Oracle:
    """Knows the whole record, and writes down what it was given."""

    def __init__(self, short: int = 0) -> None:
        self.given: list[RecordTable] = []
        self.short = short

    def __call__(self, record: RecordTable, origin: int, horizon: int, draws: int) -> np.ndarray:
        self.given.append(record)
        whole = recorded()
        forecast = np.zeros((draws, horizon, len(CERCLES), 2))
        seen = min(horizon, whole.end - origin)
        at = slice(origin - whole.first, origin - whole.first + seen)
        columns = record.target_columns
        forecast[:, :seen, :, 0] = whole.events[at][:, :, columns].sum(axis=2) + self.short
        forecast[:, :seen, :, 1] = whole.deaths[at][:, :, columns].sum(axis=2) + self.short
        return forecast


def test_an_oracle_has_no_loss_and_is_given_the_past_alone() -> None:
    oracle = Oracle()
    cells, quarters = check_in_time(oracle, draws=4)
    assert [month_name(record.end) for record in oracle.given] == list(ORIGINS)
    assert all(record.events.base is None for record in oracle.given)
    for variable in ("events", "deaths"):
        assert cells.mean("crps", variable) == 0.0
        assert cells.mean("covered", variable) == 1.0
        assert quarters.mean("crps", variable) == 0.0
    assert check_in_time(Oracle(short=2), draws=4).cells.mean("crps", "events") == pytest.approx(2.0)


def test_nothing_is_scored_that_is_not_recorded() -> None:
    cells, quarters = check_in_time(zero, draws=2)
    last = cells.by_name["crps"][ORIGINS.index("2020-07"), :, :, 0]
    assert np.isfinite(last[:6]).all()
    assert np.isnan(last[6:]).all()
    assert np.isfinite(quarters.by_name["crps"][-1, :2]).all()
    assert np.isnan(quarters.by_name["crps"][-1, 2:]).all()


def test_scores_are_pooled_over_the_months_asked_for() -> None:
    cells, quarters = check_in_time(zero, draws=2)
    record = recorded()
    events = record.target_events

    def months(*numbers: str) -> np.ndarray:
        return events[[month_number(n) - record.first for n in numbers]]

    # The score of "zero" is what happened.
    assert cells.mean("crps", "events", ("2019-02", "2019-02"), ahead=[2]) == pytest.approx(months("2019-02").mean())
    assert cells.mean("crps", "events", ("2019-02", "2019-02"), ahead=[8]) == pytest.approx(months("2019-02").mean())
    koro = CERCLES.index("Koro")
    one = cells.mean("crps", "deaths", ("2019-03", "2019-03"), units=[koro])
    assert one == record.target_deaths[month_number("2019-03") - record.first, koro]
    # 2018-07 reaches 2018-12 in its first six months, which are not pooled.
    pooled = cells.values("crps", "events", POOLED)
    assert np.isnan(pooled[0, :6]).all()
    assert np.isfinite(pooled[0, 6:]).all()
    quarter = quarters.mean("crps", "events", ("2019-01", "2019-03"), ahead=[1], units=[0])
    plateau = [c for c, zone in enumerate(ZONE_OF_CERCLE) if zone == 0]
    assert quarter == months("2019-01", "2019-02", "2019-03")[:, plateau].sum()


def test_sums_over_zones_and_quarters() -> None:
    values = np.arange(2 * 7 * 15 * 2, dtype=float).reshape(2, 7, 15, 2)
    summed = by_zone_quarter(values)
    assert summed.shape == (2, 2, 4, 2)
    assert summed.sum() == values[:, :6].sum()
    douentza = CERCLES.index("Douentza")
    assert summed[1, 1, 2, 0] == values[1, 3:6, douentza, 0].sum()


def test_each_kind_is_forecast_alone() -> None:
    table = compare({"oracle": Oracle(), "zero": zero}, ("all", "militia_v_militia"), draws=2)
    assert {row.target for row in table} == {"all", "militia_v_militia"}
    assert all(row.value == 0 for row in table if row.forecaster == "oracle" and row.score == "crps")
    zeros = {row.target: row.value for row in table if row[0] == "zero" and row[2:5] == ("events", "crps", 0)}
    assert 0 < zeros["militia_v_militia"] < zeros["all"]
    assert set(TARGETS) == {"all", *RECORDED_KINDS}


def test_rows_and_text() -> None:
    cells = check_in_time(Oracle(short=1), draws=2).cells
    table = rows("short by one", "all", cells)
    everything = next(row for row in table if row[2:5] == ("events", "crps", 0))
    assert everything.value == pytest.approx(1.0)
    assert everything.cells == sum(row.cells for row in table if row[2:4] == ("events", "crps") and row.ahead > 0)
    assert everything.cells == 15 * (6 + 12 + 12 + 12 + 6)
    text = as_text(table)
    assert "short by one" in text
    assert "1.000" in text


def test_left_out_cercles_come_from_a_blind_forecast() -> None:
    asked: list[tuple[int, ...]] = []

    def blind(record: RecordTable, origin: int, horizon: int, draws: int) -> np.ndarray:
        missing = tuple(np.flatnonzero(~record.known).tolist())
        asked.append(missing)
        assert not record.events[:, list(missing)].any()
        forecast = np.full((draws, horizon, len(CERCLES), 2), 1e6)
        forecast[:, :, list(missing)] = 0
        return forecast

    scores = check_in_space(blind, draws=2, origins=["2019-01"])
    assert asked == [(cercle,) for cercle in range(len(CERCLES))]
    assert scores.mean("crps", "events") == check_in_time(zero, draws=2, origins=["2019-01"]).cells.mean(
        "crps", "events"
    )
    asked.clear()
    check_in_space(blind, draws=2, origins=["2019-01"], folds=[range(8), range(8, 15)])
    assert asked == [tuple(range(8)), tuple(range(8, 15))]
    with pytest.raises(ValueError, match="each of the 15 cercles once"):
        check_in_space(blind, draws=2, folds=[[0, 1], [1, 2]])


@pytest.mark.parametrize(
    ("forecast", "fault"),
    [
        (np.zeros((5, 3, 15)), "shape"),
        (np.zeros((5, 2, 15, 2)), "shape"),
        (np.full((5, 3, 15, 2), -1.0), "whole numbers"),
        (np.full((5, 3, 15, 2), 0.5), "whole numbers"),
        (np.full((5, 3, 15, 2), np.nan), "whole numbers"),
    ],
)
def test_what_is_no_forecast_is_refused(forecast: np.ndarray, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        checked(forecast, 3, 5)
    with pytest.raises(ValueError, match=fault):
        check_in_time(lambda record, origin, horizon, draws: forecast, origins=["2019-01"], horizon=3, draws=5)


def test_origins_that_cannot_be_scored_are_refused() -> None:
    with pytest.raises(ValueError, match="from 2017-02 to 2020-12"):
        check_in_time(zero, origins=["2021-01"], draws=2)


def test_keys_of_calibration_are_used_by_nothing_else() -> None:
    taken = {v for k, v in vars(abm.randomness).items() if k.isupper() and isinstance(v, int)}
    assert forecasting.FORECAST != forecasting.PIT
    assert not {forecasting.FORECAST, forecasting.PIT} & taken
    u = forecast_uniforms(forecasting.COUNT, month_number("2019-01"), 3, 7)
    assert u.shape == (7, 3, len(CERCLES))
    assert np.unique(u).size == u.size
    other = forecast_uniforms(forecasting.DEATH_COUNT, month_number("2019-01"), 3, 7)
    later = forecast_uniforms(forecasting.COUNT, month_number("2019-02"), 3, 7)
    assert not np.intersect1d(u, other).size
    assert not np.intersect1d(u, later).size


@pytest.mark.slow
def test_the_filter_is_below_every_baseline() -> None:
    """Regression: pooled over 2019-2020, the filter forecasts events and deaths better than any baseline."""
    crps_of: dict[str, dict[str, float]] = {}
    forecasters: dict[str, Forecaster] = {**BASELINES, FILTER: FORECASTERS[FILTER]}
    for name, forecaster in forecasters.items():
        cells = check_in_time(forecaster).cells
        crps_of[name] = {variable: cells.mean("crps", variable) for variable in ("events", "deaths")}
    ours = crps_of.pop(FILTER)
    for variable, most in (("events", 0.90), ("deaths", 0.94)):
        best = min(values[variable] for values in crps_of.values())
        assert ours[variable] < most * best, f"Regression: {ours} against {crps_of}"


def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calibration.rolling.FORECASTERS", {"zero": zero})
    assert main(["--draws", "2"]) == 0
    printed = capsys.readouterr().out
    assert "crps, events, all" in printed
    assert "ignorance, deaths, all" in printed
