package ingest_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// asRead are the values of a document as recognition left them, but for some.
func asRead(doc sohoa.Document, other map[string]string) (all []sohoa.FieldValue) {
	for _, name := range sohoa.FieldNames {
		v := sohoa.FieldValue{Name: name, Value: doc.Field(name).Value}
		if o, ok := other[name]; ok {
			v.Value = o
		}
		all = append(all, v)
	}
	return all
}

// decision is a document with fields that are worth confirming, kept.
func (of *office) decision() sohoa.Document {
	of.t.Helper()
	doc := of.kept(of.add("quyet-dinh.jpg", scan(of.t, "quyet-dinh-01.jpg")).ID)
	if doc.Field(sohoa.FieldCodeNotation).Value == "" || !doc.Unconfirmed() {
		of.t.Fatalf("the sample has the fields %+v, want an unconfirmed notation among them", doc.Fields)
	}
	return doc
}

// TestConfirm confirms a kept document with one value corrected: what was read
// stays beside it, the storage root gets it, and it comes back from there.
func TestConfirm(t *testing.T) {
	dir := t.TempDir()
	of := openOffice(t, options{dir: dir})
	before := of.decision()
	read := before.Field(sohoa.FieldCodeNotation)
	kind, ctx := "cong-chung", t.Context()
	c := ingest.Confirmation{Actor: "lan", Version: before.FieldsAt, Values: asRead(before, map[string]string{sohoa.FieldCodeNotation: " QĐ-99a ", sohoa.FieldSubject: ""}),
		Type: &kind, Validity: &ingest.Validity{Until: "2031-12-31"}}
	doc, err := of.Confirm(ctx, before.ID, c)
	if err != nil {
		t.Fatalf("Confirm = %v", err)
	}
	got := doc.Field(sohoa.FieldCodeNotation)
	if got.Value != "QĐ-99a" || !got.Confirmed || got.By != "lan" || got.At.IsZero() || got.Rule != sohoa.RulePerson {
		t.Errorf("the corrected notation is %+v", got)
	}
	if r := got.Read; r == nil || r.Value != read.Value || r.Page != read.Page || r.Box != read.Box || r.Confidence != read.Confidence {
		t.Errorf("beside it is %+v, want what was read: %+v", r, read)
	}
	if organ := doc.Field(sohoa.FieldOrganName); !organ.Confirmed || organ.Rule == sohoa.RulePerson || organ.Read != nil {
		t.Errorf("what was read right is %+v, want it confirmed with its rule", organ)
	}
	if doc.Unconfirmed() || doc.Life.Type != kind || doc.Life.ValidUntil != "2031-12-31" {
		t.Errorf("unconfirmed %v, life %+v", doc.Unconfirmed(), doc.Life)
	}
	if again, err := of.Confirm(ctx, before.ID, c); err != nil || again.FieldsAt != doc.FieldsAt {
		t.Errorf("the same again: version %d, %v, want %d as before", again.FieldsAt, err, doc.FieldsAt)
	}
	of.checkConfirmed(doc.ID, got)
	back := must(of.recovered(dir).catalog.Document(ctx, sohoa.Everything, doc.ID))(t).Field(sohoa.FieldCodeNotation)
	if back.Read == nil || *back.Read != *got.Read || back.By != got.By || !back.At.Equal(got.At) || back.Value != got.Value {
		t.Errorf("recovered %+v, want %+v", back, got)
	}
}

// checkConfirmed checks what the storage root and the journal have of a
// confirmation: names, and never values.
func (of *office) checkConfirmed(id sohoa.DocumentID, want sohoa.Field) {
	of.t.Helper()
	of.await(id, func(d sohoa.Document) bool { return d.FieldsKept == d.FieldsAt && recorded(d) })
	kept := of.record(id).Document.Field(want.Name)
	if kept.Value != want.Value || kept.By != want.By || kept.Read == nil || *kept.Read != *want.Read {
		of.t.Errorf("the record has %+v, want %+v", kept, want)
	}
	history := must(of.catalog.History(of.t.Context(), id))(of.t)
	entries := slices.DeleteFunc(history, func(e sohoa.Entry) bool { return e.Action != sohoa.ActionConfirm })
	if len(entries) != 1 || entries[0].Actor != want.By || !strings.Contains(entries[0].Detail, "codeNotation,subject") || strings.Contains(entries[0].Detail, "99a") {
		of.t.Errorf("the journal has %+v, want one entry that names the two fields", entries)
	}
	of.checkArchive()
}

// recovered is the office once its catalogue is lost and came back.
func (of *office) recovered(dir string) *office {
	of.t.Helper()
	of.stop()
	of.catalog.Close()
	for _, lost := range []string{"c.db", "c.db-wal", "c.db-shm"} {
		if err := os.RemoveAll(filepath.Join(dir, lost)); err != nil {
			of.t.Fatal(err)
		}
	}
	again := openOffice(of.t, options{dir: dir, idle: true})
	if _, err := again.Recover(of.t.Context(), func(id sohoa.DocumentID, err error) {
		if err != nil {
			of.t.Errorf("recover %s: %v", id, err)
		}
	}); err != nil {
		of.t.Fatal(err)
	}
	return again
}

