package ingest_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive/ocfl"
	"sohoa/ingest"
)

// ruled is a decision with its reason.
var ruled = sohoa.Ruling{Decision: "12/QĐ-UBND ngày 01/12/2026", Reason: "cấp sai thẩm quyền"}

// digests are those of a document's files in the storage root.
func (of *office) digests(id sohoa.DocumentID) map[string]sohoa.Digest {
	of.t.Helper()
	all := map[string]sohoa.Digest{}
	for path, f := range must(of.Keeper.Head(of.t.Context(), ocfl.DocumentID(id)))(of.t).Files {
		if path != "metadata.json" {
			all[path] = f.Digest
		}
	}
	return all
}

// codeOf is the code of a problem; empty for none.
func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return problemOf(err)
}

// TestLifeOfAResult revokes, takes that back, replaces and limits a result.
// Its papers stay as they are, byte for byte, through every version.
func TestLifeOfAResult(t *testing.T) {
	of := openOffice(t, options{})
	ids := of.papers(2)
	id, successor := ids[0], ids[1]
	papers := of.digests(id)
	if papers["signed.pdf"].IsZero() {
		t.Fatalf("the object has %v, want a signed PDF", papers)
	}
	ctx, now := t.Context(), time.Now()
	steps := []struct {
		name string
		do   func() (sohoa.Document, error)
		want sohoa.Force
		code string // of Reusable
	}{
		{"revoke", func() (sohoa.Document, error) { return of.Revoke(ctx, "binh", id, now.Add(-time.Hour), ruled) }, sohoa.ForceRevoked, "life.revoked"},
		{"reinstate", func() (sohoa.Document, error) {
			return of.Reinstate(ctx, "binh", id, sohoa.Ruling{Decision: "15/QĐ-UBND", Reason: "thu hồi quyết định hủy"})
		}, sohoa.ForceIn, ""},
		{"valid until yesterday", func() (sohoa.Document, error) {
			return of.SetValidity(ctx, "binh", id, ingest.Validity{Until: sohoa.DateOf(now.Add(-24 * time.Hour)), Scope: "toàn quốc"})
		}, sohoa.ForceExpired, "life.expired"},
		{"valid from tomorrow", func() (sohoa.Document, error) {
			return of.SetValidity(ctx, "binh", id, ingest.Validity{From: sohoa.DateOf(now.Add(24 * time.Hour))})
		}, sohoa.ForceNotYet, "life.not-yet"},
		{"valid", func() (sohoa.Document, error) { return of.SetValidity(ctx, "binh", id, ingest.Validity{}) }, sohoa.ForceIn, ""},
		{"replace", func() (sohoa.Document, error) {
			return of.Replace(ctx, "binh", id, sohoa.Replacement{By: successor, Decision: "16/QĐ-UBND"})
		}, sohoa.ForceReplaced, "life.replaced"},
	}
	for _, step := range steps {
		doc, err := step.do()
		if err != nil {
			t.Fatalf("%s = %v", step.name, err)
		}
		at := time.Now().Add(time.Minute)
		if doc.Life.Force(at) != step.want || codeOf(doc.Reusable(at)) != step.code {
			t.Errorf("%s: force %s, reusable %v, want %s and %q", step.name, doc.Life.Force(at), doc.Reusable(at), step.want, step.code)
		}
		doc = of.await(id, recorded)
		if r := of.record(id); r.Document.Life.Force(at) != step.want {
			t.Errorf("%s: the record of revision %d says %s, want %s", step.name, doc.Revision, r.Document.Life.Force(at), step.want)
		}
		if got := of.digests(id); !maps.Equal(papers, got) {
			t.Errorf("%s: the papers are %v, want them as they were: %v", step.name, got, papers)
		}
	}
	if got := of.await(id, recorded); got.Revision != len(steps)+1 {
		t.Errorf("%d versions after %d decisions, want one each", got.Revision, len(steps))
	}
	actions := map[sohoa.Action]int{}
	var was []string
	for _, e := range must(of.catalog.History(ctx, id))(t) {
		actions[e.Action]++
		if _, after, ok := strings.Cut(e.Detail, `"was":`); ok {
			was = append(was, strings.Trim(after, `"}`))
		}
	}
	slices.Sort(was)
	if want := []string{"expired", "in-force", "not-yet"}; !slices.Equal(was, want) {
		t.Errorf("the journal has the force before a change of validity as %q, want %q", was, want)
	}
	if actions[sohoa.ActionRevoke] != 1 || actions[sohoa.ActionReinstate] != 1 || actions[sohoa.ActionReplace] != 1 || actions[sohoa.ActionValidity] != 3 {
		t.Errorf("the journal has %v, want every decision", actions)
	}
	of.stop()
	of.checkArchive()
}

