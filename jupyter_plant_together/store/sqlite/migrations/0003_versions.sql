-- Named points of a history. A version keeps the state itself: whatever becomes of the rows, it stays.
CREATE TABLE version (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL REFERENCES document (id),
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    name TEXT NOT NULL,
    by TEXT NOT NULL,
    at INTEGER NOT NULL,
    state BLOB NOT NULL
) WITHOUT ROWID;

CREATE INDEX version_document ON version (document, seq);

-- Purged documents are neither listed nor restored; their row stays so that nobody gets their id again.
ALTER TABLE document ADD COLUMN purged_at INTEGER;
-- The rows through this `seq` were folded into the snapshot of that `seq` (retention).
ALTER TABLE document ADD COLUMN folded_through INTEGER NOT NULL DEFAULT 0;
ALTER TABLE room ADD COLUMN purged_at INTEGER;
