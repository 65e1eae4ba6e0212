"""The posterior of the parameters that single tables do not tell: from the reference table to embedded draws.

Rates, shares and severities have conjugate posteriors of their own (:mod:`abm.draws`). What is learnt here needs
simulation: raid series, the drift of levels, the tail of deaths. A parameter of which the record says nothing stays on
its prior, and the file does not hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm.declarations import declarations
from abm.draws import DRAWS
from abm.parameters import Parameters
from abm.priors import HalfNormal, Pert, Uniform
from calibration.check_recovery import BIN_COLUMNS, ENDS, NEAR, PRIOR
from calibration.misfit import Misfit, outside
from calibration.record_table import Floats
from calibration.reference_table import ReferenceTable
from calibration.regression_abc import Posterior, RegressionAbc
from calibration.regression_abc import fit as fit_table
from calibration.sbc import Calibration, Recovery, check
from calibration.simulator import INFERRED, YEAR
from calibration.targets import STATISTICS, embedded, values
from calibration.transforms import Transform
from runs.sections import Section, Table

# Statistics that tell of the inferred parameters and compare between one simulated year and the record: not the
# numbers of events by kind and cercle (fitted directly), nor places and victims (pooled over four years).
GROUPS_USED = ("monthly", "weekly", "sizes", "near_repeat", "following")
NOT_USED = ("largest_event",)  # of four years: larger than that of one
ALSO_USED = ("events_all",)
ON_PRIOR = "kept on its prior"  # how the verdict on a parameter ends that was not learnt
SAMPLE_SEED = 0
FILE = "posterior_2017_2020.csv"
INTERVAL = (0.05, 0.5, 0.95)


def used_statistics() -> tuple[str, ...]:
    """Names of the statistics that parameters are learnt from."""
    return tuple(
        s.name for s in STATISTICS if s.name in ALSO_USED or (s.group in GROUPS_USED and s.name not in NOT_USED)
    )


def transforms() -> dict[str, Transform]:
    """Scales between the ends of the priors' support, so that an adjusted draw stays inside."""
    found = {}
    for name in INFERRED:
        prior = declarations(Parameters)[name].prior
        if isinstance(prior, Pert | Uniform):
            found[name] = Transform("logit", prior.low, prior.high)
        elif isinstance(prior, HalfNormal):
            found[name] = Transform("logit", 0.0, prior.high)
    return found


def observed_statistics(names: Sequence[str]) -> Floats:
    """Recorded values: of 2020 where a table has years, of 2017-2020 where it has not."""
    recorded = values(embedded().in_year(YEAR))
    return np.array([recorded[name] for name in names])


def columns_of(table: ReferenceTable, names: Sequence[str]) -> ReferenceTable:
    """The same table with some statistics only."""
    places = [table.statistic_names.index(name) for name in names]
    return ReferenceTable(
        table.numbers, table.theta, table.statistics[:, places], table.parameter_names, tuple(names), table.settings
    )


@dataclass(frozen=True, eq=False)
class Fitted:
    """The posterior given the record, what checks it, and where the record lies outside what the model simulates."""

    inference: RegressionAbc
    observed: Floats
    posterior: Posterior
    calibration: Calibration
    near: Calibration
    misfit: list[Misfit]

    @property
    def verdicts(self) -> dict[str, str]:
        """Verdict by parameter, on rows near what was observed."""
        return {row.parameter: row.verdict for row in self.near.recovery}

    @property
    def kept(self) -> tuple[str, ...]:
        """Parameters of which the record says something."""
        return tuple(name for name, verdict in self.verdicts.items() if not verdict.endswith(ON_PRIOR))

    def draws(self) -> Floats:
        """Draws of equal weight of the parameters that are kept, shape (DRAWS, kept)."""
        places = [self.posterior.names.index(name) for name in self.kept]
        return self.posterior.sample(DRAWS, SAMPLE_SEED)[:, places]


def fit(table: ReferenceTable, observed: Floats | None = None, tests: int = 500) -> Fitted:
    """Posterior from a table, given the record or other observed values of :func:`used_statistics`."""
    names = used_statistics()
    chosen = columns_of(table, names)
    seen = observed_statistics(names) if observed is None else observed
    inference = fit_table(chosen, transforms())
    return Fitted(
        inference, seen, inference.posterior(seen), check(inference, tests), check(inference, tests, near=seen),
        outside(chosen, seen),
    )  # fmt: skip


