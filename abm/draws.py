"""Draws of parameters: from the posterior where the record tells, else from their priors, at the level of 2020.

Draw k is the same for ever. Its rates carry the uncertainty that few recorded events leave (a gamma posterior by
faction and zone; of severity, a Bayesian bootstrap). What single tables do not tell is drawn from the posterior that
``calibration.posterior`` computed from many simulations. Rates are scaled so that, with the draw's own values of all
other parameters, the mean run of 2020 has the recorded events: the factors are computed by ``calibration.levels`` and
embedded for DRAWS draws.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import gammaincinv

from abm.data import read_table
from abm.declarations import Declaration, declarations
from abm.geography import ZONES, FloatArray
from abm.kinds import KINDS
from abm.mapping import of_mapping
from abm.parameters import Parameters
from abm.randomness import PRIOR, uniform
from abm.rates import Rates

DRAWS = 100  # draws whose levels are embedded
JEFFREYS = 0.5  # events added to a recorded count: the gamma posterior of a Poisson rate under Jeffreys' prior
LARGEST_BRANCHING = 0.95
RATES, SEVERITY = "rates", "severity"
MOST_SIZES = 512  # more than the different numbers of deaths that events of a kind had
SCALED = ("bands", "contact_jihadists", "contact_militia", "abuse")
LEVEL_COLUMNS = tuple(f"{what}_{zone.lower().replace('-', '_')}" for what in SCALED for zone in ZONES)


def _agent(name: str) -> int:
    """Permanent number of a parameter: adding one does not change the draws of the others."""
    return zlib.crc32(name.encode())


def draw_value(declaration: Declaration, number: int) -> float | int:
    """Draw `number` of one parameter from its prior, inside its bounds."""
    value = declaration.prior.quantile(uniform(0, PRIOR, _agent(declaration.name), number, 0), declaration.default)
    inside = min(max(value, declaration.low), declaration.high)
    return round(inside) if isinstance(declaration.default, int) else inside


def _relative_levels(counts: FloatArray, number: int, first: int) -> FloatArray:
    """Gamma draws of rates known from recorded counts, relative to their means; `first` numbers their components."""
    shapes = counts + JEFFREYS
    agent = _agent(RATES)
    u = np.array([uniform(0, PRIOR, agent, number, first + k) for k in range(counts.size)]).reshape(counts.shape)
    levels: FloatArray = gammaincinv(shapes, u) / shapes
    return levels


def nested(array: FloatArray) -> tuple:  # type: ignore[type-arg]
    """An array as nested tuples."""
    return tuple(nested(part) for part in array) if array.ndim > 1 else tuple(array.tolist())


def with_levels(rates: Rates, by_faction: FloatArray, army: FloatArray) -> Rates:
    """Rates times factors by faction and zone (5, 4), and by what national forces do and zone (3, 4)."""
    scaled_army = np.array([rates.contact_jihadists, rates.contact_militia, rates.abuse]) * army
    return rates.model_copy(
        update={
            "candidates": nested(np.array(rates.candidates) * by_faction[:, :, None]),
            "observed": nested(np.array(rates.observed) * by_faction[:, :, None]),
            "army_observed": nested(np.array(rates.army_observed) * army),
            "contact_jihadists": nested(scaled_army[0]),
            "contact_militia": nested(scaled_army[1]),
            "abuse": nested(scaled_army[2]),
        }
    )


def intended_events(parameters: Parameters) -> FloatArray:
    """Events of 2020 by zone that a draw believes in: bands, contacts with jihadists, with militias, abuses (4, 4)."""
    rates = parameters.rates
    by_action, contacts = of_mapping(parameters)
    bands = (np.array(rates.observed) * by_action[:, None, :]).sum(axis=(0, 2))
    events: FloatArray = np.vstack([bands, np.array(rates.army_observed) * [[contacts], [1.0], [1.0]]])
    return events


def scaled(parameters: Parameters, factors: FloatArray) -> Parameters:
    """Parameters whose rates, but not the events they believe in, are multiplied by factors (4, 4)."""
    rates = parameters.rates
    both = with_levels(rates, np.broadcast_to(factors[0], (len(rates.candidates), factors.shape[1])), factors[1:])
    kept = both.model_copy(update={"observed": rates.observed, "army_observed": rates.army_observed})
    return parameters.model_copy(update={"rates": kept})


@lru_cache(maxsize=1)
def _levels() -> FloatArray:
    rows = read_table("levels_2020")
    return np.array([[float(row[name]) for name in LEVEL_COLUMNS] for row in rows]).reshape(-1, len(SCALED), len(ZONES))


@lru_cache(maxsize=1)
def _sizes() -> tuple[tuple[FloatArray, FloatArray], ...]:
    """Deaths that recorded events of each kind had, and how many events had so many: by kind."""
    rows = [(row["kind"], float(row["deaths"]), float(row["events"])) for row in read_table("event_sizes_2017_2020")]
    by_kind = [[(deaths, events) for name, deaths, events in rows if name == kind] for kind in KINDS]
    return tuple((np.array([d for d, _ in sizes]), np.array([n for _, n in sizes])) for sizes in by_kind)


def draw_severity(number: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Share of fatal events and mean deaths of an event by kind: a draw of what so many recorded events leave open.

    The Bayesian bootstrap (Rubin 1981, Annals of Statistics 9:130): every recorded event gets an exponential weight.
    """
    fatal, mean = [], []
    for kind, (deaths, events) in enumerate(_sizes()):
        u = [uniform(0, PRIOR, _agent(SEVERITY), number, kind * MOST_SIZES + k) for k in range(deaths.size)]
        weights = gammaincinv(events, np.array(u))
        fatal.append(float(weights[deaths > 0].sum() / weights.sum()))
        mean.append(float(weights @ deaths / weights.sum()))
    return tuple(fatal), tuple(mean)


