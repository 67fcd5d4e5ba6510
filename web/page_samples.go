package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
	"sohoa/web/i18n"
)

// How much the pages of samples show.
const (
	samplesShown = 100
	faultsShown  = 200
)

// sampleWeek is how many days a sample covers that nobody said anything about.
const sampleWeek = 7

// samplePages are those of quality samples and of the faults that they found.
func (s *Server) samplePages() doors {
	if s.samples == nil {
		return nil
	}
	return doors{
		"GET /samples": {sohoa.PowerSample, s.pageSamples}, "GET /samples/new": {sohoa.PowerSample, s.pageNewSample},
		"POST /samples/new": {sohoa.PowerSample, s.postSample}, "GET /samples/{sample}": {sohoa.PowerSample, s.pageSample},
		"POST /samples/{sample}/close": {sohoa.PowerSample, s.postCloseSample}, "GET /samples/{sample}/export": {sohoa.PowerSample, s.exportSample},
		"GET /samples/{sample}/documents/{id}": {sohoa.PowerSample, s.pageSampled}, "POST /samples/{sample}/documents/{id}": {sohoa.PowerSample, s.postVerdict},
		"GET /samples/{sample}/documents/{id}/pages/{page}": {sohoa.PowerSample, s.getSampledPage},
		"GET /faults":                   {sohoa.PowerRead, s.pageFaults},
		"POST /faults/{sample}/{id}":    {sohoa.PowerWork, s.postCorrected},
		"GET /samples/{sample}/verdict": {sohoa.PowerSample, s.partDraw},
	}
}

// inspector is whoever is signed in, and where they may do what they ask for.
func inspector(ctx context.Context) ingest.Inspector {
	return ingest.Inspector{Name: userOf(ctx).Name, Scope: scopeOf(ctx)}
}

// samplesPage is what the list of samples shows.
type samplesPage struct {
	Samples []sampleLine
	Names   names
}

// sampleLine is a sample in a list.
type sampleLine struct {
	sohoa.Sample
	Where  string // name of the agency
	Judged int    // documents, of one that is open
	Shares shares
}

func (s *Server) pageSamples(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	found, err := s.cfg.Catalog.FindSamples(ctx, scopeOf(ctx), archive.SampleQuery{Limit: samplesShown})
	if err != nil {
		return err
	}
	p := samplesPage{}
	if p.Names, err = s.names(ctx); err != nil {
		return err
	}
	for _, v := range found {
		line, err := s.sampleLine(ctx, v)
		if err != nil {
			return err
		}
		p.Samples = append(p.Samples, line)
	}
	s.render(w, r, http.StatusOK, "samples", frame{Title: text(r, "samples.title"), Body: p})
	return nil
}

// sampleLine gathers what a list shows of a sample.
func (s *Server) sampleLine(ctx context.Context, v sohoa.Sample) (sampleLine, error) {
	l := sampleLine{Sample: v, Shares: sharesOf(v.Result, visitOf(ctx).lang)}
	var err error
	if l.Where, err = s.whereName(ctx, v.Agency); err != nil || v.Closed != nil {
		return l, err
	}
	items, err := s.cfg.Catalog.SampleItems(ctx, v.ID)
	for _, i := range items {
		if i.Judged() {
			l.Judged++
		}
	}
	return l, err
}

// whereName is the name of an agency, or the whole installation for none.
func (s *Server) whereName(ctx context.Context, code string) (string, error) {
	if code == "" {
		return i18n.Text(visitOf(ctx).lang, "samples.whole"), nil
	}
	return s.agencyName(ctx, code)
}

// newSamplePage is the form of a draw.
type newSamplePage struct {
	Draw       ingest.SampleDraw
	Whole      bool // the reader oversees the whole installation
	Agencies   []sohoa.Agency
	Procedures []sohoa.Procedure
	Most       int
	Error      string
}

