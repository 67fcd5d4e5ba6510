-- +goose Up
-- Lists show how many documents there are of each state.
CREATE INDEX documents_counted ON documents (dossier, state);
-- The newest come first; what has no day, last.
DROP INDEX dossiers_created;
CREATE INDEX dossiers_created ON dossiers (created_at DESC NULLS LAST, code);
