-- Everything lies in the schema sohoa, which the search path names. Codes and
-- identifiers compare by their bytes, so that no locale decides their order.

-- +goose Up
CREATE TABLE agencies (
    code text COLLATE "C" PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE procedures (
    code text COLLATE "C" PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE users (
    name          text COLLATE "C" PRIMARY KEY,
    full_name     text NOT NULL,
    role          text NOT NULL,
    agency        text NOT NULL,
    created_at    timestamptz, -- NULL is the zero time, as everywhere here
    password      text NOT NULL DEFAULT '',
    setup         bytea,
    setup_expires timestamptz
);

CREATE TABLE sessions (
    token   bytea PRIMARY KEY, -- SHA-256 of the cookie
    data    bytea NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE dossiers (
    code       text COLLATE "C" PRIMARY KEY,
    procedure  text NOT NULL,
    agency     text COLLATE "C" NOT NULL,
    owner_name text NOT NULL,
    owner_id   text NOT NULL,
    subject    text NOT NULL,
    created_at timestamptz,
    created_by text NOT NULL,
    folded     text NOT NULL -- code, owner's name and subject by archive.Fold
);
CREATE INDEX dossiers_agency ON dossiers (agency, created_at);
CREATE INDEX dossiers_created ON dossiers (created_at DESC, code);

CREATE TABLE documents (
    id          text COLLATE "C" PRIMARY KEY,
    dossier     text COLLATE "C" NOT NULL REFERENCES dossiers (code),
    digest      bytea NOT NULL,
    state       text NOT NULL,
    accepted_at timestamptz,
    data        json NOT NULL, -- sohoa.Document
    UNIQUE (dossier, digest)
);
CREATE INDEX documents_state ON documents (state, accepted_at);
CREATE INDEX documents_accepted ON documents (accepted_at DESC, id DESC);

CREATE TABLE pages (
    document text COLLATE "C" NOT NULL REFERENCES documents (id),
    number   integer NOT NULL,
    done     boolean NOT NULL, -- read, or given up with a problem
    data     json NOT NULL,    -- sohoa.Page
    PRIMARY KEY (document, number)
);

CREATE TABLE files (
    document   text COLLATE "C" NOT NULL REFERENCES documents (id),
    role       text COLLATE "C" NOT NULL,
    page       integer NOT NULL,
    key        text NOT NULL,
    size       bigint NOT NULL,
    digest     bytea NOT NULL,
    media_type text NOT NULL,
    PRIMARY KEY (document, role, page)
);

CREATE TABLE journal (
    seq      bigint PRIMARY KEY,
    time     timestamptz NOT NULL,
    actor    text NOT NULL,
    action   text NOT NULL,
    document text COLLATE "C" NOT NULL,
    dossier  text NOT NULL,
    page     integer NOT NULL,
    purpose  text NOT NULL,
    detail   text NOT NULL,
    prev     bytea NOT NULL,
    hash     bytea NOT NULL
);
CREATE INDEX journal_document ON journal (document, seq);

-- The journal only grows, whoever asks.
-- +goose StatementBegin
CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();

-- Those who wait are told, once the entry can be seen.
-- +goose StatementBegin
CREATE FUNCTION journal_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('sohoa_journal', NEW.seq::text);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER journal_tells AFTER INSERT ON journal
    FOR EACH ROW EXECUTE FUNCTION journal_tell();
