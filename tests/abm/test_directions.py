"""Ten mechanisms of the force move what they claim to move, in the direction they claim.

Arms share their draws. Where chance remains, seeds are fixed and differences are paired by seed: a test would have
passed a mechanism without any effect once in ten thousand (`BY_CHANCE`). Where none remains, each seed has to agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest
from engine import by_bands, day_by_day, defaults, in_threads, scenario, silent, times, with_rates
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from abm.calendar import DRY, FLOOD, RAINS, day_of
from abm.deployment import NEVER, arrival_days
from abm.kinds import AVERTED_BY_UN, ON_ARMY, ON_VILLAGE
from abm.parameters import Parameters
from abm.records import Records
from abm.scenario import Scenario
from abm.simulation import Simulation, simulate
from abm.tables import OPEN, TOB_GIVEN_UP, TOB_OPENED, UN_BASE, Table

BY_CHANCE = 1e-4
START = date(2021, 1, 1)
BEFORE = {"cercles": ("Bandiagara", "Bankass", "Djenne", "Koro", "Mopti")}
NOW = {"decision": START, "permission": START}
BASELINE = scenario().changed(world=BEFORE)
SEEDS = range(12)
Hours = NDArray[np.float64]


def small(name: str, **changes: Any) -> Scenario:
    """A shipped scenario in a small world, with its package permitted on the first day."""
    return scenario(name).changed(world=BEFORE, package=NOW, **changes)


def parameters(**changes: Any) -> Parameters:
    """The package comes at once; nobody attacks the UN unless a test asks for it; attacks bring no others."""
    ready = {
        "generation_months": 0.0, "attack_per_patrol": 0.0, "convoy_attack_rate": 0.0, "n_same": 0.0, "n_cross": 0.0,
        "drift_step": 0.0, "displacement_share": 0.0,
    }  # fmt: skip
    return defaults().changed(**{**ready, **changes})


def busier(q: Parameters, factor: float) -> Parameters:
    """The same with more attacks, so that few runs show what they do."""
    return with_rates(q, candidates=times(q.rates.candidates, factor))


def assert_lower(smaller: ArrayLike, larger: ArrayLike) -> None:
    """One-sided paired t-test that the first is smaller, seed by seed."""
    differences = np.asarray(smaller, float) - np.asarray(larger, float)
    n = differences.size
    t = differences.mean() / (differences.std(ddof=1) / np.sqrt(n))
    limit = float(stats.t.ppf(BY_CHANCE, n - 1))
    assert t < limit, f"mean difference {differences.mean():.4g}, t = {t:.2f}, accepted below {limit:.2f}"


def of_seeds(
    outcome: Callable[[Records], float], levers: Scenario, q: Parameters, days: int = 365, seeds: Iterable[int] = SEEDS
) -> list[float]:
    return in_threads(lambda seed: float(outcome(simulate(levers, q, seed=seed, days=days))), seeds)


def attacks_by_bands(records: Records) -> Table:
    e = by_bands(records.realised)
    return e[e["action"] != ON_ARMY]


def without_chance(outcome: Callable[[Records], float], smaller: Any, larger: Any, days: int = 365) -> None:
    """Each of some seeds agrees; arms are pairs of scenario and parameters."""
    pairs = zip(*(of_seeds(outcome, *arm, days=days, seeds=range(4)) for arm in (smaller, larger)), strict=True)
    assert all(less < more for less, more in pairs)


# --- 1 bases and patrols lower attacks near them while they are there ---------------------------------------------


def covered_days(levers: Scenario, q: Parameters, seed: int, days: int) -> set[tuple[int, int]]:
    """Day and cell of all that lies within 15 km of an extra base while it is held."""
    simulation = Simulation(levers, q, seed=seed)
    w, found = simulation.world, set()
    for day in day_by_day(simulation, days):
        for s in w.slots[(w.slots["status"] == OPEN) & (w.slots["extra"] == 1)]:
            near = np.hypot(w.cells["x"] - s.x, w.cells["y"] - s.y) <= 15.0
            found |= {(day, cell) for cell in np.flatnonzero(near).tolist()}
    return found


@pytest.mark.statistical
def test_more_bases_lower_attacks_near_them_while_they_are_held() -> None:
    q = busier(parameters(delta_un=0.9, p_warning=0.0), 3.0)

    def pair(seed: int) -> tuple[int, int]:
        covered = covered_days(small("extra-tobs"), q, seed, 300)
        arms = (simulate(levers, q, seed=seed, days=300) for levers in (small("extra-tobs"), BASELINE))
        with_bases, without = (
            sum((int(e.day), int(e.cell)) in covered for e in attacks_by_bands(r)) for r in arms
        )  # fmt: skip
        return with_bases, without

    with_bases, without = zip(*in_threads(pair, SEEDS), strict=True)
    assert_lower(with_bases, without)
    assert sum(with_bases) < 0.7 * sum(without)


@pytest.mark.statistical
def test_patrols_lower_attacks() -> None:
    strong = {"delta_un": 0.9, "p_warning": 0.0, "patrol_presence": 0.9, "patrol_effect_days": 14.0}
    none, many = (
        of_seeds(lambda r: attacks_by_bands(r).size, BASELINE, parameters(**strong, patrols_per_company=rate))
        for rate in (0.0, 1.0)
    )
    assert_lower(many, none)


# --- 2 a base held for long is one that cannot be elsewhere -------------------------------------------------------


@pytest.mark.parametrize("name", ["baseline-2021", "extra-tobs"])
def test_holding_ogossagou_leaves_fewer_bases_for_elsewhere(name: str) -> None:
    def elsewhere(records: Records) -> float:
        held = int(records.scenario.un.hold_ogossagou)
        return float((records.days["tobs"] - held).sum())

    held, free = (small(name, un={"hold_ogossagou": hold}) for hold in (True, False))
    q = silent(parameters())
    without_chance(elsewhere, (held, q), (free, q))
    # Of what mobile troops can hold one base is gone, no more: in all there are as many.
    most = [max(of_seeds(lambda r: r.days["tobs"].max(), arm, q, seeds=range(2))) for arm in (held, free)]
    assert most[0] == most[1]


# --- 3 roads, distance, seasons and attacks limit bases -----------------------------------------------------------


def base_days(records: Records) -> float:
    return float(records.days["tobs"].sum())


# Sites drawn at random lie anywhere in reach; convoys are slow, so that the way counts.
ANYWHERE = {"allocation": "random", "hold_ogossagou": False}
SLOW = {"tob_days": 21.0, "resupply_days": 10.0, "convoy_km_per_day": 20.0}


@pytest.mark.parametrize(
    "worse",
    [{"convoy_km_per_day": 10.0}, {"rain_speed_offroad": 0.15, "rain_speed_road": 0.15}, {"tob_setup_days": 20.0}],
)
def test_slow_convoys_heavy_rains_and_long_set_up_leave_fewer_days_of_bases(worse: dict[str, float]) -> None:
    levers, q = small("extra-tobs", un=ANYWHERE), silent(parameters(**SLOW))
    without_chance(base_days, (levers, q.changed(**worse)), (levers, q))


@pytest.mark.parametrize(
    ("worse", "season"),
    [
        ({"friction_offroad": 4.0}, DRY),
        ({"rain_speed_offroad": 0.3, "rain_speed_road": 0.5}, RAINS),
        ({"friction_flooded": 20.0}, FLOOD),
        ({"crossing_km": 200.0}, DRY),
        ({"tob_reach_km": 60.0}, DRY),
    ],
)
def test_poor_roads_rains_flood_and_rivers_leave_fewer_places_for_bases(worse: dict[str, float], season: int) -> None:
    # How many bases there are need not fall with it: they go where convoys still come.
    def places(q: Parameters) -> int:
        w = Simulation(BASELINE, q).world
        site = w.sites[w.sites["kind"] == UN_BASE][0]
        km = w.site_km[site.first_reach : site.first_reach + site.n_reach, season]
        return int(((km <= q.tob_reach_km) & (2.0 * km <= q.convoy_km_per_day * q.resupply_days)).sum())

    q = parameters(**SLOW)
    assert 0 < places(q.changed(**worse)) < places(q)


@pytest.mark.statistical
def test_attacks_on_convoys_leave_bases_without_supplies() -> None:
    def lost(records: Records) -> float:
        return float((records.operations["what"] == TOB_GIVEN_UP).sum())

    quiet = silent(parameters(supply_reserve_days=3.0, attack_delay_days=5.0, resupply_days=7.0))
    arms = (of_seeds(lost, small("extra-tobs"), quiet.changed(convoy_attack_rate=rate)) for rate in (0.0, 1.0))
    safe, attacked = arms
    assert not any(safe)
    assert_lower(safe, attacked)


# --- 4 coverage shortens the time to answer; answers in time prevent or soften ------------------------------------


Arm = tuple[Scenario, Parameters]


def hours_of_same_attacks(one: Arm, other: Arm) -> Iterator[tuple[list[tuple[int, int]], Hours, Hours]]:
    """Day and cell of attacks on villages, and hours to answer them, in two arms where the UN has no effect on them."""
    for seed in range(12):
        logs = [by_bands(simulate(*arm, seed=seed, days=365).events) for arm in (one, other)]
        first, second = (e[e["action"] == ON_VILLAGE] for e in logs)
        same = ["day", "cell", "perpetrator", "village"]
        assert first[same].tolist() == second[same].tolist()
        yield first[["day", "cell"]].tolist(), first["response_hours"], second["response_hours"]


NO_EFFECT = {"delta_un": 0.0, "softening": 0.0}


@pytest.mark.statistical
def test_more_bases_shorten_the_time_to_answer() -> None:
    q = busier(parameters(**NO_EFFECT), 3.0)
    hours, in_time = [], []
    for seed, (places, few, many) in enumerate(hours_of_same_attacks((BASELINE, q), (small("extra-tobs"), q))):
        hours.append((np.minimum(many, 48.0).mean(), np.minimum(few, 48.0).mean()))
        covered = covered_days(small("extra-tobs"), q, seed, 365)
        there = np.array([place in covered for place in places])
        in_time.append([np.exp(-h[there] / q.warning_hours).mean() for h in (few, many)])
    assert_lower(*zip(*hours, strict=True))
    # Beside an extra base, while it is held, more warnings come early enough.
    assert_lower(*zip(*in_time, strict=True))
    assert np.mean(in_time, axis=0)[1] > 1.2 * np.mean(in_time, axis=0)[0]


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("slow", "quick"),
    [
        ({"response_ready_hours": 12.0, "air_ready_hours": 12.0}, {"response_ready_hours": 0.5}),
        ({"response_kmh": 3.0}, {"response_kmh": 40.0}),
        ({"warning_hours": 1.0}, {"warning_hours": 24.0}),
    ],
)
def test_quicker_answers_avert_more(slow: dict[str, float], quick: dict[str, float]) -> None:
    def averted(records: Records) -> float:
        return float((records.events["answer"] == AVERTED_BY_UN).sum())

    q = busier(parameters(delta_un=0.9, p_warning=0.8, p_effective=0.9), 2.0)
    less, more = (of_seeds(averted, small("extra-tobs"), q.changed(**change)) for change in (slow, quick))
    assert_lower(less, more)
    assert sum(less) < 0.5 * sum(more)


def test_troops_who_come_during_an_attack_make_it_less_deadly() -> None:
    # The same attacks, as nobody flees from them: each kills no more, and all together fewer.
    base = busier(parameters(p_warning=0.9, flee_share=0.0), 2.0)
    for seed in range(4):
        harder, softer = (
            simulate(small("extra-tobs"), base.changed(softening=share), seed=seed, days=365).events
            for share in (0.0, 0.9)
        )
        assert harder[["day", "perpetrator", "village"]].tolist() == softer[["day", "perpetrator", "village"]].tolist()
        assert (softer["deaths"] <= harder["deaths"]).all()
        assert (softer["mean_deaths"] <= harder["mean_deaths"]).all()
        assert softer["deaths"].sum() < harder["deaths"].sum()


# --- 5 escorts enable civilian teams ------------------------------------------------------------------------------


def test_escorts_enable_investigations_and_dialogue() -> None:
    busy = {"starts": START, "investigations_per_month": 30.0}
    talks = {"starts": START, "dialogue_missions_per_month": 30.0}
    unescorted, escorted = (
        BASELINE.changed(accountability=busy, strategy=talks, un={"escort_share": share}) for share in (0.0, 0.5)
    )
    alone = parameters(escorts_per_police_unit=0.0)
    arms = {"nobody": (unescorted, alone), "troops": (escorted, alone), "police": (unescorted, parameters())}
    done = {}
    for name, (levers, q) in arms.items():
        days = [simulate(levers, q, seed=seed, days=365).days for seed in range(2)]
        done[name] = np.array([[d[what].sum() for what in ("investigations", "dialogue_missions")] for d in days])
    assert not done["nobody"].any()
    assert (done["troops"] > 0).all()
    assert (done["police"] > 0).all()


# --- 6 only mobile units add bases --------------------------------------------------------------------------------


def test_troops_who_stay_in_their_camp_add_no_base() -> None:
    q = silent(parameters())
    mobile, camp_bound, none = (
        [simulate(levers, q, seed=seed, days=365).days for seed in range(3)]
        for levers in (small("extra-tobs"), small("camp-bound-troops"), BASELINE)
    )
    for with_mobile, with_others, without in zip(mobile, camp_bound, none, strict=True):
        assert with_mobile["troops"].max() == with_others["troops"].max() > without["troops"].max()
        assert not with_others["extra_tobs"].any()
        assert np.array_equal(with_others["tobs"], without["tobs"])
        assert with_mobile["extra_tobs"].sum() > 300


@pytest.mark.statistical
def test_troops_who_stay_in_their_camp_prevent_less() -> None:
    def prevented(records: Records) -> float:
        e = by_bands(records.events)
        e = e[e["action"] != ON_ARMY]
        return float((1.0 - e["stands"]).mean())

    q = busier(parameters(delta_un=0.9, delta_army=0.0, p_army_stays=0.0), 3.0)
    confined, mobile = (of_seeds(prevented, small(name), q) for name in ("camp-bound-troops", "extra-tobs"))
    assert_lower(confined, mobile)


# --- 7 engineers give patrols confidence --------------------------------------------------------------------------


def test_engineers_raise_patrols() -> None:
    line = {"type": "engineers", "units": 2, "heads": 100, "base": "Sévaré"}
    more = BASELINE.changed(package={**NOW, "units": [line]})
    q = silent(parameters(patrol_confidence=0.3))
    for seed in range(3):
        few, many = (simulate(levers, q, seed=seed, days=365).days["un_patrols"] for levers in (BASELINE, more))
        assert (few <= many).all()  # the draws are common, and no chance of a patrol is smaller
        assert few.sum() < 0.9 * many.sum()


# --- 8 medics, the hospital and helicopters extend the reach; helicopters shorten answers -------------------------


def distance_of_bases(records: Records) -> float:
    """Mean distance in km from Mopti-Sévaré of bases other than Ogossagou's."""
    o = records.operations
    opened = o[(o["what"] == TOB_OPENED) & (o["day"] > records.first_day)]
    base = records.cells[records.un_units["home"][0]]
    return float(np.hypot(opened["x"] - base.x, opened["y"] - base.y).mean())


