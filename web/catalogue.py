"""What the page is generated from: words, assumption cards, levers, scenarios, outcomes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from abm.calendar import DAY_ZERO
from abm.kinds import KINDS
from abm.views.palette import COMMUNITY_FILLS, PERPETRATORS
from web.cards import cards
from web.levers import levers
from web.measures import measures
from web.scenarios import scenarios
from web.words import words


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Any]:
    """Everything that is the same for all visitors, ready for JSON."""
    return {
        "day_zero": DAY_ZERO.isoformat(),
        "kinds": KINDS,
        "perpetrators": [{"key": mark.key, "colour": mark.colour, "glyph": mark.glyph} for mark in PERPETRATORS],
        "community_fills": COMMUNITY_FILLS,
        "words": words(),
        "cards": cards(),
        "levers": levers(),
        "scenarios": scenarios(),
        "measures": measures(),
    }
