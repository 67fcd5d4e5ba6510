-- +goose Up
-- Lists show the newest, and how many there are of each state.
CREATE INDEX dossiers_created ON dossiers (created_at DESC, code);
CREATE INDEX documents_accepted ON documents (accepted_at DESC, id DESC);
CREATE INDEX documents_counted ON documents (dossier, state);
DROP INDEX documents_held;
CREATE INDEX documents_held ON documents (accepted_at DESC, id DESC) WHERE held;
