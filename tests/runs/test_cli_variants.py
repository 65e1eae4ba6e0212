"""``compare --variants`` on the command line: what it says, what it leaves alone, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyarrow import parquet
from typer.testing import CliRunner, Result

from runs.cli import app

Command = Callable[..., Result]
WORLD = ("--set", "world.cercles=['Mopti', 'Bankass']", "--set", "months=1")
SIZE = ("--arms", "no-un", *WORLD, "--draws", 2, "--seeds", 2, "--check-runs", 0)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str | Path | int) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return invoke


@pytest.mark.slow
def test_variants_say_whether_the_conclusion_survives_and_leave_the_comparison_alone(
    command: Command, tmp_path: Path
) -> None:
    result = command("compare", *SIZE, "--variants", "--out", "with")
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "Does the conclusion depend on the model's structure?" in text
    assert "With no UN, " in text
    for name in ("without raid series", "slow grievance", "without drift", "half under Katiba Macina"):
        assert name in (tmp_path / "with" / "report.html").read_text(encoding="utf-8")
    assert command("compare", *SIZE, "--out", "without").exit_code == 0
    for name in ("outcomes", "differences", "timeline", "draws"):
        tables = [parquet.read_table(tmp_path / folder / f"{name}.parquet") for folder in ("with", "without")]
        assert tables[0].equals(tables[1])
    rows = parquet.read_table(tmp_path / "with" / "variants.parquet").to_pylist()
    levels = {row["variant"]: row["control_mean"] for row in rows if row["outcome"] == "expected_civilian_attacks"}
    assert len(levels) == 6
    assert levels["without raid series"] != levels["as shipped"] != levels["without drift"]
    refused = command("compare", *SIZE, "--out", "with")
    assert refused.exit_code == 2
    assert "with: holds another result" in refused.stderr
    assert command("compare", *SIZE, "--variants", "--variant-draws", 3, "--out", "with").exit_code == 2


def test_an_interrupt_of_variants_leaves_nothing(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("runs.variants.compare", interrupted)
    result = command("compare", *SIZE, "--variants", "--out", "c")
    assert result.exit_code == 130
    assert "interrupted; nothing was written" in result.stderr
    assert list(tmp_path.iterdir()) == []
