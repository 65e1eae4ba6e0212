"""Parameters: declared with unit, bounds, prior and source; refused when wrong; passed on to the compiled day."""

from __future__ import annotations

import json
import math
import re
import tomllib
from typing import Any

import numpy as np
import pytest
import tomli_w
from engine import defaults, scenario
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from abm.calendar import day_of
from abm.compiled_parameters import (
    SCALARS,
    YEAR,
    answered_share,
    compile_parameters,
    deterrence_and_response,
    full_risk,
)
from abm.declarations import ASSUMPTION, CALIBRATED, LITERATURE, STATUS_MARK, Declaration, declarations
from abm.geography import ZONES
from abm.kinds import ACTIONS, CIVILIAN_KINDS, FACTIONS, KINDS
from abm.parameters import Parameters
from abm.priors import Fixed, HalfNormal, LogNormal, Pert
from abm.rates import Rates, default_rates
from abm.scenario import Scenario
from abm.severity import lethal_means
from abm.simulation import Simulation

DECLARED = declarations(Parameters)
NAMES = st.sampled_from(sorted(DECLARED))
# A reference has a year, a document's symbol or a site; what has none must call itself an assumption.
REFERENCE = re.compile(r"\b(19|20)\d\d\b|\bS/\d{4}/\d+|\b\w+\.org\b")


def error_of(**changes: Any) -> str:
    with pytest.raises(ValidationError) as raised:
        defaults().changed(**changes)
    return str(raised.value)


# --- declarations -------------------------------------------------------------------------------------------------


def test_every_number_of_the_model_is_declared() -> None:
    assert set(DECLARED) == set(Parameters.model_fields) - {"rates"}
    assert len(DECLARED) > 50


@pytest.mark.parametrize("d", DECLARED.values(), ids=DECLARED)
def test_every_declaration_says_what_it_is_and_where_it_is_from(d: Declaration) -> None:
    assert d.unit
    assert d.group
    assert d.meaning.endswith(".")
    assert d.status in (CALIBRATED, LITERATURE, ASSUMPTION)
    assert d.low < d.high
    assert d.low <= d.default <= d.high
    assert d.source
    if d.status == LITERATURE:
        assert REFERENCE.search(d.source), "literature without a reference"
    if not REFERENCE.search(d.source):
        assert d.status == ASSUMPTION or "assumption" in d.source
    assert "assumption" in f"{d.status} {d.source}" or REFERENCE.search(d.source)


@pytest.mark.parametrize("d", DECLARED.values(), ids=DECLARED)
def test_priors_lie_within_bounds_and_around_the_default(d: Declaration) -> None:
    match d.prior:
        case Fixed():
            assert d.status != CALIBRATED, "a fitted number is uncertain"
        case Pert(low=low, mode=mode, high=high):
            assert d.low <= low < high <= d.high
            if d.status == CALIBRATED:
                # What is fitted is not what was thought likeliest before; but it must have been thought possible.
                assert low < d.default < high
            else:
                assert mode == d.default
        case HalfNormal(scale=scale, high=high):
            assert d.low <= 0.0 < scale < high <= d.high
            assert d.default == scale
        case LogNormal(median=median, p90=p90):
            assert d.low < median < p90 < d.high
            assert d.default == median
        case _:
            pytest.fail(f"no rule for {d.prior}")


def test_every_status_has_a_mark() -> None:
    assert set(STATUS_MARK) == {CALIBRATED, LITERATURE, ASSUMPTION}
    assert len(set(STATUS_MARK.values())) == 3


# --- bad input ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("d", DECLARED.values(), ids=DECLARED)
def test_bounds_are_accepted_and_what_lies_beyond_is_refused_by_name(d: Declaration) -> None:
    others = {"n_same": 0.0, "n_cross": 0.0}
    for value in (d.low, d.high):
        assert getattr(defaults().changed(**{**others, d.name: value}), d.name) == value
    if isinstance(d.default, int):
        below, above = d.low - 1, d.high + 1
    else:
        below, above = math.nextafter(d.low, -math.inf), math.nextafter(d.high, math.inf)
    for value in (below, above, math.nan, math.inf, "much", None):
        message = error_of(**{**others, d.name: value})
        assert message.startswith("1 validation error")
        assert f"\n{d.name}\n" in message


