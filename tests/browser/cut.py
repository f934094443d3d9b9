"""A browser that is cut off from the rooms, and from nothing else."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, Route, WebSocketRoute

ROOMS = re.compile(r"/plant-together/")


class Cut:
    """Stands between a browser and `plant-together/*`; `cut` and `mend` may alternate."""

    def __init__(self, context: BrowserContext) -> None:
        self._is_cut = False
        self._open: list[WebSocketRoute] = []
        context.route(ROOMS, self._on_request)
        context.route_web_socket(ROOMS, self._on_socket)

    def cut(self) -> None:
        """Refuse all that comes, and end what is open."""
        self._is_cut = True
        for socket in self._open:
            socket.close(code=1012)
        self._open.clear()

    def mend(self) -> None:
        """Let everything through again."""
        self._is_cut = False

    def _on_request(self, route: Route) -> None:
        if self._is_cut:
            route.abort()
        else:
            route.continue_()

    def _on_socket(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close(code=1012)
        else:
            self._open.append(socket)
            socket.connect_to_server()
