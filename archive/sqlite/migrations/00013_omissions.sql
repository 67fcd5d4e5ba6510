-- +goose Up
CREATE TABLE omissions (
    dossier     TEXT NOT NULL REFERENCES dossiers (code),
    requirement TEXT NOT NULL,
    data        TEXT NOT NULL, -- sohoa.Omission as JSON
    PRIMARY KEY (dossier, requirement)
) STRICT, WITHOUT ROWID;
