package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/ingest"
	"sohoa/signing"
	"sohoa/signing/testca"
)

// one is a set of one signer.
func one(part sohoa.SignPart, user string) []sohoa.SignStep {
	return []sohoa.SignStep{{Part: part, User: user}}
}

// TestRestartBetweenThePhases prepares a signature in one office and completes
// it in the next, on both databases.
func TestRestartBetweenThePhases(t *testing.T) {
	for name, database := range map[string]string{"sqlite": "", "postgres": archivetest.StartPostgres(t).Database(t)} {
		t.Run(name, func(t *testing.T) {
			o := options{dir: t.TempDir(), database: database}
			of := openOffice(t, o)
			id := of.papers(1)[0]
			set := of.set([]sohoa.DocumentID{id}, inOrder[1:]...)
			p, prepared, err := of.prepareAs("binh", id)
			if err != nil {
				t.Fatal(err)
			}
			of.stop()
			of.catalog.Close()

			of = openOffice(t, o)
			value := must(keyOf(t, people["binh"]).Sign(t.Context(), prepared))(t)
			if _, err := of.CompleteSignature(t.Context(), "hoa", p.ID, value); problemOf(err) != "sign.expired" {
				t.Errorf("another's CompleteSignature = %v, want sign.expired", err)
			}
			wrong := bytes.Clone(value)
			wrong[len(wrong)-1] ^= 1
			if _, err := of.CompleteSignature(t.Context(), "binh", p.ID, wrong); problemOf(err) != "sign.self-check" {
				t.Errorf("CompleteSignature with a wrong value = %v, want sign.self-check", err)
			}
			if i := of.item(set.ID, id, at(0, sohoa.ItemDue)); i.Problem == nil || i.Problem.Code != "sign.self-check" {
				t.Errorf("the item says %v, want sign.self-check", i.Problem)
			}
			if p, prepared, err = of.prepareAs("binh", id); err != nil {
				t.Fatal(err)
			}
			value = must(keyOf(t, people["binh"]).Sign(t.Context(), prepared))(t)
			must(of.CompleteSignature(t.Context(), "binh", p.ID, value))(t)
			of.item(set.ID, id, at(2, sohoa.ItemDone))
			of.checkSignatures(id, agencyName, people["binh"], agencyName)
			of.stop()
			of.checkArchive()
		})
	}
}

// TestTwoPeopleAtOnce has everybody sign the same document at the same time:
// it gets one signature of who is asked.
func TestTwoPeopleAtOnce(t *testing.T) {
	of := openOffice(t, options{})
	twoAtOnce(t, of, of)
}

// TestTwoPeopleAtTwoOffices is the same with two offices on one database.
func TestTwoPeopleAtTwoOffices(t *testing.T) {
	o := options{database: archivetest.StartPostgres(t).Database(t), objects: filepath.Join(t.TempDir(), "objects")}
	of, other := openOffice(t, o), openOffice(t, o)
	twoAtOnce(t, of, other)
}

func twoAtOnce(t *testing.T, of, other *office) {
	id := of.papers(1)[0]
	// The last step stays open: once a set is done, anybody may sign.
	set := of.set([]sohoa.DocumentID{id}, append(one(sohoa.PartPerson, "binh"), sohoa.SignStep{Part: sohoa.PartPerson, User: "sep"})...)
	var wg sync.WaitGroup
	var mu sync.Mutex
	results := map[string]int{}
	for i := range 6 {
		for _, user := range []string{"binh", "hoa"} {
			wg.Go(func() {
				err := []*office{of, other}[i%2].signAs(user, id)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					results[user]++
				} else if c := problemOf(err); !strings.HasPrefix(c, "set.") && c != "sign.expired" {
					t.Errorf("%s: sign = %v, want a Problem about whose turn it is", user, err)
				}
			})
		}
	}
	wg.Wait()
	if results["hoa"] != 0 || results["binh"] == 0 {
		t.Errorf("signed %v, want binh and nobody else", results)
	}
	of.item(set.ID, id, at(1, sohoa.ItemDue))
	of.checkSignatures(id, agencyName, people["binh"])
	of.stop()
	other.stop()
	of.checkArchive()
}

