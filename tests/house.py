"""Checks of the house that no type checker or linter makes: arrows, the door to Numba, compiled code, text."""

from __future__ import annotations

import ast
import math
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("abm", "calibration", "runs", "web", "server")
MAY_NOT_IMPORT = {
    "abm": {"runs", "calibration", "web", "server"},
    "runs": {"calibration", "web", "server"},
    "calibration": {"web", "server"},
    "web": {"server"},
    "server": set(),
}
LONGEST_MODULE = 400

# Compiled and plain Python agree on these to the bit: tests/test_house.py measures it.
OF_BOUNDED = {"acos", "asin"}
OF_POSITIVE = {"log", "log10", "log1p", "log2", "sqrt"}
OF_REAL = {"atan", "ceil", "copysign", "cos", "cosh", "degrees", "erf", "erfc", "exp", "expm1", "fabs", "floor"}
OF_REAL |= {"isfinite", "isinf", "isnan", "radians", "sin", "sinh", "tan", "tanh", "trunc"}
OF_TWO = {"atan2", "pow"}
MATHS = OF_BOUNDED | OF_POSITIVE | OF_REAL | OF_TWO
# NumPy in compiled code makes arrays and converts numbers; its reductions, sorts and vector functions round otherwise.
NUMPY = {"arange", "empty", "empty_like", "full", "ones", "searchsorted", "zeros", "zeros_like"}
NUMPY |= {"bool_", "float64", "int64", "uint8", "uint64"}
METHODS = {"argsort", "cumprod", "cumsum", "dot", "mean", "prod", "sort", "std", "sum", "var"}
BUILTINS = {"pow", "sorted", "sum"}
DOORS = {"abm.compiled.rule", "abm.compiled.phase", "abm.compiled.entry"}
PARAMETERS = {"p", "params", "parameters"}

# Written so that these lines do not match themselves.
UNWANTED = {
    "left unfinished": r"\b(TO[D]O|FIX[M]E|NotImplemented[E]rror)\b",
    "a path outside the project": r"\.\./sha[r]ed",
    "a path of one machine": r"(?<![\w.~])/(wo[r]k|ro[o]t|fa[r]m|ho[m]e/\w+)/",
    "the host of a registry": r"\b(pyp[i]\.org|python[h]osted\.org|registry\.np[m]js|deb\.deb[i]an\.org)",
    "an issue by its number": r"(?i)\b(iss[u]e|fix(es)?|clos(es|ed))\s+#\d",
}


# --- what the project holds ---------------------------------------------------------------------------------------


