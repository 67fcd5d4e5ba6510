package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sohoa"
	"sohoa/archive"
)

// How often a transaction is run in all, and the longest pause between two
// runs.
const (
	maxRuns       = 10 // after a deadlock or a serialisation failure
	maxUniqueRuns = 3  // after another one entered the same row; the next run sees it
	maxPause      = 100 * time.Millisecond
)

// SQLSTATE codes, PostgreSQL documentation, appendix A.
const (
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeUnique        = "23505"
	codeCharacter     = "22021" // a NUL, or no UTF-8
	codeEscape        = "22P05" // the same, in JSON
	codeDiskFull      = "53100"
	codeReadOnly      = "25006"
	codePrivilege     = "42501"
	codeNoDatabase    = "3D000"
)

// Update implements archive.Catalog. f may run more than once; whatever a run
// did that was not the last is undone.
func (c *Catalog) Update(ctx context.Context, f func(archive.Tx) error) error {
	for run := 1; ; run++ {
		err := c.updateOnce(ctx, f)
		if err == nil || run >= runs(err) {
			return problem(err)
		}
		select {
		case <-time.After(rand.N(maxPause)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// runs is how often to run a transaction that failed with err.
func runs(err error) int {
	switch sqlState(err) {
	case codeSerialization, codeDeadlock:
		return maxRuns
	case codeUnique:
		return maxUniqueRuns
	}
	return 1
}

func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func (c *Catalog) updateOnce(ctx context.Context, f func(archive.Tx) error) error {
	t, err := c.begin(ctx)
	if err != nil {
		return fmt.Errorf("begin catalogue transaction: %w", err)
	}
	defer t.Rollback(context.WithoutCancel(ctx)) // after Commit it does nothing
	tx := &tx{ctx: ctx, sql: t, queue: c.queue, now: c.now}
	if err := f(tx); err != nil {
		return err
	}
	if err := t.Commit(ctx); err != nil {
		return fmt.Errorf("commit catalogue transaction: %w", err)
	}
	if tx.head > 0 {
		c.heads.advance(tx.head)
	}
	return nil
}

// begin begins a transaction. Where the server was restarted, connections from
// before are found out here, where nothing is lost by beginning again.
func (c *Catalog) begin(ctx context.Context) (pgx.Tx, error) {
	options := pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite}
	t, err := c.pool.BeginTx(ctx, options)
	var connect *pgconn.ConnectError
	if err == nil || ctx.Err() != nil || errors.As(err, &connect) {
		return t, err
	}
	c.pool.Reset()
	return c.pool.BeginTx(ctx, options)
}

// problem gives PostgreSQL's errors the kinds that callers act on.
func problem(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if code := sqlState(err); code != "" {
		return stateProblem(code, err)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) {
		return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "database.unavailable", Detail: err.Error()}
	}
	return err
}

// stateProblem is problem for an error that the server reported.
func stateProblem(code string, err error) error {
	kind, name := error(nil), ""
	switch {
	case code == codeDiskFull:
		kind, name = sohoa.ErrUnavailable, "store.full"
	case code == codePrivilege, code == codeNoDatabase, strings.HasPrefix(code, "28"):
		kind, name = sohoa.ErrForbidden, "database.refused"
	case code == codeUnique:
		return fmt.Errorf("%w: %w", sohoa.ErrConflict, err)
	case code == codeCharacter, code == codeEscape:
		return fmt.Errorf("%w: %w", sohoa.ErrInvalid, err)
	case code == codeReadOnly, code == codeSerialization, code == codeDeadlock,
		strings.HasPrefix(code, "08"), strings.HasPrefix(code, "53"), strings.HasPrefix(code, "57P"), strings.HasPrefix(code, "58"):
		kind, name = sohoa.ErrUnavailable, "database.unavailable"
	default:
		return err
	}
	return &sohoa.Problem{Kind: kind, Code: name, Detail: err.Error()}
}
