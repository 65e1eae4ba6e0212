"""Assumption cards: everything the page says of each parameter, generated from its declaration."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.data import read_table
from abm.declarations import GROUPS, STATUS_MARK, Declaration, declarations
from abm.parameters import Parameters
from abm.priors import Fixed, HalfNormal, LogNormal, Pert, Prior, Uniform
from web.french import Both, both, label, paired, translated, typeset
from web.french.numbers import in_english, in_french, significant

Floats = NDArray[np.float64]

POINTS = 60  # of a curve
DIGITS, HEIGHT_DIGITS = 4, 3  # of its values, and of its heights: more than a picture shows
QUANTILES = 801  # of a prior, from which its density is computed
LIKELY = (0.01, 0.99)
DRAWN = (0.001, 0.999)  # where a curve begins and ends
WIDENED = 0.25  # a slider goes this share of the likely range beyond it on either side
STEPS = 200  # positions of a slider, about
LOG_ABOVE = 100.0  # the slider of a fixed parameter moves in factors where its bounds differ by more than this one
DECADE_STEP = 0.02


def cards() -> list[dict[str, Any]]:
    """A card for every declared parameter, group after group; see :func:`card`."""
    return [card(declaration) for declaration in declarations(Parameters).values()]


def groups() -> list[dict[str, Any]]:
    """Groups of cards in reading order: key, title and one sentence."""
    return [{"key": key, "title": label("groups", key, what="title"), "sentence": _sentence(key)} for key in GROUPS]


def _sentence(group: str) -> Both:
    return label("groups", group, what="sentence")


def card(d: Declaration) -> dict[str, Any]:
    """What the page says of a parameter.

    ``range`` is where 98 % of the prior lie (None where it is fixed), ``whole`` whether only whole numbers are meant,
    ``prior`` and ``posterior`` are curves: values ``x`` and their ``density`` (None where there is none).
    """
    return {
        "name": d.name,
        "title": label("parameters", d.name, what="title"),
        "group": d.group,
        "group_title": label("groups", d.group, what="title"),
        "group_sentence": _sentence(d.group),
        "status": d.status,
        "mark": STATUS_MARK[d.status],
        "unit": unit(d.unit),
        "meaning": translated(d.meaning, "parameters", d.name, what="meaning"),
        "source": paired(d.source, "sources"),
        "default": d.default,
        "low": d.low,
        "high": d.high,
        "whole": is_whole(d),
        "range": likely(d),
        "slider": slider(d),
        "prior": prior_curve(d),
        "posterior": posterior_curve(d),
    }


def unit(name: str) -> Both:
    """A unit in both languages; a pure number has none."""
    return paired(name, "units") if name != "1" else both("", "")


def is_whole(d: Declaration) -> bool:
    """Whether a parameter is a whole number."""
    return isinstance(d.default, int)


# --- sliders ----------------------------------------------------------------------------------------------------------


def likely(d: Declaration) -> list[float] | None:
    """Where 98 % of the prior lie, within the parameter's bounds; None where it is fixed."""
    if isinstance(d.prior, Fixed):
        return None
    return [significant(min(max(d.prior.quantile(u, d.default), d.low), d.high)) for u in LIKELY]


def slider(d: Declaration) -> dict[str, Any]:
    """Ends and step of a slider: the likely range and a quarter of it on either side, the bounds of a fixed one.

    On a linear scale the step is in units of the parameter and the default lies on it; on a log scale it is a share of
    a decade.
    """
    low, high = _wanted_ends(d)
    if isinstance(d.prior, Fixed) and low > 0 and high / low > LOG_ABOVE:
        return {"min": low, "max": high, "step": DECADE_STEP, "scale": "log"}
    step = _step_through(d, (high - low) / STEPS)
    first = max(math.floor(low / step + 1e-9) * step, math.ceil(d.low / step - 1e-9) * step)
    last = min(math.ceil(high / step - 1e-9) * step, math.floor(d.high / step + 1e-9) * step)
    return {"min": _tidy(first), "max": _tidy(last), "step": _tidy(step), "scale": "linear"}


