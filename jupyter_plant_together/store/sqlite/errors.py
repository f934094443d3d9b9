"""From SQLite's result codes to one clear sentence each.

A store that cannot answer raises :class:`~jupyter_plant_together.errors.Unavailable` with a ``reason`` that
programs match on (and ``health`` shows): locked, full, corrupt, read-only, missing, not-a-database, io.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ...errors import Unavailable

_SENTENCES = {
    "locked": "The database file {path} is locked by another program; nothing was saved, it is tried again.",
    "full": "No space is left for the database file {path}; nothing was saved. Free some space.",
    "corrupt": "The database file {path} is damaged; nothing was saved. Restore it from a copy.",
    "not-a-database": "The file {path} is not a database of Plant Together; choose another database_path.",
    "read-only": "The database file {path} or its folder cannot be written; nothing was saved. "
    "Check its permissions.",
    "missing": "The database file {path} was removed or replaced while the server runs; nothing was saved. "
    "Put it back and restart the server.",
    "open": "The database file {path} cannot be opened; check that its folder exists and can be written.",
    "io": "Reading or writing the database file {path} failed ({detail}); nothing was saved.",
    "closed": "The database is closed because the server is stopping.",
}

# The primary result code is the low byte of sqlite_errorcode.
_REASONS = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_PROTOCOL: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "corrupt",
    sqlite3.SQLITE_NOTADB: "not-a-database",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_PERM: "read-only",
    sqlite3.SQLITE_CANTOPEN: "open",
}
# After one of these the connection's own state is in doubt: the next operation opens a new one.
REOPEN_AFTER = frozenset({"corrupt", "not-a-database", "io", "open", "full", "read-only"})


def unavailable(reason: str, path: Path, detail: str = "") -> Unavailable:
    """Return the error for ``reason``, with its sentence."""
    return Unavailable(_SENTENCES[reason].format(path=path, detail=detail), reason=reason)


def translate(error: sqlite3.Error, path: Path) -> Unavailable:
    """Return the :class:`Unavailable` that says what ``error`` means for the user."""
    code = getattr(error, "sqlite_errorcode", None)
    reason = "io" if code is None else _REASONS.get(code & 0xFF, "io")
    if code in (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE):
        # What a full quota or a file size limit gives instead of SQLITE_FULL.
        reason = "full"
    return unavailable(reason, path, str(error))
