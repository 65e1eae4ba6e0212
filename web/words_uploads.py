"""Words about files that visitors hand in, in English and French."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # What is wrong with a file.
    "uploads_kind": (
        "Files of the kind {found} are not read here; expected one of {expected}.",
        "Les fichiers de type {found} ne sont pas lus ici ; attendu : {expected}.",
    ),
    "uploads_too_large": (
        "{name} has {size} kB; at most {most} kB are read.",
        "{name} compte {size} ko ; au plus {most} ko sont lus.",
    ),
    "uploads_unreadable": (
        "{name} could not be read. Expected a file that is still where it was when it was chosen, and no folder.",
        "{name} n'a pas pu être lu. Un fichier est attendu, resté où il était lors du choix, et non un dossier.",
    ),
    "uploads_empty": ("{name} is empty.", "{name} est vide."),
    "uploads_no_text": (
        "{name}, line {line}: this is no text. Save the file as UTF-8.",
        "{name}, ligne {line} : ce n'est pas du texte. Enregistrez le fichier en UTF-8.",
    ),
    "uploads_garbled": (
        "{name}, line {line}: some letters were lost, because the file is not UTF-8. Save it as UTF-8.",
        "{name}, ligne {line} : des lettres sont perdues, car le fichier n'est pas en UTF-8. Enregistrez-le en UTF-8.",
    ),
    "uploads_garbled_names": (
        "Some letters were lost, because the file is not UTF-8: names may be spelt wrongly.",
        "Des lettres sont perdues, car le fichier n'est pas en UTF-8 : des noms peuvent être mal écrits.",
    ),
    "uploads_control": (
        "{name}, line {line}: holds a control character, which no such file has.",
        "{name}, ligne {line} : contient un caractère de commande, qu'aucun fichier de ce type ne contient.",
    ),
    "uploads_invalid": (
        "{name} cannot be read: {text}",
        "{name} ne peut pas être lu : {text}",
    ),
    "uploads_too_deep": (
        "{name}: tables and lists inside each other, more than {most} deep.",
        "{name} : tableaux et listes imbriqués sur plus de {most} niveaux.",
    ),
    "uploads_lines": (
        "{name} has more than {most} lines.",
        "{name} compte plus de {most} lignes.",
    ),
    "uploads_dots": (
        "{name}: too many dots in one line. Names have a few parts; put long lists on several lines.",
        "{name} : trop de points sur une ligne. Les noms ont peu de parties ; répartissez les longues listes sur "
        "plusieurs lignes.",
    ),
    "uploads_values": (
        "{name} holds more than {most} values.",
        "{name} contient plus de {most} valeurs.",
    ),
    "uploads_number": (
        "{name}, {field}: the number is too large or is none.",
        "{name}, {field} : le nombre est trop grand ou n'en est pas un.",
    ),
    "uploads_letters": (
        "{name}, {field}: expected at most {most} letters, and no control characters.",
        "{name}, {field} : au plus {most} lettres attendues, sans caractères de commande.",
    ),
    "uploads_extend": (
        "{name}, extend: {found} is no scenario that comes with the program. Expected one of {expected}.",
        "{name}, extend : {found} n'est pas un scénario fourni avec le programme. Attendu : {expected}.",
    ),
    "uploads_places": (
        "{name} has more than {most} places.",
        "{name} compte plus de {most} localités.",
    ),
    "uploads_columns": (
        "{name}, line {line}: more than {most} columns.",
        "{name}, ligne {line} : plus de {most} colonnes.",
    ),
    "uploads_cell": (
        "{name}, line {line}: a cell with more than {most} characters.",
        "{name}, ligne {line} : une cellule de plus de {most} caractères.",
    ),
    "uploads_row": (
        "{name}, line {line}: not a valid CSV row ({text}).",
        "{name}, ligne {line} : ligne CSV non valide ({text}).",
    ),
    "uploads_formula": (
        "{name}, line {line}: {cell} is a formula of a spreadsheet. Expected the value itself.",
        "{name}, ligne {line} : {cell} est une formule de tableur. La valeur elle-même est attendue.",
    ),
    "uploads_crowded": (
        "{name}: so many places lie close together that {n} pairs of a band and a village are in reach; at most {most} "
        "can be computed here.",
        "{name} : tant de localités sont proches que {n} paires d'un groupe et d'un village sont à portée ; au plus "
        "{most} peuvent être calculées ici.",
    ),
    "uploads_closed": (
        "The page is being closed: nothing is read any more.",
        "La page se ferme : plus rien n'est lu.",
    ),
    "uploads_no_room": (
        "The server has no room for the file ({text}). Tell whoever runs it.",
        "Le serveur n'a pas de place pour le fichier ({text}). Signalez-le à la personne qui le gère.",
    ),
    # A gazetteer that was read.
    "uploads_settlements": ("Settlements", "Localités"),
    "uploads_made_up": ("made up, not real", "tirées au sort, non réelles"),
    "uploads_handed_in": ("the file handed in", "le fichier déposé"),
    "uploads_gazetteer_kept": (
        "{file}: {kept} of {rows} places are in the region and are used; {outside} lie outside.",
        "{file} : {kept} localités sur {rows} sont dans la région et sont utilisées ; {outside} sont en dehors.",
    ),
    "uploads_gazetteer_people": (
        "{people} people live in them.",
        "{people} personnes y vivent.",
    ),
    "uploads_gazetteer_drawn": (
        "Drawn, because the file does not say: {populations} populations, {communities} communities.",
        "Tirés au sort, car le fichier ne les donne pas : {populations} populations, {communities} communautés.",
    ),
    "uploads_gazetteer_empty": (
        "No place in {cercles}: no armed group is at home there.",
        "Aucune localité dans {cercles} : aucun groupe armé n'y a sa base.",
    ),
    "uploads_gazetteer_beyond": (
        "The populations given leave no room under the census in {cercles}.",
        "Les populations données dépassent le recensement dans {cercles}.",
    ),
    "uploads_gazetteer_real": (
        "Results now concern real places. Read what the model must not be used for.",
        "Les résultats portent maintenant sur des lieux réels. Lisez ce à quoi le modèle ne doit pas servir.",
    ),
    # Events that were read.
    "uploads_events_rows": (
        "{file}: rows read {read}, events kept {kept}, rows dropped {dropped}.",
        "{file} : lignes lues {read}, évènements gardés {kept}, lignes écartées {dropped}.",
    ),
    "uploads_events_period": (
        "Layout: {layout}. Events kept: {first} to {last}.",
        "Format : {layout}. Évènements gardés : du {first} au {last}.",
    ),
    "uploads_events_none": (
        "Layout: {layout}. No row can be used, for the reasons below.",
        "Format : {layout}. Aucune ligne n'est utilisable, pour les raisons ci-dessous.",
    ),
    "uploads_events_reason": ("Why rows were dropped", "Pourquoi des lignes sont écartées"),
    "uploads_events_n_rows": ("Rows", "Nombre"),
    "uploads_events_where": ("Lines of the file", "Lignes du fichier"),
    "uploads_events_name": ("{name}: {n}", "{name} : {n}"),
    "uploads_events_more_names": ("{names} more names: {n}", "{names} autres noms : {n}"),
    "uploads_events_unnamed": (
        "Kept as “other”, by the roles of the parties",
        "Gardés comme « autres », selon le rôle des acteurs",
    ),
    "uploads_events_disagree": (
        "Kept where the coordinates are, though the file names another district",
        "Gardés selon les coordonnées, bien que le fichier nomme un autre cercle",
    ),
    "uploads_events_remarks": ("Remarks", "Remarques"),
    "uploads_events_chart": ("Events a month, by kind", "Évènements par mois, par type"),
    "uploads_events_mine": ("your file", "votre fichier"),
    "uploads_events_of_record": ("embedded record", "relevé intégré"),
    "uploads_events_uncovered": (
        "The record covers none of these months, so nothing stands beside them.",
        "Le relevé ne couvre aucun de ces mois : rien ne figure en regard.",
    ),
    "uploads_events_kind": ("Kind", "Type"),
    "uploads_events_month": ("Month", "Mois"),
    "uploads_events_events": ("Events, your file", "Évènements, votre fichier"),
    "uploads_events_deaths": ("Deaths, your file", "Morts, votre fichier"),
    "uploads_events_both": (
        "Of these events, in months of the record",
        "Dont évènements dans les mois du relevé",
    ),
    "uploads_events_record_events": ("Events, record", "Évènements, relevé"),
    "uploads_events_record_deaths": ("Deaths, record", "Morts, relevé"),
    "uploads_events_monthly": ("Month by month", "Mois par mois"),
    "uploads_kind_jihadists": ("Jihadists against jihadists", "Jihadistes contre jihadistes"),
    "uploads_kind_other": ("Other", "Autres"),
    "uploads_events_record": (
        "Beside it: the embedded record of 2017-2020 (own aggregation of ACLED, acleddata.com).",
        "En regard : le relevé intégré 2017-2020 (agrégation propre d'ACLED, acleddata.com).",
    ),
    "uploads_lines_more": ("and {more} more", "et {more} autres"),
    "uploads_unmapped": ("Parties that are not in the table of actors", "Acteurs absents de la table des acteurs"),
    # Why a row of events was dropped.
    "uploads_reason_fields": ("wrong number of fields", "nombre de champs erroné"),
    "uploads_reason_coordinates": (
        "latitude or longitude missing, impossible or swapped",
        "latitude ou longitude manquante, impossible ou permutée",
    ),
    "uploads_reason_outside": ("outside Mopti and Ségou", "hors de Mopti et Ségou"),
    "uploads_reason_not_counted": (
        "protest, riot or strategic development",
        "manifestation, émeute ou développement stratégique",
    ),
    "uploads_reason_type": ("unknown type of event", "type d'évènement inconnu"),
    "uploads_reason_no_id": ("identifier missing or too long", "identifiant absent ou trop long"),
    "uploads_reason_date": ("date missing or unreadable", "date manquante ou illisible"),
    "uploads_reason_period": ("date outside the model's calendar", "date hors du calendrier du modèle"),
    "uploads_reason_time": ("date known too roughly", "date trop imprécise"),
    "uploads_reason_place": ("place known too roughly", "lieu trop imprécis"),
    "uploads_reason_deaths": ("deaths missing or impossible", "nombre de morts manquant ou impossible"),
    "uploads_reason_second_row": (
        "second row of an event that is listed once per actor",
        "seconde ligne d'un évènement donné une fois par acteur",
    ),
    "uploads_reason_duplicate": ("repeats an earlier row", "répète une ligne précédente"),
    "uploads_reason_conflict": (
        "identifier of another row, other contents",
        "identifiant d'une autre ligne, contenu différent",
    ),
    "uploads_reason_actor": (
        "a party is not in the table of actors",
        "un acteur est absent de la table des acteurs",
    ),
}
