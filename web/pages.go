package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sohoa"
	"sohoa/web/i18n"
)

//go:embed templates/*.html
var templateFiles embed.FS

// languages are those that pages come in.
var languages = []sohoa.Lang{sohoa.Vietnamese, sohoa.English}

// pageNames are the pages, each a file of templates that defines "main".
var pageNames = []string{
	"signin", "code", "setup", "problem",
	"account", "totp", "prove", "user",
	"home", "dossier", "document", "arrange", "fields", "confirm",
	"search", "offers", "export", "reading",
	"sets", "set", "newset", "place", "queue", "signview",
	"start", "status", "verify", "lookup",
	"archive", "disposals", "disposal", "certificate", "schedule",
	"admin", "users", "agencies", "procedures", "procedure", "import",
	"jobs", "health", "settings", "keys", "webhooks", "webhook",
	"journal", "flags", "samples", "newsample", "sample", "sampled", "faults", "figures",
}

// sharedNames are files of templates that pages share.
var sharedNames = []string{
	"layout", "parts", "desk", "report", "kept", "signing", "life", "reuse",
	"public", "waiting", "counter", "office", "quality", "confirming", "devices",
}

// pageSet holds the templates of every page, in every language.
type pageSet map[sohoa.Lang]map[string]*template.Template

func (s *Server) parsePages() (pageSet, error) {
	set := pageSet{}
	for _, lang := range languages {
		set[lang] = map[string]*template.Template{}
		base, err := template.New("").Funcs(s.funcs(lang)).ParseFS(templateFiles, templatePaths(sharedNames)...)
		if err != nil {
			return nil, err
		}
		for _, name := range pageNames {
			page, err := template.Must(base.Clone()).ParseFS(templateFiles, "templates/"+name+".html")
			if err != nil {
				return nil, err
			}
			set[lang][name] = page
		}
	}
	return set, nil
}

// templatePaths are the files of templates with these names.
func templatePaths(names []string) []string {
	paths := make([]string, len(names))
	for i, n := range names {
		paths[i] = "templates/" + n + ".html"
	}
	return paths
}

// frame is what the layout needs, with what the page itself shows in Body.
type frame struct {
	Title    string
	Query    string // in the search box
	Purpose  string // handed on by the search box
	Live     string // events to follow: a query of /api/v1/events
	Since    string // after this entry of the journal, sealed
	Entering bool   // the page is about signing in
	Body     any

	User    *sohoa.User
	Desk    bool // people sign here
	Records bool // people decide about what is kept here
	Figures bool // what is held is reused here
	Version string
	Switch  string        // this page in the other language
	Hand    sohoa.Purpose // the dossier at hand
	Here    string        // this page
	Nav     navigation
	Idle    *idle // the screen goes back to its start by itself
	Words   bool  // words can be at hand
}

// May reports whether the reader has a power.
func (f frame) May(p string) bool { return f.User != nil && f.User.May(sohoa.Power(p)) }

// render writes a page.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, f frame) {
	v := visitOf(r.Context())
	f.User, f.Version, f.Switch, f.Nav = v.user, s.cfg.Version, otherLanguage(r, v.lang), s.navigate(r, v.user)
	f.Idle = idleOf(r)
	f.Records = v.user != nil && s.records != nil
	f.Desk = v.user != nil && s.cfg.Desk != nil
	if v.user != nil {
		f.Here, f.Figures, f.Words = here(r), s.cfg.Reuse != nil, wordsOf(*v.user) != ""
		var err error
		if f.Hand, err = s.atHand(r.Context()); err != nil {
			s.cfg.Log.Error("dossier at hand not known", "err", err)
		}
		if seal, err := s.sealing(r.Context()); err == nil && f.Live != "" {
			f.Since = seal.place(v.since)
		}
	}
	s.execute(w, r, status, s.pages[v.lang][name], "layout", f)
}

// here is the address of the page that a form on it comes back to.
func here(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r.URL.RequestURI()
	}
	return r.URL.EscapedPath()
}

// part writes a piece of a page.
func (s *Server) part(w http.ResponseWriter, r *http.Request, name string, data any) {
	s.execute(w, r, http.StatusOK, s.pages[visitOf(r.Context()).lang]["problem"], name, data)
}

// execute writes a template when all of it has worked out.
func (s *Server) execute(w http.ResponseWriter, r *http.Request, status int, t *template.Template, name string, data any) {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		s.cfg.Log.Error("page not rendered", "path", r.URL.Path, "err", err)
		http.Error(w, "500", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client may be gone
}

// renderProblem writes a page that says what is wrong.
func (s *Server) renderProblem(w http.ResponseWriter, r *http.Request, reply *Reply) {
	lang := visitOf(r.Context()).lang
	title := i18n.Text(lang, fmt.Sprintf("problem.%d", reply.Status))
	s.render(w, r, reply.Status, "problem", frame{Title: title, Body: reply})
}

// otherLanguage is the address of a page in the language that it is not in.
func otherLanguage(r *http.Request, lang sohoa.Lang) string {
	other := sohoa.English
	if lang == sohoa.English {
		other = sohoa.Vietnamese
	}
	q := url.Values{}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		q = r.URL.Query()
	}
	q.Set("lang", string(other))
	return r.URL.EscapedPath() + "?" + q.Encode()
}

