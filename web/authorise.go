package web

import (
	"context"
	"net/http"
	"net/url"

	"sohoa"
	"sohoa/archive"
)

// anybodyIn is what pages need that are for whoever is signed in.
const anybodyIn sohoa.Power = ""

// everybody is the power of pages for whoever comes, signed in or not.
const everybody sohoa.Power = "*"

// door is a page, with the power that its reader needs.
type door struct {
	power sohoa.Power
	serve handler
}

// doors are pages by their patterns.
type doors map[string]door

// authorise is where every request of a person passes: it decides whether they
// may do what needs a power, and what they may do it to, which scopeOf gives to
// every query from then on.
func (s *Server) authorise(ctx context.Context, power sohoa.Power) error {
	v := visitOf(ctx)
	if v.user == nil {
		return newProblem(sohoa.ErrForbidden, "user.required")
	}
	if v.key != nil {
		v.scope = v.key.Scope()
		return nil
	}
	sees := power
	if power == anybodyIn {
		sees = sohoa.PowerRead
	}
	var err error
	if v.scope, err = archive.ScopeOf(ctx, s.cfg.Catalog, *v.user, sees); err != nil {
		return err
	}
	if power != anybodyIn && !v.user.May(power) || power.Whole() && !v.scope.All {
		return newProblem(sohoa.ErrForbidden, "forbidden")
	}
	return nil
}

// scopeWith is where whoever is signed in has another power than the one that
// let them in; nowhere without it.
func (s *Server) scopeWith(ctx context.Context, power sohoa.Power) (sohoa.Scope, error) {
	if v := visitOf(ctx); v.user != nil && v.key == nil {
		return archive.ScopeOf(ctx, s.cfg.Catalog, *v.user, power)
	}
	return scopeOf(ctx), nil
}

// may reports whether whoever is signed in has a power over the things of an
// agency.
func (s *Server) may(ctx context.Context, power sohoa.Power, agency string) (bool, error) {
	scope, err := s.scopeWith(ctx, power)
	return scope.Includes(agency), err
}

// mayOver is may for a document.
func (s *Server) mayOver(ctx context.Context, power sohoa.Power, doc sohoa.Document) (bool, error) {
	scope, err := s.scopeWith(ctx, power)
	if err != nil || scope.All || len(scope.Agencies) == 0 {
		return scope.All, err
	}
	_, err = s.cfg.Catalog.Dossier(ctx, scope, doc.Dossier)
	return err == nil, otherThanMissing(err)
}

// managed returns a user whom whoever asks looks after; another is answered
// like one that is not there. Those of the whole installation are looked after
// by their like.
func (s *Server) managed(ctx context.Context, name string) (sohoa.User, error) {
	u, err := s.cfg.Catalog.User(ctx, name)
	if err != nil {
		return u, err
	}
	in, err := s.may(ctx, sohoa.PowerManage, u.Agency)
	if err == nil && !in {
		err = newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	return u, err
}

// behind serves a page to who may see it; others are sent to the sign-in page
// and back, or refused.
func (s *Server) behind(d door) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v := visitOf(r.Context())
		if v.user == nil && r.Header.Get("HX-Request") == "" && r.Method == http.MethodGet && !isFile(r.URL.Path) {
			http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return nil
		}
		if err := s.authorise(r.Context(), d.power); err != nil {
			return err
		}
		var err error
		if v.since, err = s.cfg.Catalog.Head(r.Context()); err != nil {
			return err
		}
		return d.serve(w, r)
	}
}

// ajar serves a page to everybody; who is signed in sees what they may read.
func (s *Server) ajar(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if visitOf(r.Context()).user != nil {
			if err := s.authorise(r.Context(), anybodyIn); err != nil {
				return err
			}
		}
		return h(w, r)
	}
}

