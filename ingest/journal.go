package ingest

import (
	"encoding/json"

	"sohoa"
	"sohoa/archive"
)

// detail is what a journal entry says beyond its fixed fields: codes, counts
// and digests, never the content of a paper.
type detail map[string]any

// journal appends what the system did to doc.
func (s *Service) journal(tx archive.Tx, doc sohoa.Document, action sohoa.Action, d detail) error {
	return s.journalPage(tx, doc, 0, action, d)
}

func (s *Service) journalPage(tx archive.Tx, doc sohoa.Document, page int, action sohoa.Action, d detail) error {
	return s.append(tx, sohoa.Entry{Actor: system, Action: action, Document: doc.ID, Dossier: doc.Dossier, Page: page}, d)
}

// journalBy appends what a person did to doc.
func (s *Service) journalBy(tx archive.Tx, actor string, doc sohoa.Document, action sohoa.Action, d detail) error {
	return s.append(tx, sohoa.Entry{Actor: actor, Action: action, Document: doc.ID, Dossier: doc.Dossier}, d)
}

// append adds an entry with its detail.
func (s *Service) append(tx archive.Tx, e sohoa.Entry, d detail) error {
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	e.Detail = string(text)
	_, err = tx.Append(e)
	return err
}
