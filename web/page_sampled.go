package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"sohoa"
)

// sampledPage is one page of a document that is judged, or the document as a
// whole.
type sampledPage struct {
	Sample    sohoa.Sample
	Item      sohoa.SampleItem
	Doc       sohoa.Document
	Dossier   sohoa.Dossier
	Procedure string
	Page      int // 0 is the document as a whole
	Count     int // documents of the sample
	Steps     []sampleStep
	Sheet     *sheet
	Thumbs    []thumb
	Fields    []sohoa.Field // on the page
	Questions []questionLine
	Before    string // the page before; empty if there is none
	Judged    *sohoa.SampleVerdict
	By        string // who judged it
	Error     string
}

// sampleStep leads to a page of the document.
type sampleStep struct {
	Page    int
	Href    string
	Current bool
	State   string // "open", "good", "faulty"
}

// questionLine is a question with its answer so far.
type questionLine struct {
	sohoa.SampleAnswer
	Key    int // that toggles it
	Faults []sohoa.SampleFault
}

// sampled finds the document of a sample that a request names, as the reader
// may see both. One that is not kept any more is sohoa.ErrNotExist.
func (s *Server) sampled(r *http.Request) (p sampledPage, err error) {
	ctx := r.Context()
	if p.Sample, err = s.sample(r); err != nil {
		return p, err
	}
	id, err := sohoa.ParseDocumentID(r.PathValue("id"))
	if err != nil {
		return p, hideMalformed(err)
	}
	items, err := s.cfg.Catalog.SampleItems(ctx, p.Sample.ID)
	if err != nil {
		return p, err
	}
	p.Count = len(items)
	for _, i := range items {
		if i.Document == id {
			p.Item = i
		}
	}
	if p.Item.Sample == "" {
		return p, newProblem(sohoa.ErrNotExist, "sample.not-in", id.String())
	}
	if p.Doc, err = s.cfg.Catalog.Document(ctx, scopeOf(ctx), id); err != nil {
		return p, err
	}
	if unserved(p.Doc) {
		return p, newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	return p, nil
}

func (s *Server) pageSampled(w http.ResponseWriter, r *http.Request) error {
	p, err := s.sampled(r)
	if err != nil {
		return err
	}
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || page < 0 || page > p.Item.Pages {
		page, _ = p.Item.Next()
	}
	return s.renderSampled(w, r, http.StatusOK, p, page)
}

func (s *Server) renderSampled(w http.ResponseWriter, r *http.Request, status int, p sampledPage, page int) error {
	ctx := r.Context()
	p.Page = page
	if err := s.journalSampled(ctx, p, page); err != nil {
		return err
	}
	if err := s.sampledFacts(ctx, &p); err != nil {
		return err
	}
	if err := s.sampledSheets(ctx, &p); err != nil {
		return err
	}
	p.Steps = sampleSteps(p)
	if p.Questions == nil {
		p.Questions = questionLines(p.Judged, page)
	}
	s.render(w, r, status, "sampled", frame{Title: text(r, "samples.one") + ": " + p.Doc.Name, Body: p})
	return nil
}

// sampledFacts fills in what the document belongs to, and what was judged.
func (s *Server) sampledFacts(ctx context.Context, p *sampledPage) error {
	var err error
	if p.Dossier, err = s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), p.Doc.Dossier); err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	procedure, err := s.procedure(ctx, p.Dossier.Procedure)
	if err != nil {
		return err
	}
	p.Procedure = procedure.Name
	for _, f := range p.Doc.Fields {
		if p.Page == 0 || f.Page == p.Page {
			p.Fields = append(p.Fields, f)
		}
	}
	v, judged := p.Item.Verdict(p.Page)
	if !judged {
		return nil
	}
	who, err := s.names(ctx)
	p.Judged, p.By = &v, who.of(v.By)
	return err
}

// sampledSheets fills in the image of the page, or small ones of all pages.
func (s *Server) sampledSheets(ctx context.Context, p *sampledPage) error {
	pages, err := s.cfg.Catalog.Pages(ctx, p.Doc.ID)
	if err != nil {
		return err
	}
	here := pathOf("samples", string(p.Sample.ID), "documents", p.Doc.ID.String(), "pages")
	for _, page := range pages {
		sh := blankSheet(page)
		sh.Image, sh.Unshown = here+"/"+strconv.Itoa(page.Number), !shownTypes[page.MediaType]
		if p.Page == page.Number {
			for _, f := range p.Fields {
				sh.Marks = append(sh.Marks, boxOf(f.Box, 6))
			}
			p.Sheet = &sh
		}
		if p.Page == 0 {
			t := thumb{Number: page.Number, Width: 2 * thumbWidth, Height: 2 * thumbWidth * sh.Height / max(sh.Width, 1)}
			if page.Read {
				t.Image = sh.Image + "?small=1"
			}
			p.Thumbs = append(p.Thumbs, t)
		}
	}
	return nil
}

