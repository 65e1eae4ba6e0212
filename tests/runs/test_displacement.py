"""What rings are said to show: prevented, displaced, or not resolved."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runs.compare import Comparison
from runs.displacement import balance, displaced_or_prevented, has_rings, in_short, in_words, ring_rows
from runs.rings import FAR, NEAR, NOWHERE, RINGS

Invent = Callable[..., Comparison]


def test_differences_by_ring_are_those_that_were_put_in(invent: Invent) -> None:
    comparison = invent(near=0.5, moved=10.0)
    near, far = (balance(comparison, "extra-tobs", rings) for rings in (NEAR, FAR))
    assert near.spread.estimate == pytest.approx(-0.5 * 60 * len(NEAR), abs=3)
    assert far.spread.estimate == pytest.approx(10.0 * len(FAR), abs=3)
    assert near.resolved
    assert far.resolved
    assert balance(comparison, "extra-tobs", (NOWHERE,)).spread.estimate == 0.0


@pytest.mark.parametrize(
    ("near", "moved", "words"),
    [
        (0.5, 0.0, ("fewer around bases", "no difference in any pair of runs")),
        (0.5, 10.0, ("some are displaced", "the balance of all is fewer")),
        (0.5, 60.0, ("some are displaced", "the balance of all is more")),
        (0.5, 30.0, ("some are displaced", "the balance of all is not resolved")),
        (1.0, 0.0, ("does not show here",)),
        (1.0, 10.0, ("nothing can be said about displacement",)),
    ],
)
def test_what_is_seen_is_said(invent: Invent, near: float, moved: float, words: tuple[str, ...]) -> None:
    said = in_words(invent(near=near, moved=moved, draws=40), "extra-tobs")
    for word in words:
        assert word in said
    assert said.startswith("With extra TOBs, expected numbers: within 30 km of an extra base")


def test_fewer_attacks_farther_away_are_no_displacement(invent: Invent) -> None:
    comparison = invent(near=0.5)
    for ring in FAR:
        comparison.rings["extra-tobs"][:, :, 0, :, ring] -= 5.0
    assert "nothing shows that they are displaced on balance" in in_short(comparison, "extra-tobs")


def test_the_table_has_every_ring_and_the_balance(invent: Invent) -> None:
    part = displaced_or_prevented(invent(draws=4))
    assert [table.caption for table in part.tables] == ["extra TOBs", "extra TOBs and accountability"]
    assert [table.folded for table in part.tables] == [False, True]
    assert [row[0] for row in part.tables[0].rows] == [*RINGS, "all days and distances"]
    assert part.tables[0].rows[0][4] == "fewer (first look)"
    assert part.tables[0].rows[-2][4] == "no difference"


def test_rows_are_tidy(invent: Invent) -> None:
    rows = ring_rows(invent(draws=4))
    assert len(rows) == 2 * 2 * (len(RINGS) + 1)
    assert len({(row["arm"], row["ring"], row["attacks"]) for row in rows}) == len(rows)


def test_arms_without_extra_bases_have_no_rings(invent: Invent) -> None:
    assert has_rings(invent(draws=4))
    assert not has_rings(invent(draws=4, arms=["accountability"], factors=(1.0, 0.9)))
