"""When units arrive: pledges, agreements and transport take time, and Mopti-Sévaré has no land to spare."""

from __future__ import annotations

from datetime import date

from abm.calendar import DAYS_PER_MONTH, day_of
from abm.parameters import Parameters
from abm.scenario import PackageLevers, Scenario, UnitLine

NEVER = -1
# Beyond this, land counts as never permitted (assumption): the calendar of a comparison has to end somewhere.
LONGEST_WAIT_MONTHS = 72


def generated_day(decision: int, hospital: int | None, months: float, pledge_factor: float) -> int:
    """Day on which units are ready to come.

    Until the hospital opens (None: never), pledges come `pledge_factor` times as slowly: contributors want a level-2
    hospital.
    """
    days = months * DAYS_PER_MONTH
    if hospital is None:
        return decision + round(days * pledge_factor)
    before = max(0, hospital - decision)
    done_before = before / pledge_factor
    if done_before >= days:
        return decision + round(days * pledge_factor)
    return decision + round(before + days - done_before)


def permission_day(package: PackageLevers, months: float) -> int:
    """Day on which more land is permitted at Mopti-Sévaré, or NEVER; `months` count only where the day is drawn."""
    if package.permission == "never":
        return NEVER
    if isinstance(package.permission, date):
        return day_of(package.permission)
    if months > LONGEST_WAIT_MONTHS:
        return NEVER
    return day_of(package.decision) + round(months * DAYS_PER_MONTH)


def optional_day(when: date | str) -> int | None:
    """Number of a day, or None for a lever that says "never"."""
    return day_of(when) if isinstance(when, date) else None


def ready_day(line: UnitLine, scenario: Scenario, parameters: Parameters) -> int:
    """Day on which a line of the package could come if there were room for it."""
    ready = generated_day(
        day_of(scenario.package.decision),
        optional_day(scenario.un.hospital_opens),
        parameters.generation_months,
        parameters.pledge_factor,
    )
    return ready if line.earliest is None else max(ready, day_of(line.earliest))


def waits_for_land(line: UnitLine) -> bool:
    """Whether a line goes to Mopti-Sévaré, whose camp is full, and needs land there."""
    return line.needs_land and line.base == "Sévaré"


def arrival_days(scenario: Scenario, parameters: Parameters) -> list[tuple[UnitLine, int]]:
    """Every unit of the package, in order, with the day on which it is there, or NEVER.

    Units that need land at Mopti-Sévaré fill the spare places of the camp first, as they are ready and then in the
    order of the package; the others wait until the authorities permit more land. Accountability may cost the host's
    consent and delay that.
    """
    package = scenario.package
    months = parameters.permission_months + scenario.accountability.permission_penalty_months
    permitted, places = permission_day(package, months), package.spare_places
    lines = [line for line in package.units for _ in range(line.units)]
    ready = [ready_day(line, scenario, parameters) for line in lines]
    days = list(ready)
    # Spare places go to those who are ready first; a sorted list keeps the order of the package among equals.
    for unit in sorted(range(len(lines)), key=lambda unit: ready[unit]):
        if not waits_for_land(lines[unit]):
            continue
        if lines[unit].heads <= places:
            places -= lines[unit].heads
        else:
            days[unit] = NEVER if permitted == NEVER else max(ready[unit], permitted)
    return list(zip(lines, days, strict=True))
