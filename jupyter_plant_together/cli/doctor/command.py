"""``jupyter plant-together doctor``: ask each part that the mode has, and print what was found."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from ...errors import Misconfigured
from ...server.app import PlantTogether, gateway_address
from ...server.optional import postgres_store, redis_address
from ..command import Command
from .finding import Finding
from .installation import examine, examine_gateway

_MARKS = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}


class Doctor(Command):
    """Examines."""

    name = "jupyter-plant-together doctor"
    description = (
        "Check each part and say what to fix. It changes nothing; the exit status is 1 after an ERROR."
    )
    examples = """
        jupyter plant-together doctor
        jupyter plant-together doctor --mode=cluster
    """

    def run(self) -> int:
        """Examine and print."""
        worst = 0
        for finding in self._findings():
            print(f"{_MARKS[finding.state]}  {finding.part}: {finding.message}")
            if finding.state != "ok":
                print(f"         -> {finding.advice}")
            if finding.state == "error":
                worst = 1
        return worst

    def _findings(self) -> Iterator[Finding]:
        if self.configured.mode == "remote":
            gateway = gateway_address(self.configured.gateway_url)
            return chain(examine(None), examine_gateway(gateway))
        if self.configured.mode == "cluster":
            return examine_cluster(self.configured)
        return examine(self.database)


def examine_cluster(configured: PlantTogether) -> Iterator[Finding]:
    """Examine the installation and the servers of a cluster."""
    yield from examine(None)
    try:
        postgres_store(configured.postgres_dsn, migrate=False)
    except Misconfigured as error:
        yield Finding("Postgres", "error", error.message, "see the message")
    else:
        from .postgres import examine_postgres  # noqa: PLC0415 - needs the extra, which is there

        yield from examine_postgres(configured.postgres_dsn)
    try:
        address = redis_address(configured.redis_url)
    except Misconfigured as error:
        yield Finding("Redis", "error", error.message, "see the message")
    else:
        from .redis import examine_redis  # noqa: PLC0415 - needs the extra, which is there

        yield from examine_redis(address, configured.redis_prefix)
