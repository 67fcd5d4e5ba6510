package archivetest

import (
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
)

// programTests are about API keys, webhooks and answers that are kept.
var programTests = map[string]func(*testing.T, archive.Catalog){
	"API keys come back":                testKeys,
	"webhooks and deliveries come back": testHooks,
	"answers are kept for a while":      testAnswers,
	"one request is answered once":      testAnswerRace,
	"a secret is made once":             testSecret,
	"what expired is found by day":      testExpired,
}

func apiKey(name, secret string) sohoa.APIKey {
	return sohoa.APIKey{Name: name, Agencies: []string{"A"}, Scopes: []sohoa.KeyScope{sohoa.KeyReuse}, Rate: 60, CreatedAt: moment,
		CreatedBy: "admin", Expires: moment.Add(time.Hour), Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Hash: sohoa.Sum([]byte(secret))}
}

var sameProblem = cmp.Comparer(func(a, b *sohoa.Problem) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Error() == b.Error() && errors.Is(a, b.Kind)
})

var samePrefix = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

func testKeys(t *testing.T, c archive.Catalog) {
	one, two := apiKey("mot-cua", "s1"), apiKey("cong", "s2")
	update(t, c, func(tx archive.Tx) error {
		if _, err := tx.APIKey("cong"); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("APIKey before there is one = %v, want ErrNotExist", err)
		}
		return errors.Join(tx.PutAPIKey(one), tx.PutAPIKey(two))
	})
	used := moment.Add(time.Minute)
	update(t, c, func(tx archive.Tx) error {
		if err := errors.Join(tx.UseAPIKey("cong", used), tx.UseAPIKey("cong", moment)); err != nil {
			return err
		}
		k, err := tx.APIKey("cong")
		k.Revoked = moment
		return errors.Join(err, tx.PutAPIKey(k))
	})
	two.LastUse, two.Revoked = used, moment
	got, err := c.APIKeys(t.Context())
	if d := cmp.Diff([]sohoa.APIKey{two, one}, got, samePrefix); err != nil || d != "" {
		t.Errorf("APIKeys: %v (-want +got):\n%s", err, d)
	}
	found, err := c.KeyByHash(t.Context(), one.Hash)
	if d := cmp.Diff(one, found, samePrefix); err != nil || d != "" {
		t.Errorf("KeyByHash: %v (-want +got):\n%s", err, d)
	}
	if _, err := c.KeyByHash(t.Context(), sohoa.Sum([]byte("s3"))); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("KeyByHash of another = %v, want ErrNotExist", err)
	}
	same := apiKey("other", "s1")
	if err := c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutAPIKey(same) }); err == nil {
		t.Error("two keys have one secret")
	}
}

func delivery(hook sohoa.SetID, n int, state sohoa.DeliveryState) sohoa.Delivery {
	return sohoa.Delivery{Hook: hook, Number: n, Event: sohoa.HookRevoked, Seq: uint64(n), Body: json.RawMessage(`{"type":"result.revoked"}`),
		State: state, Made: moment.Add(time.Duration(n) * time.Minute)}
}

func testHooks(t *testing.T, c archive.Catalog) {
	a := sohoa.Webhook{ID: sohoa.NewSetID(moment), URL: "https://mc.example/h", Key: "mot-cua", Events: sohoa.HookEvents, CreatedAt: moment, Secret: "whsec_x"}
	b := a
	b.ID = sohoa.NewSetID(moment.Add(time.Second))
	all := []sohoa.Delivery{delivery(a.ID, 1, sohoa.DeliveryDone), delivery(a.ID, 2, sohoa.DeliveryDone),
		delivery(a.ID, 3, sohoa.DeliveryPending), delivery(a.ID, 4, sohoa.DeliveryPending), delivery(b.ID, 1, sohoa.DeliveryPending)}
	update(t, c, func(tx archive.Tx) error {
		err := errors.Join(tx.PutWebhook(a), tx.PutWebhook(b))
		for _, d := range all {
			err = errors.Join(err, tx.PutDelivery(d))
		}
		return err
	})
	update(t, c, func(tx archive.Tx) error {
		h, err := tx.Webhook(a.ID)
		h.Cursor, h.Disabled, h.Problem = 7, moment, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "hook.failed"}
		a = h
		return errors.Join(err, tx.PutWebhook(h))
	})
	got, err := c.Webhooks(t.Context())
	if d := cmp.Diff([]sohoa.Webhook{a, b}, got, sameProblem, cmp.AllowUnexported(sohoa.DocumentID{})); err != nil || d != "" {
		t.Errorf("Webhooks: %v (-want +got):\n%s", err, d)
	}
	wantDeliveries(t, c, archive.DeliveryQuery{Hook: a.ID, State: sohoa.DeliveryPending, Oldest: true}, 3, 4)
	wantDeliveries(t, c, archive.DeliveryQuery{Hook: a.ID, Limit: 3}, 4, 3, 2)
	wantDeliveries(t, c, archive.DeliveryQuery{State: sohoa.DeliveryPending, Oldest: true}, 3, 4, 1)
	update(t, c, func(tx archive.Tx) error { return tx.TrimDeliveries(a.ID, moment.Add(2*time.Minute), 0) })
	wantDeliveries(t, c, archive.DeliveryQuery{Hook: a.ID}, 4, 3, 2)
	update(t, c, func(tx archive.Tx) error { return tx.TrimDeliveries(a.ID, moment, 4) })
	wantDeliveries(t, c, archive.DeliveryQuery{Hook: a.ID}, 4, 3)
	update(t, c, func(tx archive.Tx) error {
		if err := tx.RemoveWebhook(a.ID); err != nil {
			return err
		}
		if _, err := tx.Webhook(a.ID); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("Webhook that was removed = %v, want ErrNotExist", err)
		}
		return nil
	})
	wantDeliveries(t, c, archive.DeliveryQuery{}, 1)
}

