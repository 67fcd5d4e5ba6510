-- +goose Up
CREATE TABLE saved_searches (
    id       text COLLATE "C" PRIMARY KEY,
    username text NOT NULL,
    name     text COLLATE "C" NOT NULL,
    data     json NOT NULL, -- sohoa.SavedSearch
    UNIQUE (username, name)
);
