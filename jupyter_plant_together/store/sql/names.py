"""Which room or document a reference means, in SQL, and who has a name already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..records import Ref
from .refusals import name_taken
from .transaction import NameConflict


def where(ref: Ref, table: str, argument: str) -> tuple[str, str | None]:
    """Return a condition on ``table`` and the value of its ``argument``."""
    column, value = ("id", ref.id) if ref.id is not None else ("name_key", ref.key)
    deleted = f"NOT NULL AND {table}.purged_at IS NULL ORDER BY {table}.deleted_at DESC LIMIT 1"
    state = deleted if ref.deleted else "NULL"
    return f"{table}.{column} = {argument} AND {table}.deleted_at IS {state}", value


@contextmanager
def unique(what: str, name: str) -> Iterator[None]:
    """Raise NameTaken where the index over the names of ``what`` refuses ``name``."""
    try:
        yield
    except NameConflict:
        raise name_taken(what, name) from None
