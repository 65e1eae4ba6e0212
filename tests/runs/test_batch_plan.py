"""How the runs of an experiment are cut: every replicate is in one block, and the cut depends on the design alone."""

from __future__ import annotations

from itertools import chain

import pytest
from batch_samples import FACTOR, tiny
from hypothesis import given
from hypothesis import strategies as st

from runs.batch.experiment import load_experiment, shipped_experiments
from runs.batch.plan import BLOCK_YEARS, WAIT_YEARS, Plan, plan_of

plans = st.builds(
    Plan, points=st.integers(1, 40), seeds=st.integers(1, 20), arms=st.integers(1, 30), block=st.integers(1, 60)
)


@given(plans)
def test_blocks_hold_every_replicate_once_and_in_order(plan: Plan) -> None:
    blocks = [plan.replicates_of(block) for block in range(plan.blocks)]
    assert list(chain(*blocks)) == list(range(plan.replicates))
    assert all(len(block) == plan.block for block in blocks[:-1])
    assert 1 <= len(blocks[-1]) <= plan.block
    assert sum(map(plan.runs_of, range(plan.blocks))) == plan.runs == plan.points * plan.seeds * plan.arms
    assert [plan.block_of(number) for number in range(plan.replicates)] == [
        number for number, block in enumerate(blocks) for _ in block
    ]


@given(plans)
def test_a_replicate_is_a_point_and_a_seed_of_it(plan: Plan) -> None:
    places = [plan.place(number) for number in range(plan.replicates)]
    assert places == plan.numbers() == [(k, s) for k in range(plan.points) for s in range(plan.seeds)]


@given(plans, st.integers(1, 100_000))
def test_a_limit_is_rounded_up_to_whole_blocks(plan: Plan, limit: int) -> None:
    blocks = plan.blocks_for(limit)
    runs = [plan.runs_of(block) for block in blocks]
    assert blocks == range(len(runs))  # the first ones
    assert sum(runs) >= min(limit, plan.runs)
    assert sum(runs[:-1]) < limit
    assert plan.blocks_for(None) == range(plan.blocks)


@pytest.mark.parametrize("name", shipped_experiments())
def test_blocks_of_shipped_experiments_are_as_long_as_meant(name: str) -> None:
    design = load_experiment(name).design
    plan = plan_of(design)
    assert (plan.points, plan.seeds, plan.arms) == (design.draws, design.seeds, len(design.arms))
    years = plan.arms * (max(design.months) / 12 + WAIT_YEARS)  # of one replicate
    assert plan.block == 1 or abs(plan.block * years - BLOCK_YEARS) <= years / 2
    assert plan.blocks > 20  # an interrupt loses little, and cores have something to share


def test_a_replicate_that_is_longer_than_a_block_is_one() -> None:
    cooperation = {"name": "cooperation", "label": "chance of a sanction", "lever": "accountability.cooperation"}
    factors = [{**FACTOR, "values": [1, 2, 3, 4, 5]}, {**cooperation, "values": [n / 10 for n in range(11)]}]
    many = plan_of(tiny(outcomes__months=[36], levers__factorial__factors=factors).design)
    assert many.arms * (36 / 12 + WAIT_YEARS) > 2 * BLOCK_YEARS
    assert (many.block, many.blocks) == (1, many.replicates)