def _wanted_ends(d: Declaration) -> tuple[float, float]:
    found = likely(d)
    if found is None:
        return d.low, d.high
    beyond = WIDENED * (found[1] - found[0])
    low, high = min(found[0] - beyond, d.default), max(found[1] + beyond, d.default)
    return max(low, d.low), min(high, d.high)


def _step_through(d: Declaration, wanted: float) -> float:
    """Largest round step not above the one wanted that leads from zero to the default; whole numbers go by ones."""
    if is_whole(d):
        return max(1.0, _round_below(wanted))
    step = _round_below(wanted)
    while abs(d.default / step - round(d.default / step)) > 1e-6:
        step = _round_below(step * 0.999)
    return step


def _round_below(value: float) -> float:
    """Largest of 1, 2 and 5 times a power of ten that is not above a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return float(max(factor * power for factor in (1.0, 2.0, 5.0) if factor * power <= value * (1 + 1e-9)))


def _tidy(value: float) -> float:
    return float(f"{value:.12g}")


# --- curves -----------------------------------------------------------------------------------------------------------


def prior_curve(d: Declaration) -> dict[str, Any]:
    """Kind and words of a prior with its density; a fixed one has no curve."""
    curve = {"kind": kind_of(d.prior), "text": prior_text(d)}
    if isinstance(d.prior, Fixed):
        return {**curve, "x": [], "density": []}
    x, density = prior_density(d)
    return {**curve, "x": _rounded(x), "density": _rounded(density, HEIGHT_DIGITS)}


def kind_of(prior: Prior) -> str:
    """Name of a prior's family."""
    return {Fixed: "fixed", Pert: "pert", LogNormal: "lognormal", HalfNormal: "half-normal", Uniform: "uniform"}[
        type(prior)
    ]


def prior_text(d: Declaration) -> Both:
    """The prior in words."""
    return _filled("prior", kind_of(d.prior), {"default": d.default, **vars(d.prior)})


def _filled(file: str, key: str, values: dict[str, float]) -> Both:
    text = label(file, key)
    english = {name: in_english(significant(value, 3)) for name, value in values.items()}
    french = {name: in_french(significant(value, 3)) for name, value in values.items()}
    return {"en": text["en"].format(**english), "fr": typeset(text["fr"].format(**french))}


def prior_density(d: Declaration) -> tuple[Floats, Floats]:
    """Values within the bounds, and the density of the prior around each: how fast its quantiles pass there."""
    # Chebyshev's points: close together in both tails, where quantiles lie far apart.
    u = (1.0 - np.cos(np.pi * np.linspace(0.0, 1.0, QUANTILES)[1:-1])) / 2.0
    quantiles = np.array([d.prior.quantile(float(p), d.default) for p in u])
    low, high = np.clip([d.prior.quantile(p, d.default) for p in DRAWN], d.low, d.high)
    edges = np.linspace(low, high, POINTS + 1)
    passed = np.interp(edges, quantiles, u)
    return (edges[1:] + edges[:-1]) / 2.0, np.diff(passed) / np.diff(edges)


def posterior_curve(d: Declaration) -> dict[str, Any] | None:
    """Words and density of what the record makes of a calibrated parameter, from its embedded draws; None for others.

    The density is a Gaussian kernel's, of Scott's width (Scott 1992, Multivariate Density Estimation), on the points
    of the prior.
    """
    draws = posterior_draws(d.name)
    if draws.size == 0:
        return None
    x, _ = prior_density(d)
    width = float(draws.std(ddof=1)) * draws.size**-0.2
    kernels = np.exp(-0.5 * ((x[:, None] - draws) / width) ** 2) / (width * math.sqrt(2.0 * math.pi))
    lowest, low, high, highest = np.quantile(draws, (0.05, 0.25, 0.75, 0.95)).tolist()
    text = _filled("prior", "posterior", {"lowest": lowest, "low": low, "high": high, "highest": highest})
    return {"text": text, "x": _rounded(x), "density": _rounded(kernels.mean(axis=1), HEIGHT_DIGITS)}


def posterior_draws(name: str) -> Floats:
    """Embedded draws of a parameter that was learnt from the record; none of one that was not."""
    return np.array([float(row[name]) for row in read_table("posterior_2017_2020") if name in row])


def _rounded(values: Floats, digits: int = DIGITS) -> list[float]:
    return [significant(float(value), digits) for value in values]
