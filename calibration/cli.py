"""The program ``sector-centre``: the commands of :mod:`runs.cli`, and those on recorded events, on the same ``app``.

Readers and fits come from the other modules of this room. Commands import late, so that the program's help and the
commands that run the model load none of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypeVar

import typer

import runs.batch.commands
import runs.studies.commands  # noqa: F401 - commands of both are on the same app
from runs import cli
from runs.cli import WorkersOption, app, check_file, fail, interrupted, kept, main, warm_up

if TYPE_CHECKING:
    from calibration.event_files import EventFile

P = ParamSpec("P")
R = TypeVar("R")

__all__ = ["app", "main"]

FileArgument = Annotated[Path, typer.Argument(help="CSV file of events, in the columns of ACLED or of UCDP GED.")]
ActorsOption = Annotated[
    Path | None, typer.Option("--actors", help="TOML table of actors; the one of `sector-centre actors` if left out.")
]
LayoutOption = Annotated[
    str | None, typer.Option("--layout", help="acled or ged (UCDP GED); as the header says if left out.")
]
DayFirstOption = Annotated[
    bool | None,
    typer.Option("--day-first/--month-first", help="How to read 05/03/2020; as the column says if left out."),
]
MostGeoOption = Annotated[
    int | None,
    typer.Option("--most-geo", min=1, help="Roughest code of a place's precision kept; 2 of ACLED, 3 of UCDP GED."),
]
MostTimeOption = Annotated[
    int | None,
    typer.Option("--most-time", min=1, help="Roughest code of a day's precision kept; 2 of ACLED, 3 of UCDP GED."),
]


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """As :func:`runs.cli.guarded`, for what this room refuses as well."""
    return cli.guarded(_explained(command))


def writer(command: Callable[P, R]) -> Callable[P, R]:
    """As :func:`runs.cli.writer`, for what this room refuses as well."""
    return cli.writer(_explained(command))


def _explained(command: Callable[P, R]) -> Callable[P, R]:

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        from calibration.actors import ActorsError
        from calibration.errors import CalibrationError
        from calibration.event_text import EventFileError

        try:
            return command(*args, **kwargs)
        except (ActorsError, CalibrationError, EventFileError) as error:
            fail(str(error))

    return run


def read_file(
    file: Path,
    actors: Path | None,
    layout: str | None,
    day_first: bool | None,
    most_geo: int | None,
    most_time: int | None,
) -> EventFile:
    """The events of a user's file; if none can be used, the message says what became of every row.

    Raises:
        InputError: unknown layout.
        EventFileError, ActorsError: the file or the table of actors cannot be used.
    """
    from calibration.event_commands import unmapped_notice
    from calibration.event_files import NoEventsError, read_events
    from calibration.event_layouts import EVENT_LAYOUTS
    from runs.inputs import InputError

    if layout is not None and layout not in EVENT_LAYOUTS:
        raise InputError(f"--layout: expected one of {', '.join(EVENT_LAYOUTS)} (found {layout!r})")
    try:
        return read_events(
            file, actors=actors, layout=layout, day_first=day_first, most_geo=most_geo, most_time=most_time
        )
    except NoEventsError as error:
        fail("\n".join(filter(None, (error.summary.text(), str(error), unmapped_notice(error.summary)))))


def _check_out(out: Path, sources: tuple[Path | None, ...], overwrite: bool) -> None:
    """Stop before any work is done where the mapped events cannot be written, or would replace what they come from."""
    from calibration.event_commands import SUFFIXES
    from runs.inputs import InputError

    if out.suffix.lower() not in SUFFIXES:
        raise InputError(f"--out: {out}: expected a name that ends in {' or '.join(SUFFIXES)}")
    for source in sources:
        if source is not None and source.exists() and out.exists() and out.samefile(source):
            raise InputError(f"{out}: is a file that this command reads; choose another file with --out")
    check_file(out, overwrite)


@app.command()
@writer
def events(
    file: FileArgument,
    actors: ActorsOption = None,
    layout: LayoutOption = None,
    day_first: DayFirstOption = None,
    most_geo: MostGeoOption = None,
    most_time: MostTimeOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail if a party is not in the table of actors.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write the mapped events: .csv or .parquet.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file of --out.")] = False,
) -> None:
    """Read your own file of recorded events: what became of every row, and how it compares with the embedded record."""
    from calibration.event_commands import beside_record, unmapped_notice, write_events
    from runs.folders import write_atomically
    from runs.terminal import console, show

    if out is not None:
        _check_out(out, (file, actors), overwrite)
    found = read_file(file, actors, layout, day_first, most_geo, most_time)
    notice = unmapped_notice(found.summary)
    refused = strict and bool(notice)
    written = None if refused else out
    if written is not None:
        suffix = written.suffix.lower()
        write_atomically(written, lambda path: write_events(found.events, path, suffix))
    with kept(written) if written is not None else nullcontext():
        typer.echo(found.summary.text())
        show([beside_record(found)], console())
        if written is not None:
            typer.echo(f"\nwritten: {written}, {len(found.events):,} events")
        if refused:
            fail(f"{notice}; nothing was written" if out is not None else notice)
        if notice:
            typer.echo(notice, err=True)


@app.command("actors")
@guarded
def actors_command(
    toml: Annotated[bool, typer.Option("--toml", help="Write a template for --actors instead.")] = False,
) -> None:
    """List who is who in files of events, and which kind of event two parties make."""
    from calibration.actors import shipped_text

    if toml:
        typer.echo(shipped_text(), nl=False)
        return
    from calibration.event_commands import actors_section
    from runs.terminal import console, show

    show([actors_section()], console())


@app.command()
@guarded
def calibrate(
    out: Annotated[Path, typer.Option("--out", help="Folder that keeps every stage.")] = Path("results/calibration"),
    simulations: Annotated[
        int, typer.Option("--simulations", max=1_000_000, help="Rows of the reference table, at least 7000.")
    ] = 50_000,
    install: Annotated[bool, typer.Option("--install", help="Replace the embedded calibration by this one.")] = False,
    workers: WorkersOption = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="Simulate on a dask cluster: its address, or local:N.")
    ] = None,
) -> None:
    """Fit the model to the embedded record: rates, reference table, posterior, levels. Stop it, and it goes on."""
    from calibration.pipeline import calibrate as run_calibration
    from calibration.pipeline import install as put_in_place
    from calibration.posterior import section
    from runs.terminal import console, progress, show

    warm_up()
    try:
        made = run_calibration(out, progress, simulations, workers, cluster)
    except KeyboardInterrupt:
        interrupted(f"; finished parts are kept in {out}: the same command goes on")
    with kept(out):
        show([section(made.fitted)], console())
        if install:
            differing = made.installed()
            put_in_place(out)
            typer.echo(f"\nembedded: {', '.join(differing) or 'the same as before'}")
        else:
            typer.echo(f"\nwritten: {out}; other than what is embedded: {made.differences()}")


@app.command()
@guarded
def check(
    out: Annotated[Path, typer.Option("--out", help="Folder of the report.")] = Path("results/check"),
    draws: Annotated[int, typer.Option("--draws", help="Equally likely futures of each forecast.")] = 500,
    variant_draws: Annotated[
        int, typer.Option("--variant-draws", help="Futures of each forecast of a structural variant.")
    ] = 100,
    runs: Annotated[int, typer.Option("--runs", help="Runs of 2017-2020, and of 2020.")] = 200,
    replicates: Annotated[
        int, typer.Option("--replicates", help="Pairs of runs of each natural experiment, at least.")
    ] = 500,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another result in the folder.")] = False,
    workers: WorkersOption = None,
) -> None:
    """How far to trust the calibration: recovery, predictive checks, forecasts, variants, experiments; losses first."""
    from calibration.check_making import Settings
    from calibration.check_parts import parts_folder, run_checks
    from calibration.check_report import check_target, for_terminal, write_report
    from runs.terminal import console, progress, show

    check_target(out, Settings(draws, variant_draws, runs, replicates), overwrite)
    warm_up()
    try:
        made = run_checks(
            out, progress, draws=draws, variant_draws=variant_draws, runs=runs, replicates=replicates, workers=workers
        )
    except KeyboardInterrupt:
        interrupted(f"; finished parts are kept in {parts_folder(out)}: the same command goes on")
    parts = write_report(made, out, overwrite)
    with kept(out):
        show(for_terminal(parts), console())
        typer.echo(f"\nall tables and figures: {out / 'report.html'}")


@app.command()
@writer
def forecast(
    out: Annotated[Path, typer.Option("--out", help="Parquet file of draws in long form.")],
    first: Annotated[str, typer.Option("--from", help="First month, from 2018-07 to 2021-01.")] = "2021-01",
    months: Annotated[int, typer.Option("--months", help="How many months.")] = 12,
    draws: Annotated[int, typer.Option("--draws", help="Equally likely futures, at least 500.")] = 500,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file of --out.")] = False,
    workers: WorkersOption = None,
) -> None:
    """Forecast events and deaths by cercle, month and kind from what was recorded before: no named place."""
    from calibration.agent_forecast import runs_of
    from calibration.forecast_file import about_forecast, check_size, checked_origin, summary, write_forecast
    from calibration.forecast_file import forecast as make_forecast
    from calibration.record_table import recorded
    from runs.inputs import InputError
    from runs.terminal import console, progress, show

    if out.suffix.lower() != ".parquet":
        raise InputError(f"--out: {out}: expected a name that ends in .parquet")
    origin = checked_origin(first)
    check_size(months, draws)
    check_file(out, overwrite)
    warm_up()
    with progress("runs, trial runs among them", runs_of(draws)) as done:
        made = make_forecast(origin, months, draws, workers, done)
    write_forecast(made, origin, about_forecast(origin, months, draws, recorded()), out)
    with kept(out):
        show([summary(made, origin)], console())
        typer.echo(f"\nwritten: {out}, {made.size:,} rows")


if __name__ == "__main__":
    main()
