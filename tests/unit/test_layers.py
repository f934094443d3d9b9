"""Imports run downward only, and never in a circle: the package by its layers, the labextension by its modules.

Every import counts, also one for a type checker only and one inside a function: what a module needs to be
understood is what matters here, not what is loaded at run time.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

import jupyter_plant_together

PACKAGE = Path(jupyter_plant_together.__file__).parent
NAME = PACKAGE.name
LABEXTENSION = Path(__file__).parents[2] / "labextension" / "src"

# Which layer a module is in: the longest prefix of its path without the package and ".py" decides.
LAYERS = {
    "__init__": "package",
    "cli": "cli",
    "server": "server",
    "handlers": "handlers",
    "importing": "importing",
    "rooms": "rooms",
    "live": "live",
    "journal": "journal",
    "store": "store",
    "yjs": "yjs",
    "notebook": "notebook",
    "rendering": "rendering",
    "diagrams": "diagrams",
    "util": "util",
    "shared": "util",
    "errors": "util",
    "ids": "util",
    "limits": "util",
}

# What a layer may import besides itself.
STORED = {"yjs", "util"}
LIVE = {"journal", "store", *STORED}
ROOMS = {"live", "rendering", *LIVE}
HANDLERS = {"rooms", *ROOMS}
SERVER = {"handlers", "importing", *HANDLERS}
BELOW = {
    "package": {"cli", "server", "notebook", "diagrams", *SERVER},
    "cli": {"server", *SERVER},
    "server": SERVER,
    "handlers": HANDLERS,
    "importing": HANDLERS - {"rendering"},
    "rooms": ROOMS,
    "live": LIVE,
    "journal": {"store", *STORED},
    "store": STORED,
    "yjs": {"util"},
    "notebook": {"rendering", "diagrams", *STORED},
    "rendering": {"util"},
    "diagrams": {"util"},
    "util": set(),
}


def python_modules(root: Path) -> dict[str, Path]:
    """All modules below ``root``, by their path without ".py"."""
    return {
        path.relative_to(root).with_suffix("").as_posix(): path
        for path in sorted(root.rglob("*.py"))
        if "node_modules" not in path.parts
    }


@cache
def python_imports(root: Path) -> dict[str, set[str]]:
    """What each module imports of the others."""
    modules = python_modules(root)
    imports: dict[str, set[str]] = {}
    for module, path in modules.items():
        found = imports[module] = set()
        for node in ast.walk(ast.parse(path.read_text(), str(path))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found |= named(modules, root.name, alias.name)
            elif isinstance(node, ast.ImportFrom):
                package = [root.name, *module.split("/")[:-1]]
                base = package[: len(package) - node.level + 1] if node.level else []
                base = [*base, *([node.module] if node.module else [])]
                for alias in node.names:
                    whole = ".".join([*base, alias.name])
                    found |= named(modules, root.name, whole) or named(modules, root.name, ".".join(base))
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    found |= named(modules, root.name, root.name + str(name.value))
        found.discard(module)
    return imports


def named(modules: Mapping[str, Path], package: str, dotted: str) -> set[str]:
    """The module with a dotted name; nothing if it is none of the package's."""
    first, *rest = dotted.split(".")
    path = "/".join(rest)
    candidates = (path, f"{path}/__init__" if path else "__init__")
    return {candidate for candidate in candidates if first == package and candidate in modules}


TS_IMPORT = re.compile(
    r"""(?:^\s*(?:import|export)\b[^'";]*?\bfrom\s*|^\s*import\s*|\bimport\s*\(\s*(?:/\*.*?\*/\s*)?)"""
    r"""(['"])(?P<name>\.[^'"]*)\1""",
    re.MULTILINE | re.DOTALL,
)


def typescript_imports(root: Path) -> dict[str, set[str]]:
    """What each module imports of the others, types and lazily loaded ones included."""
    paths = [path for path in sorted(root.rglob("*.ts*")) if path.suffix in {".ts", ".tsx"}]
    modules = {path.relative_to(root).with_suffix("").as_posix(): path for path in paths}
    imports: dict[str, set[str]] = {}
    for module, path in modules.items():
        found = imports[module] = set()
        text = re.sub(r"^\s*(//|\*|/\*).*$", "", path.read_text(), flags=re.MULTILINE)
        for match in TS_IMPORT.finditer(text):
            target = (path.parent / match["name"].split("?")[0]).resolve()
            for candidate in (target, target / "index", target.with_suffix("")):
                if candidate.is_relative_to(root):
                    name = candidate.relative_to(root).as_posix()
                    if name in modules and name != module:
                        found.add(name)
                        break
    return imports


