"""REST for the server itself: who I am, and how it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tornado import web

from ..rooms.policy import ROLES_OFF
from .base import PlantHandler

_DAY = 86_400
_SEVERITY = {"ok": 0, "warning": 1, "error": 2}


class MeHandler(PlantHandler):
    """``me``."""

    @web.authenticated
    async def get(self) -> None:
        """Say who is asking and what they may do."""
        services = self.services
        may = {"create_rooms": services.rooms.policy.may_create_rooms(self.principal)}
        self.answer(
            {
                "subject": self.principal.subject,
                "user": dict(self.principal.stamp()),
                "groups": list(self.principal.groups),
                "roles": services.rooms.policy.roles,
                "roles_message": None if services.rooms.policy.roles else ROLES_OFF,
                "may": may,
                "mode": services.mode,
                "version": services.version,
                "history_retention": services.history_retention / _DAY,
                "limits": asdict(services.limits),
            }
        )


class HealthHandler(PlantHandler):
    """``health``."""

    @web.authenticated
    async def get(self) -> None:
        """Say how each part is: 200, or 503 where something is not saved."""
        services = self.services
        open_documents = services.live.documents()
        parts: dict[str, dict[str, Any]] = {
            "store": dict(await services.store.health()),
            "journal": dict(await services.journal.health()),
            "live": {
                "state": "ok",
                "documents": len(open_documents),
                "sessions": sum(len(live.sessions) for live in open_documents),
            },
        }
        if services.compactor is not None:
            parts["compaction"] = dict(await services.compactor.health())
        worst = max((part["state"] for part in parts.values()), key=_SEVERITY.__getitem__)
        body = {"state": worst, "mode": services.mode, "version": services.version, "parts": parts}
        if worst != "error":
            self.answer(body)
            return
        message = next(part["message"] for part in parts.values() if part["state"] == "error")
        self.answer({"error": "unavailable", "message": message, **body}, 503)


class UnknownHandler(PlantHandler):
    """Everything else under ``plant-together/``."""

    @web.authenticated
    async def get(self, path: str) -> None:
        """Answer 404 in the shape of all errors."""
        raise web.HTTPError(404, "There is no such call.")

    post = put = patch = delete = get
