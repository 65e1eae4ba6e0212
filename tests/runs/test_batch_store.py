"""What a store holds, what it refuses to be mixed with, and damage of any kind that is an error with a name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from batch_samples import TINY_BLOCKS, blocks_of, files_of, finished, tiny, without
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from abm.declarations import declarations
from abm.parameters import Parameters
from abm.scenario import ScenarioError
from runs.batch import store as module
from runs.batch.experiment import load_experiment
from runs.batch.run import run_batch
from runs.batch.stored import open_batch
from runs.batch.verify import verify
from runs.folders import MANIFEST, ResultError, alone_in
from runs.inputs import InputError


@pytest.fixture(autouse=True)
def small_blocks() -> Iterator[None]:
    with blocks_of():
        yield


# --- what is in it --------------------------------------------------------------------------------------------------


def test_the_inputs_are_files_that_say_what_was_run(tmp_path: Path) -> None:
    store, experiment = finished(tmp_path / "store"), tiny()
    assert load_experiment(store / "experiment.toml").fingerprint() == experiment.fingerprint()
    arms = parquet.read_table(store / "arms.parquet").to_pylist()
    assert [row["arm"] for row in arms] == [arm.name for arm in experiment.arms]
    assert [(row["is_control"], row["companies"]) for row in arms] == [
        (True, None), (False, None), (False, 1), (False, 4),
    ]  # fmt: skip
    points = parquet.read_table(store / "points.parquet").to_pylist()
    for number, row in enumerate(points):
        parameters = experiment.design.parameters(number)
        for name in declarations(Parameters):
            assert row[name] == float(getattr(parameters, name)), name
        assert (row["point"], row["draw"]) == (number, experiment.design.number(number))
        assert row["world_seed"] == experiment.design.in_world(experiment.design.control, number).world.seed
        assert row["delta_un"] == experiment.inputs[number, 0]
        assert row["position_of_delta_un"] == experiment.unit[number, 0]


def test_a_note_names_every_file_of_its_block(tmp_path: Path) -> None:
    store = module.open_store(finished(tmp_path / "store"))
    for block in range(TINY_BLOCKS):
        note = store.note(block)
        assert note is not None
        files = {path.relative_to(store.folder).as_posix() for path in store.folder.glob(f"*/part-{block:05d}.parquet")}
        assert set(note.files) == files
        assert len(files) == 5
        assert store.fault(block) == ""
    assert store.note(TINY_BLOCKS) is None


def test_an_experiment_that_is_expanded_otherwise_is_not_taken_for_the_stored_one(tmp_path: Path) -> None:
    store = finished(tmp_path / "store")
    changed(store, lambda manifest: manifest["request"].update(fingerprint="0" * 64))
    with pytest.raises(ResultError, match=r"manifest\.json: the versions that are installed now expand"):
        module.experiment_of(module.open_store(store))


def changed(store: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = store / MANIFEST
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


# --- what it is not mixed with --------------------------------------------------------------------------------------


def refused(store: Path, words: str, **changes: Any) -> None:
    before = files_of(store)
    with pytest.raises(ResultError, match=words):
        run_batch(tiny(**changes), store)
    assert files_of(store) == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"runs__seeds": 5}, r"request\.experiment\.runs\.seeds: 4 there, 5 asked for"),
        ({"title": "Another"}, r"request\.experiment\.title: 'Companies and courts in Koro' there, 'Another'"),
        ({"outcomes__events": False}, r"request\.experiment\.outcomes\.events: True there, False asked for"),
        ({"levers__arms": []}, "another experiment: request"),
    ],
)
def test_another_experiment_is_refused(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    refused(without(finished(tmp_path / "store"), 1), words + ".*choose another folder with --out$", **changes)


def test_other_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = without(finished(tmp_path / "store"), 1)
    monkeypatch.setattr(module, "measuring_fingerprint", lambda: "f" * 16)
    refused(store, r"begun with other versions or code, .*\n  measured_by: f{16} here, \w+ there\nInstall the versions")


def test_other_versions_are_refused(tmp_path: Path) -> None:
    store = without(finished(tmp_path / "store"), 1)
    changed(store, lambda manifest: manifest["provenance"].update(numpy="0.1"))
    refused(store, r"must not be mixed:\n  numpy: \S+ here, 0\.1 there\nInstall the versions it was begun with")


def test_other_parameters_of_the_same_name_are_refused(tmp_path: Path) -> None:
    store = without(finished(tmp_path / "store"), 1)
    changed(store, lambda manifest: manifest["provenance"].update(parameter_hash="0" * 64))
    refused(store, r"must not be mixed:\n.*(parameters|inputs)")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("mine")
    with pytest.raises(ResultError, match=r"store: is a file; choose another folder with --out$"):
        run_batch(tiny(), tmp_path / "store")
    assert (tmp_path / "store").read_text() == "mine"


@pytest.mark.parametrize("name", ["thesis.tex", "experiment.toml", "arms.parquet", ".hidden"])
def test_what_somebody_else_put_there_is_never_replaced(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    refused(tmp_path, rf": {name}: is no part of this batch; choose another folder with --out$")


def test_a_folder_of_other_results_is_refused(tmp_path: Path) -> None:
    store = finished(tmp_path / "store")
    changed(store, lambda manifest: manifest.update(kind="comparison"))
    refused(store, r"manifest\.json: kind: expected 'batch' \(found 'comparison'\)")


@pytest.mark.parametrize("begun", [(), ("experiment.toml",), ("experiment.toml", "arms.parquet", ".x.9.partial")])
def test_a_batch_that_was_hardly_begun_is_begun_again(tmp_path: Path, begun: tuple[str, ...]) -> None:
    whole, store = finished(tmp_path / "whole"), tmp_path / "store"
    store.mkdir()
    for name in begun:
        (store / name).write_bytes((whole / name).read_bytes() if (whole / name).exists() else b"half")
    run_batch(tiny(), store)
    assert files_of(store) == files_of(whole)


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    store = without(finished(tmp_path / "store"), 1)
    with alone_in(store, "batch"):
        refused(store, "store: another process is building this batch$")
    assert run_batch(tiny(), store).made == 1


def test_what_killed_processes_left_is_cleared(tmp_path: Path) -> None:
    store = without(finished(tmp_path / "store"), 2)
    (store / "blocks" / "part-00000.json").unlink()  # its files are there and do not count
    for name in (".manifest.json.7.partial", "runs/.part-00002.parquet.7.partial", "blocks/.part-00002.json.7.partial"):
        (store / name).write_text("half")
    done = run_batch(tiny(), store)
    assert (done.found, done.made) == (1, 2)
    assert files_of(store) == files_of(finished(tmp_path / "other"))


# --- garbage --------------------------------------------------------------------------------------------------------

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
quick = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with blocks_of():
        return finished(tmp_path_factory.mktemp("damaged") / "store")


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something is in a value of JSON."""
    yield above
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*above, key))


