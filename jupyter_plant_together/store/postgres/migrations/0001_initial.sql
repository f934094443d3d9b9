-- Rooms, documents and their append-only history. Times are milliseconds since 1970 (UTC).
-- Everything lies in a schema of its own, so that a database may be shared with other programs.
CREATE SCHEMA IF NOT EXISTS plant_together;

-- Named values of the whole store: 'schema' is the version of these tables, 'counter' the last sequence
-- number given, 'example' is set once the example room was made (or was found to be needless).
CREATE TABLE plant_together.meta (
    key text COLLATE "C" PRIMARY KEY,
    value bigint NOT NULL
) WITH (fillfactor = 10);

INSERT INTO plant_together.meta (key, value) VALUES ('counter', 0), ('schema', 0);

-- Ids and keys are compared by code point, whatever the database's language: pages follow that order.
CREATE TABLE plant_together.room (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    -- NFC and casefold of the name: what must be unique among the rooms that are not deleted.
    folded text COLLATE "C" NOT NULL,
    private boolean NOT NULL DEFAULT false,
    description text NOT NULL DEFAULT '',
    created_by text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint
);

CREATE UNIQUE INDEX room_name ON plant_together.room (folded) WHERE deleted_at IS NULL;

-- `mark_*`: how far the document's stream is in the history (PROTOCOL C1); NULL until the first compaction.
CREATE TABLE plant_together.document (
    id text COLLATE "C" PRIMARY KEY,
    room_id text COLLATE "C" NOT NULL REFERENCES plant_together.room (id),
    name text NOT NULL,
    folded text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL DEFAULT 1,
    created_by text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint,
    mark_generation text,
    mark_through text
) WITH (fillfactor = 70);

CREATE UNIQUE INDEX document_name ON plant_together.document (room_id, folded) WHERE deleted_at IS NULL;

-- One row per run of updates of one author. `origin` is the process that wrote it. No foreign key here and
-- below: rows are written only while the document's row is locked, and no document's row is ever removed.
CREATE TABLE plant_together.history (
    seq bigint PRIMARY KEY,
    document text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    origin bigint NOT NULL,
    author text NOT NULL,
    at bigint NOT NULL,
    data bytea NOT NULL
);

CREATE INDEX history_document ON plant_together.history (document, epoch, seq);

-- Merged state of a document through `seq`; 0 is "no snapshot yet".
CREATE TABLE plant_together.snapshot (
    document text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (document, epoch, seq)
);

-- Who first introduced a Yjs client id (rule S3); the ids of earlier epochs are the retired ones (rule E2).
CREATE TABLE plant_together.client (
    document text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    client bigint NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (document, epoch, client)
);

CREATE TABLE plant_together.event (
    seq bigint PRIMARY KEY,
    room text COLLATE "C" NOT NULL,
    type text NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    document text COLLATE "C",
    data text NOT NULL
);

CREATE INDEX event_room ON plant_together.event (room, seq);
