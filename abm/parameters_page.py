"""The page of all parameters, generated from their declarations: ``python -m abm.parameters_page FILE [--check]``."""

from __future__ import annotations

import sys
from pathlib import Path

from abm.declarations import STATUS_MARK, Declaration, declarations
from abm.parameters import Parameters
from abm.rates import Rates

HEAD = """# Parameters

Generated from the declarations in `abm/parameters.py`, `abm/un_parameters.py` and `abm/malian_parameters.py` by
`make docs`: do not edit.

Every parameter says where it comes from: ● calibrated (fitted to recorded events), ◐ literature (a published estimate,
or the range it supports), ○ assumption (nobody knows). A prior is the uncertainty carried into comparisons; *fixed*
means that none is.
"""


def _row(d: Declaration) -> str:
    default = f"{d.default:,}" if abs(d.default) >= 10_000 else f"{d.default:g}"
    cells = (
        f"`{d.name}`", d.meaning, default, d.unit, str(d.prior), f"{d.low:g} to {d.high:g}",
        f"{STATUS_MARK[d.status]} {d.status}", d.source,
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def page() -> str:
    """The page as Markdown."""
    lines = [HEAD]
    group = ""
    for d in declarations(Parameters).values():
        if d.group != group:
            group = d.group
            lines += [
                f"## {group[0].upper()}{group[1:]}\n",
                "| name | meaning | default | unit | prior | bounds | status | source |",
                "| --- | --- | --- | --- | --- | --- | --- | --- |",
            ]
        lines.append(_row(d))
        following = [e for e in declarations(Parameters).values() if e.group == group][-1]
        if d.name == following.name:
            lines.append("")
    lines += [
        "## Fitted tables\n",
        "`rates` holds tables computed by `calibration.rates` from recorded events (● calibrated) and embedded as",
        "`abm/data/rates_2020.toml`. In draws, levels by faction and zone carry a gamma posterior of their counts.\n",
        "| table | meaning |",
        "| --- | --- |",
    ]
    lines += [f"| `rates.{name}` | {field.description} |" for name, field in Rates.model_fields.items()]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` say whether it is up to date."""
    names = [a for a in arguments if a != "--check"]
    if len(names) != 1:
        print("usage: python -m abm.parameters_page FILE [--check]", file=sys.stderr)
        return 2
    path = Path(names[0])
    if "--check" in arguments:
        if path.is_file() and path.read_text(encoding="utf-8") == page():
            return 0
        print(f"{path} is not what the declarations give: run make docs", file=sys.stderr)
        return 1
    path.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