// handler answers a request for a page; an error becomes a page that says it.
type handler func(w http.ResponseWriter, r *http.Request) error

// registerPages adds the pages to mux.
func (s *Server) registerPages(mux *http.ServeMux) {
	for _, part := range []map[string]handler{s.openPages(), s.publicPages()} {
		for pattern, h := range part {
			s.doors[pattern] = everybody
			mux.Handle(pattern, s.page(s.ajar(h)))
		}
	}
	parts := []doors{
		s.deskPages(), s.counterPages(), s.paperPages(), s.fieldsPages(),
		s.searchPages(), s.givingPages(), s.filePages(),
		s.signingPages(), s.queuePages(),
		s.keepingPages(), s.samplePages(),
		s.adminPages(), s.officePages(), s.flagPages(),
		s.accountPages(), s.passkeyPages(),
	}
	for _, part := range parts {
		for pattern, d := range part {
			s.doors[pattern] = d.power
			mux.Handle(pattern, s.page(s.behind(d)))
		}
	}
	mux.Handle("/", s.page(func(http.ResponseWriter, *http.Request) error {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}))
}

// openPages are those for everybody.
func (s *Server) openPages() map[string]handler {
	open := map[string]handler{
		"GET /healthz": s.getHealthz,
		"GET /verify":  s.pageVerify, "POST /verify": s.postVerify,
		"POST /search": s.postSearch,
		"GET /q":       s.pageLookup, "GET /q/{code}": s.pageKept, "POST /q/{code}": s.postCompare,
	}
	maps.Copy(open, s.signInPages())
	if s.cfg.Giver != nil {
		open["GET /read/{id}/{secret}"], open["GET /read/{id}/{secret}/{page}"] = s.pageReading, s.getReadingPage
	}
	return open
}

// deskPages are those on which papers come in and are put in order.
func (s *Server) deskPages() doors {
	return doors{
		"GET /dossiers/{code}": {sohoa.PowerRead, s.pageDossier}, "GET /dossiers/{code}/documents": {sohoa.PowerRead, s.partDocuments},
		"GET /documents/{id}": {sohoa.PowerRead, s.pageDocument}, "GET /documents/{id}/row": {sohoa.PowerRead, s.partRow},
		"GET /documents/{id}/facts": {sohoa.PowerRead, s.partFacts}, "GET /documents/{id}/sheets": {sohoa.PowerRead, s.partSheets},
		"GET /documents/{id}/pages/{page}": {sohoa.PowerRead, s.partPage}, "POST /documents/{id}/retry": {sohoa.PowerWork, s.postRetry},
		"GET /documents/{id}/arrange": {sohoa.PowerWork, s.pageArrange}, "POST /documents/{id}/arrange": {sohoa.PowerWork, s.postArrange},
		"GET /documents/{id}/desk": {sohoa.PowerWork, s.partDesk}, "POST /documents/{id}/hold": {sohoa.PowerWork, s.postHold},
		"POST /documents/{id}/release": {sohoa.PowerWork, s.postRelease}, "GET /parked": {sohoa.PowerRead, s.partParked},
		"POST /dossiers/{code}/ended": {sohoa.PowerWork, s.postEnd},
	}
}

// searchPages are those on which papers are found and used again.
func (s *Server) searchPages() doors {
	return doors{
		"GET /search": {sohoa.PowerRead, s.pageSearch}, "POST /search/suggest": {sohoa.PowerRead, s.partSuggest},
		"POST /search/saved": {anybodyIn, s.postSaved}, "POST /search/saved/{saved}/delete": {anybodyIn, s.postForget}, "POST /at-hand": {sohoa.PowerRead, s.postAtHand},
		"GET /dossiers/{code}/papers/{req}": {sohoa.PowerReuse, s.pageOffers}, "POST /dossiers/{code}/papers/{req}/{op}": {sohoa.PowerReuse, s.postOffer},
		"GET /dossiers/{code}/papers/{req}/documents/{id}/pages/{page}": {sohoa.PowerReuse, s.getOfferPage},
		"POST /dossiers/{code}/reuses/{reuse}/seen":                     {sohoa.PowerReuse, s.postSeenLoss}, "POST /documents/{id}/compared": {sohoa.PowerWork, s.postCompared},
		"GET /figures": {sohoa.PowerFigures, s.pageFigures}, "GET /figures/export": {sohoa.PowerFigures, s.exportFigures},
	}
}

