"""Points: inside the bounds, the same on every call, in the order that is stated, and in worlds with common seeds."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from abm.declarations import declarations
from abm.draws import DRAWS, LARGEST_BRANCHING, draw_parameters
from abm.parameters import Parameters
from abm.priors import Fixed
from runs.batch.experiment_file import UncertaintiesFile
from runs.batch.sampling import (
    MORRIS_TAIL,
    Sample,
    SamplingError,
    Uncertainty,
    number_of_points,
    sample,
    uncertainties_of,
    value_of,
)

DECLARED = declarations(Parameters)
WITH_PRIOR = [name for name, known in DECLARED.items() if not isinstance(known.prior, Fixed)]
THREE: dict[str, Any] = {"delta_un": {}, "permission_months": {}, "reach_km": {"low": 20.0, "high": 90.0}}


def file_of(design: str, parameters: dict[str, Any] | None = None, **more: Any) -> UncertaintiesFile:
    given_parameters = THREE if parameters is None else parameters
    return UncertaintiesFile.model_validate({"design": design, "parameters": given_parameters, **more})


def taken(file: UncertaintiesFile, seed: int = 0) -> tuple[tuple[Uncertainty, ...], Sample]:
    uncertainties = uncertainties_of(file)
    return uncertainties, sample(file, uncertainties, seed)


DESIGNS = [
    file_of("lhs", points=30, draws=7),
    file_of("lhs", points=30, base="default"),
    file_of("sobol", points=8),
    file_of("morris", points=5),
    file_of("factorial", {"delta_un": {"values": [0.1, 0.5]}, "p_warning": {"values": [0, 0.5, 1]}}, draws=3),
    file_of("list", {"delta_un": {"values": [0.1, 0.5]}, "p_warning": {"values": [1, 0]}}, base="default"),
]

# Last points with seed 3: the outcome of the libraries when this was written.
KNOWN = {
    "lhs": [28.381999619916016, 0.38265389155151014, 17.312064574345484],
    "sobol": [39.86305638216436, 0.230591987365255, 4.446402143908303],
    "morris": [43.333333333333336, 0.4813828737218665, 12.297834626586654],
}


@pytest.mark.parametrize("file", DESIGNS, ids=lambda file: f"{file.design}-{file.base}")
def test_points_hold_what_the_arrays_say_inside_the_bounds(file: UncertaintiesFile) -> None:
    uncertainties, found = taken(file, 3)
    assert len(found.points) == number_of_points(file, uncertainties)
    assert found.unit.shape == found.inputs.shape == (len(found.points), len(uncertainties))
    assert ((found.unit >= 0.0) & (found.unit <= 1.0)).all()
    for column, one in enumerate(uncertainties):
        values = found.inputs[:, column]
        assert (values >= max(one.low, one.declaration.low)).all()
        assert (values <= min(one.high, one.declaration.high)).all()
        assert values.tolist() == [point.held[one.name] for point in found.points]
    for point in found.points:
        Parameters().changed(**point.held)


@pytest.mark.parametrize("file", DESIGNS, ids=lambda file: f"{file.design}-{file.base}")
def test_the_seed_alone_decides(file: UncertaintiesFile) -> None:
    first, again = taken(file, 3)[1], taken(file, 3)[1]
    assert first.points == again.points
    assert np.array_equal(first.unit, again.unit)
    if file.design in ("lhs", "sobol", "morris"):
        assert not np.array_equal(first.unit, taken(file, 4)[1].unit)


def test_known_points() -> None:
    """What an experiment runs must not change with a library's version: stored batches could not be continued."""
    found = {file.design: taken(file, 3)[1].inputs[-1] for file in DESIGNS[1:4]}
    for design, expected in KNOWN.items():
        assert found[design] == pytest.approx(expected, rel=1e-9), design


@pytest.mark.parametrize("file", DESIGNS, ids=lambda file: f"{file.design}-{file.base}")
def test_worlds_are_outermost_and_have_common_seeds(file: UncertaintiesFile) -> None:
    points = taken(file, 3)[1].points
    streams = [point.stream for point in points]
    assert streams == sorted(streams)
    if file.base == "default":
        assert {(point.number, point.stream) for point in points} == {(None, 0)}
    else:
        assert file.draws is not None
        assert [p.number for p in points] == [(3 * file.draws + p.stream) % DRAWS for p in points]
        sizes = np.bincount(streams, minlength=file.draws)
        assert sizes.size == file.draws
        assert sizes.max() - sizes.min() <= 1


def test_draws_are_left_to_the_design() -> None:
    _, found = taken(file_of("draws", {}, draws=5))
    assert found.points == ()
    assert found.unit.shape == found.inputs.shape == (5, 0)


