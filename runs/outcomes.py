"""Named outcomes of one run over a window of days.

An event is a candidate that was realised, at the place first chosen or elsewhere; prevented candidates are counted
apart, and those that an answer to a warning averted are among them. "Expected" attacks and deaths take the chance that
each candidate stands and the mean deaths of its kind instead of the draws (Rao-Blackwell): the same mean with far less
noise, reported beside the counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from abm.calendar import DAY_ZERO
from abm.kinds import (
    AVERTED_BY_ARMY,
    AVERTED_BY_UN,
    CIVILIAN_KINDS,
    CIVILIANS_BY_STATE,
    DURING,
    INTERCOMMUNAL_KINDS,
    KINDS,
    PREVENTED,
    REALISED_ELSEWHERE,
)
from abm.scenario import UNIT_TYPES
from abm.tables import DISARMAMENT

if TYPE_CHECKING:
    from abm.parameters import Parameters
    from abm.records import Records

Months = NDArray[np.datetime64]
T = TypeVar("T", float, NDArray[np.float64])

DAYS_PER_YEAR = 365.25

CIVILIAN = tuple(KINDS.index(kind) for kind in CIVILIAN_KINDS)
INTERCOMMUNAL = tuple(KINDS.index(kind) for kind in INTERCOMMUNAL_KINDS)
EVERY_KIND = tuple(range(len(KINDS)))

# What UN people do on a day, apart from those in camp, with the words for it.
TASKS = {
    "tob": "at TOBs",
    "resting": "relieving and supplying TOBs, at rest",
    "convoy": "on convoys",
    "patrol": "on patrol",
    "escort": "escorting civilian teams",
    "hurt": "killed or wounded and not yet replaced",
}
IN_CAMP = "camp"


@dataclass(frozen=True)
class Measure:
    """An outcome that tables and reports name: words for a reader, unit, and whether a run has a whole number of it."""

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


def _of_the_force() -> list[Measure]:
    tasks = {**TASKS, IN_CAMP: "in camp"}
    days = [Measure(f"troop_days_{task}", f"days of UN people {words}", "days", False) for task, words in tasks.items()]
    types = [
        Measure(f"head_years_{kind}", f"years served by extra people: {kind.replace('_', ' ')}", "head-years", False)
        for kind in UNIT_TYPES
    ]
    return days + types


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
        Measure("warnings", "attacks warned of", "attacks", True),
        Measure("answered", "warnings answered before the attack", "attacks", True),
        Measure("softened", "attacks during which UN troops came, nobody before", "attacks", True),
        Measure("averted_by_un", "attacks averted by UN troops who answered a warning", "attacks", True),
        Measure("averted_by_army", "attacks averted by national forces who answered a warning", "attacks", True),
        Measure("tobs", "TOBs open, mean", "TOBs", False),
        Measure("extra_tobs", "extra TOBs open, mean", "TOBs", False),
        Measure("troops", "UN troops and police arrived, mean", "people", False),
        Measure("un_patrols", "UN patrols", "patrols", True),
        Measure("convoys", "UN convoys", "convoys", True),
        Measure("attacks_on_un", "attacks on the UN", "attacks", True),
        Measure("un_deaths", "peacekeepers killed", "deaths", True),
        Measure("army_operations", "operations of national forces", "operations", True),
        Measure("missions", "missions of civilian teams escorted", "missions", True),
        Measure("dialogue_missions", "missions of dialogue", "missions", True),
        Measure("agreements", "agreements between communities held, mean", "agreements", False),
        Measure("fighters_disarmed", "fighters disarmed in all", "fighters", True),
        Measure("disarmed", "fighters disarmed and not armed again, at the end", "fighters", True),
        Measure("served", "villages that services have returned to, at the end", "villages", True),
        Measure("served_years", "years of services in villages they have returned to", "village-years", False),
        Measure("displaced_people", "people displaced and not back, at the end", "people", True),
        Measure("investigations", "investigations", "investigations", True),
        Measure("sanctions", "sanctions", "sanctions", True),
        Measure("risk_army", "risk of sanction perceived by national forces, at the end", "share", False),
        Measure("risk_militia", "risk of sanction perceived by militias, at the end", "share", False),
        *_of_the_force(),
        Measure("extra_head_years", "years served by extra people", "head-years", False),
        Measure("extra_cost", "cost of extra uniformed people", "US$", False),
        Measure("civilian_cost", "cost of civilian work (assumed prices)", "US$", False),
        Measure("total_cost", "cost of extra uniformed people and civilian work", "US$", False),
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
    days, events, operations = (_within(log, first, last) for log in (records.days, records.events, records.operations))
    disarmed = operations["amount"][operations["what"] == DISARMAMENT].sum()
    values = {
        **_of_events(events),
        **_of_answers(events),
        **_of_days(days),
        **_of_tasks(days),
        **head_years(records.un_units, first, last),
        "fighters_disarmed": disarmed,
    }
    values |= _costs(values, records.parameters)
    return {key: float(values[key]) for key in MEASURES}


def _within(log: NDArray[Any], first: int, last: int) -> NDArray[Any]:
    return log[(log["day"] >= first) & (log["day"] < last)]


def head_years(units: NDArray[Any], first: int, last: int) -> dict[str, float]:
    """Years served by extra people between two days, by type of unit, from the days on which units arrive."""
    there = np.maximum(last - np.maximum(units["arrival"], first), 0)
    extra = (units["extra"] == 1) & (units["arrival"] >= 0)
    served = np.bincount(
        units["type"][extra], weights=(there * units["troops"])[extra] / DAYS_PER_YEAR, minlength=len(UNIT_TYPES)
    )
    return {f"head_years_{kind}": float(years) for kind, years in zip(UNIT_TYPES, served, strict=True)}


def civilian_costs(values: Mapping[str, T], prices: Parameters) -> dict[str, T]:
    """What civilian work costs, US$, by what it is; prices are assumptions.

    Args:
        values: outcomes of MEASURES, numbers or arrays.
        prices: of one set of parameters.
    """
    return {
        "dialogue": values["dialogue_missions"] * prices.cost_per_dialogue_mission,
        "investigations": values["investigations"] * prices.cost_per_investigation,
        "disarmament": values["fighters_disarmed"] * prices.cost_per_disarmed,
        "services": values["served_years"] * prices.cost_per_served_year,
    }


def _costs(values: Mapping[str, float], prices: Parameters) -> dict[str, float]:
    extra = values["extra_head_years"] * prices.cost_per_head_year
    civilian = sum(civilian_costs(values, prices).values())
    return {"extra_cost": extra, "civilian_cost": civilian, "total_cost": extra + civilian}


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


def _of_answers(events: NDArray[Any]) -> dict[str, float]:
    answers, happened = events["answer"], events["outcome"] != PREVENTED
    return {
        "softened": int(((answers == DURING) & happened).sum()),
        "averted_by_un": int((answers == AVERTED_BY_UN).sum()),
        "averted_by_army": int((answers == AVERTED_BY_ARMY).sum()),
    }


MEANS = ("tobs", "extra_tobs", "troops", "agreements")
SUMS = (
    "un_patrols", "convoys", "attacks_on_un", "un_deaths", "army_operations", "warnings", "answered", "missions",
    "dialogue_missions", "investigations", "sanctions",
)  # fmt: skip
ENDS = {
    "risk_army": "risk_army",
    "risk_militia": "risk_militia",
    "disarmed": "disarmed",
    "served": "served",
    "displaced_people": "displaced",
}


def _of_days(days: NDArray[Any]) -> dict[str, float]:
    means = {key: days[key].mean() for key in MEANS}
    sums = {key: days[key].sum() for key in SUMS}
    ends = {key: days[column][-1] for key, column in ENDS.items()}
    years = {
        "extra_head_years": days["extra_troops"].sum() / DAYS_PER_YEAR,
        "served_years": days["served"].sum() / DAYS_PER_YEAR,
    }
    return {**means, **sums, **ends, **years}


def _of_tasks(days: NDArray[Any]) -> dict[str, float]:
    """Days of UN people by what they do; those in camp are the rest."""
    found = {f"troop_days_{task}": int(days[f"{task}_troops"].sum()) for task in TASKS}
    return {**found, f"troop_days_{IN_CAMP}": int(days["troops"].sum()) - sum(found.values())}


COURSES = ("troops", "extra_troops", "mobile_troops", "tobs", "extra_tobs", "cost_per_day")


def daily_cost(records: Records) -> NDArray[np.float64]:
    """US$ of each day: extra uniformed people and civilian work, shape (days,)."""
    days, prices = records.days, records.parameters
    disarmament = records.operations[records.operations["what"] == DISARMAMENT]
    disarmed = np.bincount(
        disarmament["day"] - records.first_day, weights=disarmament["amount"], minlength=days.shape[0]
    )
    work = {
        "dialogue_missions": days["dialogue_missions"],
        "investigations": days["investigations"],
        "fighters_disarmed": disarmed,
        "served_years": days["served"] / DAYS_PER_YEAR,
    }
    civilian = sum(civilian_costs(work, prices).values())
    cost: NDArray[np.float64] = days["extra_troops"] / DAYS_PER_YEAR * prices.cost_per_head_year + civilian
    return cost


def monthly(records: Records) -> tuple[Months, dict[str, NDArray[np.float64]]]:
    """Means of COURSES by calendar month: the months that the run covers whole, and for each column its means."""
    days = records.days
    series = {key: daily_cost(records) if key == "cost_per_day" else days[key] for key in COURSES}
    dates = np.datetime64(DAY_ZERO, "D") + days["day"]
    months, number, length = np.unique(dates.astype("datetime64[M]"), return_inverse=True, return_counts=True)
    whole = length == ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(int)
    means = {key: (np.bincount(number, weights=values) / length)[whole] for key, values in series.items()}
    return months[whole], means
