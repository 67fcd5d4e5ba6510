-- +goose Up
-- By which the entries of a scope are found.
CREATE INDEX journal_links_seq ON journal_links (seq);

-- Who read which document when last, within sohoa.ReadWindow; nothing of it
-- is known by this table alone.
CREATE TABLE readings (
    actor    TEXT NOT NULL,
    document TEXT NOT NULL,
    dossier  TEXT NOT NULL,
    purpose  TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (actor, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX readings_at ON readings (actor, at);

-- People who read more than sohoa.MaxReadDocuments or MaxReadPersons.
CREATE TABLE flags (
    id     TEXT PRIMARY KEY,
    actor  TEXT NOT NULL,
    agency TEXT NOT NULL, -- of the actor; decides who sees it
    open   INTEGER NOT NULL,
    data   TEXT NOT NULL -- sohoa.Flag as JSON
) STRICT;
CREATE INDEX flags_actor ON flags (actor, id);
CREATE INDEX flags_open ON flags (open, id);
