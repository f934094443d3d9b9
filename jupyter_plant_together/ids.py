"""Identifiers of rooms, documents and sessions: a prefix and 26 base32 characters of 130 random bits."""

from __future__ import annotations

import re
import secrets

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
DOCUMENT_ID = re.compile(r"d_[a-z2-7]{26}")
ROOM_ID = re.compile(r"r_[a-z2-7]{26}")


def _random() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(26))


def new_room_id() -> str:
    """Return a new room id, ``r_`` and 26 lower-case base32 characters."""
    return "r_" + _random()


def new_document_id() -> str:
    """Return a new document id, ``d_`` and 26 lower-case base32 characters."""
    return "d_" + _random()


def new_session_id() -> str:
    """Return a new session id, ``s_`` and 26 lower-case base32 characters."""
    return "s_" + _random()


def new_invitation_id() -> str:
    """Return a new invitation id, ``i_`` and 26 lower-case base32 characters."""
    return "i_" + _random()


def new_version_id() -> str:
    """Return a new version id, ``v_`` and 26 lower-case base32 characters."""
    return "v_" + _random()


def new_client_id() -> int:
    """Return a new id of a Yjs client, 53 bits that nobody can guess (PROTOCOL A11)."""
    return secrets.randbits(53)
