package validation_test

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/pkcs7"
	"golang.org/x/crypto/ocsp"

	"sohoa"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// statusCase is evidence about a signer, in the store of a file that he signed
// at the time of the tests, and what must be said about him two hours later.
type statusCase struct {
	name    string
	store   func(t *testing.T, p *pki, id *testca.Identity) (answers, lists [][]byte)
	want    validation.Revocation // of his certificate
	ignored string                // code of why evidence does not count
	code    string                // of the finding, "" when the signature passes
	sub     validation.SubIndication
}

var (
	oidScope  = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidDelta  = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidSince  = asn1.ObjectIdentifier{2, 5, 29, 24} // invalidityDate
	oidClosed = asn1.ObjectIdentifier{2, 5, 29, 60} // expiredCertsOnCRL
)

// oneList is a store with one list of the issuing authority.
func oneList(changes ...func(*x509.RevocationList)) func(*testing.T, *pki, *testca.Identity) ([][]byte, [][]byte) {
	return func(t *testing.T, p *pki, _ *testca.Identity) ([][]byte, [][]byte) {
		return nil, [][]byte{p.list(t, p.issuing, func(l *x509.RevocationList) {
			for _, change := range changes {
				change(l)
			}
		})}
	}
}

// revokedAt is a store with a list that names the signer.
func revokedAt(at time.Time, reason int, extra ...pkix.Extension) func(*testing.T, *pki, *testca.Identity) ([][]byte, [][]byte) {
	return func(t *testing.T, p *pki, id *testca.Identity) ([][]byte, [][]byte) {
		return nil, [][]byte{p.list(t, p.issuing, revoking(id.Certificate, at, reason, extra...))}
	}
}

// oneAnswer is a store with one answer about the signer.
func oneAnswer(by func(t *testing.T, p *pki) pair, change func(*ocsp.Response)) func(*testing.T, *pki, *testca.Identity) ([][]byte, [][]byte) {
	return func(t *testing.T, p *pki, id *testca.Identity) ([][]byte, [][]byte) {
		return [][]byte{p.answer(t, id.Certificate, by(t, p), change)}, nil
	}
}

func byIssuer(_ *testing.T, p *pki) pair { return p.issuing }

// byDelegate makes responders of the issuing authority.
func byDelegate(change func(*x509.Certificate)) func(*testing.T, *pki) pair {
	return func(t *testing.T, p *pki) pair { return p.responder(t, p.issuing, change) }
}

