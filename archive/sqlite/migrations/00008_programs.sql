-- +goose Up
-- Programs that use the API.
CREATE TABLE api_keys (
    name     TEXT PRIMARY KEY,
    hash     TEXT NOT NULL UNIQUE, -- SHA-256 of the secret, which is nowhere
    last_use INTEGER NOT NULL DEFAULT 0,
    data     TEXT NOT NULL -- sohoa.APIKey as JSON
) STRICT;

CREATE TABLE webhooks (
    id     TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    data   TEXT NOT NULL -- sohoa.Webhook as JSON
) STRICT;

CREATE TABLE deliveries (
    hook   TEXT NOT NULL REFERENCES webhooks (id),
    number INTEGER NOT NULL,
    state  TEXT NOT NULL,
    made   INTEGER NOT NULL,
    data   TEXT NOT NULL, -- sohoa.Delivery as JSON
    PRIMARY KEY (hook, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_pending ON deliveries (hook, number) WHERE state = 'pending';

-- Answers to requests that may come again.
CREATE TABLE api_answers (
    actor   TEXT NOT NULL,
    id      TEXT NOT NULL,
    request TEXT NOT NULL,
    until   INTEGER NOT NULL,
    status  INTEGER NOT NULL,
    type    TEXT NOT NULL,
    body    BLOB NOT NULL,
    PRIMARY KEY (actor, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_answers_until ON api_answers (until);

-- Secrets of the installation, which all its machines share.
CREATE TABLE api_secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE INDEX documents_valid_until ON documents (json_extract(data, '$.life.validUntil'), id)
    WHERE json_extract(data, '$.life.validUntil') IS NOT NULL;
