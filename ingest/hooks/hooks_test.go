package hooks_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/sqlite"
	"sohoa/ingest/hooks"
)

// office is a catalogue with two agencies, a key of the first, and a receiver.
type office struct {
	t       *testing.T
	catalog *sqlite.Catalog
	now     time.Time
	server  *httptest.Server
	n       int

	mu   sync.Mutex
	got  []received
	take func(w http.ResponseWriter, r *http.Request) // nil: 204
}

type received struct {
	id, at, signature, body string
}

const (
	ours, theirs = "H49.64.33", "H49.64.34"
	owner        = "Nguyễn Vĩnh Nghĩa"
)

func newOffice(t *testing.T) *office {
	o := &office{t: t, now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	var err error
	o.catalog, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "c.db"), nil, sqlite.WithClock(func() time.Time { return o.now }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.catalog.Close() })
	o.server = httptest.NewTLSServer(http.HandlerFunc(o.receive))
	t.Cleanup(o.server.Close)
	o.update(func(tx archive.Tx) error {
		k := sohoa.APIKey{Name: "mot-cua", Agencies: []string{ours}, Scopes: []sohoa.KeyScope{sohoa.KeyWebhook}, Rate: 60, CreatedAt: o.now, Expires: o.now.AddDate(1, 0, 0)}
		err := tx.PutAPIKey(k)
		for code, agency := range map[string]string{"A1": ours, "A2": ours, "B1": theirs} {
			err = errors.Join(err, tx.PutDossier(sohoa.Dossier{Code: code, Agency: agency, CreatedAt: o.now, Owner: sohoa.Owner{Name: owner, IDNumber: "001090012345"}}))
		}
		return err
	})
	return o
}

