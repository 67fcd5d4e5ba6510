-- +goose Up
-- Programs that use the API.
CREATE TABLE api_keys (
    name     text COLLATE "C" PRIMARY KEY,
    hash     bytea NOT NULL UNIQUE, -- SHA-256 of the secret, which is nowhere
    last_use timestamptz,
    data     json NOT NULL -- sohoa.APIKey
);

CREATE TABLE webhooks (
    id     text COLLATE "C" PRIMARY KEY,
    secret text NOT NULL,
    data   json NOT NULL -- sohoa.Webhook
);

CREATE TABLE deliveries (
    hook   text COLLATE "C" NOT NULL REFERENCES webhooks (id),
    number integer NOT NULL,
    state  text NOT NULL,
    made   timestamptz NOT NULL,
    data   json NOT NULL, -- sohoa.Delivery
    PRIMARY KEY (hook, number)
);
CREATE INDEX deliveries_pending ON deliveries (hook, number) WHERE state = 'pending';

-- Answers to requests that may come again.
CREATE TABLE api_answers (
    actor   text COLLATE "C" NOT NULL,
    id      text COLLATE "C" NOT NULL,
    request bytea NOT NULL,
    until   timestamptz NOT NULL,
    status  smallint NOT NULL,
    type    text NOT NULL,
    body    bytea NOT NULL,
    PRIMARY KEY (actor, id)
);
CREATE INDEX api_answers_until ON api_answers (until);

-- Secrets of the installation, which all its machines share.
CREATE TABLE api_secrets (
    name  text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

CREATE INDEX documents_valid_until ON documents ((data -> 'life' ->> 'validUntil'), id)
    WHERE state = 'kept' AND data -> 'life' ->> 'validUntil' IS NOT NULL;
