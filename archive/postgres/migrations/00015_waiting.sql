-- +goose Up
ALTER TABLE dossiers ADD COLUMN due text COLLATE "C" NOT NULL DEFAULT '';     -- the day of return, 2026-12-31
ALTER TABLE signing_sets ADD COLUMN due text COLLATE "C" NOT NULL DEFAULT ''; -- sohoa.SigningSet.Due
CREATE INDEX set_items_document ON set_items (document, set_id);
CREATE INDEX signing_sets_creator ON signing_sets (created_by, id);
