-- +goose Up
ALTER TABLE documents ADD COLUMN proof_until INTEGER NOT NULL DEFAULT 0; -- 0 is no timestamp
CREATE INDEX documents_proof ON documents (proof_until) WHERE proof_until > 0;
ALTER TABLE documents ADD COLUMN lookup TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX documents_lookup ON documents (lookup) WHERE lookup <> '';

CREATE TABLE signing_sets (
    id         TEXT PRIMARY KEY,
    agency     TEXT NOT NULL,
    state      TEXT NOT NULL,
    created_by TEXT NOT NULL,
    data       TEXT NOT NULL -- sohoa.SigningSet as JSON
) STRICT;
CREATE INDEX signing_sets_agency ON signing_sets (agency, id);

CREATE TABLE set_items (
    set_id   TEXT NOT NULL REFERENCES signing_sets (id),
    document TEXT NOT NULL REFERENCES documents (id),
    position INTEGER NOT NULL,
    state    TEXT NOT NULL,
    open     INTEGER NOT NULL, -- it waits for somebody
    signer   TEXT NOT NULL,    -- for whom
    data     TEXT NOT NULL,    -- sohoa.SetItem as JSON
    PRIMARY KEY (set_id, document)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX set_items_open ON set_items (document) WHERE open; -- a document waits in one set
CREATE INDEX set_items_signer ON set_items (signer) WHERE open;

CREATE TABLE pending_signatures (
    id       TEXT PRIMARY KEY,
    document TEXT NOT NULL UNIQUE REFERENCES documents (id), -- one signature at a time
    set_id   TEXT NOT NULL,
    flow     TEXT NOT NULL,
    secret   TEXT NOT NULL,
    created  INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    data     TEXT NOT NULL -- sohoa.PendingSignature as JSON
) STRICT;
