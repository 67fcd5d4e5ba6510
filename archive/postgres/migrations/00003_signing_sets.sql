-- +goose Up
ALTER TABLE documents ADD COLUMN proof_until timestamptz; -- null is no timestamp
CREATE INDEX documents_proof ON documents (proof_until) WHERE proof_until IS NOT NULL;
ALTER TABLE documents ADD COLUMN lookup text COLLATE "C" NOT NULL DEFAULT '';
CREATE UNIQUE INDEX documents_lookup ON documents (lookup) WHERE lookup <> '';

CREATE TABLE signing_sets (
    id         text COLLATE "C" PRIMARY KEY,
    agency     text NOT NULL,
    state      text NOT NULL,
    created_by text NOT NULL,
    data       json NOT NULL -- sohoa.SigningSet
);
CREATE INDEX signing_sets_agency ON signing_sets (agency, id);

CREATE TABLE set_items (
    set_id   text COLLATE "C" NOT NULL REFERENCES signing_sets (id),
    document text COLLATE "C" NOT NULL REFERENCES documents (id),
    position integer NOT NULL,
    state    text NOT NULL,
    open     boolean NOT NULL, -- it waits for somebody
    signer   text NOT NULL,    -- for whom
    data     json NOT NULL,    -- sohoa.SetItem
    PRIMARY KEY (set_id, document)
);
CREATE UNIQUE INDEX set_items_open ON set_items (document) WHERE open; -- a document waits in one set
CREATE INDEX set_items_signer ON set_items (signer) WHERE open;

CREATE TABLE pending_signatures (
    id       text COLLATE "C" PRIMARY KEY,
    document text COLLATE "C" NOT NULL UNIQUE REFERENCES documents (id), -- one signature at a time
    set_id   text COLLATE "C" NOT NULL,
    flow     text NOT NULL,
    secret   text COLLATE "C" NOT NULL,
    created  timestamptz NOT NULL,
    expires  timestamptz NOT NULL,
    data     json NOT NULL -- sohoa.PendingSignature
);
