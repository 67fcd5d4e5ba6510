-- +goose Up
CREATE INDEX documents_kept ON documents (kept_at, id) WHERE state = 'kept';

CREATE TABLE samples (
    id     TEXT PRIMARY KEY,
    agency TEXT NOT NULL, -- empty is the whole installation
    open   INTEGER NOT NULL,
    data   TEXT NOT NULL -- sohoa.Sample as JSON
) STRICT;

CREATE TABLE sample_items (
    sample     TEXT NOT NULL REFERENCES samples (id),
    document   TEXT NOT NULL, -- its row may be a tombstone
    position   INTEGER NOT NULL,
    agency     TEXT NOT NULL,    -- of its dossier, when it was drawn
    closed_at  INTEGER NOT NULL, -- with its sample; 0 is open
    judged     INTEGER NOT NULL, -- counts in the result
    faulty     INTEGER NOT NULL,
    due        INTEGER NOT NULL, -- faulty, closed, and nobody has corrected it
    pages      INTEGER NOT NULL, -- judged
    pages_good INTEGER NOT NULL,
    data       TEXT NOT NULL,    -- sohoa.SampleItem as JSON
    PRIMARY KEY (sample, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX sample_items_document ON sample_items (document, sample);
CREATE INDEX sample_items_due ON sample_items (agency, sample DESC, position) WHERE due;
CREATE INDEX sample_items_closed ON sample_items (closed_at, agency, judged, faulty, due, pages, pages_good) WHERE closed_at > 0;
