-- +goose Up
ALTER TABLE documents ADD COLUMN unconfirmed boolean NOT NULL DEFAULT false; -- its fields wait for a person (sohoa.Document.Unconfirmed)
UPDATE documents SET unconfirmed = true
WHERE state = 'kept' AND (data ->> 'pages')::int > 0 AND data -> 'movedTo' IS NULL AND (
    data -> 'fields' IS NULL
    OR EXISTS (SELECT 1 FROM json_array_elements(data::json -> 'fields') f WHERE NOT coalesce((f ->> 'confirmed')::boolean, false)));
CREATE INDEX documents_unconfirmed ON documents (accepted_at, id) WHERE unconfirmed;