def put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """The value with something else at a place."""
    if not place:
        return new
    part = value
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = new
    return value


@quick
@given(content=st.binary(max_size=40) | st.text(max_size=40).map(str.encode) | junk.map(json.dumps).map(str.encode))
@example(b"[" * 100_000)
@example(b'{"block": ' + b"9" * 5000 + b', "files": {}}')
@example(b'{"block": 0, "files": {"runs/part-00000.parquet": [Infinity, ""]}}')
@example(b'{"block": 0, "files": {"runs/part-00000.parquet": [1]}}')
@example(b'{"block": Infinity, "files": {}}')
def test_garbage_in_a_note_is_a_fault_with_its_name(damaged: Path, content: bytes) -> None:
    store = module.open_store(damaged)
    path = store.note_path(0)
    before = path.read_bytes()
    try:
        path.write_bytes(content)
        assert store.fault(0).startswith(f"{path}: damaged: ")
        assert store.fault(1) == ""
    finally:
        path.write_bytes(before)


@quick
@given(data=st.data())
def test_a_note_with_another_value_is_a_fault_of_its_block(damaged: Path, data: st.DataObject) -> None:
    store = module.open_store(damaged)
    path = store.note_path(1)
    before = path.read_bytes()
    note = json.loads(before)
    place = data.draw(st.sampled_from(list(places(note))))
    new = data.draw(junk)
    try:
        path.write_text(json.dumps(put(note, place, new)))
        same = json.loads(path.read_text()) == json.loads(before)
        fault = store.fault(1)
        assert same or fault.startswith(str(damaged)) or _as_the_same(place, new, json.loads(before))
    finally:
        path.write_bytes(before)


