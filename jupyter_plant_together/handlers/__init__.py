"""HTTP and WebSocket handlers: they translate between the wire and the services and decide nothing."""

from __future__ import annotations

from tornado import web

from .documents import DocumentHandler, DocumentRestoreHandler, DocumentsHandler, SourceHandler
from .events import EventsHandler
from .history import (
    AuthorsHandler,
    ForgetHandler,
    PurgeHandler,
    RewindHandler,
    RollbackHandler,
    TimelineHandler,
    VersionHandler,
    VersionRestoreHandler,
    VersionsHandler,
)
from .images import ImageHandler, RenderHandler
from .invitation_page import InvitationPageHandler
from .members import (
    AcceptHandler,
    AuditHandler,
    InvitationHandler,
    InvitationsHandler,
    MemberHandler,
    MembersHandler,
)
from .metrics import MetricsHandler
from .rooms import RoomHandler, RoomRestoreHandler, RoomsHandler
from .sync import SyncHandler
from .system import HealthHandler, MeHandler, UnknownHandler
from .tickets import TicketsHandler
from .transfer import ExportHandler, ImportHandler

_API = "plant-together/api/v1"
_ROOM = rf"{_API}/rooms/([^/]+)"
_DOCUMENT = rf"{_ROOM}/documents/([^/]+)"


def handlers() -> list[tuple[str, type[web.RequestHandler]]]:
    """Return the routes, relative to the server's base URL."""
    return [
        (rf"{_API}/me", MeHandler),
        (rf"{_API}/health", HealthHandler),
        (rf"{_API}/metrics", MetricsHandler),
        (rf"{_API}/tickets", TicketsHandler),
        (rf"{_API}/render", RenderHandler),
        (rf"{_API}/rooms", RoomsHandler),
        (_ROOM, RoomHandler),
        (rf"{_ROOM}/restore", RoomRestoreHandler),
        (rf"{_ROOM}/members", MembersHandler),
        (rf"{_ROOM}/members/(user|group|everyone)(?:/([^/]*))?", MemberHandler),
        (rf"{_ROOM}/invitations", InvitationsHandler),
        (rf"{_ROOM}/invitations/([^/]+)", InvitationHandler),
        (rf"{_API}/invitations/accept", AcceptHandler),
        (rf"{_ROOM}/audit", AuditHandler),
        (rf"{_ROOM}/events", EventsHandler),
        (rf"{_ROOM}/export", ExportHandler),
        (rf"{_ROOM}/import", ImportHandler),
        (rf"{_ROOM}/documents", DocumentsHandler),
        (_DOCUMENT, DocumentHandler),
        (rf"{_DOCUMENT}/restore", DocumentRestoreHandler),
        (rf"{_DOCUMENT}/source", SourceHandler),
        (rf"{_DOCUMENT}/image\.(svg|png|pdf)", ImageHandler),
        (rf"{_DOCUMENT}/timeline", TimelineHandler),
        (rf"{_DOCUMENT}/authors", AuthorsHandler),
        (rf"{_DOCUMENT}/versions", VersionsHandler),
        (rf"{_DOCUMENT}/versions/([^/]+)", VersionHandler),
        (rf"{_DOCUMENT}/versions/([^/]+)/restore", VersionRestoreHandler),
        (rf"{_DOCUMENT}/rewind", RewindHandler),
        (rf"{_DOCUMENT}/rollback", RollbackHandler),
        (rf"{_DOCUMENT}/forget", ForgetHandler),
        (rf"{_DOCUMENT}/purge", PurgeHandler),
        (rf"{_ROOM}/purge", PurgeHandler),
        (r"plant-together/sync/([^/]+)", SyncHandler),
        (r"plant-together/invitation", InvitationPageHandler),
        (r"plant-together/(.*)", UnknownHandler),
    ]
