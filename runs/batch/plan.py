"""How the runs of an experiment are cut into blocks: the unit of work, of storage, and of loss.

Replicates (all arms under one point and seed) are numbered point by point, so that runs of one world follow one
another, and a block is a stretch of them. The cut depends on the design alone: the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from runs.design import Design

# Simulated years of a block: some five to eight seconds of one core, long against the milliseconds that handing out and
# storing a block takes, short against what an interrupt may lose (measured; see docs/decisions.md).
BLOCK_YEARS = 100.0
WAIT_YEARS = 1.5  # from the start to the first base that works, usually


@dataclass(frozen=True)
class Plan:
    """Replicates of an experiment and their blocks.

    A run's number is ``replicate * arms + arm``; a replicate's is ``point * seeds + seed``.
    """

    points: int
    seeds: int
    arms: int
    block: int

    @property
    def replicates(self) -> int:
        """Number of replicates."""
        return self.points * self.seeds

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.replicates * self.arms

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return -(-self.replicates // self.block)

    def replicates_of(self, block: int) -> range:
        """Numbers of the replicates of a block."""
        first = block * self.block
        return range(first, min(first + self.block, self.replicates))

    def runs_of(self, block: int) -> int:
        """Number of runs of a block."""
        return len(self.replicates_of(block)) * self.arms

    def block_of(self, replicate: int) -> int:
        """Block that a replicate is part of."""
        return replicate // self.block

    def place(self, replicate: int) -> tuple[int, int]:
        """Point and seed of a replicate."""
        return divmod(replicate, self.seeds)

    def blocks_for(self, runs: int | None) -> range:
        """The blocks that hold the first so many runs; all if None."""
        if runs is None:
            return range(self.blocks)
        replicates = -(-runs // self.arms)
        return range(min(-(-replicates // self.block), self.blocks))

    def numbers(self) -> list[tuple[int, int]]:
        """Point and seed of every replicate, in order."""
        return list(product(range(self.points), range(self.seeds)))


def plan_of(design: Design) -> Plan:
    """The plan of a design."""
    arms = len(design.arms)
    years = arms * (max(design.months) / 12.0 + WAIT_YEARS)
    return Plan(design.draws, design.seeds, arms, max(1, round(BLOCK_YEARS / years)))