def test_medics_the_hospital_and_helicopters_let_bases_go_further() -> None:
    q = silent(parameters(tob_days=14.0))
    far_off = {"allocation": "spread"}
    medics, companies = (small(n, un=far_off) for n in ("mobile-troops-embedded-medics", "extra-tobs"))
    open_at_once = small("extra-tobs", un={**far_off, "hospital_opens": START})
    grounded, no_hospital = (small(n, un=far_off) for n in ("no-helicopters", "no-hospital"))
    for nearer, further in ((companies, medics), (grounded, companies), (no_hospital, open_at_once)):
        without_chance(distance_of_bases, (nearer, q), (further, q))


def test_helicopters_shorten_answers_and_never_lengthen_one() -> None:
    # As far by road as by air, so that bases and patrols are the same and only the answer by air is left.
    q = busier(parameters(**NO_EFFECT, air_medical_km=60.0, helicopter_availability=1.0), 2.0)
    grounded = small("extra-tobs", un={"helicopters": False})
    quicker = 0
    for _, without, flying in hours_of_same_attacks((grounded, q), (small("extra-tobs"), q)):
        assert (flying <= without).all()
        quicker += int((flying < without - 0.5).sum())
    assert quicker > 30


# --- 9 and 10 pledges, the hospital and land decide who comes, and when -------------------------------------------


