"""The words of every picture and page in English and French; the French is MINUSMA's own usage."""

from __future__ import annotations

from typing import Literal

from abm.calendar import date_of, season_of_month

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")

_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}

WORDS: dict[str, tuple[str, str]] = {
    # Actors.
    "jihadists": ("Armed jihadist groups", "Groupes armés jihadistes"),
    "dogon_dozo": ("Dogon and Dozo militias", "Milices dogon et dozo"),
    "fulani_militia": ("Fulani militias", "Milices peules"),
    "national_forces": ("National forces (MDSF)", "Forces nationales (FDSM)"),
    "unidentified": ("Unidentified", "Non identifiés"),
    "un": ("UN peacekeepers", "Casques bleus"),
    # Things on the map.
    "actors": ("Actors", "Acteurs"),
    "bands": ("Bands at home; hollow: lying low", "Groupes à leur base ; creux : en retrait"),
    "units_there": ("units there", "unités sur place"),
    "un_base": ("Main base, by troops", "Base principale, selon l'effectif"),
    "un_unit": ("Unit away from its base", "Unité hors de sa base"),
    "tob": ("Temporary operating base (TOB)", "Base opérationnelle temporaire (BOT)"),
    "tob_preparing": ("TOB being set up", "BOT en installation"),
    "tob_reach": ("TOB reach", "Rayon d'action d'une BOT"),
    "presence": ("UN presence", "Présence de l'ONU"),
    "villages": ("Settlements", "Localités"),
    "people": ("people", "habitants"),
    "attacks": ("Attacks and clashes, last 30 days", "Attaques et affrontements, 30 jours"),
    "deaths": ("deaths", "morts"),
    "rings": ("in its actor's colour, fading with age", "dans la couleur de l'acteur, s'estompant"),
    "ground": ("Ground", "Fond de carte"),
    "river": ("River, lake", "Fleuve, lac"),
    "flood": ("Flooded in season", "Inondé en saison"),
    "road": ("Main road", "Route principale"),
    "capital": ("Cercle capital", "Chef-lieu de cercle"),
    "cercle": ("Cercle", "Cercle"),
    "zone": ("Zone", "Zone"),
    "travel_time": ("Travel from UN bases, km of good road", "Trajet depuis les bases de l'ONU, km de bonne route"),
    # Communities.
    "communities": ("First community", "Communauté principale"),
    "dogon": ("Dogon", "Dogon"),
    "fulani": ("Fulani", "Peul"),
    "bambara": ("Bambara, Mande", "Bambara, mandé"),
    "bozo": ("Bozo, Somono", "Bozo, somono"),
    "songhay": ("Songhay", "Songhaï"),
    "other": ("Other", "Autres"),
    # Seasons, by index of abm.calendar.SEASONS.
    "season_0": ("dry season", "saison sèche"),
    "season_1": ("rains", "saison des pluies"),
    "season_2": ("rains and flood", "pluies et crue"),
    "season_3": ("flood", "crue"),
    # Neighbours.
    "burkina_faso": ("Burkina Faso", "Burkina Faso"),
    "mauritania": ("Mauritania", "Mauritanie"),
    # Comparisons and courses.
    "not_resolved": ("not resolved", "non concluant"),
    "interval_effect": ("{level} interval of the effect", "intervalle à {level} de l'effet"),
    "interval_future": ("{level} interval of one future", "intervalle à {level} d'un seul avenir"),
    "interval_runs": ("{level} of runs", "{level} des simulations"),
    "resolved": ("effect, interval leaves out zero", "effet, intervalle sans zéro"),
    "unresolved": ("effect not resolved", "effet non concluant"),
    "difference": ("difference, {unit}", "différence, {unit}"),
    "fewer": ("fewer", "moins"),
    "more": ("more", "plus"),
    "to": ("to", "à"),
    "troops_arrived": ("UN troops and police arrived", "Casques bleus et policiers arrivés"),
    "tobs_open": ("Temporary operating bases open", "Bases opérationnelles temporaires ouvertes"),
    "people_unit": ("people", "personnes"),
    "bases_unit": ("number", "nombre"),
    "clock_zero": ("first extra TOB", "première BOT supplémentaire"),
    "observed": ("Observed", "Observé"),
    "simulated": ("Simulated", "Simulé"),
    "error": ("Error", "Erreur"),
    "bold_error": ("bold: the record lies outside the range of runs", "en gras : hors de l'intervalle des simulations"),
    "events_a_year": ("events in {year}", "évènements en {year}"),
    "paper_source": ("Sector Centre model", "modèle Sector Centre"),
    "check_source": (
        "Sector Centre model; recorded events: ACLED (acleddata.com), own aggregation",
        "modèle Sector Centre ; évènements enregistrés : ACLED (acleddata.com), agrégation propre",
    ),
    # Recorded kinds of events, by name in abm.kinds.KINDS.
    "civilians_by_dogon_dozo_militia": (
        "Civilians attacked by Dogon, Dozo militias",
        "Civils attaqués par des milices dogon, dozo",
    ),
    "civilians_by_fulani_militia": ("Civilians attacked by Fulani militias", "Civils attaqués par des milices peules"),
    "civilians_by_jihadists": ("Civilians attacked by jihadists", "Civils attaqués par des jihadistes"),
    "civilians_by_state_or_external": (
        "Civilians attacked by state, external forces",
        "Civils attaqués par l'État, forces externes",
    ),
    "civilians_by_unidentified": ("Civilians attacked by unidentified", "Civils attaqués par des inconnus"),
    "militia_v_militia": ("Militia against militia", "Milice contre milice"),
    "jihadists_v_militia": ("Jihadists and militias", "Jihadistes et milices"),
    "state_v_jihadists": ("State and jihadists", "État et jihadistes"),
    "state_v_other": ("State and others", "État et autres"),
    "un_v_jihadists": ("UN attacked by jihadists", "ONU attaquée par des jihadistes"),
    # Pages in a browser.
    "title": ("Sector Centre", "Secteur Centre"),
    "subtitle": (
        "Violence and peacekeeper presence in central Mali",
        "Violence et présence de casques bleus dans le centre du Mali",
    ),
    "watch": ("Watch", "Observer"),
    "scenario": ("Scenario", "Scénario"),
    "seed": ("Seed", "Graine"),
    "play": ("Play", "Lancer"),
    "pause": ("Pause", "Pause"),
    "step": ("Step", "Avancer"),
    "reset": ("Reset", "Début"),
    "every": ("Picture every", "Image par"),
    "day": ("day", "jour"),
    "week": ("week", "semaine"),
    "month": ("month", "mois"),
    "layers": ("Layers", "Couches"),
    "layer_villages": ("settlements", "localités"),
    "layer_bands": ("bands", "groupes"),
    "layer_army": ("national forces", "forces nationales"),
    "layer_un": ("UN", "ONU"),
    "layer_tob_reach": ("TOB reach", "rayon des BOT"),
    "layer_attacks": ("attacks", "attaques"),
    "layer_flood": ("flood", "crue"),
    "layer_communities": ("communities", "communautés"),
    "layer_travel_time": ("travel time", "trajet"),
    "to_date": ("This run, to date", "Cette simulation, à ce jour"),
    "civilian_attacks": ("attacks on civilians", "attaques contre des civils"),
    "civilian_deaths": ("civilians killed", "civils tués"),
    "intercommunal_events": ("intercommunal events", "évènements intercommunautaires"),
    "abuses": ("abuses by national forces", "violations attribuées aux forces nationales"),
    "prevented": ("attacks prevented", "attaques évitées"),
    "warnings": ("attacks warned of", "attaques annoncées par une alerte"),
    "answered": ("of these, answered in time", "dont alertes suivies à temps"),
    "displaced_people": ("people displaced since the start", "personnes déplacées depuis le début"),
    "troops": ("UN troops and police there", "casques bleus et policiers présents"),
    "tobs": ("TOBs open", "BOT ouvertes"),
    "by_actor": ("Attacks on civilians a month", "Attaques contre des civils par mois"),
    "building": (
        "Building the world. The first time on a machine the model is compiled: about half a minute.",
        "Construction du monde. La première fois sur une machine, le modèle est compilé : environ une demi-minute.",
    ),
    "legend_alt": ("Legend of the map", "Légende de la carte"),
    "day_of": ("day {n} of {all}, seed {seed}", "jour {n} sur {all}, graine {seed}"),
    "over_seeds": (
        "To this date, over {n} runs with other seeds: {low} to {high} civilians killed, "
        "{low2} to {high2} attacks on civilians.",
        "À ce jour, sur {n} simulations d'autres graines : {low} à {high} civils tués, "
        "{low2} à {high2} attaques contre des civils.",
    ),
    "no_seeds": ("The first of {n} other runs is under way.", "La première de {n} autres simulations est en cours."),
    "more_seeds": ("({n} of {all} runs done)", "({n} simulations sur {all})"),
    "map_alt": ("Map of the run on {date}", "Carte de la simulation, {date}"),
    "monthly_alt": ("Attacks on civilians a month by perpetrator", "Attaques contre des civils par mois et par auteur"),
    "seed_wrong": ("Seed: expected a whole number, 0 or more.", "Graine : un nombre entier, 0 ou plus."),
    # Frame.
    "model_name": ("Sector Centre: central Mali", "Secteur Centre : centre du Mali"),
    "map_source": (
        "Sector Centre model; places of settlements are drawn, not real; OCHA COD-AB, Natural Earth, GeoNames",
        "modèle Sector Centre ; localités tirées au sort, non réelles ; OCHA COD-AB, Natural Earth, GeoNames",
    ),
    "map_source_gazetteer": (
        "Sector Centre model; settlements are a user's own and may be real places: not to be published; OCHA COD-AB, "
        "Natural Earth, GeoNames",
        "modèle Sector Centre ; localités fournies par l'utilisateur, peut-être réelles : ne pas publier ; OCHA "
        "COD-AB, Natural Earth, GeoNames",
    ),
    "source": ("Source", "Source"),
    "run": ("run", "simulation"),
    "caveat": (
        "This model compares policies under stated assumptions. It does not predict attacks on particular places or "
        "people, and must not be used to target or to withhold protection.",
        "Ce modèle compare des politiques sous des hypothèses déclarées. Il ne prédit pas d'attaques contre des lieux "
        "ou des personnes en particulier et ne doit servir ni à cibler ni à refuser une protection.",
    ),
    "one_run": ("One run is one possible future.", "Une simulation est un avenir possible parmi d'autres."),
}


def pick(pair: tuple[str, str], language: Language) -> str:
    """The text in a language, of a pair in both."""
    return pair[LANGUAGES.index(language)]


def say(key: str, language: Language = "en", **values: object) -> str:
    """The word or sentence of a key, with its blanks filled; KeyError for an unknown key or a blank left empty."""
    return pick(WORDS[key], language).format(**values)


def month_name(month: int, language: Language = "en") -> str:
    """Short name of a month 1..12."""
    return _MONTHS[language][month - 1]


def date_and_season(day: int, language: Language = "en") -> str:
    """A day number as "12 Mar 2022 · dry season"."""
    when = date_of(day)
    season = say(f"season_{season_of_month(when.month)}", language)
    return f"{when.day} {month_name(when.month, language)} {when.year} · {season}"
