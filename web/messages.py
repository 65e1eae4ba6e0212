"""What a page may ask: one strict model a question, with bounds on everything."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from abm.scenario import explain
from abm.simulation import MOST_SEED
from abm.views.words import Language
from web.choice import Asked, Assumptions, Choice
from web.work import SAID, Refused

MOST_PAGE_SEED = min(MOST_SEED, 2**53 - 1)  # whole numbers that JavaScript can say
MOST_TEXT = 8_000_000  # characters of a file handed in
Number = Annotated[int, Field(ge=0, le=2**31)]
Seed = Annotated[int, Field(ge=0, le=MOST_PAGE_SEED)]
ComparisonSeed = Annotated[int, Field(ge=0, le=10**9)]
Months = Annotated[int, Field(ge=1, le=60)]
Format = Literal["svg", "png"]
FileKind = Literal["scenario", "session", "gazetteer", "events"]


class Question(Asked):
    """Base of all questions; answers carry the number."""

    id: Number


class Watch(Question):
    """One run, day by day; or only how far other runs of the same lie apart."""

    ask: Literal["watch", "spread"]
    choice: Choice
    assumptions: Assumptions = Field(default_factory=dict)
    seed: Seed = 0
    spread: bool = False


class Compare(Question):
    """The difference that scenarios make, over many draws and seeds."""

    ask: Literal["compare"]
    control: Choice
    arms: Annotated[list[Choice], Field(min_length=1, max_length=3)]
    assumptions: Assumptions = Field(default_factory=dict)
    seed: ComparisonSeed = 0
    months: Months = 36
    most: Annotated[int, Field(ge=4, le=400)] = 100
    precise: bool = False


class Answers(Question):
    """What would change the answer."""

    ask: Literal["answers"]
    control: Choice
    arm: Choice
    assumptions: Assumptions = Field(default_factory=dict)
    seed: ComparisonSeed = 0
    months: Months = 36
    outcome: Annotated[str, Field(max_length=64)] = "expected_civilian_deaths"
    most: Annotated[int, Field(ge=20, le=400)] = 200


class Figure(Question):
    """A figure of a comparison that was asked for before."""

    ask: Literal["figure"]
    of: Number
    kind: Literal["effects", "distribution", "tornado", "courses"]
    format: Format
    language: Language = "en"


class Table(Question):
    """The numbers of a comparison that was asked for before."""

    ask: Literal["table"]
    of: Number
    language: Language = "en"


class Read(Question):
    """A file handed in."""

    ask: Literal["read"]
    kind: FileKind
    name: Annotated[str, Field(max_length=200)] = ""
    text: Annotated[str, Field(max_length=MOST_TEXT)]


class Write(Question):
    """A file to take away."""

    ask: Literal["write"]
    kind: Literal["scenario", "session"]
    choice: Choice | None = None
    session: dict[str, Any] | None = None


class Cost(Question):
    """What the levers of an arm cost, before anything is run."""

    ask: Literal["cost"]
    control: Choice
    arm: Choice
    assumptions: Assumptions = Field(default_factory=dict)


class Stop(Question):
    """Give a piece of work up."""

    ask: Literal["stop"]
    of: Number


Any_ = Annotated[
    Watch | Compare | Answers | Figure | Table | Read | Write | Cost | Stop, Field(discriminator="ask")
]  # fmt: skip
_ANY: TypeAdapter[Any] = TypeAdapter(Any_)


def parse(text: str | bytes) -> Any:
    """A question out of JSON.

    Raises:
        Refused: no JSON, an unknown question, or a field that is missing, unknown or out of bounds.
    """
    try:
        return _ANY.validate_json(text)
    except ValidationError as error:
        raise Refused(SAID, text=explain(error, "question")[:2000]) from None
