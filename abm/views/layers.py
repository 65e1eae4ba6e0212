"""What moves or may be asked for on a map: settlements, bands, forces, bases, presence, attacks, travel time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.patches import Circle
from numpy.typing import NDArray

from abm.geography import Grid
from abm.kinds import PREVENTED
from abm.outlines import FloatArray
from abm.parameters import Parameters
from abm.presence import UNIT
from abm.tables import (
    AT_BASE,
    NOT_ARRIVED,
    ON_TOB,
    OPEN,
    PREPARING,
    UN_BASE,
    Table,
    World,
)
from abm.views.basemap import MARKS, region_path
from abm.views.palette import (
    COMMUNITY_FILLS,
    EDGE,
    MARK_OF_FACTION,
    NATIONAL,
    TEXT,
    UN,
    VILLAGE,
    Mark,
    fonts,
    mark_of_event,
)
from abm.views.travel_lines import TRAVEL_LEVELS_KM, travel_field

POINTS = 72.0  # to an inch
USUAL_MAP_WIDTH = 9.5  # inches, of a map whose marks have their usual size
ATTACK_DAYS = 30
FAINTEST = 0.18
SAME_TOWN_KM, ASIDE_KM = 5.0, 7.0
UN_DARK = "#1F6E9E"  # UN blue, darkened for lines as thin as a ring


@dataclass(frozen=True)
class Scale:
    """Size of marks: 1 on a map of the usual width."""

    factor: float

    def area(self, points: float | FloatArray) -> float | FloatArray:
        """Marker area, in points squared, of a marker this many points wide on the usual map."""
        return (points * self.factor) ** 2


# -- widths of marks in points: one function each, also used by the legend ---------------------------------------------


def village_width(people: float | FloatArray) -> float | FloatArray:
    """Settlements: area in proportion to people, with a floor that keeps hamlets visible."""
    return np.maximum(1.1, 0.035 * np.sqrt(people))


def band_width(fighters: float | FloatArray) -> float | FloatArray:
    """Bands: area in proportion to fighters."""
    return 0.68 * np.sqrt(np.maximum(fighters, 4.0))


def army_width(units: float | FloatArray) -> float | FloatArray:
    """National forces: area in proportion to units at one place."""
    return 3.9 * np.sqrt(units)


def troops_width(troops: float | FloatArray) -> float | FloatArray:
    """UN troops at one place."""
    return np.maximum(5.0, 0.46 * np.sqrt(troops))


def attack_width(deaths: float | FloatArray) -> float | FloatArray:
    """Ring of an attack: grows with deaths, and one without deaths still shows."""
    return 7.0 + 3.1 * np.sqrt(deaths)


def attack_alpha(age_days: int) -> float:
    """Opacity of an attack: 1 on its day, fading linearly to FAINTEST after ATTACK_DAYS."""
    return 1.0 - (1.0 - FAINTEST) * age_days / ATTACK_DAYS


# -- what is where -----------------------------------------------------------------------------------------------------


def events_of(world: World) -> Table:
    """The filled rows of the event log."""
    filled: Table = world.events[: int(world.state[0].n_events)]
    return filled


def recent_attacks(events: Table, day: int) -> Table:
    """Events of the last ATTACK_DAYS up to `day` that took place, oldest and least deadly first."""
    recent = events[(events["day"] <= day) & (events["day"] > day - ATTACK_DAYS) & (events["outcome"] != PREVENTED)]
    ordered: Table = recent[np.lexsort((-recent["deaths"], recent["day"]))]
    return ordered


def un_presence_by_cell(world: World, day: int, parameters: Parameters) -> FloatArray:
    """UN presence 0..1 in every cell: the same sum of traces as :func:`abm.presence.un_presence`."""
    cells = world.cells

    def left(units: str, half_life: float) -> FloatArray:
        age = np.maximum(day - cells[f"{units}_day"], 0)
        if half_life <= 0.0:
            return np.where(age > 0, 0.0, cells[units].astype(np.float64))
        faded: FloatArray = cells[units] * np.exp2(-age / half_life)
        return faded

    pressure = cells["un_held"] + left("un_patrol", parameters.patrol_effect_days)
    pressure = pressure + left("un_after", parameters.persistence_days)
    return -np.expm1(-pressure * UNIT)


def gathered(table: Table, amount: NDArray[np.int64]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Units at the very same place as one mark: x, y in km and the sum of `amount`."""
    places, where = np.unique(np.column_stack([table["x"], table["y"]]), axis=0, return_inverse=True)
    total = np.bincount(where.ravel(), weights=amount, minlength=len(places)).astype(np.float64)
    return places[:, 0], places[:, 1], total