func (o *office) update(f func(archive.Tx) error) {
	o.t.Helper()
	if err := o.catalog.Update(o.t.Context(), f); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) receive(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	o.mu.Lock()
	o.got = append(o.got, received{r.Header.Get("Webhook-Id"), r.Header.Get("Webhook-Timestamp"), r.Header.Get("Webhook-Signature"), string(body)})
	take := o.take
	o.mu.Unlock()
	if take != nil {
		take(w, r)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (o *office) answers(take func(w http.ResponseWriter, r *http.Request)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.take = take
}

func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func (o *office) received() []received {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.got)
}

// desk is a desk that may tell the receiver.
func (o *office) desk(entries ...string) *hooks.Desk {
	o.t.Helper()
	if entries == nil {
		entries = []string{strings.TrimPrefix(o.server.URL, "https://")}
	}
	policy, err := hooks.ParsePolicy(entries)
	if err != nil {
		o.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(o.server.Certificate())
	return hooks.New(hooks.Config{Catalog: o.catalog, Policy: policy, Roots: roots, Now: func() time.Time { return o.now }, Timeout: time.Second})
}

func (o *office) add(d *hooks.Desk) sohoa.Webhook {
	o.t.Helper()
	h, err := d.Add(o.t.Context(), "admin", sohoa.Webhook{URL: o.server.URL + "/h", Key: "mot-cua", Events: slices.Clone(sohoa.HookEvents)})
	if err != nil {
		o.t.Fatal(err)
	}
	return h
}

// result keeps a result, and says so in the journal.
func (o *office) result(dossier string, life sohoa.Life) sohoa.Document {
	o.t.Helper()
	o.n++
	doc := sohoa.Document{ID: sohoa.NewDocumentID(o.now.Add(time.Duration(o.n) * time.Millisecond)), Dossier: dossier, Name: owner + ".pdf",
		Digest: sohoa.Sum(fmt.Append(nil, o.n)), State: sohoa.StateKept, Life: life, AcceptedAt: o.now}
	o.journal(doc, sohoa.ActionKeep, dossier)
	return doc
}

func (o *office) journal(doc sohoa.Document, action sohoa.Action, dossier string) {
	o.t.Helper()
	o.update(func(tx archive.Tx) error {
		if err := tx.PutDocument(doc); err != nil {
			return err
		}
		_, err := tx.Append(sohoa.Entry{Actor: "lan", Action: action, Document: doc.ID, Dossier: dossier, Detail: `{"reason":"` + owner + `"}`})
		return err
	})
}

// pass does one, and wants the webhook to be enabled after it or not.
func (o *office) pass(d *hooks.Desk, h sohoa.Webhook, enabled bool) time.Time {
	o.t.Helper()
	next, err := d.Pass(o.t.Context(), h.ID)
	if (err == nil) != enabled {
		o.t.Fatalf("Pass = %v, want it enabled: %t", err, enabled)
	}
	return next
}

// events are what was received, as "event document".
func (o *office) events() []string {
	o.t.Helper()
	var all []string
	for _, r := range o.received() {
		var m struct {
			Type string
			Data struct{ Document, Dossier string }
		}
		if err := json.Unmarshal([]byte(r.body), &m); err != nil {
			o.t.Fatalf("body %s: %v", r.body, err)
		}
		all = append(all, m.Type+" "+m.Data.Dossier+" "+m.Data.Document)
	}
	return all
}

func (o *office) wantEvents(want ...string) {
	o.t.Helper()
	if got := o.events(); !slices.Equal(got, want) {
		o.t.Errorf("received %q\nwant %q", got, want)
	}
}

func TestWhatHappensIsToldInOrder(t *testing.T) {
	o := newOffice(t)
	d := o.desk()
	o.result("A1", sohoa.Life{Type: "khai-sinh"}) // before there was a webhook
	h := o.add(d)
	kept := o.result("A1", sohoa.Life{Type: "khai-sinh", Result: "A1-KQ1"})
	o.result("A1", sohoa.Life{})                  // of no kind: no result
	o.result("B1", sohoa.Life{Type: "khai-sinh"}) // another agency's
	o.pass(d, h, true)
	brief := o.result("A1", sohoa.Life{Type: "khai-sinh"})
	for _, doc := range []*sohoa.Document{&brief, &kept} { // what is revoked before it is told was never available
		doc.Life.Revoked = &sohoa.Revocation{At: o.now, Decision: "1/QĐ", Reason: owner}
		o.journal(*doc, sohoa.ActionRevoke, "A1")
	}
	other := o.result("B1", sohoa.Life{Type: "khai-sinh"})
	other.Life.Replaced = &sohoa.Replacement{By: kept.ID, At: o.now}
	o.journal(other, sohoa.ActionReplace, "B1")
	o.journal(other, sohoa.ActionReuseLost, "A2") // which uses it
	o.journal(other, sohoa.ActionReuseLost, "B1")
	for range 3 { // the same again tells nothing again
		o.pass(d, h, true)
	}
	o.wantEvents("result.available A1 "+kept.ID.String(), "result.revoked A1 "+brief.ID.String(), "result.revoked A1 "+kept.ID.String(), "reuse.lost A2 "+other.ID.String())
	for i, r := range o.received() {
		if r.signature != hooks.Sign(h.Secret, r.id, r.at, []byte(r.body)) || r.id != fmt.Sprintf("%s.%d", h.ID, i+1) || r.at == "" {
			t.Errorf("message %+v is not signed as one of %s", r, h.ID)
		}
		if strings.Contains(r.body, owner) || strings.Contains(r.body, "001090012345") || strings.Contains(r.body, ".pdf") {
			t.Errorf("message %s names a person", r.body)
		}
	}
}

func TestASignatureIsThatOfTheSpecification(t *testing.T) {
	// The example of Standard Webhooks 1.0.
	got := hooks.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("Sign = %s, want %s", got, want)
	}
}

func TestWhatEndsIsToldOnItsDay(t *testing.T) {
	o := newOffice(t)
	d := o.desk()
	h := o.add(d)
	first := o.result("A1", sohoa.Life{Type: "x", ValidUntil: "2026-03-04"})
	last := o.result("A1", sohoa.Life{Type: "x", ValidUntil: "2026-03-06"})
	o.result("B1", sohoa.Life{Type: "x", ValidUntil: "2026-03-04"})
	o.pass(d, h, true)
	n := len(o.received())
	o.now = o.now.AddDate(0, 0, 4) // nobody was there for days
	o.pass(d, h, true)
	o.pass(d, h, true)
	want := []string{"result.expired A1 " + first.ID.String(), "result.expired A1 " + last.ID.String()}
	if got := o.events()[n:]; !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
	// A day that is set afterwards, and is over.
	late := o.result("A1", sohoa.Life{Type: "x"})
	late.Life.ValidUntil = "2026-03-05"
	o.journal(late, sohoa.ActionValidity, "A1")
	o.pass(d, h, true)
	if got := o.events(); got[len(got)-1] != "result.expired A1 "+late.ID.String() {
		t.Errorf("received last %q, want that %s expired", got[len(got)-1], late.ID)
	}
	// A later day gives it its force again; another one changes nothing.
	n = len(o.received())
	for _, detail := range []string{`{"until":"2026-06-01","was":"expired"}`, `{"until":"2026-07-01"}`} {
		late.Life.ValidUntil = "2026-07-01"
		o.update(func(tx archive.Tx) error {
			_, err := tx.Append(sohoa.Entry{Actor: "lan", Action: sohoa.ActionValidity, Document: late.ID, Dossier: "A1", Detail: detail})
			return errors.Join(err, tx.PutDocument(late))
		})
	}
	o.pass(d, h, true)
	if got := o.events()[n:]; !slices.Equal(got, []string{"result.available A1 " + late.ID.String()}) {
		t.Errorf("received %q, want that %s is available again", got, late.ID)
	}
}

// A program that is cut off after the receiver took a message and before that
// was entered sends it again under the same identifier, and nothing else.
func TestACutLosesNothing(t *testing.T) {
	o := newOffice(t)
	h := o.add(o.desk())
	docs := []sohoa.Document{o.result("A1", sohoa.Life{Type: "x"}), o.result("A1", sohoa.Life{Type: "x"})}
	ctx, cut := context.WithCancel(t.Context())
	o.answers(func(w http.ResponseWriter, r *http.Request) {
		cut()
		<-r.Context().Done()
	})
	if _, err := o.desk().Pass(ctx, h.ID); !errors.Is(err, context.Canceled) {
		t.Fatalf("Pass that was cut = %v, want the context's error", err)
	}
	o.answers(nil)
	o.pass(o.desk(), h, true) // another process
	a, b := "result.available A1 "+docs[0].ID.String(), "result.available A1 "+docs[1].ID.String()
	o.wantEvents(a, a, b)
	got := o.received()
	if got[0].id != got[1].id || got[1].id == got[2].id || got[0].body != got[1].body {
		t.Errorf("identifiers %s, %s, %s; want the first twice", got[0].id, got[1].id, got[2].id)
	}
}

func TestFailuresAreTriedAgainUntilTheWebhookIsDisabled(t *testing.T) {
	o := newOffice(t)
	d := o.desk()
	h := o.add(d)
	docs := []sohoa.Document{o.result("A1", sohoa.Life{Type: "x"}), o.result("A1", sohoa.Life{Type: "x"})}
	o.answers(status(http.StatusInternalServerError))
	began := o.now
	for i := 1; i < sohoa.MaxHookAttempts; i++ {
		next := o.pass(d, h, true)
		if !next.After(o.now) {
			t.Fatalf("attempt %d: the next is due at %v, want later than %v", i, next, o.now)
		}
		if again := o.pass(d, h, true); !again.Equal(next) || len(o.received()) != i {
			t.Fatalf("attempt %d: %d requests before the next is due, want %d", i, len(o.received()), i)
		}
		o.now = next
	}
	if tried := o.now.Sub(began); tried < 48*time.Hour || tried > 5*24*time.Hour {
		t.Errorf("it was tried for %v, want days", tried)
	}
	o.pass(d, h, false)
	got := o.received()
	for _, r := range got {
		if r.id != got[0].id {
			t.Errorf("message %s overtook %s", r.id, got[0].id)
		}
	}
	entries, err := o.catalog.FindEntries(t.Context(), archive.JournalQuery{Actions: []sohoa.Action{sohoa.ActionHookFail}})
	if err != nil || len(entries) != 1 || !strings.Contains(entries[0].Detail, string(h.ID)) || !strings.Contains(entries[0].Detail, "hook.status") {
		t.Errorf("journal = %+v, %v, want that the webhook was given up, and why", entries, err)
	}
	// Nothing is sent, and nothing is missed: it goes on from where it was.
	later := o.result("A1", sohoa.Life{Type: "x"})
	o.answers(nil)
	o.pass(d, h, false)
	if n := len(o.received()); n != len(got) {
		t.Errorf("%d requests of a webhook that is disabled, want %d", n, len(got))
	}
	if _, err := d.Retry(t.Context(), "admin", h.ID); err != nil {
		t.Fatal(err)
	}
	o.pass(d, h, true)
	var want []string
	for _, doc := range append(docs, later) {
		want = append(want, "result.available A1 "+doc.ID.String())
	}
	if got := o.events()[len(got):]; !slices.Equal(got, want) {
		t.Errorf("received after retry %q\nwant %q", got, want)
	}
}

func TestBadReceivers(t *testing.T) {
	inner := 0
	for name, tt := range map[string]struct {
		take    func(w http.ResponseWriter, r *http.Request)
		code    string
		enabled bool
	}{
		"fails": {status(http.StatusServiceUnavailable), "hook.status", true},
		"hangs": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "hook.unreachable", true},
		"cuts":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "hook.unreachable", true},
		"redirects": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		}, "hook.status", true},
		"goes around": {func(w http.ResponseWriter, r *http.Request) {
			inner++
			http.Redirect(w, r, "/again", http.StatusTemporaryRedirect)
		}, "hook.status", true},
		"takes no more": {status(http.StatusGone), "hook.gone", false},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			d := o.desk()
			h := o.add(d)
			o.result("A1", sohoa.Life{Type: "x"})
			o.answers(tt.take)
			o.pass(d, h, tt.enabled)
			all, err := o.catalog.Deliveries(t.Context(), archive.DeliveryQuery{Hook: h.ID})
			if err != nil || len(all) != 1 || all[0].Problem == nil || all[0].Problem.Code != tt.code || all[0].Attempts != 1 {
				t.Errorf("deliveries = %+v, %v, want one attempt with %s", all, err, tt.code)
			}
			if n := len(o.received()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
	if inner != 1 {
		t.Errorf("a redirect was followed: %d requests", inner)
	}
}

