"""Fit the embedded tables of rates to 2020 and write ``abm/data/rates_2020.toml``.

Run as ``python -m calibration.rates [FILE]``; with ``--check`` it only says whether the file is what the fit gives.
The fit of rates is by moments: what is recorded in a zone in 2020 is what the model makes happen there on average. It
starts from the recorded counts and is corrected by the ratio of recorded to simulated events until they agree.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from abm.geography import CERCLES, COMMUNITIES, ZONE_OF_CERCLE, ZONES
from abm.kinds import ACTIONS, BAND, BAND_ON_PATROL, CIVILIANS_BY_STATE, FACTIONS, KINDS, NATIONAL_FORCES, ON_VILLAGE
from abm.parameters import Parameters
from abm.rates import Rates
from abm.records import Records
from abm.scenario import Scenario
from abm.simulation import simulate
from calibration.errors import CalibrationError
from calibration.recorded import (
    AMBUSH_SHARE,
    JIHADIST_INITIATIVE,
    MILITIA_INITIATIVE,
    Array,
    actions_by_cercle,
    actions_of,
    army_by_zone,
    army_of,
    by_zone,
    events_by_cercle,
    unidentified_of,
)
from calibration.static_tables import place_law, seasons, severity, target_weights, victim_shares
from runs.folders import write_text

ROUNDS = 10
SEEDS = 100
LARGEST_STEP = 2.0
OPERATIONS_A_YEAR = 1500.0  # first guess of operations of national forces, corrected by simulation
# The fit of rates came before that of the tail of deaths, which bears on numbers of events only through losses.
CENTRE = {"tail_exponent": 2.2}
LARGEST_PULL = 8.0  # assumption: beyond it, a cercle of few bands would be all raids from next door


def first_guess() -> Rates:
    """Rates before any simulation: what is recorded, as if nothing were prevented and nothing came in series."""
    discount, new_weight = place_law()
    fatal, mean = severity()
    targets, suspicion = target_weights()
    return Rates(
        **of_counts(events_by_cercle()), abuse_share=nested(shares_within_zones(np.zeros(len(CERCLES)))),
        cercle_counts=nested(actions_by_cercle().sum(axis=2)), season=nested(seasons()),
        target_weight=nested(targets), suspicion=nested(suspicion), fatal_share=nested(fatal),
        mean_deaths=nested(mean), reuse_discount=discount, reuse_new_weight=new_weight,
    )  # fmt: skip


def of_counts(counts: Array) -> dict[str, Any]:
    """Fields of Rates that follow from events a year by kind and cercle (10, 15), before any simulation."""
    observed = nested(np.moveaxis(by_zone(np.moveaxis(actions_of(counts), 1, 2)), 1, 2))  # faction, zone, action
    army = np.array(army_of(counts))
    contact_jihadists, contact_militia, abuse = nested(army / (OPERATIONS_A_YEAR / len(ZONES)))
    return {
        "candidates": observed, "observed": observed, "army_observed": nested(army),
        "contact_jihadists": contact_jihadists, "contact_militia": contact_militia, "abuse": abuse,
        "unidentified": nested(unidentified_of(counts)), "cercle_pull": (1.0,) * len(CERCLES),
        "mapped_with": (AMBUSH_SHARE, JIHADIST_INITIATIVE, MILITIA_INITIATIVE),
    }  # fmt: skip


def nested(array: Array, digits: int = 6) -> tuple:  # type: ignore[type-arg]
    """Nested tuples of numbers rounded to significant digits, as they are written to the file."""
    if array.ndim == 1:
        return tuple(float(f"{v:.{digits}g}") for v in array.tolist())
    return tuple(nested(part, digits) for part in array)


def simulated_actions(records: Records, first_day: int = 0) -> tuple[Array, Array]:
    """Realised actions of one run by faction, zone and action (5, 4, 4), and of the army (3, 4): contacts, abuses.

    Only those from ``first_day`` on, a day number, are counted.
    """
    events = records.realised
    events = events[events["day"] >= first_day]
    bands = events[events["actor"] == BAND]
    actions = np.zeros((len(FACTIONS), len(ZONES), len(ACTIONS)))
    np.add.at(actions, (bands["faction"], bands["zone"], bands["action"]), 1.0)
    army = events[events["actor"] == NATIONAL_FORCES]
    by_kind = np.zeros((len(KINDS), len(ZONES)))
    np.add.at(by_kind, (army["kind"], army["zone"]), 1.0)
    return actions, by_kind[
        [KINDS.index(k) for k in ("state_v_jihadists", "state_v_other", "civilians_by_state_or_external")]
    ]


def simulated_victims(records: Records) -> Array:
    """Attacks on villages of one run by faction and community of the victims, national forces last: shape (6, 6)."""
    events = records.realised
    on_village = events[(events["action"] == ON_VILLAGE) & (events["actor"] != BAND_ON_PATROL)]
    victims = np.zeros((len(FACTIONS) + 1, len(COMMUNITIES)))
    np.add.at(victims, (on_village["faction"], on_village["community"]), 1.0)  # national forces have faction -1
    return victims


def simulated_abuses(records: Records) -> Array:
    """Abuses of one run by cercle: shape (15,)."""
    events = records.realised
    abuses = events[events["kind"] == CIVILIANS_BY_STATE]
    counts: Array = np.bincount(abuses["cercle"], minlength=len(CERCLES)).astype(np.float64)
    return counts


def shares_within_zones(by_cercle: Array) -> Array:
    """Each cercle's share of what its zone has: shape (15,); equal shares where a zone has nothing."""
    zone = np.array(ZONE_OF_CERCLE)
    totals = np.bincount(zone, weights=by_cercle, minlength=len(ZONES))
    equal = 1.0 / np.bincount(zone, minlength=len(ZONES))
    shares: Array = np.divide(by_cercle, totals[zone], out=equal[zone].copy(), where=totals[zone] > 0)
    return shares


