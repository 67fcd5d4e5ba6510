-- +goose Up
CREATE INDEX journal_dossier ON journal (dossier, seq) WHERE dossier <> '';
CREATE INDEX journal_actor ON journal (actor, seq);
CREATE INDEX dossiers_owner_id ON dossiers (owner_id) WHERE owner_id <> '';
CREATE INDEX dossiers_owner_name ON dossiers (owner_name);

-- The documents that an entry names in its detail: those that a search found.
CREATE TABLE journal_links (
    document TEXT NOT NULL,
    seq      INTEGER NOT NULL,
    PRIMARY KEY (document, seq)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO journal_links (document, seq)
    SELECT f.value, j.seq FROM journal j, json_each(j.detail, '$.found') f
    WHERE j.action = 'search' AND json_valid(j.detail) AND f.type = 'text';

-- Hashes of whole subtrees of 256, 65,536, ... entries. Never trusted: they
-- can be made again from the entries.
CREATE TABLE journal_tree (
    level INTEGER NOT NULL, -- 8, 16, ...
    n     INTEGER NOT NULL, -- the subtree of the entries n*2^level+1 to (n+1)*2^level
    hash  TEXT NOT NULL,
    PRIMARY KEY (level, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal_heads (
    day  TEXT PRIMARY KEY, -- 2026-11-30, in Việt Nam
    size INTEGER NOT NULL,
    data TEXT NOT NULL -- archive.JournalHead as JSON
) STRICT;

CREATE TABLE journal_checks (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    data TEXT NOT NULL -- archive.JournalCheck as JSON, the newest
) STRICT;

-- Who does what only one process may do at a time.
CREATE TABLE leases (
    name    TEXT PRIMARY KEY,
    holder  TEXT NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
