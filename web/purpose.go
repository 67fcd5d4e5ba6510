package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"sohoa"
	"sohoa/web/i18n"
)

// What a session remembers of the dossier at hand: the one that was opened or
// chosen last, and the paper that is looked for.
const (
	sessionDossier     = "dossier"     // Dossier.Code
	sessionRequirement = "requirement" // Requirement.Code
	sessionWords       = "words"       // Purpose.Text, in place of a dossier
)

// purposeOf is what whoever asks looks at papers for: as stated, or else what
// is at hand. It is a dossier that they may see, or work about no dossier of a
// kind that is open to them (sohoa.User.MayState), with what it names in their
// sight. Words alone are an administrator's or an inspector's, kept with masked
// numbers. Without any it is a Problem: "purpose.dossier", or for who inspects
// "purpose.inspection". Another's is "purpose.unknown", as one that is not
// there. In stated, Dossier may hold a Purpose.String, as links carry it.
func (s *Server) purposeOf(ctx context.Context, stated sohoa.Purpose) (sohoa.Purpose, error) {
	p := sohoa.Purpose{Dossier: clip(clean(stated.Dossier)), Requirement: clean(stated.Requirement), Text: clip(s.cfg.Privacy.Mask(clean(stated.Text)))}
	if p.Dossier == "" {
		return s.unstated(ctx, p.Text)
	}
	if k, ok := sohoa.ParsePurpose(p.Dossier); ok {
		return s.purposeKind(ctx, k)
	}
	known, err := s.knownPurpose(ctx, scopeOf(ctx), p)
	if !errors.Is(err, sohoa.ErrNotExist) {
		return known, err
	}
	if kind := wordsOf(userOf(ctx)); kind != "" {
		return sohoa.Purpose{Kind: kind, Text: clip(s.cfg.Privacy.Mask(strings.TrimSpace(p.String())))}, nil
	}
	return p, newProblem(sohoa.ErrInvalid, "purpose.unknown", p.Dossier)
}

// wordsOf is the kind of purpose that words of a user are; empty where words
// are not enough.
func wordsOf(u sohoa.User) sohoa.PurposeKind {
	for _, k := range []sohoa.PurposeKind{sohoa.PurposeAdministration, sohoa.PurposeInspection} {
		if u.MayState(k) {
			return k
		}
	}
	return ""
}

// unstated is the purpose at hand, with words beside it.
func (s *Server) unstated(ctx context.Context, text string) (sohoa.Purpose, error) {
	hand, err := s.atHand(ctx)
	if err != nil || hand != (sohoa.Purpose{}) {
		if text != "" {
			hand.Text = text
		}
		return hand, err
	}
	switch kind := wordsOf(userOf(ctx)); {
	case kind == sohoa.PurposeAdministration, kind == sohoa.PurposeInspection && text != "":
		return sohoa.Purpose{Kind: kind, Text: text}, nil
	case kind == sohoa.PurposeInspection:
		return sohoa.Purpose{}, newProblem(sohoa.ErrInvalid, "purpose.inspection")
	}
	return sohoa.Purpose{Text: text}, newProblem(sohoa.ErrInvalid, "purpose.dossier")
}

