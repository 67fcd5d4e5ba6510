package archivetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
)

// signingSet makes a set of an agency for one signer.
func signingSet(n int, agency, signer string) sohoa.SigningSet {
	at := moment.Add(time.Duration(n) * time.Second)
	return sohoa.SigningSet{ID: sohoa.NewSetID(at), Title: "Bản sao số hóa", Agency: agency, State: sohoa.SetOpen, CreatedAt: at, CreatedBy: "lan",
		Steps: []sohoa.SignStep{{Part: sohoa.PartOperator, User: signer}, {Part: sohoa.PartAgency}}}
}

func item(s sohoa.SigningSet, d sohoa.Document, position int) sohoa.SetItem {
	return sohoa.SetItem{Set: s.ID, Document: d.ID, Position: position, State: sohoa.ItemDue, Signer: s.Steps[0].User,
		Places: map[int]sohoa.Place{0: {Page: 1, X: 1.5, Width: 100, Height: 50}}}
}

func testSets(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	one, two := document("H1", 1), document("H1", 2)
	first, second := signingSet(1, "A", "hoa"), signingSet(2, "B", "binh")
	second.State = sohoa.SetDone
	done := item(first, two, 0)
	done.State, done.Signer = sohoa.ItemDone, ""
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDocument(one), tx.PutDocument(two), tx.PutSigningSet(first), tx.PutSigningSet(second),
			tx.PutSetItem(item(first, one, 1)), tx.PutSetItem(done))
	})
	got, err := c.SigningSet(t.Context(), sohoa.Scope{Agencies: []string{"A"}}, first.ID)
	if d := cmp.Diff(first, got); err != nil || d != "" {
		t.Errorf("SigningSet: %v (-want +got):\n%s", err, d)
	}
	if _, err := c.SigningSet(t.Context(), sohoa.Scope{Agencies: []string{"A"}}, second.ID); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("a set of another agency: %v, want ErrNotExist", err)
	}
	items, err := c.SetItems(t.Context(), first.ID)
	if d := cmp.Diff([]sohoa.SetItem{done, item(first, one, 1)}, items, sameID); err != nil || d != "" {
		t.Errorf("SetItems: %v (-want +got):\n%s", err, d)
	}
	waits, err := c.DocumentItem(t.Context(), one.ID)
	if err != nil || waits.Set != first.ID {
		t.Errorf("DocumentItem = %+v, %v, want the one of the first set", waits, err)
	}
	if _, err := c.DocumentItem(t.Context(), two.ID); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("the item of a document that waits for nobody: %v, want ErrNotExist", err)
	}
	for name, tt := range map[string]struct {
		q    archive.SetQuery
		want []sohoa.SetID
	}{
		"all":     {archive.SetQuery{}, []sohoa.SetID{second.ID, first.ID}},
		"open":    {archive.SetQuery{Open: true}, []sohoa.SetID{first.ID}},
		"signer":  {archive.SetQuery{Signer: "hoa"}, []sohoa.SetID{first.ID}},
		"nobody":  {archive.SetQuery{Signer: "binh"}, nil},
		"creator": {archive.SetQuery{Creator: "lan", Limit: 1}, []sohoa.SetID{second.ID}},
	} {
		found, err := c.FindSigningSets(t.Context(), sohoa.Everything, tt.q)
		var ids []sohoa.SetID
		for _, s := range found {
			ids = append(ids, s.ID)
			if s.ID == first.ID && (s.Items != 2 || s.Done != 1 || tt.q.Signer != "" && s.Waiting != 1) {
				t.Errorf("%s: %d items, %d done, %d waiting, want 2, 1, 1", name, s.Items, s.Done, s.Waiting)
			}
		}
		if err != nil || !slices.Equal(ids, tt.want) {
			t.Errorf("FindSigningSets(%s) = %v, %v, want %v", name, ids, err, tt.want)
		}
	}
}

func testOneSet(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	doc := document("H1", 1)
	first, second := signingSet(1, "A", "hoa"), signingSet(2, "A", "hoa")
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDocument(doc), tx.PutSigningSet(first), tx.PutSigningSet(second), tx.PutSetItem(item(first, doc, 0)))
	})
	put := func(i sohoa.SetItem) error {
		return c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutSetItem(i) })
	}
	if err := put(item(second, doc, 0)); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("a document in a second set: %v, want ErrConflict", err)
	}
	ended := item(first, doc, 0)
	ended.State = sohoa.ItemRefused
	if err := errors.Join(put(ended), put(item(second, doc, 0))); err != nil {
		t.Errorf("a document whose first set has ended, in a second: %v", err)
	}
	update(t, c, func(tx archive.Tx) error {
		got, err := tx.SetItem(second.ID, doc.ID)
		if err != nil || got.State != sohoa.ItemDue {
			t.Errorf("SetItem = %+v, %v, want the one that is due", got, err)
		}
		waits, err := tx.DocumentItem(doc.ID)
		if d := cmp.Diff(got, waits, sameID); err != nil || d != "" {
			t.Errorf("DocumentItem in a transaction: %v (-want +got):\n%s", err, d)
		}
		if _, err := tx.DocumentItem(document("H1", 2).ID); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("the item of a document in no set: %v, want ErrNotExist", err)
		}
		return nil
	})
}

