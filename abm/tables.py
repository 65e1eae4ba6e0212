"""The state of the model: one NumPy structured table per kind of agent, one row per agent, one field per attribute.

Fields are i8 (integers, ids, flags, days) or f8 (amounts) only. Days count from ``abm.calendar.DAY_ZERO``; -1 means
never or none. Agents that a row names (villages, perpetrators, targets, units) are rows of their tables; the permanent
``id`` of an agent, which draws use, is a field of its own row. Presence is kept as *pressure*, the negative logarithm
of absence, in fixed point of 2**-40, so that sums do not depend on their order and can be taken back exactly.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Table = NDArray[Any]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def table_dtype(integers: str, floats: str) -> np.dtype[Any]:
    """Record type with the named i8 fields, then the named f8 fields."""
    fields = [(name, "i8") for name in integers.split()] + [(name, "f8") for name in floats.split()]
    return np.dtype((np.record, np.dtype(fields, align=True)))


# Fields of decaying amounts come in pairs: the value and the day it was last brought up to date.
VILLAGES = table_dtype(
    integers="id cell cercle zone population community mixed refusal hits last_attack displaced displaced_day served",
    floats="x y appeal",
)
MILITIAS = table_dtype(
    integers=(
        "id faction jihadist aligned community cell cercle zone strength_day excitation_day hidden_until first_reach "
        "n_reach"
    ),
    floats="x y strength strength_start disarmed weight excitation",
)
NATIONAL_FORCES = table_dtype(
    integers="id site home cell zone task strength_day",
    floats="x y strength strength_start discipline",
)
UN_UNITS = table_dtype(
    integers=(
        "id type site home cell troops mobile patrols police engineers medics helicopters armed flying arrival extra "
        "task slot patrol_cell at_tob resting convoying convoy_until escorting out_until hurt_day"
    ),
    floats="x y hurt",
)
# A site is a place that units are stationed at: a garrison of national forces or a main base of the UN.
# Of a main base: whether helicopters, and armed ones, fly from it this week.
SITES = table_dtype(integers="id kind cell zone first_reach n_reach air cover", floats="x y capacity")
SLOTS = table_dtype(integers="id status cell entry opens closes unit extra fixed supplied convoy_due", floats="x y")
CELLS = table_dtype(
    integers=(
        "id cercle zone first_village n_villages column row population western "
        "un_held un_patrol un_patrol_day un_after un_after_day army_held army_trace army_trace_day heat_day alarm_day"
    ),
    floats="x y heat alarm danger",
)
ZONES_TABLE = table_dtype(integers="id month_number", floats="deviation variance multiplier")
# A pair of communities of one cercle whose militias fight each other, and what each holds against the other.
PAIRS = table_dtype(
    integers="id cercle first second held since until made broken first_day second_day",
    floats="first_grievance second_grievance first_usual second_usual",
)
# What counts for a whole cercle: abuses that armed groups recruit on, and people whom services have reached again.
# `recruits` and `services` are multiples of full strength that follow from them. `course` is the multiple of usual
# rates that a run is given for the month, `level` that of armed groups: the course times the zone's drift.
CERCLES_TABLE = table_dtype(
    integers="id zone people served_people abuses_day",
    floats="abuses abuses_usual recruits services course level",
)
CASES = table_dtype(integers="id day liable perpetrator village status due", floats="")
EVENTS = table_dtype(
    integers=(
        "day kind actor faction perpetrator action outcome village cell cercle zone community target deaths parent "
        "generation elsewhere_from answer responder"
    ),
    floats="x y stands mean_deaths kernel_same kernel_cross response_hours",
)
OPERATIONS = table_dtype(integers="day what unit cell amount", floats="x y")
# What is known to have happened, see abm.lived; `village` -1 where it was troops who were attacked, at a cell.
LIVED = table_dtype(integers="day kind actor faction perpetrator action village cell target deaths", floats="")
DAYS = table_dtype(
    integers=(
        "day troops extra_troops mobile_troops tob_troops resting_troops convoy_troops patrol_troops escort_troops "
        "hurt_troops tobs extra_tobs un_patrols convoys attacks_on_un un_deaths flying army_patrols army_operations "
        "candidates prevented warnings answered dialogue_missions agreements disarmed served displaced "
        "investigations sanctions"
    ),
    floats="risk_army risk_militia missions",
)
STATE = table_dtype(
    integers=(
        "n_events n_operations n_cases n_days clock_zero first_open_case recruit_row displaced_people served_villages "
        "lived_until lived_row course_from"
    ),
    floats="investigation_budget dialogue_budget disarmament_budget services_budget served_share",
)
RISK = table_dtype(integers="id sanctions_day abuses_day", floats="sanctions abuses")

# Status of a TOB slot.
FREE, PREPARING, OPEN = range(3)
# Task of a UN unit and of an army unit.
AT_BASE, ON_TOB, ON_PATROL, NOT_ARRIVED, ON_OPERATION, OUT_OF_ACTION = range(6)
# Status of a case of abuse.
UNREPORTED, REPORTED, INVESTIGATED, SANCTIONED, ACQUITTED, LAPSED = range(6)
# Kinds of site.
GARRISON, UN_BASE = range(2)
# Rows of the operations log.
OPERATION_NAMES = (
    "tob_opened", "tob_closed", "units_arrived", "sanction", "patrol_attacked", "tob_given_up", "convoy_sent",
    "convoy_attacked", "tob_attacked", "response", "agreement_made", "agreement_broken", "agreement_lapsed",
    "disarmament", "services_returned", "services_lost",
)  # fmt: skip
(
    TOB_OPENED,
    TOB_CLOSED,
    UNITS_ARRIVED,
    SANCTION,
    PATROL_ATTACKED,
    TOB_GIVEN_UP,
    CONVOY_SENT,
    CONVOY_ATTACKED,
    TOB_ATTACKED,
    RESPONSE,
    AGREEMENT_MADE,
    AGREEMENT_BROKEN,
    AGREEMENT_LAPSED,
    DISARMAMENT,
    SERVICES_RETURNED,
    SERVICES_LOST,
) = range(len(OPERATION_NAMES))
# Allocation policies of TOBs.
ALLOCATIONS = ("hotspot", "population", "fixed", "random", "warning", "spread")
HOTSPOT, POPULATION, FIXED, RANDOM, WARNING_LED, SPREAD = range(len(ALLOCATIONS))


class World(NamedTuple):
    """All state and all geometry of one run; the compiled day reads and writes these arrays in place."""

    villages: Table
    militias: Table
    national_forces: Table
    un_units: Table
    sites: Table
    slots: Table
    cells: Table
    zones: Table
    pairs: Table
    cercles: Table
    cases: Table
    risk: Table
    events: Table
    operations: Table
    days: Table
    state: Table
    calendar: Table
    lived: Table  # what happened before `lived_until`, by day
    course: Floats  # (months, 15 cercles): multiples of usual rates from month `course_from` on; the last row holds on
    lookup: Ints  # (columns, rows): cell id or -1
    reach_village: Ints  # (entries,): villages in reach of a band, grouped by band
    reach_km: Floats  # (entries, 4 seasons): effective km from the band's home
    site_cell: Ints  # (entries,): cells in reach of a site, grouped by site
    site_km: Floats  # (entries, 4 seasons)
    stamp_offset: Ints  # (offsets, 2): columns and rows from the centre of a presence kernel
    stamps: Ints  # (3, offsets): pressure of a TOB, a UN patrol, national forces in fixed point
    stamp_kernel: Floats  # (offsets,): the kernel itself, to smooth the picture of recent attacks
    fixed_sites: Ints  # cells of the allocation `fixed`, in order of preference
    candidates: Ints  # (bands,): scratch, rows of the bands that try an attack today
    score: Floats  # (cells,): scratch, how much a cell calls for a TOB
    answers: Floats  # (6,): scratch, the answer to one warning, see abm.un_response


# The tables that change during a run; a checkpoint is a copy of them.
MUTABLE = (
    "villages", "militias", "national_forces", "un_units", "sites", "slots", "cells", "zones", "pairs", "cercles",
    "cases", "risk", "events", "operations", "days", "state",
)  # fmt: skip
