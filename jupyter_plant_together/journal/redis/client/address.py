"""Where Redis is: one URL, read once, whose secrets never appear in a message.

``redis://user:password@host:port/database``, ``rediss://`` for TLS (with ``ssl_ca_certs``,
``ssl_certfile``, ``ssl_keyfile``, ``ssl_cert_reqs=none`` and ``ssl_check_hostname=false`` as redis-py knows
them), or ``unix:///path?db=0``.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.connection import parse_url
from redis.backoff import NoBackoff
from redis.retry import Retry

from ....errors import Misconfigured

_TIMEOUT = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """One Redis server and how to sign in there."""

    host: str
    port: int
    path: str | None
    database: int
    username: str | None
    password: str | None = field(repr=False)
    tls: ssl.SSLContext | None
    url: str = field(repr=False)

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"

    def client(self, *, connections: int = 16) -> redis.asyncio.Redis:
        """Return a redis-py client, for everything that is not on the way of a keystroke."""
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            self.url,
            protocol=2,
            max_connections=connections,
            timeout=_TIMEOUT,
            socket_timeout=_TIMEOUT,
            socket_connect_timeout=_TIMEOUT,
            client_name="plant-together",
        )
        return redis.asyncio.Redis(connection_pool=pool)

    def blocking_client(self, timeout: float) -> redis.Redis:
        """Return a redis-py client for threads, which waits for ``timeout`` seconds at most."""
        return redis.Redis.from_url(
            self.url,
            protocol=2,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            client_name="plant-together-pictures",
        )


def parse_address(url: str) -> RedisAddress:
    """Read a Redis URL.

    Raises
    ------
    Misconfigured
        If it is not one; the message does not repeat it, for it may hold a password.
    """
    try:
        found: Mapping[str, Any] = {**parse_url(url)}
        tls = url.startswith("rediss:")
        return RedisAddress(
            host=found.get("host", "localhost"),
            port=found.get("port", 6379),
            path=found.get("path"),
            database=int(found.get("db", 0)),
            username=found.get("username"),
            password=found.get("password"),
            tls=_context(found) if tls else None,
            url=url,
        )
    except (ValueError, TypeError, OSError):  # the last: a certificate file that cannot be read
        raise Misconfigured(
            "PlantTogether.redis_url is not a Redis URL; it looks like redis://:password@host:6379/0."
        ) from None


def _context(options: Mapping[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=options.get("ssl_ca_certs"))
    if str(options.get("ssl_check_hostname", "true")).lower() in ("false", "0", "no"):
        context.check_hostname = False
    if options.get("ssl_cert_reqs") in ("none", "CERT_NONE"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if options.get("ssl_certfile"):
        context.load_cert_chain(options["ssl_certfile"], options.get("ssl_keyfile"))
    return context
