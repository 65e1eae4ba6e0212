"""What the force did, arm by arm."""

from __future__ import annotations

import math

import pytest

from runs.compare import Comparison
from runs.operations import DONE, share_answered, what_was_done
from runs.outcomes import MEASURES


def test_shares_are_ratios_of_means(comparison: Comparison) -> None:
    warned, answered = (comparison.values["extra-tobs", "months-6", key] for key in ("warnings", "answered"))
    share = share_answered(comparison, "extra-tobs", "months-6")
    assert share == pytest.approx(answered.sum() / warned.sum())
    assert 0.0 < share < 1.0


def test_without_warnings_there_is_no_share(comparison: Comparison) -> None:
    key = ("extra-tobs", "months-6", "warnings")
    silent = Comparison(**{**vars(comparison), "values": {**comparison.values, key: 0.0 * comparison.values[key]}})
    assert math.isnan(share_answered(silent, "extra-tobs", "months-6"))


def test_tables_have_a_row_an_arm(comparison: Comparison) -> None:
    warned, done = what_was_done(comparison).tables
    assert len(warned.rows) == len(done.rows) == len(comparison.design.arms)
    assert set(DONE) < set(MEASURES)
    by_arm = {row[0]: dict(zip(done.headers, row, strict=True)) for row in done.rows}
    assert by_arm["baseline 2021"]["Missions escorted"] == "0"
    assert float(by_arm["Malian strategy"]["Agreements held, mean"]) > 0.0
    assert all(row[3].endswith(" %") for row in warned.rows)
