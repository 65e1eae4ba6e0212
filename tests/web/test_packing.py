from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.packing import TYPES, pack, unpack


@given(
    st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=20) | st.booleans(), max_size=4),
    st.lists(st.tuples(st.sampled_from(TYPES), st.integers(0, 5), st.integers(0, 7)), max_size=5),
)
def test_what_is_packed_is_read_again(header: dict[str, object], kinds: list[tuple[str, int, int]]) -> None:
    header.pop("arrays", None)
    arrays = {f"a{k}": np.arange(n * m).reshape(n, m).astype(kind) for k, (kind, n, m) in enumerate(kinds)}
    found, read = unpack(pack(header, arrays))
    assert found == header
    assert list(read) == list(arrays)
    for name, array in arrays.items():
        assert read[name].dtype == array.dtype
        np.testing.assert_array_equal(read[name], array)


def test_arrays_start_where_typed_arrays_may() -> None:
    message = pack({"say": "é"}, {"odd": np.zeros(3, np.uint8), "wide": np.array([1.5, -2.0])})
    at = message.index(np.array([1.5, -2.0]).tobytes())
    assert at % 8 == 0


def test_columns_of_a_table_are_packed_as_they_read() -> None:
    table = np.zeros(4, dtype=[("x", "f4"), ("n", "i4")])
    table["x"] = [1, 2, 3, 4]
    _, read = unpack(pack({}, {"x": table["x"]}))
    assert read["x"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("kind", ["i8", "u8", "f2", "?", "U3"])
def test_types_that_a_page_cannot_read_are_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="days: expected a type out of u1, i1"):
        pack({}, {"days": np.zeros(2, kind)})


def test_numbers_that_json_has_not_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        pack({"low": float("nan")}, {})
