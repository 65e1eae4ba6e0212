"""Natural experiments: panels and the pseudo-border by hand, small worlds with known truths, and the words."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from engine import assert_close_in_law, used

from abm import Parameters, Records, Scenario, simulate
from abm.geography import build_grid, cercle_index, fine_cells
from abm.kinds import INTERCOMMUNAL_KINDS, KINDS, PREVENTED, REALISED, REALISED_ELSEWHERE
from abm.presence import un_presence
from abm.scenario import ScenarioError
from abm.simulation import Simulation
from abm.tables import EVENTS, OPERATIONS, UNITS_ARRIVED, VILLAGES, Table
from calibration.event_panels import NO_PLACE, attempts, month_starts, panel
from calibration.half_degree import (
    half_degrees,
)
from calibration.natural_experiments import (
    ANY,
    CELLS,
    ONSET,
    PRESENCE,
    SOON,
    WHERE_COVERED,
    WITH_UN,
    WITHOUT_UN,
    ZONE,
    ZONE_SMALL,
    as_section,
    border_design,
    border_replicate,
    entry_design,
    entry_replicate,
    main,
    plan,
    re_enact,
)
from calibration.pseudo_border import BORDER_KM, border_zone, frontier, presence_now, run_with_presence, violence
from calibration.published_effects import (
    ENTRY,
    EXIT,
    LOCAL,
    NORMAL_90,
    REBELS,
    EffectLine,
    NaturalExperiments,
    Published,
    effect_line,
    overlap,
    published_interval,
    ratio_values,
)
from runs.design import Design

# Sévaré, from where units come, and where they go.
SMALL = {"cercles": ("Mopti", "Bandiagara", "Koro", "Bankass")}
FREE = {"delta_un": 0.0, "delta_un_abuse": 0.0, "p_warning": 0.0, "report_presence": 0.0}
STRONG = {"delta_un": 0.9, "p_warning": 0.0, "displacement_share": 0.0, "presence_km": 25.0, "base_presence": 0.95}
ANYWHERE = {"ground_medical_km": 200.0, "air_medical_km": 200.0, "clinic_factor": 1.0}


def no_tick(_day: int) -> None:
    """Nobody gives up."""


# --- panels -----------------------------------------------------------------------------------------------------------


def log(dtype: np.dtype[np.void], *rows: dict[str, float]) -> Table:
    table = np.zeros(len(rows), dtype)
    for number, row in enumerate(rows):
        for name, value in row.items():
            table[name][number] = value
    return table


def made(events: Table, villages: Table) -> Records:
    small = Scenario.load("baseline-2021")
    empty = np.zeros(0, OPERATIONS)
    return Records(small, Parameters(), 0, 0, 90, -1, events, empty, empty, villages, empty, empty)


def test_candidates_are_counted_and_expected_by_place_and_month() -> None:
    jihadists = KINDS.index("civilians_by_jihadists")
    common = {"kind": jihadists, "stands": 0.5, "mean_deaths": 4.0}
    events = log(
        EVENTS,
        {**common, "day": 3, "x": 1, "outcome": PREVENTED},
        {**common, "day": 4, "x": 1, "outcome": REALISED, "deaths": 7, "stands": 0.8},
        {**common, "day": 5, "x": 1, "outcome": PREVENTED, "stands": 0.9},
        # Tried at village 1 (x = 2), happened at x = 1, in the second month.
        {**common, "day": 40, "x": 1, "outcome": REALISED_ELSEWHERE, "elsewhere_from": 1, "village": 0, "deaths": 2},
        {**common, "day": 41, "x": 1, "outcome": REALISED, "kind": jihadists + 1},
        {**common, "day": 99, "x": 1, "outcome": REALISED},
        {**common, "day": 50, "x": 9, "outcome": REALISED},
    )
    tried = attempts(made(events, log(VILLAGES, {"x": 1}, {"x": 2})), KINDS[jihadists : jihadists + 1])
    assert tried.x.tolist() == [1, 1, 1, 2, 1, 1, 9]
    assert tried.counted.tolist() == [0, 1, 0, 0, 1, 1, 1]
    assert tried.expected.tolist() == [0.5, 0.8, 0.9, 0.5, 1.0, 0.5, 0.5]
    place = np.where(tried.x < 9, tried.x.astype(np.int64), NO_PLACE)
    found = panel(tried, place, 3, np.array([0, 30, 60]))
    assert found.events.tolist() == [[0, 0], [1, 1], [0, 0]]
    assert found.any.tolist() == [[0, 0], [1, 1], [0, 0]]
    assert found.deaths.tolist() == [[0, 0], [7, 2], [0, 0]]
    assert found.expected_events == pytest.approx(np.array([[0, 0], [2.2, 1.0], [0, 0.5]]))
    # The third candidate came when the month had its event: it adds nothing to the chance of any.
    assert found.expected_any == pytest.approx(np.array([[0, 0], [1.3, 1.0], [0, 0.5]]))
    assert found.expected_deaths == pytest.approx(np.array([[0, 0], [8.8, 4.0], [0, 2.0]]))


@pytest.mark.statistical
def test_what_is_expected_has_the_mean_of_what_is_counted() -> None:
    # Both differences are sums of a martingale whose variance is known: one false alarm in a million for each.
    arm = Scenario.load("history-2020").changed(world=SMALL, months=4)
    any_of, events, variance = np.zeros(2), np.zeros(2), np.zeros(2)
    for seed in range(10):
        records = simulate(arm, seed=seed)
        tried = attempts(records, KINDS[:7])
        cells = half_degrees()
        found = panel(tried, cells.of(tried.x, tried.y), cells.gid.size, month_starts(records.first_day, 4))
        any_of += found.any.sum(), found.expected_any.sum()
        events += found.events.sum(), found.expected_events.sum()
        chance = tried.expected * (1.0 - tried.expected)
        variance += chance.sum(), chance.sum()
    assert any_of[0] > 100 < events[0]
    assert_close_in_law(events[0], events[1], variance[1])
    # Fewer candidates count for "any": this variance is more than enough, and the false alarm rarer.
    assert_close_in_law(any_of[0], any_of[1], variance[0])


# --- the pseudo-border ------------------------------------------------------------------------------------------------


CROSS = ((2.0, 0.0), (-2.0, 0.0), (0.0, 2.0), (0.0, -2.0))
CERCLES = [cercle_index(name) for name in ("Koro", "Bankass")]


def test_beyond_the_frontier_is_no_cell_of_the_region() -> None:
    ends, grid = frontier(), build_grid(5)
    assert len(ends) > 50
    sides = np.array([[grid.cell_of(x + dx, y + dy) >= 0 for dx, dy in CROSS] for x, y in ends.tolist()])
    assert (sides.any(axis=1) & ~sides.all(axis=1)).all()  # one side inside, one out
    # Burkina Faso lies to the east: no place of the two cercles is farther that way than the frontier.
    assert ends[:, 0].max() == pytest.approx(5.0 * (fine_cells().ix[np.isin(fine_cells().cercle, CERCLES)].max() + 1))


@pytest.mark.parametrize("size", [5, 10])
def test_the_border_zone_is_near_the_border(size: int) -> None:
    zone, grid, ends = border_zone(size), build_grid(size), frontier()
    assert {int(c) for c in grid.cercle[zone]} == set(CERCLES)
    km = np.array([np.hypot(ends[:, 0] - x, ends[:, 1] - y).min() for x, y in zip(grid.x, grid.y, strict=True)])
    ours = np.isin(grid.cercle, CERCLES)
    assert np.array_equal(zone, ours & (km <= BORDER_KM))
    assert 0 < (ours & ~zone).sum() < zone.sum()


def test_presence_is_that_of_the_model() -> None:
    simulation = Simulation(Scenario.load("history-2020").changed(world=SMALL), seed=1)
    q = simulation.parameters
    simulation.advance(150)
    day, cells = simulation.day - 1, simulation.world.cells
    found = presence_now(cells, day, q)
    plain = un_presence.py_func  # type: ignore[attr-defined]  # phases are called from compiled code only
    fading = q.patrol_effect_days, q.persistence_days
    by_model = [plain(simulation.world, cell, day, *fading) for cell in range(cells.size)]
    assert found == pytest.approx(by_model, abs=1e-9)
    assert max(by_model) > 0.5


def test_a_run_watched_every_day_is_the_same_run() -> None:
    arm = Scenario.load("history-2020").changed(world=SMALL, months=2)
    records, presence = run_with_presence(arm, Parameters(), 3, no_tick)
    assert records.fingerprint() == simulate(arm, seed=3).fingerprint()
    assert presence.shape == (build_grid(10).n,)
    assert presence[border_zone(10)].max() > 0.1
    found = violence(records, 10)
    counted = records.realised
    there = build_grid(10).cells_of(counted["x"], counted["y"])
    communal = np.isin(counted["kind"], [KINDS.index(kind) for kind in INTERCOMMUNAL_KINDS])
    assert found.events.sum() == (communal & border_zone(10)[there]).sum() > 0


# --- small worlds -----------------------------------------------------------------------------------------------------


def small_design(design: Design, length: int, **fixed: Any) -> Design:
    control, *treated = (arm.changed(world=SMALL, months=length) for arm in design.arms)
    return dataclasses.replace(design, control=control, treated=tuple(treated), fixed={**design.fixed, **fixed})


def test_without_any_effect_of_presence_both_sides_are_the_same() -> None:
    found = border_replicate(small_design(border_design(2, 2), 6, **FREE), 0, 0, no_tick)
    assert found[WITH_UN, ZONE, ANY] > 1.0
    assert np.array_equal(found[WITH_UN, :, :2], found[WITHOUT_UN, :, :2])


def test_strong_presence_shows_at_the_border() -> None:
    design = small_design(border_design(2, 2), 12, **STRONG, **ANYWHERE)
    found = sum(border_replicate(design, draw, 0, no_tick) for draw in range(2))
    # Presence where violence is lies between none and full, and is no less where cells are chosen for it.
    there = found[PRESENCE, :, 2] / found[WITHOUT_UN, :, ANY]
    assert 0.0 < there[ZONE] < there[WHERE_COVERED] < 1.0
    assert there[ZONE_SMALL] == pytest.approx(there[ZONE], abs=0.05)
    assert found[CELLS, :2, 2].tolist() == sorted(found[CELLS, :2, 2], reverse=True)
    for outcome in (ANY, ONSET):
        assert found[WITH_UN, ZONE, outcome] < 0.8 * found[WITHOUT_UN, ZONE, outcome]


@pytest.mark.parametrize("draw", [0, 1])
def test_without_any_effect_of_presence_the_paired_effects_are_zero(draw: int) -> None:
    design = small_design(entry_design(2, 2), 24, **FREE)
    truth, _, level, lengths, _ = entry_replicate(design, draw, 0, no_tick).T
    assert (lengths > 0).all()
    assert (level[[line.kinds == REBELS for line in LOCAL]] > 0).all()
    assert truth.tolist() == [0.0] * len(LOCAL)


def test_a_strong_effect_has_its_sign() -> None:
    design = small_design(entry_design(2, 2), 24, **STRONG, **ANYWHERE)
    total = sum(entry_replicate(design, draw, seed, no_tick) for draw in range(2) for seed in range(2))
    truth = dict(zip([(line.experiment, line.effect) for line in LOCAL], total[:, 0] / total[:, 3], strict=True))
    assert truth[ENTRY, "any attack by rebels, same cell"] < -0.05
    assert truth[ENTRY, "attacks by rebels, 8 cells around"] < 0.0
    assert truth[EXIT, "any attack by rebels, same cell"] > 0.0


def test_the_extra_companies_are_there_after_half_a_year_and_nothing_else_differs() -> None:
    design = entry_design(2, 2)
    (entry,) = design.treated
    assert {unit.type for unit in entry.package.units} == {"quick_reaction"}
    same = {"name": "entry", "title": "", "package": design.control.package}
    assert entry.model_copy(update=same) == design.control.model_copy(update=same)
    assert design.parameters(0).generation_months == SOON["generation_months"]
    simulation = Simulation(small_design(design, 12).treated[0], design.parameters(0), seed=1)
    simulation.advance(250)
    arrived = used(simulation, "operations")
    arrived = arrived[arrived["what"] == UNITS_ARRIVED]
    assert arrived.size == sum(unit.units for unit in entry.package.units)
    assert ((arrived["day"] - simulation.first_day >= 180) & (arrived["day"] - simulation.first_day <= 186)).all()


# --- lines and words --------------------------------------------------------------------------------------------------


def line(published: float, se: float, model: float, seen: float | None = None, scatter: float = 0.01) -> EffectLine:
    rng = np.random.default_rng(1)
    noise = scatter * rng.normal(size=(20, 5))
    truth = model + noise - noise.mean()
    estimate = None if seen is None else seen + noise - noise.mean()
    return effect_line(Published(ENTRY, f"effect {model}", "events a month", published, se), truth, estimate, 2.0, "")


def test_agreement_is_overlap_of_intervals() -> None:
    assert line(0.0, 0.1, 0.15).agrees  # 0.164 above the published number ends its interval
    assert not line(0.0, 0.05, 0.15).agrees
    assert line(0.15, math.nan, 0.15).agrees
    assert not line(0.17, math.nan, 0.15).agrees
    found = line(0.0, 0.1, 0.5, seen=0.1)
    assert (found.agrees, found.estimator_agrees) == (False, True)
    assert found.bias == pytest.approx(-0.4)
    assert found.bias_se == pytest.approx(0.0, abs=1e-9)
    assert found.relative == pytest.approx(0.25)
    assert overlap((0, 1), (1, 2))
    assert not overlap((0, 1), (1.1, 2))
    assert published_interval(1.0, 0.1) == pytest.approx((1.0 - 0.1 * NORMAL_90, 1.0 + 0.1 * NORMAL_90))


def test_a_ratio_of_sums_and_its_spread() -> None:
    counts = np.array([[1.0, 3.0], [0.0, 4.0]])
    assert ratio_values(2.0 * counts, counts).tolist() == [[2.0, 2.0], [2.0, 2.0]]
    totals = np.array([[1.0, 0.0], [0.0, 3.0]])
    assert ratio_values(totals, counts).mean() == pytest.approx(4.0 / 8.0)
    with pytest.raises(ValueError, match="no cell-month"):
        ratio_values(totals, 0.0 * counts)


def test_disagreements_come_first() -> None:
    lines = (line(0.0, 0.1, 0.05), line(0.0, 0.01, 0.7, seen=0.2), line(0.1, 0.1, 0.1, seen=0.1))
    section = as_section(NaturalExperiments(lines, 20, 5))
    first, *rest = section.tables[0].rows
    assert "effect 0.7" in first[0]
    assert first[7] == "no"
    assert [row[7] for row in rest] == ["yes", "yes"]
    texts = "\n".join(section.paragraphs)
    assert texts.index("No overlap with what is published, 1 of 3") < texts.index("Overlap, 2 of 3")
    assert "100 pairs of runs, 20 draws of parameters × 5 seeds" in texts
    assert "effect 0.7, events a month: +0.200 where the truth is +0.700" in texts
    assert "effect 0.1, events a month: +0.100 where" not in texts
    assert "a first look" not in texts
    assert "a first look" in "\n".join(as_section(NaturalExperiments(lines, 3, 2)).paragraphs)


def test_as_many_replicates_as_wanted() -> None:
    assert [plan(n) for n in (4, 5, 10, 200, 500, 501)] == [(2, 2), (3, 2), (5, 2), (100, 2), (100, 5), (84, 6)]
    for n in range(4, 700):
        draws, seeds = plan(n)
        assert draws * seeds >= n
        assert 2 <= draws <= 100
        assert seeds >= 2


@pytest.mark.parametrize(("option", "value"), [("--replicates", "3"), ("--seed", "-1"), ("--replicates", "1000000")])
def test_numbers_out_of_range_are_refused(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([option, value]) == 2
    said = capsys.readouterr()
    assert option.strip("-") in said.err or "seeds" in said.err
    assert said.out == ""
    with pytest.raises(ScenarioError, match="seed"):
        re_enact(4, seed=-1)


@pytest.mark.nightly
def test_any_number_of_workers_gives_the_same_result() -> None:
    done: list[int] = []
    one, two = re_enact(4, workers=1, done=lambda: done.append(1)), re_enact(4, workers=2)
    assert repr(one) == repr(two)
    assert len(done) == 2 * one.replicates == 8
    assert repr(re_enact(4, seed=1, workers=2)) != repr(one)
    assert {found.experiment for found in one.lines} == {"border", "entry", "exit"}
    assert all(found.level > 0.0 for found in one.lines)
    assert all(math.isfinite(found.paired) and found.low <= found.paired <= found.high for found in one.lines)
