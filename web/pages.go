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
var pageNames = []string{"signin", "setup", "home", "dossier", "document", "arrange", "search", "verify", "lookup", "sets", "set", "newset",
	"place", "admin", "archive", "journal", "disposals", "disposal", "certificate", "schedule", "export", "reading", "offers", "figures", "problem"}

// pageSet holds the templates of every page, in every language.
type pageSet map[sohoa.Lang]map[string]*template.Template

func (s *Server) parsePages() (pageSet, error) {
	set := pageSet{}
	for _, lang := range languages {
		set[lang] = map[string]*template.Template{}
		base, err := template.New("").Funcs(s.funcs(lang)).ParseFS(templateFiles, "templates/layout.html", "templates/parts.html", "templates/desk.html", "templates/report.html", "templates/kept.html", "templates/signing.html", "templates/life.html", "templates/reuse.html")
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
	Admin   bool
	Desk    bool // people sign here
	Records bool // people decide about what is kept here
	Figures bool // what is held is reused here
	Version string
	Switch  string        // this page in the other language
	Hand    sohoa.Purpose // the dossier at hand
	Here    string        // this page
}

// render writes a page.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, f frame) {
	v := visitOf(r.Context())
	f.User, f.Version, f.Switch = v.user, s.cfg.Version, otherLanguage(r, v.lang)
	f.Records = v.user != nil && s.records != nil
	f.Desk = v.user != nil && s.cfg.Desk != nil
	f.Admin = v.user != nil && v.user.Role == sohoa.UserAdmin
	if v.user != nil {
		f.Here, f.Figures = here(r), s.cfg.Reuse != nil
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
	open := map[string]handler{
		"GET /sign-in": s.pageSignIn, "POST /sign-in": s.postSignIn, "POST /sign-out": s.postSignOut,
		"GET /setup/{token}": s.pageSetup, "POST /setup/{token}": s.postSetup,
		"GET /verify": s.pageVerify, "POST /verify": s.postVerify,
		"POST /search": s.postSearch,
		"GET /q":       s.pageLookup, "GET /q/{code}": s.pageKept, "POST /q/{code}": s.postCompare,
	}
	user := map[string]handler{
		"GET /{$}": s.pageHome, "POST /dossiers": s.postDossier,
		"GET /dossiers/{code}": s.pageDossier, "GET /dossiers/{code}/documents": s.partDocuments,
		"GET /documents/{id}": s.pageDocument, "GET /documents/{id}/row": s.partRow,
		"GET /documents/{id}/facts": s.partFacts, "GET /documents/{id}/sheets": s.partSheets,
		"GET /documents/{id}/pages/{page}": s.partPage, "POST /documents/{id}/retry": s.postRetry,
		"GET /documents/{id}/arrange": s.pageArrange, "POST /documents/{id}/arrange": s.postArrange,
		"GET /documents/{id}/desk": s.partDesk, "POST /documents/{id}/hold": s.postHold, "POST /documents/{id}/release": s.postRelease,
		"GET /documents/{id}/signatures": s.pageSignatures, "GET /parked": s.partParked,
		"GET /search": s.pageSearch, "POST /search/suggest": s.partSuggest,
		"POST /search/saved": s.postSaved, "POST /search/saved/{saved}/delete": s.postForget, "POST /at-hand": s.postAtHand,
		"GET /dossiers/{code}/papers/{req}": s.pageOffers, "POST /dossiers/{code}/papers/{req}/{op}": s.postOffer,
		"GET /dossiers/{code}/papers/{req}/documents/{id}/pages/{page}": s.getOfferPage,
		"POST /dossiers/{code}/reuses/{reuse}/seen":                     s.postSeenLoss, "POST /documents/{id}/compared": s.postCompared,
		"GET /figures": s.pageFigures, "GET /figures/export": s.exportFigures,
		"GET /sets": s.pageSets, "GET /sets/new": s.pageNewSet, "POST /sets/new": s.postSet,
		"GET /sets/{set}": s.pageSet, "GET /sets/{set}/head": s.partSet, "GET /sets/{set}/documents/{id}": s.partItem,
		"POST /sets/{set}/sign": s.setAct(s.actSign), "POST /sets/{set}/refuse": s.setAct(s.actRefuse),
		"POST /sets/{set}/withdraw": s.setAct(s.actWithdraw), "POST /sets/{set}/delegate": s.setAct(s.actDelegate),
		"GET /sets/{set}/documents/{id}/place": s.pagePlace, "POST /sets/{set}/documents/{id}/place": s.postPlace,
		"GET /documents/{id}/verdict": s.partVerdict, "POST /documents/{id}/life/{op}": s.postLife,
	}
	admin := map[string]handler{
		"GET /admin": s.pageAdmin, "GET /journal": s.pageJournal, "POST /journal": s.postSearchJournal, "GET /journal/export": s.exportJournal,
		"POST /journal/verify": s.postVerifyJournal, "GET /journal/heads/{day}": s.getJournalHead,
		"GET /archive": s.pageArchive, "POST /archive/repair": s.postRepair, "POST /archive/adopt": s.postAdopt,
		"POST /admin/users": s.postUser, "POST /admin/users/{name}/link": s.postLink,
	}
	if s.records != nil {
		maps.Copy(user, map[string]handler{"GET /disposal": s.pageDisposals, "POST /disposal": s.postPropose,
			"GET /disposal/{id}": s.pageDisposal, "POST /disposal/{id}/{op}": s.postDisposal, "GET /disposal/{id}/certificate": s.pageCertificate,
			"POST /dossiers/{code}/ended": s.postEnd})
		maps.Copy(admin, map[string]handler{"GET /schedule": s.pageSchedule, "POST /schedule": s.postSchedule})
	}
	if s.cfg.Giver != nil {
		open["GET /read/{id}/{secret}"], open["GET /read/{id}/{secret}/{page}"] = s.pageReading, s.getReadingPage
		user["GET /export"], user["POST /export"] = s.pageExport, s.postExport
	}
	for pattern, h := range open {
		mux.Handle(pattern, s.page(h))
	}
	for pattern, h := range user {
		mux.Handle(pattern, s.page(s.forUsers(h)))
	}
	for pattern, h := range admin {
		mux.Handle(pattern, s.page(s.forUsers(s.forAdmins(h))))
	}
	mux.Handle("/", s.page(func(http.ResponseWriter, *http.Request) error {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}))
}

// maxFormBytes bounds what is typed into a form.
const maxFormBytes = 64 << 10

// formBytes is maxFormBytes, and more where a form has a line for each of many
// documents, or a table.
func formBytes(path string) int64 {
	if strings.HasPrefix(path, "/disposal") || path == "/schedule" {
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
func takesFiles(path string) bool { return path == "/verify" || strings.HasPrefix(path, "/q/") }

// forUsers sends whoever is not signed in to the sign-in page, and back.
func (s *Server) forUsers(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if v := visitOf(r.Context()); v.user != nil {
			var err error
			if v.since, err = s.cfg.Catalog.Head(r.Context()); err != nil {
				return err
			}
			return h(w, r)
		}
		if r.Header.Get("HX-Request") != "" || r.Method != http.MethodGet {
			return newProblem(sohoa.ErrForbidden, "user.required")
		}
		http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return nil
	}
}

// forAdmins hides a page from everybody but administrators.
func (s *Server) forAdmins(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if userOf(r.Context()).Role != sohoa.UserAdmin {
			return newProblem(sohoa.ErrForbidden, "forbidden")
		}
		return h(w, r)
	}
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
