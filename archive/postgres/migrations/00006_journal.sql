-- +goose Up
CREATE INDEX journal_dossier ON journal (dossier, seq) WHERE dossier <> '';
CREATE INDEX journal_actor ON journal (actor, seq);
CREATE INDEX dossiers_owner_id ON dossiers (owner_id) WHERE owner_id <> '';
CREATE INDEX dossiers_owner_name ON dossiers (owner_name);

-- The documents that an entry names in its detail: those that a search found.
CREATE TABLE journal_links (
    document text COLLATE "C" NOT NULL,
    seq      bigint NOT NULL,
    PRIMARY KEY (document, seq)
);
INSERT INTO journal_links (document, seq)
    SELECT f, j.seq FROM journal j, json_array_elements_text((j.detail::json) -> 'found') f
    WHERE j.action = 'search' AND j.detail <> ''
    ON CONFLICT DO NOTHING;

-- Hashes of whole subtrees of 256, 65,536, ... entries. Never trusted: they
-- can be made again from the entries.
CREATE TABLE journal_tree (
    level smallint NOT NULL, -- 8, 16, ...
    n     bigint NOT NULL,   -- the subtree of the entries n*2^level+1 to (n+1)*2^level
    hash  bytea NOT NULL,
    PRIMARY KEY (level, n)
);

CREATE TABLE journal_heads (
    day  text COLLATE "C" PRIMARY KEY, -- 2026-11-30, in Việt Nam
    size bigint NOT NULL,
    data json NOT NULL -- archive.JournalHead
);

CREATE TABLE journal_checks (
    id   smallint PRIMARY KEY CHECK (id = 1),
    data json NOT NULL -- archive.JournalCheck, the newest
);

-- Who does what only one process may do at a time.
CREATE TABLE leases (
    name    text COLLATE "C" PRIMARY KEY,
    holder  text NOT NULL,
    expires timestamptz NOT NULL
);
