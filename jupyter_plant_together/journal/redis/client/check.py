"""Whether a Redis server can be used, and what to say if not: version, cluster, eviction, rights, files.

The questions are asked once before the start, where a bad answer stops it with one sentence, and again at
every connection: another server may answer there by then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import redis
import redis.asyncio
from redis import exceptions as failures

from ....errors import Misconfigured, Unavailable
from ..script import PROBE
from .address import RedisAddress

_LEAST = (6, 2)
_TIMEOUT = 5.0  # seconds


def refusal(info: Mapping[str, Any]) -> str | None:
    """Return why a server of this ``INFO`` cannot be used, None if it can."""
    version = str(info.get("redis_version", "0"))
    if info.get("redis_mode") == "cluster":
        return (
            "is a Redis Cluster, which is not supported: use one Redis server, with replicas and Sentinel "
            "if it must not stop"
        )
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < _LEAST:
        return f"is Redis {version}; Plant Together needs Redis 6.2 or later, or Valkey"
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy.startswith("allkeys"):
        return (
            f"drops keys when its memory is full (maxmemory-policy {policy}), edits with them: set "
            "maxmemory-policy to noeviction"
        )
    if info.get("role") == "slave":
        return "is a read-only replica: name the server that it follows"
    return None


def parse_info(text: bytes) -> dict[str, str]:
    """Return what ``INFO`` says."""
    lines = (line.partition(":") for line in text.decode(errors="replace").splitlines())
    return {name: value for name, colon, value in lines if colon}


def check(address: RedisAddress, prefix: str) -> None:
    """Ask the server, blocking: before the event loop runs.

    Raises
    ------
    Misconfigured
        If it cannot be used as it is set up; one sentence.
    Unavailable
        If it does not answer just now.
    """
    options: dict[str, Any] = {"socket_timeout": _TIMEOUT, "socket_connect_timeout": _TIMEOUT, "protocol": 2}
    client = redis.Redis.from_url(address.url, **options)
    try:
        info: Any = client.info()
        reason = refusal(info)
        if reason is not None:
            raise Misconfigured(f"Redis at {address} {reason}.", reason="redis")
        # What is done all the time must be allowed: write, run a script, publish.
        key = f"{prefix}:check"
        client.eval(PROBE.text, 1, key)
        client.publish(key, b"")
        client.xlen(key + ":stream")
    except (failures.AuthenticationError, failures.NoPermissionError, failures.ReadOnlyError) as error:
        raise Misconfigured(f"Redis at {address} refuses Plant Together: {error}.", reason="redis") from None
    except (failures.ConnectionError, failures.TimeoutError, OSError) as error:
        # redis-py repeats the address, not the password
        raise Unavailable(f"Redis at {address} cannot be reached: {error}.") from None
    except failures.ResponseError as error:
        if "NOAUTH" in str(error) or "WRONGPASS" in str(error):
            raise Misconfigured(
                f"Redis at {address} refuses Plant Together: {error}.", reason="redis"
            ) from None
        raise Unavailable(f"Redis at {address} cannot be written: {error}.") from None
    finally:
        client.close()


async def health(client: redis.asyncio.Redis, address: RedisAddress) -> dict[str, str]:
    """Return state, version and persistence (PROTOCOL J5)."""
    try:
        info: Mapping[str, Any] = await client.info()
    except (failures.RedisError, OSError) as error:
        message = f"Redis at {address} does not answer: {error}."
        return {"state": "error", "reason": "unreachable", "message": message}
    server = "Valkey" if info.get("server_name") == "valkey" else "Redis"
    version = info.get("valkey_version") or info.get("redis_version")
    found = {"state": "ok", "server": f"{server} {version}", "persistence": await _persistence(client, info)}
    reason = refusal(info)
    if reason is not None:
        return {**found, "state": "error", "reason": "redis", "message": f"Redis at {address} {reason}."}
    if not info.get("aof_enabled"):
        message = (
            f"Redis at {address} keeps no append-only file: if it restarts, edits that are not in Postgres "
            "yet live only in the servers' memory; set appendonly yes."
        )
        return {**found, "state": "warning", "reason": "persistence", "message": message}
    return found


async def _persistence(client: redis.asyncio.Redis, info: Mapping[str, Any]) -> str:
    if not info.get("aof_enabled"):
        return "none" if info.get("rdb_last_save_time") is None else "snapshots only"
    try:
        found = await client.config_get("appendfsync")
    except failures.RedisError:  # many services that host Redis forbid CONFIG
        return "AOF"
    modes = {str(k, "utf-8") if isinstance(k, bytes) else k: v for k, v in dict(found).items()}
    mode = modes.get("appendfsync", b"?")
    return f"AOF, fsync {mode.decode() if isinstance(mode, bytes) else mode}"
