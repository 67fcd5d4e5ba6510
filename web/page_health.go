package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
)

// healthLinks are where something is done about a part.
var healthLinks = map[string]string{
	"store.first": "/archive", "store.second": "/archive", "fixity": "/archive", "behind": "/archive", "queue": "/admin/queue", "parked": "/admin/queue",
	"webhook": "/admin/webhooks", "workers": "/admin/queue",
}

// Link is where something is done about it, if anywhere.
func (p HealthPart) Link() string { return healthLinks[p.Name] }

func (s *Server) pageHealth(w http.ResponseWriter, r *http.Request) error {
	parts := s.health(r.Context())
	s.render(w, r, http.StatusOK, "health", frame{Title: text(r, "health.title"), Body: parts})
	return nil
}

// troubles are the parts of health that are not good, the worst first.
func (s *Server) troubles(ctx context.Context) []HealthPart {
	parts := slices.DeleteFunc(s.health(ctx), func(p HealthPart) bool { return p.State == HealthGood })
	slices.SortStableFunc(parts, func(a, b HealthPart) int {
		return rank(b.State) - rank(a.State)
	})
	return parts
}

func rank(s HealthState) int {
	return map[HealthState]int{HealthWarn: 1, HealthBad: 2}[s]
}

// getHealthz tells whatever watches the service whether it works, and nothing
// else.
func (s *Server) getHealthz(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if !s.pulse.beat(s.cfg.Now(), func() bool { return s.works(r.Context()) }) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("not ok\n"))
		return nil
	}
	_, _ = w.Write([]byte("ok\n"))
	return nil
}

func (s *Server) registerHealth(api huma.API) {
	op := operation("get-health", http.MethodGet, "/health", "How the parts of the installation are: stores, index, queue, certificates, disk; for those who see to it")
	op.Errors = []int{http.StatusForbidden}
	huma.Register(api, op, s.apiHealth)
}

// HealthView is how one part of the installation is, for programs.
type HealthView struct {
	Name    string      `json:"name" doc:"database, store.first, store.second, behind, fixity, index, queue, parked, webhook, disk, certificate, tsa, workers, backup."`
	Of      string      `json:"of,omitempty" doc:"Which one, where there are several."`
	State   HealthState `json:"state" enum:"good,warn,bad"`
	Value   string      `json:"value,omitempty" doc:"A figure: entries, pages, jobs, bytes, processes."`
	At      time.Time   `json:"at,omitzero" doc:"The end of a certificate, the last answer, since when."`
	Code    string      `json:"code,omitempty" doc:"Why it is not good, for programs."`
	Because string      `json:"because,omitempty" doc:"Why, for people."`
}

type healthOutput struct {
	Body struct {
		State HealthState  `json:"state" enum:"good,warn,bad" doc:"The worst of the parts."`
		Parts []HealthView `json:"parts"`
	}
}

func (s *Server) apiHealth(ctx context.Context, _ *struct{}) (*healthOutput, error) {
	out := &healthOutput{}
	out.Body.State, out.Body.Parts = HealthGood, []HealthView{}
	for _, p := range s.health(ctx) {
		v := HealthView{Name: p.Name, Of: p.Of, State: p.State, Value: p.Value, At: p.At}
		if p.Problem != nil {
			v.Code, v.Because = p.Problem.Code, p.Problem.Text(visitOf(ctx).lang)
		}
		if rank(p.State) > rank(out.Body.State) {
			out.Body.State = p.State
		}
		out.Body.Parts = append(out.Body.Parts, v)
	}
	return out, nil
}

// Setting is one of the settings of the program.
type Setting struct {
	Name     string
	Variable string // of the environment
	Meaning  string
	Default  string
	Value    string // of a secret, "(set)" or nothing
	From     string // flag, variable, file, default
}

func (s *Server) pageSettings(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Settings == nil {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	s.render(w, r, http.StatusOK, "settings", frame{Title: text(r, "settings.title"), Body: s.cfg.Settings})
	return nil
}