func statusCases() []statusCase {
	good, none, late := validation.RevocationGood, validation.RevocationNotChecked, validation.RevocationOutdated
	before, after := now.Add(-time.Hour), now.Add(30*time.Minute)
	at := func(when time.Time) func(*ocsp.Response) { return func(r *ocsp.Response) { r.ThisUpdate = when } }
	return append([]statusCase{
		{"answer of the issuer", oneAnswer(byIssuer, nil), good, "", "", ""},
		{"answer from before the signature", oneAnswer(byIssuer, at(before)), late, "", "", ""},
		{"answer from the future", oneAnswer(byIssuer, at(now.Add(10*time.Hour))), none, "evidence.in-future", "", ""},
		{"answer that does not know him", oneAnswer(byIssuer, func(r *ocsp.Response) { r.Status = ocsp.Unknown }), none, "", "", ""},
		{"answer about another", oneAnswer(byIssuer, func(r *ocsp.Response) { r.SerialNumber = big.NewInt(999) }), none, "", "", ""},
		{"answer of a responder that is exempt", oneAnswer(byDelegate(noCheck), nil), good, "", "", ""},
		{"answer of a responder without evidence", oneAnswer(byDelegate(nil), nil), none, "evidence.responder-unchecked", "", ""},
		{"answer of a responder with evidence", withResponderList(nil), good, "", "", ""},
		{"answer of a responder that was revoked", withResponderList(func(c *x509.Certificate) func(*x509.RevocationList) {
			return revoking(c, before, 1)
		}), good, "evidence.responder-unchecked", "", ""}, // the list itself speaks about the signer
		{"answer of a responder without the task", oneAnswer(byDelegate(func(c *x509.Certificate) { c.ExtKeyUsage = nil }), nil),
			none, "evidence.responder", "evidence.none-genuine", validation.TryLater},
		{"answer of a responder whose time was over", oneAnswer(byDelegate(func(c *x509.Certificate) { noCheck(c); c.NotAfter = before }), nil),
			none, "evidence.responder", "evidence.none-genuine", validation.TryLater},
		{"answer of a responder that ended since", oneAnswer(byDelegate(func(c *x509.Certificate) { noCheck(c); c.NotAfter = now.Add(90 * time.Minute) }), nil),
			none, "evidence.undated", "", ""},
		{"answer of another authority's responder", oneAnswer(func(t *testing.T, p *pki) pair {
			return p.responder(t, newPKI(t).issuing, noCheck)
		}, nil), none, "evidence.responder", "evidence.none-genuine", validation.TryLater},
		{"forged answer", forgedAnswer, none, "evidence.forged", "evidence.none-genuine", validation.TryLater},
		{"answer: revoked", oneAnswer(byIssuer, func(r *ocsp.Response) { r.Status, r.RevokedAt = ocsp.Revoked, before }),
			validation.RevocationRevoked, "", "certificate.revoked", validation.RevokedNoPOE},
		{"answer: revoked later", oneAnswer(byIssuer, func(r *ocsp.Response) { r.Status, r.RevokedAt = ocsp.Revoked, after }), good, "", "", ""},
		{"answer: on hold", oneAnswer(byIssuer, func(r *ocsp.Response) { r.Status, r.RevokedAt, r.RevocationReason = ocsp.Revoked, before, 6 }),
			validation.RevocationOnHold, "", "certificate.on-hold", validation.TryLater},
	}, listCases(before, after)...)
}

func listCases(before, after time.Time) []statusCase {
	good, none := validation.RevocationGood, validation.RevocationNotChecked
	suspected, err := asn1.MarshalWithParams(before, "generalized")
	if err != nil {
		panic(err)
	}
	scope := func(der ...byte) func(*x509.RevocationList) {
		return extended(oidScope, append([]byte{0x30, byte(len(der))}, der...))
	}
	ended := func(l *x509.RevocationList) { l.ThisUpdate, l.NextUpdate = now.AddDate(2, 0, 1), now.AddDate(2, 0, 3) }
	return []statusCase{
		{"list", oneList(), good, "", "", ""},
		{"list of people only", oneList(scope(0x81, 1, 0xff)), good, "", "", ""},
		{"list of authorities only", oneList(scope(0x82, 1, 0xff)), none, "evidence.scope", "", ""},
		{"list for some reasons", oneList(scope(0x83, 2, 6, 0x40)), none, "evidence.scope", "", ""},
		{"indirect list", oneList(scope(0x84, 1, 0xff)), none, "evidence.scope", "", ""},
		{"list of attribute certificates", oneList(scope(0x85, 1, 0xff)), none, "evidence.scope", "", ""},
		{"part for other certificates", oneList(scope(0xa0, 5, 0xa0, 3, 0x86, 1, 'x')), none, "evidence.scope", "", ""},
		{"delta", oneList(extended(oidDelta, []byte{2, 1, 1})), none, "evidence.scope", "", ""},
		{"list with an unknown critical extension", oneList(extended(asn1.ObjectIdentifier{1, 2, 3}, []byte{5, 0})), none, "evidence.scope", "", ""},
		{"list from after the certificate's end", oneList(ended), none, "evidence.after-end", "", ""},
		{"list of an authority of another name", otherList("Another", nil), none, "", "", ""},
		{"list of another key of that name", otherList("Issuing", nil), none, "", "", ""},
		{"list that claims the authority's key", otherList("Issuing", func(p *pki) []byte { return p.issuing.cert.SubjectKeyId }),
			none, "evidence.forged", "evidence.none-genuine", validation.TryLater},
		{"list: revoked", revokedAt(before, 0), validation.RevocationRevoked, "", "certificate.revoked", validation.RevokedNoPOE},
		{"list: revoked later", revokedAt(after, 1), good, "", "", ""},
		{"list: revoked later, key stolen before", revokedAt(after, 1, pkix.Extension{Id: oidSince, Value: suspected}),
			validation.RevocationRevoked, "", "certificate.revoked", validation.RevokedNoPOE},
		{"list: on hold", revokedAt(before, 6), validation.RevocationOnHold, "", "certificate.on-hold", validation.TryLater},
		{"list: on hold, then released", func(t *testing.T, p *pki, id *testca.Identity) ([][]byte, [][]byte) {
			hold := func(l *x509.RevocationList) { revoking(id.Certificate, before, 6)(l); l.ThisUpdate = after }
			return nil, [][]byte{p.list(t, p.issuing, nil), p.list(t, p.issuing, hold)}
		}, good, "", "", ""},
		{"revoked outweighs a newer answer", func(t *testing.T, p *pki, id *testca.Identity) ([][]byte, [][]byte) {
			revoked := func(l *x509.RevocationList) { revoking(id.Certificate, before, 0)(l); l.ThisUpdate = before }
			return [][]byte{p.answer(t, id.Certificate, p.issuing, nil)}, [][]byte{p.list(t, p.issuing, revoked)}
		}, validation.RevocationRevoked, "", "certificate.revoked", validation.RevokedNoPOE},
	}
}

