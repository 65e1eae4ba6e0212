"""How a parameter is declared, and how declarations are read back for documents, draws and assumption cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from abm.priors import Prior

CALIBRATED, LITERATURE, ASSUMPTION = "calibrated", "literature", "assumption"
NO_MEASUREMENT = "assumption: no measurement known"
# Groups of parameters in the order in which a reader meets them.
GROUPS = (
    "attacks", "travel", "presence", "severity", "national forces", "UN operations", "convoys",
    "medical reach and helicopters", "warning and response", "escorts", "deployment", "accountability", "strategy",
    "recruitment", "displaced people", "cost of civilian work", "record",
)  # fmt: skip
STATUS_MARK = {CALIBRATED: "●", LITERATURE: "◐", ASSUMPTION: "○"}


@dataclass(frozen=True)
class Declaration:
    """What is known about one parameter."""

    name: str
    group: str
    default: float
    unit: str
    low: float
    high: float
    prior: Prior
    status: str
    source: str
    meaning: str


def declare(
    group: str,
    default: float,
    unit: str,
    bounds: tuple[float, float],
    prior: Prior,
    status: str,
    source: str,
    meaning: str,
) -> Any:
    """A pydantic field that carries its declaration.

    Args:
        group: the mechanism it belongs to.
        default: value used unless told otherwise.
        unit: unit of the value; ``1`` for a pure number.
        bounds: lowest and highest value accepted.
        prior: uncertainty about the value.
        status: ``calibrated``, ``literature`` or ``assumption``.
        source: reference, or the word assumption with what is known.
        meaning: one sentence in plain language.
    """
    extra: Any = {"group": group, "unit": unit, "prior": prior, "status": status, "source": source}
    return Field(default=default, ge=bounds[0], le=bounds[1], description=meaning, json_schema_extra=extra)


def _bounds(field: FieldInfo) -> tuple[float, float]:
    low = next(m.ge for m in field.metadata if hasattr(m, "ge"))
    high = next(m.le for m in field.metadata if hasattr(m, "le"))
    return low, high


def declarations(model: type[BaseModel]) -> dict[str, Declaration]:
    """All declared parameters of a model by name, group after group, in each in the order of declaration."""
    found = {}
    for name, field in model.model_fields.items():
        extra: Any = field.json_schema_extra
        if not isinstance(extra, dict) or "prior" not in extra:
            continue
        low, high = _bounds(field)
        found[name] = Declaration(
            name=name, default=field.default, low=low, high=high, meaning=str(field.description), **extra
        )
    return dict(sorted(found.items(), key=lambda item: GROUPS.index(item[1].group)))