func (s *Server) pageNewSample(w http.ResponseWriter, r *http.Request) error {
	today := s.cfg.Now()
	draw := ingest.SampleDraw{Agency: userOf(r.Context()).Agency, From: sohoa.DateOf(today.AddDate(0, 0, -sampleWeek)), Until: sohoa.DateOf(today.AddDate(0, 0, -1)), Size: 20, Fresh: true}
	return s.renderNewSample(w, r, http.StatusOK, newSamplePage{Draw: draw})
}

func (s *Server) renderNewSample(w http.ResponseWriter, r *http.Request, status int, p newSamplePage) error {
	ctx := r.Context()
	p.Whole, p.Most = scopeOf(ctx).All, sohoa.MaxSampleItems
	var err error
	if p.Agencies, err = s.agenciesInScope(ctx); err != nil {
		return err
	}
	if p.Procedures, err = s.cfg.Catalog.Procedures(ctx); err != nil {
		return err
	}
	s.render(w, r, status, "newsample", frame{Title: text(r, "samples.new"), Body: p})
	return nil
}

func (s *Server) postSample(w http.ResponseWriter, r *http.Request) error {
	size, _ := strconv.Atoi(r.PostFormValue("size")) // what is none is refused as 0
	draw := ingest.SampleDraw{Agency: clean(r.PostFormValue("agency")), Procedure: clean(r.PostFormValue("procedure")), Type: clean(r.PostFormValue("type")),
		From: sohoa.Date(clean(r.PostFormValue("from"))), Until: sohoa.Date(clean(r.PostFormValue("until"))), Size: size,
		Fresh: r.PostFormValue("fresh") != "", Seed: clean(r.PostFormValue("seed"))}
	sample, failure := s.samples.DrawSample(r.Context(), inspector(r.Context()), draw)
	if failure == nil {
		http.Redirect(w, r, pathOf("samples", string(sample.ID)), http.StatusSeeOther)
		return nil
	}
	message, status, err := wrong(r, failure)
	if err != nil {
		return err
	}
	return s.renderNewSample(w, r, status, newSamplePage{Draw: draw, Error: message})
}

// samplePage is what the page of one sample shows.
type samplePage struct {
	sampleLine
	Rows     []sampledRow
	Faults   []faultLine
	Names    names
	Next     string // where judging goes on; empty if all is judged
	Closable bool
	Most     int // of how often a fault was found
	Error    string
}

// sampledRow is one document of a sample.
type sampledRow struct {
	sohoa.SampleItem
	Name  string
	Done  int // pages judged, and the document as a whole
	Steps int
}

// faultLine is how often a fault was found.
type faultLine struct {
	Fault string
	N     int
}

func (s *Server) pageSample(w http.ResponseWriter, r *http.Request) error {
	return s.renderSample(w, r, http.StatusOK, "")
}

// sample finds the sample of a request, as the reader may see it.
func (s *Server) sample(r *http.Request) (sohoa.Sample, error) {
	id, err := sohoa.ParseSetID(r.PathValue("sample"))
	if err != nil {
		return sohoa.Sample{}, hideMalformed(err)
	}
	return s.cfg.Catalog.Sample(r.Context(), scopeOf(r.Context()), id)
}

func (s *Server) renderSample(w http.ResponseWriter, r *http.Request, status int, mistake string) error {
	ctx := r.Context()
	sample, err := s.sample(r)
	if err != nil {
		return err
	}
	p := samplePage{Error: mistake}
	if p.sampleLine, err = s.sampleLine(ctx, sample); err != nil {
		return err
	}
	if p.Names, err = s.names(ctx); err != nil {
		return err
	}
	if p.Rows, err = s.sampledRows(ctx, sample.ID); err != nil {
		return err
	}
	open := 0
	for _, row := range p.Rows {
		if !row.Judged() {
			open++
		}
		if page, left := row.Next(); left && p.Next == "" && row.Name != "" {
			p.Next = judgePath(sample.ID, row.Document, page)
		}
	}
	p.Closable = sample.Closed == nil && p.Next == ""
	p.Faults = faultLines(sample.Result)
	for _, f := range p.Faults {
		p.Most = max(p.Most, f.N)
	}
	s.render(w, r, status, "sample", frame{Title: text(r, "samples.one"), Body: p})
	return nil
}

