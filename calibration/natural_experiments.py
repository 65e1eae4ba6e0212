"""Two natural experiments done again in the model, and held against what their studies found; nothing is fitted.

The border of Mali and Burkina Faso (Nomikos 2021) becomes a pseudo-border (:mod:`calibration.pseudo_border`). Entry and
exit of peacekeepers in half-degree cells (Kunkel, Atkinson, Dudley & Warner) become temporary operating bases that one
arm has and the other has not: the difference under common draws is the truth in the model, and the study's own kind of
estimator, applied inside the arm with bases, shows what it makes of that truth where bases go to where violence is.

``python -m calibration.natural_experiments`` does both and prints them.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from abm.draws import DRAWS
from abm.geography import build_grid
from abm.scenario import Scenario
from abm.simulation import simulate
from calibration.event_panels import Floats, Panel, attempts, month_starts, panel
from calibration.half_degree import (
    Span,
    bases_by_month,
    entries,
    exits,
    half_degrees,
    never_entered,
    paired,
    staggered,
)
from calibration.natural_section import as_section as as_section
from calibration.pseudo_border import (
    CELL_KM,
    COVERED,
    SMALL_KM,
    border_zone,
    chances,
    run_with_presence,
    violence,
)
from calibration.published_effects import (
    AFTER_EXIT,
    BORDER,
    ENTRY,
    EXIT,
    LOCAL,
    POINTS,
    RELATIVE,
    SHARE,
    EffectLine,
    NaturalExperiments,
    Published,
    effect_line,
    ratio,
    ratio_values,
)
from runs.design import Design
from runs.parallel import Tick, run_all
from runs.phrases import number, percent
from runs.terminal import console, progress, show

REPLICATES = 500
FEWEST = 4  # two draws of two seeds, so that two variances can be told apart

# Sets of border cells, and the two outcomes of each.
ZONE, WHERE_COVERED, ZONE_SMALL = range(3)
SET_WORDS = (f"all cells of {CELL_KM} km", f"cells with UN presence above {COVERED:g}", f"all cells of {SMALL_KM} km")
ANY, ONSET = range(2)
OUTCOME_WORDS = ("any communal violence", "onset of communal violence")
WITH_UN, WITHOUT_UN, WITHOUT_NEAR_BASE = range(3)
# Beside the outcomes of two arms: cells of a set, and presence summed over the violence that there is without the UN.
CELLS, PRESENCE = range(2)
# Set, outcome, the arm that the UN's is held against, and whether the effect is read as percentage points.
BORDER_LINES = (
    (ZONE, ONSET, WITHOUT_UN, False),
    (WHERE_COVERED, ONSET, WITHOUT_UN, False),
    (ZONE_SMALL, ONSET, WITHOUT_UN, False),
    (ZONE, ANY, WITHOUT_UN, False),
    (WHERE_COVERED, ANY, WITHOUT_UN, False),
    (WHERE_COVERED, ONSET, WITHOUT_UN, True),
    (ZONE, ONSET, WITHOUT_NEAR_BASE, False),
)  # fmt: skip

ENTRY_MONTHS = 36
# When the companies come is not the question: they are there after half a year in every draw.
SOON = {"generation_months": 6.0, "pledge_factor": 1.0}


# --- what is run ------------------------------------------------------------------------------------------------------


def plan(replicates: int) -> tuple[int, int]:
    """Draws and seeds whose product is the fewest replicates that are at least as many as wanted.

    Raises:
        ValueError: fewer than four replicates are wanted.
    """
    if replicates < FEWEST:
        raise ValueError(f"replicates: expected at least {FEWEST} (found {replicates})")
    seeds = max(2, math.ceil(replicates / DRAWS))
    return math.ceil(replicates / seeds), seeds


def border_design(draws: int, seeds: int, seed: int = 0) -> Design:
    """2020 again: without the UN (the control), with it, and with it but for the base at Ogossagou."""
    history = Scenario.load("history-2020")
    without = history.changed(name="history-without-un", un={"present": False})
    away = history.changed(name="history-without-ogossagou", un={"hold_ogossagou": False})
    return Design(without, (history, away), draws, seeds, seed)


def entry_design(draws: int, seeds: int, seed: int = 0) -> Design:
    """Mobile companies of the package, the land for them permitted at once, against none."""
    package = Scenario.load("extra-tobs")
    mobile = [unit.model_dump() for unit in package.package.units if unit.mobile]
    first = package.start
    entry = package.changed(months=ENTRY_MONTHS, package={"decision": first, "permission": first, "units": mobile})
    control = Scenario.load("baseline-2021").changed(months=ENTRY_MONTHS)
    return Design(control, (entry,), draws, seeds, seed, dict(SOON))


def border_replicate(design: Design, draw: int, seed: int, tick: Tick) -> Floats:
    """Expected cell-months by arm, set and outcome; then cells of each set and summed presence: (3, 3, 3)."""
    without, history, away = (design.in_world(arm, draw) for arm in design.arms)
    parameters, run_seed = design.parameters(draw), design.run_seed(draw, seed)
    with_un, presence = run_with_presence(history, parameters, run_seed, tick)
    others = [simulate(arm, parameters, seed=run_seed, progress=tick) for arm in (without, away)]
    zone, small_zone = border_zone(CELL_KM), border_zone(SMALL_KM)
    covered = zone & (presence > COVERED)
    by_set = ((CELL_KM, zone, presence), (CELL_KM, covered, presence), (SMALL_KM, small_zone, in_small_cells(presence)))
    found = np.zeros((3, 3, 3))
    for arm, records in enumerate((with_un, *others)):
        of_size = {size: violence(records, size) for size in (CELL_KM, SMALL_KM)}
        found[arm, :, :2] = [chances(of_size[size], where) for size, where, _ in by_set]
        if arm == WITHOUT_UN:
            found[PRESENCE, :, 2] = [
                of_size[size].expected_any[where].sum(axis=1) @ p[where] for size, where, p in by_set
            ]
    found[CELLS, :, 2] = [where.sum() for _, where, _ in by_set]
    return found


def in_small_cells(presence: Floats) -> Floats:
    """Presence in small cells: that of the large cell each lies in."""
    small = build_grid(SMALL_KM)
    return presence[build_grid(CELL_KM).cells_of(small.x, small.y)]


def entry_replicate(design: Design, draw: int, seed: int, tick: Tick) -> Floats:
    """Truth, estimate and level of each line of LOCAL, and cell-months of the truth and the estimate: (lines, 5)."""
    parameters, run_seed = design.parameters(draw), design.run_seed(draw, seed)
    control, entry = (
        simulate(design.in_world(arm, draw), parameters, seed=run_seed, progress=tick) for arm in design.arms
    )
    cells = half_degrees()
    starts = month_starts(control.first_day, design.control.months)
    with_base, before = (bases_by_month(cells, records.operations, starts) for records in (entry, control))
    never = never_entered(with_base, before, cells.usable)
    entered = entries(with_base, before, cells.usable)
    spans: dict[str, list[Span]] = {ENTRY: entered, EXIT: exits(entered, with_base, before, AFTER_EXIT)}

    def panels(kinds: tuple[str, ...]) -> list[Panel]:
        tried = [attempts(records, kinds) for records in (entry, control)]
        return [panel(t, cells.of(t.x, t.y), cells.gid.size, starts) for t in tried]

    by_kinds = {kinds: panels(kinds) for kinds in {line.kinds for line in LOCAL}}
    rows = []
    for line in LOCAL:
        treated, other = by_kinds[line.kinds]
        expected = [getattr(p, f"expected_{line.measure}") for p in (treated, other)]
        counted = getattr(treated, line.measure)
        if line.around:
            expected, counted = [cells.around(values) for values in expected], cells.around(counted)
        where = spans[line.experiment]
        truth = paired(expected[0] - expected[1], where, against_before=line.experiment == EXIT)
        level = paired(expected[1], where, against_before=False)
        seen = staggered(counted, where, never)
        rows.append((truth.total, seen.total, level.total, truth.months, seen.months))
    return np.array(rows, np.float64)


def re_enact(
    replicates: int = REPLICATES,
    seed: int = 0,
    workers: int | None = None,
    done: Callable[[], object] | None = None,
) -> NaturalExperiments:
    """Do both experiments again.

    Args:
        replicates: pairs of runs of each experiment, at least; draws of parameters × seeds.
        seed: seed of the whole: other draws, worlds and runs.
        workers: threads; the cores by default. The result is the same for any number.
        done: called each time a replicate of one experiment is done, so twice as often as there are replicates.

    Raises:
        ValueError: fewer than four replicates.
        ScenarioError: the seed is out of range, or more draws or seeds are needed than there are.
    """
    draws, seeds = plan(replicates)
    designs = border_design(draws, seeds, seed), entry_design(draws, seeds, seed)
    replicate = border_replicate, entry_replicate
    # Draw after draw: each has a synthetic world of its own, and only a few worlds are kept.
    tasks = list(product(range(draws), range(2), range(seeds)))

    def one(task: tuple[int, int, int], tick: Tick) -> Floats:
        draw, which, number = task
        tick(0)
        return replicate[which](designs[which], draw, number, tick)

    found = dict(zip(tasks, run_all(one, tasks, workers, done), strict=True))
    border, entry = (
        np.array([[found[draw, which, number] for number in range(seeds)] for draw in range(draws)])
        for which in range(2)
    )
    lines = (*border_lines(border, designs[0].control.months), *entry_lines(entry))
    return NaturalExperiments(lines, draws, seeds)


# --- what it says -----------------------------------------------------------------------------------------------------


def border_lines(found: Floats, months: int) -> list[EffectLine]:
    """Lines of the pseudo-border from replicates (K, S, 3, 3, 3) of :func:`border_replicate` over so many months."""
    lines = []
    for where, outcome, arm, points in BORDER_LINES:
        with_un, without = found[:, :, WITH_UN, where, outcome], found[:, :, arm, where, outcome]
        cells, presence = found[:, :, CELLS, where, 2], found[:, :, PRESENCE, where, 2]
        exposed = cells * (months - 1 if outcome == ONSET else months)
        values = ratio_values(with_un - without, exposed if points else without)
        near = ", for the base at Ogossagou alone" if arm == WITHOUT_NEAR_BASE else ""
        published = Published(
            BORDER,
            f"{OUTCOME_WORDS[outcome]}, {SET_WORDS[where]}{near}",
            POINTS if points else SHARE,
            RELATIVE,
            math.nan,
        )
        level = ratio(without, exposed)
        there = ratio(presence, found[:, :, WITHOUT_UN, where, ANY])
        note = f"UN presence where violence is without the UN: mean {number(there, 2)}"
        if points:
            note += f"; read as percentage points, the published number would be {times(RELATIVE, level)}"
        elif arm == WITHOUT_UN:
            per_presence = float(values.mean()) / there
            note += f"; in proportion, full presence would make it {percent(per_presence, signed=True)}"
        else:
            note += "; without the base, the company that holds it works elsewhere"
        lines.append(effect_line(published, values, None, level, note))
    return lines


def entry_lines(found: Floats) -> list[EffectLine]:
    """Lines of entry and exit from replicates (K, S, lines, 5) of :func:`entry_replicate`."""
    lines = []
    for row, published in enumerate(LOCAL):
        truth, seen, level, months, seen_months = np.moveaxis(found[:, :, row], -1, 0)
        usual = ratio(level, months)
        note = f"the published number would be {times(published.value, usual)}"
        lines.append(effect_line(published, ratio_values(truth, months), ratio_values(seen, seen_months), usual, note))
    return lines


def times(value: float, level: float) -> str:
    """A published change as a share of the model's level, in words."""
    if level <= 0.0:
        return "a change of nothing"
    return f"{percent(value / level, signed=True)} of the model's level" + (
        ", more than there is" if value < -level else ""
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Do both experiments and print them; exit code 2 for a number out of range."""
    parser = argparse.ArgumentParser(prog="python -m calibration.natural_experiments", description=__doc__)
    parser.add_argument("--replicates", type=int, default=REPLICATES, help="pairs of runs of each experiment, at least")
    parser.add_argument("--seed", type=int, default=0, help="seed of the whole")
    parser.add_argument("--workers", type=int, default=None, help="threads; the cores by default")
    given = parser.parse_args(arguments)
    try:
        draws, seeds = plan(given.replicates)
        with progress("replicates", 2 * draws * seeds) as done:
            result = re_enact(given.replicates, given.seed, given.workers, done)
    except ValueError as error:  # a ScenarioError among them
        print(error, file=sys.stderr)
        return 2
    show([as_section(result)], console())
    return 0


if __name__ == "__main__":
    sys.exit(main())
