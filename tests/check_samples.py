"""Made-up parts of a check: scores of forecasters as good or bad as asked for, records inside or outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from abm.geography import CERCLES, ZONES
from calibration.check_making import (
    AGENT,
    CHECKED_TARGETS,
    SURVIVAL_DEATHS,
    VARIANT_TARGETS,
    VARIANTS,
    Predicted,
    Settings,
    Survival,
)
from calibration.check_parts import Checked
from calibration.check_recovery import BIN_COLUMNS, NUMBERS, Recovery, read_recovery
from calibration.published_effects import BORDER, LOCAL, RELATIVE, SHARE, EffectLine, NaturalExperiments
from calibration.record_table import month_number
from calibration.rolling import FORECASTERS, HORIZON, ORIGINS, QUARTER, SPATIAL, Scores
from calibration.rolling import Checked as TimeChecked
from calibration.sbc import BINS, VERDICT_IDENTIFIED, VERDICT_UNIDENTIFIED, VERDICT_WEAKLY
from calibration.target_tables import embedded
from calibration.targets import STATISTICS, TargetRow
from runs.check2020 import Check, against_record, observed

LAST = month_number("2020-12")
SMALL = Settings(20, 20, 20, 4)


@contextmanager
def quiet(_what: str, _total: int) -> Iterator[Any]:
    """Progress that nobody sees."""
    yield lambda: None


def scores(seed: int, factor: float = 1.0, quarters: bool = False, origins: tuple[str, ...] = ORIGINS) -> Scores:
    """Scores of all origins; equal seeds give equal cells, a factor multiplies the proper scores."""
    steps, units, width = (HORIZON // QUARTER, len(ZONES), QUARTER) if quarters else (HORIZON, len(CERCLES), 1)
    first = np.array([month_number(origin) for origin in ORIGINS])[:, None] + width * np.arange(steps)
    unrecorded = np.broadcast_to((first + width - 1 > LAST)[:, :, None, None], (len(ORIGINS), steps, units, 2))
    rng = np.random.default_rng(seed)
    proper = {name: factor * rng.gamma(2.0, 0.5, unrecorded.shape) for name in ("crps", "ignorance", "interval")}
    by_name = {
        **proper,
        "covered": (rng.uniform(size=unrecorded.shape) < 0.9).astype(np.float64),
        "pit": rng.uniform(size=unrecorded.shape),
    }
    places = [ORIGINS.index(origin) for origin in origins]
    cut = {name: np.where(unrecorded, np.nan, values)[places] for name, values in by_name.items()}
    return Scores(tuple(month_number(origin) for origin in origins), width, cut)


def forecasts(agent: float = 1.0, others: float = 1.0) -> dict[str, dict[str, TimeChecked]]:
    """The agent model's proper scores are those of the others times ``agent / others``, cell by cell."""
    found = {}
    for number, target in enumerate(CHECKED_TARGETS):
        factors = dict.fromkeys(FORECASTERS, others) | {AGENT: agent}
        found[target] = {
            name: TimeChecked(scores(number, factor), scores(number, factor, quarters=True))
            for name, factor in factors.items()
        }
    return found


def recovery_files(folder: Path, **changes: str) -> tuple[Path, Path]:
    """Both embedded tables, made up; ``changes`` replace values of the first row."""
    rng = np.random.default_rng(5)
    columns = ("parameter", "which", "tests", "verdict", *NUMBERS, *BIN_COLUMNS)
    verdicts = {"n_same": VERDICT_IDENTIFIED, "raid_km": VERDICT_WEAKLY, "tail_exponent": VERDICT_UNIDENTIFIED}
    lines = ["# source: made up", ",".join(columns)]
    for which in ("near", "prior"):
        for parameter, verdict in verdicts.items():
            bins = rng.multinomial(400, np.full(BINS, 1 / BINS)).tolist()
            row = {"parameter": parameter, "which": which, "tests": "400", "verdict": verdict}
            row |= dict.fromkeys(NUMBERS, "0.5")
            row |= {"prior_low": "0.1", "prior_high": "0.9", "posterior_05": "0.3", "posterior_95": "0.6"}
            row |= dict(zip(BIN_COLUMNS, map(str, bins), strict=True))
            if len(lines) == 2:
                row |= changes
            lines.append(",".join(row[name] for name in columns))
    recovery, misfit = folder / "recovery.csv", folder / "misfit.csv"
    recovery.write_text("\n".join(lines) + "\n", encoding="utf-8")
    misfit.write_text("# source: made up\nstatistic,rank\nseason_mar,0.999\n", encoding="utf-8")
    return recovery, misfit