// TestOutsideOfSets lets somebody sign a document that waits for nobody.
func TestOutsideOfSets(t *testing.T) {
	of := openOffice(t, options{})
	id := of.papers(1)[0]
	p, _, err := of.prepareAs("hoa", id)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := of.prepareAs("binh", id); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("PrepareSignature while another signs = %v, want ErrConflict", err)
	}
	if _, err := of.CreateSet(t.Context(), "lan", sohoa.SigningSet{Title: "x", Steps: inOrder}, []sohoa.DocumentID{id}); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("CreateSet while somebody signs = %v, want ErrConflict", err)
	}
	if err := of.CancelSignature(t.Context(), "hoa", p.ID); err != nil {
		t.Fatal(err)
	}
	if err := of.signAs("binh", id); err != nil {
		t.Fatal(err)
	}
	of.await(id, func(d sohoa.Document) bool { return d.Revision == 2 })
	of.checkSignatures(id, agencyName, people["binh"])

	_, _, err = of.PrepareSignature(t.Context(), "hoa", ingest.Wanted{Document: id, Part: sohoa.PartPerson,
		Certificates: keyOf(t, people["binh"]).Certificates()})
	if problemOf(err) != "sign.not-signer" {
		t.Errorf("PrepareSignature with another's certificate = %v, want sign.not-signer", err)
	}
	stranger := must(must(testca.New(time.Now))(t).Person(people["hoa"], "x", testca.WithKey(testca.P256)))(t)
	key := must(signing.NewKey(stranger.Signer, stranger.Certificate, stranger.Chain))(t)
	_, _, err = of.PrepareSignature(t.Context(), "hoa", ingest.Wanted{Document: id, Part: sohoa.PartPerson, Certificates: key.Certificates()})
	if problemOf(err) != "sign.untrusted" {
		t.Errorf("PrepareSignature with a certificate of nobody's = %v, want sign.untrusted", err)
	}
	_, _, err = of.PrepareSignature(t.Context(), "la", ingest.Wanted{Document: id, Part: sohoa.PartPerson,
		Certificates: keyOf(t, "Người Lạ").Certificates()})
	if !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("PrepareSignature by somebody of another agency = %v, want ErrNotExist", err)
	}
}

