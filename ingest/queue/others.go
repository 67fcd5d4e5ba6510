package queue

import (
	"context"
	"fmt"
)

// Working counts the processes that work on the catalogue's jobs: those whose
// lease has not run out.
func (p *Postgres) Working(ctx context.Context) (n int, err error) {
	err = p.lease.pool.QueryRow(ctx, `SELECT count(*) FROM queue_workers WHERE seen > now() - make_interval(secs => $1)`,
		p.lease.length.Seconds()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count working processes: %w", err)
	}
	return n, nil
}
