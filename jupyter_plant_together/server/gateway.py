"""``jupyter plant-together gateway``: the rooms of a JupyterHub, as a hub service of any number of replicas.

A plain Tornado application with the handlers of the server extension, in cluster mode. It is no Jupyter
server on purpose: there are no contents, kernels and terminals in the process that holds the secrets of Redis
and Postgres. Who asks is decided by the hub (:mod:`.hub`); rooms are private unless their maker says
otherwise, and roles count.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import signal
from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

from jinja2 import DictLoader, Environment
from jupyter_core.application import JupyterApp, base_aliases
from jupyter_server.auth.authorizer import AllowAllAuthorizer
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from traitlets import Int, Unicode, default

from ..errors import Misconfigured
from ..handlers import handlers
from ..handlers.body import SMALL
from ..handlers.signin import SignInHandler
from ..rooms.origins import UserOrigins
from ..rooms.policy import Policy
from ..util import heap
from .components import Components, Profile
from .optional import not_installed
from .storage import StorageSettings
from .traits import RoomTraits

_BODY_TIMEOUT, _IDLE_TIMEOUT = 30.0, 120.0  # seconds
_END = 5.0  # seconds in which clients may answer that they were closed
_ERROR_PAGE = "<!DOCTYPE html><title>{{ status_code }}</title><p>{{ status_message }}: {{ message }}</p>"
_TOKEN_VARIABLE = "JUPYTERHUB_API_TOKEN"


class Gateway(JupyterApp, RoomTraits):
    """The gateway (see the module's text); the section ``PlantTogether`` of a configuration counts, too."""

    name = "jupyter-plant-together-gateway"
    description = "Serve the rooms of Plant Together to the users of a JupyterHub."

    aliases = {**base_aliases, "ip": "Gateway.ip", "port": "Gateway.port"}  # noqa: RUF012 - as traitlets has it

    ip = Unicode(
        "127.0.0.1",
        help="The address to listen on; default: the one of JUPYTERHUB_SERVICE_URL, or 127.0.0.1.",
    ).tag(config=True)
    port = Int(
        10_101, min=1, max=65_535, help="The port; default: the one of JUPYTERHUB_SERVICE_URL, or 10101."
    ).tag(config=True)
    service_name = Unicode(
        "plant-together", help="The service's name at the hub; default: JUPYTERHUB_SERVICE_NAME."
    ).tag(config=True)
    subdomain_host = Unicode(
        help="JupyterHub.subdomain_host of the hub, if it is set there; default: JUPYTERHUB_HOST."
    ).tag(config=True)

    @default("log_level")
    def _log_level_default(self) -> int:
        return logging.INFO

    @default("ip")
    def _ip_default(self) -> str:
        return urlsplit(os.environ.get("JUPYTERHUB_SERVICE_URL", "")).hostname or "127.0.0.1"

    @default("port")
    def _port_default(self) -> int:
        return urlsplit(os.environ.get("JUPYTERHUB_SERVICE_URL", "")).port or 10_101

    @default("service_name")
    def _service_name_default(self) -> str:
        return os.environ.get("JUPYTERHUB_SERVICE_NAME") or "plant-together"

    @default("subdomain_host")
    def _subdomain_host_default(self) -> str:
        return os.environ.get("JUPYTERHUB_HOST", "")

    @classmethod
    def section_names(cls) -> list[str]:
        """Return the sections of a configuration that this reads."""
        return ["PlantTogether", *super().section_names()]

    @property
    def prefix(self) -> str:
        """The service's path at the hub's proxy."""
        base = os.environ.get("JUPYTERHUB_BASE_URL") or "/"
        path = os.environ.get("JUPYTERHUB_SERVICE_PREFIX") or f"{base}/services/{self.service_name}"
        return "/" + "".join(part + "/" for part in path.split("/") if part)

    # --- making --------------------------------------------------------------------------------------

    def make_components(self) -> Components:
        """Make all parts; raises Misconfigured."""
        try:
            from .hub import HubIdentity, user_domain  # noqa: PLC0415 - an extra that may be absent
        except ModuleNotFoundError as error:
            raise not_installed("the gateway", error) from None
        names = [
            field.name for field in fields(StorageSettings) if field.name not in ("mode", "database_path")
        ]
        traits = {name: getattr(self, name) for name in names}
        return Components(
            StorageSettings(mode="cluster", database_path="", **traits),
            self.limits(),
            Profile(
                policy=Policy(roles=True),
                identity=HubIdentity(),
                connection_token="",
                # Half for how long an answer is good, half for how often it is asked for.
                identity_recheck=self.identity_recheck / 2,
                policy_grace=self.policy_grace,
                history_retention=86_400 * self.history_retention,
                idle_timeout=self.idle_timeout,
                example_room=False,
                private=True,
                tickets_required=True,
                user_origins=UserOrigins(self.subdomain_host, user_domain) if self.subdomain_host else None,
                render_settings=self.render_settings(),
            ),
            self.log,
        )

    def make_application(self, components: Components) -> web.Application:
        """Return the web application; raises Misconfigured."""
        from .hub import make_provider, service_domain  # noqa: PLC0415 - an extra

        token = os.environ.get(_TOKEN_VARIABLE, "")
        if not token:
            raise Misconfigured(
                f"The environment variable {_TOKEN_VARIABLE} is empty: set it to what the hub's configuration"
                f" has as api_token of the service “{self.service_name}”."
            )
        host, callback = "", ""
        if self.subdomain_host:
            parts = urlsplit(self.subdomain_host)
            host = f"{parts.scheme}://{parts.netloc}"
            port = f":{parts.port}" if parts.port else ""
            domain = service_domain(self.service_name, parts.hostname or "")
            callback = f"{parts.scheme}://{domain}{port}{self.prefix}oauth_callback"
        provider = make_provider(
            parent=self,
            prefix=self.prefix,
            service=self.service_name,
            api_token=token,
            host=host,
            callback=callback,
            secret=_derived(token, b"oauth"),
            fresh_for=self.identity_recheck / 2,
        )
        routes = [(r"plant-together/signin", SignInHandler), *handlers()]
        found: list[Any] = [(self.prefix + route, handler) for route, handler in routes]
        found += [(self.prefix.rstrip("/") + route[0], *route[1:]) for route in provider.get_handlers()]
        return web.Application(
            found,
            plant_together=components.services,
            base_url=self.prefix,
            identity_provider=provider,
            authorizer=AllowAllAuthorizer(parent=self, identity_provider=provider),
            cookie_secret=_derived(token, b"cookies"),
            allow_remote_access=True,  # the hub's proxy decides which host this is
            allow_unauthenticated_access=True,  # our handlers say themselves who may not: 401
            jinja2_env=Environment(loader=DictLoader({"error.html": _ERROR_PAGE}), autoescape=True),
            log_function=self._log_request,
        )

    def _log_request(self, handler: web.RequestHandler) -> None:
        # Without the query, where tickets and tokens are.
        request, status = handler.request, handler.get_status()
        write = self.log.warning if status >= 500 else self.log.debug
        write("%s %s %s %.0f ms", status, request.method, request.path, 1_000 * request.request_time())

    # --- running -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        super().start()
        try:
            components = self.make_components()
            application = self.make_application(components)
        except Misconfigured as error:
            self.log.critical("%s", error.message)
            self.exit(1)
        try:
            asyncio.run(self._serve(components, application))
        except OSError as error:
            self.log.critical("%s:%d cannot be listened on: %s", self.ip, self.port, error.strerror)
            self.exit(1)

    async def _serve(self, components: Components, application: web.Application) -> None:
        stopping = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stopping.set)
        # Handlers of ours set for each request what its body may take; nobody else's has any (PROTOCOL I6).
        server = HTTPServer(
            application,
            xheaders=True,
            max_body_size=SMALL,
            body_timeout=_BODY_TIMEOUT,
            idle_connection_timeout=_IDLE_TIMEOUT,
        )
        server.add_sockets(bind_sockets(self.port, self.ip))
        await components.start()
        heap.freeze_gc()
        self.log.info("Serving %s at http://%s:%d", self.prefix, self.ip, self.port)
        await stopping.wait()
        self.log.info("Stopping.")
        server.stop()
        await components.stop()
        try:
            async with asyncio.timeout(_END):
                await server.close_all_connections()
        except TimeoutError:  # somebody does not answer; the process ends anyway
            self.log.debug("Some connections did not close in time.")


def _derived(token: str, purpose: bytes) -> bytes:
    """Return a secret for ``purpose`` that all replicas have and nobody else."""
    return hmac.digest(token.encode(), b"plant-together " + purpose, "sha256")
