package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sohoa"
)

// JobState is how a job stands.
type JobState string

// The states of jobs whose work is to do.
const (
	JobWaiting  JobState = "waiting"  // for a worker
	JobRunning  JobState = "running"  // under way
	JobRetrying JobState = "retrying" // it failed, and is tried again after a pause
	JobLater    JobState = "later"    // its time has not come
)

// Standing is how many jobs of a stage stand in one state.
type Standing struct {
	Stage  sohoa.Stage
	State  JobState
	Count  int
	Oldest time.Time // when the first of them was queued
}

// standing are the columns of Standing, of jobs j. The jobs of papers belong
// to the agency of their dossier; those of no paper are everybody's who sees
// everything.
const standing = `CASE j.state WHEN 'running' THEN 'running' WHEN 'retryable' THEN 'retrying' WHEN 'scheduled' THEN 'later' ELSE 'waiting' END AS standing,
		count(*) AS n, min(j.created_at) AS oldest
	FROM river_job j LEFT JOIN documents d ON d.id = %s LEFT JOIN dossiers o ON o.code = d.dossier
	WHERE j.state IN ('available', 'pending', 'retryable', 'running', 'scheduled') AND %s
	GROUP BY 1, 2 ORDER BY 1, 2`

// Standing counts the jobs of papers in scope by stage and state; with
// sohoa.Everything all that there are.
func (q *Queue) Standing(ctx context.Context, scope sohoa.Scope) ([]Standing, error) {
	list, err := json.Marshal(append([]string{}, scope.Agencies...))
	if err != nil {
		return nil, err
	}
	rows, err := q.db.QueryContext(ctx, fmt.Sprintf(`SELECT json_extract(j.args, '$.stage') AS stage, `+standing,
		`json_extract(j.args, '$.document')`, `(? OR o.agency IN (SELECT value FROM json_each(?)))`), scope.All, string(list))
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	defer rows.Close()
	var all []Standing
	for rows.Next() {
		var s Standing
		var oldest string
		if err := rows.Scan(&s.Stage, &s.State, &s.Count, &oldest); err != nil {
			return nil, fmt.Errorf("count jobs: %w", err)
		}
		s.Oldest = sqliteTime(oldest)
		all = append(all, s)
	}
	return all, rows.Err()
}

// sqliteTime reads a time as River writes it into SQLite; zero of another.
func sqliteTime(s string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04:05", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// Standing counts the jobs of papers in scope by stage and state; with
// sohoa.Everything all that there are.
func (p *Postgres) Standing(ctx context.Context, scope sohoa.Scope) ([]Standing, error) {
	rows, err := p.lease.pool.Query(ctx, fmt.Sprintf(`SELECT j.args ->> 'stage' AS stage, `+standing,
		`j.args ->> 'document'`, `($1 OR o.agency = ANY ($2))`), scope.All, append([]string{}, scope.Agencies...))
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	defer rows.Close()
	var all []Standing
	for rows.Next() {
		var s Standing
		if err := rows.Scan(&s.Stage, &s.State, &s.Count, &s.Oldest); err != nil {
			return nil, fmt.Errorf("count jobs: %w", err)
		}
		all = append(all, s)
	}
	return all, rows.Err()
}