def test_a_factorial_has_every_combination_in_every_draw() -> None:
    values = {"p_warning": {"values": [0.2, 0.4, 0.6]}, "delta_un": {"values": [0.1, 0.3]}}
    uncertainties, found = taken(file_of("factorial", values, draws=2))
    assert [one.name for one in uncertainties] == ["delta_un", "p_warning"]  # as declared, not as in the file
    once = [[0.1, 0.2], [0.1, 0.4], [0.1, 0.6], [0.3, 0.2], [0.3, 0.4], [0.3, 0.6]]
    assert found.inputs.tolist() == once * 2
    assert found.unit.tolist() == [[0, 0], [0, 0.5], [0, 1], [1, 0], [1, 0.5], [1, 1]] * 2
    assert [point.number for point in found.points] == [0] * 6 + [1] * 6


def test_a_list_is_taken_row_by_row() -> None:
    values = {"delta_un": {"values": [0.1, 0.3, 0.2]}, "most_deaths": {"values": [300, 200, 400]}}
    _, found = taken(file_of("list", values, base="default"))
    assert found.inputs.tolist() == [[0.1, 300], [0.3, 200], [0.2, 400]]
    assert found.unit.tolist() == [[0, 0], [0.5, 0.5], [1, 1]]
    assert [type(point.held["most_deaths"]) for point in found.points] == [int] * 3


def test_a_latin_hypercube_has_one_point_in_every_layer() -> None:
    _, found = taken(DESIGNS[0])
    for column in found.unit.T:
        assert sorted((column * 30).astype(int)) == list(range(30))


def test_sobol_rows_swap_one_column_at_a_time() -> None:
    """Saltelli's blocks: A, A with one column of B for each parameter, B."""
    uncertainties, found = taken(DESIGNS[2])
    width = len(uncertainties) + 2
    for block in found.unit.reshape(-1, width, len(uncertainties)):
        for column in range(len(uncertainties)):
            changed = block[1 + column] != block[0]
            assert changed.tolist() == [k == column for k in range(len(uncertainties))]
            assert block[1 + column, column] == block[-1, column]


def test_morris_moves_each_parameter_once_in_a_trajectory() -> None:
    uncertainties, found = taken(DESIGNS[3])
    width = len(uncertainties) + 1
    for trajectory in found.unit.reshape(-1, width, len(uncertainties)):
        moved = [np.flatnonzero(after != before).tolist() for before, after in pairwise(trajectory)]
        assert sorted(moved) == [[k] for k in range(len(uncertainties))]
        assert np.isin(np.round(trajectory * 3, 9), range(4)).all()


def test_trajectories_end_before_the_tail_of_a_prior() -> None:
    """A lognormal has no end: at probability 1 it would be the upper bound, ten years of waiting."""
    uncertainties, found = taken(
        file_of("morris", {"permission_months": {}, "reach_km": {"low": 20, "high": 90}}, points=9)
    )
    by_name = {one.name: found.inputs[:, k] for k, one in enumerate(uncertainties)}
    prior = DECLARED["permission_months"].prior
    assert by_name["permission_months"].max() == pytest.approx(prior.quantile(1.0 - MORRIS_TAIL, 9.0))
    assert by_name["permission_months"].min() == pytest.approx(prior.quantile(MORRIS_TAIL, 9.0))
    assert (by_name["reach_km"].min(), by_name["reach_km"].max()) == (20.0, 90.0)


def test_a_single_parameter_may_be_sampled() -> None:
    for design, points in (("sobol", 6), ("morris", 4)):
        _, found = taken(file_of(design, {"delta_un": {}}, points=2))
        assert found.inputs.shape == (points, 1)


# What samplers give: as fine as uniform numbers are, and both ends.
places = st.integers(0, 2**53).map(lambda n: n / 2**53)


@given(st.sampled_from(WITH_PRIOR), places, places)
def test_values_follow_the_place_in_the_cube(name: str, one: float, other: float) -> None:
    known = DECLARED[name]
    sampled = Uncertainty(name, known.low, known.high, (), True, known)
    low, high = (value_of(sampled, u) for u in sorted((one, other)))
    assert known.low <= low <= high <= known.high


@given(places)
def test_whole_parameters_stay_whole(u: float) -> None:
    known = DECLARED["most_deaths"]
    value = value_of(Uncertainty("most_deaths", 100.0, 250.0, (), False, known), u)
    assert value == round(value)
    assert 100 <= value <= 250


