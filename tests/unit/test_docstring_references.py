"""What docstrings and comments refer to is there: modules, classes and functions by name, files by path.

A name is looked up as a reader would: with leading dots as an import from that module, without them in the class
around it, in its module, and among the package's public names. A path is one in this repository, or the end of one.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from references import ROOT

PACKAGE = "jupyter_plant_together"
SOURCES = sorted((ROOT / PACKAGE).rglob("*.py"))
ROLE = re.compile(r":(mod|class|exc|meth|func|attr|data|obj):`~?([^`]+)`")
PATH = re.compile(r"(?<![\w./*-])(?:[\w.@-]+/)*[\w.-]+\.(?:md|py|ts|tsx|lua)\b(?!/)")
KINDS: dict[str, Callable[[Any], bool]] = {
    "mod": inspect.ismodule,
    "class": inspect.isclass,
    "exc": inspect.isclass,
    "meth": callable,
    "func": inspect.isroutine,
}
# Files of other projects, and names that stand for any file.
ELSEWHERE = {"jupyter_server_config.py", "jupyterhub_config.py", "path.ts", "spec.ts"}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def documentation(node: ast.AST, within: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each text that stands as a statement of its own, with the classes around it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            if isinstance(child.value.value, str):
                yield within, child.value.value
        else:
            yield from documentation(
                child, (*within, child.name) if isinstance(child, ast.ClassDef) else within
            )


def walk(start: Any, names: list[str]) -> Any:
    """Follow ``names`` from an object; raises LookupError where one is not there."""
    for name in names:
        if isinstance(start, type) and name in instance_attributes(start):
            start = None
            continue
        if isinstance(start, ModuleType) and not hasattr(start, name):
            try:
                importlib.import_module(f"{start.__name__}.{name}")
            except ModuleNotFoundError:
                raise LookupError(name) from None
        if not hasattr(start, name):
            raise LookupError(name)
        start = getattr(start, name)
    return start


def instance_attributes(kind: type) -> set[str]:
    """Return what ``__init__`` and others set, and what is annotated."""
    if not kind.__module__.startswith(PACKAGE):
        return set()
    return {
        *inspect.get_annotations(kind),
        *re.findall(r"self\.(\w+)\b[^=\n(]* = ", inspect.getsource(kind)),
    }


def lost(module: ModuleType, within: tuple[str, ...], role: str, name: str) -> str | None:
    """Say why a reference leads nowhere; None if it does not."""
    if name.startswith("."):
        package = module.__name__ if hasattr(module, "__path__") else module.__name__.rpartition(".")[0]
        starts, names = [importlib.import_module(PACKAGE)], resolve_name(name, package).split(".")[1:]
    else:
        around = [walk(module, list(within[:depth])) for depth in range(len(within), 0, -1)]
        starts, names = [*around, module, importlib.import_module(PACKAGE)], name.split(".")
        if names[0] == PACKAGE:
            starts, names = starts[-1:], names[1:]
    for start in starts:
        try:
            found = walk(start, names)
        except LookupError:
            continue
        if role not in KINDS or KINDS[role](found):
            return None
        return f":{role}:`{name}` is a {type(found).__name__}"
    return f":{role}:`{name}` is not there"


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_what_a_docstring_refers_to_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = [
        (within, role, name)
        for within, doc in documentation(ast.parse(text))
        for role, name in ROLE.findall(doc)
    ]
    if found:
        module = importlib.import_module(module_of(path))
        assert [why for one in found if (why := lost(module, *one))] == []


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("mod", ".nowhere"),
        ("class", "..errors.Nothing"),
        ("class", "..errors.table"),
        ("meth", "Stream.nothing"),
        ("func", "nothing"),
        ("mod", "Stream"),
    ],
)
def test_what_is_not_there_is_found(role: str, name: str) -> None:
    module = importlib.import_module(f"{PACKAGE}.journal.port")
    assert lost(module, ("Stream",), "meth", "announce") is None
    assert lost(module, ("Stream",), role, name) is not None


@cache
def files() -> frozenset[str]:
    """Every end of a path of a file that belongs to the repository."""
    folders = [
        ROOT / "docs",
        ROOT / PACKAGE,
        ROOT / "labextension/src",
        ROOT / "tests",
        ROOT / "tools",
        ROOT / "benchmarks",
    ]
    folders += [ROOT / "notebooks", ROOT / "labextension/test", ROOT / "labextension/tests"]
    there = [path for folder in folders if folder.is_dir() for path in folder.rglob("*.*")]
    there += [*ROOT.glob("*.*"), *(ROOT / "labextension").glob("*.*")]
    parts = [path.relative_to(ROOT).parts for path in there]
    return frozenset("/".join(one[start:]) for one in parts for start in range(len(one)))


def prose(path: Path) -> str:
    """Return the comments and docstrings of a Python file, the whole text of another."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return "\n".join(re.findall(r"(?:^|\s)(?://|--|/?\*+) (.*)", text))
    comments = [
        one.string
        for one in tokenize.generate_tokens(io.StringIO(text).readline)
        if one.type == tokenize.COMMENT
    ]
    return "\n".join([*comments, *(doc for _, doc in documentation(ast.parse(text)))])


@pytest.mark.parametrize("folder", [PACKAGE, "labextension/src", "tests", "tools", "benchmarks"])
def test_a_file_that_is_cited_is_there(folder: str) -> None:
    sources = [
        path
        for kind in ("py", "ts", "tsx", "lua")
        for path in sorted((ROOT / folder).rglob(f"*.{kind}"))
        if "node_modules" not in path.parts
    ]
    cited = [(path, one) for path in sources for one in PATH.findall(prose(path))]
    assert cited
    assert [f"{path.relative_to(ROOT)}: {one}" for path, one in cited if one not in files() | ELSEWHERE] == []
