"""Words of figures, tables and sentences that the server makes from numbers, in English and French."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # Refusals.
    "numbers_refused_months": (
        "A comparison covers 1 to {most} months.",
        "Une comparaison porte sur 1 à {most} mois.",
    ),
    "numbers_refused_same": (
        "“{name}” is the same as the arm it is held against: change a lever in it.",
        "« {name} » est identique à l'option de référence : changez-y un levier.",
    ),
    "numbers_refused_outcome": ("No such outcome: {name}.", "Il n'existe pas de tel résultat : {name}."),
    "numbers_refused_early": (
        "There is nothing to take away yet: wait for the first interval.",
        "Il n'y a encore rien à emporter : attendez le premier intervalle.",
    ),
    "numbers_refused_figure": ("This result has no figure “{name}”.", "Ce résultat n'a pas de figure « {name} »."),
    "numbers_refused_inputs": (
        "All assumptions that these arms work through are held: nothing is left to vary.",
        "Toutes les hypothèses dont dépendent ces options sont fixées : il n'en reste aucune à faire varier.",
    ),
    # Outcomes after "fewer" or "more".
    "numbers_of_expected_civilian_attacks": ("attacks on civilians", "d'attaques contre des civils"),
    "numbers_of_expected_civilian_deaths": ("civilian deaths", "de civils tués"),
    "numbers_of_civilian_attacks": ("attacks on civilians", "d'attaques contre des civils"),
    "numbers_of_civilian_deaths": ("civilian deaths", "de civils tués"),
    "numbers_of_intercommunal_events": ("intercommunal events", "d'évènements intercommunautaires"),
    "numbers_of_abuses": ("abuses by national forces", "de violations attribuées aux forces nationales"),
    "numbers_of_attacks_on_un": ("attacks on the UN", "d'attaques contre l'ONU"),
    "numbers_of_un_deaths": ("peacekeepers killed", "de casques bleus tués"),
    "numbers_of_answered": ("warnings answered in time", "d'alertes suivies à temps"),
    "numbers_of_displaced_people": ("displaced people", "de personnes déplacées"),
    "numbers_of_tobs": ("TOBs", "de BOT"),
    "numbers_of_troops": ("UN troops and police", "de casques bleus et policiers"),
    "numbers_of_total_cost": ("US$", "de dollars"),
    # Windows.
    "numbers_window_first-base": (
        "first {months} months after the first extra base",
        "{months} premiers mois après la première base supplémentaire",
    ),
    "numbers_window_decision": (
        "first {months} months after the decision",
        "{months} premiers mois après la décision",
    ),
    "numbers_window_start": (
        "from the first day of the run to the end of that window",
        "du premier jour de la simulation à la fin de cette période",
    ),
    # Figures.
    "numbers_against": ("{arm} against {control}", "{arm} par rapport à {control}"),
    "numbers_source": (
        "Sector Centre model {version}, code {code}; {draws} sets of parameters × {seeds} seeds, seed {seed}{held}",
        "modèle Sector Centre {version}, code {code} ; {draws} jeux de paramètres × {seeds} graines, graine {seed}"
        "{held}",
    ),
    "numbers_source_points": (
        "Sector Centre model {version}, code {code}; {points} sets of assumptions, seed {seed}{held}",
        "modèle Sector Centre {version}, code {code} ; {points} jeux d'hypothèses, graine {seed}{held}",
    ),
    "numbers_held": ("; held: {list}", " ; fixé : {list}"),
    "numbers_first_look": ("First look: {draws} sets of parameters", "Premier aperçu : {draws} jeux de paramètres"),
    "numbers_pairs": (
        "Number of pairs of runs by their difference; bar: the middle {level} of pairs; dot: mean",
        "Nombre de paires de simulations selon leur différence ; barre : les {level} du milieu ; point : moyenne",
    ),
    "numbers_fewer_share": ("{share} of pairs: fewer", "{share} des paires : moins"),
    # Tables.
    "numbers_title": ("Sector Centre: differences between arms", "Secteur Centre : différences entre options"),
    "numbers_title_answers": (
        "Sector Centre: what would change the answer",
        "Secteur Centre : ce qui changerait la réponse",
    ),
    "numbers_arm": ("arm", "option"),
    "numbers_control": ("control", "référence"),
    "numbers_outcome": ("outcome", "résultat"),
    "numbers_window": ("window", "période"),
    "numbers_unit": ("unit", "unité"),
    "numbers_control_mean": ("control mean", "moyenne de référence"),
    "numbers_difference": ("difference", "différence"),
    "numbers_low": ("{level} interval of the effect low", "intervalle à {level} de l'effet bas"),
    "numbers_high": ("{level} interval of the effect high", "intervalle à {level} de l'effet haut"),
    "numbers_future_low": ("{level} interval of one future low", "intervalle à {level} d'un seul avenir bas"),
    "numbers_future_high": ("{level} interval of one future high", "intervalle à {level} d'un seul avenir haut"),
    "numbers_mc_se": ("Monte Carlo standard error", "erreur type de Monte-Carlo"),
    "numbers_param_sd": ("standard deviation over parameters", "écart type entre jeux de paramètres"),
    "numbers_relative": ("share of the control", "part de la référence"),
    "numbers_resolved": ("resolved", "concluant"),
    "numbers_draws": ("sets of parameters", "jeux de paramètres"),
    "numbers_seeds": ("seeds of each", "graines pour chacun"),
    "numbers_yes": ("yes", "oui"),
    "numbers_no": ("no", "non"),
    "numbers_per_death": (
        "cost per civilian death averted (expected)",
        "coût par décès de civil évité (nombre attendu)",
    ),
    "numbers_unit_per_death": ("US$ per death", "$ É.-U. par décès"),
    "numbers_input": ("assumption", "hypothèse"),
    "numbers_input_unit": ("unit of the assumption", "unité de l'hypothèse"),
    "numbers_status": ("status", "statut"),
    "numbers_from": ("low tenth", "décile bas"),
    "numbers_up_to": ("high tenth", "décile haut"),
    "numbers_at_low": ("difference at the low tenth", "différence au décile bas"),
    "numbers_at_high": ("difference at the high tenth", "différence au décile haut"),
    "numbers_swing": ("swing", "amplitude"),
    "numbers_swing_low": ("{level} interval of the swing low", "intervalle à {level} de l'amplitude bas"),
    "numbers_swing_high": ("{level} interval of the swing high", "intervalle à {level} de l'amplitude haut"),
    "numbers_crossing": ("difference is zero at", "différence nulle à"),
    "numbers_crossing_low": ("{level} interval of that low", "intervalle à {level} de cette valeur bas"),
    "numbers_crossing_high": ("{level} interval of that high", "intervalle à {level} de cette valeur haut"),
    "numbers_points": ("sets of assumptions", "jeux d'hypothèses"),
    # Sentences of what would change the answer.
    "numbers_fewer": ("fewer", "moins"),
    "numbers_more": ("more", "plus"),
    "numbers_said_crosses": (
        "The order turns at {at} ({range}): {below} {of} than with {against} below that, {above} above{look}.",
        "L'ordre s'inverse à {at} ({range}) : {below} {of} qu'avec {against} en dessous, {above} au-dessus{look}.",
    ),
    "numbers_said_same": (
        "For every value tried, {first} to {last}: {side} {of} than with {against}{look}.",
        "Pour toutes les valeurs essayées, de {first} à {last} : {side} {of} qu'avec {against}{look}.",
    ),
    "numbers_said_perhaps": (
        "The mean turns at {at} ({range}), but that is not resolved.",
        "La moyenne s'inverse à {at} ({range}), mais ce n'est pas concluant.",
    ),
    "numbers_said_none": (
        "No turn is seen between {first} and {last}; not resolved.",
        "Aucune inversion n'apparaît entre {first} et {last} ; non concluant.",
    ),
    "numbers_said_swing": (
        " From {low} to {high} the difference changes by {swing} ({swing_low} to {swing_high}).",
        " De {low} à {high}, la différence change de {swing} ({swing_low} à {swing_high}).",
    ),
    "numbers_said_no_swing": (
        " From {low} to {high} the difference changes by {swing} ({swing_low} to {swing_high}): not resolved.",
        " De {low} à {high}, la différence change de {swing} ({swing_low} à {swing_high}) : non concluant.",
    ),
    "numbers_said_bends": (
        " A straight line does not fit: this value is not to be trusted.",
        " Une droite ne convient pas : cette valeur n'est pas fiable.",
    ),
    "numbers_look": (" (first look)", " (premier aperçu)"),
    "numbers_anywhere": ("anywhere", "n'importe où"),
    "numbers_up_from": ("from {value} up", "à partir de {value}"),
    "numbers_down_to": ("up to {value}", "jusqu'à {value}"),
    "numbers_between": ("{low} to {high}", "{low} à {high}"),
    "numbers_said_overall": (
        "Over all assumptions varied together: {estimate} {unit} on average ({low} to {high}); fewer in {share} of "
        "{points} sets.",
        "Toutes hypothèses variant ensemble : {estimate} {unit} en moyenne ({low} à {high}) ; moins dans {share} des "
        "{points} jeux.",
    ),
    "numbers_said_by_chance": (
        "{inputs} assumptions were tried one by one; of those that change nothing, about one in ten looks resolved by "
        "chance.",
        "{inputs} hypothèses ont été essayées une à une ; parmi celles qui ne changent rien, environ une sur dix "
        "paraît concluante par hasard.",
    ),
}
