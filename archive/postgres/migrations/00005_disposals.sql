-- +goose Up
ALTER TABLE dossiers ADD COLUMN ended text NOT NULL DEFAULT ''; -- last day of work on it

CREATE INDEX documents_due ON documents ((data -> 'life' -> 'retention' ->> 'due')) WHERE state = 'kept';
CREATE INDEX documents_rule ON documents ((coalesce(data -> 'life' -> 'retention' ->> 'rule', '0'))) WHERE state = 'kept';

CREATE INDEX files_digest ON files (digest) WHERE page = 0;

CREATE TABLE schedules (
    version integer PRIMARY KEY,
    data    json NOT NULL -- sohoa.Schedule
);

CREATE TABLE disposals (
    id     text COLLATE "C" PRIMARY KEY,
    agency text NOT NULL,
    state  text NOT NULL,
    open   boolean NOT NULL,
    data   json NOT NULL -- sohoa.Disposal
);
CREATE INDEX disposals_agency ON disposals (agency, id);

CREATE TABLE disposal_items (
    disposal text COLLATE "C" NOT NULL REFERENCES disposals (id),
    document text COLLATE "C" NOT NULL, -- its row may be a tombstone
    position integer NOT NULL,
    data     json NOT NULL, -- sohoa.DisposalItem
    PRIMARY KEY (disposal, document)
);
