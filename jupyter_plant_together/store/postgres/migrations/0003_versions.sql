-- Named points of a history. A version keeps the state itself: whatever becomes of the rows, it stays.
CREATE TABLE plant_together.version (
    id text COLLATE "C" PRIMARY KEY,
    document text COLLATE "C" NOT NULL REFERENCES plant_together.document (id),
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    name text NOT NULL,
    by text NOT NULL,
    at bigint NOT NULL,
    state bytea NOT NULL
);

CREATE INDEX version_document ON plant_together.version (document, seq);

-- Purged documents are neither listed nor restored; their row stays so that nobody gets their id again.
ALTER TABLE plant_together.document ADD COLUMN purged_at bigint;
-- The rows through this `seq` were folded into the snapshot of that `seq` (retention).
ALTER TABLE plant_together.document ADD COLUMN folded_through bigint NOT NULL DEFAULT 0;
ALTER TABLE plant_together.room ADD COLUMN purged_at bigint;
