package queue_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/ingest/queue"
)

func TestStandingCountsJobsInScope(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) opened{
		"sqlite":   openSQLite,
		"postgres": func(t *testing.T) opened { return openPostgres(t, archivetest.StartPostgres(t).Database(t), lease) },
	} {
		t.Run(name, func(t *testing.T) { testStanding(t, open(t)) })
	}
}

func testStanding(t *testing.T, o opened) {
	now := time.Now()
	a, b := sohoa.NewDocumentID(now), sohoa.NewDocumentID(now.Add(time.Millisecond))
	err := o.Update(t.Context(), func(tx archive.Tx) error {
		for id, agency := range map[sohoa.DocumentID]string{a: "A", b: "B"} {
			if err := tx.PutDossier(sohoa.Dossier{Code: "H-" + agency, Agency: agency, CreatedAt: now}); err != nil {
				return err
			}
			doc := sohoa.Document{ID: id, Dossier: "H-" + agency, Digest: sohoa.Sum([]byte(agency)), State: sohoa.StateReading, AcceptedAt: now}
			if err := tx.PutDocument(doc); err != nil {
				return err
			}
		}
		return tx.Enqueue(archive.Job{Stage: sohoa.StageRead, Document: a, Page: 1}, archive.Job{Stage: sohoa.StageRead, Document: a, Page: 2},
			archive.Job{Stage: sohoa.StageSplit, Document: b}, archive.Job{Stage: sohoa.StageStamp, Document: b, After: now.Add(time.Hour)},
			archive.Job{Stage: sohoa.StageRecord, Document: sohoa.NewDocumentID(now.Add(time.Second))})
	})
	if err != nil {
		t.Fatal(err)
	}
	q := o.queue.(interface {
		Standing(ctx context.Context, scope sohoa.Scope) ([]queue.Standing, error)
	})
	for name, tt := range map[string]struct {
		scope sohoa.Scope
		want  []queue.Standing
	}{
		"everything": {sohoa.Everything, []queue.Standing{{Stage: sohoa.StageRead, State: queue.JobWaiting, Count: 2}, {Stage: sohoa.StageRecord, State: queue.JobWaiting, Count: 1},
			{Stage: sohoa.StageSplit, State: queue.JobWaiting, Count: 1}, {Stage: sohoa.StageStamp, State: queue.JobLater, Count: 1}}},
		"A":       {sohoa.Scope{Agencies: []string{"A"}}, []queue.Standing{{Stage: sohoa.StageRead, State: queue.JobWaiting, Count: 2}}},
		"nothing": {sohoa.Scope{}, nil},
	} {
		got, err := q.Standing(t.Context(), tt.scope)
		for i := range got {
			if age := time.Since(got[i].Oldest); age < -time.Minute || age > time.Hour {
				t.Errorf("%s: the oldest %s is of %v", name, got[i].Stage, got[i].Oldest)
			}
			got[i].Oldest = time.Time{}
		}
		if d := cmp.Diff(tt.want, got); err != nil || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, d)
		}
	}
}
