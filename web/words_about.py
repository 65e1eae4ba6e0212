"""Words of the look-up page in English and French."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "about_title": ("About the model", "À propos du modèle"),
    "about_contents": ("Contents", "Sommaire"),
    "about_search": ("Search this page", "Rechercher dans la page"),
    "about_found": (
        "{n} passages in {parts} parts. Parts without the words are hidden.",
        "{n} passages dans {parts} parties. Les parties qui ne contiennent pas ces mots sont masquées.",
    ),
    "about_found_one": (
        "1 passage. Parts without the words are hidden.",
        "1 passage. Les parties qui ne contiennent pas ces mots sont masquées.",
    ),
    "about_found_none": (
        "Nothing on this page holds these words. Try fewer letters, or a parameter's name.",
        "Rien dans cette page ne contient ces mots. Essayez moins de lettres, ou le nom d'un paramètre.",
    ),
    "about_clear": ("Show everything again", "Tout afficher"),
    "about_next": ("Next passage", "Passage suivant"),
    "about_loading": ("Fetching the documents …", "Chargement des documents…"),
    "about_missing": (
        "The documents could not be fetched ({why}). Reload the page to try again.",
        "Les documents n'ont pas pu être chargés ({why}). Rechargez la page pour réessayer.",
    ),
    "about_save": ("Save this text (Markdown)", "Enregistrer ce texte (Markdown)"),
    "about_print": ("Print", "Imprimer"),
    "about_top": ("Back to the contents", "Retour au sommaire"),
    "about_table": ("Table; scroll sideways", "Tableau ; défilement horizontal"),
    "about_not_for": ("What this model must not be used for", "À quoi ce modèle ne doit pas servir"),
    "about_in_brief": ("The model in brief", "Le modèle en bref"),
    "about_validation": (
        "How far to trust it: what does not hold first",
        "Quelle confiance lui accorder : d'abord ce qui ne tient pas",
    ),
    "about_limits": ("Limits", "Limites"),
    "about_model": ("The model in full (ODD+D)", "Le modèle complet (ODD+D)"),
    "about_parameters": ("Parameters and their sources", "Paramètres et leurs sources"),
    "about_mechanisms": ("Mechanisms, measured one by one", "Les mécanismes, mesurés un par un"),
    "about_citing": ("How to cite, licence, data", "Citer, licence, données"),
    "about_english_only": (
        "",
        "Cette partie n'existe qu'en anglais : c'est le texte de référence, tenu à jour avec le programme.",
    ),
    "about_losses_first": (
        "What does not hold stands before what does. In plain words: where another way to forecast did better than "
        "this model, or where the record of 2017-2020 looks unlike what the model makes, that comes first. “Not "
        "resolved” means that the numbers cannot tell.",
        "Ce qui ne tient pas est placé avant ce qui tient. En clair : les cas où une autre méthode de prévision a fait "
        "mieux que ce modèle, et ceux où les évènements enregistrés de 2017 à 2020 ne ressemblent pas à ce que le "
        "modèle produit, viennent en premier. « Non concluant » signifie que les nombres ne permettent pas de "
        "trancher.",
    ),
    # A visitor's own events.
    "about_events": ("Your own events", "Vos propres évènements"),
    "about_events_lead": (
        "How far does the record that the model rests on agree with the events you know? Hand in a file of ACLED, of "
        "UCDP GED, or this program's own export (CSV): it is counted by month and kind as the record was.",
        "Le relevé sur lequel le modèle s'appuie concorde-t-il avec les évènements que vous connaissez ? Déposez un "
        "fichier ACLED, UCDP GED ou exporté par ce programme (CSV) : il est compté par mois et par type, comme le "
        "relevé.",
    ),
    "about_events_kept": (
        "The file lies on the server only while it is read. It changes nothing in the model.",
        "Le fichier n'est sur le serveur que le temps de la lecture. Il ne change rien au modèle.",
    ),
    "about_events_file": ("File of events (CSV)", "Fichier d'évènements (CSV)"),
    "about_events_reading": ("Reading the file …", "Lecture du fichier…"),
}
