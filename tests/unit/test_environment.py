"""No switch in the environment: ruff's TID251 forbids ``os.environ``, and nothing here goes around it."""

from __future__ import annotations

import ast
from pathlib import Path

import jupyter_plant_together

PACKAGE = Path(jupyter_plant_together.__file__).parent
# Names that reach a module, or run text, where the linter cannot see which.
HIDDEN = {"__import__", "eval", "exec", "__builtins__"}


def test_no_module_reaches_another_behind_the_linters_back() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno} {node.id}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id in HIDDEN
    ]
    assert found == []
