"""The data of a comparison as tidy Parquet tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.declarations import declarations
from abm.parameters import Parameters
from runs.analysis import Difference, all_differences, timeline
from runs.check2020 import Check
from runs.compare import Comparison
from runs.costs import spending
from runs.design import Design
from runs.displacement import ring_rows
from runs.outcomes import MEASURES
from runs.provenance import Provenance

if TYPE_CHECKING:
    import pyarrow as pa


Rows = Sequence[Mapping[str, Any]]


def write_tables(
    comparison: Comparison, check: Check | None, folder: Path, about: Provenance, more: Mapping[str, Rows] | None = None
) -> None:
    """Outcomes, differences, timeline, draws, rings, spending and the check of 2020; tables without rows are left out.

    `more` are rows of other tables by the name of their file.

    Raises:
        OSError: a file cannot be written.
    """
    from pyarrow import parquet

    rows: dict[str, Rows] = {
        "differences": difference_rows(comparison),
        "timeline": [vars(point) for point in timeline(comparison)],
        "draws": draw_rows(comparison.design),
        "rings": ring_rows(comparison),
        "spending": spending_rows(comparison),
    }
    if check is not None:
        rows["check-2020"] = [vars(line) | {"error": line.error, "inside": line.inside} for line in check.lines]
    rows |= more or {}
    tables = {name: as_table(found) for name, found in rows.items() if found}
    tables["outcomes"] = outcomes(comparison)
    for name, table in tables.items():
        parquet.write_table(table.replace_schema_metadata(about.as_metadata()), folder / f"{name}.parquet")


def as_table(rows: Rows) -> pa.Table:
    """Rows as columns."""
    import pyarrow as pa

    return pa.table({name: [row[name] for row in rows] for name in rows[0]})


def outcomes(comparison: Comparison) -> pa.Table:
    """One row per run, window and outcome: hundreds of thousands, so columns are made whole."""
    import pyarrow as pa

    design, size = comparison.design, comparison.clock.size
    keys = list(comparison.values)
    draw, seed = (index.ravel() for index in np.indices(comparison.clock.shape))
    run_seeds = [design.run_seed(int(d), int(s)) for d, s in zip(draw, seed, strict=True)]

    def each(words: Sequence[str]) -> pa.Array:
        names, codes = np.unique(np.array(words), return_inverse=True)
        return pa.DictionaryArray.from_arrays(pa.array(np.repeat(codes, size).astype(np.int32)), pa.array(names))

    return pa.table(
        {
            "arm": each([arm for arm, _, _ in keys]),
            "draw": np.tile(draw, len(keys)),
            "seed": np.tile(seed, len(keys)),
            "run_seed": np.tile(run_seeds, len(keys)),
            "clock_zero": np.tile(comparison.clock.ravel(), len(keys)),
            "window": each([window for _, window, _ in keys]),
            "outcome": each([key for _, _, key in keys]),
            "unit": each([MEASURES[key].unit for _, _, key in keys]),
            "value": np.concatenate([values.ravel() for values in comparison.values.values()]),
        }
    )


def difference_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """One row per treated arm, window and outcome, with intervals and variances."""
    return [difference_row(d, comparison.design.control.name) for d in all_differences(comparison)]


def difference_row(d: Difference, control: str) -> dict[str, Any]:
    """One difference, with intervals and variances."""
    return {
        "arm": d.arm, "control": control, "window": d.window, "outcome": d.key,
        "unit": MEASURES[d.key].unit, "control_mean": d.summary.control, "treated_mean": d.treated,
        "difference": d.summary.spread.estimate, "effect_low": d.summary.effect[0],
        "effect_high": d.summary.effect[1], "future_low": d.summary.future[0], "future_high": d.summary.future[1],
        "resolved": d.summary.resolved, "monte_carlo_se": d.summary.spread.monte_carlo_se,
        "s2_seed": d.summary.spread.s2_seed, "s2_param": d.summary.spread.s2_param,
        "variance_paired": d.pairing.paired, "variance_independent": d.pairing.independent,
    }  # fmt: skip


def draw_rows(design: Design) -> list[dict[str, Any]]:
    """One row per parameter draw: the world's seed and every declared parameter."""
    rows = []
    for draw in range(design.draws):
        parameters = design.parameters(draw)
        values = {name: float(getattr(parameters, name)) for name in declarations(Parameters)}
        world = design.in_world(design.control, draw).world.seed
        rows.append({"draw": draw, "world_seed": world, **values})
    return rows


def spending_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """One row per arm and unit type, civilian work, operation or month: mean US$ beyond the control."""
    months = [str(month) for month in comparison.months]
    rows = []
    for found in spending(comparison):
        by_month = dict(zip(months, found.by_month.tolist(), strict=True))
        for by, parts in (("item", found.by_item), ("operation", found.by_operation), ("month", by_month)):
            rows += [{"arm": found.arm, "by": by, "name": name, "usd": value} for name, value in parts.items()]
    return rows