# -- drawing -----------------------------------------------------------------------------------------------------------


def draw_villages(ax: Axes, world: World, scale: Scale, by_community: bool) -> None:
    """Settlements, muted; coloured by first community only if asked."""
    villages = world.villages
    colours = np.array(COMMUNITY_FILLS)[villages["community"]] if by_community else VILLAGE
    width = village_width(villages["population"].astype(np.float64)) * (1.35 if by_community else 1.0)
    alpha = 0.85 if by_community else 0.6
    ax.scatter(
        villages["x"], villages["y"], s=scale.area(width), c=colours, alpha=alpha, linewidths=0, zorder=MARKS - 3
    )  # fmt: skip


def draw_bands(ax: Axes, world: World, day: int, scale: Scale) -> None:
    """Bands at home by faction; hollow while they lie low."""
    hidden = world.militias["hidden_until"] > day
    for mark in dict.fromkeys(MARK_OF_FACTION.values()):
        factions = [faction for faction, own in MARK_OF_FACTION.items() if own is mark]
        of_mark = np.isin(world.militias["faction"], factions)
        for chosen, face in ((of_mark & ~hidden, mark.colour), (of_mark & hidden, "none")):
            bands = world.militias[chosen]
            ax.scatter(
                bands["x"],
                bands["y"],
                s=scale.area(band_width(bands["strength"])),
                marker=mark.marker,
                c=face,
                edgecolors=EDGE if face != "none" else mark.colour,
                linewidths=0.3 if face != "none" else 0.8,
                alpha=0.7,
                zorder=MARKS,
            )


def draw_army(ax: Axes, world: World, scale: Scale) -> None:
    """National forces where they are today, units at one place as one mark, beside a UN base of the same town."""
    units = world.national_forces
    x, y, count = gathered(units, np.ones(len(units), dtype=np.int64))
    bases = world.sites[world.sites["kind"] == UN_BASE]
    beside_un = np.any(np.hypot(x[:, None] - bases["x"], y[:, None] - bases["y"]) < SAME_TOWN_KM, axis=1)
    x, y = np.where(beside_un, x + ASIDE_KM, x), np.where(beside_un, y - ASIDE_KM, y)
    ax.scatter(
        x, y, s=scale.area(army_width(count)), marker=NATIONAL.marker, c=NATIONAL.colour,
        edgecolors="white", linewidths=0.7, alpha=0.85, zorder=MARKS + 1,
    )  # fmt: skip


def draw_un(ax: Axes, world: World, scale: Scale) -> None:
    """UN main bases by troops there, units elsewhere, and TOBs."""
    bases = world.sites[world.sites["kind"] == UN_BASE]
    at_base = world.un_units[world.un_units["task"] == AT_BASE]
    x, y, troops = gathered(at_base, at_base["troops"])
    style: dict[str, Any] = {"marker": UN.marker, "edgecolors": EDGE, "zorder": MARKS + 2}
    ax.scatter(bases["x"], bases["y"], s=scale.area(troops_width(0.0)), c=UN.colour, linewidths=0.8, **style)
    ax.scatter(x, y, s=scale.area(troops_width(troops)), c=UN.colour, linewidths=0.9, alpha=0.92, **style)
    away = world.un_units[~np.isin(world.un_units["task"], (AT_BASE, ON_TOB, NOT_ARRIVED))]
    ax.scatter(away["x"], away["y"], s=scale.area(5.0), c=UN.colour, linewidths=0.7, **style)
    draw_tobs(ax, world.slots, scale)


def draw_tob_mark(ax: Axes, x: float, y: float, scale: Scale, is_open: bool) -> None:
    """A TOB: the UN's hexagon on white with a dot, over all else; without the dot while it is being set up."""
    line: dict[str, Any] = {"mec": UN_DARK, "mew": 1.8 * scale.factor, "linestyle": "", "zorder": MARKS + 10}
    ax.plot(x, y, marker=UN.marker, ms=13.5 * scale.factor, mfc="white", mew=0.0, linestyle="", zorder=MARKS + 10)
    ax.plot(x, y, marker=UN.marker, ms=11.0 * scale.factor, mfc="white", **line)
    if is_open:
        ax.plot(x, y, marker="o", ms=4.2 * scale.factor, mfc=UN_DARK, mew=0.0, linestyle="", zorder=MARKS + 11)


