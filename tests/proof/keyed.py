"""Keyed draws by the million: the same numbers as :func:`abm.randomness.uniform`, for whole arrays of keys."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

u64 = np.uint64
Floats = NDArray[np.float64]
GOLDEN, FIRST, SECOND = u64(0x9E3779B97F4A7C15), u64(0xBF58476D1CE4E5B9), u64(0x94D049BB133111EB)
KEY = ("seed", "process", "agent", "day", "draw")
START = {"seed": 5, "process": 3, "agent": 40, "day": 1200, "draw": 7}


def _mix(value: Any) -> Any:
    value = (value ^ (value >> u64(30))) * FIRST
    value = (value ^ (value >> u64(27))) * SECOND
    return value ^ (value >> u64(31))


def words(**key: Any) -> NDArray[np.uint64]:
    """52 random bits of each key; parts that are not given are those of START, parts that are arrays are broadcast."""
    parts = {name: np.asarray(key.get(name, START[name]), u64) for name in KEY}
    shape = np.broadcast_shapes(*(part.shape for part in parts.values()))
    parts = {name: np.broadcast_to(part, shape or (1,)) for name, part in parts.items()}
    mixed = _mix(parts["seed"] + GOLDEN)
    mixed = _mix(mixed ^ ((parts["process"] << u64(32)) | parts["draw"]))
    mixed = _mix((mixed + GOLDEN) ^ ((parts["agent"] << u64(32)) | parts["day"]))
    result: NDArray[np.uint64] = _mix(mixed + GOLDEN) >> u64(12)
    return result


def uniforms_of(**key: Any) -> Floats:
    """Draws of each key."""
    result: Floats = (words(**key).astype(np.float64) + 0.5) * 2.0**-52
    return result


def along(axis: str, n: int, first: int = 0, **others: Any) -> Floats:
    """`n` draws along one part of the key, the other parts held."""
    return uniforms_of(**{**others, axis: np.arange(first, first + n, dtype=u64)})
