package ingest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
	"sohoa/signing"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// authority is the one that all offices of the tests trust, also those that
// open again.
func authority(t testing.TB) *testca.Authority {
	t.Helper()
	return must(makeAuthority())(t)
}

var makeAuthority = sync.OnceValues(func() (*testca.Authority, error) { return testca.New(time.Now) })

var (
	identities   = map[string]*testca.Identity{} // by name; under identitiesMu
	identitiesMu sync.Mutex
)

// identity is the key and certificate of a person or an office by name, the
// same each time.
func identity(t testing.TB, name string) *testca.Identity {
	t.Helper()
	identitiesMu.Lock()
	defer identitiesMu.Unlock()
	if identities[name] == nil {
		identities[name] = must(authority(t).Person(name, "UBND xã Vĩnh Nghĩa", testca.WithKey(testca.P256)))(t)
	}
	return identities[name]
}

func keyOf(t testing.TB, name string) *signing.Key {
	id := identity(t, name)
	return must(signing.NewKey(id.Signer, id.Certificate, id.Chain))(t)
}

// people are the users of the offices, by their names here and on paper.
var people = map[string]string{"lan": "Trần Thị Lan", "hoa": "Nguyễn Vĩnh Hòa", "binh": "Lê Thanh Bình", "sep": "Đỗ Quang Sếp"}

func (of *office) enterUsers() {
	of.t.Helper()
	err := of.catalog.Update(of.t.Context(), func(tx archive.Tx) error {
		for name, full := range people {
			u := sohoa.User{Name: name, FullName: full, Roles: []sohoa.UserRole{sohoa.UserClerk, sohoa.UserArchivist}, Agency: "H00.00.01", CreatedAt: time.Now()}
			if name == "sep" {
				u.Roles = []sohoa.UserRole{sohoa.UserAdmin}
			}
			if err := tx.PutUser(u); err != nil {
				return err
			}
		}
		return tx.PutUser(sohoa.User{Name: "la", FullName: "Người Lạ", Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: "H99", CreatedAt: time.Now()})
	})
	if err != nil {
		of.t.Fatal(err)
	}
}

// signing is how people sign at the offices of the tests.
func (of *office) signing() ingest.Signing {
	return ingest.Signing{Stamper: of.stamper, Keys: &keys{t: of.t},
		Roots: []validation.Root{{World: "test", Certificate: authority(of.t).Root()}}}
}

// pin opens every key of the tests.
const pin = "123456"

// keys are keys of people in memory. A user that the service has answers
// later.
type keys struct {
	t      testing.TB
	remote *service
	use    func(signing.Signatory) signing.Signatory // changes what Open returns
}

func (k *keys) KeyOf(_ context.Context, user string) (ingest.SignerKey, error) {
	if people[user] == "" {
		return ingest.SignerKey{}, fmt.Errorf("key of %s: %w", user, sohoa.ErrNotExist)
	}
	kind := ingest.KeyFile
	if k.remote != nil {
		kind = ingest.KeyRemote
	}
	return ingest.SignerKey{Kind: kind, Subject: people[user], PIN: true}, nil
}

func (k *keys) Open(ctx context.Context, user, given string) (signing.Signatory, io.Closer, error) {
	if _, err := k.KeyOf(ctx, user); err != nil {
		return nil, nil, err
	}
	key := keyOf(k.t, people[user])
	if k.remote != nil {
		return remoteKey{key, k.remote}, io.NopCloser(nil), nil
	}
	if given != pin {
		return nil, nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.password", Args: []string{user}}
	}
	if k.use != nil {
		return k.use(key), io.NopCloser(nil), nil
	}
	return key, io.NopCloser(nil), nil
}

// service is a remote signing service: it has the values of a ticket once its
// user agreed.
type service struct {
	mu      sync.Mutex
	agreed  bool
	values  map[string][][]byte
	asked   int // authorisations
	digests int
}

func (s *service) agree() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agreed = true
}

type remoteKey struct {
	*signing.Key
	service *service
}

func (k remoteKey) SignDigests(ctx context.Context, alg signing.Algorithm, digests [][]byte) ([][]byte, string, error) {
	values, _, err := k.Key.SignDigests(ctx, alg, digests)
	if err != nil {
		return nil, "", err
	}
	k.service.mu.Lock()
	defer k.service.mu.Unlock()
	k.service.asked++
	k.service.digests += len(digests)
	ticket := fmt.Sprintf("T%d", k.service.asked)
	k.service.values[ticket] = values
	return nil, ticket, nil
}