// signingPages are those of signing sets and of signatures.
func (s *Server) signingPages() doors {
	return doors{
		"GET /sets": {sohoa.PowerRead, s.pageSets}, "GET /sets/new": {sohoa.PowerSign, s.pageNewSet}, "POST /sets/new": {sohoa.PowerSign, s.postSet},
		"GET /sets/{set}": {sohoa.PowerRead, s.pageSet}, "GET /sets/{set}/head": {sohoa.PowerRead, s.partSet},
		"GET /sets/{set}/documents/{id}": {sohoa.PowerRead, s.partItem},
		"POST /sets/{set}/sign":          {sohoa.PowerSign, s.setAct(s.actSign)}, "POST /sets/{set}/refuse": {sohoa.PowerSign, s.setAct(s.actRefuse)},
		"POST /sets/{set}/withdraw": {sohoa.PowerSign, s.setAct(s.actWithdraw)}, "POST /sets/{set}/delegate": {sohoa.PowerSign, s.setAct(s.actDelegate)},
		"GET /sets/{set}/documents/{id}/place": {sohoa.PowerSign, s.pagePlace}, "POST /sets/{set}/documents/{id}/place": {sohoa.PowerSign, s.postPlace},
		"GET /documents/{id}/signatures": {sohoa.PowerRead, s.pageSignatures}, "GET /documents/{id}/verdict": {sohoa.PowerRead, s.partVerdict},
	}
}

// keepingPages are those of what is kept: its life, retention and disposal.
func (s *Server) keepingPages() doors {
	if s.records == nil {
		return doors{"POST /documents/{id}/life/{op}": {sohoa.PowerDecide, s.postLife}}
	}
	return doors{
		"POST /documents/{id}/life/{op}": {sohoa.PowerDecide, s.postLife},
		"GET /disposal":                  {sohoa.PowerDispose, s.pageDisposals}, "POST /disposal": {sohoa.PowerDispose, s.postPropose},
		"GET /disposal/{id}": {sohoa.PowerDispose, s.pageDisposal}, "POST /disposal/{id}/{op}": {sohoa.PowerDispose, s.postDisposal},
		"GET /disposal/{id}/certificate": {sohoa.PowerDispose, s.pageCertificate},
		"GET /schedule":                  {sohoa.PowerOperate, s.pageSchedule}, "POST /schedule": {sohoa.PowerOperate, s.postSchedule},
		"GET /archive": {sohoa.PowerOperate, s.pageArchive}, "POST /archive/repair": {sohoa.PowerOperate, s.postRepair}, "POST /archive/adopt": {sohoa.PowerOperate, s.postAdopt},
	}
}

// givingPages are those by which papers leave.
func (s *Server) givingPages() doors {
	if s.cfg.Giver == nil {
		return nil
	}
	return doors{"GET /export": {sohoa.PowerGive, s.pageExport}, "POST /export": {sohoa.PowerGive, s.postExport}, "POST /export/recall": {sohoa.PowerGive, s.postRecall}}
}

// adminPages are those of people and of the journal.
func (s *Server) adminPages() doors {
	return doors{
		"GET /admin": {sohoa.PowerManage, s.pageAdmin}, "POST /admin/users": {sohoa.PowerManage, s.postUser},
		"GET /journal": {sohoa.PowerInspect, s.pageJournal}, "POST /journal": {sohoa.PowerInspect, s.postSearchJournal},
		"GET /journal/export": {sohoa.PowerInspect, s.exportJournal}, "POST /journal/verify": {sohoa.PowerAudit, s.postVerifyJournal},
		"GET /journal/heads/{day}": {sohoa.PowerAudit, s.getJournalHead},
	}
}

// maxFormBytes bounds what is typed into a form.
const maxFormBytes = 64 << 10

// formBytes is maxFormBytes, and more where a form has a line for each of many
// documents, or a table.
func formBytes(path string) int64 {
	if strings.HasPrefix(path, "/admin/import/") {
		return importBytes
	}
	if strings.HasPrefix(path, "/disposal") || strings.HasPrefix(path, "/admin/") || path == "/schedule" {
		return 16 * maxFormBytes
	}
	return maxFormBytes
}

func (s *Server) page(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !takesFiles(r.URL.Path) {
			r.Body = http.MaxBytesReader(w, r.Body, formBytes(r.URL.Path))
		}
		if err := h(w, r); err != nil && !errors.Is(err, context.Canceled) {
			s.fail(w, r, err)
		}
	})
}

// takesFiles reports whether a page's form brings a file, which is streamed
// under a bound of its own.
func takesFiles(path string) bool {
	return path == "/verify" || strings.HasPrefix(path, "/q/") || isUpload(path)
}

// text is a string of the reader's language.
func text(r *http.Request, key string, args ...any) string {
	return i18n.Text(visitOf(r.Context()).lang, key, args...)
}

// wrong words a mistake of the reader, to be shown beside the form; other
// errors come back.
func wrong(r *http.Request, err error) (string, int, error) {
	status := statusOf(err)
	mistakes := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusConflict,
		http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusTooManyRequests}
	if !slices.Contains(mistakes, status) {
		return "", status, err
	}
	return sohoa.AsProblem(err).Text(visitOf(r.Context()).lang), status, nil
}
