package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

// Omissions implements archive.Counter.
func (c *Catalog) Omissions(ctx context.Context, scope sohoa.Scope, dossiers ...string) ([]sohoa.Omission, error) {
	return collect(ctx, c, scanJSON[sohoa.Omission], `SELECT m.data FROM omissions m JOIN dossiers o ON o.code = m.dossier
		WHERE `+inScope+` AND m.dossier = ANY ($2) ORDER BY m.dossier, m.requirement`, agencies(scope), orNone(dossiers))
}

// orNone is a list that is not NULL.
func orNone(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}

// selectCovers finds what dossiers have that fulfil a condition. What was moved
// elsewhere or destroyed is nothing that a dossier has.
func selectCovers(where string) string {
	return `SELECT o.code, 'omission', m.requirement, '' FROM dossiers o JOIN omissions m ON m.dossier = o.code WHERE ` + where + `
		UNION SELECT o.code, 'reuse', r.requirement, '' FROM dossiers o JOIN reuses r ON r.dossier = o.code AND r.state = 'accepted' WHERE ` + where + `
		UNION SELECT o.code, 'document', coalesce(d.data -> 'life' ->> 'requirement', ''), coalesce(d.data -> 'life' ->> 'type', '')
			FROM dossiers o JOIN documents d ON d.dossier = o.code WHERE ` + where + ` AND d.state NOT IN ('destroying', 'destroyed')
			AND coalesce(json_array_length(d.data -> 'movedTo'), 0) = 0`
}

// Covers implements archive.Counter.
func (c *Catalog) Covers(ctx context.Context, scope sohoa.Scope, dossiers ...string) ([]archive.Cover, error) {
	return collect(ctx, c, pgx.RowToStructByPos[archive.Cover], selectCovers(inScope+` AND o.code = ANY ($2)`), agencies(scope), orNone(dossiers))
}

func (t *tx) Covers(dossier string) ([]archive.Cover, error) {
	rows, err := t.sql.Query(t.ctx, selectCovers(`o.code = $1`), dossier)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[archive.Cover])
}

// Owners implements archive.Counter.
func (c *Catalog) Owners(ctx context.Context, scope sohoa.Scope, q archive.OwnerQuery) ([]sohoa.Owner, error) {
	wanted, args := `owner_id COLLATE "C" >= $2 AND owner_id COLLATE "C" < $3 AND owner_id <> ''`, []any{q.IDNumber, q.IDNumber + ":"} // what follows the digits
	if q.IDNumber == "" {
		wanted, args = `strpos(folded, $2) > 0 AND $3 = ''`, []any{archive.Fold(q.Name), ""}
	}
	type row struct {
		Name, IDNumber, BirthDate string
		At                        *time.Time
	}
	found, err := collect(ctx, c, pgx.RowToStructByPos[row], `SELECT owner_name, owner_id, owner_birth, created_at FROM dossiers o WHERE `+inScope+` AND `+wanted+`
		ORDER BY created_at DESC NULLS LAST, code LIMIT $4`, agencies(scope), args[0], args[1], q.Looked())
	var all []sohoa.Owner
	for _, r := range found {
		if q.IDNumber != "" || strings.Contains(archive.Fold(r.Name), archive.Fold(q.Name)) {
			all = append(all, sohoa.Owner{Name: r.Name, IDNumber: r.IDNumber, BirthDate: sohoa.Date(r.BirthDate)})
		}
	}
	return q.Few(all), err
}

func (t *tx) Omissions(dossier string) ([]sohoa.Omission, error) {
	rows, err := t.sql.Query(t.ctx, `SELECT data FROM omissions WHERE dossier = $1 ORDER BY requirement`, dossier)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanJSON[sohoa.Omission])
}

func (t *tx) PutOmission(o sohoa.Omission) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO omissions (dossier, requirement, data) VALUES ($1, $2, $3)
		ON CONFLICT (dossier, requirement) DO UPDATE SET data = excluded.data`, o.Dossier, o.Requirement, data)
}

func (t *tx) RemoveOmission(dossier, requirement string) error {
	return t.exec(`DELETE FROM omissions WHERE dossier = $1 AND requirement = $2`, dossier, requirement)
}

// LastDossier locks the prefix until the transaction ends. The statement after
// that sees what the transaction that had it before committed.
func (t *tx) LastDossier(prefix string) (string, error) {
	if err := t.lock(lockPrefix, prefix); err != nil {
		return "", err
	}
	var code string
	err := row(t.sql.QueryRow(t.ctx, `SELECT code FROM dossiers WHERE code > $1 AND code < $1 || ':' AND substr(code, length($1) + 1) ~ '^[0-9]+$'
		ORDER BY length(code) DESC, code DESC LIMIT 1`, prefix), "dossier", &code)
	if errors.Is(err, sohoa.ErrNotExist) {
		return "", nil
	}
	return code, err
}
