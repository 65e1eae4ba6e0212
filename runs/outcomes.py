"""Named outcomes of one run over a window of days.

An event is a candidate that was realised, at the place first chosen or elsewhere; prevented candidates are counted
apart. "Expected" attacks and deaths take the chance that each candidate stands and the mean deaths of its kind instead
of the draws (Rao-Blackwell): the same mean with far less noise, reported beside the counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from abm.calendar import DAY_ZERO
from abm.kinds import CIVILIAN_KINDS, CIVILIANS_BY_STATE, INTERCOMMUNAL_KINDS, KINDS, PREVENTED, REALISED_ELSEWHERE

if TYPE_CHECKING:
    from abm.records import Records

Months = NDArray[np.datetime64]

DAYS_PER_YEAR = 365.25

CIVILIAN = tuple(KINDS.index(kind) for kind in CIVILIAN_KINDS)
INTERCOMMUNAL = tuple(KINDS.index(kind) for kind in INTERCOMMUNAL_KINDS)
EVERY_KIND = tuple(range(len(KINDS)))


@dataclass(frozen=True)
class Measure:
    """An outcome that tables and reports name: words for a reader, unit, and whether it is a count or sum of events."""

    key: str
    label: str
    unit: str
    counts: bool


_PERPETRATORS = {
    "civilians_by_dogon_dozo_militia": "Dogon and Dozo militias",
    "civilians_by_fulani_militia": "Fulani militias",
    "civilians_by_jihadists": "armed jihadist groups",
    "civilians_by_state_or_external": "national forces",
    "civilians_by_unidentified": "unidentified perpetrators",
}


def _by_perpetrator() -> list[Measure]:
    attacks = [
        Measure(f"attacks_{k}", f"attacks on civilians by {who}", "attacks", True) for k, who in _PERPETRATORS.items()
    ]
    deaths = [Measure(f"deaths_{k}", f"civilian deaths by {who}", "deaths", True) for k, who in _PERPETRATORS.items()]
    return attacks + deaths


MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure("civilian_attacks", "attacks on civilians", "attacks", True),
        Measure("civilian_deaths", "civilian deaths", "deaths", True),
        Measure("expected_civilian_attacks", "attacks on civilians, expected", "attacks", True),
        Measure("expected_civilian_deaths", "civilian deaths, expected", "deaths", True),
        Measure("intercommunal_events", "intercommunal events", "events", True),
        Measure("intercommunal_deaths", "intercommunal deaths", "deaths", True),
        Measure("expected_intercommunal_events", "intercommunal events, expected", "events", True),
        Measure("expected_intercommunal_deaths", "intercommunal deaths, expected", "deaths", True),
        Measure("abuses", "abuses by national forces", "abuses", True),
        *_by_perpetrator(),
        Measure("events", "all violent events", "events", True),
        Measure("deaths", "all deaths", "deaths", True),
        Measure("expected_events", "all violent events, expected", "events", True),
        Measure("expected_deaths", "all deaths, expected", "deaths", True),
        Measure("prevented", "attacks prevented", "attacks", True),
        Measure("displaced", "attacks displaced to another place", "attacks", True),
        Measure("tobs", "TOBs open, mean", "TOBs", False),
        Measure("extra_tobs", "extra TOBs open, mean", "TOBs", False),
        Measure("troops", "UN troops and police arrived, mean", "people", False),
        Measure("un_patrols", "UN patrols", "patrols", True),
        Measure("army_operations", "operations of national forces", "operations", True),
        Measure("investigations", "investigations", "investigations", True),
        Measure("sanctions", "sanctions", "sanctions", True),
        Measure("risk_army", "risk of sanction perceived by national forces, at the end", "share", False),
        Measure("risk_militia", "risk of sanction perceived by militias, at the end", "share", False),
        Measure("extra_head_years", "years served by extra people", "head-years", False),
        Measure("extra_cost", "cost of extra people", "US$", False),
    )
}


def measure(records: Records, first: int, last: int) -> dict[str, float]:
    """Every outcome of MEASURES over days first <= day < last.

    Raises:
        ValueError: the window is empty or reaches beyond the run.
    """
    if not records.first_day <= first < last <= records.last_day:
        raise ValueError(
            f"window {first} to {last} is empty or not within the run, {records.first_day} to {records.last_day}"
        )
    days = records.days[(records.days["day"] >= first) & (records.days["day"] < last)]
    events = records.events[(records.events["day"] >= first) & (records.events["day"] < last)]
    values = _of_events(events) | _of_days(days)
    values["extra_cost"] = values["extra_head_years"] * records.parameters.cost_per_head_year
    return {key: float(values[key]) for key in MEASURES}


def expected_attacks(events: NDArray[Any]) -> NDArray[np.float64]:
    """Chance that each candidate stood where it was first tried, plus one if it was realised elsewhere."""
    chance: NDArray[np.float64] = events["stands"] + (events["outcome"] == REALISED_ELSEWHERE)
    return chance


def _of_events(events: NDArray[Any]) -> dict[str, float]:
    happened = events["outcome"] != PREVENTED
    expected = expected_attacks(events)
    n = len(KINDS)
    counts = np.bincount(events["kind"][happened], minlength=n)
    deaths = np.bincount(events["kind"][happened], weights=events["deaths"][happened], minlength=n)
    mean_attacks = np.bincount(events["kind"], weights=expected, minlength=n)
    mean_deaths = np.bincount(events["kind"], weights=expected * events["mean_deaths"], minlength=n)
    groups = {"civilian": CIVILIAN, "intercommunal": INTERCOMMUNAL, "": EVERY_KIND}
    values: dict[str, float] = {
        "abuses": counts[CIVILIANS_BY_STATE],
        "prevented": len(events) - int(happened.sum()),
        "displaced": int((events["outcome"] == REALISED_ELSEWHERE).sum()),
    }
    for group, kinds in groups.items():
        prefix = f"{group}_" if group else ""
        what = "attacks" if group == "civilian" else "events"
        members = list(kinds)
        values[f"{prefix}{what}"] = counts[members].sum()
        values[f"{prefix}deaths"] = deaths[members].sum()
        values[f"expected_{prefix}{what}"] = mean_attacks[members].sum()
        values[f"expected_{prefix}deaths"] = mean_deaths[members].sum()
    for kind in CIVILIAN:
        values[f"attacks_{KINDS[kind]}"] = counts[kind]
        values[f"deaths_{KINDS[kind]}"] = deaths[kind]
    return values


def _of_days(days: NDArray[Any]) -> dict[str, float]:
    means = {key: days[key].mean() for key in ("tobs", "extra_tobs", "troops")}
    sums = {key: days[key].sum() for key in ("un_patrols", "army_operations", "investigations", "sanctions")}
    ends = {key: days[key][-1] for key in ("risk_army", "risk_militia")}
    return {**means, **sums, **ends, "extra_head_years": days["extra_troops"].sum() / DAYS_PER_YEAR}


def monthly(
    records: Records, columns: tuple[str, ...]
) -> tuple[NDArray[np.datetime64], dict[str, NDArray[np.float64]]]:
    """Mean of daily totals by calendar month: the months that the run covers whole, and per column their means."""
    dates = np.datetime64(DAY_ZERO, "D") + records.days["day"]
    months, number, length = np.unique(dates.astype("datetime64[M]"), return_inverse=True, return_counts=True)
    whole = length == ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(int)
    means = {key: (np.bincount(number, weights=records.days[key]) / length)[whole] for key in columns}
    return months[whole], means