func TestTokenTool(t *testing.T) {
	of := openOffice(t, options{})
	ids := of.papers(2)
	set := of.set(ids, one(sohoa.PartPerson, "binh")...)
	tickets := must(of.OpenTool(t.Context(), "binh", set.ID, nil))(t)
	if len(tickets) != 2 || tickets[0].Secret == tickets[1].Secret || len(tickets[0].Secret) != 43 {
		t.Fatalf("OpenTool = %+v, want two tickets with secrets of 256 bits", tickets)
	}
	for _, p := range must(of.catalog.FindPending(t.Context(), archive.PendingQuery{}))(t) {
		if s := fmt.Sprintf("%+v", p); strings.Contains(s, tickets[0].Secret) || strings.Contains(s, tickets[1].Secret) {
			t.Errorf("the catalogue has a secret: %s", s)
		}
	}
	ticket := tickets[0]
	blob, doc, err := of.ToolFile(t.Context(), ticket.Secret)
	if err != nil || doc.ID != ticket.Document {
		t.Fatalf("ToolFile = %v, %v, want %s", doc.ID, err, ticket.Document)
	}
	sent := must(io.ReadAll(blob))(t)
	blob.Close()
	by := func(name string) []byte { return signElsewhere(t, sent, name, 12000) }
	for name, back := range map[string]struct {
		file []byte
		code string
	}{
		"unchanged":      {sent, "returned.unsigned"},
		"another's":      {by(people["hoa"]), ""},
		"another file":   {by(people["binh"])[1:], "returned.other"},
		"changed inside": {append(append(bytes.Clone(sent[:100]), sent[100]^1), by(people["binh"])[101:]...), "returned.other"},
		"junk":           {[]byte("%PDF-1.7"), ""},
		"too large":      {append(bytes.Clone(sent), make([]byte, sohoa.MaxReturnedBytes+10)...), "returned.too-large"},
	} {
		_, err := of.ToolReturn(t.Context(), ticket.Secret, bytes.NewReader(back.file))
		if err == nil || back.code != "" && problemOf(err) != back.code {
			t.Errorf("ToolReturn of %s = %v, want Problem %s", name, err, back.code)
		}
	}
	for _, secret := range []string{"", "x", ticket.Secret + "x"} {
		if _, err := of.ToolReturn(t.Context(), secret, bytes.NewReader(sent)); problemOf(err) != "sign.ticket" {
			t.Errorf("ToolReturn with secret %q = %v, want sign.ticket", secret, err)
		}
	}
	must(of.ToolReturn(t.Context(), ticket.Secret, bytes.NewReader(by(people["binh"]))))(t)
	of.item(set.ID, ticket.Document, at(1, sohoa.ItemDone))
	got := of.checkSignatures(ticket.Document, agencyName, people["binh"])
	if got.Signature != sohoa.SignatureTimed || got.Revision != 3 {
		t.Errorf("the returned document is %+v, want revision 3, with the timestamp that it came without", got)
	}
	blob, _, err = of.ToolFile(t.Context(), tickets[1].Secret)
	if err != nil {
		t.Fatal(err)
	}
	sent = must(io.ReadAll(blob))(t)
	blob.Close()
	must(of.ToolReturn(t.Context(), tickets[1].Secret, bytes.NewReader(signElsewhere(t, sent, people["binh"], 0))))(t)
	of.item(set.ID, tickets[1].Document, at(1, sohoa.ItemDone))
	got = of.checkSignatures(tickets[1].Document, agencyName, people["binh"])
	if got.Signature != sohoa.SignatureBasic || got.SignReason == nil || got.Signatures[1].Level != sohoa.SignatureBasic {
		t.Errorf("a signature without room for a timestamp is %+v, want B-B with a reason", got)
	}
	if _, err := of.ToolReturn(t.Context(), ticket.Secret, bytes.NewReader(by(people["binh"]))); problemOf(err) != "sign.ticket" {
		t.Errorf("ToolReturn with a used ticket = %v, want sign.ticket", err)
	}
	if _, _, err := of.ToolFile(t.Context(), ticket.Secret); problemOf(err) != "sign.ticket" {
		t.Errorf("ToolFile with a used ticket = %v, want sign.ticket", err)
	}
	of.stop()
	of.checkArchive()
	left := must(filepath.Glob(filepath.Join(of.dir, "objects", "work", "*")))(t)
	if len(left) > 0 {
		t.Errorf("working copies are left: %q", left)
	}
}

// signElsewhere signs a document as a program of others does; reserve 0 leaves
// no room for a timestamp.
func signElsewhere(t *testing.T, pdf []byte, name string, reserve int) []byte {
	t.Helper()
	var out bytes.Buffer
	must(signing.Sign(t.Context(), bytes.NewReader(pdf), int64(len(pdf)), &out, keyOf(t, name), signing.Request{Reserve: reserve}, nil))(t)
	return out.Bytes()
}