func wantDeliveries(t *testing.T, c archive.Catalog, q archive.DeliveryQuery, want ...int) {
	t.Helper()
	got, err := c.Deliveries(t.Context(), q)
	var numbers []int
	for _, d := range got {
		numbers = append(numbers, d.Number)
		if string(d.Body) != `{"type":"result.revoked"}` {
			t.Errorf("body = %s, want it as it was put", d.Body)
		}
	}
	if err != nil || !slices.Equal(numbers, want) {
		t.Errorf("Deliveries(%+v) = %v, %v, want %v", q, numbers, err, want)
	}
}

func testAnswers(t *testing.T, c archive.Catalog) {
	a := archive.APIAnswer{Actor: "api:x", ID: "k1", Request: sohoa.Sum([]byte("r")), Until: moment}
	full := a
	full.Status, full.Type, full.Body, full.Until = 200, "application/json", []byte(`{"a":"ố"}`), moment.Add(time.Hour)
	update(t, c, func(tx archive.Tx) error {
		if _, err := tx.Answer("api:x", "k1"); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("Answer before there is one = %v, want ErrNotExist", err)
		}
		return tx.PutAnswer(a)
	})
	update(t, c, func(tx archive.Tx) error {
		if got, err := tx.Answer("api:x", "k1"); err != nil || got.Status != 0 || got.Request != a.Request || !got.Until.Equal(moment) {
			t.Errorf("Answer = %+v, %v, want one that is worked on", got, err)
		}
		if _, err := tx.Answer("api:y", "k1"); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("Answer to another actor = %v, want ErrNotExist", err)
		}
		return tx.PutAnswer(full)
	})
	update(t, c, func(tx archive.Tx) error {
		got, err := tx.Answer("api:x", "k1")
		if d := cmp.Diff(full, got); err != nil || d != "" {
			t.Errorf("Answer: %v (-want +got):\n%s", err, d)
		}
		return errors.Join(tx.RemoveAnswers(full.Until), tx.PutAnswer(archive.APIAnswer{Actor: "api:x", ID: "k2", Until: full.Until}))
	})
	update(t, c, func(tx archive.Tx) error {
		if _, err := tx.Answer("api:x", "k1"); err != nil {
			t.Errorf("an answer was removed before its time: %v", err)
		}
		return errors.Join(tx.RemoveAnswer("api:x", "k2"), tx.RemoveAnswers(full.Until.Add(time.Second)))
	})
	update(t, c, func(tx archive.Tx) error {
		for _, id := range []string{"k1", "k2"} {
			if _, err := tx.Answer("api:x", id); !errors.Is(err, sohoa.ErrNotExist) {
				t.Errorf("Answer %s that was removed = %v, want ErrNotExist", id, err)
			}
		}
		return nil
	})
}

// Of several that begin the same request at once, one begins it.
func testAnswerRace(t *testing.T, c archive.Catalog) {
	var wg sync.WaitGroup
	began := make([]bool, 8)
	for i := range began {
		wg.Go(func() {
			err := c.Update(t.Context(), func(tx archive.Tx) error {
				_, err := tx.Answer("api:x", "k")
				began[i] = errors.Is(err, sohoa.ErrNotExist)
				if !began[i] {
					return err
				}
				return tx.PutAnswer(archive.APIAnswer{Actor: "api:x", ID: "k", Until: moment})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	n := 0
	for _, b := range began {
		if b {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d of 8 began the request, want 1", n)
	}
}

func testSecret(t *testing.T, c archive.Catalog) {
	for _, fresh := range []string{"first", "second"} {
		update(t, c, func(tx archive.Tx) error {
			got, err := tx.Secret("links", []byte(fresh))
			if err != nil || string(got) != "first" {
				t.Errorf("Secret = %q, %v, want the first", got, err)
			}
			return err
		})
	}
}

func testExpired(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	seed(t, c, "H2", "B")
	docs := []sohoa.Document{document("H1", 1), document("H1", 2), document("H1", 3), document("H2", 4), document("H1", 5)}
	for i := range docs {
		docs[i].State, docs[i].Life.ValidUntil = sohoa.StateKept, "2030-01-01"
	}
	docs[1].State, docs[2].Life.ValidUntil = sohoa.StateDestroyed, "2030-01-02"
	update(t, c, func(tx archive.Tx) error {
		for _, d := range docs {
			if err := tx.PutDocument(d); err != nil {
				return err
			}
		}
		return nil
	})
	for name, tt := range map[string]struct {
		scope sohoa.Scope
		after sohoa.DocumentID
		want  []sohoa.DocumentID
	}{
		"all":          {sohoa.Everything, sohoa.DocumentID{}, []sohoa.DocumentID{docs[0].ID, docs[3].ID, docs[4].ID}},
		"of A":         {sohoa.Scope{Agencies: []string{"A"}}, sohoa.DocumentID{}, []sohoa.DocumentID{docs[0].ID, docs[4].ID}},
		"of A, rest":   {sohoa.Scope{Agencies: []string{"A"}}, docs[0].ID, []sohoa.DocumentID{docs[4].ID}},
		"of no agency": {sohoa.Scope{}, sohoa.DocumentID{}, nil},
	} {
		found, err := c.Expired(t.Context(), tt.scope, "2030-01-01", tt.after, 10)
		var got []sohoa.DocumentID
		for _, d := range found {
			got = append(got, d.ID)
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("Expired %s = %v, %v, want %v", name, got, err, tt.want)
		}
	}
}
