"""The tutorials are executed as they stand: commands, files and Python of a page, in its order, in an empty folder."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from commands import invoke
from house import ROOT

BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
TUTORIALS = ROOT / "docs" / "tutorials"


def blocks(name: str) -> list[tuple[str, str, str]]:
    """Language, title and text of the code blocks of a tutorial."""
    return BLOCK.findall((TUTORIALS / f"{name}.md").read_text(encoding="utf-8"))


def execute(name: str) -> list[str]:
    """Do what a tutorial says; the commands that were given."""
    given: list[str] = []
    names: dict[str, Any] = {}
    for language, title, text in blocks(name):
        if title:
            Path(title).write_text(text, encoding="utf-8")
        elif language == "python":
            exec(compile(text, f"{name}.md", "exec"), names)
        elif language == "sh":
            for line in text.splitlines():
                program, *arguments = shlex.split(line)
                assert program == "sector-centre"
                result = invoke(*arguments)
                assert result.exit_code == 0, (line, result.output)
                given.append(arguments[0])
    return given


@pytest.mark.slow
def test_the_researcher_s_tutorial_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert execute("researcher") == ["run", "rerun", "batch", "batch", "verify"]
    assert {"first", "land", "land.toml"} == set(os.listdir(tmp_path))
