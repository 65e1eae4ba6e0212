"""Parameters of what UN units do: bases, convoys, medical reach, helicopters, warnings and escorts, and their cost."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from abm.declarations import ASSUMPTION, LITERATURE, NO_MEASUREMENT, declare
from abm.priors import Fixed, Pert


class UNParameters(BaseModel):
    """Part of :class:`abm.parameters.Parameters`."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    # -- UN operations ------------------------------------------------------------------------------------------------
    troops_per_tob: float = declare(
        "UN operations", 150.0, "troops", (20.0, 1000.0), Pert(80.0, 150.0, 250.0), LITERATURE,
        "about 150 at Ogossagou (press, 2020-2023); a quick-reaction company has 250",
        "Mobile troops that hold one temporary operating base.",
    )  # fmt: skip
    rotation: float = declare(
        "UN operations", 2.0, "ratio", (1.0, 6.0), Pert(1.5, 2.0, 3.0), ASSUMPTION, NO_MEASUREMENT,
        "Mobile troops needed per troops in a temporary operating base, for rest, relief and supply.",
    )  # fmt: skip
    tob_days: float = declare(
        "UN operations", 42.0, "days", (7.0, 365.0), Pert(14.0, 42.0, 90.0), LITERATURE,
        "'several weeks at a time'; up to three months in S/2021/657",
        "Time a temporary operating base is held in one place (Ogossagou is held throughout).",
    )  # fmt: skip
    tob_setup_days: float = declare(
        "UN operations", 3.0, "days", (0.0, 60.0), Pert(1.0, 3.0, 14.0), ASSUMPTION, NO_MEASUREMENT,
        "Time to set up a temporary operating base after the convoy has arrived.",
    )  # fmt: skip
    tob_reach_km: float = declare(
        "UN operations", 250.0, "effective km", (20.0, 800.0), Fixed(), ASSUMPTION,
        "assumption; Ogossagou lies within it (nearly 200 km by road, press 2022; about 90 effective km here)",
        "Longest way from a main base to a temporary operating base that can be supplied.",
    )  # fmt: skip
    tob_spacing_km: float = declare(
        "UN operations", 25.0, "km", (1.0, 200.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Least distance between two temporary operating bases, or one and a main base.",
    )  # fmt: skip
    convoy_km_per_day: float = declare(
        "UN operations", 100.0, "effective km per day", (10.0, 500.0), Pert(40.0, 100.0, 200.0), LITERATURE,
        "352 km in 8 days under attack, normally 1 (Gao-Kidal); 200 km in 24 h to Ogossagou (peacekeeping.un.org)",
        "Ground speed of a UN convoy.",
    )  # fmt: skip
    patrols_per_company: float = declare(
        "UN operations", 0.9, "per day", (0.0, 1.0), Pert(0.5, 0.9, 1.0), ASSUMPTION,
        "assumption: some 5 patrols a day, a share of 13,000 in 2021 mission-wide (Wane) by troops",
        "Chance that a company whose troops are all free patrols on a day.",
    )  # fmt: skip
    base_patrol_km: float = declare(
        "UN operations", 40.0, "effective km", (5.0, 200.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Longest patrol of a unit that is not mobile: the surroundings of its base.",
    )  # fmt: skip
    mobile_patrol_km: float = declare(
        "UN operations", 100.0, "effective km", (5.0, 400.0), Pert(50.0, 100.0, 150.0), ASSUMPTION, NO_MEASUREMENT,
        "Longest patrol of a mobile unit.",
    )  # fmt: skip
    attack_per_patrol: float = declare(
        "UN operations", 0.0036, "per patrol", (0.0, 0.1), Pert(0.001, 0.0036, 0.008), ASSUMPTION,
        "assumption: with convoys it gives the 8 attacks on the UN recorded in 2020 (ACLED)",
        "Chance that a UN patrol is attacked; a temporary operating base bears it once a day.",
    )  # fmt: skip
    heat_half_life: float = declare(
        "UN operations", 60.0, "days", (5.0, 730.0), Pert(20.0, 60.0, 180.0), ASSUMPTION, NO_MEASUREMENT,
        "How fast attacks fade from the picture on which commanders, UN and national, decide where to go.",
    )  # fmt: skip
    quiet_heat: float = declare(
        "UN operations", 0.05, "attacks", (0.0001, 10.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "What a place without a recent attack counts for when commanders choose where to patrol.",
    )  # fmt: skip
    # -- convoys ------------------------------------------------------------------------------------------------------
    resupply_days: float = declare(
        "convoys", 14.0, "days", (1.0, 90.0), Pert(7.0, 14.0, 28.0), ASSUMPTION, NO_MEASUREMENT,
        "Time between two supply convoys to a temporary operating base.",
    )  # fmt: skip
    supply_reserve_days: float = declare(
        "convoys", 7.0, "days", (0.0, 90.0), Pert(3.0, 7.0, 21.0), ASSUMPTION, NO_MEASUREMENT,
        "Days a base can wait for a convoy that is late before it is given up.",
    )  # fmt: skip
    convoy_troops: float = declare(
        "convoys", 60.0, "troops", (5.0, 400.0), Pert(30.0, 60.0, 120.0), ASSUMPTION, NO_MEASUREMENT,
        "Troops that go with a convoy, there and back.",
    )  # fmt: skip
    convoy_attack_rate: float = declare(
        "convoys", 0.03, "per 100 effective km", (0.0, 1.0), Pert(0.01, 0.03, 0.08), ASSUMPTION,
        "assumption: one of the 8 attacks on the UN recorded in 2020 (ACLED); Gao-Kidal saw 6 hits in 352 km",
        "Attacks on a convoy, by mines, improvised explosive devices or ambush, where risk is average.",
    )  # fmt: skip
    ied_share: float = declare(
        "convoys", 0.55, "share", (0.0, 1.0), Pert(0.40, 0.55, 0.80), LITERATURE,
        "more than half of peacekeepers killed or wounded in 2021 were hit by explosive devices (Wane)",
        "Share of attacks on patrols and convoys that are mines or improvised explosive devices.",
    )  # fmt: skip
    counter_ied: float = declare(
        "convoys", 0.5, "share", (0.0, 1.0), Pert(0.20, 0.50, 0.80), ASSUMPTION, NO_MEASUREMENT,
        "Share of the attacks with explosive devices that engineers who go along avert.",
    )  # fmt: skip
    troops_per_engineer: float = declare(
        "convoys", 6.0, "troops", (0.5, 50.0), Pert(3.0, 6.0, 12.0), ASSUMPTION, NO_MEASUREMENT,
        "Patrolling troops whose routes one engineer of a counter-IED unit can keep clear.",
    )  # fmt: skip
    patrol_confidence: float = declare(
        "convoys", 0.6, "share", (0.0, 1.0), Pert(0.30, 0.60, 1.0), ASSUMPTION, NO_MEASUREMENT,
        "Share of patrols that still go out where no engineer clears the way.",
    )  # fmt: skip
    attack_delay_days: float = declare(
        "convoys", 2.0, "days", (0.0, 30.0), Pert(1.0, 2.0, 7.0), ASSUMPTION,
        "assumption; Gao-Kidal: 8 days instead of 1 with six hits, so a little more than a day a hit",
        "Days that an attack delays a convoy.",
    )  # fmt: skip
    wounded_per_death: float = declare(
        "convoys", 5.9, "people", (0.0, 50.0), Pert(4.0, 5.9, 8.0), LITERATURE,
        "28 peacekeepers killed and 165 wounded in 2021, mission-wide (Wane)",
        "Peacekeepers wounded for each one killed.",
    )  # fmt: skip
    hurt_half_life: float = declare(
        "convoys", 45.0, "days", (1.0, 720.0), Pert(15.0, 45.0, 120.0), ASSUMPTION, NO_MEASUREMENT,
        "Time in which half of the killed and wounded are replaced or back on duty.",
    )  # fmt: skip
    out_of_action_days: float = declare(
        "convoys", 7.0, "days", (0.0, 90.0), Pert(0.0, 7.0, 30.0), ASSUMPTION, NO_MEASUREMENT,
        "Days a unit makes no patrol or convoy after an attack that killed one of its people.",
    )  # fmt: skip
    # -- medical reach and helicopters ------------------------------------------------------------------------------
    ground_medical_km: float = declare(
        "medical reach and helicopters", 60.0, "km", (0.0, 400.0), Pert(30.0, 60.0, 90.0), ASSUMPTION, NO_MEASUREMENT,
        "How far from its main base a unit goes when casualties can come back by road only, once the hospital is open.",
    )  # fmt: skip
    air_medical_km: float = declare(
        "medical reach and helicopters", 90.0, "km", (0.0, 400.0), Pert(60.0, 90.0, 120.0), LITERATURE,
        "range of evacuation helicopters 210 km (EUTM 2013); forward evacuation some 100 km from Gao (skiesmag.com); "
        "out and back within an hour at 220 km/h: 75 to 110 km",
        "The same while helicopters fly from that base.",
    )  # fmt: skip
    clinic_factor: float = declare(
        "medical reach and helicopters", 0.8, "ratio", (0.0, 1.0), Pert(0.50, 0.80, 1.0), ASSUMPTION, NO_MEASUREMENT,
        "Medical reach before the level-2 hospital opens, over that afterwards.",
    )  # fmt: skip
    medical_team_km: float = declare(
        "medical reach and helicopters", 60.0, "km", (0.0, 400.0), Pert(20.0, 60.0, 120.0), ASSUMPTION, NO_MEASUREMENT,
        "What an embedded advanced medical team adds to a unit's medical reach.",
    )  # fmt: skip
    helicopter_availability: float = declare(
        "medical reach and helicopters", 0.5, "share", (0.0, 1.0), Pert(0.30, 0.50, 0.80), LITERATURE,
        "three helicopters, one week in two (French ambassador, AFP, June 2021)",
        "Share of weeks in which an aviation unit flies.",
    )  # fmt: skip
    air_cover: float = declare(
        "medical reach and helicopters", 0.3, "share", (0.0, 1.0), Pert(0.0, 0.30, 0.60), ASSUMPTION, NO_MEASUREMENT,
        "Share of attacks on patrols and convoys, other than by explosive devices, that armed helicopters prevent "
        "while they fly.",
    )  # fmt: skip
    # -- warnings ---------------------------------------------------------------------------------------------------
    p_warning: float = declare(
        "warning and response", 0.3, "share", (0.0, 1.0), Pert(0.10, 0.30, 0.60), ASSUMPTION, NO_MEASUREMENT,
        "Share of attacks on villages of which somebody warns beforehand.",
    )  # fmt: skip
    warning_hours: float = declare(
        "warning and response", 6.0, "hours", (0.1, 240.0), Pert(2.0, 6.0, 24.0), ASSUMPTION,
        "assumption; at Ogossagou in February 2020 warnings came more than 10 hours before (HRW)",
        "Mean time from the warning to the attack (exponential).",
    )  # fmt: skip
    attack_hours: float = declare(
        "warning and response", 3.0, "hours", (0.1, 48.0), Pert(1.0, 3.0, 6.0), ASSUMPTION,
        "assumption; at Ogossagou in February 2020 forces came some 3 hours after the attack began (HRW; UN panel)",
        "How long an attack on a village lasts.",
    )  # fmt: skip
    response_ready_hours: float = declare(
        "warning and response", 1.5, "hours", (0.0, 48.0), Pert(0.50, 1.50, 4.0), ASSUMPTION, NO_MEASUREMENT,
        "Time from a warning until a unit leaves.",
    )  # fmt: skip
    response_kmh: float = declare(
        "warning and response", 15.0, "effective km per hour", (1.0, 100.0), Pert(5.0, 15.0, 30.0), ASSUMPTION,
        "assumption: some 7 hours for 50 km off the road, within the 2 to 24 of the design's evidence",
        "Speed of a unit that answers a warning.",
    )  # fmt: skip
    air_ready_hours: float = declare(
        "warning and response", 1.5, "hours", (0.0, 48.0), Pert(0.50, 1.50, 4.0), LITERATURE,
        "airborne within 30 minutes by day and 45 by night (EUTM 2013), and loading troops: assumption",
        "Time from a warning until helicopters with troops leave.",
    )  # fmt: skip
    air_kmh: float = declare(
        "warning and response", 200.0, "km per hour", (50.0, 400.0), Fixed(), ASSUMPTION,
        "assumption: usual cruising speed of utility helicopters",
        "Speed of helicopters.",
    )  # fmt: skip
    response_troops: float = declare(
        "warning and response", 40.0, "troops", (1.0, 400.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Fewest free troops that answer a warning.",
    )  # fmt: skip
    p_effective: float = declare(
        "warning and response", 0.5, "share", (0.0, 1.0), Pert(0.20, 0.50, 0.80), ASSUMPTION, NO_MEASUREMENT,
        "Chance that troops who arrive before the attack prevent it (for the UN never more than delta_un allows).",
    )  # fmt: skip
    softening: float = declare(
        "warning and response", 0.5, "share", (0.0, 1.0), Pert(0.20, 0.50, 0.80), ASSUMPTION, NO_MEASUREMENT,
        "Share of deaths averted by UN troops who arrive during the attack.",
    )  # fmt: skip
    p_army_stays: float = declare(
        "warning and response", 0.5, "share", (0.0, 1.0), Pert(0.20, 0.50, 0.90), ASSUMPTION,
        "assumption; at Ogossagou in February 2020 the army left hours before the attack (HRW)",
        "Chance that national forces answer a warning that reaches them.",
    )  # fmt: skip
    # -- escorts ----------------------------------------------------------------------------------------------------
    escorts_per_police_unit: float = declare(
        "escorts", 3.0, "per month", (0.0, 60.0), Pert(1.0, 3.0, 6.0), ASSUMPTION, NO_MEASUREMENT,
        "Missions of civilian teams in the field that one formed police unit can escort.",
    )  # fmt: skip
    troops_per_escort: float = declare(
        "escorts", 30.0, "troops", (1.0, 400.0), Pert(15.0, 30.0, 60.0), ASSUMPTION, NO_MEASUREMENT,
        "Troops that escort a mission where no police unit can.",
    )  # fmt: skip
    escort_days: float = declare(
        "escorts", 3.0, "days", (0.5, 30.0), Pert(1.0, 3.0, 7.0), ASSUMPTION, NO_MEASUREMENT,
        "Length of a mission of a civilian team.",
    )  # fmt: skip
