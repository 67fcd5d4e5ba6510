-- +goose Up
ALTER TABLE procedures ADD COLUMN data json NOT NULL DEFAULT '{}'; -- the rest of sohoa.Procedure

-- Who a dossier belongs to, where there is no identity number.
ALTER TABLE dossiers ADD COLUMN owner_birth text COLLATE "C" NOT NULL DEFAULT ''; -- 1990-12-31
ALTER TABLE dossiers ADD COLUMN owner_key text COLLATE "C" NOT NULL DEFAULT '';   -- owner_name by archive.NameKey, where there is a birth date
CREATE INDEX dossiers_owner_key ON dossiers (owner_key, owner_birth) WHERE owner_birth <> '';

-- The end of a result's force: sohoa.Life.ForceUntil; null is none.
ALTER TABLE documents ADD COLUMN force_until timestamptz;
UPDATE documents SET force_until = least((d.data -> 'life' -> 'revoked' ->> 'at')::timestamptz, (d.data -> 'life' -> 'replaced' ->> 'at')::timestamptz,
        ((d.data -> 'life' ->> 'validUntil')::date + 1)::timestamp AT TIME ZONE INTERVAL '7 hours')
    FROM (SELECT id, data FROM documents WHERE strpos(data::text, '\u0000') = 0 OFFSET 0) d -- NUL is JSON, but no text here
    WHERE d.id = documents.id AND coalesce(d.data -> 'life' -> 'revoked' ->> 'at', d.data -> 'life' -> 'replaced' ->> 'at', d.data -> 'life' ->> 'validUntil') IS NOT NULL;
CREATE INDEX documents_force ON documents (force_until, id) WHERE force_until IS NOT NULL;

ALTER TABLE documents ADD COLUMN result text COLLATE "C" NOT NULL DEFAULT ''; -- sohoa.Life.Result
CREATE UNIQUE INDEX documents_result ON documents (result) WHERE result <> '';

CREATE TABLE reuses (
    id          text COLLATE "C" PRIMARY KEY,
    dossier     text COLLATE "C" NOT NULL REFERENCES dossiers (code),
    requirement text COLLATE "C" NOT NULL,
    document    text COLLATE "C" NOT NULL, -- its row may be a tombstone, or missing after a recovery
    state       text COLLATE "C" NOT NULL,
    at          timestamptz NOT NULL,
    lost        boolean NOT NULL,
    unseen      boolean NOT NULL,          -- lost, and nobody said that they know
    agency      text COLLATE "C" NOT NULL, -- of the dossier
    received    timestamptz,               -- when the dossier was made
    data        json NOT NULL              -- sohoa.Reuse
);
CREATE UNIQUE INDEX reuses_accepted ON reuses (dossier, requirement) WHERE state = 'accepted';
CREATE INDEX reuses_dossier ON reuses (dossier, id);
CREATE INDEX reuses_document ON reuses (document, state, dossier);
CREATE INDEX reuses_agency ON reuses (agency, at, state, lost, unseen);
CREATE INDEX reuses_received ON reuses (agency, received, dossier) WHERE state = 'accepted';
CREATE INDEX reuses_at ON reuses (at, id);
CREATE INDEX reuses_lost ON reuses (id) WHERE lost;

-- Requirements of dossiers for which something usable was found.
CREATE TABLE reuse_offers (
    dossier     text COLLATE "C" NOT NULL REFERENCES dossiers (code),
    requirement text COLLATE "C" NOT NULL,
    agency      text COLLATE "C" NOT NULL,
    at          timestamptz NOT NULL, -- first
    PRIMARY KEY (dossier, requirement)
);
CREATE INDEX reuse_offers_agency ON reuse_offers (agency, at);

-- Objects of the storage root that are no document's, and what they lack.
CREATE TABLE records (
    id     text COLLATE "C" PRIMARY KEY,
    kind   text COLLATE "C" NOT NULL,
    name   text COLLATE "C" NOT NULL,
    change integer NOT NULL,
    kept   integer NOT NULL,
    UNIQUE (kind, name)
);
CREATE INDEX records_behind ON records (id) WHERE kept < change;
