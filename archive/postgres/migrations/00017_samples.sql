-- +goose Up
CREATE INDEX documents_kept ON documents (kept_at, id) WHERE state = 'kept';

CREATE TABLE samples (
    id     text COLLATE "C" PRIMARY KEY,
    agency text COLLATE "C" NOT NULL, -- empty is the whole installation
    open   boolean NOT NULL,
    data   json NOT NULL -- sohoa.Sample
);

CREATE TABLE sample_items (
    sample     text COLLATE "C" NOT NULL REFERENCES samples (id),
    document   text COLLATE "C" NOT NULL, -- its row may be a tombstone
    position   integer NOT NULL,
    agency     text COLLATE "C" NOT NULL, -- of its dossier, when it was drawn
    closed_at  timestamptz,      -- with its sample; null is open
    judged     boolean NOT NULL, -- counts in the result
    faulty     boolean NOT NULL,
    due        boolean NOT NULL, -- faulty, closed, and nobody has corrected it
    pages      integer NOT NULL, -- judged
    pages_good integer NOT NULL,
    data       json NOT NULL,    -- sohoa.SampleItem
    PRIMARY KEY (sample, document)
);
CREATE INDEX sample_items_document ON sample_items (document, sample);
CREATE INDEX sample_items_due ON sample_items (agency, sample DESC, position) WHERE due;
CREATE INDEX sample_items_closed ON sample_items (closed_at) INCLUDE (agency, judged, faulty, due, pages, pages_good) WHERE closed_at IS NOT NULL;
