package sqlite

import (
	"context"
	"strings"

	"sohoa"
	"sohoa/archive"
)

// FindEntries implements archive.JournalFinder.
func (c *Catalog) FindEntries(ctx context.Context, q archive.JournalQuery) ([]sohoa.Entry, error) {
	var w where
	if q.Person != "" {
		w.subject(`owner_id = ? OR owner_name = ?`, q.Person, q.Person)
	}
	if q.Dossier != "" {
		w.subject(`code = ?`, q.Dossier)
	}
	if !q.Document.IsZero() {
		id := q.Document.String()
		w.add(`seq IN (SELECT seq FROM journal WHERE document = ? UNION ALL SELECT seq FROM journal_links WHERE document = ?)`, id, id)
	}
	if q.Within != nil && !q.Within.All {
		dossiers, args := within(*q.Within, "o.agency")
		people, more := within(*q.Within, "u.agency")
		args = append(append(append([]any{}, args...), more...), args...)
		w.add(`(EXISTS (SELECT 1 FROM dossiers o WHERE o.code = journal.dossier AND `+dossiers+`)
			OR EXISTS (SELECT 1 FROM users u WHERE u.name = journal.actor AND `+people+`)
			OR EXISTS (SELECT 1 FROM journal_links l JOIN documents d ON d.id = l.document JOIN dossiers o ON o.code = d.dossier
				WHERE l.seq = journal.seq AND `+dossiers+`))`, args...)
	}
	if q.Actor != "" {
		w.add(`actor = ?`, q.Actor)
	}
	if len(q.Actions) > 0 {
		marks := strings.TrimSuffix(strings.Repeat("?,", len(q.Actions)), ",")
		args := make([]any, len(q.Actions))
		for i, a := range q.Actions {
			args[i] = string(a)
		}
		w.add(`action IN (`+marks+`)`, args...)
	}
	if !q.From.IsZero() {
		w.add(`time >= ?`, micros(q.From))
	}
	if !q.Until.IsZero() {
		w.add(`time < ?`, micros(q.Until))
	}
	if q.After > 0 {
		w.add(`seq > ?`, q.After)
	}
	if q.Before > 0 {
		w.add(`seq < ?`, q.Before)
	}
	order := ` ORDER BY seq DESC LIMIT ?`
	if q.Oldest {
		order = ` ORDER BY seq LIMIT ?`
	}
	return collect(ctx, c, scanEntry, selectEntry+w.String()+order, append(w.args, limit(q.Limit))...)
}

// where is a condition in the making.
type where struct {
	all  []string
	args []any
}

func (w *where) add(condition string, args ...any) {
	w.all, w.args = append(w.all, condition), append(w.args, args...)
}

// subject selects the entries about the dossiers that fulfil a condition:
// their own, those of their documents, and those that name one of these. Each
// is found by an index.
func (w *where) subject(condition string, args ...any) {
	w.add(`seq IN (WITH o AS MATERIALIZED (SELECT code FROM dossiers WHERE `+condition+`),
			d AS MATERIALIZED (SELECT id FROM documents WHERE dossier IN (SELECT code FROM o))
		SELECT seq FROM journal WHERE dossier <> '' AND dossier IN (SELECT code FROM o)
		UNION SELECT seq FROM journal WHERE document IN (SELECT id FROM d)
		UNION SELECT seq FROM journal_links WHERE document IN (SELECT id FROM d))`, args...)
}

func (w *where) String() string {
	if len(w.all) == 0 {
		return ""
	}
	return ` WHERE ` + strings.Join(w.all, ` AND `)
}
