"""The server extension: from traits to parts, their start and their end. Nobody else constructs parts.

Parts that need the event loop or the port begin in ``_start_jupyter_server_extension``. A wrong trait, or a
database of a newer version, stops the start with one sentence. In the mode ``remote`` there are no parts:
the server says where the gateway is, to its pages and to its kernels.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Enum, TraitError, Unicode, default

from ..errors import Misconfigured
from ..handlers import handlers
from ..handlers import remote as remote_handlers
from ..handlers.services import SETTING
from ..rooms.identity import JupyterIdentity, invents_users
from ..rooms.policy import Policy, Role
from ..util import heap
from ..util.variables import GATEWAY_URL
from ..util.version import package_version
from .components import Components, Profile
from .connection_file import ConnectionFile, local_url
from .storage import StorageSettings
from .traits import RoomTraits

__all__ = ["PlantTogether", "default_database_path", "package_version"]


class PlantTogether(ExtensionApp, RoomTraits):
    """Shared PlantUML diagrams: rooms, documents and their live sync."""

    name = "jupyter_plant_together"
    description = "Shared PlantUML diagrams in Jupyter."
    load_other_extensions = True

    mode = Enum(
        ["embedded", "cluster", "remote"],
        "embedded",
        help="Where rooms live: 'embedded' is a SQLite file of this server, 'cluster' is Postgres and Redis, "
        "which any number of servers share, 'remote' is the gateway of a JupyterHub at gateway_url (the "
        "default where the environment variable PLANT_TOGETHER_GATEWAY_URL is set).",
    ).tag(config=True)
    gateway_url = Unicode(
        help="The gateway of the mode 'remote', https://hub.example.org/services/plant-together/; default: "
        "the environment variable PLANT_TOGETHER_GATEWAY_URL."
    ).tag(config=True)
    database_path = Unicode(
        help="The SQLite file of the embedded mode; default: plant-together/plant-together.db in Jupyter's "
        "data folder."
    ).tag(config=True)
    example_room = Bool(True, help="Whether the first start makes the room 'example'.").tag(config=True)
    kernel_role = Enum(
        ["viewer", "editor"],
        "viewer",
        help="What kernels of a server with several users are in open rooms; they cannot prove their user.",
    ).tag(config=True)

    _components: Components | None = None

    @default("mode")
    def _mode_default(self) -> str:
        return "remote" if os.environ.get(GATEWAY_URL) else "embedded"

    @default("gateway_url")
    def _gateway_url_default(self) -> str:
        return os.environ.get(GATEWAY_URL, "")

    @default("database_path")
    def _database_path_default(self) -> str:
        return str(default_database_path())

    # --- making --------------------------------------------------------------------------------------

    def _link_jupyter_server_extension(self, serverapp: Any) -> None:
        try:
            super()._link_jupyter_server_extension(serverapp)
        except TraitError as error:
            self._refuse(str(error))

    def initialize_settings(self) -> None:
        """Make the parts and put them where handlers find them."""
        assert self.serverapp is not None
        try:
            if self.mode == "remote":
                self._point_to_gateway()
                return
            invented = invents_users(self.serverapp.identity_provider)
            token = secrets.token_hex(32)
            self._components = Components(
                StorageSettings(
                    **{field.name: getattr(self, field.name) for field in fields(StorageSettings)}
                ),
                self.limits(),
                Profile(
                    policy=Policy(roles=not invented, kernel_role=Role(self.kernel_role)),
                    identity=JupyterIdentity(invented=invented),
                    connection_token=token,
                    identity_recheck=self.identity_recheck,
                    policy_grace=self.policy_grace,
                    history_retention=86_400 * self.history_retention,
                    idle_timeout=self.idle_timeout,
                    example_room=self.example_room,
                    render_settings=self.render_settings(),
                ),
                self.log,
            )
        except Misconfigured as error:
            self._refuse(error.message)
        self._storage, self._registry = self._components.storage, self._components.registry
        self._rooms = self._components.rooms
        self._connection_file = ConnectionFile(Path(self.serverapp.runtime_dir), token)
        self.settings[SETTING] = self._components.services

    def _point_to_gateway(self) -> None:
        url = gateway_address(self.gateway_url)
        self.settings[remote_handlers.SETTING] = remote_handlers.Remote(url, package_version())
        os.environ[GATEWAY_URL] = url  # kernels inherit it
        assert self.serverapp is not None
        pages: dict[str, Any] = self.serverapp.web_app.settings.setdefault("page_config_data", {})
        pages["plantTogetherGatewayUrl"] = url

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend(remote_handlers.handlers() if self._components is None else handlers())

    def _refuse(self, sentence: str) -> NoReturn:
        self.log.critical("%s", sentence)
        # Jupyter turns any other exception of an extension into a log entry and starts without it.
        raise SystemExit(1)

    # --- start and end -------------------------------------------------------------------------------

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        if self._components is None:
            return
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
        await self._components.start()
        heap.freeze_gc()

    async def stop_extension(self) -> None:
        """End every task, connection, thread and child, and remove the connection file; once."""
        if self._components is not None:
            await self._components.stop(before=self._connection_file.remove)


def default_database_path() -> Path:
    """Return where the database is unless ``database_path`` says otherwise."""
    return Path(jupyter_data_dir()) / "plant-together" / "plant-together.db"


def gateway_address(url: str) -> str:
    """Return the gateway's address, ending in ``/``.

    Raises
    ------
    Misconfigured
        If there is none, or it is no address.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise Misconfigured(
            "PlantTogether.gateway_url is "
            + ("not the address of a gateway" if url.strip() else "empty")
            + ": "
            f"mode 'remote' needs it; set it, or the environment variable {GATEWAY_URL}, to "
            "https://hub.example.org/services/plant-together/."
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"
