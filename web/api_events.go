package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"sohoa"
)

// The event stream tells the state of documents as they change.
const (
	heartbeat    = 15 * time.Second       // between signs of life
	streamLength = 15 * time.Minute       // then clients connect again, and rights are looked up again
	eventPause   = 200 * time.Millisecond // between looks at the journal, so that bursts are told once
	eventBatch   = 500                    // journal entries at a time
	sessionLook  = 2 * time.Second        // between looks whether the session has ended
	eventWrite   = 10 * time.Second       // a client that does not take an event for so long is gone
)

func (s *Server) registerEvents(api huma.API) {
	op := operation("events", http.MethodGet, "/events", "Follow the state of documents as it changes")
	op.Description = "Server-sent events named \"document\"; data is a document as JSON, id where the stream is, for the same user alone. " +
		"Reconnecting with Last-Event-ID leaves nothing out."
	huma.Register(api, stream(op, "text/event-stream", "The events."), s.apiEvents)
}

type eventsInput struct {
	Dossier  string `query:"dossier" doc:"Only documents of one dossier."`
	Document string `query:"document" doc:"Only one document."`
	After    string `query:"after" maxLength:"100" doc:"Where an earlier stream or a page ended; left out, the stream begins now. Last-Event-ID goes before it."`
	Last     string `header:"Last-Event-ID" maxLength:"100" doc:"Where an earlier stream ended."`
}

func (s *Server) apiEvents(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	seal, err := s.sealing(ctx)
	if err != nil {
		return nil, err
	}
	after, err := s.followFrom(ctx, seal, cmp.Or(in.Last, in.After))
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		r, w := humago.Unwrap(hc)
		f := &follower{s: s, w: w, control: http.NewResponseController(w), in: in, seal: seal, after: after}
		ctx, cancel := context.WithTimeout(r.Context(), streamLength)
		defer cancel()
		defer context.AfterFunc(s.ended, cancel)()
		f.run(ctx)
	}}, nil
}

// followFrom is the entry of the journal after which a stream begins: the one
// that a token names, or the newest.
func (s *Server) followFrom(ctx context.Context, seal sealing, token string) (uint64, error) {
	if token == "" {
		return s.cfg.Catalog.Head(ctx)
	}
	return seal.placed(token)
}

// follower is one event stream.
type follower struct {
	s       *Server
	w       http.ResponseWriter
	control *http.ResponseController
	in      *eventsInput
	seal    sealing
	after   uint64    // the last journal entry that was looked at
	beat    time.Time // when the next sign of life is due
	look    time.Time // when the session is looked at again
}

// run sends events until ctx ends, the session does, or the client is gone.
func (f *follower) run(ctx context.Context) {
	leave, err := f.s.news.join(ctx)
	if err != nil {
		f.s.cfg.Log.Error("event stream not begun", "err", err)
		return
	}
	defer leave()
	f.w.Header().Set("Content-Type", "text/event-stream")
	f.w.Header().Set("X-Accel-Buffering", "no")
	if f.send(fmt.Sprintf("retry: 2000\nid: %s\n\n", f.seal.place(f.after))) != nil {
		return
	}
	for ctx.Err() == nil && f.signedIn(ctx) {
		if err := f.step(ctx); err != nil {
			if ctx.Err() == nil {
				f.s.cfg.Log.Debug("event stream ended", "err", err)
			}
			return
		}
		select {
		case <-time.After(eventPause):
		case <-ctx.Done():
		}
	}
}

// signedIn reports whether whoever follows still is, by the device that they
// signed in at: it ends with signing out, with a new password, and when they
// are disabled or become something else, in whichever process that happens.
func (f *follower) signedIn(ctx context.Context) bool {
	if time.Now().Before(f.look) {
		return true
	}
	f.look = time.Now().Add(sessionLook)
	device, err := f.s.cfg.Catalog.Device(ctx, f.s.sessions.GetString(ctx, sessionDevice))
	if otherThanMissing(err) != nil && ctx.Err() == nil {
		f.s.cfg.Log.Error("event stream ended", "err", err)
	}
	return err == nil && device.User == userOf(ctx).Name
}

// step waits for entries, for the time of a heartbeat or of a look at the
// session, and sends what there is.
func (f *follower) step(ctx context.Context) error {
	until := f.beat
	if f.look.Before(until) {
		until = f.look
	}
	wait, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	entries, err := f.s.news.after(wait, f.after)
	if err != nil && (ctx.Err() != nil || !errors.Is(wait.Err(), context.DeadlineExceeded)) {
		return err
	}
	if !time.Now().Before(f.beat) { // whatever happens out of the reader's sight
		return f.send(fmt.Sprintf("id: %s\n\n", f.seal.place(f.after))) // no event, but a place to go on from
	}
	if len(entries) == 0 {
		return nil
	}
	f.after = entries[len(entries)-1].Seq
	for _, id := range f.changed(entries) {
		if err := f.tell(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// changed lists the documents that entries changed, each once.
func (f *follower) changed(entries []sohoa.Entry) []sohoa.DocumentID {
	var ids []sohoa.DocumentID
	seen := map[sohoa.DocumentID]bool{}
	for _, e := range entries {
		looked := e.Action == sohoa.ActionView || e.Action == sohoa.ActionDownload || e.Action == sohoa.ActionLookup || e.Action == sohoa.ActionDeny
		other := f.in.Dossier != "" && f.in.Dossier != e.Dossier || f.in.Document != "" && f.in.Document != e.Document.String()
		if e.Document.IsZero() || looked || other || seen[e.Document] {
			continue
		}
		seen[e.Document] = true
		ids = append(ids, e.Document)
	}
	return ids
}

// tell sends the state of a document, if the user may see it.
func (f *follower) tell(ctx context.Context, id sohoa.DocumentID) error {
	data, err := f.s.news.tell(ctx, id)
	if err != nil || data == nil {
		return err
	}
	return f.send(fmt.Sprintf("id: %s\nevent: document\ndata: %s\n\n", f.seal.place(f.after), data))
}

func (f *follower) send(event string) error {
	_ = f.control.SetWriteDeadline(time.Now().Add(eventWrite)) // as in moving.Read
	if _, err := f.w.Write([]byte(event)); err != nil {
		return err
	}
	f.beat = time.Now().Add(heartbeat)
	return f.control.Flush()
}
