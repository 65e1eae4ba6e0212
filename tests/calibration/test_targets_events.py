"""Sets of events and what is counted of them: against counts made by hand, one by one or by shuffling."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from engine import Z_LIMIT, defaults, scenario
from target_samples import YEAR_2019, Seen, event_set, reordered, scattered

from abm.calendar import date_of, day_of
from abm.exports import write_csv
from abm.geography import CERCLES, to_km, to_lonlat
from abm.kinds import KINDS, PREVENTED
from abm.simulation import simulate
from calibration.aggregates import KNOX_SETS, UNSTATED, VICTIM_COLUMNS, Aggregates, aggregate, knox_members, monday_of
from calibration.event_files import read_events
from calibration.event_sets import PLACE_DIGITS, EventSet, of_file, of_run
from calibration.following import FOLLOWING_DAYS, FOLLOWING_KM, SIDES, followers, side_members
from calibration.near_repeat import close_pairs, lagged_date_pairs, near_repeats, quarter_of
from calibration.record_table import month_number
from calibration.targets import values

DOGON, FULANI, JIHADISTS, STATE, UNIDENTIFIED, CLASH = KINDS[:6]
KNOWN = [
    Seen(date(2019, 1, 1), DOGON, 3, "Koro", 0.0, 0.0, "fulani", 1),
    Seen(date(2019, 1, 3), DOGON, 0, "Koro", 3.0, 4.0, "fulani", 2),
    Seen(date(2019, 1, 3), FULANI, 1, "Bankass", 0.0, 20.0, "dogon", 3),
    Seen(date(2019, 1, 9), FULANI, 0, "Bankass", 0.0, 20.0, "fulani", 3),
    Seen(date(2019, 3, 31), JIHADISTS, 12, "Douentza", 200.0, 0.0, "", 4),
    Seen(date(2019, 4, 2), JIHADISTS, 0, "Douentza", 200.0, 10.0, "songhay", 5),
    Seen(date(2019, 12, 30), CLASH, 7, "Koro", 0.0, 0.0, "", 1),
]


def known() -> Aggregates:
    return aggregate(event_set(KNOWN))


def table(columns: dict[tuple[int, ...], int], shape: tuple[int, ...]) -> np.ndarray:
    counts = np.zeros(shape, np.int64)
    for where, number in columns.items():
        counts[where] = number
    return counts


def test_events_and_deaths_by_month_cercle_and_kind() -> None:
    counts = known()
    assert counts.first_month == month_number("2019-01")
    koro, bankass, douentza = (CERCLES.index(name) for name in ("Koro", "Bankass", "Douentza"))
    kind = {name: k for k, name in enumerate(KINDS)}
    shape = (12, 15, 10)
    events = {
        (0, koro, kind[DOGON]): 2,
        (0, bankass, kind[FULANI]): 2,
        (2, douentza, kind[JIHADISTS]): 1,
        (3, douentza, kind[JIHADISTS]): 1,
        (11, koro, kind[CLASH]): 1,
    }
    deaths = {
        (0, koro, kind[DOGON]): 3,
        (0, bankass, kind[FULANI]): 1,
        (2, douentza, kind[JIHADISTS]): 12,
        (11, koro, kind[CLASH]): 7,
    }
    np.testing.assert_array_equal(counts.events, table(events, shape))
    np.testing.assert_array_equal(counts.deaths, table(deaths, shape))
    assert counts.whole_months.all()


def test_weeks_begin_on_mondays_and_those_cut_short_are_told() -> None:
    counts = known()
    assert date_of(counts.first_monday) == date(2018, 12, 31)
    assert len(counts.weekly) == 53
    assert counts.whole_weeks.tolist() == [False] + [True] * 51 + [False]  # from Tuesday 1 January to Tuesday
    assert counts.weekly.sum(axis=1).tolist() == [3, 1, *[0] * 10, 1, 1, *[0] * 38, 1]
    assert monday_of(counts.first_monday) == counts.first_monday == monday_of(counts.first_monday + 6)


def test_sizes_places_and_victims() -> None:
    counts = known()
    assert counts.sizes.shape == (10, 13)
    assert {(k, d): n for (k, d), n in np.ndenumerate(counts.sizes) if n} == {
        (0, 3): 1, (0, 0): 1, (1, 1): 1, (1, 0): 1, (2, 12): 1, (2, 0): 1, (5, 7): 1,
    }  # fmt: skip
    assert counts.places.tolist() == [0, 3, 2]
    victims = {(VICTIM_COLUMNS[c], KINDS[k]): n for (k, c), n in np.ndenumerate(counts.victims) if n}
    assert victims == {
        ("fulani", DOGON): 2, ("dogon", FULANI): 1, ("fulani", FULANI): 1, ("songhay", JIHADISTS): 1,
        ("other_or_unstated", JIHADISTS): 1,
    }  # fmt: skip
    assert VICTIM_COLUMNS[UNSTATED] == "other_or_unstated"


def test_sets_of_near_repeats_and_their_pairs() -> None:
    counts = known()
    assert dict(zip(KNOX_SETS, counts.knox_events.tolist(), strict=True)) == {
        "all": 7, "attacks_on_civilians": 6, "civilians_by_jihadists": 2, "communal": 5,
    }  # fmt: skip
    assert counts.knox_pairs[0, 0].tolist() == [1, 2, 2, 2]  # 5 km apart after 2 days, one place after 6
    # Within 30 km also both of Koro with both of Bankass (2, 8 and 0, 6 days), and 10 km over the end of a quarter.
    assert counts.knox_pairs[0, 2].tolist() == [4, 6, 7, 7]
    assert counts.knox_pairs[2, 1].tolist() == [1, 1, 1, 1]


def test_near_repeats_of_sets_are_those_of_their_events_alone() -> None:
    events = scattered(300, 5)
    counts = aggregate(events)
    for s, member in enumerate(knox_members(events)):
        alone = near_repeats(events.day[member], events.x[member], events.y[member])
        np.testing.assert_array_equal(counts.knox_pairs[s].ravel(), [pair.observed for pair in alone])
        np.testing.assert_allclose(counts.knox_expected[s].ravel(), [pair.expected for pair in alone], rtol=1e-12)


def test_sides_are_told_by_kind_and_victims() -> None:
    events = event_set(KNOWN)
    sides = {name: np.flatnonzero(m).tolist() for name, m in zip(SIDES, side_members(events), strict=True)}
    assert sides == {
        "dogon>fulani": [0, 1], "fulani>civ": [2], "jihadist>civ": [4, 5], "communal clash": [6], "state>civ": [],
    }  # fmt: skip


def test_sides_told_by_victims_are_without_events_where_victims_are_not_known() -> None:
    events = event_set([row._replace(community="") for row in KNOWN])
    assert side_members(events).sum(axis=1).tolist() == [0, 0, 2, 1, 0]
    found = values(aggregate(events))
    assert math.isnan(found["following_fulani_on_civ_then_fulani_on_civ_25km_7d"])
    # One event in each of two quarters: shuffling changes nothing, so that nothing is in excess.
    assert found["following_jihadist_on_civ_then_jihadist_on_civ_25km_7d"] == 0


def test_followers_come_later_and_near() -> None:
    counts = known()
    dogon, fulani, jihadists, clash = range(4)
    expected = np.zeros((5, 5, 2, 3), np.int64)
    expected[dogon, dogon] = 1  # 5 km, 2 days
    expected[dogon, fulani] = 1  # 20 km after 2 days; the other on the same day is no follower
    expected[jihadists, jihadists] = 1  # over the end of a quarter
    np.testing.assert_array_equal(counts.following, expected)
    assert counts.side_events[clash] == 1


def test_followers_are_counted_one_by_one() -> None:
    events = scattered(250, 6)
    apart = np.hypot(events.x[:, None] - events.x, events.y[:, None] - events.y)
    lag = events.day[None, :] - events.day[:, None]
    sides = side_members(events)
    observed, _ = followers(events.day, close_pairs(events.x, events.y), sides)
    for (a, b, k, w), number in np.ndenumerate(observed):
        near = (apart <= FOLLOWING_KM[k]) & (lag >= 1) & (lag <= FOLLOWING_DAYS[w])
        assert number == near[np.ix_(sides[a], sides[b])].sum()


@pytest.mark.statistical
def test_expected_followers_are_those_of_shuffles_within_quarters() -> None:
    # 400 shuffles of each side's own dates; each of up to 150 means within its error: a correct closed form would fail
    # once in some 7,000 draws of the seed. Means of less than a quarter are too few pairs for the normal law.
    events = scattered(260, 7, km=60.0, days=(YEAR_2019[0], YEAR_2019[0] + 200))
    pairs, sides, quarter = close_pairs(events.x, events.y), side_members(events), quarter_of(events.day)
    _, expected = followers(events.day, pairs, sides)
    rng, counts = np.random.default_rng(8), np.empty((400, *expected.shape))
    for i in range(400):
        shuffled = events.day.copy()
        for side in sides:
            for q in np.unique(quarter):
                mine = side & (quarter == q)
                shuffled[mine] = rng.permutation(events.day[mine])
        counts[i], _ = followers(shuffled, pairs, sides)
    error = counts.std(axis=0, ddof=1) / math.sqrt(400)
    frequent = expected >= 0.25
    assert frequent.mean() > 0.9
    assert (
        error[frequent] > 0
    ).mean() > 0.8  # with 60 days most dates of a quarter follow each other, whatever they are
    assert (np.abs(counts.mean(axis=0) - expected)[frequent] <= Z_LIMIT * error[frequent] + 1e-9).all()


def test_windows_do_not_reach_beyond_the_next_quarter() -> None:
    with pytest.raises(ValueError, match="windows: expected at most 90 days, got 120"):
        lagged_date_pairs(np.ones((1, 10), np.int64), np.array([0, 10]), [7, 120])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_events_does_not_matter(seed: int) -> None:
    events = scattered(200, seed, raids=40)
    order = np.random.default_rng(seed).permutation(len(events))
    one, other = aggregate(events), aggregate(reordered(events, order))
    for name, value in vars(one).items():
        np.testing.assert_array_equal(value, getattr(other, name), err_msg=name)
    assert values(one) == pytest.approx(values(other), nan_ok=True, rel=0, abs=0)


def test_an_empty_log_counts_nothing_and_says_so() -> None:
    counts = aggregate(event_set([]))
    assert counts.events.shape == (12, 15, 10)
    found = values(counts)
    assert found["events_all"] == found["deaths_koro"] == 0.0
    for name in ("near_ratio_all_15km_3d", "near_excess_all_15km_3d", "places_per_event", "most_hit_share",
                 "lethal_mean", "largest_event", "weekly_dispersion", "monthly_autocorrelation",
                 "season_mar"):  # fmt: skip
        assert math.isnan(found[name]), name


def test_a_year_is_cut_out_of_months_and_weeks_and_the_rest_stays_pooled() -> None:
    days = day_of(date(2018, 1, 1)), day_of(date(2021, 1, 1))
    events = scattered(600, 9, days=days)
    counts = aggregate(events)
    year = counts.in_year(2019)
    within = (events.day >= YEAR_2019[0]) & (events.day < YEAR_2019[1])
    assert year.events.sum() == within.sum()
    assert year.deaths.sum() == events.deaths[within].sum()
    assert year.events.shape[0] == 12
    assert year.years == 365 / 365.25
    assert (year.first_day, year.last_day) == YEAR_2019
    weeks = (counts.mondays > YEAR_2019[0] - 7) & (counts.mondays < YEAR_2019[1])
    np.testing.assert_array_equal(year.weekly, counts.weekly[weeks])
    assert year.first_monday == counts.mondays[weeks][0]
    for name in ("sizes", "knox_pairs", "following", "places", "victims"):
        assert getattr(year, name) is getattr(counts, name)
    with pytest.raises(ValueError, match="2021 is not wholly covered"):
        counts.in_year(2021)


def test_months_cut_short_do_not_count_as_months() -> None:
    days = day_of(date(2019, 1, 10)), day_of(date(2019, 4, 30))
    counts = aggregate(event_set([], days))
    assert counts.whole_months.tolist() == [False, True, True, False]


def test_faulty_sets_are_refused() -> None:
    events = scattered(10, 1)
    with pytest.raises(ValueError, match="x: expected 10 values as of day"):
        replace(events, x=np.zeros(3))
    with pytest.raises(ValueError, match="expected first_day before last_day"):
        replace(events, last_day=events.first_day)
    with pytest.raises(ValueError, match=r"day: expected days from .* got"):
        replace(events, last_day=int(events.day.max()))
    with pytest.raises(ValueError, match=r"victims: expected an array of shape \(5, 8\)"):
        replace(aggregate(events), victims=np.zeros((5, 6), np.int64))


def exported(events: np.ndarray, path: Path) -> Path:
    text = io.StringIO()
    write_csv(events, 3, "acled", text)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def test_a_run_and_its_exported_file_have_the_same_values(tmp_path: Path) -> None:
    run = simulate(scenario(), defaults(), seed=3, days=365)
    direct = of_run(run)
    assert len(direct) == (run.events["outcome"] != PREVENTED).sum() > 100
    assert direct.communities_known
    assert (direct.community[~direct.on_civilians] == -1).all()
    assert (direct.community[direct.on_civilians] >= 0).all()
    file = read_events(exported(run.events, tmp_path / "events.csv"))
    reread = of_file(file)
    assert (reread.first_day, reread.last_day, len(reread)) == (direct.first_day, direct.last_day, len(direct))
    assert reread.dropped == 0
    # A file does not name victims' communities, and rounds coordinates to some 11 m.
    lon, lat = (np.round(degrees, PLACE_DIGITS) for degrees in to_lonlat(direct.x, direct.y))
    x, y = to_km(lon, lat)
    unknown = replace(direct, x=x, y=y, community=np.full(len(direct), -1))
    one, other = values(aggregate(unknown)), values(aggregate(reread))
    assert one == pytest.approx(other, rel=1e-9, nan_ok=True)
    assert sum(math.isfinite(value) for value in other.values()) > 100


def test_files_say_how_many_of_their_events_are_of_no_kind_of_the_model(tmp_path: Path) -> None:
    run = simulate(scenario(), defaults(), seed=3, days=60)
    path = exported(run.events, tmp_path / "events.csv")
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    odd = [i for i, line in enumerate(lines) if "Katiba Macina" in line and "Civilians" in line][:2]
    for i in odd:
        lines[i] = lines[i].replace("Civilians (Mali)", "Islamic State Sahel", 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    events: EventSet = of_file(read_events(path), run.first_day, run.last_day)
    assert len(odd) == events.dropped == 2
    assert len(events) == len(run.realised) - 2
    assert (events.first_day, events.last_day) == (run.first_day, run.last_day)
