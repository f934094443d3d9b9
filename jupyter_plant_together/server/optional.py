"""Parts that only some modes have, made from their traits.

Their packages are an extra (``jupyter-plant-together[cluster]``), so they are imported where they are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import Misconfigured

if TYPE_CHECKING:
    from ..journal.redis.client.address import RedisAddress
    from ..store.postgres.store import PostgresStore

POSTGRES_VARIABLE = "PLANT_TOGETHER_POSTGRES_DSN"
REDIS_VARIABLE = "PLANT_TOGETHER_REDIS_URL"


def postgres_store(dsn: str, *, migrate: bool) -> PostgresStore:
    """Return the store of the cluster mode, not yet connected.

    Raises
    ------
    Misconfigured
        If ``dsn`` is empty or no URL of Postgres, or what it needs is not installed.
    """
    if not dsn.strip():
        raise Misconfigured(
            "PlantTogether.postgres_dsn is empty: mode 'cluster' keeps its rooms in Postgres; set it, or the "
            f"environment variable {POSTGRES_VARIABLE}, to postgresql://user:password@host:5432/database.",
            reason="dsn",
        )
    try:
        from ..store.postgres.store import PostgresStore  # noqa: PLC0415 - an extra that may be absent
    except ModuleNotFoundError as error:
        raise not_installed("mode 'cluster'", error) from None
    return PostgresStore(dsn.strip(), migrate=migrate)


def redis_address(url: str) -> RedisAddress:
    """Return where the Redis of the cluster mode is.

    Raises
    ------
    Misconfigured
        If ``url`` is empty or no URL of Redis, or what it needs is not installed.
    """
    if not url.strip():
        raise Misconfigured(
            "PlantTogether.redis_url is empty: mode 'cluster' needs Redis; set it, or the environment "
            f"variable {REDIS_VARIABLE}, to redis://:password@host:6379/0.",
            reason="redis",
        )
    try:
        from ..journal.redis.client.address import parse_address  # noqa: PLC0415 - an extra that may be absent
    except ModuleNotFoundError as error:
        raise not_installed("mode 'cluster'", error) from None
    return parse_address(url.strip())


def not_installed(what: str, error: ModuleNotFoundError) -> Misconfigured:
    """Return the error for a package of the extra that is not there; ``what`` needs it."""
    return Misconfigured(
        f"The package {error.name} is missing for {what}: pip install 'jupyter-plant-together[cluster]'.",
        reason="not-installed",
    )
