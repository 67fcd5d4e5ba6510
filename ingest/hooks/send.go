package hooks

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive"
)

// pauses are those after each failed attempt; each is up to a fifth longer or
// shorter, so that receivers are not asked all at once when they are back.
var pauses = [sohoa.MaxHookAttempts - 1]time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour,
	4 * time.Hour, 8 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour}

// How the work goes on.
const (
	leaseName = "webhooks"
	leaseTime = 30 * time.Second
	lookEvery = 2 * time.Second  // for webhooks that are new or enabled again
	longest   = 30 * time.Second // between looks of one webhook
)

// Run sends until ctx ends. Of several processes on one catalogue one does.
func (d *Desk) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := d.turn(ctx); err != nil && ctx.Err() == nil {
			d.Log.Error("webhooks stopped, will be taken up again", "err", err)
		}
		sleep(ctx, lookEvery)
	}
	return ctx.Err()
}

// sleep waits for a time, or until ctx ends.
func sleep(ctx context.Context, t time.Duration) {
	select {
	case <-time.After(t):
	case <-ctx.Done():
	}
}

func (d *Desk) lease(ctx context.Context, t time.Duration) (ok bool, err error) {
	err = d.Catalog.Update(ctx, func(tx archive.Tx) (err error) {
		ok, err = tx.Lease(leaseName, d.holder, t)
		return err
	})
	return ok, err
}

// turn sends for as long as this process has the lease.
func (d *Desk) turn(ctx context.Context) error {
	if ok, err := d.lease(ctx, leaseTime); err != nil || !ok {
		return err
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookEvery)
		defer cancel()
		if _, err := d.lease(last, 0); err != nil {
			d.Log.Debug("the lease of the webhooks was left to run out", "err", err)
		}
	}()
	g, work := errgroup.WithContext(ctx)
	g.Go(func() error { return d.renew(work) })
	g.Go(func() error { return d.tendAll(work) })
	return g.Wait()
}

var errLost = errors.New("another process sends now")

// renew ends with an error in time before the lease does.
func (d *Desk) renew(ctx context.Context) error {
	for {
		sleep(ctx, leaseTime/4)
		attempt, cancel := context.WithTimeout(ctx, leaseTime/4)
		ok, err := d.lease(attempt, leaseTime)
		cancel()
		if err != nil || !ok {
			return errors.Join(errLost, err)
		}
	}
}

// tendAll has each webhook that is enabled tended by itself, so that a
// receiver that hangs is waited for by nobody else.
func (d *Desk) tendAll(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	done := make(chan sohoa.SetID)
	tended := map[sohoa.SetID]bool{}
	for ctx.Err() == nil {
		all, err := d.Catalog.Webhooks(ctx)
		if err != nil {
			return errors.Join(err, waitFor(g, done))
		}
		for _, h := range all {
			if tended[h.ID] || !h.Disabled.IsZero() {
				continue
			}
			tended[h.ID] = true
			g.Go(func() error {
				err := d.tend(ctx, h.ID)
				select {
				case done <- h.ID:
				case <-ctx.Done():
				}
				return err
			})
		}
		select {
		case id := <-done:
			delete(tended, id)
		case <-time.After(lookEvery):
		case <-ctx.Done():
		}
	}
	return errors.Join(ctx.Err(), waitFor(g, done))
}

// waitFor waits for a group whose members tell done.
func waitFor(g *errgroup.Group, done <-chan sohoa.SetID) error {
	ended := make(chan error, 1)
	go func() { ended <- g.Wait() }()
	for {
		select {
		case <-done:
		case err := <-ended:
			return err
		}
	}
}

// tend keeps one webhook up with the journal until it is removed or disabled.
func (d *Desk) tend(ctx context.Context, id sohoa.SetID) error {
	for ctx.Err() == nil {
		next, err := d.Pass(ctx, id)
		if missing(err) || errors.Is(err, errDisabled) {
			return nil
		}
		if err != nil && ctx.Err() == nil {
			d.Log.Error("a webhook could not be tended, will be tried again", "webhook", string(id), "err", err)
			sleep(ctx, lookEvery)
			continue
		}
		if err := d.rest(ctx, id, next); err != nil && ctx.Err() == nil {
			d.Log.Debug("webhook", "err", err)
		}
	}
	return nil
}

// rest waits until something may be due: at next, or if that is zero when
// there is an entry in the journal.
func (d *Desk) rest(ctx context.Context, id sohoa.SetID, next time.Time) error {
	if !next.IsZero() {
		sleep(ctx, min(max(next.Sub(d.Now()), 0), longest))
		return nil
	}
	h, err := d.hook(ctx, id)
	if err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	return d.Catalog.Wait(wait, h.Cursor)
}

// errDisabled says that nothing is sent.
var errDisabled = errors.New("the webhook is disabled")

// Pass makes the deliveries of a webhook that are to be made, sends those that
// are due, and returns when the next is; zero if none waits. It is a step of
// Run.
func (d *Desk) Pass(ctx context.Context, id sohoa.SetID) (next time.Time, err error) {
	for more := true; more; {
		h, err := d.hook(ctx, id)
		if err != nil {
			return next, err
		}
		if !h.Disabled.IsZero() {
			return next, errDisabled
		}
		k, err := d.key(ctx, h.Key)
		if errors.Is(err, sohoa.ErrForbidden) {
			return next, d.disable(ctx, h, sohoa.Delivery{}, sohoa.AsProblem(err))
		}
		if err != nil {
			return next, err
		}
		if h, more, err = d.feed(ctx, h, k); err != nil {
			return next, err
		}
		if next, err = d.sendAll(ctx, h); err != nil {
			return next, err
		}
	}
	return next, nil
}

