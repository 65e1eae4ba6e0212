"""What a twin is told: events of days of which it is known what happened, and how levels go from month to month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plain_mesa.community import Cercle
    from plain_mesa.model import PlainMali

Known = Mapping[str, Any]  # fields of an event: numbers, and the agents it is about


class Told:
    """Events by their days, and multiples of usual rates by month and cercle."""

    def __init__(
        self, model: PlainMali, until: int, known: Sequence[Known], read: int, course: Sequence[Sequence[float]],
        course_from: int,
    ) -> None:  # fmt: skip
        self.model, self.until, self.known, self.read = model, until, known, read
        self.course, self.course_from = course, course_from

    @property
    def covers_today(self) -> bool:
        """Whether it is known what happened today: then nobody does anything else."""
        return self.model.day < self.until

    def on(self, day: int) -> list[Known]:
        """What happened on a day, in the order in which it is told."""
        return [known for known in self.known if known["day"] == day]

    def relive(self) -> None:
        """It happens again."""
        today = self.model.day
        for known in self.on(today):
            fields = {name: value for name, value in known.items() if name not in ("day", "village")}
            event = self.model.log_event(**fields, mean_deaths=float(known["deaths"]))
            if known["village"] is not None:
                event.put_at(known["village"])
        self.read = sum(known["day"] <= today for known in self.known)

    def course_in(self, cercle: Cercle) -> float:
        """This month's multiple; the last one told holds on."""
        months = self.model.month_number - self.course_from
        return self.course[min(months, len(self.course) - 1)][cercle.number]
