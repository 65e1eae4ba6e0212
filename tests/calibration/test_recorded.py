"""The mapping of recorded kinds to actions of the model: nothing is lost, nothing is made."""

from __future__ import annotations

import numpy as np
import pytest

from abm.data import read_table
from abm.geography import CERCLES, ZONE_OF_CERCLE, ZONES
from abm.kinds import (
    DOGON,
    DOZO,
    FACTIONS,
    FULANI,
    IS_SAHEL,
    KATIBA_MACINA,
    KINDS,
    ON_ARMY,
    ON_JIHADISTS,
    ON_MILITIA,
    ON_VILLAGE,
)
from calibration.recorded import (
    AMBUSH_SHARE,
    actions_by_cercle,
    army_by_zone,
    by_zone,
    dogon_part,
    events_by_cercle,
    is_sahel_part,
    unidentified_by_zone,
)

ROWS = [r for r in read_table("events_by_month_cercle_kind_2017_2020") if r["kind"] in KINDS]


def recorded(kind: str, year: str = "2020") -> int:
    return sum(int(r["events"]) for r in ROWS if r["kind"] == kind and r["month"].startswith(year))


def test_events_are_counted_by_kind_and_cercle() -> None:
    counts = events_by_cercle("2020")
    assert counts.shape == (len(KINDS), len(CERCLES))
    for k, kind in enumerate(KINDS):
        assert counts[k].sum() == recorded(kind)
    years = sum(events_by_cercle(str(year)) for year in range(2017, 2021))
    assert np.array_equal(years, events_by_cercle(None))
    assert counts.sum() == 542  # of the ten kinds, in 2020


def test_zones_are_sums_of_their_cercles() -> None:
    counts = events_by_cercle("2020")
    zones = by_zone(counts)
    assert zones.shape == (len(KINDS), len(ZONES))
    assert np.array_equal(zones.sum(axis=1), counts.sum(axis=1))
    assert zones[2, 0] == sum(counts[2, c] for c, z in enumerate(ZONE_OF_CERCLE) if z == 0)


@pytest.mark.parametrize("year", ["2019", "2020", None])
def test_every_event_by_a_band_becomes_one_action(year: str | None) -> None:
    actions, events = actions_by_cercle(year), events_by_cercle(year).sum(axis=1)
    total = dict(zip(KINDS, events, strict=True))
    assert (actions >= 0).all()
    on_villages = actions[:, :, ON_VILLAGE].sum()
    named = sum(
        total[f"civilians_by_{who}"] for who in ("dogon_dozo_militia", "fulani_militia", "jihadists", "unidentified")
    )
    assert on_villages == pytest.approx(named)
    jihadists = [KATIBA_MACINA, IS_SAHEL]
    militia = [DOGON, DOZO, FULANI]
    assert actions[militia, :, ON_MILITIA].sum() == pytest.approx(total["militia_v_militia"])
    clashes = actions[jihadists, :, ON_MILITIA].sum() + actions[:, :, ON_JIHADISTS].sum()
    assert clashes == pytest.approx(total["jihadists_v_militia"])
    assert actions[:, :, ON_ARMY].sum() == pytest.approx(AMBUSH_SHARE * total["state_v_jihadists"])
    assert not actions[militia, :, ON_ARMY].any()
    assert not actions[jihadists, :, ON_JIHADISTS].any()


def test_national_forces_have_the_rest() -> None:
    contacts, others, abuses = army_by_zone()
    assert contacts.sum() == pytest.approx((1 - AMBUSH_SHARE) * recorded("state_v_jihadists"))
    assert others.sum() == recorded("state_v_other")
    assert abuses.sum() == recorded("civilians_by_state_or_external")


def test_actions_and_army_add_up_to_the_year() -> None:
    bands = actions_by_cercle("2020").sum()
    army = sum(part.sum() for part in army_by_zone())
    assert bands + army + recorded("un_v_jihadists") == pytest.approx(542)


def test_dogon_and_dozo_share_the_region() -> None:
    assert [dogon_part(c) for c in ("Koro", "Bankass", "Bandiagara", "Douentza", "Mopti", "Djenne", "Segou")] == [
        1.0, 1.0, 1.0, 1.0, 0.5, 0.0, 0.0,
    ]  # fmt: skip
    actions = actions_by_cercle("2020")
    for c, cercle in enumerate(CERCLES):
        if dogon_part(cercle) == 1.0:
            assert not actions[DOZO, c].any()
        if dogon_part(cercle) == 0.0:
            assert not actions[DOGON, c].any()


def test_is_sahel_acts_in_douentza_only_by_its_share_of_fighters() -> None:
    actions = actions_by_cercle("2020")
    elsewhere = [c for c, name in enumerate(CERCLES) if name != "Douentza"]
    assert not actions[IS_SAHEL][elsewhere].any()
    douentza = CERCLES.index("Douentza")
    both = actions[IS_SAHEL, douentza] + actions[KATIBA_MACINA, douentza]
    assert actions[IS_SAHEL, douentza] == pytest.approx(is_sahel_part() * both)
    assert 0.0 < is_sahel_part() < 1.0


def test_unidentified_events_keep_the_shares_of_the_named() -> None:
    zones = by_zone(events_by_cercle("2020"))
    share = unidentified_by_zone("2020")
    for zone in range(len(ZONES)):
        named = zones[[0, 1, 2], zone].sum()
        assert share[zone] == pytest.approx(zones[4, zone] / (named + zones[4, zone]))
    actions = np.moveaxis(actions_by_cercle("2020"), 1, 2)
    on_villages = by_zone(actions)[:, ON_VILLAGE]
    fulani = on_villages[FULANI] / on_villages.sum(axis=0)
    assert fulani[0] == pytest.approx(zones[1, 0] / zones[[0, 1, 2], 0].sum())
    assert len(FACTIONS) == on_villages.shape[0]
