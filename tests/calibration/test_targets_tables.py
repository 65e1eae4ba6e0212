"""The embedded tables as aggregates: they agree with each other, and say what was read from them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from abm.data import read_table
from abm.kinds import CIVILIAN_KINDS, KINDS
from calibration.aggregates import KNOX_SETS, VICTIM_COLUMNS, Aggregates
from calibration.following import SIDES
from calibration.near_repeat import DISTANCES_KM, WINDOWS_DAYS, quarter_of
from calibration.raid_series import recorded_excess
from calibration.record_table import RECORDED_KINDS, UNMODELLED_KINDS, month_name
from calibration.recorded import events_by_cercle
from calibration.target_counts import overall_dispersion, weekly_cells
from calibration.target_tables import KIND_OF_SIDE, embedded, events_behind, weekly_record
from calibration.targets import STATISTICS, tolerances, values


@pytest.fixture(scope="module")
def recorded() -> Aggregates:
    return embedded()


def in_table(name: str, column: str, kinds: tuple[str, ...]) -> int:
    return sum(int(row[column]) for row in read_table(name) if row["kind"] in kinds)


def test_totals_are_those_of_the_table_less_unmodelled_kinds(recorded: Aggregates) -> None:
    monthly = "events_by_month_cercle_kind_2017_2020"
    everything = {column: in_table(monthly, column, RECORDED_KINDS) for column in ("events", "deaths")}
    unmodelled = {column: in_table(monthly, column, UNMODELLED_KINDS) for column in ("events", "deaths")}
    assert everything == {"events": 1443, "deaths": 4549}
    assert recorded.events.sum() == everything["events"] - unmodelled["events"]
    assert recorded.deaths.sum() == everything["deaths"] - unmodelled["deaths"]
    assert (month_name(int(recorded.months[0])), month_name(int(recorded.months[-1]))) == ("2017-01", "2020-12")
    assert recorded.whole_months.all()
    assert recorded.years == pytest.approx(4.0)
    np.testing.assert_array_equal(recorded.events.sum(axis=0).T, events_by_cercle(None))


def test_tables_agree_by_kind(recorded: Aggregates) -> None:
    events = recorded.events.sum(axis=(0, 1))
    np.testing.assert_array_equal(recorded.weekly.sum(axis=0), events)
    np.testing.assert_array_equal(recorded.sizes.sum(axis=1), events)
    deaths = recorded.sizes @ np.arange(recorded.sizes.shape[1])
    np.testing.assert_array_equal(deaths, recorded.deaths.sum(axis=(0, 1)))
    np.testing.assert_array_equal(recorded.victims.sum(axis=1), events[: len(CIVILIAN_KINDS)])


def test_pooled_tables_hold_unmodelled_kinds_and_near_repeats_leave_out_rough_events(recorded: Aggregates) -> None:
    everything = in_table("event_sizes_2017_2020", "events", RECORDED_KINDS)
    assert recorded.places @ np.arange(recorded.places.size) == everything
    # More than all modelled events that are not on civilians could be: unmodelled ones are among them.
    n = dict(zip(KNOX_SETS, recorded.knox_events.tolist(), strict=True))
    events = recorded.events.sum(axis=(0, 1))
    assert n["all"] - n["attacks_on_civilians"] > events[len(CIVILIAN_KINDS) :].sum()
    assert everything - n["all"] == 75
    assert n["communal"] <= events[[0, 1, 5]].sum()


def test_sides_of_the_table_of_followers_are_as_documented(recorded: Aggregates) -> None:
    n = dict(zip(SIDES, recorded.side_events.tolist(), strict=True))
    events = {kind: int(number) for kind, number in zip(KINDS, recorded.events.sum(axis=(0, 1)), strict=True)}
    fulani = VICTIM_COLUMNS.index("fulani")
    dogon_militia, fulani_militia = recorded.victims[0], recorded.victims[1]
    assert n["dogon>fulani"] == dogon_militia[fulani] == 130
    assert n["fulani>civ"] == fulani_militia.sum() - fulani_militia[fulani] == 140
    assert n["jihadist>civ"] == events["civilians_by_jihadists"]
    assert n["communal clash"] == events["militia_v_militia"]
    assert n["state>civ"] == events["civilians_by_state_or_external"] - 1
    assert len(KIND_OF_SIDE) == len(SIDES)


def test_followers_of_one_side_are_the_other_sides_predecessors(recorded: Aggregates) -> None:
    # The table gives both; whole numbers of pairs must agree, which they do only with the right numbers of events.
    checked = 0
    for row in read_table("retaliation_by_pair_2017_2020"):
        trigger, follow = SIDES.index(row["trigger"]), SIDES.index(row["follow"])
        k, w = [25, 50].index(int(row["within_km"])), [7, 30, 60].index(int(row["within_days"]))
        preceding = float(row["preceding_per_event"]) * recorded.side_events[trigger]
        assert recorded.following[follow, trigger, k, w] == round(preceding)
        checked += 1
    assert checked == 150


def test_followers_leave_out_pairs_of_one_day(recorded: Aggregates) -> None:
    # Jihadists: within 25 km fewer followers than there are near pairs within 15 km, which count pairs of one day.
    jihadists = SIDES.index("jihadist>civ")
    near = recorded.knox_pairs[
        KNOX_SETS.index("civilians_by_jihadists"), DISTANCES_KM.index(15.0), WINDOWS_DAYS.index(7)
    ]
    assert recorded.following[jihadists, jihadists, 0, 0] < near


def test_the_number_of_events_behind_rounded_figures() -> None:
    per_event = np.round(np.array([3, 17, 40, 61]) / 93, 3)
    assert events_behind(per_event, 94) == 93
    with pytest.raises(ValueError, match="expected whole numbers over 12 or less"):
        events_behind(np.array([0.137]), 12)


def test_weekly_variance_is_three_times_the_mean_and_1_6_times_within_quarters(recorded: Aggregates) -> None:
    # What is known of the record of all kinds; of the model's ten kinds it is 2.8 and 1.6.
    first_monday, weekly = weekly_record(RECORDED_KINDS)
    totals, mondays = weekly.sum(axis=1), first_monday + 7 * np.arange(len(weekly))
    ratios = [cell.var(ddof=1) / cell.mean() for cell in weekly_cells(totals, quarter_of(mondays))]
    assert overall_dispersion(totals.astype(float)) == pytest.approx(3.0, abs=0.05)
    assert np.mean(ratios) == pytest.approx(1.6, abs=0.05)
    found = values(recorded)
    assert found["weekly_dispersion"] == pytest.approx(2.8, abs=0.05)
    assert found["weekly_dispersion_within_quarters"] == pytest.approx(1.6, abs=0.05)
    assert recorded.whole_weeks.tolist() == [False] + [True] * 208 + [False]


def test_near_repeats_are_those_that_raid_series_were_fitted_to(recorded: Aggregates) -> None:
    excess, _ = recorded_excess()
    found = values(recorded)
    for (k, w), number in np.ndenumerate(excess):
        assert found[f"near_excess_all_{DISTANCES_KM[k]:g}km_{WINDOWS_DAYS[w]}d"] == pytest.approx(number)


def test_ratios_of_near_repeats_are_those_of_the_table(recorded: Aggregates) -> None:
    found = values(recorded)
    for row in read_table("near_repeat_knox_2017_2020"):
        name = f"near_ratio_{row['events']}_{row['within_km']}km_{row['within_days']}d"
        if name in found:
            assert found[name] == pytest.approx(float(row["ratio"]), abs=0.02)
    assert sum(name.startswith("near_ratio") for name in found) == 24


def test_ratios_of_followers_are_those_of_the_table(recorded: Aggregates) -> None:
    for row in read_table("retaliation_by_pair_2017_2020"):
        where = (
            SIDES.index(row["trigger"]), SIDES.index(row["follow"]),
            [25, 50].index(int(row["within_km"])), [7, 30, 60].index(int(row["within_days"])),
        )  # fmt: skip
        if recorded.following_expected[where] > 20:  # expectations are rounded to three decimals per event
            ratio = recorded.following[where] / recorded.following_expected[where]
            assert ratio == pytest.approx(float(row["ratio"]), rel=0.01)


def test_every_statistic_of_the_record_is_a_number_with_a_tolerance(recorded: Aggregates) -> None:
    for aggregates in (recorded, recorded.in_year(2020)):
        found, errors = values(aggregates), tolerances(aggregates)
        assert all(math.isfinite(number) for number in found.values())
        assert all(math.isfinite(error) and error > 0 for error in errors.values())


def test_a_year_changes_what_can_be_cut_and_nothing_else(recorded: Aggregates) -> None:
    pooled, year = values(recorded), values(recorded.in_year(2020))
    for statistic in STATISTICS:
        if not statistic.by_year:
            assert year[statistic.name] == pooled[statistic.name]
    year_events = sum(
        int(row["events"])
        for row in read_table("events_by_month_cercle_kind_2017_2020")
        if row["month"].startswith("2020") and row["kind"] in KINDS
    )
    assert year["events_all"] == pytest.approx(year_events / (366 / 365.25))
    assert year["events_all"] > pooled["events_all"]