// TestConfirmIsRefused gives values that cannot be, and confirms what somebody
// else has confirmed.
func TestConfirmIsRefused(t *testing.T) {
	of := openOffice(t, options{})
	doc := of.decision()
	tomorrow := string(sohoa.DateOf(time.Now().AddDate(0, 0, 1)))
	for name, tt := range map[string]struct {
		value sohoa.FieldValue
		code  string
	}{
		"no day":           {sohoa.FieldValue{Name: sohoa.FieldIssuedDate, Value: "2026-02-30"}, "field.issuedDate"},
		"a day to come":    {sohoa.FieldValue{Name: sohoa.FieldIssuedDate, Value: tomorrow}, "field.issuedDate"},
		"no digits":        {sohoa.FieldValue{Name: sohoa.FieldCodeNumber, Value: "abc"}, "field.codeNumber"},
		"a long number":    {sohoa.FieldValue{Name: sohoa.FieldCodeNumber, Value: "123456789012"}, "field.codeNumber"},
		"a wrong notation": {sohoa.FieldValue{Name: sohoa.FieldCodeNotation, Value: "<b>"}, "field.codeNotation"},
		"a short identity": {sohoa.FieldValue{Name: sohoa.FieldOwnerID, Value: "12345"}, "field.ownerId"},
		"a long subject":   {sohoa.FieldValue{Name: sohoa.FieldSubject, Value: strings.Repeat("a", 501)}, "field.subject"},
		"an unknown field": {sohoa.FieldValue{Name: "colour", Value: "red"}, "fields.unknown"},
		"twice":            {sohoa.FieldValue{Name: sohoa.FieldSigner, Value: "A"}, "fields.twice"},
		"no such page":     {sohoa.FieldValue{Name: sohoa.FieldSigner, Value: "A", Page: 9}, "fields.place"},
	} {
		values := asRead(doc, nil)
		if name == "twice" || tt.code == "fields.unknown" {
			values = append(values, tt.value)
		} else {
			values[slices.IndexFunc(values, func(v sohoa.FieldValue) bool { return v.Name == tt.value.Name })] = tt.value
		}
		_, err := of.Confirm(t.Context(), doc.ID, ingest.Confirmation{Actor: "lan", Version: doc.FieldsAt, Values: values})
		var wrong sohoa.FieldErrors
		if codeOf(err) != tt.code || !errors.As(err, &wrong) || wrong[0].Name != tt.value.Name {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
	c := ingest.Confirmation{Actor: "lan", Version: doc.FieldsAt, Values: asRead(doc, nil)[1:]}
	if _, err := of.Confirm(t.Context(), doc.ID, c); codeOf(err) != "fields.missing" {
		t.Errorf("with a field left out: %v, want fields.missing", err)
	}
	c.Values = asRead(doc, nil)
	must(of.Confirm(t.Context(), doc.ID, c))(t)
	c.Actor, c.Values = "binh", asRead(doc, map[string]string{sohoa.FieldCodeNotation: "77"})
	now, err := of.Confirm(t.Context(), doc.ID, c)
	if codeOf(err) != "fields.changed" || !errors.Is(err, sohoa.ErrConflict) || now.Field(sohoa.FieldCodeNotation).By != "lan" {
		t.Errorf("confirmed by two: %v, and %+v; want fields.changed with what the first said", err, now.Field(sohoa.FieldCodeNotation))
	}
}

// TestConfirmFirst holds a document until its fields are confirmed; its first
// version has them, and the retention of its type.
func TestConfirmFirst(t *testing.T) {
	of := openOffice(t, options{config: func(c *ingest.Config) { c.ConfirmFirst = true }})
	id := of.add("quyet-dinh.jpg", scan(t, "quyet-dinh-01.jpg")).ID
	doc := of.await(id, func(d sohoa.Document) bool { return d.Waits == sohoa.WaitFields || settled(d) })
	waiting := must(of.catalog.Unconfirmed(t.Context(), sohoa.Everything, archive.UnconfirmedQuery{}))(t)
	if doc.State != sohoa.StateRead || doc.Stage != sohoa.StageSign || len(waiting) != 1 {
		t.Fatalf("the document is %s at %s and %d wait, want it to wait before it is signed", doc.State, doc.Stage, len(waiting))
	}
	if err := of.Hold(t.Context(), "lan", id); err != nil {
		t.Fatalf("Hold of what waits = %v", err)
	}
	if err := of.Release(t.Context(), "lan", id); err != nil {
		t.Fatal(err)
	}
	doc = of.await(id, func(d sohoa.Document) bool { return d.Waits == sohoa.WaitFields || settled(d) })
	kind := "chung-thuc-chu-ky"
	must(of.Confirm(t.Context(), id, ingest.Confirmation{Actor: "lan", Version: doc.FieldsAt, Values: asRead(doc, nil), Type: &kind}))(t)
	doc = of.kept(id)
	if doc.Unconfirmed() || doc.Waits != "" || doc.Life.Type != kind || doc.Life.Retention.Code != sohoa.RetentionOther || doc.Signature != sohoa.SignatureTimed {
		t.Errorf("after confirmation: waits %q, %s, life %+v", doc.Waits, doc.Signature, doc.Life)
	}
	if r := of.record(id).Document; r.Revision != 1 || r.Unconfirmed() || r.Life.Type != kind {
		t.Errorf("version %d has unconfirmed %v, type %q", r.Revision, r.Unconfirmed(), r.Life.Type)
	}
}
