"""Words of the place "Levers", in English and French."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "levers_lead": (
        "What may be decided. Start from any scenario, change what you like, and take it into the comparison or watch "
        "it. The cost is worked out as you go; what the model cannot accept is said at the field.",
        "Ce qui peut être décidé. Partez d'un scénario, changez ce que vous voulez, puis intégrez-le à la comparaison "
        "ou observez-le. Le coût est calculé au fur et à mesure ; ce que le modèle ne peut accepter est dit au champ "
        "concerné.",
    ),
    # Start and name.
    "levers_start": ("Start from", "Partir de"),
    "levers_shipped": ("Scenarios", "Scénarios"),
    "levers_arms": ("Arms of this session", "Options de cette session"),
    "levers_name": ("Your own name for it", "Le nom que vous lui donnez"),
    "levers_name_hint": ("that of the scenario", "celui du scénario"),
    # What is done with it.
    "levers_use_as": ("In the comparison", "Dans la comparaison"),
    "levers_new_arm": ("add as a new arm", "ajouter comme nouvelle option"),
    "levers_replace": ("replace “{name}”", "remplacer « {name} »"),
    "levers_replace_control": ("replace the control “{name}”", "remplacer le témoin « {name} »"),
    "levers_use": ("Use in comparison", "Utiliser dans la comparaison"),
    "levers_used": ("“{name}” is in the comparison.", "« {name} » est dans la comparaison."),
    "levers_watch": ("Watch it", "L'observer"),
    # Fields.
    "levers_idle": ("Has no effect as the other levers are set.", "Sans effet avec les autres leviers tels quels."),
    "levers_on_day": ("on a day", "à une date"),
    "levers_set_here": ("set here", "fixée ici"),
    "levers_slider": ("slider", "curseur"),
    "levers_yes": ("yes", "oui"),
    "levers_no": ("no", "non"),
    "levers_nothing": ("none", "aucun"),
    "levers_n_sites": ("{n} places", "lieux : {n}"),
    "levers_n_units": ("{people} people in {n} lines", "{people} personnes, lignes : {n}"),
    # Units.
    "levers_people": (
        "{people} more uniformed people, of whom {mobile} in units that are mobile.",
        "{people} personnes en uniforme de plus, dont {mobile} dans des unités mobiles.",
    ),
    "levers_add_units": ("Add units", "Ajouter des unités"),
    "levers_line": ("Line {n}", "Ligne {n}"),
    "levers_remove": ("Remove", "Retirer"),
    # Sites.
    "levers_sites_lead": (
        "Press on the map to name a place, drag it to move it, press twice to remove it; or type latitude and "
        "longitude. The first place is taken first. Naming a place sets the choice of sites to places named in "
        "advance.",
        "Cliquez sur la carte pour désigner un lieu, faites-le glisser pour le déplacer, double-cliquez pour le "
        "retirer ; ou saisissez latitude et longitude. Le premier lieu est pris en premier. Désigner un lieu règle le "
        "choix des emplacements sur des lieux désignés d'avance.",
    ),
    "levers_map": ("Map with {n} places for bases", "Carte avec {n} lieux pour des bases"),
    "levers_site": ("Place {n}", "Lieu {n}"),
    "levers_latitude": ("Latitude", "Latitude"),
    "levers_longitude": ("Longitude", "Longitude"),
    "levers_up": ("move up", "monter"),
    "levers_add_site": ("Add place", "Ajouter le lieu"),
    # What was changed.
    "levers_changes": ("Changed in the scenario", "Changé dans le scénario"),
    "levers_unchanged": ("Nothing yet.", "Rien pour l'instant."),
    "levers_undo": ("Undo", "Annuler"),
    # Cost.
    "levers_cost": ("What it costs beyond the control", "Ce que cela coûte de plus que le témoin"),
    "levers_counting": ("Being worked out.", "Calcul en cours."),
    "levers_see_fields": (
        "The model refuses what is marked at the fields. Nothing is lost: change it there.",
        "Le modèle refuse ce qui est signalé aux champs. Rien n'est perdu : corrigez-le là.",
    ),
    "levers_strip": ("million US$ a year", "millions de dollars É.-U. par an"),
    "levers_show_cost": ("Cost and comparison", "Coût et comparaison"),
    "levers_item": ("Item", "Poste"),
    "levers_millions": ("Million US$ (90 % of draws)", "Millions de dollars É.-U. (90 % des tirages)"),
    "levers_per_year": ("Extra people ({people}), a year", "Personnel supplémentaire ({people}), par an"),
    "levers_whole": ("All of it, over the {months} months of a run", "Le tout, sur les {months} mois d'une simulation"),
    "levers_arrivals": ("When units come", "Quand les unités arrivent"),
    "levers_unit": ("Units", "Unités"),
    "levers_people_column": ("People", "Personnes"),
    "levers_arrival": ("Arrival", "Arrivée"),
    "levers_never": ("never", "jamais"),
    # Files.
    "levers_files": ("Files", "Fichiers"),
    "levers_download": ("Download the scenario (TOML)", "Télécharger le scénario (TOML)"),
    "levers_upload_scenario": ("Open a scenario file (TOML)", "Ouvrir un fichier de scénario (TOML)"),
    "levers_upload_gazetteer": ("Your own settlements (CSV)", "Vos propres localités (CSV)"),
    "levers_gazetteer_lead": (
        "Columns name, latitude, longitude, and optionally population and community. The file stays with this page "
        "and is forgotten when it is closed. Results then name real places: do not publish them.",
        "Colonnes nom (name), latitude, longitude et, si possible, population et communauté (community). Le fichier "
        "reste lié à cette page et il est oublié à sa fermeture. Les résultats nomment alors des lieux réels : ne les "
        "publiez pas.",
    ),
    "levers_read": ("Read: {name}", "Lu : {name}"),
    "levers_written": ("Downloaded: {name}", "Téléchargé : {name}"),
}
