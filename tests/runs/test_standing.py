"""What an answer stands on is counted from the declarations."""

from __future__ import annotations

import re

from abm.declarations import ASSUMPTION, declarations
from abm.parameters import Parameters
from runs.analysis import GROUPS
from runs.standing import WORDS, stands_on


def test_counts_are_those_of_the_declarations() -> None:
    groups = GROUPS["package"]
    found = [d for d in declarations(Parameters).values() if d.group in groups]
    sentence = stands_on(groups)
    numbers = [int(n) for n in re.findall(r"\d+", sentence)]
    assert numbers[0] == len(found) == sum(numbers[1:])
    for status, words in WORDS.items():
        n = sum(d.status == status for d in found)
        assert (f"{n} {words}" in sentence) == (n > 0)


def test_what_is_all_assumed_is_said_so() -> None:
    assert {d.status for d in declarations(Parameters).values() if d.group == "strategy"} == {ASSUMPTION}
    assert stands_on(("strategy",)).startswith("All ")
    assert "prices of civilian work" in stands_on(("deployment",), prices_too=True)
