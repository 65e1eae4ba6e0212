"""The columns of ACLED and of UCDP GED, in all the layouts they have had, and what their codes mean.

ACLED: Raleigh et al. 2010, J. Peace Research 47:651; codebooks of 2017 to 2024. Until 2023 exports had ``data_id``
and ``event_id_no_cnty``; until 2024 actor types were numbers. UCDP GED 20 to 25: Sundberg & Melander 2013, J. Peace
Research 50:523, and the codebooks of those versions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from calibration.event_text import EventFileError, TextTable, columns_of

# ACLED's types of actor by their former numbers.
ACTOR_TYPES = {
    "1": "State forces",
    "2": "Rebel group",
    "3": "Political militia",
    "4": "Identity militia",
    "5": "Rioters",
    "6": "Protesters",
    "7": "Civilians",
    "8": "External/Other forces",
}
VIOLENT, NOT_COUNTED, UNKNOWN = "violent", "not counted", "unknown"
# Types of event, the former ones among them: the record is made of violence, without what follows.
ACLED_VIOLENT = re.compile(r"battle.*|violence against civilians|(explosions/)?remote violence")
ACLED_NOT_COUNTED = re.compile(
    r"protests?|riots?|riots/protests|strategic developments?|headquarters or base established|"
    r"non-?violent (transfer of territory|activity by a conflict actor|activity|rebel activity)"
)
GED_VIOLENT = re.compile(r"[123](\.0)?")  # state-based, non-state, one-sided
ACLED_OWN = re.compile(r"SIM\d+-\d+")  # identifiers of this program's own exports
GED_OWN = re.compile(r"SIM-\d{4}-[123]-\d+-\d+")


@dataclass(frozen=True)
class Layout:
    """One project's columns.

    ``columns`` gives each field's names in order of preference; ``most_geo`` and ``most_time`` are the roughest codes
    of precision that are kept unless asked otherwise: places known to the district, days known to the week.
    """

    name: str
    columns: dict[str, tuple[str, ...]]
    required: tuple[str, ...]
    signs: tuple[str, ...]
    own: re.Pattern[str]
    violent: re.Pattern[str]
    not_counted: re.Pattern[str] | None
    most_geo: int
    most_time: int

    def type_of(self, text: str) -> str:
        """Whether events of this type are violence that the record counts, are not, or the type is unknown."""
        lowered = text.casefold()
        if self.violent.fullmatch(lowered):
            return VIOLENT
        if self.not_counted is not None and self.not_counted.fullmatch(lowered):
            return NOT_COUNTED
        return UNKNOWN


ACLED = Layout(
    name="ACLED",
    columns={
        "id": ("event_id_cnty", "data_id", "event_id_no_cnty"),
        "date": ("event_date",),
        "type": ("event_type",),
        "actor1": ("actor1",),
        "actor2": ("actor2",),
        "inter1": ("inter1",),
        "inter2": ("inter2",),
        "latitude": ("latitude",),
        "longitude": ("longitude",),
        "deaths": ("fatalities",),
        "geo": ("geo_precision",),
        "time": ("time_precision",),
        "district": ("admin2",),
        "country": ("country",),
    },
    required=("id", "date", "type", "actor1", "latitude", "longitude", "deaths"),
    signs=("event_date", "actor1", "event_type", "fatalities", "event_id_cnty"),
    own=ACLED_OWN,
    violent=ACLED_VIOLENT,
    not_counted=ACLED_NOT_COUNTED,
    most_geo=2,  # 3: only the region is known, and its capital stands for it
    most_time=2,  # 3: only the month is known
)
GED = Layout(
    name="UCDP GED",
    columns={
        "id": ("id",),
        "relid": ("relid",),
        "date": ("date_start",),
        "type": ("type_of_violence",),
        "actor1": ("side_a",),
        "actor2": ("side_b",),
        "latitude": ("latitude",),
        "longitude": ("longitude",),
        "deaths": ("best", "best_est"),
        "low": ("low", "low_est"),
        "high": ("high", "high_est"),
        "geo": ("where_prec",),
        "time": ("date_prec",),
        "district": ("adm_2",),
        "country": ("country",),
    },
    required=("id", "date", "type", "actor1", "actor2", "latitude", "longitude", "deaths"),
    signs=("date_start", "side_a", "side_b", "type_of_violence", "best"),
    own=GED_OWN,
    violent=GED_VIOLENT,
    not_counted=None,
    most_geo=3,  # 4 and more: not even the district is known
    most_time=3,  # 4 and more: only the month or less is known
)
EVENT_LAYOUTS = {"acled": ACLED, "ged": GED}


def _wanted(layout: Layout) -> str:
    return ", ".join(" or ".join(layout.columns[field]) for field in layout.required)


def _recognised(table: TextTable) -> Layout:
    """The layout of which the header shows more than half of the typical columns."""
    lowered = {name.casefold() for name in table.header}
    shown = {name: len(lowered.intersection(layout.signs)) for name, layout in EVENT_LAYOUTS.items()}
    best = max(shown, key=shown.__getitem__)
    layout = EVENT_LAYOUTS[best]
    if 2 * shown[best] <= len(layout.signs):
        wanted = "; ".join(f"for {layout.name} {_wanted(layout)}" for layout in EVENT_LAYOUTS.values())
        raise EventFileError(
            f"{table.path}, line {table.header_line}: neither the columns of ACLED nor of UCDP GED; expected, "
            f"separated by comma, semicolon or tab, {wanted}; found {', '.join(table.header)}"
        )
    return layout


def layout_of(table: TextTable, name: str | None = None) -> tuple[Layout, dict[str, int]]:
    """The layout of a file, and the place of each field that it has.

    Args:
        table: the file.
        name: a name of EVENT_LAYOUTS; None: as the header says.

    Raises:
        EventFileError: the header is of no layout, or columns are missing or appear twice.
        ValueError: unknown name.
    """
    if name is not None and name not in EVENT_LAYOUTS:
        raise ValueError(f"unknown layout {name!r}; expected one of {', '.join(EVENT_LAYOUTS)}")
    layout = _recognised(table) if name is None else EVENT_LAYOUTS[name]
    places = columns_of(table, layout.columns)
    missing = [" or ".join(layout.columns[field]) for field in layout.required if field not in places]
    if missing:
        raise EventFileError(
            f"{table.path}, line {table.header_line}: layout of {layout.name} without the columns "
            f"{', '.join(missing)}; expected them all; found {', '.join(table.header)}"
        )
    return layout, places


def described(table: TextTable, layout: Layout, inter: str) -> str:
    """The layout in words, with what tells its version.

    Args:
        table: the file.
        layout: its layout.
        inter: the first type of actor that the file gives, "" for none.
    """
    if layout is not ACLED:
        return layout.name
    lowered = {name.casefold() for name in table.header}
    old = lowered.intersection(("data_id", "event_id_no_cnty", "iso3"))
    columns = "columns of before 2023" if old else "columns of 2023 and later"
    types = "" if not inter else f", types of actors as {'numbers' if inter in ACTOR_TYPES else 'words'}"
    single = "" if "actor2" in lowered else ", one actor per row"
    return f"{layout.name}, {columns}{types}{single}"
