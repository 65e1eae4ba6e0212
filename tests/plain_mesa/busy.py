"""A small world in which all that can happen happens, and the comparison of the two models in it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

from engine import times, with_rates

from abm.calendar import date_of
from abm.parameters import Parameters
from abm.scenario import Scenario
from abm.simulation import Simulation
from abm.tables import MUTABLE
from plain_mesa.compare import first_difference
from plain_mesa.launch import Stretch, Tables, begin, compiled_tables, run_twin

# Both main bases of the UN, Ogossagou, three zones and all five factions.
SMALL = {"cercles": ("Mopti", "Bandiagara", "Bankass", "Douentza")}
COMPANY = {"type": "quick_reaction", "mobile": True}
HELICOPTERS = {"type": "aviation", "units": 1, "heads": 130, "helicopters": 5, "armed": True}
# Mobile companies at both main bases, some with medics; helicopters at the second one, when the first one has some.
PACKAGE = (
    COMPANY | {"units": 2, "heads": 250, "base": "Sévaré", "medical_team": True},
    COMPANY | {"units": 2, "heads": 130, "base": "Douentza", "needs_land": False},
    HELICOPTERS | {"base": "Douentza", "needs_land": False, "earliest": date(2021, 6, 1)},
    {"type": "engineers", "units": 1, "heads": 117, "base": "Sévaré"},
    {"type": "police", "units": 1, "heads": 140, "base": "Douentza", "needs_land": False},
)


@lru_cache(maxsize=1)
def busy_scenario() -> Scenario:
    """Everything that a scenario may bring happens within two years of December 2020."""
    return Scenario.load("all-measures").changed(
        start=date(2020, 12, 1),
        world=SMALL,
        un={
            "ogossagou_from": date(2021, 1, 10), "enlarged": date(2021, 4, 1), "hospital_opens": date(2021, 9, 1),
            "armed_helicopters_from": date(2021, 2, 1), "escort_share": 0.05,
        },
        package={"decision": date(2020, 12, 1), "permission": date(2021, 3, 1), "units": PACKAGE},
        accountability={"starts": date(2021, 1, 1), "investigations_per_month": 1.5},
        strategy={
            "starts": date(2021, 1, 1), "dialogue_missions_per_month": 16.0, "disarmament_per_month": 400.0,
            "services_per_month": 20.0, "army_stays": 0.7,
        },
    )  # fmt: skip


@lru_cache(maxsize=1)
def busy_parameters() -> Parameters:
    """Every effect is large and attacks are many, so that every branch is taken often, whatever the fitted rates."""
    q = Parameters()
    return with_rates(q, candidates=times(q.rates.candidates, 2.0)).changed(
        n_same=0.4, n_cross=0.1, raid_half_life=3.0, drift_step=0.3, delta_un=0.8, delta_army=0.5, delta_un_abuse=0.4,
        displacement_share=0.9, displacement_below=0.2, persistence_days=21.0, lying_low_days=5.0,
        army_operation_rate=0.08, generation_months=2.0, reduction_army=0.5, reduction_militia=0.4, report_base=0.6,
        sanction_months=2.0,
        # UN: no company can hold a TOB alone, a few losses cost one, and a convoy that is a little late is too late.
        troops_per_tob=212.0, rotation=1.5, tob_days=28.0, resupply_days=7.0, supply_reserve_days=2.0,
        convoy_troops=40.0, convoy_attack_rate=0.15, attack_per_patrol=0.01, p_warning=0.7, warning_hours=6.0,
        response_ready_hours=1.0, response_kmh=10.0, air_ready_hours=0.5, attack_hours=6.0, attack_delay_days=4.0,
        escorts_per_police_unit=1.0,
        # Communities and authorities.
        dialogue_success=0.3, agreement_days=45.0, agreement_effect=0.4, break_chance=0.6, services_effect=0.5,
        militia_protection=0.5, recruit_abuse=0.2, recruit_lag_days=30.0, flee_share=0.4, calm_days=10.0,
        return_half_life=30.0,
    )  # fmt: skip


def both(simulation: Simulation, days: int, folder: Path, fault: str | None = None) -> tuple[Tables, Tables]:
    """Tables after the same days of the compiled model and of the twin."""
    stretch = begin(simulation, days)
    simulation.advance(days)
    return compiled_tables(simulation), run_twin(stretch, folder, fault)


def assert_same(compiled: Tables, twin: Tables) -> None:
    """Nothing that changes during a run is left out, and all of it is equal to the bit."""
    assert set(twin) == set(MUTABLE)
    assert all(set(twin[name].dtype.names) == set(compiled[name].dtype.names) for name in MUTABLE)
    difference = first_difference(compiled, twin)
    assert difference is None, str(difference)


def assert_found(fault: str, stretch: Stretch, compiled: Tables, folder: Path) -> None:
    """A fault planted in the twin shows, and is named with its day, place and values."""
    found = first_difference(compiled, run_twin(stretch, folder, fault))
    assert found is not None
    assert found.compiled != found.twin
    assert compiled[found.table][found.column][found.row] == found.compiled
    assert stretch.day <= found.day < stretch.day + stretch.days
    for part in (str(date_of(found.day)), f"row {found.row}", found.column, repr(found.compiled), repr(found.twin)):
        assert part in str(found)
