"""The table of actors: the names that files use are in the right roles, and every fault of an edited table is named."""

from __future__ import annotations

from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from abm.exports import BANDS, CIVILIANS, GOVERNMENT, NOT_FULANI_MILITIA, PEACEKEEPERS, SOME_JIHADISTS, SOME_MILITIA
from abm.exports import UNIDENTIFIED as UNIDENTIFIED_SIDE
from abm.kinds import CIVILIAN_KINDS, DOGON, DOZO, FULANI, IS_SAHEL, KATIBA_MACINA, KINDS
from calibration.actors import (
    NOBODY,
    OTHER,
    RECORDED_KINDS,
    ActorsError,
    ActorTable,
    load_actors,
    pair_of,
    plain,
    shipped_text,
)
from calibration.event_files import read_events

MILITIAS = ("dogon_dozo_militia", "fulani_militia", "other_militia", "unnamed_militia")
ARMIES = ("state", "external")

# As ACLED (first) and UCDP write them.
ROLES = {
    "un": ("MINUSMA: United Nations Multidimensional Integrated Stabilization Mission in Mali (2013-)", "MINUSMA"),
    "state": (
        "Military Forces of Mali (2013-2020)",
        "Military Forces of Mali (2020-2021) Special Forces",
        "Military Forces of Mali (2013-2020) Operational Coordination Mechanism",
        "Police Forces of Mali (2013-2020) Gendarmerie",
        "Police Forces of Mali (2020-) Prison Guards",
        "Mutiny of Military Forces of Mali (2012-2013)",
        "Government of Mali (2013-2020)",
        "Government of Mali",
    ),
    "external": (
        "Military Forces of France (2017-)",
        "Military Forces of Burkina Faso (2015-)",
        "Operation Barkhane",
        "G5S: G5 Sahel Force",
        "Wagner Group",
        "Africa Corps",
        "Government of France",
        "Unidentified Military Forces",
    ),
    "jihadists": (
        "JNIM: Group for Support of Islam and Muslims",
        "JNIM: Group for Support of Islam and Muslims and/or Islamic State (West Africa) - Greater Sahara Faction",
        "Islamic State and/or JNIM",
        "Islamic State (Greater Sahara)",
        "Islamic State (West Africa) - Greater Sahara Faction",
        "Islamic State Sahel Province (ISSP)",
        "Katiba Macina",
        "Katibat Macina",
        "Macina Liberation Front (FLM)",
        "Ansaroul Islam",
        "Ansar Dine",
        "AQIM: Al Qaeda in the Islamic Maghreb",
        "Al Mourabitoune Battalion",
        "Islamist Militia (Mali)",
        "JNIM",
        "IS",
        "al-Murabitun",
    ),
    "unnamed_militia": ("Unidentified Communal Militia (Mali)", "Unidentified Ethnic Militia (Mali)"),
    "dogon_dozo_militia": (
        "Dan Na Ambassagou",
        "Dogon Ethnic Militia (Mali)",
        "Dozo Communal Militia (Mali)",
        "Dozo Militia",
        "Bambara Ethnic Militia (Mali)",
        "Dan na Ambassagou",
        "Dozos (Mali)",
        "Dogon",
    ),
    "fulani_militia": ("Fulani Ethnic Militia (Mali)", "Fulani Ethnic Militia (Burkina Faso)", "Fulani"),
    "other_militia": ("Bozo Ethnic Militia (Mali)", "Tuareg Ethnic Militia (Mali)", "Soninke Ethnic Militia (Mali)"),
    "armed_movement": (
        "GATIA: Imghad Tuareg and Allies Self-Defense Group",
        "MSA: Movement for the Salvation of the Azawad",
        "CM-FPR",
        "Ganda Izo",
        "GATIA, MSA",
    ),
    "unidentified": ("Unidentified Armed Group (Mali)", "Unidentified Armed Group (Burkina Faso)"),
    "civilians": ("Civilians (Mali)", "Civilians (International)", "Protesters (Mali)", "Rioters (Mali)", "Civilians"),
    NOBODY: ("", "  "),
    None: ("Private Security Forces (Mali)", "XXX130", "Martians", "Community of Dogon"),
}


