"""Outcomes of made-up logs, counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from abm import Parameters, Records
from abm.calendar import day_of
from abm.kinds import KINDS, PREVENTED, REALISED, REALISED_ELSEWHERE
from runs.outcomes import MEASURES, measure, monthly

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
    for total, prefix in (("civilian_attacks", "attacks_"), ("civilian_deaths", "deaths_")):
        assert found[total] == sum(value for key, value in found.items() if key.startswith(prefix))


def test_months_are_whole(made: Make) -> None:
    records = made([], [{"tobs": n < 31} for n in range(75)])  # January, February and sixteen days of March
    months, means = monthly(records, ("tobs",))
    assert [str(month) for month in months] == ["2021-01", "2021-02"]
    assert means["tobs"].tolist() == [1.0, 0.0]
