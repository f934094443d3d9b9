"""From what Postgres and the network say to one clear sentence each, without the password.

A sentence names the server, the database and the user, all taken from the URL by :class:`Target`; nothing of
the URL itself, nor of an error's own text that could quote it, is ever repeated.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from ...errors import BadRequest, Misconfigured, PlantTogetherError, Unavailable

TRAIT = "PlantTogether.postgres_dsn"
OLDEST = 13
# A name, an address or a folder of sockets, then the port.
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^:@\[\]]+)(:\d+)?")

# What talking to Postgres can raise: the server's answers, the driver's state, the network, time-outs.
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
# After one of these nothing that was sent is known to have arrived; a new connection may work at once.
LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    ConnectionError,
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: what may be shown of it."""

    dsn: str = field(repr=False)
    place: str
    user: str
    database: str
    name: str = TRAIT

    def __str__(self) -> str:
        return f"database “{self.database}” at {self.place}"

    @classmethod
    def parse(cls, dsn: str, name: str = TRAIT) -> Target:
        """Return the target of ``dsn``, the value of the setting ``name``.

        Raises
        ------
        Misconfigured
            If it is no URL of Postgres.
        """
        try:
            url = urlsplit(dsn)
            query = parse_qs(url.query, strict_parsing=bool(url.query))
        except ValueError:
            raise not_a_url(name) from None
        hosts = url.netloc.rpartition("@")[2] or query.get("host", [""])[0]
        database = unquote(url.path.lstrip("/"))
        # A password with unescaped characters shifts the parts: none of them may be shown then.
        shifted = "@" in url.path + url.query + url.fragment or not all(
            map(_HOST.fullmatch, hosts.split(","))
        )
        if url.scheme not in ("postgres", "postgresql") or shifted or not database:
            raise not_a_url(name)
        return cls(dsn, unquote(hosts), unquote(url.username or query.get("user", [""])[0]), database, name)


def not_a_url(name: str) -> Misconfigured:
    """Return the error for a text that is no URL of Postgres; it does not repeat the text."""
    return Misconfigured(
        f"{name} is not a URL of Postgres; it looks like postgresql://user:password@host:5432/database "
        "(special characters percent-encoded).",
        reason="dsn",
    )


_SENTENCES = {
    "unreachable": "Postgres at {place} cannot be reached; nothing was saved, it is tried again.",
    "time-out": "Postgres at {place} did not answer in time; it is tried again.",
    "busy": "Postgres at {place} is busy with others; nothing was saved, it is tried again.",
    "full": "No space is left for Postgres at {place}; nothing was saved. Free some space.",
    "password": "Postgres at {place} does not let the user “{user}” in: correct user or password in {trait}.",
    "database": "Postgres at {place} has no database “{database}”: create it, or correct {trait}.",
    "read-only": "Postgres at {place} does not let the user “{user}” change the database “{database}”: grant "
    "the rights, or name the primary server in {trait}.",
    "tls": "The encrypted connection to Postgres at {place} failed: check its certificate and the sslmode in "
    "{trait}.",
    "pooler": "A connection pooler before Postgres at {place} mixes sessions: let {trait} lead to Postgres "
    "itself, or to a pool in session mode.",
    "old": "Postgres at {place} is version {detail}; {oldest} or later is needed.",
    "schema": "The tables of Plant Together in the database “{database}” at {place} are not whole: restore "
    "them from a copy.",
    "failed": "Postgres at {place} failed ({detail}); nothing was saved.",
    "closed": "The database is closed because the server is stopping.",
}
# These do not pass by waiting.
_LASTING = frozenset({"password", "database", "read-only", "tls", "pooler", "old", "schema"})

# By SQLSTATE, or by its class of two characters.
_REASONS = {
    "08": "unreachable",
    "28": "password",
    "3D": "database",
    "3F": "schema",
    "42501": "read-only",
    "25006": "read-only",
    "25P03": "time-out",
    "42P01": "schema",
    "42703": "schema",
    "26000": "pooler",
    "42P05": "pooler",
    "40": "busy",
    "53100": "full",
    "53300": "busy",
    "55P03": "busy",
    "57014": "time-out",
    "57P": "unreachable",
}


def unavailable(reason: str, target: Target, detail: str = "") -> Unavailable:
    """Return the error for ``reason``, with its sentence."""
    sentence = _SENTENCES[reason].format(
        place=target.place,
        user=target.user,
        database=target.database,
        trait=target.name,
        oldest=OLDEST,
        detail=detail,
    )
    return (Misconfigured if reason in _LASTING else Unavailable)(sentence, reason=reason)


def translate(error: BaseException, target: Target) -> PlantTogetherError:
    """Return the error that says what ``error`` (one of FAILURES) means for the user."""
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate or "")
        if state.startswith("22"):
            # A NUL character: everything else that comes in was checked or is a number.
            return BadRequest("The text holds a character that cannot be kept.")
        for key in (state, state[:3], state[:2]):
            if key in _REASONS:
                return unavailable(_REASONS[key], target)
        return unavailable("failed", target, f"{type(error).__name__}, {state}")
    if isinstance(error, ssl.SSLError) or (isinstance(error, ConnectionError) and "SSL" in str(error)):
        return unavailable("tls", target)
    if isinstance(error, TimeoutError):
        return unavailable("time-out", target)
    if isinstance(error, (OSError, asyncpg.InterfaceError)):
        return unavailable("unreachable", target)
    return unavailable("failed", target, type(error).__name__)