@lru_cache(maxsize=1)
def recorded_values() -> tuple[tuple[float, float], ...]:
    """Value and standard error of every recorded statistic."""
    record = embedded()
    return tuple((statistic.value(record), statistic.tolerance(record)) for statistic in STATISTICS)


def predicted(outside: tuple[str, ...] = ()) -> Predicted:
    """Every target, simulated all but exactly, but for those named, which are twice too large."""
    record, rows = embedded(), []
    for statistic, (value, tolerance) in zip(STATISTICS, recorded_values(), strict=True):
        mean = 2.0 * value + 9.0 * tolerance if statistic.name in outside else value + 0.2 * tolerance
        low, high = mean - tolerance, mean + tolerance
        rows.append(
            TargetRow(
                statistic.name, statistic.label, statistic.group, statistic.unit, value, tolerance, mean, low, high,
                (mean - value) / tolerance, bool(low <= value <= high),
            )
        )  # fmt: skip
    sizes = record.sizes.sum(axis=0)
    shares = tuple(float(sizes[deaths:].sum() / sizes.sum()) for deaths in SURVIVAL_DEATHS)
    wide = tuple(0.8 * share for share in shares), tuple(1.2 * share for share in shares)
    return Predicted(200, tuple(rows), Survival(SURVIVAL_DEATHS, shares, shares, *wide))


def year(factor: float = 1.0) -> Check:
    """Runs of 2020 around the record times a factor."""
    record, _ = observed()
    return against_record(np.random.default_rng(1).poisson(factor * record, (40, *record.shape)))


def natural(agrees: bool = True) -> NaturalExperiments:
    """All published effects, found or not."""
    published = [(one.experiment, one.effect, one.unit, one.value, one.se) for one in LOCAL]
    lines = [
        EffectLine(
            *one, one[3], 0.01, 0.02, one[3] - 0.05, one[3] + 0.05, agrees, one[3], 0.02, one[3] - 0.1, one[3] + 0.1,
            agrees, 0.02, 0.4, "made up",
        )
        for one in (*published, (BORDER, "onset", SHARE, RELATIVE, float("nan")))
    ]  # fmt: skip
    return NaturalExperiments(tuple(lines), 100, 5)


def variants(factors: Mapping[str, float]) -> dict[str, dict[str, Scores]]:
    """CRPS of variants as multiples of that of the model as shipped."""
    return {
        name: {target: scores(n, factors.get(name, 1.0)) for n, target in enumerate(VARIANT_TARGETS)}
        for name in VARIANTS
    }  # fmt: skip


def sample(folder: Path, **parts: Any) -> Checked:
    """A whole check; parts may be given."""
    space = {name: scores(9, factor) for name, factor in zip(SPATIAL, (1.2, 1.1, 1.0), strict=True)}
    found: dict[str, Any] = {
        "settings": Settings(), "recovery": recovery(folder), "predicted": predicted(), "year": year(),
        "forecasts": forecasts(), "space": space, "variants": variants({}), "natural": natural(),
    }  # fmt: skip
    return Checked(**(found | parts))


def recovery(folder: Path) -> Recovery:
    """Both tables, read."""
    return read_recovery(*recovery_files(folder))
