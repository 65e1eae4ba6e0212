"""Keyed draws: every random number is a pure function of (seed, process, agent, day, draw).

There is no generator and no "next" number. A draw has a meaning, so that it is the same whatever the number of
threads, the driver, or the order of agents, and so that two scenarios under one seed share every draw both make.
``agent`` is a permanent id, never a row number. The mixing function is splitmix64's finaliser (Steele, Lea & Flood
2014, OOPSLA, "Fast splittable pseudorandom number generators").
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from abm.compiled import entry, rule

u64 = np.uint64

GOLDEN = u64(0x9E3779B97F4A7C15)
MIX_1 = u64(0xBF58476D1CE4E5B9)
MIX_2 = u64(0x94D049BB133111EB)
S12, S27, S30, S31, S32 = u64(12), u64(27), u64(30), u64(31), u64(32)

# Processes are frozen: a number once given is never given to another meaning, or stored seeds change their story.
BAND_CANDIDATE = 1  # agent = band; does it try an attack today
BAND_MARK = 2  # agent = band; background or raid series, kind of target, which parent
BAND_TARGET = 3  # agent = band, draw = village; Gumbel noise of the choice of target
THINNING = 4  # agent = band; draw 0 stands or falls, draw 1 tried elsewhere, draw 2 stands or falls there
BAND_RETRY_TARGET = 5  # agent = band, draw = village; choice of the village tried instead
SEVERITY = 6  # agent and draws: band 0, 1; army unit 10, 11 (clash), 12, 13 (abuse); UN unit 20-25; fatal, how many
LABEL = 7  # agent = band; recorded as unidentified or not
ZONE_DRIFT = 8  # agent = zone, day = month number; two draws for a normal step
ARMY_TASK = 10  # agent = army unit; patrol, operation or garrison today
ARMY_TARGET = 11  # agent = army unit; draw = cell for an operation, draw 0 for a patrol (never both on a day)
ARMY_CONTACT = 12  # agent = army unit; contact, with whom, losses
ARMY_ABUSE = 13  # agent = army unit; draw 0 whether
ARMY_ABUSE_TARGET = 14  # agent = army unit, draw = village
UN_PATROL = 20  # agent = UN unit; draw 0 goes out, draw 1 attacked
UN_PATROL_TARGET = 21  # agent = UN unit, draw = cell
TOB_SITE = 22  # agent = TOB slot, draw = cell; the random policy
UN_AIR = 23  # agent = aviation unit, day = week number; flies this week
CONVOY = 24  # agent = TOB slot; draw 0 attacked
TOB_ATTACK = 25  # agent = TOB slot; draw 0 attacked
WARNING = 26  # agent = band; draws 0 warned, 1 lead, 2 UN prevents, 3 army comes, 4 army prevents, 5 rounding of deaths
CASE = 30  # agent = perpetrator; draw = liable whether reported, draw = 2 + liable whether sanctioned
DIALOGUE = 31  # agent = pair of communities; draw = number of the mission that week; it succeeds
AGREEMENT = 32  # agent = band; draw 0 its attack breaks the agreement
WORLD = 40  # agent = whatever is being built, day = what is drawn; building the synthetic world
# Kept by calibration: 70 forecasts without the agent model, 71 probability transforms (forecasting), 72 inference from
# tables of simulations (regression_abc), 73 recorded months told again (replay), 74 levels of years (predictive).
PRIOR = 60  # agent = parameter, day = draw number, draw = component; draws of parameters


@rule
def mix(value: np.uint64) -> np.uint64:
    """splitmix64's finaliser: a bijection of 64-bit integers in which every input bit moves every output bit."""
    value = (value ^ (value >> S30)) * MIX_1
    value = (value ^ (value >> S27)) * MIX_2
    return value ^ (value >> S31)


@rule
def uniform(seed: int, process: int, agent: int, day: int, draw: int) -> float:
    """Uniform draw strictly inside (0, 1) for one key; agent, process, day and draw lie in 0..2**32-1."""
    key = mix(u64(seed) + GOLDEN)
    key = mix(key ^ ((u64(process) << S32) | u64(draw)))
    key = mix((key + GOLDEN) ^ ((u64(agent) << S32) | u64(day)))
    return (float(mix(key + GOLDEN) >> S12) + 0.5) * 2.0**-52


@rule
def gumbel(u: float) -> float:
    """Standard Gumbel variate of a uniform: the largest of utilities plus Gumbels is a multinomial logit choice."""
    return -math.log(-math.log(u))


@rule
def normal(u: float, v: float) -> float:
    """Standard normal variate of two uniforms (Box & Muller 1958)."""
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


@entry
def uniforms(seed: int, process: int, agents: NDArray[np.int64], day: int, draw: int) -> NDArray[np.float64]:
    """Uniform draws for an array of agents: shape (n,) of int64 ids to shape (n,) of float64."""
    values = np.empty(agents.size)
    for i in range(agents.size):
        values[i] = uniform(seed, process, agents[i], day, draw)
    return values