def test_unknown_parameters_are_refused_by_name() -> None:
    assert "\ndelta_uno\n" in error_of(delta_uno=0.3)


@pytest.mark.parametrize(("same", "cross"), [(0.8, 0.2), (0.6, 0.4), (0.5, 0.5)])
def test_raid_series_that_never_die_out_are_refused(same: float, cross: float) -> None:
    message = error_of(n_same=same, n_cross=cross)
    assert "n_same + n_cross must be below 1" in message
    assert defaults().changed(n_same=same - 0.001, n_cross=cross).n_same == same - 0.001


def test_parameters_and_rates_cannot_be_changed_in_place() -> None:
    for thing, name in ((defaults(), "delta_un"), (defaults().rates, "abuse")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(thing, name, 0.5)


@pytest.mark.parametrize("name", sorted(Rates.model_fields))
def test_tables_of_another_shape_are_refused_by_name(name: str) -> None:
    table = default_rates().model_dump()
    table[name] = (*table[name], table[name][0]) if isinstance(table[name], tuple) else (table[name], table[name])
    with pytest.raises(ValidationError, match=name):
        Rates.model_validate(table)


@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
@pytest.mark.parametrize("name", ["candidates", "contact_militia", "fatal_share", "reuse_discount", "season"])
def test_negative_rates_are_refused_by_name(name: str, value: float) -> None:
    def poisoned(table: Any) -> Any:
        return (poisoned(table[0]), *table[1:]) if isinstance(table, tuple) else value

    table = default_rates().model_dump()
    with pytest.raises(ValidationError, match=name):
        Rates.model_validate({**table, name: poisoned(table[name])})


# --- round trips --------------------------------------------------------------------------------------------------


@given(NAMES, st.floats(0.0, 1.0))
def test_parameters_survive_toml_and_json_without_loss(name: str, share: float) -> None:
    d = DECLARED[name]
    value = d.low + share * (d.high - d.low)
    changed = defaults().changed(
        **{"n_same": 0.0, "n_cross": 0.0, name: int(value) if isinstance(d.default, int) else value}
    )
    assert Parameters.model_validate_json(changed.model_dump_json()) == changed
    assert Parameters.model_validate(json.loads(json.dumps(changed.model_dump(mode="json")))) == changed
    assert Parameters.model_validate(tomllib.loads(tomli_w.dumps(changed.model_dump()))) == changed


# --- into the compiled day ----------------------------------------------------------------------------------------


def compiled(arm: Scenario | None = None, **changes: Any) -> Any:
    return compile_parameters(arm or scenario(), defaults().changed(**changes), (46.0, 129.0))


def test_every_declared_number_reaches_the_compiled_record() -> None:
    p = compiled().p
    for name, d in DECLARED.items():
        assert p[name][0] == d.default
    assert p.shape == (1,)
    assert p.dtype == SCALARS


def test_levers_reach_the_compiled_record() -> None:
    arm = scenario("accountability").changed(un={"allocation": "random", "present": False})
    levers = arm.accountability
    p = compiled(arm, sanction_months=12.0).p[0]
    assert p.un_present == 0.0
    assert p.allocation == 3
    assert p.accountability_from == day_of(arm.accountability.starts)
    assert p.sector_enlarged == day_of(arm.un.enlarged)
    assert p.extra_reporting == levers.extra_reporting > 0
    assert p.cooperation == levers.cooperation > 0
    assert p.investigations_per_week * 365.25 / 7 == pytest.approx(12 * levers.investigations_per_month)
    assert p.sanction_days == pytest.approx(365.25)


def test_levers_of_the_un_reach_the_compiled_record() -> None:
    p = compiled(scenario().changed(un={"helicopters": False, "escort_share": 0.4, "allocation": "spread"})).p[0]
    assert (p.helicopters, p.escort_share, p.allocation) == (0.0, 0.4, 5)
    assert p.hospital_opens == day_of(scenario().un.hospital_opens)
    assert compiled(scenario().changed(un={"hospital_opens": "never"})).p[0].hospital_opens == math.inf


def test_levers_of_the_strategy_reach_the_compiled_record() -> None:
    arm = scenario("malian-strategy")
    p, levers = compiled(arm, p_army_stays=0.3).p[0], arm.strategy
    assert p.strategy_from == day_of(levers.starts)
    assert p.dialogue_per_week * 365.25 / 7 == pytest.approx(12 * levers.dialogue_missions_per_month)
    assert p.disarmament_per_week * 365.25 / 7 == pytest.approx(12 * levers.disarmament_per_month)
    assert p.services_per_week * 365.25 / 7 == pytest.approx(12 * levers.services_per_month)
    assert p.army_stays == levers.army_stays == 0.8
    assert compiled(scenario(), p_army_stays=0.3).p[0].army_stays == 0.3  # the lever left out: the parameter


SHARES = st.floats(0.0, 1.0)


@given(st.floats(0.0, 0.95), st.floats(0.0, 0.99), SHARES)
def test_deterrence_and_answers_together_are_the_total_effect_of_presence(
    total: float, in_time: float, effective: float
) -> None:
    deterrence, answers = deterrence_and_response(total, in_time, effective)
    assert (1.0 - deterrence) * (1.0 - in_time * answers) == pytest.approx(1.0 - total, abs=1e-12)
    assert 0.0 <= deterrence <= total + 1e-12
    assert 0.0 <= answers <= effective
    assert answers == effective or deterrence == pytest.approx(0.0, abs=1e-12)  # capped: all effect is by answers
    if in_time == 0.0:
        assert deterrence == total  # nobody warns: presence deters or does nothing


@given(st.floats(0.0, 0.95), st.floats(0.0, 0.95), SHARES, SHARES)
def test_a_larger_total_means_no_less_of_either_part(
    one: float, other: float, in_time: float, effective: float
) -> None:
    lower, higher = (deterrence_and_response(total, 0.99 * in_time, effective) for total in sorted((one, other)))
    assert lower[0] <= higher[0] + 1e-12
    assert lower[1] <= higher[1] + 1e-12


@given(st.floats(0.0, 0.95), SHARES, st.floats(0.0, 48.0), st.floats(0.1, 240.0), SHARES)
def test_the_total_effect_of_presence_reaches_the_compiled_record(
    delta: float, warned: float, ready: float, lead: float, effective: float
) -> None:
    p = compiled(
        delta_un=delta, p_warning=warned, response_ready_hours=ready, warning_hours=lead, p_effective=effective
    ).p[0]
    in_time = answered_share(warned, ready, lead)
    assert in_time == pytest.approx(warned * math.exp(-ready / lead))
    assert (p.deterrence_un, p.effective_un) == deterrence_and_response(delta, in_time, effective)


@given(st.floats(0.3, 60.0))
def test_the_daily_ratio_of_a_raid_halves_in_its_half_life(half_life: float) -> None:
    assert compiled(raid_half_life=half_life).p[0].raid_ratio ** half_life == pytest.approx(0.5)


@given(
    st.floats(0.0, 0.95), st.floats(0.0, 0.95), st.floats(0.0, 1.0), st.floats(0.1, 1000.0), st.floats(10.0, 3650.0)
)  # fmt: skip
def test_full_effort_reproduces_the_reduction(
    army: float, militia: float, prior: float, weight: float, half: float
) -> None:
    # exp(-effect * R) at the risk R of full effort is one minus the reduction, for both kinds of perpetrator.
    p = compiled(
        reduction_army=army, reduction_militia=militia, risk_prior=max(prior, 1e-6), risk_prior_weight=weight,
        risk_half_life=half,
    ).p[0]  # fmt: skip
    for effect, reduction, per_year in ((p.effect_army, army, 46.0), (p.effect_militia, militia, 129.0)):
        risk = full_risk(per_year, max(prior, 1e-6), weight, half)
        assert math.exp(-effect * risk) == pytest.approx(1.0 - reduction)


def test_the_risk_of_full_effort_is_the_long_run_of_its_recursion() -> None:
    # Every abuse sanctioned at once, 46 a year: remembered sums decay daily and gain 46 / 365.25 a day.
    half_life, remembered = 180.0, 0.0
    for _ in range(20_000):
        remembered = remembered * 0.5 ** (1 / half_life) + 46.0 / YEAR
    risk = (0.01 * 10.0 + remembered) / (10.0 + remembered)
    assert full_risk(46.0, 0.01, 10.0, half_life) == pytest.approx(risk, rel=2e-3)
    assert full_risk(0.0, 0.01, 10.0, half_life) == pytest.approx(0.01)
    assert full_risk(1e9, 0.01, 10.0, half_life) == pytest.approx(1.0)


def test_rates_are_split_into_a_level_and_shares_of_actions() -> None:
    c, rates = compiled(), np.array(defaults().rates.candidates)
    assert c.candidates * YEAR == pytest.approx(rates.sum(axis=2))
    shares = np.diff(c.action_share, axis=2, prepend=0.0)
    assert shares * c.candidates[:, :, None] * YEAR == pytest.approx(rates, abs=1e-12)
    active = c.candidates > 0
    assert c.action_share[active][:, -1] == pytest.approx(np.ones(active.sum()))
    assert c.candidates.shape == (len(FACTIONS), len(ZONES))
    assert c.action_share.shape[2] == len(ACTIONS)


def test_mean_deaths_reach_the_compiled_tables() -> None:
    c, q = compiled(), defaults()
    for kind in range(len(KINDS)):
        fatal, mean = q.rates.fatal_share[kind], q.rates.mean_deaths[kind]
        most = q.most_deaths if KINDS[kind] in CIVILIAN_KINDS else q.most_clash_deaths
        assert c.most_deaths[kind] == most
        assert c.fatal_share[kind] * c.lethal_mean[kind, most] == pytest.approx(mean, rel=1e-6)
        assert c.lethal_mean[kind, : most + 1] == pytest.approx(
            lethal_means(c.death_scale[kind], q.tail_exponent, most)
        )
        assert 0.0 < fatal <= 1.0


def test_a_run_gets_arrays_of_its_own() -> None:
    # Compiled code could write to a record: nothing of one run is shared with another.
    one, other = compiled(), compiled()
    for name, array in one._asdict().items():
        assert not np.shares_memory(array, getattr(other, name)), name


def test_season_has_mean_one_over_the_year() -> None:
    days = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    assert compiled().season @ days / days.sum() == pytest.approx(np.ones(len(FACTIONS)), abs=1e-4)


# --- a run at every bound ---------------------------------------------------------------------------------------------

AT_BOUNDS = [(name, value) for name, d in DECLARED.items() for value in (d.low, d.high)]


@pytest.mark.parametrize(("name", "value"), AT_BOUNDS)
def test_every_value_that_is_accepted_can_be_run(name: str, value: float) -> None:
    # Extremes of one parameter at a time, with all measures from the first day: no division by zero, no logarithm of
    # nothing, no infinite amount (but the hours of an answer that nobody can give).
    today = scenario().start
    arm = scenario("all-measures").changed(
        world={"cercles": ("Mopti",)}, accountability={"starts": today}, strategy={"starts": today},
        package={"decision": today, "permission": today},
    )  # fmt: skip
    q = defaults().changed(**{"n_same": 0.0, "n_cross": 0.0, "generation_months": 0.0, name: value})
    simulation = Simulation(arm, q, seed=1)
    simulation.advance(40)
    world, records = simulation.world, simulation.records()
    tables = (records.events, records.operations, records.days, world.militias, world.national_forces, world.cells)
    more = (world.villages, world.zones, world.risk, world.un_units, world.slots, world.pairs, world.cercles)
    for table in (*tables, *more, world.state):
        fields = [field for field in table.dtype.names if field != "response_hours"]
        assert all(np.isfinite(table[field]).all() for field in fields)
    assert (records.events["response_hours"] >= 0.0).all()
    assert records.days.size == 40
