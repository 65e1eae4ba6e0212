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
from calibration.misfit import Misfit, outside
from calibration.record_table import Floats
from calibration.reference_table import ReferenceTable
from calibration.regression_abc import Posterior, RegressionAbc
from calibration.regression_abc import fit as fit_table
from calibration.sbc import Calibration, check
from calibration.simulator import YEAR
from calibration.targets import STATISTICS, embedded, values
from calibration.transforms import Transform

# Statistics that tell of the inferred parameters and compare between one simulated year and the record: not the
# numbers of events by kind and cercle (fitted directly), nor places and victims (pooled over four years).
GROUPS_USED = ("monthly", "weekly", "sizes", "near_repeat", "following")
NOT_USED = ("largest_event",)  # of four years: larger than that of one
ALSO_USED = ("events_all",)
UNIDENTIFIED = "unidentified"
SAMPLE_SEED = 0
FILE = "posterior_2017_2020.csv"


def used_statistics() -> tuple[str, ...]:
    """Names of the statistics that parameters are learnt from."""
    return tuple(
        s.name for s in STATISTICS if s.name in ALSO_USED or (s.group in GROUPS_USED and s.name not in NOT_USED)
    )


def transforms() -> dict[str, Transform]:
    """Scales between the ends of the priors' support, so that an adjusted draw stays inside."""
    found = {}
    for name, declared in declarations(Parameters).items():
        prior = declared.prior
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
        return tuple(name for name, verdict in self.verdicts.items() if not verdict.startswith(UNIDENTIFIED))

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
