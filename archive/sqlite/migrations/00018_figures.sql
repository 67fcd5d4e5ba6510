-- +goose Up
ALTER TABLE documents ADD COLUMN pages INTEGER NOT NULL DEFAULT 0; -- of what is kept
ALTER TABLE documents ADD COLUMN facts INTEGER NOT NULL DEFAULT 0; -- sohoa.FigureFacts
ALTER TABLE documents ADD COLUMN wait INTEGER;                     -- sohoa.Document.KeptWait, seconds
UPDATE documents SET
    pages = coalesce(json_extract(data, '$.pages'), 0),
    facts = CASE
        WHEN coalesce(json_array_length(data, '$.movedTo'), 0) > 0 THEN 0
        WHEN coalesce(json_extract(data, '$.life.result'), '') <> '' THEN 2
            + 4 * (coalesce(json_extract(data, '$.master'), '') = 'original')
            + 8 * EXISTS (SELECT 1 FROM json_each(data, '$.signatures') s
                WHERE coalesce(json_extract(s.value, '$.user'), '') = '' OR json_extract(s.value, '$.part') IN ('agency', 'seal'))
        ELSE coalesce(json_extract(data, '$.master'), '') <> 'original' END
    WHERE state = 'kept';
UPDATE documents SET wait = max(0, (kept_at - accepted_at) / 1000000) WHERE kept_at > 0 AND accepted_at > 0;

-- What a dossier counts in figures, kept up to date by the triggers below. It
-- is in the order in which it is counted.
CREATE TABLE dossier_figures (
    dossier     TEXT NOT NULL UNIQUE REFERENCES dossiers (code),
    agency      TEXT NOT NULL,
    received    INTEGER NOT NULL,
    procedure   TEXT NOT NULL,
    ended       INTEGER NOT NULL,
    components  INTEGER NOT NULL DEFAULT 0,
    results     INTEGER NOT NULL DEFAULT 0,
    born        INTEGER NOT NULL DEFAULT 0,
    sealed      INTEGER NOT NULL DEFAULT 0,
    reused      INTEGER NOT NULL DEFAULT 0,
    documents   INTEGER NOT NULL DEFAULT 0,
    working     INTEGER NOT NULL DEFAULT 0,
    parked      INTEGER NOT NULL DEFAULT 0,
    kept        INTEGER NOT NULL DEFAULT 0,
    pages       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (agency, received, dossier)
) STRICT, WITHOUT ROWID;
CREATE INDEX dossier_figures_open ON dossier_figures (agency, received, procedure) WHERE NOT ended;
INSERT INTO dossier_figures (dossier, agency, received, procedure, ended, components, results, born, sealed, documents, working, parked, kept, pages, reused)
    SELECT o.code, o.agency, o.created_at, o.procedure, o.ended <> '', coalesce(sum(d.facts & 1), 0), coalesce(sum(d.facts >> 1 & 1), 0),
        coalesce(sum(d.facts >> 2 & 1), 0), coalesce(sum(d.facts >> 3 & 1), 0), count(d.id) FILTER (WHERE d.state <> 'destroyed'),
        count(d.id) FILTER (WHERE d.state IN ('accepted', 'reading', 'read')), count(d.id) FILTER (WHERE d.state = 'parked'),
        count(d.id) FILTER (WHERE d.state = 'kept'), coalesce(sum(d.pages), 0),
        (SELECT count(*) FROM reuses r WHERE r.dossier = o.code AND r.state = 'accepted')
    FROM dossiers o LEFT JOIN documents d ON d.dossier = o.code GROUP BY o.code;

