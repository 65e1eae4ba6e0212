"""Files that went wrong in thousands of ways: each is read, or refused in one clear message, soon, and nothing else.

A case has a number: ``attempt(KINDS["scenario"], 91, folder)`` makes the file of case 91 again and tries it.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from batch_samples import FACTOR, tiny
from event_samples import acled, dropped, written
from faults import contract
from faults.contract import Outcome, TookTooLongError, attempt, changes, in_time
from faults.kinds import KINDS, Kind

from abm.toml_text import MOST_DEPTH, MOST_WHOLE, TomlError, parse
from calibration import event_files
from calibration.event_summary import Reason
from runs.batch.experiment import ExperimentError
from runs.messages import MOST_LETTERS, MOST_LINES, readable

QUICK, NIGHTLY = 500, 10_000
# Cases of QUICK that must be read, and different refusals: about two thirds of what they were when this was written.
FEWEST_READ, FEWEST_SORTS = 50, 15
LEVERS = ("package.units.quick_reaction.units", "package.units.engineers.units", "package.units.police.units", "months",
          "world.seed")  # fmt: skip

SHOWN = 12  # cases that a failure names

GOOD = {name: len(kind.originals()) for name, kind in KINDS.items()}  # the first cases of each kind


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def try_all(kind: Kind, numbers: range, folder: Path) -> list[Outcome]:
    """Outcomes of some cases; what first readings load and compile, they load and compile unwatched."""
    for number in range(GOOD[kind.name]):
        path = folder / f"case.{kind.suffix}"
        path.write_bytes(kind.case(number))
        kind.reader(path)
    return [attempt(kind, number, folder) for number in numbers]


def told(kind: Kind, numbers: range, outcomes: list[Outcome]) -> str:
    """The first cases that break the contract, by their numbers."""
    broken = [(n, outcome.faults) for n, outcome in zip(numbers, outcomes, strict=True) if outcome.faults]
    first = "\n".join(f"  case {n}: {'; '.join(faults)}" for n, faults in broken[:SHOWN])
    return f"{kind.name}: {len(broken)} of {len(outcomes)} cases\n{first}" if broken else ""


@pytest.mark.parametrize("name", KINDS)
def test_a_good_file_is_read(folder: Path, name: str) -> None:
    outcomes = try_all(KINDS[name], range(GOOD[name]), folder)
    assert [outcome.said for outcome in outcomes] == [""] * GOOD[name]
    assert told(KINDS[name], range(GOOD[name]), outcomes) == ""


@pytest.mark.parametrize("name", KINDS)
def test_a_file_that_went_wrong_is_read_or_refused_clearly(folder: Path, name: str) -> None:
    kind, numbers = KINDS[name], range(QUICK)
    outcomes = try_all(kind, numbers, folder)
    assert told(kind, numbers, outcomes) == ""
    read = sum(outcome.read for outcome in outcomes)
    sorts = Counter(outcome.sort for outcome in outcomes if outcome.said)
    assert FEWEST_READ <= read <= QUICK - FEWEST_READ, f"{read} of {QUICK} were read"
    assert len(sorts) >= FEWEST_SORTS, sorts


@pytest.mark.nightly
@pytest.mark.parametrize("name", KINDS)
def test_ten_thousand_files_that_went_wrong(folder: Path, name: str) -> None:
    kind, numbers = KINDS[name], range(QUICK, NIGHTLY)
    assert told(kind, numbers, try_all(kind, numbers, folder)) == ""


# --- the fuzzer itself ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS)
def test_a_case_is_the_same_whenever_it_is_made(name: str) -> None:
    kind = KINDS[name]
    backwards = [kind.case(number) for number in reversed(range(60))]
    assert backwards[::-1] == [kind.case(number) for number in range(60)]
    assert len(set(backwards)) > 40


def test_every_way_of_going_wrong_comes_up() -> None:
    """Sizes, encodings and ends that the cases are meant to reach, among those that are tried each time."""
    cases = [kind.case(number) for kind in KINDS.values() for number in range(150)]
    for mark in (b"\xff\xfe", b"\xef\xbb\xbf", b"\0", b"\xe9", b"\r\n", b"\x1b[2J", b"nan", b"[" * 3000, b"9" * 5000):
        assert any(mark in case for case in cases), mark
    assert any(not case.strip() for case in cases)
    assert sum(len(case) > 130_000 for case in cases) >= 10
    assert sum(case.count(b",") > 4000 for case in cases) >= 5


def reads(content: bytes, reader: object, folder: Path) -> Outcome:
    """What the contract finds in a reader of one's own."""
    kind = Kind("made up", "toml", lambda: (content.decode(),), reader)  # type: ignore[arg-type]
    return attempt(kind, 0, folder)


