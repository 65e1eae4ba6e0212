"""Prior distributions of parameters, drawn through keyed uniforms so that draw k is the same for ever."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special


@dataclass(frozen=True)
class Fixed:
    """No uncertainty is carried: a definition, a number that scales out, or one that is held."""

    def quantile(self, u: float, default: float) -> float:
        """The default, whatever the uniform."""
        return default

    def __str__(self) -> str:
        return "fixed"


@dataclass(frozen=True)
class Pert:
    """Scaled beta of expert elicitation with a lowest, most likely and highest value (Malcolm et al. 1959; shape 4)."""

    low: float
    mode: float
    high: float

    def quantile(self, u: float, default: float) -> float:
        """Value at probability u."""
        width = self.high - self.low
        a = 1.0 + 4.0 * (self.mode - self.low) / width
        b = 1.0 + 4.0 * (self.high - self.mode) / width
        return self.low + width * float(special.betaincinv(a, b, u))

    def __str__(self) -> str:
        return f"PERT({self.low:g}, {self.mode:g}, {self.high:g})"


@dataclass(frozen=True)
class LogNormal:
    """Lognormal by its median and its 90th percentile, truncated to the parameter's bounds by the caller."""

    median: float
    p90: float

    def quantile(self, u: float, default: float) -> float:
        """Value at probability u."""
        sigma = math.log(self.p90 / self.median) / 1.2815515655446004
        return self.median * math.exp(sigma * float(special.ndtri(u)))

    def __str__(self) -> str:
        return f"lognormal(median {self.median:g}, 90th percentile {self.p90:g})"


@dataclass(frozen=True)
class HalfNormal:
    """Absolute value of a normal with this scale, truncated at `high`."""

    scale: float
    high: float

    def quantile(self, u: float, default: float) -> float:
        """Value at probability u."""
        mass = 2.0 * float(special.ndtr(self.high / self.scale)) - 1.0
        return self.scale * float(special.ndtri(0.5 + 0.5 * u * mass))

    def __str__(self) -> str:
        return f"half-normal({self.scale:g}), at most {self.high:g}"


@dataclass(frozen=True)
class Uniform:
    """Uniform between two values."""

    low: float
    high: float

    def quantile(self, u: float, default: float) -> float:
        """Value at probability u."""
        return self.low + u * (self.high - self.low)

    def __str__(self) -> str:
        return f"uniform({self.low:g}, {self.high:g})"


Prior = Fixed | Pert | LogNormal | HalfNormal | Uniform