def simulated_by_cercle(records: Records) -> Array:
    """Realised actions of bands of one run by cercle: shape (15,)."""
    events = records.realised
    counts: Array = np.bincount(events["cercle"][events["actor"] == BAND], minlength=len(CERCLES)).astype(np.float64)
    return counts


def mean_of_runs(rates: Rates, seeds: int, first_seed: int) -> tuple[Array, Array, Array, Array, Array]:
    """Means over seeds of 2020, default parameters: actions of bands and of the army, victims, abuses and actions of
    bands by cercle.
    """
    scenario = Scenario.load("history-2020")
    # The monthly drift has mean one: without it the same mean is found from fewer runs.
    parameters = Parameters(rates=rates, drift_step=0.0, **CENTRE)

    def one(seed: int) -> tuple[Array, Array, Array, Array, Array]:
        # Each seed in a synthetic world of its own: the fit is to the mean over worlds.
        records = simulate(scenario.changed(world={"seed": seed % 1000}), parameters, seed=seed)
        parts = simulated_victims(records), simulated_abuses(records), simulated_by_cercle(records)
        return *simulated_actions(records), *parts

    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(one, range(first_seed, first_seed + seeds)))
    actions, army, victims, abuses, cercles = (np.mean([run[part] for run in runs], axis=0) for part in range(5))
    return actions, army, victims, abuses, cercles


def corrected(rate: Array, observed: Array, simulated: Array) -> Array:
    """Rates multiplied by recorded over simulated events, in steps of at most LARGEST_STEP."""
    ratio = np.divide(observed, simulated, out=np.ones_like(rate), where=simulated > 0)
    result: Array = rate * np.clip(ratio, 1.0 / LARGEST_STEP, LARGEST_STEP)
    return result


def corrected_pull(pull: Array, observed: Array, simulated: Array) -> Array:
    """Multiples of cercles' shares (15,) times recorded over simulated shares of their zone's events.

    Half an event is added to both, so that a cercle of few events is not driven to the bounds.
    """
    closer = corrected(pull, shares_within_zones(observed + 0.5), shares_within_zones(simulated + 0.5))
    return np.clip(closer, 1.0 / LARGEST_PULL, LARGEST_PULL)


def corrected_targets(rates: Rates, victims: Array) -> tuple[Array, Array]:
    """Attraction by community of villages and of abuses, times recorded over simulated shares of victims."""
    by_faction, state = victim_shares()
    recorded = np.vstack([by_faction, state])
    totals = victims.sum(axis=1, keepdims=True)
    shares = np.divide(victims, totals, out=np.zeros_like(victims), where=totals > 0)
    attraction = np.vstack([np.array(rates.target_weight)[:, ON_VILLAGE], np.array(rates.suspicion)])
    attraction = corrected(attraction, recorded, shares)
    targets = np.array(rates.target_weight)
    targets[:, ON_VILLAGE] = attraction[:-1]
    return targets, attraction[-1]


