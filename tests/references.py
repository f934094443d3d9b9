"""Whether what a document names exists: ``path``, ``path::Class.method``, ``path.ts::name``, ``spec.ts::title``.

Python names are looked up in the syntax tree, names and titles of TypeScript in the text. Nothing is imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
_REFERENCE = re.compile(r"`((?:[\w.@-]+/)*[\w.-]+\.(?:py|ts|tsx|mjs|js|sql|lua)::[^`]+)`")
_SCOPES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def references(text: str) -> list[str]:
    """Return each ``path::name`` that stands in backticks."""
    return _REFERENCE.findall(text)


def missing(reference: str) -> str | None:
    """Say what of a reference is not there, None if all is."""
    path, _, name = reference.partition("::")
    file = ROOT / path
    if not file.is_file():
        return f"{reference}: there is no file {path}"
    if name and not (_in_python(file, name) if path.endswith(".py") else _in_text(file, name)):
        return f"{reference}: {path} has no {name}"
    return None


def docstring(path: str, name: str) -> str:
    """Return the docstring of a function or class in a Python file."""
    node = _find(_tree(ROOT / path), name.split("."))
    return (ast.get_docstring(node) or "") if isinstance(node, _SCOPES) else ""


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def _in_python(file: Path, name: str) -> bool:
    return _find(_tree(file), name.split(".")) is not None


def _find(scope: ast.AST, names: list[str]) -> ast.AST | None:
    for node in _statements(scope):
        if names[0] in _names(node):
            return node if len(names) == 1 else _find(node, names[1:])
    return None


def _statements(scope: ast.AST) -> Iterator[ast.AST]:
    """Return what stands directly in a scope, also below an ``if`` or ``try``."""
    for node in ast.iter_child_nodes(scope):
        yield node
        if not isinstance(node, _SCOPES):
            yield from _statements(node)


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, _SCOPES):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _in_text(file: Path, name: str) -> bool:
    text = file.read_text()
    if ".spec." in file.name:  # the title of a test or of a group of them
        return any(f"{quote}{name}{quote}" in text for quote in "'\"`")
    head, *members = (re.escape(part) for part in name.split("."))
    declared = rf"^(?:export )?(?:default )?(?:abstract )?(?:async )?(?:class|function|const|let|interface|type|namespace|enum) {head}\b"
    member = r"^\s+(?:(?:private|protected|public|static|readonly|override|async|get|set) )*{}\??\s*[(<:=]"
    return re.search(declared, text, re.M) is not None and all(
        re.search(member.format(one), text, re.M) for one in members
    )
