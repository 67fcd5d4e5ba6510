-- +goose Up
CREATE TABLE saved_searches (
    id       TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    name     TEXT NOT NULL,
    data     TEXT NOT NULL, -- sohoa.SavedSearch as JSON
    UNIQUE (username, name)
) STRICT;
