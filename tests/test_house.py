"""The house is in order, and each check of it is shown able to fail on a bad snippet."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from house import (
    LONGEST_MODULE,
    MATHS,
    OF_BOUNDED,
    OF_POSITIVE,
    OF_TWO,
    ROOMS,
    ROOT,
    Package,
    arrow_faults,
    drawing_faults,
    length_faults,
    module_name,
    numba_faults,
    sources,
    text_faults,
    tracked_files,
)

from abm.compiled import rule


def test_only_one_door_to_numba() -> None:
    modules = sources(*ROOMS)
    assert "numba" in modules.pop("abm.compiled")
    assert [fault for name, text in modules.items() for fault in numba_faults(name, text)] == []


def test_arrows_point_one_way() -> None:
    assert [fault for name, text in sources(*ROOMS).items() for fault in arrow_faults(name, text)] == []


def test_only_views_draw() -> None:
    assert [fault for name, text in sources("abm").items() for fault in drawing_faults(name, text)] == []


def heavy_imports(module: str) -> set[str]:
    """Which of the libraries that take seconds to load come with a module."""
    program = f"import sys, {module}; print(*sys.modules.keys() & {{'matplotlib', 'mesa', 'pandas'}})"
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(answer.stdout.split())


def test_a_run_loads_no_library_that_it_does_not_use() -> None:
    assert heavy_imports("abm.simulation") == set()


def test_compiled_code_gives_the_bits_of_plain_python() -> None:
    package = Package(sources("abm"))
    assert {"abm.randomness.uniforms", "abm.randomness.mix"} <= package.compiled()
    assert package.faults() == []


def test_modules_are_short() -> None:
    paths = [path for path in tracked_files() if path.suffix == ".py"]
    assert Path(__file__) in paths
    assert [fault for path in paths for fault in length_faults(module_name(path), path.read_text())] == []


def test_files_hold_nothing_unwanted() -> None:
    faults = []
    for path in tracked_files():
        data = path.read_bytes()
        if b"\0" not in data:
            faults += text_faults(path.relative_to(ROOT).as_posix(), data.decode(errors="replace"))
    assert faults == []


@pytest.mark.parametrize("name", sorted(MATHS))
def test_allowed_mathematics_gives_equal_bits(name: str) -> None:
    n = 20_000
    grid = [(i + 0.5) / n for i in range(n)]
    if name in OF_TWO:
        pairs = [(5 * u, 8 * v - 4) for u, v in zip(grid, grid[::7] + grid[1::7] + grid[2::7], strict=False)]
    else:
        pairs = [(v if name in OF_BOUNDED else 50 * v if name in OF_POSITIVE else 20 * v - 10, 0.0) for v in grid]
    two = name in OF_TWO | {"copysign"}
    plain = eval(f"lambda x, y: math.{name}(x{', y' if two else ''})", {"math": math})
    compiled = rule(plain)
    assert np.array_equal([float(plain(x, y)) for x, y in pairs], [float(compiled(x, y)) for x, y in pairs])


# --- the checks can fail -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "import numba",
        "from numba import njit",
        "def late():\n    import numba.core",
        "from importlib import import_module\nnumba = import_module('numba')",
        "from abm import compiled\nquick = compiled.njit(f)",
        "import llvmlite.binding",
    ],
)
def test_a_second_door_to_numba_is_found(source: str) -> None:
    assert numba_faults("abm.villages", source)


def test_names_like_numba_are_no_door() -> None:
    assert numba_faults("abm.villages", "from abm.compiled import entry, rule\nversion('numba')") == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("abm.world", "import runs"),
        ("abm.views.map", "def f():\n    from runs.store import read"),
        ("abm.world", "import calibration.abc as c"),
        ("abm.world", "from importlib import import_module\nimport_module('server')"),
        ("runs.cli", "from calibration import posterior"),
        ("runs.cli", "import server"),
        ("calibration.fit", "from server import Page"),
    ],
)
def test_an_arrow_the_wrong_way_is_found(module: str, source: str) -> None:
    assert arrow_faults(module, source)


def test_arrows_the_right_way_are_not() -> None:
    assert arrow_faults("server", "import runs, calibration, abm") == []
    assert arrow_faults("calibration.fit", "from runs.batch import run\nfrom abm.world import World") == []
    assert arrow_faults("runs.cli", "from abm.views import charts\nimport runs.store") == []


def test_drawing_outside_the_views_is_found() -> None:
    assert drawing_faults("abm.world", "def f():\n    import matplotlib.pyplot as plt")
    assert drawing_faults("abm.views.charts", "import matplotlib") == []


def test_a_heavy_library_is_found() -> None:
    assert "pandas" in heavy_imports("pandas")


PREAMBLE = """
import math
import math as m
import numpy as np
from math import lgamma
from abm import compiled
from abm.compiled import entry, phase, rule
TWO = 2
HALF = 0.5
"""


def faults_of(body: str, decorator: str = "@rule") -> list[str]:
    function = f"{PREAMBLE}\n{decorator}\ndef f(x, y, p):\n    {body}\n"
    return Package({"abm.villages": function}).faults()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("return x**2", "power 2"),
        ("return x**3", "power 3"),
        ("return x**-1", "power -1"),
        ("return x**0.5", "power 0.5"),
        ("return (x + y) ** TWO", "power 2"),
        ("return math.pow(x, TWO)", "power 2.0"),
        ("return math.pow(x, 0.5)", "power 0.5"),
        ("return math.pow(0.5, x / y)", "constant 0.5"),
        ("return math.pow(HALF, x)", "constant 0.5"),
        ("return 2.0**x", "constant 2.0"),
        ("half = 0.5\n    return math.pow(half, x)", "constant 0.5"),
        ("x **= 2\n    return x", "power 2"),
        ("return np.exp(x)", "numpy.exp"),
        ("return np.log(x)", "numpy.log"),
        ("return np.hypot(x, y)", "numpy.hypot"),
        ("return np.linalg.norm(x)", "numpy.linalg.norm"),
        ("return np.argsort(x)[0]", "numpy.argsort"),
        ("return x.mean()", ".mean()"),
        ("return x[1:].sum()", ".sum()"),
        ("x.sort()\n    return x", ".sort()"),
        ("return x @ y", "@"),
        ("return round(x, 2)", "round()"),
        ("return round(x, ndigits=y)", "round()"),
        ("return sum(x)", "sum()"),
        ("return pow(x, y)", "pow()"),
        ("return math.hypot(x, y)", "math.hypot"),
        ("return m.gamma(x)", "math.gamma"),
        ("return lgamma(x)", "math.lgamma"),
        ("p.rate = 1.0\n    return x", "parameters"),
        ("p.rate += 1.0\n    return x", "parameters"),
        ("p.rates[0] = 1.0\n    return x", "parameters"),
        ("x, p.rate = 1.0, 2.0\n    return x", "parameters"),
        ("p['rate'] = 1.0\n    return x", "parameters"),
    ],
)
@pytest.mark.parametrize("decorator", ["@rule", "@phase", "@compiled.entry"])
def test_code_with_other_bits_is_found(body: str, fault: str, decorator: str) -> None:
    (found,) = faults_of(body, decorator)
    assert fault in found


@pytest.mark.parametrize(
    "body",
    [
        "return x * x + math.pow(x, y) + math.pow(x, 3.0) + x**1.5",
        "return x * 2.0**-52",
        "return math.sqrt(x) * math.exp(-y) + round(x) + p.rate",
        "a = np.zeros(3, dtype=np.float64)\n    a[0] = p.rate\n    return a",
        "half = 0.5\n    half += x\n    return math.pow(half, x)",
        "summed = x\n    return min(summed, max(y, np.int64(1)))",
    ],
)
def test_code_with_equal_bits_is_not(body: str) -> None:
    assert faults_of(body) == []


def test_callees_in_other_modules_are_checked_and_plain_functions_are_not() -> None:
    modules = {
        "abm.geography": (
            "import math\ndef far(x, y):\n    return near(x, y)\ndef near(x, y):\n    return math.hypot(x, y)"
        ),
        "abm.plot": "import numpy as np\ndef shown(x):\n    return np.mean(x) ** 2",
        "abm.villages": (
            "from abm.compiled import entry\nfrom abm import geography as g\n"
            "@entry\ndef f(x, y):\n    return g.far(x, y)"
        ),
    }
    assert Package(modules).faults() == ["abm.geography.near:5 calls math.hypot"]


def test_functions_handed_to_the_door_are_checked() -> None:
    source = "from abm.compiled import rule\ndef f(x):\n    return x**2\nquick = rule(f)"
    assert len(Package({"abm.villages": source}).faults()) == 1


def test_compiled_functions_stand_at_the_top_of_their_module() -> None:
    source = "from abm.compiled import rule\nclass A:\n    @rule\n    def f(x):\n        return x**2"
    assert Package({"abm.villages": source}).faults() == [
        "abm.villages.f:4 is compiled but not at the top of its module"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # TO" + "DO: think",
        "raise NotImplemented" + "Error",
        "open('../sha" + "red/data.csv')",
        "see /wo" + "rk/main",
        "HOME=/ro" + "ot/x",
        "index: https://pyp" + "i.org/simple",
        "Fix" + "es #12",
    ],
)
def test_unwanted_text_is_found(line: str) -> None:
    assert len(text_faults("abm/x.py", f"first\n{line}\nlast")) == 1


def test_wanted_text_is_not() -> None:
    assert text_faults("abm/x.py", "colour = '#12AB34'; https://example.org/work/x; roads/root/fixes 3") == []


def test_a_long_module_is_found() -> None:
    assert length_faults("abm.x", "x = 1\n" * (LONGEST_MODULE + 1))
    assert length_faults("abm.x", "x = 1\n" * LONGEST_MODULE) == []
