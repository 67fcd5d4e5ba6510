package web

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/ingest"
)

// figuresPage is what the page of figures about reuse shows.
type figuresPage struct {
	From, Until sohoa.Date
	Lines       []ingest.ReuseFigures
	Total       ingest.ReuseFigures
	Export      string
	Error       string
	lang        sohoa.Lang
}

// fullMarks is the share of dossiers that reuse something from which on the
// national rate earns full marks (QĐ 766/QĐ-TTg), in percent.
const fullMarks = 80

// Rate is the national rate of reuse of figures, in percent with one decimal;
// "–" where no dossiers were received.
func (p figuresPage) Rate(f ingest.ReuseFigures) string { return rate(f, p.lang) }

// Share is that rate for a bar.
func (p figuresPage) Share(f ingest.ReuseFigures) int {
	return 100 * f.Reusing / max(f.Received, 1)
}

// Full reports whether figures earn full marks.
func (p figuresPage) Full(f ingest.ReuseFigures) bool {
	return f.Received > 0 && 100*f.Reusing >= fullMarks*f.Received
}

// FullMarks is where full marks begin.
func (p figuresPage) FullMarks() int { return fullMarks }

func rate(f ingest.ReuseFigures, lang sohoa.Lang) string {
	if f.Received == 0 {
		return "–"
	}
	text := fmt.Sprintf("%.1f", 100*float64(f.Reusing)/float64(f.Received))
	if lang == sohoa.Vietnamese {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text + " %"
}

// figures counts reuse in the period that an address names; this year if none.
func (s *Server) figures(ctx context.Context, q url.Values) (figuresPage, error) {
	today := sohoa.DateOf(s.cfg.Now())
	p := figuresPage{From: sohoa.Date(clean(q.Get("from"))), Until: sohoa.Date(clean(q.Get("until"))), lang: visitOf(ctx).lang}
	if p.Until == "" {
		p.Until = today
	}
	if p.From == "" {
		p.From = today[:4] + "-01-01"
	}
	for _, d := range []sohoa.Date{p.From, p.Until} {
		if err := d.Check(); err != nil {
			return p, err
		}
	}
	if p.From > p.Until {
		p.From, p.Until = p.Until, p.From
	}
	p.Export = "/figures/export?" + url.Values{"from": {string(p.From)}, "until": {string(p.Until)}}.Encode()
	desk, err := s.reuseDesk()
	if err != nil {
		return p, err
	}
	p.Lines, err = desk.ReuseFigures(ctx, scopeOf(ctx), p.From, p.Until)
	for _, f := range p.Lines {
		t := &p.Total
		t.Received, t.Reusing, t.Accepted, t.Declined = t.Received+f.Received, t.Reusing+f.Reusing, t.Accepted+f.Accepted, t.Declined+f.Declined
		t.Offered, t.Lost, t.Unseen = t.Offered+f.Offered, t.Lost+f.Lost, t.Unseen+f.Unseen
	}
	return p, err
}

func (s *Server) pageFigures(w http.ResponseWriter, r *http.Request) error {
	p, err := s.figures(r.Context(), r.URL.Query())
	status := http.StatusOK
	if err != nil {
		if p.Error, status, err = wrong(r, err); err != nil {
			return err
		}
	}
	s.render(w, r, status, "figures", frame{Title: text(r, "figures.title"), Body: p})
	return nil
}

// exportFigures answers with the figures as CSV.
func (s *Server) exportFigures(w http.ResponseWriter, r *http.Request) error {
	p, err := s.figures(r.Context(), r.URL.Query())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", attachment(fmt.Sprintf("reuse-%s-%s.csv", p.From, p.Until)))
	_, _ = w.Write([]byte("\ufeff")) // spreadsheets take it for UTF-8 by this
	c := csv.NewWriter(w)
	_ = c.Write([]string{"agency", "name", "from", "until", "received", "reusing", "rate", "accepted", "declined", "offered", "lost", "unseen"})
	for _, f := range p.Lines {
		share := ""
		if f.Received > 0 {
			share = strconv.FormatFloat(float64(f.Reusing)/float64(f.Received), 'f', 4, 64)
		}
		line := []string{inert(f.Agency.Code), inert(f.Agency.Name), string(p.From), string(p.Until)}
		for _, n := range []int{f.Received, f.Reusing} {
			line = append(line, strconv.Itoa(n))
		}
		line = append(line, share)
		for _, n := range []int{f.Accepted, f.Declined, f.Offered, f.Lost, f.Unseen} {
			line = append(line, strconv.Itoa(n))
		}
		_ = c.Write(line)
	}
	c.Flush()
	return nil // an error of writing: the client is gone
}
