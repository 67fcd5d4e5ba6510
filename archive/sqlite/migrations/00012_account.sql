-- +goose Up
ALTER TABLE users ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0; -- signs in no more
CREATE TABLE factors (
    username TEXT PRIMARY KEY REFERENCES users (name),
    handle   TEXT NOT NULL UNIQUE, -- by which authenticators know the user
    subject  TEXT UNIQUE,          -- at the province's sign-on
    data     TEXT NOT NULL         -- archive.Factors as JSON
) STRICT;
CREATE TABLE devices (
    id       TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    last     INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    data     TEXT NOT NULL -- archive.Device as JSON
) STRICT;
CREATE INDEX devices_user ON devices (username, last);
CREATE INDEX devices_expires ON devices (expires);
