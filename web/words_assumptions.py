"""Words of the place "Assumptions", in English and French."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "assumptions_lead": (
        "Every number the model rests on, and what it rests on itself. Move one and see whether the conclusion "
        "survives. Presence, protection and patrols also act in the year the model is fitted to: moving them moves "
        "the level of violence in all arms, and the difference with it.",
        "Tous les nombres sur lesquels repose le modèle, et ce sur quoi ils reposent eux-mêmes. Déplacez-en un et "
        "voyez si la conclusion tient. Présence, protection et patrouilles agissent aussi dans l'année sur laquelle le "
        "modèle est ajusté : les déplacer change le niveau de violence dans toutes les options, et la différence avec "
        "lui.",
    ),
    # The panel.
    "assumptions_panel": ("What it changes", "Ce que cela change"),
    "assumptions_arm": ("Arm", "Option"),
    "assumptions_outcome": ("Outcome", "Résultat"),
    "assumptions_against": (
        "Difference from the control ({control}) over {months} months.",
        "Différence avec le témoin ({control}) sur {months} mois.",
    ),
    "assumptions_under_defaults": ("Under the defaults", "Avec les valeurs par défaut"),
    "assumptions_under_changed": (
        "Under your assumptions (changed: {n})",
        "Avec vos hypothèses (modifiées : {n})",
    ),
    "assumptions_move_one": (
        "Move an assumption: its own interval appears here, beside that of the defaults.",
        "Déplacez une hypothèse : son intervalle apparaît ici, à côté de celui des valeurs par défaut.",
    ),
    "assumptions_first_runs": (
        "Being computed: {runs} runs done, the first interval comes soon.",
        "Calcul en cours : {runs} simulations terminées, le premier intervalle arrive bientôt.",
    ),
    "assumptions_before": ("Pale: as it was before this change.", "En pâle : avant cette modification."),
    "assumptions_runs": ("{runs} runs so far, of at most {most}", "{runs} simulations à ce jour, {most} au plus"),
    "assumptions_runs_done": ("{runs} runs, complete", "{runs} simulations, terminé"),
    "assumptions_first_look": (
        "(a first look: the bars hold {level} %)",
        "(premier aperçu : les barres couvrent {level} %)",
    ),
    "assumptions_below": ("below {value}", "moins de {value}"),
    "assumptions_above": ("above {value}", "plus de {value}"),
    "assumptions_reading": (
        "Bar: interval of the effect. Thin line: interval of one future. Both hold 90 % once there are enough runs. "
        "Hollow dot: the interval of the effect holds zero.",
        "Barre : intervalle de l'effet. Trait fin : intervalle d'un seul avenir. Tous deux couvrent 90 % dès qu'il y a "
        "assez de simulations. Point creux : l'intervalle de l'effet contient zéro.",
    ),
    # Finding cards.
    "assumptions_search": ("Search assumptions", "Chercher une hypothèse"),
    "assumptions_statuses": ("What they rest on", "Ce sur quoi elles reposent"),
    "assumptions_changed_only": ("changed only", "modifiées seulement"),
    "assumptions_count": (
        "{shown} of {all} shown, {changed} changed",
        "{shown} affichées sur {all}, modifiées : {changed}",
    ),
    "assumptions_open_all": ("Open all", "Tout ouvrir"),
    "assumptions_close_all": ("Close all", "Tout fermer"),
    "assumptions_reset_all": ("Reset all to defaults", "Tout remettre par défaut"),
    "assumptions_none": (
        "No assumption fits. Change the search, or tick another status.",
        "Aucune hypothèse ne correspond. Changez la recherche ou cochez un autre statut.",
    ),
    "assumptions_changed_n": ("changed: {n}", "modifiées : {n}"),
    # A card.
    "assumptions_value": ("value", "valeur"),
    "assumptions_default": ("default", "valeur par défaut"),
    "assumptions_reset": ("Reset", "Par défaut"),
    "assumptions_facts": (
        "Default {value}; accepted from {low} to {high}.",
        "Par défaut {value} ; accepté de {low} à {high}.",
    ),
    "assumptions_prior": ("Uncertainty carried: {prior}.", "Incertitude prise en compte : {prior}."),
    "assumptions_source": ("Source: {source}", "Source : {source}"),
    "assumptions_expected": ("Expected a number from {low} to {high}.", "Un nombre de {low} à {high} est attendu."),
    "assumptions_expected_whole": (
        "Expected a whole number from {low} to {high}.",
        "Un nombre entier de {low} à {high} est attendu.",
    ),
    # What would change the answer?
    "assumptions_answers": ("What would change the answer?", "Qu'est-ce qui changerait la réponse ?"),
    "assumptions_answers_lead": (
        "Draws all assumptions at once from what is thought possible, and reads off which of them move the "
        "difference, and at which value of each it would turn.",
        "Tire toutes les hypothèses à la fois dans ce qui est jugé possible, et montre lesquelles déplacent la "
        "différence, et à quelle valeur de chacune elle s'inverserait.",
    ),
    "assumptions_answers_start": ("Find out", "Chercher"),
    "assumptions_answers_again": ("Compute again", "Recalculer"),
    "assumptions_stop": ("Stop", "Arrêter"),
    "assumptions_queued": ("Waiting: place {place} in the queue.", "En attente : place {place} dans la file."),
    "assumptions_points_shown": (
        "{n} points shown, {done} done, of {most}",
        "{n} points affichés, {done} calculés, sur {most}",
    ),
    "assumptions_points_done": ("{n} points, complete", "{n} points, terminé"),
    "assumptions_points": ("{n} points so far, of {most}", "{n} points à ce jour, sur {most}"),
    "assumptions_first_points": ("The first points are under way.", "Les premiers points sont en cours."),
    "assumptions_answers_old": (
        "Computed for another arm, outcome or set of assumptions than is chosen now. Compute it again to renew it.",
        "Calculé pour une autre option, un autre résultat ou d'autres hypothèses que ceux choisis à présent. "
        "Recalculez pour le mettre à jour.",
    ),
    "assumptions_assumption": ("Assumption", "Hypothèse"),
    "assumptions_now": ("Default", "Par défaut"),
    "assumptions_break_even": ("Break-even value (90 % interval)", "Valeur d'équilibre (intervalle à 90 %)"),
    "assumptions_turns": ("What that means", "Ce que cela veut dire"),
    "assumptions_no_crossing": ("none in range", "aucune dans l'intervalle"),
    "assumptions_all": ("Show all {n}", "Afficher les {n}"),
    "assumptions_fewer": ("Show fewer", "En afficher moins"),
}
