-- Who belongs to a room, and by which links people may come in. `role` is 1 viewer, 2 editor, 3 owner.

CREATE TABLE member (
    room TEXT NOT NULL REFERENCES room (id),
    kind TEXT NOT NULL CHECK (kind IN ('user', 'group', 'everyone')),
    subject TEXT NOT NULL,
    role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 3),
    by TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (room, kind, subject)
) WITHOUT ROWID;

-- When a user was last removed: no invitation made before lets them in again (rule I5).
CREATE TABLE removal (
    room TEXT NOT NULL REFERENCES room (id),
    subject TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (room, subject)
) WITHOUT ROWID;

-- `digest` is the SHA-256 of the secret that was shown once, as hexadecimal digits.
CREATE TABLE invitation (
    id TEXT PRIMARY KEY,
    room TEXT NOT NULL REFERENCES room (id),
    digest TEXT NOT NULL,
    role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 3),
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    max_uses INTEGER,
    uses INTEGER NOT NULL DEFAULT 0,
    revoked_at INTEGER
) WITHOUT ROWID;

CREATE INDEX invitation_room ON invitation (room);

CREATE TABLE acceptance (
    invitation TEXT NOT NULL REFERENCES invitation (id),
    subject TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (invitation, subject)
) WITHOUT ROWID;

-- Rooms made before there were members: their maker owns them, and the open ones everyone edits.
INSERT INTO member SELECT id, 'user', created_by, 3, created_by, created_at FROM room;
INSERT INTO member SELECT id, 'everyone', '', 2, created_by, created_at FROM room WHERE NOT private;