def test_priors_are_followed() -> None:
    """A Latin hypercube of 200 points is never farther than 1/200 from what it samples: no false alarm is possible."""
    two = {"delta_un": {}, "drift_memory": {"low": 0.2, "high": 0.6}}
    uncertainties, found = taken(file_of("lhs", two, points=200, base="default"))
    columns = {one.name: found.inputs[:, k] for k, one in enumerate(uncertainties)}
    width = 0.55
    pert = stats.beta(1 + 4 * 0.2 / width, 1 + 4 * 0.35 / width, loc=0.05, scale=width)
    assert stats.kstest(columns["delta_un"], pert.cdf).statistic <= 0.005
    assert stats.kstest(columns["drift_memory"], stats.uniform(0.2, 0.4).cdf).statistic <= 0.005


def test_groups_bring_every_parameter_with_a_prior() -> None:
    file = file_of(
        "lhs",
        {"delta_un": {"low": 0.1, "high": 0.2}, "p_warning": {}},
        groups=["presence"],
        fixed={"delta_army": 0.1},
        points=4,
        draws=2,
    )
    uncertainties = uncertainties_of(file)
    expected = {name for name in WITH_PRIOR if DECLARED[name].group == "presence"} - {"delta_army"} | {"p_warning"}
    assert {one.name for one in uncertainties} == expected
    assert {one.name for one in uncertainties if not one.prior} == {"delta_un"}


@pytest.mark.parametrize("design", ["lhs", "sobol", "morris"])
def test_raid_series_always_die_out(design: str) -> None:
    bounds = {"n_same": {"low": 0.3, "high": 0.8}, "n_cross": {"low": 0.1, "high": 0.5}}
    _, found = taken(file_of(design, bounds, points=32, base="default"))
    total = found.inputs.sum(axis=1)
    assert total.max() == pytest.approx(LARGEST_BRANCHING)
    assert (found.inputs.min(axis=0) > 0.0).all()
    free = total < LARGEST_BRANCHING - 1e-9
    assert free.any()
    assert not free.all()


def test_what_is_not_sampled_of_raid_series_stays() -> None:
    file = file_of("lhs", {"n_same": {"low": 0.3, "high": 0.8}}, points=40, draws=20, fixed={"n_cross": 0.4})
    _, found = taken(file)
    assert found.inputs.max() == pytest.approx(LARGEST_BRANCHING - 0.4)
    drawn = file_of("lhs", {"n_cross": {"low": 0.4, "high": 0.5}}, points=40, draws=20)
    for point in taken(drawn)[1].points:
        assert point.number is not None
        assert draw_parameters(point.number).n_same + point.held["n_cross"] <= LARGEST_BRANCHING + 1e-12


def test_listed_raid_series_that_do_not_die_out_are_refused() -> None:
    values = {"n_same": {"values": [0.3, 0.7]}, "n_cross": {"values": [0.1, 0.3]}}
    with pytest.raises(SamplingError, match=r"n_same \+ n_cross: expected at most 0.95.*found n_same 0.7, n_cross 0.3"):
        taken(file_of("factorial", values, base="default"))
    with pytest.raises(SamplingError, match=r"found n_same 0.6, n_cross 0.5 in draw 0"):
        taken(file_of("draws", {}, draws=4, fixed={"n_same": 0.6, "n_cross": 0.5}))
    with pytest.raises(SamplingError, match=r"found n_same 0.8, n_cross 0.5"):
        taken(file_of("lhs", {"delta_un": {}}, points=4, draws=2, fixed={"n_same": 0.8, "n_cross": 0.5}))


def test_too_many_or_too_few_points() -> None:
    with pytest.raises(SamplingError, match=r"points: expected 2 to 100000 \(found 100001\)"):
        taken(file_of("lhs", points=100_001, draws=2))
    with pytest.raises(SamplingError, match=r"found 1\)"):
        taken(file_of("list", {"delta_un": {"values": [0.1]}}, base="default"))


def test_nothing_to_sample() -> None:
    with pytest.raises(SamplingError, match=r"parameters.reach_km: has no prior to sample; give low and high"):
        uncertainties_of(file_of("lhs", {"reach_km": {}}, points=4, draws=2))
    with pytest.raises(SamplingError, match="groups: travel: none of its parameters has a prior"):
        uncertainties_of(file_of("lhs", {}, groups=["travel"], points=4, draws=2))


@pytest.mark.parametrize("design", ["sobol", "morris"])
def test_without_salib_the_error_says_what_to_install(design: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "SALib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(SamplingError, match=rf"{design}.*install sector-centre\[analysis\]"):
        taken(file_of(design, points=4))
    assert len(taken(file_of("lhs", points=4, draws=2))[1].points) == 4


def test_what_is_fixed_besides_moves_no_sample() -> None:
    alone, beside = (taken(file_of("lhs", points=6, draws=3, fixed=held))[1] for held in ({}, {"p_warning": 0.2}))
    assert alone.points == beside.points