// sampleSteps are all pages of the document, and the document as a whole.
func sampleSteps(p sampledPage) (steps []sampleStep) {
	for n := 1; n <= p.Item.Pages+1; n++ {
		step := sampleStep{Page: n % (p.Item.Pages + 1), State: "open"}
		step.Href, step.Current = judgePath(p.Sample.ID, p.Doc.ID, step.Page), step.Page == p.Page
		if v, judged := p.Item.Verdict(step.Page); judged && v.Faulty() {
			step.State = "faulty"
		} else if judged {
			step.State = "good"
		}
		steps = append(steps, step)
	}
	return steps
}

// questionLines are the questions of a page with the answers of a verdict.
func questionLines(v *sohoa.SampleVerdict, page int) (lines []questionLine) {
	questions := sohoa.PageQuestions
	if page == 0 {
		questions = sohoa.DocumentQuestions
	}
	for n, q := range questions {
		l := questionLine{SampleAnswer: sohoa.SampleAnswer{Question: q}, Key: n + 1, Faults: q.Faults()}
		if v != nil && n < len(v.Answers) {
			l.SampleAnswer = v.Answers[n]
		}
		lines = append(lines, l)
	}
	return lines
}

// postVerdict enters what was found, and goes on to what is not judged yet.
func (s *Server) postVerdict(w http.ResponseWriter, r *http.Request) error {
	p, err := s.sampled(r)
	if err != nil {
		return err
	}
	page, err := strconv.Atoi(r.PostFormValue("page"))
	if err != nil {
		page = -1
	}
	v := sohoa.SampleVerdict{Page: page}
	for _, q := range questionLines(nil, page) {
		a := sohoa.SampleAnswer{Question: q.Question, Fault: sohoa.SampleFault(r.PostFormValue("fault-" + string(q.Question)))}
		if a.Fault != "" {
			a.Note = clean(r.PostFormValue("note-" + string(q.Question)))
		}
		v.Answers = append(v.Answers, a)
	}
	item, failure := s.samples.JudgeSample(r.Context(), inspector(r.Context()), p.Sample.ID, p.Doc.ID, v)
	if failure == nil {
		next, err := s.nextToJudge(r.Context(), item, page)
		if err == nil {
			http.Redirect(w, r, next, http.StatusSeeOther)
		}
		return err
	}
	message, status, err := wrong(r, failure)
	if err != nil {
		return err
	}
	p.Error = message
	if page < 0 || page > p.Item.Pages {
		page, _ = p.Item.Next()
	} else {
		p.Questions = questionLines(&v, page)
	}
	return s.renderSampled(w, r, status, p, page)
}

// nextToJudge is where judging goes on after a page: the next one of the
// document that is open, else the first document that is, else the sample.
func (s *Server) nextToJudge(ctx context.Context, item sohoa.SampleItem, page int) (string, error) {
	for n := page + 1; page > 0 && n <= item.Pages; n++ {
		if _, judged := item.Verdict(n); !judged {
			return judgePath(item.Sample, item.Document, n), nil
		}
	}
	if next, open := item.Next(); open {
		return judgePath(item.Sample, item.Document, next), nil
	}
	rows, err := s.sampledRows(ctx, item.Sample)
	for _, row := range rows {
		if next, open := row.Next(); open && row.Name != "" {
			return judgePath(item.Sample, row.Document, next), err
		}
	}
	return pathOf("samples", string(item.Sample)), err
}

// getSampledPage gives the image of a page that is judged.
func (s *Server) getSampledPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.sampled(r)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(r.PathValue("page"))
	if err != nil || number < 1 {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	if err := s.journalSampled(r.Context(), p, number); err != nil {
		return err
	}
	role := sohoa.RoleImage
	if r.URL.Query().Get("small") != "" {
		role = sohoa.RoleThumb
	}
	blob, file, err := s.cfg.Intake.Open(r.Context(), p.Doc.ID, role, number)
	if err != nil {
		return err
	}
	defer blob.Close()
	serveContent(w, r, blob, file)
	return nil
}

// journalSampled notes that somebody looked at a page in order to judge it;
// not again while that is recent.
func (s *Server) journalSampled(ctx context.Context, p sampledPage, page int) error {
	e := sohoa.Entry{Actor: userOf(ctx).Name, Action: sohoa.ActionView, Document: p.Doc.ID, Dossier: p.Doc.Dossier, Page: page, Purpose: sohoa.Purpose{Kind: sohoa.PurposeSample, Ref: string(p.Sample.ID)}.String()}
	key, err := json.Marshal([]any{e.Actor, e.Document, e.Page, e.Purpose})
	if err != nil || s.seen.has(string(key)) {
		return err
	}
	if err := s.journal(ctx, e); err != nil {
		return err
	}
	s.seen.add(string(key))
	return nil
}
