"""What handlers work with, in one frozen object that app.py makes and puts into the web app's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..journal.port import Journal
from ..limits import Limits
from ..live.registry import Registry
from ..live.role_watcher import RoleWatcher
from ..rendering.renderer import Renderer
from ..rooms.event_feed import EventFeed
from ..rooms.history import HistoryService
from ..rooms.identity import IdentitySource
from ..rooms.include_resolver import IncludeResolver
from ..rooms.members import MemberService
from ..rooms.origins import UserOrigins
from ..rooms.service import RoomService
from ..rooms.shares import Shares
from ..rooms.tickets import Tickets
from ..rooms.transfer import TransferService
from ..store.port import Store

if TYPE_CHECKING:
    from ..journal.compaction.compactor import Compactor

SETTING = "plant_together"


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a running server."""

    rooms: RoomService
    members: MemberService
    role_watcher: RoleWatcher
    feed: EventFeed
    history: HistoryService
    transfer: TransferService
    tickets: Tickets
    connections: Shares
    renderer: Renderer
    include_resolver: IncludeResolver
    live: Registry
    journal: Journal
    store: Store
    compactor: Compactor | None
    limits: Limits
    identity: IdentitySource
    connection_token: str
    identity_recheck: float
    policy_grace: float
    history_retention: float
    tickets_required: bool
    user_origins: UserOrigins | None
    mode: str
    version: str
