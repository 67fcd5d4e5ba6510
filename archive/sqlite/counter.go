package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"sohoa"
	"sohoa/archive"
)

// among is the SQL condition that column is one of some texts, with its
// arguments.
func among(column string, all []string) (string, []any) {
	return within(sohoa.Scope{Agencies: all}, column)
}

// Omissions implements archive.Counter.
func (c *Catalog) Omissions(ctx context.Context, scope sohoa.Scope, dossiers ...string) ([]sohoa.Omission, error) {
	inside, args := within(scope, "o.agency")
	named, more := among("m.dossier", dossiers)
	return collect(ctx, c, scanJSON[sohoa.Omission], `SELECT m.data FROM omissions m JOIN dossiers o ON o.code = m.dossier
		WHERE `+inside+` AND `+named+` ORDER BY m.dossier, m.requirement`, append(args, more...)...)
}

// selectCovers finds what dossiers have that fulfil a condition, which stands
// in it three times. What was moved elsewhere or destroyed is nothing that a
// dossier has.
func selectCovers(where string) string {
	return `SELECT o.code, 'omission', m.requirement, '' FROM dossiers o JOIN omissions m ON m.dossier = o.code WHERE ` + where + `
		UNION SELECT o.code, 'reuse', r.requirement, '' FROM dossiers o JOIN reuses r ON r.dossier = o.code AND r.state = 'accepted' WHERE ` + where + `
		UNION SELECT o.code, 'document', coalesce(json_extract(d.data, '$.life.requirement'), ''), coalesce(json_extract(d.data, '$.life.type'), '')
			FROM dossiers o JOIN documents d ON d.dossier = o.code WHERE ` + where + ` AND d.state NOT IN ('destroying', 'destroyed')
			AND coalesce(json_array_length(d.data, '$.movedTo'), 0) = 0`
}

func scanCover(rows *sql.Rows) (archive.Cover, error) {
	var v archive.Cover
	return v, rows.Scan(&v.Dossier, &v.By, &v.Requirement, &v.Type)
}

// Covers implements archive.Counter.
func (c *Catalog) Covers(ctx context.Context, scope sohoa.Scope, dossiers ...string) ([]archive.Cover, error) {
	inside, args := within(scope, "o.agency")
	named, more := among("o.code", dossiers)
	return collect(ctx, c, scanCover, selectCovers(inside+` AND `+named), slices.Repeat(slices.Concat(args, more), 3)...)
}

func (t *tx) Covers(dossier string) ([]archive.Cover, error) {
	rows, err := t.sql.QueryContext(t.ctx, selectCovers(`o.code = ?`), dossier, dossier, dossier)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []archive.Cover
	for rows.Next() {
		v, err := scanCover(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// Owners implements archive.Counter.
func (c *Catalog) Owners(ctx context.Context, scope sohoa.Scope, q archive.OwnerQuery) ([]sohoa.Owner, error) {
	inside, args := within(scope, "agency")
	wanted := `owner_id >= ? AND owner_id < ? AND owner_id <> ''`
	if q.IDNumber != "" {
		args = append(args, q.IDNumber, q.IDNumber+":") // what follows the digits
	} else {
		wanted, args = `instr(fold(owner_name), fold(?))`, append(args, q.Name)
	}
	scan := func(rows *sql.Rows) (sohoa.Owner, error) {
		var o sohoa.Owner
		return o, rows.Scan(&o.Name, &o.IDNumber, &o.BirthDate)
	}
	all, err := collect(ctx, c, scan, `SELECT owner_name, owner_id, owner_birth FROM dossiers WHERE `+inside+` AND `+wanted+`
		ORDER BY created_at DESC, code LIMIT ?`, append(args, q.Looked())...)
	return q.Few(all), err
}

func (t *tx) Omissions(dossier string) ([]sohoa.Omission, error) {
	var all []sohoa.Omission
	err := t.each(func(data string) error {
		o, err := decode[sohoa.Omission](data, "omission")
		all = append(all, o)
		return err
	}, `SELECT data FROM omissions WHERE dossier = ? ORDER BY requirement`, dossier)
	return all, err
}

func (t *tx) PutOmission(o sohoa.Omission) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO omissions (dossier, requirement, data) VALUES (?, ?, ?)
		ON CONFLICT (dossier, requirement) DO UPDATE SET data = excluded.data`, o.Dossier, o.Requirement, string(data))
}

func (t *tx) RemoveOmission(dossier, requirement string) error {
	return t.exec(`DELETE FROM omissions WHERE dossier = ? AND requirement = ?`, dossier, requirement)
}

func (t *tx) LastDossier(prefix string) (string, error) {
	q := `SELECT code FROM dossiers WHERE code > ?1 AND code < ?1 || ':' AND substr(code, length(?1) + 1) NOT GLOB '*[^0-9]*'
		ORDER BY length(code) DESC, code DESC LIMIT 1`
	var code string
	err := row(t.sql.QueryRowContext(t.ctx, q, prefix), "dossier", &code)
	if errors.Is(err, sohoa.ErrNotExist) {
		return "", nil
	}
	return code, err
}
