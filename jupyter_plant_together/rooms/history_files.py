"""A document's past as files of a room's zip file: ``history.json``, and the text of each named version.

The JSON has what the timeline and the list of versions say; a version's text is in a file of its own, so that
never more than one is in memory.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from ..errors import NotFound
from ..store.port import Document
from ..util.rfc3339 import rfc3339
from .history import HistoryService
from .identity import Principal

KIND = "history"
_FILE = "history.json"
_EDIT_SESSIONS_AT_MOST = 10_000


async def files_of(
    history: HistoryService, who: Principal, document: Document
) -> AsyncIterator[tuple[str, bytes]]:
    """Yield names and contents; the newest of everything comes first.

    Raises what reading the document's past does.
    """
    place = (f"~{document.room_id}", f"~{document.id}")
    found, older = await history.timeline(who, *place, before=None, limit=_EDIT_SESSIONS_AT_MOST)
    versions = []
    for number, version in enumerate(await history.versions(who, *place), 1):
        file = f"version-{number}.txt"
        try:
            _, text = await history.version_text(who, *place, version.id)
        except NotFound:
            continue  # the document was purged meanwhile
        versions.append(
            {
                "name": version.name,
                "by": version.by,
                "at": rfc3339(version.at),
                "seq": version.seq,
                "file": file,
            }
        )
        yield file, text.encode()
    content = {
        "name": document.name,
        "created_by": document.created_by,
        "created_at": rfc3339(document.created_at),
        "versions": versions,
        "timeline": [
            {
                "author": edit_session.author,
                "begin": rfc3339(edit_session.begin),
                "end": rfc3339(edit_session.end),
                "first": edit_session.first,
                "last": edit_session.last,
                "edits": edit_session.rows,
                "bytes": edit_session.size,
            }
            for edit_session in found
        ],
        "older_left_out": older is not None,
    }
    yield _FILE, await asyncio.to_thread(lambda: json.dumps(content, ensure_ascii=False, indent=1).encode())
