-- Who belongs to a room, and by which links people may come in. `role` is 1 viewer, 2 editor, 3 owner.

CREATE TABLE plant_together.member (
    room text COLLATE "C" NOT NULL REFERENCES plant_together.room (id),
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('user', 'group', 'everyone')),
    subject text COLLATE "C" NOT NULL,
    role smallint NOT NULL CHECK (role BETWEEN 1 AND 3),
    by text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (room, kind, subject)
);

-- When a user was last removed: no invitation made before lets them in again (rule I5).
CREATE TABLE plant_together.removal (
    room text COLLATE "C" NOT NULL REFERENCES plant_together.room (id),
    subject text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (room, subject)
);

-- `digest` is the SHA-256 of the secret that was shown once, as hexadecimal digits.
CREATE TABLE plant_together.invitation (
    id text COLLATE "C" PRIMARY KEY,
    room text COLLATE "C" NOT NULL REFERENCES plant_together.room (id),
    digest text NOT NULL,
    role smallint NOT NULL CHECK (role BETWEEN 1 AND 3),
    created_by text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    max_uses bigint,
    uses bigint NOT NULL DEFAULT 0,
    revoked_at bigint
);

CREATE INDEX invitation_room ON plant_together.invitation (room);

CREATE TABLE plant_together.acceptance (
    invitation text COLLATE "C" NOT NULL REFERENCES plant_together.invitation (id),
    subject text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (invitation, subject)
);

-- Rooms made before there were members: their maker owns them, and the open ones everyone edits.
INSERT INTO plant_together.member SELECT id, 'user', created_by, 3, created_by, created_at
    FROM plant_together.room;
INSERT INTO plant_together.member SELECT id, 'everyone', '', 2, created_by, created_at
    FROM plant_together.room WHERE NOT private;
