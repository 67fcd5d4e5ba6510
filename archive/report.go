package archive

import (
	"context"
	"encoding/json"
	"time"

	"sohoa"
)

// Asking is who asks the journal, and what for.
type Asking struct {
	Actor   string // User.Name
	Purpose string
}

// maxReportLinks bounds the documents under which the entry of a report is
// found itself.
const maxReportLinks = 200

// Report finds entries, and notes in the journal that somebody asked, before
// the answer is given: who looks at whose doings is an access too. The note is
// found under the documents that the report is about.
func Report(ctx context.Context, c Catalog, by Asking, q JournalQuery) ([]sohoa.Entry, error) {
	entries, err := c.FindEntries(ctx, q)
	if err != nil {
		return nil, err
	}
	e := sohoa.Entry{Actor: by.Actor, Action: sohoa.ActionReport, Document: q.Document, Dossier: q.Dossier, Purpose: by.Purpose}
	detail := map[string]any{"entries": len(entries)}
	for name, value := range map[string]string{"person": q.Person, "actor": q.Actor, "from": stamp(q.From), "until": stamp(q.Until)} {
		if value != "" {
			detail[name] = value
		}
	}
	if len(q.Actions) > 0 {
		detail["actions"] = q.Actions
	}
	if q.Person != "" {
		detail["found"] = documentsOf(entries)
	}
	b, err := json.Marshal(detail)
	if err != nil {
		return nil, err
	}
	e.Detail = string(b)
	err = c.Update(ctx, func(tx Tx) error {
		_, err := tx.Append(e)
		return err
	})
	return entries, err
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// documentsOf are the documents of entries, each once.
func documentsOf(entries []sohoa.Entry) []string {
	ids := []string{}
	seen := map[sohoa.DocumentID]bool{}
	for _, e := range entries {
		if !e.Document.IsZero() && !seen[e.Document] && len(ids) < maxReportLinks {
			seen[e.Document] = true
			ids = append(ids, e.Document.String())
		}
	}
	return ids
}

// Day is the beginning of a day in Việt Nam as people write it, 2026-11-30;
// empty text is the zero time.
func Day(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, sohoa.Hanoi)
	if err != nil {
		return t, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "journal.time", Args: []string{text}}
	}
	return t, nil
}