// TestDecisionsAreChecked enters what must not be entered.
func TestDecisionsAreChecked(t *testing.T) {
	of := openOffice(t, options{})
	ids := of.papers(2)
	id, other := ids[0], ids[1]
	ctx := t.Context()
	refuse := func(name, want string, doc sohoa.Document, err error) {
		t.Helper()
		if problemOf(err) != want {
			t.Errorf("%s = %v, want %s", name, err, want)
		}
	}
	try := func(name, want string) func(sohoa.Document, error) {
		return func(doc sohoa.Document, err error) { t.Helper(); refuse(name, want, doc, err) }
	}
	try("no decision", "life.decision")(of.Revoke(ctx, "binh", id, time.Time{}, sohoa.Ruling{Reason: "x"}))
	try("no reason", "life.reason")(of.Revoke(ctx, "binh", id, time.Time{}, sohoa.Ruling{Decision: "1"}))
	try("nothing to take back", "life.in-force")(of.Reinstate(ctx, "binh", id, ruled))
	try("by itself", "life.replacement")(of.Replace(ctx, "binh", id, sohoa.Replacement{By: id}))
	try("by nothing", "life.replacement")(of.Replace(ctx, "binh", id, sohoa.Replacement{By: sohoa.NewDocumentID(time.Now())}))
	try("backwards", "life.dates")(of.SetValidity(ctx, "binh", id, ingest.Validity{From: "2026-02-01", Until: "2026-01-31"}))
	try("no day", "date.invalid")(of.SetValidity(ctx, "binh", id, ingest.Validity{From: "2026-02-31"}))
	try("unknown type", "life.type")(of.SetType(ctx, "binh", id, "khong-co"))
	try("no period", "retention.period")(of.SetRetention(ctx, "binh", id, ingest.Period{Code: "09"}))
	try("shorter without a decision", "retention.shorter")(of.SetRetention(ctx, "binh", id, ingest.Period{Code: sohoa.Retention10}))
	try("no such hold", "retention.hold")(of.LiftHold(ctx, "binh", id, time.Now(), "x"))
	if _, err := of.Revoke(ctx, "binh", id, time.Time{}, ruled); err != nil {
		t.Fatal(err)
	}
	try("twice", "life.is-revoked")(of.Revoke(ctx, "binh", id, time.Time{}, ruled))
	try("by the same decision", "life.decision-same")(of.Reinstate(ctx, "binh", id, sohoa.Ruling{Decision: " 12/qđ-UBND  ngày 01/12/2026", Reason: "x"}))
	try("by a revoked one", "life.replacement")(of.Replace(ctx, "binh", other, sohoa.Replacement{By: id}))
	_, err := of.Revoke(ctx, "binh", sohoa.NewDocumentID(time.Now()), time.Time{}, ruled)
	if !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Revoke of nothing = %v, want ErrNotExist", err)
	}
}

// TestRevokedIsNotSigned revokes one document before and one after it was put
// up for signing: nobody signs either, and both can be read.
func TestRevokedIsNotSigned(t *testing.T) {
	of := openOffice(t, options{})
	ids := of.papers(2)
	set := of.set(ids[1:], one(sohoa.PartPerson, "binh")...)
	for _, id := range ids {
		if _, err := of.Revoke(t.Context(), "binh", id, time.Time{}, ruled); err != nil {
			t.Fatal(err)
		}
	}
	_, err := of.CreateSet(t.Context(), "lan", sohoa.SigningSet{Title: "a", Steps: one(sohoa.PartPerson, "binh")}, ids[:1])
	if problemOf(err) != "life.revoked" {
		t.Errorf("CreateSet of a revoked result = %v, want life.revoked", err)
	}
	if _, _, err := of.prepareAs("binh", ids[1]); problemOf(err) != "life.revoked" {
		t.Errorf("PrepareSignature of a revoked result = %v, want life.revoked", err)
	}
	if err := of.Refuse(t.Context(), "binh", set.ID, nil, "đã bị hủy hiệu lực"); err != nil {
		t.Errorf("Refuse = %v", err)
	}
	if len(of.read(ids[0], sohoa.RoleSigned, 0)) == 0 {
		t.Error("the signed PDF of a revoked result cannot be read")
	}
}