// faultLines lists what was found in the order of the questions.
func faultLines(result *sohoa.SampleResult) (lines []faultLine) {
	if result == nil {
		return nil
	}
	for _, q := range append(append([]sohoa.SampleQuestion{}, sohoa.PageQuestions...), sohoa.DocumentQuestions...) {
		for _, f := range q.Faults() {
			key := f
			if f == sohoa.FaultOther {
				key = sohoa.SampleFault(string(q) + ":" + string(f))
			}
			if n := result.Faults[key]; n > 0 {
				lines = append(lines, faultLine{string(key), n})
			}
		}
	}
	return lines
}

func (s *Server) sampledRows(ctx context.Context, id sohoa.SetID) ([]sampledRow, error) {
	items, err := s.cfg.Catalog.SampleItems(ctx, id)
	if err != nil {
		return nil, err
	}
	rows := make([]sampledRow, len(items))
	for n, i := range items {
		doc, err := s.cfg.Catalog.Document(ctx, scopeOf(ctx), i.Document)
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			return nil, err
		}
		rows[n] = sampledRow{SampleItem: i, Done: len(i.Verdicts), Steps: i.Pages + 1}
		if doc.State == sohoa.StateKept {
			rows[n].Name = doc.Name
		}
	}
	return rows, nil
}

func (s *Server) postCloseSample(w http.ResponseWriter, r *http.Request) error {
	sample, err := s.sample(r)
	if err != nil {
		return err
	}
	_, failure := s.samples.CloseSample(r.Context(), inspector(r.Context()), sample.ID, clean(r.PostFormValue("note")))
	if failure == nil {
		http.Redirect(w, r, pathOf("samples", string(sample.ID)), http.StatusSeeOther)
		return nil
	}
	message, status, err := wrong(r, failure)
	if err != nil {
		return err
	}
	return s.renderSample(w, r, status, message)
}

// drawPart is what came of drawing a sample again.
type drawPart struct{ ingest.SampleCheck }

// partDraw draws a sample again.
func (s *Server) partDraw(w http.ResponseWriter, r *http.Request) error {
	sample, err := s.sample(r)
	if err != nil {
		return err
	}
	check, err := s.samples.VerifySample(r.Context(), scopeOf(r.Context()), sample.ID)
	if err != nil {
		return err
	}
	s.part(w, r, "drawn-again", drawPart{check})
	return nil
}

// faultsPage lists the faults that wait to be corrected at the reader's agency.
type faultsPage struct {
	Faults []faultCard
	Works  bool // the reader can correct them
	Error  string
}

// faultCard is a document with faults.
type faultCard struct {
	sohoa.SampleItem
	Name  string
	Lines []faultText
	By    string // full name of who corrected it
	Here  string // where the form comes back to
	Works bool
}

// faultText is one fault as it is shown.
type faultText struct {
	Page int
	sohoa.SampleAnswer
}

// faultCard gathers what is shown of a document with faults.
func (s *Server) faultCard(ctx context.Context, i sohoa.SampleItem, here string) (faultCard, error) {
	c := faultCard{SampleItem: i, Here: here, Works: userOf(ctx).May(sohoa.PowerWork)}
	doc, err := s.cfg.Catalog.Document(ctx, scopeOf(ctx), i.Document)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return c, err
	}
	c.Name = doc.Name
	for _, v := range i.Verdicts {
		for _, a := range v.Answers {
			if a.Fault != "" {
				c.Lines = append(c.Lines, faultText{v.Page, a})
			}
		}
	}
	if i.Corrected == nil {
		return c, nil
	}
	who, err := s.names(ctx)
	c.By = who.of(i.Corrected.By)
	return c, err
}

