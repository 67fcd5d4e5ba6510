-- +goose Up
ALTER TABLE documents ADD COLUMN unconfirmed INTEGER NOT NULL DEFAULT 0; -- its fields wait for a person (sohoa.Document.Unconfirmed)
UPDATE documents SET unconfirmed = 1
WHERE state = 'kept' AND json_extract(data, '$.pages') > 0 AND json_extract(data, '$.movedTo') IS NULL AND (
    json_extract(data, '$.fields') IS NULL
    OR EXISTS (SELECT 1 FROM json_each(data, '$.fields') f WHERE NOT coalesce(json_extract(f.value, '$.confirmed'), 0)));
CREATE INDEX documents_unconfirmed ON documents (accepted_at, id) WHERE unconfirmed;
