-- What only those know who can read the store: 'edits' keys the client ids of edits that a server computes (rule A8).
CREATE TABLE plant_together.secret (
    key text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

INSERT INTO plant_together.secret (key, value) VALUES ('edits', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
