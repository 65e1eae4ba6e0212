"""Does the conclusion depend on the model's structure? Every case of the rule, and what a reader is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pyarrow import parquet

from runs.compare import Comparison
from runs.folders import ResultError, read_manifest
from runs.report import check_target, for_terminal, sections, write_comparison
from runs.statistics import Spread, Summary
from runs.structure import Fate, conclusion, fate, others, sentence, structure_rows, structure_section, tally
from runs.variants import AS_SHIPPED, CONCLUSIONS, KEPT, VARIANTS, UnderVariants, kept_differences

Invent = Callable[..., Comparison]
FIRST, SECOND, THIRD, *_ = others()


def summary(estimate: float, half_width: float, seed: float = 1.0) -> Summary:
    around = (estimate - half_width, estimate + half_width)
    return Summary(Spread(estimate, seed, 0.0, 8, 4), around, around, 100.0)


FEWER, MORE = summary(-10.0, 4.0), summary(10.0, 4.0)
PERHAPS_FEWER, PERHAPS_MORE = summary(-3.0, 4.0), summary(3.0, 4.0)
NOTHING = summary(0.0, 0.0, seed=0.0)


@pytest.mark.parametrize(
    ("shipped", "found", "expected"),
    [
        (FEWER, FEWER, Fate.SURVIVES),
        (MORE, MORE, Fate.SURVIVES),
        (FEWER, PERHAPS_FEWER, Fate.WEAKENS),
        (FEWER, NOTHING, Fate.VANISHES),
        (FEWER, MORE, Fate.TURNS),
        (MORE, FEWER, Fate.TURNS),
        (FEWER, PERHAPS_MORE, Fate.TURNS_UNRESOLVED),
        (PERHAPS_FEWER, PERHAPS_FEWER, Fate.STILL_OPEN),
        (PERHAPS_FEWER, PERHAPS_MORE, Fate.STILL_OPEN),
        (PERHAPS_FEWER, NOTHING, Fate.STILL_OPEN),
        (PERHAPS_FEWER, FEWER, Fate.APPEARS),
        (PERHAPS_FEWER, MORE, Fate.APPEARS),
        (NOTHING, NOTHING, Fate.STILL_NOTHING),
        (NOTHING, FEWER, Fate.APPEARS),
        (NOTHING, PERHAPS_FEWER, Fate.STILL_OPEN),
    ],
)
def test_what_becomes_of_a_conclusion(shipped: Summary, found: Summary, expected: Fate) -> None:
    assert fate(shipped, found) is expected


def test_every_fate_has_its_own_words() -> None:
    assert len(set(Fate)) == len(list(Fate.__members__)) == 8


@pytest.mark.parametrize(
    ("shipped", "found", "expected"),
    [
        (FEWER, {}, "this survives every variant"),
        (FEWER, {FIRST: PERHAPS_FEWER}, f"this keeps its direction but is not resolved under “{FIRST}”"),
        (FEWER, {SECOND: MORE}, f"this turns under “{SECOND}”"),
        (FEWER, {SECOND: PERHAPS_MORE}, f"this turns, though that is not resolved, under “{SECOND}”"),
        (FEWER, {THIRD: NOTHING}, f"this vanishes under “{THIRD}”"),
        (
            FEWER,
            {FIRST: PERHAPS_FEWER, SECOND: MORE, THIRD: PERHAPS_FEWER},
            f"this turns under “{SECOND}”, keeps its direction but is not resolved under “{FIRST}” and “{THIRD}”",
        ),
        (PERHAPS_FEWER, {}, "not resolved under any variant"),
        (PERHAPS_FEWER, {FIRST: MORE}, f"not resolved as shipped, but under “{FIRST}”"),
        (NOTHING, {}, "no difference anywhere"),
        (NOTHING, {FIRST: PERHAPS_FEWER}, f"no difference as shipped, but one under “{FIRST}”"),
    ],
)  # fmt: skip
def test_sentences_by_rule(shipped: Summary, found: dict[str, Summary], expected: str) -> None:
    by_variant = {name: fate(shipped, found.get(name, shipped)) for name in others()}
    assert conclusion(shipped, by_variant) == expected


# --- the section ----------------------------------------------------------------------------------------------------

ARMS = ("extra-tobs", "malian-strategy")
STRONG = (1.0, 0.7, 0.5)


def invented_variants(invent: Invent, by_variant: Mapping[str, tuple[float, ...]], draws: int = 20) -> UnderVariants:
    """Every variant as shipped but for those named: factors of the control and the two arms."""
    found = {
        factors: kept_differences(invent(draws=draws, arms=ARMS, factors=factors))
        for factors in {STRONG, *by_variant.values()}
    }
    differences = {name: found[by_variant.get(name, STRONG)] for name in VARIANTS}
    return UnderVariants(draws, 4, {name: v.fixed for name, v in VARIANTS.items()}, differences)


@pytest.fixture(scope="module")
def whole(invent: Invent) -> Comparison:
    return invent(arms=ARMS, factors=STRONG)


@pytest.fixture(scope="module")
def variants(invent: Invent) -> UnderVariants:
    """Bases do nothing that could be resolved under the first, and harm under the second; the strategy holds."""
    return invented_variants(invent, {FIRST: (0.7, 0.699, 0.5), SECOND: (0.7, 0.9, 0.5)})


def test_a_reader_is_told_what_survives(whole: Comparison, variants: UnderVariants) -> None:
    part = structure_section(whole, variants)
    assert part.title == "Does the conclusion depend on the model's structure?"
    bases, strategy = part.paragraphs[-2:]
    assert bases.startswith("With extra TOBs, fewer attacks on civilians")
    assert f"turns under “{SECOND}”" in bases
    assert f"“{THIRD}”" not in bases
    assert strategy == (
        "With Malian strategy, fewer attacks on civilians, fewer civilian deaths and fewer intercommunal events: "
        "this survives every variant."
    )
    assert "6 of 6 differences" in part.paragraphs[-3]
    assert "3 survive every variant; the direction turns under some variant for 3." in part.paragraphs[-3]
    assert "first look" not in " ".join(part.paragraphs)


def test_tables_hold_every_variant_outcome_and_arm(whole: Comparison, variants: UnderVariants) -> None:
    overview, listed, *details = structure_section(whole, variants).tables
    assert overview.headers[2:] == tuple(VARIANTS)
    assert len(overview.rows) == len(ARMS) * len(CONCLUSIONS)
    assert overview.rows[0][2].endswith(", fewer")
    assert overview.rows[0][2 + 2].endswith(", turns")
    assert [row[0] for row in listed.rows] == list(VARIANTS)
    assert listed.rows[1][2] == "n_same = 0, n_cross = 0"
    assert len(details) == len(ARMS)
    for table in details:
        assert table.folded
        assert len(table.rows) == len(CONCLUSIONS) * len(VARIANTS)
        assert {len(row) for row in table.rows} == {len(table.headers)}


def test_few_draws_are_a_first_look(invent: Invent) -> None:
    few = invent(draws=8, arms=ARMS, factors=STRONG)
    part = structure_section(few, invented_variants(invent, {}, draws=8))
    assert "at most 78 %, not 90 %: a first look" in " ".join(part.paragraphs).replace("\u202f", " ")
    assert "(first look)" in part.tables[0].rows[0][2]


def test_nothing_resolved_leaves_nothing_to_survive(invent: Invent) -> None:
    same = invented_variants(invent, dict.fromkeys(VARIANTS, (1.0, 1.0, 1.0)))
    text = tally(same, ARMS, "months-36")
    assert "Resolved as shipped: 0 of 6 differences" in text
    assert "0 survive every variant" in text


def test_rows_are_tidy(whole: Comparison, variants: UnderVariants) -> None:
    rows = structure_rows(whole, variants)
    keys = {(row["variant"], row["arm"], row["window"], row["outcome"]) for row in rows}
    assert len(keys) == len(rows) == len(VARIANTS) * len(ARMS) * 3 * len(KEPT)
    assert {row["beside_as_shipped"] for row in rows if row["variant"] == AS_SHIPPED} == {None}
    assert {row["beside_as_shipped"] for row in rows if row["variant"] == THIRD} <= {Fate.SURVIVES, Fate.STILL_OPEN}


# --- the folder -----------------------------------------------------------------------------------------------------


def test_variants_come_beside_what_is_there_without_them(
    whole: Comparison, variants: UnderVariants, tmp_path: Path
) -> None:
    write_comparison(whole, None, tmp_path / "with", variants=variants)
    write_comparison(whole, None, tmp_path / "without")
    manifests = [read_manifest(tmp_path / name, "comparison") for name in ("with", "without")]
    assert set(manifests[0]["files"]) - set(manifests[1]["files"]) == {"variants.parquet"}
    assert {"variants"} == set(manifests[0]["request"]) - set(manifests[1]["request"])
    for name in ("outcomes", "differences", "draws"):
        tables = [parquet.read_table(tmp_path / folder / f"{name}.parquet") for folder in ("with", "without")]
        assert tables[0].equals(tables[1])
    assert 'id="structure"' in (tmp_path / "with" / "report.html").read_text(encoding="utf-8")
    assert 'id="structure"' not in (tmp_path / "without" / "report.html").read_text(encoding="utf-8")
    check_target(tmp_path / "with", whole.design, 0, variant_draws=20)
    for draws in (0, 8):
        with pytest.raises(ResultError, match="another result"):
            check_target(tmp_path / "with", whole.design, 0, variant_draws=draws)


def test_a_terminal_shows_what_survives(whole: Comparison, variants: UnderVariants) -> None:
    part = next(p for p in for_terminal(sections(whole, None, variants)) if p.key == "structure")
    assert len(part.tables) == 1
    assert part.paragraphs[-1].endswith("this survives every variant.")


def test_what_the_whole_comparison_leaves_open_is_no_conclusion(invent: Invent) -> None:
    found = invented_variants(invent, {}, draws=8)
    arm = ARMS[0]
    every = frozenset((arm, key) for key in CONCLUSIONS)
    assert "survives every variant" in sentence(found, arm, "months-36")
    text = sentence(found, arm, "months-36", every)
    assert "not resolved in the whole comparison, so that there is nothing to survive" in text
    assert "survives" not in text
    assert "fewer" not in text
    assert "0 of 3" in tally(found, [arm], "months-36", every)
