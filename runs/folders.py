"""Folders of results: written whole or not at all.

Everything is written into a temporary folder beside the wanted one, the manifest last, and then renamed. What bears
the wanted name is whole, whatever happened: no space left, no permission, an interrupt.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from abm.scenario import explain
from runs.provenance import Provenance

MANIFEST = "manifest.json"
FORMAT = 1


class ResultError(ValueError):
    """A folder of results that cannot be written to, read or reproduced; the message says which and why."""


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refuse_to_replace(
    target: Path, kind: str, mine: Provenance, request: dict[str, Any], overwrite: bool = False
) -> None:
    """Stop before any work is done where something else bears the wanted name.

    The same result, of the same provenance and request, may be written again; an empty folder is filled. What this
    program did not write is never replaced, whatever was asked for.

    Raises:
        ResultError: the name is taken by a file, by a folder that is no result of this kind or holds anything else
            besides, or by another result that is not to be overwritten.
    """
    if not target.exists():
        return
    if not target.is_dir():
        raise ResultError(f"{target}: is a file; choose another folder with --out")
    if not any(target.iterdir()):
        return
    if not (target / MANIFEST).exists():
        raise ResultError(f"{target}: holds files that are no result of this program; choose another folder with --out")
    try:
        manifest = _own_manifest(target, kind) if overwrite else read_manifest(target, kind)
    except ResultError as error:
        raise ResultError(f"{error}; choose another folder with --out") from None
    _refuse_strangers(target, manifest)
    if overwrite:
        return
    same = Provenance.model_validate(manifest["provenance"]).same_experiment(mine)
    if not same or manifest.get("request") != request:
        raise ResultError(f"{target}: holds another result; choose another folder with --out, or give --overwrite")


def _refuse_strangers(target: Path, manifest: dict[str, Any]) -> None:
    """The whole folder is replaced, so notes that somebody put beside the results would go with it."""
    own = {*manifest["files"], MANIFEST}
    for path in sorted(target.iterdir()):
        if path.name not in own or path.is_dir():
            raise ResultError(
                f"{target}: {path.name}: is no part of the result and would be lost; "
                "move it away, or choose another folder with --out"
            )


def _followed(path: Path) -> Path:
    """The path without links: what a link points to is written, and the link stays."""
    return Path(os.path.realpath(path))


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A temporary folder that becomes `target` when the block ends well, and vanishes when it does not.

    Raises:
        OSError: no folder can be made or renamed there.
    """
    target = _followed(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        yield partial
        _put_in_place(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _put_in_place(partial: Path, target: Path) -> None:
    """Rename; a folder that was there steps aside first and comes back if that fails."""
    if not target.exists():
        partial.rename(target)
        return
    aside = target.with_name(f".{target.name}.{os.getpid()}.replaced")
    target.rename(aside)
    try:
        partial.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place.

    Raises:
        OSError: it cannot be written; the error names `path`, and nothing is left behind.
    """
    final = _followed(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    partial = final.with_name(f".{final.name}.{os.getpid()}.partial")
    try:
        write(partial)
        os.replace(partial, final)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, whole or not at all."""
    write_atomically(path, lambda partial: partial.write_text(text, encoding="utf-8"))


@contextmanager
def alone_in(folder: Path, what: str) -> Iterator[None]:
    """Keep a second process from doing the same work in a folder; the lock goes with the process, however it ends.

    Raises:
        ResultError: another process is at work there; ``what`` it makes is named.
        OSError: the folder cannot be opened.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a network disk may know no locks of folders: do without
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ResultError(f"{folder}: another process is building this {what}") from None
        yield
    finally:
        os.close(handle)


def first_difference(name: str, there: Any, here: Any) -> str:
    """The first leaf in which two values of JSON differ, by its dotted name; empty if they are equal."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in sorted({*there, *here}):
            if key not in there or key not in here:
                return f"{name}.{key}: only {'asked for' if key in here else 'there'}"
            if difference := first_difference(f"{name}.{key}", there[key], here[key]):
                return difference
        return ""
    if isinstance(there, list | tuple) and isinstance(here, list | tuple) and len(there) == len(here):
        found = (first_difference(f"{name}[{i}]", a, b) for i, (a, b) in enumerate(zip(there, here, strict=True)))
        return next((difference for difference in found if difference), "")
    same = type(there) is type(here) and there == here
    return "" if same else f"{name}: {there!r} there, {here!r} asked for"


def write_manifest(
    folder: Path, kind: str, provenance: Provenance, request: dict[str, Any], content: dict[str, Any]
) -> None:
    """The last file of a folder: what it holds, from where, and the checksums of all other files in it."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    manifest = {
        "format": FORMAT,
        "kind": kind,
        "provenance": provenance.model_dump(mode="json"),
        "request": request,
        **content,
        "files": {path.name: checksum(path) for path in files},
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    write_atomically(folder / MANIFEST, lambda path: path.write_text(text + "\n", encoding="utf-8"))


def read_manifest(folder: Path, kind: str) -> dict[str, Any]:
    """Manifest of a folder of results of one kind ("run" or "comparison").

    Raises:
        ResultError: there is none, it is damaged, or it is of another kind or a later format.
    """
    manifest = _own_manifest(folder, kind)
    try:
        Provenance.model_validate(manifest.get("provenance"))
    except ValidationError as error:
        raise ResultError(explain(error, f"{folder / MANIFEST}: provenance")) from None
    return manifest


def _own_manifest(folder: Path, kind: str) -> dict[str, Any]:
    """A manifest that this program wrote, perhaps an earlier version with another provenance."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ResultError(f"{folder}: no {MANIFEST}: not a folder of results, or one that was never finished") from None
    except RecursionError:
        raise ResultError(f"{path}: cannot be read: nested too deeply") from None
    except (OSError, ValueError) as error:
        raise ResultError(f"{path}: cannot be read: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ResultError(f"{path}: format: expected {FORMAT}; not written by this version of this program")
    if manifest.get("kind") != kind:
        raise ResultError(f"{path}: kind: expected {kind!r} (found {manifest.get('kind')!r})")
    if not isinstance(manifest.get("files"), dict):
        raise ResultError(f"{path}: files: expected the names of files and their checksums")
    return manifest


def check_files(folder: Path, manifest: dict[str, Any]) -> None:
    """Compare the folder's files with their checksums.

    Raises:
        ResultError: a file is missing or has changed since it was written.
    """
    for name, expected in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise ResultError(f"{path}: missing")
        if checksum(path) != expected:
            raise ResultError(f"{path}: has changed since it was written (checksum differs)")
