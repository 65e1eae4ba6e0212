"""Parameters of what Malian authorities and communities do: agreements, disarmament, services, recruitment, refuge."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from abm.declarations import ASSUMPTION, NO_MEASUREMENT, declare
from abm.priors import Fixed, Pert


class MalianParameters(BaseModel):
    """Part of :class:`abm.parameters.Parameters`."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    # -- dialogue, disarmament, services -----------------------------------------------------------------------------
    dialogue_success: float = declare(
        "strategy", 0.2, "share", (0.0, 1.0), Pert(0.05, 0.20, 0.50), ASSUMPTION, NO_MEASUREMENT,
        "Chance that a mission of dialogue brings two communities of a cercle to an agreement.",
    )  # fmt: skip
    agreement_effect: float = declare(
        "strategy", 0.3, "share", (0.0, 1.0), Pert(0.0, 0.30, 0.70), ASSUMPTION,
        "assumption; reconciliation and rains together lowered violations on the Dogon plateau in August 2020 "
        "(Protection Cluster)",
        "Share of attacks of self-defence militias on the other community that an agreement prevents while it holds.",
    )  # fmt: skip
    agreement_days: float = declare(
        "strategy", 365.0, "days", (7.0, 3650.0), Pert(90.0, 365.0, 730.0), ASSUMPTION, NO_MEASUREMENT,
        "Time after which an agreement that nobody broke lapses.",
    )  # fmt: skip
    break_chance: float = declare(
        "strategy", 0.05, "share", (0.0, 1.0), Pert(0.01, 0.05, 0.20), ASSUMPTION, NO_MEASUREMENT,
        "Chance that an attack of one community's militia on the other breaks their agreement.",
    )  # fmt: skip
    rearm_share: float = declare(
        "strategy", 0.5, "share", (0.0, 1.0), Pert(0.20, 0.50, 1.0), ASSUMPTION, NO_MEASUREMENT,
        "Share of disarmed fighters who take up arms again when an agreement of their community breaks.",
    )  # fmt: skip
    services_effect: float = declare(
        "strategy", 0.2, "share", (0.0, 1.0), Pert(0.0, 0.20, 0.50), ASSUMPTION, NO_MEASUREMENT,
        "Share by which armed groups of a cercle shrink in the long run if services return to all of its people.",
    )  # fmt: skip
    militia_protection: float = declare(
        "attacks", 0.1, "share", (0.0, 0.95), Pert(0.0, 0.1, 0.4), ASSUMPTION, NO_MEASUREMENT,
        "Share of attacks on villagers that a strong self-defence militia of their own community beside them prevents.",
    )  # fmt: skip
    protection_km: float = declare(
        "attacks", 10.0, "km", (1.0, 60.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Distance at which that protection has fallen to 61 % of its strength (Gaussian).",
    )  # fmt: skip
    # -- recruitment and grievance -----------------------------------------------------------------------------------
    recruit_abuse: float = declare(
        "recruitment", 0.05, "log per abuse", (-0.5, 0.5), Pert(-0.03, 0.05, 0.17), ASSUMPTION,
        "a third of +.15 (-.10 to +.50) for abuses within 25 km, for a cercle is larger (assumption): UNDP 2017, "
        "International Alert 2018 and Condra & Shapiro 2012 find more recruits, Lyall 2009 fewer attacks",
        "Growth of jihadist bands in a cercle for each abuse by national forces remembered there beyond the usual "
        "number.",
    )  # fmt: skip
    recruit_lag_days: float = declare(
        "recruitment", 90.0, "days", (0.0, 720.0), Pert(60.0, 90.0, 180.0), ASSUMPTION,
        "assumption; within 30 days of attacks on civilians by the state there are fewer jihadist attacks near, "
        "not more (retaliation table, ACLED 2017-2020)",
        "Time from an abuse until it brings recruits.",
    )  # fmt: skip
    recruit_half_life: float = declare(
        "recruitment", 180.0, "days", (10.0, 3650.0), Pert(90.0, 180.0, 365.0), ASSUMPTION, NO_MEASUREMENT,
        "How fast an abuse fades as a reason to join.",
    )  # fmt: skip
    slow_grievance: float = declare(
        "recruitment", 0.0, "log per attack", (0.0, 1.0), Fixed(), ASSUMPTION,
        "structural variant, off by default: retaliation slower than 45 days cannot show in the retaliation table",
        "Growth of a self-defence militia's rate for each attack on its community remembered in its cercle beyond "
        "the usual number.",
    )  # fmt: skip
    grievance_half_life: float = declare(
        "recruitment", 180.0, "days", (10.0, 3650.0), Pert(90.0, 180.0, 365.0), ASSUMPTION, NO_MEASUREMENT,
        "How fast an attack on a community fades from its grievance.",
    )  # fmt: skip
    fulani_overlap: float = declare(
        "recruitment", 0.0, "share", (0.0, 1.0), Fixed(), ASSUMPTION,
        "structural variant, off by default; half in the design's table of recorded kinds",
        "Share of Fulani self-defence bands that are in truth under Katiba Macina: no agreement, disarmament or "
        "sanction reaches them.",
    )  # fmt: skip
    # -- displaced people ---------------------------------------------------------------------------------------------
    flee_share: float = declare(
        "displaced people", 0.25, "share", (0.0, 1.0), Pert(0.05, 0.25, 0.60), ASSUMPTION, NO_MEASUREMENT,
        "Share of the people present who flee a village after an attack that killed somebody; half as many after "
        "one that did not.",
    )  # fmt: skip
    calm_days: float = declare(
        "displaced people", 60.0, "days", (0.0, 720.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Days without an attack after which people begin to return.",
    )  # fmt: skip
    return_half_life: float = declare(
        "displaced people", 180.0, "days", (5.0, 3650.0), Pert(60.0, 180.0, 720.0), ASSUMPTION, NO_MEASUREMENT,
        "Time in which half of the displaced return once it is calm.",
    )  # fmt: skip
    # -- cost of civilian work -----------------------------------------------------------------------------------------
    cost_per_dialogue_mission: float = declare(
        "cost of civilian work", 20_000.0, "US$", (0.0, 1e7), Pert(5_000.0, 20_000.0, 60_000.0), ASSUMPTION,
        NO_MEASUREMENT,
        "Cost of a mission of dialogue, without its escort.",
    )  # fmt: skip
    cost_per_investigation: float = declare(
        "cost of civilian work", 50_000.0, "US$", (0.0, 1e7), Pert(10_000.0, 50_000.0, 150_000.0), ASSUMPTION,
        NO_MEASUREMENT,
        "Cost of an investigation and procedure, without its escort.",
    )  # fmt: skip
    cost_per_disarmed: float = declare(
        "cost of civilian work", 3_000.0, "US$", (0.0, 1e6), Pert(1_000.0, 3_000.0, 8_000.0), ASSUMPTION,
        NO_MEASUREMENT,
        "Cost of disarming and reintegrating a fighter.",
    )  # fmt: skip
    cost_per_served_year: float = declare(
        "cost of civilian work", 60_000.0, "US$ per village and year", (0.0, 1e7), Pert(20_000.0, 60_000.0, 200_000.0),
        ASSUMPTION, NO_MEASUREMENT,
        "Cost of services in a village they have returned to.",
    )  # fmt: skip
