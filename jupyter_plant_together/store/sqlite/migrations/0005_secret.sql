-- What only those know who can read the store: 'edits' keys the client ids of edits that a server computes (rule A8).
CREATE TABLE secret (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

INSERT INTO secret (key, value) VALUES ('edits', randomblob(32));