func testPending(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	doc, other := document("H1", 1), document("H1", 2)
	pending := func(n int, d sohoa.Document) sohoa.PendingSignature {
		at := moment.Add(time.Duration(n) * time.Second)
		return sohoa.PendingSignature{ID: sohoa.NewSetID(at), Document: d.ID, Revision: 1, Part: sohoa.PartPerson, Actor: "hoa", Flow: sohoa.FlowTool,
			Prepared: []byte{0, 1, 255}, Secret: sohoa.Sum([]byte{byte(n)}), Created: at, Expires: at.Add(time.Hour)}
	}
	one, two := pending(1, doc), pending(2, other)
	put := func(p sohoa.PendingSignature) error {
		return c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutPending(p) })
	}
	update(t, c, func(tx archive.Tx) error { return errors.Join(tx.PutDocument(doc), tx.PutDocument(other)) })
	if err := errors.Join(put(one), put(two), put(one)); err != nil {
		t.Fatal(err)
	}
	if err := put(pending(3, doc)); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("a second signature of a document: %v, want ErrConflict", err)
	}
	got, err := c.Pending(t.Context(), one.ID)
	if d := cmp.Diff(one, got, sameID); err != nil || d != "" {
		t.Errorf("Pending: %v (-want +got):\n%s", err, d)
	}
	update(t, c, func(tx archive.Tx) error {
		got, err := tx.DocumentPending(doc.ID)
		if d := cmp.Diff(one, got, sameID); err != nil || d != "" {
			t.Errorf("DocumentPending: %v (-want +got):\n%s", err, d)
		}
		if _, err := tx.DocumentPending(document("H1", 3).ID); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("the signature of a document that has none under way: %v, want ErrNotExist", err)
		}
		return nil
	})
	for name, tt := range map[string]struct {
		q    archive.PendingQuery
		want int
	}{
		"all":      {archive.PendingQuery{}, 2},
		"document": {archive.PendingQuery{Document: doc.ID}, 1},
		"secret":   {archive.PendingQuery{Secret: two.Secret}, 1},
		"flow":     {archive.PendingQuery{Flow: sohoa.FlowKey}, 0},
		"set":      {archive.PendingQuery{Set: "S"}, 0},
		"expired":  {archive.PendingQuery{Before: one.Expires.Add(time.Millisecond)}, 1},
	} {
		found, err := c.FindPending(t.Context(), tt.q)
		if err != nil || len(found) != tt.want {
			t.Errorf("FindPending(%s) = %v, %v, want %d", name, found, err, tt.want)
		}
		for _, p := range found {
			if p.Prepared != nil {
				t.Errorf("FindPending(%s) brought what was prepared along", name)
			}
		}
	}
	update(t, c, func(tx archive.Tx) error { return errors.Join(tx.RemovePending(one.ID), tx.RemovePending(one.ID)) })
	if _, err := c.Pending(t.Context(), one.ID); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("a signature that was removed: %v, want ErrNotExist", err)
	}
	if err := put(pending(3, doc)); err != nil {
		t.Errorf("the next signature of a document: %v", err)
	}
}

func testProof(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	var docs []sohoa.Document
	for i := range 4 {
		d := document("H1", i+1)
		d.State = sohoa.StateKept
		docs = append(docs, d)
	}
	docs[0].ProofUntil, docs[1].ProofUntil, docs[2].ProofUntil = moment.AddDate(2, 0, 0), moment.AddDate(1, 0, 0), moment.AddDate(5, 0, 0)
	docs[2].Lookup = "K7QX"
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDocument(docs[0]), tx.PutDocument(docs[1]), tx.PutDocument(docs[2]), tx.PutDocument(docs[3]))
	})
	ending, err := c.ProofEnding(t.Context(), moment.AddDate(3, 0, 0), 0)
	if err != nil || len(ending) != 2 || ending[0].ID != docs[1].ID || ending[1].ID != docs[0].ID {
		t.Errorf("ProofEnding = %v, %v, want the second and the first", ending, err)
	}
	if d, err := c.Lookup(t.Context(), "K7QX"); err != nil || d.ID != docs[2].ID {
		t.Errorf("Lookup = %v, %v, want the third", d.ID, err)
	}
	for _, code := range []string{"", "K7QY"} {
		if _, err := c.Lookup(t.Context(), code); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("Lookup(%q): %v, want ErrNotExist", code, err)
		}
	}
}