func forgedAnswer(t *testing.T, p *pki, id *testca.Identity) ([][]byte, [][]byte) {
	der := p.answer(t, id.Certificate, p.issuing, nil)
	der[len(der)-1] ^= 1
	return [][]byte{der}, nil
}

// withResponderList is an answer of a responder, and a list of the issuer that
// change makes say something about it.
func withResponderList(change func(*x509.Certificate) func(*x509.RevocationList)) func(*testing.T, *pki, *testca.Identity) ([][]byte, [][]byte) {
	return func(t *testing.T, p *pki, id *testca.Identity) ([][]byte, [][]byte) {
		r := p.responder(t, p.issuing, nil)
		var about func(*x509.RevocationList)
		if change != nil {
			about = change(r.cert)
		}
		return [][]byte{p.answer(t, id.Certificate, r, nil)}, [][]byte{p.list(t, p.issuing, about)}
	}
}

// otherList is the list of an authority of the name that is not ours.
func otherList(name string, key func(*pki) []byte) func(*testing.T, *pki, *testca.Identity) ([][]byte, [][]byte) {
	return func(t *testing.T, p *pki, _ *testca.Identity) ([][]byte, [][]byte) {
		c := &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true}
		if key != nil {
			c.SubjectKeyId = key(p)
		}
		return nil, [][]byte{p.list(t, newPKI(t).issue(t, c, pair{}), nil)}
	}
}

func TestStatusOfSigner(t *testing.T) {
	for _, tt := range statusCases() {
		t.Run(tt.name, func(t *testing.T) {
			p := newPKI(t)
			id := p.person(t)
			answers, crls := tt.store(t, p, id)
			opts := p.trusting()
			if tt.ignored == "evidence.after-end" {
				opts.Now = now.AddDate(2, 0, 2)
			}
			s := validate(t, inStore(t, p.signed(t, id), nil, answers, crls...), opts).Signatures[0]
			checkStatus(t, tt, s)
		})
	}
}

func checkStatus(t *testing.T, want statusCase, s validation.Signature) {
	t.Helper()
	if len(s.Certificates) != 3 {
		t.Fatalf("certificates = %+v, reasons %v; want a chain of 3", s.Certificates, codes(s))
	}
	c := s.Certificates[0]
	if c.Revocation != want.want {
		t.Errorf("revocation = %s, ignored %v, want %s", c.Revocation, c.Ignored, want.want)
	}
	if has := want.ignored == "" && len(c.Ignored) == 0 || slices.ContainsFunc(c.Ignored, func(r validation.Reason) bool { return r.Code == want.ignored }); !has {
		t.Errorf("ignored = %v, want %q", c.Ignored, want.ignored)
	}
	if want.code == "" && s.Indication != validation.TotalPassed || s.Sub != want.sub {
		t.Errorf("signature = %s %s %v, want %q", s.Indication, s.Sub, codes(s), want.sub)
	}
	if want.code != "" && !slices.ContainsFunc(s.Reasons, func(r validation.Reason) bool { return r.Code == want.code && r.Indication != "" }) {
		t.Errorf("reasons = %v, want %s", codes(s), want.code)
	}
	if (c.Evidence != nil) == (c.Revocation == validation.RevocationNotChecked) {
		t.Errorf("revocation = %s by %+v", c.Revocation, c.Evidence)
	}
}