// TestRemoteServiceOverRestart asks a remote service once for a whole set; its
// user agrees when the program has started again.
func TestRemoteServiceOverRestart(t *testing.T) {
	svc := &service{values: map[string][][]byte{}}
	o := options{dir: t.TempDir(), config: func(c *ingest.Config) { c.Signing.Keys = &keys{t: t, remote: svc} }}
	of := openOffice(t, o)
	ids := of.papers(3)
	set := of.set(ids, one(sohoa.PartPerson, "binh")...)
	started := must(of.SignSet(t.Context(), "binh", set.ID, nil, pin))(t)
	if started.Ticket == "" || started.Documents != 3 || svc.asked != 1 || svc.digests != 3 {
		t.Fatalf("SignSet = %+v with %d authorisations of %d digests, want one of 3", started, svc.asked, svc.digests)
	}
	for _, id := range ids {
		of.item(set.ID, id, at(0, sohoa.ItemSigning))
	}
	if err := of.Withdraw(t.Context(), "lan", set.ID, ids[:1], "nhầm"); err != nil {
		t.Errorf("Withdraw of what waits for a remote service = %v", err)
	}
	of.stop()
	of.catalog.Close()

	of = openOffice(t, o)
	svc.agree()
	for _, id := range ids[1:] {
		of.item(set.ID, id, at(1, sohoa.ItemDone))
		of.checkSignatures(id, agencyName, people["binh"])
	}
	of.checkSignatures(ids[0], agencyName)
	if svc.asked != 1 {
		t.Errorf("%d authorisations, want 1", svc.asked)
	}
	of.stop()
	of.checkArchive()
}

// TestTimestampBeforeTheNextSigner takes the authority away: the next signer
// waits, and nothing is called B-T.
func TestTimestampBeforeTheNextSigner(t *testing.T) {
	of := openOffice(t, options{})
	id := of.papers(1)[0]
	set := of.set([]sohoa.DocumentID{id}, inOrder[1:]...)
	of.tsa.Misbehave(testca.FaultStatus)
	if err := of.signAs("binh", id); err != nil {
		t.Fatal(err)
	}
	of.item(set.ID, id, at(1, sohoa.ItemStamping))
	doc := must(of.catalog.Document(t.Context(), sohoa.Everything, id))(t)
	if doc.Signature != sohoa.SignatureAwaiting || doc.SignReason == nil || doc.Signatures[1].Level != sohoa.SignatureAwaiting {
		t.Errorf("without an authority: %+v, want it awaiting its timestamp, with a reason", doc)
	}
	of.tsa.Misbehave(testca.FaultNone)
	of.item(set.ID, id, at(2, sohoa.ItemDone))
	doc = of.checkSignatures(id, agencyName, people["binh"], agencyName)
	if doc.Revision != 4 || doc.Signature != sohoa.SignatureTimed || doc.Signatures[1].Level != sohoa.SignatureTimed || doc.Signatures[1].Stamped.IsZero() {
		t.Errorf("after the timestamp: %+v, want revision 4 and every signature timed", doc)
	}
	of.stop()
	of.checkArchive()
}

// TestCrashesOfASignature lets the object store die at every change that
// keeping a signature of a set makes, and starts the program again: it is kept
// once.
func TestCrashesOfASignature(t *testing.T) {
	total := signAndCrash(t, 0, archivetest.Mode{})
	if total < 4 {
		t.Fatalf("keeping a signature makes %d changes in the store, want 4 at least", total)
	}
	for _, after := range []bool{false, true} {
		for n := 1; n <= total; n++ {
			t.Run(fmt.Sprintf("at %d after %v", n, after), func(t *testing.T) {
				signAndCrash(t, n, archivetest.Mode{Stop: true, After: after})
			})
		}
	}
}

