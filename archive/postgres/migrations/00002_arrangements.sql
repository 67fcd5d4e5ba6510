-- +goose Up
ALTER TABLE documents ADD COLUMN held boolean NOT NULL DEFAULT false; -- a person arranges its pages
CREATE INDEX documents_held ON documents (accepted_at DESC, id DESC) WHERE held;

CREATE TABLE arrangements (
    document text COLLATE "C" NOT NULL REFERENCES documents (id),
    version  integer NOT NULL,
    data     json NOT NULL, -- sohoa.Arrangement
    PRIMARY KEY (document, version)
);

CREATE TABLE leaves (
    document text COLLATE "C" NOT NULL REFERENCES documents (id), -- whose original has the page
    page     integer NOT NULL,
    holder   text COLLATE "C" NOT NULL REFERENCES documents (id), -- who has it now
    data     json NOT NULL,                                       -- sohoa.Leaf
    PRIMARY KEY (document, page)
);
CREATE INDEX leaves_holder ON leaves (holder, document, page);