def draw_tobs(ax: Axes, slots: Table, scale: Scale) -> None:
    """All TOBs that are open or being set up."""
    for slot in slots:
        if slot.status in (OPEN, PREPARING):
            draw_tob_mark(ax, float(slot.x), float(slot.y), scale, bool(slot.status == OPEN))


def draw_reach(ax: Axes, world: World, reach_km: float, scale: Scale) -> None:
    """A thin ring around every open TOB at the distance over which its presence is felt."""
    for tob in world.slots[world.slots["status"] == OPEN]:
        at, width = (float(tob.x), float(tob.y)), 1.1 * scale.factor
        ax.add_patch(Circle(at, reach_km, facecolor="none", edgecolor=UN_DARK, linewidth=width, zorder=MARKS - 1))


def draw_presence(ax: Axes, world: World, grid: Grid, day: int, parameters: Parameters) -> None:
    """UN presence as a soft fill, denser where it is stronger."""
    picture = np.zeros((grid.ny, grid.nx, 4))
    picture[..., :3] = to_rgb(UN.colour)
    picture[grid.iy, grid.ix, 3] = 0.5 * un_presence_by_cell(world, day, parameters)
    shown = ax.imshow(
        picture,
        origin="lower",
        extent=(grid.x0, grid.x0 + grid.nx * grid.size_km, grid.y0, grid.y0 + grid.ny * grid.size_km),
        interpolation="bilinear",
        aspect="auto",
        zorder=MARKS - 4,
    )
    shown.set_clip_path(region_path(grid), ax.transData)


def draw_travel_time(ax: Axes, world: World, grid: Grid, season: int) -> None:
    """Lines of equal travel from the UN's main bases in this season, in km of good road in the dry season."""
    bases = world.sites[world.sites["kind"] == UN_BASE]
    if not len(bases):
        return
    x, y, field = travel_field(grid, bases["cell"].astype(np.int64), season)
    lines = ax.contour(
        x, y, field, levels=TRAVEL_LEVELS_KM, colors=UN_DARK, linewidths=0.8, alpha=0.8, zorder=MARKS - 2
    )
    for text in ax.clabel(lines, fmt="%d km", fontsize=7, colors=TEXT):
        text.set_fontfamily(list(fonts()))


def draw_attacks(ax: Axes, events: Table, day: int, scale: Scale) -> None:
    """Recent attacks and clashes: a ring by deaths around the perpetrator's shape, fading with age."""
    for event in recent_attacks(events, day):
        draw_attack(ax, float(event.x), float(event.y), int(event.deaths), int(day - event.day), _mark(event), scale)


def _mark(event: np.record) -> Mark:
    return mark_of_event(int(event.kind), int(event.actor), int(event.faction))


def draw_attack(ax: Axes, x: float, y: float, deaths: int, age: int, mark: Mark, scale: Scale, **more: Any) -> None:
    """One attack; `more` goes to the marks (a transform, in a legend)."""
    width, alpha = float(attack_width(deaths)) * scale.factor, attack_alpha(age)
    style: dict[str, Any] = {"linestyle": "", "zorder": MARKS + 8, **more}
    fill = to_rgba(mark.colour, 0.16 * alpha)
    ax.plot(x, y, marker="o", ms=width, mfc=fill, mec=to_rgba(EDGE, 0.4 * alpha), mew=2.7 * scale.factor, **style)
    ax.plot(x, y, marker="o", ms=width, mfc="none", mec=to_rgba(mark.colour, alpha), mew=1.9 * scale.factor, **style)
    shape = 3.0 * scale.factor
    ax.plot(
        x, y, marker=mark.marker, ms=shape, mfc=to_rgba(mark.colour, alpha), mec=to_rgba(EDGE, alpha), mew=0.4, **style
    )


def wants(layers: Collection[str], *names: str) -> bool:
    """Whether any of these layers is asked for."""
    return any(name in layers for name in names)
