"""Outcomes of made-up logs, counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from abm import Parameters, Records
from abm.calendar import day_of
from abm.kinds import (
    AVERTED_BY_ARMY,
    AVERTED_BY_UN,
    DURING,
    IN_TIME,
    KINDS,
    NO_WARNING,
    PREVENTED,
    REALISED,
    REALISED_ELSEWHERE,
    TOO_LATE,
)
from abm.scenario import UNIT_TYPES
from abm.tables import DISARMAMENT, SERVICES_RETURNED, UN_UNITS
from runs.outcomes import COURSES, IN_CAMP, MEASURES, TASKS, daily_cost, head_years, measure, monthly

START = day_of(date(2021, 1, 1))
KIND = {name: number for number, name in enumerate(KINDS)}
Make = Callable[..., Records]


def event(day: int, kind: str, outcome: int, deaths: int, stands: float, mean: float = 2.0) -> dict[str, float | int]:
    return {
        "day": START + day, "kind": KIND[kind], "outcome": outcome, "deaths": deaths, "stands": stands,
        "mean_deaths": mean,
    }  # fmt: skip


def five_events() -> list[dict[str, float | int]]:
    return [
        event(0, "civilians_by_fulani_militia", REALISED, 3, 0.8),
        event(1, "civilians_by_jihadists", PREVENTED, 0, 0.5),
        event(1, "civilians_by_jihadists", REALISED_ELSEWHERE, 7, 0.25, 4.0),
        event(2, "militia_v_militia", REALISED, 1, 1.0),
        event(9, "civilians_by_state_or_external", REALISED, 5, 1.0, 6.0),
    ]


def test_counts_and_deaths(made: Make) -> None:
    found = measure(made(five_events(), [{}] * 10), START, START + 10)
    assert (found["civilian_attacks"], found["civilian_deaths"]) == (3, 15)
    assert (found["intercommunal_events"], found["intercommunal_deaths"]) == (2, 4)
    assert (found["events"], found["deaths"]) == (4, 16)
    assert (found["abuses"], found["prevented"], found["displaced"]) == (1, 1, 1)
    assert found["attacks_civilians_by_jihadists"] == 1
    assert found["deaths_civilians_by_jihadists"] == 7
    assert found["attacks_civilians_by_dogon_dozo_militia"] == 0


def test_expected_takes_chances_instead_of_draws(made: Make) -> None:
    found = measure(made(five_events(), [{}] * 10), START, START + 10)
    assert found["expected_civilian_attacks"] == pytest.approx(0.8 + 0.5 + 1.25 + 1.0)
    assert found["expected_civilian_deaths"] == pytest.approx(2 * 0.8 + 2 * 0.5 + 4 * 1.25 + 6)
    assert found["expected_intercommunal_events"] == pytest.approx(1.8)
    assert found["expected_events"] == pytest.approx(4.55)


def test_windows_take_their_first_day_and_not_their_last(made: Make) -> None:
    records = made(five_events(), [{"un_patrols": n} for n in range(10)])
    found = measure(records, START + 1, START + 2)
    assert (found["events"], found["prevented"], found["un_patrols"]) == (1, 1, 1)
    whole = measure(records, START, START + 10)
    parts = [measure(records, a, b) for a, b in ((START, START + 4), (START + 4, START + 10))]
    for key in ("events", "civilian_deaths", "expected_deaths", "un_patrols", "prevented"):
        assert whole[key] == pytest.approx(sum(part[key] for part in parts))


def test_daily_totals(made: Make) -> None:
    days = [
        {"tobs": 1, "extra_tobs": 0, "troops": 2050, "sanctions": 1, "risk_army": 0.1},
        {"tobs": 4, "extra_tobs": 2, "troops": 2800, "extra_troops": 750, "sanctions": 2, "risk_army": 0.3},
    ]
    records = made([], days)
    found = measure(records, START, START + 2)
    assert (found["tobs"], found["extra_tobs"], found["troops"]) == (2.5, 1.0, 2425.0)
    assert (found["sanctions"], found["risk_army"]) == (3, 0.3)
    assert found["extra_head_years"] == pytest.approx(750 / 365.25)
    assert found["extra_cost"] == pytest.approx(750 / 365.25 * Parameters().cost_per_head_year)


def test_answers_to_warnings(made: Make) -> None:
    def answered(answer: int, outcome: int) -> dict[str, float | int]:
        return {**event(0, "civilians_by_jihadists", outcome, 1, 0.5), "answer": answer}

    events = [
        answered(NO_WARNING, REALISED), answered(TOO_LATE, REALISED), answered(DURING, REALISED),
        answered(DURING, PREVENTED), answered(IN_TIME, REALISED), answered(AVERTED_BY_UN, PREVENTED),
        answered(AVERTED_BY_UN, PREVENTED), answered(AVERTED_BY_ARMY, PREVENTED),
    ]  # fmt: skip
    found = measure(made(events, [{"warnings": 5, "answered": 4}, {"warnings": 2}]), START, START + 2)
    assert (found["softened"], found["averted_by_un"], found["averted_by_army"]) == (1, 2, 1)
    assert (found["warnings"], found["answered"], found["prevented"]) == (7, 4, 4)


def test_days_of_people_by_task_and_the_rest_in_camp(made: Make) -> None:
    days = [
        {"troops": 1000, "tob_troops": 300, "resting_troops": 200, "patrol_troops": 100},
        {"troops": 1200, "convoy_troops": 60, "escort_troops": 30, "hurt_troops": 10},
    ]
    found = measure(made([], days), START, START + 2)
    by_task = {task: found[f"troop_days_{task}"] for task in TASKS}
    assert by_task == {"tob": 300, "resting": 200, "convoy": 60, "patrol": 100, "escort": 30, "hurt": 10}
    assert found[f"troop_days_{IN_CAMP}"] == 2200 - 700


def test_standing_totals_are_those_of_the_last_day_and_flows_add_up(made: Make) -> None:
    days = [
        {"agreements": 2, "disarmed": 50, "served": 10, "displaced": 900, "dialogue_missions": 3, "convoys": 1},
        {"agreements": 4, "disarmed": 20, "served": 30, "displaced": 700, "dialogue_missions": 4, "un_deaths": 2},
    ]
    operations = [
        {"day": START, "what": DISARMAMENT, "amount": 50},
        {"day": START + 1, "what": DISARMAMENT, "amount": 5},
        {"day": START + 1, "what": SERVICES_RETURNED, "amount": 800},
        {"day": START + 2, "what": DISARMAMENT, "amount": 99},
    ]
    found = measure(made([], days, operations), START, START + 2)
    assert (found["agreements"], found["disarmed"], found["served"], found["displaced_people"]) == (3, 20, 30, 700)
    assert (found["dialogue_missions"], found["fighters_disarmed"], found["convoys"], found["un_deaths"]) == (
        7, 55, 1, 2,
    )  # fmt: skip
    assert found["served_years"] == pytest.approx(40 / 365.25)


def test_costs_are_people_and_civilian_work_at_their_prices(made: Make) -> None:
    days = [{"extra_troops": 700, "dialogue_missions": 3, "investigations": 2, "served": 10}, {"extra_troops": 800}]
    operations = [{"day": START + 1, "what": DISARMAMENT, "amount": 40}]
    records, prices = made([], days, operations), Parameters()
    found = measure(records, START, START + 2)
    civilian = (
        3 * prices.cost_per_dialogue_mission + 2 * prices.cost_per_investigation + 40 * prices.cost_per_disarmed
        + 10 / 365.25 * prices.cost_per_served_year
    )  # fmt: skip
    assert found["civilian_cost"] == pytest.approx(civilian)
    assert found["extra_cost"] == pytest.approx(1500 / 365.25 * prices.cost_per_head_year)
    assert found["total_cost"] == found["extra_cost"] + found["civilian_cost"]
    by_day = daily_cost(records)
    assert by_day.sum() == pytest.approx(found["total_cost"])
    assert by_day[1] == pytest.approx(800 / 365.25 * prices.cost_per_head_year + 40 * prices.cost_per_disarmed)


def test_years_served_count_from_arrival_by_type_of_unit(log: Callable[..., np.ndarray]) -> None:
    infantry, police = UNIT_TYPES.index("infantry"), UNIT_TYPES.index("police")
    units = log(
        UN_UNITS,
        {"type": infantry, "troops": 100, "extra": 1, "arrival": START - 50},  # there throughout
        {"type": infantry, "troops": 100, "extra": 1, "arrival": START + 4},
        {"type": police, "troops": 140, "extra": 1, "arrival": START + 30},  # after the window
        {"type": police, "troops": 140, "extra": 1, "arrival": -1},  # never
        {"type": police, "troops": 140, "extra": 0, "arrival": START - 50},  # not of the package
    )
    found = head_years(units, START, START + 10)
    assert found["head_years_infantry"] == pytest.approx((10 * 100 + 6 * 100) / 365.25)
    assert sum(found.values()) == found["head_years_infantry"]


@pytest.mark.parametrize(("first", "last"), [(0, 0), (3, 2), (-1, 2), (5, 11)])
def test_windows_outside_the_run_are_refused(made: Make, first: int, last: int) -> None:
    with pytest.raises(ValueError, match="empty or not within the run"):
        measure(made([], [{}] * 10), START + first, START + last)


def test_every_measure_is_found_in_a_real_run(records: Records) -> None:
    found = measure(records, records.first_day, records.last_day)
    assert list(found) == list(MEASURES)
    assert all(np.isfinite(value) for value in found.values())
    assert found["events"] == (records.events["outcome"] != PREVENTED).sum() > 0
    assert found["events"] >= found["civilian_attacks"] >= found["abuses"]
    # Half of the noise is gone, the mean is not: within five standard deviations of a Poisson count.
    assert abs(found["events"] - found["expected_events"]) < 5 * np.sqrt(found["events"])


def test_perpetrators_add_up(records: Records) -> None:
    found = measure(records, records.first_day, records.last_day)
    for total, prefix in (("civilian_attacks", "attacks_civilians"), ("civilian_deaths", "deaths_civilians")):
        assert found[total] == sum(value for key, value in found.items() if key.startswith(prefix))


def test_months_are_whole(made: Make) -> None:
    records = made([], [{"tobs": n < 31, "extra_troops": 365} for n in range(75)])  # sixteen days of March
    months, means = monthly(records)
    assert [str(month) for month in months] == ["2021-01", "2021-02"]
    assert set(means) == set(COURSES)
    assert means["tobs"].tolist() == [1.0, 0.0]
    assert means["cost_per_day"] == pytest.approx(365 / 365.25 * Parameters().cost_per_head_year)


def test_years_of_units_are_the_years_of_extra_people_in_a_real_run(package: Records) -> None:
    found = measure(package, package.first_day, package.last_day)
    assert found["extra_head_years"] > 100
    by_type = sum(found[f"head_years_{kind}"] for kind in UNIT_TYPES)
    assert by_type == pytest.approx(found["extra_head_years"])
    assert all(found[f"troop_days_{task}"] >= 0 for task in (*TASKS, IN_CAMP))
    assert found["troop_days_tob"] > 0 < found["troop_days_patrol"]
