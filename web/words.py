"""All words of the page in English and French, and those that pictures already have."""

from __future__ import annotations

from importlib import import_module

from abm.views.words import WORDS as OF_PICTURES
from web.french import typeset

PLACES = ("page", "watch", "compare", "numbers", "assumptions", "levers", "sessions", "about", "uploads")


def words() -> dict[str, tuple[str, str]]:
    """Every word by its key; French with the spaces that its typography wants.

    Raises:
        ValueError: two places use one key for different words.
    """
    found = dict(OF_PICTURES)
    for place in PLACES:
        for key, pair in import_module(f"web.words_{place}").WORDS.items():
            if found.setdefault(key, pair) != pair:
                raise ValueError(f"words of {place}: {key!r} is used twice")
    return {key: (english, typeset(french)) for key, (english, french) in found.items()}