// signAndCrash signs a document of a set, with the store dying at its n-th
// change, and returns how many there were.
func signAndCrash(t *testing.T, n int, mode archivetest.Mode) int {
	o := options{dir: t.TempDir()}
	of := openOffice(t, o)
	id := of.papers(1)[0]
	set := of.set([]sohoa.DocumentID{id}, one(sohoa.PartPerson, "binh")...)
	of.stop()
	of.catalog.Close()
	var faults *archivetest.Faults
	faulty := o
	faulty.store = func(s ingest.Store) ingest.Store {
		faults = archivetest.NewFaults(s, 0, mode)
		return faults
	}
	of = openOffice(t, faulty)
	before := faults.Changes()
	if n > 0 {
		faults.FailAt(before + n)
	}
	if err := of.signAs("binh", id); err != nil {
		t.Fatal(err)
	}
	done := at(1, sohoa.ItemDone)
	of.untilDeadOr(faults, before+n, n > 0, func() bool {
		items := must(of.catalog.SetItems(t.Context(), set.ID))(t)
		return done(items[0])
	})
	of.stop()
	made := faults.Changes() - before
	of.catalog.Close()

	of = openOffice(t, o)
	of.item(set.ID, id, done)
	of.stop()
	if doc := of.checkSignatures(id, agencyName, people["binh"]); doc.Revision != 2 {
		t.Errorf("kept as revision %d, want 2", doc.Revision)
	}
	of.checkArchive()
	return made
}

// untilDeadOr waits until the store has died at its n-th change, or done.
func (of *office) untilDeadOr(faults *archivetest.Faults, n int, fails bool, done func() bool) {
	of.t.Helper()
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for !(fails && faults.Changes() >= n) && !done() {
		<-timer.C
	}
}

// TestKeyFailsInTheMiddle takes the key away after the first documents of a
// set: these are signed, the others wait and say why, and one goes on.
func TestKeyFailsInTheMiddle(t *testing.T) {
	k := &keys{t: t}
	of := openOffice(t, options{config: func(c *ingest.Config) { c.Signing.Keys = k }})
	ids := of.papers(2)
	set := of.set(ids, one(sohoa.PartPerson, "binh")...)
	k.use = func(s signing.Signatory) signing.Signatory { return lost{s} }
	must(of.SignSet(t.Context(), "binh", set.ID, nil, pin))(t)
	for _, id := range ids {
		i := of.item(set.ID, id, func(i sohoa.SetItem) bool { return i.State == sohoa.ItemDue && i.Problem != nil })
		if i.Problem.Code != "sign.token-failed" {
			t.Errorf("the item says %v, want sign.token-failed", i.Problem)
		}
	}
	k.use = nil
	for {
		_, err := of.SignSet(t.Context(), "binh", set.ID, nil, pin)
		if err == nil {
			break
		}
		if problemOf(err) != "set.busy" {
			t.Fatal(err)
		}
	}
	for _, id := range ids {
		of.item(set.ID, id, at(1, sohoa.ItemDone))
		of.checkSignatures(id, agencyName, people["binh"])
	}
}

// lost is a key whose token was pulled out.
type lost struct{ signing.Signatory }

func (l lost) SignDigests(context.Context, signing.Algorithm, [][]byte) ([][]byte, string, error) {
	return nil, "", &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "sign.token-failed"}
}

// TestHalfDoneSetGoesOn stops the program while a set is signed, and signs what
// is left after it has started again: each document gets one signature.
func TestHalfDoneSetGoesOn(t *testing.T) {
	o := options{dir: t.TempDir()}
	of := openOffice(t, o)
	ids := of.papers(25)
	set := of.set(ids, one(sohoa.PartPerson, "binh")...)
	must(of.SignSet(t.Context(), "binh", set.ID, nil, pin))(t)
	of.item(set.ID, ids[0], func(i sohoa.SetItem) bool { return i.State != sohoa.ItemDue })
	if err := of.Close(); err != nil {
		t.Fatal(err)
	}
	of.stop()
	of.catalog.Close()

	of = openOffice(t, o)
	if _, err := of.SignSet(t.Context(), "binh", set.ID, nil, pin); err != nil && problemOf(err) != "set.not-due" {
		t.Fatal(err)
	}
	for _, id := range ids {
		of.item(set.ID, id, at(1, sohoa.ItemDone))
		if doc := of.checkSignatures(id, agencyName, people["binh"]); doc.Revision != 2 {
			t.Errorf("%s is kept as revision %d, want 2", id, doc.Revision)
		}
	}
	of.stop()
	of.checkArchive()
}
