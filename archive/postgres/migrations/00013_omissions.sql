-- +goose Up
CREATE TABLE omissions (
    dossier     text COLLATE "C" NOT NULL REFERENCES dossiers (code),
    requirement text COLLATE "C" NOT NULL,
    data        json NOT NULL, -- sohoa.Omission
    PRIMARY KEY (dossier, requirement)
);
