package ingest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sohoa"
	"sohoa/ingest"
)

// inOrder are the steps of a result: its operator, who has the power to sign,
// and the office.
var inOrder = []sohoa.SignStep{{Part: sohoa.PartOperator, User: "lan"}, {Part: sohoa.PartPerson, User: "binh"}, {Part: sohoa.PartSeal}}

func TestSetIsSignedInOrder(t *testing.T) {
	of := openOffice(t, options{})
	ids := of.papers(3)
	set := of.set(ids, inOrder...)
	if _, err := of.SignSet(t.Context(), "binh", set.ID, nil, pin); problemOf(err) != "set.not-due" {
		t.Errorf("SignSet before one's turn = %v, want set.not-due", err)
	}
	if _, err := of.SignSet(t.Context(), "lan", set.ID, nil, "wrong"); problemOf(err) != "sign.password" {
		t.Errorf("SignSet with a wrong PIN = %v, want sign.password", err)
	}
	started := must(of.SignSet(t.Context(), "lan", set.ID, nil, pin))(t)
	if started.Documents != len(ids) {
		t.Errorf("SignSet started %d documents, want %d", started.Documents, len(ids))
	}
	for _, id := range ids {
		of.item(set.ID, id, at(1, sohoa.ItemDue))
	}
	for _, id := range ids[1:] {
		if err := of.signAs("binh", id); err != nil {
			t.Fatalf("sign %s: %v", id, err)
		}
	}
	must(of.SignSet(t.Context(), "binh", set.ID, ids[:1], pin))(t)
	for _, id := range ids {
		of.item(set.ID, id, at(3, sohoa.ItemDone))
		doc := of.checkSignatures(id, agencyName, people["lan"], people["binh"], agencyName)
		if doc.Revision != 4 || doc.Set != "" || doc.Signature != sohoa.SignatureTimed {
			t.Errorf("%s is kept as %+v, want revision 4, in no set, timed", id, doc)
		}
		if parts := []sohoa.SignPart{doc.Signatures[1].Part, doc.Signatures[2].Part, doc.Signatures[3].Part}; parts[0] != sohoa.PartOperator || parts[1] != sohoa.PartPerson || parts[2] != sohoa.PartSeal {
			t.Errorf("%s is signed as %v, want operator, person, seal", id, parts)
		}
	}
	if got := must(of.catalog.SigningSet(t.Context(), sohoa.Everything, set.ID))(t); got.State != sohoa.SetDone {
		t.Errorf("the set is %s, want %s", got.State, sohoa.SetDone)
	}
	of.stop()
	of.checkArchive()
}

