"""The only door to Numba: which functions are compiled, which are cached, and what bits they promise.

Numba's file cache does not notice that a callee or a constant in *another* file changed and would silently serve
stale numbers. So only entry points are cached, in a folder named after a fingerprint of every source file of this
package and of everything else that changes machine code. Rules (:func:`rule`) are compiled as part of the entry
point that calls them and never cached on their own.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import shutil
import sys
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeVar, cast

# Intel's vector library rounds differently from libm: without it, compiled and plain Python agree to the bit.
os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")

import llvmlite
import numba
import numpy as np
from numba import config, njit

F = TypeVar("F", bound=Callable[..., object])

KEPT_FINGERPRINTS = 5
PACKAGE_FOLDER = Path(__file__).resolve().parent


def _sources() -> list[Path]:
    # Pictures are never compiled: an edit there leaves the machine code as it is.
    drawn = PACKAGE_FOLDER / "views"
    return sorted(path for path in PACKAGE_FOLDER.rglob("*.py") if drawn not in path.parents)


def source_fingerprint() -> str:
    """Hash (16 hex digits) of all that determines the machine code: our sources, the tool chain and its options."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.relative_to(PACKAGE_FOLDER).as_posix().encode())
        digest.update(path.read_bytes())
    tools = (sys.version, numba.__version__, llvmlite.__version__, np.__version__)
    options = (config.BOUNDSCHECK, config.OPT, config.DISABLE_INTEL_SVML)
    digest.update(repr((tools, options)).encode())
    return digest.hexdigest()[:16]


def cache_root() -> Path:
    """Folder of compiled code, ``$SECTOR_CENTRE_CACHE`` or the user's cache folder."""
    chosen = os.environ.get("SECTOR_CENTRE_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "sector-centre"


FINGERPRINT = source_fingerprint()


def _forget_old_fingerprints(root: Path) -> None:
    ours = (p for p in root.iterdir() if p.is_dir() and re.fullmatch("[0-9a-f]{16}", p.name))
    folders = sorted(ours, key=lambda p: p.stat().st_mtime, reverse=True)
    for folder in folders[KEPT_FINGERPRINTS:]:
        shutil.rmtree(folder, ignore_errors=True)


@lru_cache(maxsize=1)
def cache_folder() -> Path | None:
    """Writable folder for this fingerprint's compiled code, or None (with a warning) where none can be made."""
    try:
        folder = cache_root() / FINGERPRINT
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
        os.utime(folder)
        _forget_old_fingerprints(folder.parent)
        return folder
    except (OSError, RuntimeError) as error:
        warnings.warn(f"compiled code cannot be kept ({error}): each process compiles anew", stacklevel=2)
        return None


def is_warm() -> bool:
    """Whether the compiled day of this fingerprint lies in the cache already."""
    folder = cache_folder()
    return folder is not None and any(folder.rglob("schedule.advance-*.nbi"))


def rule(function: F) -> F:
    """A pure scalar function of the model, compiled into whatever calls it."""
    return cast(F, njit(nogil=True)(function))


def phase(function: F) -> F:
    """Reads rows, makes keyed draws, calls rules and writes rows; compiled into the entry point that calls it.

    It has no door from Python (a test that wants to call one runs with compilation off): building that door for the
    many tables of a world is a third of all compilation time.
    """
    return cast(F, njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function))


def entry(function: F) -> F:
    """A function called from Python: compiled, cached under the fingerprint, and run without the interpreter's lock."""
    folder = cache_folder()
    if folder is None:
        return cast(F, njit(nogil=True)(function))
    saved = config.CACHE_DIR
    try:
        config.CACHE_DIR = str(folder)
        return cast(F, njit(nogil=True, cache=True)(function))
    finally:
        config.CACHE_DIR = saved


@lru_cache(maxsize=1)
def math_fingerprint() -> str:
    """Hash (16 hex digits) of exp, log and pow on 10,000 fixed values.

    The mathematical library differs between processors and systems. Two machines with equal package versions and an
    equal math fingerprint give equal bits; provenance stores it and ``rerun`` compares it.
    """
    digest = hashlib.sha256()
    values = [(i + 0.5) / 10_000 for i in range(10_000)]
    for function in (lambda v: math.exp(20 * v - 10), math.log, lambda v: math.pow(1 + v, 20 * v - 10)):
        digest.update(np.array([function(v) for v in values]).tobytes())
    return digest.hexdigest()[:16]
