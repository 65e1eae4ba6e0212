"""Experiments with the model: scenarios, batches, stores, comparisons, reports and the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runs.batch.stored import Batch

__all__ = ["load"]


def load(folder: str | Path, *, unfinished: bool = False) -> Batch:
    """A stored batch: tidy frames with inputs as columns, see :class:`runs.batch.stored.Batch`.

    Args:
        folder: what ``sector-centre batch`` wrote.
        unfinished: accept a batch of which blocks are missing.

    Raises:
        runs.folders.ResultError: no batch, damaged, or not finished.
    """
    from runs.batch.stored import open_batch

    return open_batch(folder, unfinished=unfinished)
