"""Structural variants of the model, and a comparison under each: does its conclusion depend on the structure?

A variant holds parameters that draws leave alone or vary around another value. Everything else is as in the comparison:
arms, draws, worlds, seeds, rules of the clock. The model as shipped is one of the variants, at the same size as the
others, so that like is compared with like.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from runs.analysis import HEADLINES, Difference, difference
from runs.compare import Comparison, compare
from runs.design import Design, after_clock
from runs.inputs import InputError

DRAWS = 8  # of each variant, unless told otherwise: with 4 seeds and 8 arms some 5 minutes on two cores for all of them

# What conclusions are about: expected numbers, which have the same means as counts and far less noise.
CONCLUSIONS = ("expected_civilian_attacks", "expected_civilian_deaths", "expected_intercommunal_events")
KEPT = tuple(dict.fromkeys((*CONCLUSIONS, *HEADLINES)))

# Log per remembered attack (assumption). Over the months that attacks are remembered, one attack on a community brings
# this times its militia's usual number of remembered attacks in return. Over 8 draws of baseline-2021 without the
# variant that number was 33 in Koro, 13 in Bandiagara and 8 in Bankass: .02 makes .67, .27 and .17 attacks of one, and
# above 1/33 the feud of Koro would stop at its bounds only. One standard deviation of remembered attacks (12, 9 and 5)
# multiplies a militia's own attacks by 1.28, 1.19 and 1.10.
SLOW_GRIEVANCE = 0.02


class Variant(NamedTuple):
    """What a variant says, for a reader who is no modeller, and the parameters that it holds."""

    sentence: str
    fixed: Mapping[str, Any]


AS_SHIPPED = "as shipped"
VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        AS_SHIPPED: Variant("The model as the rest of this report has it.", {}),
        "without raid series": Variant(
            "No attack brings others in the days after it; bands make as many more attempts of their own.",
            {"n_same": 0.0, "n_cross": 0.0},
        ),
        "slow grievance": Variant(
            "What one community suffered from another over many months makes its self-defence militias attack more.",
            {"slow_grievance": SLOW_GRIEVANCE},
        ),
        "without drift": Variant(
            "Levels of violence do not wander from month to month; only seasons and what happens move them.",
            {"drift_step": 0.0},
        ),
        "Fulani self-defence half under Katiba Macina": Variant(
            "Half of the Fulani self-defence bands are in truth under Katiba Macina: no agreement, disarmament or "
            "sanction reaches them.",
            {"fulani_overlap": 0.5},
        ),
        "Fulani self-defence all under Katiba Macina": Variant(
            "All Fulani self-defence bands are in truth under Katiba Macina.", {"fulani_overlap": 1.0}
        ),
    }
)


@dataclass(frozen=True)
class UnderVariants:
    """What each variant says of each arm: `differences[variant]` has those of KEPT in all windows from the clock.

    ``draws`` × ``seeds`` runs of each arm; ``held[variant]`` is what a variant holds beyond what the comparison does.
    """

    draws: int
    seeds: int
    held: Mapping[str, Mapping[str, Any]]
    differences: Mapping[str, tuple[Difference, ...]]

    def of(self, variant: str, arm: str, window: str, key: str) -> Difference:
        """One difference."""
        return next(d for d in self.differences[variant] if (d.arm, d.window, d.key) == (arm, window, key))


def draws_of_variants(design: Design, wanted: bool, asked: int | None = None) -> int:
    """Draws of each variant: as many as asked for, else DRAWS, else all that the comparison has; 0 if none is wanted.

    Raises:
        InputError: fewer than two, more than the comparison has, or some although no variants are wanted.
    """
    if not wanted:
        if asked is not None:
            raise InputError("--variant-draws: only with --variants")
        return 0
    if asked is not None and not 2 <= asked <= design.draws:
        raise InputError(f"--variant-draws: expected 2 to {design.draws}, the draws of the comparison (found {asked})")
    return asked if asked is not None else min(DRAWS, design.draws)


def request_of_variants(draws: int) -> dict[str, Any]:
    """What is asked for with variants of so many draws: part of what makes two results the same."""
    return {"draws": draws, "held": {name: dict(variant.fixed) for name, variant in VARIANTS.items()}}


def replicates_of_variants(design: Design, draws: int) -> int:
    """How many replicates are run beyond the comparison's own."""
    return (len(VARIANTS) - 1) * draws * design.seeds


def first_draws(comparison: Comparison, draws: int) -> Comparison:
    """A comparison of the first draws only: to the bit what running them alone would give."""
    return replace(
        comparison,
        design=comparison.design.part(draws),
        values={key: values[:draws] for key, values in comparison.values.items()},
        clock=comparison.clock[:draws],
        courses={key: values[:draws] for key, values in comparison.courses.items()},
        rings={arm: counts[:draws] for arm, counts in comparison.rings.items()},
    )


def kept_differences(comparison: Comparison) -> tuple[Difference, ...]:
    """Differences of all arms in the outcomes of KEPT, in the windows from clock zero."""
    windows = [after_clock(months) for months in comparison.design.months]
    arms = [arm.name for arm in comparison.design.treated]
    return tuple(difference(comparison, arm, window, key) for arm in arms for window in windows for key in KEPT)


def under_variants(
    comparison: Comparison, draws: int, workers: int | None = None, done: Callable[[], object] | None = None
) -> UnderVariants:
    """Run the first draws of a comparison again under every variant, one variant after the other.

    Only differences are kept of each. The model as shipped need not run again: its runs are the comparison's.

    Args:
        comparison: arms, parameters held, seeds.
        draws: K of its draws, as of :func:`draws_of_variants`.
        workers: threads; the cores by default.
        done: called each time a replicate (one run of each arm) is done.
    """
    design = comparison.design
    found = {AS_SHIPPED: kept_differences(first_draws(comparison, draws))}
    for name, variant in VARIANTS.items():
        if name != AS_SHIPPED:
            found[name] = kept_differences(compare(design.part(draws, variant.fixed), workers, done))
    return UnderVariants(draws, design.seeds, {name: v.fixed for name, v in VARIANTS.items()}, found)
