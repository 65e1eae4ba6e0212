"""Write what experiments found into the README: ``python -m runs.studies.readme README.md DIR...``.

Only what lies between the markers is replaced, so that no number in the README is ever typed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from runs.batch.experiment import Experiment
from runs.batch.stored import open_batch
from runs.compare import Comparison
from runs.phrases import fewer_or_more
from runs.readme import replaced
from runs.studies.analyse import studies_of
from runs.studies.brief_summary import ranking_of_all, summary_of
from runs.studies.brief_told import Told

NAME = "experiments"
# Which study speaks for a design, and how many of its first paragraphs; for draws the brief's first sentences do.
SPEAKS = {"sobol": ("sobol", 2), "morris": ("morris", 3), "lhs": ("discovery", 2), "factorial": ("break-even", 1)}
WITH_VERDICT = ("sobol", "morris")  # of their first paragraph, the verdict on convergence is enough here
FEW = 4  # arms whose effects are all named


def findings(experiment: Experiment, comparison: Comparison) -> tuple[str, ...]:
    """What an experiment found, in a few sentences."""
    if experiment.sampling not in SPEAKS:
        return _of_arms(Told(experiment, comparison, experiment.fingerprint()))
    name, count = SPEAKS[experiment.sampling]
    first, *rest = studies_of(experiment, comparison, [name])[name].section.paragraphs[:count]
    return (f"{first.split('. ')[0].rstrip('.')}." if name in WITH_VERDICT else first, *rest)


def _of_arms(told: Told) -> tuple[str, ...]:
    """Which arm does most, whether that is known, and what each does where they are few."""
    summary = summary_of(told, ranking_of_all(told))
    unsure = [line for line in summary.unknown if "best option" in line]
    arms = [arm.name for arm in told.design.treated]
    each = [f"{told.name(arm)}: {fewer_or_more(told.effect(arm, told.key), told.short)}." for arm in arms]
    return (summary.known[0], *unsure, *(each if len(arms) <= FEW else ()))


def entry(experiment: Experiment, comparison: Comparison) -> str:
    """One experiment: its name, question and size, and what it found."""
    runs = comparison.clock.size * len(experiment.arms)
    head = f"**`{experiment.name}`** ({runs:,} runs). *{experiment.question}* "
    return head + " ".join(" ".join(findings(experiment, comparison)).split())


def section(folders: Sequence[Path]) -> str:
    """Entries of stored batches, in their order."""
    batches = [open_batch(folder) for folder in folders]
    return "\n\n".join(entry(batch.studied, batch.comparison()) for batch in batches)


def main(arguments: Sequence[str]) -> None:
    """Replace what lies between the markers of the README."""
    readme, *folders = (Path(argument) for argument in arguments)
    text = replaced(readme.read_text(encoding="utf-8"), NAME, section(folders), "runs.studies.readme")
    readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
