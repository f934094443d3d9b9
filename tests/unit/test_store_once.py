"""What the store does is written once: of each database only what really differs has a code of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jupyter_plant_together.store

STORE = Path(jupyter_plant_together.store.__file__).parent

# The ways to reach a database, and what a transaction of it is made of.
DIFFERENT = {
    *("open", "close", "health", "read", "write"),
    *("_run", "_read", "_query", "_write"),
    *("fetch", "fetchrow", "fetchval", "execute"),
    *("append", "introduce", "newest", "write_event"),
    *("migrations", "known_version", "schema_version", "check", "migrate"),
    *("unavailable", "translate"),
    *("_connect", "_touch"),
}
# Numbers, rows and who wrote them: only these are written in bulk, or under a counter.
TABLES = {"meta", "document", "history", "client", "event", "snapshot"}
# What else a statement reads: the databases' own tables, and the parts of one statement.
OTHER = {"pg_class", "sqlite_schema", "counter", "unnest"}


def modules(kind: str) -> list[ast.Module]:
    """Return what is written for "sqlite" or "postgres" alone."""
    found = [
        path
        for path in STORE.rglob("*.py")
        if any(part.startswith(kind) for part in path.relative_to(STORE).parts)
    ]
    return [ast.parse(path.read_text(encoding="utf-8")) for path in found]


def functions(kind: str) -> set[str]:
    return {
        node.name
        for module in modules(kind)
        for node in ast.walk(module)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("__")
    }


def statements(kind: str) -> Iterator[str]:
    """Yield the SQL in a database's modules, with its arguments and spaces as one."""
    for module in modules(kind):
        for node in ast.walk(module):
            text = ""
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            elif isinstance(node, ast.JoinedStr):
                text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            if re.match(r"\s*(WITH|SELECT|INSERT|UPDATE|DELETE)\s+\w", text):
                yield re.sub(r"\?\d*|\$\d+", "?", " ".join(text.split()))


def test_no_function_is_written_for_each_database_but_what_differs() -> None:
    assert functions("sqlite") & functions("postgres") <= DIFFERENT


def test_what_may_differ_does() -> None:
    """The list above holds nothing that is shared by now."""
    assert functions("sqlite") & functions("postgres") >= DIFFERENT


def test_no_statement_is_written_for_each_database() -> None:
    # That health looks at and touches one row is the same by nature.
    looks = {
        "SELECT value FROM meta WHERE key = 'counter'",
        "UPDATE meta SET value = value WHERE key = 'counter'",
    }
    assert set(statements("sqlite")) & set(statements("postgres")) <= looks


def test_databases_know_nothing_of_rooms_members_and_versions() -> None:
    for kind in ("sqlite", "postgres"):
        tables = {
            table
            for statement in statements(kind)
            for table in re.findall(r"\b(?:FROM|INTO|UPDATE|JOIN) (?:ONLY )?([a-z_]{3,})\b", statement)
        }
        assert "meta" in tables, "no statement was found"
        assert tables - TABLES - OTHER == set(), kind