// purposeKind checks a purpose of a kind: that it is open to whoever asks, and
// that they may see what it names.
func (s *Server) purposeKind(ctx context.Context, p sohoa.Purpose) (sohoa.Purpose, error) {
	unknown := newProblem(sohoa.ErrInvalid, "purpose.unknown", p.String())
	if !userOf(ctx).MayState(p.Kind) {
		return p, unknown
	}
	p.Text = clip(s.cfg.Privacy.Mask(p.Text))
	id, err := sohoa.ParseSetID(p.Ref)
	switch p.Kind {
	case sohoa.PurposeInspection:
		if p.Ref != "" || p.Text == "" {
			return p, newProblem(sohoa.ErrInvalid, "purpose.inspection")
		}
		return p, nil
	case sohoa.PurposeAdministration:
		if p.Ref != "" {
			return p, unknown
		}
		return p, nil
	case sohoa.PurposeSigning:
		if err == nil {
			_, err = s.cfg.Catalog.SigningSet(ctx, scopeOf(ctx), id)
		}
	case sohoa.PurposeDisposal:
		if err == nil {
			_, err = s.cfg.Catalog.Disposal(ctx, scopeOf(ctx), id)
		}
	}
	if errors.Is(err, sohoa.ErrNotExist) || errors.Is(err, sohoa.ErrInvalid) {
		return p, unknown
	}
	return p, err
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

// viewPurpose is purposeOf for a paper that is looked at. Where nothing is
// stated and nothing is at hand, a paper that waits for the reader's signature
// is opened to sign it, and whoever works on dossiers opens one of their own
// office for its dossier.
func (s *Server) viewPurpose(ctx context.Context, doc sohoa.Document, stated string) (sohoa.Purpose, error) {
	if clean(stated) != "" {
		return s.purposeOf(ctx, sohoa.Purpose{Dossier: stated})
	}
	hand, err := s.atHand(ctx)
	if err != nil || hand != (sohoa.Purpose{}) {
		return hand, err
	}
	u := userOf(ctx)
	if doc.Set != "" && u.May(sohoa.PowerSign) {
		item, err := s.cfg.Catalog.DocumentItem(ctx, doc.ID)
		if err == nil && item.Signer == u.Name {
			return sohoa.Purpose{Kind: sohoa.PurposeSigning, Ref: string(item.Set)}, nil
		}
		if otherThanMissing(err) != nil {
			return sohoa.Purpose{}, err
		}
	}
	if works(u) {
		_, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), doc.Dossier)
		if err == nil || otherThanMissing(err) != nil {
			return sohoa.Purpose{Dossier: doc.Dossier}, err
		}
	}
	return s.unstated(ctx, "")
}

// works reports whether a user's work is dossiers.
func works(u sohoa.User) bool {
	return (u.May(sohoa.PowerWork) || u.May(sohoa.PowerReuse) || u.May(sohoa.PowerSign)) && !u.May(sohoa.PowerManage)
}

// atHand is the dossier at hand, or the words; none where the reader may not
// see it any more.
func (s *Server) atHand(ctx context.Context) (sohoa.Purpose, error) {
	if words := s.sessions.GetString(ctx, sessionWords); words != "" {
		if kind := wordsOf(userOf(ctx)); kind != "" {
			return sohoa.Purpose{Kind: kind, Text: words}, nil
		}
		return sohoa.Purpose{}, nil
	}
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
	for key, value := range map[string]string{sessionDossier: dossier, sessionRequirement: requirement, sessionWords: ""} {
		if s.sessions.GetString(ctx, key) != value {
			s.sessions.Put(ctx, key, value)
		}
	}
}

// postAtHand chooses the dossier at hand, or words for who needs none, or puts
// them away, and goes back.
func (s *Server) postAtHand(w http.ResponseWriter, r *http.Request) error {
	code := clip(clean(r.PostFormValue("dossier")))
	if words := clip(s.cfg.Privacy.Mask(clean(r.PostFormValue("words")))); words != "" && code == "" {
		if wordsOf(userOf(r.Context())) == "" {
			return newProblem(sohoa.ErrInvalid, "purpose.dossier")
		}
		s.takeUp(r.Context(), "", "")
		s.sessions.Put(r.Context(), sessionWords, words)
		http.Redirect(w, r, localPath(r.PostFormValue("next")), http.StatusSeeOther)
		return nil
	}
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

// aim is a purpose of the journal as people read it: the name of its kind
// first.
func aim(lang sohoa.Lang, purpose string) string {
	p, ok := sohoa.ParsePurpose(purpose)
	if !ok {
		return purpose
	}
	s := i18n.Text(lang, "purpose-kind."+string(p.Kind))
	if more := strings.TrimSpace(p.Ref + " " + p.Text); more != "" {
		s += ": " + more
	}
	return s
}
