"""Files that a visitor hands in and takes away: one door, with the bounds of each kind.

What a file says is checked before anything of it is used, and what cannot be used is refused in a sentence that names
the file, the field or the line, and what was expected.
"""

from __future__ import annotations

from typing import Any

from web.session_file import read_session, write_session
from web.uploads_events import read_event_file
from web.uploads_folder import Uploads
from web.uploads_gazetteer import read_gazetteer
from web.uploads_scenario import read_scenario, write_scenario
from web.uploads_text import shown_name, text_of
from web.work import Refused

__all__ = ["KINDS", "Uploads", "read", "write_scenario", "write_session"]

KINDS = {"scenario": 256, "session": 256, "gazetteer": 8000, "events": 8000}  # and the most each may have, in kB


def read(kind: str, name: str, text: str, uploads: Uploads) -> dict[str, Any]:
    """What a file says, for the page.

    Args:
        kind: one of KINDS.
        name: what the visitor calls the file; it is shown and never opened.
        text: its content.
        uploads: the visitor's files; only a gazetteer is kept among them.

    Returns:
        ``choice``, ``session``, ``gazetteer`` or ``events``.

    Raises:
        Refused: the file cannot be used.
    """
    if kind not in KINDS:
        raise Refused("uploads_kind", found=kind, expected=", ".join(KINDS))
    called = shown_name(name, kind)
    checked = text_of(called, text, KINDS[kind])
    match kind:
        case "scenario":
            return read_scenario(called, checked, uploads)
        case "session":
            return read_session(called, checked)
        case "gazetteer":
            return read_gazetteer(called, checked, uploads)
    return read_event_file(called, checked)
