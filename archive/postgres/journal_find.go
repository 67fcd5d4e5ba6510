package postgres

import (
	"context"
	"fmt"
	"strings"

	"sohoa"
	"sohoa/archive"
)

// FindEntries implements archive.JournalFinder.
func (c *Catalog) FindEntries(ctx context.Context, q archive.JournalQuery) ([]sohoa.Entry, error) {
	var w where
	if q.Person != "" {
		w.subject(`owner_id = $? OR owner_name = $?`, q.Person)
	}
	if q.Dossier != "" {
		w.subject(`code = $?`, q.Dossier)
	}
	if !q.Document.IsZero() {
		w.add(`seq = ANY (ARRAY (SELECT seq FROM journal WHERE document = $? UNION SELECT seq FROM journal_links WHERE document = $?))`, q.Document.String())
	}
	if q.Within != nil && !q.Within.All {
		w.add(`(EXISTS (SELECT 1 FROM dossiers o WHERE o.code = journal.dossier AND o.agency = ANY ($?))
			OR EXISTS (SELECT 1 FROM users u WHERE u.name = journal.actor AND u.agency = ANY ($?))
			OR EXISTS (SELECT 1 FROM journal_links l JOIN documents d ON d.id = l.document JOIN dossiers o ON o.code = d.dossier
				WHERE l.seq = journal.seq AND o.agency = ANY ($?)))`, agencies(*q.Within))
	}
	if q.Actor != "" {
		w.add(`actor = $?`, q.Actor)
	}
	if len(q.Actions) > 0 {
		actions := make([]string, len(q.Actions))
		for i, a := range q.Actions {
			actions[i] = string(a)
		}
		w.add(`action = ANY ($?)`, actions)
	}
	if !q.From.IsZero() {
		w.add(`time >= $?`, q.From)
	}
	if !q.Until.IsZero() {
		w.add(`time < $?`, q.Until)
	}
	if q.After > 0 {
		w.add(`seq > $?`, q.After)
	}
	if q.Before > 0 {
		w.add(`seq < $?`, q.Before)
	}
	order := ` ORDER BY seq DESC LIMIT `
	if q.Oldest {
		order = ` ORDER BY seq LIMIT `
	}
	return collect(ctx, c, scanEntry, selectEntry+w.String()+order+fmt.Sprint(limit(q.Limit)), w.args...)
}

// where is a condition in the making.
type where struct {
	all  []string
	args []any
}

// add adds a condition in which $? stands for arg.
func (w *where) add(condition string, arg any) {
	w.args = append(w.args, arg)
	w.all = append(w.all, strings.ReplaceAll(condition, "$?", fmt.Sprintf("$%d", len(w.args))))
}

// subject selects the entries about the dossiers that fulfil a condition:
// their own, those of their documents, and those that name one of these. Each
// is found by an index; the array keeps the planner from walking the journal
// instead.
func (w *where) subject(condition string, arg any) {
	w.add(`seq = ANY (ARRAY (WITH o AS MATERIALIZED (SELECT code FROM dossiers WHERE `+condition+`),
			d AS MATERIALIZED (SELECT id FROM documents WHERE dossier = ANY (ARRAY (SELECT code FROM o)))
		SELECT seq FROM journal WHERE dossier <> '' AND dossier = ANY (ARRAY (SELECT code FROM o))
		UNION SELECT seq FROM journal WHERE document = ANY (ARRAY (SELECT id FROM d))
		UNION SELECT seq FROM journal_links WHERE document = ANY (ARRAY (SELECT id FROM d))))`, arg)
}

func (w *where) String() string {
	if len(w.all) == 0 {
		return ""
	}
	return ` WHERE ` + strings.Join(w.all, ` AND `)
}
