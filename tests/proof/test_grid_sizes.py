"""What a package of extra bases does hangs little on the size of cells: the comparison of two arms at 5, 10 and 20 km.

Levels of one arm alone on each grid are in tests/abm/test_world.py.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine import defaults, in_threads, scenario
from numpy.typing import NDArray
from proof.worlds import START

from abm.kinds import CIVILIAN_KINDS, KINDS
from abm.records import Records
from abm.simulation import simulate

CIVILIANS = [KINDS.index(name) for name in CIVILIAN_KINDS]
SEEDS, DAYS = range(24), 730
SIZES = (5, 10, 20)
HEADLINES = ("civilian deaths", "attacks on civilians", "share prevented, per mille", "days of bases", "UN patrols")
# Differences from the 10 km grid beyond four standard errors of paired runs, as shares of the level (assumption: what a
# reader would not care for). By Student's law four errors of 24 pairs alarm once in 1,800 comparisons even where the
# true difference is as large as the tolerance.
TOLERANCE = np.array([0.06, 0.05, 0.12, 0.08, 0.08])
STANDARD_ERRORS = 4.0


def headlines(records: Records) -> list[float]:
    realised = records.realised[np.isin(records.realised["kind"], CIVILIANS)]
    return [
        float(realised["mean_deaths"].sum()),
        float(realised.size),
        1000.0 * (1.0 - float(records.events["stands"].mean())),
        float(records.days["tobs"].sum()),
        float(records.days["un_patrols"].sum()),
    ]


def by_seed(name: str, km: int) -> NDArray[np.float64]:
    """Headline figures of an arm on a grid: shape (seeds, figures)."""
    arm = scenario(name).changed(world={"cell_km": km}, package={"decision": START, "permission": START})
    q = defaults().changed(drift_step=0.0, generation_months=0.0)
    return np.array(in_threads(lambda seed: headlines(simulate(arm, q, seed=seed, days=DAYS)), SEEDS))


@pytest.mark.nightly
@pytest.mark.statistical
def test_headline_figures_with_and_without_extra_bases_hang_little_on_the_size_of_cells() -> None:
    figures = {(name, km): by_seed(name, km) for name in ("no-un", "extra-tobs") for km in SIZES}
    faults = []
    for (name, km), values in figures.items():
        usual = figures[name, 10]
        difference = values - usual
        error = difference.std(axis=0, ddof=1) / math.sqrt(len(SEEDS))
        allowed = TOLERANCE * usual.mean(axis=0) + STANDARD_ERRORS * error
        for figure, off, most in zip(HEADLINES, difference.mean(axis=0), allowed, strict=True):
            print(f"{name}, {km} km: {figure}: {off:+.2f}, allowed {most:.2f}")
            if abs(off) > most:
                faults.append(f"{name}, {km} km: {figure}: {off:+.2f}, allowed {most:.2f}")
    assert faults == []
    # What bases change, in deaths and attacks, is the same within the errors and a sixth of it.
    change = {km: figures["extra-tobs", km] - figures["no-un", km] for km in SIZES}
    for km in (5, 20):
        apart = (change[km] - change[10])[:, :2]
        error = apart.std(axis=0, ddof=1) / math.sqrt(len(SEEDS))
        most = np.abs(change[10][:, :2].mean(axis=0)) / 6 + STANDARD_ERRORS * error
        print(f"{km} km: change by bases off by {apart.mean(axis=0)}, allowed {most}")
        assert (np.abs(apart.mean(axis=0)) < most).all()
