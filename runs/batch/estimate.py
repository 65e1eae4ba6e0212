"""What a batch will take: runs, time and size, judged by a few of its own runs made on this machine."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from runs.batch.experiment import Experiment
from runs.batch.plan import Plan, plan_of
from runs.batch.work import Job, encoded
from runs.parallel import cores

MOST_ARMS = 3  # arms that are tried: the control, and treated ones from both ends of the list


@dataclass(frozen=True)
class Estimate:
    """Size of a batch: ``tried`` runs took ``seconds_per_run`` of one core and ``bytes_per_run`` on disk."""

    plan: Plan
    runs: int
    workers: int
    tried: int
    seconds_per_run: float
    bytes_per_run: float

    @property
    def seconds(self) -> float:
        """Expected time with all workers."""
        return self.runs * self.seconds_per_run / self.workers

    @property
    def bytes(self) -> float:
        """Expected size of the store."""
        return self.runs * self.bytes_per_run


def estimate(experiment: Experiment, limit: int | None = None, workers: int | None = None) -> Estimate:
    """Make two replicates of a few arms and time the second: the first may build a world and compile.

    Files of many runs hold more in fewer bytes for each: what the second adds to a file of both says how many.
    """
    design, plan = experiment.design, plan_of(experiment.design)
    blocks = plan.blocks_for(limit)
    treated = tuple(dict.fromkeys((design.treated[0], design.treated[-1])))[: MOST_ARMS - 1]
    tried = replace(design, treated=treated)
    job = Job(tried, plan_of(tried), experiment.events)
    first = job.run([0], _no_tick)
    begin = time.process_time()
    second = job.run([1], _no_tick)
    alone = _size(second)
    took = time.process_time() - begin
    both = _size({name: pa.concat_tables([first[name], second[name]]) for name in first})
    arms = len(tried.arms)
    size = (alone + (plan.block - 1) * (both - alone)) / plan.block
    runs = sum(plan.runs_of(block) for block in blocks)
    return Estimate(plan, runs, workers or cores(), arms, took / arms, size / arms)


def _size(tables: Mapping[str, pa.Table]) -> int:
    return sum(len(encoded(table)) for table in tables.values())


def _no_tick(_day: int) -> None:
    """Nobody gives up an estimate."""