func (k remoteKey) Collect(_ context.Context, ticket string) ([][]byte, error) {
	k.service.mu.Lock()
	defer k.service.mu.Unlock()
	if !k.service.agreed {
		return nil, signing.ErrNotYet
	}
	return k.service.values[ticket], nil
}

// page is one page of its own: a blank scan with a comment.
func page(t testing.TB, n int) []byte {
	t.Helper()
	jpeg := scan(t, "trang-trang-01.jpg")
	note := fmt.Sprintf("n%06d", n)
	comment := append([]byte{0xff, 0xfe, 0, byte(2 + len(note))}, note...)
	return bytes.Join([][]byte{jpeg[:2], comment, jpeg[2:]}, nil)
}

// papers makes n kept documents.
func (of *office) papers(n int) []sohoa.DocumentID {
	of.t.Helper()
	var ids []sohoa.DocumentID
	for i := range n {
		ids = append(ids, of.add(fmt.Sprintf("to-%d.jpg", i), page(of.t, i)).ID)
	}
	for _, id := range ids {
		of.kept(id)
	}
	return ids
}

// set makes a signing set of lan's.
func (of *office) set(ids []sohoa.DocumentID, steps ...sohoa.SignStep) sohoa.SigningSet {
	of.t.Helper()
	return must(of.CreateSet(of.t.Context(), "lan", sohoa.SigningSet{Title: "Kết quả tuần này", Steps: steps}, ids))(of.t)
}

// item returns the item of a document once ok says so of it.
func (of *office) item(set sohoa.SetID, id sohoa.DocumentID, ok func(sohoa.SetItem) bool) sohoa.SetItem {
	of.t.Helper()
	ctx, cancel := context.WithTimeout(of.t.Context(), patience)
	defer cancel()
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for {
		items := must(of.catalog.SetItems(ctx, set))(of.t)
		for _, i := range items {
			if i.Document == id && ok(i) {
				return i
			}
		}
		select {
		case <-timer.C:
		case <-ctx.Done():
			of.t.Fatalf("items of set %s are still %+v", set, items)
		}
	}
}

// at returns what waits for items that have come to a step, in a state.
func at(step int, state sohoa.ItemState) func(sohoa.SetItem) bool {
	return func(i sohoa.SetItem) bool { return i.Step == step && i.State == state }
}

// signAs lets a user bring a signature value for a document.
func (of *office) signAs(user string, id sohoa.DocumentID) error {
	of.t.Helper()
	p, prepared, err := of.prepareAs(user, id)
	if err != nil {
		return err
	}
	value := must(keyOf(of.t, people[user]).Sign(of.t.Context(), prepared))(of.t)
	_, err = of.CompleteSignature(of.t.Context(), user, p.ID, value)
	return err
}

func (of *office) prepareAs(user string, id sohoa.DocumentID) (sohoa.PendingSignature, *signing.Prepared, error) {
	return of.PrepareSignature(of.t.Context(), user, ingest.Wanted{Document: id, Part: sohoa.PartPerson,
		Certificates: keyOf(of.t, people[user]).Certificates()})
}

// checkSignatures checks that the signed PDF has these signers, in this order,
// that each passes, and that the document says the same.
func (of *office) checkSignatures(id sohoa.DocumentID, signers ...string) sohoa.Document {
	of.t.Helper()
	doc := must(of.catalog.Document(of.t.Context(), sohoa.Everything, id))(of.t)
	signed := of.read(id, sohoa.RoleSigned, 0)
	report := must(validation.Validate(of.t.Context(), bytes.NewReader(signed), int64(len(signed)),
		validation.Options{Roots: of.Config.Signing.Roots, Now: of.Now()}))(of.t)
	var got, said []string
	for _, s := range report.Signatures {
		if s.Type == validation.TypeSignature {
			got = append(got, s.Signer)
		}
		if s.Indication != validation.TotalPassed {
			of.t.Errorf("%s: signature of %s is %s %s %+v, want %s", id, s.Signer, s.Indication, s.Sub, s.Reasons, validation.TotalPassed)
		}
	}
	for _, s := range doc.Signatures {
		said = append(said, s.Signer)
	}
	if fmt.Sprint(got) != fmt.Sprint(signers) || fmt.Sprint(said) != fmt.Sprint(signers) {
		of.t.Errorf("%s is signed by %q and says %q, want %q", id, got, said, signers)
	}
	return doc
}

// agencyName is in the certificate of the offices.
const agencyName = "Ủy ban nhân dân xã Vĩnh Nghĩa"
