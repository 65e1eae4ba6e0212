"""A log of events through the observation model: what a recorder would know of each, from a run or from a file.

A set of events says which days it covers, so that months and weeks without events count, and weeks cut short do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.geography import COMMUNITIES, to_km
from abm.kinds import CIVILIAN_KINDS, KINDS
from abm.records import Records
from calibration.event_files import EventFile
from calibration.near_repeat import Booleans, Floats, Integers, month_starts, months_of

PLACE_DIGITS = 4  # of degrees, some 11 m: coordinates that agree to here name one place
UNKNOWN = -1
DOGON, FULANI = COMMUNITIES.index("dogon"), COMMUNITIES.index("fulani")


@dataclass(frozen=True, eq=False)
class EventSet:
    """Events that happened and were recorded, one per row, arrays of shape (n,); the order of rows means nothing.

    Args:
        day: days since ``abm.calendar.DAY_ZERO``.
        kind: index of ``abm.kinds.KINDS``, as recorded: unidentified perpetrators stay so.
        deaths: deaths.
        cercle: index of ``abm.geography.CERCLES``.
        x, y: km east and north, see ``abm.geography``.
        community: of the victims, index of ``abm.geography.COMMUNITIES``, -1 where not known or nobody's.
        place: number of the location; events with one number were at one place.
        first_day: first day covered.
        last_day: first day after those covered.
        dropped: rows of a file that are of no kind of the model.

    Raises:
        ValueError: arrays of unlike length, or an event on a day that is not covered.
    """

    day: Integers
    kind: Integers
    deaths: Integers
    cercle: Integers
    x: Floats
    y: Floats
    community: Integers
    place: Integers
    first_day: int
    last_day: int
    dropped: int = 0

    def __post_init__(self) -> None:
        n = self.day.size
        for name in ("kind", "deaths", "cercle", "x", "y", "community", "place"):
            if getattr(self, name).shape != (n,):
                raise ValueError(f"{name}: expected {n} values as of day, got {getattr(self, name).shape}")
        if self.first_day >= self.last_day:
            raise ValueError(f"days: expected first_day before last_day, got {self.first_day} and {self.last_day}")
        if n and not self.first_day <= self.day.min() <= self.day.max() < self.last_day:
            raise ValueError(
                f"day: expected days from {self.first_day} to {self.last_day - 1}, "
                f"got {self.day.min()} to {self.day.max()}"
            )

    def __len__(self) -> int:
        return int(self.day.size)

    @property
    def on_civilians(self) -> Booleans:
        """Which events are attacks on civilians."""
        return self.kind < len(CIVILIAN_KINDS)

    @property
    def communities_known(self) -> bool:
        """Whether victims' communities are recorded at all: in files of events they are not."""
        return bool((self.community >= 0).any())


def of_run(records: Records) -> EventSet:
    """Events of a run that happened, as recorded.

    The community is that of most inhabitants of the village, and every village has one: what the press leaves unstated
    of some victims, the log states.
    """
    events = records.realised
    whole = {name: events[name].astype(np.int64) for name in ("day", "kind", "deaths", "cercle", "village", "cell")}
    community = np.where(whole["kind"] < len(CIVILIAN_KINDS), events["community"], UNKNOWN).astype(np.int64)
    return EventSet(
        day=whole["day"],
        kind=whole["kind"],
        deaths=whole["deaths"],
        cercle=whole["cercle"],
        x=events["x"].astype(np.float64),
        y=events["y"].astype(np.float64),
        community=community,
        place=np.where(whole["village"] >= 0, whole["village"], -1 - whole["cell"]),
        first_day=records.first_day,
        last_day=records.last_day,
    )


def _places(lon: Floats, lat: Floats) -> Integers:
    rounded = np.round(np.column_stack([lon, lat]), PLACE_DIGITS)
    return np.unique(rounded, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def of_file(event_file: EventFile, first_day: int | None = None, last_day: int | None = None) -> EventSet:
    """Events of a file that are of a kind of the model; ``dropped`` counts the others. Communities are not known.

    Args:
        event_file: from ``calibration.event_files.read_events``.
        first_day: first day that the file covers; by default the first of the month of its earliest event.
        last_day: first day after; by default the end of the month of its latest event. A file does not say which days
            without events it covers.

    Raises:
        ValueError: no event is of a kind of the model, or one lies outside those days.
    """
    events = event_file.events
    kept = events.kind < len(KINDS)  # kinds of the model come first among recorded kinds
    if not kept.any():
        raise ValueError(f"{event_file.summary.file}: no event is of a kind of the model")
    months = months_of(events.day[[0, -1]])  # events are in order of day
    start, _ = month_starts(months).tolist()
    _, end = month_starts(months + 1).tolist()
    x, y = to_km(events.lon[kept], events.lat[kept])
    return EventSet(
        day=events.day[kept],
        kind=events.kind[kept],
        deaths=events.deaths[kept],
        cercle=events.cercle[kept],
        x=x,
        y=y,
        community=np.full(int(kept.sum()), UNKNOWN, np.int64),
        place=_places(events.lon[kept], events.lat[kept]),
        first_day=start if first_day is None else first_day,
        last_day=end if last_day is None else last_day,
        dropped=int((~kept).sum()),
    )