// An answer without end is not read to its end, and counts by its status.
func TestAGreatAnswerIsCut(t *testing.T) {
	o := newOffice(t)
	d := o.desk()
	h := o.add(d)
	o.result("A1", sohoa.Life{Type: "x"})
	wrote := make(chan int64, 1)
	o.answers(func(w http.ResponseWriter, _ *http.Request) {
		var n int64
		block := make([]byte, 64<<10)
		for n < 1<<30 {
			m, err := w.Write(block)
			n += int64(m)
			if err != nil {
				break
			}
		}
		wrote <- n
	})
	o.pass(d, h, true)
	if n := <-wrote; n >= 64<<20 {
		t.Errorf("the receiver could write %d bytes, want the connection cut early", n)
	}
	if all, err := o.catalog.Deliveries(t.Context(), archive.DeliveryQuery{State: sohoa.DeliveryDone}); err != nil || len(all) != 1 {
		t.Errorf("delivered = %+v, %v, want one", all, err)
	}
}

func TestAKeyThatEndsDisablesItsWebhooks(t *testing.T) {
	o := newOffice(t)
	d := o.desk()
	h := o.add(d)
	o.result("A1", sohoa.Life{Type: "x"})
	o.update(func(tx archive.Tx) error {
		k, err := tx.APIKey("mot-cua")
		k.Revoked = o.now
		return errors.Join(err, tx.PutAPIKey(k))
	})
	o.pass(d, h, false)
	if n := len(o.received()); n != 0 {
		t.Errorf("%d requests for a key that was revoked, want none", n)
	}
	if _, err := d.Add(t.Context(), "admin", sohoa.Webhook{URL: o.server.URL, Key: "mot-cua", Events: sohoa.HookEvents}); !errors.Is(err, sohoa.ErrForbidden) {
		t.Errorf("Add for a key that was revoked = %v, want forbidden", err)
	}
}

