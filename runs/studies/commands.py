"""Commands of ``sector-centre`` on stored batches: analyse them, and brief those who decide."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runs.batch.commands import FolderArgument
from runs.cli import app, guarded

UnfinishedOption = Annotated[
    bool, typer.Option("--unfinished", help="Of a batch that is not finished, the sets of parameters that are whole.")
]


@app.command()
@guarded
def analyse(
    folder: FolderArgument,
    study: Annotated[list[str] | None, typer.Option("--study", help="Only this study. Repeatable.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; `analysis` in the batch's if left out.")] = None,
    unfinished: UnfinishedOption = False,
) -> None:
    """Study a stored batch: what differs, what matters, under which assumptions, at what cost."""
    from runs.batch.stored import open_batch
    from runs.studies.analyse import (
        FOLDER,
        PAGE,
        check_folder,
        for_terminal,
        kinds_for,
        opening,
        studies_of,
        write_studies,
    )
    from runs.terminal import console, progress, show

    batch = open_batch(folder, unfinished=unfinished)
    target = out if out is not None else folder / FOLDER
    check_folder(batch, target)
    comparison = batch.comparison()
    with progress("studies", len(kinds_for(batch.studied))) as done:
        studies = studies_of(batch.studied, comparison, study or [], done)
    write_studies(batch, comparison, studies, target)
    show(for_terminal([opening(batch, comparison), *(found.section for found in studies.values())]), console())
    typer.echo(f"\nall tables and figures: {target / PAGE}")


@app.command()
@guarded
def brief(
    folder: FolderArgument,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; the batch's own if left out.")] = None,
    unfinished: UnfinishedOption = False,
) -> None:
    """Write a briefing on a stored batch for those who decide: one HTML page, and PDF where Chromium is installed."""
    from runs.batch.store import EXPERIMENT
    from runs.batch.stored import open_batch
    from runs.studies.analyse import studies_of
    from runs.studies.brief import brief_page, write_brief

    batch = open_batch(folder, unfinished=unfinished)
    comparison = batch.comparison()
    source = (folder / EXPERIMENT).read_text(encoding="utf-8")
    studies = studies_of(batch.studied, comparison)
    page = brief_page(batch.studied, comparison, batch.provenance, source, tuple(studies.values()))
    for path in write_brief(out if out is not None else folder, page):
        typer.echo(f"written: {path}")