// TestEvidenceOfTheEnded has a list that still names certificates that ended.
func TestEvidenceOfTheEnded(t *testing.T) {
	p := newPKI(t)
	id := p.person(t)
	since, err := asn1.MarshalWithParams(now, "generalized")
	if err != nil {
		t.Fatal(err)
	}
	list := p.list(t, p.issuing, func(l *x509.RevocationList) {
		l.ThisUpdate, l.NextUpdate = now.AddDate(2, 0, 1), now.AddDate(2, 0, 3)
		l.ExtraExtensions = []pkix.Extension{{Id: oidClosed, Value: since}}
	})
	opts := p.trusting()
	opts.Now = now.AddDate(2, 0, 2)
	s := validate(t, inStore(t, p.signed(t, id), nil, nil, list), opts).Signatures[0]
	if s.Revocation != validation.RevocationGood || s.Indication != validation.TotalPassed {
		t.Errorf("signature = %s %v, revocation %s, ignored %v; want good", s.Indication, codes(s), s.Revocation, s.Certificates[0].Ignored)
	}
}

// TestEvidenceIsDated: a document timestamp over it keeps evidence good after
// the end of the responder that gave it.
func TestEvidenceIsDated(t *testing.T) {
	p := newPKI(t)
	id := p.person(t)
	r := p.responder(t, p.issuing, func(c *x509.Certificate) { noCheck(c); c.NotAfter = now.AddDate(0, 1, 0) })
	pdf := inStore(t, p.signed(t, id), nil, [][]byte{p.answer(t, id.Certificate, r, nil)})
	opts := p.trusting()
	opts.Now = now.AddDate(1, 0, 0)
	if s := validate(t, pdf, opts).Signatures[0]; s.Revocation != validation.RevocationNotChecked || s.Indication != validation.TotalPassed {
		t.Errorf("without timestamp: %s, %s, want not-checked", s.Revocation, s.Indication)
	}
	sealed := p.archived(t, pdf, now.AddDate(0, 0, 1))
	s := validate(t, sealed, opts).Signatures[0]
	e := s.Certificates[0].Evidence
	if s.Revocation != validation.RevocationGood || e == nil || !e.ProvenAt.Equal(now.AddDate(0, 0, 1)) || e.Responder == nil {
		t.Fatalf("with timestamp: %s by %+v, want good, proven after a day", s.Revocation, e)
	}
	if e.Responder.Revocation != validation.RevocationNoCheck || e.Kind != validation.EvidenceOCSP || e.Place != validation.PlaceStore {
		t.Errorf("evidence = %+v, responder %+v, want OCSP of an exempt responder in the store", e, e.Responder)
	}
	late := p.archived(t, pdf, now.AddDate(0, 2, 0)) // after the responder's end
	if s := validate(t, late, opts).Signatures[0]; s.Revocation != validation.RevocationNotChecked {
		t.Errorf("with a timestamp that came too late: %s, want not-checked", s.Revocation)
	}
}

