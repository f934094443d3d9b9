"""Traits that every server with rooms has: the server extension and the gateway.

They are one class, so that a name means the same in both, and its sentences (`trait PlantTogether.…`) are
true in both: the gateway reads the section ``PlantTogether`` of its configuration, too.
"""

from __future__ import annotations

import os
from dataclasses import fields
from typing import Any

from traitlets import Bool, Enum, Float, Int, Unicode, default
from traitlets.config import Configurable

from ..limits import Limits
from ..rendering.backends.selection import BACKENDS, SCOPES, SERVERS
from ..rendering.settings import RenderSettings
from .optional import POSTGRES_VARIABLE, REDIS_VARIABLE


def _limit(value: int, text: str) -> Any:
    return Int(value, min=1, help=f"{text} (a limit).").tag(config=True)


class RoomTraits(Configurable):
    """The traits of a server that has rooms."""

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
    idle_timeout = Float(
        30.0, min=0.0, help="For how many seconds a document that nobody has open stays in memory."
    ).tag(config=True)
    identity_recheck = Float(
        300.0, min=0.1, help="After how many seconds a connection's user is asked for again."
    ).tag(config=True)
    policy_grace = Float(
        120.0, min=0.0, help="For how many seconds connections keep their roles while none can be read."
    ).tag(config=True)

    history_retention = Float(
        0.0,
        min=0.0,
        help="After how many days old history is compacted into a snapshot, and what was deleted is gone for "
        "good; named versions stay; 0 keeps everything.",
    ).tag(config=True)

    max_source_size = _limit(1_000_000, "Size of a document's text in bytes")
    max_update_size = _limit(1_000_000, "Size of one edit in bytes")
    max_document_size = _limit(10_000_000, "Size of a document's state in bytes")
    max_documents_per_room = _limit(500, "Number of documents in a room")
    max_sessions_per_document = _limit(1_000, "Number of live connections to a document")
    max_connections_per_user = _limit(300, "Number of live connections of one user to this server")
    max_presence_size = _limit(4_096, "Size of one client's presence in bytes")
    message_rate = Float(200.0, min=1.0, help="Messages per second of a session (a limit).").tag(config=True)
    message_burst = _limit(1_000, "Messages that a session may send at once")
    max_upload_size = _limit(20_000_000, "Size of an upload in bytes")
    render_timeout = Float(10.0, min=0.1, help="Seconds that drawing a picture may take (a limit).").tag(
        config=True
    )
    render_memory = _limit(256_000_000, "Bytes that drawing a picture may allocate")

    render_backend = Enum(
        BACKENDS,
        "builtin",
        help="What draws besides the built-in engine: 'jar' is your own plantuml.jar (render_jar), 'server' "
        "a PlantUML server or Kroki (render_url), 'builtin' nothing.",
    ).tag(config=True)
    render_scope = Enum(
        SCOPES,
        "missing",
        help="What render_backend draws: 'missing' what the built-in engine lacks, 'all' everything.",
    ).tag(config=True)
    render_jar = Unicode(help="The path of your plantuml.jar, for render_backend 'jar'.").tag(config=True)
    render_java = Unicode("java", help="The Java that runs render_jar: a name on the PATH, or a path.").tag(
        config=True
    )
    render_url = Unicode(
        help="The drawing server of render_backend 'server', https://plantuml.example.org/plantuml."
    ).tag(config=True)
    render_server = Enum(
        SERVERS, "plantuml", help="What answers at render_url: 'plantuml' a PlantUML server, 'kroki' Kroki."
    ).tag(config=True)

    @default("postgres_dsn")
    def _postgres_dsn_default(self) -> str:
        return os.environ.get(POSTGRES_VARIABLE, "")

    @default("redis_url")
    def _redis_url_default(self) -> str:
        return os.environ.get(REDIS_VARIABLE, "")

    def render_settings(self) -> RenderSettings:
        """Return what draws besides the built-in engine, as the traits say."""
        names = ("render_backend", "render_scope", "render_jar", "render_java", "render_url", "render_server")
        return RenderSettings(**{name: getattr(self, name) for name in names})

    def limits(self) -> Limits:
        """Return the limits that the traits set."""
        return Limits(**{field.name: getattr(self, field.name) for field in fields(Limits)})
