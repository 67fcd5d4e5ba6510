-- +goose Up
ALTER TABLE documents ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN copied INTEGER NOT NULL DEFAULT 0; -- the version that the second copy has
ALTER TABLE documents ADD COLUMN kept_at INTEGER NOT NULL DEFAULT 0; -- when the newest version was kept
UPDATE documents SET revision = coalesce(json_extract(data, '$.revision'), 0), copied = coalesce(json_extract(data, '$.copied'), 0),
    kept_at = coalesce(CAST(strftime('%s', json_extract(data, '$.keptAt')) AS INTEGER), 0) * 1000000;
CREATE INDEX documents_uncopied ON documents (kept_at) WHERE copied < revision AND state = 'kept';

CREATE TABLE object_copies (
    object  TEXT PRIMARY KEY, -- OCFL ID of an object that is no document
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE second_store (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id  TEXT NOT NULL
) STRICT;

CREATE TABLE fixity_passes (
    id   TEXT PRIMARY KEY,
    copy TEXT NOT NULL,
    data TEXT NOT NULL -- archive.FixityPass as JSON
) STRICT;
CREATE INDEX fixity_passes_copy ON fixity_passes (copy, id);

CREATE TABLE fixity_findings (
    id     TEXT PRIMARY KEY,
    copy   TEXT NOT NULL,
    object TEXT NOT NULL,
    key    TEXT NOT NULL,
    seen   INTEGER NOT NULL,
    open   INTEGER NOT NULL,
    data   TEXT NOT NULL -- archive.FixityFinding as JSON
) STRICT;
CREATE UNIQUE INDEX fixity_findings_open ON fixity_findings (copy, object, key) WHERE open;
CREATE INDEX fixity_findings_object ON fixity_findings (object);
