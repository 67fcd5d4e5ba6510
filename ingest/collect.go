package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/queue"
	"sohoa/signing"
)

// collect asks a remote service for the values of the ticket under which the
// document of the job is being signed. It holds no worker while it waits.
func (s *Service) collect(ctx context.Context, job *queue.Running, doc sohoa.Document) error {
	waiting, err := s.Catalog.FindPending(ctx, archive.PendingQuery{Flow: sohoa.FlowRemote})
	if err != nil {
		return err
	}
	at := slices.IndexFunc(waiting, func(p sohoa.PendingSignature) bool { return p.Document == doc.ID && !p.Signed() && p.Ticket != "" })
	if at < 0 {
		return errGone
	}
	first := waiting[at]
	waiting = slices.DeleteFunc(waiting, func(p sohoa.PendingSignature) bool {
		return p.Signed() || p.Ticket != first.Ticket || p.Actor != first.Actor
	})
	err = s.collectTicket(ctx, first, waiting)
	switch {
	case errors.Is(err, signing.ErrNotYet) && s.Now().Before(first.Expires):
		return queue.Later(pollPause(s.Now().Sub(first.Created)))
	case errors.Is(err, signing.ErrNotYet):
		err = conflict("sign.expired")
	case err == nil:
		return errGone
	}
	if !sohoa.Permanent(err) && s.Now().Before(first.Expires) {
		return err
	}
	for _, p := range waiting {
		if err := s.dropUnsigned(ctx, p.ID, sohoa.AsProblem(err)); err != nil {
			return err
		}
	}
	return errGone
}

// collectTicket takes in the values of a ticket. That of the document whose
// job this is comes last: should the program end meanwhile, the job asks
// again.
func (s *Service) collectTicket(ctx context.Context, first sohoa.PendingSignature, waiting []sohoa.PendingSignature) error {
	if s.Signing.Keys == nil {
		return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "sign.no-user-key"}
	}
	key, closer, err := s.Signing.Keys.Open(ctx, first.Actor, "")
	if err != nil {
		return err
	}
	defer closer.Close()
	values, err := key.Collect(ctx, first.Ticket)
	if err != nil {
		return err
	}
	var answers []answer
	for _, p := range waiting {
		if p.Index >= len(values) {
			return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "sign.self-check",
				Detail: fmt.Sprintf("%d signature values, want more than %d", len(values), p.Index)}
		}
		if p.ID != first.ID {
			answers = append(answers, answer{p.ID, values[p.Index]})
		}
	}
	return s.acceptAll(ctx, append(answers, answer{first.ID, values[first.Index]}))
}

// pollPause is how long to wait before asking a remote service again: its user
// answers within a minute, or takes longer.
func pollPause(since time.Duration) time.Duration {
	if since < time.Minute {
		return 2 * time.Second
	}
	return 15 * time.Second
}
