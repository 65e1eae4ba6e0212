"""Commands of ``sector-centre`` on experiments: list them, run them in batches, verify what is stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runs.cli import DIFFERENT, INTERRUPTED, WorkersOption, app, guarded, warm_up

if TYPE_CHECKING:
    from runs.batch.experiment import Experiment
    from runs.batch.run import Done
    from runs.batch.verify import Verdict

ClusterOption = Annotated[
    str | None,
    typer.Option("--cluster", help="Dask scheduler, tcp://host:port, or local:N for N processes; threads if left out."),
]
MOST_TOLD = 20  # faults that are named one by one
FolderArgument = Annotated[Path, typer.Argument(help="Folder of a stored batch.")]


@app.command()
@guarded
def experiments() -> None:
    """List the shipped experiments with their size."""
    from runs.batch.experiment import shipped_experiments
    from runs.sections import Section, Table
    from runs.terminal import console, show

    rows = tuple(_listed(name) for name in shipped_experiments())
    headers = ("Name", "What it is about", "Design", "Arms", "Points", "Runs")
    show([Section("experiments", "Experiments", (), (Table(headers, rows, words=(0, 1, 2)),))], console())


def _listed(name: str) -> tuple[str, ...]:
    """A row of the list; of an experiment that needs what is not installed, what to install."""
    from runs.batch.experiment import ExperimentError, load_experiment
    from runs.phrases import number

    try:
        e = load_experiment(name)
    except ExperimentError as error:
        return (name, str(error).removeprefix(f"{name}: "), "", "", "", "")
    return (e.name, e.title, e.sampling, number(len(e.arms), 0), number(e.design.draws, 0), number(e.runs, 0))


@app.command()
@guarded
def batch(
    experiment: Annotated[str, typer.Argument(help="A shipped experiment, or a .toml file.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder; results/NAME if left out.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many runs.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the number of runs, the expected time and size.")
    ] = False,
    cluster: ClusterOption = None,
    workers: WorkersOption = None,
) -> None:
    """Run an experiment in blocks that are stored as they are done; the same command again goes on where it stopped."""
    from runs.batch.experiment import load_experiment
    from runs.batch.run import GO_ON, resumable, run_batch
    from runs.terminal import counted

    found = load_experiment(experiment)
    target = out if out is not None else Path("results") / found.name
    if dry_run:
        warm_up()
        _show_estimate(found, limit, workers, target)
        return
    try:
        with resumable(), counted(f"{found.name}: runs") as report:
            warm_up()
            done = run_batch(found, target, workers=workers, cluster=cluster, limit=limit, progress=report)
    except KeyboardInterrupt:
        typer.echo(f"interrupted; {GO_ON}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    _tell(done)


def _show_estimate(experiment: Experiment, limit: int | None, workers: int | None, target: Path) -> None:
    from runs.batch.estimate import estimate

    found = estimate(experiment, limit, workers)
    plan = found.plan
    lines = [
        f"{experiment.name}: {experiment.title}",
        f"  {plan.arms} arms × {plan.points} points × {plan.seeds} seeds = {plan.runs:,} runs"
        + (f", of which {found.runs:,} now" if found.runs != plan.runs else ""),
        f"  about {_duration(found.seconds)} on {found.workers} cores, about {found.bytes / 1e6:,.0f} MB in {target}",
        f"  in {plan.blocks:,} blocks of {plan.block * plan.arms} runs; judged by {found.tried} runs made now "
        f"({found.seconds_per_run:.2f} s a run of one core)",
    ]
    typer.echo("\n".join(lines))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} minutes" if minutes < 90 else f"{minutes / 60:.1f} hours"


def _tell(done: Done) -> None:
    store = done.store
    for line in done.mended:
        typer.echo(f"made again: {line}", err=True)
    total = sum(store.plan.runs_of(block) for block in range(done.wanted))
    whole = "" if done.wanted == store.plan.blocks else f" of {store.plan.runs:,}; run it without --limit for the rest"
    typer.echo(f"{store.folder}: {total:,} runs{whole} ({done.made} blocks made now, {done.found} found whole)")


@app.command()
@guarded
def verify(
    folder: FolderArgument,
    sample: Annotated[
        int, typer.Option("--sample", min=0, max=10_000, help="Replicates to run again and compare to the bit.")
    ] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Which replicates are drawn.")] = 0,
    repair: Annotated[
        bool, typer.Option("--repair", help="Make damaged and missing parts again, remove parts of no block.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Run the sample even where versions or code differ.")
    ] = False,
    cluster: ClusterOption = None,
    workers: WorkersOption = None,
) -> None:
    """Check a stored batch: checksums, the count of runs, and a random sample run again and compared to the bit."""
    from runs.batch.run import resumable
    from runs.batch.store import open_store
    from runs.batch.verify import repair as make_again
    from runs.batch.verify import verify as check
    from runs.terminal import progress

    plan = open_store(folder).plan
    if sample or repair:
        warm_up()
    with progress("blocks checked, replicates run again", plan.blocks + min(sample, plan.replicates)) as done:
        verdict = check(folder, sample, seed, anyway, done)
    _report(verdict)
    if verdict.good:
        return
    if not repair:
        fail_different(f"{folder}: NOT as it was written; --repair makes what is damaged or missing again")
    with resumable(), progress("blocks made again", len(verdict.bad_blocks)) as done:
        made = make_again(verdict, workers, cluster, lambda _block: done())
    again = check(folder, 0)
    removed = len(verdict.strangers) - len(again.strangers)
    typer.echo(f"{folder}: repaired: {len(made)} blocks made again, {removed} files removed")
    if not again.good:
        fail_different("\n".join([*again.faults.values(), *_kept_strangers(again)]))


def _kept_strangers(verdict: Verdict) -> list[str]:
    return [f"{verdict.store.folder / name}: is none of the batch's files: move it away" for name in verdict.strangers]


def _report(verdict: Verdict) -> None:
    store = verdict.store
    strangers = (f"{store.folder / name}: belongs to no block" for name in verdict.strangers)
    faults = [*verdict.faults.values(), *strangers]
    for fault in faults[:MOST_TOLD]:
        typer.echo(fault, err=True)
    if len(faults) > MOST_TOLD:
        typer.echo(f"{store.folder}: and {len(faults) - MOST_TOLD} more of the kind", err=True)
    for replicate, lines in verdict.unlike.items():
        point, number = store.plan.place(replicate)
        typer.echo(f"{store.folder}: point {point}, seed {number}: NOT reproduced: {lines}", err=True)
    whole = store.plan.blocks - len(verdict.faults)
    runs = sum(store.plan.runs_of(block) for block in range(store.plan.blocks) if block not in verdict.faults)
    again = len(verdict.again) * store.plan.arms
    same = again - len(verdict.unlike) * store.plan.arms
    typer.echo(
        f"{store.folder}: {whole} of {store.plan.blocks} blocks whole, {runs:,} of {store.plan.runs:,} runs"
        + (f"; {same} of {again} runs made again are equal to the bit" if again else "")
    )


def fail_different(message: str) -> None:
    """One message on standard error, the exit code of what is not as expected."""
    typer.echo(message, err=True)
    raise typer.Exit(DIFFERENT)
