"""Fit raid series (n_same, raid_half_life, raid_km) to the recorded near repeats of 2017-2020.

Run as ``python -m calibration.raid_series``; it prints the estimates that ``abm/parameters.py`` carries as defaults.
What is matched is the excess of near pairs per event at 5 to 60 km and 3 to 30 days: unlike the ratio, it does not
depend on how many events there are. Simulated runs are of 2021-2023; the level of violence cancels out.
"""

from __future__ import annotations

import math
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.optimize import minimize

from abm.data import read_table
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.simulation import simulate
from calibration.near_repeat import DISTANCES_KM, WINDOWS_DAYS, near_repeats
from calibration.recorded import Array

RUNS = 12
DAYS = 1096
EVALUATIONS = 60


def recorded_excess() -> tuple[Array, Array]:
    """Excess of near pairs per recorded event and its Poisson standard error, shapes (4, 4) by distance and window."""
    excess, error = np.zeros((4, 4)), np.zeros((4, 4))
    for row in read_table("near_repeat_knox_2017_2020"):
        km, days = float(row["within_km"]), int(row["within_days"])
        if row["events"] == "all" and km in DISTANCES_KM and days in WINDOWS_DAYS:
            place = DISTANCES_KM.index(km), WINDOWS_DAYS.index(days)
            n, observed = int(row["n_events"]), int(row["pairs_observed"])
            excess[place] = (observed - float(row["pairs_expected"])) / n
            error[place] = math.sqrt(observed) / n
    return excess, error


def _excess_of_run(parameters: Parameters, seed: int) -> Array:
    events = simulate(Scenario.load("baseline-2021"), parameters, seed=seed, days=DAYS).realised
    day, x, y = (np.ascontiguousarray(events[name]) for name in ("day", "x", "y"))
    pairs = near_repeats(day, x, y)
    return np.array([(k.observed - k.expected) / events.size for k in pairs]).reshape(4, 4)


def simulated_excess(parameters: Parameters, first_seed: int = 0) -> Array:
    """Mean excess of near pairs per event over RUNS simulated runs."""
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda seed: _excess_of_run(parameters, seed), range(first_seed, first_seed + RUNS)))
    mean: Array = np.mean(runs, axis=0)
    return mean


def _values(transformed: Array) -> dict[str, float]:
    n_same = 0.6 / (1.0 + math.exp(-transformed[0]))
    return {"n_same": n_same, "raid_half_life": math.exp(transformed[1]), "raid_km": math.exp(transformed[2])}


def fit() -> tuple[dict[str, float], Array]:
    """Estimates by weighted least squares, and the simulated excess at them."""
    target, error = recorded_excess()

    def misfit(transformed: Array) -> float:
        values = _values(transformed)
        if not (0.3 <= values["raid_half_life"] <= 60.0 and 1.0 <= values["raid_km"] <= 60.0):
            return 1e6
        difference = (simulated_excess(Parameters().changed(**values)) - target) / error
        print({k: round(v, 3) for k, v in values.items()}, round(float((difference**2).sum()), 1), flush=True)
        return float((difference**2).sum())

    start = np.array([-0.2, math.log(1.4), math.log(8.0)])
    simplex = np.vstack([start, start + np.diag([0.7, 0.5, 0.4])])
    options = {"maxfev": EVALUATIONS, "initial_simplex": simplex, "xatol": 0.02, "fatol": 0.5}
    best = minimize(misfit, start, method="Nelder-Mead", options=options)
    values = _values(best.x)
    return values, simulated_excess(Parameters().changed(**values), first_seed=10_000)


def main() -> int:
    """Print the estimates, and recorded beside simulated excess."""
    values, simulated = fit()
    target, error = recorded_excess()
    print(", ".join(f"{name} = {value:.3g}" for name, value in values.items()))
    print("km   days  recorded  simulated  error in standard errors")
    for i, km in enumerate(DISTANCES_KM):
        for j, days in enumerate(WINDOWS_DAYS):
            gap = (simulated[i, j] - target[i, j]) / error[i, j]
            print(f"{km:4.0f} {days:4d}  {target[i, j]:8.3f}  {simulated[i, j]:9.3f}  {gap:+.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