@pytest.fixture(scope="module")
def table() -> ActorTable:
    return load_actors()


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, names in ROLES.items() for name in names])
def test_names_of_acled_and_ucdp(table: ActorTable, role: str | None, name: str) -> None:
    assert table.role_of(name) == role
    assert table.role_of(f"  {name.upper()} ") == role


def test_names_of_the_model_s_own_export(table: ActorTable) -> None:
    own = {
        "jihadists": (BANDS[KATIBA_MACINA], BANDS[IS_SAHEL], SOME_JIHADISTS),
        "dogon_dozo_militia": (BANDS[DOGON], BANDS[DOZO], NOT_FULANI_MILITIA),
        "fulani_militia": (BANDS[FULANI],),
        "unnamed_militia": (SOME_MILITIA,),
        "state": (GOVERNMENT,),
        "un": (PEACEKEEPERS,),
        "civilians": (CIVILIANS,),
        "unidentified": (UNIDENTIFIED_SIDE,),
    }
    for role, sides in own.items():
        assert {table.role_of(side.name) for side in sides} == {role}


def expected_kind(one: str, other: str) -> str:
    """The kinds of the observation model, said once more and in another way."""
    pair = {one, other}
    if "civilians" in pair and len(pair) == 2:
        (by,) = pair - {"civilians"}
        words = {
            "dogon_dozo_militia": "dogon_dozo_militia", "fulani_militia": "fulani_militia", "jihadists": "jihadists",
            "state": "state_or_external", "external": "state_or_external", "un": "state_or_external",
            "unidentified": "unidentified", "unnamed_militia": "unidentified",
        }  # fmt: skip
        return f"civilians_by_{words[by]}" if by in words else OTHER
    if pair <= set(MILITIAS):
        return "militia_v_militia"
    if "jihadists" in pair:
        if len(pair) == 1:
            return "jihadists_v_jihadists"
        (against,) = pair - {"jihadists"}
        if against in MILITIAS:
            return "jihadists_v_militia"
        return "state_v_jihadists" if against in ARMIES else "un_v_jihadists" if against == "un" else OTHER
    armies = pair & set(ARMIES)
    others = pair & {*MILITIAS, "armed_movement", "unidentified"}
    return "state_v_other" if len(armies) == len(others) == 1 else OTHER


def test_every_pair_of_roles_has_its_kind(table: ActorTable) -> None:
    roles = [role for role, _ in table.patterns]
    assert set(roles) | {NOBODY} == {role for role in ROLES if role}
    for one, other in combinations_with_replacement((*roles, NOBODY), 2):
        assert table.kind_of(one, other) == table.kind_of(other, one) == expected_kind(one, other), (one, other)


def test_the_table_reaches_every_recorded_kind(table: ActorTable) -> None:
    assert set(table.kinds.values()) | {OTHER} == set(RECORDED_KINDS)
    assert RECORDED_KINDS[: len(KINDS)] == KINDS
    for pair, kind in table.kinds.items():
        assert ("civilians" in pair) == (kind in CIVILIAN_KINDS)


def test_names_are_compared_without_accents_and_capitals() -> None:
    assert plain("  Jama’at  NUSRAT\tal-Islam ") == "jama'at nusrat al-islam"
    assert plain("Ségou") == "segou"
    assert pair_of("b", "a") == pair_of("a", "b") == ("a", "b")


EVENT = (
    "event_id_cnty,event_date,event_type,actor1,actor2,latitude,longitude,fatalities\n"
    "MLI1,2020-03-12,Violence against civilians,Private Security Forces (Mali),Civilians (Mali),14.078,-3.516,1\n"
    "MLI2,2020-03-13,Violence against civilians,Bambara Ethnic Militia (Mali),Civilians (Mali),14.078,-3.516,2\n"
)


