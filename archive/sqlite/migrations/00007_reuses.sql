-- +goose Up
ALTER TABLE procedures ADD COLUMN data TEXT NOT NULL DEFAULT '{}'; -- the rest of sohoa.Procedure as JSON

-- Who a dossier belongs to, where there is no identity number.
ALTER TABLE dossiers ADD COLUMN owner_birth TEXT NOT NULL DEFAULT ''; -- 1990-12-31
ALTER TABLE dossiers ADD COLUMN owner_key TEXT NOT NULL DEFAULT '';   -- owner_name by archive.NameKey, where there is a birth date
CREATE INDEX dossiers_owner_key ON dossiers (owner_key, owner_birth) WHERE owner_birth <> '';

-- The end of a result's force: sohoa.Life.ForceUntil; 0 is none.
ALTER TABLE documents ADD COLUMN force_until INTEGER NOT NULL DEFAULT 0;
UPDATE documents SET force_until = coalesce(min(
        coalesce(unixepoch(json_extract(data, '$.life.revoked.at')) * 1000000, 9e18),
        coalesce(unixepoch(json_extract(data, '$.life.replaced.at')) * 1000000, 9e18),
        coalesce((unixepoch(json_extract(data, '$.life.validUntil')) + 17 * 3600) * 1000000, 9e18)), 0)
    WHERE coalesce(json_extract(data, '$.life.revoked.at'), json_extract(data, '$.life.replaced.at'), json_extract(data, '$.life.validUntil')) IS NOT NULL;
CREATE INDEX documents_force ON documents (force_until, id) WHERE force_until > 0;

CREATE UNIQUE INDEX documents_result ON documents (json_extract(data, '$.life.result')) WHERE json_extract(data, '$.life.result') IS NOT NULL;

CREATE TABLE reuses (
    id          TEXT PRIMARY KEY,
    dossier     TEXT NOT NULL REFERENCES dossiers (code),
    requirement TEXT NOT NULL,
    document    TEXT NOT NULL, -- its row may be a tombstone, or missing after a recovery
    state       TEXT NOT NULL,
    at          INTEGER NOT NULL,
    lost        INTEGER NOT NULL,
    unseen      INTEGER NOT NULL, -- lost, and nobody said that they know
    agency      TEXT NOT NULL,    -- of the dossier
    received    INTEGER NOT NULL, -- when the dossier was made
    data        TEXT NOT NULL     -- sohoa.Reuse as JSON
) STRICT;
CREATE UNIQUE INDEX reuses_accepted ON reuses (dossier, requirement) WHERE state = 'accepted';
CREATE INDEX reuses_dossier ON reuses (dossier, id);
CREATE INDEX reuses_document ON reuses (document, state, dossier);
CREATE INDEX reuses_agency ON reuses (agency, at, state, lost, unseen);
CREATE INDEX reuses_received ON reuses (agency, received, dossier, state) WHERE state = 'accepted'; -- state, so that rows need not be read
CREATE INDEX reuses_at ON reuses (at, id);
CREATE INDEX reuses_lost ON reuses (id) WHERE lost;

-- Requirements of dossiers for which something usable was found.
CREATE TABLE reuse_offers (
    dossier     TEXT NOT NULL REFERENCES dossiers (code),
    requirement TEXT NOT NULL,
    agency      TEXT NOT NULL,
    at          INTEGER NOT NULL, -- first
    PRIMARY KEY (dossier, requirement)
) STRICT, WITHOUT ROWID;
CREATE INDEX reuse_offers_agency ON reuse_offers (agency, at);

-- Objects of the storage root that are no document's, and what they lack.
CREATE TABLE records (
    id     TEXT PRIMARY KEY,
    kind   TEXT NOT NULL,
    name   TEXT NOT NULL,
    change INTEGER NOT NULL,
    kept   INTEGER NOT NULL,
    UNIQUE (kind, name)
) STRICT;
CREATE INDEX records_behind ON records (id) WHERE kept < change;