func TestOnlyAllowedHostsAreTold(t *testing.T) {
	o := newOffice(t)
	port := o.server.URL[strings.LastIndex(o.server.URL, ":")+1:]
	for name, tt := range map[string]struct {
		entries []string
		url     string
		ok      bool
	}{
		"listed":             {[]string{"mc.example"}, "https://mc.example/h", true},
		"listed, other case": {[]string{"MC.example"}, "https://mc.EXAMPLE/h", true},
		"another port":       {[]string{"mc.example"}, "https://mc.example:8443/h", false},
		"listed port":        {[]string{"mc.example:8443"}, "https://mc.example:8443/h", true},
		"not listed":         {[]string{"mc.example"}, "https://evil.example/h", false},
		"below":              {[]string{"mc.example"}, "https://a.mc.example/h", false},
		"user":               {[]string{"mc.example"}, "https://mc.example@evil.example/h", false},
		"no TLS":             {[]string{"mc.example:80"}, "http://mc.example/h", false},
		"no TLS here":        {[]string{"127.0.0.1:" + port}, "http://127.0.0.1:" + port, true},
		"no TLS, by name":    {[]string{"localhost:80"}, "http://localhost/h", false},
		"a network alone":    {[]string{"10.0.0.0/8"}, "https://10.1.1.1/h", false},
		"nothing is listed":  {[]string{}, "https://mc.example/h", false},
		"another scheme":     {[]string{"mc.example"}, "ftp://mc.example/h", false},
		"a file":             {[]string{"mc.example"}, "file:///etc/passwd", false},
		"control characters": {[]string{"mc.example"}, "https://mc.example/\r\nX: y", false},
		"fragment":           {[]string{"mc.example"}, "https://mc.example/#x", false},
	} {
		_, err := o.desk(tt.entries...).Add(t.Context(), "admin", sohoa.Webhook{URL: tt.url, Key: "mot-cua", Events: sohoa.HookEvents})
		if (err == nil) != tt.ok {
			t.Errorf("%s: Add of %q with %q = %v, want it allowed: %t", name, tt.url, tt.entries, err, tt.ok)
		}
	}
	for _, bad := range []string{"https://mc.example", "mc.example/h", "*.example", "a b", "user@mc.example", ""} {
		if _, err := hooks.ParsePolicy([]string{bad}); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("ParsePolicy(%q) = %v, want invalid", bad, err)
		}
	}
}

