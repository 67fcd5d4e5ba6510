package web

import (
	"net/http"
	"time"

	"sohoa"
	"sohoa/web/table"
)

// exportSample answers with what was judged of a sample: a row for each
// question, and in a workbook the result on a sheet before it.
func (s *Server) exportSample(w http.ResponseWriter, r *http.Request) error {
	sample, err := s.sample(r)
	if err != nil {
		return err
	}
	items, err := s.cfg.Catalog.SampleItems(r.Context(), sample.ID)
	if err != nil {
		return err
	}
	verdicts := verdictTable(items)
	name := "sample-" + string(sample.ID)
	if r.URL.Query().Get("format") == formatXLSX {
		return giveTables(w, formatXLSX, name, resultTable(sample), verdicts)
	}
	return giveTables(w, r.URL.Query().Get("format"), name, verdicts)
}

// verdictTable has a row for each question that was answered.
func verdictTable(items []sohoa.SampleItem) table.Sheet {
	t := table.Sheet{Name: "verdicts", Head: []string{"number", "document", "dossier", "agency", "page", "question", "fault", "note", "by", "at", "corrected", "correctedBy", "correction"}}
	for _, i := range items {
		corrected := []any{"", "", ""}
		if i.Corrected != nil {
			corrected = []any{i.Corrected.At.Format(time.RFC3339), i.Corrected.By, i.Corrected.Reason}
		}
		for _, v := range i.Verdicts {
			for _, a := range v.Answers {
				row := []any{i.Number(), i.Document.String(), i.Dossier, i.Agency, v.Page, string(a.Question), string(a.Fault), a.Note, v.By, v.At.Format(time.RFC3339)}
				if a.Fault == "" {
					t.Rows = append(t.Rows, append(row, "", "", ""))
				} else {
					t.Rows = append(t.Rows, append(row, corrected...))
				}
			}
		}
	}
	return t
}

// resultTable is what was drawn and what it came to, a fact a row.
func resultTable(s sohoa.Sample) table.Sheet {
	t := table.Sheet{Name: "result", Head: []string{"fact", "value"}}
	add := func(name string, value any) { t.Rows = append(t.Rows, []any{name, value}) }
	add("sample", string(s.ID))
	add("agency", s.Agency)
	add("procedure", s.Procedure)
	add("type", s.Type)
	add("from", string(s.From))
	add("until", string(s.Until))
	add("seed", s.Seed)
	add("among", s.Among)
	add("list (SHA-256)", s.List.String())
	add("drawn", s.Drawn)
	add("drawn by", s.By)
	add("drawn at", s.At.Format(time.RFC3339))
	if s.Closed == nil || s.Result == nil {
		return t
	}
	add("closed by", s.Closed.By)
	add("closed at", s.Closed.At.Format(time.RFC3339))
	add("note", s.Closed.Reason)
	for _, part := range []struct {
		name     string
		good, of int
	}{{"documents", s.Result.DocumentsGood, s.Result.Documents}, {"pages", s.Result.PagesGood, s.Result.Pages}} {
		add(part.name+" judged", part.of)
		add(part.name+" without fault", part.good)
		low, high := sohoa.Wilson(part.good, part.of)
		if part.of > 0 {
			add(part.name+" without fault, share", float64(part.good)/float64(part.of))
		}
		add(part.name+" without fault, 95 % from", low)
		add(part.name+" without fault, 95 % until", high)
	}
	for _, f := range faultLines(s.Result) {
		add("fault "+f.Fault, f.N)
	}
	return t
}
