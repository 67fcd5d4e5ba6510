-- +goose Up
ALTER TABLE agencies ADD COLUMN parent TEXT NOT NULL DEFAULT ''; -- code of the agency above
-- users.role holds several roles now, with commas between. Administrators saw
-- everything; who still shall is of no agency.
UPDATE users SET agency = '' WHERE role = 'admin';
