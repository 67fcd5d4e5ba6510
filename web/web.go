// Package web is what people and programs see of the service: the HTTP API
// under /api/v1, described by /openapi.json, and the pages.
//
// Guarantees. Who asks is decided once, where a request comes in; what they
// may see is part of every query, and what they may not see is answered like
// what does not exist. Every view, download, search and sign-in stands in the
// journal before its answer leaves. Uploads stream to the archive and are
// answered when they are durable. No page has inline script or style, and
// none loads anything from elsewhere; the content security policy says so on
// every answer. All text that came from people or papers is escaped.
package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
	"sohoa/search"
	"sohoa/signing/validation"
)

// Config is what a Server is made of. Every field without "optional" must be
// set.
type Config struct {
	TwoCopies bool // optional: everything is kept in a second store too, and pages show how far

	Catalog       archive.Catalog
	Sessions      scs.Store // keeps sessions; archive/sqlite has one
	Intake        Intake
	Index         Searcher
	Privacy       search.Privacy                     // of the index: by it the journal notes identity numbers
	IndexHealth   func() (search.Health, error)      // optional; without it pages do not say how the index is
	Queue         Queues                             // optional; without it pages do not say what waits
	Health        func(context.Context) []HealthPart // optional; how the parts are that the server does not know itself
	Settings      []Setting                          // optional; shown to who sees to the installation
	Hooks         HookDesk                           // optional; without it webhooks are not entered here
	Verify        VerifyFunc
	Desk          SigningDesk      // optional; without it nobody signs here
	Giver         Giver            // optional; without it nothing is given out in packages and copies
	Tool          string           // optional; WebSocket address of the token tool on people's machines, see signingTool
	Journal       JournalVerifier  // optional; without it the journal is not verified here
	Reuse         ingest.ReuseDesk // optional; without it nothing that is held takes the place of papers
	PublicURL     string           // optional; where people and programs reach the service, for links; none is the address that they used
	Log           *slog.Logger     // optional; discards
	Now           func() time.Time // optional; the clock
	Version       string           // optional; shown at the foot of pages
	SecureCookies bool             // cookies only over HTTPS; set it wherever there is TLS

	SignOn         *SignOn        // optional; another place where people sign in
	SecondFactor   SecondFactor   // optional; who must have one, nobody if empty
	FactorKey      []byte         // optional; 32 bytes that encrypt what is kept of second factors; a secret in the catalogue if empty
	TrustedProxies []netip.Prefix // optional; proxies that are believed about where requests come from
}

// Intake takes files in and gives stored ones out. ingest.Service is one.
type Intake interface {
	Accept(ctx context.Context, r ingest.Request) (doc sohoa.Document, existing bool, err error)
	Retry(ctx context.Context, actor string, id sohoa.DocumentID) error
	Arranger
	ingest.PaperDesk
	Open(ctx context.Context, id sohoa.DocumentID, role sohoa.Role, page int) (archive.Blob, sohoa.File, error)
}

var _ Intake = (*ingest.Service)(nil)

// Arranger puts the pages of documents in order before they are signed.
// ingest.Service is one, and describes the methods.
type Arranger interface {
	Hold(ctx context.Context, actor string, id sohoa.DocumentID) error
	Release(ctx context.Context, actor string, id sohoa.DocumentID) error
	Arrangement(ctx context.Context, id sohoa.DocumentID) (sohoa.Arrangement, error)
	Arrange(ctx context.Context, actor string, want sohoa.Arrangement) (sohoa.Arrangement, error)
	Split(ctx context.Context, actor string, from sohoa.Arrangement, after int) (sohoa.Document, error)
	Undo(ctx context.Context, actor string, a sohoa.Arrangement) (sohoa.Arrangement, error)
	OpenLeaf(ctx context.Context, id sohoa.DocumentID, ref sohoa.PageRef) (archive.Blob, sohoa.File, error)
}

// SigningDesk is where people sign. ingest.Service is one, and describes the
// methods.
type SigningDesk = ingest.SigningDesk

// Searcher finds pages by their words.
type Searcher interface {
	Search(ctx context.Context, q search.Query) (search.Results, error)
}

// VerifyFunc checks the signatures of a PDF.
type VerifyFunc func(ctx context.Context, r io.ReaderAt, size int64) (*validation.Report, error)

