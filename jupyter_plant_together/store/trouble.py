"""What keeps a store from working for longer than a moment, and the rows of sentences both databases share.

:class:`~jupyter_plant_together.errors.Unavailable` says "come back"; what is here does not pass by waiting,
so a start that meets it stops with its sentence.
"""

from __future__ import annotations

from ..errors import Unavailable

UPGRADE = "written by a newer version of jupyter-plant-together; this one knows"
MIGRATE = "run 'jupyter plant-together migrate', or set PlantTogether.migrate_on_start = True."


class Misconfigured(Unavailable):
    """The store is set up so that it cannot be used; somebody has to change something."""


class SchemaError(Misconfigured):
    """The database's schema is not one that this version can work with."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="schema")


def newer_schema(place: str, found: int, known: int, trait: str) -> SchemaError:
    """Return the error for a database that a newer version of the package made."""
    return SchemaError(
        f"{place} has schema {found}, {UPGRADE} {known}: upgrade it, or choose another PlantTogether.{trait}."
    )


def older_schema(place: str, found: int, known: int) -> SchemaError:
    """Return the error for a database that needs a migration which is not allowed."""
    has = f"has schema {found} and needs {known}" if found else "has no tables of Plant Together yet"
    return SchemaError(f"{place} {has}: {MIGRATE}")
