package web

import (
	"context"
	"net/http"
	"slices"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// Keeping is how the copies of what is kept stand, and what is done about it.
type Keeping interface {
	Copies(ctx context.Context) (ingest.CopiesState, error)
	// RepairCopies begins to repair what the open findings are about.
	RepairCopies(ctx context.Context, actor string) error
	// AdoptSecond takes the second store as it is now for the second copy.
	AdoptSecond(ctx context.Context, actor string) error
}

// archivePage is what the page about the copies shows.
type archivePage struct {
	ingest.CopiesState
	Lang  sohoa.Lang
	Begun bool // a repair was begun just now
	Adopt bool // the second store is another one than before

	Backup *HealthPart // how the last daily back-up ended; nil where there are none
}

// Last is the newest pass over a copy that came to its end.
func (p archivePage) Last(c ingest.CopyState) *archive.FixityPass {
	for _, pass := range c.Passes {
		if !pass.Ended.IsZero() {
			return &pass
		}
	}
	return nil
}

// Todo are phrases that say what is to be done.
func (p archivePage) Todo() []string {
	var todo []string
	for _, one := range []struct {
		so  bool
		key string
	}{{!p.Second, "archive.todo-second"}, {p.Adopt, "archive.todo-adopt"}, {p.Overdue > 0, "archive.todo-behind"}, {p.Open > 0, "archive.todo-repair"},
		{slices.ContainsFunc(p.Copies, func(c ingest.CopyState) bool { return c.Overdue }), "archive.todo-read"}} {
		if one.so {
			todo = append(todo, one.key)
		}
	}
	return todo
}

func (s *Server) copyKeeper() (Keeping, error) {
	if k, ok := s.cfg.Intake.(Keeping); ok {
		return k, nil
	}
	return nil, newProblem(sohoa.ErrNotExist, "path.unknown")
}

func (s *Server) pageArchive(w http.ResponseWriter, r *http.Request) error {
	k, err := s.copyKeeper()
	if err != nil {
		return err
	}
	state, err := k.Copies(r.Context())
	if err != nil {
		return err
	}
	p := archivePage{CopiesState: state, Lang: visitOf(r.Context()).lang, Begun: r.URL.Query().Has("begun")}
	for _, c := range state.Copies {
		p.Adopt = p.Adopt || c.Problem != nil && c.Problem.Code == "copy.other-store"
	}
	if s.cfg.Health != nil {
		parts := s.cfg.Health(r.Context())
		if i := slices.IndexFunc(parts, func(h HealthPart) bool { return h.Name == "backup" }); i >= 0 {
			p.Backup = &parts[i]
		}
	}
	s.render(w, r, http.StatusOK, "archive", frame{Title: text(r, "archive.title"), Body: p})
	return nil
}

func (s *Server) postRepair(w http.ResponseWriter, r *http.Request) error {
	return s.keepingAct(w, r, Keeping.RepairCopies)
}

func (s *Server) postAdopt(w http.ResponseWriter, r *http.Request) error {
	return s.keepingAct(w, r, Keeping.AdoptSecond)
}

func (s *Server) keepingAct(w http.ResponseWriter, r *http.Request, act func(Keeping, context.Context, string) error) error {
	k, err := s.copyKeeper()
	if err != nil {
		return err
	}
	if err := act(k, r.Context(), userOf(r.Context()).Name); err != nil {
		return err
	}
	http.Redirect(w, r, "/archive?begun", http.StatusSeeOther)
	return nil
}
