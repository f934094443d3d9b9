-- Rooms, documents and their append-only history. Times are milliseconds since 1970 (UTC).

-- Named values of the whole store: 'counter' is the last sequence number given, 'example' is set once the
-- example room was made (or was found to be needless), so that a deleted example stays deleted.
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO meta (key, value) VALUES ('counter', 0);

CREATE TABLE room (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- NFC and casefold of the name: what must be unique among the rooms that are not deleted.
    folded TEXT NOT NULL,
    private INTEGER NOT NULL DEFAULT 0,
    description TEXT NOT NULL DEFAULT '',
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
);

CREATE UNIQUE INDEX room_name ON room (folded) WHERE deleted_at IS NULL;

CREATE TABLE document (
    id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES room (id),
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 1,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
);

CREATE UNIQUE INDEX document_name ON document (room_id, folded) WHERE deleted_at IS NULL;

-- One row per run of updates of one author. `origin` is the process that wrote it: the others relay it.
CREATE TABLE history (
    seq INTEGER PRIMARY KEY,
    document TEXT NOT NULL REFERENCES document (id),
    epoch INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    data BLOB NOT NULL
);

CREATE INDEX history_document ON history (document, epoch, seq);

-- Merged state of a document through `seq`; 0 is "no snapshot yet".
CREATE TABLE snapshot (
    document TEXT NOT NULL REFERENCES document (id),
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (document, epoch, seq)
);

-- Who first introduced a Yjs client id (rule S3); the ids of earlier epochs are the retired ones (rule E2).
CREATE TABLE client (
    document TEXT NOT NULL REFERENCES document (id),
    epoch INTEGER NOT NULL,
    client INTEGER NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (document, epoch, client)
) WITHOUT ROWID;

CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    room TEXT NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    document TEXT,
    data TEXT NOT NULL
);

CREATE INDEX event_room ON event (room, seq);
