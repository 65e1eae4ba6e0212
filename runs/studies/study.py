"""What every study gives: a part of a report, its numbers as rows for Parquet, and a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runs.sections import Section
from runs.tidy import Rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Study:
    """One study of a batch.

    ``section`` says what was found and what was assumed; ``rows`` are tables by the stem of their Parquet file; where
    there is a ``figure``, the section names it by its own key.
    """

    section: Section
    rows: Mapping[str, Rows] = field(default_factory=dict)
    figure: Figure | None = None
