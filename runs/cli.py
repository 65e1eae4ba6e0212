"""Commands of ``sector-centre`` that run the model; numbers, tables and figures come from other modules of this room.

:mod:`calibration.cli` adds the commands on recorded events to the same ``app`` and is the program's entry point: this
room knows nothing of that one.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, ParamSpec, TypeVar

import typer

from runs.messages import readable, reason

if TYPE_CHECKING:
    from abm.parameters import Parameters
    from runs.check2020 import Check
    from runs.design import Design

P = ParamSpec("P")
R = TypeVar("R")

BAD_INPUT, DIFFERENT, INTERRUPTED = 2, 1, 130
QUICK_DRAWS, QUICK_CHECK = 6, 40

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Intercommunal violence and peacekeeper presence in central Mali: an agent-based model.",
)

ScenarioOption = Annotated[str, typer.Option("--scenario", help="Name of a shipped scenario, or a .toml file.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, max=10**9 - 1, help="Seed: the same seed, the same run.")]
DaysOption = Annotated[
    int | None, typer.Option("--days", min=1, max=5000, help="Length; the scenario's own if left out.")
]
ParametersOption = Annotated[Path | None, typer.Option("--parameters", help="TOML file of changed parameters.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="name=value of a parameter, or of a lever, as package.permission=never. Repeatable."),
]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace another result in the folder.")]
WorkersOption = Annotated[int | None, typer.Option("--workers", min=1, help="Threads; all cores if left out.")]


def fail(message: str) -> NoReturn:
    """One message on standard error, exit code 2."""
    typer.echo(readable(message), err=True)
    raise typer.Exit(BAD_INPUT)


def interrupted(what_is_left: str = "") -> NoReturn:
    """One message on standard error, the exit code of an interrupt."""
    typer.echo(f"interrupted{what_is_left}", err=True)
    raise typer.Exit(INTERRUPTED)


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Turn bad input, files that fail and interrupts into one clear message and an exit code; no traceback."""
    return _guard(command, "")


def writer(command: Callable[P, R]) -> Callable[P, R]:
    """As :func:`guarded`, for a command that writes last and whole: what stops it has kept it from writing."""
    return _guard(command, "; nothing was written")


def check_file(target: Path, overwrite: bool) -> None:
    """Stop before any work is done where a file cannot be written because something else bears its name.

    Raises:
        InputError: there is something that is no regular file, or a file that is not to be overwritten.
    """
    from runs.inputs import InputError

    if target.exists() and not target.is_file():
        raise InputError(f"{target}: is no regular file and is never replaced; choose another file with --out")
    if target.exists() and not overwrite:
        raise InputError(f"{target}: exists; choose another file, or give --overwrite")


