"""What goes wrong with files whatever is in them: lines, quotation marks, line ends, encodings, bytes."""

from __future__ import annotations

from collections.abc import Callable

from faults.mutations import Random, deep, long_text, one_of

SOME = (
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ";",
    "#",
    "\\",
    "\n",
    "\r",
    "\t",
    "\0",
    "\x0c",
    "\x85",
    "é",
    "\u2028",
    "@",
)


def _at(rng: Random, content: str | bytes) -> int:
    return int(rng.integers(len(content) + 1))


# --- text -----------------------------------------------------------------------------------------------------------


def quotes(rng: Random, text: str) -> str:
    """A quotation mark is missing, or there is one too many."""
    marks = [place for place, letter in enumerate(text) if letter in "\"'"]
    if marks and rng.random() < 0.5:
        at = one_of(rng, marks)
        return text[:at] + text[at + 1 :]
    at = _at(rng, text)
    return text[:at] + str(one_of(rng, ('"', "'", '"""', '""'))) + text[at:]


def line_ends(rng: Random, text: str) -> str:
    """Each line ends in its own way."""
    ends = ("\n", "\r\n", "\r", "\n\r", "\u2028", "\n\n")
    return "".join(line + one_of(rng, ends) for line in text.splitlines())


def lines(rng: Random, text: str) -> str:
    """A line is missing, comes again, or stands elsewhere."""
    found = text.splitlines(keepends=True)
    if not found:
        return text
    line = one_of(rng, found)
    match int(rng.integers(3)):
        case 0:
            found.remove(line)
        case 1:
            found.insert(_at(rng, text) % (len(found) + 1), line)
        case _:
            found.remove(line)
            found.insert(_at(rng, text) % (len(found) + 1), line)
    return "".join(found)


def letters(rng: Random, text: str) -> str:
    """Some letters too many, or some that are others."""
    for _ in range(int(rng.integers(1, 6))):
        at = _at(rng, text)
        text = text[:at] + one_of(rng, SOME) + text[at + int(rng.integers(2)) :]
    return text


def front(rng: Random, text: str) -> str:
    """Something stands before everything else."""
    first = (
        "sep=;\n",
        "sep=,\r\n",
        "sep=\n",
        'sep="\n',
        "\ufeff\ufeff",
        "\n\n\n",
        "#\n",
        " ",
        "\x0c",
        "\x1c\n",
        "\u00a0\n",
        "PK\x03\x04",
    )
    return str(one_of(rng, first)) + text


def end(rng: Random, text: str) -> str:
    """Something follows the end."""
    last = (
        "\0", "\x1a", "\n\n\n", "\\", '"', "[", "[[", "x", f"\nx = {deep(rng).text}\n", f"\n{long_text(rng)}",
        "\na" + ".a" * one_of(rng, (10, 200, 2_000)) + " = 1\n", "\n[a" + ".a" * one_of(rng, (10, 200)) + "]\n",
    )  # fmt: skip
    return text + str(one_of(rng, last))


def nothing_but(rng: Random, text: str) -> str:
    """Only the beginning of it, or hardly anything."""
    heads = (
        "",
        " ",
        "\n",
        "\ufeff",
        "sep=;",
        "sep=;\n",
        "\x0c",
        "\x0c\n\x1f",
        "\u00a0",
        "\x85",
        "\u2028\n",
        "#",
        "0",
        '"',
    )
    return str(one_of(rng, (*heads, text.splitlines()[0] if text.splitlines() else "", "".join(text.splitlines()[:2]))))


OF_TEXT: tuple[Callable[[Random, str], str], ...] = (quotes, line_ends, lines, letters, front, end, nothing_but)


# --- bytes ----------------------------------------------------------------------------------------------------------

ENCODINGS = (
    "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-8-sig", "utf-7", "cp437", "shift_jis",
)  # fmt: skip


def encode(rng: Random, data: bytes) -> bytes:
    """Saved by another program, in another encoding."""
    return data.decode("utf-8", "replace").encode(one_of(rng, ENCODINGS), "replace")


def truncate(rng: Random, data: bytes) -> bytes:
    return data[: _at(rng, data)]


def behead(rng: Random, data: bytes) -> bytes:
    return data[_at(rng, data) :]


def flip(rng: Random, data: bytes) -> bytes:
    """Some bits are others."""
    found = bytearray(data)
    for _ in range(int(rng.integers(1, 9))):
        if found:
            found[int(rng.integers(len(found)))] ^= 1 << int(rng.integers(8))
    return bytes(found)


def insert(rng: Random, data: bytes) -> bytes:
    at = _at(rng, data)
    return data[:at] + rng.bytes(int(rng.integers(1, 20))) + data[at:]


def zero(rng: Random, data: bytes) -> bytes:
    """A block that the disk never got, as after a power cut."""
    at = _at(rng, data)
    size = int(one_of(rng, (1, 16, 4096)))
    return data[:at] + b"\0" * size + data[at + size :]


def again(rng: Random, data: bytes) -> bytes:
    """The whole file twice, or its end once more."""
    return data + data[_at(rng, data) if rng.random() < 0.5 else 0 :]


OF_BYTES: tuple[Callable[[Random, bytes], bytes], ...] = (
    encode, encode, truncate, truncate, behead, flip, flip, insert, zero, again,
)  # fmt: skip


def spoilt(rng: Random, text: str) -> bytes:
    """A text as a file to which more may have happened: to none, one or both of its letters and its bytes."""
    if rng.random() < 0.35:
        text = one_of(rng, OF_TEXT)(rng, text)
    data = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.3:
        data = one_of(rng, OF_BYTES)(rng, data)
    return data
