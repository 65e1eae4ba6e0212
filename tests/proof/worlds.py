"""Small worlds of the proofs: two cercles, few of everything, much of every violence."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from engine import defaults, scenario, times, with_rates
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from abm.parameters import Parameters
from abm.scenario import Scenario

START = date(2021, 1, 1)
SMALL = {"cercles": ("Bandiagara", "Bankass", "Mopti")}
# One example is a run of some weeks.
few = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
SEED = st.integers(0, 2**63 - 1)
SHARE = st.floats(0.0, 1.0)


@lru_cache(maxsize=1)
def everything() -> Scenario:
    """All measures at once, from the first day on."""
    return scenario("all-measures").changed(
        world=SMALL,
        package={"decision": START, "permission": START},
        accountability={"starts": START, "investigations_per_month": 30.0, "cooperation": 0.6},
        strategy={
            "starts": START, "dialogue_missions_per_month": 20.0, "disarmament_per_month": 300.0,
            "services_per_month": 60.0,
        },
    )  # fmt: skip


def violent(factor: float = 5.0, **changes: Any) -> Parameters:
    """Many attacks of all kinds; units come at once and procedures are short."""
    q = defaults().changed(
        **{
            "generation_months": 0.0, "sanction_months": 0.5, "attack_per_patrol": 0.05, "convoy_attack_rate": 0.5,
            "displacement_share": 0.5, "dialogue_success": 0.7, "agreement_days": 28.0, "calm_days": 3.0,
            "return_half_life": 10.0, **changes,
        }
    )  # fmt: skip
    return with_rates(q, candidates=times(q.rates.candidates, factor), abuse=times(q.rates.abuse, factor))


@st.composite
def numbers(draw: st.DrawFn) -> Parameters:
    """Any effects of presence, warnings, accountability and strategy, in violent times."""
    return violent(
        delta_un=draw(st.floats(0.0, 0.95)), delta_army=draw(st.floats(0.0, 0.95)),
        p_warning=draw(SHARE), p_effective=draw(SHARE),
        displacement_share=draw(SHARE), report_base=draw(SHARE), sanction_months=draw(st.floats(0.5, 1.0)),
        break_chance=draw(SHARE), agreement_days=draw(st.floats(7.0, 60.0)), flee_share=draw(SHARE),
        rearm_share=draw(SHARE), tob_days=draw(st.floats(7.0, 40.0)), resupply_days=draw(st.floats(2.0, 15.0)),
        supply_reserve_days=draw(st.floats(0.0, 5.0)),
    )  # fmt: skip
