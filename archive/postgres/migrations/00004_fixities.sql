-- +goose Up
ALTER TABLE documents ADD COLUMN revision integer NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN copied integer NOT NULL DEFAULT 0; -- the version that the second copy has
ALTER TABLE documents ADD COLUMN kept_at timestamptz; -- when the newest version was kept
UPDATE documents SET revision = coalesce((data->>'revision')::integer, 0), copied = coalesce((data->>'copied')::integer, 0),
    kept_at = (data->>'keptAt')::timestamptz;
CREATE INDEX documents_uncopied ON documents (kept_at) WHERE copied < revision AND state = 'kept';

CREATE TABLE object_copies (
    object  text COLLATE "C" PRIMARY KEY, -- OCFL ID of an object that is no document
    version integer NOT NULL
);

CREATE TABLE second_store (
    one integer PRIMARY KEY CHECK (one = 1),
    id  text NOT NULL
);

CREATE TABLE fixity_passes (
    id   text COLLATE "C" PRIMARY KEY,
    copy text COLLATE "C" NOT NULL,
    data json NOT NULL -- archive.FixityPass
);
CREATE INDEX fixity_passes_copy ON fixity_passes (copy, id);

CREATE TABLE fixity_findings (
    id     text COLLATE "C" PRIMARY KEY,
    copy   text COLLATE "C" NOT NULL,
    object text COLLATE "C" NOT NULL,
    key    text COLLATE "C" NOT NULL,
    seen   timestamptz NOT NULL,
    open   boolean NOT NULL,
    data   json NOT NULL -- archive.FixityFinding
);
CREATE UNIQUE INDEX fixity_findings_open ON fixity_findings (copy, object, key) WHERE open;
CREATE INDEX fixity_findings_object ON fixity_findings (object);
