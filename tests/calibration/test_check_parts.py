"""Parts of the check: made once, kept, gone on from, and refused where they are not what would be made now."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from check_samples import SMALL, natural, predicted, quiet, recovery, scores, year
from target_samples import scattered

from abm.parameters import Parameters
from calibration import check_making as making
from calibration import check_parts
from calibration.agent_forecast import runs_of
from calibration.aggregates import aggregate
from calibration.baselines import zero
from calibration.check_making import AGENT, CHECKED_TARGETS, SHIPPED, SURVIVAL_DEATHS, VARIANT_TARGETS, VARIANTS, Work
from calibration.check_parts import READERS, Checked, all_parts, made_by, parts_folder, run_checks
from calibration.check_scores import packed
from calibration.errors import CalibrationError
from calibration.record_table import month_number
from calibration.rolling import FORECASTERS, ORIGINS, SPATIAL, Scores
from runs.folders import ResultError

Calls = Counter[str]
SIZES = SMALL._asdict()
FEW = {key: CHECKED_TARGETS[key] for key in ("all", "intercommunal")}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Calls:
    """How often each part is made; the makers give made-up parts at once."""
    made: Calls = Counter()

    def counted(name: str, found: Any) -> Any:
        made[name] += 1
        return found

    def forecasts(_work: Work, origin: str) -> Any:
        cut = {
            "cells": packed(scores(1, origins=(origin,))),
            "zone_quarters": packed(scores(2, quarters=True, origins=(origin,))),
        }
        of_target = dict.fromkeys((AGENT, *FORECASTERS), cut)
        return counted(f"forecasts-{origin}", dict.fromkeys(FEW, of_target))

    def variant(_work: Work, name: str) -> Any:
        return counted(f"variant-{name}", dict.fromkeys(VARIANT_TARGETS, packed(scores(3))))

    monkeypatch.setattr(check_parts, "CHECKED_TARGETS", FEW)
    monkeypatch.setattr(making, "recovery", lambda _work: counted("recovery", recovery(tmp_path)))
    monkeypatch.setattr(making, "space", lambda _work: counted("space", {name: packed(scores(4)) for name in SPATIAL}))
    monkeypatch.setattr(making, "year_2020", lambda _work: counted("year", year()))
    monkeypatch.setattr(making, "predictive", lambda _work: counted("predictive", predicted(("largest_event",))))
    monkeypatch.setattr(making, "forecasts", forecasts)
    monkeypatch.setattr(making, "variant", variant)
    monkeypatch.setattr(making, "natural_experiments", lambda _work: counted("natural", natural()))
    return made


def check(out: Path, **sizes: int) -> Checked:
    return run_checks(out, quiet, **(SIZES | sizes))


def test_every_part_is_made_once_and_read_back_the_same(calls: Calls, tmp_path: Path) -> None:
    out = tmp_path / "check"
    first = check(out)
    assert len(calls) == len(all_parts()) == 5 + len(ORIGINS) + len(VARIANTS)
    assert set(calls.values()) == {1}
    again = check(out)
    assert set(calls.values()) == {1}
    assert not out.exists()  # parts lie beside it
    assert first.recovery == again.recovery == recovery(tmp_path)
    assert first.year == again.year == year()
    assert repr(again.natural) == repr(natural())
    assert repr(again.predicted) == repr(predicted(("largest_event",)))
    assert first.settings == SMALL


def test_origins_are_joined_in_order(calls: Calls, tmp_path: Path) -> None:
    found = check(tmp_path / "check")
    agent = found.forecasts["all"][AGENT]
    assert agent.cells.origins == tuple(map(month_number, ORIGINS))
    np.testing.assert_allclose(agent.cells.by_name["crps"], scores(1).by_name["crps"], atol=1e-6)
    np.testing.assert_allclose(agent.zone_quarters.by_name["pit"], scores(2, quarters=True).by_name["pit"], atol=1e-6)


def test_an_interrupted_check_goes_on(calls: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "check"
    whole = making.natural_experiments

    def stopped(_work: Work) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(making, "natural_experiments", stopped)
    with pytest.raises(KeyboardInterrupt):
        check(out)
    assert calls["natural"] == 0
    monkeypatch.setattr(making, "natural_experiments", whole)
    check(out)
    assert len(calls) == len(all_parts())
    assert set(calls.values()) == {1}


def test_other_sizes_are_refused_and_named(calls: Calls, tmp_path: Path) -> None:
    check(tmp_path / "check")
    with pytest.raises(ResultError, match=r"another size: draws: 20 there, 30 here; remove it to begin anew"):
        check(tmp_path / "check", draws=30)


def test_other_code_or_tables_are_refused(calls: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check(tmp_path / "check")
    now = made_by()
    monkeypatch.setattr(check_parts, "made_by", lambda: {**now, "data_fingerprint": "other"})
    with pytest.raises(ResultError, match=r"data_fingerprint: .* there, 'other' here"):
        check(tmp_path / "check")


def test_what_only_reads_parts_is_no_other_code(tmp_path: Path) -> None:
    folder = Path(check_parts.__file__).parent
    assert all((folder / f"{name}.py").is_file() for name in READERS)
    assert "check_making" not in READERS
    assert "check_parts" not in READERS
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("a")
    two.write_text("b")
    assert check_parts._digest([one]) != check_parts._digest([two])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("year-2020", "{"),
        ("year-2020", '{"runs": "many", "lines": [], "left_out": {}}'),
        ("predictive", "[]"),
        ("variant-without-drift", '{"all": {}}'),
        ("forecasts-2019-01", "{}"),
        ("space", '{"zero": {"crps": [[1.0]]}}'),
    ],
)
def test_a_damaged_part_is_named_before_anything_is_run(calls: Calls, tmp_path: Path, name: str, text: str) -> None:
    out = tmp_path / "check"
    check(out)
    (parts_folder(out) / f"{name}.json").write_text(text, encoding="utf-8")
    (parts_folder(out) / "natural-experiments.json").unlink()
    with pytest.raises(ResultError, match=rf"{name}.json: damaged \(.*\); remove it to have this part made again"):
        check(out)
    assert calls["natural"] == 1
    (parts_folder(out) / f"{name}.json").unlink()
    check(out)
    assert calls["natural"] == 2


def test_a_damaged_beginning_and_strangers_are_refused(calls: Calls, tmp_path: Path) -> None:
    out = tmp_path / "check"
    folder = parts_folder(out)
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ResultError, match="holds files that are no check"):
        check(out)
    assert (folder / "notes.txt").read_text() == "mine"
    (folder / "notes.txt").unlink()
    check(out)
    for text in ("{", "[]"):
        (folder / "begun.json").write_text(text)
        with pytest.raises(ResultError, match=r"begun.json: damaged: expected a table of JSON"):
            check(out)


def test_what_a_killed_process_left_half_written_is_no_stranger(calls: Calls, tmp_path: Path) -> None:
    folder = parts_folder(tmp_path / "check")
    folder.mkdir()
    (folder / ".begun.json.17.partial").write_text("{")
    check(tmp_path / "check")
    assert (folder / "begun.json").exists()


def test_parts_lie_beside_the_folder_whatever_it_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parts_folder(Path()) == tmp_path.parent / f".{tmp_path.name}.parts"
    assert parts_folder(Path("check")) == tmp_path / ".check.parts"


@pytest.mark.parametrize("name", list(SIZES))
def test_too_little_to_tell_from_is_refused(calls: Calls, tmp_path: Path, name: str) -> None:
    with pytest.raises(CalibrationError, match=rf"--{name.replace('_', '-')}: expected \d+ or more \(found 1\)"):
        check(tmp_path / "check", **{name: 1})
    assert not calls
    assert not parts_folder(tmp_path / "check").exists()


def test_a_missing_table_of_recovery_is_told_before_any_run(
    calls: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(_work: Work) -> Any:
        raise CalibrationError("recovery_2017_2020.csv: missing")

    monkeypatch.setattr(making, "recovery", absent)
    with pytest.raises(CalibrationError, match="missing"):
        check(tmp_path / "check")
    assert not calls


# --- makers -----------------------------------------------------------------------------------------------------------


class Agent:
    """Stands for the agent model: nothing will happen, and it counts who asks."""

    asked: ClassVar[Counter[int]] = Counter()

    def __init__(self, done: Any, **options: Any) -> None:
        self.done, self.options = done, options

    def __call__(self, record: Any, origin: int, horizon: int, draws: int) -> Any:
        self.asked[origin] += 1
        return zero(record, origin, horizon, draws)


class Counting:
    """Progress that counts."""

    def __init__(self) -> None:
        self.total, self.done = 0, 0

    @contextmanager
    def __call__(self, _what: str, total: int) -> Iterator[Any]:
        self.total = total
        yield self.tick

    def tick(self) -> None:
        self.done += 1


def test_one_agent_model_answers_all_targets_of_an_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    Agent.asked.clear()
    monkeypatch.setattr(making, "AgentModel", Agent)
    monkeypatch.setattr(making, "FORECASTERS", {"zero": zero})
    monkeypatch.setattr(making, "CHECKED_TARGETS", FEW)
    seen = Counting()
    found = making.forecasts(Work(SMALL, seen, None), "2019-07")
    assert Agent.asked == {month_number("2019-07"): 2}
    assert seen.total == runs_of(20) + 2
    assert seen.done == 2
    assert found["all"][AGENT] == found["all"]["zero"]
    assert found["all"][AGENT] != found["intercommunal"][AGENT]


def test_variants_are_the_model_with_something_held(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[dict[str, Any]] = []

    def agent(workers: Any, done: Any, trials: int, rounds: int, **options: Any) -> Agent:
        assert (trials, rounds) == (making.VARIANT_TRIALS, making.VARIANT_ROUNDS)
        built.append(options)
        return Agent(done)

    monkeypatch.setattr(making, "AgentModel", agent)
    for name in VARIANTS:
        found = making.variant(Work(SMALL, quiet, None), name)
        assert set(found) == set(VARIANT_TARGETS)
    assert built == list(VARIANTS.values())
    assert built[0] == {}
    assert next(iter(VARIANTS)) == SHIPPED
    usual = Parameters()
    for options in built:
        held = options.get("fixed", {})
        assert all(getattr(usual.changed(**held), key) == value != getattr(usual, key) for key, value in held.items())


def test_survival_counts_events_with_at_least_so_many_deaths() -> None:
    runs = [aggregate(scattered(60, seed)) for seed in range(3)]
    found = making.survival_of(runs[0], runs)
    sizes = runs[0].sizes.sum(axis=0)
    assert found.deaths == SURVIVAL_DEATHS
    assert found.observed[0] == pytest.approx(sizes[1:].sum() / sizes.sum())
    assert list(found.observed) == sorted(found.observed, reverse=True)
    assert all(low <= middle <= high for low, middle, high in zip(found.low, found.middle, found.high, strict=True))


def test_parts_are_plain_json(calls: Calls, tmp_path: Path) -> None:
    found = check(tmp_path / "check")
    names = {path.stem for path in parts_folder(tmp_path / "check").glob("*.json")}
    assert names == {"begun", *(part.name for part in all_parts())}
    part = json.loads((parts_folder(tmp_path / "check") / "space.json").read_text(encoding="utf-8"))
    assert set(part) == set(found.space) == set(SPATIAL)
    assert all(isinstance(scored, Scores) for scored in found.space.values())
