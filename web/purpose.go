package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"sohoa"
)

// What a session remembers of the dossier at hand: the one that was opened or
// chosen last, and the paper that is looked for.
const (
	sessionDossier     = "dossier"     // Dossier.Code
	sessionRequirement = "requirement" // Requirement.Code
)

// purposeOf is what whoever asks looks at papers for: as stated, or else the
// dossier at hand. A clerk's purpose is a dossier that they may see; without
// one it is the Problem "purpose.dossier", and another's is "purpose.unknown",
// as one that is not there. Administrators may look without, or for a purpose
// in words, kept with masked numbers. In stated, Dossier may hold a Purpose.String,
// as links carry it.
func (s *Server) purposeOf(ctx context.Context, stated sohoa.Purpose) (sohoa.Purpose, error) {
	p := sohoa.Purpose{Dossier: clip(clean(stated.Dossier)), Requirement: clean(stated.Requirement), Text: clip(s.cfg.Privacy.Mask(clean(stated.Text)))}
	if p.Dossier == "" {
		hand, err := s.atHand(ctx)
		if err != nil {
			return p, err
		}
		hand.Text = p.Text
		if hand.Dossier == "" && !scopeOf(ctx).All {
			return p, newProblem(sohoa.ErrInvalid, "purpose.dossier")
		}
		return hand, nil
	}
	known, err := s.knownPurpose(ctx, scopeOf(ctx), p)
	if !errors.Is(err, sohoa.ErrNotExist) {
		return known, err
	}
	if scopeOf(ctx).All {
		return sohoa.Purpose{Text: clip(s.cfg.Privacy.Mask(strings.TrimSpace(p.String())))}, nil
	}
	return p, newProblem(sohoa.ErrInvalid, "purpose.unknown", p.Dossier)
}

// knownPurpose finds within a scope the dossier of a purpose, and the paper it
// asks for. Codes may hold slashes, so a purpose in one piece is cut at each
// of them.
func (s *Server) knownPurpose(ctx context.Context, scope sohoa.Scope, p sohoa.Purpose) (sohoa.Purpose, error) {
	d, err := s.cfg.Catalog.Dossier(ctx, scope, p.Dossier)
	if err == nil && p.Requirement != "" {
		if _, asked, err := s.requirement(ctx, d, p.Requirement); err != nil || !asked {
			return p, errors.Join(err, newProblem(sohoa.ErrInvalid, "purpose.requirement", d.Code, p.Requirement))
		}
	}
	if !errors.Is(err, sohoa.ErrNotExist) || p.Requirement != "" {
		return p, err
	}
	for i := strings.LastIndexByte(p.Dossier, '/'); i > 0; i = strings.LastIndexByte(p.Dossier[:i], '/') {
		d, err := s.cfg.Catalog.Dossier(ctx, scope, p.Dossier[:i])
		if errors.Is(err, sohoa.ErrNotExist) {
			continue
		}
		if err != nil {
			return p, err
		}
		code, text, _ := strings.Cut(p.Dossier[i+1:], " ")
		if _, asked, err := s.requirement(ctx, d, code); asked || err != nil {
			return sohoa.Purpose{Dossier: d.Code, Requirement: code, Text: strings.TrimSpace(text + " " + p.Text)}, err
		}
	}
	return p, newProblem(sohoa.ErrNotExist, "dossier.unknown", p.Dossier)
}

// discreet takes out of the history of a document what names dossiers that the
// reader may not see: those for which other agencies looked at it or use it.
func (s *Server) discreet(ctx context.Context, entries []sohoa.Entry) ([]sohoa.Entry, error) {
	scope := scopeOf(ctx)
	if scope.All {
		return entries, nil
	}
	hidden := map[string]bool{"": false}
	hides := func(text string) (bool, error) {
		h, known := hidden[text]
		if known {
			return h, nil
		}
		p, err := s.knownPurpose(ctx, sohoa.Everything, sohoa.Purpose{Dossier: text})
		if err == nil {
			_, err = s.cfg.Catalog.Dossier(ctx, scope, p.Dossier)
			hidden[text] = errors.Is(err, sohoa.ErrNotExist)
		}
		return hidden[text], otherThanMissing(err)
	}
	for i := range entries {
		e := &entries[i]
		dossier, err1 := hides(e.Dossier)
		purpose, err2 := hides(e.Purpose)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		if dossier {
			e.Dossier, e.Detail = "", ""
		}
		if purpose {
			e.Purpose = ""
		}
	}
	return entries, nil
}

// requirement finds a paper that the procedure of a dossier asks for.
func (s *Server) requirement(ctx context.Context, d sohoa.Dossier, code string) (sohoa.Requirement, bool, error) {
	p, err := s.procedure(ctx, d.Procedure)
	r, asked := p.Requirement(code)
	return r, asked, err
}

// procedure finds a procedure by its code; one that is not there asks for
// nothing.
func (s *Server) procedure(ctx context.Context, code string) (sohoa.Procedure, error) {
	p, err := s.cfg.Catalog.Procedure(ctx, code)
	if errors.Is(err, sohoa.ErrNotExist) {
		return sohoa.Procedure{Code: code, Name: code}, nil
	}
	return p, err
}

// viewPurpose is purposeOf for a paper that is looked at. Nobody has to say
// what for who opens a paper of a dossier of their own office: for that one.
func (s *Server) viewPurpose(ctx context.Context, doc sohoa.Document, stated string) (sohoa.Purpose, error) {
	p, err := s.purposeOf(ctx, sohoa.Purpose{Dossier: stated})
	if err == nil || clean(stated) != "" {
		return p, err
	}
	if _, missing := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), doc.Dossier); missing == nil {
		return sohoa.Purpose{Dossier: doc.Dossier}, nil
	}
	return p, err
}

// atHand is the dossier at hand; none where the reader may not see it any
// more.
func (s *Server) atHand(ctx context.Context) (sohoa.Purpose, error) {
	p := sohoa.Purpose{Dossier: s.sessions.GetString(ctx, sessionDossier), Requirement: s.sessions.GetString(ctx, sessionRequirement)}
	if p.Dossier == "" {
		return sohoa.Purpose{}, nil
	}
	_, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), p.Dossier)
	if errors.Is(err, sohoa.ErrNotExist) {
		return sohoa.Purpose{}, nil
	}
	return p, err
}

// takeUp makes a dossier that the reader may see the one at hand; none if its
// code is empty.
func (s *Server) takeUp(ctx context.Context, dossier, requirement string) {
	for key, value := range map[string]string{sessionDossier: dossier, sessionRequirement: requirement} {
		if s.sessions.GetString(ctx, key) != value {
			s.sessions.Put(ctx, key, value)
		}
	}
}

// postAtHand chooses the dossier at hand, or puts it away, and goes back.
func (s *Server) postAtHand(w http.ResponseWriter, r *http.Request) error {
	code := clip(clean(r.PostFormValue("dossier")))
	if code != "" {
		if _, err := s.cfg.Catalog.Dossier(r.Context(), scopeOf(r.Context()), code); errors.Is(err, sohoa.ErrNotExist) {
			return newProblem(sohoa.ErrInvalid, "purpose.unknown", code)
		} else if err != nil {
			return err
		}
	}
	s.takeUp(r.Context(), code, "")
	http.Redirect(w, r, localPath(r.PostFormValue("next")), http.StatusSeeOther)
	return nil
}
