-- A name as it is compared (NFC, case-folded), and the row through which a history was compacted (retention).
ALTER TABLE plant_together.room RENAME COLUMN folded TO name_key;
ALTER TABLE plant_together.document RENAME COLUMN folded TO name_key;
ALTER TABLE plant_together.document RENAME COLUMN folded_through TO compacted_through;
