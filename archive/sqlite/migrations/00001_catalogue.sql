-- +goose Up
CREATE TABLE agencies (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE procedures (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE users (
    name          TEXT PRIMARY KEY,
    full_name     TEXT NOT NULL,
    role          TEXT NOT NULL,
    agency        TEXT NOT NULL,
    created_at    INTEGER NOT NULL, -- microseconds since 1970, UTC, as all times here
    password      TEXT NOT NULL DEFAULT '',
    setup         TEXT NOT NULL DEFAULT '',
    setup_expires INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE sessions (
    token   TEXT PRIMARY KEY, -- SHA-256 of the cookie
    data    BLOB NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

CREATE TABLE dossiers (
    code       TEXT PRIMARY KEY,
    procedure  TEXT NOT NULL,
    agency     TEXT NOT NULL,
    owner_name TEXT NOT NULL,
    owner_id   TEXT NOT NULL,
    subject    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL
) STRICT;
CREATE INDEX dossiers_agency ON dossiers (agency, created_at);

CREATE TABLE documents (
    id          TEXT PRIMARY KEY,
    dossier     TEXT NOT NULL REFERENCES dossiers (code),
    digest      TEXT NOT NULL,
    state       TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    data        TEXT NOT NULL, -- sohoa.Document as JSON
    UNIQUE (dossier, digest)
) STRICT;
CREATE INDEX documents_state ON documents (state, accepted_at);

CREATE TABLE pages (
    document TEXT NOT NULL REFERENCES documents (id),
    number   INTEGER NOT NULL,
    done     INTEGER NOT NULL, -- read, or given up with a problem
    data     TEXT NOT NULL,    -- sohoa.Page as JSON
    PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE files (
    document   TEXT NOT NULL REFERENCES documents (id),
    role       TEXT NOT NULL,
    page       INTEGER NOT NULL,
    key        TEXT NOT NULL,
    size       INTEGER NOT NULL,
    digest     TEXT NOT NULL,
    media_type TEXT NOT NULL,
    PRIMARY KEY (document, role, page)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    seq      INTEGER PRIMARY KEY,
    time     INTEGER NOT NULL,
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    document TEXT NOT NULL,
    dossier  TEXT NOT NULL,
    page     INTEGER NOT NULL,
    purpose  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    prev     TEXT NOT NULL,
    hash     TEXT NOT NULL
) STRICT;
CREATE INDEX journal_document ON journal (document, seq);

-- The journal only grows, whoever asks.
-- +goose StatementBegin
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- +goose StatementEnd
