-- +goose Up
ALTER TABLE documents ADD COLUMN pages integer NOT NULL DEFAULT 0; -- of what is kept
ALTER TABLE documents ADD COLUMN facts integer NOT NULL DEFAULT 0; -- sohoa.FigureFacts
ALTER TABLE documents ADD COLUMN wait integer;                     -- sohoa.Document.KeptWait, seconds
UPDATE documents SET
    pages = coalesce((data ->> 'pages')::integer, 0),
    facts = CASE
        WHEN coalesce(json_array_length(data -> 'movedTo'), 0) > 0 THEN 0
        WHEN result <> '' THEN 2
            + 4 * (coalesce(data ->> 'master', '') = 'original')::integer
            + 8 * EXISTS (SELECT 1 FROM json_array_elements(coalesce(data -> 'signatures', '[]')) s
                WHERE coalesce(s ->> 'user', '') = '' OR s ->> 'part' IN ('agency', 'seal'))::integer
        ELSE (coalesce(data ->> 'master', '') <> 'original')::integer END
    WHERE state = 'kept';
UPDATE documents SET wait = greatest(0, extract(epoch FROM kept_at - accepted_at))::integer WHERE kept_at IS NOT NULL AND accepted_at IS NOT NULL;

-- What a dossier counts in figures, kept up to date by the triggers below. The
-- counts are in no index, so that their rows can be updated in place.
CREATE TABLE dossier_figures (
    dossier     text COLLATE "C" PRIMARY KEY REFERENCES dossiers (code),
    agency      text COLLATE "C" NOT NULL,
    received    timestamptz,
    procedure   text COLLATE "C" NOT NULL,
    ended       boolean NOT NULL,
    components  integer NOT NULL DEFAULT 0,
    results     integer NOT NULL DEFAULT 0,
    born        integer NOT NULL DEFAULT 0,
    sealed      integer NOT NULL DEFAULT 0,
    reused      integer NOT NULL DEFAULT 0,
    documents   integer NOT NULL DEFAULT 0,
    working     integer NOT NULL DEFAULT 0,
    parked      integer NOT NULL DEFAULT 0,
    kept        integer NOT NULL DEFAULT 0,
    pages       integer NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
INSERT INTO dossier_figures (dossier, agency, received, procedure, ended, components, results, born, sealed, documents, working, parked, kept, pages, reused)
    SELECT o.code, o.agency, o.created_at, o.procedure, o.ended <> '', coalesce(sum(d.facts & 1), 0), coalesce(sum(d.facts >> 1 & 1), 0),
        coalesce(sum(d.facts >> 2 & 1), 0), coalesce(sum(d.facts >> 3 & 1), 0), count(d.id) FILTER (WHERE d.state <> 'destroyed'),
        count(d.id) FILTER (WHERE d.state IN ('accepted', 'reading', 'read')), count(d.id) FILTER (WHERE d.state = 'parked'),
        count(d.id) FILTER (WHERE d.state = 'kept'), coalesce(sum(d.pages), 0),
        (SELECT count(*) FROM reuses r WHERE r.dossier = o.code AND r.state = 'accepted')
    FROM dossiers o LEFT JOIN documents d ON d.dossier = o.code GROUP BY o.code;
CREATE INDEX dossier_figures_agency ON dossier_figures (agency, received);
CREATE INDEX dossier_figures_open ON dossier_figures (agency, received) INCLUDE (procedure) WHERE NOT ended;

-- How long something was waited for, in rounded seconds (sohoa.RoundWait).
CREATE TABLE waits (
    kind      text COLLATE "C" NOT NULL, -- archive.WaitKind
    subject   text COLLATE "C" NOT NULL, -- a document, a set with a document, or a dossier
    dossier   text COLLATE "C" NOT NULL,
    agency    text COLLATE "C" NOT NULL,
    procedure text COLLATE "C" NOT NULL,
    at        timestamptz NOT NULL, -- when it ended
    seconds   integer NOT NULL,
    PRIMARY KEY (kind, subject)
);
INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
    SELECT 'kept', d.id, o.code, o.agency, o.procedure, d.kept_at, d.wait FROM documents d JOIN dossiers o ON o.code = d.dossier WHERE d.wait IS NOT NULL;
INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
    SELECT 'done', code, code, agency, procedure, ended::timestamp AT TIME ZONE interval '7 hours',
        greatest(0, ended::date - (created_at AT TIME ZONE interval '7 hours')::date) * 86400 FROM dossiers WHERE ended <> '';
CREATE INDEX waits_dossier ON waits (dossier);
CREATE INDEX waits_agency ON waits (agency, at) INCLUDE (kind, seconds, procedure);

-- +goose StatementBegin
CREATE FUNCTION dossier_figures_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dossier_figures (dossier, agency, received, procedure, ended) VALUES (NEW.code, NEW.agency, NEW.created_at, NEW.procedure, NEW.ended <> '');
    INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
        SELECT 'done', NEW.code, NEW.code, NEW.agency, NEW.procedure, NEW.ended::timestamp AT TIME ZONE interval '7 hours',
            greatest(0, NEW.ended::date - (NEW.created_at AT TIME ZONE interval '7 hours')::date) * 86400 WHERE NEW.ended <> '';
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER dossier_figures_new AFTER INSERT ON dossiers FOR EACH ROW EXECUTE FUNCTION dossier_figures_new();
-- +goose StatementBegin
CREATE FUNCTION dossier_figures_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dossier_figures SET agency = NEW.agency, procedure = NEW.procedure, ended = NEW.ended <> '' WHERE dossier = NEW.code;
    DELETE FROM waits WHERE kind = 'done' AND subject = NEW.code;
    UPDATE waits SET agency = NEW.agency, procedure = NEW.procedure WHERE dossier = NEW.code;
    INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
        SELECT 'done', NEW.code, NEW.code, NEW.agency, NEW.procedure, NEW.ended::timestamp AT TIME ZONE interval '7 hours',
            greatest(0, NEW.ended::date - (NEW.created_at AT TIME ZONE interval '7 hours')::date) * 86400 WHERE NEW.ended <> '';
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER dossier_figures_set AFTER UPDATE ON dossiers FOR EACH ROW
    WHEN (OLD.agency <> NEW.agency OR OLD.procedure <> NEW.procedure OR OLD.ended <> NEW.ended) EXECUTE FUNCTION dossier_figures_set();
-- +goose StatementBegin
CREATE FUNCTION document_figures_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dossier_figures SET components = components + (NEW.facts & 1), results = results + (NEW.facts >> 1 & 1), born = born + (NEW.facts >> 2 & 1),
        sealed = sealed + (NEW.facts >> 3 & 1), documents = documents + (NEW.state <> 'destroyed')::integer,
        working = working + (NEW.state IN ('accepted', 'reading', 'read'))::integer, parked = parked + (NEW.state = 'parked')::integer,
        kept = kept + (NEW.state = 'kept')::integer, pages = pages + NEW.pages WHERE dossier = NEW.dossier;
    INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
        SELECT 'kept', NEW.id, code, agency, procedure, NEW.kept_at, NEW.wait FROM dossiers WHERE code = NEW.dossier AND NEW.wait IS NOT NULL;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER document_figures_new AFTER INSERT ON documents FOR EACH ROW EXECUTE FUNCTION document_figures_new();
-- +goose StatementBegin
CREATE FUNCTION document_figures_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dossier_figures SET components = components - (OLD.facts & 1), results = results - (OLD.facts >> 1 & 1), born = born - (OLD.facts >> 2 & 1),
        sealed = sealed - (OLD.facts >> 3 & 1), documents = documents - (OLD.state <> 'destroyed')::integer,
        working = working - (OLD.state IN ('accepted', 'reading', 'read'))::integer, parked = parked - (OLD.state = 'parked')::integer,
        kept = kept - (OLD.state = 'kept')::integer, pages = pages - OLD.pages WHERE dossier = OLD.dossier;
    UPDATE dossier_figures SET components = components + (NEW.facts & 1), results = results + (NEW.facts >> 1 & 1), born = born + (NEW.facts >> 2 & 1),
        sealed = sealed + (NEW.facts >> 3 & 1), documents = documents + (NEW.state <> 'destroyed')::integer,
        working = working + (NEW.state IN ('accepted', 'reading', 'read'))::integer, parked = parked + (NEW.state = 'parked')::integer,
        kept = kept + (NEW.state = 'kept')::integer, pages = pages + NEW.pages WHERE dossier = NEW.dossier;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER document_figures_set AFTER UPDATE ON documents FOR EACH ROW
    WHEN (OLD.dossier <> NEW.dossier OR OLD.state <> NEW.state OR OLD.facts <> NEW.facts OR OLD.pages <> NEW.pages) EXECUTE FUNCTION document_figures_set();
-- +goose StatementBegin
CREATE FUNCTION document_waits_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM waits WHERE kind = 'kept' AND subject = NEW.id;
    INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
        SELECT 'kept', NEW.id, code, agency, procedure, NEW.kept_at, NEW.wait FROM dossiers WHERE code = NEW.dossier AND NEW.wait IS NOT NULL;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER document_waits_set AFTER UPDATE ON documents FOR EACH ROW
    WHEN (OLD.wait IS DISTINCT FROM NEW.wait) EXECUTE FUNCTION document_waits_set();
-- +goose StatementBegin
CREATE FUNCTION document_figures_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dossier_figures SET components = components - (OLD.facts & 1), results = results - (OLD.facts >> 1 & 1), born = born - (OLD.facts >> 2 & 1),
        sealed = sealed - (OLD.facts >> 3 & 1), documents = documents - (OLD.state <> 'destroyed')::integer,
        working = working - (OLD.state IN ('accepted', 'reading', 'read'))::integer, parked = parked - (OLD.state = 'parked')::integer,
        kept = kept - (OLD.state = 'kept')::integer, pages = pages - OLD.pages WHERE dossier = OLD.dossier;
    DELETE FROM waits WHERE kind = 'kept' AND subject = OLD.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER document_figures_gone AFTER DELETE ON documents FOR EACH ROW EXECUTE FUNCTION document_figures_gone();
-- +goose StatementBegin
CREATE FUNCTION reuse_figures_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dossier_figures SET reused = reused + 1 WHERE dossier = NEW.dossier;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reuse_figures_new AFTER INSERT ON reuses FOR EACH ROW
    WHEN (NEW.state = 'accepted') EXECUTE FUNCTION reuse_figures_new();
-- +goose StatementBegin
CREATE FUNCTION reuse_figures_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dossier_figures SET reused = reused + (NEW.state = 'accepted')::integer - (OLD.state = 'accepted')::integer WHERE dossier = NEW.dossier;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reuse_figures_set AFTER UPDATE ON reuses FOR EACH ROW
    WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION reuse_figures_set();