// TestAuthorityRevoked: what an authority signed counts while it is known to be
// older than the revocation.
func TestAuthorityRevoked(t *testing.T) {
	p := newPKI(t)
	id := p.person(t)
	revoked := func(at time.Time) []byte { return p.list(t, p.root, revoking(p.issuing.cert, at, 2)) }
	answer := p.answer(t, id.Certificate, p.issuing, func(r *ocsp.Response) { r.ThisUpdate = now.Add(time.Minute) })
	before := inStore(t, p.signed(t, id), nil, [][]byte{answer}, revoked(now.Add(-time.Minute)))
	s := validate(t, before, p.trusting()).Signatures[0]
	if s.Sub != validation.RevokedCANoPOE || s.Certificates[1].Revocation != validation.RevocationRevoked {
		t.Errorf("revoked before = %s %s %v, want REVOKED_CA_NO_POE", s.Indication, s.Sub, codes(s))
	}
	// Afterwards: the unit hangs below the same authority, so only another
	// authority's document timestamp can prove that all is older.
	other := newPKI(t)
	opts := p.trusting()
	opts.Roots = append(opts.Roots, validation.Root{World: "other", Certificate: other.root.cert, TimestampsOnly: true})
	pdf := other.archived(t, inStore(t, p.signed(t, id), nil, [][]byte{answer}), now.Add(10*time.Minute))
	pdf = storeAgain(t, pdf, revoked(now.Add(30*time.Minute)))
	s = validate(t, pdf, opts).Signatures[0]
	if s.Indication != validation.TotalPassed || s.Revocation != validation.RevocationGood || s.Certificates[1].RevokedAt.IsZero() {
		t.Errorf("revoked afterwards = %s %v, %s; want passed, by evidence from before", s.Indication, codes(s), s.Revocation)
	}
	if !s.Timestamps[0].Trusted || s.Level != "" {
		t.Errorf("timestamp = %+v, want trusted", s.Timestamps[0])
	}
	opts.Roots = opts.Roots[:1]
	s = validate(t, pdf, opts).Signatures[0]
	if s.Indication == validation.TotalPassed || s.Timestamps[0].Trusted {
		t.Errorf("without the other authority = %s, timestamp trusted %t; want neither", s.Indication, s.Timestamps[0].Trusted)
	}
}

// storeAgain adds lists to the store that pdf has.
func storeAgain(t testing.TB, pdf []byte, crls ...[]byte) []byte {
	t.Helper()
	num, refs := 800, ""
	var objects []object
	for _, der := range crls {
		objects = append(objects, object{num, stream(string(der))})
		refs += itoa(num) + " 0 R "
		num++
	}
	return update(pdf, append(objects, replaced(t, pdf, 1, "/CRLs[", "/CRLs["+refs))...)
}

// TestTimestampUnitRevoked: a timestamp counts only if it is known to be older
// than the revocation of its unit.
func TestTimestampUnitRevoked(t *testing.T) {
	p := newPKI(t)
	id := p.person(t)
	list := p.list(t, p.issuing, revoking(p.unit.cert, now.Add(time.Minute), 0))
	s := validate(t, inStore(t, p.signed(t, id), nil, nil, list), p.trusting()).Signatures[0]
	if s.Proof != validation.ProofNone || s.Timestamps[0].Trusted || s.Timestamps[0].Reasons[0].Code != "certificate.revoked" {
		t.Errorf("proof = %s, timestamp %+v; want none, revoked", s.Proof, s.Timestamps[0])
	}
}

// TestRevokedForGood: who signs over a timestamp that is younger than his
// revocation has signed after it.
func TestRevokedForGood(t *testing.T) {
	p := newPKI(t)
	id := p.person(t)
	pdf := p.signed(t, p.person(t))
	pdf = handmade{id: id, num: 60, field: "Next"}.sign(t, pdf)
	pdf = inStore(t, pdf, nil, nil, p.list(t, p.issuing, revoking(id.Certificate, now.Add(-time.Hour), 1)))
	s := validate(t, pdf, p.trusting()).Signatures[1]
	if s.Indication != validation.TotalFailed || s.Sub != validation.Revoked {
		t.Errorf("signature = %s %s %v, want TOTAL-FAILED REVOKED", s.Indication, s.Sub, codes(s))
	}
}

// TestTimestampsOnly: a root for timestamps makes nobody a signer.
func TestTimestampsOnly(t *testing.T) {
	p := newPKI(t)
	opts := p.trusting()
	opts.Roots[0].TimestampsOnly = true
	s := validate(t, p.signed(t, p.person(t)), opts).Signatures[0]
	if s.Sub != validation.NoCertificateChain || !s.Timestamps[0].Trusted || s.Timestamps[0].TrustedWorld != "test" {
		t.Errorf("signature = %s, timestamp trusted %t; want no chain, trusted", s.Sub, s.Timestamps[0].Trusted)
	}
}

