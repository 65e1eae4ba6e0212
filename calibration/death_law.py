"""Deaths per recorded event, learnt from monthly sums, and deaths of a number of events drawn from it.

The monthly record gives events and deaths of a cercle and kind, not the deaths of each event. The likelihood of a sum
of n events is the n-fold convolution of the law of one, found by fast Fourier transform, so sums are used as they are
and no table of event sizes, which pools all years, is needed: a forecast of 2019 must not know the massacres of 2019.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from abm.geography import ZONE_OF_CERCLE, ZONES
from calibration.record_table import Floats, Integers, RecordTable

MOST_DEATHS = 300  # assumption: no single event kills more (the record's largest killed 157)
# The region's law is centred on a median of e lethal deaths and shrunk to it by these standard deviations; a kind's law
# is shrunk to the region's (assumptions, worth a handful of events).
PRIOR_CENTRE = (0.0, 1.0, 0.0)
PRIOR_SD = (1.5, 1.0, 0.5)
KIND_SD = (0.5, 0.5, 0.25)
# The mix of kinds in a cercle: events of the past count half after this many months, and the zone's and the region's
# mix are each worth so many events (assumptions).
MIX_HALF_LIFE = 6.0
MIX_WEIGHT = 5.0


@dataclass(frozen=True)
class DeathLaw:
    """Deaths of one event: none with probability ``none``, else a lognormal rounded up from 1/2, cut at MOST_DEATHS."""

    none: float
    mu: float
    sigma: float

    @property
    def pmf(self) -> Floats:
        """Probabilities of 0 to MOST_DEATHS deaths, shape (301,)."""
        edges = np.log(np.arange(MOST_DEATHS + 1) + 0.5)
        lethal = np.diff(special.ndtr((edges - self.mu) / self.sigma))
        total = lethal.sum()
        lethal = lethal / total if total > 0 else np.eye(1, MOST_DEATHS)[0]
        return np.concatenate([[self.none], (1.0 - self.none) * lethal])

    @property
    def mean(self) -> float:
        """Mean deaths of one event."""
        return float(self.pmf @ np.arange(MOST_DEATHS + 1))


def _length(events: int) -> int:
    """Points of a transform so long that sums of so many events do not wrap around it.

    Forty deaths an event are more than ten times the mean: what lies beyond has no weight.
    """
    return 1 << math.ceil(math.log2(2 * MOST_DEATHS + 40 * events))


def sum_pmf(pmf: Floats, events: int) -> Floats:
    """Probabilities of the sum of deaths in a number of independent events of one law."""
    if events == 0:
        return np.ones(1)
    length = _length(events)
    return np.maximum(np.fft.irfft(np.fft.rfft(pmf, length) ** events, length), 0.0)


def _law(theta: Floats) -> DeathLaw:
    return DeathLaw(float(special.expit(theta[0])), float(theta[1]), math.exp(float(theta[2])))


def _theta(law: DeathLaw) -> Floats:
    return np.array([special.logit(law.none), law.mu, math.log(law.sigma)])


def log_likelihood(law: DeathLaw, events: Integers, deaths: Integers) -> float:
    """Log probability of sums of deaths, each of a number of events: two arrays of shape (n,)."""
    pmf, total = law.pmf, 0.0
    for count in np.unique(events):
        of_sum = sum_pmf(pmf, int(count))
        sums = np.minimum(deaths[events == count], of_sum.size - 1)
        # Rounding of the transform is some 1e-16: below that a probability is not known.
        total += float(np.log(np.maximum(of_sum[sums], 1e-16)).sum())
    return total


def fit_law(events: Integers, deaths: Integers, centre: DeathLaw | None = None) -> DeathLaw:
    """Law of deaths per event from sums (n,), by maximum a posteriori: shrunk to ``centre``, or to PRIOR_CENTRE."""
    theta_0 = np.array(PRIOR_CENTRE) if centre is None else _theta(centre)
    sd = np.array(PRIOR_SD if centre is None else KIND_SD)
    eventful = events > 0
    events, deaths = events[eventful], deaths[eventful]
    if events.size == 0:
        return _law(theta_0)

    def loss(theta: Floats) -> float:
        z = (theta - theta_0) / sd
        return 0.5 * float(z @ z) - log_likelihood(_law(theta), events, deaths)

    found = optimize.minimize(loss, theta_0, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3})
    return _law(found.x)


def regional_law(record: RecordTable) -> DeathLaw:
    """The law of all recorded events of known cercles."""
    events, deaths = record.events[:, record.known], record.deaths[:, record.known]
    return fit_law(events.ravel(), deaths.ravel())


def kind_mix(record: RecordTable) -> Floats:
    """Expected share of the target's kinds in the events of each cercle to come, shape (15, kinds of the target)."""
    age = np.arange(record.months)[::-1]
    weight = 0.5 ** (age / MIX_HALF_LIFE)
    counts = np.einsum("t,tck->ck", weight, record.events[:, :, record.target_columns].astype(np.float64))
    flat = np.full(counts.shape[1], 1.0 / counts.shape[1])
    region = (counts.sum(axis=0) + MIX_WEIGHT * flat) / (counts.sum() + MIX_WEIGHT)
    zones = np.array(ZONE_OF_CERCLE)
    by_zone = np.array([counts[zones == zone].sum(axis=0) for zone in range(len(ZONES))])
    by_zone = (by_zone + MIX_WEIGHT * region) / (by_zone.sum(axis=1, keepdims=True) + MIX_WEIGHT)
    mix: Floats = (counts + MIX_WEIGHT * by_zone[zones]) / (counts.sum(axis=1, keepdims=True) + MIX_WEIGHT)
    return mix


def kind_laws(record: RecordTable) -> list[DeathLaw]:
    """The law of each kind of the target, shrunk to the region's."""
    region = regional_law(record)
    return [
        fit_law(record.events[:, :, k].ravel(), record.deaths[:, :, k].ravel(), region) for k in record.target_columns
    ]


def cercle_pmfs(record: RecordTable) -> Floats:
    """Law of deaths of one event of the target by cercle, shape (15, 301): the kinds' laws in the cercle's mix."""
    pmfs: Floats = kind_mix(record) @ np.array([law.pmf for law in kind_laws(record)])
    return pmfs


def draw_deaths(pmfs: Floats, events: Integers, u: Floats) -> Floats:
    """Deaths in drawn numbers of events: laws by cercle (15, 301), events and uniforms (draws, horizon, 15)."""
    deaths = np.zeros(events.shape)
    for cercle, pmf in enumerate(pmfs):
        drawn = events[:, :, cercle]
        for count in np.unique(drawn[drawn > 0]).tolist():
            upper = np.cumsum(sum_pmf(pmf, count))
            here = drawn == count
            deaths[:, :, cercle][here] = np.searchsorted(upper / upper[-1], u[:, :, cercle][here])
    return deaths
