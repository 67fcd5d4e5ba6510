-- +goose Up
-- Lists show how many documents there are of each state.
CREATE INDEX documents_counted ON documents (dossier, state);
