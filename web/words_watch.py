"""Words of the map and of the place Watch in English and French."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # The map.
    "watch_map": ("Map of the run on {date}", "Carte de la simulation, {date}"),
    "watch_map_keys": (
        "Arrow keys move the map under the cross, Enter says what is there, plus and minus zoom.",
        "Les flèches déplacent la carte sous la croix, Entrée dit ce qui s'y trouve, plus et moins agrandissent et "
        "réduisent.",
    ),
    "watch_zoom": ("Zoom", "Échelle"),
    "watch_zoom_in": ("Zoom in", "Agrandir"),
    "watch_zoom_out": ("Zoom out", "Réduire"),
    "watch_zoom_reset": ("Show the whole region", "Afficher toute la région"),
    # Layers and legend.
    "watch_layer_villages": ("Settlements", "Localités"),
    "watch_layer_bands": ("Bands", "Groupes armés"),
    "watch_layer_army": ("National forces", "Forces nationales"),
    "watch_layer_un": ("UN peacekeepers", "Casques bleus"),
    "watch_layer_tob_reach": ("TOB reach", "Rayon des BOT"),
    "watch_layer_attacks": ("Attacks, 30 days", "Attaques (30 j)"),
    "watch_deaths": ("killed", "morts"),
    "watch_units_there": ("units", "unités"),
    "watch_layer_travel_time": ("Travel time", "Temps de trajet"),
    "watch_layer_flood": ("Flood", "Crue"),
    "watch_layer_communities": ("Communities", "Communautés"),
    "watch_layer_harm": ("Killed so far", "Tués à ce jour"),
    "watch_layer_places": ("Towns, roads", "Villes, routes"),
    "watch_hollow": ("hollow: lying low", "creux : en retrait"),
    "watch_unidentified": ("unidentified (attacks)", "non identifiés"),
    "watch_base": ("main base ({n} troops)", "base principale ({n})"),
    "watch_away": ("unit away from base", "unité hors de sa base"),
    "watch_tob_open": ("TOB, open", "BOT ouverte"),
    "watch_reach_ring": ("reach", "rayon"),
    "watch_presence": ("UN presence", "présence"),
    "watch_km_of_road": ("km of good road", "km de bonne route"),
    # Playing.
    "watch_play_bar": ("The run and its time", "La simulation et son temps"),
    "watch_back": ("Back", "Reculer"),
    "watch_speed": ("Days a second", "Jours par seconde"),
    "watch_step_length": ("Step", "Pas"),
    "watch_slider": ("Day of the run", "Jour de la simulation"),
    "watch_arriving": ("{n} of {all} days have arrived", "{n} jours sur {all} sont arrivés"),
    "watch_queued": (
        "Waiting for the server: place {place} in the queue.",
        "En attente du serveur : place {place} dans la file.",
    ),
    "watch_again": ("Run again", "Relancer"),
    "watch_land_missing": ("The ground of the map did not load: {why}", "Le fond de carte n'a pas été chargé : {why}"),
    "watch_changed_assumptions": (
        "{n} assumptions differ from their defaults.",
        "{n} hypothèses diffèrent de leur valeur par défaut.",
    ),
    "watch_changed_assumption": (
        "One assumption differs from its default.",
        "Une hypothèse diffère de sa valeur par défaut.",
    ),
    "watch_to_assumptions": ("See Assumptions", "Voir les hypothèses"),
    "watch_changed_levers": ("Levers of this scenario are changed.", "Des leviers de ce scénario sont modifiés."),
    "watch_to_levers": ("See Levers", "Voir les leviers"),
    "watch_own_gazetteer": (
        "The settlements are a file handed in here and may be real places: do not publish this map.",
        "Les localités viennent d'un fichier déposé ici et peuvent être réelles : ne pas publier cette carte.",
    ),
    # Totals.
    "watch_today": ("On this day", "Ce jour-là"),
    "watch_status_calibrated": (
        "Calibrated: rates and sizes are fitted to events recorded by ACLED, 2017 to 2020 (own aggregation).",
        "Calibré : fréquences et ampleurs sont ajustées aux évènements enregistrés par ACLED, 2017 à 2020 "
        "(agrégation propre).",
    ),
    "watch_status_literature": (
        "From the literature: units and their strength as published by the UN and in GeoPKO.",
        "Tiré de la littérature : unités et effectifs publiés par l'ONU et dans GeoPKO.",
    ),
    "watch_status_assumption": (
        "Rests on assumptions: nobody has measured this for central Mali. See the place Assumptions.",
        "Repose sur des hypothèses : personne ne l'a mesuré dans le centre du Mali. Voir la rubrique Hypothèses.",
    ),
    "watch_short_jihadists": ("Jihadist groups", "Groupes jihadistes"),
    "watch_short_dogon_dozo": ("Dogon, Dozo militias", "Milices dogon, dozo"),
    "watch_short_fulani_militia": ("Fulani militias", "Milices peules"),
    "watch_short_national_forces": ("National forces", "Forces nationales"),
    "watch_short_unidentified": ("Unidentified", "Non identifiés"),
    "watch_month_most": ("highest month: {n}", "mois le plus élevé : {n}"),
    # What is at a place.
    "watch_here": ("What is there", "Ce qui s'y trouve"),
    "watch_here_hint": ("Click the map to see what is there.", "Cliquez sur la carte pour voir ce qui s'y trouve."),
    "watch_cell_in": ("Cell of {km} by {km} km, cercle of {cercle}", "Maille de {km} sur {km} km, cercle de {cercle}"),
    "watch_cell_people": ("People living there", "Habitants"),
    "watch_cell_events": ("Attacks and clashes so far", "Attaques et affrontements à ce jour"),
    "watch_cell_deaths": ("Killed in them", "Tués"),
    "watch_cell_prevented": ("Attacks prevented", "Attaques évitées"),
    "watch_cell_presence": ("UN presence, 0 to 1", "Présence de l'ONU, de 0 à 1"),
    "watch_standing": ("In the cell on this day:", "Dans la maille ce jour-là :"),
    "watch_nobody": ("no band and no unit", "aucun groupe, aucune unité"),
    "watch_in_cercle": ("Cercle of {cercle}", "Cercle de {cercle}"),
    "watch_thing_band": ("Band of {kind}", "Groupe : {kind}"),
    "watch_thing_army": ("National forces", "Forces nationales"),
    "watch_thing_un_base": ("UN main base", "Base principale de l'ONU"),
    "watch_thing_un_unit": ("UN unit away from its base", "Unité de l'ONU hors de sa base"),
    "watch_thing_tob_1": ("TOB being set up", "BOT en installation"),
    "watch_thing_tob_2": ("TOB, open", "BOT, ouverte"),
    "watch_fighters": ("{n} fighters", "{n} combattants"),
    "watch_units": ("{n} units", "{n} unités"),
    "watch_unit": ("one unit", "une unité"),
    "watch_people_there": ("{n} troops and police", "{n} casques bleus et policiers"),
    "watch_hidden": ("lying low", "en retrait"),
    "watch_active": ("active", "actif"),
    "watch_gone": ("It is no longer there on this day.", "N'y est plus ce jour-là."),
    "watch_task_0": ("at base", "à la base"),
    "watch_task_1": ("on a TOB", "sur une BOT"),
    "watch_task_2": ("on patrol", "en patrouille"),
    "watch_task_3": ("not arrived yet", "pas encore arrivée"),
    "watch_task_4": ("on an operation", "en opération"),
    "watch_task_5": ("out of action", "hors de combat"),
    # The interval over other runs.
    "watch_over": (
        "To this date, over {n} runs with other seeds, {level} interval: {low} to {high} civilians killed, "
        "{low2} to {high2} attacks on civilians.",
        "À ce jour, sur {n} simulations d'autres graines, intervalle à {level} : {low} à {high} civils tués, "
        "{low2} à {high2} attaques contre des civils.",
    ),
    "watch_over_none": (
        "Other runs of the same with other seeds, {n} of them, will say here how far apart they end.",
        "D'autres simulations du même scénario avec d'autres graines, {n} en tout, diront ici à quel point elles "
        "s'écartent.",
    ),
    "watch_over_counted": ("({n} of {all} runs done)", "({n} simulations sur {all})"),
    "watch_details": ("details", "détails"),
    "watch_this_run": ("this run: {n}", "cette simulation : {n}"),
    "watch_other_runs": ("other runs: {low} to {high}", "autres simulations : {low} à {high}"),
    # The picture.
    "watch_source": ("Source: {text}", "Source : {text}"),
    "watch_picture": ("Save picture", "Enregistrer l'image"),
    "watch_picture_title": (
        "Sector Centre: central Mali · {scenario}, seed {seed}",
        "Secteur Centre : centre du Mali · {scenario}, graine {seed}",
    ),
    "watch_picture_changed": ("assumptions changed: {names}", "hypothèses modifiées : {names}"),
}
