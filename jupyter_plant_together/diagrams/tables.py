"""Entity-relationship diagrams of SQLAlchemy's metadata, or of a SQLite database."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from .labels import label


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    kind: str
    key: bool
    required: bool
    refers: tuple[str, ...] = ()  # the tables that its foreign keys lead to


def er(source: Any) -> str:
    """Return an entity-relationship diagram.

    Parameters
    ----------
    source
        SQLAlchemy's ``MetaData`` (or a class with one, as ``Base``), or a connection of ``sqlite3``. Of
        another database, take ``MetaData()`` and let it ``reflect`` the engine first.

    Returns
    -------
    str
        The PlantUML text; ``*`` marks columns that must have a value.

    Raises
    ------
    TypeError
        If it is none of these.

    Examples
    --------
    >>> import sqlite3
    >>> connection = sqlite3.connect(":memory:")
    >>> _ = connection.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT)")
    >>> print(er(connection))
    @startuml
    hide circle
    hide methods
    entity "person" as t0 {
      {field} * id : INTEGER <<PK>>
      --
      {field} name : TEXT
    }
    @enduml
    """
    tables = _of_sqlite(source) if isinstance(source, sqlite3.Connection) else _of_metadata(source)
    aliases = {name: f"t{number}" for number, name in enumerate(tables)}
    lines = ["@startuml", "hide circle", "hide methods"]
    for name, columns in tables.items():
        lines.append(f'entity "{label(name)}" as {aliases[name]} {{')
        keys, others = ([column for column in columns if column.key is wanted] for wanted in (True, False))
        lines += [f"  {_line(column)}" for column in keys]
        lines += ["  --"] if keys and others else []
        lines += [f"  {_line(column)}" for column in others]
        lines.append("}")
    for name, columns in tables.items():
        for column in columns:
            for other in column.refers:
                if other in aliases:
                    end = "||" if column.required else "o|"
                    lines.append(f"{aliases[name]} }}o--{end} {aliases[other]} : {label(column.name)}")
    return "\n".join([*lines, "@enduml"])


def _line(column: _Column) -> str:
    marks = (" <<PK>>" if column.key else "") + (" <<FK>>" if column.refers else "")
    kind = f" : {label(column.kind)}" if column.kind else ""
    # As a field even if its name looks like a method's.
    return f"{{field}} {'* ' if column.required else ''}{label(column.name)}{kind}{marks}"


def _of_metadata(source: Any) -> dict[str, list[_Column]]:
    found = getattr(getattr(source, "metadata", source), "tables", None)
    if found is None:
        raise TypeError("An er diagram is made of SQLAlchemy's MetaData or a connection of sqlite3.")
    return {
        name: [
            _Column(
                column.name,
                str(column.type),
                bool(column.primary_key),
                not column.nullable,
                tuple(dict.fromkeys(key.target_fullname.rpartition(".")[0] for key in column.foreign_keys)),
            )
            for column in table.columns
        ]
        for name, table in found.items()
    }


def _of_sqlite(connection: sqlite3.Connection) -> dict[str, list[_Column]]:
    cursor = connection.cursor()
    cursor.row_factory = None  # rows as tuples, whatever the connection makes of them
    ask = cursor.execute
    names = ask(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    tables: dict[str, list[_Column]] = {}
    for (name,) in names.fetchall():
        refers: dict[str, list[str]] = {}
        for key in ask("SELECT * FROM pragma_foreign_key_list(?)", (name,)).fetchall():
            refers.setdefault(key[3], []).append(key[2])
        tables[name] = [
            _Column(
                column[1],
                column[2],
                bool(column[5]),
                bool(column[3] or column[5]),
                tuple(dict.fromkeys(refers.get(column[1], []))),
            )
            for column in ask("SELECT * FROM pragma_table_info(?)", (name,)).fetchall()
        ]
    return tables