// sendAll sends what waits, in order, up to the first that is not due or
// fails.
func (d *Desk) sendAll(ctx context.Context, h sohoa.Webhook) (time.Time, error) {
	for ctx.Err() == nil {
		waiting, err := d.Catalog.Deliveries(ctx, archive.DeliveryQuery{Hook: h.ID, State: sohoa.DeliveryPending, Oldest: true, Limit: feedBatch})
		if err != nil || len(waiting) == 0 {
			return time.Time{}, err
		}
		for _, m := range waiting {
			if d.Now().Before(m.Next) {
				return m.Next, nil
			}
			m, err := d.send(ctx, h, m)
			if err != nil || m.State != sohoa.DeliveryDone {
				return m.Next, err
			}
		}
	}
	return time.Time{}, ctx.Err()
}

// send sends a delivery once and enters what came of it. Where the program is
// stopped meanwhile nothing is entered, and it is sent again.
func (d *Desk) send(ctx context.Context, h sohoa.Webhook, m sohoa.Delivery) (sohoa.Delivery, error) {
	m.Last = d.Now().UTC()
	status, problem := d.post(ctx, h, m)
	if ctx.Err() != nil {
		return m, ctx.Err()
	}
	m.Attempts++
	m.Status, m.Problem, m.Next = status, problem, time.Time{}
	if problem == nil {
		m.State = sohoa.DeliveryDone
		return m, d.delivered(ctx, m)
	}
	if m.Attempts >= sohoa.MaxHookAttempts || status == http.StatusGone {
		m.State = sohoa.DeliveryFailed
		return m, d.disable(ctx, h, m, problem)
	}
	m.Next = d.Now().UTC().Add(jitter(pauses[m.Attempts-1]))
	d.Log.Warn("a webhook failed", "webhook", string(h.ID), "delivery", m.ID(), "attempt", m.Attempts, "problem", problem.Code, "next", m.Next)
	return m, d.Catalog.Update(ctx, func(tx archive.Tx) error {
		h, err := tx.Webhook(m.Hook)
		if err != nil {
			return err
		}
		h.Failures++
		return errors.Join(tx.PutWebhook(h), tx.PutDelivery(m))
	})
}

func jitter(t time.Duration) time.Duration { return t - t/5 + rand.N(2*t/5) }

// delivered enters a success, and removes what is remembered for too long.
func (d *Desk) delivered(ctx context.Context, m sohoa.Delivery) error {
	return d.Catalog.Update(ctx, func(tx archive.Tx) error {
		h, err := tx.Webhook(m.Hook)
		if err != nil {
			return err
		}
		h.Failures, h.Success = 0, m.Last
		if err := errors.Join(tx.PutWebhook(h), tx.PutDelivery(m)); err != nil {
			return err
		}
		return tx.TrimDeliveries(h.ID, m.Last.Add(-sohoa.HookLogTime), h.Made-sohoa.MaxHookLog)
	})
}

// disable stops a webhook and says so in the journal and the log. m is what
// failed; zero if it was not a delivery.
func (d *Desk) disable(ctx context.Context, had sohoa.Webhook, m sohoa.Delivery, why *sohoa.Problem) error {
	d.Log.Error("a webhook is disabled; enable it with: sohoa webhook retry", "webhook", string(had.ID), "url", had.URL, "problem", why.Code)
	err := d.Catalog.Update(ctx, func(tx archive.Tx) error {
		h, err := tx.Webhook(had.ID)
		if err != nil {
			return err
		}
		h.Disabled, h.Problem = d.Now().UTC(), why
		about := map[string]any{"hook": h.ID, "key": h.Key, "code": why.Code}
		if m.Number > 0 {
			h.Failures++
			about["delivery"], about["attempts"] = m.Number, m.Attempts
			if err := tx.PutDelivery(m); err != nil {
				return err
			}
		}
		if err := tx.PutWebhook(h); err != nil {
			return err
		}
		_, err = enter(tx, "system", sohoa.ActionHookFail, about)
		return err
	})
	return errors.Join(err, errDisabled)
}

// post sends a delivery: the status of the answer, and what is wrong with it.
func (d *Desk) post(ctx context.Context, h sohoa.Webhook, m sohoa.Delivery) (int, *sohoa.Problem) {
	if err := d.Policy.Allows(h.URL); err != nil { // the setting may have changed
		return 0, sohoa.AsProblem(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(m.Body))
	if err != nil {
		return 0, sohoa.AsProblem(err)
	}
	at := strconv.FormatInt(m.Last.Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "sohoa")
	r.Header.Set("Webhook-Id", m.ID())
	r.Header.Set("Webhook-Timestamp", at)
	r.Header.Set("Webhook-Signature", Sign(h.Secret, m.ID(), at, m.Body))
	resp, err := d.client.Do(r)
	if err != nil {
		return 0, unreachable(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, sohoa.MaxHookAnswer)) // what it says counts for nothing
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return resp.StatusCode, nil
	case resp.StatusCode == http.StatusGone:
		return resp.StatusCode, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "hook.gone"}
	}
	return resp.StatusCode, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "hook.status", Args: []string{strconv.Itoa(resp.StatusCode)}}
}

func unreachable(err error) *sohoa.Problem {
	var private *privateError
	if errors.As(err, &private) {
		return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "hook.private", Args: []string{private.address}}
	}
	return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "hook.unreachable", Detail: err.Error()}
}

// Sign is the signature of a message (Standard Webhooks 1.0): version 1,
// HMAC-SHA256 over "id.timestamp.body".
func Sign(secret, id, timestamp string, body []byte) string {
	m := hmac.New(sha256.New, sohoa.HookKey(secret))
	m.Write([]byte(id + "." + timestamp + "."))
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
}
