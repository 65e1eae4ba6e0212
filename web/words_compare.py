"""Words of the Compare place and of the charts, in English and French."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # Charts of every place.
    "charts_identical": ("identical in every pair of runs", "identique dans chaque paire de simulations"),
    "charts_percent": ("{n} %", "{n}\u202f%"),
    "charts_millions": ("US$ {n} million", "{n} millions de $ É.-U."),
    "charts_million_dollars": ("US$ million", "millions de $ É.-U."),
    "charts_split": (
        "of {n} pairs: {fewer} fewer, {same} the same, {more} more",
        "sur {n} paires : {fewer} moins, {same} autant, {more} plus",
    ),
    "charts_answer": ("all varied together", "toutes variant ensemble"),
    "charts_tornado": (
        "Bar: the difference from the low to the high tenth of an assumption (their values at its ends); line: "
        "interval of that change.",
        "Barre : la différence du décile bas au décile haut d'une hypothèse (leurs valeurs à ses bouts) ; trait : "
        "intervalle de ce changement.",
    ),
    "charts_turn": ("within its range the difference crosses zero", "dans sa plage, la différence change de signe"),
    "charts_crossing": ("zero at {value}", "nulle à {value}"),
    "charts_no_crossing": ("zero nowhere in its range", "nulle part nulle dans sa plage"),
    "charts_prior_value": ("Set to {value}; default {default}.", "Valeur {value} ; par défaut {default}."),
    "charts_prior_from": ("Thought possible: {low} to {high}.", "Jugé possible : {low} à {high}."),
    "charts_prior_none": ("No range is stated.", "Aucune plage n'est donnée."),
    # Head and arms.
    "compare_title": ("Compare scenarios", "Comparer des scénarios"),
    "compare_lead": (
        "Choose two to four arms. The first is the control: all others are held against it, run by run, under the same "
        "draws of chance.",
        "Choisissez deux à quatre options. La première est la référence : les autres lui sont comparées, simulation "
        "par simulation, avec les mêmes tirages.",
    ),
    "compare_arms": ("Arms", "Options"),
    "compare_control": ("Control", "Référence"),
    "compare_arm_n": ("Arm {n}", "Option {n}"),
    "compare_add": ("Add an arm", "Ajouter une option"),
    "compare_remove_named": ("Remove {name}", "Retirer {name}"),
    "compare_name": ("Name (optional)", "Nom (facultatif)"),
    "compare_own": ("With changed levers", "Leviers modifiés"),
    "compare_changes": ("levers changed: {n}", "leviers modifiés : {n}"),
    "compare_same_control": (
        "Identical to the control: there is no difference to run.",
        "Identique à la référence : il n'y a pas de différence à simuler.",
    ),
    "compare_same_as": (
        "Identical to {name}: it is run once.",
        "Identique à {name} : simulée une seule fois.",
    ),
    "compare_levers": ("Levers", "Leviers"),
    "compare_open": ("Open a file", "Ouvrir un fichier"),
    "compare_n_changed": (
        "Assumptions changed in every arm: {n}.",
        "Hypothèses modifiées dans toutes les options : {n}.",
    ),
    # Maps.
    "compare_maps": ("The same seed under every arm", "La même graine dans chaque option"),
    "compare_maps_lead": (
        "All maps show seed {seed}: what differs between them comes from the arms, but on one seed it may be chance. "
        "What holds over many futures stands below.",
        "Toutes les cartes montrent la graine {seed} : leurs écarts viennent des options, mais sur une seule graine "
        "ils peuvent tenir au hasard. Ce qui tient sur de nombreux avenirs figure plus bas.",
    ),
    "compare_map_waits": ("The first day has not arrived yet.", "Le premier jour n'est pas encore arrivé."),
    "compare_day": ("Day shown on all maps", "Jour affiché sur toutes les cartes"),
    "compare_to_date": ("{what}, to date", "{what}, à ce jour"),
    # Many futures.
    "compare_many": ("The difference over many futures", "La différence sur de nombreux avenirs"),
    "compare_identical": (
        "identical: the same runs, so there is no difference to show.",
        "identique : les mêmes simulations, donc aucune différence à montrer.",
    ),
    "compare_headline": ("{arm}, {outcome}:", "{arm}, {outcome} :"),
    "compare_earlier": ("Earlier choice:", "Choix antérieur :"),
    "compare_see": ("All results", "Tous les résultats"),
    "compare_many_lead": (
        "Each pair of runs shares its parameters and seed with its control. Intervals narrow as runs arrive; what is "
        "left in the end is what nobody knows about the parameters.",
        "Chaque paire de simulations partage paramètres et graine avec sa référence. Les intervalles se resserrent à "
        "mesure que les simulations arrivent ; ce qui reste à la fin est ce que nul ne sait des paramètres.",
    ),
    "compare_months": ("Period", "Période"),
    "compare_n_months": ("{n} months", "{n} mois"),
    "compare_most": ("Runs, at most", "Simulations, au plus"),
    "compare_precise": ("until precise enough", "jusqu'à précision suffisante"),
    "compare_start": ("Start", "Démarrer"),
    "compare_again": ("Run again", "Relancer"),
    "compare_stop": ("Stop", "Arrêter"),
    "compare_ready": ("Nothing has been run yet.", "Aucune simulation pour l'instant."),
    "compare_nothing": (
        "All arms are identical: there is nothing to compare. Choose another scenario or change a lever.",
        "Toutes les options sont identiques : il n'y a rien à comparer. Choisissez un autre scénario ou modifiez un "
        "levier.",
    ),
    "compare_first": ("The first runs are under way.", "Les premières simulations sont en cours."),
    "compare_done": ("{n} of {most} runs of every arm done.", "{n} simulations sur {most} faites pour chaque option."),
    "compare_stopped": ("Stopped.", "Arrêté."),
    "compare_enough": (
        "Precise enough: more runs would hardly change the interval.",
        "Précision suffisante : d'autres simulations ne changeraient guère l'intervalle.",
    ),
    "compare_old": (
        "This result belongs to an earlier choice of arms, period, seed or assumptions. Run it again for what is "
        "chosen now.",
        "Ce résultat correspond à un choix antérieur d'options, de période, de graine ou d'hypothèses. Relancez pour "
        "le choix actuel.",
    ),
    "compare_first_look": (
        "With so few sets the intervals cover less than they will.",
        "Avec si peu de jeux, les intervalles couvrent moins qu'ils ne le feront.",
    ),
    "compare_effects": ("Difference from {control}", "Différence avec {control}"),
    "compare_size": (
        "{draws} sets of parameters × {seeds} seeds.",
        "{draws} jeux de paramètres × {seeds} graines.",
    ),
    "compare_period": ("Counted over the {period}.", "Période : {period}."),
    "compare_rests": (
        "What the model rests on: ● {calibrated} numbers calibrated, ◐ {literature} from the literature, "
        "○ {assumption} assumptions.",
        "Ce sur quoi repose le modèle : ● {calibrated} nombres calibrés, ◐ {literature} tirés de la littérature, "
        "○ {assumption} hypothèses.",
    ),
    "compare_in_control": ("({control}: {n})", "({control} : {n})"),
    "compare_pairs": ("Every pair of runs: {outcome}", "Chaque paire de simulations : {outcome}"),
    "compare_pairs_lead": (
        "Each dot is one possible future with the arm, less the same future without it.",
        "Chaque point est un avenir possible avec l'option, moins le même avenir sans elle.",
    ),
    "compare_outcome": ("Outcome", "Résultat"),
    "compare_narrowing": ("How the interval narrows", "Comment l'intervalle se resserre"),
    "compare_narrowing_lead": (
        "{outcome}: difference and its interval, by runs it rests on.",
        "{outcome} : différence et intervalle, selon le nombre de simulations.",
    ),
    # Cost.
    "compare_costs": ("Cost beyond the control", "Coût au-delà de la référence"),
    "compare_costs_lead": (
        "From the first day of the run. Prices are partly assumptions (○).",
        "Depuis le premier jour de la simulation. Les prix sont en partie des hypothèses (○).",
    ),
    "compare_dollars": ("US$ {n}", "{n} $ É.-U."),
    "compare_no_cost": ("no cost beyond the control", "aucun coût au-delà de la référence"),
    "compare_per_death": ("per death averted: {cost}", "par décès évité : {cost}"),
    "compare_per_death_unresolved": (
        "per death averted: not resolved (it is not resolved that deaths are averted)",
        "par décès évité : non concluant (il n'est pas établi que des décès soient évités)",
    ),
    # Numbers.
    "compare_numbers": ("All numbers", "Tous les nombres"),
    "compare_interval": ("interval of the effect", "intervalle de l'effet"),
    "compare_future": ("interval of one future", "intervalle d'un seul avenir"),
    "compare_apart": (
        "The Monte Carlo error falls as runs are added. The standard deviation over parameters does not: it is what "
        "nobody knows about the parameters.",
        "L'erreur de Monte-Carlo diminue quand on ajoute des simulations. L'écart type entre jeux de paramètres, non : "
        "c'est ce que nul ne sait des paramètres.",
    ),
    # Files and provenance.
    "compare_csv": ("Table (CSV)", "Tableau (CSV)"),
    "compare_figure": ("Figure", "Figure"),
    "compare_figure_effects": ("Differences", "Différences"),
    "compare_figure_distribution": ("Every pair of runs", "Chaque paire de simulations"),
    "compare_figure_courses": ("Troops and bases over time", "Effectifs et bases dans le temps"),
    "compare_scenarios": ("Arms as scenario files:", "Options en fichiers de scénario :"),
    "compare_code": ("sector-centre {version}, code {code}", "sector-centre {version}, code {code}"),
    "compare_unchanged": ("No assumption was changed.", "Aucune hypothèse n'a été modifiée."),
    "compare_changed": ("Assumptions changed: {list}.", "Hypothèses modifiées : {list}."),
    "compare_held": ("{mark} {name} {value} (default {default})", "{mark} {name} {value} (par défaut {default})"),
    "compare_clock": (
        "The first extra base works on {day} in the middle of the runs ({low} to {high}).",
        "La première base supplémentaire fonctionne le {day} au milieu des simulations ({low} à {high}).",
    ),
    "compare_no_clock": ("Counted from the decision.", "Compté depuis la décision."),
}
