"""A gazetteer that a visitor hands in: read row by row, then tried by building its world."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import numpy as np

from abm.gazetteer import DELIMITERS, GazetteerError, LoadedGazetteer, load_gazetteer
from abm.geography import CERCLE_LABELS, CERCLES
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.world import build_world
from web.choice import DEFAULT, UPLOADED
from web.uploads_folder import Uploads
from web.uploads_text import refuse_garbled, said, shown
from web.work import Refused

MOST_PLACES = 20_000  # four times those of the region in GeoNames
MOST_COLUMNS = 100  # GeoNames has nineteen
MOST_CELL = 20_000  # characters; GeoNames lists alternate names in one cell
MOST_REACHED = 2_000_000  # pairs of a band and a village in its reach; synthetic settlements have some 60,000
# What a spreadsheet would carry out on opening a file: numbers with a sign are none.
FORMULA = re.compile(r"\s*(?:[=@]|[+-].*[(|!])")


def read_gazetteer(name: str, text: str, uploads: Uploads) -> dict[str, Any]:
    """Keep a gazetteer for the visitor's scenarios, where it is called "uploaded".

    Returns:
        ``gazetteer``: token, rows read, kept and dropped, how many values are drawn, and cercles without a settlement
        (no band is at home there) or with more people than the census counts.

    Raises:
        Refused: too large, or a fault of the file, with its line; then the gazetteer before stays in use.
    """
    refuse_garbled(name, text)
    _refuse_shapes(name, text)
    path = uploads.keep(text)
    try:
        loaded = load_gazetteer(path, 0)
        _try_world(str(path), name)
    except BaseException as error:
        uploads.drop(path)
        if isinstance(error, GazetteerError):
            raise said(error, path, name) from None
        raise
    uploads.use(path)
    return {"gazetteer": {"token": UPLOADED, "file": name, **_accounts(loaded)}}


def _refuse_shapes(name: str, text: str) -> None:
    """Stop at what would take long to read, and at formulas."""
    first = text.lstrip().splitlines()[0]
    delimiter = max(DELIMITERS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    places = -1
    try:
        for row in rows:
            places += any(row)
            if places > MOST_PLACES:
                raise Refused("uploads_places", name=name, most=MOST_PLACES)
            if len(row) > MOST_COLUMNS:
                raise Refused("uploads_columns", name=name, line=rows.line_num, most=MOST_COLUMNS)
            for cell in row:
                if len(cell) > MOST_CELL:
                    raise Refused("uploads_cell", name=name, line=rows.line_num, most=MOST_CELL)
                if FORMULA.match(cell):
                    raise Refused("uploads_formula", name=name, line=rows.line_num, cell=shown(cell, 40))
    except csv.Error as error:
        raise Refused("uploads_row", name=name, line=rows.line_num, text=str(error)) from None


def _try_world(path: str, name: str) -> None:
    """Build the first day of a run in it, and stop where so much is in reach of so many that runs would take long."""
    world = build_world(Scenario.load(DEFAULT).changed(world={"gazetteer": path}), Parameters())
    if world.reach_village.size > MOST_REACHED:
        raise Refused("uploads_crowded", name=name, n=world.reach_village.size, most=MOST_REACHED)


def _accounts(loaded: LoadedGazetteer) -> dict[str, Any]:
    settlements, report = loaded
    empty = [CERCLE_LABELS[k] for k in range(len(CERCLES)) if not (settlements.cercle == k).any()]
    return {
        "rows": report.rows,
        "kept": report.kept,
        "outside": report.outside,
        "populations_drawn": report.populations_drawn,
        "communities_drawn": report.communities_drawn,
        "people": int(np.sum(settlements.population)),
        "beyond_census": [CERCLE_LABELS[CERCLES.index(cercle)] for cercle in report.beyond_census],
        "empty": empty,
    }