def test_an_edited_copy_takes_the_place_of_the_table(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text(EVENT)
    copy = tmp_path / "mine.toml"
    text = shipped_text().replace('"Wagner*",', '"Wagner*", "Private Security Forces*",').replace(', "Bambara*"', "")
    copy.write_text(text.replace('"Bobo*",', '"Bobo*", "Bambara*",'), encoding="utf-8")
    shipped, mine = read_events(events), read_events(events, actors=copy)
    assert [RECORDED_KINDS[kind] for kind in shipped.events.kind] == ["civilians_by_dogon_dozo_militia"]
    assert shipped.summary.unmapped == {"Private Security Forces (Mali)": 1}
    assert [RECORDED_KINDS[kind] for kind in mine.events.kind] == ["civilians_by_state_or_external", "other"]
    assert mine.summary.unnamed_pairs == {"civilians and other_militia": 1}
    assert mine.summary.unmapped == {}


GOOD_ROLES = '[roles]\njihadists = ["JNIM*"]\ncivilians = ["Civilians*"]\n'
GOOD = GOOD_ROLES + '[kinds]\ncivilians_by_jihadists = [["jihadists", "civilians"]]\n'
FAULTS = {
    "no toml": (GOOD + "[[", r"not valid TOML"),
    "no roles": ("[kinds]\n" + GOOD.split("[kinds]\n")[1], r"no section \[roles\]; expected \[roles\] and \[kinds\]"),
    "no kinds": (GOOD_ROLES, r"no section \[kinds\]"),
    "one too many": (GOOD + "[factions]\n", r"unknown section 'factions'"),
    "no list": (GOOD.replace('["JNIM*"]', '"JNIM*"'), r"roles\.jihadists: expected a list of patterns of names"),
    "numbers": (GOOD.replace('["JNIM*"]', "[1]"), r"roles\.jihadists: expected a list of patterns"),
    "blank": (GOOD.replace('["JNIM*"]', '[" "]'), r"roles\.jihadists: expected a list of patterns"),
    "nothing": (GOOD.replace('["JNIM*"]', "[]"), r"roles\.jihadists: expected a list of patterns"),
    "nobody": (GOOD.replace("jihadists = ", "nobody = "), r"roles\.nobody: is the role of an empty name"),
    "in two roles": (GOOD.replace('"Civilians*"', '"jnim*"'), r"roles\.civilians: 'jnim\*' is also a pattern of jihad"),
    "unknown kind": (
        GOOD.replace("civilians_by_", "by_"),
        r"unknown kind 'by_jihadists'; expected one of civilians_by",
    ),
    "unknown role": (
        GOOD.replace('"civilians"]', '"farmers"]'),
        r"kinds\.civilians_by_jihadists: unknown role 'farmers'; expected one of jihadists, civilians, nobody",
    ),
    "no pair": (GOOD.replace(', "civilians"', ""), r"kinds\.civilians_by_jihadists: \['jihadists'\] is no pair"),
    "no pairs": (GOOD.replace('[["jihadists", "civilians"]]', "3"), r"expected a list of pairs of roles"),
    "two kinds": (
        GOOD + 'other = [["civilians", "jihadists"]]\n',
        r"kinds\.other: civilians and jihadists make civilians_by_jihadists already",
    ),
}


@pytest.mark.parametrize(("content", "message"), FAULTS.values(), ids=FAULTS)
def test_each_fault_of_a_table_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    assert load_actors(path).role_of("JNIM") == "jihadists"
    path.write_text(content)
    with pytest.raises(ActorsError, match=message) as caught:
        load_actors(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    with pytest.raises(ActorsError, match=r"mine\.toml: cannot be read"):
        load_actors(path)
    path.write_bytes(GOOD.replace("JNIM", "Jéhad").encode("latin-1"))
    with pytest.raises(ActorsError, match=r"mine\.toml: cannot be read: byte 0xe9 in line 2 is not UTF-8"):
        load_actors(path)


def test_the_first_role_that_fits_counts(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace('civilians = ["Civilians*"]', 'civilians = ["Civilians*", "JNIM (civilian wing)"]'))
    assert load_actors(path).role_of("JNIM (civilian wing)") == "jihadists"
