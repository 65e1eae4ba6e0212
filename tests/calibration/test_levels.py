"""Factors that keep draws at the recorded level: kept draw by draw, and what they are for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from abm.draws import DRAWS
from abm.parameters import Parameters
from calibration import levels


def test_factors_are_kept_draw_by_draw_and_taken_up_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def drawn(number: int) -> Parameters:
        return Parameters(n_same=number / 1_000)

    made: list[int] = []
    killed = [12]

    def level(number: int, unscaled: Parameters) -> np.ndarray:
        made.append(number)
        if len(made) in killed:
            raise KeyboardInterrupt
        return np.full((4, 4), 1.0 + unscaled.n_same) + np.arange(4) / 10

    monkeypatch.setattr(levels, "level", level)
    folder = tmp_path / "levels"
    with pytest.raises(KeyboardInterrupt):
        levels.levels(drawn, folder, 1)
    # The twelfth was stopped; the thread may have begun some more before it was told.
    kept = {path.name for path in folder.iterdir()}
    assert {f"draw-{number:03d}.json" for number in range(11)} <= kept < {f"draw-{k:03d}.json" for k in range(DRAWS)}
    assert "draw-011.json" not in kept
    before = len(made)
    # What is kept is believed, to the bit, and is not made again.
    mine = [[0.1 + 0.2] * 4] * 4
    (folder / "draw-003.json").write_text(json.dumps(mine))
    killed.clear()
    done: list[int] = []
    factors = levels.levels(drawn, folder, 2, lambda: done.append(1))
    assert len(made) == before + DRAWS - len(kept)
    assert len(done) == DRAWS
    assert factors.shape == (DRAWS, 4, 4)
    assert factors[3].tolist() == mine
    assert factors[60, 0, 0] == 1.0 + drawn(60).n_same


@pytest.mark.slow
def test_a_level_brings_a_draw_to_its_own_intended_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four runs a round: a mean of some 500 events, in series, is known to about a twentieth."""
    monkeypatch.setattr(levels, "SEEDS", 4)
    unscaled = Parameters(n_same=0.6, n_cross=0.0)
    factors = levels.level(3, unscaled)
    assert factors.shape == (4, 4)
    assert ((factors >= levels.SMALLEST) & (factors <= levels.LARGEST)).all()
    assert factors[0].mean() < 1.0  # stronger series need fewer background attacks
    scenario = levels.Scenario.load("history-2020").changed(world={"seed": 3})
    still = unscaled.model_copy(update={"drift_step": 0.0})
    simulated = levels.mean_events(levels.scaled(still, factors), scenario, 90_000).sum()
    before = levels.mean_events(still, scenario, 90_000).sum()
    intended = levels.intended_events(unscaled).sum()
    assert abs(np.log(simulated / intended)) < 0.15 < np.log(before / intended)
