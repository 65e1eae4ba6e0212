"""Folders of results are whole or not there."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from abm import Parameters, Scenario
from runs.folders import (
    MANIFEST,
    ResultError,
    check_files,
    new_folder,
    read_manifest,
    refuse_to_replace,
    write_atomically,
    write_manifest,
)
from runs.provenance import Provenance, provenance

REQUEST = {"days": 30}


@pytest.fixture
def about(small: Scenario) -> Provenance:
    return provenance(small, Parameters(), 1)


def fill(target: Path, about: Provenance, text: str = "data") -> None:
    with new_folder(target) as folder:
        (folder / "part.txt").write_text(text)
        write_manifest(folder, "run", about, REQUEST, {"extra": 1})


def test_a_finished_folder_is_whole(tmp_path: Path, about: Provenance) -> None:
    target = tmp_path / "deep" / "result"
    fill(target, about)
    manifest = read_manifest(target, "run")
    check_files(target, manifest)
    assert set(manifest["files"]) == {"part.txt"}
    assert manifest["extra"] == 1
    assert [path.name for path in target.parent.iterdir()] == ["result"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), ValueError()])
def test_a_folder_that_fails_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def write_half() -> None:
        with new_folder(tmp_path / "result") as folder:
            (folder / "part.txt").write_text("half")
            raise error

    with pytest.raises(type(error)):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_what_was_there(tmp_path: Path, about: Provenance, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "result"
    fill(target, about, "old")
    rename = Path.rename

    def full(self: Path, to: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space"):
        fill(target, about, "new")
    assert (target / "part.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_the_same_result_is_written_again(tmp_path: Path, about: Provenance) -> None:
    target = tmp_path / "result"
    fill(target, about, "old")
    refuse_to_replace(target, "run", about, REQUEST)
    fill(target, about, "new")
    assert (target / "part.txt").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_an_empty_folder_is_filled(tmp_path: Path, about: Provenance) -> None:
    target = tmp_path / "result"
    target.mkdir()
    refuse_to_replace(target, "run", about, REQUEST)
    fill(target, about)
    assert (target / MANIFEST).is_file()


def test_another_result_is_refused(tmp_path: Path, about: Provenance) -> None:
    target = tmp_path / "result"
    fill(target, about)
    other = about.model_copy(update={"seed": 2})
    for mine, request in ((other, REQUEST), (about, {"days": 31})):
        with pytest.raises(ResultError, match="holds another result"):
            refuse_to_replace(target, "run", mine, request)
        refuse_to_replace(target, "run", mine, request, overwrite=True)


def test_files_and_strange_folders_are_never_replaced(tmp_path: Path, about: Provenance) -> None:
    file, strange = tmp_path / "file", tmp_path / "strange"
    file.write_text("mine")
    strange.mkdir()
    (strange / "thesis.tex").write_text("mine")
    for target, words in ((file, "is a file"), (strange, "no result of this program")):
        with pytest.raises(ResultError, match=words):
            refuse_to_replace(target, "run", about, REQUEST, overwrite=True)


FOREIGN = ('{"name": "my site", "icons": []}', '{"format": 1, "kind": "survey", "files": {"notes.md": "0"}}', "[]", "{")


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("text", FOREIGN)
def test_a_manifest_of_something_else_protects_its_folder(
    tmp_path: Path, about: Provenance, text: str, overwrite: bool
) -> None:
    (tmp_path / MANIFEST).write_text(text)
    (tmp_path / "notes.md").write_text("mine")
    with pytest.raises(ResultError, match=r"manifest\.json: .*choose another folder"):
        refuse_to_replace(tmp_path, "run", about, REQUEST, overwrite)


@pytest.mark.parametrize("overwrite", [False, True])
def test_notes_beside_a_result_are_never_lost(tmp_path: Path, about: Provenance, overwrite: bool) -> None:
    target = tmp_path / "result"
    fill(target, about)
    (target / "notes.md").write_text("mine")
    (target / "zones").mkdir()
    with pytest.raises(ResultError, match=r"result: notes\.md: is no part of the result"):
        refuse_to_replace(target, "run", about, REQUEST, overwrite)
    (target / "notes.md").unlink()
    with pytest.raises(ResultError, match="result: zones: is no part of the result"):
        refuse_to_replace(target, "run", about, REQUEST, overwrite)


def test_a_result_of_another_kind_is_not_overwritten(tmp_path: Path, about: Provenance) -> None:
    target = tmp_path / "result"
    fill(target, about)
    with pytest.raises(ResultError, match="kind: expected 'comparison'"):
        refuse_to_replace(target, "comparison", about, REQUEST, overwrite=True)


def test_a_result_with_an_older_provenance_may_be_overwritten(tmp_path: Path, about: Provenance) -> None:
    target = tmp_path / "result"
    fill(target, about)
    manifest = json.loads((target / MANIFEST).read_text())
    (target / MANIFEST).write_text(json.dumps({**manifest, "provenance": {"seed": 1}}))
    with pytest.raises(ResultError, match="provenance: package_version"):
        refuse_to_replace(target, "run", about, REQUEST)
    refuse_to_replace(target, "run", about, REQUEST, overwrite=True)


def test_a_link_stays_and_its_target_is_written(tmp_path: Path, about: Provenance) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(real)
    for text in ("first", "second"):  # the target is missing at first
        refuse_to_replace(link, "run", about, REQUEST)
        fill(link, about, text)
        assert link.is_symlink()
        assert (real / "part.txt").read_text() == text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


def test_a_changed_or_missing_file_is_found(tmp_path: Path, about: Provenance) -> None:
    target = tmp_path / "result"
    fill(target, about)
    manifest = read_manifest(target, "run")
    (target / "part.txt").write_text("datb")
    with pytest.raises(ResultError, match=r"part\.txt: has changed"):
        check_files(target, manifest)
    (target / "part.txt").unlink()
    with pytest.raises(ResultError, match=r"part\.txt: missing"):
        check_files(target, manifest)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 99}, "format: expected 1"),
        ({"kind": "comparison"}, "kind: expected 'run'"),
        ({"files": None}, "files: expected"),
        ({"provenance": {"seed": 1}}, "provenance: package_version"),
    ],
)
def test_a_bad_manifest_names_its_field(
    tmp_path: Path, about: Provenance, change: dict[str, object], words: str
) -> None:
    target = tmp_path / "result"
    fill(target, about)
    manifest = json.loads((target / MANIFEST).read_text())
    (target / MANIFEST).write_text(json.dumps({**manifest, **change}))
    with pytest.raises(ResultError, match=words):
        read_manifest(target, "run")


def test_no_manifest_and_no_json(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="never finished"):
        read_manifest(tmp_path, "run")
    for text in ("{", "[" * 100_000, '{"format": ' + "9" * 5000 + "}"):
        (tmp_path / MANIFEST).write_text(text)
        with pytest.raises(ResultError, match="cannot be read"):
            read_manifest(tmp_path, "run")


def test_a_file_is_written_whole_or_not(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("old")

    def half(path: Path) -> None:
        path.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_atomically(file, half)
    assert file.read_text() == "old"
    write_atomically(file, lambda path: path.write_text("new"))
    assert file.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_an_error_names_the_wanted_file(tmp_path: Path) -> None:
    file, link = tmp_path / "out.csv", tmp_path / "link.csv"

    def refused(path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with pytest.raises(PermissionError) as caught:
        write_atomically(file, refused)
    assert caught.value.filename == str(file)
    link.symlink_to(file)
    write_atomically(link, lambda path: path.write_text("new"))
    assert link.is_symlink()
    assert file.read_text() == "new"
