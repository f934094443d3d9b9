"""A schema that this version cannot work with, in the sentences that both databases share."""

from __future__ import annotations

from ..errors import Misconfigured

UPGRADE = "written by a newer version of jupyter-plant-together; this one knows"
MIGRATE = "run 'jupyter plant-together migrate', or set PlantTogether.migrate_on_start = True."


class SchemaError(Misconfigured):
    """The database's schema is not one that this version can work with."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="schema")


class NoTables(SchemaError):
    """The database has nothing of this package yet."""


def newer_schema(place: str, found: int, known: int, trait: str) -> SchemaError:
    """Return the error for a database that a newer version of the package made."""
    return SchemaError(
        f"{place} has schema {found}, {UPGRADE} {known}: upgrade it, or choose another PlantTogether.{trait}."
    )


def older_schema(place: str, found: int, known: int) -> SchemaError:
    """Return the error for a database that needs a migration which is not allowed."""
    if not found:
        return NoTables(f"{place} has no tables of Plant Together yet: {MIGRATE}")
    return SchemaError(f"{place} has schema {found} and needs {known}: {MIGRATE}")
