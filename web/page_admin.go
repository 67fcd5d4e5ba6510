package web

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"sohoa"
	"sohoa/search"
)

// journalTail is how many journal entries the administrator's page shows.
const journalTail = 10

// officePages are those with which administrators run the office.
func (s *Server) officePages() doors {
	manage, operate := sohoa.PowerManage, sohoa.PowerOperate
	d := doors{
		"GET /admin/users": {manage, s.pageUsers}, "POST /admin/users/links": {manage, s.postLinks},
		"GET /admin/agencies": {manage, s.pageAgencies}, "POST /admin/agencies": {manage, s.postAgency}, "POST /admin/agencies/{agency}": {manage, s.postAgencyChange},
		"GET /admin/procedures": {operate, s.pageProcedures}, "POST /admin/procedures": {operate, s.postProcedure},
		"GET /admin/procedures/{procedure}": {operate, s.pageProcedure}, "POST /admin/procedures/{procedure}": {operate, s.postProcedureChange},
	}
	d["GET /admin/queue"], d["POST /admin/queue/retry"] = door{manage, s.pageJobs}, door{manage, s.postRetryParked}
	d["GET /admin/health"], d["GET /admin/settings"] = door{operate, s.pageHealth}, door{operate, s.pageSettings}
	for pattern, h := range map[string]handler{
		"GET /admin/keys": s.pageKeys, "POST /admin/keys": s.postKey, "POST /admin/keys/{key}/revoke": s.postRevokeKey,
		"GET /admin/webhooks": s.pageWebhooks, "POST /admin/webhooks": s.postWebhook, "GET /admin/webhooks/{webhook}": s.pageWebhook,
		"POST /admin/webhooks/{webhook}/retry": s.postWebhookRetry, "POST /admin/webhooks/{webhook}/remove": s.postWebhookDrop,
	} {
		d[pattern] = door{operate, h}
	}
	for _, list := range []struct {
		power sohoa.Power
		what  func(*Server) importing
	}{{manage, people}, {manage, agencies}, {operate, procedures}, {operate, schedule}} {
		name := list.what(s).name
		d["GET /admin/import/"+name] = door{list.power, s.pageImport(list.what)}
		d["POST /admin/import/"+name] = door{list.power, s.postImport(list.what)}
		d["GET /admin/export/"+name] = door{list.power, s.exportList(list.what)}
	}
	return d
}

// Operates reports whether the reader sees to the whole installation.
func (f frame) Operates() bool { return f.May(string(sohoa.PowerOperate)) && f.User.Agency == "" }

// adminPage is what the administrator's page shows.
type adminPage struct {
	Parked int // documents
	States []stateCount
	Tail   []entryLine
	Chain  chainPart
	Index  *search.Health // nil where nobody knows
	Unset  int            // people who have no password yet
	Ailing []HealthPart   // what is not good, for who sees to the whole installation
}

func (s *Server) pageAdmin(w http.ResponseWriter, r *http.Request) error {
	ctx, c := r.Context(), s.cfg.Catalog
	var p adminPage
	counts, err := c.States(ctx, scopeOf(ctx))
	if err != nil {
		return err
	}
	p.States, p.Parked = orderStates(counts), counts[sohoa.StateParked]
	users, err := s.usersInScope(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if !u.Ready {
			p.Unset++
		}
	}
	if p.Tail, err = s.journalEnd(ctx); err != nil {
		return err
	}
	if p.Chain, err = s.chain(ctx); err != nil {
		return err
	}
	if s.cfg.IndexHealth != nil {
		h, err := s.cfg.IndexHealth()
		if err != nil {
			return err
		}
		p.Index = &h
	}
	if p.Ailing, err = s.ailing(ctx); err != nil {
		return err
	}
	s.render(w, r, http.StatusOK, "admin", frame{Title: text(r, "admin.title"), Live: "?", Body: p})
	return nil
}

// journalEnd are the newest entries, for who may inspect the journal of the
// whole installation.
func (s *Server) journalEnd(ctx context.Context) ([]entryLine, error) {
	if scope, err := s.scopeWith(ctx, sohoa.PowerInspect); err != nil || !scope.All {
		return nil, err
	}
	head, err := s.cfg.Catalog.Head(ctx)
	if err != nil {
		return nil, err
	}
	tail, err := s.cfg.Catalog.Entries(ctx, head-min(head, journalTail), journalTail)
	return entryLines(tail, true), err
}

// ailing is what is not good but what is counted beside it, for who sees to
// the whole installation.
func (s *Server) ailing(ctx context.Context) ([]HealthPart, error) {
	scope, err := s.scopeWith(ctx, sohoa.PowerOperate)
	if err != nil || !scope.All {
		return nil, err
	}
	return slices.DeleteFunc(s.troubles(ctx), func(p HealthPart) bool { return p.Name == "parked" }), nil
}

// userDetail is what the journal says about a change to a user.
func userDetail(act, name string) string {
	b, err := json.Marshal(map[string]string{"act": act, "user": name})
	if err != nil {
		return ""
	}
	return string(b)
}
