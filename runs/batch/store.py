"""The folder of a batch: what it was asked for, its inputs, and Parquet parts that are whole or not there.

``manifest.json`` is written first and says what the folder is to hold; ``experiment.toml``, ``arms.parquet`` and
``points.parquet`` are the inputs. Each block leaves one file in the folder of each table (``runs``, ``monthly`` ...)
and, last, a note in ``blocks`` with the checksums of those files: a block that has its note is whole. What a killed
process leaves behind without a note is made again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import tomli_w

import runs
from runs.batch.experiment import MOST_RUNS, Experiment, ExperimentError, ExperimentFile, experiment_from
from runs.batch.inputs import arms_table, points_table
from runs.batch.plan import Plan, plan_of
from runs.batch.work import ALWAYS, EVENTS, Job, encoded
from runs.folders import MANIFEST, ResultError, checksum, first_difference, read_manifest, write_atomically
from runs.provenance import Provenance
from runs.report import comparison_provenance

KIND, FORMAT = "batch", 1
EXPERIMENT, ARMS, POINTS = "experiment.toml", "arms.parquet", "points.parquet"
NOTES = "blocks"
MEASURED_BY = "measured_by"
# Modules whose code decides the numbers that are stored, besides the model's own, which provenance holds.
MEASURING = ("compare.py", "design.py", "outcomes.py", "rings.py", "batch/plan.py", "batch/work.py")


@lru_cache(maxsize=1)
def measuring_fingerprint() -> str:
    """Hash (16 hex digits) of the modules that measure runs and of the data that the model embeds."""
    digest = hashlib.sha256()
    folder = Path(runs.__file__).parent
    files = [folder / name for name in MEASURING]
    files += sorted(Path(str(resources.files("abm.data"))).glob("*.*"))
    for path in files:
        if path.suffix != ".pyc":
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Note:
    """What a block left: its files, relative to the folder, with size in bytes and SHA-256."""

    block: int
    files: Mapping[str, tuple[int, str]]


@dataclass(frozen=True)
class Store:
    """A folder that holds, or is to hold, the blocks of an experiment."""

    folder: Path
    plan: Plan
    tables: tuple[str, ...]
    manifest: Mapping[str, Any]

    @cached_property
    def provenance(self) -> Provenance:
        """Where the batch comes from."""
        return Provenance.model_validate(self.manifest["provenance"])

    def part(self, table: str, block: int) -> Path:
        """File of a table's part."""
        return self.folder / table / f"part-{block:05d}.parquet"

    def note_path(self, block: int) -> Path:
        """File that says that a block is whole."""
        return self.folder / NOTES / f"part-{block:05d}.json"

    def commit(self, block: int, files: Mapping[str, bytes]) -> None:
        """Put a block in place: its files, then the note that makes it count.

        Raises:
            OSError: it cannot be written; the block then does not count.
        """
        found = {}
        for table in self.tables:
            path = self.part(table, block)
            content = files[table]
            _write_bytes(path, content)
            found[path.relative_to(self.folder).as_posix()] = [len(content), hashlib.sha256(content).hexdigest()]
        note = json.dumps({"block": block, "files": found}, indent=1)
        _write_bytes(self.note_path(block), note.encode())

    def withdraw(self, block: int) -> None:
        """Let a block count no more; its files stay until they are replaced."""
        self.note_path(block).unlink(missing_ok=True)

    def note(self, block: int) -> Note | None:
        """The note of a block; None where it has none.

        Raises:
            ResultError: the note cannot be read.
        """
        path = self.note_path(block)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            files = {str(name): (int(size), str(sha)) for name, (size, sha) in content["files"].items()}
            number = int(content["block"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise ResultError(f"{path}: damaged: {type(error).__name__}: {error}") from None
        expected = {self.part(table, block).relative_to(self.folder).as_posix() for table in self.tables}
        if number != block or set(files) != expected:
            raise ResultError(f"{path}: damaged: not the note of block {block}")
        return Note(number, files)

    def fault(self, block: int, contents: bool = True) -> str:
        """What is wrong with a block, as a sentence that names the file; empty if it is whole.

        Args:
            block: number of the block.
            contents: compare checksums, not sizes alone.
        """
        try:
            note = self.note(block)
        except ResultError as error:
            return str(error)
        if note is None:
            return f"{self.note_path(block)}: missing"
        for name, (size, sha) in note.files.items():
            path = self.folder / name
            if not path.is_file():
                return f"{path}: missing"
            if path.stat().st_size != size:
                return f"{path}: damaged: expected {size} bytes, found {path.stat().st_size}"
            if contents and checksum(path) != sha:
                return f"{path}: damaged: checksum differs"
        return ""

    def has(self, block: int) -> bool:
        """Whether a block counts: it has a note."""
        return self.note_path(block).exists()


def _write_bytes(path: Path, content: bytes) -> None:
    write_atomically(path, lambda partial: partial.write_bytes(content))


# --- making and opening ---------------------------------------------------------------------------------------------


def request_of(experiment: Experiment, plan: Plan) -> dict[str, Any]:
    """What was asked for: the experiment as its file says it, all that it became, and how it is cut."""
    design = experiment.design
    request = {
        "experiment": experiment.file.model_dump(mode="json"),
        "fingerprint": experiment.fingerprint(),
        "plan": {"points": plan.points, "seeds": plan.seeds, "arms": plan.arms, "block": plan.block},
        "tables": list(Job(design, plan, experiment.events).tables),
        "arms": [arm.model_dump(mode="json") for arm in design.arms],
        MEASURED_BY: measuring_fingerprint(),
    }
    plain: dict[str, Any] = json.loads(json.dumps(request))
    return plain


def as_toml(file: ExperimentFile) -> str:
    """The experiment as a file of its own: scenarios of other files are in it, shipped ones stay named."""
    return tomli_w.dumps(file.model_dump(mode="json", exclude_none=True))


def experiment_of(store: Store) -> Experiment:
    """The experiment of a store, expanded as it was.

    Raises:
        ResultError: what is installed now makes another experiment of it.
    """
    request, label = store.manifest["request"], str(store.folder / MANIFEST)
    try:
        experiment = experiment_from(request["experiment"], f"{label}: request.experiment")
    except ExperimentError as error:
        raise ResultError(str(error)) from None
    if experiment.fingerprint() != request.get("fingerprint") or experiment.design.draws != store.plan.points:
        raise ResultError(
            f"{label}: the versions that are installed now expand this experiment to other arms or points; its tables "
            "can be read as they are, and its studies need the versions named under provenance"
        )
    return experiment


def prepare(folder: Path, experiment: Experiment) -> Store:
    """The store of an experiment: a new one in an empty or new folder, or the one that lies there to be gone on with.

    Raises:
        ResultError: the folder holds anything else, or the batch of another experiment or of other code.
        OSError: it cannot be written.
    """
    plan = plan_of(experiment.design)
    request = request_of(experiment, plan)
    about = comparison_provenance(experiment.design)
    if (folder / MANIFEST).exists():
        store = open_store(folder)
        _refuse_another(store, request, about)
        return store
    inputs = {
        EXPERIMENT: as_toml(experiment.file).encode(),
        ARMS: encoded(arms_table(experiment)),
        POINTS: encoded(points_table(experiment)),
    }
    _refuse_strangers(folder, inputs)
    _begin(folder, inputs, request, about)
    return open_store(folder)


def _refuse_strangers(folder: Path, inputs: Mapping[str, bytes]) -> None:
    """A batch that was hardly begun is begun anew; what somebody else put there, under whatever name, is kept."""
    for path in sorted(folder.iterdir()) if folder.exists() else ():
        ours = path.is_file() and path.read_bytes() == inputs.get(path.name)
        if not ours and not path.name.endswith(".partial"):
            raise ResultError(f"{folder}: {path.name}: is no part of this batch; choose another folder with --out")


def _begin(folder: Path, inputs: Mapping[str, bytes], request: Mapping[str, Any], about: Provenance) -> None:
    """Inputs first, the manifest last: a folder without one is begun anew."""
    for name, content in inputs.items():
        _write_bytes(folder / name, content)
    manifest = {
        "format": FORMAT,
        "kind": KIND,
        "provenance": about.model_dump(mode="json"),
        "request": request,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in inputs.items()},
    }
    _write_bytes(folder / MANIFEST, (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode())


def open_store(folder: Path) -> Store:
    """The store in a folder, finished or not.

    Raises:
        ResultError: none is there, or its manifest is damaged.
    """
    manifest = read_manifest(folder, KIND)
    try:
        request = manifest["request"]
        plan = Plan(**request["plan"])
        tables = tuple(request["tables"])
        _check_request(plan, tables, request)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ResultError(f"{folder / MANIFEST}: damaged: request: {type(error).__name__}: {error}") from None
    return Store(folder, plan, tables, manifest)


def _check_request(plan: Plan, tables: tuple[str, ...], request: Mapping[str, Any]) -> None:
    """Numbers and names that folders are searched, and files removed, by.

    Raises:
        ValueError: what is no number, is not as the experiment says, or is no table.
    """
    for name, number in vars(plan).items():
        if type(number) is not int or number < 1:
            raise ValueError(f"plan: {name}: expected a whole number of 1 or more (found {number!r})")
    seeds = request["experiment"]["runs"]["seeds"]
    if (plan.seeds, plan.arms) != (seeds, len(request["arms"])) or plan.runs > MOST_RUNS:
        raise ValueError(f"plan: not that of an experiment of {len(request['arms'])} arms and {seeds} seeds")
    if tables not in (ALWAYS, (*ALWAYS, EVENTS)):
        raise ValueError(f"tables: expected {', '.join(ALWAYS)} and perhaps {EVENTS} (found {tables!r})")


def differing_code(store: Store, about: Provenance) -> list[str]:
    """Which versions, mathematics and code differ between here and where a batch was begun, as "field: here, there".

    Args:
        store: the batch.
        about: provenance of the same experiment made here.
    """
    theirs, ours = store.manifest["request"].get(MEASURED_BY), measuring_fingerprint()
    measured = [f"{MEASURED_BY}: {ours} here, {theirs} there"] if theirs != ours else []
    return about.differing_bits(store.provenance) + measured


def _refuse_another(store: Store, request: Mapping[str, Any], about: Provenance) -> None:
    there, here = ({k: v for k, v in r.items() if k != MEASURED_BY} for r in (store.manifest["request"], request))
    if difference := first_difference("request", there, here):
        raise ResultError(
            f"{store.folder}: holds the batch of another experiment: {difference}; choose another folder with --out"
        )
    unlike = differing_code(store, about)
    if not about.same_experiment(store.provenance) and not unlike:
        unlike.append("inputs: scenario, parameters or gazetteer differ from those that the batch was begun with")
    if unlike:
        listed = "\n".join(f"  {line}" for line in unlike)
        raise ResultError(
            f"{store.folder}: was begun with other versions or code, and runs of two kinds must not be mixed:\n"
            f"{listed}\nInstall the versions it was begun with to go on, or choose another folder with --out."
        )
