"""What each answer of a brief rests on: how many numbers were fitted, published or assumed, and which matter most."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from abm.declarations import ASSUMPTION, CALIBRATED, LITERATURE, STATUS_MARK, Declaration, declarations
from abm.parameters import Parameters
from abm.priors import Fixed
from runs.analysis import GROUPS, IN_ANY_CASE
from runs.design import Design
from runs.phrases import MILLION, THIN, number, percent
from runs.sections import Table

NO_UNIT = ("1", "ratio")
STATUSES = (CALIBRATED, LITERATURE, ASSUMPTION)
MOST_SETS = 200  # sets of parameters whose values are looked at for a range
SENSE = {
    CALIBRATED: "fitted to recorded events",
    LITERATURE: "taken from published studies or reports",
    ASSUMPTION: "assumed: no measurement is known",
}
# For each question the groups of parameters that its answer works through beside the level of violence, and the few
# that drive it most: by docs/limits.md ("Numbers that drive results and are assumptions").
GROUPS_OF = {
    "personnel": ("presence", "UN operations", "medical reach and helicopters", "escorts", "deployment"),
    "operations": GROUPS["package"],
    "strategy": ("strategy", "accountability", "recruitment", "escorts"),
    "cost": ("deployment", "cost of civilian work"),
}
DECISIVE = {
    "personnel": ("delta_un", "troops_per_tob", "rotation", "ground_medical_km", "permission_months"),
    "operations": ("delta_un", "presence_km", "p_warning", "p_effective", "displacement_share"),
    "strategy": (
        "agreement_effect", "dialogue_success", "services_effect", "reduction_army", "reduction_militia",
        "recruit_abuse",
    ),
    "cost": (
        "cost_per_head_year", "cost_per_served_year", "cost_per_investigation", "cost_per_disarmed", "delta_un",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """One number that an answer rests on, in plain words, with the values that the experiment gave it."""

    name: str
    status: str
    mark: str
    meaning: str
    values: str


@dataclass(frozen=True)
class Rests:
    """How many numbers of each status an answer rests on, how many of all are held at one value, and the decisive."""

    counts: dict[str, int]
    held: int
    decisive: tuple[Ground, ...]

    @property
    def total(self) -> int:
        """Numbers in all."""
        return sum(self.counts.values())


def rests_of(design: Design, question: str) -> Rests:
    """What the answer to a question rests on beside the level of violence."""
    known = declarations(Parameters)
    counts, held = _counted(design, GROUPS_OF[question])
    return Rests(counts, held, tuple(_ground(design, known[name]) for name in DECISIVE[question]))


def rests_in_any_case(design: Design) -> Rests:
    """What every answer rests on: the level of violence, who attacks whom, and how it spreads."""
    counts, held = _counted(design, IN_ANY_CASE)
    return Rests(counts, held, ())


def _counted(design: Design, groups: tuple[str, ...]) -> tuple[dict[str, int], int]:
    members = [d for d in declarations(Parameters).values() if d.group in groups]
    found = Counter(d.status for d in members)
    return {status: found[status] for status in STATUSES}, sum(_is_held(design, d) for d in members)


def _is_held(design: Design, declaration: Declaration) -> bool:
    """Whether a parameter has one value in all sets: as declared, or as the experiment has it."""
    if isinstance(declaration.prior, Fixed) and not design.points:
        return True
    low, high = values_of(design, declaration.name)
    return low == high


def values_of(design: Design, name: str) -> tuple[float, float]:
    """Least and greatest value of a parameter over the sets of an experiment, spread evenly over them where many."""
    step = max(1, design.draws // MOST_SETS)
    values = [float(getattr(design.parameters(draw), name)) for draw in range(0, design.draws, step)]
    return min(values), max(values)


def _ground(design: Design, declaration: Declaration) -> Ground:
    low, high = values_of(design, declaration.name)
    return Ground(
        declaration.name,
        declaration.status,
        STATUS_MARK[declaration.status],
        declaration.meaning,
        in_units(low, high, declaration.unit),
    )


def in_units(low: float, high: float, unit: str) -> str:
    """A range with its unit: "6 to 14 months", "20 % to 35 %", "US$ 70 000 to 110 000 per head and year"."""
    if unit == "share":
        return _range(percent(low), percent(high))
    if unit.startswith("log per "):
        change = [percent(math.expm1(end), signed=True) for end in (low, high)]
        return f"{_range(*change)} {unit.removeprefix('log ')}"
    before, _, after = unit.rpartition("US$")
    text = _range(_plain(low), _plain(high))
    words = [f"US$ {text}" if "US$" in unit else text, after.strip() if "US$" in unit else before + after]
    return " ".join(word for word in words if word and word not in NO_UNIT)


def _range(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _plain(value: float) -> str:
    if abs(value) >= MILLION:
        return f"{number(value / MILLION, 1)} million"
    return number(value, 0 if value == int(value) or abs(value) >= 100 else None)


def counts_in_words(rests: Rests) -> str:
    """How many numbers an answer rests on, by status, with their marks."""
    parts = [f"{STATUS_MARK[status]}{THIN}{rests.counts[status]} {SENSE[status].split(':')[0]}" for status in STATUSES]
    held = f" {rests.held} of them are held at one value, so that no interval here knows of them." if rests.held else ""
    return f"{rests.total} numbers: {', '.join(parts)}.{held}"


def grounds_table(rests: Rests) -> Table:
    """The decisive numbers."""
    rows = tuple((f"{g.mark} {g.status}", g.meaning, g.values) for g in rests.decisive)
    return Table(("Status", "What the number says", "Values used here"), rows, words=(0, 1, 2))


def marks_table() -> Table:
    """What the marks mean."""
    rows = tuple((STATUS_MARK[status], status, SENSE[status]) for status in STATUSES)
    return Table(("Mark", "Status", "Meaning"), rows, words=(0, 1, 2))
