"""Draws of parameters from their priors, conditioned on the recorded level of violence of 2020.

Draw k is the same for ever. Its rates carry the uncertainty that few recorded events leave (a gamma posterior by
faction and zone) and are scaled so that, with the draw's own values of all other parameters, the mean run of 2020 has
the recorded events: the factors are computed by ``calibration.levels`` and embedded for DRAWS draws.
"""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np
from scipy.special import gammaincinv

from abm.data import read_table
from abm.declarations import Declaration, declarations
from abm.geography import ZONES, FloatArray
from abm.parameters import Parameters
from abm.randomness import PRIOR, uniform
from abm.rates import Rates

DRAWS = 100  # draws whose levels are embedded
JEFFREYS = 0.5  # events added to a recorded count: the gamma posterior of a Poisson rate under Jeffreys' prior
LARGEST_BRANCHING = 0.95
RATES = "rates"
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
    events: FloatArray = np.vstack([np.array(rates.observed).sum(axis=(0, 2)), np.array(rates.army_observed)])
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


def draw_parameters(number: int, *, levels: bool = True) -> Parameters:
    """Draw `number` of all parameters, 0 to DRAWS - 1.

    Raid series must die out: where the two branching ratios drawn add up to .95 or more, both are scaled down to that.
    With `levels` off, the rates are not scaled to the record (for computing the scale).

    Raises:
        ValueError: there is no such draw.
    """
    if not 0 <= number < DRAWS:
        raise ValueError(f"draws of parameters are numbered 0 to {DRAWS - 1}, got {number}")
    values = {name: draw_value(d, number) for name, d in declarations(Parameters).items()}
    branching = values["n_same"] + values["n_cross"]
    if branching > LARGEST_BRANCHING:
        for name in ("n_same", "n_cross"):
            values[name] *= LARGEST_BRANCHING / branching
    rates = Parameters().rates
    counts = np.array(rates.observed).sum(axis=2)
    by_faction = _relative_levels(counts, number, 0)
    army = _relative_levels(np.array(rates.army_observed), number, counts.size)
    drawn = Parameters.model_validate({**values, "rates": with_levels(rates, by_faction, army)})
    return scaled(drawn, _levels()[number]) if levels else drawn
