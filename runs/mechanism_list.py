"""The mechanisms that the model must contain, each with what switches it and the contrasts by which it is measured.

A contrast is a pair of arms that differ in one thing, run under the same draws of all other parameters. What is
expected is what the policy texts claim; whether it is so is measured (:mod:`runs.mechanisms`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FEWER, MORE = -1, +1


@dataclass(frozen=True)
class Arm:
    """A scenario with levers changed (as of :meth:`abm.scenario.Scenario.changed`) and parameters held."""

    scenario: str
    levers: dict[str, Any] = field(default_factory=dict)
    held: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Contrast:
    """Two arms, the outcome in which they are compared, and the sign that the claim expects of the difference."""

    what: str
    without: Arm
    with_it: Arm
    outcome: str
    expected: int
    window: str = "all"


@dataclass(frozen=True)
class Mechanism:
    """One row: the claim, where it is in the code, its levers and parameters, the tests, and the contrasts."""

    title: str
    claim: str
    code: tuple[str, ...]
    levers: tuple[str, ...]
    parameters: tuple[str, ...]
    tests: tuple[str, ...]
    contrasts: tuple[Contrast, ...]


BASE = Arm("baseline-2021")
TOBS = Arm("extra-tobs")


def _held(scenario: str, **values: float) -> Arm:
    return Arm(scenario, held=values)


def _levers(scenario: str, **values: Any) -> Arm:
    return Arm(scenario, levers=values)


MECHANISMS: tuple[Mechanism, ...] = (
    Mechanism(
        "More troops, more bases, fewer incidents around them",
        "More mobile troops allow more temporary operating bases (TOBs) at once; bases and patrols lower the number of "
        "incidents around them while present.",
        ("abm/un_tobs.py", "abm/un_troops.py", "abm/presence.py"),
        ("package.units", "un.allocation"),
        ("troops_per_tob", "rotation", "delta_un", "presence_km", "base_presence", "patrol_presence"),
        ("tests/abm/test_tobs.py", "tests/abm/test_un_troops.py", "tests/abm/test_directions.py"),
        (
            Contrast("the package of July 2021", BASE, TOBS, "extra_tobs", MORE),
            Contrast("the package of July 2021", BASE, TOBS, "expected_civilian_attacks", FEWER),
        ),
    ),
    Mechanism(
        "A base held for long ties troops down",
        "The base held permanently at Ogossagou keeps troops from setting up bases elsewhere.",
        ("abm/un_tobs.py", "abm/un_force.py"),
        ("un.hold_ogossagou",),
        ("troops_per_tob", "rotation"),
        ("tests/abm/test_tobs.py", "tests/abm/test_directions.py"),
        (
            Contrast(
                "Ogossagou held", _levers("extra-tobs", un={"hold_ogossagou": False}), TOBS, "tobs_elsewhere", FEWER
            ),
        ),
    ),
    Mechanism(
        "Roads, rains, explosive devices and supply",
        "Setting up and supplying bases is limited by poor roads, distance, the rainy season and the flood, explosive "
        "devices and ambushes.",
        ("abm/un_convoys.py", "abm/travel.py", "abm/un_tobs.py"),
        ("world.cell_km",),
        ("convoy_km_per_day", "resupply_days", "supply_reserve_days", "convoy_attack_rate", "rain_speed_offroad"),
        ("tests/abm/test_un_convoys.py", "tests/abm/test_travel.py"),
        (
            Contrast(
                "convoys at 40 instead of 200 km a day",
                _held("extra-tobs", convoy_km_per_day=200.0),
                _held("extra-tobs", convoy_km_per_day=40.0),
                "tobs",
                FEWER,
            ),
            Contrast(
                "convoys attacked at the highest rate, not at none",
                _held("extra-tobs", convoy_attack_rate=0.0),
                _held("extra-tobs", convoy_attack_rate=0.08),
                "attacks_on_un",
                MORE,
            ),
        ),
    ),
    Mechanism(
        "Coverage shortens the answer to warnings",
        "Coverage shortens the time to answer an early warning; answering in time prevents or softens an attack.",
        ("abm/un_response.py", "abm/compiled_parameters.py"),
        ("package.units", "strategy.army_stays"),
        (
            "p_warning",
            "warning_hours",
            "response_kmh",
            "response_ready_hours",
            "p_effective",
            "softening",
            "p_army_stays",
        ),
        ("tests/abm/test_un_response.py",),
        (
            Contrast("the package of July 2021", BASE, TOBS, "response_hours", FEWER),
            Contrast(
                "warnings answered to effect",
                _held("extra-tobs", p_effective=0.0, softening=0.0),
                _held("extra-tobs", p_effective=0.5, softening=0.5),
                "expected_civilian_deaths",
                FEWER,
            ),
            Contrast(
                "national forces always answer, never",
                _levers("baseline-2021", strategy={"army_stays": 0.0}),
                _levers("baseline-2021", strategy={"army_stays": 1.0}),
                "expected_civilian_attacks",
                FEWER,
            ),
        ),
    ),
    Mechanism(
        "Escorts carry civilian work",
        "Uniformed escorts enable civilian teams (dialogue, human-rights investigations, support to justice), with "
        "troops who then do not patrol.",
        ("abm/un_escorts.py",),
        ("un.escort_share",),
        ("escorts_per_police_unit", "troops_per_escort", "escort_days"),
        ("tests/abm/test_un_escorts.py",),
        (
            Contrast(
                "half of free troops may escort, none may",
                Arm("all-measures", {"un": {"escort_share": 0.0}}, {"escorts_per_police_unit": 1.0}),
                Arm("all-measures", {"un": {"escort_share": 0.5}}, {"escorts_per_police_unit": 1.0}),
                "missions",
                MORE,
            ),
            Contrast(
                "the same",
                Arm("all-measures", {"un": {"escort_share": 0.0}}, {"escorts_per_police_unit": 1.0}),
                Arm("all-measures", {"un": {"escort_share": 0.5}}, {"escorts_per_police_unit": 1.0}),
                "un_patrols",
                FEWER,
            ),
        ),
    ),
    Mechanism(
        "Only mobile units help far from camp",
        "Troops confined to a large camp add little: only self-sustaining, mobile units hold bases or patrol far.",
        ("abm/un_tobs.py", "abm/un_patrols.py"),
        ("package.units (mobile)",),
        ("base_patrol_km", "mobile_patrol_km", "patrols_per_company"),
        ("tests/abm/test_directions.py", "tests/abm/test_un_patrols.py"),
        (
            Contrast("mobile, not camp-bound", Arm("camp-bound-troops"), TOBS, "extra_tobs", MORE),
            Contrast("mobile, not camp-bound", Arm("camp-bound-troops"), TOBS, "expected_civilian_attacks", FEWER),
        ),
    ),
    Mechanism(
        "Counter-IED ability and confidence",
        "Whether engineers can clear the way decides whether patrols move with confidence.",
        ("abm/un_reach.py", "abm/un_patrols.py"),
        ("package.units (engineers)",),
        ("troops_per_engineer", "counter_ied", "ied_share", "patrol_confidence"),
        ("tests/abm/test_un_reach.py", "tests/abm/test_directions.py"),
        (
            Contrast(
                "engineers clear all ways, hardly any",
                _held("extra-tobs", troops_per_engineer=0.5),
                _held("extra-tobs", troops_per_engineer=50.0),
                "un_patrols",
                MORE,
            ),
            Contrast(
                "the same",
                _held("extra-tobs", troops_per_engineer=0.5),
                _held("extra-tobs", troops_per_engineer=50.0),
                "attacks_on_un",
                FEWER,
            ),
        ),
    ),
    Mechanism(
        "Medical reach, hospital and helicopters",
        "An embedded medical team lets units go beyond the medical-evacuation radius; the level-2 hospital and "
        "helicopters enlarge it; helicopters also shorten the answer to warnings and give cover.",
        ("abm/un_reach.py", "abm/un_response.py"),
        (
            "package.units (medical_team, helicopters)",
            "un.hospital_opens",
            "un.helicopters",
            "un.armed_helicopters_from",
        ),
        (
            "ground_medical_km",
            "air_medical_km",
            "clinic_factor",
            "medical_team_km",
            "helicopter_availability",
            "air_cover",
            "air_ready_hours",
        ),
        ("tests/abm/test_un_reach.py", "tests/abm/test_un_deployment.py"),
        (
            Contrast(
                "embedded medical teams",
                _held("mobile-troops-embedded-medics", medical_team_km=0.0),
                _held("mobile-troops-embedded-medics", medical_team_km=60.0),
                "tob_distance",
                MORE,
            ),
            Contrast("the hospital opens", Arm("no-hospital"), TOBS, "tob_distance", MORE),
            Contrast("helicopters fly", Arm("no-helicopters"), TOBS, "tob_distance", MORE),
            Contrast("helicopters fly", Arm("no-helicopters"), TOBS, "response_hours", FEWER),
            Contrast("helicopters fly", Arm("no-helicopters"), TOBS, "attacks_on_un", FEWER),
        ),
    ),
    Mechanism(
        "Generating units takes time",
        "Pledges, agreements, camp expansion and transport take months; pledges come more slowly until the hospital "
        "opens.",
        ("abm/deployment.py",),
        ("package.decision", "un.hospital_opens"),
        ("generation_months", "pledge_factor"),
        ("tests/abm/test_deployment.py", "tests/abm/test_un_deployment.py"),
        (
            Contrast(
                "15 instead of 6 months",
                _held("extra-tobs", generation_months=6.0),
                _held("extra-tobs", generation_months=15.0),
                "extra_head_years",
                FEWER,
            ),
            Contrast("the hospital opens", Arm("no-hospital"), TOBS, "extra_head_years", MORE),
        ),
    ),
    Mechanism(
        "The camp at Mopti-Sévaré is full",
        "The camp caps arrivals until the authorities permit more land.",
        ("abm/deployment.py", "abm/un_force.py"),
        ("package.permission", "package.spare_places", "accountability.permission_penalty_months"),
        ("permission_months",),
        ("tests/abm/test_deployment.py", "tests/abm/test_un_deployment.py"),
        (
            Contrast("land is permitted", Arm("camp-permission-never"), TOBS, "extra_head_years", MORE),
            Contrast("land is permitted", Arm("camp-permission-never"), TOBS, "extra_tobs", MORE),
            Contrast(
                "accountability costs six months of consent",
                _levers("extra-tobs-and-accountability", accountability={"permission_penalty_months": 0.0}),
                _levers("extra-tobs-and-accountability", accountability={"permission_penalty_months": 6.0}),
                "extra_tobs",
                FEWER,
            ),
        ),
    ),
    Mechanism(
        "National forces protect and abuse",
        "National forces protect where they are present, and abuse; abuse feeds recruitment, with a lag and a sign "
        "that is not sure.",
        ("abm/national_forces.py", "abm/recruitment.py"),
        ("strategy.army_stays",),
        ("delta_army", "army_presence", "recruit_abuse", "recruit_lag_days", "discipline_spread", "delta_un_abuse"),
        ("tests/abm/test_national_forces.py", "tests/abm/test_operations.py", "tests/abm/test_recruitment.py"),
        (
            Contrast(
                "national forces protect by .3, not at all",
                _held("baseline-2021", delta_army=0.0),
                _held("baseline-2021", delta_army=0.3),
                "expected_civilian_attacks",
                FEWER,
            ),
            Contrast(
                "abuse brings recruits at the highest rate, none",
                _held("baseline-2021", recruit_abuse=0.0),
                _held("baseline-2021", recruit_abuse=0.17),
                "attacks_civilians_by_jihadists",
                MORE,
            ),
        ),
    ),
    Mechanism(
        "Accountability raises the expected cost of abuse",
        "Prompt, independent investigation (also of the military) and sanction lower abuse.",
        ("abm/accountability.py",),
        ("accountability.investigations_per_month", "accountability.extra_reporting", "accountability.cooperation"),
        ("reduction_army", "reduction_militia", "report_base", "report_presence", "sanction_months", "risk_half_life"),
        ("tests/abm/test_accountability.py",),
        (
            Contrast("accountability", BASE, Arm("accountability"), "risk_army", MORE),
            Contrast("accountability", BASE, Arm("accountability"), "abuses", FEWER),
        ),
    ),
    Mechanism(
        "Self-defence militias protect and attack",
        "Militias protect villages of their own community and attack others; raid series and retaliation drive "
        "intercommunal cycles.",
        ("abm/militias.py", "abm/protection.py", "abm/communities.py"),
        (),
        ("militia_protection", "protection_km", "n_same", "n_cross", "slow_grievance", "fulani_overlap"),
        ("tests/abm/test_militias.py", "tests/abm/test_protection.py", "tests/abm/test_communities.py"),
        (
            Contrast(
                "militias protect their villages by .4, not at all",
                _held("baseline-2021", militia_protection=0.0),
                _held("baseline-2021", militia_protection=0.4),
                "expected_civilian_attacks",
                FEWER,
            ),
            Contrast(
                "attacks of one faction bring some by others, none",
                _held("baseline-2021", n_cross=0.0),
                _held("baseline-2021", n_cross=0.1),
                "intercommunal_events",
                MORE,
            ),
            Contrast(
                "slow grievance (variant)",
                _held("baseline-2021", slow_grievance=0.0),
                _held("baseline-2021", slow_grievance=0.05),
                "intercommunal_events",
                MORE,
            ),
        ),
    ),
    Mechanism(
        "A Malian-led strategy makes gains last",
        "Dialogue, disarmament of militias and the return of services make gains last; troops alone may give "
        "short-term gains only.",
        ("abm/strategy.py", "abm/communities.py", "abm/recruitment.py"),
        ("strategy.dialogue_missions_per_month", "strategy.disarmament_per_month", "strategy.services_per_month"),
        ("dialogue_success", "agreement_effect", "agreement_days", "break_chance", "rearm_share", "services_effect"),
        ("tests/abm/test_strategy.py", "tests/abm/test_communities.py"),
        (
            Contrast(
                "the strategy, in 2022", BASE, Arm("malian-strategy"), "expected_intercommunal_events", FEWER, "2022"
            ),
            Contrast(
                "the strategy, in 2024", BASE, Arm("malian-strategy"), "expected_intercommunal_events", FEWER, "2024"
            ),
            Contrast(
                "the strategy beside the package, in 2024",
                TOBS,
                Arm("tobs-and-strategy"),
                "expected_civilian_attacks",
                FEWER,
                "2024",
            ),
        ),
    ),
    Mechanism(
        "Violence may be displaced",
        "Violence may move to places without presence rather than be prevented.",
        ("abm/militias.py", "runs/rings.py"),
        (),
        ("displacement_share", "displacement_below", "persistence_days"),
        ("tests/abm/test_thinning.py", "tests/runs/test_rings.py"),
        (
            Contrast(
                "the UN displaces .6 of what it deters, nothing",
                _held("extra-tobs", displacement_share=0.0),
                _held("extra-tobs", displacement_share=0.6),
                "displaced",
                MORE,
            ),
            Contrast(
                "the same",
                _held("extra-tobs", displacement_share=0.0),
                _held("extra-tobs", displacement_share=0.6),
                "expected_civilian_attacks",
                MORE,
            ),
        ),
    ),
)
