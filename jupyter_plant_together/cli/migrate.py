"""``jupyter plant-together migrate``: the schema of the database."""

from __future__ import annotations

from ..server.app import gateway_address
from ..server.optional import postgres_store
from ..store.sqlite import schema
from ..store.sqlite.store import SQLiteStore
from .command import Command


class Migrate(Command):
    """Migrates."""

    name = "jupyter-plant-together migrate"
    description = (
        "Bring the database to the schema of this version. A database that is not there yet is not made."
    )
    examples = """
        jupyter plant-together migrate
        jupyter plant-together migrate --mode=cluster
    """

    def run(self) -> int:
        """Migrate what the mode has."""
        if self.configured.mode == "remote":
            gateway = gateway_address(self.configured.gateway_url)
            print(
                f"Mode 'remote' keeps nothing here: the database is migrated where the gateway "
                f"{gateway} runs."
            )
        elif self.configured.mode == "cluster":
            self._cluster()
        else:
            self._embedded()
        return 0

    def _cluster(self) -> None:
        store = postgres_store(self.configured.postgres_dsn, migrate=True)
        from ..store.postgres.schema import known_version  # noqa: PLC0415 - needs the extra, which is there

        store.open()
        print(f"The {store.database.target} has schema {known_version()}.")

    def _embedded(self) -> None:
        if not self.database.exists():
            print(f"There is no database {self.database} yet; the first start makes it.")
            return
        store = SQLiteStore(self.database)
        try:
            store.open()
            print(f"The database {self.database} has schema {schema.known_version()}.")
        finally:
            store.database.close_blocking()