// operationPowers are the operations that people call, with the power that
// each needs. Those that need no session are in none.
var operationPowers = map[string]sohoa.Power{
	"list-dossiers": sohoa.PowerRead, "get-dossier": sohoa.PowerRead, "create-dossier": sohoa.PowerWork, "put-dossier": sohoa.PowerWork,
	"end-dossier":  sohoa.PowerWork,
	"add-document": sohoa.PowerWork, "list-documents": sohoa.PowerRead, "get-document": sohoa.PowerRead, "list-pages": sohoa.PowerRead,
	"document-history": sohoa.PowerRead, "retry-document": sohoa.PowerWork, "events": anybodyIn,
	"get-file": sohoa.PowerRead, "get-page-image": sohoa.PowerRead, "get-page-thumb": sohoa.PowerRead, "get-page-text": sohoa.PowerRead,
	"get-text": sohoa.PowerRead,

	"get-arrangement": sohoa.PowerRead, "get-leaf-thumb": sohoa.PowerRead, "put-arrangement": sohoa.PowerWork, "split-document": sohoa.PowerWork,
	"undo-arrangement": sohoa.PowerWork, "hold-document": sohoa.PowerWork, "release-document": sohoa.PowerWork,

	"get-fields": sohoa.PowerRead, "put-fields": sohoa.PowerWork,

	"export": sohoa.PowerGive, "copy-document": sohoa.PowerGive, "issue-reading-copy": sohoa.PowerGive,

	"search": sohoa.PowerRead, "post-search": sohoa.PowerRead, "suggest": sohoa.PowerRead, "list-saved-searches": anybodyIn,
	"save-search": anybodyIn, "delete-saved-search": anybodyIn,

	"list-papers": sohoa.PowerRead, "list-held": sohoa.PowerReuse, "accept-reuse": sohoa.PowerReuse, "decline-reuse": sohoa.PowerReuse,
	"list-reuses": sohoa.PowerRead, "get-reuse": sohoa.PowerRead, "end-reuse": sohoa.PowerReuse, "see-loss": sohoa.PowerReuse,
	"put-omission": sohoa.PowerWork, "delete-omission": sohoa.PowerWork, "assign-document": sohoa.PowerWork, "expect-pages": sohoa.PowerWork,
	"reuse-figures": sohoa.PowerFigures, "figures": sohoa.PowerFigures, "national-held": sohoa.PowerReuse,

	"list-sets": sohoa.PowerRead, "get-set": sohoa.PowerRead, "create-set": sohoa.PowerSign, "sign-set": sohoa.PowerSign, "refuse": sohoa.PowerSign,
	"withdraw": sohoa.PowerSign, "delegate": sohoa.PowerSign, "put-place": sohoa.PowerSign, "delete-place": sohoa.PowerSign, "open-tool": sohoa.PowerSign,
	"prepare-signature": sohoa.PowerSign, "complete-signature": sohoa.PowerSign, "cancel-signature": sohoa.PowerSign,

	"get-schedule": sohoa.PowerRead, "set-schedule": sohoa.PowerOperate,
	"list-due": sohoa.PowerDispose, "list-disposals": sohoa.PowerDispose, "propose-disposal": sohoa.PowerDispose, "get-disposal": sohoa.PowerDispose,
	"decide-disposal": sohoa.PowerDispose, "approve-disposal": sohoa.PowerDispose, "withdraw-disposal": sohoa.PowerDispose, "get-certificate": sohoa.PowerDispose,

	"revoke-document": sohoa.PowerDecide, "reinstate-document": sohoa.PowerDecide, "replace-document": sohoa.PowerDecide, "set-validity": sohoa.PowerDecide,
	"set-type": sohoa.PowerDecide, "hold-legally": sohoa.PowerDecide, "set-retention": sohoa.PowerDispose, "lift-hold": sohoa.PowerDispose,

	"list-webhooks": sohoa.PowerOperate, "list-deliveries": sohoa.PowerOperate, "retry-webhook": sohoa.PowerOperate,
	"get-health": sohoa.PowerOperate,
}
