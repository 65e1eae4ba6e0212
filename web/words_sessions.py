"""Words of the dialog of sessions, in English and French."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "sessions_title": ("Sessions", "Sessions"),
    "sessions_lead": (
        "A session is what you have set on the page: scenario, arms, levers, assumptions, seed. Results are not part "
        "of it: they are computed again, to the same bit.",
        "Une session est ce que vous avez réglé sur la page : scénario, options, leviers, hypothèses, graine. Les "
        "résultats n'en font pas partie : ils sont recalculés, au bit près.",
    ),
    "sessions_name": ("Name of this session", "Nom de cette session"),
    "sessions_save": ("Save in this browser", "Enregistrer dans ce navigateur"),
    "sessions_saved": ("Saved: {name}", "Enregistré : {name}"),
    "sessions_needs_name": ("Give the session a name first.", "Donnez d'abord un nom à la session."),
    "sessions_none": ("Nothing saved in this browser yet.", "Rien n'est encore enregistré dans ce navigateur."),
    "sessions_no_room": (
        "This browser did not save it: its store is full or switched off. Save the session as a file.",
        "Ce navigateur ne l'a pas enregistré : sa mémoire est pleine ou désactivée. Enregistrez la session dans un "
        "fichier.",
    ),
    "sessions_restore": ("Open", "Ouvrir"),
    "sessions_delete": ("Delete", "Supprimer"),
    "sessions_deleted": ("Deleted: {name}", "Supprimé : {name}"),
    "sessions_undo": ("Undo: keep {name}", "Annuler : garder {name}"),
    "sessions_share": ("Link to this session", "Lien vers cette session"),
    "sessions_share_lead": (
        "Whoever opens the link on this server sees the page as you have set it. The session is in the link itself; "
        "nothing is kept on the server. An uploaded gazetteer is not in it.",
        "Quiconque ouvre le lien sur ce serveur voit la page telle que vous l'avez réglée. La session est dans le lien "
        "lui-même ; rien n'est gardé sur le serveur. Un répertoire de localités téléversé n'y est pas.",
    ),
    "sessions_link": ("Copy a link", "Copier un lien"),
    "sessions_copied": ("The link is copied.", "Le lien est copié."),
    "sessions_copy_by_hand": (
        "Copy the link out of the box (the browser did not let the page do it).",
        "Copiez le lien dans le champ (le navigateur ne l'a pas permis à la page).",
    ),
    "sessions_bad_link": (
        "The link holds no session that can be read: it may have been cut. Ask for it again.",
        "Le lien ne contient pas de session lisible : il a peut-être été tronqué. Demandez-le de nouveau.",
    ),
    "sessions_file": ("Session as a file", "Session dans un fichier"),
    "sessions_file_lead": (
        "A TOML file that a person can read, and that this page reads back.",
        "Un fichier TOML lisible par une personne, et que cette page sait relire.",
    ),
    "sessions_export": ("Download the session", "Télécharger la session"),
    "sessions_exported": ("Downloaded: {name}", "Téléchargé : {name}"),
    "sessions_import": ("Open a session file", "Ouvrir un fichier de session"),
    "sessions_imported": ("Opened: {name}", "Ouvert : {name}"),
    "sessions_failed": (
        "That did not work, and nothing has changed. Try again.",
        "Cela n'a pas fonctionné et rien n'a changé. Réessayez.",
    ),
}
