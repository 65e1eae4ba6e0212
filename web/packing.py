"""Arrays in one binary message: numbers go to the page as they lie in memory, and are read there without a copy.

A message is four bytes with the length of a header, the header as JSON (padded with spaces so that what follows starts
at a multiple of eight), and the arrays one after another, each padded to a multiple of eight. All is little-endian.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

TYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8")
_LENGTH = struct.Struct("<I")
_ROOM = 8  # bytes that arrays start at multiples of, as typed arrays of JavaScript must


def pack(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """One message.

    Args:
        header: what is said beside the arrays, JSON; ``arrays`` is not one of its keys.
        arrays: by name, of a type out of TYPES.

    Raises:
        ValueError: an array of another type, or a number in the header that JSON has not.
    """
    listed, parts, at = [], [], 0
    for name, array in arrays.items():
        kind = f"{array.dtype.kind}{array.dtype.itemsize}"
        if kind not in TYPES:
            raise ValueError(f"{name}: expected a type out of {', '.join(TYPES)}, got {array.dtype}")
        data = np.ascontiguousarray(array, dtype=f"<{kind}").tobytes()
        listed.append([name, kind, list(array.shape), at])
        parts.append(data + bytes(-len(data) % _ROOM))
        at += len(parts[-1])
    text = json.dumps({**header, "arrays": listed}, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + _LENGTH.size) % _ROOM)
    return b"".join((_LENGTH.pack(len(text)), text, *parts))


def unpack(message: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Header and arrays of a message; the page has the same in JavaScript."""
    (length,) = _LENGTH.unpack_from(message)
    start = _LENGTH.size + length
    header: dict[str, Any] = json.loads(message[_LENGTH.size : start])
    arrays = {}
    for name, kind, shape, at in header.pop("arrays"):
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(message, f"<{kind}", count, start + at).reshape(shape)
    return header, arrays
