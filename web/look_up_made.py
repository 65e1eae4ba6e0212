"""Sections of the look-up page that are made from declarations and data headers, in English or French, as Markdown."""

from __future__ import annotations

from collections import Counter
from importlib import metadata
from itertools import groupby
from typing import Any, TypeVar

from abm.compiled import FINGERPRINT
from abm.data import licence_of, source_of, table_names
from abm.declarations import ASSUMPTION, CALIBRATED, LITERATURE
from abm.views.words import Language
from runs.provenance import DISTRIBUTION
from web.cards import cards
from web.french import typeset
from web.french.numbers import in_english, in_french
from web.look_up_pages import FOREIGN

T = TypeVar("T")
MADE = "own work"  # how the licence of a table begins that nobody else has rights in


# --- parameters -----------------------------------------------------------------------------------------------------


def parameters(_english: str, language: Language) -> str:
    """Every parameter by group: status, name, meaning, default, range and source."""
    found = cards()
    counts = Counter(card["status"] for card in found)
    held = sum(card["range"] is None for card in found)
    lines = [_opening(len(found), counts, held)[language == "fr"]]
    heads = _pick(language, ("", "Parameter", "Meaning", "Default", "Range", "Source"),
                  ("", "Paramètre", "Définition", "Défaut", "Plage", "Source"))  # fmt: skip
    for _, members in groupby(found, key=lambda card: card["group"]):
        group = list(members)
        lines += [f"## {group[0]['group_title'][language]}", group[0]["group_sentence"][language]]
        lines.append(_table(heads, [_row(card, language) for card in group]))
    return "\n\n".join(lines) + "\n"


def _opening(total: int, counts: Counter[str], held: int) -> tuple[str, str]:
    """What the marks say, and how many parameters carry each."""
    calibrated, literature, assumption = (counts[status] for status in (CALIBRATED, LITERATURE, ASSUMPTION))
    english = (
        f"# Parameters and their sources\n\nOf {total} parameters {calibrated} are calibrated to recorded events (●), "
        f"{literature} come from the literature (◐), and {assumption} are assumptions (○): nobody knows them. "
        f"{held} are held at one value in every comparison, so that no interval says anything about them; all others "
        "are drawn anew from their range for each set of parameters. Change one and see what it does: "
        "[Assumptions](#/assumptions)."
    )
    french = typeset(
        f"# Paramètres et leurs sources\n\nSur {total} paramètres, {calibrated} sont calibrés sur les événements "
        f"enregistrés (●), {literature} proviennent de la littérature (◐) et {assumption} sont des hypothèses (○) : "
        f"personne ne les connaît. {held} gardent la même valeur dans toutes les comparaisons, de sorte qu'aucun "
        "intervalle n'en dit rien ; tous les autres sont tirés à nouveau dans leur plage pour chaque jeu de "
        "paramètres. Pour en changer un et voir ce qu'il fait : [Hypothèses](#/assumptions)."
    )
    return english, french


def _row(card: dict[str, Any], language: Language) -> tuple[str, ...]:
    say = in_french if language == "fr" else in_english
    return (
        card["mark"],
        f"{card['title'][language]} (`{card['name']}`)",
        card["meaning"][language],
        f"{say(card['default'])} {card['unit'][language]}".strip(),
        card["prior"]["text"][language] if card["prior"].get("text") else "",
        card["source"][language],
    )


# --- citing ---------------------------------------------------------------------------------------------------------


def citing(_english: str, language: Language) -> str:
    """How to cite the program, under which licence it is, and where each embedded table comes from."""
    version = metadata.version(DISTRIBUTION)
    lines = [_citation(version)[language == "fr"]]
    lines.append(_pick(language, "## Where the data come from", "## D'où viennent les données"))
    lines.append(_data_words()[language == "fr"])
    heads = _pick(language, ("Table", "Source", "Licence"), ("Table", "Source (en anglais)", "Licence (en anglais)"))
    opens = FOREIGN if language == "fr" else ""
    rows: list[tuple[str, ...]] = [
        (f"`{name}`", opens + source_of(name), opens + licence_of(name)) for name in table_names()
    ]
    lines.append(_table(heads, rows))
    return "\n\n".join(lines) + "\n"


def _citation(version: str) -> tuple[str, str]:
    reference = (
        "Sector Centre contributors. *Sector Centre: an agent-based model of intercommunal violence and peacekeeper "
        f"presence in central Mali*, version {version} (source `{FINGERPRINT}`)."
    )
    english = (
        f"# How to cite, licence, data\n\n> {reference}\n\n"
        "Name the scenario hash and the parameter hash of your results beside it: they stand below every figure and in "
        "every saved table, and let anybody make the same numbers again. The code is under the Apache License 2.0: use "
        "it, change it and pass it on, with its notice.\n\n"
        "A figure from this page shows what follows from assumptions. Say so where you show it, with the interval and "
        "with what was assumed."
    )
    french = typeset(
        f"# Citer, licence, données\n\n> {FOREIGN}{reference}\n\n"
        "Indiquez à côté l'empreinte du scénario et celle des paramètres de vos résultats : elles figurent sous chaque "
        "figure et dans chaque tableau enregistré, et permettent à chacun de refaire les mêmes nombres. Le code est "
        "sous licence Apache 2.0 : vous pouvez l'utiliser, le modifier et le transmettre, avec sa notice.\n\n"
        "Une figure tirée de cette page montre ce qui découle d'hypothèses. Dites-le là où vous la montrez, avec "
        "l'intervalle et ce qui a été supposé."
    )
    return english, french


def _data_words() -> tuple[str, str]:
    own = sum(licence_of(name).startswith(MADE) for name in table_names())
    total = len(table_names())
    english = (
        "Recorded events are an own aggregation of ACLED (Armed Conflict Location & Event Data, acleddata.com), "
        "2017-2020, by month, cercle and kind: no single event is in the program. Settlements are counts of GeoNames "
        f"per 5 km, at drawn positions. Of {total} embedded tables {own} are own work, many of them assumptions; the "
        "others carry their source and licence."
    )
    french = typeset(
        "Les événements enregistrés sont une agrégation propre d'ACLED (Armed Conflict Location & Event Data, "
        "acleddata.com), 2017-2020, par mois, cercle et type : aucun événement isolé n'est dans le programme. Les "
        "localités sont des dénombrements de GeoNames par maille de 5 km, placées au hasard. Sur "
        f"{total} tables intégrées, {own} sont un travail propre, dont beaucoup d'hypothèses ; les autres portent leur "
        "source et leur licence."
    )
    return english, french


# --- Markdown -------------------------------------------------------------------------------------------------------


def _pick(language: Language, english: T, french: T) -> T:
    return french if language == "fr" else english


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    cells = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells)