def first_factors(parameters: Parameters) -> FloatArray:
    """First guess of the factors (4, 4) that keep the recorded level: attempts of series replace background ones."""
    factors = np.ones((len(SCALED), len(ZONES)))
    usual = Parameters()
    factors[0] = (1.0 - parameters.n_same - parameters.n_cross) / (1.0 - usual.n_same - usual.n_cross)
    return factors


def holding(drawn: Parameters, fixed: Mapping[str, Any]) -> Parameters:
    """A draw with some parameters held at other values, at the level of violence that it had.

    Where raid series are held at another strength, background attempts make up for it, zone by zone as in
    :func:`first_factors`: else a model without series would simply have less violence. Rates that are held themselves
    stay as they are given. Whatever else is held moves the level by as much as it does.

    Raises:
        ValidationError: a value out of its bounds, or raid series that never die out (pydantic's, a ValueError).
    """
    changed = drawn.changed(**fixed)
    factors = first_factors(changed) / first_factors(drawn)
    return changed if "rates" in fixed or (factors == 1.0).all() else scaled(changed, factors)


def draw_parameters(number: int, *, levels: bool = True) -> Parameters:
    """Draw `number` of all parameters, 0 to DRAWS - 1.

    With `levels` off, the rates are not scaled to the record (for computing the scale).

    Raises:
        ValueError: there is no such draw.
    """
    if not 0 <= number < DRAWS:
        raise ValueError(f"draws of parameters are numbered 0 to {DRAWS - 1}, got {number}")
    drawn = learnt_parameters(number, _posterior()[number])
    return scaled(drawn, _levels()[number]) if levels else drawn


@lru_cache(maxsize=1)
def _posterior() -> list[dict[str, float]]:
    """Draws of what was learnt from the record, by parameter; parameters that are missing stay on their priors."""
    rows = read_table("posterior_2017_2020")
    return [{name: float(value) for name, value in row.items() if name != "draw"} for row in rows]


def learnt_parameters(number: int, learnt: Mapping[str, float], rates: Rates | None = None) -> Parameters:
    """Draw `number` from the priors, with the values that were learnt from the record, at unscaled rates."""
    return prior_parameters(number, rates).model_copy(update=dict(learnt))


def prior_parameters(number: int, rates: Rates | None = None) -> Parameters:
    """Draw `number` of all parameters from their priors, 0 to 2**32 - 1, at rates that are not scaled to the record.

    Raid series must die out: where the two branching ratios drawn add up to .95 or more, both are scaled down to that.
    The embedded rates are meant unless others are given.
    """
    values = {name: draw_value(d, number) for name, d in declarations(Parameters).items()}
    branching = values["n_same"] + values["n_cross"]
    if branching > LARGEST_BRANCHING:
        for name in ("n_same", "n_cross"):
            values[name] *= LARGEST_BRANCHING / branching
    rates = Parameters().rates if rates is None else rates
    counts = np.array(rates.observed).sum(axis=2)
    by_faction = _relative_levels(counts, number, 0)
    army = _relative_levels(np.array(rates.army_observed), number, counts.size)
    fatal, mean = draw_severity(number)
    rates = with_levels(rates, by_faction, army).model_copy(update={"fatal_share": fatal, "mean_deaths": mean})
    return Parameters.model_validate({**values, "rates": rates})
