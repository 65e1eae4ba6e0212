"""The model against the record of 2020."""

from __future__ import annotations

import numpy as np
import pytest

from abm import Scenario
from abm.data import read_table
from abm.geography import CERCLES
from abm.kinds import KINDS
from runs.check2020 import CERCLE, KIND, SCENARIO, TOTAL, CheckLine, against_record, check_2020, observed, record_source


def test_the_record_is_the_embedded_table() -> None:
    found, left_out = observed()
    rows = [row for row in read_table("events_by_month_cercle_kind_2017_2020") if row["month"].startswith("2020")]
    assert found[0].sum() + sum(left_out.values()) == sum(int(row["events"]) for row in rows)
    assert set(left_out) == {row["kind"] for row in rows} - set(KINDS) != set()
    # Known from the design: 191 intercommunal events with 391 deaths in 2020.
    intercommunal = [KINDS.index(kind) for kind in KINDS if kind.endswith("_militia") and "jihadists" not in kind]
    assert found.sum(axis=2)[:, intercommunal].sum(axis=1).tolist() == [191, 391]
    assert "ACLED" in record_source()


def test_runs_like_the_record_fit_it() -> None:
    record, _ = observed()
    check = against_record(np.random.default_rng(1).poisson(record, (200, *record.shape)))
    assert check.runs == 200
    assert all(line.inside for line in check.of(TOTAL, "events"))
    # 90 % intervals: a fifth or more of 25 lines outside has a chance below 1 in 1,000.
    lines = check.of(KIND, "events") + check.of(CERCLE, "events")
    assert sum(not line.inside for line in lines) <= 7
    for line in check.of(KIND, "events"):
        assert line.simulated == pytest.approx(line.observed, abs=5 * np.sqrt(line.observed / 200) + 0.01)


def test_the_worst_comes_first() -> None:
    record, _ = observed()
    runs = np.random.default_rng(2).poisson(record, (100, *record.shape))
    runs[:, 0, KINDS.index("state_v_other"), CERCLES.index("Koro")] += 200
    check = against_record(runs)
    for by, worst in ((KIND, "state_v_other"), (CERCLE, "Koro")):
        lines = check.of(by, "events")
        assert lines[0].name == worst
        assert not lines[0].inside
        order = [(line.inside, -abs(line.relative)) for line in lines]
        assert order == sorted(order)
    assert {len(check.of(by, "deaths")) for by in (KIND,)} == {len(KINDS)}


def test_errors_are_simulated_minus_observed() -> None:
    line = CheckLine(KIND, "x", "events", 10, 14.0, 12.0, 16.0)
    assert (line.error, line.inside, line.misfit) == (4.0, False, 2.0)
    assert line.relative == 0.4
    nothing = CheckLine(KIND, "x", "events", 0, 0.0, 0.0, 0.0)
    assert (nothing.misfit, nothing.relative) == (0.0, 0.0)


def test_2020_runs_in_many_worlds() -> None:
    scenario = Scenario.load(SCENARIO).changed(world={"cercles": ("Mopti", "Bankass")}, months=2)
    done: list[int] = []
    check = check_2020(4, scenario=scenario, workers=2, done=lambda: done.append(1))
    assert (check.runs, len(done)) == (4, 4)
    assert check.of(TOTAL, "events")[0].simulated > 0
    assert sum(line.simulated for line in check.of(CERCLE, "events")) == check.of(TOTAL, "events")[0].simulated
    assert check == check_2020(4, scenario=scenario, workers=1)