// faultCards are those that a query finds within the reader's scope.
func (s *Server) faultCards(ctx context.Context, q archive.FaultQuery, here string) ([]faultCard, error) {
	found, err := s.cfg.Catalog.FindFaults(ctx, scopeOf(ctx), q)
	if err != nil {
		return nil, err
	}
	var cards []faultCard
	for _, i := range found {
		c, err := s.faultCard(ctx, i, here)
		if err != nil {
			return nil, err
		}
		cards = append(cards, c)
	}
	return cards, nil
}

func (s *Server) pageFaults(w http.ResponseWriter, r *http.Request) error {
	return s.renderFaults(w, r, http.StatusOK, "")
}

func (s *Server) renderFaults(w http.ResponseWriter, r *http.Request, status int, mistake string) error {
	cards, err := s.faultCards(r.Context(), archive.FaultQuery{Due: true, Limit: faultsShown}, "/faults")
	if err != nil {
		return err
	}
	s.render(w, r, status, "faults", frame{Title: text(r, "faults.title"), Body: faultsPage{Faults: cards, Error: mistake}})
	return nil
}

// postCorrected notes what was done about the faults of a document, and goes
// back to where the form was.
func (s *Server) postCorrected(w http.ResponseWriter, r *http.Request) error {
	sample, err1 := sohoa.ParseSetID(r.PathValue("sample"))
	id, err2 := sohoa.ParseDocumentID(r.PathValue("id"))
	if err := errors.Join(err1, err2); err != nil {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	_, failure := s.samples.CorrectFault(r.Context(), inspector(r.Context()), sample, id, clean(r.PostFormValue("note")))
	if failure == nil {
		http.Redirect(w, r, localPath(r.PostFormValue("next")), http.StatusSeeOther)
		return nil
	}
	message, status, err := wrong(r, failure)
	if err != nil {
		return err
	}
	return s.renderFaults(w, r, status, message)
}

// dueFaults counts the documents whose faults wait for the reader's agency; as
// many as its page shows at most.
func (s *Server) dueFaults(ctx context.Context) (int, error) {
	if !userOf(ctx).May(sohoa.PowerWork) {
		return 0, nil
	}
	found, err := s.cfg.Catalog.FindFaults(ctx, scopeOf(ctx), archive.FaultQuery{Due: true, Limit: faultsShown})
	return len(found), err
}

// judgePath is where a page of a document of a sample is judged.
func judgePath(sample sohoa.SetID, id sohoa.DocumentID, page int) string {
	return pathOf("samples", string(sample), "documents", id.String()) + "?" + url.Values{"page": {strconv.Itoa(page)}}.Encode()
}

// shares are the shares without fault, with the interval of each.
type shares struct{ Documents, Pages share }

// share is a share as it is shown.
type share struct {
	Good, Of  int
	Percent   string // 97,3 %
	Low, High string // of the interval of 95 %
	Width     int    // 0 to 100, for a bar
}

// sharesOf are those of a result; none of none.
func sharesOf(r *sohoa.SampleResult, lang sohoa.Lang) shares {
	if r == nil {
		return shares{}
	}
	return shares{shareOf(r.DocumentsGood, r.Documents, lang), shareOf(r.PagesGood, r.Pages, lang)}
}

func shareOf(good, of int, lang sohoa.Lang) share {
	low, high := sohoa.Wilson(good, of)
	s := share{Good: good, Of: of, Percent: "–", Low: percentage(low, lang), High: percentage(high, lang)}
	if of > 0 {
		s.Percent, s.Width = percentage(float64(good)/float64(of), lang), 100*good/of
	}
	return s
}

// percentage is a share in percent with one decimal.
func percentage(x float64, lang sohoa.Lang) string {
	text := strconv.FormatFloat(100*x, 'f', 1, 64)
	if lang == sohoa.Vietnamese {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text + " %"
}
