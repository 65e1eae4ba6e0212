"""What an answer stands on, in one sentence: how many of the parameters behind it were measured, and how many not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from abm.declarations import ASSUMPTION, CALIBRATED, LITERATURE, declarations
from abm.parameters import Parameters

WORDS = {CALIBRATED: "fitted to events", LITERATURE: "from the literature", ASSUMPTION: "assumptions"}


def stands_on(groups: Sequence[str], prices_too: bool = False) -> str:
    """How many parameters of some groups are fitted, published or assumed.

    ``prices_too`` adds that prices are among them, for answers about cost.
    """
    counts = Counter(d.status for d in declarations(Parameters).values() if d.group in groups)
    total = counts.total()
    if counts[ASSUMPTION] == total:
        return (
            f"All {total} parameters behind this are assumptions: it says what would follow from them, not what is "
            "known."
        )
    parts = ", ".join(f"{counts[status]} {WORDS[status]}" for status in WORDS if counts[status])
    prices = ", prices of civilian work among them" if prices_too else ""
    return f"Of {total} parameters behind this, {parts}{prices}."