def test_without_the_hospital_the_package_comes_later() -> None:
    q = defaults()
    soon, late = (arrival_days(scenario(name), q) for name in ("extra-tobs", "no-hospital"))
    earliest = [day_of(line.earliest) if line.earliest else 0 for line, _ in soon]
    days = [(a, b) for (_, a), (_, b) in zip(soon, late, strict=True)]
    assert all(a <= b for a, b in days)
    assert all(a < b for (a, b), fixed in zip(days, earliest, strict=True) if a > fixed and b > fixed)
    zero = [
        simulate(scenario(n), silent(q), seed=1, until_clock_months=1).clock_zero for n in ("extra-tobs", "no-hospital")
    ]
    assert 0 < zero[0] < zero[1]


def test_slower_pledges_and_transport_delay_the_first_extra_base() -> None:
    def first(**changes: float) -> int:
        levers = scenario("extra-tobs").changed(package={"permission": date(2021, 7, 15)})
        return simulate(levers, silent(defaults().changed(**changes)), seed=1, until_clock_months=1).clock_zero

    months = [first(generation_months=m) for m in (3.0, 9.0, 15.0)]
    pledges = [first(pledge_factor=f, generation_months=12.0) for f in (1.0, 2.5)]
    set_up = [first(tob_setup_days=d) for d in (0.0, 14.0)]
    for days in (months, pledges, set_up):
        assert sorted(set(days)) == days


def test_without_permission_most_of_the_package_stays_away() -> None:
    q = silent(defaults())
    never = simulate(scenario("camp-permission-never"), q, seed=1, days=1460)
    drawn = simulate(scenario("extra-tobs"), q, seed=1, days=1460)
    assert never.days["extra_troops"].max() < 0.2 * drawn.days["extra_troops"].max()
    assert never.clock_zero == NEVER < drawn.clock_zero
    assert not never.days["extra_tobs"].any()
    # Spare places let some in; accountability that costs consent keeps the others out for longer.
    some = scenario("camp-permission-never").changed(package={"spare_places": 500})
    assert simulate(some, q, seed=1, days=1460).clock_zero > 0
    penalised = scenario("extra-tobs").changed(accountability={"permission_penalty_months": 12.0})
    assert simulate(penalised, q, seed=1, days=1460).clock_zero > drawn.clock_zero
