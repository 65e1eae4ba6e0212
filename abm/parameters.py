"""Every parameter of the model, declared once: meaning, unit, default, bounds, prior, status and source.

``docs/parameters.md`` and the assumption cards of reports are generated from these declarations. A status is
``calibrated`` (fitted to recorded events), ``literature`` (a published estimate or the range it supports) or
``assumption`` (nobody knows).
"""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, model_validator

from abm.declarations import ASSUMPTION, CALIBRATED, LITERATURE, NO_MEASUREMENT, declare
from abm.malian_parameters import MalianParameters
from abm.priors import Fixed, HalfNormal, LogNormal, Pert
from abm.rates import Rates, default_rates
from abm.un_parameters import UNParameters

_FITTED = "calibration.posterior: fitted to recorded events 2017-2020 (ACLED); the prior's range is an assumption"
_KNOX = f"{_FITTED}; default: calibration.raid_series, from near-repeat pairs"


class Parameters(UNParameters, MalianParameters):
    """The numbers of one run. Immutable; unknown keys are refused.

    What UN units and Malian programmes do is declared in :mod:`abm.un_parameters` and :mod:`abm.malian_parameters`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    # -- attacks by bands ---------------------------------------------------------------------------------------------
    drift_step: float = declare(
        "attacks", 0.2, "log per month", (0.0, 1.0), Pert(0.0, 0.2, 0.5), CALIBRATED, _FITTED,
        "Size of the monthly random step of each zone's level of violence.",
    )  # fmt: skip
    drift_memory: float = declare(
        "attacks", 0.9, "per month", (0.0, 1.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Share of a zone's deviation from its usual level that is left after a month.",
    )  # fmt: skip
    strength_exponent: float = declare(
        "attacks", 0.5, "1", (0.0, 1.5), Pert(0.0, 0.5, 1.0), ASSUMPTION, NO_MEASUREMENT,
        "How much more often a larger band attacks: exponent on its strength in units of 20 fighters.",
    )  # fmt: skip
    n_same: float = declare(
        "attacks", 0.265, "attacks per attack", (0.0, 0.8), Pert(0.0, 0.2, 0.6), CALIBRATED, _KNOX,
        "Raid series: attacks that one attack brings on average by bands of the same faction in the following days.",
    )  # fmt: skip
    n_cross: float = declare(
        "attacks", 0.03, "attacks per attack", (0.0, 0.5), HalfNormal(0.03, 0.10), ASSUMPTION,
        "assumption; in the retaliation table of 2017-2020 (ACLED) it is weak, and slower than 45 days it cannot show",
        "Contagion: attacks that one attack brings by bands of all other factions near it in the following days.",
    )  # fmt: skip
    raid_half_life: float = declare(
        "attacks", 1.3, "days", (0.3, 60.0), Pert(0.4, 1.5, 7.0), CALIBRATED, _KNOX,
        "Half-life of the raised risk after an attack.",
    )  # fmt: skip
    raid_km: float = declare(
        "attacks", 7.8, "km", (1.0, 60.0), Pert(2.0, 10.0, 30.0), CALIBRATED, _KNOX,
        "Standard deviation, along each axis, of the distance between attacks of a raid series.",
    )  # fmt: skip
    reach_km: float = declare(
        "attacks", 60.0, "effective km", (10.0, 200.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Longest way a band goes to attack, counted in kilometres of main road in the dry season.",
    )  # fmt: skip
    travel_scale: float = declare(
        "attacks", 20.0, "effective km", (2.0, 100.0), Pert(8.0, 20.0, 40.0), ASSUMPTION, NO_MEASUREMENT,
        "Way over which a target's attraction falls by a factor e.",
    )  # fmt: skip
    population_exponent: float = declare(
        "attacks", 0.3, "1", (-1.0, 2.0), Pert(-0.2, 0.3, 0.8), ASSUMPTION, NO_MEASUREMENT,
        "How much more often a larger village is the target: exponent on its population.",
    )  # fmt: skip
    mixed_multiplier: float = declare(
        "attacks", 1.5, "ratio", (0.2, 5.0), Pert(1.0, 1.5, 2.5), ASSUMPTION,
        "assumption by analogy with Eberle, Rohner & Thoenig 2025 (REStat): +54 % against +17 % per degree",
        "Attraction of a settlement where two communities live, against one where a single community does.",
    )  # fmt: skip
    refusal_multiplier: float = declare(
        "attacks", 2.0, "ratio", (0.2, 10.0), Pert(1.0, 2.0, 4.0), ASSUMPTION, NO_MEASUREMENT,
        "Attraction, for jihadist groups, of a village that refuses their rule.",
    )  # fmt: skip
    # -- travel -------------------------------------------------------------------------------------------------------
    friction_offroad: float = declare(
        "travel", 1.6, "effective km per km", (1.0, 10.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "How much slower travel is off the main roads, in the dry season.",
    )  # fmt: skip
    friction_flooded: float = declare(
        "travel", 4.0, "ratio", (1.0, 50.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "How much slower travel off the roads is where all land is flooded.",
    )  # fmt: skip
    rain_speed_offroad: float = declare(
        "travel", 0.6, "ratio", (0.05, 1.0), Fixed(), LITERATURE,
        "accessibility in FabFlee's Mali case; Protection Cluster Mali, October 2020: weak evidence (.3-.9)",
        "Ground speed in the rains over that in the dry season, off the roads.",
    )  # fmt: skip
    rain_speed_road: float = declare(
        "travel", 0.85, "ratio", (0.05, 1.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Ground speed in the rains over that in the dry season, on main roads.",
    )  # fmt: skip
    crossing_km: float = declare(
        "travel", 25.0, "effective km", (0.1, 500.0), Fixed(), ASSUMPTION,
        "assumption: about a quarter of a day at 100 km a day",
        "What a crossing of the Niger or the Bani without a bridge adds to the way.",
    )  # fmt: skip
    # -- presence -----------------------------------------------------------------------------------------------------
    delta_un: float = declare(
        "presence", 0.25, "share", (0.0, 0.95), Pert(0.05, 0.25, 0.60), LITERATURE,
        "Nomikos 2021 (-17 %, abstract); Kunkel et al. 2026; Fjelde, Hultman & Nilsson 2019; Phayal & Prins 2020: "
        "the sign is likely, the size is not known",
        "Share of attacks by armed groups that full UN presence prevents at the place it covers, by deterrence and by "
        "answering warnings together.",
    )  # fmt: skip
    delta_un_abuse: float = declare(
        "presence", 0.0, "share", (-0.9, 0.9), Pert(-0.30, 0.0, 0.20), LITERATURE,
        "Fjelde, Hultman & Nilsson 2019 and Carnegie & Mikulaschek 2020 find none; Kunkel et al. 2026 find more",
        "Share of abuses by national forces that full UN presence prevents (negative: that it adds).",
    )  # fmt: skip
    delta_army: float = declare(
        "presence", 0.15, "share", (0.0, 0.95), Pert(0.0, 0.15, 0.50), ASSUMPTION, NO_MEASUREMENT,
        "Share of attacks by armed groups that full presence of national forces prevents.",
    )  # fmt: skip
    presence_km: float = declare(
        "presence", 15.0, "km", (2.0, 60.0), Pert(5.0, 15.0, 40.0), ASSUMPTION,
        "no study measures a decay below 55 km (Kunkel et al. 2026); clustering of recorded events reaches 15 km",
        "Distance at which presence has fallen to 61 % of its strength at the centre (Gaussian).",
    )  # fmt: skip
    base_presence: float = declare(
        "presence", 0.95, "share", (0.0, 0.999), Pert(0.6, 0.95, 0.99), ASSUMPTION, NO_MEASUREMENT,
        "Presence at the centre of a temporary operating base while it is held.",
    )  # fmt: skip
    patrol_presence: float = declare(
        "presence", 0.5, "share", (0.0, 0.999), Pert(0.2, 0.5, 0.9), ASSUMPTION, NO_MEASUREMENT,
        "Presence at the place a patrol visits, on the day of the visit.",
    )  # fmt: skip
    patrol_effect_days: float = declare(
        "presence", 5.0, "days", (0.5, 60.0), Pert(1.0, 5.0, 14.0), ASSUMPTION,
        "Phayal & Prins 2020 find effects 'almost immediately'; their end is not measured",
        "Time in which the pressure (minus the logarithm of absence) left by a patrol, UN or national, halves.",
    )  # fmt: skip
    persistence_days: float = declare(
        "presence", 14.0, "days", (0.0, 365.0), Pert(0.0, 14.0, 90.0), ASSUMPTION,
        "Kunkel et al. 2026: no rebound found in the same cell after exit",
        "Time in which the pressure left by a closed temporary operating base halves.",
    )  # fmt: skip
    displacement_share: float = declare(
        "presence", 0.2, "share", (0.0, 1.0), Pert(0.0, 0.2, 0.6), ASSUMPTION,
        "assumption; Peitz & Reisch 2019 find relocation, Kunkel et al. 2026 fewer rebel attacks around",
        "Share of the attacks that the UN prevents that are tried once more where it is absent.",
    )  # fmt: skip
    displacement_below: float = declare(
        "presence", 0.05, "share", (0.0, 1.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Presence below which a force counts as absent: the UN for displaced attacks, national forces for services.",
    )  # fmt: skip
    # -- national forces ----------------------------------------------------------------------------------------------
    army_patrol_rate: float = declare(
        "national forces", 0.1, "per unit and day", (0.0, 1.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Patrols of a unit of national forces around its garrison.",
    )  # fmt: skip
    army_operation_rate: float = declare(
        "national forces", 0.05, "per unit and day", (0.0, 1.0), Fixed(), ASSUMPTION,
        "assumption: contacts and abuses are fitted per operation, so only their product shows in the record",
        "Operations of a unit of national forces towards places where bands were active.",
    )  # fmt: skip
    army_patrol_km: float = declare(
        "national forces", 40.0, "effective km", (5.0, 200.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Longest way of a patrol from its garrison.",
    )  # fmt: skip
    army_operation_km: float = declare(
        "national forces", 120.0, "effective km", (10.0, 400.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Longest way of an operation from its garrison.",
    )  # fmt: skip
    contact_km: float = declare(
        "national forces", 20.0, "km", (2.0, 100.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Distance over which an operation may meet a band (Gaussian).",
    )  # fmt: skip
    army_presence: float = declare(
        "national forces", 0.5, "share", (0.0, 0.999), Pert(0.2, 0.5, 0.9), ASSUMPTION, NO_MEASUREMENT,
        "Presence of national forces at a garrison, and on the day of a patrol or operation where it goes.",
    )  # fmt: skip
    abuse_target_km: float = declare(
        "national forces", 15.0, "km", (2.0, 60.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "Distance from an operation over which its abuses spread (Gaussian).",
    )  # fmt: skip
    discipline_spread: float = declare(
        "national forces", 0.5, "log", (0.0, 2.0), Pert(0.0, 0.5, 1.0), ASSUMPTION, NO_MEASUREMENT,
        "Spread of the abuse hazard between units (standard deviation of its logarithm; the mean is kept).",
    )  # fmt: skip
    loss_share: float = declare(
        "national forces", 0.7, "share", (0.0, 1.0), Pert(0.4, 0.7, 0.9), ASSUMPTION, NO_MEASUREMENT,
        "Share of those killed in a clash who fall on the side that was attacked.",
    )  # fmt: skip
    replacement_half_life: float = declare(
        "national forces", 120.0, "days", (5.0, 1000.0), Pert(30.0, 120.0, 365.0), ASSUMPTION, NO_MEASUREMENT,
        "Time in which a band or an army unit makes good half of its losses.",
    )  # fmt: skip
    lying_low_days: float = declare(
        "national forces", 10.0, "days", (0.0, 180.0), Pert(0.0, 10.0, 40.0), ASSUMPTION, NO_MEASUREMENT,
        "Time a band tries no attack of its own after national forces met it.",
    )  # fmt: skip
    # -- deployment ---------------------------------------------------------------------------------------------------
    permission_months: float = declare(
        "deployment", 9.0, "months", (0.0, 120.0), LogNormal(9.0, 24.0), ASSUMPTION, NO_MEASUREMENT,
        "Time from the decision until the authorities permit land for more troops at Mopti-Sévaré.",
    )  # fmt: skip
    generation_months: float = declare(
        "deployment", 9.0, "months", (0.0, 60.0), Pert(6.0, 9.0, 15.0), ASSUMPTION,
        "assumption; pledges, agreements and transport of earlier units took 6 to 15 months",
        "Time from the decision until a unit pledged after it could arrive.",
    )  # fmt: skip
    pledge_factor: float = declare(
        "deployment", 1.5, "ratio", (1.0, 5.0), Pert(1.0, 1.5, 2.5), ASSUMPTION, NO_MEASUREMENT,
        "How much slower pledges come until the level-2 hospital at Mopti-Sévaré has opened.",
    )  # fmt: skip
    cost_per_head_year: float = declare(
        "deployment", 88_400.0, "US$ per head and year", (10_000.0, 500_000.0), Pert(70_000.0, 88_400.0, 110_000.0),
        LITERATURE, "US$182.9 million a year for 2,069 (S/2021/657, through AFP)",
        "Cost of an extra uniformed person.",
    )  # fmt: skip
    # -- accountability -----------------------------------------------------------------------------------------------
    reduction_army: float = declare(
        "accountability", 0.15, "share", (0.0, 0.95), Pert(0.0, 0.15, 0.50), ASSUMPTION,
        "Kim & Sikkink 2010 give a direction only; no trial of a soldier for crimes in the centre by 2022 (Amnesty)",
        "Share by which abuses by national forces fall if every one were sanctioned.",
    )  # fmt: skip
    reduction_militia: float = declare(
        "accountability", 0.10, "share", (0.0, 0.95), Pert(0.0, 0.10, 0.40), ASSUMPTION, NO_MEASUREMENT,
        "Share by which attacks by self-defence militias fall if every one were sanctioned.",
    )  # fmt: skip
    report_base: float = declare(
        "accountability", 0.3, "share", (0.0, 1.0), Pert(0.1, 0.3, 0.6), ASSUMPTION, NO_MEASUREMENT,
        "Chance that an abuse is reported where no UN presence is near.",
    )  # fmt: skip
    report_presence: float = declare(
        "accountability", 0.3, "share", (0.0, 1.0), Pert(0.0, 0.3, 0.6), ASSUMPTION, NO_MEASUREMENT,
        "How much full UN presence adds to that chance.",
    )  # fmt: skip
    sanction_months: float = declare(
        "accountability", 12.0, "months", (0.5, 120.0), Pert(3.0, 12.0, 24.0), ASSUMPTION, NO_MEASUREMENT,
        "Time from the start of an investigation to a sanction.",
    )  # fmt: skip
    risk_half_life: float = declare(
        "accountability", 180.0, "days", (10.0, 3650.0), Pert(60.0, 180.0, 720.0), ASSUMPTION, NO_MEASUREMENT,
        "How fast abuses and sanctions fade from the risk that perpetrators perceive.",
    )  # fmt: skip
    risk_prior: float = declare(
        "accountability", 0.01, "share", (0.0, 1.0), Fixed(), ASSUMPTION,
        "assumption; nearly zero because hardly anybody was tried",
        "Perceived risk of sanction before anything is observed.",
    )  # fmt: skip
    risk_prior_weight: float = declare(
        "accountability", 10.0, "abuses", (0.1, 1000.0), Fixed(), ASSUMPTION, NO_MEASUREMENT,
        "How many observed abuses that first belief is worth.",
    )  # fmt: skip
    # -- severity -----------------------------------------------------------------------------------------------------
    tail_exponent: float = declare(
        "severity", 3.1, "1", (1.3, 4.0), Pert(1.8, 2.5, 4.0), CALIBRATED,
        f"{_FITTED}; default: its middle. Beyond some hundred deaths; from 5 up the record falls as with 2.2",
        "Exponent of the far tail of deaths per event.",
    )  # fmt: skip
    most_clash_deaths: int = declare(
        "severity", 120, "deaths", (50, 2000), Fixed(), ASSUMPTION,
        "assumption: a little above the largest clash of the record (109 dead)",
        "Most deaths in a clash of armed groups or troops; they are not tied to the fighters that the model has there.",
    )  # fmt: skip
    most_deaths: int = declare(
        "severity", 300, "deaths", (50, 2000), Fixed(), ASSUMPTION,
        "assumption: twice the largest event of the record (157 dead)",
        "Most deaths in one attack on civilians; never more than the people of the village.",
    )  # fmt: skip
    # -- what recorded kinds stand for --------------------------------------------------------------------------------
    ambush_share: float = declare(
        "record", 0.6, "share", (0.05, 0.95), Pert(0.4, 0.6, 0.8), ASSUMPTION, NO_MEASUREMENT,
        "Share of recorded clashes between national forces and jihadists that are ambushes by jihadists; operations "
        "begin the others.",
    )  # fmt: skip
    jihadist_initiative: float = declare(
        "record", 0.7, "share", (0.05, 0.95), Pert(0.5, 0.7, 0.9), ASSUMPTION, NO_MEASUREMENT,
        "Share of recorded clashes between jihadists and militias that jihadists begin.",
    )  # fmt: skip
    militia_initiative: float = declare(
        "record", 0.5, "share", (0.05, 0.95), Pert(0.3, 0.5, 0.7), ASSUMPTION, NO_MEASUREMENT,
        "Share of recorded clashes between militias that Dogon or Dozo militias begin; the others Fulani self-defence.",
    )  # fmt: skip
    # -- fitted tables ------------------------------------------------------------------------------------------------
    rates: Rates = Field(default_factory=default_rates, description="Fitted tables: see abm/data/rates_2020.toml.")

    @model_validator(mode="after")
    def _raid_series_die_out(self) -> Parameters:
        if self.n_same + self.n_cross >= 1.0:
            raise ValueError(
                f"n_same + n_cross must be below 1 or raid series never die out, got {self.n_same + self.n_cross:g}"
            )
        return self

    def changed(self, **changes: Any) -> Parameters:
        """A copy with some values changed, validated like new input."""
        return Parameters.model_validate({**self.model_dump(), **changes})
