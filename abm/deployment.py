"""When units arrive: pledges, agreements and transport take time, and Mopti-Sévaré has no land to spare."""

from __future__ import annotations

from datetime import date

from abm.calendar import DAYS_PER_MONTH, day_of
from abm.parameters import Parameters
from abm.scenario import PackageLevers, Scenario, UnitLine

NEVER = -1
# Beyond this, land counts as never permitted (assumption): the calendar of a comparison has to end somewhere.
LONGEST_WAIT_MONTHS = 72


def generated_day(decision: int, hospital: int, months: float, pledge_factor: float) -> int:
    """Day on which units are ready to come.

    Until the hospital opens, pledges come `pledge_factor` times as slowly: contributors want a level-2 hospital.
    """
    days = months * DAYS_PER_MONTH
    before = max(0, hospital - decision)
    done_before = before / pledge_factor
    if done_before >= days:
        return decision + round(days * pledge_factor)
    return decision + round(before + days - done_before)


def permission_day(package: PackageLevers, months: float) -> int:
    """Day on which more land is permitted at Mopti-Sévaré, or NEVER."""
    if package.permission == "never":
        return NEVER
    if isinstance(package.permission, date):
        return day_of(package.permission)
    if months > LONGEST_WAIT_MONTHS:
        return NEVER
    return day_of(package.decision) + round(months * DAYS_PER_MONTH)


def arrival_day(line: UnitLine, scenario: Scenario, parameters: Parameters) -> int:
    """Day on which a line of the package is there, or NEVER."""
    package = scenario.package
    ready = generated_day(
        day_of(package.decision),
        day_of(scenario.un.hospital_opens),
        parameters.generation_months,
        parameters.pledge_factor,
    )
    if not (line.needs_land and line.base == "Sévaré"):
        return ready
    permitted = permission_day(package, parameters.permission_months)
    return NEVER if permitted == NEVER else max(ready, permitted)