// A name that leads to a private address is not followed there, unless its
// network is listed.
func TestPrivateAddressesAreNotTold(t *testing.T) {
	o := newOffice(t)
	name := "localhost" + o.server.URL[strings.LastIndex(o.server.URL, ":"):]
	listed := o.desk(name)
	h, err := listed.Add(t.Context(), "admin", sohoa.Webhook{URL: "https://" + name, Key: "mot-cua", Events: sohoa.HookEvents})
	if err != nil {
		t.Fatal(err)
	}
	o.result("A1", sohoa.Life{Type: "x"})
	o.now = o.pass(listed, h, true)
	all, err := o.catalog.Deliveries(t.Context(), archive.DeliveryQuery{Hook: h.ID})
	if err != nil || len(all) != 1 || all[0].Problem == nil || all[0].Problem.Code != "hook.private" || len(o.received()) != 0 {
		t.Fatalf("deliveries = %+v, %v, %d requests; want hook.private and none", all, err, len(o.received()))
	}
	// The certificate of the receiver is not for this name, so that with the
	// network listed it is that which stops it: the connection was made.
	o.pass(o.desk(name, "127.0.0.0/8", "::1/128"), h, true)
	all, err = o.catalog.Deliveries(t.Context(), archive.DeliveryQuery{Hook: h.ID})
	if err != nil || all[0].Problem == nil || all[0].Problem.Code != "hook.unreachable" || !strings.Contains(all[0].Problem.Detail, "certificate") {
		t.Errorf("deliveries = %+v, %v, want that the certificate is for another name", all, err)
	}
}

// Of two processes one sends; when it stops the other goes on.
func TestOneProcessSends(t *testing.T) {
	o := newOffice(t)
	o.now = time.Now()
	h := o.add(o.desk())
	first, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = o.desk().Run(first) })
	second, stopSecond := context.WithCancel(t.Context())
	docs := []sohoa.Document{o.result("A1", sohoa.Life{Type: "x"})}
	o.until(1)
	wg.Go(func() { _ = o.desk().Run(second) })
	docs = append(docs, o.result("A1", sohoa.Life{Type: "x"}))
	o.until(2)
	stop()
	docs = append(docs, o.result("A1", sohoa.Life{Type: "x"}))
	o.until(3)
	stopSecond()
	wg.Wait()
	var want []string
	for _, doc := range docs {
		want = append(want, "result.available A1 "+doc.ID.String())
	}
	o.wantEvents(want...)
	if err := o.desk().Drop(t.Context(), "admin", h.ID); err != nil {
		t.Error(err)
	}
}

// until waits until n messages were received.
func (o *office) until(n int) {
	o.t.Helper()
	deadline := time.After(30 * time.Second)
	for len(o.received()) < n {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			o.t.Fatalf("%d messages after 30 s, want %d", len(o.received()), n)
		}
	}
}