def fit(
    rounds: int = ROUNDS, seeds: int = SEEDS, report: bool = False, kept: Path | None = None,
    done: Callable[[], object] | None = None,
) -> Rates:  # fmt: skip
    """Rates at which the mean run of 2020 has the recorded events by faction, zone and action.

    Args:
        rounds: corrections.
        seeds: runs in each round.
        report: print how far simulated and recorded events are apart before each correction.
        kept: folder that keeps the rates of each round, so that a fit that was stopped goes on from the last.
        done: called after each round, also for those that were kept.
    """
    rates = first_guess()
    observed = np.array(rates.observed)
    army = np.array(army_by_zone())
    by_cercle = actions_by_cercle().sum(axis=(0, 2))
    for number in range(rounds):
        file = None if kept is None else kept / f"round-{number:02d}.toml"
        if file is not None and file.exists():
            rates = read_rates(file)
            if done is not None:
                done()
            continue
        simulated, army_simulated, victims, abuses, cercles = mean_of_runs(rates, seeds, first_seed=1000 * (number + 1))
        if report:
            totals = simulated.sum() + army_simulated.sum(), observed.sum() + army.sum()
            print(f"round {number}: simulated {totals[0]:.1f}, recorded {totals[1]:.1f}", flush=True)
        army_rates = np.array([rates.contact_jihadists, rates.contact_militia, rates.abuse])
        army_rates = corrected(army_rates, army, army_simulated)
        targets, suspicion = corrected_targets(rates, victims)
        rates = rates.model_copy(
            update={
                "target_weight": nested(targets),
                "suspicion": nested(suspicion),
                "candidates": nested(corrected(np.array(rates.candidates), observed, simulated)),
                "contact_jihadists": nested(army_rates[0]),
                "contact_militia": nested(army_rates[1]),
                "abuse": nested(army_rates[2]),
                "cercle_pull": nested(corrected_pull(np.array(rates.cercle_pull), by_cercle, cercles)),
                "abuse_share": nested(shares_within_zones(abuses)),
            }
        )
        if file is not None:
            write_text(file, as_toml(rates))
        if done is not None:
            done()
    return rates


def read_rates(path: Path) -> Rates:
    """Rates from a file that :func:`as_toml` wrote.

    Raises:
        CalibrationError: it is damaged.
    """
    try:
        return Rates.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise CalibrationError(f"{path}: expected fitted rates: {str(error).splitlines()[0]}; remove it") from None


def as_toml(rates: Rates) -> str:
    """The file's text."""
    lines = [
        "# source: fitted by calibration.rates to events of 2020 in Mopti and Ségou; own aggregation of ACLED",
        "# (acleddata.com) 2017-2020; tables of season, severity, places and victims use all four years.",
        "# Generated by python -m calibration.rates: do not edit.",
        f"# order of factions: {', '.join(FACTIONS)}; of zones: {', '.join(ZONES)}; of actions: {', '.join(ACTIONS)}",
    ]
    for name, field in Rates.model_fields.items():
        lines += ["", f"# {field.description}", f"{name} = {_toml(getattr(rates, name))}"]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        inner = ", ".join(_toml(v) for v in value)
        return (
            f"[{inner}]"
            if not isinstance(value[0], tuple)
            else "[\n    " + ",\n    ".join(_toml(v) for v in value) + ",\n]"
        )
    return repr(float(value))  # type: ignore[arg-type]


def main(arguments: list[str]) -> int:
    """Write the file, or check it."""
    check = "--check" in arguments
    names = [a for a in arguments if a != "--check"]
    path = Path(names[0]) if names else Path(__file__).parent.parent / "abm" / "data" / "rates_2020.toml"
    text = as_toml(fit(report=True))
    if check:
        same = path.read_text(encoding="utf-8") == text
        print(
            "the file is what the fit gives"
            if same
            else f"{path}: not what the fit gives; run python -m calibration.rates"
        )
        return 0 if same else 1
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
