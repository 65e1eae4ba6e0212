"""The embedded tables of recovery: read as written, and a clear word where they are not what they should be."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_samples import recovery_files

from calibration.check_recovery import MISFIT_FILE, NEAR, PRIOR, RECOVERY_FILE, read_recovery
from calibration.errors import CalibrationError
from calibration.sbc import VERDICT_IDENTIFIED


def test_both_tables_are_read_as_written(tmp_path: Path) -> None:
    found = read_recovery(*recovery_files(tmp_path))
    assert [row.parameter for row in found.of(NEAR)] == [row.parameter for row in found.of(PRIOR)]
    first = found.rows[0]
    assert (first.parameter, first.tests, sum(first.bins), len(first.bins)) == ("n_same", 400, 400, 20)
    assert (first.prior_low, first.posterior_05, first.posterior_95, first.prior_high) == (0.1, 0.3, 0.6, 0.9)
    assert first.verdict == VERDICT_IDENTIFIED
    assert [(one.statistic, one.rank) for one in found.misfit] == [("season_mar", 0.999)]


@pytest.mark.parametrize("missing", [0, 1])
def test_a_missing_table_is_named_with_what_makes_it(tmp_path: Path, missing: int) -> None:
    files = recovery_files(tmp_path)
    files[missing].unlink()
    with pytest.raises(CalibrationError, match=rf"{files[missing].name}: missing: .*sector-centre calibrate"):
        read_recovery(*files)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"p_value": "much"}, r"line 3: p_value: expected a number \(found 'much'\)"),
        ({"posterior_50": "nan"}, "line 3: posterior_50: expected a number"),
        ({"which": "far"}, r"line 3: which: expected prior or near \(found 'far'\)"),
        ({"bin_00": "9999"}, "line 3: bins: expected a sum of 400"),
        ({"parameter": "raid_km"}, r"raid_km \(near\) is there more than once"),
    ],
)
def test_a_wrong_value_is_named_by_line_and_column(tmp_path: Path, changes: dict[str, str], words: str) -> None:
    with pytest.raises(CalibrationError, match=words):
        read_recovery(*recovery_files(tmp_path, **changes))


def test_columns_and_rows_that_are_missing_are_named(tmp_path: Path) -> None:
    recovery, misfit = recovery_files(tmp_path)
    text = recovery.read_text(encoding="utf-8")
    recovery.write_text(text.replace("contraction", "shrinkage"), encoding="utf-8")
    with pytest.raises(CalibrationError, match="header: expected the columns contraction"):
        read_recovery(recovery, misfit)
    recovery.write_text(text.splitlines()[1] + "\n", encoding="utf-8")
    with pytest.raises(CalibrationError, match="expected a row for each parameter, found none"):
        read_recovery(recovery, misfit)
    recovery.write_text(text, encoding="utf-8")
    misfit.write_text("statistic,rank\nseason_mar,1.5\n", encoding="utf-8")
    with pytest.raises(CalibrationError, match=r"line 2: rank: expected a number from 0 to 1 \(found '1.5'\)"):
        read_recovery(recovery, misfit)
    misfit.write_text("statistic,rank\nseason_mar\n", encoding="utf-8")
    with pytest.raises(CalibrationError, match="line 2: expected 2 values"):
        read_recovery(recovery, misfit)


def test_the_embedded_tables_are_asked_for_where_no_other_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert RECOVERY_FILE.parent == MISFIT_FILE.parent
    recovery, misfit = recovery_files(tmp_path)
    monkeypatch.setattr("calibration.check_recovery.RECOVERY_FILE", recovery)
    monkeypatch.setattr("calibration.check_recovery.MISFIT_FILE", misfit)
    assert read_recovery() == read_recovery(recovery, misfit)