def test_the_contract_sees_what_breaks_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fault is made once."""
    monkeypatch.setattr(contract, "MOST_SECONDS", 0.2)

    def raises(_: Path) -> None:
        raise KeyError("oops")

    def refuses(_: Path) -> None:
        raise OSError(5, "bad")

    def writes(path: Path) -> None:
        path.with_name("more.txt").write_text("x")

    def hangs(_: Path) -> None:
        while True:
            pass

    for reader, fault in (
        (raises, "traceback: KeyError at test_fuzzed_files.py"), (refuses, "does not name the file"),
        (writes, "opened to be written"), (hangs, "took more than"),
        (lambda _: [{"x": (1.0, float("nan"))}], "holds nan"), (lambda _: 1.0, ""),
    ):  # fmt: skip
        outcome = reads(b"x = 1", reader, folder)
        assert any(found.startswith(fault) or fault in found for found in outcome.faults) == bool(fault), outcome
        assert outcome.read == (not fault)


def test_the_watch_hears_files_and_folders(folder: Path) -> None:
    with changes() as changed:
        (folder / "a").mkdir()
        (folder / "b").write_text("x")
        os.replace(folder / "b", folder / "c")
        (folder / "c").read_text()
    assert [change.partition(":")[0] for change in changed] == ["os.mkdir", "opened to be written", "os.rename"]


def test_time_that_is_up_is_up() -> None:
    def forever() -> None:
        with in_time(0.05):
            while True:
                pass

    with pytest.raises(TookTooLongError):
        forever()
    with in_time(0.05):
        pass


# --- what was found -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = " + "[" * 3000, "nested too deeply"),
        ("a = " + "[" * 40 + "]" * 40, f"at most {MOST_DEPTH} tables"),
        ("a" + ".a" * 40 + " = 1", f"at most {MOST_DEPTH} tables"),
        ("x = 1\na" + ".a" * 70_000 + " = 1", "line 2 has too many dots"),
        ("a = " + "9" * 5000, f"at most {MOST_WHOLE}"),
        ("a = [{b = 0x" + "f" * 400 + "}]", f"at most {MOST_WHOLE}"),
        (f"a = {MOST_WHOLE + 1}", f"at most {MOST_WHOLE}"),
        (f"a = [{MOST_WHOLE}, -{MOST_WHOLE}]", ""),
        ("a = [" + "1.5, " * 5000 + "]", ""),
        ('a = "' + "No. " * 1000 + '"', ""),
    ],
)
def test_toml_that_would_stop_python_is_refused(text: str, words: str) -> None:
    with in_time(2.0):
        if not words:
            assert "a" in parse(text)
            return
        with pytest.raises(TomlError, match=words):
            parse(text)


FOUND = {
    "an event file of a mark alone": ("ACLED", b"sep=;\n", "no header row"),
    "an event file of a form feed": ("ACLED", b"\x0c", "no header row"),
    "a quotation mark as separator": ("GED", b'sep="\nid,relid\n', "neither the columns of ACLED nor of UCDP GED"),
    "a gazetteer of 50,000 columns": ("gazetteer", b",".join(b"c%d" % n for n in range(50_000)), "no column 'name'"),
    "a name with a zero byte": ("scenario", b'extend = "a\\u0000.toml"', r"a\x00.toml: cannot be read"),
    "parameters with a mark": ("parameters", b"\xef\xbb\xbfdelta_un = 7", "delta_un: Input should be less than"),
    "actors too deep": ("actors", b"roles = " + b"[" * 5000, "nested too deeply"),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_stays_mended(folder: Path, name: str) -> None:
    kind, content, words = FOUND[name]
    outcome = attempt(replace(KINDS[kind], originals=lambda: (content.decode("utf-8"),)), 0, folder)
    assert outcome.faults == ()
    assert words in outcome.said


def test_a_factorial_without_end_is_refused_before_it_is_made(folder: Path) -> None:
    factors = [
        {**FACTOR, "name": f"f{k}", "lever": lever, "values": list(range(1, 41))} for k, lever in enumerate(LEVERS)
    ]
    with in_time(2.0), pytest.raises(ExperimentError, match=r"at most 2,000 combinations of values .found 102,400,000"):
        tiny(levers__factorial__factors=factors)


def test_one_long_identifier_does_not_make_all_of_them_long(folder: Path) -> None:
    """Kept as texts of equal length, ten thousand of them would fill five gigabytes."""
    rows = [acled(n) for n in range(50)] + [acled(99, event_id_cnty="x" * 100_000)]
    events, summary = event_files.read_events(written(folder, rows))
    assert events.id.nbytes < 50_000
    assert dropped(summary) == {Reason.NO_ID: tuple(range(102, 103))}


def test_a_message_cannot_act_upon_a_terminal() -> None:
    assert readable("a\x1b[2J: b\u202ec\u2028\t") == r"a\x1b[2J: b\u202ec\u2028\t"
    assert readable("Sévaré −12\u202f000 …") == "Sévaré −12\u202f000 …"
    long = readable("\n".join(["x" * 5000] * 500)).split("\n")
    assert (len(long), long[-1]) == (MOST_LINES + 1, f"… and {500 - MOST_LINES} lines more")
    assert max(map(len, long)) <= MOST_LETTERS + 3
