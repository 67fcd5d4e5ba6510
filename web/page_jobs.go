package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/queue"
)

// Queues says how the jobs of papers in scope stand. queue.Queue and
// queue.Postgres do.
type Queues interface {
	Standing(ctx context.Context, scope sohoa.Scope) ([]queue.Standing, error)
}

var (
	_ Queues = (*queue.Queue)(nil)
	_ Queues = (*queue.Postgres)(nil)
)

// parkedShown is how many parked documents one page lists.
const parkedShown = 50

// jobsPage is what the page of the queues shows.
type jobsPage struct {
	Jobs     []stageJobs
	Reasons  []parkedReason
	Parked   []archive.ParkedDocument
	Total    int // parked documents that the filter asks for
	Query    archive.ParkedQuery
	Agencies []sohoa.PlacedAgency
	Names    map[string]string // of agencies
	Stages   []sohoa.Stage     // where something is parked
	Next     string            // address of the page after
	Retried  int               // -1 is not
	Error    string
}

// stageJobs are the jobs of one stage.
type stageJobs struct {
	Stage                            sohoa.Stage
	Waiting, Running, Retrying, Late int
	Oldest                           time.Duration // of the first that is to do now
}

// parkedReason is why documents are parked, with how many.
type parkedReason struct {
	Stage  sohoa.Stage
	Reason string
	Words  string
	Count  int
}

func (s *Server) pageJobs(w http.ResponseWriter, r *http.Request) error {
	retried := -1
	if n, err := strconv.Atoi(r.URL.Query().Get("retried")); err == nil {
		retried = n
	}
	return s.renderJobs(w, r, http.StatusOK, jobsPage{Retried: retried})
}

// parkedQuery is what a form or an address asks for.
func parkedQuery(form url.Values) (archive.ParkedQuery, error) {
	q := archive.ParkedQuery{Agency: form.Get("agency"), Stage: sohoa.Stage(form.Get("stage")), Reason: form.Get("reason")}
	return q, q.After.UnmarshalText([]byte(form.Get("after")))
}

// queueAddress is the page that q asks for.
func queueAddress(q archive.ParkedQuery) string {
	form := url.Values{}
	for name, v := range map[string]string{"agency": q.Agency, "stage": string(q.Stage), "reason": q.Reason} {
		if v != "" {
			form.Set(name, v)
		}
	}
	if !q.After.IsZero() {
		form.Set("after", q.After.String())
	}
	return "/admin/queue?" + form.Encode()
}

func (s *Server) renderJobs(w http.ResponseWriter, r *http.Request, status int, p jobsPage) error {
	ctx := r.Context()
	var err error
	if p.Query, err = parkedQuery(r.URL.Query()); err != nil {
		return err
	}
	counts, err := s.cfg.Catalog.CountParked(ctx, scopeOf(ctx))
	if err != nil {
		return err
	}
	p.count(counts, visitOf(ctx).lang)
	p.Query.Limit = parkedShown + 1
	if p.Parked, err = s.cfg.Catalog.FindParked(ctx, scopeOf(ctx), p.Query); err != nil {
		return err
	}
	if len(p.Parked) > parkedShown {
		next := p.Query
		p.Parked = p.Parked[:parkedShown]
		next.After = p.Parked[parkedShown-1].ID
		p.Next = queueAddress(next)
	}
	if p.Jobs, err = s.jobs(ctx); err != nil {
		return err
	}
	all, err := s.agenciesInScope(ctx)
	if err != nil {
		return err
	}
	p.Agencies, p.Names = sohoa.AgencyTree(all), map[string]string{}
	for _, a := range all {
		p.Names[a.Code] = a.Name
	}
	s.render(w, r, status, "jobs", frame{Title: text(r, "jobs.title"), Body: p})
	return nil
}

// count sums up where and why documents are parked.
func (p *jobsPage) count(counts []archive.ParkedCount, lang sohoa.Lang) {
	for _, c := range counts {
		if !slices.Contains(p.Stages, c.Stage) {
			p.Stages = append(p.Stages, c.Stage)
		}
		q := p.Query
		if (q.Agency == "" || q.Agency == c.Agency) && (q.Stage == "" || q.Stage == c.Stage) && (q.Reason == "" || q.Reason == c.Reason) {
			p.Total += c.Count
		}
		at := slices.IndexFunc(p.Reasons, func(r parkedReason) bool { return r.Stage == c.Stage && r.Reason == c.Reason })
		if at < 0 {
			words := sohoa.Problem{Code: c.Reason, Args: []string{"…", "…", "…", "…"}}
			at, p.Reasons = len(p.Reasons), append(p.Reasons, parkedReason{Stage: c.Stage, Reason: c.Reason, Words: words.Text(lang)})
		}
		p.Reasons[at].Count += c.Count
	}
}

// jobs are those in scope, by stage; none where nobody knows.
func (s *Server) jobs(ctx context.Context) ([]stageJobs, error) {
	if s.cfg.Queue == nil {
		return nil, nil
	}
	standing, err := s.cfg.Queue.Standing(ctx, scopeOf(ctx))
	var all []stageJobs
	for _, st := range standing {
		if len(all) == 0 || all[len(all)-1].Stage != st.Stage {
			all = append(all, stageJobs{Stage: st.Stage})
		}
		all[len(all)-1].add(st, s.cfg.Now())
	}
	return all, err
}

func (j *stageJobs) add(st queue.Standing, now time.Time) {
	switch st.State {
	case queue.JobLater:
		j.Late += st.Count
		return // it is not late: its time is to come
	case queue.JobRunning:
		j.Running += st.Count
	case queue.JobRetrying:
		j.Retrying += st.Count
	default:
		j.Waiting += st.Count
	}
	if !st.Oldest.IsZero() {
		j.Oldest = max(j.Oldest, now.Sub(st.Oldest))
	}
}

// postRetryParked takes parked documents up again: those that are chosen, or
// all that the filter asks for, but no more than sohoa.MaxRetryAtOnce.
func (s *Server) postRetryParked(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	ids, err := s.chosenParked(r)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.cfg.Intake.Retry(r.Context(), userOf(r.Context()).Name, id); err != nil {
			return err
		}
	}
	q, err := parkedQuery(r.PostForm)
	if err != nil {
		return err
	}
	http.Redirect(w, r, queueAddress(archive.ParkedQuery{Agency: q.Agency})+"&retried="+strconv.Itoa(len(ids)), http.StatusSeeOther)
	return nil
}

func (s *Server) chosenParked(r *http.Request) ([]sohoa.DocumentID, error) {
	ctx := r.Context()
	var ids []sohoa.DocumentID
	if r.PostForm.Get("act") == "all" {
		q, err := parkedQuery(r.PostForm)
		if err != nil {
			return nil, err
		}
		q.Limit = sohoa.MaxRetryAtOnce
		found, err := s.cfg.Catalog.FindParked(ctx, scopeOf(ctx), q)
		for _, d := range found {
			ids = append(ids, d.ID)
		}
		return ids, err
	}
	for _, one := range r.PostForm["document"] {
		id, err := sohoa.ParseDocumentID(one)
		if err != nil {
			return nil, err
		}
		if _, err := archive.Owned(ctx, s.cfg.Catalog, scopeOf(ctx), id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if len(ids) > sohoa.MaxRetryAtOnce {
		ids = ids[:sohoa.MaxRetryAtOnce]
	}
	return ids, nil
}
