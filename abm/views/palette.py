"""Colours, shapes and type of every picture, once. Hues are those of Okabe & Ito (2008), safe for colour-blind eyes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from abm.kinds import (
    CIVILIANS_BY_DOGON_DOZO,
    CIVILIANS_BY_FULANI,
    CIVILIANS_BY_JIHADISTS,
    CIVILIANS_BY_STATE,
    CIVILIANS_BY_UNIDENTIFIED,
    DOGON,
    DOZO,
    FULANI,
    IS_SAHEL,
    KATIBA_MACINA,
    NATIONAL_FORCES,
)

# -- ground ------------------------------------------------------------------------------------------------------------
SAND = "#F4F0E6"
OUTSIDE = "#ECE7DA"
CERCLE_LINE = "#B9AF9B"
ZONE_LINE = "#8C826E"
WATER = "#A9C9DD"
RIVER = "#74A9CB"  # water, darkened: a line of the water's own colour is too faint on sand
FLOODED = "#CFE3EC"
FLOOD_HATCH = "#B5D2E0"
ROAD = "#C7B68F"
VILLAGE = "#A79D89"
PAPER = "#FFFFFF"
GRID_LINE = "#E4E0D6"
# -- text and edges ----------------------------------------------------------------------------------------------------
TEXT = "#2B2A27"
QUIET_TEXT = "#5E5748"  # 6.3:1 on sand
# Several hues of the palette are lighter than 3:1 on sand; a thin dark edge gives every mark its contrast.
EDGE = "#2B2A27"


@dataclass(frozen=True)
class Mark:
    """How one kind of actor looks everywhere: key of its words, colour, Matplotlib marker, the same as a character."""

    key: str
    colour: str
    marker: str
    glyph: str


JIHADISTS = Mark("jihadists", "#D55E00", "^", "▲")
DOGON_DOZO = Mark("dogon_dozo", "#E69F00", "s", "■")
FULANI_MILITIA = Mark("fulani_militia", "#CC79A7", "D", "◆")
NATIONAL = Mark("national_forces", "#0072B2", "o", "●")
UNIDENTIFIED = Mark("unidentified", "#7F7F7F", "X", "✕")
UN = Mark("un", "#56B4E9", "h", "⬢")
PERPETRATORS = (JIHADISTS, DOGON_DOZO, FULANI_MILITIA, NATIONAL, UNIDENTIFIED)

MARK_OF_FACTION = {
    KATIBA_MACINA: JIHADISTS,
    IS_SAHEL: JIHADISTS,
    DOGON: DOGON_DOZO,
    DOZO: DOGON_DOZO,
    FULANI: FULANI_MILITIA,
}
# An attack on civilians looks like the perpetrator it was recorded under: "unidentified" is a label, not an actor.
MARK_OF_CIVILIAN_KIND = {
    CIVILIANS_BY_DOGON_DOZO: DOGON_DOZO,
    CIVILIANS_BY_FULANI: FULANI_MILITIA,
    CIVILIANS_BY_JIHADISTS: JIHADISTS,
    CIVILIANS_BY_STATE: NATIONAL,
    CIVILIANS_BY_UNIDENTIFIED: UNIDENTIFIED,
}

# Muted fills, by index of abm.geography.COMMUNITIES; shown only when asked for.
COMMUNITY_FILLS = ("#B88A4A", "#A8849B", "#7E9A6B", "#5F93A8", "#9A8F5C", "#8F8F8F")

# Arms of a comparison, in order; hues that no actor has, and a dash each so that a grey copy still tells them apart.
ARM_COLOURS = ("#2B2A27", "#009E73", "#8B5FA8", "#9C6B30")
ARM_DASHES: tuple[tuple[float, tuple[float, ...]] | str, ...] = (
    "-",
    (0, (6, 1.5)),
    (0, (1.5, 1.2)),
    (0, (6, 1.5, 1.5, 1.5)),
)

SYSTEM_FONTS = ("Segoe UI", "Helvetica Neue", "Arial", "Noto Sans", "Liberation Sans", "DejaVu Sans")


@lru_cache(maxsize=1)
def fonts() -> tuple[str, ...]:
    """The system fonts that this machine has, best first; Matplotlib's own DejaVu Sans is always among them."""
    from matplotlib.font_manager import get_font_names

    known = set(get_font_names())
    return tuple(name for name in SYSTEM_FONTS if name in known) or ("DejaVu Sans",)


def mark_of_event(kind: int, actor: int, faction: int) -> Mark:
    """The mark of whoever is recorded to have acted in an event of the log."""
    if kind in MARK_OF_CIVILIAN_KIND:
        return MARK_OF_CIVILIAN_KIND[kind]
    return NATIONAL if actor == NATIONAL_FORCES else MARK_OF_FACTION.get(faction, UNIDENTIFIED)
