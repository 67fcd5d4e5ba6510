-- +goose Up
-- By which the entries of a scope are found.
CREATE INDEX journal_links_seq ON journal_links (seq);

-- Who read which document when last, within sohoa.ReadWindow; nothing of it
-- is known by this table alone.
CREATE TABLE readings (
    actor    text NOT NULL,
    document text COLLATE "C" NOT NULL,
    dossier  text NOT NULL,
    purpose  text NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (actor, document)
);
CREATE INDEX readings_at ON readings (actor, at);

-- People who read more than sohoa.MaxReadDocuments or MaxReadPersons.
CREATE TABLE flags (
    id     text COLLATE "C" PRIMARY KEY,
    actor  text NOT NULL,
    agency text NOT NULL, -- of the actor; decides who sees it
    open   boolean NOT NULL,
    data   json NOT NULL -- sohoa.Flag
);
CREATE INDEX flags_actor ON flags (actor, id);
CREATE INDEX flags_open ON flags (open, id);