func TestReportNamesTheEvidence(t *testing.T) {
	p := newPKI(t)
	id := p.person(t)
	answer := p.answer(t, id.Certificate, p.responder(t, p.issuing, noCheck), nil)
	r := validate(t, inStore(t, p.signed(t, id), nil, [][]byte{answer}, p.list(t, p.root, nil)), p.trusting())
	for lang, wants := range map[sohoa.Lang][]string{
		sohoa.Vietnamese: {"OCSP của Responder", "danh sách thu hồi của Root", "trong kho bằng chứng", "được miễn kiểm tra", "Dấu thời gian của TSA", "Chưa kiểm tra được việc thu hồi của 1 chứng thư"},
		sohoa.English:    {"OCSP answer of Responder", "revocation list of Root", "document security store", "exempt from checks", "Timestamp by TSA", "Revocation of 1 further certificates"},
	} {
		for _, want := range wants {
			if text := r.Text(lang); !strings.Contains(text, want) {
				t.Errorf("text in %s lacks %q:\n%s", lang, want, text)
			}
		}
	}
}

// archival is RevocationInfoArchival (ISO 32000-2, 12.8.3.3.2), or
// revocation-values (ETSI EN 319 122-1, A.1.5).
type archival struct {
	Lists   []asn1.RawValue `asn1:"explicit,tag:0,optional,omitempty"`
	Answers []asn1.RawValue `asn1:"explicit,tag:1,optional,omitempty"`
}

// TestEvidenceInMessage reads Adobe's attribute, which is signed: what it says
// is from before the signature.
func TestEvidenceInMessage(t *testing.T) {
	p := newPKI(t)
	id := p.person(t)
	early := func(r *ocsp.Response) { r.ThisUpdate = now.Add(-time.Minute) }
	sign := func(a archival) validation.Signature {
		cms := func(t testing.TB, content []byte) []byte {
			return buildCMS(t, content, id, crypto.SHA256, func(sd *pkcs7.SignedData) {
				attrs := []pkcs7.Attribute{binding(id.Certificate), {Type: asn1.ObjectIdentifier{1, 2, 840, 113583, 1, 1, 8}, Value: a}}
				if err := sd.AddSignerChain(id.Certificate, id.Signer, id.Chain, pkcs7.SignerInfoConfig{ExtraSignedAttributes: attrs}); err != nil {
					t.Fatal(err)
				}
				sd.Detach()
			})
		}
		return validate(t, handmade{id: id, subFilter: "adbe.pkcs7.detached", cms: cms}.sign(t, build(base)), p.trusting()).Signatures[0]
	}
	s := sign(archival{Answers: []asn1.RawValue{{FullBytes: p.answer(t, id.Certificate, p.issuing, early)}}})
	c := s.Certificates[0]
	if s.Revocation != validation.RevocationNotChecked || c.Revocation != validation.RevocationOutdated || c.Evidence.Place != validation.PlaceSignature {
		t.Errorf("good before signing = %s, %s by %+v; want not-checked, outdated, in the signature", s.Revocation, c.Revocation, c.Evidence)
	}
	s = sign(archival{Lists: []asn1.RawValue{{FullBytes: p.list(t, p.issuing, revoking(id.Certificate, now.Add(-time.Hour), 0))}}})
	if s.Revocation != validation.RevocationRevoked || s.Sub != validation.RevokedNoPOE {
		t.Errorf("revoked before signing = %s %s, want revoked", s.Revocation, s.Sub)
	}
}

// TestEvidenceInVRI reads what only an entry for one signature names.
func TestEvidenceInVRI(t *testing.T) {
	p := newPKI(t)
	id := p.person(t)
	pdf := p.signed(t, id)
	pdf = update(pdf, replaced(t, pdf, 1, "/Pages", "/DSS<</VRI<</00FF<</OCSP[500 0 R]>>>>>>/Pages"),
		object{500, stream(string(p.answer(t, id.Certificate, p.issuing, nil)))})
	if s := validate(t, pdf, p.trusting()).Signatures[0]; s.Revocation != validation.RevocationGood {
		t.Errorf("revocation = %s, want good", s.Revocation)
	}
}