def section(fitted: Fitted) -> Section:
    """The posterior in a table: prior, posterior, and whether parameters are found again where they are known."""
    posterior, theta = fitted.posterior, fitted.inference.table.theta
    declared = declarations(Parameters)
    quantiles = [posterior.quantile(q) for q in INTERVAL]
    rows = []
    for k, row in enumerate(fitted.near.recovery):
        low, high = np.quantile(theta[:, k], (0.05, 0.95))
        lower, middle, upper = (float(q[k]) for q in quantiles)
        rows.append(
            (
                row.parameter, declared[row.parameter].unit, f"{low:.3g} to {high:.3g}",
                f"{middle:.3g} ({lower:.3g} to {upper:.3g})", f"{row.p_value:.2f}", f"{row.coverage_90:.0%}",
                f"{row.contraction:.2f}", row.verdict,
            )
        )  # fmt: skip
    outside_of = ", ".join(f"{m.statistic} ({m.rank:.1%})" for m in fitted.misfit) or "none"
    paragraphs = (
        f"{len(fitted.inference.table):,} simulations; the nearest {fitted.inference.accept:.0%} count. In brackets "
        "90 %. Ranks, coverage and contraction are of simulations like the record, each left out and found again.",
        f"The record lies outside 99 % of all simulations in: {outside_of}.",
    )
    headers = ("Parameter", "Unit", "Prior, 90 %", "Posterior", "p of ranks", "Covered", "Contraction", "Verdict")
    return Section("posterior", "Posterior", paragraphs, (Table(headers, tuple(rows), words=(0, 1, 7)),))


def recovery_csv(fitted: Fitted) -> str:
    """What leaving rows out found, by parameter: on all of the prior and near the record, with counts of ranks."""
    posterior, inference = fitted.posterior, fitted.inference
    bounds = {name: np.quantile(inference.table.theta[:, k], (0.05, 0.95)) for k, name in enumerate(posterior.names)}
    middle = dict(zip(posterior.names, np.stack([posterior.quantile(q) for q in INTERVAL], axis=1), strict=True))
    header = ["which", *Recovery._fields, *ENDS, *BIN_COLUMNS]
    lines = [
        "# source: computed by calibration.posterior: rows of the reference table left out and found again",
        "# licence: own work, same licence as the program",
        "# note: which: prior = rows from all of the prior, near = rows like the record; generated: do not edit",
        ",".join(header),
    ]
    for which, calibration in ((PRIOR, fitted.calibration), (NEAR, fitted.near)):
        for row, counts in zip(calibration.recovery, calibration.counts().T.tolist(), strict=True):
            values = [v if isinstance(v, str) else f"{v:.6g}" for v in row]
            ends = [f"{v:.6g}" for v in (*bounds[row.parameter], *middle[row.parameter])]
            lines.append(",".join([which, *values, *ends, *map(str, counts)]))
    return "\n".join(lines) + "\n"


def misfit_csv(fitted: Fitted) -> str:
    """Statistics in which the record lies outside what the model simulates under any parameters of the prior."""
    lines = [
        "# source: computed by calibration.posterior: the record's place among the simulations of the reference table",
        "# licence: own work, same licence as the program",
        "# note: rank: share of simulations below the record; generated: do not edit",
        "statistic,rank",
        *(f'"{row.statistic}",{row.rank:.6g}' for row in fitted.misfit),
    ]
    return "\n".join(lines) + "\n"


def as_csv(fitted: Fitted, about: dict[str, Any]) -> str:
    """The embedded file's text; ``about`` says what made it."""
    table = fitted.inference.table
    rows = fitted.draws()
    lines = [
        "# source: computed by calibration.posterior from a reference table of simulations and recorded events of",
        "# source: 2017-2020 in Mopti and Ségou, own aggregation of ACLED (acleddata.com)",
        "# licence: own work, same licence as the program",
        f"# note: {len(table):,} simulations from the prior, fingerprint {table.fingerprint()[:16]}; accepted "
        f"{fitted.inference.accept:.2%} with regression adjustment",
        *(f"# note: {name}: {value}" for name, value in about.items()),
        "# note: parameters that are not here stay on their priors; generated by sector-centre calibrate: do not edit",
        ",".join(("draw", *fitted.kept)),
        *(",".join((str(number), *(f"{value:.6g}" for value in row))) for number, row in enumerate(rows.tolist())),
    ]
    return "\n".join(lines) + "\n"
