"""Which arm answers which question: arms are known by their levers, not by their names."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario import Scenario
from runs.design import Design, Factorial

# Whether new troops may leave their camps, and go farther with doctors.
MOBILE, CAMP_BOUND, WITH_MEDICS = range(3)


@dataclass(frozen=True)
class Roles:
    """Names of the arms that each part of an answer needs; None or empty where there is no such arm."""

    package: str | None
    camp_bound: str | None
    medics: str | None
    allocations: tuple[str, ...]
    conditions: tuple[str, ...]
    strategy: str | None
    accountability: str | None
    package_with_strategy: Factorial | None


def roles(design: Design) -> Roles:
    """The arms of a design by what they differ in.

    ``package`` brings mobile units and changes nothing else; ``camp_bound`` and ``medics`` are like it, but none of the
    new units is mobile, or mobile ones have medical teams; ``allocations`` bring the same units and place bases
    otherwise; ``conditions`` bring the same units where something else of the force differs.
    """
    alone = {factor: [arm for arm in design.treated if design.factors_of(arm) == (factor,)] for factor in
             ("package", "accountability", "strategy")}  # fmt: skip
    same_terms = [arm for arm in alone["package"] if _brings_units_alone(arm, design.control)]
    package = _first(same_terms, MOBILE)
    like = [
        arm for arm in alone["package"] if package and arm != package and arm.package.units == package.package.units
    ]
    return Roles(
        package=_name(package),
        camp_bound=_name(_first(same_terms, CAMP_BOUND)),
        medics=_name(_first(same_terms, WITH_MEDICS)),
        allocations=tuple(arm.name for arm in like if package and _places_otherwise(arm, package)),
        conditions=tuple(arm.name for arm in like if package and not _places_otherwise(arm, package)),
        strategy=_name(alone["strategy"][0] if alone["strategy"] else None),
        accountability=_name(alone["accountability"][0] if alone["accountability"] else None),
        package_with_strategy=next(
            (f for f in design.factorials if f.factors == ("package", "strategy") and f.first == _name(package)), None
        ),
    )


def heads(arm: Scenario, mobile_only: bool = False) -> int:
    """People of a package, or those of its mobile units."""
    return sum(line.units * line.heads for line in arm.package.units if line.mobile or not mobile_only)


def _name(arm: Scenario | None) -> str | None:
    return arm.name if arm is not None else None


def _first(arms: list[Scenario], kind: int) -> Scenario | None:
    return next((arm for arm in arms if kind_of(arm) == kind), None)


def kind_of(arm: Scenario) -> int:
    """What new troops may do: stay in their camps, leave them, or leave them with medical teams."""
    mobile = [line for line in arm.package.units if line.mobile]
    if not mobile:
        return CAMP_BOUND
    return WITH_MEDICS if any(line.medical_team for line in mobile) else MOBILE


def _brings_units_alone(arm: Scenario, control: Scenario) -> bool:
    """Whether an arm adds units on the control's terms: same dates, permission and use of the force."""
    same_terms = arm.package.model_copy(update={"units": control.package.units}) == control.package
    return same_terms and arm.un == control.un and bool(arm.package.units)


def _places_otherwise(arm: Scenario, package: Scenario) -> bool:
    """Whether an arm has the same package and force, and differs in where bases go."""
    where = {"allocation": package.un.allocation, "tob_sites": package.un.tob_sites}
    return arm.package == package.package and arm.un != package.un and arm.un.model_copy(update=where) == package.un
