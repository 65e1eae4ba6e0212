"""What a visitor compares, made ready: arms under names of their own, what is held, a hash and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from abm.declarations import STATUS_MARK, declarations
from abm.draws import DRAWS
from abm.gazetteer import GazetteerError
from abm.parameters import Parameters
from abm.scenario import Scenario, ScenarioError, explain
from runs.batch.experiment_file import LONGEST
from runs.compare import can_hold_bases
from runs.design import DECISION, FIRST_BASE, Design, arm_label
from runs.provenance import Provenance, canonical_json, describe, gazetteer_hash, sha256
from web.choice import Choice, HasGazetteer, checked, scenario_of
from web.measures import HEADLINE
from web.work import SAID, Refused

SHOWN = HEADLINE  # outcomes that the page shows, in its order; of all others a report tells
COST = "total_cost"
CONTROL = "control"
SERIES = ("n_same", "n_cross")  # which must die out together, in every draw
HASH_LENGTH = 16


@dataclass(frozen=True)
class Arm:
    """One arm: the name it runs under, what the visitor chose, and the scenario that this makes."""

    key: str
    choice: Choice
    scenario: Scenario

    @property
    def name(self) -> str:
        """What the visitor calls it, or the shipped scenario's name for a reader."""
        return self.choice.name or arm_label(self.choice.scenario)

    @property
    def title(self) -> str:
        """One sentence for a reader who is not a modeller."""
        return self.scenario.title


@dataclass(frozen=True)
class Setting:
    """Arms (the control first) and what holds for all of them.

    ``count_from`` is the day from which windows count: when the first extra base works, where an arm has units that can
    hold one, as in the reports; else the first decision that an arm differs by.
    """

    arms: tuple[Arm, ...]
    fixed: dict[str, Any]
    seed: int
    months: int
    gazetteer: str | None

    @property
    def control(self) -> Arm:
        """What the other arms are held against."""
        return self.arms[0]

    @property
    def treated(self) -> tuple[Arm, ...]:
        """The other arms."""
        return self.arms[1:]

    @property
    def count_from(self) -> str:
        """FIRST_BASE or DECISION."""
        return FIRST_BASE if any(can_hold_bases(arm.scenario) for arm in self.arms) else DECISION

    def design(self, seeds: int) -> Design:
        """All embedded draws, so that draw k is the same whatever is asked, with so many seeds.

        Raises:
            Refused: arms that cannot be compared, or assumptions that some draw cannot hold.
        """
        scenarios = [arm.scenario for arm in self.arms]
        try:
            design = Design(
                scenarios[0], tuple(scenarios[1:]), DRAWS, seeds, self.seed, self.fixed, (self.months,),
                count_from=self.count_from,
            )  # fmt: skip
            if any(name in self.fixed for name in SERIES):
                for draw in range(DRAWS):
                    design.parameters(draw)
        except ScenarioError as error:
            raise Refused(SAID, text=self._in_their_names(str(error))) from None
        except ValidationError as error:
            raise Refused(SAID, text=explain(error, "assumptions")) from None
        return design

    def _in_their_names(self, text: str) -> str:
        """A message with the visitor's names of the arms."""
        for arm in self.treated:
            text = text.replace(f"{arm.key}:", f"{arm.name}:")
        return text

    @cached_property
    def scenario_hash(self) -> str:
        """SHA-256 of the scenarios, whatever they are called and wherever a gazetteer lies."""
        return sha256(canonical_json([self._fields(arm.scenario) for arm in self.arms]))

    def _fields(self, scenario: Scenario) -> dict[str, Any]:
        fields = scenario.model_dump(mode="json", exclude={"name", "title"})
        fields["world"]["gazetteer"] = self.gazetteer
        return fields

    @property
    def parameter_hash(self) -> str:
        """SHA-256 of what parameters are run with: the embedded draws, by their number, and what is held."""
        return sha256(canonical_json({"draws": DRAWS, "fixed": self.fixed}))

    def hash(self, **more: Any) -> str:
        """Short hash of all inputs; equal inputs have equal ones, whoever asks and whatever the arms are called.

        Args:
            more: what else the result depends on.
        """
        inputs = [self.scenario_hash, self.parameter_hash, self.seed, self.months, self.count_from, more]
        return sha256(canonical_json(inputs))[:HASH_LENGTH]

    @cached_property
    def _code(self) -> Provenance:
        shipped = [arm.scenario.model_copy(update={"world": arm.scenario.world.model_copy(update={"gazetteer": None})})
                   for arm in self.arms]  # fmt: skip
        return describe(shipped, self.scenario_hash, self.parameter_hash, self.seed)

    def provenance(self) -> dict[str, Any]:
        """Where a result comes from, for JSON: code, seed, arms and levers, and every assumption that was changed."""
        code = self._code.model_dump(mode="json", exclude={"created"})
        return {
            **code,
            "gazetteer_hash": self.gazetteer,
            "months": self.months,
            "count_from": self.count_from,
            "assumptions": self.assumptions(),
            "arms": [
                {"name": arm.name, "scenario": arm.choice.scenario, "levers": dict(arm.choice.levers)}
                for arm in self.arms
            ],
        }

    def assumptions(self) -> list[dict[str, Any]]:
        """Every parameter that the visitor holds: value, default, unit, status and source."""
        known = declarations(Parameters)
        return [
            {
                "name": name, "value": value, "default": known[name].default, "unit": known[name].unit,
                "status": known[name].status, "mark": STATUS_MARK[known[name].status], "source": known[name].source,
            }
            for name, value in sorted(self.fixed.items())
        ]  # fmt: skip


@contextmanager
def in_a_world_of_theirs() -> Iterator[None]:
    """What is run in here may need the visitor's gazetteer.

    Raises:
        Refused: it has a fault or is no longer there; the text names the file without its folder.
    """
    try:
        yield
    except GazetteerError as error:
        raise Refused(SAID, text=re.sub(r"/\S*/", "", str(error))) from None


def setting_of(
    control: Choice,
    arms: Sequence[Choice],
    assumptions: dict[str, float],
    seed: int,
    months: int,
    uploads: HasGazetteer | None = None,
) -> Setting:
    """What a visitor asks to compare.

    A comparison has its own length: arms end with its window, whatever the months of a lone run of theirs.

    Raises:
        Refused: a lever, an assumption or a length that cannot be, or an arm that is the same as the control.
    """
    if not 1 <= months <= LONGEST:
        raise Refused("numbers_refused_months", most=LONGEST)
    keys = (CONTROL, *(f"arm-{number}" for number in range(1, len(arms) + 1)))
    made = []
    for key, choice in zip(keys, (control, *arms), strict=True):
        scenario = scenario_of(choice, uploads)
        made.append(Arm(key, choice, scenario.model_copy(update={"name": key, "months": 1})))
    for arm in made[1:]:
        if _same(arm.scenario, made[0].scenario):
            raise Refused("numbers_refused_same", name=arm.name)
    return Setting(tuple(made), checked(assumptions), seed, months, _hash_of_gazetteer(arm.scenario for arm in made))


def _same(one: Scenario, other: Scenario) -> bool:
    apart = {"name", "title"}
    return one.model_dump(exclude=apart) == other.model_dump(exclude=apart)


def _hash_of_gazetteer(scenarios: Iterable[Scenario]) -> str | None:
    """Hash of the visitor's own gazetteer; its path stays on the server."""
    try:
        return gazetteer_hash(scenarios)
    except OSError:
        raise Refused("refused_no_gazetteer") from None
