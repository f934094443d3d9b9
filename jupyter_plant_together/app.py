"""The server extension: from traits to parts, their start and their end. Nobody else constructs parts.

Parts that need the event loop or the port begin in ``_start_jupyter_server_extension``; a database that
cannot be used at the start is tried again until it can, because one locked or full disk must not cost the
user their whole Jupyter. A wrong trait, or a database of a newer version, stops the start with one sentence.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import suppress
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NoReturn

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Enum, Float, Int, TraitError, Unicode, default

from .backend import Settings, make
from .connection_file import ConnectionFile, local_url
from .errors import Unavailable
from .handlers import handlers
from .handlers.services import SETTING, Services
from .limits import Limits
from .live.access import Access
from .live.registry import Registry
from .parts import POSTGRES_VARIABLE, REDIS_VARIABLE
from .rooms.feed import RoomFeed
from .rooms.identity import JupyterIdentity, invents_users
from .rooms.members import MemberService
from .rooms.policy import Policy, Role
from .rooms.service import RoomService
from .store.trouble import Misconfigured

_RETRY = 2.0  # seconds


def _limit(value: int, text: str) -> Any:
    return Int(value, min=1, help=f"{text} (a limit).").tag(config=True)


class PlantTogether(ExtensionApp):
    """Shared PlantUML diagrams: rooms, documents and their live sync."""

    name = "jupyter_plant_together"
    description = "Shared PlantUML diagrams in Jupyter."
    load_other_extensions = True

    mode = Enum(
        ["embedded", "cluster", "remote"],
        "embedded",
        help="Where rooms live: 'embedded' is a SQLite file of this server, 'cluster' is Postgres and Redis, "
        "which any number of servers share; 'remote' comes later.",
    ).tag(config=True)
    database_path = Unicode(
        help="The SQLite file of the embedded mode; default: plant-together/plant-together.db in Jupyter's "
        "data folder."
    ).tag(config=True)
    postgres_dsn = Unicode(
        help="The Postgres database of the cluster mode, postgresql://user:password@host:5432/database; "
        "default: the environment variable PLANT_TOGETHER_POSTGRES_DSN."
    ).tag(config=True)
    redis_url = Unicode(
        help="The Redis or Valkey of the cluster mode, redis://user:password@host:6379/0 (rediss: TLS); "
        "default: the environment variable PLANT_TOGETHER_REDIS_URL."
    ).tag(config=True)
    redis_prefix = Unicode("y", help="What the names of all keys and channels in Redis begin with.").tag(
        config=True
    )
    compaction_delay = Float(
        10.0, min=0.01, help="After how many seconds in Redis an edit is moved to Postgres."
    ).tag(config=True)
    min_message_lifetime = Float(
        60.0, min=0.0, help="For how many seconds at least an edit stays in Redis, although Postgres has it."
    ).tag(config=True)
    migrate_on_start = Bool(
        True, help="Whether an older database schema is brought up to date at the start."
    ).tag(config=True)
    example_room = Bool(True, help="Whether the first start makes the room 'example'.").tag(config=True)
    idle_timeout = Float(
        30.0, min=0.0, help="For how many seconds a document that nobody has open stays in memory."
    ).tag(config=True)

    identity_recheck = Float(
        300.0, min=0.1, help="After how many seconds a connection's user is asked for again."
    ).tag(config=True)

    policy_grace = Float(
        120.0, min=0.0, help="For how many seconds connections keep their roles while none can be read."
    ).tag(config=True)
    kernel_role = Enum(
        ["viewer", "editor"],
        "viewer",
        help="What kernels of a server with several users are in open rooms; they cannot prove their user.",
    ).tag(config=True)

    max_source_size = _limit(1_000_000, "Size of a document's text in bytes")
    max_update_size = _limit(1_000_000, "Size of one edit in bytes")
    max_document_size = _limit(10_000_000, "Size of a document's state in bytes")
    max_documents_per_room = _limit(500, "Number of documents in a room")
    max_sessions_per_document = _limit(1_000, "Number of live connections to a document")
    max_presence_size = _limit(4_096, "Size of one client's presence in bytes")
    message_rate = Float(200.0, min=1.0, help="Messages per second of a session (a limit).").tag(config=True)
    message_burst = _limit(1_000, "Messages that a session may send at once")
    max_upload_size = _limit(20_000_000, "Size of an upload in bytes")

    _running = False
    _started: asyncio.Task[None] | None = None

    @default("database_path")
    def _database_path_default(self) -> str:
        return str(default_database_path())

    @default("postgres_dsn")
    def _postgres_dsn_default(self) -> str:
        return os.environ.get(POSTGRES_VARIABLE, "")

    @default("redis_url")
    def _redis_url_default(self) -> str:
        return os.environ.get(REDIS_VARIABLE, "")

    # --- making --------------------------------------------------------------------------------------

    def _link_jupyter_server_extension(self, serverapp: Any) -> None:
        try:
            super()._link_jupyter_server_extension(serverapp)
        except TraitError as error:
            self._refuse(str(error))

    def initialize_settings(self) -> None:
        """Make the parts and put them where handlers find them."""
        assert self.serverapp is not None
        limits = self.limits()
        settings = Settings(**{field.name: getattr(self, field.name) for field in fields(Settings)})
        try:
            self._backend = make(settings, self.log)
        except Misconfigured as error:
            self._refuse(error.message)
        store, journal = self._backend.store, self._backend.journal
        self._registry = Registry(journal, limits, idle_timeout=self.idle_timeout)
        invented = invents_users(self.serverapp.identity_provider)
        policy = Policy(roles=not invented, kernel_role=Role(self.kernel_role))
        self._rooms = RoomService(store, policy, limits, changed=journal.poke)
        self._access = Access(
            self._rooms.roles_in_room, self._registry.documents, journal, grace=self.policy_grace
        )
        self._feed = RoomFeed(self._rooms, store, journal, self._registry)
        token = secrets.token_hex(32)
        self._connection_file = ConnectionFile(Path(self.serverapp.runtime_dir), token)
        self.settings[SETTING] = Services(
            rooms=self._rooms,
            members=MemberService(store, policy, changed=journal.poke),
            access=self._access,
            feed=self._feed,
            live=self._registry,
            journal=journal,
            store=store,
            limits=limits,
            identity=JupyterIdentity(invented=invented),
            connection_token=token,
            identity_recheck=self.identity_recheck,
            mode=self.mode,
            version=package_version(),
        )
        self._running = True

    def limits(self) -> Limits:
        """Return the limits that the traits set."""
        return Limits(**{field.name: getattr(self, field.name) for field in fields(Limits)})

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend(handlers())

    def _refuse(self, sentence: str) -> NoReturn:
        self.log.critical("%s", sentence)
        # Jupyter turns any other exception of an extension into a log entry and starts without it.
        raise SystemExit(1)

    # --- start and end -------------------------------------------------------------------------------

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        url = local_url(
            ip=serverapp.ip,
            port=serverapp.port,
            base_url=serverapp.base_url,
            secure=bool(serverapp.certfile),
        )
        try:
            self._connection_file.write(url)
        except OSError as error:
            self.log.warning("Kernels will not find this server by themselves: %s", error)
        await self._registry.start()
        await self._access.start()
        await self._feed.start()
        if not await self._try_to_begin():
            self._started = asyncio.create_task(self._begin())

    async def _begin(self) -> None:
        while True:
            await asyncio.sleep(_RETRY)
            if await self._try_to_begin():
                self.log.info("Rooms are available again.")
                return

    async def _try_to_begin(self) -> bool:
        try:
            if self.example_room:
                await self._rooms.make_example()
            # Last, because it must be done only once: what follows a failure begins at the top again.
            await self._backend.begin()
        except Unavailable as error:
            self.log.debug("The database cannot be used yet: %s", error.message)
            return False
        return True

    async def stop_extension(self) -> None:
        """End every task, connection, thread and child, and remove the connection file; once."""
        if not self._running:
            return
        self._running = False
        self._connection_file.remove()
        if self._started is not None:
            self._started.cancel()
            with suppress(asyncio.CancelledError):
                await self._started
        await self._feed.stop()
        await self._access.stop()
        await self._registry.stop()
        await self._backend.end()


def default_database_path() -> Path:
    """Return where the database is unless ``database_path`` says otherwise."""
    return Path(jupyter_data_dir()) / "plant-together" / "plant-together.db"


def package_version() -> str:
    """Return the version of this package."""
    try:
        return version("jupyter_plant_together")
    except PackageNotFoundError:  # a checkout on the path, not installed
        return "0"
