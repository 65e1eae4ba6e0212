"""What pictures say: every mark and word is there, and nothing is drawn that did not happen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
import pytest
from engine import defaults
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon
from matplotlib.text import Text
from pictures import SMALL_CERCLES, bare, framed, simulation, small_grid, texts, today

from abm.geography import CERCLES, COMMUNITIES, ZONE_OF_CERCLE, build_grid, cercle_outline, towns
from abm.kinds import BAND, FACTIONS, KINDS, NATIONAL_FORCES, PREVENTED, REALISED, REALISED_ELSEWHERE
from abm.presence import un_presence
from abm.tables import EVENTS, OPEN, PREPARING, Table
from abm.views import palette
from abm.views.basemap import extent_of, scale_length_km, zone_borders
from abm.views.layers import (
    ATTACK_DAYS,
    attack_alpha,
    attack_width,
    gathered,
    recent_attacks,
    un_presence_by_cell,
)
from abm.views.monthly import draw_monthly, monthly_attacks
from abm.views.words import WORDS, date_and_season, say
from abm.views.world_map import LAYERS, SHOWN, draw_bare_map, draw_map


def points_of(collection: PathCollection) -> int:
    return len(np.asarray(collection.get_offsets()))


def channel(value: float) -> float:
    return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    red, green, blue = (channel(int(colour[k : k + 2], 16) / 255) for k in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


# --- colours and words ------------------------------------------------------------------------------------------------


def test_text_can_be_read_and_marks_can_be_seen() -> None:
    for ground in (palette.SAND, palette.OUTSIDE, palette.PAPER):
        assert contrast(palette.TEXT, ground) >= 4.5
        assert contrast(palette.QUIET_TEXT, ground) >= 4.5
        assert contrast(palette.EDGE, ground) >= 3.0
    assert all(contrast(colour, palette.PAPER) >= 3.0 for colour in palette.ARM_COLOURS)


def test_every_actor_has_a_colour_and_a_shape_of_its_own() -> None:
    marks = (*palette.PERPETRATORS, palette.UN)
    assert len({mark.colour for mark in marks}) == len({mark.marker for mark in marks}) == len(marks)
    assert set(palette.MARK_OF_FACTION) == set(range(len(FACTIONS)))
    assert len(palette.COMMUNITY_FILLS) == len(COMMUNITIES)


@pytest.mark.parametrize("kind", range(len(KINDS)), ids=KINDS)
def test_every_event_has_the_mark_of_whoever_acted(kind: int) -> None:
    recorded = {
        "civilians_by_dogon_dozo_militia": palette.DOGON_DOZO,
        "civilians_by_fulani_militia": palette.FULANI_MILITIA,
        "civilians_by_jihadists": palette.JIHADISTS,
        "civilians_by_state_or_external": palette.NATIONAL,
        "civilians_by_unidentified": palette.UNIDENTIFIED,
    }
    for faction, name in enumerate(FACTIONS):
        own = palette.JIHADISTS if name in ("katiba_macina", "is_sahel") else palette.MARK_OF_FACTION[faction]
        assert palette.mark_of_event(kind, BAND, faction) is recorded.get(KINDS[kind], own)
    assert palette.mark_of_event(kind, NATIONAL_FORCES, -1) is recorded.get(KINDS[kind], palette.NATIONAL)


def test_every_word_is_in_both_languages_with_the_same_blanks() -> None:
    for key, (english, french) in WORDS.items():
        assert english.strip(), key
        assert french.strip(), key
        blanks = [{part[1] for part in _parsed(sentence)} for sentence in (english, french)]
        assert blanks[0] == blanks[1], key
    needed = (
        {mark.key for mark in palette.PERPETRATORS} | set(KINDS) | set(COMMUNITIES) | {f"layer_{n}" for n in LAYERS}
    )
    assert needed <= set(WORDS)


def _parsed(sentence: str) -> Iterator[tuple[str, str]]:
    from string import Formatter

    return ((before, field) for before, field, _, _ in Formatter().parse(sentence) if field is not None)


def test_a_blank_left_empty_or_a_language_unknown_is_an_error() -> None:
    assert say("interval_effect", level="90 %") == "90 % interval of the effect"
    with pytest.raises(KeyError):
        say("interval_effect")
    with pytest.raises(ValueError, match="de"):
        say("run", "de")  # type: ignore[arg-type]


def test_dates_carry_their_season() -> None:
    assert date_and_season(1896) == "12 Mar 2022 · dry season"
    assert date_and_season(1896 + 184, "fr") == "12 sept. 2022 · pluies et crue"


# --- ground -----------------------------------------------------------------------------------------------------------


def test_zone_borders_leave_out_what_lies_within_a_zone() -> None:
    drawn = {frozenset((round(float(x), 3), round(float(y), 3)) for x, y in segment) for segment in zone_borders()}

    def shared(one: str, other: str) -> set[frozenset[tuple[float, float]]]:
        sides = []
        for name in (one, other):
            rings = [[(round(float(x), 3), round(float(y), 3)) for x, y in ring] for ring in cercle_outline(name)]
            sides.append({frozenset(pair) for ring in rings for pair in pairwise(ring)})
        return sides[0] & sides[1]

    zones = dict(zip(CERCLES, ZONE_OF_CERCLE, strict=True))
    neighbours = [(a, b, shared(a, b)) for a, b in combinations(CERCLES, 2)]
    within = [border for a, b, border in neighbours if border and zones[a] == zones[b]]
    between = [border for a, b, border in neighbours if border and zones[a] != zones[b]]
    assert len(within) > 5
    assert len(between) > 5
    assert all(not border & drawn for border in within)
    assert all(border <= drawn for border in between)


@pytest.mark.parametrize(("width", "length"), [(60.0, 10), (700.0, 100), (1.0, 5)])
def test_scale_bar_is_round_and_at_most_a_fifth(width: float, length: int) -> None:
    assert scale_length_km(width) == length


def test_scale_bar_is_as_long_as_it_says() -> None:
    ax = bare().axes[0]
    said = next(int(text.removesuffix(" km")) for text in texts(ax.figure) if text.endswith(" km"))  # type: ignore[arg-type]
    bars = [line.get_xdata() for line in ax.lines if line.get_linewidth() == 2.0 and line.get_color() == palette.TEXT]
    assert [float(np.ptp(np.asarray(x, dtype=float))) for x in bars] == [pytest.approx(said)]


def test_a_kilometre_is_as_long_north_as_east() -> None:
    figure = bare()
    figure.draw_without_rendering()
    (x0, y0), (x1, _), (_, y2) = figure.axes[0].transData.transform([(0, 0), (100, 0), (0, 100)])
    assert x1 - x0 == pytest.approx(y2 - y0)


def test_a_map_names_no_place_but_capitals() -> None:
    """Do no harm: a reader finds cercles by their capitals and no village at all."""
    capitals = {
        town.name for town in towns().values() if town.kind == "capital" and CERCLES[town.cercle] in SMALL_CERCLES
    }
    figure = bare(layers=LAYERS)
    beside = {"Burkina Faso", "Mauritania", "N", "0"}
    named = {text for text in texts(figure) if text not in beside and not text.endswith(" km")}
    assert named == capitals


def test_flood_is_drawn_only_while_it_is_there() -> None:

    def hatched(day: int, **options: object) -> bool:
        ax = Figure().add_subplot()
        draw_map(simulation().world, small_grid(), day, ax=ax, parameters=defaults(), **options)  # type: ignore[arg-type]
        return any(isinstance(patch, Polygon) and patch.get_hatch() for patch in ax.patches)

    march, september = 1896, 1896 + 184
    assert not hatched(march)
    assert hatched(september)
    assert not hatched(september, layers=("villages",))


# --- what moves -------------------------------------------------------------------------------------------------------


def events(*rows: dict[str, float]) -> Table:
    table = np.zeros(len(rows), EVENTS)
    for event, values in zip(table, rows, strict=True):
        for field, value in {"kind": 2, "actor": BAND, "x": 400.0, "y": 180.0, **values}.items():
            event[field] = value
    return table


def test_only_recent_attacks_that_happened_are_drawn() -> None:
    log = events(
        {"day": 1000, "deaths": 1, "outcome": REALISED},
        {"day": 1000, "deaths": 2, "outcome": PREVENTED},
        {"day": 1000 - ATTACK_DAYS + 1, "deaths": 3, "outcome": REALISED_ELSEWHERE},
        {"day": 1000 - ATTACK_DAYS, "deaths": 4, "outcome": REALISED},
        {"day": 1001, "deaths": 5, "outcome": REALISED},
    )
    assert sorted(recent_attacks(log, 1000)["deaths"].tolist()) == [1, 3]


def rings(ax: Axes) -> list[Line2D]:
    """Coloured rings of attacks: hollow circles drawn as markers."""
    return [line for line in ax.lines if line.get_marker() == "o" and line.get_markerfacecolor() == "none"]


def test_an_attack_is_a_ring_in_the_actors_colour_that_grows_with_deaths_and_fades_with_age() -> None:
    log = events({"day": 1000, "deaths": 0, "kind": 1}, {"day": 980, "deaths": 40, "kind": 2})
    ax = Figure(figsize=(8, 6)).add_subplot()
    draw_map(simulation().world, small_grid(), 1000, events=log, layers=("attacks",), ax=ax, parameters=defaults())
    old, new = rings(ax)
    assert old.get_markersize() > 2 * new.get_markersize()
    (*old_colour, old_alpha), (*new_colour, new_alpha) = old.get_markeredgecolor(), new.get_markeredgecolor()
    assert old_alpha < new_alpha == 1.0
    hexes = ["#" + "".join(f"{round(255 * part):02X}" for part in colour) for colour in (old_colour, new_colour)]
    assert hexes == [palette.JIHADISTS.colour, palette.FULANI_MILITIA.colour]


@given(st.integers(0, ATTACK_DAYS - 1), st.floats(0, 300), st.floats(0, 300))
def test_rings_grow_and_fade_without_jumps_back(age: int, one: float, other: float) -> None:
    assert 0.0 < attack_alpha(age + 1) < attack_alpha(age) <= 1.0
    assert (attack_width(one) <= attack_width(other)) == (one <= other) or one == pytest.approx(other)


def test_presence_on_the_map_is_the_presence_attackers_meet() -> None:
    world, p = simulation().world, defaults()
    drawn = un_presence_by_cell(world, today(), p)
    plain = un_presence.py_func  # phases are called from compiled code only
    met = [plain(world, cell, today(), p.patrol_effect_days, p.persistence_days) for cell in range(world.cells.size)]
    assert max(met) > 0.5
    assert drawn == pytest.approx(np.array(met), abs=1e-9)


def test_units_at_one_place_are_one_mark() -> None:
    table = np.zeros(4, [("x", "f8"), ("y", "f8")])
    table["x"] = (1.0, 2.0, 1.0, 1.0)
    x, y, total = gathered(table, np.array([10, 20, 30, 5]))
    assert list(zip(x, y, total, strict=True)) == [(1.0, 0.0, 45.0), (2.0, 0.0, 20.0)]


def test_every_settlement_and_band_is_on_the_map() -> None:
    world = simulation().world
    ax = bare(layers=("villages",)).axes[0]
    assert [points_of(c) for c in ax.collections if isinstance(c, PathCollection)] == [world.villages.size]
    ax = bare(layers=("bands",)).axes[0]
    assert sum(points_of(c) for c in ax.collections if isinstance(c, PathCollection)) == world.militias.size


def test_a_ring_at_the_reach_of_every_open_base() -> None:
    slots = simulation().world.slots
    held = slots[slots["status"] == OPEN]
    assert held.size > 0
    circles = [patch for patch in bare(layers=("tob_reach",)).axes[0].patches if isinstance(patch, Circle)]
    assert [circle.get_radius() for circle in circles] == [defaults().presence_km] * held.size
    assert [circle.center for circle in circles] == [(tob.x, tob.y) for tob in held]


def test_bases_are_marked_open_or_being_set_up() -> None:
    run = simulation()
    world = run.world._replace(slots=run.world.slots.copy())

    def marks(status: int) -> list[str]:
        world.slots["status"] = status
        figure = draw_bare_map(world, small_grid(), today(), layers=("un",), parameters=defaults())
        return [str(line.get_marker()) for line in figure.axes[0].lines if 20 <= line.get_zorder() < 29]

    hexagons, dots = marks(PREPARING).count("h"), marks(PREPARING).count("o")
    assert hexagons == 2 * world.slots.size
    assert marks(OPEN).count("h") == hexagons
    assert marks(OPEN).count("o") == dots + world.slots.size


def test_identity_is_shown_only_if_asked_for() -> None:
    assert "communities" not in SHOWN
    colours = {
        layers: len(np.unique(bare(layers=layers).axes[0].collections[-1].get_facecolor(), axis=0))
        for layers in (("villages",), ("communities",))
    }
    assert colours[("villages",)] == 1
    assert colours[("communities",)] > 2


def test_a_world_on_another_grid_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the world has \d+ cells, the grid"):
        draw_map(simulation().world, build_grid(20, SMALL_CERCLES), today())


def test_an_unknown_layer_is_named() -> None:
    with pytest.raises(ValueError, match="unknown layer 'mines'; expected some of villages"):
        framed(layers=("villages", "mines"))


# --- months -----------------------------------------------------------------------------------------------------------


def test_months_count_attacks_on_civilians_by_perpetrator() -> None:
    first = 1461  # 1 January 2021
    log = events(
        {"day": first, "kind": 0},
        {"day": first + 30, "kind": 0},
        {"day": first + 31, "kind": 0},
        {"day": first + 31, "kind": 0, "outcome": PREVENTED},
        {"day": first + 31, "kind": 5},
        {"day": first + 60, "kind": 4},
    )
    counts = monthly_attacks(log, first, first + 58)
    assert counts.shape == (5, 2)
    assert counts[0].tolist() == [2, 1]
    assert counts.sum() == 3
    drawn = texts(draw_monthly(log, first, first + 58, until=first + 364))
    assert "Dogon and Dozo militias  3" in drawn
    assert "Jan 2021" in drawn
    assert "Dec 2021" in drawn


def test_extent_holds_the_whole_grid() -> None:
    extent = extent_of(small_grid())
    assert extent.west < small_grid().x.min() < small_grid().x.max() < extent.east
    assert extent.south < small_grid().y.min() < small_grid().y.max() < extent.north


@pytest.mark.parametrize("gazetteer", [False, True])
def test_the_footer_says_whether_places_are_drawn(gazetteer: bool) -> None:
    figure = draw_map(simulation().world, small_grid(), today(), gazetteer=gazetteer)
    text = " ".join(artist.get_text().replace("\n", " ") for artist in figure.findobj(Text))
    assert ("not real" in text) != gazetteer
    assert ("may be real places" in text) == gazetteer
