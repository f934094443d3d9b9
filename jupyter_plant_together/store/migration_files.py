"""The numbered SQL files in the folder ``migrations`` of each kind of database."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered SQL file."""

    version: int
    name: str
    sql: str


def read(kind: str) -> list[Migration]:
    """Return the migrations of ``kind`` ("sqlite" or "postgres") that this version knows, in order."""
    folder = resources.files(__package__) / kind / "migrations"
    found = [
        Migration(int(file.name[:4]), file.name, file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    ]
    return sorted(found, key=lambda migration: migration.version)
