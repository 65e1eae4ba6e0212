"""All parameters as one table."""

from __future__ import annotations

from abm.declarations import STATUS_MARK, declarations
from abm.parameters import Parameters
from runs.sections import Section, Table

STATUS_WORDS = "● calibrated to recorded events, ◐ literature, ○ assumption"


def parameter_section() -> Section:
    """Every declared parameter: mark, name, default, unit, prior, group and meaning."""
    rows = tuple(
        (STATUS_MARK[d.status], d.name, f"{d.default:g}", d.unit, str(d.prior), d.group, d.meaning)
        for d in declarations(Parameters).values()
    )
    headers = ("", "Parameter", "Default", "Unit", "Prior", "Group", "Meaning")
    return Section("parameters", "Parameters", (f"{STATUS_WORDS}.",), (Table(headers, rows, words=(0, 1, 3, 4, 5, 6)),))
