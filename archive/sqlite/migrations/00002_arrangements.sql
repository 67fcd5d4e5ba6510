-- +goose Up
ALTER TABLE documents ADD COLUMN held INTEGER NOT NULL DEFAULT 0; -- a person arranges its pages
CREATE INDEX documents_held ON documents (accepted_at) WHERE held;

CREATE TABLE arrangements (
    document TEXT NOT NULL REFERENCES documents (id),
    version  INTEGER NOT NULL,
    data     TEXT NOT NULL, -- sohoa.Arrangement as JSON
    PRIMARY KEY (document, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE leaves (
    document TEXT NOT NULL REFERENCES documents (id), -- whose original has the page
    page     INTEGER NOT NULL,
    holder   TEXT NOT NULL REFERENCES documents (id), -- who has it now
    data     TEXT NOT NULL,                           -- sohoa.Leaf as JSON
    PRIMARY KEY (document, page)
) STRICT, WITHOUT ROWID;
CREATE INDEX leaves_holder ON leaves (holder, document, page);