-- How long something was waited for, in rounded seconds (sohoa.RoundWait).
CREATE TABLE waits (
    kind      TEXT NOT NULL, -- archive.WaitKind
    subject   TEXT NOT NULL, -- a document, a set with a document, or a dossier
    dossier   TEXT NOT NULL,
    agency    TEXT NOT NULL,
    procedure TEXT NOT NULL,
    at        INTEGER NOT NULL, -- when it ended
    seconds   INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX waits_dossier ON waits (dossier);
CREATE INDEX waits_agency ON waits (agency, at, kind, seconds, procedure);
INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
    SELECT 'kept', d.id, o.code, o.agency, o.procedure, d.kept_at, d.wait FROM documents d JOIN dossiers o ON o.code = d.dossier WHERE d.wait IS NOT NULL;
INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
    SELECT 'done', code, code, agency, procedure, (unixepoch(ended) - 25200) * 1000000, max(0, unixepoch(ended) - (created_at / 1000000 + 25200) / 86400 * 86400)
    FROM dossiers WHERE unixepoch(ended) IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER dossier_figures_new AFTER INSERT ON dossiers
BEGIN
    INSERT INTO dossier_figures (dossier, agency, received, procedure, ended) VALUES (NEW.code, NEW.agency, NEW.created_at, NEW.procedure, NEW.ended <> '');
    INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
        SELECT 'done', NEW.code, NEW.code, NEW.agency, NEW.procedure, (unixepoch(NEW.ended) - 25200) * 1000000,
            max(0, unixepoch(NEW.ended) - (NEW.created_at / 1000000 + 25200) / 86400 * 86400) WHERE unixepoch(NEW.ended) IS NOT NULL;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER dossier_figures_set AFTER UPDATE OF agency, procedure, ended ON dossiers
    WHEN OLD.agency <> NEW.agency OR OLD.procedure <> NEW.procedure OR OLD.ended <> NEW.ended
BEGIN
    UPDATE dossier_figures SET agency = NEW.agency, procedure = NEW.procedure, ended = NEW.ended <> '' WHERE dossier = NEW.code;
    DELETE FROM waits WHERE kind = 'done' AND subject = NEW.code;
    UPDATE waits SET agency = NEW.agency, procedure = NEW.procedure WHERE dossier = NEW.code;
    INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
        SELECT 'done', NEW.code, NEW.code, NEW.agency, NEW.procedure, (unixepoch(NEW.ended) - 25200) * 1000000,
            max(0, unixepoch(NEW.ended) - (NEW.created_at / 1000000 + 25200) / 86400 * 86400) WHERE unixepoch(NEW.ended) IS NOT NULL;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER document_figures_new AFTER INSERT ON documents
BEGIN
    UPDATE dossier_figures SET components = components + (NEW.facts & 1), results = results + (NEW.facts >> 1 & 1), born = born + (NEW.facts >> 2 & 1),
        sealed = sealed + (NEW.facts >> 3 & 1), documents = documents + (NEW.state <> 'destroyed'),
        working = working + (NEW.state IN ('accepted', 'reading', 'read')), parked = parked + (NEW.state = 'parked'), kept = kept + (NEW.state = 'kept'),
        pages = pages + NEW.pages WHERE dossier = NEW.dossier;
    INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
        SELECT 'kept', NEW.id, code, agency, procedure, NEW.kept_at, NEW.wait FROM dossiers WHERE code = NEW.dossier AND NEW.wait IS NOT NULL;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER document_figures_set AFTER UPDATE OF dossier, state, facts, pages ON documents
    WHEN OLD.dossier <> NEW.dossier OR OLD.state <> NEW.state OR OLD.facts <> NEW.facts OR OLD.pages <> NEW.pages
BEGIN
    UPDATE dossier_figures SET components = components - (OLD.facts & 1), results = results - (OLD.facts >> 1 & 1), born = born - (OLD.facts >> 2 & 1),
        sealed = sealed - (OLD.facts >> 3 & 1), documents = documents - (OLD.state <> 'destroyed'),
        working = working - (OLD.state IN ('accepted', 'reading', 'read')), parked = parked - (OLD.state = 'parked'), kept = kept - (OLD.state = 'kept'),
        pages = pages - OLD.pages WHERE dossier = OLD.dossier;
    UPDATE dossier_figures SET components = components + (NEW.facts & 1), results = results + (NEW.facts >> 1 & 1), born = born + (NEW.facts >> 2 & 1),
        sealed = sealed + (NEW.facts >> 3 & 1), documents = documents + (NEW.state <> 'destroyed'),
        working = working + (NEW.state IN ('accepted', 'reading', 'read')), parked = parked + (NEW.state = 'parked'), kept = kept + (NEW.state = 'kept'),
        pages = pages + NEW.pages WHERE dossier = NEW.dossier;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER document_waits_set AFTER UPDATE OF wait ON documents WHEN OLD.wait IS NOT NEW.wait
BEGIN
    DELETE FROM waits WHERE kind = 'kept' AND subject = NEW.id;
    INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
        SELECT 'kept', NEW.id, code, agency, procedure, NEW.kept_at, NEW.wait FROM dossiers WHERE code = NEW.dossier AND NEW.wait IS NOT NULL;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER document_figures_gone AFTER DELETE ON documents
BEGIN
    UPDATE dossier_figures SET components = components - (OLD.facts & 1), results = results - (OLD.facts >> 1 & 1), born = born - (OLD.facts >> 2 & 1),
        sealed = sealed - (OLD.facts >> 3 & 1), documents = documents - (OLD.state <> 'destroyed'),
        working = working - (OLD.state IN ('accepted', 'reading', 'read')), parked = parked - (OLD.state = 'parked'), kept = kept - (OLD.state = 'kept'),
        pages = pages - OLD.pages WHERE dossier = OLD.dossier;
    DELETE FROM waits WHERE kind = 'kept' AND subject = OLD.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reuse_figures_new AFTER INSERT ON reuses WHEN NEW.state = 'accepted'
BEGIN
    UPDATE dossier_figures SET reused = reused + 1 WHERE dossier = NEW.dossier;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reuse_figures_set AFTER UPDATE OF state ON reuses WHEN OLD.state <> NEW.state
BEGIN
    UPDATE dossier_figures SET reused = reused + (NEW.state = 'accepted') - (OLD.state = 'accepted') WHERE dossier = NEW.dossier;
END;
-- +goose StatementEnd
