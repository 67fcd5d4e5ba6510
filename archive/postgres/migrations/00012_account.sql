-- +goose Up
ALTER TABLE users ADD COLUMN disabled boolean NOT NULL DEFAULT false; -- signs in no more
CREATE TABLE factors (
    username text PRIMARY KEY REFERENCES users (name),
    handle   text COLLATE "C" NOT NULL UNIQUE, -- by which authenticators know the user
    subject  text COLLATE "C" UNIQUE,          -- at the province's sign-on
    data     json NOT NULL                     -- archive.Factors
);
CREATE TABLE devices (
    id       text COLLATE "C" PRIMARY KEY,
    username text NOT NULL,
    last     timestamptz NOT NULL,
    expires  timestamptz NOT NULL,
    data     json NOT NULL -- archive.Device
);
CREATE INDEX devices_user ON devices (username, last);
CREATE INDEX devices_expires ON devices (expires);
