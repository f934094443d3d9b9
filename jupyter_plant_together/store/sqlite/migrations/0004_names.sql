-- A name as it is compared (NFC, case-folded), and the row through which a history was compacted (retention).
ALTER TABLE room RENAME COLUMN folded TO name_key;
ALTER TABLE document RENAME COLUMN folded TO name_key;
ALTER TABLE document RENAME COLUMN folded_through TO compacted_through;