@contextmanager
def kept(target: Path) -> Iterator[None]:
    """What goes wrong in this block goes wrong after `target` was written: the message must say so."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        fail(f"{reason(error)}; written before: {target}")
    except KeyboardInterrupt:
        interrupted(f"; written before: {target}")


def _guard(command: Callable[P, R], what_is_left: str) -> Callable[P, R]:

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        from pydantic import ValidationError

        from abm.gazetteer import GazetteerError
        from abm.scenario import ScenarioError, explain
        from runs.cluster import ClusterError
        from runs.folders import ResultError
        from runs.inputs import InputError

        try:
            return command(*args, **kwargs)
        except (ScenarioError, GazetteerError, InputError, ResultError, ClusterError) as error:
            fail(str(error))
        except ValidationError as error:
            fail(explain(error, "parameters"))
        except BrokenPipeError:
            raise  # the reader of our output is gone; click ends quietly
        except OSError as error:
            fail(f"{reason(error)}{what_is_left}")
        except KeyboardInterrupt:
            interrupted(what_is_left)

    return run


def warm_up() -> None:
    """Compile in this thread, once, and say so, before runs start in others."""
    from abm import Scenario, simulate
    from abm.compiled import is_warm

    if not is_warm():
        typer.echo("compiling the model, once: about half a minute", err=True)
    simulate(Scenario.load("baseline-2021").changed(world={"cercles": ("Koro",)}), days=1)


@app.command()
@writer
def run(
    scenario: ScenarioOption = "baseline-2021",
    seed: SeedOption = 0,
    days: DaysOption = None,
    parameters: ParametersOption = None,
    settings: SetOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; results/SCENARIO-seed-SEED if left out.")] = None,
    others: Annotated[int, typer.Option("--others", min=0, max=1000, help="Runs with other seeds to set beside.")] = 20,
    overwrite: OverwriteOption = False,
    workers: WorkersOption = None,
) -> None:
    """Run one scenario once, store it, and print a short summary beside runs with other seeds."""
    from abm import Parameters, simulate
    from runs.inputs import load_scenario, read_parameters, read_settings
    from runs.single import around, summary
    from runs.store import check_target, write_run
    from runs.terminal import console, progress, show

    changes, levers = read_settings(settings or [])
    arm = load_scenario(scenario, levers)
    values = Parameters().changed(**read_parameters(parameters, changes))
    target = out if out is not None else Path("results") / f"{arm.name}-seed-{seed}"
    check_target(target, arm, values, seed, days, overwrite)
    warm_up()
    records = simulate(arm, values, seed=seed, days=days)
    write_run(records, target, days, overwrite)
    with kept(target):
        with progress("runs with other seeds", others) as done:
            beside = around(records, others, workers, done)
        show([summary(records, beside)], console())
        typer.echo(f"\nwritten: {target}")


@app.command()
@writer
def compare(
    arms: Annotated[
        list[str] | None, typer.Option("--arms", help="Scenario held against the control. Repeatable.")
    ] = None,
    control: Annotated[
        str, typer.Option("--control", help="Scenario that all arms are held against.")
    ] = "baseline-2021",
    everything: Annotated[
        bool, typer.Option("--everything", help="All shipped scenarios with the control's start and world.")
    ] = False,
    draws: Annotated[int | None, typer.Option("--draws", help="Sets of parameters; 25 if left out.")] = None,
    seeds: Annotated[int, typer.Option("--seeds", help="Seeds for each set of parameters.")] = 4,
    quick: Annotated[bool, typer.Option("--quick", help=f"Only {QUICK_DRAWS} sets of parameters.")] = False,
    seed: SeedOption = 0,
    parameters: ParametersOption = None,
    settings: SetOption = None,
    check_runs: Annotated[
        int | None, typer.Option("--check-runs", min=0, max=10_000, help="Runs of 2020 against the record; 0 for none.")
    ] = None,
    variants: Annotated[
        bool, typer.Option("--variants", help="Also under other structures of the model: does the conclusion survive?")
    ] = False,
    variant_draws: Annotated[
        int | None, typer.Option("--variant-draws", help="Sets of parameters for each of --variants; 8 if left out.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder of the results.")] = Path("results/compare"),
    overwrite: OverwriteOption = False,
    workers: WorkersOption = None,
) -> None:
    """Compare scenarios with a control under common draws: what personnel, operations and strategy do, at what cost."""
    from runs.compare import compare as run_comparison
    from runs.design import everything as all_scenarios
    from runs.design import load_design
    from runs.inputs import read_parameters, read_settings
    from runs.report import check_target, for_terminal, write_comparison
    from runs.terminal import console, progress, show
    from runs.variants import draws_of_variants, replicates_of_variants, under_variants

    changes, levers = read_settings(settings or [])
    fixed = read_parameters(parameters, changes)
    number = draws if draws is not None else QUICK_DRAWS if quick else 25
    checks = check_runs if check_runs is not None else QUICK_CHECK if quick else 200
    named = [*(all_scenarios(control) if everything else ()), *(arms or ())]
    design = load_design(named, control, number, seeds, seed, fixed, levers)
    under = draws_of_variants(design, variants, variant_draws)
    check_target(out, design, checks, overwrite, under)
    warm_up()
    check = _check(checks, None, workers)
    with progress(f"{design.draws} draws × {design.seeds} seeds × {len(design.arms)} arms", _size(design)) as done:
        comparison = run_comparison(design, workers, done)
    found = None
    if under:
        with progress("the same under variants of the model", replicates_of_variants(design, under)) as done:
            found = under_variants(comparison, under, workers, done)
    parts = write_comparison(comparison, check, out, overwrite, found)
    with kept(out):
        show(for_terminal(parts), console())
        typer.echo(f"\nall tables and figures: {out / 'report.html'}")


def _size(design: Design) -> int:
    return design.draws * design.seeds


def _check(runs: int, values: Parameters | None, workers: int | None) -> Check | None:
    from runs.check2020 import check_2020
    from runs.terminal import progress

    if runs == 0:
        return None
    with progress("runs of 2020 against the record", runs) as done:
        return check_2020(runs, values, workers=workers, done=done)


@app.command("check-2020")
@guarded
def check_2020_command(
    runs: Annotated[int, typer.Option("--runs", min=2, max=10_000, help="Runs of 2020.")] = 200,
    parameters: ParametersOption = None,
    settings: SetOption = None,
    workers: WorkersOption = None,
) -> None:
    """Run 2020 again and hold it against the record: simulated, observed, error, the worst first."""
    from abm import Parameters
    from runs.answers import against_record
    from runs.inputs import InputError, read_parameters, read_settings
    from runs.terminal import console, show

    changes, levers = read_settings(settings or [])
    if levers:
        raise InputError(f"--set {next(iter(levers))}: the scenario of this check is fixed; only parameters can be set")
    values = Parameters().changed(**read_parameters(parameters, changes))
    warm_up()
    check = _check(runs, values, workers)
    if check is not None:
        show([against_record(check)], console())


@app.command()
@guarded
def scenarios() -> None:
    """List the shipped scenarios."""
    from abm.scenario import Scenario, shipped_scenarios
    from runs.sections import Section, Table
    from runs.terminal import console, show

    rows = tuple((name, Scenario.load(name).title) for name in shipped_scenarios())
    show([Section("scenarios", "Scenarios", (), (Table(("Name", "What it says"), rows, words=(0, 1)),))], console())


@app.command()
@guarded
def parameters(
    toml: Annotated[bool, typer.Option("--toml", help="Write a template for --parameters instead.")] = False,
) -> None:
    """List all parameters with what they rest on: ● calibrated, ◐ literature, ○ assumption."""
    from runs.inputs import parameters_template

    if toml:
        typer.echo(parameters_template(), nl=False)
        return
    from runs.listing import parameter_section
    from runs.terminal import console, show

    show([parameter_section()], console())


@app.command()
@guarded
def rerun(
    folder: Annotated[Path, typer.Argument(help="Folder of a stored run.")],
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Compare even where versions or mathematics differ.")
    ] = False,
) -> None:
    """Run a stored run again and compare every bit."""
    from runs.store import check_reproducible, read_run
    from runs.store import rerun as run_again

    check_reproducible(read_run(folder), anyway)
    warm_up()
    unlike = run_again(folder, anyway)
    if unlike:
        typer.echo(f"{folder}: NOT reproduced:\n" + "\n".join(f"  {line}" for line in unlike), err=True)
        raise typer.Exit(DIFFERENT)
    typer.echo(f"{folder}: reproduced to the bit")


@app.command()
@writer
def export(
    folder: Annotated[Path, typer.Argument(help="Folder of a stored run.")],
    layout: Annotated[str, typer.Option("--format", help="Columns of acled or of ged (UCDP GED).")],
    out: Annotated[Path, typer.Option("--out", help="CSV file.")],
    overwrite: OverwriteOption = False,
) -> None:
    """Write a run's events as CSV in the columns of ACLED or UCDP GED: simulated events at synthetic places."""
    from abm.exports import LAYOUTS, write_csv
    from runs.folders import write_atomically
    from runs.inputs import InputError
    from runs.store import read_run

    if layout not in LAYOUTS:
        raise InputError(f"--format: expected one of {', '.join(LAYOUTS)} (found {layout!r})")
    check_file(out, overwrite)
    stored = read_run(folder)
    synthetic = stored.scenario.world.gazetteer is None

    rows = 0

    def write(path: Path) -> None:
        nonlocal rows
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = write_csv(stored.events(), stored.seed, layout, file, synthetic)

    write_atomically(out, write)
    with kept(out):
        typer.echo(f"written: {out}, {rows} simulated events")


def _prepare_streams() -> None:
    """Let every character be printed anywhere, as "?" where need be, and let closed streams swallow what is said."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller, as by `>&-` in a shell
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - open as long as the program
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _drop_unwritten() -> None:
    """Give up output that cannot be written, or the interpreter would complain about it once more at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def main() -> Any:
    """Run the command that was given, of all that are registered on ``app``."""
    _prepare_streams()
    try:
        return app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OSError as error:  # of the help and of messages themselves; commands have their own guard
        if not isinstance(error, BrokenPipeError):
            with suppress(OSError):
                typer.echo(reason(error), err=True)
        sys.exit(BAD_INPUT)
    finally:
        _drop_unwritten()


if __name__ == "__main__":
    main()
