"""Words of the page's shell in English and French."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Sector Centre", "Secteur Centre"),
    "skip": ("Skip to the content", "Aller au contenu"),
    "places": ("Places", "Rubriques"),
    "place_watch": ("Watch", "Observer"),
    "place_compare": ("Compare", "Comparer"),
    "place_assumptions": ("Assumptions", "Hypothèses"),
    "place_levers": ("Levers", "Leviers"),
    "place_about": ("About", "À propos"),
    "speak_en": ("English", "English"),
    "speak_fr": ("Français", "Français"),
    "session": ("Session", "Session"),
    "session_named": ("Session: {name}", "Session : {name}"),
    "close": ("Close", "Fermer"),
    "help": ("Help: keys and marks", "Aide : touches et signes"),
    "key_space": ("Space", "Espace"),
    "help_play": ("play or pause", "lancer ou mettre en pause"),
    "help_step": ("a step back or forward", "un pas en arrière ou en avant"),
    "help_ends": ("first or last day so far", "premier ou dernier jour reçu"),
    "help_layers": ("layers on or off", "afficher ou masquer les couches"),
    "help_zoom": ("zoom in or out", "agrandir ou réduire"),
    "help_help": ("this help", "cette aide"),
    "help_close": ("close a dialog", "fermer une fenêtre"),
    "help_marks": (
        "Marks beside numbers: ● calibrated on recorded events, ◐ from the literature, ○ assumption: nobody knows.",
        "Signes à côté des nombres : ● calibré sur les événements enregistrés, ◐ tiré de la littérature, ○ hypothèse : "
        "personne ne sait.",
    ),
    # The connection, and what goes wrong.
    "connecting": ("Connecting to the server …", "Connexion au serveur…"),
    "connection_full": (
        "The server has no room for another visitor. Close another page, or try again later.",
        "Le serveur ne peut accueillir un visiteur de plus. Fermez une autre page ou réessayez plus tard.",
    ),
    "connection_foreign": (
        "The server refuses this page: it came under another name than the server is asked by. Whoever set up the "
        "proxy finds the remedy in docs/serving.md.",
        "Le serveur refuse cette page : elle est venue sous un autre nom que celui par lequel il est interrogé. La "
        "personne qui a installé le serveur mandataire trouvera la solution dans docs/serving.md.",
    ),
    "connection_lost": (
        "The connection to the server was lost; what was under way is gone. Start it again.",
        "La connexion au serveur a été perdue, et le travail en cours avec elle. Relancez-le.",
    ),
    "failed": (
        "This could not be computed ({why}). The page works on; what you chose is kept.",
        "Le calcul n'a pas abouti ({why}). La page continue de fonctionner ; vos choix sont conservés.",
    ),
    "stopped_time": (
        "Stopped: the time that one visitor may take is used up. What has been computed stays.",
        "Arrêté : le temps alloué à un visiteur est épuisé. Ce qui a été calculé reste affiché.",
    ),
    "refused_said": ("The model refuses this: {text}", "Le modèle refuse cette saisie : {text}"),
    "refused_too_much": (
        "At most {n} things can be computed for one visitor at once. Stop one first.",
        "Au plus {n} calculs à la fois pour un visiteur. Arrêtez-en un d'abord.",
    ),
    "refused_forgotten": (
        "This result is no longer kept on the server. Run the comparison again.",
        "Ce résultat n'est plus conservé sur le serveur. Relancez la comparaison.",
    ),
    "refused_number": ("Question {n} is already being answered.", "La question {n} est déjà en cours."),
    "refused_no_slider": (
        "There is no assumption with a slider named {name}.",
        "Il n'y a pas d'hypothèse à curseur nommée {name}.",
    ),
    "refused_gazetteer_path": (
        "A scenario here cannot name a file: hand the gazetteer in on the page.",
        "Un scénario ne peut pas nommer un fichier ici : déposez la liste de localités sur la page.",
    ),
    "refused_no_gazetteer": (
        "The scenario uses a gazetteer that was handed in, and there is none in this session: hand it in again.",
        "Le scénario utilise une liste de localités déposée, et il n'y en a pas dans cette session : déposez-la à "
        "nouveau.",
    ),
    "identical": ("identical", "identique"),
    "download": ("Download", "Télécharger"),
    "status_calibrated": ("calibrated", "calibré"),
    "status_literature": ("literature", "littérature"),
    "status_assumption": ("assumption", "hypothèse"),
}
