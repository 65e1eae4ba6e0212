"""What a batch will take: runs, time and size, judged by a few of its own runs made on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from runs.batch.experiment import Experiment
from runs.batch.plan import Plan, plan_of
from runs.batch.work import Job
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
    """Make one replicate of a few arms twice and time the second: the first may build a world and compile."""
    design, plan = experiment.design, plan_of(experiment.design)
    blocks = plan.blocks_for(limit)
    treated = tuple(dict.fromkeys((design.treated[0], design.treated[-1])))[: MOST_ARMS - 1]
    tried = replace(design, treated=treated)
    job = Job(tried, plan_of(tried), experiment.events)
    job.run([0], _no_tick)
    begin = time.process_time()
    files = job.files_of([0], _no_tick)
    took = time.process_time() - begin
    arms = len(tried.arms)
    size = sum(map(len, files.values()))
    runs = sum(plan.runs_of(block) for block in blocks)
    return Estimate(plan, runs, workers or cores(), arms, took / arms, size / arms)


def _no_tick(_day: int) -> None:
    """Nobody gives up an estimate."""