// Server answers requests. It is safe for concurrent use.
type Server struct {
	cfg      Config
	sessions *scs.SessionManager
	pages    pageSet
	records  Records            // nil where nobody decides about what is kept
	confirms ingest.ConfirmDesk // nil where nobody confirms fields
	counts   ingest.FiguresDesk // nil where nothing is counted
	samples  ingest.SampleDesk  // nil where no samples are drawn
	static   *assets
	handler  http.Handler

	signIns  guesses       // at passwords
	codes    guesses       // at codes
	signOn   *signOn       // nil where there is none
	starts   *limiter      // sign-ins that are begun by passkey or sign-on, by address
	strange  *limiter      // failed sign-ins of unknown users in the journal, by address
	checks   *limiter      // signature checks of people who are not signed in, by address
	lookups  *limiter      // lookups of printed copies, by address
	statuses *limiter      // wrong digits of people who ask how far a dossier is, by address
	guesses  *limiter      // and by dossier
	keyFails *limiter      // keys that are refused, by address
	keyCalls *limiter      // requests, by key
	persons  *limiter      // look-ups that miss their owner, and changes of owners, by key
	hashing  chan struct{} // bounds password hashing at a time
	verify   chan struct{} // bounds signature checks at a time
	reads    *limiter      // papers that are opened, by person; reading copies by address
	pictures *limiter      // pictures and files that are fetched, by person
	helds    *limiter      // look-ups of what is held, by who asks
	secrets  sync.Map      // of the installation, by name
	verdicts *verdicts
	doors    map[string]sohoa.Power // what each page needs, by its pattern; written before requests come
	seen     *recent                // views that stand in the journal already
	news     *news                  // what happens, for event streams
	pulse    pulse

	ended context.Context // over when Close was called
	end   context.CancelFunc
}

// New makes a server.
func New(cfg Config) (*Server, error) {
	if cfg.Catalog == nil || cfg.Sessions == nil || cfg.Intake == nil || cfg.Index == nil || cfg.Verify == nil {
		return nil, errors.New("web: Catalog, Sessions, Intake, Index and Verify must be set")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Tool == "" {
		cfg.Tool = signingTool
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Server{
		cfg:      cfg,
		doors:    map[string]sohoa.Power{},
		signIns:  newGuesses(cfg.Now, userBurst, userEvery),
		codes:    newGuesses(cfg.Now, codeBurst, codeEvery),
		starts:   newLimiter(cfg.Now, startBurst, startEvery),
		strange:  newLimiter(cfg.Now, signInBurst, signInEvery),
		checks:   newLimiter(cfg.Now, checkBurst, checkEvery),
		lookups:  newLimiter(cfg.Now, lookupBurst, lookupEvery),
		statuses: newLimiter(cfg.Now, statusBurst, statusEvery),
		guesses:  newLimiter(cfg.Now, guessesBurst, guessesEvery),
		keyFails: newLimiter(cfg.Now, keyFailBurst, keyFailEvery),
		keyCalls: newLimiter(cfg.Now, keyFailBurst, keyFailEvery),
		persons:  newLimiter(cfg.Now, personBurst, personEvery),
		helds:    newLimiter(cfg.Now, heldBurst, heldEvery),
		reads:    perMinute(cfg.Now, sohoa.MaxReadsAMinute),
		pictures: perMinute(cfg.Now, sohoa.MaxPicturesAMinute),
		hashing:  make(chan struct{}, hashesAtOnce),
		verify:   make(chan struct{}, checksAtOnce),
		verdicts: &verdicts{now: cfg.Now, found: map[sohoa.Digest]*validation.Report{}},
		seen:     newRecent(cfg.Now, viewAgain),
	}
	s.ended, s.end = context.WithCancel(context.Background())
	s.news = newNews(s)
	s.records, _ = cfg.Intake.(Records)
	s.counts, _ = cfg.Intake.(ingest.FiguresDesk)
	s.samples, _ = cfg.Intake.(ingest.SampleDesk)
	s.confirms, _ = cfg.Intake.(ingest.ConfirmDesk)
	s.sessions = s.newSessions()
	if cfg.SignOn != nil {
		if err := CheckSignOn(*cfg.SignOn); err != nil {
			return nil, err
		}
		s.signOn = newSignOn(*cfg.SignOn, cfg.Now)
	}
	var err error
	if s.static, err = loadAssets(); err != nil {
		return nil, err
	}
	if s.pages, err = s.parsePages(); err != nil {
		return nil, err
	}
	s.handler = s.routes()
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close ends the event streams, which would keep http.Server.Shutdown
// waiting. Give it to http.Server.RegisterOnShutdown.
func (s *Server) Close() { s.end() }

// routes puts the handlers together. From the outside in: panics, security
// headers, language, refusal of requests from other sites, then either the key
// of a program, or session and user.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	s.registerAPI(mux)
	s.registerPages(mux)
	s.registerTool(mux)

	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, newProblem(sohoa.ErrForbidden, "request.cross-origin"))
	}))
	app := s.sessions.LoadAndSave(s.identify(s.refusals(mux)))

	outer := http.NewServeMux()
	outer.Handle("GET /static/", s.static)
	programs := s.onlyAPI(s.refusals(s.idempotent(mux)))
	outer.Handle("/", compressed(s.greet(cross.Handler(s.byKey(programs, app)))))
	return s.guard(outer)
}