func TestDelegateRefuseWithdraw(t *testing.T) {
	of := openOffice(t, options{})
	ids := of.papers(3)
	set := of.set(ids, sohoa.SignStep{Part: sohoa.PartPerson, User: "binh"}, sohoa.SignStep{Part: sohoa.PartPerson, User: "sep"})
	ctx := t.Context()
	if _, err := of.CreateSet(ctx, "lan", sohoa.SigningSet{Title: "x", Steps: inOrder}, ids[:1]); problemOf(err) != "set.taken" {
		t.Errorf("CreateSet of what waits elsewhere = %v, want set.taken", err)
	}
	for name, err := range map[string]error{
		"set.not-yours": of.Delegate(ctx, "hoa", set.ID, 0, "hoa", ""),
		"set.signer":    of.Delegate(ctx, "binh", set.ID, 0, "la", ""),
		"set.step":      of.Delegate(ctx, "binh", set.ID, 7, "hoa", ""),
		"set.reason":    of.Refuse(ctx, "binh", set.ID, ids[:1], " "),
	} {
		if problemOf(err) != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
	if err := of.Withdraw(ctx, "hoa", set.ID, nil, ""); problemOf(err) != "set.not-yours" {
		t.Errorf("Withdraw by somebody else = %v, want set.not-yours", err)
	}
	if err := of.Refuse(ctx, "hoa", set.ID, ids[:1], "không"); problemOf(err) != "set.not-yours" {
		t.Errorf("Refuse by somebody else = %v, want set.not-yours", err)
	}
	if err := of.Delegate(ctx, "binh", set.ID, 0, "hoa", "đi công tác"); err != nil {
		t.Fatal(err)
	}
	if err := of.signAs("binh", ids[0]); problemOf(err) != "set.not-yours" {
		t.Errorf("signing what was delegated = %v, want set.not-yours", err)
	}
	if err := of.signAs("hoa", ids[0]); err != nil {
		t.Fatal(err)
	}
	if i := of.item(set.ID, ids[0], at(1, sohoa.ItemDue)); i.Signed[0].User != "hoa" || i.Signed[0].For != "binh" {
		t.Errorf("signed by %+v, want hoa for binh", i.Signed[0])
	}
	if err := of.Refuse(ctx, "hoa", set.ID, ids[1:2], "sai số"); err != nil {
		t.Fatal(err)
	}
	i := of.item(set.ID, ids[1], at(0, sohoa.ItemRefused))
	if i.Ended == nil || i.Ended.By != "hoa" || i.Ended.Reason != "sai số" {
		t.Errorf("the refusal is %+v, want hoa's with the reason", i.Ended)
	}
	if err := of.Withdraw(ctx, "lan", set.ID, nil, "làm lại"); err != nil {
		t.Fatal(err)
	}
	of.item(set.ID, ids[0], at(1, sohoa.ItemWithdrawn))
	of.item(set.ID, ids[2], at(0, sohoa.ItemWithdrawn))
	if got := must(of.catalog.SigningSet(ctx, sohoa.Everything, set.ID))(t); got.State != sohoa.SetWithdrawn {
		t.Errorf("the set is %s, want %s", got.State, sohoa.SetWithdrawn)
	}
	of.checkSignatures(ids[0], agencyName, people["hoa"])
	for _, id := range ids {
		if doc := must(of.catalog.Document(ctx, sohoa.Everything, id))(t); doc.Set != "" {
			t.Errorf("%s says that it is in set %s, which has ended", id, doc.Set)
		}
	}
	again := of.set(ids, one(sohoa.PartPerson, "binh")...)
	if err := of.Withdraw(ctx, "sep", again.ID, ids[:1], ""); err != nil {
		t.Errorf("Withdraw by an administrator = %v", err)
	}
	of.stop()
	of.checkArchive()
}

// TestWithdrawEndsWhatWasPrepared withdraws a document between the phases.
func TestWithdrawEndsWhatWasPrepared(t *testing.T) {
	of := openOffice(t, options{})
	id := of.papers(1)[0]
	set := of.set([]sohoa.DocumentID{id}, one(sohoa.PartPerson, "binh")...)
	p, prepared, err := of.prepareAs("binh", id)
	if err != nil {
		t.Fatal(err)
	}
	if err := of.Withdraw(t.Context(), "lan", set.ID, nil, ""); err != nil {
		t.Fatal(err)
	}
	value := must(keyOf(t, people["binh"]).Sign(t.Context(), prepared))(t)
	if _, err := of.CompleteSignature(t.Context(), "binh", p.ID, value); problemOf(err) != "sign.expired" {
		t.Errorf("CompleteSignature of what was withdrawn = %v, want sign.expired", err)
	}
	of.checkSignatures(id, agencyName)
}

func TestPlace(t *testing.T) {
	of := openOffice(t, options{})
	id := of.papers(1)[0]
	set := of.set([]sohoa.DocumentID{id}, inOrder...)
	item := must(of.catalog.SetItems(t.Context(), set.ID))(t)[0]
	good := &sohoa.Place{Page: 1, X: 50, Y: 60, Width: 120, Height: 40}
	for name, tt := range map[string]struct {
		actor string
		step  int
		place *sohoa.Place
		want  string
	}{
		"page 0":       {"binh", 1, &sohoa.Place{Width: 1, Height: 1}, "set.place"},
		"no size":      {"binh", 1, &sohoa.Place{Page: 1}, "set.place"},
		"another's":    {"hoa", 1, good, "set.not-yours"},
		"no such step": {"binh", 3, good, "set.step"},
	} {
		if err := of.Place(t.Context(), tt.actor, item, tt.step, tt.place); problemOf(err) != tt.want {
			t.Errorf("%s: Place = %v, want %s", name, err, tt.want)
		}
	}
	if err := of.Place(t.Context(), "binh", item, 1, good); err != nil {
		t.Fatal(err)
	}
	if got := must(of.catalog.SetItems(t.Context(), set.ID))(t)[0].Places[1]; got != *good {
		t.Errorf("the place is %+v, want %+v", got, *good)
	}
	if err := of.Place(t.Context(), "lan", item, 1, nil); err != nil {
		t.Fatal(err)
	}
	if got := must(of.catalog.SetItems(t.Context(), set.ID))(t)[0].Places; len(got) != 0 {
		t.Errorf("the places are %+v, want none", got)
	}
}

// TestOperatorSignsFirst lets the pipeline leave papers to who scanned them:
// they are kept unsigned, in one set of the day, and signed by the clerk and
// then by the office.
func TestOperatorSignsFirst(t *testing.T) {
	of := openOffice(t, options{config: func(c *ingest.Config) { c.Signing.OperatorFirst = true }})
	ids := of.papers(2)
	var set sohoa.SetID
	for _, id := range ids {
		doc := must(of.catalog.Document(t.Context(), sohoa.Everything, id))(t)
		if doc.Signature != sohoa.SignatureDue || doc.Set == "" || set != "" && doc.Set != set {
			t.Fatalf("kept as %+v, want it awaiting its signers in the set %s", doc, set)
		}
		set = doc.Set
	}
	if got := must(of.catalog.SigningSet(t.Context(), sohoa.Everything, set))(t); got.CreatedBy != "lan" || len(got.Steps) != 2 {
		t.Errorf("the set is %+v, want lan's with two steps", got)
	}
	must(of.SignSet(t.Context(), "lan", set, nil, pin))(t)
	for _, id := range ids {
		of.item(set, id, at(2, sohoa.ItemDone))
		doc := of.checkSignatures(id, people["lan"], agencyName)
		if doc.Revision != 3 || doc.SignedRole != sohoa.RolePDF {
			t.Errorf("kept as %+v, want revision 3, signed on the PDF", doc)
		}
	}
	late := of.kept(of.add("them.jpg", page(t, 77)).ID)
	if late.Set == "" || late.Set == set {
		t.Errorf("what comes after the clerk signed is in set %q, want another than %q", late.Set, set)
	}
	if err := of.Refuse(t.Context(), "lan", late.Set, nil, "quét lệch"); err != nil {
		t.Fatal(err)
	}
	late = must(of.catalog.Document(t.Context(), sohoa.Everything, late.ID))(t)
	if late.Signature != sohoa.SignatureNone || late.SignReason == nil || late.SignReason.Code != "sign.item-refused" {
		t.Errorf("refused: %+v, want it unsigned, with the reason", late)
	}
	of.stop()
	of.checkArchive()
}

// TestSetIsRecovered loses the catalogue in the middle of a set.
func TestSetIsRecovered(t *testing.T) {
	o := options{dir: t.TempDir()}
	of := openOffice(t, o)
	id := of.papers(1)[0]
	set := of.set([]sohoa.DocumentID{id}, inOrder...)
	if err := of.signAs("lan", id); err != nil {
		t.Fatal(err)
	}
	of.item(set.ID, id, at(1, sohoa.ItemDue))
	of.stop()
	of.catalog.Close()
	for _, lost := range []string{"c.db", "c.db-wal", "c.db-shm"} {
		if err := os.RemoveAll(filepath.Join(o.dir, lost)); err != nil {
			t.Fatal(err)
		}
	}
	of = openOffice(t, options{dir: o.dir, idle: true})
	if n, err := of.Recover(t.Context(), func(sohoa.DocumentID, error) {}); n != 1 || err != nil {
		t.Fatalf("Recover = %d, %v, want one document", n, err)
	}
	of.start()
	of.item(set.ID, id, at(1, sohoa.ItemDue))
	if err := of.signAs("binh", id); err != nil {
		t.Fatal(err)
	}
	of.item(set.ID, id, at(3, sohoa.ItemDone))
	of.checkSignatures(id, agencyName, people["lan"], people["binh"], agencyName)
	of.stop()
	of.checkArchive()
}

// TestReturnedFileWaitsForItsJob stops the program after a signed file was
// taken in, and starts it again.
func TestReturnedFileWaitsForItsJob(t *testing.T) {
	o := options{dir: t.TempDir()}
	of := openOffice(t, o)
	id := of.papers(1)[0]
	set := of.set([]sohoa.DocumentID{id}, one(sohoa.PartPerson, "binh")...)
	of.stop()
	ticket := must(of.OpenTool(t.Context(), "binh", set.ID, nil))(t)[0]
	back := signElsewhere(t, of.read(id, sohoa.RoleSigned, 0), people["binh"], 0)
	must(of.ToolReturn(t.Context(), ticket.Secret, bytes.NewReader(back)))(t)
	if err := of.Withdraw(t.Context(), "lan", set.ID, nil, ""); problemOf(err) != "set.ended" && problemOf(err) != "set.signing" {
		t.Errorf("Withdraw of what was signed = %v, want a refusal", err)
	}
	of.catalog.Close()
	of = openOffice(t, o)
	of.item(set.ID, id, at(1, sohoa.ItemDone))
	of.checkSignatures(id, agencyName, people["binh"])
	of.stop()
	of.checkArchive()
}
