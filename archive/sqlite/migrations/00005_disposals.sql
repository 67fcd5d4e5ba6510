-- +goose Up
ALTER TABLE dossiers ADD COLUMN ended TEXT NOT NULL DEFAULT ''; -- last day of work on it

CREATE INDEX documents_due ON documents (json_extract(data, '$.life.retention.due')) WHERE state = 'kept';
CREATE INDEX documents_rule ON documents (coalesce(json_extract(data, '$.life.retention.rule'), 0)) WHERE state = 'kept';

CREATE INDEX files_digest ON files (digest) WHERE page = 0;

CREATE TABLE schedules (
    version INTEGER PRIMARY KEY,
    data    TEXT NOT NULL -- sohoa.Schedule as JSON
) STRICT;

CREATE TABLE disposals (
    id     TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    state  TEXT NOT NULL,
    open   INTEGER NOT NULL,
    data   TEXT NOT NULL -- sohoa.Disposal as JSON
) STRICT;
CREATE INDEX disposals_agency ON disposals (agency, id);

CREATE TABLE disposal_items (
    disposal TEXT NOT NULL REFERENCES disposals (id),
    document TEXT NOT NULL, -- its row may be a tombstone
    position INTEGER NOT NULL,
    data     TEXT NOT NULL, -- sohoa.DisposalItem as JSON
    PRIMARY KEY (disposal, document)
) STRICT, WITHOUT ROWID;
