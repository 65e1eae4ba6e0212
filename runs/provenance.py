"""Where a result comes from: code, parameters, scenario, seed and the versions that decide its last bit."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

import abm
from abm.compiled import FINGERPRINT, math_fingerprint
from abm.parameters import Parameters
from abm.scenario import Scenario

DISTRIBUTION = "sector-centre"
# What must agree for two results to be promised equal to the bit.
BIT_FIELDS = ("package_version", "python", "numpy", "numba", "scipy", "math_fingerprint", "source_fingerprint")


class Provenance(BaseModel):
    """Written into every result. Hashes are SHA-256 of canonical JSON, in hexadecimal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    package_version: str
    git_commit: str | None
    git_dirty: bool | None
    scenario_hash: str
    parameter_hash: str
    gazetteer_hash: str | None
    seed: int
    python: str
    numpy: str
    numba: str
    scipy: str
    mesa: str
    math_fingerprint: str
    source_fingerprint: str
    created: datetime

    def differing_bits(self, other: Provenance) -> list[str]:
        """Which of the versions and fingerprints that decide bits differ, as "field: mine, theirs"."""
        pairs = ((name, getattr(self, name), getattr(other, name)) for name in BIT_FIELDS)
        return [f"{name}: {mine} here, {theirs} there" for name, mine, theirs in pairs if mine != theirs]

    def same_experiment(self, other: Provenance) -> bool:
        """Whether two results have the same inputs and the same code, whenever and wherever they were made."""
        unlike = {"created", "git_commit", "git_dirty", "mesa"}
        return self.model_dump(exclude=unlike) == other.model_dump(exclude=unlike)

    def as_metadata(self) -> dict[str, str]:
        """Texts for the metadata of files."""
        return {f"sector_centre.{key}": str(value) for key, value in self.model_dump(mode="json").items()}


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no spaces and every digit: equal values give equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of(model: BaseModel) -> str:
    """SHA-256 of the canonical JSON of a scenario or of parameters."""
    return sha256(canonical_json(model.model_dump(mode="json")))


def hash_of_all(models: Iterable[BaseModel]) -> str:
    """One hash for several models, in their order."""
    return sha256(canonical_json([model.model_dump(mode="json") for model in models]))


def gazetteer_hash(scenarios: Iterable[Scenario]) -> str | None:
    """Hash of the contents of the users' gazetteers that scenarios name, None if there are none.

    Raises:
        OSError: a gazetteer cannot be read.
    """
    files = sorted({s.world.gazetteer for s in scenarios if s.world.gazetteer is not None})
    if not files:
        return None
    digest = hashlib.sha256()
    for file in files:
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()


def provenance(scenario: Scenario, parameters: Parameters, seed: int) -> Provenance:
    """Provenance of one run made here and now."""
    return describe([scenario], hash_of(scenario), hash_of(parameters), seed)


def describe(scenarios: Iterable[Scenario], scenario_hash: str, parameter_hash: str, seed: int) -> Provenance:
    """Provenance of a result made here and now from several scenarios or parameter sets, by their hashes."""
    commit, dirty = git_state()
    return Provenance(
        package_version=metadata.version(DISTRIBUTION),
        git_commit=commit,
        git_dirty=dirty,
        scenario_hash=scenario_hash,
        parameter_hash=parameter_hash,
        gazetteer_hash=gazetteer_hash(scenarios),
        seed=seed,
        python=platform.python_version(),
        numpy=metadata.version("numpy"),
        numba=metadata.version("numba"),
        scipy=metadata.version("scipy"),
        mesa=metadata.version("mesa"),
        math_fingerprint=math_fingerprint(),
        source_fingerprint=FINGERPRINT,
        created=datetime.now(UTC).replace(microsecond=0),
    )


@lru_cache(maxsize=1)
def git_state() -> tuple[str | None, bool | None]:
    """Commit and whether files differ from it; (None, None) outside a checkout of this project or without git."""
    root = Path(abm.__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return None, None
    commit = _git(root, "rev-parse", "HEAD")
    changes = _git(root, "status", "--porcelain")
    return commit, None if changes is None else changes != ""


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