def tracked_files() -> list[Path]:
    """Files of the project; without git (an unpacked archive), every file outside hidden and built folders."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        paths = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        unwanted = {"build", "dist", "results", "__pycache__"}
        relative = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        paths = [ROOT / r for r in relative if not any(part in unwanted or part.startswith(".") for part in r.parts)]
    return [path for path in paths if path.is_file()]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def sources(*rooms: str) -> dict[str, str]:
    """Source of each module of the rooms, by its dotted name."""
    paths = [p for room in rooms for p in (*(ROOT / room).rglob("*.py"), ROOT / f"{room}.py") if p.is_file()]
    return {module_name(path): path.read_text() for path in paths}


# --- imports ------------------------------------------------------------------------------------------------------


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported, wherever in the file and also by `import_module("...")`."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=str(module), level=0, names=names):
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in names)
            case ast.Call(
                func=ast.Name("import_module" | "__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield node.lineno, module


def root_of(dotted: str) -> str:
    return dotted.partition(".")[0]


def numba_faults(module: str, source: str) -> list[str]:
    """Ways to Numba that do not go through abm/compiled.py."""
    tree = ast.parse(source)
    faults = [
        f"{module}:{line} imports {name}" for line, name in imports(tree) if root_of(name) in {"numba", "llvmlite"}
    ]
    for node in ast.walk(tree):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in {"jit", "njit", "guvectorize", "cfunc"}:
            faults.append(f"{module}:{node.lineno} uses {name}")
    return faults


def arrow_faults(module: str, source: str) -> list[str]:
    """Imports against the arrows server.py -> web -> calibration -> runs -> abm."""
    forbidden = MAY_NOT_IMPORT[root_of(module)]
    found = imports(ast.parse(source))
    return [f"{module}:{line} imports {name}" for line, name in found if root_of(name) in forbidden]


def drawing_faults(module: str, source: str) -> list[str]:
    """Imports of Matplotlib by the model itself rather than its views."""
    if module.startswith("abm.views"):
        return []
    found = imports(ast.parse(source))
    return [f"{module}:{line} imports {name}" for line, name in found if root_of(name) == "matplotlib"]


# --- compiled code ------------------------------------------------------------------------------------------------


class Package:
    """Functions and constants of a set of modules, by dotted name, and which functions end up compiled."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.functions: dict[str, ast.FunctionDef] = {}
        self.constants: dict[str, float] = {}
        self.names: dict[str, dict[str, str]] = {}
        self.compiled_by_call: list[str] = []
        self.misplaced: list[str] = []
        for module, source in modules.items():
            self._read(module, ast.parse(source))

    def _read(self, module: str, tree: ast.Module) -> None:
        names = self.names[module] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names.update({a.asname or root_of(a.name): a.name if a.asname else root_of(a.name) for a in node.names})
            elif isinstance(node, ast.ImportFrom):
                names.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                names[node.name] = f"{module}.{node.name}"
                self.functions[f"{module}.{node.name}"] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._read_constant(module, node.targets[0].id, node.value)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and self.is_door(module, node.func) and node.args:
                self.compiled_by_call.append(self.dotted(module, node.args[0]))
            elif isinstance(node, ast.FunctionDef) and node not in tree.body and self.is_decorated(module, node):
                self.misplaced.append(
                    f"{module}.{node.name}:{node.lineno} is compiled but not at the top of its module"
                )

    def _read_constant(self, module: str, name: str, value: ast.expr) -> None:
        self.names[module][name] = f"{module}.{name}"
        number = number_of(value)
        if number is not None:
            self.constants[f"{module}.{name}"] = number

    def dotted(self, module: str, node: ast.expr) -> str:
        """Full name of a name or attribute as seen in a module; empty for anything else."""
        if isinstance(node, ast.Name):
            return self.names[module].get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.dotted(module, node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""

    def is_door(self, module: str, node: ast.expr) -> bool:
        return self.dotted(module, node) in DOORS

    def is_decorated(self, module: str, function: ast.FunctionDef) -> bool:
        return any(self.is_door(module, decorator) for decorator in function.decorator_list)

    def constant(self, function: str, node: ast.expr) -> float | None:
        """The number an expression always has, as the compiler sees it: a literal, or a name given one number."""
        number = number_of(node)
        if number is None and isinstance(node, ast.Name):
            number = local_constants(self.functions[function]).get(node.id)
        return self.constants.get(self.dotted(home(function), node)) if number is None else number

    def compiled(self) -> set[str]:
        """Every function given to rule(), phase() or entry(), and every function of the package these call."""
        waiting = [name for name, function in self.functions.items() if self.is_decorated(home(name), function)]
        waiting += [name for name in self.compiled_by_call if name in self.functions]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            calls = (node for node in ast.walk(self.functions[name]) if isinstance(node, ast.Call))
            called = (self.dotted(home(name), call.func) for call in calls)
            waiting += [callee for callee in called if callee in self.functions]
        return seen

    def faults(self) -> list[str]:
        """What would let compiled and plain Python differ, as `function:line what`."""
        return self.misplaced + [
            f"{name}:{getattr(node, 'lineno', '?')} {fault}"
            for name in sorted(self.compiled())
            for statement in self.functions[name].body
            for node in ast.walk(statement)
            for fault in self._faults_of(name, node)
        ]

    def _faults_of(self, function: str, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.BinOp(op=ast.Pow(), left=base, right=exponent):
                yield from self._power_faults(function, base, exponent)
            case ast.AugAssign(op=ast.Pow(), target=base, value=exponent):
                yield from self._power_faults(function, base, exponent)
            case ast.BinOp(op=ast.MatMult()):
                yield "uses @, whose sums have no fixed order"
            case ast.Call():
                yield from self._call_faults(function, node)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and any(writes_parameter(t) for t in targets):
            yield "writes to the parameters"

    def _power_faults(self, function: str, base: ast.expr, exponent: ast.expr) -> Iterator[str]:
        """LLVM and Numba turn powers with known operands into products, roots and exp2: other last bits."""
        known_base, known_exponent = self.constant(function, base), self.constant(function, exponent)
        if known_base is not None and known_exponent is not None:
            return  # folded once, by Python itself
        if isinstance(known_exponent, int) or known_exponent in {2.0, 0.5, -1.0}:
            yield f"raises to the constant power {known_exponent}: write the product, quotient or math.sqrt"
        if known_base is not None and known_base > 0 and math.frexp(known_base)[0] == 0.5:
            yield f"raises the constant {known_base}: write math.exp(x * LN2)"

    def _call_faults(self, function: str, call: ast.Call) -> Iterator[str]:
        name = self.dotted(home(function), call.func)
        library, _, attribute = name.partition(".")
        if library == "math" and attribute not in MATHS:
            yield f"calls {name}"
        elif name == "math.pow" and len(call.args) == 2:
            yield from self._math_pow_faults(function, *call.args)
        elif library == "numpy" and attribute not in NUMPY:
            yield f"calls {name}"
        elif name in BUILTINS or (name == "round" and len(call.args) + len(call.keywords) > 1):
            yield f"calls {name}()"
        elif library != "numpy" and isinstance(call.func, ast.Attribute) and call.func.attr in METHODS:
            yield f"calls .{call.func.attr}()"

    def _math_pow_faults(self, function: str, base: ast.expr, exponent: ast.expr) -> Iterator[str]:
        known = self.constant(function, exponent)
        exact = ast.copy_location(ast.Constant(float(known)), exponent) if known is not None else exponent
        yield from self._power_faults(function, base, exact)


def home(function: str) -> str:
    return function.rpartition(".")[0]


def number_of(node: ast.expr) -> float | None:
    """The number a literal, signed or not, stands for."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def local_constants(function: ast.FunctionDef) -> dict[str, float]:
    """Names that a function gives a literal number and nothing else."""
    values: dict[str, list[float | None]] = {}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                values.setdefault(name, []).append(number_of(value))
            case ast.AugAssign(target=ast.Name(id=name)) | ast.For(target=ast.Name(id=name)):
                values.setdefault(name, []).append(None)
    return {name: given[0] for name, given in values.items() if len(given) == 1 and given[0] is not None}


def writes_parameter(target: ast.expr | None) -> bool:
    """Whether an assignment's target is a field or item of something called p, params or parameters."""
    if isinstance(target, ast.Tuple | ast.List):
        return any(writes_parameter(element) for element in target.elts)
    inner = target
    while isinstance(inner, ast.Attribute | ast.Subscript):
        inner = inner.value
    return inner is not target and isinstance(inner, ast.Name) and inner.id in PARAMETERS


# --- text ---------------------------------------------------------------------------------------------------------


def text_faults(name: str, text: str) -> list[str]:
    """Lines with what nothing committed may hold."""
    return [
        f"{name}:{number} {what}: {line.strip()[:80]}"
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in UNWANTED.items()
        if re.search(pattern, line)
    ]


def length_faults(name: str, text: str) -> list[str]:
    lines = len(text.splitlines())
    return [f"{name} has {lines} lines"] if lines > LONGEST_MODULE else []