def _as_the_same(place: tuple[Any, ...], new: Any, note: dict[str, Any]) -> bool:
    """Numbers that are read as the number that was there, such as 1.0 and true for 1."""
    old = note
    for key in place:
        old = old[key]
    with suppress(TypeError, ValueError, OverflowError):
        return isinstance(old, int) and int(new) == old
    return False


@quick
@given(content=st.binary(max_size=40) | junk.map(json.dumps).map(str.encode))
@example(b'{"format": 1, "kind": "batch", "files": {}}')
@example(b'{"format": 1, "kind": "batch", "files": {}, "request": []}')
def test_garbage_in_the_manifest_is_one_error(damaged: Path, content: bytes) -> None:
    path = damaged / MANIFEST
    before = path.read_bytes()
    try:
        path.write_bytes(content)
        with pytest.raises(ResultError, match=r"manifest\.json: "):
            open_batch(damaged)
    finally:
        path.write_bytes(before)


@quick
@given(data=st.data())
def test_a_manifest_with_another_value_is_no_traceback(damaged: Path, data: st.DataObject) -> None:
    path = damaged / MANIFEST
    before = path.read_bytes()
    manifest = json.loads(before)
    # What is deep is of the experiment, whose file has its own tests: most changes are made where the store looks.
    shallow = [place for place in places(manifest) if len(place) < 5]
    place = data.draw(st.sampled_from(shallow))
    new = data.draw(junk)
    try:
        path.write_text(json.dumps(put(manifest, place, new)))
        with suppress(ResultError, InputError, ScenarioError):  # the errors that commands turn into a message
            verify(damaged, sample=0)
            open_batch(damaged).comparison()
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"points": 10**12}, "plan: not that of an experiment of 4 arms and 4 seeds"),
        ({"seeds": 3}, "plan: not that of an experiment of 4 arms and 4 seeds"),
        ({"block": 2.5}, r"plan: block: expected a whole number of 1 or more \(found 2\.5\)"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_plan_that_is_not_the_experiments_is_named(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    store = finished(tmp_path / "store")
    changed(store, lambda manifest: manifest["request"]["plan"].update(change))
    with pytest.raises(ResultError, match=rf"manifest\.json: damaged: request: .*{words}"):
        module.open_store(store)


def test_tables_outside_the_folder_are_never_looked_at(tmp_path: Path) -> None:
    store = finished(tmp_path / "store")
    (tmp_path / "mine").mkdir()
    changed(store, lambda manifest: manifest["request"].update(tables=["runs", "../mine"]))
    with pytest.raises(ResultError, match=r"request: .*tables: expected runs, monthly, courses, rings and perhaps"):
        verify(store, sample=0)


def test_more_points_than_the_experiment_has_are_found(tmp_path: Path) -> None:
    store = finished(tmp_path / "store")
    changed(store, lambda manifest: manifest["request"]["plan"].update(points=4))
    verdict = verify(store, sample=0)
    assert list(verdict.faults) == [2, 3]  # the last block is too short, and one is missing
    with pytest.raises(ResultError, match="expand this experiment to other arms or points"):
        verify(store)


def test_changed_inputs_are_named(tmp_path: Path) -> None:
    for name in ("experiment.toml", "arms.parquet", "points.parquet"):
        store = finished(tmp_path / name)
        (store / name).write_bytes((store / name).read_bytes() + b" ")
        with pytest.raises(ResultError, match=rf"{name}: has changed since it was written"):
            verify(store, sample=0)
        (store / name).unlink()
        with pytest.raises(ResultError, match=rf"{name}: missing$"):
            open_batch(store)
        shutil.rmtree(store)