def circles(imports: Mapping[str, set[str]]) -> list[list[str]]:
    """The sets of modules that import one another (Tarjan's strongly connected components)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        stack.append(module)
        for other in sorted(imports[module]):
            if other not in order:
                visit(other)
            if other in stack:
                lowest[module] = min(lowest[module], lowest[other])
        if lowest[module] == order[module]:
            at = stack.index(module)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for module in imports:
        if module not in order:
            visit(module)
    return found


def layer_of(module: str) -> str | None:
    """The layer of the longest prefix; a prefix ends where a folder or a word of the name does."""
    prefixes = [p for p in LAYERS if module == p or module.startswith((p + "/", p + "_"))]
    return LAYERS[max(prefixes, key=len)] if prefixes else None


def test_no_modules_of_the_package_import_one_another_in_a_circle():
    imports = python_imports(PACKAGE)
    assert sum(map(len, imports.values())) > 500, "the imports are not found"
    assert circles(imports) == []


def test_each_module_is_in_a_layer_and_each_entry_of_the_table_is_used():
    modules = python_modules(PACKAGE)
    assert [module for module in modules if layer_of(module) is None] == []
    unused = [p for p in LAYERS if not any(m == p or m.startswith((p + "/", p + "_")) for m in modules)]
    assert unused == []


def test_imports_of_the_package_run_downward_only():
    upward = [
        f"{module} ({mine}) imports {other} ({theirs})"
        for module, others in python_imports(PACKAGE).items()
        for other in sorted(others)
        if (theirs := layer_of(other)) != (mine := layer_of(module)) and theirs not in BELOW[str(mine)]
    ]
    assert upward == []


def test_no_modules_of_the_labextension_import_one_another_in_a_circle():
    imports = typescript_imports(LABEXTENSION)
    assert sum(map(len, imports.values())) > 200, "the imports are not found"
    assert circles(imports) == []


def test_imports_between_folders_of_the_labextension_point_one_way():
    folders: dict[str, set[str]] = {}
    for module, others in typescript_imports(LABEXTENSION).items():
        folder, inside, _ = module.partition("/")
        if inside and "__tests__" not in module:
            used = {other.partition("/")[0] for other in others if "/" in other}
            folders.setdefault(folder, set()).update(used - {folder})
    assert len(folders) > 10, "the folders are not found"
    assert circles(folders) == []


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a": "from . import b", "b": "from .a import f"}, [["a", "b"]]),
        ({"a": "def f():\n    import pkg.c.d", "c/__init__": "", "c/d": "from .. import a"}, [["a", "c/d"]]),
        ({"a": "if TYPE_CHECKING:\n    from .b import B", "b": "from pkg.a import A"}, [["a", "b"]]),
        ({"a": "from .b import f\nimport os", "b": "from .c import g", "c": ""}, []),
    ],
)
def test_circles_of_python_are_found(tmp_path, files, expected):
    root = tmp_path / "pkg"
    for name, text in {"__init__": "", **files}.items():
        path = root / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert circles(python_imports(root)) == expected


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("import { x } from './other';", "import type { Y } from '../one';", True),
        ("import {\n  x,\n  y\n} from './other';", "export * from '../one';", True),
        ("const x = await import('./other');", "import '../one';", True),
        ("import { x } from './other';", "// import { Y } from '../one';", False),
        ("import { x } from './other';", "import { Y } from '@jupyterlab/one';", False),
    ],
)
def test_circles_of_typescript_are_found(tmp_path, one, other, found):
    (tmp_path / "other").mkdir()
    (tmp_path / "one.ts").write_text(one)
    (tmp_path / "other" / "index.tsx").write_text(other)
    assert circles(typescript_imports(tmp_path)) == ([["one", "other/index"]] if found else [])
